//! What campaigns do by themselves: telling how far they are, coming to an end, keeping house.

use chrono::{DateTime, Duration, NaiveTime, Utc};
use kernel::Principal;

use super::{App, CONSUMER, SCHEMA, SENDS};
use crate::Error;
use crate::domain::campaign::Status;
use crate::domain::lift::WINDOW_DAYS;
use crate::domain::send::GOOD_FOR_HOURS;
use crate::store::progress::Progress;
use crate::{events, store};

/// The least time between two tellings of one campaign.
const TELL_EVERY: Duration = Duration::seconds(1);
/// What was asked for at the last moment, and told of at the very end of its time, is waited for so much longer.
const SLACK: Duration = Duration::minutes(30);
/// Campaigns told in one round.
const TOLD_OF_A_ROUND: i64 = 200;
/// Campaigns whose outcome is asked for at once.
const COUNTED_OF_A_ROUND: i64 = 200;

impl App {
    /// Tells of campaigns that moved, each at most once a second; returns how many.
    pub async fn tell_progress(&self) -> Result<usize, Error> {
        let now = self.clock.now();
        let mut tx = self.pool.begin().await?;
        let told = store::tally::take_untold(&mut tx, now - TELL_EVERY, now, TOLD_OF_A_ROUND).await?;
        if told.is_empty() {
            return Ok(0);
        }
        let facts = told.iter().map(|told| events::progressed(told, now)).collect();
        let appended = self.outbox.append(&mut tx, facts).await?;
        tx.commit().await?;
        appended.committed();
        Ok(told.len())
    }

    /// Ends blasts that have nothing left to do; returns how many.
    pub async fn finish(&self) -> Result<usize, Error> {
        let mut finished = 0;
        loop {
            let now = self.clock.now();
            let until = now - Duration::hours(GOOD_FOR_HOURS) - SLACK;
            let mut tx = self.pool.begin().await?;
            let Some(mut campaign) = store::campaign::take_finished(&mut tx, until).await? else {
                return Ok(finished);
            };
            campaign.status = Status::Done;
            campaign.ended_at = Some(now);
            campaign.version += 1;
            store::campaign::save(&mut tx, &campaign, now).await?;
            let appended = self.outbox.append(&mut tx, vec![events::changed(&campaign, now)]).await?;
            tx.commit().await?;
            appended.committed();
            finished += 1;
        }
    }

    /// Makes months ahead and clears away what is past its time.
    pub async fn keep_house(&self) -> Result<(), sqlx::Error> {
        let now = boot::partition::agreed(&self.pool, self.clock.now()).await?;
        // What is too old goes whether or not the months could be made.
        let made = boot::partition::ensure(&self.pool, SCHEMA, &[SENDS], self.clock.now()).await;
        // While it is rebuilt, nobody is known to have come.
        if let (Some(since), None) = (self.retention.since(now), store::rebuild::begun_at(&self.pool).await?)
        {
            self.keep_outcomes(since.and_time(NaiveTime::MIN).and_utc(), now).await?;
            boot::partition::detach(&self.pool, SCHEMA, &[SENDS], self.retention, now).await?;
        }
        store::progress::purge(&self.pool, now).await?;
        made
    }

    /// Counts for good what blasts with sends from before `before` have brought: those are about to go. What an automation has
    /// brought is told of as many months as stay.
    async fn keep_outcomes(&self, before: DateTime<Utc>, now: DateTime<Utc>) -> Result<(), sqlx::Error> {
        let ripe = now - Duration::days(i64::from(WINDOW_DAYS) + 1);
        let mut db = self.pool.acquire().await?;
        loop {
            let campaigns = store::results::unkept(&mut db, before, ripe, COUNTED_OF_A_ROUND).await?;
            if campaigns.is_empty() {
                return Ok(());
            }
            for (business, campaign) in campaigns {
                let outcome =
                    store::results::outcome(&mut db, business, campaign, (now.date_naive(), false)).await?;
                store::results::keep(&mut db, business, campaign, &outcome, now).await?;
            }
        }
    }

    /// What is still on its way, and events that were not read yet.
    pub(crate) async fn progress(&self, caller: &Principal) -> Result<(Progress, u64), Error> {
        caller.must_be_platform()?;
        let unread = match outbox::pending(&self.broker, CONSUMER).await {
            Ok(unread) => unread,
            Err(outbox::Error::Store(error)) => return Err(error.into()),
            Err(outbox::Error::Broker(_)) => return Err(Error::Unavailable("broker")),
        };
        Ok((store::progress::count(&self.pool, self.clock.now()).await?, unread))
    }
}
