//! R3: the providers, as bad as they are promised to be from the first call to the last, and what they saw of it.

use std::collections::HashSet;
use std::fmt;

use e2e::{Wallets, WhatsApp, World};
use fakes::apns::{self, Answer, Reason};
use fakes::twilio::{self, CallbackFaults, Fault};

use crate::Kept;

/// One call in five to Twilio is answered with 5xx, two in five of them after the message was taken; one in twenty is taken and
/// never answered.
const AT_TWILIO: [(f64, Fault); 3] =
    [(0.12, Fault::Status(503)), (0.08, Fault::TakeAndStatus(500)), (0.05, Fault::TakeAndHang)];
/// What Twilio tells of messages comes twice, late and out of order.
const TOLD: CallbackFaults =
    CallbackFaults { dropped: 0.0, doubled: 0.2, delayed: 0.1, late_by_ms: 3_000, shuffled: 0.3 };
/// One push in five is answered with 5xx, one in twenty never.
const AT_APPLE: [(f64, Answer); 3] = [
    (0.1, Answer::Refuse(Reason::ServiceUnavailable)),
    (0.1, Answer::Refuse(Reason::InternalServerError)),
    (0.05, Answer::Hang),
];

/// Twilio and the wallets.
pub(crate) struct Providers {
    /// Twilio.
    pub(crate) whatsapp: WhatsApp,
    /// Apple's push service; Google's and the browsers' have nobody here.
    pub(crate) wallets: Wallets,
}

impl Providers {
    /// Starts them; the seed decides which of somebody's calls goes wrong, and how.
    pub(crate) async fn start(seed: u64) -> Self {
        let (whatsapp, wallets) = (WhatsApp::start().await, Wallets::start().await);
        whatsapp.twilio.faults(twilio::Faults { seed, requests: AT_TWILIO.to_vec(), callbacks: TOLD });
        wallets.apns.faults(apns::Faults { seed, pushes: AT_APPLE.to_vec() });
        Self { whatsapp, wallets }
    }

    /// A platform of so many processes of each service that speaks to them, with PgBouncer before its database or without.
    pub(crate) fn platform(&self, copies: &str, has_pooler: bool) -> World {
        let mut settings = self.wallets.settings();
        settings.push(("SPLIT", copies.to_owned()));
        settings.push(("POOLER", u8::from(has_pooler).to_string()));
        self.whatsapp.platform_with(settings)
    }

    /// Tells how bad they were. A run in which they were not proves nothing.
    pub(crate) fn tell(&self, kept: &mut Kept) {
        let twilio = &self.whatsapp.twilio;
        let calls = Calls::of(twilio.requests().iter().map(|request| request.status));
        let callbacks = twilio.callbacks();
        let different: HashSet<&str> = callbacks.iter().map(|callback| callback.token.as_str()).collect();
        let what = format!(
            "Twilio: {calls}; {} messages taken, {} callbacks, {} of them for the second time",
            twilio.accepted_count(),
            callbacks.len(),
            callbacks.len() - different.len()
        );
        kept.tell_of("R3", &[calls.wanting(), twilio.mistakes()].concat(), &what);
        let pushes = Calls::of(self.wallets.apns.pushes().iter().map(|push| push.status));
        let what = format!("Apple: {pushes}; {} pushes delivered", pushes.taken);
        kept.tell_of("R3", &[pushes.wanting(), self.wallets.apns.mistakes()].concat(), &what);
    }
}

/// How calls were answered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Calls {
    all: usize,
    /// With 2xx.
    taken: usize,
    /// With 5xx.
    failed: usize,
    /// Never.
    unanswered: usize,
}

impl Calls {
    fn of(answers: impl Iterator<Item = Option<u16>>) -> Self {
        let mut calls = Self::default();
        for answer in answers {
            calls.all += 1;
            match answer {
                Some(200..=299) => calls.taken += 1,
                Some(500..=599) => calls.failed += 1,
                Some(_) => {}
                None => calls.unanswered += 1,
            }
        }
        calls
    }

    /// What was promised to go wrong and did not.
    fn wanting(&self) -> Vec<String> {
        let promised = [("answered with 5xx", self.failed), ("left unanswered", self.unanswered)];
        promised.iter().filter(|(_, times)| *times == 0).map(|(what, _)| format!("none was {what}")).collect()
    }
}

impl fmt::Display for Calls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let share = |part: usize| 100.0 * part as f64 / self.all.max(1) as f64;
        let (failed, unanswered) = (share(self.failed), share(self.unanswered));
        write!(f, "{} calls, {failed:.1} % answered with 5xx and {unanswered:.1} % never", self.all)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shares_are_those_that_were_promised() {
        let sum = |shares: &[f64]| (shares.iter().sum::<f64>() * 100.0).round();
        assert_eq!(
            (sum(&AT_TWILIO.map(|(share, _)| share)), sum(&AT_APPLE.map(|(share, _)| share))),
            (25.0, 25.0)
        );
        let hangs = |share: f64| (share * 100.0).round() == 5.0;
        assert!(AT_TWILIO.iter().all(|(share, fault)| hangs(*share) == (*fault == Fault::TakeAndHang)));
        assert!(AT_APPLE.iter().all(|(share, answer)| hangs(*share) == (*answer == Answer::Hang)));
    }

    #[test]
    fn calls_are_counted_by_their_answers_and_told_in_shares() {
        let calls = Calls::of([Some(201), Some(503), None, Some(400)].into_iter());
        assert_eq!(calls, Calls { all: 4, taken: 1, failed: 1, unanswered: 1 });
        assert_eq!(calls.to_string(), "4 calls, 25.0 % answered with 5xx and 25.0 % never");
        assert!(calls.wanting().is_empty());
    }

    #[test]
    fn providers_that_did_not_fail_are_noticed() {
        assert_eq!(Calls::of([Some(200), Some(500)].into_iter()).wanting(), ["none was left unanswered"]);
        assert_eq!(Calls::default().wanting().len(), 2);
    }
}
