//! All services in one process, wired as the network would wire them.

use std::str::FromStr;

use anyhow::Context;
use boot::admin::Health;
use boot::{Link, Running, Stop};
use kernel::Clock;
use sqlx::ConnectOptions;
use sqlx::postgres::PgConnectOptions;

use crate::parties::Parties;
use crate::secrets::Secrets;
use crate::servers::{REPLICA, Servers};

/// The services that have a schema: their names, and how each is brought to the newest version.
const DATABASES: [&str; 6] = ["enrollment", "stamping", "analytics", "wallet_pass", "messaging", "campaign"];

/// The newest version of each schema that is known here.
pub(crate) fn newest_schemas() -> [(&'static str, i64); 6] {
    let of = [
        &enrollment::MIGRATOR,
        &stamping::MIGRATOR,
        &analytics::MIGRATOR,
        &wallet_pass::MIGRATOR,
        &messaging::MIGRATOR,
        &campaign::MIGRATOR,
    ];
    std::array::from_fn(|at| {
        (DATABASES[at], of[at].iter().map(|migration| migration.version).max().unwrap_or_default())
    })
}

/// The running services and the ways to them.
pub(crate) struct Platform {
    /// The ways that callers take.
    pub(crate) links: Links,
    /// What must be there.
    pub(crate) health: Health,
    running: Vec<Running>,
    stop: Stop,
}

/// One link a service.
#[derive(Clone)]
pub(crate) struct Links {
    pub(crate) enrollment: Link,
    pub(crate) stamping: Link,
    pub(crate) analytics: Link,
    pub(crate) wallet_pass: Link,
    pub(crate) messaging: Link,
    pub(crate) campaign: Link,
}

/// Where the servers are and what opens them.
pub(crate) struct Backing<'a> {
    /// PostgreSQL's administrator's URL.
    pub(crate) postgres_url: &'a str,
    /// The same by a pooler, which services use where there is one. Roles and schemas are made without it.
    pub(crate) pooled_url: Option<&'a str>,
    /// NATS's URL.
    pub(crate) nats_url: &'a str,
    /// Passwords and keys.
    pub(crate) secrets: &'a Secrets,
}

impl<'a> Backing<'a> {
    /// Of servers that run as our children.
    pub(crate) fn of(servers: &'a Servers, secrets: &'a Secrets) -> Self {
        Self {
            postgres_url: &servers.postgres_url,
            pooled_url: servers.pooled_url.as_deref(),
            nats_url: &servers.nats_url,
            secrets,
        }
    }

    fn database(&self, service: &str, max_connections: u32) -> anyhow::Result<boot::database::Settings> {
        Ok(boot::database::Settings { url: self.database_url(service)?, max_connections })
    }

    /// The database, as the role of `service`, by the pooler where there is one.
    pub(crate) fn database_url(&self, service: &str) -> anyhow::Result<String> {
        self.role_url(self.pooled_url.unwrap_or(self.postgres_url), service)
    }

    /// The read replica at `place`, if there is one: by the pooler, as the chart has it, where services go by one.
    fn replica(&self, place: String) -> anyhow::Result<String> {
        match self.pooled_url {
            Some(pooled) if !place.is_empty() => {
                let there = PgConnectOptions::from_str(pooled)?.database(REPLICA).to_url_lossy();
                self.role_url(there.as_str(), "analytics")
            }
            _ => Ok(place),
        }
    }

    fn role_url(&self, url: &str, service: &str) -> anyhow::Result<String> {
        Ok(boot::database::role_url(url, service, &self.keys(service)?.postgres)?)
    }

    fn keys(&self, service: &str) -> anyhow::Result<&crate::secrets::ServiceSecrets> {
        self.secrets.services.get(service).with_context(|| format!("no secrets of {service} in this DATA"))
    }

    /// The broker, as the user of `service`.
    pub(crate) fn nats(&self, service: &str) -> anyhow::Result<outbox::Settings> {
        Ok(outbox::Settings {
            user: service.to_owned(),
            password: self.keys(service)?.nats.clone(),
            ..outbox::Settings::at(self.nats_url)
        })
    }

    /// Makes roles and their schemas, empty.
    pub(crate) async fn provision(&self) -> anyhow::Result<()> {
        for service in DATABASES {
            boot::database::provision(self.postgres_url, service, &self.keys(service)?.postgres).await?;
        }
        Ok(())
    }

    /// Makes roles and schemas, and brings each to the newest version.
    pub(crate) async fn migrate(&self) -> anyhow::Result<()> {
        self.provision().await?;
        for service in DATABASES {
            // A migration's lock is a session's, which a pooler in transaction mode does not keep.
            let url = self.role_url(self.postgres_url, service)?;
            match service {
                "enrollment" => enrollment::migrate(&url).await?,
                "stamping" => stamping::migrate(&url).await?,
                "analytics" => analytics::migrate(&url).await?,
                "messaging" => messaging::migrate(&url).await?,
                "campaign" => campaign::migrate(&url).await?,
                _ => wallet_pass::migrate(&url).await?,
            }
        }
        Ok(())
    }
}

impl Platform {
    /// Starts the services behind the gateway; `clock` is the machine's but where a history is made.
    pub(crate) async fn start(
        backing: &Backing<'_>,
        parties: &Parties,
        clock: Clock,
    ) -> anyhow::Result<Self> {
        let (stop, health) = (Stop::new(), Health::default());
        let config = enrollment::Config {
            database: backing.database("enrollment", 8)?,
            nats: backing.nats("enrollment")?,
            service_secret: backing.secrets.service.clone(),
            operator_secret: backing.secrets.operator.clone(),
            clock: clock.clone(),
            ..enrollment::Config::load()?
        };
        let enrollment = enrollment::start(config, &health, stop.clone()).await?;
        let config = stamping::Config {
            database: backing.database("stamping", 10)?,
            nats: backing.nats("stamping")?,
            service_secret: backing.secrets.service.clone(),
            code_keys: backing.secrets.code_keys.clone(),
            clock: clock.clone(),
            ..stamping::Config::load()?
        };
        let stamping = stamping::start(config, enrollment.link(), &health, stop.clone()).await?;
        let mut config = analytics::Config {
            database: backing.database("analytics", 6)?,
            nats: backing.nats("analytics")?,
            ..analytics::Config::load()?
        };
        config.replica = backing.replica(config.replica)?;
        let analytics = analytics::start(config, enrollment.link(), &health, stop.clone()).await?;
        let config = wallet_pass::Config {
            database: backing.database("wallet_pass", 8)?,
            nats: backing.nats("wallet_pass")?,
            service_secret: backing.secrets.service.clone(),
            link_secret: backing.secrets.pass_links.clone(),
            public_url: parties.public_url.clone(),
            objects: parties.objects.clone(),
            apple: parties.apple.clone(),
            google: parties.google.clone(),
            web: parties.web.clone(),
            clock: clock.clone(),
            ..wallet_pass::Config::load()?
        };
        let links = wallet_pass::Links { enrollment: enrollment.link(), stamping: stamping.link() };
        let wallet_pass = wallet_pass::start(config, links, &health, stop.clone()).await?;
        let config = messaging::Config {
            database: backing.database("messaging", 8)?,
            nats: backing.nats("messaging")?,
            service_secret: backing.secrets.service.clone(),
            address_secret: backing.secrets.addresses.clone(),
            public_url: parties.public_url.clone(),
            twilio: parties.twilio.clone(),
            provider: parties.label.to_owned(),
            clock: clock.clone(),
            ..messaging::Config::load()?
        };
        let links = messaging::Links { enrollment: enrollment.link(), stamping: stamping.link() };
        let messaging = messaging::start(config, links, &health, stop.clone()).await?;
        let config = campaign::Config {
            database: backing.database("campaign", 8)?,
            nats: backing.nats("campaign")?,
            service_secret: backing.secrets.service.clone(),
            clock,
            ..campaign::Config::load()?
        };
        let links = campaign::Links { enrollment: enrollment.link(), messaging: messaging.link() };
        let campaign = campaign::start(config, links, &health, stop.clone()).await?;
        let links = Links {
            enrollment: enrollment.link(),
            stamping: stamping.link(),
            analytics: analytics.link(),
            wallet_pass: wallet_pass.link(),
            messaging: messaging.link(),
            campaign: campaign.link(),
        };
        let running = vec![enrollment, stamping, analytics, wallet_pass, messaging, campaign];
        Ok(Self { links, health, running, stop })
    }

    /// Services that are processes of their own; `watching` looks after them until `stop`.
    pub(crate) fn elsewhere(links: Links, watching: Running, stop: Stop) -> Self {
        let (health, ends) = (Health::default(), stop.clone());
        health.add("watching", move || std::future::ready(!ends.is_cancelled()));
        Self { links, health, running: vec![watching], stop }
    }

    /// Waits until a task of a service ends, which none should.
    pub(crate) async fn broken(&mut self) -> anyhow::Error {
        let ended = std::future::poll_fn(|context| {
            for running in &mut self.running {
                if let std::task::Poll::Ready(Some(ended)) = running.tasks.poll_join_next(context) {
                    return std::task::Poll::Ready(ended);
                }
            }
            std::task::Poll::Pending
        });
        match ended.await {
            Ok(Ok(())) => anyhow::anyhow!("a task of the platform ended by itself"),
            Ok(Err(error)) => error.context("a task of the platform failed"),
            Err(panicked) => anyhow::Error::new(panicked).context("a task of the platform panicked"),
        }
    }

    /// Lets every task finish what it has begun.
    pub(crate) async fn stop(self) -> anyhow::Result<()> {
        self.stop.cancel();
        self.running.iter().for_each(|running| running.answered.cancel());
        for mut running in self.running {
            while let Some(ended) = running.tasks.join_next().await {
                ended??;
            }
        }
        Ok(())
    }
}
