//! Where the growth document disagrees with itself, what follows from its assumptions, and what we plan for.

mod growing;
mod holding;
mod load;
mod messaging;
mod running;
mod summary;

use crate::{Assumptions, Section};

/// How much hangs on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Weight {
    /// Another system would be built, or another bill paid, if one believed it.
    Decides,
    /// Two numbers for one thing; neither changes what is built.
    Differs,
    /// A slip of the pen.
    Slip,
}

impl Weight {
    /// From the heaviest.
    pub const ALL: [Self; 3] = [Self::Decides, Self::Differs, Self::Slip];

    /// In a sentence.
    pub fn meaning(self) -> &'static str {
        match self {
            Self::Decides => "Another system or another bill, if one believed it",
            Self::Differs => "Two numbers for one thing",
            Self::Slip => "Slips of the pen",
        }
    }
}

/// One disagreement.
#[derive(Clone, Debug, PartialEq)]
pub struct Contradiction {
    /// What it is about.
    pub subject: &'static str,
    /// The sections that disagree, with each other or with what they rest on.
    pub places: Vec<Section>,
    /// What the document says.
    pub says: String,
    /// What follows from its assumptions.
    pub follows: String,
    /// What we plan for.
    pub plan: String,
    /// Why that.
    pub why: &'static str,
    /// How much hangs on it.
    pub weight: Weight,
}

/// All that were found, the heaviest first.
pub fn contradictions(assumed: &Assumptions) -> Vec<Contradiction> {
    let mut all = summary::list(assumed);
    all.extend(growing::list(assumed));
    all.extend(load::list(assumed));
    all.extend(messaging::list(assumed));
    all.extend(holding::list(assumed));
    all.extend(running::list(assumed));
    all.sort_by_key(|one| one.weight);
    all
}
