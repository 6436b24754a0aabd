//! `sello rebuild <service>`: a projection anew, from what the owners of its facts say is true.

use std::process::ExitCode;

use anyhow::{Context, bail};
use prost::Message;
use proto::analytics::analytics_service_client::AnalyticsServiceClient;
use proto::campaign::campaign_service_client::CampaignServiceClient;
use proto::enrollment::customer_service_client::CustomerServiceClient;
use proto::messaging::messaging_service_client::MessagingServiceClient;
use proto::stamping::stamping_service_client::StampingServiceClient;
use proto::wallet_pass::wallet_pass_service_client::WalletPassServiceClient;
use proto::{analytics, campaign, enrollment, messaging, stamping, wallet_pass};

use crate::greeting::say;
use crate::options::Options;
use crate::platform::Platform;
use crate::reached::{Operator, Reached};
use crate::verify::{compare, drained};

/// What a service keeps of what others own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Projection {
    /// Figures.
    Analytics,
    /// Who customers are, by which campaigns choose.
    Campaign,
}

/// Whoever tells what is true now.
#[derive(Clone, Copy, Debug)]
enum Owner {
    Enrollment,
    Stamping,
    WalletPass,
    Messaging,
}

/// A fact, as its owner tells it.
struct Told {
    service: &'static str,
    business_id: String,
    payload: Vec<u8>,
}

/// A part of a rebuild.
enum Part {
    Begin,
    Facts(Vec<Told>),
    End,
}

/// Makes a projection anew. The platform of `DATA` must be stopped, and of one elsewhere its gateways: a fact that came
/// meanwhile would be counted twice.
pub(crate) async fn rebuild(options: Options, service: &str) -> anyhow::Result<ExitCode> {
    let projection = match service {
        "analytics" => Projection::Analytics,
        "campaign" => Projection::Campaign,
        _ => bail!("{service} keeps no projection; what can be made anew is analytics and campaign"),
    };
    let reached = Reached::by(&options).await?;
    let made = match reached.must_be_quiet().await {
        Ok(()) => anew(projection, &reached.platform, &reached.operator).await,
        Err(error) => Err(error),
    };
    reached.leave().await?;
    let Some(drift) = made? else { return Ok(ExitCode::SUCCESS) };
    say(&format!("drift {drift}"));
    Ok(if drift == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Returns what differs afterwards, where there is something to compare with.
async fn anew(
    projection: Projection,
    platform: &Platform,
    operator: &Operator,
) -> anyhow::Result<Option<i64>> {
    // What is on its way is counted first, and known as counted.
    drained(platform, operator).await?;
    projection.take(platform, operator, Part::Begin).await?;
    let mut counted = 0;
    for owner in projection.owners() {
        let mut cursor = String::new();
        loop {
            let (facts, next) = owner.page(platform, operator, cursor).await?;
            counted += projection.take(platform, operator, Part::Facts(facts)).await?;
            cursor = next;
            if cursor.is_empty() {
                break;
            }
        }
    }
    projection.take(platform, operator, Part::End).await?;
    say(&format!("{counted} facts counted anew"));
    match projection {
        Projection::Analytics => compare(platform, operator).await.map(Some),
        Projection::Campaign => Ok(None),
    }
}

impl Projection {
    /// Whose facts it is made from, in the order in which they are understood best.
    fn owners(self) -> &'static [Owner] {
        match self {
            Self::Analytics => &[Owner::Enrollment, Owner::Stamping],
            Self::Campaign => &[Owner::Enrollment, Owner::Stamping, Owner::WalletPass, Owner::Messaging],
        }
    }

    async fn take(self, platform: &Platform, operator: &Operator, part: Part) -> anyhow::Result<i64> {
        let (begin, end) = (matches!(part, Part::Begin), matches!(part, Part::End));
        let told = if let Part::Facts(told) = part { told } else { Vec::new() };
        match self {
            // Its questions are answered in between as well.
            Self::Analytics if end => Ok(0),
            Self::Analytics => {
                let facts = told.into_iter().map(|told| analytics::RebuildFact {
                    service: told.service.to_owned(),
                    business_id: told.business_id,
                    payload: told.payload,
                });
                let question = analytics::RebuildRequest { begin, facts: facts.collect() };
                let question = operator.asks(question).await?;
                let mut keeper = AnalyticsServiceClient::new(platform.links.analytics.clone());
                let answer = keeper.rebuild(question).await;
                Ok(answer.context("analytics does not take the facts")?.into_inner().counted)
            }
            Self::Campaign => {
                let facts = told.into_iter().map(|told| campaign::RebuildFact {
                    service: told.service.to_owned(),
                    business_id: told.business_id,
                    payload: told.payload,
                });
                let question = campaign::RebuildRequest { begin, facts: facts.collect(), end };
                let question = operator.asks(question).await?;
                let mut keeper = CampaignServiceClient::new(platform.links.campaign.clone());
                let answer = keeper.rebuild(question).await;
                Ok(answer.context("campaign does not take the facts")?.into_inner().counted)
            }
        }
    }
}

impl Owner {
    /// The facts after a place, and where the next begin.
    async fn page(
        self,
        platform: &Platform,
        operator: &Operator,
        cursor: String,
    ) -> anyhow::Result<(Vec<Told>, String)> {
        let links = &platform.links;
        Ok(match self {
            Self::Enrollment => {
                let question = operator.asks(enrollment::SnapshotFactsRequest { cursor }).await?;
                let mut owner = CustomerServiceClient::new(links.enrollment.clone());
                let page = owner.snapshot_facts(question).await?.into_inner();
                (told("enrollment", page.events, |event| &event.business_id), page.next_cursor)
            }
            Self::Stamping => {
                let question = operator.asks(stamping::SnapshotFactsRequest { cursor }).await?;
                let mut owner = StampingServiceClient::new(links.stamping.clone());
                let page = owner.snapshot_facts(question).await?.into_inner();
                (told("stamping", page.events, |event| &event.business_id), page.next_cursor)
            }
            Self::WalletPass => {
                let question = operator.asks(wallet_pass::SnapshotFactsRequest { cursor }).await?;
                let mut owner = WalletPassServiceClient::new(links.wallet_pass.clone());
                let page = owner.snapshot_facts(question).await?.into_inner();
                (told("wallet_pass", page.events, |event| &event.business_id), page.next_cursor)
            }
            Self::Messaging => {
                let question = operator.asks(messaging::SnapshotFactsRequest { cursor }).await?;
                let mut owner = MessagingServiceClient::new(links.messaging.clone());
                let page = owner.snapshot_facts(question).await?.into_inner();
                (told("messaging", page.events, |event| &event.business_id), page.next_cursor)
            }
        })
    }
}

fn told<E: Message>(service: &'static str, events: Vec<E>, business: fn(&E) -> &String) -> Vec<Told> {
    let told = events.into_iter().map(|event| Told {
        service,
        business_id: business(&event).clone(),
        payload: event.encode_to_vec(),
    });
    told.collect()
}
