//! Google's side of a card: saved by its holder, changed when the card changes, rung at most three times a day.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use futures::future::join_all;
use kernel::{Denied, Locale};
use rand::Rng;
use sqlx::PgPool;
use tracing::Instrument;

use super::App;
use super::rounds::{Queue, Round, STOPPED, span};
use crate::config::{Config, GoogleConfig};
use crate::domain::news::News;
use crate::domain::retry::{MOST_ATTEMPTS, pause};
use crate::domain::view::CardView;
use crate::google::callback::{self, Event, Refused};
use crate::google::{Client, Failure, Gate, Kept, Message, Notify, Settings, Written, look};
use crate::store::pass::{Changed, Pass};
use crate::store::push::Push;
use crate::{Error, events, store};

/// Requests a second, over all replicas (Google Wallet API: rate limits).
const PER_SECOND: f64 = 20.0;
/// What Google is to be told: in hand are two seconds' worth. More would only wait for their turn, and hold up a customer who
/// saves her card.
pub(crate) const GOOGLE: Queue =
    Queue { wallet: "google", most_under_way: 40, lease: Duration::from_secs(120) };
/// How long a request may wait for its turn.
const LONGEST_WAIT_SECONDS: f64 = 60.0;

/// The way to Google, every request of it at its turn over all replicas.
pub(crate) fn google_wallet(google: &GoogleConfig, config: &Config, pool: &PgPool) -> anyhow::Result<Client> {
    let path = &google.service_account;
    let account = std::fs::read_to_string(path)
        .with_context(|| format!("setting `google.service_account`: {} cannot be read", path.display()))?;
    let settings = Settings {
        api_url: google.api_url.clone(),
        callback_keys_url: google.callback_keys_url.clone(),
        save_url: google.save_url.clone(),
        origins: vec![config.public_url.clone()],
        ..Settings::new(google.issuer_id.clone(), account)
    };
    let client = Client::new(settings).context("the settings of `google` do not fit")?;
    Ok(client.paced_by(gate(pool.clone())))
}

fn gate(pool: PgPool) -> Gate {
    Box::new(move || {
        let pool = pool.clone();
        Box::pin(async move {
            match store::google::reserve(&pool, "google", PER_SECOND).await {
                Ok((_, wait)) if wait <= LONGEST_WAIT_SECONDS => {
                    tokio::time::sleep(Duration::from_secs_f64(wait)).await;
                    Ok(())
                }
                Ok((_, wait)) => Err(Failure::Again { after: Some(Duration::from_secs_f64(wait)) }),
                Err(error) => {
                    tracing::warn!(%error, "Google's pace cannot be read");
                    Err(Failure::Again { after: None })
                }
            }
        })
    })
}

impl App {
    fn google(&self) -> Result<&Client, Error> {
        self.google.as_ref().ok_or(Error::Off)
    }

    /// Makes sure that Google has the card behind a link; returns where its holder saves it.
    pub(crate) async fn save_link(&self, token: &str, language: Locale) -> Result<String, Error> {
        let google = self.google()?;
        let holder = self.follow(token)?;
        let pass = self.enter(holder, language).await?;
        let view = self.view_of_pass(&pass).await?;
        self.put_google(google, &view, Notify::No).await.map_err(unavailable)?;
        let issuer = google.issuer_id();
        let object = look::object_id(issuer, holder.card.as_uuid());
        let class = look::class_id(issuer, pass.program.as_uuid());
        google.save_link(&object, &class, self.clock.now()).map_err(|failure| unavailable(failure.into()))
    }

    /// Writes a card, and first its program where Google has an older one.
    async fn put_google(&self, google: &Client, view: &CardView, notify: Notify) -> Result<Kept, Trouble> {
        let fingerprint = view.program.fingerprint();
        let known = store::google::class(&self.pool, view.program.id).await?;
        if known.as_ref() != Some(&fingerprint) {
            self.put_google_class(google, view, &fingerprint, known.is_some()).await?;
        }
        let has_object = store::google::has_object(&self.pool, view.id).await?;
        let written = if has_object { Written::Perhaps } else { Written::Never };
        let object = look::object(&self.google_card(google, view, &fingerprint));
        let kept = match google.put_object(&object, written, notify).await {
            // Google lost the program, or never had it although we believed so.
            Err(Failure::Missing) => {
                self.put_google_class(google, view, &fingerprint, false).await?;
                google.put_object(&object, Written::Perhaps, notify).await?
            }
            kept => kept?,
        };
        store::google::put_object(&self.pool, view.program.business, view.id, view.program.id).await?;
        Ok(kept)
    }

    async fn put_google_class(
        &self,
        google: &Client,
        view: &CardView,
        fingerprint: &str,
        is_known: bool,
    ) -> Result<(), Trouble> {
        let program = &view.program;
        let class = look::class(&look::Program {
            issuer_id: google.issuer_id().to_owned(),
            program_id: program.id.as_uuid(),
            business_name: program.organization.clone(),
            program_name: program.name.clone(),
            rewards: program
                .rewards
                .iter()
                .map(|(at, title)| look::Reward { at: *at, title: title.clone() })
                .collect(),
            background: super::drawing::look(program).paper().to_string(),
            logo_url: self.art_url(view, "square_logo", 0, fingerprint),
            hero_url: None,
            callback_url: format!("{}/webhooks/google", self.public_url),
            public_url: self.public_url.clone(),
        });
        let written = if is_known { Written::Perhaps } else { Written::Never };
        google.put_class(&class, written).await?;
        Ok(store::google::put_class(&self.pool, program.business, program.id, fingerprint).await?)
    }

    fn art_url(&self, view: &CardView, kind: &str, stamps: i32, fingerprint: &str) -> String {
        let program = view.program.id;
        format!("{}/wallet/art/{program}/{fingerprint}/{kind}-{stamps}.png", self.public_url)
    }

    fn google_card(&self, google: &Client, view: &CardView, fingerprint: &str) -> look::Card {
        let program = &view.program;
        look::Card {
            issuer_id: google.issuer_id().to_owned(),
            card_id: view.id.as_uuid(),
            program_id: program.id.as_uuid(),
            stamps: view.stamps,
            required: program.required,
            cycle: view.cycle,
            next_reward: program
                .next_reward(view.stamps)
                .map(|(at, title)| look::Reward { at: *at, title: title.clone() }),
            open_rewards: view.open_rewards.iter().map(|reward| reward.title.clone()).collect(),
            hero_url: Some(self.art_url(view, "hero", view.stamps, fingerprint)),
            code: view.code.clone(),
            code_text: String::new(),
            rotating: view.rotating.as_ref().and_then(|(prefix, key)| {
                Some(look::Rotating { prefix: prefix.clone(), key: hex::decode(key).ok()? })
            }),
            language: view.language,
            news: (!view.news.is_empty()).then(|| view.news.clone()),
            state: if view.closed { look::State::Inactive } else { look::State::Active },
        }
    }

    /// Google says that a card was saved or deleted. Said twice, it counts once; said by another, not at all.
    pub(crate) async fn google_callback(&self, body: &[u8]) -> Result<(), Error> {
        let google = self.google()?;
        let keys = google.callback_keys().await.map_err(|failure| unavailable(failure.into()))?;
        let now = self.clock.now();
        let told =
            callback::verify(body, &keys, google.issuer_id(), now).map_err(|refused| match refused {
                Refused::Unreadable | Refused::Protocol => {
                    Error::from(kernel::Invalid::new("body", "not_a_callback"))
                }
                _ => Denied::Unauthenticated.into(),
            })?;
        if !store::google::take_nonce(&self.pool, &told.nonce, now).await? {
            return Ok(());
        }
        let card = look::card_of(google.issuer_id(), &told.object_id);
        let Some(card) = card.map(kernel::CardId::from) else { return Ok(()) };
        let Some(pass) = store::pass::find(&self.pool, card).await? else { return Ok(()) };
        let saved = told.event == Event::Saved;
        if !store::google::set_users(&self.pool, card, saved).await? {
            return Ok(());
        }
        let fact = if saved { events::installed } else { events::removed };
        let mut tx = self.pool.begin().await?;
        if saved {
            // What changed between the link and this moment is told now.
            let changed = Changed { card, business: pass.business, customer: pass.customer };
            let parent = boot::trace::current_parent();
            store::push::want(&mut tx, &[changed], parent.as_deref(), now).await?;
        }
        let appended = self.outbox.append(&mut tx, vec![fact(&pass, "google", now)]).await?;
        tx.commit().await?;
        appended.committed();
        if !saved {
            store::push::drop_google(&self.pool, card).await?;
        }
        self.wanted.notify_waiters();
        Ok(())
    }
}

/// What can go wrong on the way to Google.
#[derive(Debug, thiserror::Error)]
enum Trouble {
    #[error(transparent)]
    Google(#[from] Failure),
    #[error(transparent)]
    Store(#[from] sqlx::Error),
}

fn unavailable(trouble: Trouble) -> Error {
    match trouble {
        Trouble::Store(error) => error.into(),
        Trouble::Google(failure) => {
            tracing::warn!(%failure, "Google Wallet did not do as it was asked");
            Error::Unavailable("google")
        }
    }
}

/// Changes what Google has, for one process.
pub(crate) struct Patching {
    app: Arc<App>,
}

impl Patching {
    pub(crate) fn new(app: Arc<App>) -> Self {
        Self { app }
    }

    /// Deals with the rows of a round.
    pub(crate) async fn finish(self: Arc<Self>, round: Round) -> Result<(), Error> {
        let Some(google) = &self.app.google else { return Ok(()) };
        let answers = join_all(round.pushes.iter().map(|push| self.send(google, push))).await;
        self.app.end_round(&round, answers).await
    }

    /// Sends one and writes down what came of it; `Some` where our account was refused.
    async fn send(&self, google: &Client, push: &Push) -> Result<Option<String>, Error> {
        let span = span("google", push);
        async {
            let app = &self.app;
            let Some(pass) = store::pass::find(&app.pool, push.card).await? else {
                store::push::drop(&app.pool, push.push).await?;
                return Ok(None);
            };
            if app.put_off(push).await? {
                return Ok(None);
            }
            let says = matches!(News::from_kept(&pass.news, &pass.news_about), Some(News::Said(_)));
            let kept = self.change(google, &pass, push).await;
            self.write(push, says, kept).await
        }
        .instrument(span)
        .await
    }

    /// Rings where something was said and a ring is left today; else changes quietly.
    async fn change(&self, google: &Client, pass: &Pass, push: &Push) -> Result<Kept, Trouble> {
        let app = &self.app;
        let view = match app.view_of_pass(pass).await {
            Ok(view) => view,
            Err(Error::Store(error)) => return Err(error.into()),
            Err(error) => {
                tracing::warn!(%error, "a card cannot be read; will try again");
                return Err(Failure::Again { after: None }.into());
            }
        };
        if pass.quiet {
            return app.put_google(google, &view, Notify::No).await;
        }
        if let Some(News::Said(_)) = News::from_kept(&pass.news, &pass.news_about) {
            return self.say(google, pass, &view).await;
        }
        // A second try may have rung already; a ring too few is better than one too many.
        let may_ring = !view.news.is_empty() && push.attempts == 0;
        let rings = may_ring && store::google::take_notice(&app.pool, pass.card, app.clock.now()).await?;
        let notify = if rings { Notify::Yes } else { Notify::No };
        match app.put_google(google, &view, notify).await {
            Err(Trouble::Google(Failure::NoNotice)) => app.put_google(google, &view, Notify::No).await,
            kept => kept,
        }
    }

    /// The shop's own words are a message: a change of text rings no phone. Said again, they are found and not repeated.
    async fn say(&self, google: &Client, pass: &Pass, view: &CardView) -> Result<Kept, Trouble> {
        let app = &self.app;
        app.put_google(google, view, Notify::No).await?;
        let object = look::object_id(google.issuer_id(), pass.card.as_uuid());
        let message = Message {
            id: format!("said-{}", pass.tag),
            header: view.program.organization.clone(),
            body: view.news.read_in(view.language).to_owned(),
        };
        let rings = store::google::take_notice(&app.pool, pass.card, app.clock.now()).await?;
        let notify = if rings { Notify::Yes } else { Notify::No };
        match google.add_message(&object, &message, Written::Perhaps, notify).await {
            Err(Failure::NoNotice) => {
                Ok(google.add_message(&object, &message, Written::Perhaps, Notify::No).await?)
            }
            kept => Ok(kept?),
        }
    }

    /// `says` where the shop's own words were in what was sent.
    async fn write(
        &self,
        push: &Push,
        says: bool,
        kept: Result<Kept, Trouble>,
    ) -> Result<Option<String>, Error> {
        let (app, now) = (&self.app, self.app.clock.now());
        let failure = match kept {
            Ok(kept) => {
                metrics::counter!("passes_pushed_total", "wallet" => "google", "answer" => "taken")
                    .increment(1);
                if kept.has_users {
                    app.told(push, says).await?;
                    return Ok(None);
                }
                // Nobody keeps it, so nobody was told.
                store::push::told(&app.pool, push.push, push.wanted, now).await?;
                if store::google::set_users(&app.pool, push.card, false).await? {
                    store::push::drop_google(&app.pool, push.card).await?;
                }
                return Ok(None);
            }
            Err(Trouble::Store(error)) => return Err(error.into()),
            Err(Trouble::Google(failure)) => failure,
        };
        metrics::counter!("passes_pushed_total", "wallet" => "google", "answer" => "failed").increment(1);
        match failure {
            Failure::Credentials { reason, .. } => {
                store::push::postpone(&app.pool, &[push.push], "credentials", now + STOPPED).await?;
                return Ok(Some(reason));
            }
            Failure::Refused { reason, .. } => app.give_up(push, "google", &reason).await?,
            Failure::Again { .. } if push.attempts + 1 >= MOST_ATTEMPTS => {
                app.give_up(push, "google", "unreachable").await?
            }
            Failure::Again { after } => {
                let own = pause(push.attempts + 1, rand::rng().random());
                let next_at = now + after.map_or(own, |asked| asked.max(own));
                store::push::failed(&app.pool, push.push, "unreachable", Some(next_at)).await?;
            }
            Failure::NoNotice | Failure::Missing => app.give_up(push, "google", "missing").await?,
        }
        Ok(None)
    }
}
