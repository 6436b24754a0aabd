//! What an answer of the provider means: the one error table.
//!
//! Twilio advises against hard logic on its codes, since it splits them: what is not in the table is not tried again, and
//! is told to the log as something to look at.

use std::time::Duration;

use super::market::Market;

/// Why a message failed, was canceled, or waits: a stable word. Pages turn it into a sentence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Reason {
    /// She has not agreed to it, or not any more.
    NoConsent,
    /// She wrote BAJA, or WhatsApp says that she wants no more.
    OptedOut,
    /// She was erased.
    Erased,
    /// The operator has not let the business send, or has stopped it.
    NotApproved,
    /// Its marketing, or its sender's, is stopped: customers have had enough of it.
    Quality,
    /// It could have gone at night only.
    QuietHours,
    /// The business's money is used up for now.
    Budget,
    /// The portfolio's addresses of 24 hours are used up for now.
    Tier,
    /// The sender has sent too fast, or too much in a day, says the provider.
    Rate,
    /// WhatsApp shows her no more marketing for now.
    MarketingCap,
    /// WhatsApp shows no marketing to anybody where she is at home.
    NoMarketingThere,
    /// WhatsApp experiments with leaving her out; another channel may reach her.
    Experiment,
    /// There is nobody on WhatsApp by that address.
    NotReachable,
    /// She has blocked the sender.
    Blocked,
    /// The template is not approved, or its variables do not fit.
    Template,
    /// The template is paused: it may be used again later.
    TemplatePaused,
    /// The template was rejected.
    TemplateRejected,
    /// It was free text and her last message is more than 24 hours old.
    WindowClosed,
    /// WhatsApp's rules forbid it.
    Policy,
    /// The sender itself is not in order.
    Sender,
    /// The provider is in trouble, or said something that nobody has taught us.
    Provider,
    /// Nobody can say whether it was sent.
    InDoubt,
    /// Its time had passed before it could go.
    Expired,
    /// Another campaign of the business wrote to her within seven days.
    Capped,
    /// Its campaign was canceled.
    CampaignCanceled,
}

impl Reason {
    /// Every reason, for whoever turns them into sentences.
    pub const ALL: [Self; 25] = [
        Self::NoConsent,
        Self::OptedOut,
        Self::Erased,
        Self::NotApproved,
        Self::Quality,
        Self::QuietHours,
        Self::Budget,
        Self::Tier,
        Self::Rate,
        Self::MarketingCap,
        Self::NoMarketingThere,
        Self::Experiment,
        Self::NotReachable,
        Self::Blocked,
        Self::Template,
        Self::TemplatePaused,
        Self::TemplateRejected,
        Self::WindowClosed,
        Self::Policy,
        Self::Sender,
        Self::Provider,
        Self::InDoubt,
        Self::Expired,
        Self::CampaignCanceled,
        Self::Capped,
    ];

    /// The word stored and told.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NoConsent => "no_consent",
            Self::OptedOut => "opted_out",
            Self::Erased => "erased",
            Self::NotApproved => "not_approved",
            Self::Quality => "quality",
            Self::QuietHours => "quiet_hours",
            Self::Budget => "budget",
            Self::Tier => "tier",
            Self::Rate => "rate",
            Self::MarketingCap => "marketing_cap",
            Self::NoMarketingThere => "no_marketing_there",
            Self::Experiment => "experiment",
            Self::NotReachable => "not_reachable",
            Self::Blocked => "blocked",
            Self::Template => "template",
            Self::TemplatePaused => "template_paused",
            Self::TemplateRejected => "template_rejected",
            Self::WindowClosed => "window_closed",
            Self::Policy => "policy",
            Self::Sender => "sender",
            Self::Provider => "provider",
            Self::InDoubt => "in_doubt",
            Self::Expired => "expired",
            Self::CampaignCanceled => "campaign_canceled",
            Self::Capped => "capped",
        }
    }

    /// Reads the word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.as_str() == word)
    }

    /// Whether a person must look at a message that failed for this: she can do something about it, or must know of it.
    pub fn needs_a_person(self) -> bool {
        matches!(
            self,
            Self::NotApproved
                | Self::Quality
                | Self::QuietHours
                | Self::Budget
                | Self::Tier
                | Self::Template
                | Self::TemplatePaused
                | Self::TemplateRejected
                | Self::Policy
                | Self::Sender
                | Self::Provider
                | Self::InDoubt
                | Self::Rate
                | Self::MarketingCap
                | Self::Experiment
        )
    }

    /// Whether she may have it tried again: never what may have been sent and is marketing, nor what is said in words that
    /// were rejected, nor what customers have had enough of: that stays so for days.
    pub fn may_be_tried_again(self, is_marketing: bool) -> bool {
        // An experiment of WhatsApp's holds back all marketing to her for months.
        let is_settled = matches!(self, Self::InDoubt | Self::Experiment) && is_marketing;
        self.needs_a_person() && !is_settled && !matches!(self, Self::TemplateRejected | Self::Quality)
    }
}

/// What to do after an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The provider has it.
    Accepted,
    /// It was not sent, and may be later: after at least this pause.
    Later(Reason, Duration),
    /// It was not sent and will not be.
    Never(Reason),
    /// It was not sent; another channel may reach her.
    OtherChannel(Reason),
    /// Our account is refused: no message's fault.
    Refused,
    /// Nobody knows whether it was sent.
    Unknown,
}

/// The pause after the provider said "too fast".
const TOO_FAST: Duration = Duration::from_secs(5);
/// The pause while a queue of the provider's is full, or WhatsApp is in trouble.
const BUSY: Duration = Duration::from_secs(60);
/// The pause after the sender's day is used up: it may take up to 24 hours, so several of these.
const SENDERS_DAY: Duration = Duration::from_secs(4 * 3_600);
/// The pause after WhatsApp's own cap of marketing.
const MARKETING_CAP: Duration = Duration::from_secs(6 * 3_600);

/// Tries before a message is given up. Pauses grow, so that the last is about a day after the first.
pub const MOST_ATTEMPTS: i32 = 6;

/// What an HTTP answer to a message to somewhere means.
pub fn of_answer(status: u16, code: Option<i64>, market: Market) -> Verdict {
    match (status, code) {
        (200 | 201, _) => Verdict::Accepted,
        (429, _) => Verdict::Later(Reason::Rate, TOO_FAST),
        (401 | 403, None | Some(20_003 | 20_005 | 20_006 | 20_008)) => Verdict::Refused,
        (400..=499, Some(code)) => of_code(code, market),
        (400..=499, None) => Verdict::Never(Reason::Provider),
        // Redirects and whatever else is no answer of the provider's; 5xx may have been done.
        _ => Verdict::Unknown,
    }
}

/// What an error code means, in an answer or in a callback, for a message to somewhere.
pub fn of_code(code: i64, market: Market) -> Verdict {
    match code {
        20_429 | 63_017 => Verdict::Later(Reason::Rate, TOO_FAST),
        63_012 | 30_001 | 21_611 => Verdict::Later(Reason::Provider, BUSY),
        63_018 => Verdict::Later(Reason::Rate, SENDERS_DAY),
        63_049 if market.is_closed_to_marketing() => Verdict::OtherChannel(Reason::NoMarketingThere),
        63_049 => Verdict::Later(Reason::MarketingCap, MARKETING_CAP),
        63_032 => Verdict::OtherChannel(Reason::Experiment),
        63_016 => Verdict::Never(Reason::WindowClosed),
        63_024 | 63_003 | 21_211 | 63_015 => Verdict::Never(Reason::NotReachable),
        63_014 => Verdict::Never(Reason::Blocked),
        21_610 => Verdict::Never(Reason::OptedOut),
        63_021 | 63_027 | 63_028 | 21_655 | 21_656 | 21_658 => Verdict::Never(Reason::Template),
        63_013 | 63_033 | 63_062 => Verdict::Never(Reason::Policy),
        63_007 | 21_212 | 21_606 => Verdict::Never(Reason::Sender),
        20_003 | 20_005 | 20_006 | 20_008 => Verdict::Refused,
        _ => Verdict::Never(Reason::Provider),
    }
}

/// Whether the table knows a code; what it does not know is told to the log.
pub fn is_known(code: i64) -> bool {
    of_code(code, Market::PERU) != Verdict::Never(Reason::Provider)
}

/// The pause before the next try: what the answer asks for, doubled with each try, and spread by `chance` (0 to 1).
pub fn pause(asked: Duration, attempts: i32, chance: f64) -> Duration {
    let doublings = u32::try_from(attempts.clamp(1, MOST_ATTEMPTS) - 1).unwrap_or(0);
    asked
        .saturating_mul(1 << doublings)
        .min(Duration::from_secs(24 * 3_600))
        .mul_f64(1.0 + chance.clamp(0.0, 1.0) / 4.0)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Every answer means something, and only two kinds of answer mean that nobody knows.
        #[test]
        fn the_table_is_total(status in any::<u16>(), code in prop::option::of(0..100_000_i64)) {
            let verdict = of_answer(status, code, Market::PERU);
            prop_assert_eq!(verdict == Verdict::Unknown, !(400..500).contains(&status) && status != 200 && status != 201);
            if let Verdict::Later(_, pause) = verdict {
                prop_assert!(!pause.is_zero());
            }
        }

        /// Pauses grow and end.
        #[test]
        fn pauses_are_bounded(seconds in 1..100_000_u64, attempts in -3..50_i32, chance in 0.0..1.0_f64) {
            let asked = Duration::from_secs(seconds);
            let longest = Duration::from_secs(24 * 3_600);
            let found = pause(asked, attempts, chance);
            prop_assert!(found >= asked.min(longest) && found <= longest.mul_f64(1.25));
        }
    }

    #[test]
    fn what_was_never_processed_is_tried_later() {
        for (status, code) in
            [(429, None), (429, Some(20_429)), (400, Some(20_429)), (400, Some(63_017)), (400, Some(63_018))]
        {
            assert!(
                matches!(of_answer(status, code, Market::PERU), Verdict::Later(Reason::Rate, _)),
                "{status} {code:?}"
            );
        }
    }

    #[test]
    fn what_broke_on_their_side_is_unknown() {
        for status in [500, 502, 503, 504, 302] {
            assert_eq!(of_answer(status, Some(20_500), Market::PERU), Verdict::Unknown);
        }
    }

    #[test]
    fn each_failure_has_its_word() {
        for (code, verdict) in [
            (63_016, Verdict::Never(Reason::WindowClosed)),
            (63_024, Verdict::Never(Reason::NotReachable)),
            (63_003, Verdict::Never(Reason::NotReachable)),
            (63_014, Verdict::Never(Reason::Blocked)),
            (21_610, Verdict::Never(Reason::OptedOut)),
            (63_021, Verdict::Never(Reason::Template)),
            (63_013, Verdict::Never(Reason::Policy)),
            (63_007, Verdict::Never(Reason::Sender)),
            (63_032, Verdict::OtherChannel(Reason::Experiment)),
            (99_999, Verdict::Never(Reason::Provider)),
        ] {
            assert_eq!(of_answer(400, Some(code), Market::PERU), verdict, "{code}");
        }
        assert!(is_known(63_014) && !is_known(99_999));
    }

    #[test]
    fn metas_cap_of_marketing_passes_everywhere_but_in_the_united_states() {
        let cap = |market| of_answer(400, Some(63_049), market);
        assert_eq!(cap(Market::NORTH_AMERICA), Verdict::OtherChannel(Reason::NoMarketingThere));
        for market in [Market::PERU, Market::ELSEWHERE, Market::DEAREST] {
            assert!(matches!(cap(market), Verdict::Later(Reason::MarketingCap, _)), "{market:?}");
        }
        // Nobody can do anything about it, so nobody is asked to.
        assert!(!Reason::NoMarketingThere.needs_a_person());
    }

    #[test]
    fn an_account_that_is_refused_is_no_messages_fault() {
        assert_eq!(of_answer(401, Some(20_003), Market::PERU), Verdict::Refused);
        assert_eq!(of_answer(403, None, Market::PERU), Verdict::Refused);
    }

    #[test]
    fn a_person_sees_both_and_what_is_paused_may_be_tried_again_and_what_is_rejected_not() {
        for (reason, may) in [(Reason::TemplatePaused, true), (Reason::TemplateRejected, false)] {
            assert!(reason.needs_a_person());
            assert_eq!(reason.may_be_tried_again(true), may, "{reason:?}");
        }
    }

    #[test]
    fn what_her_money_or_a_limit_held_back_may_be_tried_again_and_what_customers_are_tired_of_not() {
        for reason in [Reason::Budget, Reason::Tier, Reason::NotApproved, Reason::QuietHours] {
            assert!(reason.may_be_tried_again(true), "{reason:?}");
        }
        assert!(Reason::Quality.needs_a_person() && !Reason::Quality.may_be_tried_again(true));
        // Nothing is known that anybody could mend.
        assert!(!Reason::Expired.needs_a_person());
    }

    #[test]
    fn marketing_in_doubt_is_never_tried_again() {
        assert!(!Reason::InDoubt.may_be_tried_again(true) && Reason::InDoubt.may_be_tried_again(false));
        assert!(!Reason::NoConsent.may_be_tried_again(false));
    }

    #[test]
    fn a_word_reads_as_the_reason_it_was() {
        for reason in Reason::ALL {
            assert_eq!(Reason::from_word(reason.as_str()), Some(reason));
        }
        assert_eq!(Reason::from_word(""), None);
    }
}
