//! Campaigns as their owner writes and sees them.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use kernel::{BusinessId, CampaignId, Invalid, OperationId, Principal};
use sha2::{Digest, Sha256};
use sqlx::PgConnection;

use super::{App, CATEGORY};
use crate::Error;
use crate::domain::campaign::{Campaign, ChannelPolicy, Edit, Editable, Status};
use crate::domain::counts::Counts;
use crate::domain::trigger::Trigger;
use crate::{events, store};

/// Blasts of one page.
const PAGE: i64 = 50;

/// A campaign, how far it is, and why it does not move although it runs.
#[derive(Clone, Debug)]
pub struct Shown {
    /// The campaign.
    pub campaign: Campaign,
    /// Its sends by state.
    pub counts: Counts,
    /// Empty: it moves.
    pub held_by: String,
}

impl Shown {
    /// It has customers to take up, and does not where a pass would light up a phone at night.
    fn waits_for_the_morning(&self) -> bool {
        self.campaign.status == Status::Running
            && self.campaign.may_go_by_pass()
            && self.campaign.has_to_walk()
    }

    /// It has messages to come that messaging may hold; an automation always may have.
    fn waits_for_messaging(&self) -> bool {
        let counts = &self.counts;
        self.campaign.status == Status::Running
            && self.campaign.policy != ChannelPolicy::Wallet
            // What is on its way to a phone is open too, but nothing holds it.
            && (self.campaign.trigger.is_some() || counts.open > counts.sent - counts.delivered)
    }
}

/// What is to be made.
#[derive(Clone, Debug)]
pub struct New {
    /// The same one makes one campaign.
    pub operation: OperationId,
    /// Absent for a blast.
    pub trigger: Option<Trigger>,
    /// What it says to whom.
    pub edit: Edit,
}

impl New {
    /// What was asked for, so that the same id with another wish is told apart.
    fn fingerprint(&self) -> Vec<u8> {
        Sha256::digest(format!("{:?} {:?}", self.trigger, self.edit)).to_vec()
    }
}

impl App {
    /// A page of blasts, newest first, and where the next begins.
    pub async fn list(
        &self,
        caller: &Principal,
        status: &str,
        limit: i32,
        before: Option<CampaignId>,
    ) -> Result<(Vec<Shown>, Option<CampaignId>), Error> {
        let business = caller.managed_business()?;
        let status = if status.is_empty() { None } else { Some(Status::parse(status)?) };
        let limit = match limit {
            0 => PAGE,
            1..=200 => i64::from(limit),
            _ => return Err(Invalid::new("limit", "out_of_range").into()),
        };
        let mut db = self.pool.acquire().await?;
        let mut found = store::campaign::list(&mut db, business, status, before, limit + 1).await?;
        let wanted = usize::try_from(limit).unwrap_or(0);
        let has_more = found.len() > wanted;
        found.truncate(wanted);
        let next = found.last().filter(|_| has_more).map(|campaign| campaign.id);
        let mut shown = show(&mut db, business, found, self.clock.now()).await?;
        drop(db);
        self.ask_what_holds(business, &mut shown).await;
        Ok((shown, next))
    }

    /// One campaign.
    pub async fn get(&self, caller: &Principal, id: CampaignId) -> Result<Shown, Error> {
        let business = caller.managed_business()?;
        let mut shown = self.shown(business, id).await?;
        self.ask_what_holds(business, std::slice::from_mut(&mut shown)).await;
        Ok(shown)
    }

    /// Asks messaging, once for all of them, what holds those that wait for it. Where it is away, what it said of its own
    /// accord still stands.
    async fn ask_what_holds(&self, business: BusinessId, shown: &mut [Shown]) {
        if !shown.iter().any(Shown::waits_for_messaging) {
            return;
        }
        let Ok(quote) = self.peers.quote(business, CATEGORY, 1).await else { return };
        let held_by = match quote.status.as_str() {
            "approved" => quote.held_by,
            "off" => "off".to_owned(),
            _ => "not_approved".to_owned(),
        };
        for shown in shown.iter_mut().filter(|shown| shown.waits_for_messaging()) {
            // Messaging counts the hours too; where it is not yet told of the shop's zone, what waits here still waits.
            if !held_by.is_empty() || shown.held_by == "quality" {
                shown.held_by.clone_from(&held_by);
            }
        }
    }

    /// A campaign as it is kept.
    pub(super) async fn shown(&self, business: BusinessId, id: CampaignId) -> Result<Shown, Error> {
        let mut db = self.pool.acquire().await?;
        let found = store::campaign::find(&mut db, business, id).await?;
        let found = found.ok_or(Error::NotFound("campaign_id"))?;
        let mut shown = show(&mut db, business, vec![found], self.clock.now()).await?;
        shown.pop().ok_or(Error::NotFound("campaign_id"))
    }

    /// The automations of a business, one of each trigger; those never touched are made as drafts.
    pub async fn automations(&self, caller: &Principal) -> Result<Vec<Shown>, Error> {
        let business = caller.managed_business()?;
        let now = self.clock.now();
        let mut tx = self.pool.begin().await?;
        let mut known = store::campaign::automations(&mut tx, business).await?;
        let mut made = Vec::new();
        for trigger in Trigger::ALL {
            if known.iter().all(|campaign| campaign.trigger != Some(trigger)) {
                let draft = Campaign::draft(business, Some(trigger), now);
                if store::campaign::insert(&mut tx, &draft).await? {
                    made.push(events::changed(&draft, now));
                }
            }
        }
        let appended = self.outbox.append(&mut tx, made).await?;
        known = store::campaign::automations(&mut tx, business).await?;
        tx.commit().await?;
        appended.committed();
        known.sort_by_key(|campaign| {
            Trigger::ALL.iter().position(|trigger| Some(*trigger) == campaign.trigger)
        });
        let mut db = self.pool.acquire().await?;
        let mut shown = show(&mut db, business, known, now).await?;
        drop(db);
        self.ask_what_holds(business, &mut shown).await;
        Ok(shown)
    }

    /// Makes a draft, once an operation.
    pub async fn create(&self, caller: &Principal, new: New) -> Result<Shown, Error> {
        let business = caller.managed_business()?;
        match self.create_once(business, &new).await {
            // Another call with the same id was quicker; now it is found.
            Err(Error::Store(error)) if boot::is_conflict(&error) => self.create_once(business, &new).await,
            done => done,
        }
    }

    async fn create_once(&self, business: BusinessId, new: &New) -> Result<Shown, Error> {
        let now = self.clock.now();
        let fingerprint = new.fingerprint();
        let mut tx = self.pool.begin().await?;
        if let Some((made, asked)) = store::campaign::find_operation(&mut tx, business, new.operation).await?
        {
            drop(tx);
            return if asked == fingerprint {
                self.shown(business, made).await
            } else {
                Err(Error::OperationMismatch)
            };
        }
        let mut campaign = Campaign::draft(business, new.trigger, now);
        let is_taken_over = match new.trigger {
            Some(trigger) => match untouched(&mut tx, business, trigger).await? {
                Some(draft) => {
                    campaign = Campaign { version: draft.version + 1, ..draft };
                    true
                }
                None => false,
            },
            None => false,
        };
        campaign.edit(new.edit.clone(), now)?;
        if is_taken_over {
            store::campaign::save(&mut tx, &campaign, now).await?;
        } else if !store::campaign::insert(&mut tx, &campaign).await? {
            return Err(Error::Conflict { field: "trigger", reason: "already_there".into() });
        }
        store::campaign::record_operation(&mut tx, business, new.operation, campaign.id, &fingerprint, now)
            .await?;
        let appended = self.outbox.append(&mut tx, vec![events::changed(&campaign, now)]).await?;
        tx.commit().await?;
        appended.committed();
        self.shown(business, campaign.id).await
    }

    /// Changes what a campaign says to whom. What was checked when it was launched is checked again.
    pub async fn update(&self, caller: &Principal, id: CampaignId, edit: Edit) -> Result<Shown, Error> {
        let business = caller.managed_business()?;
        let now = self.clock.now();
        let before = self.shown(business, id).await?.campaign;
        let mut wanted = before.clone();
        wanted.edit(edit.clone(), now)?;
        before.check_edited(&wanted)?;
        let (edit, checked) = match before.editable() {
            Editable::Name => (Edit { name: edit.name, ..Edit::default() }, None),
            _ if before.status == Status::Draft => (edit, None),
            _ => (edit, Some(self.check_wordings(&wanted).await?)),
        };
        let mut tx = self.pool.begin().await?;
        let found = store::campaign::lock(&mut tx, business, id).await?;
        let mut campaign = found.ok_or(Error::NotFound("campaign_id"))?;
        if checked.is_some() && campaign.version != before.version {
            return Err(Error::Conflict { field: "version", reason: "changed".into() });
        }
        let found = campaign.clone();
        campaign.edit(edit, now)?;
        found.check_edited(&campaign)?;
        campaign.wordings = checked.unwrap_or(campaign.wordings);
        campaign.version += 1;
        store::campaign::save(&mut tx, &campaign, now).await?;
        let appended = self.outbox.append(&mut tx, vec![events::changed(&campaign, now)]).await?;
        tx.commit().await?;
        appended.committed();
        self.shown(business, id).await
    }
}

/// The draft of a trigger, if there is one; anything further than a draft is in the way.
async fn untouched(
    tx: &mut PgConnection,
    business: BusinessId,
    trigger: Trigger,
) -> Result<Option<Campaign>, Error> {
    let known = store::campaign::automations(tx, business).await?;
    match known.into_iter().find(|campaign| campaign.trigger == Some(trigger)) {
        Some(campaign) if campaign.status == Status::Draft => Ok(Some(campaign)),
        Some(_) => Err(Error::Conflict { field: "trigger", reason: "already_there".into() }),
        None => Ok(None),
    }
}

async fn show(
    db: &mut PgConnection,
    business: BusinessId,
    campaigns: Vec<Campaign>,
    now: DateTime<Utc>,
) -> Result<Vec<Shown>, Error> {
    let ids: Vec<CampaignId> = campaigns.iter().map(|campaign| campaign.id).collect();
    let counts: BTreeMap<CampaignId, Counts> = store::tally::of(db, &ids).await?;
    let held = store::business::held(db, business).await?;
    let is_quiet = kernel::is_quiet(store::business::zone(db, business).await?, now);
    // Only of quality does messaging tell the end as well.
    let is_stopped = held.state == "stopped" && ["opt_outs", "blocks"].contains(&held.reason.as_str());
    let shown = campaigns.into_iter().map(|campaign| {
        let counts = counts.get(&campaign.id).copied().unwrap_or_default();
        let mut shown = Shown { campaign, counts, held_by: String::new() };
        if is_quiet && shown.waits_for_the_morning() {
            "quiet_hours".clone_into(&mut shown.held_by);
        }
        if is_stopped && shown.waits_for_messaging() {
            "quality".clone_into(&mut shown.held_by);
        }
        shown
    });
    Ok(shown.collect())
}
