//! How far a message is. What is told may come twice and in any order: the truth is the highest that was ever told.

/// How far a message is, lowest first. Failing and being canceled end it wherever it stands, unless she has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Status {
    /// Not handed over yet.
    Waiting,
    /// Nobody knows whether the provider has it.
    InDoubt,
    /// The provider has it.
    HandedOver,
    /// It has left the provider.
    Sent,
    /// Taken back before it was handed over.
    Canceled,
    /// It will not arrive.
    Failed,
    /// On her phone.
    Delivered,
    /// She has seen it.
    Read,
}

impl Status {
    /// Every status.
    pub const ALL: [Self; 8] = [
        Self::Waiting,
        Self::InDoubt,
        Self::HandedOver,
        Self::Sent,
        Self::Canceled,
        Self::Failed,
        Self::Delivered,
        Self::Read,
    ];

    /// The word stored and told.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::InDoubt => "in_doubt",
            Self::HandedOver => "handed_over",
            Self::Sent => "sent",
            Self::Canceled => "canceled",
            Self::Failed => "failed",
            Self::Delivered => "delivered",
            Self::Read => "read",
        }
    }

    /// Reads the stored word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == word)
    }

    /// What a status of the provider's says; `None` for those of messages that come in, and for words we do not know.
    pub fn from_provider(word: &str) -> Option<Self> {
        Some(match word {
            "accepted" | "scheduled" | "queued" | "sending" => Self::HandedOver,
            "sent" => Self::Sent,
            "delivered" | "partially_delivered" => Self::Delivered,
            "read" => Self::Read,
            "failed" | "undelivered" => Self::Failed,
            "canceled" => Self::Canceled,
            _ => return None,
        })
    }

    /// Whether news of `told` change anything.
    pub fn rises_to(self, told: Self) -> bool {
        told > self
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn apply(told: &[Status]) -> Status {
        told.iter().fold(Status::Waiting, |now, told| if now.rises_to(*told) { *told } else { now })
    }

    proptest! {
        /// However callbacks are shuffled and doubled, the end is the same.
        #[test]
        fn any_order_ends_the_same(told in prop::collection::vec(prop::sample::select(&Status::ALL[..]), 0..12),
                                   seed in any::<prop::sample::Index>()) {
            let mut other = told.clone();
            other.extend(told.iter().copied());
            if !other.is_empty() {
                let by = seed.index(other.len());
                other.rotate_left(by);
            }
            prop_assert_eq!(apply(&told), apply(&other));
        }
    }

    #[test]
    fn failing_ends_it_unless_she_has_it() {
        assert!(Status::Sent.rises_to(Status::Failed) && Status::Waiting.rises_to(Status::Canceled));
        assert!(!Status::Delivered.rises_to(Status::Failed) && !Status::Read.rises_to(Status::Delivered));
    }

    #[test]
    fn a_stored_word_reads_as_what_it_was() {
        for status in Status::ALL {
            assert_eq!(Status::from_word(status.as_str()), Some(status));
        }
        assert_eq!((Status::from_word("?"), Status::from_provider("receiving")), (None, None));
    }
}
