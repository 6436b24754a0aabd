//! What a test leaves behind when it ends in the middle of something.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking, its helpers too")]

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::sync::LazyLock;
use std::time::Duration;

use sqlx::migrate::Migrator;
use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions as _, PgConnection};
use testkit::TestDatabase;

static NONE: LazyLock<Migrator> = LazyLock::new(|| Migrator::with_migrations(Vec::new()));

/// Somebody who is asked for the password and has not said it: PostgreSQL, 55.2.1 Start-up, and 55.7 Message Formats.
fn at_the_door(database: &str) -> TcpStream {
    let options: PgConnectOptions = testkit::admin_url().parse().unwrap();
    let mut stream = TcpStream::connect((options.get_host(), options.get_port())).unwrap();
    let mut startup = 196_608_u32.to_be_bytes().to_vec();
    for word in ["user", options.get_username(), "database", database, ""] {
        startup.extend_from_slice(word.as_bytes());
        startup.push(0);
    }
    let length = u32::try_from(startup.len() + 4).unwrap();
    stream.write_all(&[&length.to_be_bytes()[..], &startup].concat()).unwrap();
    let mut kind = [0];
    stream.read_exact(&mut kind).unwrap();
    assert_eq!(&kind, b"R", "the server asks who it is");
    stream
}

async fn is_there(admin: &mut PgConnection, name: &str) -> bool {
    let there = sqlx::query_scalar("select exists(select from pg_database where datname = $1)").bind(name);
    there.fetch_one(admin).await.unwrap()
}

#[tokio::test]
async fn a_test_does_not_wait_for_its_database_to_go_while_a_connection_of_its_own_is_half_open() {
    let database = TestDatabase::new("half_open", &NONE).await;
    let options: PgConnectOptions = database.url.parse().unwrap();
    let name = options.get_database().unwrap().to_owned();
    let admin: PgConnectOptions = testkit::admin_url().parse().unwrap();
    let mut admin = admin.connect().await.unwrap();
    let half_open = at_the_door(&name);
    drop(database);
    assert!(
        is_there(&mut admin, &name).await,
        "the server removes a database once every backend has heard of it"
    );
    drop(half_open);
    while is_there(&mut admin, &name).await {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
