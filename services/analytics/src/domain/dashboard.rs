//! The first screen of the panel: how today is, against what is normal.

use std::collections::{BTreeMap, HashMap};
use std::ops::AddAssign;

use chrono::{DateTime, NaiveDate, Utc};
use kernel::Zone;

use crate::domain::calendar::{Slot, days_before};
use crate::domain::figures::{Figures, MessageSums, Sums};

/// Days shown, today included.
pub const DAYS: u32 = 30;
/// Weeks whose weekday says what is normal for an hour.
pub const WEEKS: u32 = 8;
/// Days that are read: the weeks and today.
pub const DAYS_READ: u32 = WEEKS * 7;
/// A card is active if it was stamped in these last days, today included.
pub const ACTIVE_DAYS: u32 = 30;
/// A card has a rhythm once it came on this many days.
pub const RHYTHM_VISITS: i32 = 3;
/// A regular is at risk once she is silent for longer than this many of her own pauses …
pub const RHYTHM_PAUSES: f64 = 2.0;
/// … and longer than this many days.
pub const LEAST_SILENT_DAYS: f64 = 7.0;

const HOURS: usize = 24;

/// One hour of today.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Hour {
    /// 0 to 23.
    pub hour: u32,
    /// Stamps of today.
    pub stamps: i64,
    /// The 25th percentile of this hour on this weekday.
    pub normal_low: f64,
    /// The 75th.
    pub normal_high: f64,
}

/// The slots of the last [`DAYS_READ`] days of a business, those of its messages, and its visitors by day.
pub struct History {
    zone: Zone,
    now: DateTime<Utc>,
    slots: Vec<(Slot, Sums)>,
    days: HashMap<NaiveDate, Sums>,
    visitors: BTreeMap<NaiveDate, i64>,
    messages: Vec<(Slot, MessageSums)>,
    message_days: HashMap<NaiveDate, MessageSums>,
}

impl History {
    /// Sums slots by business day.
    pub fn new(
        zone: Zone,
        now: DateTime<Utc>,
        slots: Vec<(Slot, Sums)>,
        visitors: BTreeMap<NaiveDate, i64>,
        messages: Vec<(Slot, MessageSums)>,
    ) -> Self {
        let (days, message_days) = (by_day(zone, &slots), by_day(zone, &messages));
        Self { zone, now, slots, days, visitors, messages, message_days }
    }

    /// The business day it is.
    pub fn today(&self) -> NaiveDate {
        self.zone.day(self.now)
    }

    /// The figures of a whole day.
    pub fn day(&self, day: NaiveDate) -> Figures {
        Figures {
            sums: self.days.get(&day).copied().unwrap_or_default(),
            visitors: self.visitors.get(&day).copied().unwrap_or_default(),
            messages: self.message_days.get(&day).copied().unwrap_or_default(),
        }
    }

    /// The sums of an earlier day up to the time of day it is now.
    pub fn sums_by_now(&self, day: NaiveDate) -> (Sums, MessageSums) {
        let stretch = stretch_by_now(self.zone, self.now, day);
        (sum_within(stretch, &self.slots), sum_within(stretch, &self.messages))
    }

    /// The days shown, oldest first.
    pub fn last_days(&self) -> impl Iterator<Item = (NaiveDate, Figures)> {
        days_before(self.today(), DAYS - 1).iter_days().take(DAYS as usize).map(|day| (day, self.day(day)))
    }

    /// The hours of today against the same hours of this weekday. A day without stamps counts as zeros, unless the
    /// business was not there yet on `since`.
    pub fn hours(&self, since: Option<NaiveDate>) -> Vec<Hour> {
        let today = self.today();
        let mut by_day: HashMap<NaiveDate, [i64; HOURS]> = HashMap::new();
        for (slot, sums) in &self.slots {
            let (day, hour) = (self.zone.day(slot.begins_at()), self.zone.hour(slot.begins_at()));
            by_day.entry(day).or_default()[hour as usize % HOURS] += sums.stamps;
        }
        let stamps_of = |day| by_day.get(&day).copied().unwrap_or_default();
        let weekdays: Vec<[i64; HOURS]> = (1..=WEEKS)
            .map(|week| days_before(today, week * 7))
            .filter(|day| since.is_some_and(|since| since <= *day))
            .map(stamps_of)
            .collect();
        let of_today = stamps_of(today);
        (0..HOURS)
            .map(|hour| {
                let mut normal: Vec<i64> = weekdays.iter().map(|stamps| stamps[hour]).collect();
                normal.sort_unstable();
                Hour {
                    hour: hour as u32,
                    stamps: of_today[hour],
                    normal_low: percentile(&normal, 0.25),
                    normal_high: percentile(&normal, 0.75),
                }
            })
            .collect()
    }
}

fn by_day<T: Copy + Default + AddAssign>(zone: Zone, slots: &[(Slot, T)]) -> HashMap<NaiveDate, T> {
    let mut days: HashMap<NaiveDate, T> = HashMap::new();
    for (slot, sums) in slots {
        *days.entry(zone.day(slot.begins_at())).or_default() += *sums;
    }
    days
}

fn sum_within<T: Copy + Default + AddAssign>(
    (begin, end): (DateTime<Utc>, DateTime<Utc>),
    slots: &[(Slot, T)],
) -> T {
    let mut sum = T::default();
    for (slot, sums) in slots {
        if begin <= slot.begins_at() && slot.begins_at() < end {
            sum += *sums;
        }
    }
    sum
}

/// From the beginning of `day` to the end of the slot that lies as far into it as now lies in today.
pub fn stretch_by_now(zone: Zone, now: DateTime<Utc>, day: NaiveDate) -> (DateTime<Utc>, DateTime<Utc>) {
    let begin = zone.start_of(day);
    let into_today = now - zone.start_of(zone.day(now));
    (begin, Slot::of(begin + into_today).ends_at())
}

/// The value below which this share of sorted values lies, on a straight line between neighbours; 0 of none.
fn percentile(sorted: &[i64], share: f64) -> f64 {
    let Some(last) = sorted.len().checked_sub(1) else { return 0.0 };
    let place = share * last as f64;
    let below = place.floor();
    let (low, high) = (sorted[below as usize], sorted[(below as usize + 1).min(last)]);
    low as f64 + (high - low) as f64 * (place - below)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn lima(text: &str) -> DateTime<Utc> {
        format!("{text}-05:00").parse().unwrap()
    }

    fn stamps(at: &str, stamps: i64) -> (Slot, Sums) {
        (Slot::of(lima(at)), Sums { stamps, ..Sums::default() })
    }

    fn history(now: &str, slots: Vec<(Slot, Sums)>) -> History {
        History::new(Zone::LIMA, lima(now), slots, BTreeMap::new(), Vec::new())
    }

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn an_earlier_day_is_compared_up_to_the_time_of_day_it_is_now() {
        let slots = vec![
            stamps("2026-11-22T09:00:00", 1),
            stamps("2026-11-22T10:15:00", 2),
            stamps("2026-11-22T10:30:00", 4),
            stamps("2026-11-23T09:00:00", 8),
        ];
        let history = history("2026-11-23T10:20:00", slots);
        assert_eq!(history.sums_by_now(day("2026-11-22")).0.stamps, 3);
        assert_eq!(history.day(day("2026-11-22")).sums.stamps, 7);
    }

    #[test]
    fn what_is_normal_comes_from_this_weekday_and_counts_days_without_stamps() {
        // Three Mondays of which one was empty; a Sunday says nothing.
        let slots = vec![
            stamps("2026-11-02T09:00:00", 4),
            stamps("2026-11-16T09:45:00", 8),
            stamps("2026-11-22T09:00:00", 100),
            stamps("2026-11-23T09:00:00", 5),
        ];
        let hours = history("2026-11-23T10:20:00", slots).hours(Some(day("2026-11-02")));
        assert_eq!(hours.len(), 24);
        assert_eq!(hours[9], Hour { hour: 9, stamps: 5, normal_low: 2.0, normal_high: 6.0 });
    }

    #[test]
    fn a_business_without_a_past_has_no_normal() {
        let hours = history("2026-11-23T10:20:00", Vec::new()).hours(None);
        assert_eq!(hours[9], Hour { hour: 9, stamps: 0, normal_low: 0.0, normal_high: 0.0 });
    }

    #[test]
    fn thirty_days_are_shown_and_today_is_the_last() {
        let history = history("2026-11-23T23:59:59", Vec::new());
        let days: Vec<NaiveDate> = history.last_days().map(|(day, _)| day).collect();
        assert_eq!((days.len(), days[0], days[29]), (30, day("2026-10-25"), day("2026-11-23")));
    }

    proptest! {
        /// A percentile lies among the values, and a higher share never gives a lower one.
        #[test]
        fn percentiles_grow(mut values in prop::collection::vec(-5..1_000i64, 1..9), share in 0.0..1.0f64) {
            values.sort_unstable();
            let (low, high) = (percentile(&values, share / 2.0), percentile(&values, share));
            prop_assert!(values[0] as f64 <= low && low <= high && high <= values[values.len() - 1] as f64);
        }
    }
}
