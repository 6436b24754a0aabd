//! What the operator alone may: who sends, by which number, with which templates.

use std::collections::HashMap;

use kernel::{BusinessId, Invalid, Locale, Phone, Principal};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::App;
use super::account::TierView;
use super::campaigns::calls_begun;
use crate::domain::quality::Counts;
use crate::domain::template::{Approval, Template};
use crate::domain::tier::TIERS;
use crate::store::business::Standing;
use crate::store::sender::Sender;
use crate::{Error, events, store};

/// The weights there are.
const WEIGHTS: std::ops::RangeInclusive<i32> = 1..=100;
/// The rates WhatsApp grants.
const RATES: [i32; 2] = [80, 400];

/// What changes about a sender; absent fields stay.
pub(crate) struct SenderChange {
    pub(crate) sender: Option<Uuid>,
    pub(crate) phone: String,
    pub(crate) portfolio: String,
    pub(crate) tier: Option<i64>,
    pub(crate) per_second: Option<i32>,
}

/// A sender as the operator sees it.
pub(crate) struct SenderView {
    pub(crate) row: Sender,
    pub(crate) tier: TierView,
    pub(crate) counts: Counts,
}

/// A business as the operator sees it.
pub(crate) struct StandingView {
    pub(crate) row: Standing,
    pub(crate) counts: Counts,
}

/// What the operator says of a template.
pub(crate) struct Judgement {
    pub(crate) name: String,
    pub(crate) language: Locale,
    pub(crate) approval: Approval,
    /// Empty: as it is.
    pub(crate) content_sid: String,
    pub(crate) reason: String,
}

impl App {
    /// Lets a business send.
    pub(crate) async fn approve_business(
        &self,
        caller: &Principal,
        business: BusinessId,
        sender: Option<Uuid>,
        (daily, monthly, weight): (i64, i64, i32),
    ) -> Result<(), Error> {
        caller.must_be_operator()?;
        for (field, cents) in [("daily_limit_cents", daily), ("monthly_limit_cents", monthly)] {
            if cents < 0 {
                return Err(Invalid::new(field, "out_of_range").into());
            }
        }
        let weight = Some(weight).filter(|weight| *weight != 0);
        if weight.is_some_and(|weight| !WEIGHTS.contains(&weight)) {
            return Err(Invalid::new("weight", "out_of_range").into());
        }
        let all = store::sender::list(&self.pool, sender).await?;
        let sender = match (sender, all.as_slice()) {
            (_, [only]) => only.sender,
            (Some(_), _) => return Err(Error::NotFound("sender_id")),
            (None, _) => return Err(Invalid::new("sender_id", "required").into()),
        };
        let now = self.clock.now();
        let mut tx = self.pool.begin().await?;
        store::business::approve(&mut tx, business, sender, (daily, monthly), weight).await?;
        store::queue::wake_short(&mut tx, business, now).await?;
        tx.commit().await?;
        self.wanted.notify_waiters();
        Ok(())
    }

    /// Gives a business another share beside others of its sender.
    pub(crate) async fn set_weight(
        &self,
        caller: &Principal,
        business: BusinessId,
        weight: i32,
    ) -> Result<(), Error> {
        caller.must_be_operator()?;
        if !WEIGHTS.contains(&weight) {
            return Err(Invalid::new("weight", "out_of_range").into());
        }
        if !store::business::set_weight(&self.pool, business, weight).await? {
            return Err(Error::NotFound("business_id"));
        }
        Ok(())
    }

    /// A page of businesses and how each stands, the oldest first, and where the next begins.
    pub(crate) async fn accounts(
        &self,
        caller: &Principal,
        (status, only_braked): (&str, bool),
        after: Option<Uuid>,
        limit: i64,
    ) -> Result<(Vec<StandingView>, Option<Uuid>), Error> {
        caller.must_be_operator()?;
        let status = match status {
            "" => None,
            word @ ("waiting" | "approved" | "stopped") => Some(word),
            _ => return Err(Invalid::new("status", "unknown").into()),
        };
        let mut rows = store::business::standing(&self.pool, (status, only_braked), after, limit + 1).await?;
        let wanted = usize::try_from(limit).unwrap_or(0);
        let has_more = rows.len() > wanted;
        rows.truncate(wanted);
        let next = rows.last().filter(|_| has_more).map(|row| row.business.as_uuid());
        let listed: Vec<Uuid> = rows.iter().map(|row| row.business.as_uuid()).collect();
        let judged = self.judged(Some(&listed)).await?;
        let counts: HashMap<BusinessId, Counts> =
            judged.iter().map(|one| (one.business, one.counts())).collect();
        let view = |row: Standing| StandingView {
            counts: counts.get(&row.business).copied().unwrap_or_default(),
            row,
        };
        Ok((rows.into_iter().map(view).collect(), next))
    }

    /// Stops a business. What it has waiting stays, and goes if it is approved again in time.
    pub(crate) async fn stop_business(&self, caller: &Principal, business: BusinessId) -> Result<(), Error> {
        caller.must_be_operator()?;
        let mut tx = self.pool.begin().await?;
        if !store::business::stop(&mut tx, business).await? {
            return Err(Error::NotFound("business_id"));
        }
        let fact = events::sending_held(business, "stopped", "not_approved", self.clock.now());
        let told = self.outbox.append(&mut tx, vec![fact]).await?;
        tx.commit().await?;
        told.committed();
        Ok(())
    }

    /// Makes a sender, or changes one.
    pub(crate) async fn set_sender(&self, caller: &Principal, change: SenderChange) -> Result<Uuid, Error> {
        caller.must_be_operator()?;
        if change.tier.is_some_and(|tier| !TIERS.contains(&tier)) {
            return Err(Invalid::new("tier", "unknown").into());
        }
        if change.per_second.is_some_and(|rate| !RATES.contains(&rate)) {
            return Err(Invalid::new("messages_per_second", "unknown").into());
        }
        let phone: Option<Phone> =
            if change.phone.is_empty() { None } else { Some(change.phone.parse::<Phone>()?) };
        let phone = phone.as_ref().map(Phone::as_str);
        let portfolio = Some(change.portfolio.trim()).filter(|name| !name.is_empty());
        if portfolio.is_some_and(|name| name.chars().count() > 60) {
            return Err(Invalid::new("portfolio", "too_long").into());
        }
        let now = self.clock.now();
        let mut tx = self.pool.begin().await?;
        let sender = match change.sender {
            None => {
                let phone = phone.ok_or_else(|| Invalid::new("phone", "required"))?;
                let portfolio = portfolio.unwrap_or(phone);
                store::sender::put_portfolio(&mut tx, portfolio, change.tier).await?;
                let (made, rate) = (Uuid::now_v7(), change.per_second.unwrap_or(RATES[0]));
                if !store::sender::insert(&mut tx, made, (phone, portfolio), rate, now).await? {
                    return Err(Invalid::new("phone", "taken").into());
                }
                made
            }
            Some(sender) => {
                let known = store::sender::list(&mut *tx, Some(sender)).await?.pop();
                let known = known.ok_or(Error::NotFound("sender_id"))?;
                let into = portfolio.unwrap_or(&known.portfolio);
                store::sender::put_portfolio(&mut tx, into, change.tier).await?;
                if let Some(phone) = phone
                    && store::sender::by_phone(&mut *tx, phone).await?.is_some_and(|other| other != sender)
                {
                    return Err(Invalid::new("phone", "taken").into());
                }
                store::sender::update(&mut tx, sender, (phone, portfolio), change.per_second).await?;
                sender
            }
        };
        tx.commit().await?;
        self.wanted.notify_waiters();
        Ok(sender)
    }

    /// Writes a template into the registry.
    pub(crate) async fn set_template(&self, caller: &Principal, template: Template) -> Result<(), Error> {
        caller.must_be_operator()?;
        template.check()?;
        template.check_content_sid("template.content_sid")?;
        store::template::put(&self.pool, &template).await?;
        self.wanted.notify_waiters();
        Ok(())
    }

    /// Writes down how WhatsApp stands to a template. Once this has answered that it may not be used, no call with it begins
    /// any more: whoever hands over holds the template's row, and the calls that had their moment already are waited for.
    pub(crate) async fn judge_template(&self, caller: &Principal, judgement: Judgement) -> Result<(), Error> {
        caller.must_be_operator()?;
        let Judgement { name, language, approval, content_sid, reason } = judgement;
        let mut tx = self.pool.begin().await?;
        let known = store::template::lock(&mut tx, &name, language).await?;
        let judged = known.ok_or(Error::NotFound("template"))?.judged(approval, content_sid, &reason)?;
        store::template::put(&mut *tx, &judged).await?;
        let ahead = match approval.refusal() {
            Some(_) => store::template::last_call(&mut tx, &name, language).await?,
            None => None,
        };
        tx.commit().await?;
        self.wanted.notify_waiters();
        calls_begun(ahead).await;
        Ok(())
    }

    /// Under a pretend provider, what waits for WhatsApp's approval has it.
    pub(crate) async fn approve_pretend_templates(&self) -> Result<(), Error> {
        for mut template in store::template::list(&self.pool).await? {
            if template.approval != Approval::Pending {
                continue;
            }
            let name = format!("{}.{}", template.name, template.language.as_str());
            let digest = hex::encode(Sha256::digest(name));
            template.content_sid = format!("HX{}", &digest[..32]);
            template.approval = Approval::Approved;
            store::template::put(&self.pool, &template).await?;
        }
        Ok(())
    }

    /// Every sender, with its tier and its quality.
    pub(crate) async fn senders(&self, caller: &Principal) -> Result<Vec<SenderView>, Error> {
        caller.must_be_operator()?;
        let judged = self.judged(None).await?;
        let mut views = Vec::new();
        for row in store::sender::list(&self.pool, None).await? {
            let mut counts = Counts::default();
            for one in judged.iter().filter(|one| one.sender == row.sender) {
                counts.delivered += one.delivered;
                counts.opted_out += one.opted_out;
                counts.blocked += one.blocked;
            }
            views.push(SenderView { tier: self.tier_view(&row).await?, row, counts });
        }
        Ok(views)
    }
}
