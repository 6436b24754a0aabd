//! Picks a role: `serve` answers, `migrate` brings the schema to the newest version.

use std::time::Duration;

use stamping::Config;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    boot::install_crypto();
    let config = Config::load()?;
    let telemetry = boot::telemetry::init("stamping", &config.telemetry)?;
    match std::env::args().nth(1).as_deref() {
        Some("migrate") => stamping::migrate(&config.database.url).await,
        Some("serve") => {
            let health = boot::admin::Health::default();
            let stop = boot::stop_on_signal(&health, Duration::from_millis(config.drain_ms))?;
            let admin = boot::listen(config.admin).await?;
            tokio::spawn(boot::admin::serve(admin, health.clone(), telemetry.metrics.clone(), stop.clone()));
            let listener = boot::listen(config.listen).await?;
            let enrollment = boot::Link::to(&config.enrollment_url)?;
            let running = stamping::start(config, enrollment, &health, stop.clone()).await?;
            boot::serve(listener, running, stop).await
        }
        other => anyhow::bail!("expected `serve` or `migrate`, got {other:?}"),
    }
}
