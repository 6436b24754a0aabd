//! How many businesses and customers there will be, and what they do.

use super::{Contradiction, Weight};
use crate::table::number;
use crate::{Activity, Assumptions, Market, Scenario, Section, Year};

pub(super) fn list(assumed: &Assumptions) -> Vec<Contradiction> {
    vec![
        churn(),
        left_out(),
        referral(),
        market(),
        share(),
        conservative(),
        total_market(assumed),
        enrolled(assumed),
        peak(assumed),
        joins(assumed),
        in_the_peak_hour(assumed),
        panels(assumed),
    ]
}

fn churn() -> Contradiction {
    let ends = Scenario::ALL.map(|scenario| number(scenario.rolled()[7]));
    Contradiction {
        subject: "Businesses after churn",
        places: vec![Section::Scenarios],
        says:
            "1,200, 2,000 and 3,500 at the end of 2027, with 10 %, 5 % and 3 % of businesses leaving a month"
                .to_owned(),
        follows: format!("{} from the tables' own new businesses", ends.join(", ")),
        plan: "2,000 in year 3".to_owned(),
        why: "The larger number of the planned case: what is sized for 2,000 holds fewer. Revenue should be told with the smaller.",
        weight: Weight::Decides,
    }
}

fn left_out() -> Contradiction {
    let [before, after] = [Scenario::Realistic.rows()[3], Scenario::Realistic.rows()[4]];
    Contradiction {
        subject: "Quarters that are left out",
        places: vec![Section::Scenarios],
        says: format!(
            "{} businesses, {} new ones, {} half a year later",
            before.total, after.new, after.total
        ),
        follows: format!("{} at most, if nobody leaves", before.total + after.new),
        plan: format!("{} new ones in each of the two quarters", after.new),
        why: "From 2026 on a row is every second quarter, but its new businesses are one quarter's; with as many in the other the \
              totals nearly come out.",
        weight: Weight::Differs,
    }
}

fn referral() -> Contradiction {
    let growth = Scenario::ALL.map(|scenario| format!("{:.2}", scenario.yearly_growth_by_referral()));
    Contradiction {
        subject: "Growth by word of mouth",
        places: vec![Section::Scenarios, Section::Conclusion],
        says: "10 to 2,000 businesses in three years, \"achievable with 1.5x viral coefficient\"".to_owned(),
        follows: format!(
            "1.2, 1.5 and 2.0 over the life that 10 %, 5 % and 3 % churn leave are × {} a year; the tables have × 5 and × 4",
            growth.join(", ")
        ),
        plan: "The tables' totals, with nothing said of where they come from".to_owned(),
        why: "Size depends on how many come, not on why. Sales must bring nearly all of them.",
        weight: Weight::Differs,
    }
}

fn market() -> Contradiction {
    let market = Market::PERU;
    let fifth = Year::Five.businesses() as f64;
    Contradiction {
        subject: "Year 5 against the market",
        places: vec![Section::Market, Section::Database, Section::Conclusion],
        says: format!(
            "{} businesses in year 5; the market of five years is {}",
            number(fifth),
            number(market.serviceable)
        ),
        follows: format!(
            "{} % of the targets, where 10 % is called realistic; the aggressive case has {} % of the market after three years",
            number(fifth / market.targets * 100.0),
            number(Scenario::Aggressive.share_of_market() * 100.0)
        ),
        plan: number(fifth),
        why: "An upper bound: it shows that nothing must be built anew. Nobody should buy for it.",
        weight: Weight::Decides,
    }
}

fn share() -> Contradiction {
    let market = Market::PERU;
    let shares =
        [100.0, 500.0, 2_000.0].map(|businesses| format!("{:.1} %", businesses / market.serviceable * 100.0));
    Contradiction {
        subject: "Share of the serviceable market",
        places: vec![Section::Market],
        says: "0.33 %, 1.67 %, 6.67 % \"of SAM\" in years 1, 2, 3".to_owned(),
        follows: format!("{} of 3,000; the document divides by the 30,000 targets", shares.join(", ")),
        plan: "None of them".to_owned(),
        why: "No size depends on it; the plan takes two thirds of its market in three years, which is worth knowing.",
        weight: Weight::Differs,
    }
}

fn conservative() -> Contradiction {
    let totals =
        |scenario: Scenario| [3, 5, 7].map(|at: usize| number(scenario.rows()[at].total as f64)).join(", ");
    Contradiction {
        subject: "What is conservative",
        places: vec![Section::Market, Section::Scenarios],
        says: "100, 500, 2,000 are the \"Conservative 3-Year Target\"".to_owned(),
        follows: format!(
            "The conservative scenario has {}; these are the realistic one's {}",
            totals(Scenario::Conservative),
            totals(Scenario::Realistic)
        ),
        plan: totals(Scenario::Realistic),
        why: "It is what the document says it plans with.",
        weight: Weight::Differs,
    }
}

fn total_market(assumed: &Assumptions) -> Contradiction {
    let yearly = Market::monthly_revenue(Market::PERU.segment_digital, assumed) * 12.0 / 1e6;
    Contradiction {
        subject: "Total market a year",
        places: vec![Section::Market],
        says: "$43.8M".to_owned(),
        follows: format!("${yearly:.2}M"),
        plan: "None".to_owned(),
        why: "Twelve times a rounded month.",
        weight: Weight::Slip,
    }
}

fn enrolled(assumed: &Assumptions) -> Contradiction {
    let activity = Activity::of(2_000, assumed);
    Contradiction {
        subject: "Customers that hold a card",
        places: vec![Section::Customers, Section::AppleWallet, Section::Files],
        says: "30-40 % get a digital card; visits, updates and passes are counted for all 100,000".to_owned(),
        follows: format!(
            "{} cards and {} stamps a day, if 50 customers a business are all it has",
            number(activity.customers * assumed.enrolled.value),
            number(activity.stamps_a_day * assumed.enrolled.value)
        ),
        plan: format!(
            "{} cards and {} stamps a day",
            number(activity.customers),
            number(activity.stamps_a_day)
        ),
        why: "Every table counts 50 as card holders; so the 50 are already the third that joined. It is the larger number too.",
        weight: Weight::Decides,
    }
}

fn peak(assumed: &Assumptions) -> Contradiction {
    let in_peaks = assumed.peak_factor.value * assumed.peak_hours.value / assumed.open_hours.value;
    Contradiction {
        subject: "Peak factor",
        places: vec![Section::Customers, Section::AppleWallet],
        says: "Three times the mean hour of 12, at lunch and in the evening, 4 hours in all".to_owned(),
        follows: format!(
            "{} % of the day's stamps fall into these 4 hours, none into the other 8",
            number(in_peaks * 100.0)
        ),
        plan: "Three times".to_owned(),
        why: "It is the most that a peak of four hours can be.",
        weight: Weight::Differs,
    }
}

fn joins(assumed: &Assumptions) -> Contradiction {
    let computed = Scenario::Realistic.peak_enrollments(assumed);
    Contradiction {
        subject: "Enrollments in the peak hour",
        places: vec![Section::Database, Section::Outbound, Section::Customers],
        says: "150 an hour in year 3, without a derivation".to_owned(),
        follows: format!(
            "{} an hour: 500 new businesses a quarter, 50 customers each, the peak factor of stamps",
            number(computed)
        ),
        plan: "150 an hour where it is computed, 2.5 a second in the load test".to_owned(),
        why: "Customers join in the days after a shop begins, so they come in heaps.",
        weight: Weight::Differs,
    }
}

fn in_the_peak_hour(assumed: &Assumptions) -> Contradiction {
    let activity = Activity::of(2_000, assumed);
    Contradiction {
        subject: "Who looks in the peak hour",
        places: vec![Section::Owners, Section::Database],
        says: "280 dashboards an hour \"(70 % DAB)\", 400 campaign views \"(20 % DAB)\"".to_owned(),
        follows: format!(
            "70 % and 20 % of {} are {} and {}; 280 and 400 are 20 % and 28.6 %, the ends of \"Peak Hour Usage\"",
            number(activity.daily_active),
            number(activity.daily_active * 0.70),
            number(activity.daily_active * 0.20)
        ),
        plan: "280 and 400".to_owned(),
        why: "The labels are wrong, not the numbers: the owners' table has the same two.",
        weight: Weight::Slip,
    }
}

fn panels(assumed: &Assumptions) -> Contradiction {
    let activity = Activity::of(2_000, assumed);
    Contradiction {
        subject: "Panels open at once",
        places: vec![Section::WebSockets, Section::Owners],
        says: format!(
            "{} at once; 280-400 businesses use the platform in the peak hour",
            number(activity.panels)
        ),
        follows: format!(
            "{} at most, if only those who use it have it open",
            number(activity.daily_active * 0.286)
        ),
        plan: format!("{} and {} tills", number(activity.panels), number(activity.tills)),
        why: "A panel stays open on the counter while nobody looks, and a socket costs 15 KB.",
        weight: Weight::Differs,
    }
}
