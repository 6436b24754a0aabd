//! Postgres: a pool per service, and the role and schema it owns.

use std::str::FromStr;
use std::time::Duration;

use anyhow::Context;
use futures::future::join_all;
use serde::Deserialize;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, PgConnection, PgPool};

/// Where a service's data is.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// `postgres://role:password@host/database`; the role's `search_path` is its schema.
    pub url: String,
    /// Most connections this process opens.
    #[serde(default = "ten")]
    pub max_connections: u32,
}

fn ten() -> u32 {
    10
}

/// How long a call waits for a connection before it is told `unavailable`.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(2);

/// How long nobody may have used a connection that is given to the next without a look at it.
pub const TRUSTED_FOR: Duration = Duration::from_millis(250);

/// How long a connection is used: a server that has moved is found again.
const MAX_LIFETIME: Duration = Duration::from_secs(30 * 60);

/// Connections that are open before anybody asks for one: whoever comes first after a start would wait for several to be opened at
/// once, each of which proves the password with thousands of hashes on both sides. sqlx's own minimum is not used: what looks after it
/// waits for a server that is away with a connection's place in its hands.
pub const OPENED_AHEAD: u32 = 3;

/// The key under which roles and schemas are made one at a time.
const PROVISIONING: i64 = 0x5e11_0001;

/// A pool that opens [`OPENED_AHEAD`] connections beside whatever comes next, so that a service starts while its database is away.
pub fn connect(settings: &Settings, service: &str) -> Result<PgPool, sqlx::Error> {
    let options = PgConnectOptions::from_str(&settings.url)?.application_name(service);
    let pool = PgPoolOptions::new()
        .max_connections(settings.max_connections)
        .acquire_timeout(ACQUIRE_TIMEOUT)
        // A ping before each use would cost a round trip a statement. Under load a broken connection shows itself; one that
        // nobody used for a while may be of a server that is gone, and whoever comes next is not to be told of it.
        .test_before_acquire(false)
        .before_acquire(|connection, known| {
            Box::pin(async move {
                if known.idle_for > TRUSTED_FOR {
                    connection.ping().await?;
                }
                Ok(true)
            })
        })
        .max_lifetime(MAX_LIFETIME)
        .connect_lazy_with(options);
    tokio::spawn(open(pool.clone(), OPENED_AHEAD.min(settings.max_connections)));
    Ok(pool)
}

/// Opens so many connections of a new pool.
async fn open(pool: PgPool, count: u32) {
    // All are held until the last is there: one that is given back at once would be taken again.
    for opened in join_all((0..count).map(|_| pool.acquire())).await {
        if let Err(error) = opened {
            tracing::debug!(%error, "the database is away; whoever needs a connection opens it");
        }
    }
}

/// A pool at a replica of the same database; `None` where `place` is empty. `host:port` is reached as the database itself is;
/// a URL says all of it anew, such as for a replica behind a pooler.
pub fn connect_replica(settings: &Settings, place: &str, service: &str) -> anyhow::Result<Option<PgPool>> {
    if place.is_empty() {
        return Ok(None);
    }
    let options = replica_options(settings, place)?.application_name(service);
    let pool = PgPoolOptions::new()
        .max_connections(settings.max_connections)
        .acquire_timeout(ACQUIRE_TIMEOUT)
        // Asked first whether it still lives: there is another server to ask.
        .test_before_acquire(true)
        .max_lifetime(MAX_LIFETIME)
        .connect_lazy_with(options);
    Ok(Some(pool))
}

fn replica_options(settings: &Settings, place: &str) -> anyhow::Result<PgConnectOptions> {
    if place.starts_with("postgres://") || place.starts_with("postgresql://") {
        // What stands in a URL may be a password: it is not told.
        return PgConnectOptions::from_str(place).context("the replica's address is not a URL of PostgreSQL");
    }
    let (host, port) = place.rsplit_once(':').with_context(|| format!("{place} is not host:port"))?;
    let port = port.parse().with_context(|| format!("{place} is not host:port"))?;
    Ok(PgConnectOptions::from_str(&settings.url)?.host(host).port(port))
}

/// Makes the role and the schema of `service` in the database of `admin_url`, or gives them this password. The role
/// can touch no other schema.
pub async fn provision(admin_url: &str, service: &str, password: &str) -> Result<(), sqlx::Error> {
    assert!(service.bytes().all(|b| b.is_ascii_lowercase() || b == b'_'), "a service's name is a plain word");
    assert!(password.bytes().all(|b| b.is_ascii_alphanumeric()), "generated passwords are alphanumeric");
    let mut admin = PgConnection::connect(admin_url).await?;
    // Two at once would break each other on the catalogue's rows; the lock ends with the connection.
    sqlx::query("select pg_advisory_lock($1)").bind(PROVISIONING).execute(&mut admin).await?;
    let database: String = sqlx::query_scalar("select current_database()").fetch_one(&mut admin).await?;
    let role = format!("sello_{service}");
    let known: bool = sqlx::query_scalar("select exists(select from pg_roles where rolname = $1)")
        .bind(&role)
        .fetch_one(&mut admin)
        .await?;
    let verb = if known { "alter" } else { "create" };
    let statements = [
        format!("{verb} role {role} login password '{password}' nosuperuser nocreatedb nocreaterole"),
        format!("grant connect on database \"{database}\" to {role}"),
        format!("create schema if not exists {service} authorization {role}"),
        format!("alter role {role} in database \"{database}\" set search_path = {service}"),
        "revoke all on schema public from public".to_owned(),
    ];
    for statement in statements {
        // Only checked words were put into these texts.
        sqlx::raw_sql(AssertSqlSafe(statement)).execute(&mut admin).await?;
    }
    admin.close().await
}

/// The URL of `service`'s own role, on the server and database of `admin_url`.
pub fn role_url(admin_url: &str, service: &str, password: &str) -> Result<String, sqlx::Error> {
    let options =
        PgConnectOptions::from_str(admin_url)?.username(&format!("sello_{service}")).password(password);
    Ok(options.to_url_lossy().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(place: &str) -> anyhow::Result<(String, u16, Option<String>, String)> {
        let url = "postgres://sello_analytics@pooler:6432/sello?sslmode=disable".to_owned();
        let options = replica_options(&Settings { url, max_connections: 1 }, place)?;
        let mode = format!("{:?}", options.get_ssl_mode());
        Ok((
            options.get_host().to_owned(),
            options.get_port(),
            options.get_database().map(str::to_owned),
            mode,
        ))
    }

    #[test]
    fn a_replica_is_reached_as_its_primary_is_or_as_its_own_url_says() {
        let sello = || Some("sello".to_owned());
        assert_eq!(at("replica:5433").unwrap(), ("replica".into(), 5433, sello(), "Disable".into()));
        let url = "postgres://sello_analytics@replica:5432/sello?sslmode=verify-full";
        assert_eq!(at(url).unwrap(), ("replica".into(), 5432, sello(), "VerifyFull".into()));
        for wrong in ["replica", "replica:high", "postgres://replica:high/sello"] {
            assert!(at(wrong).is_err(), "{wrong}");
        }
    }
}
