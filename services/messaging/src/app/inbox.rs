//! The owner's inbox: what customers wrote that nobody answers by itself.

use chrono::{DateTime, Utc};
use kernel::{Invalid, MessageId, OperationId, Principal};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::App;
use super::answering::WINDOW;
use crate::domain::address::Address;
use crate::domain::id;
use crate::domain::price::Category;
use crate::domain::template;
use crate::store::message::NewMessage;
use crate::store::view::Shown;
use crate::{Error, store};

/// Messages of a thread that are shown.
const MOST_SHOWN: i64 = 200;

/// A thread with its last message.
pub(crate) struct Thread {
    pub(crate) row: store::thread::Thread,
    pub(crate) end: String,
    pub(crate) last: Option<Shown>,
    pub(crate) open_until: Option<DateTime<Utc>>,
}

/// A page of threads.
pub(crate) struct ThreadPage {
    pub(crate) threads: Vec<Thread>,
    pub(crate) next: Option<(DateTime<Utc>, Uuid)>,
    pub(crate) unread: i64,
}

impl App {
    /// A page of threads, the newest first.
    pub(crate) async fn threads(
        &self,
        caller: &Principal,
        before: Option<(DateTime<Utc>, Uuid)>,
        limit: i64,
    ) -> Result<ThreadPage, Error> {
        let business = caller.managed_business()?;
        let mut rows = store::thread::list(&self.pool, business, before, limit + 1).await?;
        let wanted = usize::try_from(limit).unwrap_or(0);
        let has_more = rows.len() > wanted;
        rows.truncate(wanted);
        let next = rows.last().filter(|_| has_more).map(|row| (row.last_at, row.thread));
        let mut threads = Vec::with_capacity(rows.len());
        for row in rows {
            let last = store::view::of_address(&self.pool, business, &row.address_hash, 1).await?.pop();
            threads.push(self.shown(row, last));
        }
        Ok(ThreadPage { threads, next, unread: store::thread::unread(&self.pool, business).await? })
    }

    /// A thread by its own id or its customer's, with its last messages, oldest first; it has been read from now on.
    pub(crate) async fn thread(&self, caller: &Principal, id: Uuid) -> Result<(Thread, Vec<Shown>), Error> {
        let business = caller.managed_business()?;
        let row = store::thread::find(&self.pool, business, id).await?.ok_or(Error::NotFound("id"))?;
        let mut messages =
            store::view::of_address(&self.pool, business, &row.address_hash, MOST_SHOWN).await?;
        store::thread::read(&self.pool, row.thread).await?;
        let last = messages.first().cloned();
        messages.reverse();
        let row = store::thread::Thread { unread: 0, ..row };
        Ok((self.shown(row, last), messages))
    }

    fn shown(&self, row: store::thread::Thread, last: Option<Shown>) -> Thread {
        let address = row.address.as_deref().and_then(Address::from_provider);
        let until = row.last_inbound_at + WINDOW;
        let open_until = Some(until).filter(|until| *until > self.clock.now() && address.is_some());
        Thread { end: address.map(|address| address.end()).unwrap_or_default(), last, open_until, row }
    }

    /// Answers freely, within 24 hours of her last.
    pub(crate) async fn reply_to(
        &self,
        caller: &Principal,
        operation: OperationId,
        id: Uuid,
        text: &str,
    ) -> Result<Shown, Error> {
        let business = caller.managed_business()?;
        let text = template::free_text(text)?;
        let row = store::thread::find(&self.pool, business, id).await?.ok_or(Error::NotFound("id"))?;
        let fingerprint = Sha256::new().chain_update(row.thread.as_bytes()).chain_update(&text).finalize();
        let now = self.clock.now();
        let mut tx = self.pool.begin().await?;
        if let Some((known, message)) =
            store::thread::operation(&mut tx, business, operation.as_uuid()).await?
        {
            if known != fingerprint.as_slice() {
                return Err(Error::OperationMismatch);
            }
            return self.replied(&mut tx, business, message).await;
        }
        if self.is_off() {
            return Err(Error::Off);
        }
        let known = store::business::find(&mut *tx, business).await?;
        if known.is_none_or(|business| business.status != "approved") {
            return Err(Error::NotApproved);
        }
        let until = row.last_inbound_at + WINDOW;
        let address = row.address.as_deref().and_then(Address::from_provider);
        let Some(address) = address.filter(|_| until > now) else { return Err(Error::WindowClosed) };
        let (message, created_at) = id::new(now);
        let message = MessageId::from(message);
        let key = (business, operation.as_uuid());
        if !store::thread::remember(&mut tx, key, &fingerprint, message, now).await? {
            // The same operation is under way elsewhere: its own answer is the one that counts.
            return Err(Error::Unavailable("operation"));
        }
        let new = NewMessage {
            message,
            created_at,
            business,
            customer: row.customer,
            campaign: None,
            send: None,
            category: Category::Service,
            template: String::new(),
            language: "es",
            variables: serde_json::json!([]),
            text: Some(text),
            address: Some((address.as_str().to_owned(), row.address_hash.clone())),
            is_automatic: false,
            good_until: until,
        };
        self.write_service(&mut tx, new, now).await?;
        store::thread::answered(&mut tx, row.thread, now).await?;
        let shown = self.replied(&mut tx, business, message).await?;
        tx.commit().await?;
        self.wanted.notify_waiters();
        Ok(shown)
    }

    async fn replied(
        &self,
        tx: &mut sqlx::PgConnection,
        business: kernel::BusinessId,
        message: MessageId,
    ) -> Result<Shown, Error> {
        let shown = store::view::find(tx, business, message.as_uuid()).await?;
        shown.ok_or_else(|| Invalid::new("operation_id", "too_old").into())
    }
}
