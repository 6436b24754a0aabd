//! What is asked of messaging, at the moment it is needed.

use boot::auth::ServiceIdentity;
use boot::{Link, Problem};
use kernel::{BusinessId, CampaignId};
use proto::messaging as pb;
use proto::messaging::messaging_service_client::MessagingServiceClient;
use tonic::Status;

use crate::Error;
use crate::domain::wording::Template;

/// The way to messaging.
pub(crate) struct Peers {
    messaging: Link,
    identity: ServiceIdentity,
}

/// What messages cost today, and whether they would go out.
#[derive(Clone, Debug)]
pub(crate) struct Quote {
    pub(crate) amount_cents: i64,
    pub(crate) currency: String,
    pub(crate) prices_of: String,
    /// -1 is without a limit.
    pub(crate) tier_left: i64,
    /// off, waiting, approved, stopped.
    pub(crate) status: String,
    /// Why marketing does not go out for now; empty where it does.
    pub(crate) held_by: String,
}

impl Peers {
    pub(crate) fn new(messaging: Link, identity: ServiceIdentity) -> Self {
        Self { messaging, identity }
    }

    fn messaging(&self) -> MessagingServiceClient<Link> {
        MessagingServiceClient::new(self.messaging.clone())
    }

    async fn request<T>(&self, message: T) -> Result<tonic::Request<T>, Error> {
        self.identity.request(message).await.map_err(away)
    }

    /// The templates a business may write with.
    pub(crate) async fn templates(&self, business: BusinessId) -> Result<Vec<Template>, Error> {
        let question = pb::ListTemplatesRequest { business_id: business.to_string() };
        let question = self.request(question).await?;
        let answer = self.messaging().list_templates(question).await.map_err(away)?.into_inner();
        let templates = answer.templates.into_iter().map(|template| Template {
            name: template.name,
            language: template.language,
            category: template.category,
            body: template.body,
            variables: template.variables.len(),
            status: template.status,
        });
        Ok(templates.collect())
    }

    /// What so many messages cost.
    pub(crate) async fn quote(
        &self,
        business: BusinessId,
        category: &str,
        count: i64,
    ) -> Result<Quote, Error> {
        let question =
            pb::QuoteRequest { business_id: business.to_string(), category: category.to_owned(), count };
        let question = self.request(question).await?;
        let answer = self.messaging().quote(question).await.map_err(away)?.into_inner();
        Ok(Quote {
            amount_cents: answer.amount_cents,
            currency: answer.currency,
            prices_of: answer.prices_of,
            tier_left: answer.tier_left,
            status: answer.status,
            held_by: answer.held_by,
        })
    }

    /// Stops, lets go on or cancels what a campaign has asked for. Once this returns, it holds.
    pub(crate) async fn hold(
        &self,
        business: BusinessId,
        campaign: CampaignId,
        state: &str,
    ) -> Result<(), Error> {
        let question = pb::HoldCampaignRequest {
            business_id: business.to_string(),
            campaign_id: campaign.to_string(),
            state: state.to_owned(),
        };
        let question = self.request(question).await?;
        self.messaging().hold_campaign(question).await.map_err(away)?;
        Ok(())
    }
}

/// A refusal is handed on in its own words; anything else is a service that is away.
fn away(status: Status) -> Error {
    match Problem::from_status(&status) {
        Some(problem)
            if !["unavailable", "internal", "unauthenticated", "forbidden"]
                .contains(&problem.slug.as_str()) =>
        {
            Error::Refused(Box::new(status))
        }
        _ => {
            tracing::warn!(code = ?status.code(), "messaging did not answer");
            Error::Unavailable("messaging")
        }
    }
}
