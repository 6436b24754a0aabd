//! The measures of each sheet.

use super::Size;

/// Measures in millimetres; those of letters and stamps are the largest they may be.
pub(super) struct Plan {
    /// From the edge of the sheet to the frame: most printers do not reach further.
    pub(super) inset: f64,
    /// From the frame to what stands in it, from the side.
    pub(super) pad: f64,
    /// And from above and below.
    pub(super) rise: f64,
    /// The frame's corners: cut, not moulded.
    pub(super) radius: f64,
    /// The frame's line.
    pub(super) line: f64,
    /// The rule that the shop's name stands on.
    pub(super) bar: f64,
    pub(super) name: f64,
    pub(super) note: f64,
    pub(super) lead: f64,
    pub(super) reward: f64,
    pub(super) stamp: f64,
    pub(super) list: f64,
    /// The code, without the white around it.
    pub(super) code: f64,
    pub(super) call: f64,
    pub(super) promise: f64,
    pub(super) address: f64,
}

/// Read from across the room.
const A4: Plan = Plan {
    inset: 8.5,
    pad: 12.5,
    rise: 10.5,
    radius: 2.4,
    line: 0.9,
    bar: 2.6,
    name: 15.5,
    note: 5.6,
    lead: 10.5,
    reward: 30.0,
    stamp: 46.0,
    list: 5.6,
    code: 73.0,
    call: 12.8,
    promise: 8.6,
    address: 4.6,
};

/// Read in the hand: half as large, but its small print is no smaller than it can be read.
const A6: Plan = Plan {
    inset: 4.5,
    pad: 6.2,
    rise: 5.3,
    radius: 1.3,
    line: 0.5,
    bar: 1.4,
    name: 8.0,
    note: 3.1,
    lead: 5.4,
    reward: 15.0,
    stamp: 23.0,
    list: 3.1,
    code: 36.5,
    call: 6.4,
    promise: 4.3,
    address: 2.6,
};

impl Plan {
    pub(super) fn of(size: Size) -> &'static Self {
        match size {
            Size::A4 => &A4,
            Size::A6 => &A6,
        }
    }
}
