use std::time::{Duration, Instant};

/// How often a thing that is waited for is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(25);

/// Looks again and again until `look` finds something, and fails the test when `limit` has passed.
pub async fn eventually<T>(what: &str, limit: Duration, mut look: impl AsyncFnMut() -> Option<T>) -> T {
    let begun = Instant::now();
    loop {
        if let Some(found) = look().await {
            return found;
        }
        assert!(begun.elapsed() < limit, "waited {limit:?} in vain for {what}");
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

/// Looks again and again until nothing is left, however long that takes; fails the test when no less has been left for `stuck`.
pub async fn until_none(what: &str, stuck: Duration, mut left: impl AsyncFnMut() -> usize) {
    let mut least = usize::MAX;
    while least > 0 {
        least = eventually(what, stuck, async || Some(left().await).filter(|now| *now < least)).await;
    }
}

/// As [`eventually`], within ten seconds.
pub async fn soon<T>(what: &str, look: impl AsyncFnMut() -> Option<T>) -> T {
    eventually(what, Duration::from_secs(10), look).await
}
