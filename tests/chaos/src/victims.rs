//! The processes of a platform, found to be killed or stopped.

use std::time::Duration;

use e2e::{Server, World, children, eventually, signal, words};
use rand::rngs::StdRng;
use rand::seq::SliceRandom;

/// The services, each some processes of its own.
pub(crate) const SERVICES: [&str; 7] =
    ["enrollment", "stamping", "analytics", "wallet-pass", "messaging", "campaign", "gateway"];
/// How long a process that was killed may be away.
const BACK_WITHIN: Duration = Duration::from_secs(30);

/// Who dies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Victim {
    /// This process of a service.
    Service(&'static str, usize),
    /// The database or the broker.
    Server(Server),
    /// PgBouncer, where it stands before the database.
    Pooler,
    /// The process that watches over all others, and with it everything.
    All,
}

/// Everybody once, in the order that the seed gives; PgBouncer where there is one.
pub(crate) fn everybody(dice: &mut StdRng, copies: usize, has_pooler: bool) -> Vec<Victim> {
    let services =
        SERVICES.into_iter().flat_map(|name| (0..copies).map(move |copy| Victim::Service(name, copy)));
    let mut all: Vec<Victim> = services
        .chain([Victim::Server(Server::Postgres), Victim::Server(Server::Nats), Victim::All])
        .chain(has_pooler.then_some(Victim::Pooler))
        .collect();
    all.shuffle(dice);
    all
}

/// The processes of a service, by their ids.
pub(crate) fn of(world: &World, service: &str) -> Vec<u32> {
    let all = world.services().into_iter();
    let mut found: Vec<u32> = all.filter(|(name, _)| name == service).map(|(_, pid)| pid).collect();
    found.sort_unstable();
    found
}

/// PgBouncer's process; `None` while it is being started again, and where there is none.
pub(crate) fn pooler(world: &World) -> Option<u32> {
    let is_it = |pid: &u32| words(*pid).iter().any(|word| word.ends_with("pgbouncer/pgbouncer.ini"));
    children(world.pid()).into_iter().find(is_it)
}

impl Victim {
    /// In a word or two.
    pub(crate) fn name(self) -> String {
        match self {
            Self::Service(name, copy) => format!("{name} {}", copy + 1),
            Self::Server(Server::Postgres) => "PostgreSQL".to_owned(),
            Self::Server(Server::Nats) => "NATS".to_owned(),
            Self::Pooler => "PgBouncer".to_owned(),
            Self::All => "all at once".to_owned(),
        }
    }

    /// Kills it, and waits until its successor is there.
    pub(crate) async fn kill(self, world: &World, copies: usize) {
        match self {
            Self::All => tokio::task::block_in_place(|| {
                world.kill();
                world.restart();
            }),
            Self::Server(server) => killed(|| world.pid_of(server)).await,
            Self::Pooler => killed(|| pooler(world)).await,
            Self::Service(name, copy) => {
                let there = eventually("the processes", BACK_WITHIN, async || {
                    Some(of(world, name)).filter(|pids| pids.len() == copies)
                })
                .await;
                signal(there[copy], "KILL");
                eventually("the successor", BACK_WITHIN, async || {
                    let now = of(world, name);
                    (now.len() == copies && !now.contains(&there[copy])).then_some(())
                })
                .await;
            }
        }
    }
}

/// Kills a server, however it is found.
async fn killed(find: impl Fn() -> Option<u32>) {
    let pid = eventually("the server", BACK_WITHIN, async || find()).await;
    signal(pid, "KILL");
    eventually("the server's successor", BACK_WITHIN, async || find().filter(|now| *now != pid)).await;
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;

    use super::*;

    #[test]
    fn everybody_dies_once_in_an_order_of_the_seeds() {
        let order = |seed| everybody(&mut StdRng::seed_from_u64(seed), 2, false);
        assert_eq!(order(1).len(), SERVICES.len() * 2 + 3);
        assert_eq!(order(1), order(1));
        assert_ne!(order(1), order(2));
        let names: std::collections::HashSet<String> = order(1).into_iter().map(Victim::name).collect();
        assert_eq!(names.len(), order(1).len());
    }

    #[test]
    fn where_a_pooler_stands_before_the_database_it_dies_as_well() {
        let with_it = everybody(&mut StdRng::seed_from_u64(1), 2, true);
        let times = with_it.iter().filter(|victim| **victim == Victim::Pooler).count();
        assert_eq!((times, with_it.len()), (1, SERVICES.len() * 2 + 4));
        assert!(!everybody(&mut StdRng::seed_from_u64(1), 2, false).contains(&Victim::Pooler));
    }
}
