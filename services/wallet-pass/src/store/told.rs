//! What was told to other services, as tests read it.

use prost::Message;
use proto::wallet_pass::Event;
use proto::wallet_pass::event::Fact;
use sqlx::PgPool;

/// The sends that have come to their end, each with its reason.
pub(crate) async fn ends(pool: &PgPool) -> Vec<(String, String)> {
    let told: Vec<Vec<u8>> =
        sqlx::query_scalar("select payload from wallet_pass.outbox").fetch_all(pool).await.unwrap();
    let told = told.iter().map(|row| Event::decode(row.as_slice()).unwrap().fact);
    let ends = told.filter_map(|fact| match fact {
        Some(Fact::PassMessage(told)) => Some((told.send_id, told.reason)),
        _ => None,
    });
    ends.collect()
}
