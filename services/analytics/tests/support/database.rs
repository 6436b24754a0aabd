//! A fresh, migrated database for one test, dropped at its end.

use sqlx::{AssertSqlSafe, Connection, PgConnection, PgPool};
use uuid::Uuid;

/// The password of the role in tests; all tests of a server share the role.
const PASSWORD: &str = "test";
/// One provisions at a time: they all alter the same role.
const PROVISION_LOCK: i64 = 0x5e11_0001;

pub(crate) struct Database {
    pub(crate) pool: PgPool,
    name: String,
    server: String,
}

impl Database {
    pub(crate) async fn fresh() -> Self {
        let server = std::env::var("SELLO_TEST_POSTGRES")
            .unwrap_or_else(|_| "postgres://postgres@127.0.0.1:55432/postgres".into());
        let name = format!("test_{}", Uuid::now_v7().simple());
        let mut admin = PgConnection::connect(&server).await.unwrap();
        let url = in_database(&server, &name);
        sqlx::query("select pg_advisory_lock($1)").bind(PROVISION_LOCK).execute(&mut admin).await.unwrap();
        sqlx::raw_sql(AssertSqlSafe(format!("create database {name}"))).execute(&mut admin).await.unwrap();
        boot::database::provision(&url, "analytics", PASSWORD).await.unwrap();
        admin.close().await.unwrap();
        let url = boot::database::role_url(&url, "analytics", PASSWORD).unwrap();
        analytics::migrate(&url).await.unwrap();
        let settings = boot::database::Settings { url, max_connections: 4 };
        Self { pool: boot::database::connect(&settings, "analytics").unwrap(), name, server }
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        let (server, name) = (self.server.clone(), self.name.clone());
        // The test's own runtime may be on its way out.
        let dropping = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let mut admin = PgConnection::connect(&server).await.unwrap();
                let drop = format!("drop database if exists {name} with (force)");
                sqlx::raw_sql(AssertSqlSafe(drop)).execute(&mut admin).await.unwrap();
            });
        });
        let _ = dropping.join();
    }
}

/// The same server, another database.
fn in_database(server: &str, name: &str) -> String {
    use std::str::FromStr;

    use sqlx::ConnectOptions;
    use sqlx::postgres::PgConnectOptions;
    PgConnectOptions::from_str(server).unwrap().database(name).to_url_lossy().to_string()
}
