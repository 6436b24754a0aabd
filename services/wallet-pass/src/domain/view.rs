//! A card as its passes show it.

use std::fmt::Write;

use chrono::{DateTime, Utc};
use kernel::{BusinessId, CardId, CustomerId, Locale, ProgramId};
use sha2::{Digest, Sha256};

use crate::domain::text::Text;

/// What all passes of a program share.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Program {
    /// Its id.
    pub id: ProgramId,
    /// The tenant.
    pub business: BusinessId,
    /// Grows with each change.
    pub version: i32,
    /// What it is called.
    pub name: String,
    /// Whose it is.
    pub organization: String,
    /// Stamps of a full card.
    pub required: i32,
    /// `#rrggbb`.
    pub ink: String,
    /// `#rrggbb`.
    pub paper: String,
    /// `circle`, `cup`, …
    pub shape: String,
    /// The counts that carry a reward, and what it is.
    pub rewards: Vec<(i32, String)>,
    /// The shop's own picture, by its name in the object store.
    pub logo: Option<String>,
}

impl Program {
    /// Changes when a pass of the program would look otherwise.
    pub fn fingerprint(&self) -> String {
        let mut told = format!(
            "{}\u{0}{}\u{0}{}\u{0}{}\u{0}{}\u{0}{}\u{0}{:?}",
            self.name, self.organization, self.required, self.ink, self.paper, self.shape, self.logo
        );
        for (at, title) in &self.rewards {
            // Writing to a text cannot fail.
            let _ = write!(told, "\u{0}{at}\u{0}{title}");
        }
        hex::encode(&Sha256::digest(told.as_bytes())[..10])
    }

    /// The counts that carry a reward.
    pub fn reward_counts(&self) -> Vec<i32> {
        self.rewards.iter().map(|(at, _)| *at).collect()
    }

    /// What comes next after so many stamps.
    pub fn next_reward(&self, stamps: i32) -> Option<&(i32, String)> {
        self.rewards.iter().filter(|(at, _)| *at > stamps).min_by_key(|(at, _)| *at)
    }
}

/// A reward that waits to be handed over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenReward {
    /// What it is.
    pub title: String,
    /// Its last moment.
    pub expires_at: Option<DateTime<Utc>>,
}

/// A card at this moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CardView {
    /// Its id.
    pub id: CardId,
    /// Whose it is.
    pub customer: CustomerId,
    /// Stamps of the running cycle.
    pub stamps: i32,
    /// Which filling it is, from 1.
    pub cycle: i32,
    /// What may be handed over.
    pub open_rewards: Vec<OpenReward>,
    /// What is scanned.
    pub code: String,
    /// What wallets make rotating codes of: what stands before the dot, and the key in hexadecimal.
    pub rotating: Option<(String, String)>,
    /// Its program, as the running cycle has it.
    pub program: Program,
    /// The language of phones that speak none of ours.
    pub language: Locale,
    /// The words of the last change; empty before the first.
    pub news: Text,
    /// Nothing is stamped on it any more.
    pub closed: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn program() -> Program {
        Program {
            id: ProgramId::generate(),
            business: BusinessId::generate(),
            version: 1,
            name: "Café".into(),
            organization: "Tostado".into(),
            required: 10,
            ink: "#8a3b12".into(),
            paper: "#fbf4e6".into(),
            shape: "cup".into(),
            rewards: vec![(5, "Galleta".into()), (10, "Café gratis".into())],
            logo: None,
        }
    }

    #[test]
    fn a_fingerprint_tells_looks_apart_and_nothing_else() {
        let (first, mut second) = (program(), program());
        assert_eq!(first.fingerprint(), second.fingerprint(), "ids and versions are not seen");
        second.rewards[1].1 = "Té gratis".into();
        assert_ne!(first.fingerprint(), second.fingerprint());
    }

    #[test]
    fn the_next_reward_is_the_first_not_yet_reached() {
        let program = program();
        assert_eq!(program.next_reward(0).map(|(at, _)| *at), Some(5));
        assert_eq!(program.next_reward(5).map(|(at, _)| *at), Some(10));
        assert_eq!(program.next_reward(10), None);
    }
}
