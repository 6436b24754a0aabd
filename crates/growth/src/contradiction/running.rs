//! Servers, bills and promises.

use super::{Contradiction, Weight};
use crate::table::number;
use crate::{
    Activity, Assumptions, DOCUMENT_EXTERNAL, DOCUMENT_YEAR_1, DOCUMENT_YEAR_3, Deployment, Section, Year,
    document_total, network,
};

pub(super) fn list(assumed: &Assumptions) -> Vec<Contradiction> {
    vec![
        servers(assumed),
        load_growth(),
        workers(),
        failover(),
        targets(assumed),
        margin(assumed),
        delivery(assumed),
        failures(),
        review(),
    ]
}

fn servers(assumed: &Assumptions) -> Contradiction {
    let third = Deployment::of(Year::Three, assumed);
    Contradiction {
        subject: "Servers of year 3",
        places: vec![Section::Infrastructure, Section::Conclusion, Section::Api],
        says: format!(
            "5 servers of 4 cores for 117 requests a second, and \"supports 10K businesses\"; ${} a month",
            number(document_total(&DOCUMENT_YEAR_3))
        ),
        follows: format!("{} requests a second for each core", number(117.0 / 20.0)),
        plan: format!(
            "{} replicas of a quarter of a core, {} cores of database in {} copies; ${} a month",
            third.replicas(),
            third.database.cores,
            third.database.read_replicas + 1,
            number(third.bill.running())
        ),
        why: "Measured: two cores carry three times as much, with everything beside it.",
        weight: Weight::Decides,
    }
}

fn load_growth() -> Contradiction {
    Contradiction {
        subject: "Growth of load from year 2 to 3",
        places: vec![Section::Infrastructure, Section::Api],
        says: "\"4x business growth, 10x API load\"".to_owned(),
        follows: format!(
            "{} times: everything is counted for each business",
            Year::Three.businesses() / Year::Two.businesses()
        ),
        plan: "Four times".to_owned(),
        why: "Nothing in the document makes a business busier as others join.",
        weight: Weight::Differs,
    }
}

fn workers() -> Contradiction {
    Contradiction {
        subject: "Workers in the bill",
        places: vec![Section::Infrastructure, Section::Cost],
        says: "1, 2, 3 instances of workers are sized; no bill has them, and year 2 has no bill".to_owned(),
        follows: "The margins are too high by them".to_owned(),
        plan: "Workers run inside the services, and every year has a bill".to_owned(),
        why: "Work is rows that any replica takes.",
        weight: Weight::Differs,
    }
}

fn failover() -> Contradiction {
    Contradiction {
        subject: "Failover in year 1",
        places: vec![Section::Risks, Section::Infrastructure, Section::Cost, Section::Monitoring],
        says: "Automatic failover over zones and 99.9 % from day one; one database and one cache until a replica comes in year 2"
            .to_owned(),
        follows: "Nothing to fail over to: a lost database is a restored backup".to_owned(),
        plan: "One copy that follows the database from year 1, two from year 3; no cache".to_owned(),
        why: "43 minutes a month do not hold a restore.",
        weight: Weight::Decides,
    }
}

fn targets(assumed: &Assumptions) -> Contradiction {
    Contradiction {
        subject: "How busy a server may be",
        places: vec![Section::Infrastructure, Section::Monitoring],
        says: "Processor below 50 % on average and 70 % at the peak, memory 60 and 75; where it is watched 70, 90, 75, 85".to_owned(),
        follows: "Either".to_owned(),
        plan: format!(
            "{} % to count replicas, more are added at {} % of processor and 75 % of memory",
            number(assumed.cpu_average.value * 100.0),
            number(assumed.cpu_peak.value * 100.0)
        ),
        why: "The lower ones leave room for a replica that is gone; the higher ones wake somebody.",
        weight: Weight::Differs,
    }
}

fn margin(assumed: &Assumptions) -> Contradiction {
    let [first, third] =
        [Year::One, Year::Three].map(|year| Activity::of(year.businesses(), assumed).monthly_revenue);
    let others = |of: fn(&(crate::Cost, crate::Cost)) -> f64| DOCUMENT_EXTERNAL.iter().map(of).sum::<f64>();
    let left = |revenue: f64, spent: f64| format!("{:.1} %", (revenue - spent) / revenue * 100.0);
    let planned = |year: Year| {
        let margins = Deployment::of(year, assumed).bill.margins();
        margins.map_or_else(String::new, |(before, after)| {
            format!("{:.1} % ({:.1} %)", before * 100.0, after * 100.0)
        })
    };
    Contradiction {
        subject: "Gross margin",
        places: vec![Section::Cost, Section::ExternalCost, Section::Conclusion],
        says: "92.7 % and 97.4 % in years 1 and 3".to_owned(),
        follows: format!(
            "{} and {} with the external services of the next table; and its messages are another year's, at another price",
            left(first, document_total(&DOCUMENT_YEAR_1) + others(|(cost, _)| cost.monthly)),
            left(third, document_total(&DOCUMENT_YEAR_3) + others(|(_, cost)| cost.monthly))
        ),
        plan: format!(
            "{} and {}; in brackets if we, and not the businesses, paid for messages",
            planned(Year::One),
            planned(Year::Three)
        ),
        why: "Messages are the only cost that matters; whose they are must be decided first.",
        weight: Weight::Decides,
    }
}

fn delivery(assumed: &Assumptions) -> Contradiction {
    let flows = network::computed(2_000, assumed);
    let hours = assumed.open_hours.value * assumed.days.value;
    let gigabytes = (flows[2].kilobytes + flows[3].kilobytes) * hours * 3_600.0 / 1e6;
    Contradiction {
        subject: "What the delivery network carries",
        places: vec![Section::Cost, Section::Outbound],
        says: "500 GB a month in year 3".to_owned(),
        follows: format!("{} GB of pages and passes, if every hour were the peak", number(gigabytes)),
        plan: "The document's price".to_owned(),
        why: "Our pages are far smaller than its 500 KB, and the line is $50.",
        weight: Weight::Slip,
    }
}

fn failures() -> Contradiction {
    Contradiction {
        subject: "Stamps that may fail",
        places: vec![Section::Monitoring],
        says: "Stamping succeeds > 99.5 %; failed requests < 0.1 %; data loss 0".to_owned(),
        follows: "5 and 1 in 1,000, for one and the same request".to_owned(),
        plan:
            "1 in 1,000 requests by our fault; 5 in 1,000 scans that end without a stamp, for whatever reason"
                .to_owned(),
        why: "The first is the server's, the second the camera's and the card's too.",
        weight: Weight::Differs,
    }
}

fn review() -> Contradiction {
    Contradiction {
        subject: "Next review",
        places: vec![Section::Conclusion, Section::Scenarios],
        says: "Q2 2025, \"after 6 months of production data\"; the pilot begins in Q1 2025".to_owned(),
        follows: "Six months are full at the end of Q2 at the earliest".to_owned(),
        plan: "When figures are there: the operator's growth page shows them beside the scenarios".to_owned(),
        why: "A plan is reviewed against what happened.",
        weight: Weight::Slip,
    }
}
