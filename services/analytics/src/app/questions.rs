//! Questions, each about the caller's business or, for the platform, about all.

use std::collections::BTreeMap;
use std::ops::AddAssign;
use std::sync::Arc;

use chrono::{DateTime, Datelike, NaiveDate, Utc};
use futures::stream::BoxStream;
use kernel::{BusinessId, Clock, CustomerId, MemberId, Principal, Zone};
use outbox::Broker;
use sqlx::{PgConnection, PgPool};

use crate::app::reads::Reads;
use crate::app::{CONSUMER, projection};
use crate::domain::calendar::{Period, days_before, end_of};
use crate::domain::dashboard::{DAYS_READ, History, Hour, stretch_by_now};
use crate::domain::fact::Recorded;
use crate::domain::figures::{Figures, MemberSums, Standing, Totals};
use crate::domain::segment::Segment;
use crate::error::Error;
use crate::store;
use crate::store::slot::BusinessDay;

/// Days that are told at once, of all businesses together: some 80 KB on the wire.
const DAYS_OF_A_PART: usize = 1_000;

/// Answers from what the projection has kept.
pub struct App {
    pool: PgPool,
    reads: Arc<Reads>,
    broker: Broker,
    clock: Clock,
}

/// What the panel's first screen shows.
pub(crate) struct Dashboard {
    pub(crate) as_of: DateTime<Utc>,
    pub(crate) zone: Zone,
    pub(crate) today: Figures,
    pub(crate) yesterday: Figures,
    pub(crate) last_week: Figures,
    pub(crate) yesterday_by_now: Figures,
    pub(crate) last_week_by_now: Figures,
    pub(crate) hours: Vec<Hour>,
    pub(crate) days: Vec<(NaiveDate, Figures)>,
    pub(crate) standing: Standing,
    pub(crate) totals: Totals,
}

/// A period by day, and against the one before.
pub(crate) struct Overview {
    pub(crate) days: Vec<(NaiveDate, Figures)>,
    pub(crate) total: Figures,
    pub(crate) before: Figures,
}

/// Some customers of a segment.
pub(crate) struct SegmentPage {
    pub(crate) customers: Vec<CustomerId>,
    /// The last of this page, where there is another.
    pub(crate) next: Option<CustomerId>,
    /// Of all pages.
    pub(crate) total: usize,
}

/// Stamps by ISO weekday (1 is Monday) and hour.
pub(crate) type Heatmap = BTreeMap<(u32, u32), i64>;

impl App {
    /// Answers from where `reads` finds it; asks this broker how far behind it is.
    pub fn new(pool: PgPool, reads: Arc<Reads>, broker: Broker, clock: Clock) -> Self {
        Self { pool, reads, broker, clock }
    }

    pub(crate) async fn dashboard(&self, caller: &Principal) -> Result<Dashboard, Error> {
        let business = caller.managed_business()?;
        let now = self.clock.now();
        let mut db = self.reads.acquire().await?;
        let known = store::business::find(&mut db, business).await?;
        let zone = known.zone;
        let today = zone.day(now);
        let first = days_before(today, DAYS_READ);
        let slots =
            store::slot::between(&mut db, business, zone.start_of(first), end_of(zone, today)).await?;
        let visitors = store::visit::visitors(&mut db, business, first, today).await?;
        let messages =
            store::message::between(&mut db, business, zone.start_of(first), end_of(zone, today)).await?;
        let begun = store::slot::first(&mut db, business).await?.map(|slot| slot.begins_at());
        let since = begun.into_iter().chain(known.created_at).min().map(|at| zone.day(at));
        let history = History::new(zone, now, slots, visitors, messages);
        let (yesterday, last_week) = (days_before(today, 1), days_before(today, 7));
        Ok(Dashboard {
            as_of: now,
            zone,
            today: history.day(today),
            yesterday: history.day(yesterday),
            last_week: history.day(last_week),
            yesterday_by_now: by_now(&mut db, business, &history, zone, now, yesterday).await?,
            last_week_by_now: by_now(&mut db, business, &history, zone, now, last_week).await?,
            hours: history.hours(since),
            days: history.last_days().collect(),
            standing: store::visit::standing(&mut db, business, today).await?,
            totals: store::total::find(&mut db, business).await?,
        })
    }

    pub(crate) async fn overview(&self, caller: &Principal, from: &str, to: &str) -> Result<Overview, Error> {
        let business = caller.managed_business()?;
        let mut db = self.reads.acquire().await?;
        let zone = store::business::find(&mut db, business).await?.zone;
        let period = Period::asked(from, to, zone.day(self.clock.now()))?;
        let sums = store::slot::by_day(&mut db, business, zone, period).await?;
        let visitors =
            store::visit::visitors(&mut db, business, period.first_day(), period.last_day()).await?;
        let messages = store::message::by_day(&mut db, business, zone, period).await?;
        let days = period.days().map(|day| {
            let figures = Figures {
                sums: sums.get(&day).copied().unwrap_or_default(),
                visitors: visitors.get(&day).copied().unwrap_or_default(),
                messages: messages.get(&day).copied().unwrap_or_default(),
            };
            (day, figures)
        });
        let before = period.before();
        let messages_before = store::message::by_day(&mut db, business, zone, before).await?;
        Ok(Overview {
            days: days.collect(),
            total: Figures {
                sums: sum(sums.values()),
                visitors: store::visit::visitors_of(&mut db, business, period).await?,
                messages: sum(messages.values()),
            },
            before: Figures {
                sums: sum(store::slot::by_day(&mut db, business, zone, before).await?.values()),
                visitors: store::visit::visitors_of(&mut db, business, before).await?,
                messages: sum(messages_before.values()),
            },
        })
    }

    pub(crate) async fn heatmap(&self, caller: &Principal, from: &str, to: &str) -> Result<Heatmap, Error> {
        let business = caller.managed_business()?;
        let mut db = self.reads.acquire().await?;
        let zone = store::business::find(&mut db, business).await?.zone;
        let period = Period::asked(from, to, zone.day(self.clock.now()))?;
        let (from, until) = period.bounds(zone);
        let mut cells = Heatmap::new();
        for (slot, sums) in store::slot::between(&mut db, business, from, until).await? {
            let weekday = zone.day(slot.begins_at()).weekday().number_from_monday();
            *cells.entry((weekday, zone.hour(slot.begins_at()))).or_default() += sums.stamps;
        }
        Ok(cells)
    }

    pub(crate) async fn members(
        &self,
        caller: &Principal,
        from: &str,
        to: &str,
    ) -> Result<Vec<(MemberId, MemberSums)>, Error> {
        let business = caller.managed_business()?;
        let mut db = self.reads.acquire().await?;
        let zone = store::business::find(&mut db, business).await?.zone;
        let period = Period::asked(from, to, zone.day(self.clock.now()))?;
        let (from, until) = period.bounds(zone);
        Ok(store::slot::by_member(&mut db, business, from, until).await?)
    }

    /// One page of a segment, newest first.
    pub(crate) async fn segment(
        &self,
        caller: &Principal,
        segment: Segment,
        after: Option<CustomerId>,
        limit: usize,
    ) -> Result<SegmentPage, Error> {
        let business = caller.managed_business()?;
        let mut db = self.reads.acquire().await?;
        let zone = store::business::find(&mut db, business).await?.zone;
        let today = zone.day(self.clock.now());
        let all = store::segment::customers(&mut db, business, segment, today).await?;
        let begin = after.map_or(0, |after| all.partition_point(|customer| *customer >= after));
        let customers: Vec<CustomerId> = all[begin..].iter().take(limit).copied().collect();
        let next = customers.last().copied().filter(|_| begin + customers.len() < all.len());
        Ok(SegmentPage { customers, next, total: all.len() })
    }

    /// Events that are in the stream and not yet in the figures.
    pub(crate) async fn pending(&self, caller: &Principal) -> Result<u64, Error> {
        caller.must_be_platform()?;
        if !self.broker.is_connected() {
            return Err(Error::Broker("not connected".into()));
        }
        Ok(outbox::pending(&self.broker, CONSUMER).await?)
    }

    /// Counts facts anew, after forgetting everything if these are the first; returns how many there were.
    pub(crate) async fn rebuild(
        &self,
        caller: &Principal,
        begin: bool,
        facts: &[Recorded],
    ) -> Result<usize, Error> {
        caller.must_be_platform()?;
        let mut tx = self.pool.begin().await?;
        if begin {
            store::housekeeping::forget_everything(&mut tx).await?;
        }
        if !facts.is_empty() {
            projection::take(&mut tx, facts).await?;
        }
        tx.commit().await?;
        Ok(facts.len())
    }

    /// Every business's days, by business and day: one reading, told part by part.
    pub(crate) fn all_days(
        &self,
        caller: &Principal,
    ) -> Result<BoxStream<'static, Result<Vec<BusinessDay>, Error>>, Error> {
        caller.must_be_platform()?;
        let pool = self.pool.clone();
        Ok(boot::in_parts(|listener| async move {
            let mut db = pool.acquire().await?;
            listener.tell(store::slot::all_days(&mut db), DAYS_OF_A_PART).await
        }))
    }
}

/// An earlier day up to the time of day it is now.
async fn by_now(
    db: &mut PgConnection,
    business: BusinessId,
    history: &History,
    zone: Zone,
    now: DateTime<Utc>,
    day: NaiveDate,
) -> Result<Figures, Error> {
    let (_, until) = stretch_by_now(zone, now, day);
    let visitors = store::visit::visitors_until(db, business, day, until).await?;
    let (sums, messages) = history.sums_by_now(day);
    Ok(Figures { sums, visitors, messages })
}

fn sum<'a, T: Copy + Default + AddAssign + 'a>(days: impl Iterator<Item = &'a T>) -> T {
    days.fold(T::default(), |mut sum, day| {
        sum += *day;
        sum
    })
}
