//! What a month costs, at the document's own prices where it states them.

use crate::{Assumptions, Connections};

/// A line of a bill.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Cost {
    /// For what.
    pub what: &'static str,
    /// US$ a month.
    pub monthly: f64,
}

const fn cost(what: &'static str, monthly: f64) -> Cost {
    Cost { what, monthly }
}

/// The document's infrastructure of year 1.
pub const DOCUMENT_YEAR_1: [Cost; 8] = [
    cost("2 × t3.medium", 120.0),
    cost("1 × db.t3.medium", 85.0),
    cost("1 × cache.t3.micro", 15.0),
    cost("Load balancer", 25.0),
    cost("S3, 10 GB", 5.0),
    cost("CloudFront, 50 GB", 10.0),
    cost("CloudWatch", 20.0),
    cost("Route 53", 5.0),
];
/// The document's infrastructure of year 3.
pub const DOCUMENT_YEAR_3: [Cost; 9] = [
    cost("5 × t3.xlarge", 800.0),
    cost("3 × db.m5.xlarge", 650.0),
    cost("3 × cache.m5.large", 450.0),
    cost("Load balancer", 50.0),
    cost("S3, 60 GB", 10.0),
    cost("CloudFront, 500 GB", 50.0),
    cost("CloudWatch", 100.0),
    cost("Route 53", 10.0),
    cost("Backups", 75.0),
];
/// The document's external services, in year 1 and in year 3: Twilio, Sentry, Mixpanel, Apple.
pub const DOCUMENT_EXTERNAL: [(Cost, Cost); 4] = [
    (cost("Twilio WhatsApp API", 175.0), cost("Twilio WhatsApp API", 875.0)),
    (cost("Sentry", 26.0), cost("Sentry", 99.0)),
    (cost("Mixpanel", 25.0), cost("Mixpanel", 200.0)),
    (cost("Apple Developer", 99.0 / 12.0), cost("Apple Developer", 99.0 / 12.0)),
];

/// The sum of lines.
pub fn document_total(lines: &[Cost]) -> f64 {
    lines.iter().map(|line| line.monthly).sum()
}

/// Balancer, storage, delivery, monitoring, names and backups, at the document's 105 and 2,000 businesses. Between and beyond
/// we go along the straight line through both.
const EDGE: [(f64, f64); 2] = [(105.0, 65.0), (2_000.0, 295.0)];
/// Processors of the broker (three copies) and of the pooler (two).
const BROKER_AND_POOLER: f64 = 3.0 * 0.25 + 2.0 * 0.1;
/// Apple's membership.
const APPLE: f64 = 99.0 / 12.0;

/// What a month of a deployment costs.
#[derive(Clone, Debug, PartialEq)]
pub struct Bill {
    /// What runs.
    pub lines: Vec<Cost>,
    /// WhatsApp, which businesses pay from their budgets.
    pub messages: f64,
    /// What businesses pay for Sello.
    pub revenue: f64,
}

impl Bill {
    pub(crate) fn of(
        (businesses, replicas): (u64, u64),
        database: &Connections,
        (messages, revenue): (f64, f64),
        assumed: &Assumptions,
    ) -> Self {
        let services = replicas as f64 * assumed.cores_of_replica.value;
        let databases = database.cores as f64 * (1.0 + database.read_replicas as f64);
        let [(few, least), (many, most)] = EDGE;
        let edge = least + (businesses as f64 - few) * (most - least) / (many - few);
        let lines = vec![
            cost("Services", services * assumed.core_price.value),
            cost("NATS and PgBouncer", BROKER_AND_POOLER * assumed.core_price.value),
            cost("PostgreSQL and its copies", databases * assumed.database_core_price.value),
            cost("Balancer, files, delivery, monitoring, backups", edge),
            cost("Apple Developer", APPLE),
        ];
        Self { lines, messages, revenue }
    }

    /// What runs, without messages.
    pub fn running(&self) -> f64 {
        document_total(&self.lines)
    }

    /// Everything.
    pub fn total(&self) -> f64 {
        self.running() + self.messages
    }

    /// What is left of revenue, as a share of it: before messages, and if we paid for them too. Without revenue there is none.
    pub fn margins(&self) -> Option<(f64, f64)> {
        let left = |spent: f64| (self.revenue - spent) / self.revenue;
        (self.revenue > 0.0).then(|| (left(self.running()), left(self.total())))
    }
}
