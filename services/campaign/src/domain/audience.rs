//! Which customers: a condition as a typed tree. Here it is checked and answered for one customer; the store turns the
//! same tree into one statement, and a test holds the two against each other.

use chrono::{DateTime, Days, NaiveDate, Utc};
use kernel::{Invalid, Locale, LocationId, Zone};
use serde::{Deserialize, Serialize};

use crate::domain::at_risk::Rhythm;
use crate::domain::customer::Profile;

/// Conditions within conditions.
pub const DEEPEST: usize = 8;
/// Conditions in all.
pub const MOST_CONDITIONS: usize = 64;
/// The largest bound of a range.
pub const LARGEST_BOUND: i32 = 10_000;
/// The most days that visits are counted in; 0 is ever.
pub const MOST_DAYS: i32 = 730;
/// The most days before a reward's end.
pub const MOST_DAYS_TO_EXPIRY: i32 = 365;

/// A condition on customers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Audience {
    /// Every one holds; of none, everybody.
    All(Vec<Audience>),
    /// At least one holds.
    Any(Vec<Audience>),
    /// It does not hold.
    Not(Box<Audience>),
    /// Days on which she came, of the last `days` days; 0 days is ever.
    Visits {
        /// How many.
        range: Range,
        /// The last so many days, today included.
        days: i32,
    },
    /// Days since she last came; holds for nobody who never came.
    DaysSinceVisit(Range),
    /// The mean of her own pauses; holds for nobody who came less than twice.
    DaysBetweenVisits(Range),
    /// What the card nearest to its end still lacks.
    StampsLeft(Range),
    /// A reward is open, and ends within so many days; 0 is any.
    RewardOpen {
        /// Days from now.
        expires_within_days: i32,
    },
    /// The month of her birthday; `None` is the month that it is.
    BirthdayMonth(Option<u32>),
    /// Where she joined.
    Location(LocationId),
    /// On which business days she joined, both included.
    Joined {
        /// The first.
        from: Option<NaiveDate>,
        /// The last.
        to: Option<NaiveDate>,
    },
    /// What she reads.
    Language(Locale),
    /// Longer away than her own rhythm lets expect.
    AtRisk,
}

/// Both ends included; an absent end is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Range {
    /// The least.
    pub min: Option<i32>,
    /// The most.
    pub max: Option<i32>,
}

impl Range {
    /// Takes ends of 0 to [`LARGEST_BOUND`], at least one of them, in their order.
    pub fn new(min: Option<i32>, max: Option<i32>, field: &str) -> Result<Self, Invalid> {
        for (end, name) in [(min, "min"), (max, "max")] {
            if end.is_some_and(|end| !(0..=LARGEST_BOUND).contains(&end)) {
                return Err(Invalid::new(format!("{field}.{name}"), "out_of_range"));
            }
        }
        match (min, max) {
            (None, None) => Err(Invalid::new(field, "required")),
            (Some(min), Some(max)) if min > max => Err(Invalid::new(format!("{field}.max"), "below_min")),
            _ => Ok(Self { min, max }),
        }
    }

    fn holds(self, value: i64) -> bool {
        self.min.is_none_or(|min| value >= i64::from(min))
            && self.max.is_none_or(|max| value <= i64::from(max))
    }
}

/// The moment a condition is asked at, in the words of a shop.
#[derive(Clone, Copy, Debug)]
pub struct Moment {
    /// The moment.
    pub now: DateTime<Utc>,
    /// Where the shop counts its days.
    pub zone: Zone,
    /// How its customers come.
    pub rhythm: Rhythm,
}

impl Moment {
    /// The business day it is.
    pub fn today(&self) -> NaiveDate {
        self.zone.day(self.now)
    }

    /// The business day so many days ago.
    pub fn days_ago(&self, days: i32) -> NaiveDate {
        let days = u64::try_from(days).unwrap_or(0);
        self.today().checked_sub_days(Days::new(days)).unwrap_or(NaiveDate::MIN)
    }

    /// The moment in so many days.
    pub fn in_days(&self, days: i32) -> DateTime<Utc> {
        self.now + chrono::Duration::days(i64::from(days))
    }
}

/// Counts conditions while they are read, so that no tree grows too large.
#[derive(Debug, Default)]
pub struct Budget {
    conditions: usize,
}

impl Budget {
    /// One more condition, at `depth` (the outermost is 1).
    pub fn spend(&mut self, depth: usize, field: &str) -> Result<(), Invalid> {
        self.conditions += 1;
        if depth > DEEPEST {
            return Err(Invalid::new(field, "too_deep"));
        }
        if self.conditions > MOST_CONDITIONS {
            return Err(Invalid::new(field, "too_many_conditions"));
        }
        Ok(())
    }
}

impl Audience {
    /// Everybody.
    pub fn everybody() -> Self {
        Self::All(Vec::new())
    }

    /// Whether it holds for a customer.
    pub fn holds(&self, who: &Profile, when: &Moment) -> bool {
        match self {
            Self::All(of) => of.iter().all(|condition| condition.holds(who, when)),
            Self::Any(of) => of.iter().any(|condition| condition.holds(who, when)),
            Self::Not(condition) => !condition.holds(who, when),
            Self::Visits { range, days: 0 } => range.holds(i64::from(who.visits())),
            Self::Visits { range, days } => {
                let after = when.days_ago(*days);
                range.holds(who.days.iter().filter(|day| **day > after).count() as i64)
            }
            Self::DaysSinceVisit(range) => {
                who.last_day().is_some_and(|last| range.holds((when.today() - last).num_days()))
            }
            Self::DaysBetweenVisits(range) => {
                // Whole numbers on both sides: the mean is the span over the pauses.
                let (span, pauses) = (i64::from(who.span_days()), i64::from(who.visits() - 1));
                pauses > 0
                    && range.min.is_none_or(|min| span >= i64::from(min) * pauses)
                    && range.max.is_none_or(|max| span <= i64::from(max) * pauses)
            }
            Self::StampsLeft(range) => {
                who.nearest.as_ref().is_some_and(|card| range.holds(i64::from(card.stamps_left)))
            }
            Self::RewardOpen { expires_within_days: 0 } => who.open_rewards > 0,
            Self::RewardOpen { expires_within_days } => {
                let until = when.in_days(*expires_within_days);
                who.reward_ends.iter().any(|end| *end > when.now && *end <= until)
            }
            Self::BirthdayMonth(month) => {
                who.birth_month != 0 && who.birth_month == month.unwrap_or_else(|| month_of(when.today()))
            }
            Self::Location(location) => who.location == Some(*location),
            Self::Joined { from, to } => who.joined_at.is_some_and(|at| {
                let day = when.zone.day(at);
                from.is_none_or(|from| day >= from) && to.is_none_or(|to| day <= to)
            }),
            Self::Language(language) => who.language == *language,
            Self::AtRisk => who.last_day().is_some_and(|last| {
                let absence = i32::try_from((when.today() - last).num_days()).unwrap_or(i32::MAX);
                when.rhythm.is_at_risk(who.visits(), who.span_days(), absence)
            }),
        }
    }
}

/// 1 to 12.
pub fn month_of(day: NaiveDate) -> u32 {
    use chrono::Datelike;
    day.month()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn when() -> Moment {
        Moment {
            now: "2026-11-23T20:00:00Z".parse().unwrap(),
            zone: Zone::LIMA,
            rhythm: Rhythm { mean_gap_days: 10.0, regularity: 2 },
        }
    }

    fn who(days: &[&str]) -> Profile {
        Profile { days: days.iter().map(|day| day.parse().unwrap()).collect(), ..Profile::default() }
    }

    fn between(min: i32, max: i32) -> Range {
        Range { min: Some(min), max: Some(max) }
    }

    #[test]
    fn everybody_is_the_condition_without_conditions_and_nobody_its_opposite() {
        assert!(Audience::everybody().holds(&Profile::default(), &when()));
        assert!(!Audience::Not(Box::new(Audience::everybody())).holds(&Profile::default(), &when()));
        assert!(!Audience::Any(Vec::new()).holds(&Profile::default(), &when()));
    }

    #[test]
    fn visits_are_days_and_today_is_one_of_the_last_days() {
        let regular = who(&["2026-11-01", "2026-11-21", "2026-11-23"]);
        let within = |days, count| Audience::Visits { range: between(count, count), days };
        assert!(within(1, 1).holds(&regular, &when()));
        assert!(within(3, 2).holds(&regular, &when()));
        assert!(within(0, 3).holds(&regular, &when()));
    }

    #[test]
    fn who_never_came_is_neither_long_nor_shortly_away() {
        let never = Profile::default();
        assert!(!Audience::DaysSinceVisit(between(0, 9_999)).holds(&never, &when()));
        assert!(!Audience::AtRisk.holds(&never, &when()));
    }

    #[test]
    fn a_reward_that_ended_does_not_end_soon() {
        let end = |text: &str| Profile {
            open_rewards: 1,
            reward_ends: vec![text.parse().unwrap()],
            ..Profile::default()
        };
        let soon = Audience::RewardOpen { expires_within_days: 3 };
        assert!(soon.holds(&end("2026-11-25T00:00:00Z"), &when()));
        assert!(!soon.holds(&end("2026-11-23T19:00:00Z"), &when()));
        assert!(!soon.holds(&end("2026-11-27T00:00:00Z"), &when()));
    }

    #[test]
    fn ranges_are_sane_or_refused_by_their_field() {
        let reason = |min, max| Range::new(min, max, "audience.visits").map_err(|error| error.to_string());
        assert_eq!(reason(None, None), Err("audience.visits: required".into()));
        assert_eq!(reason(Some(5), Some(4)), Err("audience.visits.max: below_min".into()));
        assert_eq!(reason(Some(-1), None), Err("audience.visits.min: out_of_range".into()));
        assert_eq!(reason(None, Some(10_001)), Err("audience.visits.max: out_of_range".into()));
        assert!(reason(Some(4), Some(4)).is_ok());
    }

    #[test]
    fn a_stored_condition_reads_again_as_itself() {
        let tree = Audience::All(vec![
            Audience::Any(vec![Audience::AtRisk, Audience::Not(Box::new(Audience::Language(Locale::En)))]),
            Audience::Visits { range: between(2, 9), days: 30 },
            Audience::BirthdayMonth(None),
        ]);
        let text = serde_json::to_string(&tree).unwrap();
        assert_eq!(serde_json::from_str::<Audience>(&text).unwrap(), tree);
    }
}
