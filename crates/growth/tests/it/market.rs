//! "Market Analysis & TAM/SAM/SOM".

use growth::{Market, Scenario};

use crate::{PLANNED, is, is_off_by};

#[test]
fn the_market_is_cut_down_as_the_document_does() {
    let market = Market::PERU;
    is(market.digital, 202_500.0, 0.5);
    is(market.lima, 81_000.0, 0.5);
    is(market.segment, 750_000.0, 0.5);
    is(market.segment_digital, 60_750.0, 0.5);
    is(market.segment_lima, 24_300.0, 0.5);
    is(market.serviceable, 3_000.0, 0.5);
}

#[test]
fn the_markets_are_worth_what_the_document_says_but_for_a_rounded_year() {
    let month = Market::monthly_revenue(Market::PERU.segment_digital, &PLANNED);
    is(month, 3_650_000.0, 5_000.0);
    is(month * 12.0, 43_740_000.0, 1.0);
    is(month * 12.0, 43_800_000.0, 60_000.0 + 1.0);
    let serviceable = Market::monthly_revenue(Market::PERU.serviceable, &PLANNED);
    is(serviceable, 180_000.0, 0.5);
    is(serviceable * 12.0, 2_160_000.0, 0.5);
}

#[test]
fn the_shares_of_the_market_are_shares_of_the_targets_instead() {
    for (businesses, written) in [(100.0, 0.33), (500.0, 1.67), (2_000.0, 6.67)] {
        is(businesses / Market::PERU.targets * 100.0, written, 0.005);
        is_off_by(written, businesses / Market::PERU.serviceable * 100.0, 0.1);
    }
}

#[test]
fn year_five_does_not_fit_into_the_market_of_five_years() {
    assert!(growth::Year::Five.businesses() as f64 > 3.0 * Market::PERU.serviceable);
    assert!(Scenario::Aggressive.share_of_market() > 1.0);
    is(Scenario::Realistic.share_of_market(), 2.0 / 3.0, 0.001);
}
