//! The summary's table against the tables below it.

use super::{Contradiction, Weight};
use crate::table::number;
use crate::{Activity, Assumptions, Messages, Multiple, Section, Workload, Year, queries};

pub(super) fn list(assumed: &Assumptions) -> Vec<Contradiction> {
    vec![stamps(assumed), messages(assumed), database(assumed), revenue(assumed), first_year(assumed)]
}

fn stamps(assumed: &Assumptions) -> Contradiction {
    let [first, second, third] = [Year::One, Year::Two, Year::Three]
        .map(|year| Activity::of(year.businesses(), assumed).peak_stamps_a_minute());
    let planned =
        Workload::planned(Year::Three.businesses(), Multiple::ONE, assumed).rate(crate::Request::Stamp);
    // So many a minute at the peak, over the hours of a day without the peak factor, of every customer in a month.
    let visits = 800.0 * 60.0 / assumed.peak_factor.value * assumed.open_hours.value * assumed.days.value
        / Activity::of(Year::Three.businesses(), assumed).customers;
    Contradiction {
        subject: "Stamps a minute at the peak",
        places: vec![Section::Summary, Section::Customers],
        says: "20-30, 100-150, 500-800 in years 1, 2, 3; 18-20 in year 3 where it is computed".to_owned(),
        follows: format!(
            "{}, {}, {}; 800 would be {} visits a month of every customer, not {}",
            number(first),
            number(second),
            number(third),
            number(visits),
            number(assumed.visits.value)
        ),
        plan: format!("{} a minute in year 3, tested at three times that", number(planned * 60.0)),
        why: "The API table's row, read as it stands, is above the headline too, and one replica carries it. A low \
              number that is wrong costs an outage; this high one costs nothing.",
        weight: Weight::Decides,
    }
}

fn messages(assumed: &Assumptions) -> Contradiction {
    let years = [Year::One, Year::Two, Year::Three].map(Year::businesses);
    let counted = years.map(|businesses| number(Messages::as_the_document_counts(businesses, assumed).a_day));
    let true_ones = years.map(|businesses| number(Messages::of(businesses, assumed).a_day));
    let cap = years.map(|businesses| number(Messages::of(businesses, assumed).most_a_day));
    Contradiction {
        subject: "WhatsApp messages a day",
        places: vec![Section::Summary, Section::Campaigns, Section::WhatsApp],
        says: "500-1,000, 5,000-10,000, 50,000-100,000 in years 1, 2, 3; in the tables 28, 146, 583"
            .to_owned(),
        follows: format!(
            "{} as the tables count; {} if a blast counts each person; one message in {} days lets {} through at most",
            counted.join(", "),
            true_ones.join(", "),
            number(assumed.pause.value),
            cap.join(", ")
        ),
        plan: true_ones.join(", "),
        why: "Tiers and money hang on it, so it is computed. The headline breaks the document's own pause from year 2 on.",
        weight: Weight::Decides,
    }
}

fn database(assumed: &Assumptions) -> Contradiction {
    let (reads, writes) = queries::total(&queries::computed(Year::Three.businesses(), assumed));
    let load = Workload::planned(Year::Three.businesses(), Multiple::ONE, assumed);
    let (planned_reads, planned_writes) = load.queries_per_second(assumed);
    Contradiction {
        subject: "Database queries a second",
        places: vec![Section::Summary, Section::Database, Section::Conclusion],
        says: "5,000-10,000 in year 3; 129 reads and 7.5 writes where it is computed, and in the conclusion"
            .to_owned(),
        follows: format!("{} reads and {} writes", number(reads), number(writes)),
        plan: format!(
            "{} reads and {} writes, and {} statements more while a blast runs",
            number(planned_reads),
            number(planned_writes),
            number(assumed.sender_rate.value * assumed.statements_of_message.value)
        ),
        why: "The planned requests times the document's own queries for each. The headline follows from nothing.",
        weight: Weight::Decides,
    }
}

fn revenue(assumed: &Assumptions) -> Contradiction {
    let [first, third] =
        [100.0, 2_000.0].map(|businesses: f64| number(businesses * assumed.price.value * 12.0 / 1_000.0));
    Contradiction {
        subject: "Revenue",
        places: vec![Section::Summary, Section::Scenarios],
        says: "\"Monthly Revenue (ARR)\": $6K to $60K, $300K, $1.2M; in the scenarios $75.6K, $360K, $1.44M a year".to_owned(),
        follows: format!(
            "The summary is a year's at $50 a month; at ${} it is ${first}K for 100 businesses and ${third}K for 2,000",
            number(assumed.price.value)
        ),
        plan: format!(
            "${} a month from 2,000 businesses",
            number(2_000.0 * assumed.price.value)
        ),
        why: "All tables but this one are made with $60. Read as a month's, the summary would be ten times too much.",
        weight: Weight::Differs,
    }
}

fn first_year(assumed: &Assumptions) -> Contradiction {
    let activity = Activity::of(Year::One.businesses(), assumed);
    Contradiction {
        subject: "Size of year 1",
        places: vec![Section::Summary, Section::Scenarios],
        says: "100 businesses and 5,000 customers; in the scenario 105 and 5,250".to_owned(),
        follows: format!("{} and {}", activity.businesses, number(activity.customers)),
        plan: format!("{} and {}", activity.businesses, number(activity.customers)),
        why: "The summary is rounded.",
        weight: Weight::Slip,
    }
}
