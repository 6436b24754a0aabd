//! Colours of ink, and which of them can be read on white paper.

/// A colour of the screen and of the printer: red, green, blue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Colour(pub(super) u8, pub(super) u8, pub(super) u8);

impl Colour {
    /// The sheet itself.
    pub(super) const PAPER: Self = Self(255, 255, 255);
    /// What a camera reads.
    pub(super) const CODE: Self = Self(0, 0, 0);
    /// Words that are not the shop's own: the near-black of the pages.
    pub(super) const INK: Self = Self(0x24, 0x1b, 0x15);
    /// The house's own stamp ink, for a shop that chose none.
    const HOUSE: Self = Self(0x31, 0x27, 0xa0);

    /// A shop's ink (`#rrggbb`), darkened as far as it must be to be read on paper.
    pub(super) fn ink(hex: &str) -> Self {
        Self::parse(hex).unwrap_or(Self::HOUSE).readable()
    }

    fn parse(hex: &str) -> Option<Self> {
        let digits = hex.strip_prefix('#').filter(|digits| digits.len() == 6 && digits.is_ascii())?;
        let channel = |at: usize| u8::from_str_radix(&digits[at..at + 2], 16).ok();
        Some(Self(channel(0)?, channel(2)?, channel(4)?))
    }

    /// The same hue with less light, until its contrast with white is that of text (WCAG 2.2 AA, 4.5 to 1).
    fn readable(self) -> Self {
        // White's luminance and the formula's offset are 1.05 together; a hair is kept for rounding.
        const MOST_LIGHT: f64 = 1.05 / 4.55 - 0.05;
        let light = self.luminance();
        if light <= MOST_LIGHT {
            return self;
        }
        let less = |channel: u8| from_linear(to_linear(channel) * MOST_LIGHT / light);
        Self(less(self.0), less(self.1), less(self.2))
    }

    fn luminance(self) -> f64 {
        0.2126 * to_linear(self.0) + 0.7152 * to_linear(self.1) + 0.0722 * to_linear(self.2)
    }
}

fn to_linear(channel: u8) -> f64 {
    let part = f64::from(channel) / 255.0;
    if part <= 0.040_45 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
}

fn from_linear(part: f64) -> u8 {
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
}
