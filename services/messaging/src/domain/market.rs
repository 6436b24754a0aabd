//! Where WhatsApp's rate card says that somebody lives, and what a message there costs.
//!
//! Meta prices by the country of whoever receives, not of whoever sends. The card of 1 October 2026, per delivered message, in
//! ten-thousandths of a US dollar; replies and codes cost as much as utility. Not read from Meta's file, whose address expires:
//! from a public hand copy of it (looked at on 27 November 2026); another copy agrees on the seven markets that it has. Discounts
//! for volume and the first thousand free replies of a number are left out, so that no budget is passed.

use super::address::Address;

/// Prices of one market.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Market {
    /// To bring somebody back.
    pub(super) marketing: i64,
    /// Everything else.
    pub(super) utility: i64,
}

/// A line of the card: its prices, and whom it is for, each by what hidden numbers and visible ones begin with.
type Line = (Market, &'static [(&'static str, &'static str)]);

const fn at(marketing: i64, utility: i64) -> Market {
    Market { marketing, utility }
}

/// Where one dialling code is several countries', the longer beginning decides. Puerto Rico and the islands share +1 with the
/// United States and Canada.
static CARD: [Line; 42] = [
    (Market::PERU, &[("PE", "51")]),
    (Market::NORTH_AMERICA, &[("US", "1"), ("CA", "1")]),
    (
        at(740, 113),
        &[
            ("BO", "591"),
            ("CR", "506"),
            ("DO", "1809"),
            ("DO", "1829"),
            ("DO", "1849"),
            ("EC", "593"),
            ("GT", "502"),
            ("HN", "504"),
            ("HT", "509"),
            ("JM", "1876"),
            ("JM", "1658"),
            ("NI", "505"),
            ("PA", "507"),
            ("PR", "1787"),
            ("PR", "1939"),
            ("PY", "595"),
            ("SV", "503"),
            ("UY", "598"),
            ("VE", "58"),
        ],
    ),
    (
        // Whose line they stand on was not found out: as anybody not named.
        Market::ELSEWHERE,
        &[
            ("BS", "1242"),
            ("BB", "1246"),
            ("AI", "1264"),
            ("AG", "1268"),
            ("VG", "1284"),
            ("VI", "1340"),
            ("KY", "1345"),
            ("BM", "1441"),
            ("GD", "1473"),
            ("TC", "1649"),
            ("MS", "1664"),
            ("MP", "1670"),
            ("GU", "1671"),
            ("AS", "1684"),
            ("SX", "1721"),
            ("LC", "1758"),
            ("DM", "1767"),
            ("VC", "1784"),
            ("TT", "1868"),
            ("KN", "1869"),
        ],
    ),
    (at(618, 260), &[("AR", "54")]),
    (at(625, 68), &[("BR", "55")]),
    (at(889, 200), &[("CL", "56")]),
    (at(125, 8), &[("CO", "57")]),
    (at(397, 85), &[("MX", "52")]),
    (at(707, 200), &[("ES", "34")]),
    (at(859, 300), &[("FR", "33")]),
    (at(1_365, 550), &[("DE", "49")]),
    (at(860, 350), &[("HU", "36")]),
    (at(795, 300), &[("IT", "39")]),
    (at(1_597, 500), &[("NL", "31")]),
    (at(366, 122), &[("PL", "48")]),
    (at(860, 290), &[("RO", "40")]),
    (at(860, 298), &[("UA", "380")]),
    (at(635, 220), &[("GB", "44")]),
    (at(802, 400), &[("RU", "7")]),
    (at(604, 180), &[("KZ", "76"), ("KZ", "77")]),
    (at(109, 9), &[("TR", "90")]),
    (at(353, 53), &[("IL", "972")]),
    (at(341, 79), &[("IQ", "964")]),
    (at(792, 440), &[("KW", "965")]),
    (at(341, 247), &[("OM", "968")]),
    (at(341, 120), &[("QA", "974")]),
    (at(576, 107), &[("SA", "966")]),
    (at(576, 157), &[("AE", "971")]),
    (at(644, 36), &[("EG", "20")]),
    (at(414, 230), &[("MA", "212")]),
    (at(516, 67), &[("NG", "234")]),
    (at(379, 95), &[("ZA", "27")]),
    (at(732, 37), &[("BD", "880")]),
    (at(732, 260), &[("HK", "852")]),
    (at(118, 14), &[("IN", "91")]),
    (at(411, 250), &[("ID", "62")]),
    (at(860, 140), &[("MY", "60")]),
    (at(732, 34), &[("NP", "977")]),
    (at(473, 150), &[("PK", "92")]),
    (at(732, 160), &[("SG", "65")]),
    (at(732, 20), &[("LK", "94")]),
];

impl Market {
    /// Where the shops are, and nearly all of their customers: what is quoted before anybody's number is known.
    pub const PERU: Self = at(703, 300);
    /// The United States and Canada, which their numbers do not tell apart without lists that change.
    pub const NORTH_AMERICA: Self = at(250, 34);
    /// Whoever the card puts into a "rest of": of its groups the dearest, Central and Eastern Europe.
    pub const ELSEWHERE: Self = at(860, 212);
    /// More than anywhere: Dutch marketing, German utility.
    pub const DEAREST: Self = at(1_597, 550);
    /// Less than anywhere: Turkish marketing, Colombian utility.
    pub const CHEAPEST: Self = at(109, 8);

    /// Where an address is at home. A hidden number says so itself (`PE.…`); one that says nothing may be anywhere and is
    /// reserved for as if it were where it costs most, because a budget must hold.
    pub fn of(address: &Address) -> Self {
        let written = address.as_str();
        if let Some(digits) = written.strip_prefix('+') {
            return found(|(_, code)| digits.starts_with(code).then_some(code.len()))
                .unwrap_or(Self::ELSEWHERE);
        }
        match written.split_once('.') {
            Some((country, _)) if is_country(country) => {
                found(|(known, _)| (known == country).then_some(0)).unwrap_or(Self::ELSEWHERE)
            }
            _ => Self::DEAREST,
        }
    }

    /// Whether marketing that WhatsApp did not deliver there will not be delivered later either: Meta delivers none to the United
    /// States since April 2025. Canadian numbers are taken for theirs.
    pub fn is_closed_to_marketing(self) -> bool {
        self == Self::NORTH_AMERICA
    }
}

fn is_country(text: &str) -> bool {
    text.len() == 2 && text.bytes().all(|letter| letter.is_ascii_uppercase())
}

/// The market that fits best.
fn found(fit: impl Fn((&'static str, &'static str)) -> Option<usize>) -> Option<Market> {
    let lines = CARD.iter().flat_map(|(market, named)| named.iter().map(move |of| (*of, *market)));
    lines
        .filter_map(|(of, market)| Some((fit(of)?, market)))
        .max_by_key(|(fit, _)| *fit)
        .map(|(_, found)| found)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn of(address: &str) -> Market {
        Market::of(&Address::from_provider(address).unwrap())
    }

    #[test]
    fn a_number_is_priced_where_it_is_at_home() {
        for (number, market) in [
            ("+51987654321", Market::PERU),
            ("+56961234567", at(889, 200)),
            ("+573001234567", at(125, 8)),
            ("+34612345678", at(707, 200)),
            ("+593991234567", at(740, 113)),
            ("+59171234567", at(740, 113)),
            ("+14155552671", Market::NORTH_AMERICA),
            ("+351912345678", Market::ELSEWHERE),
        ] {
            assert_eq!(of(&format!("whatsapp:{number}")), market, "{number}");
        }
    }

    #[test]
    fn the_longer_beginning_decides_between_countries_that_share_one() {
        assert_eq!((of("+18095551234"), of("+17875551234")), (at(740, 113), at(740, 113)));
        assert_eq!((of("+77011234567"), of("+79161234567")), (at(604, 180), at(802, 400)));
        assert!(of("+14155552671").is_closed_to_marketing() && !of("+18095551234").is_closed_to_marketing());
    }

    #[test]
    fn a_hidden_number_says_where_it_is_at_home_or_costs_the_most() {
        assert_eq!((of("whatsapp:PE.8fh2AbC"), of("CL.8fh2AbC")), (Market::PERU, at(889, 200)));
        assert_eq!(of("PT.8fh2AbC"), Market::ELSEWHERE);
        assert_eq!(
            (of("8fh2AbC"), of("pe.8fh2AbC"), of("PER.8fh2")),
            (Market::DEAREST, Market::DEAREST, Market::DEAREST)
        );
        assert!(of("US.8fh2AbC").is_closed_to_marketing());
    }

    #[test]
    fn no_line_of_the_card_is_dearer_than_the_dearest_or_cheaper_than_the_cheapest() {
        let marketing: Vec<i64> = CARD.iter().map(|(market, _)| market.marketing).collect();
        let utility: Vec<i64> = CARD.iter().map(|(market, _)| market.utility).collect();
        let (least, most) = (Market::CHEAPEST, Market::DEAREST);
        assert_eq!(
            (marketing.iter().min(), marketing.iter().max()),
            (Some(&least.marketing), Some(&most.marketing))
        );
        assert_eq!((utility.iter().min(), utility.iter().max()), (Some(&least.utility), Some(&most.utility)));
    }

    proptest! {
        /// Whatever the address, it has a price, and never one above the dearest.
        #[test]
        fn everybody_has_a_price(text in "[+A-Z0-9.]{1,30}") {
            let market = of(&text);
            prop_assert!(market.marketing > 0 && market.utility > 0);
            prop_assert!(market.marketing <= Market::DEAREST.marketing && market.utility <= Market::DEAREST.utility);
        }
    }
}
