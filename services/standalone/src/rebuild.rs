//! `sello rebuild analytics`: the figures anew, from what their owners say is true.

use std::process::ExitCode;

use anyhow::{Context, bail};
use kernel::Clock;
use prost::Message;
use proto::analytics::analytics_service_client::AnalyticsServiceClient;
use proto::analytics::{RebuildFact, RebuildRequest};
use proto::enrollment::customer_service_client::CustomerServiceClient;
use proto::stamping::stamping_service_client::StampingServiceClient;
use proto::{enrollment, stamping};

use crate::greeting::say;
use crate::options::Options;
use crate::parties::Parties;
use crate::platform::Platform;
use crate::secrets::Secrets;
use crate::verify::{Attached, as_operator, compare, drained};

/// Makes a projection anew. The platform must be stopped: a fact that came meanwhile would be counted twice.
pub(crate) async fn rebuild(options: Options, service: &str) -> anyhow::Result<ExitCode> {
    if service != "analytics" {
        bail!("{service} keeps no projection; what can be made anew is analytics");
    }
    let attached = Attached::to(&options.data).await?;
    if !attached.is_alone() {
        attached.detach().await?;
        bail!("a Sello is running on {}; stop it first", options.data.display());
    }
    attached.backing().migrate().await?;
    let platform = Platform::start(&attached.backing(), &Parties::none(&options.data), Clock::System).await?;
    let made = anew(&platform, &attached.secrets).await;
    platform.stop().await?;
    attached.detach().await?;
    let drift = made?;
    say(&format!("drift {drift}"));
    Ok(if drift == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

async fn anew(platform: &Platform, secrets: &Secrets) -> anyhow::Result<i64> {
    // What is on its way is counted first, and known as counted.
    drained(platform, secrets).await?;
    take(platform, secrets, true, Vec::new()).await?;
    let mut counted = 0;
    let mut cursor = String::new();
    loop {
        let question = enrollment::SnapshotFactsRequest { cursor: cursor.clone() };
        let question = as_operator(platform, secrets, question).await?;
        let mut owner = CustomerServiceClient::new(platform.links.enrollment.clone());
        let page = owner.snapshot_facts(question).await?.into_inner();
        let facts = page.events.iter().map(|event| fact("enrollment", &event.business_id, event));
        counted += take(platform, secrets, false, facts.collect()).await?;
        cursor = page.next_cursor;
        if cursor.is_empty() {
            break;
        }
    }
    loop {
        let question = stamping::SnapshotFactsRequest { cursor: cursor.clone() };
        let question = as_operator(platform, secrets, question).await?;
        let mut owner = StampingServiceClient::new(platform.links.stamping.clone());
        let page = owner.snapshot_facts(question).await?.into_inner();
        let facts = page.events.iter().map(|event| fact("stamping", &event.business_id, event));
        counted += take(platform, secrets, false, facts.collect()).await?;
        cursor = page.next_cursor;
        if cursor.is_empty() {
            break;
        }
    }
    say(&format!("{counted} facts counted anew"));
    compare(platform, secrets).await
}

fn fact(service: &str, business_id: &str, event: &impl Message) -> RebuildFact {
    RebuildFact {
        service: service.to_owned(),
        business_id: business_id.to_owned(),
        payload: event.encode_to_vec(),
    }
}

async fn take(
    platform: &Platform,
    secrets: &Secrets,
    begin: bool,
    facts: Vec<RebuildFact>,
) -> anyhow::Result<i64> {
    let question = as_operator(platform, secrets, RebuildRequest { begin, facts }).await?;
    let answer = AnalyticsServiceClient::new(platform.links.analytics.clone()).rebuild(question).await;
    Ok(answer.context("analytics does not take the facts")?.into_inner().counted)
}
