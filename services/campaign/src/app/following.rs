//! The second way of a send: WhatsApp where the pass did not bring her, and the pass where WhatsApp does not reach her.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet, HashSet};

use chrono::Duration;
use kernel::{BusinessId, CampaignId, CustomerId, Zone};
use uuid::Uuid;

use super::App;
use super::planning::message;
use crate::Error;
use crate::domain::campaign::{Campaign, Status};
use crate::domain::counts::Counts;
use crate::domain::send::{Send, SendStatus, has_come_since};
use crate::events::Wanted;
use crate::store::claim::Claim;
use crate::store::reach::StillReachable;
use crate::store::send::{Following, ToFollow};
use crate::{events, store};

/// Sends of one round.
const ROUND: i64 = 500;
/// The way that costs nothing.
const WALLET: &str = "wallet";
/// When sends of a paused campaign are looked at again.
const LOOK_AGAIN_AFTER: Duration = Duration::minutes(10);

impl App {
    /// Asks for WhatsApp where a pass was shown some days ago and she has not come, and for the pass where WhatsApp does not
    /// bring her the message; the send and its claim stay the same. Returns how many sends were looked at.
    pub async fn follow_up(&self) -> Result<usize, Error> {
        let now = self.clock.now();
        let mut tx = self.pool.begin().await?;
        let mut due = store::send::take_to_follow(&mut tx, now, ROUND).await?;
        if due.is_empty() || store::rebuild::is_under_way(&mut tx).await? {
            return Ok(0);
        }
        let mut campaigns: BTreeMap<CampaignId, Option<Campaign>> = BTreeMap::new();
        for send in &due {
            if let Entry::Vacant(place) = campaigns.entry(send.campaign) {
                place.insert(store::campaign::share(&mut tx, send.business, send.campaign).await?);
            }
        }
        // Whoever changes a campaign goes on to its sends, and those here are locked already: they wait for the next round.
        due.retain(|send| campaigns.get(&send.campaign).is_some_and(Option::is_some));
        let customers: Vec<(BusinessId, CustomerId)> =
            due.iter().map(|send| (send.business, send.customer)).collect();
        let reachable = store::reach::still_reachable(&mut tx, &customers).await?;
        let businesses: Vec<BusinessId> =
            due.iter().map(|send| send.business).collect::<BTreeSet<_>>().into_iter().collect();
        let zones = store::business::zones(&mut tx, &businesses).await?;
        // Messaging keeps the hours of what goes by WhatsApp; a pass would light up her phone at once.
        let morning = |send: &ToFollow| {
            let zone = zones.get(&send.business).copied().unwrap_or(Zone::LIMA);
            kernel::end_of_quiet(zone, now).filter(|_| other_way(send) == WALLET)
        };
        let status = |send: &ToFollow| {
            campaigns.get(&send.campaign).and_then(Option::as_ref).map(|campaign| campaign.status)
        };
        let wants: Vec<Claim> = due
            .iter()
            .filter(|send| matches!(status(send), Some(Status::Running | Status::Done)))
            .filter(|send| morning(send).is_none())
            .filter(|send| reachable.get(&send.customer).is_some_and(|customer| is_due(send, customer)))
            .map(claim)
            .collect();
        let won: HashSet<Uuid> = store::claim::win(&mut tx, &wants, now).await?;
        let mut outcomes = Vec::with_capacity(due.len());
        let mut wanted: BTreeMap<CampaignId, Vec<Wanted>> = BTreeMap::new();
        let mut changes: BTreeMap<CampaignId, (BusinessId, Counts)> = BTreeMap::new();
        let mut given_up = Vec::new();
        for send in &due {
            let is_automation = campaigns
                .get(&send.campaign)
                .and_then(Option::as_ref)
                .is_some_and(|campaign| campaign.trigger.is_some());
            let following = match (status(send), morning(send)) {
                // What an automation said was of its moment, and is not followed weeks later.
                (Some(Status::Paused), _) if !is_automation => Following::Later(now + LOOK_AGAIN_AFTER),
                (Some(Status::Running | Status::Done), Some(morning)) => Following::Later(morning),
                _ if won.contains(&send.send) => Following::Now,
                _ => Following::Never,
            };
            outcomes.push(((send.campaign, send.send), following));
            let change = changes.entry(send.campaign).or_insert((send.business, Counts::default()));
            change.1 += counts_change(send, following);
            let campaign = campaigns.get(&send.campaign).and_then(Option::as_ref);
            if let (Following::Now, Some(campaign), Some(found)) =
                (following, campaign, reachable.get(&send.customer))
            {
                let message = message(campaign, &found.customer, send.send, other_way(send));
                wanted.entry(send.campaign).or_default().push(message);
            }
            if following == Following::Never && is_unheard(send) {
                given_up.push(claim(send));
            }
        }
        store::send::follow(&mut tx, &outcomes).await?;
        // Nothing of it has reached her, and nothing will: somebody else may write to her.
        if !given_up.is_empty() {
            store::claim::give_back(&mut tx, &given_up).await?;
        }
        store::tally::add(&mut tx, &changes).await?;
        let facts = wanted
            .iter()
            .filter_map(|(id, wanted)| Some((campaigns.get(id)?.as_ref()?, wanted)))
            .flat_map(|(campaign, wanted)| events::send_requested(campaign, wanted, now))
            .collect();
        let appended = self.outbox.append(&mut tx, facts).await?;
        tx.commit().await?;
        appended.committed();
        Ok(due.len())
    }
}

fn claim(send: &ToFollow) -> Claim {
    Claim { business: send.business, customer: send.customer, send: send.send, campaign: send.campaign }
}

fn other_way(send: &ToFollow) -> &'static str {
    if send.channel == WALLET { "whatsapp" } else { WALLET }
}

/// Nothing has shown it to her so far.
fn is_unheard(send: &ToFollow) -> bool {
    send.status == SendStatus::Requested.as_str()
}

/// Whether the other way is to be tried: WhatsApp for who has not come since, a pass where there is one.
fn is_due(send: &ToFollow, found: &StillReachable) -> bool {
    if send.channel == WALLET {
        !has_come_since((send.planned_at, send.planned_day), found.last_day, found.came_at)
    } else {
        found.customer.has_pass && is_unheard(send)
    }
}

/// What changes in the counts: what nothing showed has failed, and what WhatsApp follows is open until messaging ends it.
fn counts_change(send: &ToFollow, following: Following) -> Counts {
    let Some(status) = SendStatus::parse(&send.status) else { return Counts::default() };
    let at = |status, follows, message_open| {
        let send = Send { status, message_open, ..Send::requested(follows) };
        send.counts()
    };
    let after = match following {
        Following::Later(_) => at(status, true, false),
        Following::Never if is_unheard(send) => at(SendStatus::Failed, false, false),
        Following::Never => at(status, false, false),
        Following::Now => at(status, false, send.channel == WALLET),
    };
    after.since(at(status, true, false))
}
