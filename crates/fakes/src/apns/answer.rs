use std::collections::{HashMap, VecDeque};

use chrono::{DateTime, Utc};

use crate::chance::{dice, throw};

/// How a push is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// 200, and the phone is woken.
    Accept,
    /// The status and the reason, as Apple words it.
    Refuse(Reason),
    /// 410: the token has not been valid since this moment.
    Gone {
        /// The last moment at which Apple knew the token to be dead.
        since: DateTime<Utc>,
    },
    /// The push is taken and never answered.
    Hang,
    /// The push is taken, and answered with 200 at the next [`Apns::heal`](super::Apns::heal).
    Hold,
    /// The connection is cut, with whatever is under way on it.
    Cut,
    /// 200, and then GOAWAY: what is under way is still answered, new pushes need a new connection.
    AcceptAndClose,
}

macro_rules! reasons {
    ($($status:literal: $($name:ident),+;)+) => {
        /// Why a push is refused.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[expect(missing_docs, reason = "the names are Apple's, and say what they mean")]
        pub enum Reason { $($($name),+),+ }

        impl Reason {
            /// All of them.
            pub const ALL: &[Self] = &[$($(Self::$name),+),+];

            /// The status it comes with.
            pub fn status(self) -> u16 {
                match self { $($(Self::$name)|+ => $status),+ }
            }

            /// As it stands in the answer.
            pub fn name(self) -> &'static str {
                match self { $($(Self::$name => stringify!($name)),+),+ }
            }
        }
    };
}

reasons! {
    400: BadCollapseId, BadDeviceToken, BadExpirationDate, BadMessageId, BadPriority, BadTopic,
        DeviceTokenNotForTopic, DuplicateHeaders, IdleTimeout, InvalidPushType, MissingDeviceToken, MissingTopic,
        PayloadEmpty, TopicDisallowed;
    403: BadCertificate, BadCertificateEnvironment, ExpiredProviderToken, Forbidden, InvalidProviderToken,
        MissingProviderToken;
    404: BadPath;
    405: MethodNotAllowed;
    410: ExpiredToken, Unregistered;
    413: PayloadTooLarge;
    429: TooManyProviderTokenUpdates, TooManyRequests;
    500: InternalServerError;
    503: ServiceUnavailable, Shutdown;
}

/// What goes wrong by chance, until it is said anew. What befalls the nth push to a token is decided by the seed, the token
/// and n: the same each time, in whatever order pushes come.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Faults {
    /// Decides what befalls whom.
    pub seed: u64,
    /// A share of the pushes and how it is answered; the shares add up to one at the most.
    pub pushes: Vec<(f64, Answer)>,
}

/// What was asked of the server, from the most particular to the most general.
#[derive(Default)]
pub(crate) struct Script {
    next_of_token: HashMap<String, VecDeque<Answer>>,
    always_of_token: HashMap<String, Answer>,
    next: VecDeque<Answer>,
    faults: Faults,
    always: Option<Answer>,
    /// How often each token was pushed to.
    asked: HashMap<String, u64>,
}

impl Script {
    pub(crate) fn next_of_token(&mut self, token: &str, answer: Answer) {
        self.next_of_token.entry(token.to_owned()).or_default().push_back(answer);
    }

    pub(crate) fn always_of_token(&mut self, token: &str, answer: Answer) {
        self.always_of_token.insert(token.to_owned(), answer);
    }

    pub(crate) fn next(&mut self, answer: Answer) {
        self.next.push_back(answer);
    }

    pub(crate) fn always(&mut self, answer: Answer) {
        self.always = Some(answer);
    }

    pub(crate) fn fail(&mut self, faults: Faults) {
        self.faults = faults;
    }

    pub(crate) fn answer(&mut self, token: &str) -> Answer {
        let asked = self.asked.entry(token.to_owned()).or_default();
        *asked += 1;
        if let Some(answer) = self.next_of_token.get_mut(token).and_then(VecDeque::pop_front) {
            return answer;
        }
        if let Some(answer) = self.always_of_token.get(token) {
            return *answer;
        }
        if let Some(answer) = self.next.pop_front() {
            return answer;
        }
        let befallen = throw(dice(self.faults.seed, "push", token, *asked), &self.faults.pushes);
        befallen.or(self.always).unwrap_or(Answer::Accept)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_particular_goes_before_the_general() {
        let mut script = Script::default();
        script.always(Answer::Hang);
        script.next(Answer::Cut);
        script.always_of_token("a", Answer::Refuse(Reason::TooManyRequests));
        script.next_of_token("a", Answer::Accept);
        assert_eq!(script.answer("a"), Answer::Accept);
        assert_eq!(script.answer("a"), Answer::Refuse(Reason::TooManyRequests));
        assert_eq!(script.answer("b"), Answer::Cut);
        assert_eq!(script.answer("b"), Answer::Hang);
    }

    const REFUSED: Answer = Answer::Refuse(Reason::ServiceUnavailable);

    fn failing(seed: u64) -> Script {
        let mut script = Script::default();
        script.fail(Faults { seed, pushes: vec![(0.2, REFUSED), (0.05, Answer::Hang)] });
        script
    }

    fn befallen(seed: u64, order: impl Iterator<Item = usize>) -> HashMap<usize, Answer> {
        let mut script = failing(seed);
        order.map(|n| (n, script.answer(&format!("{n:04x}")))).collect()
    }

    #[test]
    fn the_same_seed_befalls_the_same_pushes_in_whatever_order() {
        let run = befallen(1, 0..2_000);
        assert_eq!(run, befallen(1, (0..2_000).rev()));
        assert_ne!(run, befallen(2, 0..2_000));
        let count = |answer| run.values().filter(|is| **is == answer).count();
        assert!((330..470).contains(&count(REFUSED)), "{}", count(REFUSED));
        assert!((60..140).contains(&count(Answer::Hang)), "{}", count(Answer::Hang));
    }

    #[test]
    fn a_second_try_is_thrown_anew_and_what_was_said_goes_before_chance() {
        let mut script = failing(1);
        script.next(Answer::Cut);
        assert_eq!(script.answer("a"), Answer::Cut);
        let thrown: Vec<Answer> = (0..100).map(|_| script.answer("a")).collect();
        assert!(thrown.contains(&Answer::Accept) && thrown.contains(&REFUSED));
        script.always_of_token("a", Answer::Accept);
        assert!((0..100).all(|_| script.answer("a") == Answer::Accept));
    }

    #[test]
    fn every_reason_has_the_status_apple_gives_it() {
        assert_eq!(Reason::BadDeviceToken.status(), 400);
        assert_eq!(Reason::BadCertificate.status(), 403);
        assert_eq!(Reason::Unregistered.status(), 410);
        assert_eq!(Reason::TooManyRequests.name(), "TooManyRequests");
    }
}
