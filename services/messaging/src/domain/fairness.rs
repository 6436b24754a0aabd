//! Whose turn it is: start-time fair queueing. Each business's messages are stamped with a virtual time that grows the
//! slower the more weight it has; the lowest goes next. Who was idle begins where the queue stands now: she is not behind,
//! and has saved nothing up.

use kernel::BusinessId;

/// What one message of a business of weight 1 costs in virtual time.
const MESSAGE: i64 = 1_000_000;

/// A business with messages that are due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Queued {
    /// Whose.
    pub business: BusinessId,
    /// Where its turn stands.
    pub virtual_time: i64,
    /// Its share beside others: 1 to 100.
    pub weight: i32,
    /// How many are due, counted up to a chunk.
    pub due: usize,
}

/// What a business may have handed over now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Share {
    /// Whose.
    pub business: BusinessId,
    /// How many.
    pub count: usize,
    /// Where its turn stands then.
    pub virtual_time: i64,
}

/// Divides `room` among the businesses; `clock` is where the queue stands, and is told anew.
pub fn divide(room: usize, clock: i64, queued: &[Queued]) -> (Vec<Share>, i64) {
    let mut shares: Vec<Share> = queued
        .iter()
        .map(|queued| Share {
            business: queued.business,
            count: 0,
            virtual_time: queued.virtual_time.max(clock),
        })
        .collect();
    let mut clock = clock;
    for _ in 0..room {
        let next = (0..shares.len())
            .filter(|at| shares[*at].count < queued[*at].due)
            .min_by_key(|at| (shares[*at].virtual_time, shares[*at].business));
        let Some(next) = next else { break };
        clock = shares[next].virtual_time;
        shares[next].count += 1;
        shares[next].virtual_time += MESSAGE / i64::from(queued[next].weight.clamp(1, 100));
    }
    shares.retain(|share| share.count > 0);
    (shares, clock)
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use proptest::prelude::*;

    use super::*;

    fn business(number: u128) -> BusinessId {
        uuid::Uuid::from_u128(number).into()
    }

    /// Runs the queue chunk by chunk until `messages` are handed over; what each business had.
    fn run(weights: &[i32], chunk: usize, messages: usize) -> HashMap<BusinessId, usize> {
        let mut turns: HashMap<BusinessId, i64> = HashMap::new();
        let (mut had, mut clock, mut done) = (HashMap::new(), 0, 0);
        while done < messages {
            let queued: Vec<Queued> = (1_u128..)
                .zip(weights)
                .map(|(number, weight)| Queued {
                    business: business(number),
                    virtual_time: turns.get(&business(number)).copied().unwrap_or(0),
                    weight: *weight,
                    due: chunk,
                })
                .collect();
            let (shares, now) = divide(chunk, clock, &queued);
            clock = now;
            for share in shares {
                turns.insert(share.business, share.virtual_time);
                *had.entry(share.business).or_default() += share.count;
                done += share.count;
            }
        }
        had
    }

    proptest! {
        /// Over any length of time, each business with work has its weight's share, to within one message a business.
        #[test]
        fn everybody_has_her_share(weights in prop::collection::vec(1..=100_i32, 1..8), chunk in 1..40_usize) {
            let messages = 4_000;
            let had = run(&weights, chunk, messages);
            let done: usize = had.values().sum();
            let all: i32 = weights.iter().sum();
            for (number, weight) in (1_u128..).zip(&weights) {
                let share = done as f64 * f64::from(*weight) / f64::from(all);
                let got = had.get(&business(number)).copied().unwrap_or(0) as f64;
                prop_assert!((got - share).abs() <= weights.len() as f64 + 1.0 + share * 0.001, "{got} of {share}");
            }
        }

        /// Nobody is given more than is due, and nothing is left over while something is due.
        #[test]
        fn room_is_used(room in 0..100_usize, due in prop::collection::vec(0..30_usize, 0..9)) {
            let queued: Vec<Queued> = (1_u128..).zip(&due)
                .map(|(number, due)| Queued { business: business(number), virtual_time: 0, weight: 10, due: *due })
                .collect();
            let (shares, _) = divide(room, 0, &queued);
            let given: usize = shares.iter().map(|share| share.count).sum();
            prop_assert_eq!(given, room.min(due.iter().sum()));
        }
    }

    #[test]
    fn one_large_blast_delays_nobodys_few() {
        let blast = Queued { business: business(1), virtual_time: 90_000_000, weight: 10, due: 20 };
        let few = Queued { business: business(2), virtual_time: 0, weight: 10, due: 3 };
        let (shares, clock) = divide(20, 90_000_000, &[blast, few]);
        let of = |number| shares.iter().find(|share| share.business == business(number)).unwrap().count;
        assert_eq!((of(1), of(2)), (17, 3));
        assert!(clock >= 90_000_000, "the queue never goes back");
    }

    #[test]
    fn who_was_idle_has_saved_nothing_up() {
        let busy = Queued { business: business(1), virtual_time: 90_000_000, weight: 10, due: 20 };
        let idle = Queued { business: business(2), virtual_time: 0, weight: 10, due: 20 };
        let (shares, _) = divide(20, 90_000_000, &[busy, idle]);
        assert!(shares.iter().all(|share| share.count == 10), "{shares:?}");
    }
}
