//! The life of a campaign: launched, paused, resumed, canceled. Its own row is changed first, which stops the workers;
//! then messaging is told, which stops what it has; and only then is it answered.

use chrono::Duration;
use kernel::{BusinessId, CampaignId, Invalid, Principal};

use super::{App, CATEGORY, Shown};
use crate::Error;
use crate::domain::campaign::{Campaign, ChannelPolicy, Status};
use crate::domain::wording::{self, Wording};
use crate::{events, store};

/// How long a caller who is waiting is left alone before a worker tells messaging in her place.
const WORKER_WAITS: Duration = Duration::seconds(5);
/// States told in one round.
const HOLDS_OF_A_ROUND: i64 = 50;

/// What is asked of a campaign that was launched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Command {
    /// Nothing more goes out for now.
    Pause,
    /// It goes on.
    Resume,
    /// Nothing more goes out, for ever.
    Cancel,
}

impl App {
    /// Starts a campaign, now or at its time, once everything about it is in order. Said twice, it starts once.
    pub async fn launch(&self, caller: &Principal, id: CampaignId) -> Result<Shown, Error> {
        let business = caller.managed_business()?;
        let now = self.clock.now();
        let before = self.shown(business, id).await?.campaign;
        if !before.clone().launch(now)? {
            return self.shown(business, id).await;
        }
        let wordings = self.check_launch(&before).await?;
        let quote = self.peers.quote(business, CATEGORY, 1).await?;
        if before.policy != ChannelPolicy::Wallet && quote.status != "approved" {
            let reason = if quote.status == "off" { "off" } else { "not_approved" };
            return Err(Error::Conflict { field: "messaging", reason: reason.into() });
        }
        let mut tx = self.pool.begin().await?;
        let found = store::campaign::lock(&mut tx, business, id).await?;
        let mut campaign = found.ok_or(Error::NotFound("campaign_id"))?;
        if campaign.version != before.version {
            drop(tx);
            // Launched by another call meanwhile is what was wanted; edited is not what was checked.
            let shown = self.shown(business, id).await?;
            return match shown.campaign.status {
                Status::Scheduled | Status::Running => Ok(shown),
                _ => Err(Error::Conflict { field: "version", reason: "changed".into() }),
            };
        }
        campaign.launch(now)?;
        campaign.wordings = wordings;
        campaign.prices_of = quote.prices_of;
        campaign.version += 1;
        store::campaign::save(&mut tx, &campaign, now).await?;
        let appended = self.outbox.append(&mut tx, vec![events::changed(&campaign, now)]).await?;
        tx.commit().await?;
        appended.committed();
        self.to_walk.notify_one();
        self.shown(business, id).await
    }

    async fn check_launch(&self, campaign: &Campaign) -> Result<Vec<Wording>, Error> {
        if campaign.scheduled_at.is_some_and(|at| at <= self.clock.now()) {
            return Err(Invalid::new("scheduled_at", "past").into());
        }
        let wordings = self.check_wordings(campaign).await?;
        // An automation waits for whoever comes; a blast to nobody is a mistake.
        if campaign.trigger.is_none() {
            let reach = self.reach(campaign.business, &campaign.audience).await?;
            if reach.count == 0 {
                return Err(Invalid::new("audience", "nobody").into());
            }
            let reachable = match campaign.policy {
                ChannelPolicy::Wallet => reach.with_pass,
                ChannelPolicy::Whatsapp | ChannelPolicy::WalletFirst => reach.free,
            };
            if reachable == 0 {
                return Err(Invalid::new("audience", "nobody_reachable").into());
            }
        }
        Ok(wordings)
    }

    /// Checks wordings against messaging's registry as it is now.
    pub(super) async fn check_wordings(&self, campaign: &Campaign) -> Result<Vec<Wording>, Error> {
        let registry = self.peers.templates(campaign.business).await?;
        Ok(wording::check_templates(&campaign.wordings, &registry)?)
    }

    /// Pauses, resumes or cancels. When this returns, it holds here and in messaging. Where messaging is away, it holds
    /// here, the caller is told to come again, and a worker tells messaging in the meantime.
    pub async fn command(
        &self,
        caller: &Principal,
        id: CampaignId,
        command: Command,
    ) -> Result<Shown, Error> {
        let business = caller.managed_business()?;
        if command == Command::Resume {
            // What an automation takes back when it is turned off must have been, or it would go out after all.
            self.settle_hold(id).await?;
        }
        self.change(business, id, command).await?;
        self.settle_hold(id).await?;
        self.shown(business, id).await
    }

    async fn change(&self, business: BusinessId, id: CampaignId, command: Command) -> Result<(), Error> {
        let now = self.clock.now();
        let mut tx = self.pool.begin().await?;
        let found = store::campaign::lock(&mut tx, business, id).await?;
        let mut campaign = found.ok_or(Error::NotFound("campaign_id"))?;
        // What an automation wrote is of its moment: nobody is greeted weeks after her birthday. Who still is due when it goes
        // on is taken up anew.
        let is_automation = campaign.trigger.is_some();
        let (has_changed, state) = match command {
            Command::Pause if is_automation => (campaign.pause()?, "canceled"),
            Command::Pause => (campaign.pause()?, "paused"),
            Command::Resume => (campaign.resume(now)?, "running"),
            Command::Cancel => (campaign.cancel(now)?, "canceled"),
        };
        if !has_changed {
            return Ok(());
        }
        campaign.version += 1;
        store::campaign::save(&mut tx, &campaign, now).await?;
        if command == Command::Resume && !is_automation {
            let zone = store::business::zone(&mut tx, business).await?;
            if campaign.launched_at.is_some_and(|at| zone.day(at) < zone.day(now)) {
                store::results::begin_anew(&mut tx, business, id, zone.day(now)).await?;
            }
            let follows_at = now + Duration::days(i64::from(campaign.wallet_days));
            store::send::follow_later(&mut tx, business, id, follows_at).await?;
            // What waits is good anew, so its claims are, too. Whom another campaign has taken meanwhile, messaging leaves out.
            let waiting = store::send::waiting(&mut tx, business, id).await?;
            store::claim::win(&mut tx, &waiting, now).await?;
        }
        // Of what was never launched messaging has nothing.
        if campaign.launched_at.is_some() {
            store::hold::want(&mut tx, business, id, state, now).await?;
        }
        let appended = self.outbox.append(&mut tx, vec![events::changed(&campaign, now)]).await?;
        tx.commit().await?;
        appended.committed();
        self.to_walk.notify_one();
        Ok(())
    }

    /// Tells messaging what is wanted of a campaign, if anything is. The row stays locked while it is told, so that states
    /// arrive in the order in which they were wanted.
    async fn settle_hold(&self, id: CampaignId) -> Result<(), Error> {
        let mut tx = self.pool.begin().await?;
        if let Some((business, state)) = store::hold::lock(&mut tx, id).await? {
            self.peers.hold(business, id, &state).await?;
            store::hold::told(&mut tx, id).await?;
            tx.commit().await?;
        }
        Ok(())
    }

    /// Tells messaging what callers could not; returns how many campaigns were settled.
    pub async fn settle_holds(&self) -> Result<usize, Error> {
        let until = self.clock.now() - WORKER_WAITS;
        let waiting = store::hold::waiting(&self.pool, until, HOLDS_OF_A_ROUND).await?;
        for id in &waiting {
            self.settle_hold(*id).await?;
        }
        Ok(waiting.len())
    }
}
