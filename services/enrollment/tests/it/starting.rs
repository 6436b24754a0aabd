use boot::Stop;
use boot::admin::Health;
use kernel::Clock;
use proto::enrollment as wire;
use proto::enrollment::auth_service_client::AuthServiceClient;

use crate::support::{config, slug_of};

#[tokio::test]
async fn it_starts_while_database_and_broker_are_away_says_so_and_stops_when_told() {
    boot::install_crypto();
    let nowhere = config("postgres://nobody@127.0.0.1:9/none", Clock::System);
    let stop = Stop::new();
    let mut running = enrollment::start(nowhere, &Health::default(), stop.clone()).await.unwrap();
    let answer = AuthServiceClient::new(running.link()).get_jwks(wire::GetJwksRequest {}).await;
    assert_eq!(slug_of(answer), "unavailable");
    stop.cancel();
    while let Some(ended) = running.tasks.join_next().await {
        ended.unwrap().unwrap();
    }
}
