//! The gateway process: `serve`, or `openapi` to print its document.

use std::io::Write;
use std::time::Duration;

use axum::serve::ListenerExt;
use boot::drain::Drain;
use gateway::{Config, Links};

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    boot::install_crypto();
    match std::env::args().nth(1).as_deref() {
        Some("openapi") => Ok(std::io::stdout().write_all(gateway::openapi_json()?.as_bytes())?),
        Some("serve") | None => serve(Config::load()?).await,
        Some(other) => anyhow::bail!("expected `serve` or `openapi`, got `{other}`"),
    }
}

async fn serve(config: Config) -> anyhow::Result<()> {
    let telemetry = boot::telemetry::init("gateway", &config.telemetry)?;
    let health = boot::admin::Health::default();
    let stop = boot::stop_on_signal(&health, Duration::from_millis(config.drain_ms))?;
    let listener = boot::listen(config.listen).await?;
    let admin = boot::listen(config.admin).await?;
    let links = Links {
        enrollment: boot::Link::to(&config.enrollment_url)?,
        stamping: boot::Link::to(&config.stamping_url)?,
        analytics: boot::Link::to(&config.analytics_url)?,
        wallet_pass: boot::Link::to(&config.wallet_pass_url)?,
        campaign: boot::Link::to(&config.campaign_url)?,
        messaging: boot::Link::to(&config.messaging_url)?,
    };
    let gateway = gateway::start(config, links, &health, stop.clone()).await?;
    let operators = tokio::spawn(boot::admin::serve(admin, health, telemetry.metrics.clone(), stop.clone()));
    let drain = Drain::of(&listener, stop.clone())?;
    let listener = listener.tap_io(|stream| {
        // A stamp's answer is one small packet; it must not wait for another.
        let _ = stream.set_nodelay(true);
    });
    gateway.serve(listener, drain).await?;
    stop.cancel();
    operators.await?
}
