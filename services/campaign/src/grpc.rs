//! Wire to call, answer to wire.

mod audience;

use std::sync::Arc;

use boot::auth::Verifier;
use chrono::{DateTime, SubsecRound, Utc};
use kernel::{BusinessId, CampaignId, Invalid};
use prost_types::Timestamp;
use proto::campaign as pb;
use proto::campaign::campaign_service_server::CampaignService;
use tonic::{Request, Response, Status};

use crate::Error;
use crate::app::{App, CATEGORY, Command, New, Part, Question, Shown, Told};
use crate::domain::audience::Audience;
use crate::domain::campaign::{ChannelPolicy, Edit};
use crate::domain::lift::{Group, Interval};
use crate::domain::trigger::Trigger;
use crate::domain::wording::{self, Wording};
use crate::events::{counts, timestamp};

/// The service on the wire.
pub(crate) struct Grpc {
    pub(crate) app: Arc<App>,
    pub(crate) verifier: Arc<Verifier>,
    /// Reads the facts of owners as the consumer does.
    pub(crate) told: fn(&[pb::RebuildFact]) -> Vec<(BusinessId, Told)>,
}

type Answer<T> = Result<Response<T>, Status>;

impl Grpc {
    async fn command<T>(
        &self,
        request: Request<T>,
        id: impl Fn(T) -> String,
        command: Command,
    ) -> Result<pb::Campaign, Status> {
        let caller = self.verifier.caller(request.metadata()).await?;
        let id = campaign_id(&id(request.into_inner()))?;
        Ok(campaign(self.app.command(&caller, id, command).await?))
    }
}

#[tonic::async_trait]
impl CampaignService for Grpc {
    async fn preview_audience(
        &self,
        request: Request<pb::PreviewAudienceRequest>,
    ) -> Answer<pb::PreviewAudienceResponse> {
        let caller = self.verifier.caller(request.metadata()).await?;
        let asked = request.into_inner();
        let question = question(asked)?;
        let preview = self.app.preview(&caller, &question).await?;
        Ok(Response::new(pb::PreviewAudienceResponse {
            count: preview.count,
            reachable: preview.reachable,
            excluded: Some(pb::Excluded {
                erased: preview.erased,
                opted_out: preview.opted_out,
                no_consent: preview.no_consent,
                capped: preview.capped,
                holdout: preview.holdout,
                no_pass: preview.no_pass,
            }),
            cost: Some(pb::Cost {
                amount_cents: preview.cost.amount_cents,
                currency: preview.cost.currency,
                prices_of: preview.cost.prices_of,
            }),
            by_wallet: preview.by_wallet,
            tier_left: preview.tier_left,
        }))
    }

    async fn list_campaigns(
        &self,
        request: Request<pb::ListCampaignsRequest>,
    ) -> Answer<pb::ListCampaignsResponse> {
        let caller = self.verifier.caller(request.metadata()).await?;
        let asked = request.into_inner();
        let before = match asked.cursor.as_str() {
            "" => None,
            cursor => Some(cursor.parse().map_err(|_| Error::from(Invalid::new("cursor", "not_a_cursor")))?),
        };
        let (found, next) = self.app.list(&caller, &asked.status, asked.limit, before).await?;
        Ok(Response::new(pb::ListCampaignsResponse {
            campaigns: found.into_iter().map(campaign).collect(),
            next_cursor: next.map(|id| id.to_string()).unwrap_or_default(),
        }))
    }

    async fn get_campaign(
        &self,
        request: Request<pb::GetCampaignRequest>,
    ) -> Answer<pb::GetCampaignResponse> {
        let caller = self.verifier.caller(request.metadata()).await?;
        let id = campaign_id(&request.into_inner().campaign_id)?;
        let shown = self.app.get(&caller, id).await?;
        Ok(Response::new(pb::GetCampaignResponse { campaign: Some(campaign(shown)) }))
    }

    async fn create_campaign(
        &self,
        request: Request<pb::CreateCampaignRequest>,
    ) -> Answer<pb::CreateCampaignResponse> {
        let caller = self.verifier.caller(request.metadata()).await?;
        let new = new(request.into_inner())?;
        let shown = self.app.create(&caller, new).await?;
        Ok(Response::new(pb::CreateCampaignResponse { campaign: Some(campaign(shown)) }))
    }

    async fn update_campaign(
        &self,
        request: Request<pb::UpdateCampaignRequest>,
    ) -> Answer<pb::UpdateCampaignResponse> {
        let caller = self.verifier.caller(request.metadata()).await?;
        let asked = request.into_inner();
        let id = campaign_id(&asked.campaign_id)?;
        let shown = self.app.update(&caller, id, edit(asked)?).await?;
        Ok(Response::new(pb::UpdateCampaignResponse { campaign: Some(campaign(shown)) }))
    }

    async fn launch_campaign(
        &self,
        request: Request<pb::LaunchCampaignRequest>,
    ) -> Answer<pb::LaunchCampaignResponse> {
        let caller = self.verifier.caller(request.metadata()).await?;
        let id = campaign_id(&request.into_inner().campaign_id)?;
        let shown = self.app.launch(&caller, id).await?;
        Ok(Response::new(pb::LaunchCampaignResponse { campaign: Some(campaign(shown)) }))
    }

    async fn pause_campaign(
        &self,
        request: Request<pb::PauseCampaignRequest>,
    ) -> Answer<pb::PauseCampaignResponse> {
        let campaign = self.command(request, |asked| asked.campaign_id, Command::Pause).await?;
        Ok(Response::new(pb::PauseCampaignResponse { campaign: Some(campaign) }))
    }

    async fn resume_campaign(
        &self,
        request: Request<pb::ResumeCampaignRequest>,
    ) -> Answer<pb::ResumeCampaignResponse> {
        let campaign = self.command(request, |asked| asked.campaign_id, Command::Resume).await?;
        Ok(Response::new(pb::ResumeCampaignResponse { campaign: Some(campaign) }))
    }

    async fn cancel_campaign(
        &self,
        request: Request<pb::CancelCampaignRequest>,
    ) -> Answer<pb::CancelCampaignResponse> {
        let campaign = self.command(request, |asked| asked.campaign_id, Command::Cancel).await?;
        Ok(Response::new(pb::CancelCampaignResponse { campaign: Some(campaign) }))
    }

    async fn get_failures(
        &self,
        request: Request<pb::GetFailuresRequest>,
    ) -> Answer<pb::GetFailuresResponse> {
        let caller = self.verifier.caller(request.metadata()).await?;
        let id = campaign_id(&request.into_inner().campaign_id)?;
        let failures = self.app.failures(&caller, id).await?;
        let failures = failures.into_iter().map(|(reason, count)| pb::Failure { reason, count }).collect();
        Ok(Response::new(pb::GetFailuresResponse { failures }))
    }

    async fn get_results(&self, request: Request<pb::GetResultsRequest>) -> Answer<pb::GetResultsResponse> {
        let caller = self.verifier.caller(request.metadata()).await?;
        let id = campaign_id(&request.into_inner().campaign_id)?;
        let results = self.app.results(&caller, id).await?;
        let told = &results.shown;
        Ok(Response::new(pb::GetResultsResponse {
            counts: Some(counts(&told.counts)),
            written: Some(group(results.written)),
            holdout: Some(group(results.holdout)),
            verdict: results.verdict.as_str().to_owned(),
            known_after: results.known_after.map(timestamp),
            // In visits for each hundred.
            lift: results.verdict.lift().map(|lift| interval(lift.times(100.0))),
            soles_per_sol: results.soles_per_sol.map(interval),
            cost: Some(cost(told)),
            opted_out: told.counts.opted_out,
        }))
    }

    async fn list_automations(
        &self,
        request: Request<pb::ListAutomationsRequest>,
    ) -> Answer<pb::ListAutomationsResponse> {
        let caller = self.verifier.caller(request.metadata()).await?;
        let found = self.app.automations(&caller).await?;
        Ok(Response::new(pb::ListAutomationsResponse {
            automations: found.into_iter().map(campaign).collect(),
        }))
    }

    async fn get_progress(
        &self,
        request: Request<pb::GetProgressRequest>,
    ) -> Answer<pb::GetProgressResponse> {
        let caller = self.verifier.caller(request.metadata()).await?;
        let (progress, unread) = self.app.progress(&caller).await?;
        Ok(Response::new(pb::GetProgressResponse {
            outbox_pending: progress.outbox,
            events_pending: i64::try_from(unread).unwrap_or(i64::MAX),
            campaigns_running: progress.running,
            sends_open: progress.open,
        }))
    }

    async fn rebuild(&self, request: Request<pb::RebuildRequest>) -> Answer<pb::RebuildResponse> {
        let caller = self.verifier.caller(request.metadata()).await?;
        let asked = request.into_inner();
        let part = Part { is_first: asked.begin, told: (self.told)(&asked.facts), is_last: asked.end };
        let counted = self.app.rebuild(&caller, part).await?;
        Ok(Response::new(pb::RebuildResponse { counted: i64::try_from(counted).unwrap_or(i64::MAX) }))
    }
}

fn campaign_id(text: &str) -> Result<CampaignId, Error> {
    Ok(text.parse()?)
}

/// What a request for a new campaign is read into, its wordings checked as before they are kept; or what is wrong with it.
pub fn read(asked: pb::CreateCampaignRequest) -> Result<(Option<Audience>, Vec<Wording>), Error> {
    let edit = new(asked)?.edit;
    let wordings = edit.wordings.unwrap_or_default();
    wording::check(&wordings)?;
    Ok((edit.audience, wordings))
}

fn question(asked: pb::PreviewAudienceRequest) -> Result<Question, Error> {
    Ok(Question {
        audience: audience::read(asked.audience)?,
        trigger: trigger(&asked.trigger)?,
        category: asked.category,
        policy: ChannelPolicy::parse(&asked.channel_policy)?,
        holdout_percent: asked.holdout_percent,
    })
}

/// None is a blast.
fn trigger(word: &str) -> Result<Option<Trigger>, Error> {
    Ok(if word.is_empty() { None } else { Some(Trigger::parse(word)?) })
}

fn new(asked: pb::CreateCampaignRequest) -> Result<New, Error> {
    let trigger = trigger(&asked.trigger)?;
    // An automation brings its own words and is for everybody, unless its owner says otherwise.
    let audience = match (asked.audience, trigger) {
        (None, Some(_)) => None,
        (audience, _) => Some(audience::read(audience)?),
    };
    let edit = Edit {
        name: match trigger {
            Some(_) if asked.name.is_empty() => None,
            _ => Some(asked.name),
        },
        audience,
        wordings: wordings(asked.wordings)?,
        policy: Some(ChannelPolicy::parse(&asked.channel_policy)?),
        wallet_days: Some(asked.wallet_days).filter(|days| *days != 0),
        holdout_percent: asked.holdout_percent,
        scheduled_at: asked.scheduled_at.map(moment).transpose()?.map(Some),
    };
    let operation = asked.operation_id.parse()?;
    Ok(New { operation, trigger, edit })
}

fn edit(asked: pb::UpdateCampaignRequest) -> Result<Edit, Error> {
    Ok(Edit {
        name: asked.name,
        audience: asked.audience.map(|wire| audience::read(Some(wire))).transpose()?,
        wordings: wordings(asked.wordings)?,
        policy: asked.channel_policy.as_deref().map(ChannelPolicy::parse).transpose()?,
        wallet_days: asked.wallet_days,
        holdout_percent: asked.holdout_percent,
        scheduled_at: match asked.clear_schedule {
            true => Some(None),
            false => asked.scheduled_at.map(moment).transpose()?.map(Some),
        },
    })
}

/// None is as they are.
fn wordings(asked: Vec<pb::CampaignWording>) -> Result<Option<Vec<Wording>>, Error> {
    let mut wordings = Vec::with_capacity(asked.len());
    for (at, wording) in asked.into_iter().enumerate() {
        wordings.push(Wording {
            language: audience::locale(&wording.language, &format!("wordings[{at}].language"))?,
            template: wording.template,
            variables: wording.variables,
            text: String::new(),
        });
    }
    Ok(Some(wordings).filter(|wordings| !wordings.is_empty()))
}

fn moment(at: Timestamp) -> Result<DateTime<Utc>, Error> {
    use chrono::Datelike;
    u32::try_from(at.nanos)
        .ok()
        .and_then(|nanos| DateTime::from_timestamp(at.seconds, nanos))
        .map(|at| at.trunc_subsecs(6))
        .filter(|at| (2000..=2199).contains(&at.year()))
        .ok_or_else(|| Invalid::new("scheduled_at", "not_a_moment").into())
}

fn campaign(shown: Shown) -> pb::Campaign {
    let cost = cost(&shown);
    let editable = shown.campaign.editable().as_str().to_owned();
    let Shown { campaign, counts: of, held_by } = shown;
    pb::Campaign {
        campaign_id: campaign.id.to_string(),
        kind: campaign.kind().to_owned(),
        name: campaign.name,
        status: campaign.status.as_str().to_owned(),
        version: campaign.version,
        audience: Some(audience::write(&campaign.audience)),
        trigger: campaign.trigger.map_or("", Trigger::as_str).to_owned(),
        wordings: campaign
            .wordings
            .into_iter()
            .map(|wording| pb::CampaignWording {
                language: wording.language.as_str().to_owned(),
                template: wording.template,
                variables: wording.variables,
            })
            .collect(),
        channel_policy: campaign.policy.as_str().to_owned(),
        wallet_days: campaign.wallet_days,
        holdout_percent: campaign.holdout_percent,
        scheduled_at: campaign.scheduled_at.map(timestamp),
        launched_at: campaign.launched_at.map(timestamp),
        ended_at: campaign.ended_at.map(timestamp),
        created_at: Some(timestamp(campaign.created_at)),
        counts: Some(counts(&of)),
        cost: Some(cost),
        held_by,
        category: CATEGORY.to_owned(),
        editable,
    }
}

fn cost(shown: &Shown) -> pb::Cost {
    pb::Cost {
        amount_cents: shown.counts.cost_cents,
        currency: "PEN".to_owned(),
        prices_of: shown.campaign.prices_of.clone(),
    }
}

fn group(group: Group) -> pb::Group {
    pb::Group { customers: group.customers, came_back: group.came_back }
}

fn interval(interval: Interval) -> pb::Interval {
    pb::Interval { low: interval.low, middle: interval.middle, high: interval.high }
}
