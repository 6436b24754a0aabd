//! What becomes of a campaign's words until somebody has been told of them: they are held with it, dropped with it, dropped for who may
//! not be written to, and taken back from phones that have not shown them. What a pass has shown stays shown. Each send is told once:
//! by whoever takes its row away.

use std::collections::{BTreeMap, HashSet};

use chrono::{DateTime, Duration, Utc};
use kernel::{BusinessId, CampaignId, CustomerId};
use outbox::NewEvent;
use sqlx::PgConnection;
use uuid::Uuid;

use super::{App, Told};
use crate::domain::campaign::{Heard, Standing};
use crate::domain::message::{Outcome, Stop, first_planned_at};
use crate::store::push::Push;
use crate::store::words::{Renewal, Said};
use crate::{Error, events, store};

/// The pause before it is looked whether a push that is under way has shown what is to go no further.
const LOOK_AGAIN: Duration = Duration::seconds(1);
/// What has less time left than this when its campaign goes on …
const NEARLY_OVER: Duration = Duration::hours(24);
/// … is good for so long from then on, as if it had been planned just now.
const GOOD_FOR: Duration = Duration::hours(72);
/// So long after it was planned nobody else can have written to her: for seven days no other campaign may, and campaign counts them
/// anew when it lets this one go on. What is older is left as it is and expires, because another campaign may have written to her
/// meanwhile. The hour is for clocks that differ, and for news that comes late.
const HERS_ALONE: Duration = Duration::hours(7 * 24 - 1);

impl App {
    /// Takes in what campaigns say and how they stand, and who is not to be written to any more. Campaigns are held before
    /// anything else, words before passes, passes before pushes: whoever meets another here waits and does not lock up.
    pub(super) async fn hear_words(
        &self,
        tx: &mut PgConnection,
        told: &[(Told, Option<String>)],
        now: DateTime<Utc>,
    ) -> Result<Vec<NewEvent>, sqlx::Error> {
        let heard = newest(told);
        let standings = match heard.is_empty() {
            true => BTreeMap::new(),
            false => store::campaign::hear(tx, &heard, now).await?,
        };
        let mut silenced = Vec::new();
        for (told, parent) in told {
            match told {
                Told::Said(said) => store::words::put(tx, said, parent.as_deref(), now).await?,
                Told::Silenced(business, customer, outcome) => {
                    silenced.push(((*business, *customer), *outcome));
                }
                Told::Gone(business, customer) => silenced.push(((*business, *customer), Outcome::Gone)),
                _ => {}
            }
        }
        let standings: Vec<(CampaignId, Standing)> = standings
            .into_iter()
            .filter(|(campaign, standing)| {
                let is_news = heard.get(campaign).is_some_and(|heard| heard.version > 0);
                is_news || *standing != Standing::Going
            })
            .collect();
        if silenced.is_empty() && standings.is_empty() {
            return Ok(Vec::new());
        }
        // All that this batch concerns, before any pass: what is taken back for the first fact must not keep others from what the
        // next one needs.
        let campaigns: Vec<CampaignId> = standings.iter().map(|(campaign, _)| *campaign).collect();
        let customers: Vec<(BusinessId, CustomerId)> = silenced.iter().map(|(hers, _)| *hers).collect();
        store::words::lock(tx, &campaigns, &customers).await?;
        let mut facts = Vec::new();
        for (hers, outcome) in silenced {
            facts.extend(self.silence(tx, hers, outcome, now).await?);
        }
        for (campaign, standing) in standings {
            obey(tx, campaign, standing, now).await?;
        }
        Ok(facts)
    }

    /// Nothing that waits is said to a customer.
    async fn silence(
        &self,
        tx: &mut PgConnection,
        (business, customer): (BusinessId, CustomerId),
        outcome: Outcome,
        now: DateTime<Utc>,
    ) -> Result<Vec<NewEvent>, sqlx::Error> {
        let said = store::words::of_customer(tx, business, customer).await?;
        let facts = self.stop(tx, said, Stop::Over(outcome), now).await?;
        store::web::unsay_customer(tx, business, customer).await?;
        Ok(facts)
    }

    /// The same in a transaction of its own.
    pub(super) async fn silence_now(
        &self,
        business: BusinessId,
        customer: CustomerId,
        outcome: Outcome,
    ) -> Result<(), Error> {
        let mut tx = self.pool.begin().await?;
        let facts = self.silence(&mut tx, (business, customer), outcome, self.clock.now()).await?;
        let appended = self.outbox.append(&mut tx, facts).await?;
        tx.commit().await?;
        appended.committed();
        Ok(())
    }

    /// Takes words back, which the caller holds. What a push that is under way may still show is found out when that has ended;
    /// what a phone has fetched already was said.
    pub(super) async fn stop(
        &self,
        tx: &mut PgConnection,
        said: Vec<Said>,
        stop: Stop,
        now: DateTime<Utc>,
    ) -> Result<Vec<NewEvent>, sqlx::Error> {
        // The first reason is the one that is told; a pause is none.
        let may_stop = [None, Some(Stop::Paused), Some(stop)];
        let said: Vec<Said> = said.into_iter().filter(|one| may_stop.contains(&one.stop)).collect();
        let sends: Vec<Uuid> = said.iter().map(|one| one.message.send).collect();
        let (mut read, mut under_way) = (HashSet::new(), HashSet::new());
        if said.iter().any(|one| one.shown_on.is_some()) {
            let taken_back = store::pass::unsay(tx, &sends, now).await?;
            read = store::words::fetched(tx, &sends).await?;
            under_way = store::push::under_way(tx, &sends, now).await?;
            store::push::unwant(tx, &taken_back, now).await?;
            store::web::unsay(tx, &sends, now).await?;
        }
        let mut ended: BTreeMap<Outcome, Vec<Uuid>> = BTreeMap::new();
        let (mut waiting, mut later) = (Vec::new(), Vec::new());
        for send in sends {
            match stop {
                _ if read.contains(&send) => ended.entry(Outcome::Delivered).or_default().push(send),
                _ if under_way.contains(&send) => later.push(send),
                Stop::Paused => waiting.push(send),
                Stop::Over(outcome) => ended.entry(outcome).or_default().push(send),
            }
        }
        if !later.is_empty() {
            store::words::stop(tx, &later, stop, now + LOOK_AGAIN).await?;
        }
        if !waiting.is_empty() {
            store::words::wait_again(tx, &waiting, now).await?;
        }
        let mut facts = Vec::new();
        for (outcome, sends) in ended {
            let ended = store::words::end(tx, &sends, true).await?;
            facts.extend(ended.iter().map(|one| events::became(one, outcome, now)));
        }
        Ok(facts)
    }

    /// These sends have come to their end. Of what is to go no further, nothing but that it was said ends it here.
    pub(super) async fn end_words(
        &self,
        tx: &mut PgConnection,
        sends: &[Uuid],
        outcome: Outcome,
    ) -> Result<Vec<NewEvent>, sqlx::Error> {
        let ended = store::words::end(tx, sends, outcome == Outcome::Delivered).await?;
        let now = self.clock.now();
        Ok(ended.iter().map(|one| events::became(one, outcome, now)).collect())
    }

    /// The same where no phone but that of this push may still be told.
    pub(super) async fn end_words_unless_others_wait(
        &self,
        tx: &mut PgConnection,
        push: Uuid,
        send: Uuid,
        outcome: Outcome,
    ) -> Result<Vec<NewEvent>, sqlx::Error> {
        if store::web::others_wait(&mut *tx, push, send).await? {
            return Ok(Vec::new());
        }
        self.end_words(tx, &[send], outcome).await
    }

    /// Puts a push off while the pass says what is to go no further: it is taken back in a moment. True where it did.
    pub(crate) async fn put_off(&self, push: &Push) -> Result<bool, Error> {
        if !store::words::stops_on(&self.pool, push.card).await? {
            return Ok(false);
        }
        store::push::postpone(&self.pool, &[push.push], "", self.clock.now() + LOOK_AGAIN).await?;
        Ok(true)
    }

    /// A phone was told that its pass changed. What the pass says has been said then, also what is to go no further, where `stopped`
    /// says that the phone has it: Google's are sent what the pass says, unless it was taken back before; Apple's fetch it, and
    /// find nothing that was.
    pub(super) async fn told(&self, push: &Push, stopped: bool) -> Result<(), Error> {
        let now = self.clock.now();
        if !store::push::told(&self.pool, push.push, push.wanted, now).await? {
            return Ok(());
        }
        let mut tx = self.pool.begin().await?;
        let said = store::words::end_on_pass(&mut tx, push.card, stopped).await?;
        let facts = said.iter().map(|one| events::became(one, Outcome::Delivered, now)).collect();
        let appended = self.outbox.append(&mut tx, facts).await?;
        tx.commit().await?;
        appended.committed();
        Ok(())
    }
}

/// Has the words of a campaign, which the caller holds, stand as it does. What phones are being told of is only marked here.
async fn obey(
    tx: &mut PgConnection,
    campaign: CampaignId,
    standing: Standing,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    match standing {
        Standing::Going => {
            let renewal = Renewal {
                since: first_planned_at(now - HERS_ALONE),
                nearly_over: now + NEARLY_OVER,
                good_until: now + GOOD_FOR,
            };
            return store::words::let_go(tx, campaign, renewal, now).await;
        }
        Standing::Held => store::words::hold_all(tx, campaign, now).await?,
        Standing::Over => {
            store::words::drop_all(tx, campaign, Stop::Over(Outcome::Canceled), now).await?;
        }
    }
    store::web::unsay_campaign(tx, campaign).await
}

/// The newest of each campaign that is heard of; of one that only says something, that there is such a one.
fn newest(told: &[(Told, Option<String>)]) -> BTreeMap<CampaignId, Heard> {
    let mut heard: BTreeMap<CampaignId, Heard> = BTreeMap::new();
    for (told, _) in told {
        let (campaign, news) = match told {
            Told::Campaign(campaign, news) => (*campaign, *news),
            Told::Said(said) => {
                (said.campaign, Heard { business: said.business, version: 0, standing: Standing::Going })
            }
            _ => continue,
        };
        let known = heard.entry(campaign).or_insert(news);
        if known.version < news.version {
            *known = news;
        }
    }
    heard
}
