//! What a message costs, in soles, as of a day that is named: Meta's price of where it goes ([`Market`]) and Twilio's own
//! US$ 0.005, at a constant rate that is stated here and nowhere else.

use super::market::Market;

/// The day the prices are of.
pub const PRICES_OF: &str = "2026-10-01";
/// In which amounts are told.
pub const CURRENCY: &str = "PEN";
/// Céntimos for one US dollar: S/ 3.75, rounded up so that no budget is passed by a change of the rate in a week.
const CENTS_PER_DOLLAR: i64 = 375;
/// Twilio's own, in ten-thousandths of a dollar.
const CARRIER: i64 = 50;

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

    /// What one costs where it costs least, in céntimos: with less money than this none goes anywhere.
    pub fn least_cents(self) -> i64 {
        self.cents(Market::CHEAPEST)
    }

    /// One message to somewhere, in céntimos, rounded up.
    pub fn cents(self, market: Market) -> i64 {
        let meta = match self {
            Self::Marketing => market.marketing,
            Self::Utility | Self::Authentication | Self::Service => market.utility,
        };
        let price = (meta + CARRIER) * CENTS_PER_DOLLAR;
        price.div_euclid(10_000) + i64::from(price % 10_000 > 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cents(market: Market) -> [i64; 4] {
        Category::ALL.map(|category| category.cents(market))
    }

    #[test]
    fn a_marketing_message_costs_twenty_nine_centimos_and_any_other_fourteen() {
        assert_eq!(cents(Market::PERU), [29, 14, 14, 14]);
    }

    #[test]
    fn abroad_it_costs_what_it_costs_there_and_never_more_than_the_dearest() {
        assert_eq!(cents(Market::NORTH_AMERICA), [12, 4, 4, 4]);
        assert_eq!(cents(Market::ELSEWHERE), [35, 10, 10, 10]);
        assert_eq!(cents(Market::DEAREST), [62, 23, 23, 23]);
    }

    #[test]
    fn with_less_than_the_least_nothing_goes_anywhere() {
        assert_eq!(Category::ALL.map(Category::least_cents), [6, 3, 3, 3]);
    }

    #[test]
    fn only_marketing_waits_for_the_others() {
        assert_eq!(Category::ALL.map(Category::lane), [1, 0, 0, 0]);
    }
}
