use std::time::Instant;

use tokio::sync::Mutex;

use super::Failure;

/// A value that many need and one fetches. Whoever comes meanwhile waits for that one, and shares its failure: a
/// crowd that waits for a server that hangs waits once, and not once each.
pub(super) struct Shared<T> {
    slot: Mutex<Slot<T>>,
}

struct Slot<T> {
    value: Option<T>,
    failed: Option<(Instant, Failure)>,
}

impl<T: Clone> Shared<T> {
    pub(super) fn new() -> Self {
        Self { slot: Mutex::new(Slot { value: None, failed: None }) }
    }

    /// The value, if it is good; else what `fetch` brings, which runs in one task at a time. A task that is given up
    /// takes its fetch with it, and the next in line begins its own.
    pub(super) async fn get(
        &self,
        is_good: impl Fn(&T) -> bool,
        fetch: impl Future<Output = Result<T, Failure>>,
    ) -> Result<T, Failure> {
        let asked = Instant::now();
        let mut slot = self.slot.lock().await;
        if let Some(value) = slot.value.as_ref().filter(|value| is_good(value)) {
            return Ok(value.clone());
        }
        if let Some((at, failure)) = &slot.failed
            && *at >= asked
        {
            return Err(failure.clone());
        }
        match fetch.await {
            Ok(value) => {
                *slot = Slot { value: Some(value.clone()), failed: None };
                Ok(value)
            }
            Err(failure) => {
                slot.failed = Some((Instant::now(), failure.clone()));
                Err(failure)
            }
        }
    }
}
