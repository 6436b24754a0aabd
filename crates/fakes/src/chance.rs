//! What befalls whom by chance, the same each time.

use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

/// Chance that depends on nothing but these: the seed, and that something happens to somebody for the nth time.
pub(crate) fn dice(seed: u64, what: &str, whom: &str, number: u64) -> StdRng {
    let mut hasher = DefaultHasher::new();
    (seed, what, whom, number).hash(&mut hasher);
    StdRng::seed_from_u64(hasher.finish())
}

/// One of these, each with its share of one; none where the dice fall beyond all of them.
pub(crate) fn throw<T: Copy>(mut dice: StdRng, shares: &[(f64, T)]) -> Option<T> {
    let mut thrown: f64 = dice.random();
    shares.iter().find_map(|(share, it)| {
        thrown -= share;
        (thrown < 0.0).then_some(*it)
    })
}
