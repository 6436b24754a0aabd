//! Groups of customers that an owner thinks in.

use kernel::Invalid;

/// Silent for longer than this is gone.
pub const LOST_DAYS: u32 = 60;
/// Joined within these last days is new.
pub const NEW_DAYS: u32 = 14;

/// Which customers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Segment {
    /// Came within [`crate::domain::dashboard::ACTIVE_DAYS`].
    Active,
    /// Silent for longer than her own rhythm: whom the dashboard counts as at risk.
    AtRisk,
    /// Silent for [`LOST_DAYS`].
    Lost,
    /// Joined within [`NEW_DAYS`], whether she came back or not.
    New,
}

impl Segment {
    /// Reads the word of the wire.
    pub fn parse(word: &str) -> Result<Self, Invalid> {
        match word {
            "active" => Ok(Self::Active),
            "at_risk" => Ok(Self::AtRisk),
            "lost" => Ok(Self::Lost),
            "new" => Ok(Self::New),
            _ => Err(Invalid::new("segment", "unknown")),
        }
    }
}
