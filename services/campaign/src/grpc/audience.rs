//! Conditions between the wire and the domain. Each error names its place in the tree: `audience.all[1].not.visits.min`.

use chrono::NaiveDate;
use kernel::{Invalid, Locale};
use proto::campaign as pb;
use proto::campaign::audience::Condition;

use crate::domain::audience::{Audience, Budget, MOST_DAYS, MOST_DAYS_TO_EXPIRY, Range};

/// Reads a condition; there must be one.
pub(super) fn read(wire: Option<pb::Audience>) -> Result<Audience, Invalid> {
    let wire = wire.ok_or_else(|| Invalid::new("audience", "required"))?;
    read_at(wire, "audience", 1, &mut Budget::default())
}

fn read_at(wire: pb::Audience, field: &str, depth: usize, budget: &mut Budget) -> Result<Audience, Invalid> {
    budget.spend(depth, field)?;
    let condition = wire.condition.ok_or_else(|| Invalid::new(field, "required"))?;
    let within = |name: &str| format!("{field}.{name}");
    Ok(match condition {
        Condition::All(all) => Audience::All(read_each(all.of, &within("all"), depth, budget)?),
        Condition::Any(any) => {
            if any.of.is_empty() {
                return Err(Invalid::new(within("any"), "required"));
            }
            Audience::Any(read_each(any.of, &within("any"), depth, budget)?)
        }
        Condition::Not(not) => Audience::Not(Box::new(read_at(*not, &within("not"), depth + 1, budget)?)),
        Condition::Visits(visits) => Audience::Visits {
            range: range(&visits, &within("visits"))?,
            days: within_bounds(visits.days, 0, MOST_DAYS, &within("visits.days"))?,
        },
        Condition::DaysSinceVisit(days) => {
            Audience::DaysSinceVisit(plain_range(&days, &within("days_since_visit"))?)
        }
        Condition::DaysBetweenVisits(days) => {
            Audience::DaysBetweenVisits(plain_range(&days, &within("days_between_visits"))?)
        }
        Condition::StampsLeft(stamps) => Audience::StampsLeft(plain_range(&stamps, &within("stamps_left"))?),
        Condition::RewardOpen(reward) => Audience::RewardOpen {
            expires_within_days: within_bounds(
                reward.expires_within_days,
                0,
                MOST_DAYS_TO_EXPIRY,
                &within("reward_open.expires_within_days"),
            )?,
        },
        Condition::BirthdayMonth(birthday) => {
            let month = within_bounds(birthday.month, 0, 12, &within("birthday_month.month"))?;
            Audience::BirthdayMonth(u32::try_from(month).ok().filter(|month| *month > 0))
        }
        Condition::Location(location) => {
            let id = location.location_id.parse();
            Audience::Location(id.map_err(|_| Invalid::new(within("location.location_id"), "not_a_uuid"))?)
        }
        Condition::Joined(joined) => {
            let from = day(&joined.from, &within("joined.from"))?;
            let to = day(&joined.to, &within("joined.to"))?;
            match (from, to) {
                (None, None) => return Err(Invalid::new(within("joined"), "required")),
                (Some(from), Some(to)) if to < from => {
                    return Err(Invalid::new(within("joined.to"), "before_from"));
                }
                _ => Audience::Joined { from, to },
            }
        }
        Condition::Language(language) => {
            Audience::Language(locale(&language.language, &within("language.language"))?)
        }
        Condition::AtRisk(_) => Audience::AtRisk,
    })
}

fn read_each(
    of: Vec<pb::Audience>,
    field: &str,
    depth: usize,
    budget: &mut Budget,
) -> Result<Vec<Audience>, Invalid> {
    let each = of.into_iter().enumerate();
    each.map(|(at, wire)| read_at(wire, &format!("{field}[{at}]"), depth + 1, budget)).collect()
}

fn range(wire: &pb::Range, field: &str) -> Result<Range, Invalid> {
    Range::new(wire.min, wire.max, field)
}

/// Only visits are counted in days.
fn plain_range(wire: &pb::Range, field: &str) -> Result<Range, Invalid> {
    if wire.days != 0 {
        return Err(Invalid::new(format!("{field}.days"), "only_for_visits"));
    }
    range(wire, field)
}

fn within_bounds(value: i32, least: i32, most: i32, field: &str) -> Result<i32, Invalid> {
    if (least..=most).contains(&value) { Ok(value) } else { Err(Invalid::new(field, "out_of_range")) }
}

fn day(text: &str, field: &str) -> Result<Option<NaiveDate>, Invalid> {
    if text.is_empty() {
        return Ok(None);
    }
    use chrono::Datelike;
    let day: Option<NaiveDate> = text.parse().ok();
    let day = day.filter(|day| text.len() == 10 && (2000..=2199).contains(&day.year()));
    day.map(Some).ok_or_else(|| Invalid::new(field, "not_a_day"))
}

/// `es`, `en`.
pub(super) fn locale(text: &str, field: &str) -> Result<Locale, Invalid> {
    let reason = if text.is_empty() { "required" } else { "unknown" };
    Locale::from_word(text).ok_or_else(|| Invalid::new(field, reason))
}

/// A condition on the wire.
pub(super) fn write(audience: &Audience) -> pb::Audience {
    let plain = |range: &Range| pb::Range { min: range.min, max: range.max, days: 0 };
    let condition = match audience {
        Audience::All(of) => Condition::All(pb::All { of: of.iter().map(write).collect() }),
        Audience::Any(of) => Condition::Any(pb::Any { of: of.iter().map(write).collect() }),
        Audience::Not(not) => Condition::Not(Box::new(write(not))),
        Audience::Visits { range, days } => {
            Condition::Visits(pb::Range { min: range.min, max: range.max, days: *days })
        }
        Audience::DaysSinceVisit(range) => Condition::DaysSinceVisit(plain(range)),
        Audience::DaysBetweenVisits(range) => Condition::DaysBetweenVisits(plain(range)),
        Audience::StampsLeft(range) => Condition::StampsLeft(plain(range)),
        Audience::RewardOpen { expires_within_days } => {
            Condition::RewardOpen(pb::RewardOpen { expires_within_days: *expires_within_days })
        }
        Audience::BirthdayMonth(month) => Condition::BirthdayMonth(pb::BirthdayMonth {
            month: month.and_then(|month| i32::try_from(month).ok()).unwrap_or(0),
        }),
        Audience::Location(location) => {
            Condition::Location(pb::Location { location_id: location.to_string() })
        }
        Audience::Joined { from, to } => {
            let text = |day: &Option<NaiveDate>| day.map(|day| day.to_string()).unwrap_or_default();
            Condition::Joined(pb::Joined { from: text(from), to: text(to) })
        }
        Audience::Language(language) => {
            Condition::Language(pb::Language { language: language.as_str().to_owned() })
        }
        Audience::AtRisk => Condition::AtRisk(pb::AtRisk {}),
    };
    pb::Audience { condition: Some(condition) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(condition: Condition) -> pb::Audience {
        pb::Audience { condition: Some(condition) }
    }

    fn all(of: Vec<pb::Audience>) -> pb::Audience {
        pb::Audience { condition: Some(Condition::All(pb::All { of })) }
    }

    fn not(inner: pb::Audience) -> pb::Audience {
        of(Condition::Not(Box::new(inner)))
    }

    fn refused(wire: pb::Audience) -> String {
        read(Some(wire)).unwrap_err().to_string()
    }

    #[test]
    fn each_fault_is_named_by_its_place_in_the_tree() {
        let visits = |min, max, days| of(Condition::Visits(pb::Range { min, max, days }));
        assert_eq!(
            refused(all(vec![of(Condition::AtRisk(pb::AtRisk {})), not(visits(Some(-1), None, 0))])),
            "audience.all[1].not.visits.min: out_of_range"
        );
        assert_eq!(refused(visits(Some(1), None, 731)), "audience.visits.days: out_of_range");
        assert_eq!(refused(all(vec![pb::Audience { condition: None }])), "audience.all[0]: required");
        assert_eq!(refused(of(Condition::Any(pb::Any { of: vec![] }))), "audience.any: required");
        assert_eq!(read(None).unwrap_err().to_string(), "audience: required");
        let joined =
            |from: &str, to: &str| of(Condition::Joined(pb::Joined { from: from.into(), to: to.into() }));
        assert_eq!(refused(joined("hoy", "")), "audience.joined.from: not_a_day");
        assert_eq!(refused(joined("2026-02-01", "2026-01-01")), "audience.joined.to: before_from");
        assert_eq!(
            refused(of(Condition::DaysSinceVisit(pb::Range { min: Some(1), max: None, days: 3 }))),
            "audience.days_since_visit.days: only_for_visits"
        );
        let month = of(Condition::BirthdayMonth(pb::BirthdayMonth { month: 13 }));
        assert_eq!(refused(month), "audience.birthday_month.month: out_of_range");
    }

    #[test]
    fn a_tree_too_deep_or_too_wide_is_refused() {
        let deep = (0..8).fold(all(vec![]), |inner, _| not(inner));
        assert!(refused(deep).ends_with("too_deep"));
        assert!(read(Some((0..7).fold(all(vec![]), |inner, _| not(inner)))).is_ok());
        let wide = |width| all((0..width).map(|_| all(vec![])).collect());
        assert!(read(Some(wide(63))).is_ok());
        assert_eq!(refused(wide(64)), "audience.all[63]: too_many_conditions");
    }

    #[test]
    fn what_was_read_is_written_as_it_came() {
        let wire = all(vec![
            not(of(Condition::Language(pb::Language { language: "en".into() }))),
            of(Condition::Visits(pb::Range { min: Some(2), max: None, days: 30 })),
            of(Condition::Joined(pb::Joined { from: "2026-01-01".into(), to: String::new() })),
            of(Condition::BirthdayMonth(pb::BirthdayMonth { month: 0 })),
        ]);
        assert_eq!(write(&read(Some(wire.clone())).unwrap()), wire);
    }
}
