//! The platform that a command works on: the one of `DATA`, running or not, or one that runs elsewhere, such as in a cluster,
//! by the addresses of its services.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context, bail};
use boot::auth::ServiceIdentity;
use boot::{Link, Running as Tasks, Stop};
use kernel::Clock;
use tokio::net::TcpStream;
use tonic::Request;
use tonic::service::Routes;

use crate::elsewhere::Elsewhere;
use crate::options::Options;
use crate::parties::Parties;
use crate::platform::{Backing, Links, Platform};
use crate::run::lock;
use crate::secrets::Secrets;
use crate::servers::{Running, Servers};

/// How long one call of a command may take: comparing every card is one.
const PATIENCE: Duration = Duration::from_secs(3_600);
/// How long a gateway may take to show that it is there.
const GATEWAY_SHOWS_WITHIN: Duration = Duration::from_secs(3);

/// A platform, and its operator.
pub(crate) struct Reached {
    pub(crate) platform: Platform,
    pub(crate) operator: Operator,
    place: Place,
}

enum Place {
    /// A folder of this machine.
    Data(Box<Attached>),
    /// Where the environment says.
    Elsewhere(Elsewhere),
}

impl Reached {
    /// The platform that the environment names: `SELLO__…`, else `DATA`.
    pub(crate) async fn by(options: &Options) -> anyhow::Result<Self> {
        if let Some(elsewhere) = Elsewhere::from_environment()? {
            let to = |uri: &str| Link::patient(uri, PATIENCE);
            let links = Links {
                enrollment: to(&elsewhere.enrollment_url)?,
                stamping: to(&elsewhere.stamping_url)?,
                analytics: to(&elsewhere.analytics_url)?,
                wallet_pass: to(&elsewhere.wallet_pass_url)?,
                messaging: to(&elsewhere.messaging_url)?,
                campaign: to(&elsewhere.campaign_url)?,
            };
            let nothing_to_watch = Tasks::new("elsewhere", Routes::default());
            let platform = Platform::elsewhere(links, nothing_to_watch, Stop::new());
            return Ok(Self {
                operator: Operator::of(&platform, &elsewhere.operator_secret),
                platform,
                place: Place::Elsewhere(elsewhere),
            });
        }
        let attached = Attached::to(&options.data).await?;
        if attached.is_alone() {
            attached.backing().migrate().await?;
        }
        // As one more replica of each service: what a stopped platform left in its outboxes is brought to its end first.
        let parties = Parties::none(&options.data);
        let platform = Platform::start(&attached.backing(), &parties, Clock::System).await?;
        let operator = Operator::of(&platform, &attached.secrets.operator);
        Ok(Self { platform, operator, place: Place::Data(Box::new(attached)) })
    }

    /// Refuses where customers and tills may be at work.
    pub(crate) async fn must_be_quiet(&self) -> anyhow::Result<()> {
        match &self.place {
            Place::Data(attached) if attached.is_alone() => Ok(()),
            Place::Data(_) => bail!("a Sello is running on this DATA; stop it first"),
            Place::Elsewhere(elsewhere) => {
                let gateway = elsewhere.gateway()?;
                let shown = tokio::time::timeout(GATEWAY_SHOWS_WITHIN, TcpStream::connect(&gateway)).await;
                if matches!(shown, Ok(Ok(_))) {
                    bail!(
                        "a gateway answers at {gateway}; stop all of them first (services.gateway.offline)"
                    );
                }
                Ok(())
            }
        }
    }

    /// Stops what was started for this.
    pub(crate) async fn leave(self) -> anyhow::Result<()> {
        self.platform.stop().await?;
        match self.place {
            Place::Data(attached) => attached.detach().await,
            Place::Elsewhere(_) => Ok(()),
        }
    }
}

/// Whoever runs the platform, proven to its services.
pub(crate) struct Operator(ServiceIdentity);

impl Operator {
    /// By the secret that enrollment knows her by.
    pub(crate) fn of(platform: &Platform, secret: &str) -> Self {
        Self(ServiceIdentity::new("operator", secret.to_owned(), platform.links.enrollment.clone()))
    }

    /// A call that she makes.
    pub(crate) async fn asks<T>(&self, message: T) -> anyhow::Result<Request<T>> {
        // A status stays one: what is away for a moment is asked again.
        self.0.request(message).await.map_err(|status| {
            let is_away = status.code() == tonic::Code::Unavailable;
            let what =
                if is_away { "enrollment does not answer" } else { "enrollment does not know the operator" };
            anyhow::Error::new(status).context(what)
        })
    }
}

/// The servers of a `DATA`: those of the platform that runs on it, or our own if none does.
pub(crate) struct Attached {
    pub(crate) secrets: Secrets,
    postgres_url: String,
    nats_url: String,
    own: Option<(Servers, std::fs::File)>,
}

impl Attached {
    /// Finds the running platform's servers, or starts them.
    pub(crate) async fn to(data: &Path) -> anyhow::Result<Self> {
        if !data.join("secrets.json").is_file() {
            bail!("there is no Sello in {}; name its folder: DATA=…", data.display());
        }
        let secrets = Secrets::load(data)?;
        if let Some(lock) = lock(data)? {
            let servers = Servers::start(data, &secrets, &[]).await?;
            let (postgres_url, nats_url) = (servers.postgres_url.clone(), servers.nats_url.clone());
            return Ok(Self { secrets, postgres_url, nats_url, own: Some((servers, lock)) });
        }
        let text =
            std::fs::read(data.join("running.json")).context("the platform is just starting; try again")?;
        let running: Running =
            serde_json::from_slice(&text).context("the platform is just starting; try again")?;
        Ok(Self { secrets, postgres_url: running.postgres_url, nats_url: running.nats_url, own: None })
    }

    /// True where no platform runs on this `DATA`.
    pub(crate) fn is_alone(&self) -> bool {
        self.own.is_some()
    }

    /// What services need to connect.
    pub(crate) fn backing(&self) -> Backing<'_> {
        Backing {
            postgres_url: &self.postgres_url,
            pooled_url: None,
            nats_url: &self.nats_url,
            secrets: &self.secrets,
        }
    }

    /// Stops what was started for this.
    pub(crate) async fn detach(self) -> anyhow::Result<()> {
        match self.own {
            Some((servers, _lock)) => servers.stop().await,
            None => Ok(()),
        }
    }
}
