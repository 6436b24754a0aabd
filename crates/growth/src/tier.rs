//! WhatsApp's tiers: how many persons may be written to within 24 hours.

use std::fmt;

use crate::{Assumptions, Messages, Scenario, Year};

/// A messaging tier, as WhatsApp has them today.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Tier {
    /// 250 persons: a new portfolio.
    New,
    /// 2,000 persons. The document's tier of 1,000 exists no more.
    TwoThousand,
    /// 10,000 persons.
    TenThousand,
    /// 100,000 persons.
    HundredThousand,
    /// Without a limit.
    Unlimited,
}

impl Tier {
    /// From the least.
    pub const ALL: [Self; 5] =
        [Self::New, Self::TwoThousand, Self::TenThousand, Self::HundredThousand, Self::Unlimited];

    /// The document's tiers, by their limit.
    pub const DOCUMENT: [u64; 4] = [250, 1_000, 10_000, 100_000];

    /// Persons within 24 hours; none is no limit.
    pub fn limit(self) -> Option<u64> {
        match self {
            Self::New => Some(250),
            Self::TwoThousand => Some(2_000),
            Self::TenThousand => Some(10_000),
            Self::HundredThousand => Some(100_000),
            Self::Unlimited => None,
        }
    }

    /// The least tier that so many persons a day fit in.
    pub fn needed(persons: f64) -> Self {
        let fits = |tier: &Self| tier.limit().is_none_or(|limit| persons <= limit as f64);
        Self::ALL.into_iter().find(fits).unwrap_or(Self::Unlimited)
    }

    /// The least of the document's tiers, by number, that so many persons a day fit in.
    pub fn needed_of_the_document(persons: f64) -> Option<usize> {
        Self::DOCUMENT.iter().position(|limit| persons <= *limit as f64)
    }
}

impl fmt::Display for Tier {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.pad(match self {
            Self::New => "250",
            Self::TwoThousand => "2,000",
            Self::TenThousand => "10,000",
            Self::HundredThousand => "100,000",
            Self::Unlimited => "no limit",
        })
    }
}

/// When a tier is outgrown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TierStep {
    /// The tier that becomes too small.
    pub from: Tier,
    /// The next.
    pub to: Tier,
    /// Businesses whose busiest day uses so much of it that it is raised by itself.
    pub raised_at: u64,
    /// Businesses whose busiest day no longer fits.
    pub full_at: u64,
    /// The quarter in which there are so many, if growth is as planned.
    pub by: Option<&'static str>,
}

/// The tiers that growth leaves behind, one after the other.
pub fn steps(assumed: &Assumptions) -> Vec<TierStep> {
    // Everything grows with the number of businesses; a million of them are many enough to divide by.
    let of_one = Messages::of(1_000_000, assumed).busiest_day / 1_000_000.0;
    let pairs = Tier::ALL.iter().zip(Tier::ALL.iter().skip(1));
    pairs
        .filter_map(|(from, to)| {
            let limit = from.limit()? as f64;
            let full_at = (limit / of_one) as u64;
            let raised_at = (limit * assumed.tier_used.value / of_one) as u64;
            let full_at = full_at.saturating_add(1);
            Some(TierStep { from: *from, to: *to, raised_at, full_at, by: quarter_of(full_at) })
        })
        .collect()
}

/// When there are so many businesses: by the realistic scenario, and after it by the years 4 and 5.
fn quarter_of(businesses: u64) -> Option<&'static str> {
    let later = || Year::ALL.into_iter().find(|year| year.businesses() >= businesses).map(Year::ends);
    Scenario::Realistic.reached(businesses).map(|row| row.name).or_else(later)
}
