//! A database per test, cloned from a template that was migrated once.
//!
//! The server is a real PostgreSQL, named by `SELLO_TEST_POSTGRES` (an administrator's URL); `make test` starts one.

use std::future::Future;
use std::hash::{DefaultHasher, Hash, Hasher};

use sqlx::migrate::Migrator;
use sqlx::{AssertSqlSafe, Connection, PgConnection};

/// The password of every role on a test server.
const PASSWORD: &str = "test";
/// The key under which templates are made one at a time.
const TEMPLATES: i64 = 0x5e11_0000;

/// A database that lives as long as this value, or a moment longer: nobody waits for it to go.
pub struct TestDatabase {
    /// The URL of the service's own role; its `search_path` is the service's schema.
    pub url: String,
    admin_url: String,
    name: String,
}

/// Where the test server is.
///
/// # Panics
/// When `SELLO_TEST_POSTGRES` is not set: run `make test`, or name a server of your own.
pub fn admin_url() -> String {
    match std::env::var("SELLO_TEST_POSTGRES") {
        Ok(url) => url,
        Err(_) => {
            panic!("SELLO_TEST_POSTGRES is not set; run `make test`, or name an administrator's URL in it")
        }
    }
}

impl TestDatabase {
    /// A fresh database with the schema of `service`.
    ///
    /// # Panics
    /// When the server does not do as told: a test without its database has nothing to say.
    pub async fn new(service: &str, migrator: &'static Migrator) -> Self {
        match Self::try_new(service, migrator).await {
            Ok(database) => database,
            Err(error) => panic!("no test database for {service}: {error}"),
        }
    }

    async fn try_new(service: &str, migrator: &'static Migrator) -> Result<Self, sqlx::Error> {
        let admin_url = admin_url();
        let mut admin = PgConnection::connect(&admin_url).await?;
        let mut version = DefaultHasher::new();
        migrator.iter().for_each(|migration| migration.checksum.hash(&mut version));
        let template = format!("template_{service}_{:016x}", version.finish());
        sqlx::query("select pg_advisory_lock($1)").bind(TEMPLATES).execute(&mut admin).await?;
        let there: bool = sqlx::query_scalar("select exists(select from pg_database where datname = $1)")
            .bind(&template)
            .fetch_one(&mut admin)
            .await?;
        if !there {
            execute(&mut admin, format!("create database {template}")).await?;
            let made = migrate(&admin_url, service, &template, migrator).await;
            if made.is_err() {
                execute(&mut admin, format!("drop database {template}")).await?;
            }
            made?;
        }
        sqlx::query("select pg_advisory_unlock($1)").bind(TEMPLATES).execute(&mut admin).await?;
        let name = format!("test_{}", uuid::Uuid::now_v7().simple());
        execute(&mut admin, format!("create database {name} template {template}")).await?;
        admin.close().await?;
        let url = role_url(&admin_url, service, &name)?;
        Ok(Self { url, admin_url, name })
    }
}

/// The clone has no setting of its own for the role, so the URL carries the `search_path`.
fn role_url(admin_url: &str, service: &str, database: &str) -> Result<String, sqlx::Error> {
    let url = boot::database::role_url(&in_database(admin_url, database), service, PASSWORD)?;
    let joint = if url.contains('?') { '&' } else { '?' };
    Ok(format!("{url}{joint}options=-csearch_path%3D{service}"))
}

async fn migrate(
    admin_url: &str,
    service: &str,
    template: &str,
    migrator: &'static Migrator,
) -> Result<(), sqlx::Error> {
    boot::database::provision(&in_database(admin_url, template), service, PASSWORD).await?;
    let mut owner = PgConnection::connect(&role_url(admin_url, service, template)?).await?;
    migrator.run(&mut owner).await.map_err(|error| sqlx::Error::Configuration(error.into()))?;
    owner.close().await
}

async fn execute(connection: &mut PgConnection, statement: String) -> Result<(), sqlx::Error> {
    // Only names we made stand in these texts.
    sqlx::raw_sql(AssertSqlSafe(statement)).execute(connection).await.map(|_| ())
}

fn in_database(admin_url: &str, database: &str) -> String {
    let (url, query) = admin_url.split_once('?').unwrap_or((admin_url, ""));
    let server = url.rsplit_once('/').map_or(url, |(server, _)| server);
    if query.is_empty() { format!("{server}/{database}") } else { format!("{server}/{database}?{query}") }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        let (admin_url, name) = (self.admin_url.clone(), self.name.clone());
        // The server removes a database once each of its processes has heard of it, and one that waits for a password hears
        // nothing for a minute: whoever waited here would hold up the very runtime that is to say it. A test that is unwinding
        // already must not panic again, and a server that is gone took the database along, so what comes of it is not asked.
        std::thread::spawn(move || {
            block_on(async {
                let mut admin = PgConnection::connect(&admin_url).await?;
                execute(&mut admin, format!("drop database if exists {name} with (force)")).await
            })
        });
    }
}

fn block_on<T>(work: impl Future<Output = Result<T, sqlx::Error>>) -> Result<T, sqlx::Error> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(sqlx::Error::Io)?
        .block_on(work)
}
