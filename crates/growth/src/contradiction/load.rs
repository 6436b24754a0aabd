//! Requests, queries, frames and bytes a second.

use super::{Contradiction, Weight};
use crate::table::number;
use crate::{Activity, Assumptions, Multiple, Request, Section, Workload, network, queries};

pub(super) fn list(assumed: &Assumptions) -> Vec<Contradiction> {
    vec![
        api_units(assumed),
        api_peak(assumed),
        off_peak(),
        query_units(assumed),
        query_peak(assumed),
        rows_that_differ(assumed),
        frames(assumed),
        intervals(assumed),
        callbacks(assumed),
        pushes(assumed),
        directions(assumed),
        headroom(),
    ]
}

fn api_units(assumed: &Assumptions) -> Contradiction {
    let computed = Workload::computed(2_000, Multiple::ONE, assumed);
    let planned = Workload::planned(2_000, Multiple::ONE, assumed);
    Contradiction {
        subject: "Requests a second",
        places: vec![Section::Api, Section::Customers, Section::Database],
        says: "18 stamps, 4.7 dashboards, 2.5 enrollments, 0.4 webhooks a second; 39 in all".to_owned(),
        follows: format!(
            "18 a minute, 280 and 150 an hour, 583 a day: the rows are a minute's. {} stamps, {} dashboards, {} enrollments a \
             second; {} in all, with a callback for each status",
            number(computed.rate(Request::Stamp)),
            number(computed.rate(Request::Dashboard)),
            number(computed.rate(Request::Enrollment)),
            number(computed.per_second())
        ),
        plan: format!("{} a second in year 3, tested at three times that", number(planned.per_second())),
        why: "Sixty times too much is still little for what answers them, and a flash crowd needs no other plan.",
        weight: Weight::Decides,
    }
}

fn api_peak(assumed: &Assumptions) -> Contradiction {
    Contradiction {
        subject: "Peak of a peak, requests",
        places: vec![Section::Api, Section::Inbound, Section::Conclusion],
        says: "39 is the \"Peak RPS\"; the peak load is 39 × 3 = 117".to_owned(),
        follows: format!(
            "18 a minute carries the factor {} already, so 117 carries it twice and a test at 3 × thrice: {} times the mean",
            number(assumed.peak_factor.value),
            number(assumed.peak_factor.value.powi(3))
        ),
        plan: "117".to_owned(),
        why: "As above. It is bandwidth's number too, which stays small.",
        weight: Weight::Decides,
    }
}

fn off_peak() -> Contradiction {
    Contradiction {
        subject: "Load outside the peak",
        places: vec![Section::Api],
        says: "15-20 a second".to_owned(),
        follows: "13, if 39 is the peak and the factor 3; 39, if 117 is".to_owned(),
        plan: "39".to_owned(),
        why: "The fewest replicas carry the peak anyway.",
        weight: Weight::Slip,
    }
}

fn query_units(assumed: &Assumptions) -> Contradiction {
    let rows = queries::computed(2_000, assumed);
    let [_, dashboard, enrollment, views, callbacks] = rows;
    Contradiction {
        subject: "Queries a second, row by row",
        places: vec![Section::Database],
        says: "Dashboard 23.3, enrollment 1.25 and 1.25, campaign views 16.7, callbacks 0.4 a second"
            .to_owned(),
        follows: format!(
            "{}, {} and {}, {}, {}: the first is a minute's, the second and third ten times too much, the last a minute's; only \
             stamping is right",
            number(dashboard.reads),
            number(enrollment.reads),
            number(enrollment.writes),
            number(views.reads),
            number(callbacks.reads)
        ),
        plan: "The planned requests times the queries of each".to_owned(),
        why: "So that requests and queries tell of one and the same load.",
        weight: Weight::Decides,
    }
}

fn query_peak(assumed: &Assumptions) -> Contradiction {
    let (reads, writes) = queries::total(&queries::computed(2_000, assumed));
    Contradiction {
        subject: "Peak of a peak, queries",
        places: vec![Section::Database, Section::Conclusion],
        says:
            "43 and 2.5 at \"18/min (peak)\", \"150/hour (peak)\"; times 3 for lunch and dinner: 129 and 7.5"
                .to_owned(),
        follows: format!(
            "The rows are the peak: 43 and 2.5 as they stand, {} and {} computed",
            number(reads),
            number(writes)
        ),
        plan: "As above".to_owned(),
        why: "Whoever multiplies a peak by the peak factor counts lunch twice.",
        weight: Weight::Differs,
    }
}

fn rows_that_differ(assumed: &Assumptions) -> Contradiction {
    Contradiction {
        subject: "What is asked, by two tables",
        places: vec![Section::Database, Section::Api],
        says: "Queries for 400 campaign views an hour, none for lookups; requests for 10 lookups and 3 analytics".to_owned(),
        follows: format!(
            "400 an hour are {} a minute, not 3; 10 lookups would be {} queries more",
            number(assumed.peak_campaign_views.value / 60.0),
            number(10.0 * assumed.reads_of_lookup.value)
        ),
        plan: "The requests' rows, each with its queries".to_owned(),
        why: "A database answers requests and nothing else.",
        weight: Weight::Differs,
    }
}

fn frames(assumed: &Assumptions) -> Contradiction {
    let activity = Activity::of(2_000, assumed);
    let computed = Workload::computed(2_000, Multiple::ONE, assumed);
    Contradiction {
        subject: "Frames a second",
        places: vec![Section::WebSockets, Section::Customers],
        says: format!("{} stamp events and the like a second", number(activity.frames_per_second)),
        follows: format!(
            "{} stamps a second are {} frames, one to the till and one to its panel; of {} tills one stamps in {} minutes",
            number(activity.peak_stamps_an_hour / 3_600.0),
            number(computed.frames_per_second),
            number(activity.tills),
            number(activity.tills / activity.peak_stamps_a_minute())
        ),
        plan: number(activity.frames_per_second),
        why: "It is what polling would cost; pushing costs less, and the test sends as many.",
        weight: Weight::Differs,
    }
}

fn intervals(assumed: &Assumptions) -> Contradiction {
    Contradiction {
        subject: "How soon a panel shows a stamp",
        places: vec![Section::WebSockets, Section::Monitoring],
        says: "A frame every 5 seconds; less than 100 ms after the stamp".to_owned(),
        follows: format!("{} ms on average, at that interval", number(assumed.panel_interval.value * 500.0)),
        plan: "A frame when it happens, in less than 100 ms".to_owned(),
        why: "An owner who stands beside the till sees the difference.",
        weight: Weight::Decides,
    }
}

fn callbacks(assumed: &Assumptions) -> Contradiction {
    Contradiction {
        subject: "Callbacks of WhatsApp",
        places: vec![Section::Api, Section::WhatsApp, Section::Database],
        says:
            "0.4 a second, one for a message, spread over the day; campaigns are sent at 80 messages a second"
                .to_owned(),
        follows: format!(
            "{} a second while a blast runs, for {} statuses of a message",
            number(assumed.sender_rate.value * assumed.callbacks.value),
            number(assumed.callbacks.value)
        ),
        plan: "The most replicas of all that callbacks pass carry them beside three times the peak"
            .to_owned(),
        why: "It is more than all other requests together, and it comes in the hour in which customers come.",
        weight: Weight::Decides,
    }
}

fn pushes(assumed: &Assumptions) -> Contradiction {
    let flows = network::computed(2_000, assumed);
    Contradiction {
        subject: "Bytes of wallet pushes",
        places: vec![Section::Outbound],
        says: "506 an hour of 1 KB are 8.4 KB a second".to_owned(),
        follows: format!("{} KB a second; 8.4 are a minute's", number(flows[5].kilobytes)),
        plan: number(flows[5].kilobytes),
        why: "Nothing hangs on it.",
        weight: Weight::Slip,
    }
}

fn directions(assumed: &Assumptions) -> Contradiction {
    let flows = network::computed(2_000, assumed);
    Contradiction {
        subject: "What leaves the house",
        places: vec![Section::Inbound, Section::Outbound, Section::AppleWallet],
        says: "Frames to panels are inbound; 0.43 Mbps leave, 5.2 come in".to_owned(),
        follows: format!(
            "Frames leave ({} Mbps), and so do the answers of the API and the pass that a phone fetches after each push ({} Mbps at \
             the peak), which are not counted",
            number(flows[1].megabits()),
            number(flows[6].megabits())
        ),
        plan: format!(
            "{} Mbps in both directions together, and as much again for answers",
            number(network::total(&flows))
        ),
        why: "A web service sends more than it gets. Any link carries it.",
        weight: Weight::Differs,
    }
}

fn headroom() -> Contradiction {
    Contradiction {
        subject: "Headroom of the link",
        places: vec![Section::Outbound],
        says: "50-100 Mbps are 10-20 times 5.6".to_owned(),
        follows: format!("{:.1}-{:.1} times", 50.0 / 5.6, 100.0 / 5.6),
        plan: "None".to_owned(),
        why: "Clouds do not sell links by the megabit.",
        weight: Weight::Slip,
    }
}
