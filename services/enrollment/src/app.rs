//! One method per use case; each owns its transaction.

mod auth;
mod business;
mod consent;
mod customer;
mod device;
mod enroll;
mod import;
mod keys;
mod link;
mod member;
mod passwords;
mod recover;
mod referral;
mod snapshot;
mod word;

use std::sync::Arc;

use boot::auth::Claims;
use chrono::{DateTime, Duration, NaiveDate, Utc};
use kernel::{Clock, Principal, Zone};
use outbox::Outbox;
use sqlx::PgPool;
use tonic::Status;
use tonic::metadata::MetadataMap;

pub use auth::{Access, PinLogin, SignedUp, Tokens};
pub use business::{BusinessChange, Me, PublicBusiness, Signup};
pub use consent::{ConsentWish, FilledText};
pub use customer::Page;
pub use device::{NewDevice, Paired, Till};
pub use import::{Imported, Outcome};
pub use keys::Keys;
pub use passwords::Passwords;
pub use snapshot::SnapshotPlace;
pub use word::{WordOf, WordUse};

use crate::Error;
use crate::config::{Config, Privacy};
use crate::store;

/// How long an access token is good.
pub const ACCESS_LIFE: Duration = Duration::minutes(10);
/// Most rows of one page of any list.
pub const LONGEST_PAGE: i64 = 200;
/// Rows of a page where nobody said how many.
const USUAL_PAGE: i64 = 50;

/// The use cases, and what they work with.
pub struct App {
    pool: PgPool,
    outbox: Outbox,
    keys: Keys,
    passwords: Passwords,
    clock: Clock,
    privacy: Privacy,
    service_secret: String,
    operator_secret: String,
}

impl App {
    /// Puts the parts together.
    pub fn new(config: &Config, pool: PgPool, outbox: Outbox) -> Self {
        Self {
            keys: Keys::new(pool.clone(), config.clock.clone()),
            pool,
            outbox,
            passwords: Passwords::default(),
            clock: config.clock.clone(),
            privacy: config.privacy.clone(),
            service_secret: config.service_secret.clone(),
            operator_secret: config.operator_secret.clone(),
        }
    }

    /// The present moment.
    fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    /// The day that ages are counted by.
    pub fn today(&self) -> NaiveDate {
        Zone::LIMA.day(self.now())
    }

    /// What the token of a call says; `None` where it bears none.
    pub async fn claims(&self, metadata: &MetadataMap) -> Result<Option<Arc<Claims>>, Status> {
        self.keys.ring().await?.verifier.claims(metadata).await
    }

    /// Who is calling.
    pub async fn caller(&self, metadata: &MetadataMap) -> Result<Principal, Status> {
        self.keys.ring().await?.verifier.caller(metadata).await
    }

    /// Notes new signing keys, makes the next when it is due, and forgets those whose time is over.
    pub async fn tend_keys(&self) -> Result<(), Error> {
        self.keys.reload().await.map(|_| ())
    }

    /// Removes rows whose time is over.
    pub async fn purge(&self) -> Result<(), Error> {
        Ok(store::upkeep::purge(&self.pool, self.now()).await?)
    }

    /// How many facts the stream lacks.
    pub async fn outbox_pending(&self, caller: &Principal) -> Result<i64, Error> {
        crate::domain::access::platform(caller)?;
        Ok(store::upkeep::outbox_pending(&self.pool).await?)
    }
}

/// How many rows a page holds, of what was asked for.
fn page_size(asked: i32) -> i64 {
    if asked <= 0 { USUAL_PAGE } else { i64::from(asked).min(LONGEST_PAGE) }
}
