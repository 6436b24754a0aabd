//! `sello verify`: the ledger against the cards, the cards against the figures, and nothing left on the way.

use std::cmp::Ordering;
use std::mem::replace;
use std::pin::pin;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::bail;
use futures::stream::{self, Stream, TryStreamExt};
use proto::analytics::analytics_service_client::AnalyticsServiceClient;
use proto::analytics::{BusinessDay, GetProgressRequest, SummarizeDaysRequest};
use proto::campaign::campaign_service_client::CampaignServiceClient;
use proto::enrollment::customer_service_client::CustomerServiceClient;
use proto::messaging::messaging_service_client::MessagingServiceClient;
use proto::stamping::stamping_service_client::StampingServiceClient;
use proto::stamping::{LedgerDay, SummarizeLedgerRequest, VerifyRequest, VerifyResponse};
use proto::wallet_pass::wallet_pass_service_client::WalletPassServiceClient;
use tonic::Status;

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
    let request = operator.asks(proto::enrollment::GetOutboxRequest {}).await?;
    let enrollment =
        CustomerServiceClient::new(platform.links.enrollment.clone()).get_outbox(request).await?.into_inner();
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
        enrollment.pending,
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
    let ledger =
        StampingServiceClient::new(platform.links.stamping.clone()).summarize_ledger(request).await?;
    let ledger = ledger.into_inner().map_ok(|part| stream::iter(part.days.into_iter().map(Ok))).try_flatten();
    let request = operator.asks(SummarizeDaysRequest {}).await?;
    let figures =
        AnalyticsServiceClient::new(platform.links.analytics.clone()).summarize_days(request).await?;
    let figures =
        figures.into_inner().map_ok(|part| stream::iter(part.days.into_iter().map(Ok))).try_flatten();
    differences(ledger.map_ok(Day::from), figures.map_ok(Day::from)).await
}

/// What one side knows of one day of a business.
struct Day {
    business: String,
    day: String,
    /// Stamps, rewards unlocked, rewards redeemed.
    sums: [i64; 3],
}

impl Day {
    fn key(&self) -> (&str, &str) {
        (&self.business, &self.day)
    }
}

impl From<LedgerDay> for Day {
    fn from(day: LedgerDay) -> Self {
        let sums = [day.stamps, day.rewards_unlocked, day.rewards_redeemed];
        Self { business: day.business_id, day: day.day, sums }
    }
}

impl From<BusinessDay> for Day {
    fn from(day: BusinessDay) -> Self {
        let sums = [day.stamps, day.rewards_unlocked, day.rewards_redeemed];
        Self { business: day.business_id, day: day.day, sums }
    }
}

/// Both sides come by business and day, so that of years and of many shops no more than two days are held at a time.
async fn differences(
    ledger: impl Stream<Item = Result<Day, Status>>,
    figures: impl Stream<Item = Result<Day, Status>>,
) -> anyhow::Result<Vec<String>> {
    let (mut ledger, mut figures) = (pin!(ledger), pin!(figures));
    let (mut recorded, mut counted) = (ledger.try_next().await?, figures.try_next().await?);
    let mut found = Vec::new();
    loop {
        let order = match (&recorded, &counted) {
            (Some(recorded), Some(counted)) => recorded.key().cmp(&counted.key()),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (None, None) => return Ok(found),
        };
        let of_ledger = if order.is_le() { replace(&mut recorded, ledger.try_next().await?) } else { None };
        let of_figures = if order.is_ge() { replace(&mut counted, figures.try_next().await?) } else { None };
        let sums = |day: &Option<Day>| day.as_ref().map_or([0; 3], |day| day.sums);
        let (l, f) = (sums(&of_ledger), sums(&of_figures));
        if let Some(Day { business, day, .. }) = of_ledger.or(of_figures)
            && l != f
        {
            found.push(format!(
                "{day} of {business}: the ledger has stamps, unlocked, redeemed {l:?}, the figures {f:?}"
            ));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A side, as days of business `b` and their stamps.
    fn side(days: &[(&str, i64)]) -> impl Stream<Item = Result<Day, Status>> {
        let days = days
            .iter()
            .map(|(day, stamps)| Ok(Day { business: "b".into(), day: (*day).into(), sums: [*stamps, 0, 0] }));
        stream::iter(days.collect::<Vec<_>>())
    }

    async fn differing(ledger: &[(&str, i64)], figures: &[(&str, i64)]) -> Vec<String> {
        let found = differences(side(ledger), side(figures)).await.unwrap();
        found.iter().map(|line| line[..10].to_owned()).collect()
    }

    #[tokio::test]
    async fn a_day_that_only_one_side_knows_is_a_difference_unless_nothing_happened() {
        let (first, second) = ("2026-11-23", "2026-11-24");
        assert!(differing(&[(first, 3)], &[(first, 3)]).await.is_empty());
        assert_eq!(differing(&[(first, 3)], &[]).await, [first]);
        assert_eq!(differing(&[], &[(first, 2)]).await, [first]);
        assert!(differing(&[], &[(first, 0)]).await.is_empty());
        assert_eq!(differing(&[(first, 3), (second, 1)], &[(second, 1)]).await, [first]);
        assert_eq!(differing(&[(second, 1)], &[(first, 3), (second, 2)]).await, [first, second]);
    }
}
