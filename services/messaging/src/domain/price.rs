//! What a message to Peru costs, as of a day that is named.
//!
//! Per delivered message, since July 2025. Source: Meta's rate card as quoted by providers in November 2026 (not the card
//! itself): marketing US$ 0.070, utility and authentication about US$ 0.025, free-form replies at about the utility rate
//! since October 2026; and Twilio's own US$ 0.005 on each. In soles at a constant rate that is stated here and nowhere else.

/// The day the prices are of.
pub const PRICES_OF: &str = "2026-11-23";
/// In which amounts are told.
pub const CURRENCY: &str = "PEN";
/// Céntimos for one US dollar: S/ 3.75, rounded up so that no budget is passed by a change of the rate in a week.
const CENTS_PER_DOLLAR: i64 = 375;
/// Twilio's own, in thousandths of a dollar.
const CARRIER: i64 = 5;

/// What a message is for. Its price, its pace and its consent depend on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Category {
    /// To bring her back. Needs her consent.
    Marketing,
    /// Something she waits for.
    Utility,
    /// A code to sign in with.
    Authentication,
    /// Free text within 24 hours of hers.
    Service,
}

impl Category {
    /// Every category.
    pub const ALL: [Self; 4] = [Self::Marketing, Self::Utility, Self::Authentication, Self::Service];

    /// The word stored and told.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Marketing => "marketing",
            Self::Utility => "utility",
            Self::Authentication => "authentication",
            Self::Service => "service",
        }
    }

    /// Reads the word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|category| category.as_str() == word)
    }

    /// What she waits for goes before what she does not.
    pub fn lane(self) -> i16 {
        i16::from(self == Self::Marketing)
    }

    /// Whether it opens a conversation, which is what a tier counts.
    pub fn counts_for_tier(self) -> bool {
        self != Self::Service
    }

    /// In thousandths of a dollar.
    fn mills(self) -> i64 {
        CARRIER
            + match self {
                Self::Marketing => 70,
                Self::Utility | Self::Authentication | Self::Service => 25,
            }
    }

    /// One message, in céntimos, rounded up.
    pub fn cents(self) -> i64 {
        (self.mills() * CENTS_PER_DOLLAR).div_euclid(1_000)
            + i64::from(self.mills() * CENTS_PER_DOLLAR % 1_000 > 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_marketing_message_costs_twenty_nine_centimos_and_any_other_twelve() {
        assert_eq!(Category::ALL.map(Category::cents), [29, 12, 12, 12]);
    }

    #[test]
    fn only_marketing_waits_for_the_others() {
        assert_eq!(Category::ALL.map(Category::lane), [1, 0, 0, 0]);
    }
}
