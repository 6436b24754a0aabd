//! How a shop's card looks, made so that it can be read whatever the shop chose.

use crate::colour::Colour;
use crate::figures::Figure;
use crate::oklch::Oklch;
use crate::stamp::Pad;

/// How far a shop's paper may leave ours: light enough for our own words, quiet enough to stay a ground.
const LEAST_LIGHT: f64 = 0.955;
const MOST_CHROMA: f64 = 0.035;

/// Words that stand back (`--ink-soft` of the pages).
const SOFT_LIGHT: f64 = 0.455;
const SOFT_CHROMA: f64 = 0.03;

/// How much of its ink a stamp behind words has.
const GHOST: f64 = 0.055;

/// The look of a card: its ink, its paper and what its stamps show. The ink can be read on the paper.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Look {
    ink: Colour,
    paper: Colour,
    figure: Figure,
}

/// What a pass is printed in. Words of both inks can be read on the paper, and on all that [`crate::artwork`] puts
/// behind them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Colours {
    /// The paper.
    pub background: Colour,
    /// Values: the shop's ink, darkened a little further where it must be.
    pub foreground: Colour,
    /// What the values are: words that stand back.
    pub label: Colour,
}

impl Look {
    /// Reads what a design says: two colours as `#rrggbb`, and a figure's name. What cannot be read is the house's own.
    pub fn read(ink: &str, paper: &str, shape: &str) -> Self {
        let paper = Colour::parse(paper).map_or(Colour::SHEET, quiet);
        let ink = Colour::parse(ink).unwrap_or(Colour::HOUSE).readable_on(paper);
        Self { ink, paper, figure: Figure::named(shape) }
    }

    /// The ink, as far as it must be from the paper to be read.
    pub fn ink(&self) -> Colour {
        self.ink
    }

    /// The paper, as light as words need it.
    pub fn paper(&self) -> Colour {
        self.paper
    }

    /// What its stamps show.
    pub fn figure(&self) -> Figure {
        self.figure
    }

    /// The colours of a pass.
    pub fn colours(&self) -> Colours {
        let ground = self.ghost();
        Colours {
            background: self.paper,
            foreground: self.ink.readable_on(ground),
            label: self.soft().readable_on(ground),
        }
    }

    /// The ink of words that stand back: as light and as grey as those of the pages, in the hue of the shop's own.
    pub(crate) fn soft(&self) -> Colour {
        let ink = self.ink.oklch();
        let soft = Oklch { lightness: SOFT_LIGHT, chroma: SOFT_CHROMA.min(ink.chroma), hue: ink.hue };
        Colour::of_oklch(soft).readable_on(self.paper)
    }

    /// What stands behind words: hardly darker than the paper.
    pub(crate) fn ghost(&self) -> Colour {
        self.ink.over(self.paper, GHOST)
    }

    pub(crate) fn pad(&self) -> Pad {
        Pad { ink: self.ink, paper: self.paper }
    }
}

impl Default for Look {
    /// The house's own.
    fn default() -> Self {
        Self::read("", "", "")
    }
}

/// The paper of a shop: its hue stays.
fn quiet(paper: Colour) -> Colour {
    let Oklch { lightness, chroma, hue } = paper.oklch();
    Colour::of_oklch(Oklch { lightness: lightness.max(LEAST_LIGHT), chroma: chroma.min(MOST_CHROMA), hue })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_cannot_be_read_is_the_houses_own() {
        assert_eq!(Look::read("red", "url(x)", "guitar"), Look::default());
        assert_eq!(Look::default().ink().to_string(), "#3127a0");
    }

    #[test]
    fn a_paper_is_as_light_as_the_pages_make_it() {
        // What `shopPaper` of the pages makes of each.
        for (paper, shown) in [
            ("#fbf6ea", "#fbf6ea"),
            ("#ffffff", "#ffffff"),
            ("#000000", "#f0f0f0"),
            ("#f2c230", "#faf0d6"),
            ("#0055ff", "#e9f0fd"),
            ("#ffd0e0", "#feeaf1"),
        ] {
            assert_eq!(Look::read("", paper, "").paper().to_string(), shown);
        }
    }

    proptest! {
        /// Whatever a shop chooses, every word of its pass can be read (WCAG 2.2 AA).
        #[test]
        fn every_word_of_a_pass_can_be_read(ink in "#[0-9a-f]{6}", paper in "#[0-9a-f]{6}") {
            let look = Look::read(&ink, &paper, "cup");
            let colours = look.colours();
            prop_assert!(look.ink().contrast(look.paper()) >= 4.5, "{} on {}", look.ink(), look.paper());
            for words in [colours.foreground, colours.label] {
                for ground in [colours.background, look.ghost()] {
                    prop_assert!(words.contrast(ground) >= 4.5, "{} on {}", words, ground);
                }
            }
        }
    }
}
