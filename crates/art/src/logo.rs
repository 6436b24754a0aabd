//! A shop's logo: read from what an owner uploads, and kept as nothing but dots.
//!
//! What a file is, its content says. Dimensions are read before dots are, so that a small file cannot fill the memory.
//! What is kept was written by us: no metadata, no script and no address of the upload are in it.

mod effort;
mod jpeg;
mod picture;
mod svg;

use tiny_skia::Pixmap;

use crate::colour::Colour;
use crate::pixels::{fitted, shrunk, trimmed};
use crate::raster;

/// The largest file, in bytes.
pub const MOST_BYTES: usize = 2 * 1024 * 1024;
/// The shortest side, in dots.
pub const LEAST_DOTS: u32 = 32;
/// The longest side of an upload, in dots.
pub const MOST_DOTS: u32 = 4096;
/// The longest side of what is kept, in dots.
pub const KEPT_DOTS: u32 = 1024;

/// How much the dots of an edge may differ and still be one colour, in steps of a channel.
const ONE_COLOUR: u8 = 12;
/// The contrast from which a shape is seen on its ground, however faintly.
const SEEN: f64 = 1.4;
/// The share of a logo that must be seen on a ground to be put there.
const ENOUGH_SEEN: f64 = 0.15;

/// A logo as it is kept: at most 1024 dots a side, without the empty margin it came with.
#[derive(Clone, Debug)]
pub struct Logo {
    dots: Pixmap,
    png: Vec<u8>,
}

/// Why a file is no logo.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LogoError {
    /// More than 2 MB.
    #[error("the file is larger than 2 MB")]
    TooLarge,
    /// Neither PNG nor JPEG nor SVG.
    #[error("the file is neither PNG nor JPEG nor SVG")]
    NotAnImage,
    /// A side of less than 32 dots, without its empty margin.
    #[error("a side is shorter than 32 dots")]
    TooSmall,
    /// A side of more than 4096 dots.
    #[error("a side is longer than 4096 dots")]
    TooManyPixels,
    /// It moves.
    #[error("the image is animated")]
    Animated,
    /// It says what it is, but cannot be read to its end.
    #[error("the image is damaged")]
    Broken,
    /// Nothing can be seen in it.
    #[error("the image is empty")]
    Blank,
    /// An SVG with a script, an event handler or a foreign page in it.
    #[error("the drawing holds a script")]
    Scripted,
    /// An SVG that loads something from elsewhere.
    #[error("the drawing refers to another file")]
    RefersOutside,
    /// An SVG with letters that need a font: their outlines are wanted.
    #[error("the drawing holds text that was not turned into outlines")]
    HasText,
    /// An SVG around an image of dots: that image is wanted.
    #[error("the drawing holds an image of dots")]
    HasPicture,
    /// An SVG that takes more work than a logo does: filters, patterns, markers, layers by the hundred, copies of copies.
    #[error("the drawing is too complex")]
    TooComplex,
}

impl LogoError {
    /// The rule that broke, as a word for answers.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::TooLarge => "too_large",
            Self::NotAnImage => "not_an_image",
            Self::TooSmall => "too_small",
            Self::TooManyPixels => "too_many_pixels",
            Self::Animated => "animated",
            Self::Broken => "broken",
            Self::Blank => "blank",
            Self::Scripted => "scripted",
            Self::RefersOutside => "refers_outside",
            Self::HasText => "has_text",
            Self::HasPicture => "has_picture",
            Self::TooComplex => "too_complex",
        }
    }
}

impl Logo {
    /// Reads an upload, or what was kept of one: what [`Logo::png`] gave is read as it was.
    pub fn read(bytes: &[u8]) -> Result<Self, LogoError> {
        if bytes.len() > MOST_BYTES {
            return Err(LogoError::TooLarge);
        }
        let dots = if bytes.starts_with(b"\x89PNG\r\n\x1a\n") {
            picture::read(bytes)?
        } else if bytes.starts_with(b"\xff\xd8\xff") {
            jpeg::read(bytes)?
        } else if let Some(text) = svg::text(bytes) {
            svg::read(text)?
        } else {
            return Err(LogoError::NotAnImage);
        };
        Self::kept(&trimmed(&dots).ok_or(LogoError::Blank)?)
    }

    fn kept(dots: &Pixmap) -> Result<Self, LogoError> {
        let longest = dots.width().max(dots.height()).min(KEPT_DOTS);
        let (width, height) = fitted(dots, longest, longest);
        if width.min(height) < LEAST_DOTS {
            return Err(LogoError::TooSmall);
        }
        let dots = shrunk(dots, width, height).ok_or(LogoError::Broken)?;
        let png = raster::transparent(&dots).map_err(|_| LogoError::Broken)?;
        Ok(Self { dots, png })
    }

    /// The logo as PNG, with its transparency.
    pub fn png(&self) -> &[u8] {
        &self.png
    }

    /// How wide it is, in dots.
    pub fn width(&self) -> u32 {
        self.dots.width()
    }

    /// How tall it is, in dots.
    pub fn height(&self) -> u32 {
        self.dots.height()
    }

    pub(crate) fn dots(&self) -> &Pixmap {
        &self.dots
    }

    /// The colour it stands on, where it brought its own ground: its whole edge is of one colour.
    pub(crate) fn ground(&self) -> Option<Colour> {
        let (width, height) = (self.width(), self.height());
        let across = (0..width).flat_map(|x| [(x, 0), (x, height - 1)]);
        let down = (0..height).flat_map(|y| [(0, y), (width - 1, y)]);
        let mut low = [u8::MAX; 4];
        let mut high = [0; 4];
        for (x, y) in across.chain(down) {
            let dot = self.dots.pixel(x, y)?;
            for (at, channel) in [dot.red(), dot.green(), dot.blue(), dot.alpha()].into_iter().enumerate() {
                low[at] = low[at].min(channel);
                high[at] = high[at].max(channel);
            }
        }
        let is_one = low.iter().zip(high).all(|(low, high)| high - low <= ONE_COLOUR) && low[3] == u8::MAX;
        let [red, green, blue, _] = [0, 1, 2, 3].map(|at| low[at].midpoint(high[at]));
        is_one.then_some(Colour(red, green, blue))
    }

    /// False for a white logo on white paper.
    pub(crate) fn is_seen_on(&self, ground: Colour) -> bool {
        // Some thousand dots say as much as all of them.
        let step = (self.dots.pixels().len() / 4096).max(1);
        let (mut seen, mut all) = (0.0, 0.0);
        for dot in self.dots.pixels().iter().step_by(step) {
            let covers = f64::from(dot.alpha()) / 255.0;
            let dot = dot.demultiply();
            all += covers;
            if Colour(dot.red(), dot.green(), dot.blue()).contrast(ground) >= SEEN {
                seen += covers;
            }
        }
        seen >= all * ENOUGH_SEEN
    }
}
