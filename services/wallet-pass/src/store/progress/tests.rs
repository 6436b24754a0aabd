//! What is past its time, on a real database.

use std::collections::BTreeMap;

use boot::database::{Settings, connect};
use kernel::{BusinessId, CampaignId, CustomerId};
use testkit::TestDatabase;
use uuid::Uuid;

use super::*;
use crate::domain::campaign::{Heard, Standing};
use crate::domain::message::{Message, Messages};
use crate::store::{campaign, words};

struct World {
    pool: PgPool,
    now: DateTime<Utc>,
    business: BusinessId,
    _database: TestDatabase,
}

impl World {
    async fn start() -> Self {
        let database = TestDatabase::new("wallet_pass", &crate::MIGRATOR).await;
        let pool = connect(&Settings { url: database.url.clone(), max_connections: 2 }, "test").unwrap();
        let now = DateTime::from_timestamp(1_790_000_000, 0).unwrap();
        Self { pool, now, business: BusinessId::generate(), _database: database }
    }

    /// A campaign of which was heard so many days ago.
    async fn campaign(&self, standing: Standing, days: i64) -> CampaignId {
        let campaign = CampaignId::generate();
        let heard = BTreeMap::from([(campaign, Heard { business: self.business, version: 2, standing })]);
        let mut db = self.pool.acquire().await.unwrap();
        campaign::hear(&mut db, &heard, self.now - Duration::days(days)).await.unwrap();
        campaign
    }

    /// Something that it had to say so many days ago, and holds.
    async fn held(&self, campaign: CampaignId, days: i64) -> Uuid {
        let at = self.now - Duration::days(days);
        let send = CampaignId::generate_at(at).as_uuid();
        let message = Message { send, customer: CustomerId::generate(), card: None, text: "Hoy".into() };
        let said = Messages { business: self.business, campaign, good_until: None, messages: vec![message] };
        let mut db = self.pool.acquire().await.unwrap();
        words::put(&mut db, &said, None, at).await.unwrap();
        words::hold_all(&mut db, campaign, at).await.unwrap();
        send
    }

    async fn known(&self) -> Vec<CampaignId> {
        sqlx::query_scalar("select campaign_id from wallet_pass.campaign order by campaign_id")
            .fetch_all(&self.pool)
            .await
            .unwrap()
    }
}

#[tokio::test]
async fn campaigns_are_forgotten_of_which_nothing_was_heard_for_long_and_which_have_nothing_to_say() {
    let world = World::start().await;
    world.campaign(Standing::Over, 46).await;
    world.campaign(Standing::Going, 46).await;
    let recent = world.campaign(Standing::Over, 44).await;
    let speaks = world.campaign(Standing::Held, 46).await;
    world.held(speaks, 46).await;
    purge(&world.pool, world.now).await.unwrap();
    assert_eq!(world.known().await, [recent, speaks]);
}

#[tokio::test]
async fn what_is_held_for_a_month_comes_to_its_end() {
    let world = World::start().await;
    let campaign = world.campaign(Standing::Held, 31).await;
    let (old, new) = (world.held(campaign, 31).await, world.held(campaign, 29).await);
    purge(&world.pool, world.now).await.unwrap();
    let lease = world.now + Duration::minutes(1);
    let due = words::take(&world.pool, world.now, lease, 10).await.unwrap();
    let due: Vec<_> = due.iter().map(|one| (one.message.send, one.stop)).collect();
    assert_eq!(due, [(old, Some(Stop::Over(Outcome::Expired)))]);
    let waits: Vec<Uuid> = sqlx::query_scalar("select send_id from wallet_pass.words where next_at is null")
        .fetch_all(&world.pool)
        .await
        .unwrap();
    assert_eq!(waits, [new]);
}

#[tokio::test]
async fn what_waits_is_counted_for_each_wallet_by_itself() {
    let world = World::start().await;
    let ago = |seconds| Some(world.now - Duration::seconds(seconds));
    for (wallet, next_at, reason) in [
        ("apple", ago(90), ""),
        ("apple", ago(3), ""),
        ("google", ago(3_600), "permission"),
        ("google", None, "permission"),
        // It knows everything.
        ("web", None, ""),
    ] {
        sqlx::query(
            "insert into wallet_pass.push
                 (push_id, business_id, wallet, card_id, customer_id, wanted, next_at, reason, wanted_at)
             values (gen_random_uuid(), gen_random_uuid(), $1, gen_random_uuid(), gen_random_uuid(), 1, $2, $3, $4)",
        )
        .bind(wallet)
        .bind(next_at)
        .bind(reason)
        .bind(world.now)
        .execute(&world.pool)
        .await
        .unwrap();
    }
    let campaign = world.campaign(Standing::Held, 1).await;
    world.held(campaign, 1).await;
    let mut found = by_wallet(&world.pool).await.unwrap();
    found.sort_by(|one, other| one.wallet.cmp(&other.wallet));
    let found: Vec<_> =
        found.iter().map(|one| (one.wallet.as_str(), one.count, one.dead, one.due_since)).collect();
    let wanted = [("apple", 2, 0, ago(90)), ("google", 1, 1, ago(3_600)), (WORDS, 0, 0, None)];
    assert_eq!(found, wanted);
}
