//! Reading what owners upload, one at a time: a picture of two megabytes may be a hundred and thirty while it is read, whatever its
//! file says, and a limit of memory ends everybody's passes.

use std::sync::Arc;
use std::time::Duration;

use kernel::Invalid;
use tokio::sync::Semaphore;

use crate::Error;

/// How long somebody waits for those before.
const PATIENCE: Duration = Duration::from_secs(5);

/// The one door to a decoder of strangers' pictures.
pub(crate) struct Pictures(Arc<Semaphore>);

impl Default for Pictures {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(1)))
    }
}

impl Pictures {
    /// A logo as it is kept.
    pub(crate) async fn read(&self, image: Vec<u8>) -> Result<art::Logo, Error> {
        let turn = tokio::time::timeout(PATIENCE, Arc::clone(&self.0).acquire_owned()).await;
        let Ok(Ok(turn)) = turn else { return Err(Error::Busy) };
        let reading = tokio::task::spawn_blocking(move || {
            // Taken until it is read, even if who asked has gone.
            let _turn = turn;
            art::Logo::read(&image)
        });
        Ok(reading.await?.map_err(|error| Invalid::new("image", error.as_str()))?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn whoever_comes_while_another_is_read_for_long_is_asked_to_come_again() {
        let pictures = Pictures::default();
        let turn = pictures.0.acquire().await.unwrap();
        assert!(matches!(pictures.read(Vec::new()).await, Err(Error::Busy)));
        drop(turn);
        assert!(matches!(pictures.read(Vec::new()).await, Err(Error::Invalid(_))), "read, and no picture");
    }
}
