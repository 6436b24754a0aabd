//! Whose customer is writing, where several shops write from one number.

use kernel::BusinessId;

/// What is known about a message that came in.
#[derive(Clone, Debug, Default)]
pub struct Known {
    /// The shop whose message she answered.
    pub answered: Option<BusinessId>,
    /// The shop she chose when she was asked, less than a day ago.
    pub chosen: Option<BusinessId>,
    /// Shops that wrote to her within 24 hours, the latest first.
    pub wrote: Vec<BusinessId>,
    /// Shops of this sender that know her number.
    pub known_at: Vec<BusinessId>,
    /// All shops of this sender.
    pub all: Vec<BusinessId>,
}

/// Where a message goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Route {
    /// To this shop.
    To(BusinessId),
    /// She is asked which of these.
    Ask(Vec<BusinessId>),
    /// Nobody's: she is known nowhere, and the shops are too many to ask her which.
    Nowhere,
}

/// Shops that are offered at most: her answer is one digit.
const MOST_OPTIONS: usize = 5;

/// Decides.
pub fn route(known: &Known) -> Route {
    if let Some(business) = known.answered.or(known.chosen) {
        return Route::To(business);
    }
    let candidates = if known.wrote.is_empty() { &known.known_at } else { &known.wrote };
    match candidates.as_slice() {
        // Somebody new asks at the shops there are, if they are few enough to be told.
        [] => match known.all.as_slice() {
            [only] => Route::To(*only),
            few if !few.is_empty() && few.len() <= MOST_OPTIONS => Route::Ask(few.to_vec()),
            _ => Route::Nowhere,
        },
        [only] => Route::To(*only),
        several => Route::Ask(several.iter().copied().take(MOST_OPTIONS).collect()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shop(number: u128) -> BusinessId {
        uuid::Uuid::from_u128(number).into()
    }

    #[test]
    fn the_message_she_answers_says_whose_she_is() {
        let known = Known { answered: Some(shop(1)), wrote: vec![shop(2), shop(3)], ..Known::default() };
        assert_eq!(route(&known), Route::To(shop(1)));
    }

    #[test]
    fn the_only_shop_that_wrote_is_meant() {
        let known = Known { wrote: vec![shop(2)], known_at: vec![shop(2), shop(3)], ..Known::default() };
        assert_eq!(route(&known), Route::To(shop(2)));
    }

    #[test]
    fn between_several_she_is_asked_once() {
        let known = Known { wrote: vec![shop(2), shop(3)], ..Known::default() };
        assert_eq!(route(&known), Route::Ask(vec![shop(2), shop(3)]));
        let known = Known { chosen: Some(shop(3)), ..known };
        assert_eq!(route(&known), Route::To(shop(3)));
    }

    #[test]
    fn whom_nobody_knows_reaches_the_only_shop_or_is_asked_which_of_a_few() {
        assert_eq!(route(&Known::default()), Route::Nowhere);
        let of = |count: u128| Known { all: (1..=count).map(shop).collect(), ..Known::default() };
        assert_eq!(route(&of(1)), Route::To(shop(1)));
        assert_eq!(route(&of(3)), Route::Ask(vec![shop(1), shop(2), shop(3)]));
        assert_eq!(route(&of(6)), Route::Nowhere);
    }
}
