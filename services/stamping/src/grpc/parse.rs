//! From the wire: past this room no id is a text and no number is out of its range.

use std::str::FromStr;

use chrono::{DateTime, Utc};
use kernel::{Cents, CustomerId, Invalid, StampId};
use proto::stamping as pb;

use crate::Error;
use crate::app::{AddStamps, App, Place, ProgramChange, Target};
use crate::domain::{Actor, Definition, Kind, Look, LookChange, RewardRule, Rules, RulesChange};

/// Most stamps of one command; a program's own limit lies below.
const MAX_COUNT: i32 = 20;
/// Most stamps of one import from paper.
const MAX_IMPORT: i32 = 1_000;

/// An id by its type; the error names the field after it.
pub(super) fn id<T: FromStr<Err = Invalid>>(text: &str) -> Result<T, Error> {
    Ok(text.parse()?)
}

/// An id that may be empty.
pub(super) fn optional_id<T: FromStr<Err = Invalid>>(text: &str) -> Result<Option<T>, Error> {
    if text.is_empty() { Ok(None) } else { Ok(Some(text.parse()?)) }
}

/// Ids, at most `most`.
pub(super) fn ids<T: FromStr<Err = Invalid>>(
    field: &str,
    texts: &[String],
    most: usize,
) -> Result<Vec<T>, Error> {
    if texts.len() > most {
        return Err(Invalid::new(field, "too_many").into());
    }
    texts.iter().map(|text| id(text)).collect()
}

/// How many rows a page has: 1 to 100, 0 is 50.
pub(super) fn limit(limit: i32) -> Result<i64, Error> {
    match limit {
        0 => Ok(50),
        1..=100 => Ok(limit.into()),
        _ => Err(Invalid::new("limit", "out_of_range").into()),
    }
}

/// The customer after whom a page of customers begins.
pub(super) fn id_cursor(text: &str) -> Result<Option<CustomerId>, Error> {
    one_of(text)
}

/// A place in the ledger: microseconds since 1970, a dot, a stamp id.
pub(super) fn cursor(text: &str) -> Result<Option<(DateTime<Utc>, StampId)>, Error> {
    if text.is_empty() {
        return Ok(None);
    }
    let read = || {
        let (micros, stamp) = text.split_once('.')?;
        Some((DateTime::from_timestamp_micros(micros.parse().ok()?)?, stamp.parse().ok()?))
    };
    read().map(Some).ok_or_else(|| Invalid::new("cursor", "not_a_cursor").into())
}

/// Where a page of a snapshot begins: `ledger:` and a place in it, or what else there is and one of them.
pub(super) fn place(text: &str) -> Result<Place, Error> {
    match text.split_once(':') {
        None if text.is_empty() => Ok(Place::Programs(None)),
        Some(("program", after)) => one_of(after).map(Place::Programs),
        Some(("card", after)) => one_of(after).map(Place::Cards),
        Some(("ledger", after)) => cursor(after).map(Place::Ledger),
        Some(("reward", after)) => one_of(after).map(Place::Rewards),
        _ => Err(Invalid::new("cursor", "not_a_cursor").into()),
    }
}

fn one_of<T: FromStr>(text: &str) -> Result<Option<T>, Error> {
    if text.is_empty() {
        return Ok(None);
    }
    text.parse().map(Some).map_err(|_| Invalid::new("cursor", "not_a_cursor").into())
}

/// A person's reason: at most 200 characters, none is `None`.
pub(super) fn reason(field: &str, text: &str) -> Result<Option<String>, Error> {
    let text = text.trim();
    if text.chars().count() > 200 {
        return Err(Invalid::new(field, "too_long").into());
    }
    if text.chars().any(|c| c.is_control() && c != '\n') {
        return Err(Invalid::new(field, "control_character").into());
    }
    Ok((!text.is_empty()).then(|| text.to_owned()))
}

fn cents(field: impl Into<String>, value: Option<i64>) -> Result<Option<Cents>, Invalid> {
    value.map(|cents| Cents::new(cents).ok_or_else(|| Invalid::new(field, "out_of_range"))).transpose()
}

fn rewards(rewards: Vec<pb::RewardRule>) -> Result<Vec<RewardRule>, Invalid> {
    let parsed = rewards.into_iter().enumerate().map(|(index, reward)| {
        let cost = cents(format!("rewards[{index}].cost_cents"), reward.cost_cents)?;
        Ok(RewardRule { at: reward.at, title: reward.title, cost })
    });
    parsed.collect()
}

fn rules(rules: pb::Rules) -> Result<Rules, Invalid> {
    Ok(Rules {
        max_per_visit: rules.max_per_visit,
        min_minutes_between: rules.min_minutes_between,
        max_per_day: rules.max_per_day,
        expires_after_days: rules.expires_after_days,
        cents_per_stamp: cents("rules.cents_per_stamp", rules.cents_per_stamp)?,
        welcome_stamps: rules.welcome_stamps,
    })
}

fn look(look: pb::Look) -> Result<Look, Invalid> {
    Look::parse(&look.ink, &look.paper, &look.stamp_shape)
}

fn rules_change(change: pb::RulesChange) -> Result<RulesChange, Invalid> {
    let or_none = |is_none: bool| is_none.then_some(None);
    let expires_after_days = or_none(change.never_expires).or(change.expires_after_days.map(Some));
    let cents_per_stamp = cents("rules.cents_per_stamp", change.cents_per_stamp)?;
    Ok(RulesChange {
        max_per_visit: change.max_per_visit,
        min_minutes_between: change.min_minutes_between,
        max_per_day: change.max_per_day,
        expires_after_days,
        cents_per_stamp: if change.by_visit { Some(None) } else { cents_per_stamp.map(Some) },
        welcome_stamps: change.welcome_stamps,
    })
}

fn look_change(change: pb::LookChange) -> LookChange {
    LookChange { ink: change.ink, paper: change.paper, stamp_shape: change.stamp_shape }
}

pub(super) fn definition(request: pb::CreateProgramRequest) -> Result<Definition, Error> {
    let rules = request.rules.map(rules).transpose()?.unwrap_or_default();
    let look = request.look.map(look).transpose()?.unwrap_or_default();
    Ok(Definition::new(&request.name, request.stamps_required, rewards(request.rewards)?, rules, look)?)
}

pub(super) fn program_change(request: pb::UpdateProgramRequest) -> Result<ProgramChange, Error> {
    Ok(ProgramChange {
        name: request.name,
        stamps_required: request.stamps_required,
        rewards: request.replace_rewards.then(|| rewards(request.rewards)).transpose()?,
        rules: request.rules.map(rules_change).transpose()?,
        look: request.look.map(look_change),
        active: request.active,
    })
}

/// A command to add stamps; what a role may not ask for is refused here, before anything is looked up.
pub(super) fn add_stamps(
    app: &App,
    actor: &Actor,
    request: pb::AddStampsRequest,
) -> Result<AddStamps, Error> {
    use pb::add_stamps_request::Target as Wire;
    let kind = match request.kind.as_str() {
        "" | "earn" => Kind::Earn,
        "bonus" => Kind::Bonus,
        "import" => Kind::Import,
        _ => return Err(Invalid::new("kind", "unknown").into()),
    };
    let override_reason = reason("override_reason", &request.override_reason)?;
    if (kind != Kind::Earn || override_reason.is_some()) && actor.role < kernel::Role::Manager {
        return Err(Error::Forbidden);
    }
    let most = if kind == Kind::Import { MAX_IMPORT } else { MAX_COUNT };
    if !(1..=most).contains(&request.count) {
        return Err(Invalid::new("count", "out_of_range").into());
    }
    let target = match request.target {
        Some(Wire::ScanId(scan)) => Target::Scan(id(&scan)?),
        Some(Wire::Code(code)) => Target::Code(app.read_code(&code, app.clock().now())?.code),
        Some(Wire::CardId(card)) => Target::Card(id(&card)?),
        None => return Err(Invalid::new("code", "required").into()),
    };
    Ok(AddStamps {
        operation: id(&request.operation_id)?,
        target,
        count: request.count,
        amount: cents("amount_cents", request.amount_cents)?,
        location: optional_id(&request.location_id)?,
        kind,
        override_reason,
        occurred_at: None,
    })
}
