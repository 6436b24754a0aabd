//! Who is written to: an audience walked in steps, one transaction a step. Whoever steps holds the campaign's row, so a
//! pause waits for the step and no two replicas take the same one.

use std::collections::HashSet;

use chrono::{DateTime, Duration, Utc};
use kernel::{CustomerId, Locale};
use sqlx::PgConnection;
use std::collections::BTreeMap;

use super::App;
use crate::Error;
use crate::domain::audience::Moment;
use crate::domain::campaign::{Campaign, ChannelPolicy};
use crate::domain::counts::Counts;
use crate::domain::holdout::is_held_out;
use crate::domain::send::{Send, SendStatus, new_id};
use crate::domain::trigger::Trigger;
use crate::events::Wanted;
use crate::store::campaign::Walk;
use crate::store::claim::Claim;
use crate::store::reach::Reachable;
use crate::store::send::Planned;
use crate::{events, store};

/// Customers of one step: few enough that a pause waits for less than a blink, enough that a statement is well used.
const STEP: i64 = 5_000;

/// How long a campaign rests at most in quiet hours: a shop's zone may be learnt meanwhile.
const REST: Duration = Duration::minutes(15);

/// What a step has found: whom to write to, and whom for what cause.
pub(super) struct Found {
    pub(super) customers: Vec<Reachable>,
    /// For automations, beside each customer.
    pub(super) causes: Vec<String>,
    /// Where the step ended; `None` at the end of the walk.
    pub(super) last: Option<CustomerId>,
}

impl App {
    /// One step of the campaign that has waited longest; tells how many customers it took up, `None` where none is due.
    pub async fn plan_step(&self) -> Result<Option<usize>, Error> {
        let now = self.now_by_ids();
        let mut tx = self.pool.begin().await?;
        let Some(Walk { campaign, after }) = store::campaign::take_due(&mut tx, now).await? else {
            return Ok(None);
        };
        if store::rebuild::is_under_way(&mut tx).await? {
            return Ok(None);
        }
        let when = store::business::moment(&mut tx, campaign.business, now).await?;
        // A pass that changes lights up a phone; messaging holds what goes by WhatsApp itself.
        if let Some(morning) = kernel::end_of_quiet(when.zone, now).filter(|_| campaign.may_go_by_pass()) {
            store::campaign::rest(&mut tx, &campaign, morning.min(now + REST)).await?;
            tx.commit().await?;
            return Ok(Some(0));
        }
        let found = match campaign.trigger {
            None => find_audience(&mut tx, &campaign, after, &when).await?,
            Some(trigger) => self.find_due(&mut tx, &campaign, trigger, after, &when).await?,
        };
        let taken = found.customers.len();
        let last = found.last;
        let wanted = take_up(&mut tx, &campaign, found, &when).await?;
        match (last, campaign.trigger) {
            (Some(last), _) => store::campaign::walked(&mut tx, &campaign, last, now).await?,
            (None, None) => store::campaign::walked_out(&mut tx, &campaign, None, now).await?,
            (None, Some(trigger)) => {
                let next = now + super::automations::pause_between_walks(trigger);
                store::campaign::walked_out(&mut tx, &campaign, Some(next), now).await?;
            }
        }
        let facts = events::send_requested(&campaign, &wanted, now);
        let appended = self.outbox.append(&mut tx, facts).await?;
        tx.commit().await?;
        appended.committed();
        metrics::counter!("campaign_sends_planned_total").increment(wanted.len() as u64);
        Ok(Some(taken))
    }

    /// Starts the scheduled campaigns whose time has come; returns how many.
    pub async fn begin_scheduled(&self) -> Result<usize, Error> {
        let mut begun = 0;
        loop {
            let now = self.clock.now();
            let mut tx = self.pool.begin().await?;
            let Some(mut campaign) = store::campaign::take_scheduled(&mut tx, now).await? else {
                return Ok(begun);
            };
            campaign.begin(now);
            campaign.version += 1;
            store::campaign::save(&mut tx, &campaign, now).await?;
            let appended = self.outbox.append(&mut tx, vec![events::changed(&campaign, now)]).await?;
            tx.commit().await?;
            appended.committed();
            begun += 1;
        }
    }
}

async fn find_audience(
    tx: &mut PgConnection,
    campaign: &Campaign,
    after: Option<CustomerId>,
    when: &Moment,
) -> Result<Found, Error> {
    let only_with_pass = campaign.policy == ChannelPolicy::Wallet;
    let business = campaign.business;
    let customers =
        store::reach::next(tx, business, &campaign.audience, only_with_pass, after, STEP, when).await?;
    let is_full = customers.len() as i64 == STEP;
    let last = customers.last().filter(|_| is_full).map(|customer| customer.customer_id);
    Ok(Found { customers, causes: Vec::new(), last })
}

/// Takes customers up in one transaction: who is held out, whose claim is won, and the sends of both. Returns the messages
/// to ask for.
async fn take_up(
    tx: &mut PgConnection,
    campaign: &Campaign,
    found: Found,
    when: &Moment,
) -> Result<Vec<Wanted>, Error> {
    let Found { customers, causes, .. } = found;
    if customers.is_empty() {
        return Ok(Vec::new());
    }
    let now = when.now;
    let business = campaign.business;
    let (held_out, chosen): (Vec<usize>, Vec<usize>) = (0..customers.len()).partition(|at| {
        is_held_out(business, campaign.id, customers[*at].customer_id, campaign.holdout_percent)
    });
    // Who could not be written to anyway is not compared with those who could.
    let ids: Vec<CustomerId> = held_out.iter().map(|at| customers[*at].customer_id).collect();
    let capped: HashSet<CustomerId> = store::claim::held(tx, business, &ids, now).await?;
    let claims: Vec<Claim> = chosen
        .iter()
        .map(|at| Claim {
            business,
            customer: customers[*at].customer_id,
            send: new_id(now),
            campaign: campaign.id,
        })
        .collect();
    let won = store::claim::win(tx, &claims, now).await?;

    let mut planned = Vec::with_capacity(customers.len());
    let mut wanted = Vec::with_capacity(won.len());
    let mut counts = Counts::default();
    let mut fired: Vec<(CustomerId, String)> = Vec::new();
    for at in held_out {
        let customer = &customers[at];
        if !capped.contains(&customer.customer_id) {
            counts.holdout += 1;
            planned.push(Planned {
                send: new_id(now),
                customer: customer.customer_id,
                status: SendStatus::Holdout,
                channel: "",
                language: Locale::from_tag(&customer.language),
                card: customer.card_id,
                follow_up_at: None,
            });
            fired.extend(causes.get(at).map(|cause| (customer.customer_id, cause.clone())));
        }
    }
    for (at, claim) in chosen.into_iter().zip(&claims).filter(|(_, claim)| won.contains(&claim.send)) {
        let customer = &customers[at];
        let (send, message) = requested(campaign, customer, claim, now);
        counts += Send::requested(send.follow_up_at.is_some()).counts();
        planned.push(send);
        wanted.push(message);
        fired.extend(causes.get(at).map(|cause| (customer.customer_id, cause.clone())));
    }
    if planned.is_empty() {
        return Ok(wanted);
    }
    store::send::insert(tx, (business, campaign.id), &planned, now, when.today()).await?;
    if let Some(trigger) = campaign.trigger {
        store::fired::remember(tx, business, trigger, &fired, now).await?;
    }
    store::tally::add(tx, &BTreeMap::from([(campaign.id, (business, counts))])).await?;
    Ok(wanted)
}

/// A customer's send, by the way her campaign and her phone allow.
fn requested(
    campaign: &Campaign,
    customer: &Reachable,
    claim: &Claim,
    now: DateTime<Utc>,
) -> (Planned, Wanted) {
    let by_pass = campaign.policy == ChannelPolicy::Wallet
        || (campaign.policy == ChannelPolicy::WalletFirst && customer.has_pass);
    let follows = campaign.policy == ChannelPolicy::WalletFirst && customer.has_pass;
    let channel = if by_pass { "wallet" } else { "whatsapp" };
    let send = Planned {
        send: claim.send,
        customer: claim.customer,
        status: SendStatus::Requested,
        channel,
        language: Locale::from_tag(&customer.language),
        card: customer.card_id,
        follow_up_at: follows.then(|| now + Duration::days(i64::from(campaign.wallet_days))),
    };
    let message = message(campaign, customer, claim.send, channel);
    (send, message)
}

/// What a message to a customer may say.
pub(super) fn message(
    campaign: &Campaign,
    customer: &Reachable,
    send: uuid::Uuid,
    channel: &'static str,
) -> Wanted {
    let hers = Locale::from_tag(&customer.language);
    let is_worded = campaign.wordings.iter().any(|wording| wording.language == hers);
    let language = if is_worded { hers } else { Locale::Es };
    Wanted {
        send,
        customer: customer.customer_id,
        channel,
        language,
        card: customer.card_id,
        stamps: customer.stamps,
        stamps_left: customer.stamps_left,
        reward: reward(campaign.trigger, customer, language),
    }
}

/// The reward a message speaks of: one that is open where the campaign is about that, else what her card leads to.
fn reward(trigger: Option<Trigger>, customer: &Reachable, language: Locale) -> String {
    let (open, next) = (customer.open_reward.as_str(), customer.next_reward.as_str());
    let first = match trigger {
        Some(Trigger::AtRisk | Trigger::OneStampLeft) => [next, ""],
        Some(Trigger::RewardExpiring) => [open, ""],
        _ => [open, next],
    };
    let unnamed = match language {
        Locale::Es => "tu premio",
        Locale::En => "your reward",
    };
    first.into_iter().find(|title| !title.is_empty()).unwrap_or(unnamed).to_owned()
}
