//! What phones are not told yet, as an owner sees it and may try again.

use chrono::{DateTime, Utc};
use kernel::{Invalid, Principal};
use uuid::Uuid;

use super::{App, CONSUMER};
use crate::Error;
use crate::store;
use crate::store::progress::Progress;
use crate::store::push::Delivery;
use crate::web::Web;

/// How a wallet stands.
pub(crate) struct Channel {
    pub(crate) wallet: &'static str,
    pub(crate) on: bool,
    pub(crate) stopped: String,
    pub(crate) is_development: bool,
    pub(crate) good_until: Option<DateTime<Utc>>,
}

/// Why a wallet is stopped whose credentials cannot be read or do not fit each other.
const UNUSABLE: &str = "credentials";

impl App {
    /// A page of them, and where the next begins.
    pub(crate) async fn deliveries(
        &self,
        caller: &Principal,
        status: &str,
        before: Option<Uuid>,
        limit: i64,
    ) -> Result<(Vec<Delivery>, Option<Uuid>), Error> {
        let business = caller.managed_business()?;
        let dead = match status {
            "" => None,
            "dead" => Some(true),
            "waiting" => Some(false),
            _ => return Err(Invalid::new("status", "unknown").into()),
        };
        let mut found = store::push::list(&self.pool, business, dead, before, limit + 1).await?;
        let wanted = usize::try_from(limit).unwrap_or(0);
        let has_more = found.len() > wanted;
        found.truncate(wanted);
        let next = found.last().filter(|_| has_more).map(|delivery| delivery.push);
        Ok((found, next))
    }

    /// Tries one again, or all that were given up; returns how many.
    pub(crate) async fn retry(&self, caller: &Principal, push: Option<Uuid>) -> Result<u64, Error> {
        let business = caller.managed_business()?;
        let retried = store::push::retry(&self.pool, business, push, self.clock.now()).await?;
        if push.is_some() && retried == 0 {
            return Err(Error::NotFound("delivery_id"));
        }
        self.wanted.notify_waiters();
        Ok(retried)
    }

    /// How the wallets stand.
    pub(crate) async fn channels(&self, caller: &Principal) -> Result<Vec<Channel>, Error> {
        caller.managed_business()?;
        let stopped = store::stopped::all(&self.pool).await?;
        let reason = |wallet: &str, is_unusable: bool| {
            let stopped = stopped.iter().find(|stopped| stopped.wallet == wallet);
            let reason = stopped.map(|stopped| stopped.reason.clone());
            reason.or_else(|| is_unusable.then(|| UNUSABLE.to_owned())).unwrap_or_default()
        };
        let signer = self.apple.as_ref().map(|apple| &apple.signer);
        let apple = Channel {
            wallet: "apple",
            on: signer.is_some() || self.unusable.apple,
            stopped: reason("apple", self.unusable.apple),
            is_development: signer.is_some_and(pkpass::Signer::is_development),
            good_until: signer.map(pkpass::Signer::not_after),
        };
        let google = Channel {
            wallet: "google",
            on: self.google.is_some() || self.unusable.google,
            stopped: reason("google", self.unusable.google),
            is_development: self.google.as_ref().is_some_and(|google| !google.is_googles()),
            good_until: None,
        };
        let web = Channel {
            wallet: "web",
            on: self.web.is_some() || self.unusable.web,
            stopped: reason("web", self.unusable.web),
            is_development: self.web.as_ref().is_some_and(Web::is_on_trial),
            good_until: None,
        };
        Ok(vec![apple, google, web])
    }

    /// What is still on its way.
    pub(crate) async fn progress(&self, caller: &Principal) -> Result<(Progress, u64), Error> {
        caller.must_be_platform()?;
        let unread = match outbox::pending(&self.broker, CONSUMER).await {
            Ok(unread) => unread,
            Err(outbox::Error::Store(error)) => return Err(error.into()),
            Err(outbox::Error::Broker(_)) => return Err(Error::Unavailable("broker")),
        };
        Ok((store::progress::count(&self.pool).await?, unread))
    }
}
