//! How far a campaign is, in numbers.

use std::ops::AddAssign;

/// How many sends stand where. What was delivered was sent, and what was read was delivered; so planned is requested and
/// sent and failed and canceled.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Taken up to be written to.
    pub planned: i64,
    /// Held out.
    pub holdout: i64,
    /// Not heard of yet.
    pub requested: i64,
    /// On their way, or further.
    pub sent: i64,
    /// Delivered, or further.
    pub delivered: i64,
    /// Read.
    pub read: i64,
    /// Failed.
    pub failed: i64,
    /// Called off.
    pub canceled: i64,
    /// Shown by a pass, so delivered too, and the WhatsApp that followed failed.
    pub follow_failed: i64,
    /// Wrote, in answer, that they want no more.
    pub opted_out: i64,
    /// What they cost.
    pub cost_cents: i64,
    /// May still change.
    pub open: i64,
}

impl Counts {
    /// What changed since `before`.
    #[must_use]
    pub fn since(self, before: Self) -> Self {
        Self {
            planned: self.planned - before.planned,
            holdout: self.holdout - before.holdout,
            requested: self.requested - before.requested,
            sent: self.sent - before.sent,
            delivered: self.delivered - before.delivered,
            read: self.read - before.read,
            failed: self.failed - before.failed,
            canceled: self.canceled - before.canceled,
            follow_failed: self.follow_failed - before.follow_failed,
            opted_out: self.opted_out - before.opted_out,
            cost_cents: self.cost_cents - before.cost_cents,
            open: self.open - before.open,
        }
    }
}

impl AddAssign for Counts {
    fn add_assign(&mut self, more: Self) {
        self.planned += more.planned;
        self.holdout += more.holdout;
        self.requested += more.requested;
        self.sent += more.sent;
        self.delivered += more.delivered;
        self.read += more.read;
        self.failed += more.failed;
        self.canceled += more.canceled;
        self.follow_failed += more.follow_failed;
        self.opted_out += more.opted_out;
        self.cost_cents += more.cost_cents;
        self.open += more.open;
    }
}
