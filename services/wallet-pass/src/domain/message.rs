//! A campaign's words, as the passes of those who keep one show them.

use chrono::{DateTime, Utc};
use kernel::{BusinessId, CardId, CustomerId};
use uuid::Uuid;

/// What a campaign says to some customers of a business.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Messages {
    /// The tenant.
    pub business: BusinessId,
    /// The campaign, as campaign names it.
    pub campaign: String,
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
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Some phone of hers keeps a pass that shows it, or her browser's push service has it.
    Delivered,
    /// No phone of hers keeps a pass.
    NoPass,
    /// It came too late.
    Expired,
    /// The browser that was to be told has gone.
    Gone,
    /// The browser could not be told, however often it was tried.
    Unreachable,
}

impl Outcome {
    /// The status and the reason, as they are told.
    pub fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Delivered => ("delivered", ""),
            Self::NoPass => ("failed", "no_pass"),
            Self::Expired => ("failed", "expired"),
            Self::Gone => ("failed", "gone"),
            Self::Unreachable => ("failed", "unreachable"),
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
    fn a_reward_that_is_called_like_a_word_is_left_as_it_is() {
        assert_eq!(filled("{reward}", 1, 2, "{stamps}"), "{stamps}");
    }
}
