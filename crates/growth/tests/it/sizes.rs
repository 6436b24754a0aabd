//! The sizes that the chart's values are compared with: what is kept in `sizes.json` is what the model says.

use growth::{Deployment, Year};

use crate::PLANNED;

fn sizes() -> String {
    let years = [Year::One, Year::Three, Year::Five].map(|year| {
        let needed = Deployment::of(year, &PLANNED);
        let services = needed.services.map(|size| {
            let name = size.service.name();
            format!("      \"{name}\": {{ \"replicas\": {}, \"most\": {} }}", size.replicas, size.most)
        });
        let numbers = [
            ("businesses", needed.activity.businesses),
            ("customers", needed.activity.customers.round() as u64),
            ("stamps_a_day", needed.activity.stamps_a_day.round() as u64),
            ("messages_a_day", needed.messages.a_day.round() as u64),
            ("messages_on_the_busiest_day", needed.messages.busiest_day.round() as u64),
            ("cores", needed.database.cores),
            ("read_replicas", needed.database.read_replicas),
            ("poolers", needed.database.poolers),
            ("pool", needed.database.pool),
            ("reserve", needed.database.reserve),
            ("pool_total", needed.database.pool_total),
            ("max_connections", needed.database.most),
            ("clients", needed.database.clients),
            ("held_megabytes", (needed.held / 1e6).ceil() as u64),
            ("disk_gigabytes", needed.disk),
        ];
        let numbers = numbers.map(|(name, number)| format!("    \"{name}\": {number}"));
        let (numbers, services) = (numbers.join(",\n"), services.join(",\n"));
        let number = Year::ALL.iter().take_while(|other| **other != year).count() + 1;
        format!("  \"{number}\": {{\n{numbers},\n    \"services\": {{\n{services}\n    }}\n  }}")
    });
    format!("{{\n{}\n}}\n", years.join(",\n"))
}

#[test]
fn what_the_chart_is_compared_with_is_what_the_model_says() {
    let (said, kept) = (sizes(), include_str!("sizes.json"));
    assert!(
        said == kept,
        "crates/growth/tests/it/sizes.json should be, and then helm/sello/values-year*.yaml:\n{said}"
    );
}
