use std::collections::{HashMap, VecDeque};
use std::time::{Duration, Instant};

use super::book::Status;

/// What becomes of a message that was taken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Fate {
    /// It is sent, delivered and read.
    #[default]
    Read,
    /// It is delivered and never read, or never said to be: receipts can be switched off.
    Delivered,
    /// It leaves, and her phone is off.
    Sent,
    /// She has blocked the sender: failed with 63014.
    Blocked,
    /// She has no WhatsApp: undelivered with 63024.
    NotOnWhatsApp,
    /// It fails with this code before it is sent.
    Failed(u32),
    /// It leaves and is not delivered, with this code.
    Undelivered(u32),
}

/// How long each step takes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pace {
    /// From taken to sent, or to failed.
    pub sent: Duration,
    /// From sent to delivered.
    pub delivered: Duration,
    /// From delivered to read.
    pub read: Duration,
}

/// What is done with a request beyond the rate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Over {
    /// 429 with code 20429, and it is not taken.
    Refuse,
    /// It is taken, and fails with 63018.
    Fail,
}

/// One step of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Step {
    pub(super) after: Duration,
    pub(super) status: Status,
    pub(super) error_code: Option<u32>,
}

impl Fate {
    pub(super) fn steps(self, pace: Pace) -> Vec<Step> {
        let step = |after, status, error_code| Step { after, status, error_code };
        let sent = step(pace.sent, Status::Sent, None);
        let delivered = step(pace.delivered, Status::Delivered, None);
        match self {
            Self::Read => vec![sent, delivered, step(pace.read, Status::Read, None)],
            Self::Delivered => vec![sent, delivered],
            Self::Sent => vec![sent],
            Self::Blocked => vec![step(pace.sent, Status::Failed, Some(63_014))],
            Self::NotOnWhatsApp => vec![step(pace.sent, Status::Undelivered, Some(63_024))],
            Self::Failed(code) => vec![step(pace.sent, Status::Failed, Some(code))],
            Self::Undelivered(code) => vec![sent, step(pace.delivered, Status::Undelivered, Some(code))],
        }
    }
}

/// What was said about the fates of messages.
#[derive(Default)]
pub(super) struct Fates {
    pub(super) usual: Fate,
    pub(super) of: HashMap<String, Fate>,
    pub(super) pace: Pace,
    /// How many more are taken before the sender's quality falls.
    pub(super) good_for: Option<usize>,
}

impl Fates {
    pub(super) fn of(&self, address: &str) -> Fate {
        self.of.get(address).copied().unwrap_or(self.usual)
    }

    /// Counts one message; false once the quality has fallen.
    pub(super) fn is_good(&mut self) -> bool {
        match &mut self.good_for {
            None => true,
            Some(0) => false,
            Some(left) => {
                *left -= 1;
                true
            }
        }
    }
}

/// Lets no more than so many of a sender's through in any second.
#[derive(Default)]
pub(super) struct Rate {
    pub(super) limit: Option<(u32, Over)>,
    admitted: HashMap<String, VecDeque<Instant>>,
}

impl Rate {
    /// What to do with a request that is too much.
    pub(super) fn admit(&mut self, sender: &str, now: Instant) -> Result<(), Over> {
        let Some((a_second, over)) = self.limit else { return Ok(()) };
        let admitted = self.admitted.entry(sender.to_owned()).or_default();
        while admitted.front().is_some_and(|at| now.duration_since(*at) >= Duration::from_secs(1)) {
            admitted.pop_front();
        }
        if admitted.len() >= a_second as usize {
            return Err(over);
        }
        admitted.push_back(now);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sender_has_its_rate_in_any_second_and_no_more() {
        let begin = Instant::now();
        let mut rate = Rate { limit: Some((80, Over::Refuse)), ..Rate::default() };
        let mut admitted = |sender, millis| {
            (0..200).filter(|_| rate.admit(sender, begin + Duration::from_millis(millis)).is_ok()).count()
        };
        assert_eq!(admitted("a", 0), 80);
        assert_eq!(admitted("b", 0), 80);
        assert_eq!(admitted("a", 999), 0);
        assert_eq!(admitted("a", 1_000), 80);
        assert_eq!(Rate::default().admit("a", begin), Ok(()));
    }
}
