//! Which cards came on which days.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, NaiveDate, Utc};
use kernel::{BusinessId, CardId, Zone};

use crate::domain::fact::Card;

/// A stamp earned in person, or one taken back.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Visit {
    /// The tenant.
    pub business: BusinessId,
    /// The card.
    pub card: Card,
    /// When the stamp was recorded, for a void too.
    pub at: DateTime<Utc>,
    /// 1 for a stamp, -1 for a void.
    pub entries: i32,
}

/// What changes for a card on one business day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DayEntries {
    /// Stamps less voids.
    pub entries: i32,
    /// The first stamp.
    pub first_at: DateTime<Utc>,
}

/// Sums visits by the business day they fall in; a business without a known zone lives in Lima's.
pub fn by_day(
    visits: &[Visit],
    zones: &HashMap<BusinessId, Zone>,
) -> BTreeMap<(BusinessId, NaiveDate, CardId), DayEntries> {
    let mut days: BTreeMap<_, DayEntries> = BTreeMap::new();
    for visit in visits {
        let zone = zones.get(&visit.business).copied().unwrap_or(Zone::LIMA);
        days.entry((visit.business, zone.day(visit.at), visit.card.id))
            .and_modify(|day| {
                day.entries += visit.entries;
                day.first_at = day.first_at.min(visit.at);
            })
            .or_insert(DayEntries { entries: visit.entries, first_at: visit.at });
    }
    days
}

/// A day on which a card is found to have come, or found not to have come after all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Crossing {
    /// The tenant.
    pub business: BusinessId,
    /// The day.
    pub day: NaiveDate,
    /// The card.
    pub card: CardId,
    /// It came.
    pub came: bool,
}

impl Crossing {
    fn visits(&self) -> i32 {
        if self.came { 1 } else { -1 }
    }
}

/// How the count of visitors changes, by day.
pub fn visitors(crossings: &[Crossing]) -> BTreeMap<(BusinessId, NaiveDate), i64> {
    let mut days = BTreeMap::new();
    for crossing in crossings {
        *days.entry((crossing.business, crossing.day)).or_default() += i64::from(crossing.visits());
    }
    days
}

/// What changes for a card, over all days.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CardDays {
    /// The card, by its newest version among the visits.
    pub card: Card,
    /// Days on which it came.
    pub visits: i32,
    /// The first new one.
    pub first: Option<NaiveDate>,
    /// The last new one.
    pub last: Option<NaiveDate>,
}

/// Sums crossings by card.
pub fn by_card(crossings: &[Crossing], visits: &[Visit]) -> BTreeMap<(BusinessId, CardId), CardDays> {
    let mut newest: HashMap<(BusinessId, CardId), Card> = HashMap::new();
    for visit in visits {
        let card = newest.entry((visit.business, visit.card.id)).or_insert(visit.card);
        if card.version < visit.card.version {
            *card = visit.card;
        }
    }
    let mut cards: BTreeMap<_, CardDays> = BTreeMap::new();
    for crossing in crossings {
        let key = (crossing.business, crossing.card);
        // Every crossing came from a visit of this batch.
        let Some(card) = newest.get(&key).copied() else { continue };
        let days = cards.entry(key).or_insert(CardDays { card, visits: 0, first: None, last: None });
        days.visits += crossing.visits();
        if crossing.came {
            days.first = Some(days.first.map_or(crossing.day, |day| day.min(crossing.day)));
            days.last = days.last.max(Some(crossing.day));
        }
    }
    cards
}
