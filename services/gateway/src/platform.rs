//! What every handler shares: the ways to the services, the caches, the limits, the live hub.

use std::sync::Arc;

use boot::auth::{ServiceIdentity, Verifier};
use boot::{Link, Stop};
use outbox::Broker;
use proto::analytics::analytics_service_client::AnalyticsServiceClient;
use proto::campaign::campaign_service_client::CampaignServiceClient;
use proto::enrollment::auth_service_client::AuthServiceClient;
use proto::enrollment::business_service_client::BusinessServiceClient;
use proto::enrollment::customer_service_client::CustomerServiceClient;
use proto::messaging::messaging_service_client::MessagingServiceClient;
use proto::stamping::stamping_service_client::StampingServiceClient;
use proto::wallet_pass::wallet_pass_service_client::WalletPassServiceClient;
use tokio::sync::Semaphore;

use crate::Links;
use crate::auth::Exchanged;
use crate::config::{Config, Networks};
use crate::limits::Limits;
use crate::live::{History, Hub};
use crate::names::Names;
use crate::poster::Press;
use crate::routes::join::Joins;

/// One a process; handlers hold it as their state.
pub(crate) type Shared = Arc<Platform>;

/// The largest answer that is read: the report of an import, the export of a customer, a bundle of passes.
const LARGEST_ANSWER_BYTES: usize = 16 * 1024 * 1024;
/// Callbacks of a provider that are under way at the same time.
const WEBHOOKS_AT_ONCE: usize = 64;

pub(crate) struct Platform {
    links: Links,
    pub(crate) verifier: Verifier,
    pub(crate) identity: ServiceIdentity,
    pub(crate) exchanged: Exchanged,
    pub(crate) limits: Limits,
    pub(crate) names: Names,
    pub(crate) joins: Joins,
    pub(crate) press: Press,
    pub(crate) hub: Arc<Hub>,
    pub(crate) history: History,
    pub(crate) webhooks: Semaphore,
    pub(crate) trusted_proxies: Networks,
    /// Empty: each request's own host.
    pub(crate) public_url: String,
    /// Empty: WhatsApp's own.
    pub(crate) pretend_phones: String,
    /// Where what happened lately is read; absent where nothing is followed.
    pub(crate) broker: Option<Broker>,
    pub(crate) stop: Stop,
}

impl Platform {
    pub(crate) fn new(config: &Config, links: Links, broker: Option<Broker>, stop: Stop) -> Self {
        Self {
            verifier: Verifier::new(links.enrollment.clone()),
            identity: ServiceIdentity::new(
                "gateway",
                config.service_secret.clone(),
                links.enrollment.clone(),
            ),
            exchanged: Exchanged::default(),
            limits: Limits::new(config.rate_limits, &config.limits),
            names: Names::default(),
            joins: Joins::default(),
            press: Press::new(&config.pages_dir),
            hub: Arc::default(),
            history: History::default(),
            webhooks: Semaphore::new(WEBHOOKS_AT_ONCE),
            trusted_proxies: config.trusted_proxies.clone(),
            public_url: config.public_url.clone(),
            pretend_phones: config.pretend_phones.clone(),
            links,
            broker,
            stop,
        }
    }

    pub(crate) fn auth(&self) -> AuthServiceClient<Link> {
        AuthServiceClient::new(self.links.enrollment.clone())
    }

    pub(crate) fn business(&self) -> BusinessServiceClient<Link> {
        BusinessServiceClient::new(self.links.enrollment.clone())
    }

    pub(crate) fn customers(&self) -> CustomerServiceClient<Link> {
        CustomerServiceClient::new(self.links.enrollment.clone())
            .max_decoding_message_size(LARGEST_ANSWER_BYTES)
    }

    pub(crate) fn stamping(&self) -> StampingServiceClient<Link> {
        StampingServiceClient::new(self.links.stamping.clone())
    }

    pub(crate) fn wallet_pass(&self) -> WalletPassServiceClient<Link> {
        WalletPassServiceClient::new(self.links.wallet_pass.clone())
            .max_decoding_message_size(LARGEST_ANSWER_BYTES)
    }

    pub(crate) fn campaign(&self) -> CampaignServiceClient<Link> {
        CampaignServiceClient::new(self.links.campaign.clone())
    }

    pub(crate) fn messaging(&self) -> MessagingServiceClient<Link> {
        MessagingServiceClient::new(self.links.messaging.clone())
    }

    pub(crate) fn analytics(&self) -> AnalyticsServiceClient<Link> {
        AnalyticsServiceClient::new(self.links.analytics.clone())
    }
}
