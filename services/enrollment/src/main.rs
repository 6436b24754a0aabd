//! Enrollment as a process of its own: `enrollment serve` or `enrollment migrate`.

use std::time::Duration;

use boot::admin::Health;
use enrollment::Config;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    boot::install_crypto();
    let config = Config::load()?;
    let telemetry = boot::telemetry::init("enrollment", &config.telemetry)?;
    match std::env::args().nth(1).as_deref() {
        Some("migrate") => enrollment::migrate(&config.database.url).await,
        Some("serve") => {
            let health = Health::default();
            let stop = boot::stop_on_signal(&health, Duration::from_millis(config.drain_ms))?;
            let (listener, admin) = (boot::listen(config.listen).await?, boot::listen(config.admin).await?);
            let mut running = enrollment::start(config, &health, stop.clone()).await?;
            running.tasks.spawn(boot::admin::serve(admin, health, telemetry.metrics.clone(), stop.clone()));
            boot::serve(listener, running, stop).await
        }
        other => anyhow::bail!("expected `serve` or `migrate`, got {other:?}"),
    }
}
