//! "Market Analysis & TAM/SAM/SOM".

use growth::{Market, Scenario};

use crate::{cell, is, is_off_by, said, sheet};

const MARKET: &str = "The market";

#[test]
fn the_market_is_cut_down_as_the_document_does() {
    let lines = sheet(MARKET).lines;
    let others = lines.iter().filter(|line| !line.name.starts_with('%') && line.name != "US$ a year, all");
    for line in others {
        assert!(!line.cells[0].differs(), "{line:?}");
    }
}

#[test]
fn a_year_of_the_whole_market_is_rounded_months() {
    let [month, year] = ["US$ a month, all", "US$ a year, all"].map(|line| cell(MARKET, line, "document"));
    is(month.least * 12.0, year.least, 0.5);
    is(year.follows.unwrap(), year.least, 60_001.0);
}

#[test]
fn the_shares_of_the_market_are_shares_of_the_targets_instead() {
    for (line, column) in
        [("% of it in year 1", "year 1"), ("% of it in year 2", "year 2"), ("% of it in year 3", "year 3")]
    {
        let (businesses, share) =
            (said("Key projections", "businesses", column), cell(MARKET, line, "document"));
        is(businesses / Market::PERU.targets * 100.0, share.least, 0.005);
        is_off_by(share.least, share.follows.unwrap(), 0.1);
    }
}

#[test]
fn year_five_does_not_fit_into_the_market_of_five_years() {
    assert!(growth::Year::Five.businesses() as f64 > 3.0 * Market::PERU.serviceable);
    assert!(Scenario::Aggressive.share_of_market() > 1.0);
    is(Scenario::Realistic.share_of_market(), 2.0 / 3.0, 0.001);
}
