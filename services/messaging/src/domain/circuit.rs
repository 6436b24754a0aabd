//! When to stop asking a provider that does not answer: closed lets all through, open none, half open a few that find out.

use std::time::{Duration, Instant};

/// The answers that are looked at.
const WINDOW: usize = 20;
/// The fewest answers that anything is concluded from.
const LEAST: usize = 10;
/// Open at this share of failures, in percent: well above what a bad hour brings.
const OPENS_AT: usize = 60;
/// Answered calls that close it again.
const PROOFS: usize = 3;
/// The first pause.
const FIRST_PAUSE: Duration = Duration::from_secs(5);
/// The longest pause.
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

/// How a circuit stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Well.
    Closed,
    /// Nothing is asked.
    Open,
    /// A few find out.
    HalfOpen,
}

impl State {
    /// The word stored and told.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Closed => "closed",
            Self::Open => "open",
            Self::HalfOpen => "half_open",
        }
    }
}

/// The circuit of one sender in one process.
#[derive(Debug)]
pub struct Circuit {
    state: State,
    /// The latest answers: true is one that came.
    answers: Vec<bool>,
    opened: Option<Instant>,
    pause: Duration,
    /// Half open: how many may still go.
    proofs: usize,
}

impl Default for Circuit {
    fn default() -> Self {
        Self { state: State::Closed, answers: Vec::new(), opened: None, pause: FIRST_PAUSE, proofs: 0 }
    }
}

impl Circuit {
    /// How it stands.
    pub fn state(&self) -> State {
        self.state
    }

    /// How many calls may go now, of so many; an open one opens half once its pause is over.
    pub fn room(&mut self, wanted: usize, now: Instant) -> usize {
        if self.state == State::Open && self.opened.is_none_or(|opened| now >= opened + self.pause) {
            (self.state, self.proofs) = (State::HalfOpen, PROOFS);
        }
        match self.state {
            State::Closed => wanted,
            State::Open => 0,
            State::HalfOpen => wanted.min(self.proofs),
        }
    }

    /// So many calls are on their way: while it is half open, they are the ones that find out.
    pub fn took(&mut self, calls: usize) {
        self.proofs = self.proofs.saturating_sub(calls);
    }

    /// A call was answered, whatever the answer was; or it was not.
    pub fn heard(&mut self, answered: bool, now: Instant) {
        match (self.state, answered) {
            (State::Open, _) => return,
            (State::HalfOpen, false) => {
                self.pause = (self.pause * 2).min(LONGEST_PAUSE);
                self.open(now);
                return;
            }
            (State::HalfOpen, true) => {
                self.answers.push(true);
                if self.answers.len() >= PROOFS {
                    *self = Self::default();
                } else if self.proofs == 0 {
                    // The ones before may have been lost on the way; another may go.
                    self.proofs = 1;
                }
                return;
            }
            (State::Closed, answered) => self.answers.push(answered),
        }
        if self.answers.len() > WINDOW {
            self.answers.remove(0);
        }
        let failed = self.answers.iter().filter(|answered| !**answered).count();
        if self.answers.len() >= LEAST && failed * 100 >= self.answers.len() * OPENS_AT {
            self.open(now);
        }
    }

    fn open(&mut self, now: Instant) {
        (self.state, self.opened, self.proofs) = (State::Open, Some(now), 0);
        self.answers.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_failure_in_five_does_not_open_it() {
        let (mut circuit, now) = (Circuit::default(), Instant::now());
        for call in 0..500 {
            circuit.heard(call % 5 != 0, now);
        }
        assert_eq!((circuit.state(), circuit.room(20, now)), (State::Closed, 20));
    }

    #[test]
    fn a_provider_that_is_away_is_left_alone_and_found_again() {
        let (mut circuit, now) = (Circuit::default(), Instant::now());
        for _ in 0..LEAST {
            circuit.heard(false, now);
        }
        assert_eq!((circuit.state(), circuit.room(20, now)), (State::Open, 0));
        let later = now + FIRST_PAUSE;
        assert_eq!((circuit.room(20, later), circuit.state()), (PROOFS, State::HalfOpen));
        circuit.took(PROOFS);
        assert_eq!(circuit.room(20, later), 0, "the proofs are on their way");
        circuit.heard(false, later);
        assert_eq!(circuit.room(20, later + FIRST_PAUSE), 0, "the pause has doubled");
        let again = later + FIRST_PAUSE * 2;
        assert_eq!(circuit.room(20, again), PROOFS);
        circuit.took(PROOFS);
        for _ in 0..PROOFS {
            circuit.heard(true, again);
        }
        assert_eq!((circuit.state(), circuit.room(20, again)), (State::Closed, 20));
    }

    #[test]
    fn a_proof_that_was_lost_does_not_keep_it_half_open_for_ever() {
        let (mut circuit, now) = (Circuit::default(), Instant::now());
        for _ in 0..LEAST {
            circuit.heard(false, now);
        }
        let mut later = now + FIRST_PAUSE;
        assert_eq!(circuit.room(1, later), 1);
        circuit.took(3);
        for _ in 0..PROOFS {
            circuit.heard(true, later);
            later += FIRST_PAUSE;
        }
        assert_eq!(circuit.state(), State::Closed);
    }
}
