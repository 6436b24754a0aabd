//! Facts in.

use std::collections::BTreeSet;

use kernel::BusinessId;
use sqlx::PgConnection;

use crate::domain::changes::Changes;
use crate::domain::fact::Recorded;
use crate::domain::visit;
use crate::store;

/// Takes a batch of facts in the caller's transaction: summed first, then a handful of statements, whatever its size.
/// They run in one order on every replica, each locking its rows in the order of their keys, so that batches that
/// meet wait for each other instead of locking up.
pub(crate) async fn take(tx: &mut PgConnection, facts: &[Recorded]) -> Result<(), sqlx::Error> {
    let mut changes = Changes::of(facts);
    if !changes.businesses.is_empty() {
        store::business::hear(tx, &changes.businesses).await?;
    }
    if !changes.customers.is_empty() {
        for (business, customers) in store::customer::hear(tx, &changes.customers).await? {
            changes.totals.entry(business).or_default().customers += customers;
        }
    }
    if !changes.visits.is_empty() {
        take_visits(tx, &changes).await?;
    }
    if !changes.rewards.is_empty() {
        take_rewards(tx, &mut changes).await?;
    }
    if !changes.messages.is_empty() {
        take_messages(tx, &mut changes).await?;
    }
    if !changes.totals.is_empty() {
        store::total::add(tx, &changes.totals).await?;
    }
    if !changes.slots.is_empty() {
        store::slot::add(tx, &changes.slots).await?;
    }
    if !changes.members.is_empty() {
        store::slot::add_members(tx, &changes.members).await?;
    }
    if !changes.message_slots.is_empty() {
        store::message::add(tx, &changes.message_slots).await?;
    }
    Ok(())
}

/// Visits are counted on business days, in the zone that is known now.
async fn take_visits(tx: &mut PgConnection, changes: &Changes) -> Result<(), sqlx::Error> {
    let businesses: BTreeSet<BusinessId> = changes.visits.iter().map(|visit| visit.business).collect();
    let businesses: Vec<BusinessId> = businesses.into_iter().collect();
    let zones = store::business::zones(tx, &businesses).await?;
    let crossings = store::visit::add_entries(tx, &visit::by_day(&changes.visits, &zones)).await?;
    if crossings.is_empty() {
        return Ok(());
    }
    store::visit::add_visitors(tx, &visit::visitors(&crossings)).await?;
    store::visit::add_card_days(tx, &visit::by_card(&crossings, &changes.visits)).await?;
    let lost: Vec<_> = crossings.into_iter().filter(|crossing| !crossing.came).collect();
    if !lost.is_empty() {
        store::visit::forget_days(tx, &lost).await?;
    }
    Ok(())
}

/// A reward's facts only add up; where it counts follows from the sum, before and after.
async fn take_rewards(tx: &mut PgConnection, changes: &mut Changes) -> Result<(), sqlx::Error> {
    let mut rewards = store::reward::lock(tx, changes.rewards.keys()).await?;
    for (key, change) in std::mem::take(&mut changes.rewards) {
        let reward = rewards.entry(key).or_default();
        let before = reward.counts();
        reward.absorb(change);
        changes.recount(key.0, &before, &reward.counts());
    }
    store::reward::save(tx, &rewards).await
}

/// As with rewards: what a message's facts add up to says where it counts.
async fn take_messages(tx: &mut PgConnection, changes: &mut Changes) -> Result<(), sqlx::Error> {
    let mut messages = store::message::lock(tx, changes.messages.keys()).await?;
    for (key, change) in std::mem::take(&mut changes.messages) {
        let message = messages.entry(key).or_default();
        let before = message.counts();
        message.absorb(change);
        changes.recount_message(key.0, &before, &message.counts());
    }
    store::message::save(tx, &messages).await
}
