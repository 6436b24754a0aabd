//! The document's table of bandwidth, as it stands and as it follows.

use crate::{Activity, Assumptions, Messages, Multiple, Workload};

/// Kilobytes of a request, by the document.
const REQUEST: f64 = 5.0;
/// Kilobytes of a frame.
const FRAME: f64 = 0.2;
/// Kilobytes of a dashboard's first load.
const PAGE: f64 = 500.0;
/// Kilobytes of a call to WhatsApp.
const WHATSAPP: f64 = 10.0;
/// Kilobytes of a push.
const PUSH: f64 = 1.0;

/// One kind of traffic.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Flow {
    /// What flows.
    pub name: &'static str,
    /// Kilobytes in a second.
    pub kilobytes: f64,
}

impl Flow {
    /// Megabits in a second.
    pub fn megabits(&self) -> f64 {
        self.kilobytes * 8.0 / 1_000.0
    }
}

const fn flow(name: &'static str, kilobytes: f64) -> Flow {
    Flow { name, kilobytes }
}

/// The document's lines for 2,000 businesses: the first two inbound, the others outbound.
pub const DOCUMENT: [Flow; 6] = [
    flow("API requests", 585.0),
    flow("WebSocket frames", 67.0),
    flow("Passes of those who join", 6.25),
    flow("Dashboard pages", 38.9),
    flow("WhatsApp calls", 0.13),
    flow("Wallet pushes", 8.4),
];

/// The document's lines, computed, and the one it leaves out: a phone that was pushed fetches its pass.
pub fn computed(businesses: u64, assumed: &Assumptions) -> [Flow; 7] {
    let load = Workload::planned(businesses, Multiple::ONE, assumed);
    let activity = Activity::of(businesses, assumed);
    let messages = Messages::as_the_document_counts(businesses, assumed);
    let updates = activity.pass_updates_a_day + messages.a_day;
    let a_second = |a_day: f64| a_day / assumed.open_hours.value / 3_600.0;
    let joins = assumed.peak_enrollments.value * businesses as f64 / 2_000.0;
    [
        flow("API requests", load.per_second() * REQUEST),
        flow("WebSocket frames", activity.frames_per_second * FRAME),
        flow("Passes of those who join", joins * assumed.pass_size.value / 3_600.0),
        flow("Dashboard pages", activity.in_peak_hour * PAGE / 3_600.0),
        flow("WhatsApp calls", a_second(messages.a_day) * WHATSAPP),
        flow("Wallet pushes", a_second(updates) * PUSH),
        flow(
            "Passes fetched after a push",
            a_second(updates) * assumed.peak_factor.value * assumed.pass_size.value,
        ),
    ]
}

/// Megabits in a second of all.
pub fn total(flows: &[Flow]) -> f64 {
    flows.iter().map(Flow::megabits).sum()
}
