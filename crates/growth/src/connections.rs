use crate::{Assumptions, Multiple, Workload};

/// Copies of PgBouncer, so that one may go.
const POOLERS: u64 = 2;
/// Roles that come to PostgreSQL by a pooler: one of each service that keeps anything.
const ROLES: u64 = 6;
/// "+ 4 (SSD)": what the document's example adds for disks.
const DISKS: u64 = 4;
/// Connections that pass by the pooler: migrations, replicas, backup, monitoring, an administrator.
const DIRECT: u64 = 20;

/// The database's processors and who may hold how many connections.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Connections {
    /// Processors of the database.
    pub cores: u64,
    /// Its copies that follow it: one to take over and to answer analytics, two from 2,000 businesses on.
    pub read_replicas: u64,
    /// What it works on at once, by the document's formula: cores × 2 + disks.
    pub active: u64,
    /// Copies of PgBouncer.
    pub poolers: u64,
    /// Connections of one role in one copy of PgBouncer: any one service alone may keep the whole database busy.
    pub pool: u64,
    /// What one role is lent on top in a burst, in one copy.
    pub reserve: u64,
    /// Connections of all roles in one copy: each keeps its own, and one has its burst. With fewer, PgBouncer ends an idle connection of
    /// one role for each that another opens, and under load most of the work is opening connections.
    pub pool_total: u64,
    /// PostgreSQL's `max_connections`: for every copy, and one more while a release changes them.
    pub most: u64,
    /// Connections that services may open to PgBouncer.
    pub clients: u64,
}

impl Connections {
    /// For so much load, and so many replicas with a database at most.
    pub(crate) fn of(businesses: u64, load: &Workload, replicas: u64, assumed: &Assumptions) -> Self {
        let (reads, writes) = load.queries_per_second(assumed);
        let blast = assumed.sender_rate.value * assumed.statements_of_message.value;
        let statements = (reads + writes) * Multiple::LOAD_TEST.get() + blast;
        let cores = ((statements / assumed.statements_of_core.value).ceil() as u64).max(2);
        let cores = cores.checked_next_power_of_two().unwrap_or(u64::MAX);
        let active = cores.saturating_mul(2).saturating_add(DISKS);
        let pool = active.div_ceil(POOLERS);
        let reserve = pool / 2;
        let pool_total = pool.saturating_mul(ROLES).saturating_add(reserve);
        let opened = (replicas as f64 * assumed.connections_of_replica.value) as u64;
        Self {
            cores,
            read_replicas: if businesses < 2_000 { 1 } else { 2 },
            active,
            poolers: POOLERS,
            pool,
            reserve,
            pool_total,
            most: pool_total.saturating_mul(POOLERS + 1).saturating_add(DIRECT),
            clients: opened,
        }
    }
}
