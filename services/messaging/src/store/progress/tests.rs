//! What is late, and what only waits, on a real database.

use boot::database::{Settings, connect};
use chrono::Duration;
use testkit::TestDatabase;
use uuid::Uuid;

use super::*;

/// The phone of a sender whose provider does not answer.
const AWAY: &str = "+51900000001";
/// The phone of another, with which nothing is wrong.
const ANSWERED: &str = "+51900000002";

struct World {
    pool: PgPool,
    now: DateTime<Utc>,
    _database: TestDatabase,
}

impl World {
    /// Two senders of one portfolio, of which the provider does not answer for one.
    async fn start() -> Self {
        let database = TestDatabase::new("messaging", &crate::MIGRATOR).await;
        let pool = connect(&Settings { url: database.url.clone(), max_connections: 2 }, "test").unwrap();
        let now = DateTime::from_timestamp(1_790_000_000, 0).unwrap();
        sqlx::query("insert into messaging.portfolio (portfolio, tier) values ('one', 250)")
            .execute(&pool)
            .await
            .unwrap();
        for (phone, circuit) in [(AWAY, "open"), (ANSWERED, "closed")] {
            sqlx::query(
                "insert into messaging.sender (sender_id, phone, portfolio, messages_per_second, circuit, created_at)
                 values (gen_random_uuid(), $1, 'one', 80, $2, $3)",
            )
            .bind(phone)
            .bind(circuit)
            .bind(now)
            .execute(&pool)
            .await
            .unwrap();
        }
        Self { pool, now, _database: database }
    }

    /// What somebody waits for since so many seconds, from an approved shop that sends by this phone.
    async fn waits(&self, phone: &str, seconds: i64) {
        let (business, due) = (BusinessId::generate().as_uuid(), self.now - Duration::seconds(seconds));
        sqlx::query(
            "insert into messaging.business (business_id, sender_id, status)
             select $1, sender_id, 'approved' from messaging.sender where phone = $2",
        )
        .bind(business)
        .bind(phone)
        .execute(&self.pool)
        .await
        .unwrap();
        sqlx::query(
            "insert into messaging.queue
                 (message_id, created_at, business_id, lane, category, state, next_at, good_until)
             values ($1, $2, $3, 0, 'utility', 'waiting', $2, $4)",
        )
        .bind(Uuid::now_v7())
        .bind(due)
        .bind(business)
        .bind(self.now + Duration::days(1))
        .execute(&self.pool)
        .await
        .unwrap();
    }

    /// How much waits, and since how many seconds the first of it is late.
    async fn told(&self) -> (i64, Option<i64>) {
        let found = by_category(&self.pool, self.now).await.unwrap();
        let one = found.iter().find(|waiting| waiting.category == "utility").unwrap();
        (one.count, one.due_since.map(|since| (self.now - since).num_seconds()))
    }
}

#[tokio::test]
async fn what_waits_for_a_provider_that_is_away_is_not_late_and_hides_nobody_who_is() {
    let world = World::start().await;
    world.waits(AWAY, 3_600).await;
    assert_eq!(world.told().await, (1, None));
    world.waits(ANSWERED, 40).await;
    assert_eq!(world.told().await, (2, Some(40)));
}
