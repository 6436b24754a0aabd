//! Whether customers are glad of what they are sent: opt-outs and blocks over the last seven days, against the bounds that
//! keep a number in WhatsApp's favour.

use chrono::TimeDelta;

/// The days looked at.
pub const DAYS: i32 = 7;
/// Opt-outs of what was delivered that are too many.
pub const OPT_OUT_BOUND: f64 = 0.02;
/// Blocks of what was delivered that are too many.
pub const BLOCK_BOUND: f64 = 0.005;
/// The fewest delivered messages that anything is concluded from, unless so many complained that they would stop it …
const LEAST_DELIVERED: i64 = 50;
/// … and the fewest complaints: of a small number, one proves nothing.
const LEAST_TO_SLOW: i64 = 3;
/// The fewest that stop it.
const LEAST_TO_STOP: i64 = 5;
/// So many times the bound stops it; at the bound it is slowed.
const STOPS_AT: f64 = 1.5;
/// Whoever is slowed, a business or all of a sender together, has one in so many of the sender's moments, at most.
pub const SLOWED_TO_ONE_IN: usize = 4;

/// What happened in those days.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Marketing that arrived.
    pub delivered: i64,
    /// Customers who wrote BAJA to it.
    pub opted_out: i64,
    /// Customers who blocked the sender.
    pub blocked: i64,
}

/// What follows for marketing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Brake {
    /// Nothing.
    #[default]
    None,
    /// It goes slower.
    Slowed,
    /// It does not go.
    Stopped,
}

impl Brake {
    /// The word stored and told.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Slowed => "slowed",
            Self::Stopped => "stopped",
        }
    }

    /// Reads the stored word.
    pub fn from_word(word: &str) -> Self {
        match word {
            "slowed" => Self::Slowed,
            "stopped" => Self::Stopped,
            _ => Self::None,
        }
    }
}

impl Counts {
    /// In parts of one.
    pub fn opt_out_rate(self) -> f64 {
        rate(self.opted_out, self.delivered)
    }

    /// In parts of one. Who blocked was not delivered to, and counts all the same.
    pub fn block_rate(self) -> f64 {
        rate(self.blocked, self.delivered + self.blocked)
    }

    /// What follows, and of what: `opt_outs`, `blocks`, or nothing.
    pub fn brake(self) -> (Brake, &'static str) {
        let has_complained = self.opted_out.max(self.blocked) >= LEAST_TO_STOP;
        if self.delivered + self.blocked < LEAST_DELIVERED && !has_complained {
            return (Brake::None, "");
        }
        let opt_outs = brake(self.opted_out, self.opt_out_rate(), OPT_OUT_BOUND);
        let blocks = brake(self.blocked, self.block_rate(), BLOCK_BOUND);
        match opt_outs.max(blocks) {
            Brake::None => (Brake::None, ""),
            worst if worst == blocks => (worst, "blocks"),
            worst => (worst, "opt_outs"),
        }
    }
}

/// What a slowed sender hands over at once, of what it could.
pub fn slowed(chunk: usize) -> usize {
    (chunk / SLOWED_TO_ONE_IN).max(1)
}

/// How long nothing more goes of whoever is slowed, after so many messages at a sender's rate.
pub fn pause(messages: usize, per_second: i32) -> TimeDelta {
    let moments = i64::try_from(messages.saturating_mul(SLOWED_TO_ONE_IN)).unwrap_or(i64::MAX);
    TimeDelta::microseconds(moments.saturating_mul(1_000_000) / i64::from(per_second.max(1)))
}

fn rate(part: i64, whole: i64) -> f64 {
    if whole > 0 { part as f64 / whole as f64 } else { 0.0 }
}

fn brake(complaints: i64, rate: f64, bound: f64) -> Brake {
    if complaints >= LEAST_TO_STOP && rate >= bound * STOPS_AT {
        Brake::Stopped
    } else if complaints >= LEAST_TO_SLOW && rate >= bound {
        Brake::Slowed
    } else {
        Brake::None
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn counts(delivered: i64, opted_out: i64, blocked: i64) -> Counts {
        Counts { delivered, opted_out, blocked }
    }

    #[test]
    fn one_of_three_stops_nobody() {
        assert_eq!(counts(3, 1, 0).brake(), (Brake::None, ""));
        assert_eq!(counts(60, 2, 0).brake(), (Brake::None, ""));
    }

    #[test]
    fn at_the_bound_it_is_slowed_and_beyond_it_stopped() {
        assert_eq!(counts(150, 3, 0).brake(), (Brake::Slowed, "opt_outs"));
        assert_eq!(counts(200, 6, 0).brake(), (Brake::Stopped, "opt_outs"));
        assert_eq!(counts(590, 0, 3).brake(), (Brake::Slowed, "blocks"));
        assert_eq!(counts(500, 0, 5).brake(), (Brake::Stopped, "blocks"));
        assert_eq!(counts(1_000, 19, 4).brake(), (Brake::None, ""));
    }

    #[test]
    fn what_is_slowed_goes_at_a_quarter_of_the_rate() {
        for (chunk, per_second) in [(16, 80), (80, 400), (1, 80)] {
            let at_once = slowed(chunk);
            let rate = at_once as f64 / pause(at_once, per_second).as_seconds_f64();
            assert_eq!(rate, f64::from(per_second) / 4.0, "{at_once} at once");
        }
    }

    proptest! {
        /// One complaint more never makes it better.
        #[test]
        fn complaints_only_make_it_worse(delivered in 0..5_000_i64, opted_out in 0..200_i64, blocked in 0..50_i64) {
            let now = counts(delivered, opted_out, blocked).brake().0;
            prop_assert!(counts(delivered, opted_out + 1, blocked).brake().0 >= now);
            prop_assert!(counts(delivered, opted_out, blocked + 1).brake().0 >= now);
        }
    }
}
