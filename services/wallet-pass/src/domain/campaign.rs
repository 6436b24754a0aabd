//! How a campaign stands, as far as its words on passes go.

use kernel::BusinessId;

/// What becomes of the words of a campaign that nobody has been shown yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// They go.
    Going,
    /// They wait until it goes on.
    Held,
    /// They are dropped.
    Over,
}

impl Standing {
    const ALL: [Self; 3] = [Self::Going, Self::Held, Self::Over];

    /// From campaign's words for the kind and the status. An automation that is paused may go on months later, when nothing
    /// of what it had to say is true any more: what waits of it is dropped, as if it were canceled.
    pub fn of(kind: &str, status: &str) -> Self {
        match (kind, status) {
            (_, "canceled") | ("automation", "paused") => Self::Over,
            (_, "paused") => Self::Held,
            _ => Self::Going,
        }
    }

    /// The word that is kept.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Going => "going",
            Self::Held => "held",
            Self::Over => "over",
        }
    }

    /// Reads what was kept. What is no word of ours holds back, for too little is better than too much.
    pub fn from_kept(word: &str) -> Self {
        Self::ALL.into_iter().find(|standing| standing.as_str() == word).unwrap_or(Self::Held)
    }
}

/// What was heard of a campaign.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Heard {
    /// The tenant.
    pub business: BusinessId,
    /// Grows with each change; 0 where only its words were heard of.
    pub version: i64,
    /// How it stands since.
    pub standing: Standing,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_blast_that_is_paused_waits_and_an_automation_starts_anew() {
        assert_eq!(Standing::of("blast", "paused"), Standing::Held);
        assert_eq!(Standing::of("automation", "paused"), Standing::Over);
        for kind in ["blast", "automation"] {
            assert_eq!(Standing::of(kind, "canceled"), Standing::Over);
            for status in ["draft", "scheduled", "running", "done"] {
                assert_eq!(Standing::of(kind, status), Standing::Going);
            }
        }
    }

    #[test]
    fn what_was_kept_reads_as_what_it_was() {
        for standing in Standing::ALL {
            assert_eq!(Standing::from_kept(standing.as_str()), standing);
        }
        assert_eq!(Standing::from_kept(""), Standing::Held);
    }
}
