//! "Campaign Activity" and "WhatsApp Business API".

use growth::{Activity, Messages, Tier, Year, steps};
use proptest::prelude::*;

use crate::{PLANNED, is, is_off_by};

fn counted(businesses: u64) -> Messages {
    Messages::as_the_document_counts(businesses, &PLANNED)
}

/// Rounded to whole messages.
#[test]
fn messages_of_years_two_and_three_are_the_documents() {
    for (year, triggered, blasts, a_day) in
        [(Year::Two, 3_375.0, 1_000.0, 146.0), (Year::Three, 13_500.0, 4_000.0, 583.0)]
    {
        let messages = counted(year.businesses());
        is(messages.triggered, triggered, 0.5);
        is(messages.blasted, blasts, 0.5);
        is(messages.a_day, a_day, 0.5);
    }
}

#[test]
fn messages_of_year_one_do_not_follow() {
    let messages = counted(Year::One.businesses());
    is(messages.triggered, 709.0, 0.5);
    assert!((messages.triggered - 630.0).abs() > 70.0);
    is((630.0 + 210.0) / 30.0, 28.0, 0.0);
    is(messages.a_day, 30.6, 0.1);
}

#[test]
fn the_active_customers_of_the_campaigns_table_are_not_those_of_the_stamps_table() {
    for (year, written) in [(Year::One, 1_800.0), (Year::Two, 9_643.0), (Year::Three, 38_571.0)] {
        let activity = Activity::of(year.businesses(), &PLANNED);
        assert!(written < activity.active_customers * 0.9);
    }
    // They were made to fit: 35 % of them are 30 % of the others.
    is(9_643.0 * 0.35, 3_375.0, 0.5);
    is(38_571.0 * 0.35, 13_500.0, 0.5);
}

#[test]
fn a_blast_to_a_shop_is_fifty_messages_and_not_one() {
    let messages = Messages::of(2_000, &PLANNED);
    is(messages.blasted, 200_000.0, 0.5);
    is_off_by(messages.a_day, 583.0, 12.33);
}

#[test]
fn the_summarys_messages_break_the_pause_of_seven_days() {
    for (year, least) in [(Year::Two, 5_000.0), (Year::Three, 50_000.0)] {
        assert!(Messages::of(year.businesses(), &PLANNED).most_a_day < least);
    }
    is(Messages::of(2_000, &PLANNED).most_a_day, 14_286.0, 0.5);
}

/// Rounded to whole messages.
#[test]
fn the_growth_path_follows_but_for_q2_2026() {
    for (businesses, written) in [(500, 146.0), (1_000, 292.0), (2_000, 583.0), (10_000, 2_917.0)] {
        is(counted(businesses).a_day, written, 0.5);
    }
    is(counted(240).a_day, 70.0, 0.5);
    is(146.0 / 2.0, 73.0, 0.0);
}

#[test]
fn the_documents_tiers_fit_its_mean_days() {
    for (a_day, tier) in
        [(28.0, 0), (73.0, 0), (146.0, 0), (292.0, 1), (583.0, 1), (2_917.0, 2), (100_000.0, 3)]
    {
        assert_eq!(Tier::needed_of_the_document(a_day), Some(tier), "{a_day}");
    }
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
    is(counted(2_000).monthly_cost(PLANNED.service_price.value, &PLANNED), 175.0, 0.5);
    is(counted(10_000).monthly_cost(PLANNED.service_price.value, &PLANNED), 875.0, 0.5);
}

#[test]
fn the_bills_messages_are_those_of_two_years_later() {
    let first = counted(105).monthly_cost(PLANNED.service_price.value, &PLANNED);
    is_off_by(175.0, first, 19.0);
    is_off_by(875.0, counted(2_000).monthly_cost(PLANNED.service_price.value, &PLANNED), 5.0);
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
