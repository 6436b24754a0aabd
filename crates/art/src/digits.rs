//! Numbers in the stamp's own hand: one line with round ends, as a figure is drawn, so that no font is needed.

use kurbo::{Affine, BezPath, Cap, Join, Stroke};

use crate::drawing::outline;

/// Each digit's line, and how wide it is; all are 100 tall.
const DIGITS: [(&str, f64); 10] = [
    ("M30 0C49 0 60 19 60 50S49 100 30 100S0 81 0 50S11 0 30 0Z", 60.0),
    ("M0 19C11 16 20 9 25 0V100", 25.0),
    ("M2 27C3 10 14 0 30 0C46 0 57 10 57 26C57 43 44 54 1 100H59", 59.0),
    (
        "M3 14C9 5 17 0 28 0C44 0 54 9 54 24C54 39 43 47 25 47C45 47 57 57 57 73C57 90 45 100 28 100C15 100 5 94 0 83",
        57.0,
    ),
    ("M45 100V0L0 70H62", 62.0),
    ("M52 0H12L7 45C13 40 20 37 29 37C47 37 59 50 59 68C59 87 46 100 28 100C15 100 6 94 0 84", 59.0),
    ("M48 0C22 14 0 40 0 67C0 87 12 100 30 100C48 100 60 87 60 69S48 38 30 38C15 38 4 49 0 63", 60.0),
    ("M0 0H56C38 28 25 60 21 100", 56.0),
    (
        "M30 46C15 46 5 37 5 23S15 0 30 0S55 9 55 23S45 46 30 46C12 46 0 57 0 73S12 100 30 100S60 89 60 73S48 46 30 46Z",
        60.0,
    ),
    ("M12 100C38 86 60 60 60 33C60 13 48 0 30 0C12 0 0 13 0 31S12 62 30 62C45 62 56 51 60 37", 60.0),
];
/// Paper between two digits, whatever the line's width.
const APART: f64 = 15.0;

/// A number as tall as `height`, drawn with a line of `width` hundredths of that, its middle at the origin.
pub(crate) fn number(number: u32, height: f64, width: f64) -> BezPath {
    let pen = Stroke::new(width).with_caps(Cap::Round).with_join(Join::Round);
    let mut path = BezPath::new();
    let mut end = 0.0;
    for digit in number.to_string().bytes() {
        let (line, across) = DIGITS[usize::from(digit - b'0')];
        let line = BezPath::from_svg(line).unwrap_or_default();
        path.extend(Affine::translate((end + width / 2.0, 0.0)) * outline(&line, &pen));
        end += across + width + APART;
    }
    let middle = ((end - APART) / 2.0, 50.0);
    // The line's ends stand out above and below.
    let scale = height / (100.0 + width);
    Affine::scale(scale) * Affine::translate((-middle.0, -middle.1)) * path
}

#[cfg(test)]
mod tests {
    use kurbo::Shape;

    use super::*;

    #[test]
    fn a_number_is_as_tall_as_asked_and_stands_in_the_middle() {
        for asked in 0..=30 {
            let bounds = number(asked, 20.0, 14.0).bounding_box();
            assert!((bounds.height() - 20.0).abs() < 0.6, "{asked} {bounds:?}");
            assert!(bounds.center().to_vec2().hypot() < 0.6, "{asked} {bounds:?}");
        }
    }
}
