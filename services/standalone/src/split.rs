//! The services as processes of their own, some copies of each, as a cluster would run them: `SPLIT=2`, or `SPLIT=1,messaging:3`.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, bail, ensure};
use boot::{Link, Running, Stop};

use tonic::service::Routes;

use crate::front::{self, Gateway};
use crate::greeting::say;
use crate::options::{Copies, Options};
use crate::parties::Parties;
use crate::platform::{Backing, Links, Platform};
use crate::servers::{Watched, free_port, tied, watch};

/// How long a process may take until it is ready.
const READY_WITHIN: Duration = Duration::from_secs(60);
/// A process ends by finishing what it has begun.
const FINISH: &str = "TERM";

/// Processes that are started again when one dies.
pub(crate) struct Split {
    /// The services, by the network.
    pub(crate) platform: Platform,
    pub(crate) gateways: Vec<Gateway>,
    /// Where each process tells of itself.
    pub(crate) admins: Vec<SocketAddr>,
}

/// What the processes have in common.
struct Making<'a> {
    folder: PathBuf,
    options: &'a Options,
    backing: &'a Backing<'a>,
    /// Ports that were given away.
    taken: BTreeSet<u16>,
    /// Where each process tells of itself: its name and address.
    admins: Vec<(&'static str, SocketAddr)>,
    watching: Running,
    stop: Stop,
}

impl Split {
    /// Starts the copies of each, and waits until all are ready.
    pub(crate) async fn start(
        copies: &Copies,
        options: &Options,
        backing: &Backing<'_>,
        parties: &Parties,
        url: &str,
    ) -> anyhow::Result<Self> {
        let folder = std::env::current_exe()?.parent().context("no folder of this program")?.to_owned();
        let (watching, admins, stop) =
            (Running::new("processes", Routes::default()), Vec::new(), Stop::new());
        let taken = BTreeSet::new();
        let mut making = Making { folder, options, backing, taken, admins, watching, stop };
        let secrets = backing.secrets;
        let mut ports = |name: &str| making.ports(copies.of(name));
        let uris = |ports: &[u16]| {
            let uris: Vec<String> = ports.iter().map(|port| format!("http://127.0.0.1:{port}")).collect();
            uris.join(",")
        };
        let (enrollment, stamping, analytics) =
            (ports("enrollment")?, ports("stamping")?, ports("analytics")?);
        let (wallet_pass, messaging, campaign) =
            (ports("wallet-pass")?, ports("messaging")?, ports("campaign")?);
        let gateways = ports("gateway")?;
        let to = |name: &str, ports: &[u16]| (format!("{name}_URL"), uris(ports));
        let service_secret = ("SERVICE_SECRET".to_owned(), secrets.service.clone());
        let public_url = ("PUBLIC_URL".to_owned(), parties.public_url.clone());

        making.start(
            "enrollment",
            &enrollment,
            &[service_secret.clone(), ("OPERATOR_SECRET".into(), secrets.operator.clone())],
        )?;
        making.start(
            "stamping",
            &stamping,
            &[
                service_secret.clone(),
                ("CODE_KEYS".into(), secrets.code_keys.clone()),
                to("ENROLLMENT", &enrollment),
            ],
        )?;
        making.start("analytics", &analytics, &[to("ENROLLMENT", &enrollment)])?;
        let mut settings = vec![
            service_secret.clone(),
            public_url.clone(),
            ("LINK_SECRET".into(), secrets.pass_links.clone()),
            ("OBJECTS".into(), parties.objects.clone()),
            to("ENROLLMENT", &enrollment),
            to("STAMPING", &stamping),
        ];
        settings.extend(parties.wallets());
        making.start("wallet-pass", &wallet_pass, &settings)?;
        let mut settings = vec![
            service_secret.clone(),
            public_url.clone(),
            ("ADDRESS_SECRET".into(), secrets.addresses.clone()),
            ("PROVIDER".into(), parties.label.to_owned()),
            to("ENROLLMENT", &enrollment),
            to("STAMPING", &stamping),
        ];
        settings.extend(parties.whatsapp());
        making.start("messaging", &messaging, &settings)?;
        making.start(
            "campaign",
            &campaign,
            &[service_secret.clone(), to("ENROLLMENT", &enrollment), to("MESSAGING", &messaging)],
        )?;
        making.start(
            "gateway",
            &gateways,
            &[
                service_secret,
                ("PUBLIC_URL".into(), url.to_owned()),
                ("PAGES_DIR".into(), options.pages.display().to_string()),
                ("PRETEND_PHONES".into(), parties.pretend_phones(url)),
                ("RATE_LIMITS".into(), if options.rate_limits { "on" } else { "off" }.into()),
                ("TRUSTED_PROXIES".into(), "127.0.0.1".into()),
                to("ENROLLMENT", &enrollment),
                to("STAMPING", &stamping),
                to("ANALYTICS", &analytics),
                to("WALLET_PASS", &wallet_pass),
                to("MESSAGING", &messaging),
                to("CAMPAIGN", &campaign),
            ],
        )?;
        making.until_ready().await?;
        let links = Links {
            enrollment: Link::to(&uris(&enrollment))?,
            stamping: Link::to(&uris(&stamping))?,
            analytics: Link::to(&uris(&analytics))?,
            wallet_pass: Link::to(&uris(&wallet_pass))?,
            messaging: Link::to(&uris(&messaging))?,
            campaign: Link::to(&uris(&campaign))?,
        };
        let gateways = making.gateways(&gateways);
        let admins = making.admins.iter().map(|(_, admin)| *admin).collect();
        Ok(Self { platform: Platform::elsewhere(links, making.watching, making.stop), gateways, admins })
    }
}

impl Making<'_> {
    fn ports(&mut self, count: u16) -> anyhow::Result<Vec<u16>> {
        (0..count).map(|_| self.port()).collect()
    }

    fn port(&mut self) -> anyhow::Result<u16> {
        loop {
            let port = free_port()?;
            if self.taken.insert(port) {
                return Ok(port);
            }
        }
    }

    /// As the front knows them.
    fn gateways(&self, ports: &[u16]) -> Vec<Gateway> {
        let admins = self.admins.iter().filter(|(name, _)| *name == "gateway");
        let told = ports.iter().zip(admins);
        told.map(|(port, (_, admin))| Gateway::new(SocketAddr::from(([127, 0, 0, 1], *port)), *admin))
            .collect()
    }

    async fn until_ready(&self) -> anyhow::Result<()> {
        let client = reqwest::Client::new();
        let deadline = tokio::time::Instant::now() + READY_WITHIN;
        for (name, admin) in &self.admins {
            loop {
                let answer = client.get(format!("http://{admin}/readyz")).send().await;
                if answer.is_ok_and(|answer| answer.status().is_success()) {
                    break;
                }
                ensure!(
                    tokio::time::Instant::now() < deadline,
                    "a process of {name} is not ready; what it says stands above"
                );
                tokio::time::sleep(Duration::from_millis(25)).await;
            }
        }
        Ok(())
    }
    /// Starts the copies of a service, one at each port.
    fn start(
        &mut self,
        name: &'static str,
        ports: &[u16],
        settings: &[(String, String)],
    ) -> anyhow::Result<()> {
        say(&format!("  {} of {name}", ports.len()));
        let program = program(&self.folder, name)?;
        let schema = name.replace('-', "_");
        let prefix = schema.to_uppercase();
        let nats = self.backing.nats(&schema)?;
        for port in ports {
            let admin = SocketAddr::from(([127, 0, 0, 1], self.port()?));
            let mut command = tied(&program, &[]);
            let mut set = |name: &str, value: &str| {
                command.env(format!("{prefix}__{name}"), value);
            };
            set("LISTEN", &format!("127.0.0.1:{port}"));
            set("ADMIN", &admin.to_string());
            // Services' callers send elsewhere what none has taken; HTTP/1.1, which gateways speak, does not tell them.
            let drain = if name == "gateway" { front::DRAIN } else { Duration::ZERO };
            set("DRAIN_MS", &drain.as_millis().to_string());
            set("NATS__URL", &nats.url);
            set("NATS__USER", &nats.user);
            set("NATS__PASSWORD", &nats.password);
            set("TELEMETRY__LOG", &self.options.log);
            if let Some(endpoint) = &self.options.otlp {
                set("TELEMETRY__OTLP_ENDPOINT", endpoint);
            }
            if name != "gateway" {
                set("DATABASE__URL", &self.backing.database_url(&schema)?);
            }
            settings.iter().for_each(|(name, value)| set(name, value));
            command.arg("serve");
            let process = command.spawn().with_context(|| format!("cannot start {}", program.display()))?;
            let watched = Watched { process, command, stop_signal: FINISH };
            let stop = self.stop.clone();
            self.watching.tasks.spawn(async move {
                watch(name, watched, stop).await;
                Ok(())
            });
            self.admins.push((name, admin));
        }
        Ok(())
    }
}

fn program(folder: &Path, name: &str) -> anyhow::Result<PathBuf> {
    let program = folder.join(name);
    if !program.is_file() {
        bail!("{} is not built; run `make run-split`, which builds every service", program.display());
    }
    Ok(program)
}
