//! Which Apple devices keep which passes.

use chrono::{DateTime, Utc};
use kernel::CardId;
use sqlx::{PgConnection, PgPool};

use crate::store::pass::Pass;

/// What PassKit asks of one device: the passes that changed, and the newest tag among them.
pub(crate) struct ChangedPasses {
    pub serials: Vec<CardId>,
    pub newest: i64,
}

/// Writes that a device keeps a pass, or its new push token; true where it had not kept it.
pub(crate) async fn register(
    tx: &mut PgConnection,
    device: &str,
    pass: &Pass,
    push_token: &str,
    now: DateTime<Utc>,
) -> Result<bool, sqlx::Error> {
    // `xmax` is 0 on a row that this statement has made.
    sqlx::query_scalar!(
        r#"insert into wallet_pass.registration (device, card_id, business_id, push_token, registered_at)
           values ($1, $2, $3, $4, $5)
           on conflict on constraint registration_pk do update
           set push_token = excluded.push_token, registered_at = excluded.registered_at
           returning xmax = 0 as "created!""#,
        device,
        pass.card.as_uuid(),
        pass.business.as_uuid(),
        push_token,
        now,
    )
    .fetch_one(tx)
    .await
}

/// Forgets that a device keeps a pass; false where it did not.
pub(crate) async fn unregister(pool: &PgPool, device: &str, card: CardId) -> Result<bool, sqlx::Error> {
    let mut tx = pool.begin().await?;
    let gone = sqlx::query!(
        "delete from wallet_pass.registration where device = $1 and card_id = $2",
        device,
        card.as_uuid()
    )
    .execute(&mut *tx)
    .await?;
    sqlx::query!(
        "delete from wallet_pass.push where wallet = 'apple' and card_id = $2 and device = $1",
        device,
        card.as_uuid()
    )
    .execute(&mut *tx)
    .await?;
    tx.commit().await?;
    Ok(gone.rows_affected() == 1)
}

/// Forgets a push token that Apple says is dead, unless the device registered it again since; returns what it had kept.
pub(crate) async fn forget_push_token(
    pool: &PgPool,
    push_token: &str,
    dead_since: DateTime<Utc>,
) -> Result<Vec<(CardId, String)>, sqlx::Error> {
    let mut tx = pool.begin().await?;
    let gone = sqlx::query!(
        r#"delete from wallet_pass.registration where push_token = $1 and registered_at <= $2
           returning card_id as "card: CardId", device"#,
        push_token,
        dead_since,
    )
    .fetch_all(&mut *tx)
    .await?;
    let cards: Vec<_> = gone.iter().map(|row| row.card.as_uuid()).collect();
    let devices: Vec<String> = gone.iter().map(|row| row.device.clone()).collect();
    sqlx::query!(
        "delete from wallet_pass.push using unnest($1::uuid[], $2::text[]) as gone (card_id, device)
         where wallet = 'apple' and push.card_id = gone.card_id and push.device = gone.device",
        &cards,
        &devices,
    )
    .execute(&mut *tx)
    .await?;
    tx.commit().await?;
    Ok(gone.into_iter().map(|row| (row.card, row.device)).collect())
}

/// The passes of a device that changed after a tag. A tag above all that were ever drawn is not of this database, which may
/// have been restored to a moment before it: after such a one everything changed.
pub(crate) async fn changed_since(
    pool: &PgPool,
    device: &str,
    since: i64,
) -> Result<ChangedPasses, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select card_id as "card: CardId", tag from wallet_pass.registration
           join wallet_pass.pass using (card_id)
           where device = $1 and (tag > $2 or $2 > (select last_value from wallet_pass.tag)) order by tag"#,
        device,
        since,
    )
    .fetch_all(pool)
    .await?;
    Ok(ChangedPasses {
        newest: rows.last().map_or(since, |row| row.tag),
        serials: rows.into_iter().map(|row| row.card).collect(),
    })
}

/// The push token by which a device is reached about a card.
pub(crate) async fn push_token(
    pool: &PgPool,
    device: &str,
    card: CardId,
) -> Result<Option<String>, sqlx::Error> {
    sqlx::query_scalar!(
        "select push_token from wallet_pass.registration where device = $1 and card_id = $2",
        device,
        card.as_uuid()
    )
    .fetch_optional(pool)
    .await
}

#[cfg(test)]
mod tests {
    use kernel::{BusinessId, CustomerId, ProgramId};
    use testkit::TestDatabase;

    use super::*;
    use crate::domain::link::Holder;
    use crate::store::pass;

    #[tokio::test]
    async fn a_phone_whose_tag_was_never_ours_is_told_of_all_its_passes() {
        let database = TestDatabase::new("wallet_pass", &crate::MIGRATOR).await;
        let settings = boot::database::Settings { url: database.url.clone(), max_connections: 2 };
        let pool = boot::database::connect(&settings, "test").unwrap();
        let now = DateTime::from_timestamp(1_790_000_000, 0).unwrap();
        let mut db = pool.acquire().await.unwrap();
        let mut cards = Vec::new();
        for _ in 0..2 {
            let holder = Holder {
                business: BusinessId::generate(),
                customer: CustomerId::generate(),
                card: CardId::generate(),
            };
            pass::ensure(&mut db, holder, ProgramId::generate(), "es", now).await.unwrap();
            let made = pass::find(&pool, holder.card).await.unwrap().unwrap();
            register(&mut db, "phone", &made, "a1b2", now).await.unwrap();
            cards.push(made);
        }
        let both = [cards[0].card, cards[1].card];
        let newest = cards[1].tag;
        for (since, expected) in [
            (i64::MIN, &both[..]),
            (-1, &both[..]),
            (0, &both[..]),
            (cards[0].tag, &both[1..]),
            (newest, &both[2..]),
            // Of a database that has seen more than this one, as after a restore.
            (newest + 1, &both[..]),
            (i64::MAX, &both[..]),
        ] {
            let found = changed_since(&pool, "phone", since).await.unwrap();
            assert_eq!(found.serials, expected, "{since}");
            assert_eq!(found.newest, newest, "{since}");
        }
        assert!(changed_since(&pool, "stranger", -1).await.unwrap().serials.is_empty());
    }
}
