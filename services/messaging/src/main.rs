//! The messaging process: `serve`, or `migrate` its schema.

use std::time::Duration;

use messaging::Config;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    boot::install_crypto();
    let config = Config::load()?;
    let telemetry = boot::telemetry::init("messaging", &config.telemetry)?;
    match std::env::args().nth(1).as_deref() {
        Some("migrate") => messaging::migrate(&config.database.url).await,
        Some("serve") | None => serve(config, &telemetry).await,
        Some(other) => anyhow::bail!("expected `serve` or `migrate`, got `{other}`"),
    }
}

async fn serve(config: Config, telemetry: &boot::telemetry::Telemetry) -> anyhow::Result<()> {
    let health = boot::admin::Health::default();
    let stop = boot::stop_on_signal(&health, Duration::from_millis(config.drain_ms))?;
    let listener = boot::listen(config.listen).await?;
    let admin = boot::listen(config.admin).await?;
    let links = messaging::Links {
        enrollment: boot::Link::to(&config.enrollment_url)?,
        stamping: boot::Link::to(&config.stamping_url)?,
    };
    let mut running = messaging::start(config, links, &health, stop.clone()).await?;
    running.tasks.spawn(boot::admin::serve(admin, health, telemetry.metrics.clone(), stop.clone()));
    boot::serve(listener, running, stop).await
}
