//! A round of pushes, whichever wallet it is for: a wallet that refuses us as a whole rests, for all replicas, until one
//! row finds out that it takes us again.

use std::time::Duration;

use chrono::{DateTime, Utc};
use tracing::Span;

use super::App;
use crate::store::push::Push;
use crate::{Error, store};

/// How long a wallet that refuses us rests before one row finds out whether we are taken again.
pub(super) const STOPPED: Duration = Duration::from_secs(5 * 60);

/// What waits for one wallet, and how it is taken.
pub(crate) struct Queue {
    /// Its name, in rows and logs.
    pub(crate) wallet: &'static str,
    /// Rows in hand at once.
    pub(crate) most_under_way: i64,
    /// How long a row is a worker's; a killed one's rows are taken by another after that.
    pub(super) lease: Duration,
}

/// The rows of one round, and how the wallet stood when they were taken.
pub(crate) struct Round {
    pub(super) pushes: Vec<Push>,
    wallet: &'static str,
    is_stopped: bool,
    began: DateTime<Utc>,
}

impl Round {
    /// How many rows it has; none where nothing is due.
    pub(crate) fn rows(&self) -> i64 {
        i64::try_from(self.pushes.len()).unwrap_or(i64::MAX)
    }

    /// True where it finds out whether a wallet that refused us takes us again. It goes alone.
    pub(crate) fn is_a_trial(&self) -> bool {
        self.is_stopped
    }
}

/// What one push is traced by: it goes on where the change began that it tells of.
pub(super) fn span(wallet: &'static str, push: &Push) -> Span {
    let span = tracing::info_span!("push", wallet, sello.card.id = %push.card);
    if let Some(parent) = &push.traceparent {
        boot::trace::continue_from_parent(&span, parent);
    }
    span
}

impl App {
    /// Takes up to `batch` rows of a queue: one where the wallet is stopped, none while it rests.
    pub(crate) async fn begin_round(&self, queue: &Queue, batch: i64) -> Result<Round, Error> {
        let Queue { wallet, lease, .. } = *queue;
        let now = self.clock.now();
        let stopped = store::stopped::all(&self.pool).await?;
        let stopped = stopped.into_iter().find(|stopped| stopped.wallet == wallet);
        let pushes = match &stopped {
            Some(stopped) if stopped.try_at > now => Vec::new(),
            Some(_) => store::push::take(&self.pool, wallet, now, now + lease, 1).await?,
            None => store::push::take(&self.pool, wallet, now, now + lease, batch).await?,
        };
        Ok(Round { pushes, wallet, is_stopped: stopped.is_some(), began: now })
    }

    /// Stops the wallet where an answer says that we are refused, and why; lets it go on where one was taken.
    pub(super) async fn end_round(
        &self,
        round: &Round,
        answers: Vec<Result<Option<String>, Error>>,
    ) -> Result<(), Error> {
        let Round { wallet, is_stopped, began, .. } = *round;
        let (mut told, mut refused, mut failed) = (false, None, None);
        for answer in answers {
            match answer {
                Ok(Some(reason)) => refused = Some(reason),
                Ok(None) => told = true,
                Err(error) => failed = Some(error),
            }
        }
        if let Some(reason) = refused {
            tracing::error!(wallet, %reason, "the wallet refuses us; nothing is sent until we are taken again");
            store::stopped::stop(&self.pool, wallet, &reason, began, began + STOPPED).await?;
        } else if told && is_stopped {
            store::stopped::go_on(&self.pool, wallet).await?;
        }
        failed.map_or(Ok(()), Err)
    }
}
