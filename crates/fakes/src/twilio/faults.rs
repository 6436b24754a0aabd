use std::collections::{HashMap, VecDeque};

use rand::rngs::StdRng;
use serde::{Deserialize, Serialize};

use crate::chance::{dice, throw};

/// What goes wrong with a request to send.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fault {
    /// 429 with code 20429: never taken, safe to send again (Twilio, error 20429).
    TooManyRequests,
    /// It is refused with this status, and nothing was done.
    Status(u16),
    /// Nothing was done, and no answer comes.
    Hang,
    /// It is taken, callbacks come, and no answer does.
    TakeAndHang,
    /// It is taken, and answered after everything was told of what is under way.
    AnswerLast,
    /// It is taken, and the connection is closed without an answer.
    TakeAndClose,
    /// It is taken, and answered with this status all the same.
    TakeAndStatus(u16),
}

/// What goes wrong by chance, until it is set anew. Chances are shares of one. What befalls the nth request for an
/// address is decided by the seed, the address and n: the same each time, in whatever order requests come.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Faults {
    /// Decides what befalls whom.
    pub seed: u64,
    /// A share and what befalls it; the shares add up to one at the most.
    pub requests: Vec<(f64, Fault)>,
    /// What befalls callbacks.
    pub callbacks: CallbackFaults,
}

/// What goes wrong with callbacks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct CallbackFaults {
    /// The share that never comes.
    pub dropped: f64,
    /// The share that comes twice.
    pub doubled: f64,
    /// The share that comes late.
    pub delayed: f64,
    /// How late.
    pub late_by_ms: u64,
    /// The share of messages whose callbacks come all at the end and out of order.
    pub shuffled: f64,
}

/// The faults that were asked for, and how far they have come.
#[derive(Default)]
pub(super) struct Script {
    pub(super) faults: Faults,
    next: VecDeque<Fault>,
    next_to: HashMap<String, VecDeque<Fault>>,
    asked: HashMap<String, u64>,
}

impl Script {
    pub(super) fn next(&mut self, fault: Fault) {
        self.next.push_back(fault);
    }

    pub(super) fn next_to(&mut self, address: &str, fault: Fault) {
        self.next_to.entry(address.to_owned()).or_default().push_back(fault);
    }

    /// Forgets what was asked for; how often each address was asked for stays known.
    pub(super) fn heal(&mut self) {
        self.faults = Faults::default();
        self.next.clear();
        self.next_to.clear();
    }

    /// What befalls a request for this address.
    pub(super) fn of_request(&mut self, address: &str) -> Option<Fault> {
        let asked = self.asked.entry(address.to_owned()).or_default();
        *asked += 1;
        if let Some(fault) = self.next_to.get_mut(address).and_then(VecDeque::pop_front) {
            return Some(fault);
        }
        if let Some(fault) = self.next.pop_front() {
            return Some(fault);
        }
        throw(dice(self.faults.seed, "request", address, *asked), &self.faults.requests)
    }

    /// The chance that decides over the callbacks of the message that was just taken for this address.
    pub(super) fn of_callbacks(&self, address: &str) -> StdRng {
        let asked = self.asked.get(address).copied().unwrap_or_default();
        dice(self.faults.seed, "callbacks", address, asked)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn befallen(seed: u64, order: impl Iterator<Item = usize>) -> HashMap<usize, Option<Fault>> {
        let requests = vec![(0.2, Fault::Status(503)), (0.05, Fault::TakeAndHang)];
        let faults = Faults { seed, requests, ..Faults::default() };
        let mut script = Script { faults, ..Script::default() };
        order.map(|n| (n, script.of_request(&format!("whatsapp:+51{n}")))).collect()
    }

    #[test]
    fn the_same_seed_befalls_the_same_in_whatever_order() {
        let run = befallen(1, 0..2_000);
        assert_eq!(run, befallen(1, (0..2_000).rev()));
        assert_ne!(run, befallen(2, 0..2_000));
        let count = |fault| run.values().filter(|is| **is == Some(fault)).count();
        assert!((330..470).contains(&count(Fault::Status(503))), "{}", count(Fault::Status(503)));
        assert!((60..140).contains(&count(Fault::TakeAndHang)), "{}", count(Fault::TakeAndHang));
    }

    #[test]
    fn the_particular_goes_before_the_general_and_a_second_try_is_thrown_anew() {
        let mut script = Script::default();
        script.faults.requests = vec![(0.5, Fault::Hang)];
        script.next(Fault::TooManyRequests);
        script.next_to("a", Fault::TakeAndClose);
        assert_eq!(script.of_request("a"), Some(Fault::TakeAndClose));
        assert_eq!(script.of_request("a"), Some(Fault::TooManyRequests));
        let thrown: Vec<_> = (0..50).map(|_| script.of_request("a")).collect();
        assert!(thrown.contains(&None) && thrown.contains(&Some(Fault::Hang)));
        script.heal();
        assert_eq!(script.of_request("a"), None);
    }
}
