//! How many stamps stand in a row, and how large.

use kurbo::Vec2;

/// Between two stamps, in stamps, at least.
const APART: f64 = 0.16;
/// From one stamp to the next, in stamps, at most.
const MOST_APART: f64 = 1.5;

/// Rows of stamps.
pub(super) struct Grid {
    columns: u32,
    rows: u32,
    /// How wide a stamp is.
    pub(super) stamp: f64,
    /// From one column to the next, and from one row to the next.
    step: (f64, f64),
}

impl Grid {
    /// The largest stamps that go into the room; even rows are worth a little.
    pub(super) fn within(count: u32, width: f64, height: f64, largest: f64) -> Self {
        let worth = |grid: &Self| grid.stamp * if count.is_multiple_of(grid.columns) { 1.0 } else { 0.85 };
        let mut best = Self::of(count, 1, width, height, largest);
        for columns in 2..=count {
            let tried = Self::of(count, columns, width, height, largest);
            if worth(&tried) > worth(&best) {
                best = tried;
            }
        }
        best
    }

    fn of(count: u32, columns: u32, width: f64, height: f64, largest: f64) -> Self {
        let rows = count.div_ceil(columns);
        let (across, down) = (f64::from(columns), f64::from(rows));
        let stamp = (width / (across + (across - 1.0) * APART))
            .min(height / (down + (down - 1.0) * APART))
            .min(largest);
        // Columns stand apart as far as the room is wide, but not so far that a row falls to pieces.
        let step = ((width - stamp) / (across - 1.0).max(1.0)).min(stamp * MOST_APART);
        Self { columns, rows, stamp, step: (step, stamp * (1.0 + APART)) }
    }

    pub(super) fn height(&self) -> f64 {
        self.stamp + f64::from(self.rows - 1) * self.step.1
    }

    pub(super) fn centre(&self, at: u32) -> Vec2 {
        let (row, column) = (f64::from(at / self.columns), f64::from(at % self.columns));
        Vec2::new(self.stamp / 2.0 + column * self.step.0, self.stamp / 2.0 + row * self.step.1)
    }
}
