//! What Google has, who keeps it, and how often we may ask.

use chrono::{DateTime, Utc};
use kernel::{BusinessId, CardId, ProgramId};
use sqlx::PgPool;

/// Notifications that Google lets through for one pass in a day.
const MOST_NOTICES: i32 = 3;

/// Remembers that Google has a card.
pub(crate) async fn put_object(
    pool: &PgPool,
    business: BusinessId,
    card: CardId,
    program: ProgramId,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into wallet_pass.google_object (card_id, business_id, program_id) values ($1, $2, $3)
         on conflict on constraint google_object_pk do nothing",
        card.as_uuid(),
        business.as_uuid(),
        program.as_uuid(),
    )
    .execute(pool)
    .await?;
    Ok(())
}

/// Whether Google has a card.
pub(crate) async fn has_object(pool: &PgPool, card: CardId) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select exists(select from wallet_pass.google_object where card_id = $1) as "has!""#,
        card.as_uuid(),
    )
    .fetch_one(pool)
    .await
}

/// Takes one of the day's notifications; false where none is left.
pub(crate) async fn take_notice(
    pool: &PgPool,
    card: CardId,
    now: DateTime<Utc>,
) -> Result<bool, sqlx::Error> {
    let taken = sqlx::query!(
        "update wallet_pass.google_object
         set noticed_at = array_append(
             array(select at from unnest(noticed_at) as at where at > $2::timestamptz - interval '24 hours'), $2)
         where card_id = $1
           and (select count(*) from unnest(noticed_at) as at where at > $2::timestamptz - interval '24 hours') < $3",
        card.as_uuid(),
        now,
        i64::from(MOST_NOTICES),
    )
    .execute(pool)
    .await?;
    Ok(taken.rows_affected() == 1)
}

/// Takes a callback; false where it was taken before.
pub(crate) async fn take_nonce(pool: &PgPool, nonce: &str, now: DateTime<Utc>) -> Result<bool, sqlx::Error> {
    let taken = sqlx::query!(
        "insert into wallet_pass.google_nonce (nonce, taken_at) values ($1, $2)
         on conflict on constraint google_nonce_pk do nothing",
        nonce,
        now,
    )
    .execute(pool)
    .await?;
    Ok(taken.rows_affected() == 1)
}

/// Remembers whether somebody keeps a card; tells whether that is new.
pub(crate) async fn set_users(pool: &PgPool, card: CardId, has_users: bool) -> Result<bool, sqlx::Error> {
    let changed = sqlx::query!(
        "update wallet_pass.google_object set has_users = $2 where card_id = $1 and has_users <> $2",
        card.as_uuid(),
        has_users,
    )
    .execute(pool)
    .await?;
    Ok(changed.rows_affected() == 1)
}

/// The fingerprint of a program as Google has it.
pub(crate) async fn class(pool: &PgPool, program: ProgramId) -> Result<Option<String>, sqlx::Error> {
    sqlx::query_scalar!(
        "select fingerprint from wallet_pass.google_class where program_id = $1",
        program.as_uuid()
    )
    .fetch_optional(pool)
    .await
}

/// Remembers what Google has of a program.
pub(crate) async fn put_class(
    pool: &PgPool,
    business: BusinessId,
    program: ProgramId,
    fingerprint: &str,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into wallet_pass.google_class (program_id, business_id, fingerprint) values ($1, $2, $3)
         on conflict on constraint google_class_pk do update set fingerprint = excluded.fingerprint",
        program.as_uuid(),
        business.as_uuid(),
        fingerprint,
    )
    .execute(pool)
    .await?;
    Ok(())
}

/// Reserves one request in a row over all replicas, `per_second` of them at most: the moment of its turn, and how many
/// seconds it is until then. The database's clock counts, because replicas' clocks differ.
pub(crate) async fn reserve(
    pool: &PgPool,
    party: &str,
    per_second: f64,
) -> Result<(DateTime<Utc>, f64), sqlx::Error> {
    let turn = sqlx::query!(
        r#"insert into wallet_pass.pace as known (party, next_at) values ($1, clock_timestamp())
           on conflict on constraint pace_pk do update
           set next_at = greatest(known.next_at + make_interval(secs => 1 / $2::float8), clock_timestamp())
           returning next_at as "at!", greatest(extract(epoch from next_at - clock_timestamp())::float8, 0) as "wait!""#,
        party,
        per_second,
    )
    .fetch_one(pool)
    .await?;
    Ok((turn.at, turn.wait))
}

#[cfg(test)]
mod tests {
    use boot::database::{Settings, connect};
    use futures::future::join_all;
    use testkit::TestDatabase;

    use super::*;

    #[tokio::test]
    async fn replicas_that_hurry_together_never_get_more_than_twenty_turns_in_any_second() {
        let database = TestDatabase::new("wallet_pass", &crate::MIGRATOR).await;
        let settings = Settings { url: database.url.clone(), max_connections: 4 };
        let replicas = [connect(&settings, "one").unwrap(), connect(&settings, "other").unwrap()];
        let hurry = (0..90).map(|number| reserve(&replicas[number % 2], "google", 20.0));
        let mut turns: Vec<_> = join_all(hurry).await.into_iter().map(|turn| turn.unwrap().0).collect();
        turns.sort();
        for window in turns.windows(21) {
            let (first, last) = (window[0], window[20]);
            assert!(last - first >= chrono::Duration::seconds(1), "21 turns from {first} to {last}");
        }
        let (_, wait) = reserve(&replicas[0], "google", 20.0).await.unwrap();
        assert!(wait > 0.0, "whoever comes after them waits");
        let (_, wait) = reserve(&replicas[1], "another", 20.0).await.unwrap();
        assert!(wait < 1.0, "another party has a pace of its own");
    }
}
