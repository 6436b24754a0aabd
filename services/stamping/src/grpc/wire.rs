//! To the wire.

use chrono::{DateTime, Utc};
use prost_types::Timestamp;
use proto::stamping as pb;

use crate::app::{CardView, Drift, Place, Scanned, Stamped};
use crate::domain::{Card, Program};
use crate::events::{text, timestamp};
use crate::store::history::Entry;
use crate::store::reward::Reward;
use crate::store::verify::Day;

fn moment(at: Option<DateTime<Utc>>) -> Option<Timestamp> {
    at.map(timestamp)
}

pub(super) fn program(program: &Program) -> pb::Program {
    let definition = &program.definition;
    let rules = &definition.rules;
    pb::Program {
        program_id: program.program.to_string(),
        business_id: program.business.to_string(),
        name: definition.name.clone(),
        version: program.version,
        stamps_required: definition.stamps_required,
        rewards: definition
            .rewards
            .iter()
            .map(|reward| pb::RewardRule {
                at: reward.at,
                title: reward.title.clone(),
                cost_cents: reward.cost.map(|cost| cost.get()),
            })
            .collect(),
        rules: Some(pb::Rules {
            max_per_visit: rules.max_per_visit,
            min_minutes_between: rules.min_minutes_between,
            max_per_day: rules.max_per_day,
            expires_after_days: rules.expires_after_days,
            cents_per_stamp: rules.cents_per_stamp.map(|cents| cents.get()),
            welcome_stamps: rules.welcome_stamps,
        }),
        look: Some(pb::Look {
            ink: definition.look.ink.clone(),
            paper: definition.look.paper.clone(),
            stamp_shape: definition.look.stamp_shape.as_str().into(),
        }),
        active: program.active,
        created_at: Some(timestamp(program.created_at)),
    }
}

pub(super) fn card(card: &Card) -> pb::Card {
    pb::Card {
        card_id: card.card.to_string(),
        customer_id: card.customer.to_string(),
        program_id: card.program.to_string(),
        stamps: card.stamps,
        stamps_required: card.stamps_required,
        cycle: card.cycle,
        total: card.total,
        version: card.version,
        carried_cents: card.carried_cents,
        opened_at: Some(timestamp(card.opened_at)),
        last_stamp_at: moment(card.last_earn_at),
    }
}

pub(super) fn reward(reward: &Reward) -> pb::Reward {
    pb::Reward {
        reward_id: reward.reward.to_string(),
        title: reward.title.clone(),
        at: reward.at,
        cycle: reward.cycle,
        state: reward.state.clone(),
        unlocked_at: Some(timestamp(reward.unlocked_at)),
        expires_at: moment(reward.expires_at),
        redeemed_at: moment(reward.redeemed_at),
    }
}

pub(super) fn entry(entry: Entry) -> pb::LedgerEntry {
    pb::LedgerEntry {
        stamp_id: entry.stamp.to_string(),
        card_id: entry.card.to_string(),
        kind: entry.kind,
        via: entry.via,
        count: entry.count,
        cycle: entry.cycle,
        member_id: text(entry.member),
        device_id: text(entry.device),
        location_id: text(entry.location),
        amount_cents: entry.amount_cents,
        reason: entry.reason.unwrap_or_default(),
        reverses_stamp_id: text(entry.reverses),
        voided: entry.voided,
        occurred_at: Some(timestamp(entry.occurred_at)),
        recorded_at: Some(timestamp(entry.recorded_at)),
    }
}

/// The place in the ledger just after an entry.
pub(super) fn cursor(entry: &Entry) -> String {
    format!("{}.{}", entry.recorded_at.timestamp_micros(), entry.stamp)
}

/// The program on a card's own page is the one its running cycle began with.
/// `shows_codes`: tells what rotating codes are made of, which only wallets and her own phone need.
pub(super) fn card_view(view: CardView, shows_codes: bool) -> pb::GetCardResponse {
    let running = Program {
        version: view.card.program_version,
        definition: view.running.as_ref().clone(),
        ..view.program
    };
    pb::GetCardResponse {
        card: Some(card(&view.card)),
        program: Some(program(&running)),
        rewards: view.rewards.iter().map(reward).collect(),
        history: view.history.into_iter().map(entry).collect(),
        code: view.code,
        rotating: shows_codes
            .then_some(pb::RotatingCode { prefix: view.rotating.prefix, key_hex: view.rotating.key_hex }),
    }
}

pub(super) fn scanned(scanned: Scanned) -> pb::ScanResponse {
    pb::ScanResponse {
        scan_id: scanned.scan.to_string(),
        card: Some(card(&scanned.card)),
        program: Some(program(&scanned.program)),
        open_rewards: scanned.open_rewards.iter().map(reward).collect(),
        allowed: Some(pb::Allowed {
            now: scanned.allowed.now,
            until: moment(scanned.allowed.until),
            reason: scanned.allowed.reason.into(),
        }),
    }
}

pub(super) fn stamped(stamped: Stamped) -> pb::AddStampsResponse {
    pb::AddStampsResponse {
        operation_id: stamped.operation.to_string(),
        stamp_id: stamped.stamp.to_string(),
        card: Some((&stamped.card).into()),
        rewards_unlocked: stamped
            .unlocked
            .into_iter()
            .map(|reward| pb::UnlockedReward {
                reward_id: reward.reward.to_string(),
                title: reward.title,
                at: reward.at,
            })
            .collect(),
        replayed: stamped.replayed,
    }
}

pub(super) fn drift(drift: &Drift) -> pb::Drift {
    pb::Drift {
        card_id: drift.card.to_string(),
        what: drift.what.into(),
        recorded: drift.recorded,
        rebuilt: drift.rebuilt,
    }
}

pub(super) fn ledger_day(day: &Day) -> pb::LedgerDay {
    pb::LedgerDay {
        business_id: day.business.to_string(),
        day: day.day.to_string(),
        stamps: day.stamps,
        rewards_unlocked: day.unlocked,
        rewards_redeemed: day.redeemed,
    }
}

/// Where the next page of a snapshot begins.
pub(super) fn place(place: Place) -> String {
    match place {
        Place::Programs(after) => format!("program:{}", text(after)),
        Place::Cards(after) => format!("card:{}", text(after)),
        Place::Ledger(None) => "ledger:".into(),
        Place::Ledger(Some((at, stamp))) => format!("ledger:{}.{stamp}", at.timestamp_micros()),
        Place::Rewards(after) => format!("reward:{}", text(after)),
    }
}
