//! What the load test sends.

use crate::{Activity, Assumptions, Messages};

/// Businesses for which the document states its requests.
const STATED_FOR: f64 = 2_000.0;
/// The sum of its table, as it writes it; the rows make 39.1.
pub(crate) const STATED_SUM: f64 = 39.0;

/// How many times the planned peak.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct Multiple(f64);

impl Multiple {
    /// The planned peak itself.
    pub const ONE: Self = Self(1.0);
    /// "Load test at 3x projected peak load before each release".
    pub const LOAD_TEST: Self = Self(3.0);
    /// Farther than this nobody tests.
    pub const MOST: f64 = 1_000.0;

    /// Takes more than 0 and at most [`Multiple::MOST`].
    pub fn new(times: f64) -> Option<Self> {
        (times > 0.0 && times <= Self::MOST).then_some(Self(times))
    }

    /// The factor.
    pub fn get(self) -> f64 {
        self.0
    }
}

/// A kind of request: the rows of the document's table, by what they are here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Request {
    /// A stamp.
    Stamp,
    /// The panel's first page.
    Dashboard,
    /// A customer joins.
    Enrollment,
    /// A customer looked up.
    Customer,
    /// A campaign made.
    Campaign,
    /// Figures.
    Analytics,
    /// What became of a WhatsApp message.
    Webhook,
}

impl Request {
    /// In the order of the document's table.
    pub const ALL: [Self; 7] = [
        Self::Stamp,
        Self::Dashboard,
        Self::Enrollment,
        Self::Customer,
        Self::Campaign,
        Self::Analytics,
        Self::Webhook,
    ];

    /// The endpoint, as the document names it.
    pub fn endpoint(self) -> &'static str {
        match self {
            Self::Stamp => "POST /api/v1/stamps",
            Self::Dashboard => "GET /api/v1/dashboard",
            Self::Enrollment => "POST /api/v1/enrollments",
            Self::Customer => "GET /api/v1/customers/:id",
            Self::Campaign => "POST /api/v1/campaigns",
            Self::Analytics => "GET /api/v1/analytics",
            Self::Webhook => "Webhooks (Twilio)",
        }
    }

    /// The document's "Q4 2027 Peak RPS".
    pub fn stated(self) -> f64 {
        match self {
            Self::Stamp => 18.0,
            Self::Dashboard => 4.7,
            Self::Enrollment => 2.5,
            Self::Customer => 10.0,
            Self::Campaign => 0.5,
            Self::Analytics => 3.0,
            Self::Webhook => 0.4,
        }
    }

    fn place(self) -> usize {
        self as usize
    }
}

/// Requests by kind, sockets and frames of the peak.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Workload {
    rates: [f64; 7],
    /// Panels that are open.
    pub panels: f64,
    /// Tills that are open.
    pub tills: f64,
    /// Frames that all sockets together get in a second.
    pub frames_per_second: f64,
}

impl Workload {
    /// What we plan for and test with: the document's own peak of 117 requests a second for 2,000 businesses, although its
    /// rows are a minute's and carry the peak factor already. See [`crate::contradictions`].
    pub fn planned(businesses: u64, multiple: Multiple, assumed: &Assumptions) -> Self {
        let activity = Activity::of(businesses, assumed);
        let rows: f64 = Request::ALL.iter().map(|request| request.stated()).sum();
        let peak = STATED_SUM * assumed.api_peak.value;
        let scale = peak / rows * businesses as f64 / STATED_FOR * multiple.get();
        Self {
            rates: Request::ALL.map(|request| request.stated() * scale),
            panels: activity.panels * multiple.get(),
            tills: activity.tills * multiple.get(),
            frames_per_second: activity.frames_per_second * multiple.get(),
        }
    }

    /// What follows from the assumptions, each peak counted once; looking customers up, for which there is no assumption, is
    /// the document's row read as a minute's.
    pub fn computed(businesses: u64, multiple: Multiple, assumed: &Assumptions) -> Self {
        let activity = Activity::of(businesses, assumed);
        let messages = Messages::of(businesses, assumed);
        let scale = businesses as f64 / STATED_FOR;
        let at_peak = |a_day: f64| a_day / assumed.open_hours.value * assumed.peak_factor.value / 3_600.0;
        let stamps = activity.peak_stamps_an_hour / 3_600.0;
        let campaigns = businesses as f64 * assumed.campaigns.value / assumed.days.value;
        let rate = |request| match request {
            Request::Stamp => stamps,
            Request::Dashboard => activity.in_peak_hour / 3_600.0,
            Request::Enrollment => assumed.peak_enrollments.value * scale / 3_600.0,
            Request::Customer => Request::Customer.stated() * scale / 60.0,
            Request::Campaign => at_peak(campaigns),
            Request::Analytics => assumed.peak_campaign_views.value * scale / 3_600.0,
            Request::Webhook => at_peak(messages.a_day * assumed.callbacks.value),
        };
        Self {
            rates: Request::ALL.map(|request| rate(request) * multiple.get()),
            panels: activity.panels * multiple.get(),
            tills: activity.tills * multiple.get(),
            // One to the till that stamped and one to the panel that watches.
            frames_per_second: stamps * 2.0 * multiple.get(),
        }
    }

    /// Requests of a kind in a second.
    pub fn rate(&self, request: Request) -> f64 {
        self.rates[request.place()]
    }

    /// Requests in a second.
    pub fn per_second(&self) -> f64 {
        self.rates.iter().sum()
    }

    /// Sockets that are open at once.
    pub fn sockets(&self) -> u64 {
        (self.panels + self.tills).round() as u64
    }

    /// Queries and statements in a second, by the document's counts for each operation. Reads first, then writes.
    pub fn queries_per_second(&self, assumed: &Assumptions) -> (f64, f64) {
        let of_one = |request| match request {
            Request::Stamp => (assumed.reads_of_stamp.value, assumed.writes_of_stamp.value),
            Request::Dashboard => (assumed.reads_of_dashboard.value, 0.0),
            Request::Enrollment => (assumed.reads_of_lookup.value, assumed.writes_of_enrollment.value),
            Request::Customer => (assumed.reads_of_lookup.value, 0.0),
            Request::Campaign => (0.0, assumed.writes_of_campaign.value),
            Request::Analytics => (assumed.reads_of_analytics.value, 0.0),
            Request::Webhook => (1.0, 1.0),
        };
        Request::ALL.into_iter().fold((0.0, 0.0), |(reads, writes), request| {
            let (read, write) = of_one(request);
            (reads + read * self.rate(request), writes + write * self.rate(request))
        })
    }
}
