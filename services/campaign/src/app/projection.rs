//! What other services tell, taken in.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::{DateTime, Utc};
use kernel::{BusinessId, CampaignId, CustomerId, ProgramId, Zone};
use sqlx::PgConnection;

use super::App;
use super::statuses::StatusNews;
use crate::domain::counts::Counts;
use crate::domain::customer::{Card, Fact};
use crate::store;
use crate::store::audience::{Customers, Merge};
use crate::store::send::Key;

/// Merges that are followed one after another; a longer chain is a mistake.
const LONGEST_CHAIN: usize = 16;

/// Something that was told, of one business.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Told {
    /// Where it counts its days.
    Zone(Zone, i64),
    /// Messaging holds its marketing, or lets it go.
    Held { state: String, reason: String, at: DateTime<Utc> },
    /// What a program's cards take.
    Program { program: ProgramId, version: i32, stamps_required: i32 },
    /// What they lead to.
    RewardTitle { program: ProgramId, title: String, at: DateTime<Utc> },
    /// A purchase of this amount.
    Purchase(i64),
    /// Something happened to a customer.
    Customer(CustomerId, Fact),
    /// A stamp was earned (1) or taken back (-1); its day is the shop's to say.
    Visit(CustomerId, DateTime<Utc>, i32),
    /// Somebody answered a campaign that she wants no more.
    OptedOutOf(CampaignId),
    /// Something became of a send.
    Status(Key, StatusNews),
}

impl Told {
    /// True for what says who customers are, false for what became of a send.
    pub(super) fn is_of_projection(&self) -> bool {
        !matches!(self, Self::OptedOutOf(_) | Self::Status(..))
    }
}

impl App {
    /// Takes a batch in, in the caller's transaction. What comes first is what others are read by; rows of one kind are
    /// locked in the order of their keys.
    pub(crate) async fn apply(
        &self,
        tx: &mut PgConnection,
        told: Vec<(BusinessId, Told)>,
    ) -> Result<(), sqlx::Error> {
        let mut purchases: BTreeMap<BusinessId, (i64, i64)> = BTreeMap::new();
        let mut visits = Vec::new();
        let mut facts: Vec<(BusinessId, CustomerId, Fact)> = Vec::new();
        let mut opted_out: BTreeMap<CampaignId, (BusinessId, Counts)> = BTreeMap::new();
        let mut statuses = Vec::new();
        let mut moved: BTreeSet<BusinessId> = BTreeSet::new();
        for (business, told) in told {
            match told {
                Told::Zone(zone, version) => {
                    if store::business::hear_zone(tx, business, zone, version).await? {
                        moved.insert(business);
                    }
                }
                Told::Held { state, reason, at } => {
                    store::business::hear_held(tx, business, &state, &reason, at).await?;
                }
                Told::Program { program, version, stamps_required } => {
                    store::business::hear_program(tx, business, program, version, stamps_required).await?;
                }
                Told::RewardTitle { program, title, at } => {
                    store::business::hear_reward(tx, business, program, &title, at).await?;
                }
                Told::Purchase(cents) => {
                    let sums = purchases.entry(business).or_default();
                    *sums = (sums.0 + 1, sums.1 + cents);
                }
                Told::Customer(customer, fact) => facts.push((business, customer, fact)),
                Told::Visit(customer, at, by) => visits.push((business, customer, at, by)),
                Told::OptedOutOf(campaign) => {
                    opted_out.entry(campaign).or_insert((business, Counts::default())).1.opted_out += 1;
                }
                Told::Status(key, news) => statuses.push((business, key, news)),
            }
        }
        if !purchases.is_empty() {
            store::business::add_purchases(tx, &purchases).await?;
        }
        if !visits.is_empty() {
            facts.extend(on_days(tx, visits).await?);
        }
        if !facts.is_empty() {
            take_facts(tx, facts).await?;
        }
        if !statuses.is_empty() {
            self.hear_statuses(tx, statuses).await?;
        }
        if !opted_out.is_empty() {
            store::tally::add(tx, &opted_out).await?;
        }
        for business in moved {
            store::campaign::wake(tx, business, self.clock.now()).await?;
        }
        Ok(())
    }
}

/// The business day of each visit and the moment of each that was made, in the zone that is known now.
async fn on_days(
    tx: &mut PgConnection,
    visits: Vec<(BusinessId, CustomerId, DateTime<Utc>, i32)>,
) -> Result<Vec<(BusinessId, CustomerId, Fact)>, sqlx::Error> {
    let businesses: BTreeSet<BusinessId> = visits.iter().map(|(business, ..)| *business).collect();
    let businesses: Vec<BusinessId> = businesses.into_iter().collect();
    let zones = store::business::zones(tx, &businesses).await?;
    let facts = visits.into_iter().flat_map(|(business, customer, at, by)| {
        let zone = zones.get(&business).copied().unwrap_or(Zone::LIMA);
        let came = (by > 0).then_some((business, customer, Fact::Came(at)));
        std::iter::once((business, customer, Fact::Visit(zone.day(at), by))).chain(came)
    });
    Ok(facts.collect())
}

async fn take_facts(
    tx: &mut PgConnection,
    mut facts: Vec<(BusinessId, CustomerId, Fact)>,
) -> Result<(), sqlx::Error> {
    fill_required(tx, &mut facts).await?;
    let merges: Vec<Merge> = facts
        .iter()
        .filter_map(|(business, from, fact)| match fact {
            Fact::MergedInto(into) if into != from => Some((*business, *from, *into)),
            _ => None,
        })
        .collect();
    // One after another: she may have been merged into somebody who is merged on.
    for merge in merges {
        store::claim::follow_merge(tx, merge).await?;
        store::fired::follow_merge(tx, merge).await?;
    }
    let mut wanted: BTreeSet<(BusinessId, CustomerId)> = BTreeSet::new();
    for (business, customer, fact) in &facts {
        wanted.insert((*business, *customer));
        if let Fact::MergedInto(into) = fact {
            wanted.insert((*business, *into));
        }
    }
    let mut customers = Customers::new();
    // Whoever was merged brings along whom she was merged into.
    while !wanted.is_empty() {
        let locked = store::audience::lock(tx, wanted.iter().copied()).await?;
        customers.extend(locked);
        wanted = customers
            .iter()
            .filter_map(|((business, _), customer)| Some((*business, customer.merged_into?)))
            .filter(|key| !customers.contains_key(key))
            .collect();
    }
    for (business, from, fact) in &facts {
        if let (Fact::MergedInto(into), Some(customer)) = (fact, customers.get_mut(&(*business, *from)))
            && into != from
        {
            customer.apply(fact.clone());
            let doings = customer.take_doings();
            doings.into_iter().for_each(|fact| apply(&mut customers, *business, *from, fact));
        }
    }
    for (business, customer, fact) in facts {
        if !matches!(fact, Fact::MergedInto(_)) {
            apply(&mut customers, business, customer, fact);
        }
    }
    store::audience::save(tx, &customers).await
}

/// To her whom a fact counts for.
fn apply(customers: &mut Customers, business: BusinessId, customer: CustomerId, fact: Fact) {
    let mut of = customer;
    if fact.follows_merges() {
        for _ in 0..LONGEST_CHAIN {
            match customers.get(&(business, of)).and_then(|customer| customer.merged_into) {
                Some(into) => of = into,
                None => break,
            }
        }
    }
    if let Some(customer) = customers.get_mut(&(business, of)) {
        customer.apply(fact);
    }
}

/// A card that was only opened takes what its program takes.
async fn fill_required(
    tx: &mut PgConnection,
    facts: &mut [(BusinessId, CustomerId, Fact)],
) -> Result<(), sqlx::Error> {
    let programs: BTreeSet<ProgramId> = facts
        .iter()
        .filter_map(|(_, _, fact)| match fact {
            Fact::Card(_, Card { program, required: 0, .. }) => Some(*program),
            _ => None,
        })
        .collect();
    if programs.is_empty() {
        return Ok(());
    }
    let programs: Vec<ProgramId> = programs.into_iter().collect();
    let known: HashMap<ProgramId, i32> = store::business::stamps_required(tx, &programs).await?;
    for (_, _, fact) in facts {
        if let Fact::Card(_, card) = fact
            && card.required == 0
        {
            card.required = known.get(&card.program).copied().unwrap_or(0);
        }
    }
    Ok(())
}
