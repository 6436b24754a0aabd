//! Prints posters: one at a time on each core, and the latest are kept.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use moka::sync::Cache;
use tokio::sync::Semaphore;

use super::{Faces, Format, Poster};
use crate::error::{Refusal, Slug};

/// How long one waits for a core; a page takes some tenths of a second.
const PATIENCE: Duration = Duration::from_secs(5);
/// However many cores there are: a picture takes 60 MB while it is printed, and a limit of memory knows nothing of cores.
const MOST_AT_ONCE: usize = 4;
/// What is kept weighs this much at most, in bytes: some fifty posters.
const KEPT_BYTES: u64 = 16 * 1024 * 1024;

/// The one place where posters are printed.
pub(crate) struct Press {
    /// Nothing where the pages were not built.
    faces: Option<Arc<Faces>>,
    cores: Arc<Semaphore>,
    /// By all that is printed on them, so that no poster is ever out of date.
    kept: Cache<(Poster, Format), Bytes>,
}

impl Press {
    /// A press with the fonts that a build of the pages brings.
    pub(crate) fn new(pages: &Path) -> Self {
        let faces = Faces::load(&pages.join("fonts"));
        let faces = faces.inspect_err(|error| tracing::warn!(%error, "no fonts; posters cannot be printed"));
        let cores = std::thread::available_parallelism().map_or(1, usize::from).min(MOST_AT_ONCE);
        let weight = |_: &_, printed: &Bytes| u32::try_from(printed.len()).unwrap_or(u32::MAX);
        Self {
            faces: faces.ok().map(Arc::new),
            cores: Arc::new(Semaphore::new(cores)),
            kept: Cache::builder().weigher(weight).max_capacity(KEPT_BYTES).build(),
        }
    }

    /// The poster, printed now or a while ago.
    pub(crate) async fn print(&self, poster: Poster, format: Format) -> Result<Bytes, Refusal> {
        let wanted = (poster, format);
        if let Some(printed) = self.kept.get(&wanted) {
            return Ok(printed);
        }
        let faces = self.faces.clone().ok_or_else(|| Refusal::new(Slug::Unavailable).because("no_fonts"))?;
        let core = tokio::time::timeout(PATIENCE, Arc::clone(&self.cores).acquire_owned()).await;
        let Ok(Ok(core)) = core else { return Err(Refusal::new(Slug::Busy)) };
        let printing = tokio::task::spawn_blocking(move || {
            // The core is taken until the work is done, even if who asked has gone.
            let _core = core;
            let (poster, format) = &wanted;
            poster.print(&faces, *format).map(|printed| (wanted, Bytes::from(printed)))
        });
        let (wanted, printed) = match printing.await {
            Ok(Ok(done)) => done,
            Ok(Err(error)) => return Err(failed(&error)),
            Err(error) => return Err(failed(&error)),
        };
        self.kept.insert(wanted, printed.clone());
        Ok(printed)
    }
}

fn failed(error: &dyn std::fmt::Display) -> Refusal {
    tracing::error!(%error, "a poster could not be printed");
    Refusal::new(Slug::Internal)
}
