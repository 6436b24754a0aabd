//! `sello run`: servers, services, pages, until Ctrl-C.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::Write;
use std::net::SocketAddr;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, bail, ensure};
use axum::Router;
use boot::admin::Health;
use boot::drain::Drain;
use kernel::Clock;
use tokio::net::TcpListener;

use crate::greeting::{self, say};
use crate::operator::Desk;
use crate::options::Options;
use crate::parties::Parties;
use crate::platform::{Backing, Platform};
use crate::reached::{Operator, Reached};
use crate::secrets::Secrets;
use crate::servers::{Running, Servers};
use crate::split::Split;
use crate::{demo, front, lan};

/// Takes `DATA` for this process alone, for as long as the file is held.
pub(crate) fn lock(data: &Path) -> anyhow::Result<Option<File>> {
    fs::create_dir_all(data).with_context(|| format!("cannot make the folder {}", data.display()))?;
    let file =
        File::create(data.join("lock")).with_context(|| format!("cannot write in {}", data.display()))?;
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(error)) => Err(error).context("cannot lock DATA"),
    }
}

async fn bind(options: &Options) -> anyhow::Result<TcpListener> {
    let address = SocketAddr::from((if options.lan { [0, 0, 0, 0] } else { [127, 0, 0, 1] }, options.port));
    let other = if options.port < 65_000 { options.port + 10 } else { 8090 };
    match TcpListener::bind(address).await {
        Err(error) if error.kind() == std::io::ErrorKind::AddrInUse => bail!(
            "port {} is taken by another program (another Sello?); choose another: make run PORT={other} DATA=data-{other}",
            options.port
        ),
        bound => bound.with_context(|| format!("cannot listen at port {}", options.port)),
    }
}

/// Takes the port and the folder, which comes first: what is taken is told in a second, before anything has been started.
async fn take_place(options: &Options) -> anyhow::Result<(TcpListener, File)> {
    ensure!(
        options.split.is_none() || !options.lan,
        "LAN=1 and SPLIT do not go together; leave one of them out"
    );
    let listener = bind(options).await?;
    let Some(lock) = lock(&options.data)? else {
        bail!(
            "{0} is used by a running Sello; choose another folder: make run PORT=8090 DATA=data-8090",
            options.data.display()
        );
    };
    if !options.pages.join("home.html").is_file() {
        bail!("the pages are not built in {}; run `make pages`", options.pages.display());
    }
    Ok((listener, lock))
}

/// Starts what the services stand on, with every schema at its newest version.
async fn start_servers(options: &Options, secrets: &Secrets) -> anyhow::Result<Servers> {
    let mut servers = Servers::start(&options.data, secrets, &[]).await?;
    write_running(&options.data, &servers, Vec::new())?;
    say("Bringing the schemas to the newest version");
    Backing::of(&servers, secrets).migrate().await?;
    if let Some(pool) = options.pooler {
        say("Starting PgBouncer between the services and PostgreSQL");
        servers.pool(pool, &options.data, secrets).await?;
    }
    Ok(servers)
}

/// Starts everything and stays until told to stop.
pub(crate) async fn run(options: Options) -> anyhow::Result<ExitCode> {
    let (listener, _lock) = take_place(&options).await?;
    let telemetry = boot::telemetry::Settings {
        log: options.log.clone(),
        otlp_endpoint: options.otlp.clone(),
        ..Default::default()
    };
    let telemetry = boot::telemetry::init("sello", &telemetry)?;
    let stop = boot::stop_on_signal(&Health::default(), Duration::ZERO)?;

    say("Starting PostgreSQL and NATS");
    let mut secrets = Secrets::load(&options.data)?;
    let half_made = options.data.join("demonstration-half-made");
    clear_half_made(&options.data, &half_made)?;
    let servers = start_servers(&options, &secrets).await?;
    let url =
        if options.lan { lan::url(options.port)? } else { format!("http://127.0.0.1:{}", options.port) };
    let parties = Parties::of(&options, &url, &secrets.web_push).await?;
    if options.demo && secrets.demo.is_none() {
        fs::write(&half_made, "")?;
        let backing = Backing::of(&servers, &secrets);
        let made = stop.run_until_cancelled(demo::make(&backing, &parties, Clock::System.now())).await;
        let Some(made) = made else {
            servers.stop().await?;
            bail!("stopped while the demonstration was being made; the next start begins it anew");
        };
        secrets.demo = Some(made?);
        secrets.save(&options.data)?;
        fs::remove_file(&half_made)?;
    }

    say("Starting the services");
    let backing = Backing::of(&servers, &secrets);
    let (mut platform, gateways) = match &options.split {
        None => (Platform::start(&backing, &parties, Clock::System).await?, Vec::new()),
        Some(copies) => {
            let split = Split::start(copies, &options, &backing, &parties, &url).await?;
            write_running(&options.data, &servers, split.admins)?;
            (split.platform, split.gateways)
        }
    };
    let operator = Operator::of(&platform, &secrets.operator);
    parties.introduce(&Desk { platform: &platform, operator: &operator }).await?;
    let phones = parties.phones(&url, secrets.demo.as_ref())?;
    let mut beside = Router::new();
    if let Some(phones) = &phones {
        beside = beside.merge(phones.routes());
    }
    if let Some(chats) = parties.chats(stop.clone()) {
        beside = beside.merge(chats.routes());
    }
    let admin = TcpListener::bind(("127.0.0.1", 0)).await?;
    let admin_url = format!("http://{}", admin.local_addr()?);
    let operators = tokio::spawn(boot::admin::serve(
        admin,
        platform.health.clone(),
        telemetry.metrics.clone(),
        stop.clone(),
    ));

    greeting::welcome(&url, secrets.demo.as_ref(), phones.is_some(), &admin_url);
    greeting::off(&parties.off());
    let drain = Drain::of(&listener, stop.clone())?;
    let served = if options.split.is_some() {
        tokio::spawn(front::serve(listener, drain, gateways, beside, stop.clone()))
    } else {
        let gateway =
            open_gateway(&options, &backing, &parties, &platform, &url, stop.clone()).await?.beside(beside);
        if options.lan {
            greeting::qr(&format!("{url}/panel"));
            tokio::spawn(gateway.serve_tls(lan::listener(listener, &options.data)?, drain))
        } else {
            tokio::spawn(gateway.serve(listener, drain))
        }
    };
    greeting::ready(&url);
    let phones = phones.map(|phones| tokio::spawn(phones.live(stop.clone())));

    let broken = tokio::select! {
        () = stop.cancelled() => None,
        error = platform.broken() => Some(error),
    };
    stop.cancel();
    say("Stopping");
    served.await??;
    operators.await??;
    if let Some(phones) = phones {
        phones.await?;
    }
    platform.stop().await?;
    servers.stop().await?;
    fs::remove_file(options.data.join("running.json"))?;
    match broken {
        Some(error) => Err(error),
        None => Ok(ExitCode::SUCCESS),
    }
}

/// Starts the gateway to the platform; nothing is served yet.
async fn open_gateway(
    options: &Options,
    backing: &Backing<'_>,
    parties: &Parties,
    platform: &Platform,
    url: &str,
    stop: boot::Stop,
) -> anyhow::Result<gateway::Gateway> {
    let config = gateway::Config {
        nats: backing.nats("gateway")?,
        service_secret: backing.secrets.service.clone(),
        public_url: url.to_owned(),
        pretend_phones: parties.pretend_phones(url),
        pages_dir: options.pages.clone(),
        rate_limits: if options.rate_limits { gateway::Switch::On } else { gateway::Switch::Off },
        ..gateway::Config::load()?
    };
    let links = gateway::Links {
        enrollment: platform.links.enrollment.clone(),
        stamping: platform.links.stamping.clone(),
        analytics: platform.links.analytics.clone(),
        wallet_pass: platform.links.wallet_pass.clone(),
        messaging: platform.links.messaging.clone(),
        campaign: platform.links.campaign.clone(),
    };
    gateway::start(config, links, &platform.health, stop).await
}

/// Takes away half a demonstration: nobody has been told of it yet, so nothing else can be in there.
fn clear_half_made(data: &Path, half_made: &Path) -> anyhow::Result<()> {
    if half_made.is_file() {
        fs::remove_dir_all(data.join("postgres"))?;
        fs::remove_dir_all(data.join("nats"))?;
        fs::remove_file(half_made)?;
    }
    Ok(())
}

fn write_running(data: &Path, servers: &Servers, admins: Vec<SocketAddr>) -> anyhow::Result<()> {
    let running = Running {
        pid: std::process::id(),
        postgres_url: servers.postgres_url.clone(),
        nats_url: servers.nats_url.clone(),
        admins,
    };
    let path = data.join("running.json");
    let mut file = OpenOptions::new().create(true).write(true).truncate(true).mode(0o600).open(path)?;
    Ok(file.write_all(&serde_json::to_vec(&running)?)?)
}

/// Makes a new password for a member, on the platform of `DATA`, running or not, or on one elsewhere.
pub(crate) async fn reset_member(options: Options, email: &str) -> anyhow::Result<ExitCode> {
    use proto::enrollment::ResetMemberRequest;
    use proto::enrollment::auth_service_client::AuthServiceClient;
    let reached = Reached::by(&options).await?;
    let asked = async {
        let request = ResetMemberRequest { email: email.to_owned() };
        let request = reached.operator.asks(request).await?;
        let mut enrollment = AuthServiceClient::new(reached.platform.links.enrollment.clone());
        let answer = enrollment.reset_member(request).await;
        answer.map_err(|status| anyhow::anyhow!("no member with that address: {}", status.message()))
    };
    let answer = asked.await;
    reached.leave().await?;
    let answer = answer?;
    say(&format!("New password of {email}: {}", answer.into_inner().password));
    Ok(ExitCode::SUCCESS)
}

/// Does nothing until told to stop: commands are run beside it.
pub(crate) async fn attend() -> anyhow::Result<ExitCode> {
    boot::stop_on_signal(&Health::default(), Duration::ZERO)?.cancelled().await;
    Ok(ExitCode::SUCCESS)
}
