//! The processes of a platform, found to be killed or stopped.

use std::time::Duration;

use e2e::{Server, World, eventually, signal};
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
    /// The process that watches over all others, and with it everything.
    All,
}

/// Everybody once, in the order that the seed gives.
pub(crate) fn everybody(dice: &mut StdRng, copies: usize) -> Vec<Victim> {
    let services =
        SERVICES.into_iter().flat_map(|name| (0..copies).map(move |copy| Victim::Service(name, copy)));
    let mut all: Vec<Victim> = services
        .chain([Victim::Server(Server::Postgres), Victim::Server(Server::Nats), Victim::All])
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

impl Victim {
    /// In a word or two.
    pub(crate) fn name(self) -> String {
        match self {
            Self::Service(name, copy) => format!("{name} {}", copy + 1),
            Self::Server(Server::Postgres) => "PostgreSQL".to_owned(),
            Self::Server(Server::Nats) => "NATS".to_owned(),
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
            Self::Server(server) => {
                let pid = eventually("the server", BACK_WITHIN, async || world.pid_of(server)).await;
                signal(pid, "KILL");
                eventually("the server's successor", BACK_WITHIN, async || {
                    world.pid_of(server).filter(|now| *now != pid)
                })
                .await;
            }
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

#[cfg(test)]
mod tests {
    use rand::SeedableRng;

    use super::*;

    #[test]
    fn everybody_dies_once_in_an_order_of_the_seeds() {
        let order = |seed| everybody(&mut StdRng::seed_from_u64(seed), 2);
        assert_eq!(order(1).len(), SERVICES.len() * 2 + 3);
        assert_eq!(order(1), order(1));
        assert_ne!(order(1), order(2));
        let names: std::collections::HashSet<String> = order(1).into_iter().map(Victim::name).collect();
        assert_eq!(names.len(), order(1).len());
    }
}
