//! The panel's first screen.

use axum::extract::State;
use chrono::{DateTime, Utc};
use proto::analytics as wire;
use serde::Serialize;
use utoipa::ToSchema;

use crate::auth::Caller;
use crate::error::Refusal;
use crate::json::Json;
use crate::platform::{Platform, Shared};
use crate::wire::time;

/// What a stretch of time brought.
#[derive(Serialize, ToSchema)]
pub(crate) struct Figures {
    pub(crate) stamps: i64,
    pub(crate) enrollments: i64,
    pub(crate) rewards_unlocked: i64,
    pub(crate) rewards_redeemed: i64,
    /// Distinct cards stamped.
    pub(crate) visitors: i64,
    pub(crate) messages: MessageFigures,
}

/// What became of messages. Each counts once a state, at the time it came to it.
#[derive(Serialize, ToSchema)]
pub(crate) struct MessageFigures {
    /// Handed over to WhatsApp.
    pub(crate) sent: i64,
    pub(crate) delivered: i64,
    pub(crate) read: i64,
    /// Given up, and not tried again since.
    pub(crate) failed: i64,
    /// Times somebody wanted no more of them.
    pub(crate) opted_out: i64,
    /// What those handed over cost, in céntimos; at the time they were.
    pub(crate) cost_cents: i64,
}

impl From<wire::MessageFigures> for MessageFigures {
    fn from(figures: wire::MessageFigures) -> Self {
        Self {
            sent: figures.sent,
            delivered: figures.delivered,
            read: figures.read,
            failed: figures.failed,
            opted_out: figures.opted_out,
            cost_cents: figures.cost_cents,
        }
    }
}

impl From<wire::Figures> for Figures {
    fn from(figures: wire::Figures) -> Self {
        Self {
            stamps: figures.stamps,
            enrollments: figures.enrollments,
            rewards_unlocked: figures.rewards_unlocked,
            rewards_redeemed: figures.rewards_redeemed,
            visitors: figures.visitors,
            messages: figures.messages.unwrap_or_default().into(),
        }
    }
}

/// A day's figures.
#[derive(Serialize, ToSchema)]
pub(crate) struct Day {
    /// `YYYY-MM-DD` in the business's zone.
    #[schema(format = Date)]
    pub(crate) day: String,
    #[serde(flatten)]
    pub(crate) figures: Figures,
}

impl From<wire::DayFigures> for Day {
    fn from(day: wire::DayFigures) -> Self {
        Self { day: day.day, figures: day.figures.unwrap_or_default().into() }
    }
}

/// An hour of today beside what is normal for it.
#[derive(Serialize, ToSchema)]
struct Hour {
    #[schema(minimum = 0, maximum = 23)]
    hour: i32,
    stamps: i64,
    /// The 25th percentile of this hour on this weekday.
    normal_low: f64,
    /// The 75th.
    normal_high: f64,
}

/// What the panel's first screen shows.
#[derive(Serialize, ToSchema)]
pub(crate) struct Dashboard {
    as_of: Option<DateTime<Utc>>,
    time_zone: String,
    today: Figures,
    yesterday: Figures,
    /// The same weekday one week before.
    last_week: Figures,
    /// Up to this time of the day.
    yesterday_by_now: Figures,
    last_week_by_now: Figures,
    /// 24 rows.
    hours: Vec<Hour>,
    /// The last 30 days, oldest first, today included.
    days: Vec<Day>,
    active_customers: i64,
    returning_customers: i64,
    at_risk_customers: i64,
    customers_total: i64,
    rewards_open: i64,
    /// What the open rewards would cost.
    rewards_open_cents: i64,
}

impl From<wire::GetDashboardResponse> for Dashboard {
    fn from(answer: wire::GetDashboardResponse) -> Self {
        let figures = |figures: Option<wire::Figures>| Figures::from(figures.unwrap_or_default());
        let hour = |hour: wire::HourFigures| Hour {
            hour: hour.hour,
            stamps: hour.stamps,
            normal_low: hour.normal_low,
            normal_high: hour.normal_high,
        };
        Self {
            as_of: time(answer.as_of),
            time_zone: answer.time_zone,
            today: figures(answer.today),
            yesterday: figures(answer.yesterday),
            last_week: figures(answer.last_week),
            yesterday_by_now: figures(answer.yesterday_by_now),
            last_week_by_now: figures(answer.last_week_by_now),
            hours: answer.hours.into_iter().map(hour).collect(),
            days: answer.days.into_iter().map(Day::from).collect(),
            active_customers: answer.active_customers,
            returning_customers: answer.returning_customers,
            at_risk_customers: answer.at_risk_customers,
            customers_total: answer.customers_total,
            rewards_open: answer.rewards_open,
            rewards_open_cents: answer.rewards_open_cents,
        }
    }
}

impl Platform {
    pub(crate) async fn dashboard(&self, caller: &Caller) -> Result<Dashboard, Refusal> {
        let answer = self.analytics().get_dashboard(caller.request(wire::GetDashboardRequest {})).await?;
        Ok(answer.into_inner().into())
    }
}

/// How today is, against days like it.
#[utoipa::path(
    get, path = "/api/v1/dashboard", tag = "analytics", operation_id = "getDashboard",
    security(("bearer" = []), ("api_key" = [])),
    responses((status = 200, description = "The figures", body = Dashboard))
)]
pub(crate) async fn get(State(platform): State<Shared>, caller: Caller) -> Result<Json<Dashboard>, Refusal> {
    platform.dashboard(&caller).await.map(Json)
}
