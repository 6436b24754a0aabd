//! What replicas tell each other of a sender, on a real database.

use boot::database::{Settings, connect};
use testkit::TestDatabase;

use super::*;

#[tokio::test]
async fn a_pause_that_is_over_does_not_hide_that_another_was_answered() {
    let database = TestDatabase::new("messaging", &crate::MIGRATOR).await;
    let pool = connect(&Settings { url: database.url.clone(), max_connections: 2 }, "test").unwrap();
    sqlx::query("insert into messaging.portfolio (portfolio, tier) values ('one', 250)")
        .execute(&pool)
        .await
        .unwrap();
    let sender: Uuid = sqlx::query_scalar(
        "insert into messaging.sender (sender_id, phone, portfolio, messages_per_second, created_at)
         values (gen_random_uuid(), '+51900000001', 'one', 80, now()) returning sender_id",
    )
    .fetch_one(&pool)
    .await
    .unwrap();
    let after = async |word: &str| -> String {
        set_circuit(&pool, sender, word).await.unwrap();
        sqlx::query_scalar("select circuit from messaging.sender").fetch_one(&pool).await.unwrap()
    };
    // One process stops asking, another is answered, the first begins to look again, in vain, and then not.
    for (told, stands) in [
        ("open", "open"),
        ("half_open", "half_open"),
        ("closed", "closed"),
        ("half_open", "closed"),
        ("open", "open"),
        ("half_open", "half_open"),
        ("closed", "closed"),
    ] {
        assert_eq!(after(told).await, stands, "{told}");
    }
}
