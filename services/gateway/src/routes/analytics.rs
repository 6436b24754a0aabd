//! Figures between two days, as JSON or CSV.

use std::collections::HashMap;

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use proto::{analytics as wire, enrollment};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::dashboard::{Day, Figures};
use crate::auth::Caller;
use crate::csv;
use crate::error::Refusal;
use crate::json::{Json, Query};
use crate::platform::Shared;

/// Between which days, and in which form.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Stretch {
    /// The first day, `YYYY-MM-DD` in the business's zone. Without both days, the last thirty.
    #[serde(default)]
    #[param(required = false)]
    from: String,
    /// The last day, included.
    #[serde(default)]
    #[param(required = false)]
    to: String,
    /// `json` or `csv`.
    #[serde(default)]
    #[param(inline)]
    format: Option<Format>,
}

#[derive(Clone, Copy, Default, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum Format {
    #[default]
    Json,
    Csv,
}

impl Stretch {
    fn days(&self) -> (String, String) {
        (self.from.clone(), self.to.clone())
    }

    fn is_csv(&self) -> bool {
        matches!(self.format, Some(Format::Csv))
    }
}

/// Daily figures.
#[derive(Serialize, ToSchema)]
pub(crate) struct Overview {
    days: Vec<Day>,
    total: Figures,
    /// The stretch of the same length just before.
    before: Figures,
}

/// Daily figures between two days, and those of the stretch before.
#[utoipa::path(
    get, path = "/api/v1/analytics/overview", tag = "analytics", operation_id = "getOverview",
    security(("bearer" = []), ("api_key" = [])), params(Stretch),
    responses((status = 200, description = "The figures", content((Overview = "application/json"), (String = "text/csv"))))
)]
pub(crate) async fn overview(
    State(platform): State<Shared>,
    caller: Caller,
    Query(stretch): Query<Stretch>,
) -> Result<Response, Refusal> {
    let (from, to) = stretch.days();
    let question = caller.request(wire::GetOverviewRequest { from, to });
    let answer = platform.analytics().get_overview(question).await?.into_inner();
    let overview = Overview {
        days: answer.days.into_iter().map(Day::from).collect(),
        total: answer.total.unwrap_or_default().into(),
        before: answer.before.unwrap_or_default().into(),
    };
    if !stretch.is_csv() {
        return Ok(Json(overview).into_response());
    }
    let mut table = csv::Table::new(&[
        "day",
        "stamps",
        "enrollments",
        "rewards_unlocked",
        "rewards_redeemed",
        "visitors",
        "messages_sent",
        "messages_delivered",
        "messages_read",
        "messages_failed",
        "opted_out",
        "messages_cost_cents",
    ]);
    for Day { day, figures } in overview.days {
        let numbers = [
            figures.stamps,
            figures.enrollments,
            figures.rewards_unlocked,
            figures.rewards_redeemed,
            figures.visitors,
            figures.messages.sent,
            figures.messages.delivered,
            figures.messages.read,
            figures.messages.failed,
            figures.messages.opted_out,
            figures.messages.cost_cents,
        ];
        table.row(std::iter::once(day).chain(numbers.iter().map(i64::to_string)));
    }
    Ok(table.into_download("resumen.csv"))
}

#[derive(Serialize, ToSchema)]
pub(crate) struct Heatmap {
    cells: Vec<HeatmapCell>,
}

#[derive(Serialize, ToSchema)]
struct HeatmapCell {
    /// 1 Monday to 7 Sunday.
    #[schema(minimum = 1, maximum = 7)]
    weekday: i32,
    #[schema(minimum = 0, maximum = 23)]
    hour: i32,
    stamps: i64,
}

/// Stamps by weekday and hour.
#[utoipa::path(
    get, path = "/api/v1/analytics/heatmap", tag = "analytics", operation_id = "getHeatmap",
    security(("bearer" = []), ("api_key" = [])), params(Stretch),
    responses((status = 200, description = "The figures", content((Heatmap = "application/json"), (String = "text/csv"))))
)]
pub(crate) async fn heatmap(
    State(platform): State<Shared>,
    caller: Caller,
    Query(stretch): Query<Stretch>,
) -> Result<Response, Refusal> {
    let (from, to) = stretch.days();
    let question = caller.request(wire::GetHeatmapRequest { from, to });
    let cells = platform.analytics().get_heatmap(question).await?.into_inner().cells;
    if stretch.is_csv() {
        let mut table = csv::Table::new(&["weekday", "hour", "stamps"]);
        for cell in cells {
            table.row([cell.weekday.to_string(), cell.hour.to_string(), cell.stamps.to_string()]);
        }
        return Ok(table.into_download("horas.csv"));
    }
    let cell =
        |cell: wire::HeatmapCell| HeatmapCell { weekday: cell.weekday, hour: cell.hour, stamps: cell.stamps };
    Ok(Json(Heatmap { cells: cells.into_iter().map(cell).collect() }).into_response())
}

#[derive(Serialize, ToSchema)]
pub(crate) struct MembersFigures {
    members: Vec<MemberFigures>,
}

#[derive(Serialize, ToSchema)]
struct MemberFigures {
    #[schema(value_type = Uuid)]
    member_id: String,
    /// Null for a member who is gone.
    name: Option<String>,
    stamps: i64,
    stamps_by_search: i64,
    voids: i64,
    rewards_redeemed: i64,
}

/// Figures by member.
#[utoipa::path(
    get, path = "/api/v1/analytics/members", tag = "analytics", operation_id = "getMemberFigures",
    security(("bearer" = [])), params(Stretch),
    responses((status = 200, description = "The figures", content((MembersFigures = "application/json"), (String = "text/csv"))))
)]
pub(crate) async fn members(
    State(platform): State<Shared>,
    caller: Caller,
    Query(stretch): Query<Stretch>,
) -> Result<Response, Refusal> {
    let (from, to) = stretch.days();
    let (mut analytics, mut business) = (platform.analytics(), platform.business());
    let (figures, team) = tokio::try_join!(
        analytics.get_members(caller.request(wire::GetMembersRequest { from, to })),
        business.list_members(caller.request(enrollment::ListMembersRequest {})),
    )?;
    let team = team.into_inner().members.into_iter();
    let mut names: HashMap<String, String> = team.map(|member| (member.member_id, member.name)).collect();
    let with_name = |figures: wire::MemberFigures| MemberFigures {
        name: names.remove(&figures.member_id),
        member_id: figures.member_id,
        stamps: figures.stamps,
        stamps_by_search: figures.stamps_by_search,
        voids: figures.voids,
        rewards_redeemed: figures.rewards_redeemed,
    };
    let members: Vec<MemberFigures> = figures.into_inner().members.into_iter().map(with_name).collect();
    if !stretch.is_csv() {
        return Ok(Json(MembersFigures { members }).into_response());
    }
    let mut table =
        csv::Table::new(&["member_id", "name", "stamps", "stamps_by_search", "voids", "rewards_redeemed"]);
    for member in members {
        let numbers = [member.stamps, member.stamps_by_search, member.voids, member.rewards_redeemed];
        let words = [member.member_id, member.name.unwrap_or_default()];
        table.row(words.into_iter().chain(numbers.iter().map(i64::to_string)));
    }
    Ok(table.into_download("equipo.csv"))
}
