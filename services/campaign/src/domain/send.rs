//! One campaign's message to one customer, and how many stand where.

use chrono::{DateTime, Duration, NaiveDate, Utc};
use uuid::{NoContext, Timestamp, Uuid};

use crate::domain::counts::Counts;

/// How long a claim lasts: nobody has two marketing messages within it.
pub const CLAIM_DAYS: i64 = 7;
/// How long a message may wait for its hand-over. Less than a claim lasts, so that none lapses before its message is out.
pub const GOOD_FOR_HOURS: i64 = 72;
/// Messaging's words for what WhatsApp does not bring to her and another way may.
pub const OTHER_WAY: [&str; 2] = ["experiment", "no_marketing_there"];
/// Words for who may not be written to, by whichever way.
const SILENT: [&str; 2] = ["no_consent", "opted_out"];
/// Sends of one event.
pub const MOST_SENDS_OF_AN_EVENT: usize = 500;

/// Claims of this moment or before have lapsed.
pub fn claims_lapsed_by(now: DateTime<Utc>) -> DateTime<Utc> {
    now - Duration::days(CLAIM_DAYS)
}

/// Until when a message that is asked for now may be handed over.
pub fn good_until(now: DateTime<Utc>) -> DateTime<Utc> {
    now + Duration::hours(GOOD_FOR_HOURS)
}

/// A new id for a send of this moment.
pub fn new_id(now: DateTime<Utc>) -> Uuid {
    let seconds = u64::try_from(now.timestamp()).unwrap_or(0);
    Uuid::new_v7(Timestamp::from_unix(NoContext, seconds, now.timestamp_subsec_nanos()))
}

/// The moment, to the millisecond, that a send was planned at: its id says it.
pub fn planned_at(send: Uuid) -> Option<DateTime<Utc>> {
    let (seconds, nanos) = send.get_timestamp()?.to_unix();
    DateTime::from_timestamp(i64::try_from(seconds).ok()?, nanos)
}

/// Whether she came after a send was planned: on a later day, or later on the same one. Where only the day is known, that day
/// does not count: she may have come before.
pub fn has_come_since(
    (planned_at, planned_day): (DateTime<Utc>, NaiveDate),
    last_day: Option<NaiveDate>,
    came_at: Option<DateTime<Utc>>,
) -> bool {
    last_day.is_some_and(|last| {
        last > planned_day || (last == planned_day && came_at.is_some_and(|came| came > planned_at))
    })
}

/// Where a send stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum SendStatus {
    /// She is held out: nothing is sent.
    Holdout,
    /// Asked for; nothing was heard yet.
    Requested,
    /// With the provider.
    HandedOver,
    /// On its way.
    Sent,
    /// On her phone.
    Delivered,
    /// Read.
    Read,
    /// It did not come about.
    Failed,
    /// It was called off before it was handed over.
    Canceled,
}

impl SendStatus {
    /// The word in the table.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Holdout => "holdout",
            Self::Requested => "requested",
            Self::HandedOver => "handed_over",
            Self::Sent => "sent",
            Self::Delivered => "delivered",
            Self::Read => "read",
            Self::Failed => "failed",
            Self::Canceled => "canceled",
        }
    }

    /// Reads a stored word, or one of messaging's or wallet-pass's; in doubt is with the provider.
    pub fn parse(word: &str) -> Option<Self> {
        Some(match word {
            "holdout" => Self::Holdout,
            "requested" | "waiting" => Self::Requested,
            "handed_over" | "in_doubt" => Self::HandedOver,
            "sent" => Self::Sent,
            "delivered" => Self::Delivered,
            "read" => Self::Read,
            "failed" => Self::Failed,
            "canceled" => Self::Canceled,
            _ => return None,
        })
    }

    fn has_failed(self) -> bool {
        matches!(self, Self::Failed | Self::Canceled)
    }

    /// Nothing more is to come that anybody would wait for.
    pub fn is_settled(self) -> bool {
        matches!(self, Self::Holdout | Self::Delivered | Self::Read | Self::Failed | Self::Canceled)
    }
}

/// A send as its statuses change it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Send {
    /// Where it stands.
    pub status: SendStatus,
    /// Of messaging's last word.
    pub message_version: i32,
    /// What it cost so far.
    pub cost_cents: i64,
    /// Why it failed.
    pub reason: String,
    /// The other way is still to be tried: WhatsApp after the pass, or the pass after WhatsApp.
    pub follows: bool,
    /// Messaging has a message of it that has not ended.
    pub message_open: bool,
    /// A pass has shown it, and the message that followed failed.
    pub follow_failed: bool,
}

/// What messaging says of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessageNews {
    /// Where it stands.
    pub status: SendStatus,
    /// Grows with each state.
    pub version: i32,
    /// Why, for failed and canceled.
    pub reason: String,
    /// What it cost so far.
    pub cost_cents: i64,
}

/// What a change means for the customer's claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClaimChange {
    /// Nothing.
    Keep,
    /// The message is out: the seven days run from now.
    Renew,
    /// There is no message: somebody else may write to her.
    GiveBack,
}

impl Send {
    /// As it is planned.
    pub fn requested(follows: bool) -> Self {
        Self {
            status: SendStatus::Requested,
            message_version: 0,
            cost_cents: 0,
            reason: String::new(),
            follows,
            message_open: false,
            follow_failed: false,
        }
    }

    /// Takes messaging's word; an older one changes nothing.
    pub fn hear_message(&mut self, news: &MessageNews) -> ClaimChange {
        if news.version <= self.message_version || self.status == SendStatus::Holdout {
            return ClaimChange::Keep;
        }
        let was_open = self.message_open;
        self.message_version = news.version;
        self.message_open = !news.status.is_settled();
        self.cost_cents = self.cost_cents.max(news.cost_cents);
        if news.status.has_failed() {
            // What the wallet has shown stays shown, and is no less true for what failed after it.
            if matches!(self.status, SendStatus::Delivered | SendStatus::Read) {
                if was_open {
                    self.follow_failed = news.status == SendStatus::Failed;
                    self.cost_cents = news.cost_cents;
                }
                return ClaimChange::Keep;
            }
            self.cost_cents = news.cost_cents;
            self.reason.clone_from(&news.reason);
            if OTHER_WAY.contains(&news.reason.as_str()) {
                // Not given up: her pass may show it. The claim is this send's as before.
                self.status = SendStatus::Requested;
                self.follows = true;
                return ClaimChange::Keep;
            }
            self.status = news.status;
            // What may have arrived after all is not followed by another.
            return if news.reason == "in_doubt" { ClaimChange::Keep } else { ClaimChange::GiveBack };
        }
        self.follow_failed = false;
        let was_out = self.status > SendStatus::Requested && !self.status.has_failed();
        if self.status.has_failed() {
            self.reason.clear();
            self.status = news.status;
        } else {
            self.status = self.status.max(news.status);
        }
        let is_out = news.status > SendStatus::Requested;
        if is_out && (!was_out || news.status == SendStatus::HandedOver) {
            ClaimChange::Renew
        } else {
            ClaimChange::Keep
        }
    }

    /// Takes wallet-pass's word: the pass shows it, or none does any more.
    pub fn hear_pass(&mut self, shown: bool, reason: &str) -> ClaimChange {
        if self.status != SendStatus::Requested {
            return ClaimChange::Keep;
        }
        if shown {
            self.status = SendStatus::Delivered;
            return ClaimChange::Renew;
        }
        // WhatsApp was asked for meanwhile: what becomes of it is messaging's to say, and the claim is its claim.
        if self.message_open {
            return ClaimChange::Keep;
        }
        // WhatsApp follows all the same; its claim is this one.
        if self.follows && !SILENT.contains(&reason) {
            return ClaimChange::Keep;
        }
        self.follows = false;
        self.status = SendStatus::Failed;
        reason.clone_into(&mut self.reason);
        ClaimChange::GiveBack
    }

    /// Takes wallet-pass's word that it was called off before any pass showed it: nothing follows it.
    pub fn cancel_pass(&mut self, reason: &str) -> ClaimChange {
        if self.status != SendStatus::Requested || self.message_open {
            return ClaimChange::Keep;
        }
        self.follows = false;
        self.status = SendStatus::Canceled;
        reason.clone_into(&mut self.reason);
        ClaimChange::GiveBack
    }

    /// What it counts for.
    pub fn counts(&self) -> Counts {
        let mut counts = Counts::default();
        if self.status == SendStatus::Holdout {
            return Counts { holdout: 1, ..counts };
        }
        counts.planned = 1;
        counts.cost_cents = self.cost_cents;
        counts.follow_failed = i64::from(self.follow_failed);
        counts.open = i64::from(self.follows || self.message_open || !self.status.is_settled());
        match self.status {
            SendStatus::Holdout => {}
            SendStatus::Requested | SendStatus::HandedOver => counts.requested = 1,
            SendStatus::Sent => counts.sent = 1,
            SendStatus::Delivered => (counts.sent, counts.delivered) = (1, 1),
            SendStatus::Read => (counts.sent, counts.delivered, counts.read) = (1, 1, 1),
            SendStatus::Failed => counts.failed = 1,
            SendStatus::Canceled => counts.canceled = 1,
        }
        counts
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_whatsapp_was_asked_for_is_not_ended_by_a_pass_that_comes_too_late() {
        for news in [("expired", false), ("campaign_canceled", true)] {
            let mut send = Send { message_open: true, ..Send::requested(false) };
            let change = if news.1 { send.cancel_pass(news.0) } else { send.hear_pass(false, news.0) };
            assert_eq!((change, send.status), (ClaimChange::Keep, SendStatus::Requested), "{news:?}");
        }
    }

    fn requested() -> Send {
        Send::requested(false)
    }

    fn news(status: SendStatus, version: i32) -> MessageNews {
        let reason = if status.has_failed() { "not_reachable" } else { "" };
        MessageNews { status, version, reason: reason.into(), cost_cents: 28 }
    }

    #[test]
    fn a_failed_message_gives_the_claim_back_and_one_in_doubt_does_not() {
        let mut send = requested();
        assert_eq!(send.hear_message(&news(SendStatus::Failed, 2)), ClaimChange::GiveBack);
        assert_eq!(send.reason, "not_reachable");
        let in_doubt = MessageNews { reason: "in_doubt".into(), ..news(SendStatus::Failed, 2) };
        assert_eq!(requested().hear_message(&in_doubt), ClaimChange::Keep);
    }

    #[test]
    fn the_seven_days_run_from_the_hand_over() {
        let mut send = requested();
        assert_eq!(send.hear_message(&news(SendStatus::HandedOver, 1)), ClaimChange::Renew);
        assert_eq!(send.hear_message(&news(SendStatus::Delivered, 3)), ClaimChange::Keep);
    }

    #[test]
    fn an_older_word_changes_nothing() {
        let mut send = requested();
        send.hear_message(&news(SendStatus::Read, 4));
        let before = send.clone();
        assert_eq!(send.hear_message(&news(SendStatus::Failed, 3)), ClaimChange::Keep);
        assert_eq!(send, before);
    }

    #[test]
    fn what_the_wallet_showed_counts_even_if_whatsapp_then_fails() {
        let mut send = Send { follows: true, ..requested() };
        send.hear_pass(true, "");
        assert_eq!(send.hear_message(&news(SendStatus::Failed, 2)), ClaimChange::Keep);
        assert_eq!(send.counts().delivered, 1);
    }

    #[test]
    fn what_whatsapp_follows_is_open_until_messaging_ends_it() {
        let mut send = requested();
        send.hear_pass(true, "");
        assert_eq!(send.counts().open, 0);
        send.message_open = true;
        assert_eq!((send.counts().open, send.counts().delivered), (1, 1));
        send.hear_message(&news(SendStatus::HandedOver, 1));
        send.hear_message(&news(SendStatus::Sent, 2));
        assert_eq!((send.counts().open, send.counts().delivered), (1, 1));
        let mut ended = [send.clone(), send.clone(), send];
        for (send, end) in
            ended.iter_mut().zip([SendStatus::Delivered, SendStatus::Failed, SendStatus::Canceled])
        {
            send.hear_message(&news(end, 3));
            assert_eq!((send.counts().open, send.counts().delivered), (0, 1), "{end:?}");
        }
    }

    #[test]
    fn what_fails_after_the_pass_showed_it_is_counted_apart_until_it_is_tried_again() {
        let mut send = requested();
        send.hear_pass(true, "");
        send.message_open = true;
        send.hear_message(&news(SendStatus::HandedOver, 1));
        let failed = MessageNews { cost_cents: 0, ..news(SendStatus::Failed, 2) };
        assert_eq!(send.hear_message(&failed), ClaimChange::Keep);
        let counts = send.counts();
        assert_eq!((counts.delivered, counts.failed, counts.follow_failed, counts.open), (1, 0, 1, 0));
        assert_eq!(counts.cost_cents, 0, "what was not sent is not paid for");
        // A person tries it again, and it arrives.
        send.hear_message(&news(SendStatus::HandedOver, 3));
        assert_eq!(send.counts().follow_failed, 0);
        send.hear_message(&news(SendStatus::Read, 5));
        assert_eq!((send.counts().follow_failed, send.counts().read), (0, 1));
    }

    #[test]
    fn what_is_called_off_after_the_pass_showed_it_has_not_failed() {
        let mut send = requested();
        send.hear_pass(true, "");
        send.message_open = true;
        send.hear_message(&news(SendStatus::Canceled, 2));
        assert_eq!((send.counts().follow_failed, send.counts().delivered), (0, 1));
    }

    #[test]
    fn what_whatsapp_does_not_bring_waits_for_the_pass_unless_that_has_shown_it() {
        for reason in OTHER_WAY {
            let held_back = MessageNews { reason: reason.into(), ..news(SendStatus::Failed, 2) };
            let mut send = requested();
            assert_eq!(send.hear_message(&held_back), ClaimChange::Keep);
            assert_eq!((send.status, send.follows, send.counts().open), (SendStatus::Requested, true, 1));
            let mut shown = requested();
            shown.hear_pass(true, "");
            assert_eq!(shown.hear_message(&held_back), ClaimChange::Keep);
            assert_eq!((shown.status, shown.follows), (SendStatus::Delivered, false));
        }
    }

    #[test]
    fn who_came_later_on_the_same_day_has_come_and_who_came_before_has_not() {
        let day = |number| NaiveDate::from_ymd_opt(2026, 11, number).unwrap();
        let at = |hour: i64| DateTime::from_timestamp(1_795_392_000 + hour * 3_600, 0).unwrap();
        let planned = (at(10), day(23));
        assert!(has_come_since(planned, Some(day(24)), None));
        assert!(has_come_since(planned, Some(day(23)), Some(at(13))));
        assert!(!has_come_since(planned, Some(day(23)), Some(at(9))));
        assert!(!has_come_since(planned, Some(day(23)), None));
        // Her last stamp of that day was taken back.
        assert!(!has_come_since(planned, Some(day(20)), Some(at(13))));
        assert!(!has_come_since(planned, None, None));
    }

    #[test]
    fn a_pass_that_is_gone_fails_unless_whatsapp_follows() {
        let (mut alone, mut followed) = (requested(), Send { follows: true, ..requested() });
        assert_eq!(alone.hear_pass(false, "no_pass"), ClaimChange::GiveBack);
        assert_eq!(followed.hear_pass(false, "no_pass"), ClaimChange::Keep);
        assert_eq!((alone.status, followed.status), (SendStatus::Failed, SendStatus::Requested));
    }

    #[test]
    fn who_may_not_be_written_to_is_followed_by_nothing() {
        for reason in SILENT {
            let mut send = Send { follows: true, ..requested() };
            assert_eq!(send.hear_pass(false, reason), ClaimChange::GiveBack);
            assert_eq!((send.status, send.reason.as_str()), (SendStatus::Failed, reason));
            assert_eq!((send.counts().failed, send.counts().open), (1, 0));
        }
    }

    #[test]
    fn what_is_called_off_before_a_pass_showed_it_is_canceled_and_what_was_shown_stays_shown() {
        for follows in [false, true] {
            let mut send = Send { follows, ..requested() };
            assert_eq!(send.cancel_pass("campaign_canceled"), ClaimChange::GiveBack);
            assert_eq!(send.reason, "campaign_canceled");
            assert_eq!((send.counts().canceled, send.counts().failed, send.counts().open), (1, 0, 0));
            assert_eq!(send.hear_pass(true, ""), ClaimChange::Keep, "its claim may be another's by now");
        }
        let mut shown = requested();
        shown.hear_pass(true, "");
        assert_eq!(shown.cancel_pass("campaign_canceled"), ClaimChange::Keep);
        assert_eq!((shown.counts().delivered, shown.counts().canceled), (1, 0));
    }

    fn any_status() -> impl Strategy<Value = SendStatus> {
        prop::sample::select(vec![
            SendStatus::HandedOver,
            SendStatus::Sent,
            SendStatus::Delivered,
            SendStatus::Read,
            SendStatus::Failed,
            SendStatus::Canceled,
        ])
    }

    proptest! {
        /// However callbacks come, each send counts once, and the sums of what changed are what stands at the end.
        #[test]
        fn changes_add_up_to_what_is(all in prop::collection::vec((any_status(), 1..9i32), 0..12), is_followed in any::<bool>()) {
            let mut send = requested();
            if is_followed {
                send.hear_pass(true, "");
                send.message_open = true;
            }
            let mut sum = send.counts();
            for (status, version) in all {
                let before = send.counts();
                send.hear_message(&news(status, version));
                sum += send.counts().since(before);
            }
            let counts = send.counts();
            prop_assert_eq!(sum, counts);
            prop_assert_eq!(counts.planned, counts.requested + counts.sent + counts.failed + counts.canceled);
            prop_assert!(counts.follow_failed <= counts.delivered);
        }
    }
}
