//! Notices in the browser: switched on and off on a card's page.

use kernel::{CardId, Denied, Locale, Principal};
use outbox::NewEvent;
use sqlx::PgConnection;
use uuid::Uuid;

use super::App;
use crate::domain::link::Holder;
use crate::domain::message::Outcome;
use crate::store::web::Gone;
use crate::web::Web;
use crate::{Error, events, store};

/// Browsers that may hear of one card. She has a phone or two; the oldest makes room.
const MOST_BROWSERS: i64 = 8;

/// What a page says of its browser.
pub(crate) struct Asked<'a> {
    pub(crate) endpoint: &'a str,
    pub(crate) p256dh: &'a str,
    pub(crate) auth: &'a str,
}

/// A browser's subscription.
pub(crate) struct Subscribed {
    pub(crate) subscription: Uuid,
    /// False where it was there already.
    pub(crate) created: bool,
}

impl App {
    fn web(&self) -> Result<&Web, Error> {
        self.web.as_ref().ok_or(Error::Off)
    }

    /// A browser wants to hear of a card from now on; said again, it is written anew.
    pub(crate) async fn subscribe(
        &self,
        caller: &Principal,
        card: CardId,
        asked: Asked<'_>,
        language: Locale,
    ) -> Result<Subscribed, Error> {
        let holder = her_card(caller, card)?;
        let web = self.web()?;
        let browser = web.browser(asked.endpoint, asked.p256dh, asked.auth)?;
        let pass = self.enter(holder, language).await?;
        if pass.closed {
            return Err(Error::NotFound("card_id"));
        }
        let now = self.clock.now();
        let mut tx = self.pool.begin().await?;
        let key = web.client.public_key();
        let (subscription, created) = store::web::subscribe(&mut tx, &pass, &browser, key, now).await?;
        let mut facts = Vec::new();
        if created {
            facts.push(events::installed(&pass, "web", now));
            let oldest = store::web::beyond(&mut tx, card, MOST_BROWSERS).await?;
            facts.extend(self.forget_browsers(&mut tx, &oldest, None).await?);
        }
        let appended = self.outbox.append(&mut tx, facts).await?;
        tx.commit().await?;
        appended.committed();
        Ok(Subscribed { subscription, created })
    }

    /// It wants to hear no more. What was never there is gone as well.
    pub(crate) async fn unsubscribe(
        &self,
        caller: &Principal,
        card: CardId,
        subscription: Uuid,
    ) -> Result<(), Error> {
        her_card(caller, card)?;
        let mut tx = self.pool.begin().await?;
        let facts = self.forget_browsers(&mut tx, &[subscription], Some(card)).await?;
        let appended = self.outbox.append(&mut tx, facts).await?;
        tx.commit().await?;
        appended.committed();
        Ok(())
    }

    /// Forgets subscriptions; returns what is to be told of it.
    pub(super) async fn forget_browsers(
        &self,
        tx: &mut PgConnection,
        subscriptions: &[Uuid],
        card: Option<CardId>,
    ) -> Result<Vec<NewEvent>, sqlx::Error> {
        let now = self.clock.now();
        let mut facts = Vec::new();
        for Gone { card, send } in store::web::forget(tx, subscriptions, card).await? {
            if let Some(pass) = store::pass::find(&mut *tx, card).await? {
                facts.push(events::removed(&pass, "web", now));
            }
            if let Some(send) = send {
                let ended = self.end_words_unless_others_wait(tx, Uuid::nil(), send, Outcome::Gone);
                facts.extend(ended.await?);
            }
        }
        Ok(facts)
    }
}

/// Nobody switches notices on but she herself.
fn her_card(caller: &Principal, card: CardId) -> Result<Holder, Error> {
    match caller {
        Principal::CardHolder { business, customer, card: own } if *own == card => {
            Ok(Holder { business: *business, customer: *customer, card })
        }
        Principal::CardHolder { .. } => Err(Error::NotFound("card_id")),
        Principal::Public => Err(Denied::Unauthenticated.into()),
        _ => Err(Denied::Forbidden.into()),
    }
}
