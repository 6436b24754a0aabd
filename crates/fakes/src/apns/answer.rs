use std::collections::{HashMap, VecDeque};

use chrono::{DateTime, Utc};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

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

/// What was asked of the server, from the most particular to the most general.
#[derive(Default)]
pub(crate) struct Script {
    next_of_token: HashMap<String, VecDeque<Answer>>,
    always_of_token: HashMap<String, Answer>,
    next: VecDeque<Answer>,
    always: Option<Answer>,
    failing: Option<Failing>,
}

struct Failing {
    share: f64,
    dice: StdRng,
    answer: Answer,
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

    pub(crate) fn fail(&mut self, share: f64, seed: u64, answer: Answer) {
        self.failing =
            Some(Failing { share: share.clamp(0.0, 1.0), dice: StdRng::seed_from_u64(seed), answer });
    }

    pub(crate) fn answer(&mut self, token: &str) -> Answer {
        if let Some(answer) = self.next_of_token.get_mut(token).and_then(VecDeque::pop_front) {
            return answer;
        }
        if let Some(answer) = self.always_of_token.get(token) {
            return *answer;
        }
        if let Some(answer) = self.next.pop_front() {
            return answer;
        }
        if let Some(failing) = &mut self.failing
            && failing.dice.random_bool(failing.share)
        {
            return failing.answer;
        }
        self.always.unwrap_or(Answer::Accept)
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

    #[test]
    fn the_same_seed_fails_the_same_pushes() {
        let run = |seed| {
            let mut script = Script::default();
            script.fail(0.3, seed, Answer::Refuse(Reason::ServiceUnavailable));
            (0..1_000).map(|_| script.answer("a") != Answer::Accept).collect::<Vec<_>>()
        };
        assert_eq!(run(1), run(1));
        assert_ne!(run(1), run(2));
        let failed = run(1).into_iter().filter(|failed| *failed).count();
        assert!((250..350).contains(&failed), "{failed} of 1000");
    }

    #[test]
    fn every_reason_has_the_status_apple_gives_it() {
        assert_eq!(Reason::BadDeviceToken.status(), 400);
        assert_eq!(Reason::BadCertificate.status(), 403);
        assert_eq!(Reason::Unregistered.status(), 410);
        assert_eq!(Reason::TooManyRequests.name(), "TooManyRequests");
    }
}
