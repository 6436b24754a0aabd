//! Whose customer is writing, where several shops write from one number.

use chrono::{DateTime, Utc};
use kernel::BusinessId;

use super::meaning::{LONGEST, plain, without_courtesy};

/// A shop, and when it wrote to her or she chose it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dealt {
    /// Which.
    pub business: BusinessId,
    /// When.
    pub at: DateTime<Utc>,
}

/// What is known about a message that came in.
#[derive(Clone, Debug, Default)]
pub struct Known {
    /// The shop whose message she answered.
    pub answered: Option<BusinessId>,
    /// The shop she chose when she was asked, less than a day ago.
    pub chosen: Option<Dealt>,
    /// Shops that wrote to her within 24 hours, the latest first, and when each did last.
    pub wrote: Vec<Dealt>,
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
    /// She is known nowhere, and the shops are too many to be listed: she is asked for the name of hers.
    Name(Vec<BusinessId>),
    /// Nobody's: no shop writes from this number.
    Nowhere,
}

/// Shops that are offered at most: her answer is one digit.
const MOST_OPTIONS: usize = 5;

/// Decides.
pub fn route(known: &Known) -> Route {
    if let Some(business) = known.answered.or(still_chosen(known)) {
        return Route::To(business);
    }
    let wrote: Vec<BusinessId> = known.wrote.iter().map(|wrote| wrote.business).collect();
    let candidates = if wrote.is_empty() { &known.known_at } else { &wrote };
    match candidates.as_slice() {
        // Somebody new asks at the shops there are, if they are few enough to be told.
        [] => match known.all.as_slice() {
            [] => Route::Nowhere,
            [only] => Route::To(*only),
            few if few.len() <= MOST_OPTIONS => Route::Ask(few.to_vec()),
            many => Route::Name(many.to_vec()),
        },
        [only] => Route::To(*only),
        several => Route::Ask(several.iter().copied().take(MOST_OPTIONS).collect()),
    }
}

/// The shop she chose, unless another has written to her since: it may be that one that she answers.
fn still_chosen(known: &Known) -> Option<BusinessId> {
    let chosen = known.chosen?;
    let is_before = |wrote: &Dealt| wrote.business == chosen.business || wrote.at <= chosen.at;
    known.wrote.iter().all(is_before).then_some(chosen.business)
}

/// Letters of part of a name that tell anything.
const LEAST_LETTERS: usize = 3;

/// The shops that she names, each with its name: by all of it, else by a name that stands in what she wrote, else by a name in
/// which all that she wrote stands. More than can be offered are as good as none. Accents and capitals do not count.
pub fn named(text: &str, shops: &[(BusinessId, String)]) -> Vec<BusinessId> {
    let said = folded(&text.chars().take(LONGEST).collect::<String>());
    let names: Vec<(BusinessId, String)> = shops
        .iter()
        .map(|(business, name)| (*business, folded(name)))
        .filter(|(_, name)| !name.is_empty())
        .collect();
    let bare = without_courtesy(&said);
    let are_enough = bare.chars().filter(|letter| *letter != ' ').count() >= LEAST_LETTERS;
    let whole: Vec<&(BusinessId, String)> = names.iter().filter(|(_, name)| *name == said).collect();
    let within: Vec<&(BusinessId, String)> = names.iter().filter(|(_, name)| holds(&said, name)).collect();
    let found: Vec<BusinessId> = if !whole.is_empty() {
        ids(&whole)
    } else if !within.is_empty() {
        // "Café" stands in "Café Luna": it is the longer one that she means.
        let longest = |name: &String| !within.iter().any(|(_, other)| other != name && holds(other, name));
        ids(&within.iter().copied().filter(|(_, name)| longest(name)).collect::<Vec<_>>())
    } else if are_enough {
        ids(&names
            .iter()
            .filter(|(_, name)| bare.split(' ').all(|word| holds(name, word)))
            .collect::<Vec<_>>())
    } else {
        Vec::new()
    };
    if found.len() > MOST_OPTIONS { Vec::new() } else { found }
}

fn ids(shops: &[&(BusinessId, String)]) -> Vec<BusinessId> {
    shops.iter().map(|(business, _)| *business).collect()
}

/// As it is compared: many keyboards have no ñ.
fn folded(text: &str) -> String {
    plain(text).replace('ñ', "n")
}

/// Whether these words stand in a text, one after the other.
fn holds(text: &str, words: &str) -> bool {
    format!(" {text} ").contains(&format!(" {words} "))
}

/// Who answers somebody whom no shop knows, and pays for it: for each address another, so that it is not always the same one's
/// money, and for one address always the same.
pub fn in_turn(shops: &[BusinessId], address: &[u8]) -> Option<BusinessId> {
    let number =
        address.iter().fold(0_usize, |sum, byte| sum.wrapping_mul(31).wrapping_add(usize::from(*byte)));
    shops.get(number.checked_rem(shops.len())?).copied()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn shop(number: u128) -> BusinessId {
        uuid::Uuid::from_u128(number).into()
    }

    /// A shop, at an hour of the day.
    fn at(number: u128, hour: u32) -> Dealt {
        let day = chrono::NaiveDate::from_ymd_opt(2026, 11, 27).unwrap();
        Dealt { business: shop(number), at: day.and_hms_opt(hour, 0, 0).unwrap().and_utc() }
    }

    #[test]
    fn the_message_she_answers_says_whose_she_is() {
        let known = Known { answered: Some(shop(1)), wrote: vec![at(2, 9), at(3, 8)], ..Known::default() };
        assert_eq!(route(&known), Route::To(shop(1)));
    }

    #[test]
    fn the_only_shop_that_wrote_is_meant() {
        let known = Known { wrote: vec![at(2, 9)], known_at: vec![shop(2), shop(3)], ..Known::default() };
        assert_eq!(route(&known), Route::To(shop(2)));
    }

    #[test]
    fn between_several_she_is_asked_once() {
        let known = Known { wrote: vec![at(2, 9), at(3, 8)], ..Known::default() };
        assert_eq!(route(&known), Route::Ask(vec![shop(2), shop(3)]));
        let known = Known { chosen: Some(at(3, 10)), ..known };
        assert_eq!(route(&known), Route::To(shop(3)));
        // That one may answer her as often as it likes.
        let known = Known { wrote: vec![at(3, 11), at(2, 9)], ..known };
        assert_eq!(route(&known), Route::To(shop(3)));
    }

    #[test]
    fn her_choice_holds_until_another_shop_writes_to_her() {
        let known = Known { chosen: Some(at(3, 10)), wrote: vec![at(2, 12)], ..Known::default() };
        assert_eq!(route(&known), Route::To(shop(2)), "the only one that has written");
        let known = Known { wrote: vec![at(2, 12), at(3, 11)], ..known };
        assert_eq!(route(&known), Route::Ask(vec![shop(2), shop(3)]));
    }

    #[test]
    fn whom_nobody_knows_reaches_the_only_shop_or_is_asked_which_of_a_few() {
        assert_eq!(route(&Known::default()), Route::Nowhere);
        let of = |count: u128| Known { all: (1..=count).map(shop).collect(), ..Known::default() };
        assert_eq!(route(&of(1)), Route::To(shop(1)));
        assert_eq!(route(&of(3)), Route::Ask(vec![shop(1), shop(2), shop(3)]));
        assert_eq!(route(&of(6)), Route::Name((1..=6).map(shop).collect()));
    }

    fn street() -> Vec<(BusinessId, String)> {
        let names =
            ["Café", "Café Luna", "Café Sol", "Peña El Ñandú", "Bodega Rosita", "Peluquería Rosa", "¡!"];
        (1..).zip(names).map(|(number, name)| (shop(number), name.to_owned())).collect()
    }

    #[test]
    fn a_shop_is_known_by_its_name_however_it_is_written() {
        for (said, numbers) in [
            ("Café Luna", vec![2]),
            ("CAFE LUNA.", vec![2]),
            ("cafe", vec![1]),
            ("Hola, le escribo a café luna porfa", vec![2]),
            ("pena el nandu", vec![4]),
            ("luna", vec![2]),
            ("Hola, rosita", vec![5]),
            ("Café Sol o Bodega Rosita", vec![3, 5]),
        ] {
            let found: Vec<BusinessId> = numbers.into_iter().map(shop).collect();
            assert_eq!(named(said, &street()), found, "{said}");
        }
    }

    #[test]
    fn what_names_no_shop_names_none() {
        for said in ["", "¡!", "¿abren hoy?", "el", "ros", "lunares", "😀"] {
            assert!(named(said, &street()).is_empty(), "{said}");
        }
        // As good as none: six shops of one name cannot be told apart by it.
        let six: Vec<_> = (1..=6).map(|number| (shop(number), format!("Bodega {number}"))).collect();
        assert!(named("bodega", &six).is_empty());
    }

    #[test]
    fn strangers_are_answered_by_one_shop_and_then_by_another() {
        let all: Vec<BusinessId> = (1..=6).map(shop).collect();
        let of: std::collections::BTreeSet<_> = (0..60_u8).map(|byte| in_turn(&all, &[byte, 7])).collect();
        assert_eq!((of.len(), of.contains(&None)), (6, false));
        assert_eq!(in_turn(&[], &[1]), None);
    }

    proptest! {
        /// Whatever she writes and whatever shops are called, reading it never panics; a shop's whole name names it.
        #[test]
        fn naming_is_total(text in "\\PC{0,60}", names in prop::collection::vec("\\PC{0,20}", 0..8)) {
            let shops: Vec<_> = (1..).zip(&names).map(|(number, name)| (shop(number), name.clone())).collect();
            prop_assert!(named(&text, &shops).len() <= MOST_OPTIONS);
        }

        #[test]
        fn its_whole_name_in_capitals_names_a_shop(at in 0..6_usize) {
            let street = street();
            prop_assert_eq!(named(&street[at].1.to_uppercase(), &street), vec![street[at].0]);
        }
    }
}
