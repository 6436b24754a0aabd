//! Whether customers are glad of what they are sent: brakes a business, or a whole sender.

use std::collections::HashMap;

use chrono::{DateTime, Duration, Utc};
use kernel::BusinessId;
use uuid::Uuid;

use super::App;
use crate::domain::quality::{Brake, Counts, DAYS};
use crate::store::quality::Judged;
use crate::{Error, events, store};

impl App {
    /// Looks at everybody.
    pub(crate) async fn judge_all(&self) -> Result<(), Error> {
        let judged = self.judged(None).await?;
        let mut senders: HashMap<Uuid, Counts> = HashMap::new();
        for one in &judged {
            if !one.stands() {
                self.judge_business(one.business).await?;
            }
            let sum = senders.entry(one.sender).or_default();
            sum.delivered += one.delivered;
            sum.opted_out += one.opted_out;
            sum.blocked += one.blocked;
        }
        for (sender, counts) in senders {
            let (brake, reason) = counts.brake();
            let mut tx = self.pool.begin().await?;
            if !store::quality::brake_sender(&mut tx, sender, brake.as_str(), reason).await? {
                continue;
            }
            tracing::warn!(sello.sender.id = %sender, state = brake.as_str(), reason, "a sender's quality changed");
            let now = self.clock.now();
            let told = judged
                .iter()
                .filter(|one| one.sender == sender)
                .map(|one| events::sending_held(one.business, brake.as_str(), reason, now))
                .collect();
            let told = self.outbox.append(&mut tx, told).await?;
            tx.commit().await?;
            told.committed();
        }
        Ok(())
    }

    /// Looks at one business, right after somebody had enough of it. It is locked before it is counted: of two who have had
    /// enough at once, the one who was counted first may be the last to write.
    pub(super) async fn judge_business(&self, business: BusinessId) -> Result<(), Error> {
        let only = [business.as_uuid()];
        let mut tx = self.pool.begin().await?;
        store::business::lock(&mut tx, &only).await?;
        let Some(one) = store::quality::count(&mut *tx, self.since(), Some(&only)).await?.pop() else {
            return Ok(());
        };
        if one.stands() {
            return Ok(());
        }
        let (brake, reason) = one.counts().brake();
        store::quality::brake_business(&mut tx, one.business, brake.as_str(), reason).await?;
        let fact = events::sending_held(one.business, brake.as_str(), reason, self.clock.now());
        let told = self.outbox.append(&mut tx, vec![fact]).await?;
        tx.commit().await?;
        told.committed();
        if brake != Brake::None {
            let state = brake.as_str();
            tracing::warn!(sello.business.id = %one.business, state, reason, "a business's marketing is braked");
            metrics::counter!("businesses_braked_total", "reason" => reason).increment(1);
        }
        Ok(())
    }

    /// What customers said in those days, of these businesses or of all.
    pub(super) async fn judged(&self, only: Option<&[Uuid]>) -> Result<Vec<Judged>, Error> {
        Ok(store::quality::count(&self.pool, self.since(), only).await?)
    }

    /// When the days that are looked at began.
    fn since(&self) -> DateTime<Utc> {
        self.clock.now() - Duration::days(DAYS.into())
    }
}
