//! One method per use case; each owns its transaction.

mod cards;
mod decide;
mod lanes;
mod offline;
mod programs;
mod rewards;
mod scans;
mod snapshot;
mod stamps;
mod verify;
mod voids;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use kernel::{BusinessId, Clock, ProgramId, Zone};
use outbox::Outbox;
use sqlx::{PgConnection, PgExecutor, PgPool};

pub use cards::{CardView, OpenCard};
pub(crate) use decide::Batch;
pub use lanes::Lanes;
pub use programs::ProgramChange;
pub use rewards::{RedeemReward, Redeemed};
pub use scans::{Allowed, Scanned};
pub use snapshot::Place;
pub use stamps::{AddStamps, CardState, Stamped, Target, Unlocked};
pub use verify::{Drift, Part, Report, Walk};
pub use voids::{Reversed, VoidStamp};

use crate::domain::{CodeKeys, Definition};
use crate::{Error, store};

/// What every use case works with.
pub struct App {
    pool: PgPool,
    outbox: Outbox,
    keys: CodeKeys,
    clock: Clock,
    /// A version of a program never changes, so it is read once.
    definitions: moka::sync::Cache<(ProgramId, i32), Arc<Definition>>,
    zones: moka::sync::Cache<BusinessId, Zone>,
    /// Most stamps that one stamper gives by search in a day.
    search_cap: i32,
}

impl App {
    /// Puts the parts together.
    pub fn new(pool: PgPool, outbox: Outbox, keys: CodeKeys, clock: Clock, search_cap: i32) -> Self {
        let minute = Duration::from_secs(60);
        Self {
            pool,
            outbox,
            keys,
            clock,
            definitions: moka::sync::Cache::new(20_000),
            zones: moka::sync::Cache::builder().max_capacity(50_000).time_to_live(minute).build(),
            search_cap,
        }
    }

    /// The pool, for the workers.
    pub(crate) fn pool(&self) -> &PgPool {
        &self.pool
    }

    pub(crate) fn clock(&self) -> &Clock {
        &self.clock
    }

    /// What a version of a program says, from memory if it was ever read. Whoever is in a transaction reads by that: with a
    /// second connection each, those who wait for a lock and hold the rest of the pool would keep its holder waiting too.
    async fn definition(
        &self,
        db: impl PgExecutor<'_>,
        program: ProgramId,
        version: i32,
    ) -> Result<Arc<Definition>, Error> {
        if let Some(known) = self.definitions.get(&(program, version)) {
            return Ok(known);
        }
        let read = Arc::new(store::program::definition(db, program, version).await?);
        self.definitions.insert((program, version), Arc::clone(&read));
        Ok(read)
    }

    /// The zone of a business; Lima until an event has told another. Read as a definition is.
    async fn zone(&self, db: impl PgExecutor<'_>, business: BusinessId) -> Result<Zone, Error> {
        if let Some(known) = self.zones.get(&business) {
            return Ok(known);
        }
        let name = store::business::time_zone(db, business).await?;
        let zone = name.and_then(|name| Zone::parse(&name).ok()).unwrap_or(Zone::LIMA);
        self.zones.insert(business, zone);
        Ok(zone)
    }

    /// What a batch needs to know before its rules can run in memory.
    async fn known(
        &self,
        tx: &mut PgConnection,
        wanted: impl Iterator<Item = (ProgramId, i32)>,
    ) -> Result<Definitions, Error> {
        let mut known = HashMap::new();
        for (program, version) in wanted {
            if let std::collections::hash_map::Entry::Vacant(slot) = known.entry((program, version)) {
                slot.insert(self.definition(&mut *tx, program, version).await?);
            }
        }
        Ok(known)
    }
}

/// Definitions by program and version.
type Definitions = HashMap<(ProgramId, i32), Arc<Definition>>;
