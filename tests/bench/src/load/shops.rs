//! Shops of the data, their owners signed in.

use std::collections::HashMap;
use std::sync::Arc;

use anyhow::Context;
use futures::{StreamExt, TryStreamExt, stream};
use serde_json::json;
use sqlx::{Connection, PgConnection, Row};

use crate::data;
use crate::http::Connection as Client;
use crate::platform::Platform;
use crate::shop::{PASSWORD, Shop, bearer, call};

/// People who sign in at once; each costs the platform a password's worth of work.
const AT_ONCE: usize = 4;

/// Signs in the owners of so many businesses, spread evenly over all of them.
pub(crate) async fn open(platform: &Platform, of: u64, count: u64) -> anyhow::Result<Arc<[Shop]>> {
    let numbers: Vec<u64> = (0..count).map(|at| at * of / count).collect();
    let mut database = PgConnection::connect(&platform.postgres_url()?).await?;
    let slugs: Vec<String> = numbers.iter().map(|number| format!("tienda-{number}")).collect();
    let rows = sqlx::query(
        "select b.slug, c.card_id::text as card, c.customer_id::text as customer
         from enrollment.business b join stamping.card c using (business_id) where b.slug = any($1) order by 2",
    )
    .bind(&slugs)
    .fetch_all(&mut database)
    .await?;
    let mut held: HashMap<String, (Vec<String>, Vec<String>)> = HashMap::new();
    for row in rows {
        let (stamps, customers) = held.entry(row.get("slug")).or_default();
        // By id, as a panel stamps: the code of a card is known to its holder and to the till that reads it.
        stamps.push(json!({ "card_id": row.get::<String, _>("card") }).to_string());
        customers.push(row.get("customer"));
    }
    let signed: Vec<(u64, String)> = stream::iter(numbers)
        .map(|number| async move { anyhow::Ok((number, sign_in(&platform.address, number).await?)) })
        .buffer_unordered(AT_ONCE)
        .try_collect()
        .await?;
    let shops = signed.into_iter().map(|(number, token)| {
        let slug = format!("tienda-{number}");
        let (stamps, customers) = held.remove(&slug).with_context(|| format!("{slug} has no cards"))?;
        Ok(Shop { bearer: bearer(&token), token, stamps, customers, slug })
    });
    shops.collect()
}

async fn sign_in(address: &str, number: u64) -> anyhow::Result<String> {
    let mut client = Client::open(address).await?;
    let form = json!({ "email": data::owner(number), "password": PASSWORD });
    let signed = call(&mut client, "POST", "/api/v1/auth/login", "", &form, 200).await?;
    Ok(signed["access_token"].as_str().context("no token")?.to_owned())
}
