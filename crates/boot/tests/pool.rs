//! A pool whose server was away, and one that is new.

use boot::database::{OPENED_AHEAD, Settings, TRUSTED_FOR, connect};
use futures::future::join_all;
use sqlx::PgPool;

const CONNECTIONS: u32 = 4;

/// As many at once as there are connections.
async fn ask(pool: &PgPool) -> Vec<Result<i32, sqlx::Error>> {
    join_all((0..CONNECTIONS).map(|_| sqlx::query_scalar("select 1 from pg_sleep(0.05)").fetch_one(pool)))
        .await
}

#[tokio::test]
async fn a_connection_that_was_lost_while_nobody_used_it_is_nobodys_trouble() {
    let name = format!("lost {}", uuid::Uuid::now_v7().simple());
    let settings = Settings { url: testkit::admin_url(), max_connections: CONNECTIONS };
    let (pool, another) = (connect(&settings, &name).unwrap(), connect(&settings, "another").unwrap());
    assert!(ask(&pool).await.iter().all(Result::is_ok));
    let ended: i64 = sqlx::query_scalar(
        "with theirs as materialized (select pid from pg_stat_activity where application_name = $1)
         select count(*) from theirs where pg_terminate_backend(pid, 5000)",
    )
    .bind(&name)
    .fetch_one(&another)
    .await
    .unwrap();
    assert_eq!(ended, i64::from(CONNECTIONS));
    // Not for anything to happen: it is the time itself that makes a connection doubtful.
    tokio::time::sleep(TRUSTED_FOR * 2).await;
    let answers = ask(&pool).await;
    assert!(answers.iter().all(Result::is_ok), "{answers:?}");
}

#[tokio::test]
async fn the_first_who_come_find_connections_that_are_open() {
    let name = format!("new {}", uuid::Uuid::now_v7().simple());
    for (most, expected) in [(10, OPENED_AHEAD), (1, 1)] {
        let settings = Settings { url: testkit::admin_url(), max_connections: most };
        let pool = connect(&settings, &name).unwrap();
        while pool.num_idle() < usize::try_from(expected).unwrap() {
            tokio::time::sleep(TRUSTED_FOR / 50).await;
        }
        assert_eq!(pool.size(), expected);
    }
}
