//! What a year needs.

use crate::{
    Activity, Assumptions, Bill, Connections, Messages, Multiple, Request, Tier, Workload, Year, storage,
};

/// A service of the platform.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Service {
    /// HTTP, sockets, pages.
    Gateway,
    /// Businesses, members, customers.
    Enrollment,
    /// Cards and stamps.
    Stamping,
    /// Who is written to.
    Campaign,
    /// WhatsApp.
    Messaging,
    /// Apple Wallet and Google Wallet.
    WalletPass,
    /// Figures.
    Analytics,
}

impl Service {
    /// Every service.
    pub const ALL: [Self; 7] = [
        Self::Gateway,
        Self::Enrollment,
        Self::Stamping,
        Self::Campaign,
        Self::Messaging,
        Self::WalletPass,
        Self::Analytics,
    ];

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Gateway => "gateway",
            Self::Enrollment => "enrollment",
            Self::Stamping => "stamping",
            Self::Campaign => "campaign",
            Self::Messaging => "messaging",
            Self::WalletPass => "wallet-pass",
            Self::Analytics => "analytics",
        }
    }

    /// Calls that it answers and events that it takes in for one request.
    pub fn calls(self, request: Request) -> f64 {
        use Request::{Analytics, Campaign, Customer, Dashboard, Enrollment, Stamp, Webhook};
        let calls = match (self, request) {
            (Self::Gateway, _) => 1,
            (Self::Enrollment, Stamp | Enrollment | Customer) => 1,
            (Self::Stamping, Stamp | Enrollment | Customer) => 1,
            (Self::Campaign, Stamp | Enrollment | Campaign | Webhook) => 1,
            (Self::Messaging, Webhook) => 1,
            // A push, and the pass that the phone fetches.
            (Self::WalletPass, Stamp) => 2,
            (Self::WalletPass, Enrollment) => 1,
            (Self::Analytics, Stamp | Enrollment | Dashboard | Analytics | Campaign | Webhook) => 1,
            _ => 0,
        };
        f64::from(calls)
    }

    /// Calls for one message of a blast: handed over, its contact asked for, its statuses told.
    fn calls_of_message(self, assumed: &Assumptions) -> f64 {
        match self {
            Self::Gateway | Self::Campaign | Self::Analytics => assumed.callbacks.value,
            Self::Messaging => 1.0 + assumed.callbacks.value,
            Self::Enrollment => 1.0,
            Self::Stamping | Self::WalletPass => 0.0,
        }
    }

    /// Fewest replicas however little there is to do: one may go. From year 3 on the way of a stamp, and from year 5 on
    /// everything, stands in three zones.
    fn fewest(self, businesses: u64) -> u64 {
        let is_on_the_way_of_a_stamp = matches!(self, Self::Gateway | Self::Stamping);
        if businesses >= Year::Five.businesses()
            || businesses >= Year::Three.businesses() && is_on_the_way_of_a_stamp
        {
            3
        } else {
            2
        }
    }
}

/// How many of a service run.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Size {
    /// Which.
    pub service: Service,
    /// Calls a second at the planned peak.
    pub calls: f64,
    /// Replicas that always run.
    pub replicas: u64,
    /// Replicas at most, as load adds them.
    pub most: u64,
}

impl Size {
    fn of(service: Service, businesses: u64, load: &Workload, assumed: &Assumptions) -> Self {
        let calls: f64 =
            Request::ALL.into_iter().map(|request| load.rate(request) * service.calls(request)).sum();
        let blast = assumed.sender_rate.value * service.calls_of_message(assumed);
        let tested = Multiple::LOAD_TEST.get();
        let whole = |calls: f64, cpu: f64| (calls / (assumed.calls_of_replica.value * cpu)).ceil() as u64;
        let sockets = if service == Service::Gateway { load.panels + load.tills } else { 0.0 };
        let holding = |sockets: f64| (sockets / assumed.sockets_of_replica.value).ceil() as u64;
        let replicas =
            service.fewest(businesses).max(whole(calls, assumed.cpu_average.value)).max(holding(sockets));
        // "Min 2, Max 4", "Min 5, Max 10": the document doubles. More where the load test or a blast beside it asks for more.
        let most = replicas
            .saturating_mul(2)
            .max(whole(calls * tested + blast, assumed.cpu_peak.value))
            .max(holding(sockets * tested));
        Self { service, calls, replicas, most }
    }
}

/// What so many businesses need.
#[derive(Clone, Debug, PartialEq)]
pub struct Deployment {
    /// What they do.
    pub activity: Activity,
    /// What they send.
    pub messages: Messages,
    /// The planned peak.
    pub load: Workload,
    /// The services, in the order of [`Service::ALL`].
    pub services: [Size; 7],
    /// The database and its connections.
    pub database: Connections,
    /// Bytes that the database holds at the end of the year.
    pub held: f64,
    /// Gigabytes of its disk.
    pub disk: u64,
    /// Files, gigabytes.
    pub files: storage::Files,
    /// The messaging tier that the busiest day needs.
    pub tier: Tier,
    /// What a month costs.
    pub bill: Bill,
}

impl Deployment {
    /// At the end of a year of the plan.
    pub fn of(year: Year, assumed: &Assumptions) -> Self {
        let year_ends: Vec<u64> = year.so_far().map(Year::businesses).collect();
        Self::after(&year_ends, assumed)
    }

    /// After years that ended with so many businesses each; the last is sized.
    pub fn after(year_ends: &[u64], assumed: &Assumptions) -> Self {
        let businesses = year_ends.last().copied().unwrap_or(0);
        let activity = Activity::of(businesses, assumed);
        let messages = Messages::of(businesses, assumed);
        let load = Workload::planned(businesses, Multiple::ONE, assumed);
        let services = Service::ALL.map(|service| Size::of(service, businesses, &load, assumed));
        let with_database = services.iter().filter(|size| size.service != Service::Gateway);
        let most = with_database.fold(0_u64, |sum, size| sum.saturating_add(size.most));
        let database = Connections::of(businesses, &load, most, assumed);
        let held = storage::total(&storage::computed(year_ends, assumed));
        let replicas = services.iter().fold(0_u64, |sum, size| sum.saturating_add(size.replicas));
        let paid = messages.monthly_cost(assumed.marketing_price.value, assumed);
        Self {
            activity,
            messages,
            load,
            services,
            database,
            held,
            disk: storage::disk(held, assumed),
            files: storage::Files::of(businesses, held, assumed),
            tier: Tier::needed(messages.busiest_day),
            bill: Bill::of((businesses, replicas), &database, (paid, activity.monthly_revenue), assumed),
        }
    }

    /// Replicas of all services that always run.
    pub fn replicas(&self) -> u64 {
        self.services.iter().fold(0, |sum, size| sum.saturating_add(size.replicas))
    }
}
