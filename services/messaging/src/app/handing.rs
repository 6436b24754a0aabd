//! Handing over: one transaction in which money, tier, pause and pace are taken, and after it the calls.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use boot::Stop;
use chrono::{DateTime, NaiveDate, Utc};
use kernel::{BusinessId, MessageId};
use outbox::NewEvent;
use sqlx::PgConnection;
use tokio::sync::OwnedSemaphorePermit;
use uuid::Uuid;

use super::App;
use super::calling::Call;
use super::preparing::{Ready, zone};
use crate::domain::address::{Address, AddressHash};
use crate::domain::market::Market;
use crate::domain::outcome::Reason;
use crate::domain::pace::Places;
use crate::domain::price::Category;
use crate::domain::quality::Brake;
use crate::domain::reserve::{self, Decision, Known, Left, Purse, TIER_HOURS, Wish};
use crate::domain::status::Status;
use crate::domain::{hours, id, pace};
use crate::store::attempt::NewAttempt;
use crate::store::business::Business;
use crate::store::message::{Handed, ToWrite};
use crate::store::sender::{Pace, Sender};
use crate::twilio::Outgoing;
use crate::{Error, events, store};

/// How long after its call's end an outcome may take to be written before the message is in doubt.
const WRITTEN_WITHIN: Duration = Duration::from_secs(10);
/// How soon what may not go for its business's or its campaign's sake is looked at again.
const LOOKED_AT_AGAIN: Duration = Duration::from_secs(5);
/// How long a worker that finds no room waits.
const NO_ROOM: Duration = Duration::from_millis(200);

/// What a round came to.
pub(crate) enum Round {
    /// Nothing is due; where a slowed sender has a pause, something may be after it.
    Idle(Option<Duration>),
    /// Nothing more may be given away yet.
    Wait(Duration),
    /// So many were dealt with.
    Did,
}

/// A message with everything it needs, and the moment of its call.
struct Reserved {
    ready: Ready,
    attempt: Uuid,
    slot_at: DateTime<Utc>,
}

/// What came of a try to take what messages need.
enum Reservation {
    /// It is taken.
    Taken(Vec<Reserved>),
    /// Another replica was first, and moments are given away as far ahead as they may be: what is ready waits for its turn.
    Later(Vec<Ready>, Duration),
}

/// What was taken, and what was told with it.
struct Taken {
    calls: Vec<Reserved>,
    events: Vec<NewEvent>,
}

impl App {
    /// One round for one sender. Where the process is told to end meanwhile, what was claimed is let go for whoever is next.
    pub(crate) async fn hand_over(
        self: &Arc<Self>,
        sender: &Sender,
        pace: &Pace,
        stop: &Stop,
    ) -> Result<Round, Error> {
        self.database_clock.note(pace.now);
        if let Some(wait) = wait(sender.per_second, pace) {
            return Ok(Round::Wait(wait.min(NO_ROOM)));
        }
        let carrier = self.carrier(sender.sender);
        carrier.is_told(&sender.circuit);
        let before = carrier.state();
        let room = carrier.room(pace::chunk(sender.per_second).min(self.calls.available_permits()));
        if carrier.state() != before {
            self.tell_circuit(sender.sender, carrier.state()).await;
        }
        let Some(permits) = self.permits(room) else { return Ok(Round::Wait(NO_ROOM)) };
        let claim = Uuid::now_v7();
        let claimed = self.claim(sender, pace, room, claim).await?;
        if claimed.is_empty() {
            let slowed = sender.marketing_after.and_then(|after| (after - self.clock.now()).to_std().ok());
            return Ok(Round::Idle(slowed.filter(|pause| !pause.is_zero())));
        }
        let messages: Vec<Uuid> = claimed.iter().map(|one| one.message.as_uuid()).collect();
        let taken = match stop.run_until_cancelled(self.prepare(claim, claimed)).await {
            Some(ready) => self.reserve_in_turn(sender, claim, ready?, stop).await?,
            None => None,
        };
        let Some(taken) = taken else {
            let (now, reasons) = (vec![self.clock.now(); messages.len()], vec![None; messages.len()]);
            store::queue::release(&self.pool, claim, &messages, &now, &reasons).await?;
            return Ok(Round::Did);
        };
        let calls = taken.into_iter().zip(permits).map(|(one, permit)| Call {
            message: one.ready.claimed.message,
            created_at: one.ready.claimed.created_at,
            attempt: one.attempt,
            slot: one.slot_at,
            outgoing: self.outgoing(sender, &one.ready, one.attempt),
            permit,
        });
        self.set_off(sender.sender, calls.collect(), stop);
        Ok(Round::Did)
    }

    fn permits(&self, room: usize) -> Option<Vec<OwnedSemaphorePermit>> {
        let permits: Vec<_> =
            (0..room).map_while(|_| Arc::clone(&self.calls).try_acquire_owned().ok()).collect();
        (room > 0 && permits.len() == room).then_some(permits)
    }

    fn outgoing(&self, sender: &Sender, ready: &Ready, attempt: Uuid) -> Outgoing {
        let message = ready.claimed.message;
        Outgoing {
            to: ready.address.for_provider(),
            from: from(&sender.phone),
            content: ready.content.clone(),
            status_callback: format!("{}/webhooks/twilio/status?m={message}&a={attempt}", self.public_url),
        }
    }

    /// Takes for these what they need, as soon as moments may be given away; none where the process is told to end before that.
    async fn reserve_in_turn(
        &self,
        sender: &Sender,
        claim: Uuid,
        mut ready: Vec<Ready>,
        stop: &Stop,
    ) -> Result<Option<Vec<Reserved>>, Error> {
        while !ready.is_empty() {
            match self.reserve(sender, claim, ready).await? {
                Reservation::Taken(taken) => return Ok(Some(taken)),
                Reservation::Later(kept, wait) => {
                    ready = kept;
                    if stop.run_until_cancelled(tokio::time::sleep(wait)).await.is_none() {
                        return Ok(None);
                    }
                }
            }
        }
        Ok(Some(Vec::new()))
    }

    /// Takes for these what they need, all in one transaction. Those that are taken come back with the moment of their call.
    async fn reserve(
        &self,
        sender: &Sender,
        claim: Uuid,
        mut ready: Vec<Ready>,
    ) -> Result<Reservation, Error> {
        let now = self.clock.now();
        let mut tx = self.pool.begin().await?;
        let mut known = Known::default();
        let campaigns: Vec<Uuid> =
            distinct(ready.iter().filter_map(|one| Some(one.claimed.campaign?.as_uuid())));
        known.running = store::campaign::running(&mut tx, &campaigns).await?.into_iter().collect();
        self.look_at_templates(&mut tx, &ready, &mut known).await?;
        let ids: Vec<Uuid> = distinct(ready.iter().map(|one| one.claimed.business.as_uuid()));
        let businesses = store::business::lock(&mut tx, &ids).await?;
        for business in &businesses {
            known.purses.insert(business.business, self.purse(&mut tx, sender, business, now).await?);
        }
        self.look_at_addresses(&mut tx, sender, &ready, &mut known, now).await?;
        // What the operator grants may have changed since the look without the lock, and so may how far moments are given away.
        let per_second = store::sender::lock(&mut tx, sender.sender).await?;
        let sender = &Sender { per_second, ..sender.clone() };
        let held = store::sender::pace(&mut *tx, sender.sender).await?;
        if let Some(wait) = wait(per_second, &held) {
            return Ok(Reservation::Later(ready, wait));
        }
        let messages: Vec<Uuid> = ready.iter().map(|one| one.claimed.message.as_uuid()).collect();
        let ours: HashSet<MessageId> =
            store::queue::still_claimed(&mut tx, claim, &messages).await?.into_iter().collect();
        ready.retain(|one| ours.contains(&one.claimed.message));
        let wishes: Vec<Wish> = ready.iter().map(wish).collect();
        let decisions = reserve::decide(&wishes, known, now);
        let taken = self.write_decisions(&mut tx, sender, claim, ready, &decisions, &businesses, now).await?;
        let told = self.outbox.append(&mut tx, taken.events).await?;
        tx.commit().await?;
        told.committed();
        Ok(Reservation::Taken(taken.calls))
    }

    async fn purse(
        &self,
        tx: &mut PgConnection,
        sender: &Sender,
        business: &Business,
        now: DateTime<Utc>,
    ) -> Result<Purse, Error> {
        let zone = zone(&business.time_zone);
        let spent = store::budget::spent(&mut *tx, business.business, hours::money_days(zone, now)).await?;
        let brake = Brake::from_word(&business.quality_state)
            .max(business.sender_quality.as_deref().map_or(Brake::None, Brake::from_word));
        Ok(Purse {
            is_approved: business.status == "approved" && business.sender == Some(sender.sender),
            zone,
            today: Left::of(reserve::budget(business.daily_budget, business.daily_limit), spent.0),
            this_month: Left::of(reserve::budget(business.monthly_budget, business.monthly_limit), spent.1),
            brake,
        })
    }

    async fn look_at_addresses(
        &self,
        tx: &mut PgConnection,
        sender: &Sender,
        ready: &[Ready],
        known: &mut Known,
        now: DateTime<Utc>,
    ) -> Result<(), Error> {
        let day_ago = now - chrono::Duration::hours(TIER_HOURS);
        let tier = store::sender::lock_portfolio(tx, &sender.portfolio).await?;
        if tier > 0 {
            known.tier_kept = reserve::kept_of_tier(tier);
            known.tier_left =
                Some(tier - store::reached::counted(&mut *tx, &sender.portfolio, day_ago).await?);
        }
        let hashes: Vec<Vec<u8>> = ready.iter().map(|one| one.hash.to_vec()).collect();
        for reached in store::reached::find(tx, &sender.portfolio, &hashes).await? {
            let Some(hash) = hash(&reached.address_hash) else { continue };
            known.last.insert(hash, reached.last_at);
            if reached.template_at.is_some_and(|at| at > day_ago) {
                known.counted.insert(hash);
            }
        }
        let businesses: Vec<Uuid> = ready.iter().map(|one| one.claimed.business.as_uuid()).collect();
        let opted_out = store::opt_out::find(tx, sender.sender, &businesses, &hashes).await?;
        known.opted_out =
            opted_out.into_iter().filter_map(|(business, bytes)| Some((business, hash(&bytes)?))).collect();
        let marketing: Vec<ToWrite> = ready
            .iter()
            .filter_map(|one| {
                let row = &one.claimed;
                ToWrite::of(one.category, row.message, row.business, row.customer)
            })
            .collect();
        known.capped = store::message::capped(tx, &marketing, now).await?.into_iter().collect();
        Ok(())
    }

    #[expect(
        clippy::too_many_arguments,
        reason = "one step of a transaction, with everything that was read before it"
    )]
    async fn write_decisions(
        &self,
        tx: &mut PgConnection,
        sender: &Sender,
        claim: Uuid,
        ready: Vec<Ready>,
        decisions: &[Decision],
        businesses: &[Business],
        now: DateTime<Utc>,
    ) -> Result<Taken, Error> {
        let mut goes: Vec<(Ready, i64)> = Vec::new();
        let mut released: Vec<(Uuid, DateTime<Utc>, Option<String>)> = Vec::new();
        let mut canceled: HashMap<Reason, Vec<(MessageId, DateTime<Utc>)>> = HashMap::new();
        let mut broke: HashMap<(BusinessId, i16), DateTime<Utc>> = HashMap::new();
        let mut short: HashMap<BusinessId, DateTime<Utc>> = HashMap::new();
        let mut full = None;
        for (one, decision) in ready.into_iter().zip(decisions) {
            let message = one.claimed.message;
            match *decision {
                Decision::Go { cents } => goes.push((one, cents)),
                Decision::Leave => {
                    released.push((message.as_uuid(), now + LOOKED_AT_AGAIN, Some(String::new())));
                }
                Decision::Late => released.push((message.as_uuid(), now, None)),
                Decision::Wait(reason, until) => {
                    if reason == Reason::Tier {
                        full = Some(until);
                    }
                    released.push((message.as_uuid(), until, Some(reason.as_str().to_owned())));
                }
                Decision::Short { until, of_lane, at_home } => {
                    let (business, lane) = (one.claimed.business, one.category.lane());
                    broke.extend(of_lane.map(|until| ((business, lane), until)));
                    short.extend(at_home.map(|until| (business, until)));
                    // A whole lane waits with its business; the row itself is due as soon as that may go again.
                    let next = if of_lane.is_some() { now } else { until };
                    released.push((message.as_uuid(), next, Some(Reason::Budget.as_str().to_owned())));
                }
                Decision::Cancel(reason) => {
                    canceled.entry(reason).or_default().push((message, one.claimed.created_at));
                }
            }
        }
        let (ids, next): (Vec<Uuid>, Vec<DateTime<Utc>>) =
            released.iter().map(|(id, at, _)| (*id, *at)).unzip();
        let reasons: Vec<Option<String>> = released.into_iter().map(|(_, _, reason)| reason).collect();
        store::queue::release(&mut *tx, claim, &ids, &next, &reasons).await?;
        let mut told = Vec::new();
        for (reason, messages) in canceled {
            let status = if reason == Reason::OptedOut { Status::Canceled } else { Status::Failed };
            // Its facts are appended by `end`; the sweeper publishes them.
            drop(self.end(tx, &messages, (status, reason), now).await?);
        }
        for ((business, lane), until) in broke {
            store::business::set_broke(tx, business, lane, until).await?;
        }
        for (business, until) in short {
            if store::business::tell_short(tx, business, until).await? {
                told.push(events::sending_held(business, "stopped", Reason::Budget.as_str(), now));
            }
        }
        if let Some(until) = full {
            store::sender::set_full(tx, &sender.portfolio, until).await?;
        }
        let calls = self.take_moments(tx, sender, goes, businesses, now).await?;
        Ok(Taken { calls, events: told })
    }

    /// Gives those that go their moments, and writes all that follows.
    async fn take_moments(
        &self,
        tx: &mut PgConnection,
        sender: &Sender,
        goes: Vec<(Ready, i64)>,
        businesses: &[Business],
        now: DateTime<Utc>,
    ) -> Result<Vec<Reserved>, Error> {
        if goes.is_empty() {
            return Ok(Vec::new());
        }
        let days: HashMap<BusinessId, NaiveDate> = businesses
            .iter()
            .map(|business| (business.business, hours::money_days(zone(&business.time_zone), now).0))
            .collect();
        let held = store::sender::pace(&mut *tx, sender.sender).await?;
        self.database_clock.note(held.now);
        let mut places = Places::new(sender.per_second, held.taken_until);
        self.carrier(sender.sender).keep_places(&mut places);
        let moments = places.take(held.now, goes.len());
        store::sender::set_taken(tx, sender.sender, &places.into_taken()).await?;

        let (mut attempts, mut handed, mut calls) = (Vec::new(), Vec::new(), Vec::new());
        let mut spent: HashMap<BusinessId, i64> = HashMap::new();
        let mut marks: HashMap<AddressHash, bool> = HashMap::new();
        for ((one, cents), slot_at) in goes.into_iter().zip(moments) {
            let (attempt, created_at) = id::new(now);
            let row = &one.claimed;
            attempts.push(NewAttempt {
                attempt,
                created_at,
                message: row.message,
                business: row.business,
                slot_at,
                spent_cents: cents,
                spent_on: days.get(&row.business).copied().unwrap_or_else(|| now.date_naive()),
                counts: one.category.counts_for_tier(),
            });
            handed.push(Handed {
                message: row.message,
                created_at: row.created_at,
                attempt,
                text: one.text.clone(),
                address: one.address.as_str().to_owned(),
                address_hash: one.hash.to_vec(),
            });
            *spent.entry(row.business).or_default() += cents;
            *marks.entry(one.hash).or_default() |= one.category != Category::Service;
            calls.push(Reserved { ready: one, attempt, slot_at });
        }
        let messages: Vec<Uuid> = handed.iter().map(|one| one.message.as_uuid()).collect();
        let ids: Vec<Uuid> = attempts.iter().map(|attempt| attempt.attempt).collect();
        let slots: Vec<DateTime<Utc>> = attempts.iter().map(|attempt| attempt.slot_at).collect();
        let hashes: Vec<Vec<u8>> = handed.iter().map(|one| one.address_hash.clone()).collect();
        // The lease is on this clock, the moments on the database's; both are less than a second away.
        let lease = now + Duration::from_secs(1) + self.provider_timeout + WRITTEN_WITHIN;
        store::queue::set_trying(tx, &messages, &ids, &slots, &hashes, lease).await?;
        store::attempt::insert(tx, sender.sender, &attempts).await?;
        store::message::set_handed(tx, sender.sender, &handed).await?;
        let owners: Vec<Uuid> = spent.keys().map(|business| business.as_uuid()).collect();
        let on: Vec<NaiveDate> = spent
            .keys()
            .map(|business| days.get(business).copied().unwrap_or_else(|| now.date_naive()))
            .collect();
        let cents: Vec<i64> = spent.values().copied().collect();
        store::budget::reserve(tx, &owners, &on, &cents).await?;
        let (addresses, by_template): (Vec<AddressHash>, Vec<bool>) = marks.into_iter().unzip();
        store::reached::mark(tx, &sender.portfolio, &addresses, &by_template, now).await?;
        Ok(calls)
    }
}

/// How long until moments may be given away; none where they may be now.
fn wait(per_second: i32, pace: &Pace) -> Option<Duration> {
    pace::wait(Places::new(per_second, pace.taken_until.clone()).next(pace.now), pace.now)
}

fn wish(one: &Ready) -> Wish {
    Wish {
        message: one.claimed.message,
        business: one.claimed.business,
        campaign: one.claimed.campaign,
        category: one.category,
        address: one.hash,
        market: Market::of(&one.address),
        good_until: one.claimed.good_until,
    }
}

fn distinct(ids: impl Iterator<Item = Uuid>) -> Vec<Uuid> {
    let mut ids: Vec<Uuid> = ids.collect();
    ids.sort_unstable();
    ids.dedup();
    ids
}

fn hash(bytes: &[u8]) -> Option<AddressHash> {
    bytes.try_into().ok()
}

/// A sender as the provider takes it.
pub(super) fn from(phone: &str) -> String {
    Address::from_provider(phone).map(|address| address.for_provider()).unwrap_or_default()
}
