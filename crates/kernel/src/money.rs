use serde::{Deserialize, Serialize};

/// An amount in céntimos of a sol (PEN); never negative.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Cents(i64);

impl Cents {
    /// The most one purchase may be: S/ 100,000. A larger one is a slip of the finger.
    pub const MAX: i64 = 10_000_000;

    /// Takes 0 to [`Cents::MAX`].
    pub fn new(cents: i64) -> Option<Self> {
        (0..=Self::MAX).contains(&cents).then_some(Self(cents))
    }

    /// The amount in céntimos.
    pub fn get(self) -> i64 {
        self.0
    }
}
