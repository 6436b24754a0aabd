//! A campaign's words, as the passes of those who keep one show them.

use chrono::{DateTime, Utc};
use kernel::{BusinessId, CampaignId, CardId, CustomerId};
use uuid::Uuid;

/// What a campaign says to some customers of a business.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Messages {
    /// The tenant.
    pub business: BusinessId,
    /// The campaign.
    pub campaign: CampaignId,
    /// Not to be shown any more after this.
    pub good_until: Option<DateTime<Utc>>,
    /// One for each customer.
    pub messages: Vec<Message>,
}

/// What one customer is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// The send it belongs to.
    pub send: Uuid,
    /// Who is told.
    pub customer: CustomerId,
    /// The card that the words speak of, if it is one.
    pub card: Option<CardId>,
    /// The words, filled but for the shop's name.
    pub text: String,
}

/// What came of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    /// Some phone of hers was told of it: by Apple, by Google or by her browser's push service.
    Delivered,
    /// No phone of hers keeps a pass.
    NoPass,
    /// It came too late.
    Expired,
    /// The phones that were to be told have gone.
    Gone,
    /// No phone could be told, however often it was tried.
    Unreachable,
    /// She has not agreed to be written to, or took that back.
    NoConsent,
    /// She wrote that she wants no more.
    OptedOut,
    /// Its campaign was called off.
    Canceled,
}

impl Outcome {
    const ALL: [Self; 8] = [
        Self::Delivered,
        Self::NoPass,
        Self::Expired,
        Self::Gone,
        Self::Unreachable,
        Self::NoConsent,
        Self::OptedOut,
        Self::Canceled,
    ];

    /// The status and the reason, as they are told; the reasons are messaging's where it has one.
    pub fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Delivered => ("delivered", ""),
            Self::NoPass => ("failed", "no_pass"),
            Self::Expired => ("failed", "expired"),
            Self::Gone => ("failed", "gone"),
            Self::Unreachable => ("failed", "unreachable"),
            Self::NoConsent => ("failed", "no_consent"),
            Self::OptedOut => ("failed", "opted_out"),
            Self::Canceled => ("canceled", "campaign_canceled"),
        }
    }
}

/// Why words go no further.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// Their campaign is paused: they wait until it goes on.
    Paused,
    /// For ever, and this is told of them.
    Over(Outcome),
}

impl Stop {
    /// The word that is kept.
    pub fn kept(self) -> &'static str {
        match self {
            Self::Paused => "paused",
            Self::Over(outcome) => outcome.words().1,
        }
    }

    /// Reads what was kept; `None` where they go.
    pub fn from_kept(word: &str) -> Option<Self> {
        match word {
            "" => None,
            "paused" => Some(Self::Paused),
            reason => Outcome::ALL.into_iter().find(|outcome| outcome.words().1 == reason).map(Self::Over),
        }
    }
}

/// The words of a wording with `{stamps}`, `{stamps_left}` and `{reward}` filled. `{business}` stays: the shop's name of the
/// moment is put in when the pass is made.
pub fn filled(text: &str, stamps: i32, stamps_left: i32, reward: &str) -> String {
    text.replace("{stamps_left}", &stamps_left.to_string())
        .replace("{stamps}", &stamps.to_string())
        .replace("{reward}", reward)
}

/// The least id of a send that was planned then: they are UUIDv7, which begin with their milliseconds.
pub fn first_planned_at(moment: DateTime<Utc>) -> Uuid {
    let millis = u64::try_from(moment.timestamp_millis()).unwrap_or(0);
    Uuid::from_u128(u128::from(millis) << 80)
}

/// The words with the shop's name.
pub fn signed(text: &str, organization: &str) -> String {
    text.replace("{business}", organization)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_in_braces_become_what_they_name() {
        let text =
            filled("{business}: {stamps} sellos, te faltan {stamps_left} para {reward}", 7, 3, "un café");
        assert_eq!(signed(&text, "Café Tostado"), "Café Tostado: 7 sellos, te faltan 3 para un café");
    }

    #[test]
    fn why_words_stop_reads_as_what_was_kept_and_no_reason_is_two() {
        let over = Outcome::ALL.into_iter().filter(|outcome| *outcome != Outcome::Delivered).map(Stop::Over);
        for stop in over.chain([Stop::Paused]) {
            assert_eq!(Stop::from_kept(stop.kept()), Some(stop));
        }
        assert_eq!((Stop::from_kept(""), Stop::from_kept("?")), (None, None));
    }

    #[test]
    fn the_first_id_of_a_moment_comes_before_all_of_it_and_after_all_that_was_before() {
        let moment = DateTime::from_timestamp_millis(1_790_000_000_123).unwrap();
        let planned = |at| CampaignId::generate_at(at).as_uuid();
        let before = moment - chrono::TimeDelta::milliseconds(1);
        assert!(planned(before) < first_planned_at(moment) && first_planned_at(moment) <= planned(moment));
    }

    #[test]
    fn a_reward_that_is_called_like_a_word_is_left_as_it_is() {
        assert_eq!(filled("{reward}", 1, 2, "{stamps}"), "{stamps}");
    }
}
