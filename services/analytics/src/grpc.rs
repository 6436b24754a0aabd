//! Questions from the wire, and answers to it.

use std::sync::Arc;

use boot::auth::Verifier;
use chrono::{DateTime, NaiveDate, Utc};
use futures::stream::{BoxStream, StreamExt, TryStreamExt};
use kernel::Invalid;
use prost_types::Timestamp;
use proto::analytics as pb;
use tonic::{Request, Response, Status};

use crate::app::questions::{App, Dashboard, Overview};
use crate::domain::dashboard::Hour;
use crate::domain::fact::Recorded;
use crate::domain::figures::{Figures, MessageSums};
use crate::domain::segment::Segment;
use crate::error::Error;
use crate::store::slot::BusinessDay;

/// The service on the wire.
pub(crate) struct Grpc {
    pub(crate) app: App,
    pub(crate) verifier: Arc<Verifier>,
    /// Reads the facts of owners as the consumer does.
    pub(crate) told: fn(&[pb::RebuildFact]) -> Vec<Recorded>,
}

type Answer<T> = Result<Response<T>, Status>;

#[tonic::async_trait]
impl pb::analytics_service_server::AnalyticsService for Grpc {
    async fn get_dashboard(
        &self,
        request: Request<pb::GetDashboardRequest>,
    ) -> Answer<pb::GetDashboardResponse> {
        let caller = self.verifier.caller(request.metadata()).await?;
        Ok(Response::new(self.app.dashboard(&caller).await?.into()))
    }

    async fn get_overview(
        &self,
        request: Request<pb::GetOverviewRequest>,
    ) -> Answer<pb::GetOverviewResponse> {
        let caller = self.verifier.caller(request.metadata()).await?;
        let pb::GetOverviewRequest { from, to } = request.into_inner();
        Ok(Response::new(self.app.overview(&caller, &from, &to).await?.into()))
    }

    async fn get_heatmap(&self, request: Request<pb::GetHeatmapRequest>) -> Answer<pb::GetHeatmapResponse> {
        let caller = self.verifier.caller(request.metadata()).await?;
        let pb::GetHeatmapRequest { from, to } = request.into_inner();
        let cells = self.app.heatmap(&caller, &from, &to).await?;
        let cells = cells.into_iter().map(|((weekday, hour), stamps)| pb::HeatmapCell {
            weekday: weekday as i32,
            hour: hour as i32,
            stamps,
        });
        Ok(Response::new(pb::GetHeatmapResponse { cells: cells.collect() }))
    }

    async fn get_members(&self, request: Request<pb::GetMembersRequest>) -> Answer<pb::GetMembersResponse> {
        let caller = self.verifier.caller(request.metadata()).await?;
        let pb::GetMembersRequest { from, to } = request.into_inner();
        let members = self.app.members(&caller, &from, &to).await?;
        let members = members.into_iter().map(|(member, sums)| pb::MemberFigures {
            member_id: member.to_string(),
            stamps: sums.stamps,
            stamps_by_search: sums.stamps_by_search,
            voids: sums.voids,
            rewards_redeemed: sums.rewards_redeemed,
        });
        Ok(Response::new(pb::GetMembersResponse { members: members.collect() }))
    }

    async fn list_segment(
        &self,
        request: Request<pb::ListSegmentRequest>,
    ) -> Answer<pb::ListSegmentResponse> {
        let caller = self.verifier.caller(request.metadata()).await?;
        let asked = request.into_inner();
        let segment = Segment::parse(&asked.segment).map_err(Error::from)?;
        let after = match asked.cursor.as_str() {
            "" => None,
            text => Some(text.parse().map_err(|_| Error::from(Invalid::new("cursor", "not_a_cursor")))?),
        };
        let page = self.app.segment(&caller, segment, after, page_size(asked.limit)).await?;
        Ok(Response::new(pb::ListSegmentResponse {
            customer_ids: page.customers.iter().map(ToString::to_string).collect(),
            next_cursor: page.next.map(|id| id.to_string()).unwrap_or_default(),
            total: i64::try_from(page.total).unwrap_or(i64::MAX),
        }))
    }

    async fn get_progress(
        &self,
        request: Request<pb::GetProgressRequest>,
    ) -> Answer<pb::GetProgressResponse> {
        let caller = self.verifier.caller(request.metadata()).await?;
        let pending = self.app.pending(&caller).await?;
        Ok(Response::new(pb::GetProgressResponse { pending: i64::try_from(pending).unwrap_or(i64::MAX) }))
    }

    async fn rebuild(&self, request: Request<pb::RebuildRequest>) -> Answer<pb::RebuildResponse> {
        let caller = self.verifier.caller(request.metadata()).await?;
        let asked = request.into_inner();
        let counted = self.app.rebuild(&caller, asked.begin, &(self.told)(&asked.facts)).await?;
        Ok(Response::new(pb::RebuildResponse { counted: i64::try_from(counted).unwrap_or(i64::MAX) }))
    }

    type SummarizeDaysStream = BoxStream<'static, Result<pb::SummarizeDaysResponse, Status>>;

    async fn summarize_days(
        &self,
        request: Request<pb::SummarizeDaysRequest>,
    ) -> Answer<Self::SummarizeDaysStream> {
        let caller = self.verifier.caller(request.metadata()).await?;
        let answer =
            self.app.all_days(&caller)?.map_err(Status::from).map_ok(|days| pb::SummarizeDaysResponse {
                days: days.into_iter().map(Into::into).collect(),
            });
        Ok(Response::new(answer.boxed()))
    }
}

/// 50 unless asked; 200 at most.
fn page_size(asked: i32) -> usize {
    if asked == 0 { 50 } else { asked.clamp(1, 200) as usize }
}

impl From<BusinessDay> for pb::BusinessDay {
    fn from(day: BusinessDay) -> Self {
        Self {
            business_id: day.business.to_string(),
            day: day.day.to_string(),
            stamps: day.stamps,
            rewards_unlocked: day.rewards_unlocked,
            rewards_redeemed: day.rewards_redeemed,
        }
    }
}

impl From<Dashboard> for pb::GetDashboardResponse {
    fn from(dashboard: Dashboard) -> Self {
        Self {
            as_of: Some(timestamp(dashboard.as_of)),
            today: Some(dashboard.today.into()),
            yesterday: Some(dashboard.yesterday.into()),
            last_week: Some(dashboard.last_week.into()),
            yesterday_by_now: Some(dashboard.yesterday_by_now.into()),
            last_week_by_now: Some(dashboard.last_week_by_now.into()),
            hours: dashboard.hours.into_iter().map(Into::into).collect(),
            days: dashboard.days.into_iter().map(day_figures).collect(),
            active_customers: dashboard.standing.active,
            returning_customers: dashboard.standing.returning,
            at_risk_customers: dashboard.standing.at_risk,
            customers_total: dashboard.totals.customers,
            rewards_open: dashboard.totals.open.rewards,
            rewards_open_cents: dashboard.totals.open.cost_cents,
            time_zone: dashboard.zone.name().to_owned(),
        }
    }
}

impl From<Overview> for pb::GetOverviewResponse {
    fn from(overview: Overview) -> Self {
        Self {
            days: overview.days.into_iter().map(day_figures).collect(),
            total: Some(overview.total.into()),
            before: Some(overview.before.into()),
        }
    }
}

impl From<Figures> for pb::Figures {
    fn from(figures: Figures) -> Self {
        Self {
            stamps: figures.sums.stamps,
            enrollments: figures.sums.enrollments,
            rewards_unlocked: figures.sums.rewards_unlocked,
            rewards_redeemed: figures.sums.rewards_redeemed,
            visitors: figures.visitors,
            messages: (figures.messages != MessageSums::default()).then(|| figures.messages.into()),
        }
    }
}

impl From<MessageSums> for pb::MessageFigures {
    fn from(sums: MessageSums) -> Self {
        Self {
            sent: sums.sent,
            delivered: sums.delivered,
            read: sums.read,
            failed: sums.failed,
            opted_out: sums.opted_out,
            cost_cents: sums.cost_cents,
        }
    }
}

fn day_figures((day, figures): (NaiveDate, Figures)) -> pb::DayFigures {
    pb::DayFigures { day: day.to_string(), figures: Some(figures.into()) }
}

impl From<Hour> for pb::HourFigures {
    fn from(hour: Hour) -> Self {
        Self {
            hour: hour.hour as i32,
            stamps: hour.stamps,
            normal_low: hour.normal_low,
            normal_high: hour.normal_high,
        }
    }
}

fn timestamp(at: DateTime<Utc>) -> Timestamp {
    Timestamp { seconds: at.timestamp(), nanos: at.timestamp_subsec_nanos() as i32 }
}
