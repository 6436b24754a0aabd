//! Tenants never meet: the roles behind the API. Its endpoints are asked with every kind of wrong token in `access`.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed, and says where")]

use std::collections::BTreeMap;

use e2e::{Shop, World, shared, soon};
use futures::StreamExt;
use sqlx::postgres::PgConnectOptions;
use sqlx::{Connection, PgConnection, Row};

#[tokio::test]
async fn the_role_of_one_schema_can_touch_no_other() {
    let world = shared();
    Shop::open(&world).await;
    let mut admin = world.database().await;
    let mut tables: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let rows =
        sqlx::query("select schemaname, tablename from pg_tables where schemaname !~ '^(pg_|information_)'");
    for row in rows.fetch_all(&mut admin).await.unwrap() {
        tables.entry(row.get("schemaname")).or_default().push(row.get("tablename"));
    }
    let services: Vec<String> = tables.keys().cloned().collect();
    let all = ["analytics", "campaign", "enrollment", "messaging", "stamping", "wallet_pass"];
    assert_eq!(services, all);
    for service in &services {
        let mut own = as_role(&world, service).await;
        for (schema, names) in &tables {
            for table in names {
                let tried = sqlx::query(sqlx::AssertSqlSafe(format!("select from {schema}.{table} limit 1")))
                    .execute(&mut own)
                    .await;
                assert_eq!(tried.is_ok(), schema == service, "{service} reading {schema}.{table}: {tried:?}");
            }
        }
        for beyond in [
            "create schema mine",
            "create table public.mine (a int)",
            "create role other",
            "set role postgres",
        ] {
            let tried = sqlx::query(beyond).execute(&mut own).await;
            assert!(tried.is_err(), "{service} may `{beyond}`");
        }
    }
}

#[tokio::test]
async fn a_service_publishes_its_own_facts_and_nobody_elses() {
    let world = shared();
    let shop = Shop::open(&world).await;
    for (service, event, may) in [
        ("analytics", "stamping.stamp_added", false),
        ("gateway", "enrollment.customer_enrolled", false),
        ("enrollment", "stamping.stamp_added", false),
        ("enrollment", "enrollment.nothing_really", true),
    ] {
        let password = world.secrets()["services"][service]["nats"].as_str().unwrap().to_owned();
        let (told, mut hears) = futures::channel::mpsc::unbounded();
        let options = async_nats::ConnectOptions::with_user_and_password(service.to_owned(), password);
        let options = options.event_callback(move |event| {
            let _ = told.unbounded_send(event.to_string());
            async {}
        });
        let client = options.connect(world.nats_url()).await.unwrap();
        client.publish(format!("sello.v1.{}.{event}", shop.id), "x".into()).await.unwrap();
        // The server answers in order: what it thinks of that has come once it answers the next question.
        let stream = async_nats::jetstream::new(client.clone()).get_stream(outbox::STREAM).await;
        stream.expect("an answer");
        let refused = soon("the broker's word", async || {
            let heard = tokio::time::timeout(std::time::Duration::from_secs(1), hears.next()).await;
            match heard {
                Ok(Some(said)) if said.to_lowercase().contains("permissions violation") => Some(true),
                Ok(Some(_)) => None,
                Ok(None) | Err(_) => Some(false),
            }
        })
        .await;
        assert_eq!(refused, !may, "{service} publishing {event}");
    }
    world.verify().await;
}

async fn as_role(world: &World, service: &str) -> PgConnection {
    let password = world.secrets()["services"][service]["postgres"].as_str().unwrap().to_owned();
    let options: PgConnectOptions = world.postgres_url().parse().unwrap();
    let options = options.username(&format!("sello_{service}")).password(&password);
    PgConnection::connect_with(&options).await.unwrap()
}
