//! Stamps in rows: as large as their room allows, and none of the rows more than one stamp shorter than another.

use kurbo::{Point, Rect};

/// Paper between two stamps, in stamps, at least.
const APART: f64 = 0.14;
/// From one stamp to the next, in stamps, at most: further apart, a row falls to pieces.
const MOST_APART: f64 = 1.4;
/// From one row to the next, in steps from one stamp of a row to the next, at most.
const ROWS_APART: f64 = 1.12;
/// What stamps in rows of one length are worth; rows that differ need larger stamps to be chosen.
const UNEVEN: f64 = 0.9;

/// Where stamps stand.
pub(crate) struct Rows {
    /// How wide a stamp is.
    pub(crate) across: f64,
    /// Their middles, row by row.
    pub(crate) centres: Vec<Point>,
}

impl Rows {
    /// So many stamps in the middle of a room, none larger than `largest`.
    pub(crate) fn within(room: Rect, count: u32, largest: f64) -> Self {
        let size = |rows: u32| {
            let fits = |length: f64, stamps: u32| length / (f64::from(stamps) * (1.0 + APART) - APART);
            fits(room.width(), count.div_ceil(rows)).min(fits(room.height(), rows)).min(largest)
        };
        let worth = |rows: u32| size(rows) * if count.is_multiple_of(rows) { 1.0 } else { UNEVEN };
        let rows = (2..=count).fold(1, |best, rows| if worth(rows) > worth(best) { rows } else { best });
        let across = size(rows);
        let step = |length: f64, stamps: u32| {
            ((length - across) / f64::from(stamps.saturating_sub(1).max(1))).min(across * MOST_APART)
        };
        let (right, down) = (step(room.width(), count.div_ceil(rows)), step(room.height(), rows));
        // Rows hardly further from each other than the stamps in them, or they are read as columns.
        let down = if rows < count { down.min(right * ROWS_APART) } else { down };
        // Stamps that do not go into equal rows are spread over them, so that the rows mirror each other.
        let before = |row: u32| (2 * row * count + rows) / (2 * rows);
        let middle = |at: u32, of: u32| f64::from(at) - f64::from(of - 1) / 2.0;
        let mut centres = Vec::new();
        for row in 0..rows {
            let length = before(row + 1) - before(row);
            for at in 0..length {
                let from_middle = (middle(at, length) * right, middle(row, rows) * down);
                centres.push(room.center() + from_middle);
            }
        }
        Self { across, centres }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_number_of_stamps_stands_in_its_room_and_none_on_another() {
        for room in [Rect::new(16.0, 12.0, 359.0, 132.0), Rect::new(20.0, 160.0, 338.0, 428.0)] {
            for count in 1..=30 {
                let Rows { across, centres } = Rows::within(room, count, 90.0);
                assert_eq!(centres.len(), count as usize);
                let inner = room.inset(-across / 2.0 + 0.001);
                assert!(centres.iter().all(|centre| inner.contains(*centre)), "{count}");
                for (nth, one) in centres.iter().enumerate() {
                    let apart = |other: &Point| one.distance(*other) >= across * 1.13;
                    assert!(centres[..nth].iter().all(apart), "{count}");
                }
                assert!(across >= 25.0, "{count} {across}");
            }
        }
    }

    #[test]
    fn rows_mirror_each_other() {
        let lengths = |count| {
            let rows = Rows::within(Rect::new(0.0, 0.0, 343.0, 120.0), count, 90.0);
            let heights: Vec<i64> = rows.centres.iter().map(|centre| centre.y.round() as i64).collect();
            heights.chunk_by(|one, next| one == next).map(<[i64]>::len).collect::<Vec<_>>()
        };
        assert_eq!(lengths(5), [5]);
        assert_eq!(lengths(7), [4, 3]);
        assert_eq!(lengths(10), [5, 5]);
        assert_eq!(lengths(17), [6, 5, 6]);
        assert_eq!(lengths(30), [10, 10, 10]);
    }
}
