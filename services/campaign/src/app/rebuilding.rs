//! The projection made anew, from what its owners tell is true now.

use kernel::{BusinessId, Principal};

use super::App;
use super::projection::Told;
use crate::Error;
use crate::store;

/// A part of a rebuild; parts come one after another.
#[derive(Debug, Default)]
pub(crate) struct Part {
    /// Forgets first.
    pub(crate) is_first: bool,
    /// What owners tell.
    pub(crate) told: Vec<(BusinessId, Told)>,
    /// Nothing comes after it.
    pub(crate) is_last: bool,
}

impl App {
    /// Takes a part in; returns how many facts there were. From the first part to the last, nobody is written to.
    pub(crate) async fn rebuild(&self, caller: &Principal, mut part: Part) -> Result<usize, Error> {
        caller.must_be_platform()?;
        // Whatever is told here, sends and their counts stay.
        part.told.retain(|(_, told)| told.is_of_projection());
        let counted = part.told.len();
        let mut tx = self.pool.begin().await?;
        if part.is_first {
            store::rebuild::begin(&mut tx, self.clock.now()).await?;
        } else if !store::rebuild::is_under_way(&mut tx).await? {
            // It would count beside what is known.
            return Err(Error::Conflict { field: "begin", reason: "not_begun".into() });
        }
        self.apply(&mut tx, part.told).await?;
        if part.is_last {
            store::rebuild::end(&mut tx).await?;
        }
        tx.commit().await?;
        Ok(counted)
    }
}
