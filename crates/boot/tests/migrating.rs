//! A schema is migrated also where the database comes up only afterwards, and what is wrong with a migration is told at once.

use std::net::SocketAddr;
use std::str::FromStr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock};

use boot::migration;
use sqlx::migrate::{Migration, MigrationType, Migrator};
use sqlx::postgres::PgConnectOptions;
use sqlx::{Connection, PgConnection, SqlSafeStr};
use testkit::TestDatabase;
use tokio::net::{TcpListener, TcpSocket, TcpStream};

static NONE: LazyLock<Migrator> = LazyLock::new(|| Migrator::with_migrations(Vec::new()));

fn one_step(sql: &'static str) -> Migrator {
    let step = Migration::new(1, "mark".into(), MigrationType::Simple, sql.into_sql_str(), false);
    Migrator::with_migrations(vec![step])
}

fn options(database: &TestDatabase) -> PgConnectOptions {
    PgConnectOptions::from_str(&database.url).expect("the URL of a database")
}

/// A place where nobody listens yet, and the URL of the database as it will be reached there.
struct Place {
    socket: TcpSocket,
    url: String,
    behind: u16,
}

impl Place {
    fn before(database: &TestDatabase) -> Self {
        let behind = options(database).get_port();
        let socket = TcpSocket::new_v4().expect("a socket");
        socket.bind(SocketAddr::from(([127, 0, 0, 1], 0))).expect("a port");
        let own = socket.local_addr().expect("its address").port();
        let url = database.url.replacen(&format!(":{behind}/"), &format!(":{own}/"), 1);
        assert_ne!(url, database.url);
        Self { socket, url, behind }
    }

    fn listen(self) -> (TcpListener, u16) {
        (self.socket.listen(8).expect("to listen"), self.behind)
    }
}

/// Hands on whoever comes, and counts them.
fn hand_on(listener: TcpListener, behind: u16) -> Arc<AtomicUsize> {
    let come = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&come);
    tokio::spawn(async move {
        loop {
            let (mut client, _) = listener.accept().await.expect("a client");
            counted.fetch_add(1, Ordering::SeqCst);
            tokio::spawn(async move {
                let mut server = TcpStream::connect(("127.0.0.1", behind)).await.expect("the server");
                // Whoever hangs up first ends it, with an error or without.
                let _ = tokio::io::copy_bidirectional(&mut client, &mut server).await;
            });
        }
    });
    come
}

#[tokio::test]
async fn a_database_that_is_not_there_yet_is_waited_for() {
    let database = TestDatabase::new("waiting", &NONE).await;
    let place = Place::before(&database);
    let url = place.url.clone();
    let steps = one_step("create table mark (at int)");
    let (migrated, ()) = tokio::join!(migration::run(&url, &steps), async {
        // Refused at first, it is then cut off, as by a server that is just starting.
        let (listener, behind) = place.listen();
        drop(listener.accept().await.unwrap());
        hand_on(listener, behind);
    });

    migrated.unwrap();

    let mut direct = PgConnection::connect(&database.url).await.unwrap();
    let marks: i64 = sqlx::query_scalar("select count(*) from mark").fetch_one(&mut direct).await.unwrap();
    assert_eq!(marks, 0);
}

#[tokio::test]
async fn a_migration_that_fails_is_not_tried_again() {
    let database = TestDatabase::new("waiting", &NONE).await;
    let place = Place::before(&database);
    let url = place.url.clone();
    let (listener, behind) = place.listen();
    let come = hand_on(listener, behind);

    let error = migration::run(&url, &one_step("create table mark (at nonsense)")).await.unwrap_err();

    assert!(format!("{error:#}").contains("nonsense"), "{error:#}");
    assert_eq!(come.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_server_that_refuses_us_is_not_asked_again() {
    let database = TestDatabase::new("waiting", &NONE).await;
    let place = Place::before(&database);
    let name = options(&database).get_database().unwrap().to_owned();
    let url = place.url.replacen(&name, "nowhere", 1);
    let (listener, behind) = place.listen();
    let come = hand_on(listener, behind);

    let error = migration::run(&url, &one_step("select 1")).await.unwrap_err();

    assert!(format!("{error:#}").contains("nowhere"), "{error:#}");
    assert_eq!(come.load(Ordering::SeqCst), 1);
}
