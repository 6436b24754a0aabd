//! What phones keep now, page by page.

use chrono::{DateTime, Utc};
use kernel::{BusinessId, CardId, CustomerId, ProgramId};
use sqlx::PgPool;

/// A card that was put into a wallet at least once, with how often it is kept.
pub(crate) struct Passes {
    pub card: CardId,
    pub business: BusinessId,
    pub customer: CustomerId,
    pub program: ProgramId,
    pub modified_at: DateTime<Utc>,
    pub apple: i64,
    pub google: i64,
    pub web: i64,
}

/// Cards after one of them. Void passes are kept as well, until they are removed.
pub(crate) async fn page(
    pool: &PgPool,
    after: Option<CardId>,
    limit: i64,
) -> Result<Vec<Passes>, sqlx::Error> {
    sqlx::query_as!(
        Passes,
        r#"select card_id as "card: CardId", business_id as "business: BusinessId", customer_id as "customer: CustomerId",
                  program_id as "program: ProgramId", modified_at,
                  (select count(*) from wallet_pass.registration where registration.card_id = pass.card_id) as "apple!",
                  (select count(*) from wallet_pass.google_object
                   where google_object.card_id = pass.card_id and has_users) as "google!",
                  (select count(*) from wallet_pass.web_subscription
                   where web_subscription.card_id = pass.card_id) as "web!"
           from wallet_pass.pass
           where $1::uuid is null or card_id > $1
           order by card_id limit $2"#,
        after.map(CardId::as_uuid),
        limit,
    )
    .fetch_all(pool)
    .await
}

#[cfg(test)]
mod tests {
    use testkit::TestDatabase;

    use super::*;
    use crate::domain::link::Holder;
    use crate::store::pass;

    #[tokio::test]
    async fn a_card_is_told_as_often_as_phones_keep_it() {
        let database = TestDatabase::new("wallet_pass", &crate::MIGRATOR).await;
        let settings = boot::database::Settings { url: database.url.clone(), max_connections: 2 };
        let pool = boot::database::connect(&settings, "test").unwrap();
        let now = DateTime::from_timestamp(1_790_000_000, 0).unwrap();
        let mut holders = Vec::new();
        for _ in 0..3 {
            let holder = Holder {
                business: BusinessId::generate(),
                customer: CustomerId::generate(),
                card: CardId::generate(),
            };
            let mut db = pool.acquire().await.unwrap();
            pass::ensure(&mut db, holder, ProgramId::generate(), "es", now).await.unwrap();
            holders.push(holder);
        }
        holders.sort_by_key(|holder| holder.card);
        for statement in [
            "insert into wallet_pass.registration select device, $1, $2, device, now() from unnest('{a, b}'::text[]) as device",
            "insert into wallet_pass.google_object (card_id, business_id, program_id, has_users)
             values ($1, $2, gen_random_uuid(), true)",
            "insert into wallet_pass.web_subscription values (gen_random_uuid(), $2, $1, $2, 'https://push', '', '', '', now())",
        ] {
            let kept = sqlx::query(statement);
            let kept = kept.bind(holders[0].card.as_uuid()).bind(holders[0].business.as_uuid());
            kept.execute(&pool).await.unwrap();
        }
        sqlx::query("insert into wallet_pass.google_object values ($1, $2, gen_random_uuid(), false)")
            .bind(holders[1].card.as_uuid())
            .bind(holders[1].business.as_uuid())
            .execute(&pool)
            .await
            .unwrap();
        let (mut told, mut after) = (Vec::new(), None);
        loop {
            let cards = page(&pool, after, 2).await.unwrap();
            let Some(last) = cards.last() else { break };
            after = Some(last.card);
            told.extend(cards.iter().map(|passes| (passes.card, passes.apple, passes.google, passes.web)));
        }
        let [kept, left, never] = [0, 1, 2].map(|number: usize| holders[number].card);
        assert_eq!(told, [(kept, 2, 1, 1), (left, 0, 0, 0), (never, 0, 0, 0)]);
    }
}
