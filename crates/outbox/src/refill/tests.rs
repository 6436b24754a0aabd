use std::borrow::Cow;
use std::sync::LazyLock;

use sqlx::SqlSafeStr as _;
use sqlx::migrate::{Migration, MigrationType, Migrator};
use testkit::TestDatabase;

use super::*;
use crate::stream::DEDUP_WINDOW;

/// The server that has come.
const SERVER: &str = "NBLZ";
/// The service whose facts these are, and whose name and password the broker is asked with.
const SERVICE: &str = "stamping";

const NOTHING_LOST: Looked = Looked { lost: 0, is_through: true };

static TABLES: LazyLock<Migrator> = LazyLock::new(|| {
    let sql = "create table outbox (event_id uuid primary key, created_at timestamptz not null, published_at timestamptz);
               create table outbox_broker (server text primary key, newest_at timestamptz not null, begun_at timestamptz,
                                           is_whole boolean not null default false);";
    let tables = Migration::new(1, Cow::Borrowed("tables"), MigrationType::Simple, sql.into_sql_str(), false);
    Migrator::with_migrations(vec![tables])
});

/// An outbox of its own beside a broker that all tests share.
struct Place {
    pool: PgPool,
    broker: Broker,
    _database: TestDatabase,
}

impl Place {
    async fn new() -> Self {
        let database = TestDatabase::new("refill", &TABLES).await;
        let settings = boot::database::Settings { url: database.url.clone(), max_connections: 4 };
        let pool = boot::database::connect(&settings, "test").unwrap();
        let nats = std::env::var("SELLO_TEST_NATS").expect("a broker; run `make test`");
        let (caller, place) = nats.trim_start_matches("nats://").split_once('@').unwrap();
        let (user, password) = caller.split_once(':').unwrap();
        let settings = crate::Settings {
            user: user.to_owned(),
            password: password.to_owned(),
            ..crate::Settings::at(format!("nats://{place}"))
        };
        let broker = crate::connect(&settings, "test").await.unwrap();
        Self { pool, broker, _database: database }
    }

    /// A fact that the stream has.
    async fn is_told(&self) -> Uuid {
        let id = Uuid::now_v7();
        let subject = format!("sello.v1.{}.{SERVICE}.tested", Uuid::now_v7().simple());
        self.broker.stream().await.unwrap();
        let mut headers = async_nats::HeaderMap::new();
        headers.insert(async_nats::header::NATS_MESSAGE_ID, id.to_string());
        let sent = self.broker.jetstream.publish_with_headers(subject, headers, "".into()).await;
        sent.unwrap().await.unwrap();
        id
    }

    /// Its row, marked so many minutes ago.
    async fn marked(&self, id: Uuid, minutes: i32) {
        sqlx::query(
            "insert into outbox select $1, at, at from (select now() - make_interval(mins => $2) as at) as marked",
        )
        .bind(id)
        .bind(minutes)
        .execute(&self.pool)
        .await
        .unwrap();
    }

    async fn open(&self, unseen: Duration) {
        open(&self.pool, &self.broker, SERVICE, SERVER, unseen).await.unwrap();
    }

    async fn refill(&self) -> Looked {
        refill(&self.pool, &self.broker, SERVICE, SERVER).await.unwrap()
    }

    /// The facts that wait for the sweeper.
    async fn waiting(&self) -> Vec<Uuid> {
        let waiting = sqlx::query_scalar("select event_id from outbox where published_at is null");
        waiting.fetch_all(&self.pool).await.unwrap()
    }

    async fn is_whole(&self) -> bool {
        let is_whole =
            sqlx::query_scalar("select is_whole from outbox_broker where server = $1").bind(SERVER);
        is_whole.fetch_one(&self.pool).await.unwrap()
    }
}

#[tokio::test]
async fn what_is_published_to_a_server_does_not_hide_what_it_had_lost() {
    let place = Place::new().await;
    let (lost, older) = (Uuid::now_v7(), Uuid::now_v7());
    place.marked(lost, 60).await;
    place.marked(older, 90).await;
    place.is_told().await;
    place.open(Duration::ZERO).await;
    // It came an hour ago, and had nothing newer then.
    let newest = "update outbox_broker set newest_at = now() - interval '62 minutes'";
    sqlx::query(newest).execute(&place.pool).await.unwrap();
    let new = place.is_told().await;
    place.marked(new, 0).await;
    place.open(Duration::ZERO).await;
    assert_eq!(place.refill().await, Looked { lost: 1, is_through: true });
    assert_eq!(place.waiting().await, [lost], "what is older was on its disk, and what is newer is there");
}

#[tokio::test]
async fn one_copy_looks_for_all_except_for_what_was_marked_since() {
    let place = Place::new().await;
    place.is_told().await;
    place.open(Duration::ZERO).await;
    assert_eq!(place.refill().await, NOTHING_LOST);
    place.open(Duration::from_secs(60)).await;
    assert!(place.is_whole().await, "whose last mark is a minute old has nothing that was not looked at");
    place.open(Duration::ZERO).await;
    assert!(!place.is_whole().await);
    assert_eq!(place.refill().await, NOTHING_LOST);
    assert!(place.is_whole().await);
}

#[tokio::test]
async fn two_copies_do_not_look_at_once() {
    let place = Place::new().await;
    place.is_told().await;
    place.open(Duration::ZERO).await;
    let mut other = place.pool.begin().await.unwrap();
    let locked: bool = sqlx::query_scalar(BEGIN_LOOKING).fetch_one(&mut *other).await.unwrap();
    assert!(locked);
    assert_eq!(place.refill().await, Looked { lost: 0, is_through: false });
    other.rollback().await.unwrap();
    assert_eq!(place.refill().await, NOTHING_LOST);
}

#[test]
fn a_mark_that_came_late_is_looked_for_from_before_its_fact_was_taken() {
    let newest = DateTime::from_unix_timestamp_nanos(1_764_000_000_900_000_000).unwrap();
    let Window { marked, taken } = Window::behind(1_764_000_000.9).unwrap();
    assert!(newest - marked > LOST_BEFORE, "a mark may be by a clock that is slow");
    assert!(marked - taken > DEDUP_WINDOW + CLOCKS, "what the broker recognised was taken that long before");
}
