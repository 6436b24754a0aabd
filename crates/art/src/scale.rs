//! How many dots a point has.

use crate::raster::Undrawable;

/// The kind of screen that an image is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Scale {
    /// A dot to each point: what every pass must have.
    One,
    /// Two dots to each point.
    Two,
    /// Three dots to each point: most phones.
    Three,
}

impl Scale {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::One, Self::Two, Self::Three];

    /// Dots to a point.
    pub fn dots(self) -> u32 {
        match self {
            Self::One => 1,
            Self::Two => 2,
            Self::Three => 3,
        }
    }

    /// What the names of its files end with in a pass: `strip@2x.png`.
    pub fn suffix(self) -> &'static str {
        match self {
            Self::One => "",
            Self::Two => "@2x",
            Self::Three => "@3x",
        }
    }

    pub(crate) fn factor(self) -> f64 {
        f64::from(self.dots())
    }
}

/// An image whose size we chose.
pub(crate) fn written(image: Result<Vec<u8>, Undrawable>) -> Vec<u8> {
    image.expect("a sheet with an area is written to memory")
}
