//! Telling Apple's phones: rows are taken, pushed at once over one connection, and what came of each is written down.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use futures::future::join_all;
use rand::Rng;
use tracing::Instrument;

use super::App;
use super::rounds::{Queue, Round, STOPPED, span};
use crate::Error;
use crate::apple::Apple;
use crate::apple::apns::Answer;
use crate::domain::retry::{MOST_ATTEMPTS, pause};
use crate::store::push::Push;
use crate::{events, store};

/// What Apple's phones are to be told.
pub(crate) const APPLE: Queue =
    Queue { wallet: "apple", most_under_way: 200, lease: Duration::from_secs(30) };
/// The pause after a phone was told too often (APNs: TooManyRequests).
const TOO_OFTEN: Duration = Duration::from_secs(5 * 60);

/// Pushes for one process.
pub(crate) struct Pushing {
    app: Arc<App>,
}

impl Pushing {
    pub(crate) fn new(app: Arc<App>) -> Self {
        Self { app }
    }

    /// Deals with the rows of a round.
    pub(crate) async fn finish(self: Arc<Self>, round: Round) -> Result<(), Error> {
        let Some(apple) = &self.app.apple else { return Ok(()) };
        let answers = join_all(round.pushes.iter().map(|push| self.send(apple, push))).await;
        self.app.end_round(&round, answers).await
    }

    /// Sends one and writes down what came of it; `Some` where our certificate was refused.
    async fn send(&self, apple: &Apple, push: &Push) -> Result<Option<String>, Error> {
        let span = span("apple", push);
        async {
            let app = &self.app;
            let Some(token) = store::registration::push_token(&app.pool, &push.device, push.card).await?
            else {
                store::push::drop(&app.pool, push.push).await?;
                return Ok(None);
            };
            if app.put_off(push).await? {
                return Ok(None);
            }
            let answer = apple.apns.push(&token, app.clock.now()).await;
            metrics::counter!("passes_pushed_total", "wallet" => "apple", "answer" => word(&answer))
                .increment(1);
            self.write(push, &token, answer).await
        }
        .instrument(span)
        .await
    }

    async fn write(&self, push: &Push, token: &str, answer: Answer) -> Result<Option<String>, Error> {
        let (pool, now) = (&self.app.pool, self.app.clock.now());
        match answer {
            Answer::Taken => self.app.told(push, false).await?,
            Answer::BadToken => self.forget(token, now).await?,
            Answer::Gone(since) => {
                self.forget(token, since).await?;
                // A phone that registered again since is told by its new registration.
                store::push::told(pool, push.push, push.wanted, now).await?;
            }
            Answer::Certificate(reason) => {
                store::push::postpone(pool, &[push.push], "certificate", now + STOPPED).await?;
                return Ok(Some(reason));
            }
            Answer::TooOften => {
                let after = TOO_OFTEN.mul_f64(1.0 + rand::rng().random::<f64>());
                self.again(push, "too_often", after).await?;
            }
            Answer::Again(reason) => {
                let after = pause(push.attempts + 1, rand::rng().random());
                self.again(push, &reason, after).await?;
            }
            Answer::Refused(reason) => self.app.give_up(push, "apple", &reason).await?,
        }
        Ok(None)
    }

    async fn again(&self, push: &Push, reason: &str, after: Duration) -> Result<(), Error> {
        if push.attempts + 1 >= MOST_ATTEMPTS {
            return self.app.give_up(push, "apple", reason).await;
        }
        let next_at = self.app.clock.now() + after;
        Ok(store::push::failed(&self.app.pool, push.push, reason, Some(next_at)).await?)
    }

    async fn forget(&self, token: &str, dead_since: DateTime<Utc>) -> Result<(), Error> {
        let app = &self.app;
        let gone = store::registration::forget_push_token(&app.pool, token, dead_since).await?;
        let mut facts = Vec::new();
        for (card, _) in gone {
            if let Some(pass) = store::pass::find(&app.pool, card).await? {
                facts.push(events::removed(&pass, "apple", app.clock.now()));
            }
        }
        if facts.is_empty() { Ok(()) } else { app.tell(facts).await }
    }
}

impl App {
    /// A person must look: it is listed, and told.
    pub(super) async fn give_up(&self, push: &Push, wallet: &str, reason: &str) -> Result<(), Error> {
        store::push::failed(&self.pool, push.push, reason, None).await?;
        self.tell(vec![events::push_failed(push, wallet, reason, self.clock.now())]).await
    }
}

fn word(answer: &Answer) -> &'static str {
    match answer {
        Answer::Taken => "taken",
        Answer::BadToken => "bad_token",
        Answer::Gone(_) => "gone",
        Answer::Certificate(_) => "certificate",
        Answer::TooOften => "too_often",
        Answer::Again(_) => "again",
        Answer::Refused(_) => "refused",
    }
}
