//! What campaigns ask for: rows first.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use kernel::{BusinessId, CampaignId, CustomerId, MessageId};
use serde_json::json;
use sqlx::PgConnection;
use uuid::Uuid;

use super::App;
use crate::domain::id;
use crate::domain::price::Category;
use crate::store;
use crate::store::message::NewMessage;
use crate::store::queue::NewRow;

/// Messages of a campaign that shall go now, each to one customer.
#[derive(Clone, Debug)]
pub(crate) struct Requested {
    pub(crate) business: BusinessId,
    pub(crate) campaign: CampaignId,
    pub(crate) category: Category,
    pub(crate) good_until: DateTime<Utc>,
    pub(crate) sends: Vec<Send>,
}

/// One of them.
#[derive(Clone, Debug)]
pub(crate) struct Send {
    pub(crate) send: Uuid,
    pub(crate) customer: CustomerId,
    pub(crate) template: String,
    pub(crate) language: &'static str,
    /// What is known now is filled in; the names come at hand-over.
    pub(crate) variables: Vec<String>,
}

impl App {
    /// Writes the messages, one for each send, in the transaction that also remembers the event.
    pub(crate) async fn take_request(
        &self,
        tx: &mut PgConnection,
        asked: Requested,
    ) -> Result<(), sqlx::Error> {
        let now = self.clock.now();
        let state = match store::campaign::learn(tx, asked.business, asked.campaign).await?.as_str() {
            "paused" => "held",
            "canceled" => "canceling",
            _ => "waiting",
        };
        let with_ids: Vec<(MessageId, DateTime<Utc>, Send)> = asked
            .sends
            .into_iter()
            .map(|send| {
                let (message, at) = id::new(now);
                (message.into(), at, send)
            })
            .collect();
        let sends: Vec<Uuid> = with_ids.iter().map(|(_, _, send)| send.send).collect();
        let messages: Vec<Uuid> = with_ids.iter().map(|(message, _, _)| message.as_uuid()).collect();
        let mut unseen: HashSet<Uuid> =
            store::message::new_sends(tx, &sends, &messages, now).await?.into_iter().collect();
        let (mut new, mut rows) = (Vec::new(), Vec::new());
        for (message, created_at, send) in with_ids {
            if !unseen.remove(&send.send) {
                continue;
            }
            rows.push(NewRow {
                message,
                created_at,
                business: asked.business,
                customer: Some(send.customer),
                campaign: Some(asked.campaign),
                lane: asked.category.lane(),
                category: asked.category.as_str(),
                state,
                next_at: now,
                good_until: asked.good_until,
            });
            new.push(NewMessage {
                message,
                created_at,
                business: asked.business,
                customer: Some(send.customer),
                campaign: Some(asked.campaign),
                send: Some(send.send),
                category: asked.category,
                template: send.template,
                language: send.language,
                variables: json!(send.variables),
                text: None,
                address: None,
                is_automatic: false,
                good_until: asked.good_until,
            });
        }
        store::message::insert(tx, &new, now).await?;
        store::queue::put(tx, &rows).await
    }

    /// Writes a free text to an address, due at once.
    pub(super) async fn write_service(
        &self,
        tx: &mut PgConnection,
        message: NewMessage,
        now: DateTime<Utc>,
    ) -> Result<(), sqlx::Error> {
        let row = NewRow {
            message: message.message,
            created_at: message.created_at,
            business: message.business,
            customer: message.customer,
            campaign: None,
            lane: Category::Service.lane(),
            category: Category::Service.as_str(),
            state: "waiting",
            next_at: now,
            good_until: message.good_until,
        };
        store::message::insert(tx, &[message], now).await?;
        store::queue::put(tx, &[row]).await
    }
}
