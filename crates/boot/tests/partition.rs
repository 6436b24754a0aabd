//! Months of a table that only grows: there before a row needs one, and out of the table once they are old.

use boot::partition::{Retention, agreed, detach, ensure, measure};
use chrono::{DateTime, Utc};
use metrics_exporter_prometheus::PrometheusBuilder;
use sqlx::{PgPool, migrate::Migrator};
use testkit::TestDatabase;

static MIGRATOR: Migrator = sqlx::migrate!("tests/partition");

const SCHEMA: &str = "campaign";
const TABLES: &[&str] = &["visit"];

fn at(text: &str) -> DateTime<Utc> {
    text.parse().expect("a time")
}

fn retention(text: &str) -> Result<Retention, String> {
    serde_json::from_str(text).map_err(|error| error.to_string())
}

async fn write(pool: &PgPool, days: &[&str]) {
    for day in days {
        sqlx::query("insert into campaign.visit values ($1)")
            .bind(at(day))
            .execute(pool)
            .await
            .expect("an answer");
    }
}

async fn count(pool: &PgPool, table: &str) -> Option<i64> {
    let is_there: bool = sqlx::query_scalar("select to_regclass($1) is not null")
        .bind(format!("campaign.{table}"))
        .fetch_one(pool)
        .await
        .expect("an answer");
    if !is_there {
        return None;
    }
    let question = format!("select count(*) from campaign.{table}");
    Some(sqlx::query_scalar(sqlx::AssertSqlSafe(question)).fetch_one(pool).await.expect("an answer"))
}

async fn database() -> (TestDatabase, PgPool) {
    let database = TestDatabase::new(SCHEMA, &MIGRATOR).await;
    let pool = PgPool::connect(&database.url).await.expect("an answer");
    (database, pool)
}

#[tokio::test]
async fn a_month_that_is_kept_no_longer_leaves_its_table_and_goes_or_stays_as_was_said() {
    for (word, left) in [("drop", None), ("keep", Some(1))] {
        let (_database, pool) = database().await;
        let policy = retention(&format!(r#"{{"months": 3, "detached": "{word}"}}"#)).unwrap();
        ensure(&pool, SCHEMA, TABLES, at("2026-01-31T23:00:00Z")).await.unwrap();
        write(&pool, &["2026-01-31T23:59:59Z", "2026-02-01T00:00:00Z", "2026-04-30T12:00:00Z"]).await;
        // At the end of April January is the third month back, and stays.
        assert_eq!(detach(&pool, SCHEMA, TABLES, policy, at("2026-04-30T23:59:59Z")).await.unwrap(), 2);
        assert_eq!(count(&pool, "visit").await, Some(3), "November and December were empty");
        ensure(&pool, SCHEMA, TABLES, at("2026-05-01T00:00:00Z")).await.unwrap();
        assert_eq!(detach(&pool, SCHEMA, TABLES, policy, at("2026-05-01T00:00:00Z")).await.unwrap(), 1);
        assert_eq!(count(&pool, "visit").await, Some(2));
        assert_eq!(count(&pool, "visit_2026_01").await, left);
        assert_eq!(detach(&pool, SCHEMA, TABLES, policy, at("2026-05-01T01:00:00Z")).await.unwrap(), 0);
        // A row that comes so late is not refused for it.
        write(&pool, &["2026-01-15T00:00:00Z"]).await;
        assert_eq!(count(&pool, "visit_default").await, Some(1));
    }
}

#[tokio::test]
async fn what_is_kept_for_ever_is_kept_for_ever() {
    let (_database, pool) = database().await;
    ensure(&pool, SCHEMA, TABLES, at("2020-01-31T23:00:00Z")).await.unwrap();
    write(&pool, &["2020-01-01T00:00:00Z"]).await;
    let now = at("2036-01-01T00:00:00Z");
    assert_eq!(detach(&pool, SCHEMA, TABLES, Retention::FOR_EVER, now).await.unwrap(), 0);
    assert_eq!(count(&pool, "visit").await, Some(1));
}

#[tokio::test]
async fn a_month_under_a_long_question_waits_for_the_next_round_and_holds_nobody_up() {
    let (_database, pool) = database().await;
    let policy = retention(r#"{"months": 3, "detached": "drop"}"#).unwrap();
    ensure(&pool, SCHEMA, TABLES, at("2026-01-31T23:00:00Z")).await.unwrap();
    let mut reader = pool.begin().await.unwrap();
    sqlx::query("select from campaign.visit").execute(&mut *reader).await.unwrap();
    let now = at("2026-08-01T00:00:00Z");
    assert_eq!(detach(&pool, SCHEMA, TABLES, policy, now).await.unwrap(), 0);
    write(&pool, &["2026-01-15T00:00:00Z"]).await;
    reader.commit().await.unwrap();
    assert_eq!(detach(&pool, SCHEMA, TABLES, policy, now).await.unwrap(), 6);
    assert_eq!(count(&pool, "visit").await, Some(0));
}

#[tokio::test]
async fn months_of_two_tables_are_made_beside_whoever_reads_both_in_another_order() {
    let (_database, pool) = database().await;
    let mut reader = pool.begin().await.unwrap();
    sqlx::query("select from campaign.purchase").execute(&mut *reader).await.unwrap();
    let makers = pool.clone();
    let making = tokio::spawn(async move {
        ensure(&makers, SCHEMA, &["visit", "purchase"], at("2026-01-31T23:00:00Z")).await
    });
    let waits = "select exists (select from pg_locks
                                where not granted and relation = 'campaign.purchase'::regclass)";
    while !making.is_finished() && !sqlx::query_scalar::<_, bool>(waits).fetch_one(&pool).await.unwrap() {
        tokio::task::yield_now().await;
    }
    assert!(!making.is_finished(), "{:?}", making.await);
    sqlx::query("select from campaign.visit").execute(&mut *reader).await.unwrap();
    reader.commit().await.unwrap();
    making.await.unwrap().unwrap();
}

#[tokio::test]
async fn a_month_that_cannot_be_made_under_a_long_question_is_made_later_and_holds_nobody_up() {
    let (_database, pool) = database().await;
    ensure(&pool, SCHEMA, TABLES, at("2026-01-31T23:00:00Z")).await.unwrap();
    let mut reader = pool.begin().await.unwrap();
    sqlx::query("select from campaign.visit").execute(&mut *reader).await.unwrap();
    let now = at("2026-02-01T00:00:00Z");
    ensure(&pool, SCHEMA, TABLES, now).await.unwrap();
    assert_eq!(count(&pool, "visit_2026_05").await, None);
    write(&pool, &["2026-02-01T00:00:00Z"]).await;
    reader.commit().await.unwrap();
    ensure(&pool, SCHEMA, TABLES, now).await.unwrap();
    assert_eq!(count(&pool, "visit_2026_05").await, Some(0));
}

#[tokio::test]
async fn a_row_that_came_before_its_month_keeps_no_other_month_from_being_made() {
    let (_database, pool) = database().await;
    write(&pool, &["2026-01-15T00:00:00Z"]).await;
    let refused = ensure(&pool, SCHEMA, &["visit", "purchase"], at("2026-01-31T23:00:00Z")).await;
    assert!(refused.is_err(), "it is said");
    assert_eq!(count(&pool, "visit_2026_01").await, None);
    assert_eq!(count(&pool, "visit_2026_04").await, Some(0));
    assert_eq!(count(&pool, "purchase_2026_04").await, Some(0));
}

#[tokio::test]
async fn whoever_is_years_ahead_of_the_database_deletes_nothing_for_it() {
    let (_database, pool) = database().await;
    let (long_ago, far_off) = (at("2020-01-01T00:00:00Z"), at("2999-01-01T00:00:00Z"));
    assert_eq!(agreed(&pool, long_ago).await.unwrap(), long_ago);
    assert!(agreed(&pool, far_off).await.unwrap() < far_off);
}

#[tokio::test]
async fn the_metrics_tell_of_months_ahead_overdue_and_detached_and_of_rows_without_one() {
    let (_database, pool) = database().await;
    let policy = retention(r#"{"months": 3, "detached": "keep"}"#).unwrap();
    ensure(&pool, SCHEMA, TABLES, at("2026-01-31T23:00:00Z")).await.unwrap();
    write(&pool, &["2019-01-01T00:00:00Z"]).await;
    let recorder = PrometheusBuilder::new().build_recorder();
    let told = recorder.handle();
    let _ours = metrics::set_default_local_recorder(&recorder);
    let value = |name: &str| {
        let line = format!("{name}{{table=\"campaign.visit\"}} ");
        let rendered = told.render();
        rendered.lines().find_map(|text| Some(text.strip_prefix(&line)?.to_owned())).unwrap_or_default()
    };
    let now = at("2026-04-15T00:00:00Z");
    measure(&pool, SCHEMA, TABLES, policy, now).await.unwrap();
    let names = ["ahead", "overdue", "detached"].map(|name| format!("partition_months_{name}"));
    assert_eq!(names.clone().map(|name| value(&name)), ["0", "2", "0"]);
    assert_eq!(value("partition_stray_rows"), "1");
    detach(&pool, SCHEMA, TABLES, policy, now).await.unwrap();
    ensure(&pool, SCHEMA, TABLES, now).await.unwrap();
    measure(&pool, SCHEMA, TABLES, policy, now).await.unwrap();
    assert_eq!(names.map(|name| value(&name)), ["3", "0", "2"]);
}

#[test]
fn a_retention_that_would_take_months_out_that_are_made_again_is_refused_with_a_reason() {
    for months in [1, 2] {
        let refused = retention(&format!(r#"{{"months": {months}, "detached": "drop"}}"#)).unwrap_err();
        assert!(refused.contains("at least 3"), "{refused}");
    }
    assert!(retention(r#"{"months": 24, "detached": "burn"}"#).is_err());
    assert!(retention(r#"{"months": 24, "detached": "drop", "weeks": 3}"#).is_err());
    assert_eq!(retention(r#"{"months": 0, "detached": "keep"}"#), Ok(Retention::FOR_EVER));
}
