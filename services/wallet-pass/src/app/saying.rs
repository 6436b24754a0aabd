//! Saying what campaigns ask for: rows are taken, enrollment is asked who may be written to at this moment, and what may be said goes
//! onto passes and to browsers. At night nothing does: it waits for the morning. What phones are being told of is looked after until
//! some phone was told.

use std::collections::{BTreeMap, HashMap, HashSet};

use chrono::{DateTime, Duration, Utc};
use futures::future::join_all;
use kernel::{BusinessId, CardId, CustomerId, end_of_quiet};
use outbox::NewEvent;
use sqlx::PgConnection;
use uuid::Uuid;

use super::App;
use crate::domain::message::{Message, Outcome, Stop};
use crate::domain::news::{Fact, News};
use crate::store::pass::{Changed, Kept};
use crate::store::web::Words;
use crate::store::words::Said;
use crate::{Error, store};

/// Sends of one round.
const BATCH: i64 = 200;
/// How long they are a worker's; a killed one's are taken by another after that.
const LEASE: Duration = Duration::seconds(30);
/// The pause before enrollment is asked again, where it did not answer.
pub(super) const ASK_AGAIN: Duration = Duration::seconds(2);
/// How often it is looked whether some phone can still be told. Most are told before the first look.
const LOOK_AGAIN: Duration = Duration::minutes(2);

/// When a business may say something, and to whom.
pub(super) enum Answer {
    /// Now, to these.
    Now(HashSet<CustomerId>),
    /// It is night where it is: from then on.
    From(DateTime<Utc>),
}

/// What was found out of each business; none where enrollment did not answer.
pub(super) type Reachable = HashMap<BusinessId, Option<Answer>>;

/// Whether she may be written to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reach {
    /// She may.
    May,
    /// She has not agreed, took it back, or is gone.
    MayNot,
    /// Not before then.
    NotBefore(DateTime<Utc>),
    /// Nobody knows just now: nothing is said.
    Unknown,
}

/// What enrollment has answered of a customer.
pub(super) fn reach(reachable: &Reachable, business: BusinessId, customer: CustomerId) -> Reach {
    match reachable.get(&business) {
        Some(Some(Answer::Now(may))) if may.contains(&customer) => Reach::May,
        Some(Some(Answer::Now(_))) => Reach::MayNot,
        Some(Some(Answer::From(morning))) => Reach::NotBefore(*morning),
        _ => Reach::Unknown,
    }
}

fn is_late(said: &Said, now: DateTime<Utc>) -> bool {
    said.good_until.is_some_and(|end| end <= now)
}

impl App {
    /// Asks enrollment who of these may be told what a campaign says, and whether it is night there: once for each business.
    pub(super) async fn reachable(&self, customers: Vec<(BusinessId, CustomerId)>) -> Reachable {
        let mut asked: BTreeMap<BusinessId, Vec<CustomerId>> = BTreeMap::new();
        for (business, customer) in customers {
            asked.entry(business).or_default().push(customer);
        }
        let answers = asked.into_iter().map(|(business, mut customers)| async move {
            customers.sort_unstable();
            customers.dedup();
            let answer = self.ask(business, &customers).await;
            let answer = answer.inspect_err(|error| {
                tracing::warn!(%error, "who may be written to is not known; will ask again");
            });
            (business, answer.ok())
        });
        join_all(answers).await.into_iter().collect()
    }

    async fn ask(&self, business: BusinessId, customers: &[CustomerId]) -> Result<Answer, Error> {
        let zone = self.peers.shop(business).await?.zone;
        match end_of_quiet(zone, self.clock.now()) {
            Some(morning) => Ok(Answer::From(morning)),
            None => Ok(Answer::Now(self.peers.may_be_written_to(business, customers).await?)),
        }
    }

    /// Says what is due, and looks after what was said; how many sends there were.
    pub(crate) async fn say(&self) -> Result<usize, Error> {
        let now = self.clock.now();
        let lease = now + LEASE;
        let taken = store::words::take(&self.pool, now, lease, BATCH).await?;
        let found = taken.len();
        let (fresh, others): (Vec<Said>, Vec<Said>) =
            taken.into_iter().partition(|said| said.shown_on.is_none() && said.stop.is_none());
        if !others.is_empty() {
            self.look_after(&others, lease).await?;
        }
        if !fresh.is_empty() {
            self.take_up(fresh, lease).await?;
            self.wanted.notify_waiters();
        }
        Ok(found)
    }

    async fn take_up(&self, fresh: Vec<Said>, lease: DateTime<Utc>) -> Result<(), Error> {
        let now = self.clock.now();
        let in_time = fresh.iter().filter(|said| !is_late(said, now));
        let asked = in_time.map(|said| (said.business, said.message.customer)).collect();
        let reachable = self.reachable(asked).await;
        let mut by_business: BTreeMap<BusinessId, Vec<&Said>> = BTreeMap::new();
        for said in &fresh {
            by_business.entry(said.business).or_default().push(said);
        }
        for (business, taken) in by_business {
            let sends: Vec<Uuid> = taken.iter().map(|said| said.message.send).collect();
            let customers: Vec<(BusinessId, CustomerId)> =
                taken.iter().map(|said| (business, said.message.customer)).collect();
            let mut tx = self.pool.begin().await?;
            // With what they have on their cards already, which these take the place of.
            store::words::lock(&mut tx, &[], &customers).await?;
            // What was held, dropped or taken by another meanwhile is theirs.
            let said = store::words::lock_taken(&mut tx, &sends, lease).await?;
            let (mut ended, mut may) = (Ended::default(), Vec::new());
            let mut later: BTreeMap<DateTime<Utc>, Vec<Uuid>> = BTreeMap::new();
            let ask_at = self.clock.now() + ASK_AGAIN;
            for one in said {
                let send = one.message.send;
                match reach(&reachable, business, one.message.customer) {
                    _ if is_late(&one, now) => ended.push(Outcome::Expired, send),
                    Reach::May => may.push(one),
                    Reach::MayNot => ended.push(Outcome::NoConsent, send),
                    Reach::NotBefore(morning) => later.entry(morning).or_default().push(send),
                    Reach::Unknown => later.entry(ask_at).or_default().push(send),
                }
            }
            for (next_at, sends) in later {
                store::words::look_again(&mut *tx, &sends, lease, next_at).await?;
            }
            let facts = self.show(&mut tx, business, may, &mut ended).await?;
            self.finish(tx, facts, ended).await?;
        }
        Ok(())
    }

    /// Puts words onto the passes of those who keep one, and has browsers told. Who keeps none has no message.
    async fn show(
        &self,
        tx: &mut PgConnection,
        business: BusinessId,
        said: Vec<Said>,
        ended: &mut Ended,
    ) -> Result<Vec<NewEvent>, sqlx::Error> {
        if said.is_empty() {
            return Ok(Vec::new());
        }
        let now = self.clock.now();
        let messages: Vec<Message> = said.iter().map(|one| one.message.clone()).collect();
        let kept = store::pass::kept(tx, business, &messages, self.web.is_some()).await?;
        let mut shown: BTreeMap<CardId, (Said, bool)> = BTreeMap::new();
        for one in said {
            let send = one.message.send;
            let Some(Kept { card, in_wallet }) = kept.get(&send).copied() else {
                ended.push(Outcome::NoPass, send);
                continue;
            };
            // A card says one thing at a time.
            if let Some((before, _)) = shown.insert(card, (one, in_wallet)) {
                ended.push(Outcome::Expired, before.message.send);
            }
        }
        if shown.is_empty() {
            return Ok(Vec::new());
        }
        let cards: Vec<Uuid> = shown.keys().map(|card| card.as_uuid()).collect();
        let before = store::words::on_cards(tx, &cards).await?;
        let facts = self.stop(tx, before, Stop::Over(Outcome::Expired), now).await?;
        // Said now, whatever has happened since it was planned.
        let news = |said: &Said| Fact { news: News::Said(said.message.text.clone()), at: now };
        let news: Vec<(CardId, Fact)> = shown.iter().map(|(card, (said, _))| (*card, news(said))).collect();
        let mut changed: BTreeMap<Option<&str>, Vec<Changed>> = BTreeMap::new();
        for one in store::pass::change(tx, &news, now).await? {
            let parent = shown.get(&one.card).and_then(|(said, _)| said.traceparent.as_deref());
            changed.entry(parent).or_default().push(one);
        }
        for (parent, changed) in changed {
            store::push::want(tx, &changed, parent, now).await?;
        }
        let words: BTreeMap<CardId, Words> =
            shown.iter().map(|(card, (said, _))| (*card, words(said))).collect();
        let heard = match self.web.is_some() {
            true => store::web::want(tx, &words, now).await?,
            false => HashSet::new(),
        };
        let (mut sends, mut cards, mut in_wallets) = (Vec::new(), Vec::new(), Vec::new());
        for (card, (said, in_wallet)) in &shown {
            let send = said.message.send;
            // A browser may go while it is looked for.
            if !in_wallet && !heard.contains(&send) {
                ended.push(Outcome::NoPass, send);
                continue;
            }
            sends.push(send);
            cards.push(card.as_uuid());
            in_wallets.push(*in_wallet);
        }
        store::words::show(tx, &sends, &cards, &in_wallets, now + LOOK_AGAIN).await?;
        Ok(facts)
    }

    /// Finds out what became of what phones are being told, and of what is to go no further.
    async fn look_after(&self, taken: &[Said], lease: DateTime<Utc>) -> Result<(), Error> {
        let now = self.clock.now();
        let sends: Vec<Uuid> = taken.iter().map(|said| said.message.send).collect();
        let campaigns: Vec<Uuid> = taken.iter().map(|said| said.campaign.as_uuid()).collect();
        let mut tx = self.pool.begin().await?;
        // What was paused waits again or goes, as its campaign stands at this moment.
        store::campaign::share(&mut tx, &campaigns).await?;
        let mut said = store::words::lock_taken(&mut tx, &sends, lease).await?;
        for one in said.iter_mut().filter(|one| one.stop.is_none() && is_late(one, now)) {
            one.stop = Some(Stop::Over(Outcome::Expired));
        }
        let (mut stopped, shown): (Vec<Said>, Vec<Said>) =
            said.into_iter().partition(|one| one.stop.is_some());
        let mut facts = Vec::new();
        while let Some(stop) = stopped.first().and_then(|one| one.stop) {
            let (these, others): (Vec<Said>, Vec<Said>) =
                stopped.into_iter().partition(|one| one.stop == Some(stop));
            facts.extend(self.stop(&mut tx, these, stop, now).await?);
            stopped = others;
        }
        let shown: Vec<Uuid> = shown.iter().map(|one| one.message.send).collect();
        let (mut ended, mut later) = (Ended::default(), Vec::new());
        for progress in store::words::progress(&mut tx, &shown).await? {
            if progress.told {
                ended.push(Outcome::Delivered, progress.send);
            } else if progress.waits {
                later.push(progress.send);
            } else if progress.dead {
                ended.push(Outcome::Unreachable, progress.send);
            } else {
                ended.push(Outcome::Gone, progress.send);
            }
        }
        if !later.is_empty() {
            store::words::look_again(&mut *tx, &later, lease, now + LOOK_AGAIN).await?;
        }
        self.finish(tx, facts, ended).await
    }

    /// Tells what came to its end, and commits.
    async fn finish(
        &self,
        mut tx: sqlx::PgTransaction<'_>,
        mut facts: Vec<NewEvent>,
        ended: Ended,
    ) -> Result<(), Error> {
        for (outcome, sends) in ended.0 {
            facts.extend(self.end_words(&mut tx, &sends, outcome).await?);
        }
        let appended = self.outbox.append(&mut tx, facts).await?;
        tx.commit().await?;
        appended.committed();
        Ok(())
    }
}

/// Sends that have come to their end, by what is told of them.
#[derive(Default)]
struct Ended(BTreeMap<Outcome, Vec<Uuid>>);

impl Ended {
    fn push(&mut self, outcome: Outcome, send: Uuid) {
        self.0.entry(outcome).or_default().push(send);
    }
}

fn words(said: &Said) -> Words {
    Words {
        campaign: said.campaign,
        send: said.message.send,
        text: said.message.text.clone(),
        good_until: said.good_until,
        traceparent: said.traceparent.clone(),
    }
}
