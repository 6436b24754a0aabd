//! Colours of ink and paper, and which ink can be read on which paper.

use std::fmt;

use crate::oklch::Oklch;

/// A colour of the screen and of the printer: red, green, blue. Shown as `#rrggbb`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Colour(pub u8, pub u8, pub u8);

/// Text on its ground (WCAG 2.2 AA asks for 4.5 to 1), with a hair to spare for rounding.
const ENOUGH: f64 = 4.55;
/// How far lightness moves at a time on its way to be read.
const STEP: f64 = 0.005;

impl Colour {
    /// White: the sheet in a printer.
    pub const PAPER: Self = Self(255, 255, 255);
    /// What a camera reads.
    pub const CODE: Self = Self(0, 0, 0);
    /// Words that are not the shop's own: the near-black of the pages.
    pub const INK: Self = Self(0x24, 0x1b, 0x15);
    /// The house's own stamp ink, for a shop that chose none.
    pub(crate) const HOUSE: Self = Self(0x31, 0x27, 0xa0);
    /// The house's own card, for a shop that chose none.
    pub(crate) const SHEET: Self = Self(0xfd, 0xfc, 0xf7);

    /// A shop's ink (`#rrggbb`), darkened as far as it must be to be read on a printer's paper.
    pub fn ink(hex: &str) -> Self {
        Self::parse(hex).unwrap_or(Self::HOUSE).readable_on(Self::PAPER)
    }

    /// Reads `#rrggbb` or `#rgb`, as the pages do.
    pub fn parse(hex: &str) -> Option<Self> {
        let digits = hex.strip_prefix('#').unwrap_or(hex).as_bytes();
        let digit = |at: usize| char::from(digits[at]).to_digit(16).map(|value| value as u8);
        match digits.len() {
            3 => Some(Self(digit(0)? * 17, digit(1)? * 17, digit(2)? * 17)),
            6 => {
                let channel = |at: usize| Some(digit(at)? * 16 + digit(at + 1)?);
                Some(Self(channel(0)?, channel(2)?, channel(4)?))
            }
            _ => None,
        }
    }

    /// The same hue, its lightness moved away from the paper's as far as it must be for text.
    #[must_use]
    pub fn readable_on(self, paper: Self) -> Self {
        let mut ink = self.oklch();
        let darker = paper.oklch().lightness > 0.5;
        let (step, end) = if darker { (-STEP, 0.0) } else { (STEP, 1.0) };
        let mut shown = Self::of_oklch(ink);
        while shown.contrast(paper) < ENOUGH && ink.lightness != end {
            ink.lightness = (ink.lightness + step).clamp(0.0, 1.0);
            shown = Self::of_oklch(ink);
        }
        shown
    }

    /// WCAG's contrast of two colours, 1 to 21.
    pub fn contrast(self, other: Self) -> f64 {
        let (one, other) = (self.luminance(), other.luminance());
        (one.max(other) + 0.05) / (one.min(other) + 0.05)
    }

    /// What is seen of this colour, laid on a ground so thinly that it covers that share of it.
    #[must_use]
    pub fn over(self, ground: Self, share: f64) -> Self {
        let mixed = |ink: u8, ground: u8| {
            let mixed = f64::from(ink) * share + f64::from(ground) * (1.0 - share);
            mixed.round().clamp(0.0, 255.0) as u8
        };
        Self(mixed(self.0, ground.0), mixed(self.1, ground.1), mixed(self.2, ground.2))
    }

    /// As passes of Apple and stylesheets write it.
    pub fn css(self) -> String {
        format!("rgb({}, {}, {})", self.0, self.1, self.2)
    }

    pub(crate) fn oklch(self) -> Oklch {
        Oklch::of_linear([self.0, self.1, self.2].map(to_linear))
    }

    pub(crate) fn of_oklch(colour: Oklch) -> Self {
        let [red, green, blue] = colour.to_linear().map(from_linear);
        Self(red, green, blue)
    }

    fn luminance(self) -> f64 {
        0.2126 * to_linear(self.0) + 0.7152 * to_linear(self.1) + 0.0722 * to_linear(self.2)
    }
}

impl fmt::Display for Colour {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "#{:02x}{:02x}{:02x}", self.0, self.1, self.2)
    }
}

fn to_linear(channel: u8) -> f64 {
    let part = f64::from(channel) / 255.0;
    if part <= 0.040_45 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
}

fn from_linear(part: f64) -> u8 {
    let part = part.max(0.0);
    let shown = if part <= 0.003_130_8 { part * 12.92 } else { 1.055 * part.powf(1.0 / 2.4) - 0.055 };
    (shown * 255.0).round().clamp(0.0, 255.0) as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_readable_ink_stays_as_it_is() {
        assert_eq!(Colour::ink("#a03a1c"), Colour(0xa0, 0x3a, 0x1c));
        assert_eq!(Colour::ink("blue"), Colour::HOUSE);
        assert_eq!(Colour::ink("#ñaaaa"), Colour::HOUSE);
    }

    #[test]
    fn every_ink_can_be_read_on_paper() {
        for hex in ["#ffffff", "#ffe100", "#7fffd4", "#ff8fb1", "#00ff00", "#000000", ""] {
            let contrast = 1.05 / (Colour::ink(hex).luminance() + 0.05);
            assert!(contrast >= 4.5, "{hex}: {contrast}");
        }
    }

    #[test]
    fn an_ink_is_darkened_as_the_pages_darken_it() {
        // An ink, and what `readableInk` of the pages makes of it on their sheet, on a blue paper and on white.
        for [ink, on_sheet, on_blue, on_white] in [
            ["#f2c230", "#8f7000", "#846705", "#917103"],
            ["#ffffff", "#747474", "#6c6c6c", "#747474"],
            ["#000000", "#000000", "#000000", "#000000"],
            ["#ff0000", "#e70503", "#d90a05", "#ec0603"],
            ["#00ff00", "#048703", "#077d06", "#088907"],
            ["#fff8e7", "#797364", "#716b5d", "#7c7566"],
            ["#7fffd4", "#088264", "#077b5f", "#008666"],
            ["#3127a0", "#3127a0", "#3127a0", "#3127a0"],
        ] {
            let papers =
                [(Colour::SHEET, on_sheet), (Colour(0xe9, 0xf0, 0xfd), on_blue), (Colour::PAPER, on_white)];
            for (paper, readable) in papers {
                assert_eq!(
                    Colour::parse(ink).unwrap().readable_on(paper).to_string(),
                    readable,
                    "{ink} on {paper}"
                );
            }
        }
    }

    #[test]
    fn a_colour_is_written_as_it_is_read() {
        assert_eq!(Colour::parse("#abc"), Colour::parse("aabbcc"));
        assert_eq!(Colour::parse("#A03a1c").unwrap().to_string(), "#a03a1c");
        assert_eq!(Colour(160, 58, 28).css(), "rgb(160, 58, 28)");
        assert_eq!([Colour::parse("#+1+2+3"), Colour::parse("#12345"), Colour::parse("ñññ")], [None; 3]);
    }
}
