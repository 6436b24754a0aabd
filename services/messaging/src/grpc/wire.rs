//! Between the wire and what it means.

use chrono::{DateTime, Utc};
use kernel::{BusinessId, CustomerId, Invalid, Locale};
use proto::messaging as pb;
use uuid::Uuid;

use crate::Error;
use crate::app::{Account, Form, SenderView, StandingView, Thread, TierView};
use crate::domain::hours;
use crate::domain::price::Category;
use crate::domain::quality::Counts;
use crate::domain::reserve;
use crate::domain::template::{Approval, Template, Variable};
use crate::events::timestamp;
use crate::store::view::Shown;

/// Most parameters of a form that are looked at.
const MOST_PARAMETERS: usize = 200;

/// How many rows a page has: 1 to 100, 0 is 50.
pub(super) fn limit(asked: i32) -> Result<i64, Error> {
    match asked {
        0 => Ok(50),
        1..=100 => Ok(asked.into()),
        _ => Err(Invalid::new("limit", "out_of_range").into()),
    }
}

/// The message after which a page begins.
pub(super) fn cursor(text: &str) -> Result<Option<Uuid>, Error> {
    match text {
        "" => Ok(None),
        text => text.parse().map(Some).map_err(|_| Invalid::new("cursor", "not_a_cursor").into()),
    }
}

/// The address after which a page of a snapshot begins: a sender, a dot, the hash in hexadecimal.
pub(super) fn address(text: &str) -> Result<Option<(Uuid, Vec<u8>)>, Error> {
    if text.is_empty() {
        return Ok(None);
    }
    let read = || {
        let (sender, hash) = text.split_once('.')?;
        Some((sender.parse().ok()?, hex::decode(hash).ok()?))
    };
    read().map(Some).ok_or_else(|| Invalid::new("cursor", "not_a_cursor").into())
}

pub(super) fn written_address((sender, hash): (Uuid, Vec<u8>)) -> String {
    format!("{sender}.{}", hex::encode(hash))
}

/// A place among threads: microseconds since 1970, a dot, a thread's id.
pub(super) fn place(text: &str) -> Result<Option<(DateTime<Utc>, Uuid)>, Error> {
    if text.is_empty() {
        return Ok(None);
    }
    let read = || {
        let (micros, thread) = text.split_once('.')?;
        Some((DateTime::from_timestamp_micros(micros.parse().ok()?)?, thread.parse().ok()?))
    };
    read().map(Some).ok_or_else(|| Invalid::new("cursor", "not_a_cursor").into())
}

pub(super) fn optional_business(text: &str) -> Result<Option<BusinessId>, Error> {
    if text.is_empty() { Ok(None) } else { Ok(Some(text.parse()?)) }
}

pub(super) fn optional_customer(text: &str) -> Result<Option<CustomerId>, Error> {
    if text.is_empty() { Ok(None) } else { Ok(Some(text.parse()?)) }
}

pub(super) fn form(path_and_query: String, signature: String, parameters: Vec<pb::Parameter>) -> Form {
    let parameters = parameters.into_iter().take(MOST_PARAMETERS).map(|one| (one.name, one.value));
    Form { path_and_query, signature, parameters: parameters.collect() }
}

pub(super) fn message(shown: Shown) -> pb::Message {
    pb::Message {
        message_id: shown.message.to_string(),
        customer_id: shown.customer.map(|id| id.to_string()).unwrap_or_default(),
        campaign_id: shown.campaign.map(|id| id.to_string()).unwrap_or_default(),
        direction: if shown.is_inbound { "in" } else { "out" }.to_owned(),
        category: shown.category,
        template: shown.template,
        text: shown.text.unwrap_or_default(),
        status: shown.status,
        reason: shown.reason,
        attempts: shown.attempts,
        cost_cents: shown.cost_cents,
        created_at: Some(timestamp(shown.created_at)),
        changed_at: Some(timestamp(shown.changed_at)),
        next_at: shown.next_at.map(timestamp),
        retryable: shown.is_retryable,
    }
}

pub(super) fn thread(thread: Thread) -> pb::Thread {
    pb::Thread {
        customer_id: thread.row.customer.map(|id| id.to_string()).unwrap_or_default(),
        thread_id: thread.row.thread.to_string(),
        address_end: thread.end,
        last: thread.last.map(message),
        unread: thread.row.unread,
        open_until: thread.open_until.map(timestamp),
    }
}

fn quality(counts: Counts, state: String, reason: String) -> pb::Quality {
    pb::Quality {
        delivered: counts.delivered,
        opted_out: counts.opted_out,
        blocked: counts.blocked,
        opt_out_rate: counts.opt_out_rate(),
        block_rate: counts.block_rate(),
        state: if state.is_empty() { "none".to_owned() } else { state },
        reason,
    }
}

fn tier(view: TierView) -> pb::Tier {
    pb::Tier {
        limit: view.limit,
        used: view.used,
        days_to_half: view.days_to_half,
        planned_per_day: view.planned_per_day,
    }
}

pub(super) fn account(account: Account) -> pb::GetAccountResponse {
    let (counts, state, reason) = account.quality;
    pb::GetAccountResponse {
        status: account.status.to_owned(),
        provider: account.provider,
        sender: account.sender,
        daily_budget_cents: account.daily.budget,
        daily_limit_cents: account.daily.limit,
        daily_spent_cents: account.daily.spent,
        monthly_budget_cents: account.monthly.budget,
        monthly_limit_cents: account.monthly.limit,
        monthly_spent_cents: account.monthly.spent,
        quality: Some(quality(counts, state, reason)),
        tier: account.tier.map(tier),
        held_by: account.held_by.to_owned(),
        circuit: account.circuit,
        quiet_from_hour: i32::try_from(hours::QUIET_FROM).unwrap_or(0),
        quiet_until_hour: i32::try_from(hours::QUIET_UNTIL).unwrap_or(0),
        waiting: account.waiting,
        dead: account.dead,
    }
}

pub(super) fn sender(view: SenderView) -> pb::Sender {
    let row = view.row;
    pb::Sender {
        sender_id: row.sender.to_string(),
        phone: row.phone,
        portfolio: row.portfolio,
        tier: Some(tier(view.tier)),
        messages_per_second: row.per_second,
        quality: Some(quality(view.counts, row.quality_state, row.quality_reason)),
        circuit: row.circuit,
        businesses: i32::try_from(row.businesses).unwrap_or(i32::MAX),
    }
}

pub(super) fn standing(view: StandingView) -> pb::Account {
    let row = view.row;
    pb::Account {
        business_id: row.business.to_string(),
        status: row.status,
        sender_id: row.sender.map(|id| id.to_string()).unwrap_or_default(),
        sender: row.phone.unwrap_or_default(),
        daily_limit_cents: row.daily_limit,
        daily_budget_cents: reserve::budget(row.daily_budget, row.daily_limit),
        monthly_limit_cents: row.monthly_limit,
        monthly_budget_cents: reserve::budget(row.monthly_budget, row.monthly_limit),
        weight: row.weight,
        quality: Some(quality(view.counts, row.quality_state, row.quality_reason)),
        sender_state: row.sender_quality.unwrap_or_else(|| "none".to_owned()),
    }
}

pub(super) fn template(template: Template) -> pb::Template {
    let variables = template.variables.into_iter();
    pb::Template {
        name: template.name,
        language: template.language.as_str().to_owned(),
        category: template.category.as_str().to_owned(),
        body: template.body,
        variables: variables.map(|one| pb::Variable { name: one.name, sample: one.sample }).collect(),
        status: template.approval.as_str().to_owned(),
        content_sid: template.content_sid,
        reason: template.reason,
    }
}

pub(super) fn language(field: &str, word: &str) -> Result<Locale, Error> {
    Locale::from_word(word).ok_or_else(|| Invalid::new(field, "unknown").into())
}

/// What the operator may say of a template: nobody can say that WhatsApp has not said.
pub(super) fn judged(field: &str, word: &str) -> Result<Approval, Error> {
    let judged = Approval::from_word(word).filter(|approval| *approval != Approval::Pending);
    judged.ok_or_else(|| Invalid::new(field, "unknown").into())
}

pub(super) fn read_template(given: pb::Template) -> Result<Template, Error> {
    let language = language("template.language", &given.language)?;
    let category = Category::from_word(&given.category);
    let approval = Approval::from_word(&given.status);
    Ok(Template {
        name: given.name,
        language,
        category: category.ok_or_else(|| Invalid::new("template.category", "unknown"))?,
        body: given.body,
        variables: given
            .variables
            .into_iter()
            .map(|one| Variable { name: one.name, sample: one.sample })
            .collect(),
        approval: approval.ok_or_else(|| Invalid::new("template.status", "unknown"))?,
        content_sid: given.content_sid,
        reason: given.reason,
    })
}
