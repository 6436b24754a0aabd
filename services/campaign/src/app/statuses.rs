//! What became of messages.

use std::collections::BTreeMap;

use kernel::{BusinessId, CampaignId};
use sqlx::PgConnection;
use uuid::Uuid;

use super::App;
use crate::domain::counts::Counts;
use crate::domain::send::{ClaimChange, MessageNews, SendStatus};
use crate::store;
use crate::store::claim::Claim;
use crate::store::send::Key;

/// Something that was told of a send.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum StatusNews {
    /// By messaging.
    Message(MessageNews),
    /// By wallet-pass: a pass shows it, or none does.
    Pass {
        /// A pass shows it.
        shown: bool,
        /// Why not.
        reason: String,
    },
    /// By wallet-pass: it was called off before a pass showed it, and why.
    PassCanceled(String),
}

impl App {
    /// Takes what was told of sends: statuses, counts and claims change together. What is told of a send of another
    /// business is passed over.
    pub(super) async fn hear_statuses(
        &self,
        tx: &mut PgConnection,
        told: Vec<(BusinessId, Key, StatusNews)>,
    ) -> Result<(), sqlx::Error> {
        let now = self.clock.now();
        let mut keys: Vec<Key> = told.iter().map(|(_, key, _)| *key).collect();
        keys.sort_unstable();
        keys.dedup();
        let mut sends = store::send::lock(tx, &keys).await?;
        let mut changes: BTreeMap<CampaignId, (BusinessId, Counts)> = BTreeMap::new();
        // The last word on a claim in this batch is the one that holds.
        let mut claims: BTreeMap<Uuid, (Claim, ClaimChange)> = BTreeMap::new();
        let mut hastened = Vec::new();
        let mut canceled: Vec<Key> = Vec::new();
        for (business, key, news) in told {
            let Some(kept) = sends.get_mut(&key).filter(|kept| kept.business == business) else { continue };
            let before = kept.send.counts();
            let was_canceled = kept.send.status == SendStatus::Canceled;
            let change = match &news {
                StatusNews::Message(news) => {
                    let followed = kept.send.follows;
                    let change = kept.send.hear_message(news);
                    if kept.send.follows && !followed {
                        hastened.push(key);
                    }
                    change
                }
                StatusNews::Pass { shown, reason } => {
                    let change = kept.send.hear_pass(*shown, reason);
                    if !shown && kept.send.follows {
                        hastened.push(key);
                    }
                    change
                }
                StatusNews::PassCanceled(reason) => kept.send.cancel_pass(reason),
            };
            if kept.send.status == SendStatus::Canceled && !was_canceled {
                canceled.push(key);
            }
            let sum = changes.entry(key.0).or_insert((business, Counts::default()));
            sum.1 += kept.send.counts().since(before);
            if change != ClaimChange::Keep {
                let claim = Claim { business, customer: kept.customer, send: key.1, campaign: key.0 };
                claims.insert(key.1, (claim, change));
            }
        }
        if sends.is_empty() {
            return Ok(());
        }
        store::send::save(tx, &sends, &hastened, now).await?;
        let of = |wanted: ClaimChange| -> Vec<Claim> {
            claims.values().filter(|(_, change)| *change == wanted).map(|(claim, _)| *claim).collect()
        };
        let (given_back, renewed) = (of(ClaimChange::GiveBack), of(ClaimChange::Renew));
        if !given_back.is_empty() {
            store::claim::give_back(tx, &given_back).await?;
        }
        if !renewed.is_empty() {
            store::claim::win(tx, &renewed, now).await?;
        }
        if !canceled.is_empty() {
            store::fired::forget(tx, &canceled).await?;
        }
        changes.retain(|_, (_, counts)| *counts != Counts::default());
        if changes.is_empty() { Ok(()) } else { store::tally::add(tx, &changes).await }
    }
}
