//! A condition as SQL: the same tree that [`Audience::holds`] answers for one customer, for all of them at once. Values
//! are bound, never written; every leaf is true or false, never null, so that `not` means what it says.

use chrono::{Days, NaiveDate};
use sqlx::{Postgres, QueryBuilder};

use crate::domain::at_risk::{CAME_AGAIN, LEAST_ABSENCE_DAYS, LEAST_EXPONENT, LEAST_VISITS, LEFT};
use crate::domain::audience::{Audience, Moment, Range, month_of};

/// Writes the condition on the row `a` of `campaign.audience`.
pub(crate) fn push(query: &mut QueryBuilder<Postgres>, audience: &Audience, when: &Moment) {
    match audience {
        Audience::All(of) => push_joined(query, of, " and ", "true", when),
        Audience::Any(of) => push_joined(query, of, " or ", "false", when),
        Audience::Not(condition) => {
            query.push("not ");
            push(query, condition, when);
        }
        Audience::Visits { range, days: 0 } => push_range(query, "a.visits", *range),
        Audience::Visits { range, days } => {
            query.push(
                "(select coalesce(count(*) filter (where visit.entries > 0), 0)
                  from unnest(a.days, a.entries) as visit (day, entries) where visit.day > ",
            );
            query.push_bind(when.days_ago(*days)).push(")");
            push_bounds(query, *range);
        }
        Audience::DaysSinceVisit(range) => {
            query.push("coalesce((").push_bind(when.today()).push(" - a.last_day)");
            push_bounds(query, *range);
            query.push(", false)");
        }
        Audience::DaysBetweenVisits(range) => push_pauses(query, *range),
        Audience::StampsLeft(range) => {
            query.push("coalesce(");
            push_range(query, "a.stamps_left", *range);
            query.push(", false)");
        }
        Audience::RewardOpen { expires_within_days: 0 } => {
            query.push("a.open_rewards > 0");
        }
        Audience::RewardOpen { expires_within_days } => {
            query.push(
                "exists (select from unnest(a.reward_ends) as reward (ends_at) where reward.ends_at > ",
            );
            query.push_bind(when.now).push(" and reward.ends_at <= ");
            query.push_bind(when.in_days(*expires_within_days)).push(")");
        }
        Audience::BirthdayMonth(month) => {
            let month = month.unwrap_or_else(|| month_of(when.today()));
            query.push("a.birth_month = ").push_bind(i16::try_from(month).unwrap_or(0));
        }
        Audience::Location(location) => {
            query.push("coalesce(a.location_id = ").push_bind(location.as_uuid()).push(", false)");
        }
        Audience::Joined { from, to } => push_joined_between(query, *from, *to, when),
        Audience::Language(language) => {
            query.push("a.language = ").push_bind(language.as_str());
        }
        Audience::AtRisk => push_at_risk(query, when),
    }
}

fn push_joined(
    query: &mut QueryBuilder<Postgres>,
    of: &[Audience],
    between: &str,
    of_none: &str,
    when: &Moment,
) {
    query.push("(").push(of_none);
    for condition in of {
        query.push(between);
        push(query, condition, when);
    }
    query.push(")");
}

fn push_range(query: &mut QueryBuilder<Postgres>, column: &str, range: Range) {
    query.push(column);
    push_bounds(query, range);
}

/// What stands before is within the range; an open end is as good as the largest number.
fn push_bounds(query: &mut QueryBuilder<Postgres>, range: Range) {
    query.push(" between ").push_bind(range.min.unwrap_or(0));
    query.push(" and ").push_bind(range.max.unwrap_or(i32::MAX));
}

/// Whole numbers on both sides, as in the domain: the mean is the span over the pauses.
fn push_pauses(query: &mut QueryBuilder<Postgres>, range: Range) {
    query.push("(a.visits > 1 and coalesce((a.last_day - a.first_day)::bigint between ");
    query.push_bind(i64::from(range.min.unwrap_or(0))).push(" * (a.visits - 1) and ");
    query.push_bind(i64::from(range.max.unwrap_or(i32::MAX))).push(" * (a.visits - 1), false))");
}

fn push_joined_between(
    query: &mut QueryBuilder<Postgres>,
    from: Option<NaiveDate>,
    to: Option<NaiveDate>,
    when: &Moment,
) {
    query.push("(a.joined_at is not null");
    if let Some(from) = from {
        query.push(" and a.joined_at >= ").push_bind(when.zone.start_of(from));
    }
    if let Some(after) = to.and_then(|to| to.checked_add_days(Days::new(1))) {
        query.push(" and a.joined_at < ").push_bind(when.zone.start_of(after));
    }
    query.push(")");
}

/// The formula of `domain::at_risk`, word for word: she is at risk where the probability of so long a pause is below the
/// odds of having left. (A probability of a half is where the two are equal.)
fn push_at_risk(query: &mut QueryBuilder<Postgres>, when: &Moment) {
    query.push("(a.visits >= ").push_bind(LEAST_VISITS);
    query.push(" and coalesce(").push_bind(when.today()).push(" - a.last_day >= ");
    query.push_bind(LEAST_ABSENCE_DAYS);
    query.push(", false) and (select exp(greatest(shape * ln(1 - share), ");
    query.push_bind(LEAST_EXPONENT).push("::float8)) * (1");
    for terms in 1..when.rhythm.regularity {
        query.push(" + 1.0::float8");
        for step in 1..=terms {
            query.push(format_args!(" * (shape + {step} - 1) * share / {step}"));
        }
    }
    query.push(") from (select ");
    query.push_bind(f64::from(when.rhythm.regularity)).push(" * a.visits as shape, away / (span + ");
    query.push_bind(when.rhythm.mean_gap_days).push(" + away) as share from (select (");
    query.push_bind(when.today()).push(" - a.last_day)::float8 as away, ");
    query.push("(a.last_day - a.first_day)::float8 as span) as days) as pause) < ");
    query.push_bind(LEFT).push("::float8 / (").push_bind(CAME_AGAIN).push("::float8 + a.visits - 1))");
}
