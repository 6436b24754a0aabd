//! What everything rests on. One list: the field, its range, and where it stands.

use crate::Section;

/// One number that is assumed and not computed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Assumption {
    /// What it is, in a sentence.
    pub what: &'static str,
    /// The least of the range that is stated; the planned value where none is.
    pub low: f64,
    /// What the model computes with.
    pub value: f64,
    /// The most of the range that is stated; the planned value where none is.
    pub high: f64,
    /// What it is counted in.
    pub unit: &'static str,
    /// Where it stands.
    pub section: Section,
}

impl Assumption {
    /// What it is, without what is said about it after a colon, a semicolon or in a second sentence.
    pub fn name(&self) -> &'static str {
        let ends = [": ", "; ", ". "].into_iter().filter_map(|mark| self.what.find(mark));
        self.what[..ends.min().unwrap_or(self.what.len())].trim_end_matches('.')
    }
}

macro_rules! assumptions {
    ($($(#[doc = $what:literal])+ $name:ident: $low:literal, $value:literal, $high:literal, $unit:literal, $section:ident;)+) => {
        /// Every assumption; `..Assumptions::PLANNED` changes one and keeps the others.
        #[derive(Clone, Debug, PartialEq)]
        pub struct Assumptions {
            $($(#[doc = $what])+ pub $name: Assumption,)+
        }

        impl Assumptions {
            /// What we plan with.
            pub const PLANNED: Self = Self {
                $($name: Assumption {
                    what: concat!($($what),+).trim_ascii(),
                    low: $low,
                    value: $value,
                    high: $high,
                    unit: $unit,
                    section: Section::$section,
                },)+
            };

            /// All of them, in the order of the document; ours at the end.
            pub fn listed(&self) -> Vec<Assumption> {
                vec![$(self.$name),+]
            }
        }
    };
}

assumptions! {
    /// What a business pays a month.
    price: 50.0, 60.0, 75.0, "US$", Market;
    /// End customers of a business; each holds a card.
    customers_per_business: 50.0, 50.0, 50.0, "", Customers;
    /// Customers that get a digital card, which no table of the document applies.
    enrolled: 0.30, 0.35, 0.40, "share", Customers;
    /// Businesses that use the platform on a day.
    daily_active: 0.60, 0.70, 0.80, "share", Owners;
    /// Daily active businesses that use it in the peak hour.
    in_peak_hour: 0.20, 0.20, 0.286, "share", Owners;
    /// Customers that come at least once a month.
    active_customers: 0.40, 0.45, 0.50, "share", Customers;
    /// Visits of an active customer a month; each is a stamp.
    visits: 2.0, 3.0, 4.0, "a month", Customers;
    /// Days in a month, wherever a month becomes days.
    days: 30.0, 30.0, 30.0, "", Customers;
    /// Hours in which a day's work is done.
    open_hours: 12.0, 12.0, 12.0, "hours", Customers;
    /// The peak hour against the mean hour.
    peak_factor: 3.0, 3.0, 3.0, "times", Customers;
    /// Hours of the customers' two peaks, lunch and evening.
    peak_hours: 4.0, 4.0, 4.0, "hours", Customers;
    /// Active customers that are at risk in a month.
    at_risk: 0.30, 0.35, 0.40, "share", Campaigns;
    /// Blasts that a business sends by hand a month.
    blasts: 1.0, 2.0, 2.0, "a month", Campaigns;
    /// Campaigns that a business makes a month.
    campaigns: 2.0, 3.0, 3.0, "a month", Campaigns;
    /// Queries that read, per stamp.
    reads_of_stamp: 3.0, 5.0, 5.0, "queries", Database;
    /// Statements that write, per stamp: the entry, the customer, the card.
    writes_of_stamp: 3.0, 3.0, 3.0, "queries", Database;
    /// Queries of a dashboard load.
    reads_of_dashboard: 5.0, 10.0, 10.0, "queries", Database;
    /// Queries of a look at campaign figures.
    reads_of_analytics: 10.0, 15.0, 15.0, "queries", Database;
    /// Queries of a customer search; an enrollment begins with one.
    reads_of_lookup: 2.0, 3.0, 3.0, "queries", Database;
    /// Statements that write, per enrollment.
    writes_of_enrollment: 3.0, 3.0, 3.0, "queries", Database;
    /// Statements that write, per campaign made.
    writes_of_campaign: 5.0, 10.0, 10.0, "queries", Database;
    /// Enrollments in the peak hour of 2,000 businesses.
    peak_enrollments: 150.0, 150.0, 150.0, "an hour", Database;
    /// Looks at campaign figures in the peak hour of 2,000 businesses.
    peak_campaign_views: 400.0, 400.0, 400.0, "an hour", Database;
    /// The API's peak against the sum of its table.
    api_peak: 3.0, 3.0, 3.0, "times", Api;
    /// Daily active businesses whose panel is open.
    open_panels: 0.70, 0.70, 0.70, "share", WebSockets;
    /// Seconds between two frames of a panel.
    panel_interval: 5.0, 5.0, 5.0, "seconds", WebSockets;
    /// Daily active businesses whose till is open at lunch.
    open_tills: 0.20, 0.20, 0.20, "share", WebSockets;
    /// Seconds between two frames of a till.
    till_interval: 2.0, 2.0, 2.0, "seconds", WebSockets;
    /// Messages a sender hands over a second.
    sender_rate: 80.0, 80.0, 400.0, "a second", WhatsApp;
    /// What a service message costs, which campaigns are not made of.
    service_price: 0.005, 0.01, 0.015, "US$", WhatsApp;
    /// Share of a tier that, used within 7 days, raises it.
    tier_used: 0.5, 0.5, 0.5, "share", WhatsApp;
    /// Days in which a customer gets one message at most.
    pause: 7.0, 7.0, 7.0, "days", WhatsApp;
    /// Stamps that unlock a reward.
    unlocking: 0.20, 0.20, 0.20, "share", AppleWallet;
    /// Unlocked rewards that are redeemed.
    redeemed: 0.10, 0.10, 0.10, "share", AppleWallet;
    /// A .pkpass file.
    pass_size: 150.0, 150.0, 150.0, "KB", Files;
    /// Hours after which a cached pass is purged.
    pass_cache: 24.0, 24.0, 24.0, "hours", Files;
    /// A logo.
    logo_size: 50.0, 50.0, 50.0, "KB", Files;
    /// A poster.
    poster_size: 200.0, 200.0, 200.0, "KB", Files;
    /// Daily backups that are kept.
    backups: 7.0, 7.0, 7.0, "days", Files;
    /// Processor of a service, on average, that replicas are counted for.
    cpu_average: 0.5, 0.5, 0.5, "share", Infrastructure;
    /// Processor of a service, at its peak, that the most replicas are counted for.
    cpu_peak: 0.7, 0.7, 0.7, "share", Infrastructure;
    /// What a marketing message to Peru costs: Meta's 0.070 and Twilio's 0.005.
    marketing_price: 0.075, 0.075, 0.075, "US$", Ours;
    /// The busiest day of messages against the mean day: blasts gather at the beginning and the middle of a month.
    busiest_day: 3.0, 3.0, 3.0, "times", Ours;
    /// Status callbacks of a message: sent, delivered, read.
    callbacks: 2.0, 3.0, 3.0, "", Ours;
    /// Statements that one message takes from claim to last status.
    statements_of_message: 20.0, 20.0, 20.0, "queries", Ours;
    /// Calls a second of one replica, a quarter of a core. A benchmark on two cores, everything and the driver beside it, saw
    /// 250 stamps a second for each quarter.
    calls_of_replica: 200.0, 200.0, 250.0, "a second", Ours;
    /// Live sockets of one gateway replica, at 15 KB each.
    sockets_of_replica: 5000.0, 5000.0, 20000.0, "", Ours;
    /// Processor that a replica asks for.
    cores_of_replica: 0.25, 0.25, 0.25, "cores", Ours;
    /// Statements a second of one core of the database; a benchmark saw more than twice as many.
    statements_of_core: 2000.0, 2000.0, 5000.0, "a second", Ours;
    /// Connections that a replica opens at most.
    connections_of_replica: 10.0, 10.0, 10.0, "", Ours;
    /// A core for services, at the document's price of a t3.xlarge.
    core_price: 30.0, 40.0, 40.0, "US$ a month", Ours;
    /// A core of a managed database with its disk, at the document's price of year 3.
    database_core_price: 42.5, 54.0, 54.0, "US$ a month", Ours;
    /// Disk against what is held: dead rows, write-ahead log, a year's growth.
    disk_factor: 2.0, 2.0, 2.0, "times", Ours;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_assumption_lies_in_its_range_and_says_what_it_is() {
        for one in Assumptions::PLANNED.listed() {
            assert!(one.low <= one.value && one.value <= one.high, "{one:?}");
            assert!(!one.name().is_empty() && one.name().chars().count() <= 80, "{one:?}");
            assert!(one.value > 0.0 && one.what.ends_with('.') && !one.what.contains("  "), "{one:?}");
        }
    }
}
