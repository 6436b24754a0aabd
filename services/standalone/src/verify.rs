//! `sello verify`: the ledger against the cards, the cards against the figures, and nothing left on the way.

use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::bail;
use proto::analytics::analytics_service_client::AnalyticsServiceClient;
use proto::analytics::{BusinessDay, GetProgressRequest, SummarizeDaysRequest};
use proto::campaign::campaign_service_client::CampaignServiceClient;
use proto::enrollment::SummarizeEnrollmentsRequest;
use proto::enrollment::customer_service_client::CustomerServiceClient;
use proto::messaging::messaging_service_client::MessagingServiceClient;
use proto::stamping::stamping_service_client::StampingServiceClient;
use proto::stamping::{LedgerDay, SummarizeLedgerRequest, VerifyRequest, VerifyResponse};
use proto::wallet_pass::wallet_pass_service_client::WalletPassServiceClient;

use crate::greeting::say;
use crate::options::Options;
use crate::platform::Platform;
use crate::reached::{Operator, Reached};

/// How long what is on its way may take to arrive.
const DRAIN: Duration = Duration::from_secs(30);
/// How often that is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(200);

/// Compares everything with everything; success only if all agree.
pub(crate) async fn verify(options: Options) -> anyhow::Result<ExitCode> {
    let reached = Reached::by(&options).await?;
    let drift = compare(&reached.platform, &reached.operator).await;
    reached.leave().await?;
    let drift = drift?;
    say(&format!("drift {drift}"));
    Ok(if drift == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

pub(crate) async fn compare(platform: &Platform, operator: &Operator) -> anyhow::Result<i64> {
    let begun = Instant::now();
    loop {
        let in_time = begun.elapsed() < DRAIN;
        match look(platform, operator).await {
            // A stamp between two readings shows as a difference that the next look does not have.
            Ok(Look { left, figures, .. }) if in_time && (left > 0 || !figures.is_empty()) => {}
            Ok(look) => return Ok(look.tell()),
            // The broker's connection may still be on its way up, or the database busy with others who compare.
            Err(error) if in_time && is_passing(&error) => {}
            Err(error) => return Err(error),
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

/// What one look has found.
struct Look {
    /// Events on their way.
    left: i64,
    /// Days on which the figures and the ledger differ.
    figures: Vec<String>,
    report: VerifyResponse,
}

impl Look {
    /// Says what was found; returns how much of it is wrong.
    fn tell(&self) -> i64 {
        let Self { left, figures, report } = self;
        say(&format!(
            "cards {}   ledger entries {}   outbox and consumers behind by {left}",
            report.cards, report.entries
        ));
        for drift in &report.drifts {
            say(&format!(
                "card {}: {} is {}, its ledger says {}",
                drift.card_id, drift.what, drift.recorded, drift.rebuilt
            ));
        }
        figures.iter().for_each(|line| say(line));
        report.drifted + figures.len() as i64 + left
    }
}

async fn look(platform: &Platform, operator: &Operator) -> anyhow::Result<Look> {
    let left = left_on_the_way(platform, operator).await?;
    let figures = differing_days(platform, operator, left == 0).await?;
    let request = operator.asks(VerifyRequest {}).await?;
    let report = StampingServiceClient::new(platform.links.stamping.clone()).verify(request).await?;
    Ok(Look { left, figures, report: report.into_inner() })
}

/// Waits until nothing is on its way.
pub(crate) async fn drained(platform: &Platform, operator: &Operator) -> anyhow::Result<()> {
    let begun = Instant::now();
    loop {
        match left_on_the_way(platform, operator).await {
            Ok(0) => return Ok(()),
            Err(error) if !is_passing(&error) => return Err(error),
            _ if begun.elapsed() > DRAIN => {
                bail!("events are still on their way after {} s", DRAIN.as_secs())
            }
            _ => tokio::time::sleep(LOOK_EVERY).await,
        }
    }
}

fn is_passing(error: &anyhow::Error) -> bool {
    error.downcast_ref::<tonic::Status>().is_some_and(|status| status.code() == tonic::Code::Unavailable)
}

/// Events that are not in the stream yet, or not in the figures.
async fn left_on_the_way(platform: &Platform, operator: &Operator) -> anyhow::Result<i64> {
    let request = operator.asks(GetProgressRequest {}).await?;
    let progress = AnalyticsServiceClient::new(platform.links.analytics.clone())
        .get_progress(request)
        .await?
        .into_inner();
    let request = operator.asks(SummarizeEnrollmentsRequest {}).await?;
    let enrollment = CustomerServiceClient::new(platform.links.enrollment.clone())
        .summarize_enrollments(request)
        .await?
        .into_inner();
    let request = operator.asks(proto::stamping::GetOutboxRequest {}).await?;
    let stamping =
        StampingServiceClient::new(platform.links.stamping.clone()).get_outbox(request).await?.into_inner();
    let request = operator.asks(proto::wallet_pass::GetProgressRequest {}).await?;
    let passes = WalletPassServiceClient::new(platform.links.wallet_pass.clone())
        .get_progress(request)
        .await?
        .into_inner();
    let request = operator.asks(proto::messaging::GetProgressRequest {}).await?;
    let messages = MessagingServiceClient::new(platform.links.messaging.clone())
        .get_progress(request)
        .await?
        .into_inner();
    let request = operator.asks(proto::campaign::GetProgressRequest {}).await?;
    let campaigns =
        CampaignServiceClient::new(platform.links.campaign.clone()).get_progress(request).await?.into_inner();
    let on_the_way = [
        progress.pending,
        enrollment.outbox_pending,
        stamping.pending,
        passes.outbox_pending,
        passes.events_pending,
        messages.outbox_pending,
        messages.events_pending,
        campaigns.outbox_pending,
        campaigns.events_pending,
    ];
    Ok(on_the_way.iter().sum())
}

/// Days on which the ledger and the figures do not say the same.
async fn differing_days(
    platform: &Platform,
    operator: &Operator,
    drained: bool,
) -> anyhow::Result<Vec<String>> {
    if !drained {
        return Ok(Vec::new());
    }
    let request = operator.asks(SummarizeLedgerRequest {}).await?;
    let ledger = StampingServiceClient::new(platform.links.stamping.clone())
        .summarize_ledger(request)
        .await?
        .into_inner()
        .days;
    let request = operator.asks(SummarizeDaysRequest {}).await?;
    let figures = AnalyticsServiceClient::new(platform.links.analytics.clone())
        .summarize_days(request)
        .await?
        .into_inner()
        .days;
    Ok(differences(&ledger, &figures))
}

fn differences(ledger: &[LedgerDay], figures: &[BusinessDay]) -> Vec<String> {
    use std::collections::BTreeMap;
    type Key<'a> = (&'a str, &'a str);
    let mut days: BTreeMap<Key<'_>, [[i64; 3]; 2]> = BTreeMap::new();
    for day in ledger {
        days.entry((&day.business_id, &day.day)).or_default()[0] =
            [day.stamps, day.rewards_unlocked, day.rewards_redeemed];
    }
    for day in figures {
        days.entry((&day.business_id, &day.day)).or_default()[1] =
            [day.stamps, day.rewards_unlocked, day.rewards_redeemed];
    }
    days.into_iter()
        .filter(|(_, [ledger, figures])| ledger != figures)
        .map(|((business, day), [l, f])| {
            format!("{day} of {business}: the ledger has stamps, unlocked, redeemed {l:?}, the figures {f:?}")
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ledger(stamps: i64) -> LedgerDay {
        LedgerDay { business_id: "b".into(), day: "2026-11-23".into(), stamps, ..Default::default() }
    }

    fn figures(stamps: i64) -> BusinessDay {
        BusinessDay { business_id: "b".into(), day: "2026-11-23".into(), stamps, ..Default::default() }
    }

    #[test]
    fn a_day_that_only_one_side_knows_is_a_difference_unless_nothing_happened() {
        assert_eq!(differences(&[ledger(3)], &[figures(3)]).len(), 0);
        assert_eq!(differences(&[ledger(3)], &[]).len(), 1);
        assert_eq!(differences(&[], &[figures(2)]).len(), 1);
        assert_eq!(differences(&[], &[figures(0)]).len(), 0);
    }
}
