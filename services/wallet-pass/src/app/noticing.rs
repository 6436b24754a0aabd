//! Telling browsers: rows are taken, each is sent its words, and what came of it is written down.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use futures::future::join_all;
use rand::Rng;
use tracing::Instrument;
use uuid::Uuid;

use super::App;
use super::rounds::{Queue, Round, STOPPED, span};
use super::saying::{ASK_AGAIN, Reach, Reachable, reach};
use crate::domain::message::{Outcome, signed};
use crate::domain::retry::{MOST_ATTEMPTS, pause};
use crate::store::push::Push;
use crate::store::web::Target;
use crate::web::Web;
use crate::web::client::{Answer, Message, Travel};
use crate::{Error, store};

/// What browsers are to be told.
pub(crate) const WEB: Queue = Queue { wallet: "web", most_under_way: 100, lease: Duration::from_secs(60) };
/// How long a push service keeps words for a browser that is off, unless they are good for less.
const KEPT: Duration = Duration::from_secs(3 * 24 * 3_600);

/// Tells browsers, for one process.
pub(crate) struct Noticing {
    app: Arc<App>,
}

impl Noticing {
    pub(crate) fn new(app: Arc<App>) -> Self {
        Self { app }
    }

    /// Deals with the rows of a round. A row may have waited for days: who may be written to is asked each time. All that browsers
    /// are told are words of campaigns, so all of it has its night.
    pub(crate) async fn finish(self: Arc<Self>, round: Round) -> Result<(), Error> {
        let Some(web) = &self.app.web else { return Ok(()) };
        let pushes: Vec<Uuid> = round.pushes.iter().map(|push| push.push).collect();
        store::web::adopt(&self.app.pool, &pushes, self.app.clock.now()).await?;
        let asked = round.pushes.iter().map(|push| (push.business, push.customer)).collect();
        let reachable = self.app.reachable(asked).await;
        let answers = join_all(round.pushes.iter().map(|push| self.send(web, push, &reachable))).await;
        self.app.end_round(&round, answers).await
    }

    /// Sends one and writes down what came of it; `Some` where our key was refused.
    async fn send(&self, web: &Web, push: &Push, reachable: &Reachable) -> Result<Option<String>, Error> {
        let span = span("web", push);
        async {
            let app = &self.app;
            let Some(target) = store::web::target(&app.pool, push.push).await? else {
                store::push::drop(&app.pool, push.push).await?;
                return Ok(None);
            };
            let now = app.clock.now();
            let is_late = target.good_until.is_some_and(|end| end <= now);
            if is_late || target.is_stopped || target.words.is_empty() {
                self.told(push, &target, Outcome::Expired).await?;
                return Ok(None);
            }
            match reach(reachable, push.business, push.customer) {
                Reach::May => {}
                Reach::MayNot => {
                    store::push::told(&app.pool, push.push, push.wanted, now).await?;
                    app.silence_now(push.business, push.customer, Outcome::NoConsent).await?;
                    return Ok(None);
                }
                Reach::NotBefore(morning) => {
                    store::push::postpone(&app.pool, &[push.push], "", morning).await?;
                    return Ok(None);
                }
                Reach::Unknown => {
                    store::push::postpone(&app.pool, &[push.push], "", now + ASK_AGAIN).await?;
                    return Ok(None);
                }
            }
            // With another key of ours the browser's service takes nothing; the page subscribes anew when she opens it.
            let url = Some(&target.endpoint).filter(|_| target.made_with == web.client.public_key());
            let Some(url) = url.and_then(|endpoint| web.url(endpoint)) else {
                self.gone(&target).await?;
                return Ok(None);
            };
            let answer = match app.peers.name(push.business).await {
                Ok(shop) => {
                    let message = message(push, &target, shop);
                    let topic = push.push.simple().to_string();
                    let travel = Travel { keep: kept(target.good_until, now), topic: &topic };
                    web.client.send((&url, &target.keys), &message, travel, now).await
                }
                Err(error) => {
                    tracing::warn!(%error, "a shop's name cannot be read; will try again");
                    Answer::Again { reason: "unreachable", after: None }
                }
            };
            metrics::counter!("passes_pushed_total", "wallet" => "web", "answer" => word(&answer))
                .increment(1);
            self.write(push, &target, answer).await
        }
        .instrument(span)
        .await
    }

    async fn write(&self, push: &Push, target: &Target, answer: Answer) -> Result<Option<String>, Error> {
        let (app, now) = (&self.app, self.app.clock.now());
        match answer {
            Answer::Taken => self.told(push, target, Outcome::Delivered).await?,
            Answer::Gone => self.gone(target).await?,
            // Only a browser that took our messages before says something of our key: anybody can write to us that she
            // has one which does not, and must not stop the others with it.
            Answer::Credentials(reason) if target.was_taken => {
                store::push::postpone(&app.pool, &[push.push], "credentials", now + STOPPED).await?;
                return Ok(Some(reason));
            }
            Answer::Credentials(_) => self.give_up(push, target, "credentials").await?,
            Answer::Refused(reason) => self.give_up(push, target, &reason).await?,
            Answer::Again { reason, .. } if push.attempts + 1 >= MOST_ATTEMPTS => {
                self.give_up(push, target, reason).await?;
            }
            Answer::Again { reason, after } => {
                let own = pause(push.attempts + 1, rand::rng().random());
                let next_at = now + after.map_or(own, |asked| asked.max(own));
                store::push::failed(&app.pool, push.push, reason, Some(next_at)).await?;
            }
        }
        Ok(None)
    }

    /// There is nothing more to say to this browser. Words are held before pushes, as everybody does.
    async fn told(&self, push: &Push, target: &Target, outcome: Outcome) -> Result<(), Error> {
        let app = &self.app;
        let mut tx = app.pool.begin().await?;
        let facts = match target.send {
            Some(send) if outcome == Outcome::Delivered => app.end_words(&mut tx, &[send], outcome).await?,
            Some(send) => app.end_words_unless_others_wait(&mut tx, push.push, send, outcome).await?,
            None => Vec::new(),
        };
        store::push::told(&mut *tx, push.push, push.wanted, app.clock.now()).await?;
        let appended = app.outbox.append(&mut tx, facts).await?;
        tx.commit().await?;
        appended.committed();
        Ok(())
    }

    /// The browser is gone, with all cards that it wanted to hear of.
    async fn gone(&self, target: &Target) -> Result<(), Error> {
        let app = &self.app;
        let mut tx = app.pool.begin().await?;
        let subscriptions = store::web::at(&mut tx, &target.endpoint).await?;
        let facts = app.forget_browsers(&mut tx, &subscriptions, None).await?;
        let appended = app.outbox.append(&mut tx, facts).await?;
        tx.commit().await?;
        appended.committed();
        Ok(())
    }

    /// A person must look; the campaign does not wait for her.
    async fn give_up(&self, push: &Push, target: &Target, reason: &str) -> Result<(), Error> {
        let app = &self.app;
        app.give_up(push, "web", reason).await?;
        let Some(send) = target.send else { return Ok(()) };
        let mut tx = app.pool.begin().await?;
        let outcome = Outcome::Unreachable;
        let facts = app.end_words_unless_others_wait(&mut tx, push.push, send, outcome).await?;
        let appended = app.outbox.append(&mut tx, facts).await?;
        tx.commit().await?;
        appended.committed();
        Ok(())
    }
}

fn message(push: &Push, target: &Target, shop: String) -> Message {
    Message {
        body: signed(&target.words, &shop),
        title: shop,
        url: format!("/t/{}", push.card),
        id: format!("{}-{}", push.push.simple(), push.wanted),
    }
}

fn kept(good_until: Option<DateTime<Utc>>, now: DateTime<Utc>) -> Duration {
    let left = good_until.and_then(|end| (end - now).to_std().ok());
    left.map_or(KEPT, |left| left.min(KEPT))
}

fn word(answer: &Answer) -> &'static str {
    match answer {
        Answer::Taken => "taken",
        Answer::Gone => "gone",
        Answer::Again { .. } => "again",
        Answer::Refused(_) => "refused",
        Answer::Credentials(_) => "credentials",
    }
}
