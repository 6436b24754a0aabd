//! "Campaign Activity" and "WhatsApp Business API".

use std::collections::BTreeMap;

use growth::{Activity, Messages, Scenario, Tier, Year, steps};
use proptest::prelude::*;

use crate::{PLANNED, cell, is, is_off_by, said, sheet};

const PATH: &str = "Growth path";

fn counted(businesses: u64) -> Messages {
    Messages::as_the_document_counts(businesses, &PLANNED)
}

fn written(column: &str) -> [f64; 3] {
    ["Q4 2025", "Q4 2026", "Q4 2027"].map(|line| said("Messages of a day", line, column))
}

/// Rounded to whole messages.
#[test]
fn messages_of_years_two_and_three_are_the_documents() {
    let (at_risk, blasts, a_day) =
        (written("at risk a month"), written("blasts a month"), written("messages a day"));
    for (at, year) in [Year::One, Year::Two, Year::Three].into_iter().enumerate().skip(1) {
        let messages = counted(year.businesses());
        is(messages.triggered, at_risk[at], 0.5);
        is(messages.blasted, blasts[at], 0.5);
        is(messages.a_day, a_day[at], 0.5);
    }
}

#[test]
fn messages_of_year_one_do_not_follow() {
    let messages = counted(Year::One.businesses());
    let [at_risk, ..] = written("at risk a month");
    let ([blasts, ..], [a_day, ..]) = (written("blasts a month"), written("messages a day"));
    is(messages.triggered, 709.0, 0.5);
    assert!((messages.triggered - at_risk).abs() > 70.0);
    is((at_risk + blasts) / 30.0, a_day, 0.0);
    is(messages.a_day, 30.6, 0.1);
}

#[test]
fn the_active_customers_of_the_campaigns_table_are_not_those_of_the_stamps_table() {
    let (active, at_risk) = (written("active"), written("at risk a month"));
    for (year, active) in [Year::One, Year::Two, Year::Three].into_iter().zip(active) {
        let activity = Activity::of(year.businesses(), &PLANNED);
        assert!(active < activity.active_customers * 0.9);
    }
    // They were made to fit: 35 % of them are 30 % of the others.
    is(active[1] * 0.35, at_risk[1], 0.5);
    is(active[2] * 0.35, at_risk[2], 0.5);
}

#[test]
fn a_blast_to_a_shop_is_fifty_messages_and_not_one() {
    let messages = Messages::of(2_000, &PLANNED);
    is(messages.blasted, 200_000.0, 0.5);
    is_off_by(messages.a_day, written("messages a day")[2], 12.33);
}

#[test]
fn what_follows_in_a_row_adds_up_and_both_tables_say_the_same() {
    for line in ["Q4 2025", "Q4 2026", "Q4 2027"] {
        let follows = |title, column| cell(title, line, column).follows.unwrap();
        let of_a_month =
            ["at risk a month", "blasts a month"].map(|column| follows("Messages of a day", column));
        let a_day = follows("Messages of a day", "messages a day");
        is(of_a_month.iter().sum(), a_day * PLANNED.days.value, 0.5);
        is(follows(PATH, "messages a day"), a_day, 0.0);
    }
}

#[test]
fn the_summarys_messages_break_the_pause_of_seven_days() {
    for (year, column) in [(Year::Two, "year 2"), (Year::Three, "year 3")] {
        let said = cell("Key projections", "messages a day", column);
        assert!(Messages::of(year.businesses(), &PLANNED).most_a_day < said.least);
    }
    is(Messages::of(2_000, &PLANNED).most_a_day, 14_286.0, 0.5);
}

/// Rounded to whole messages.
#[test]
fn the_growth_path_is_as_the_document_counts_but_for_its_first_quarters_and_follows_nowhere() {
    let ends = Scenario::Realistic.rows().map(|row| (row.name, row.total)).into_iter();
    let ends: BTreeMap<&str, u64> = ends.chain([(Year::Five.ends(), Year::Five.businesses())]).collect();
    for line in &sheet(PATH).lines {
        let (is_first, a_day) = (["Q4 2025", "Q2 2026"].contains(&line.name.as_str()), &line.cells[0]);
        let is_counted = (counted(ends[line.name.as_str()]).a_day - a_day.least).abs() <= a_day.rounding;
        assert_eq!(is_counted, !is_first, "{line:?}");
        assert!(a_day.differs(), "a blast is one message there: {line:?}");
    }
    is(counted(240).a_day, 70.0, 0.5);
    let a_day = |line| said(PATH, line, "messages a day");
    is(a_day("Q4 2026") / 2.0, a_day("Q2 2026"), 0.0);
}

#[test]
fn the_documents_tiers_fit_its_mean_days() {
    for line in &sheet(PATH).lines {
        let [a_day, tier] = [&line.cells[0], &line.cells[1]].map(|cell| cell.least);
        let needed = Tier::needed_of_the_document(a_day).map(|at| Tier::DOCUMENT[at] as f64);
        assert_eq!(needed, Some(tier), "{line:?}");
    }
    assert_eq!(Tier::needed_of_the_document(100_000.0), Some(3));
    assert_eq!(Tier::needed_of_the_document(100_001.0), None);
}

#[test]
fn the_tier_of_q4_2026_is_raised_by_itself() {
    assert!(counted(500).a_day >= 250.0 * PLANNED.tier_used.value);
}

#[test]
fn the_busiest_day_needs_a_larger_tier_from_the_first_year_on() {
    let tiers = Year::ALL.map(|year| Tier::needed(Messages::of(year.businesses(), &PLANNED).busiest_day));
    let expected =
        [Tier::TwoThousand, Tier::TenThousand, Tier::HundredThousand, Tier::HundredThousand, Tier::Unlimited];
    assert_eq!(tiers, expected);
}

#[test]
fn a_tier_is_outgrown_where_the_next_is_needed() {
    let steps = steps(&PLANNED);
    assert_eq!(steps.len(), 4);
    for step in &steps {
        let needed = |businesses| Tier::needed(Messages::of(businesses, &PLANNED).busiest_day);
        assert_eq!((needed(step.full_at - 1), needed(step.full_at)), (step.from, step.to));
        assert!(step.raised_at < step.full_at);
    }
    let quarters: Vec<_> = steps.iter().map(|step| step.by).collect();
    assert_eq!(quarters, [Some("Q2 2025"), Some("Q2 2026"), Some("Q2 2027"), Some("Q4 2029")]);
}

/// Rounded to whole dollars.
#[test]
fn the_costs_of_messages_are_the_documents_at_its_price() {
    for year in [Year::Three, Year::Five] {
        let cost = counted(year.businesses()).monthly_cost(PLANNED.service_price.value, &PLANNED);
        is(cost, said("Cost of messages", year.ends(), "US$ a month"), 0.5);
    }
}

#[test]
fn the_bills_messages_are_those_of_two_years_later() {
    for (column, times) in [("year 1", 19.0), ("year 3", 5.0)] {
        let twilio = cell("External services, US$ a month", "Twilio WhatsApp API", column);
        is_off_by(twilio.least, twilio.follows.unwrap(), times);
    }
}

proptest! {
    /// Nobody gets more than one message in seven days, and no day writes to more than there are.
    #[test]
    fn the_pause_holds(businesses in 0..u64::MAX, blasts in 0.0..1_000.0) {
        let mut assumed = PLANNED;
        assumed.blasts.value = blasts;
        let messages = Messages::of(businesses, &assumed);
        let customers = Activity::of(businesses, &assumed).customers;
        prop_assert!(messages.a_day <= customers / 7.0 + 1e-9);
        prop_assert!(messages.busiest_day <= customers);
    }

    /// More persons never need a smaller tier, and the one that is needed is enough.
    #[test]
    fn a_tier_is_enough(some in 0.0..1e12, more in 0.0..1e12) {
        let tier = Tier::needed(some);
        prop_assert!(tier <= Tier::needed(some + more));
        prop_assert!(tier.limit().is_none_or(|limit| some <= limit as f64));
    }
}
