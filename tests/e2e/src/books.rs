use std::collections::HashMap;

use sqlx::Row;

use crate::World;

/// The ledger and its cards as they lie in the database.
pub struct Books {
    /// By operation id: how many entries of the ledger it has.
    pub entries: HashMap<String, i64>,
    /// The sum of the ledger.
    pub stamps: i64,
    /// The sum of the cards' totals.
    pub totals: i64,
}

impl Books {
    /// Opens the books of one business.
    pub async fn of(world: &World, business: &str) -> Self {
        let mut database = world.database().await;
        let rows = sqlx::query(
            "select operation_id::text as operation, count(*) as entries, sum(count)::bigint as stamps
             from stamping.stamp where business_id = $1::uuid group by operation_id",
        )
        .bind(business)
        .fetch_all(&mut database)
        .await
        .expect("the ledger");
        let totals = sqlx::query_scalar(
            "select coalesce(sum(total), 0)::bigint from stamping.card where business_id = $1::uuid",
        )
        .bind(business)
        .fetch_one(&mut database)
        .await
        .expect("the cards");
        Self {
            stamps: rows.iter().map(|row| row.get::<i64, _>("stamps")).sum(),
            entries: rows.iter().map(|row| (row.get("operation"), row.get("entries"))).collect(),
            totals,
        }
    }
}
