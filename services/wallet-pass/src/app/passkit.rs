//! PassKit's web service, as phones call it (Apple: Adding a web service to update passes).

use chrono::{DateTime, Utc};
use kernel::{CardId, Denied, Invalid};

use super::{App, Made};
use crate::store;
use crate::store::pass::{Changed as ChangedPass, Pass};
use crate::{Error, events};

/// Characters of an identifier of Apple's that are believed: a device's, or a push token.
const LONGEST_IDENTIFIER: usize = 200;

/// What a phone is told that asks for changes.
pub(crate) struct Changed {
    pub(crate) serials: Vec<CardId>,
    /// What it says the next time it asks.
    pub(crate) tag: String,
}

/// What a phone gets that asks for a pass.
pub(crate) enum Fetched {
    /// It has what there is.
    NotModified(DateTime<Utc>),
    /// A newer one.
    Newer(Made),
}

impl App {
    /// The pass that a phone names, once it has shown that it has it.
    async fn own_pass(&self, pass_type: &str, serial: &str, shown: &str) -> Result<Pass, Error> {
        let apple = self.apple()?;
        // One answer to everything that is wrong, so that nobody learns which cards there are.
        let card: CardId = serial.parse().map_err(|_| Denied::Unauthenticated)?;
        if pass_type != apple.signer.pass_type().as_str() || !self.secrets.is_pass_token(card, shown) {
            return Err(Denied::Unauthenticated.into());
        }
        store::pass::find(&self.pool, card).await?.ok_or_else(|| Denied::Unauthenticated.into())
    }

    /// A phone keeps a pass from now on. What changed since it was downloaded is told at once: the phone may have missed
    /// it in between.
    pub(crate) async fn register(
        &self,
        device: &str,
        (pass_type, serial, shown): (&str, &str, &str),
        push_token: &str,
    ) -> Result<bool, Error> {
        let pass = self.own_pass(pass_type, serial, shown).await?;
        let device = identifier("device", device)?;
        let push_token = identifier("pushToken", push_token)?;
        if !push_token.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(Invalid::new("pushToken", "not_a_push_token").into());
        }
        let now = self.clock.now();
        let mut tx = self.pool.begin().await?;
        let created = store::registration::register(&mut tx, device, &pass, push_token, now).await?;
        // A change that is under way has not seen this phone; it is waited for, and seen here.
        let is_old = store::pass::lock_is_old(&mut tx, pass.card).await?;
        let appended = match created {
            true => Some(self.outbox.append(&mut tx, vec![events::installed(&pass, "apple", now)]).await?),
            false => None,
        };
        if is_old {
            let changed = ChangedPass { card: pass.card, business: pass.business, customer: pass.customer };
            let parent = boot::trace::current_parent();
            store::push::want(&mut tx, &[changed], parent.as_deref(), now).await?;
        }
        tx.commit().await?;
        if let Some(appended) = appended {
            appended.committed();
        }
        self.wanted.notify_waiters();
        Ok(created)
    }

    /// A phone keeps a pass no more.
    pub(crate) async fn unregister(
        &self,
        device: &str,
        (pass_type, serial, shown): (&str, &str, &str),
    ) -> Result<(), Error> {
        let pass = self.own_pass(pass_type, serial, shown).await?;
        if store::registration::unregister(&self.pool, identifier("device", device)?, pass.card).await? {
            self.tell(vec![events::removed(&pass, "apple", self.clock.now())]).await?;
        }
        Ok(())
    }

    /// What changed of a phone's passes since it asked last. The device's name is its secret; who does not know it is told
    /// that nothing changed.
    pub(crate) async fn changed_passes(
        &self,
        device: &str,
        pass_type: &str,
        since: &str,
    ) -> Result<Changed, Error> {
        let apple = self.apple()?;
        // A phone that is refused asks again ever more seldom and then no more, and its passes stand still for ever. So a
        // tag that cannot be read, and below every tag of ours, is none: the phone is told of all its passes.
        let since: i64 = since.parse().unwrap_or_default();
        let device = identifier("device", device)?;
        if pass_type != apple.signer.pass_type().as_str() {
            return Ok(Changed { serials: Vec::new(), tag: String::new() });
        }
        let found = store::registration::changed_since(&self.pool, device, since).await?;
        Ok(Changed { serials: found.serials, tag: found.newest.to_string() })
    }

    /// The pass itself.
    pub(crate) async fn fetch(
        &self,
        (pass_type, serial, shown): (&str, &str, &str),
        modified_since: Option<DateTime<Utc>>,
    ) -> Result<Fetched, Error> {
        let pass = self.own_pass(pass_type, serial, shown).await?;
        if modified_since.is_some_and(|since| pass.modified_at <= since) {
            return Ok(Fetched::NotModified(pass.modified_at));
        }
        self.make(&pass).await.map(Fetched::Newer)
    }

    /// Publishes facts that are told after what they tell of is written.
    pub(super) async fn tell(&self, facts: Vec<outbox::NewEvent>) -> Result<(), Error> {
        let mut tx = self.pool.begin().await?;
        let appended = self.outbox.append(&mut tx, facts).await?;
        tx.commit().await?;
        appended.committed();
        Ok(())
    }
}

fn identifier<'a>(field: &'static str, text: &'a str) -> Result<&'a str, Invalid> {
    match text {
        "" => Err(Invalid::new(field, "required")),
        text if text.len() > LONGEST_IDENTIFIER => Err(Invalid::new(field, "too_long")),
        text if text.bytes().all(|byte| byte.is_ascii_graphic()) => Ok(text),
        _ => Err(Invalid::new(field, "not_printable")),
    }
}
