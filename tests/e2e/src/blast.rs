use std::collections::HashMap;
use std::time::Duration;

use chrono::{DateTime, Utc};
use serde_json::json;
use sqlx::Row;

use crate::{Shop, World, eventually, key};

/// A campaign of the template `news` to many customers at once: the customers straight into the books, since their joining
/// is another test's, and everything after that as it is.
pub struct Blast<'a> {
    /// Where.
    pub world: &'a World,
    /// Whose customers they are.
    pub shop: &'a Shop,
}

impl Blast<'_> {
    /// Makes customers who agreed to be written to, numbered from `first`.
    pub async fn customers(&self, first: usize, count: usize) -> Vec<String> {
        let mut database = self.world.database().await;
        let made = sqlx::query(
            "with made as (
                 insert into enrollment.customer (customer_id, business_id, name, search_name, phone, adult_declared,
                                                  language, source, referral_code, created_at)
                 select uuidv7(), $1::uuid, 'Ana ' || n, 'ana ' || n, '+5197' || lpad(n::text, 7, '0'), true, 'es', 'join',
                        'T' || n, now()
                 from generate_series($2::int, $2::int + $3::int - 1) as n
                 returning customer_id
             ), agreed as (
                 insert into enrollment.consent (consent_id, business_id, customer_id, purpose, version, state, text_version,
                                                 language, via, recorded_at)
                 select uuidv7(), $1::uuid, customer_id, purpose, 1, 'granted', 1, 'es', 'join', now()
                 from made cross join unnest(array['program', 'marketing']) as purpose
             )
             select customer_id::text as customer from made",
        )
        .bind(&self.shop.id)
        .bind(i32::try_from(first).expect("a small number"))
        .bind(i32::try_from(count).expect("a small number"))
        .fetch_all(&mut database)
        .await
        .expect("customers");
        made.iter().map(|row| row.get("customer")).collect()
    }

    /// Launches a campaign to each of them and to nobody else, waits until each message is a row, and tells its id.
    pub async fn launch(&self, customers: &[String]) -> String {
        self.know(customers).await;
        let there = self.statuses().await.values().sum::<i64>();
        let draft = json!({
            "name": "Jueves", "audience": { "all": [] }, "holdout_percent": 0, "channel_policy": "whatsapp",
            "wordings": [{
                "language": "es", "template": "news", "variables": ["{first_name}", "{business}", "dos por uno"],
            }],
        });
        let made = self.shop.post("/campaigns").key(key()).json(&draft).send().await.ok(201);
        let campaign = made["campaign_id"].as_str().expect("an id").to_owned();
        self.shop.post(&format!("/campaigns/{campaign}/launch")).send().await.ok(200);
        let wanted = there + i64::try_from(customers.len()).expect("a small number");
        eventually("every message is a row", Duration::from_secs(60), async || {
            (self.statuses().await.values().sum::<i64>() == wanted).then_some(())
        })
        .await;
        campaign
    }

    /// As campaign would know them after a visit ten days ago.
    async fn know(&self, customers: &[String]) {
        let mut database = self.world.database().await;
        sqlx::query(
            "insert into campaign.audience
                 (business_id, customer_id, joined_at, consent, consent_version, consent_at, days, entries, visits,
                  first_day, last_day)
             select $1::uuid, id::uuid, at, 'granted', 1, at, array[at::date], array[1], 1, at::date, at::date
             from unnest($2::text[]) as id, (select now() - interval '10 days' as at) as visited",
        )
        .bind(&self.shop.id)
        .bind(customers)
        .execute(&mut database)
        .await
        .expect("customers of campaign's");
        sqlx::query("analyze campaign.audience").execute(&mut database).await.expect("to be counted");
    }

    /// How many messages stand how.
    pub async fn statuses(&self) -> HashMap<String, i64> {
        let mut database = self.world.database().await;
        let rows = sqlx::query(
            "select status, count(*) as many from messaging.message where template = 'news' group by status",
        );
        let rows = rows.fetch_all(&mut database).await.expect("the messages");
        rows.iter().map(|row| (row.get("status"), row.get("many"))).collect()
    }

    /// When messaging made its calls, by the ids that the provider gave their messages.
    pub async fn calls(&self) -> HashMap<String, DateTime<Utc>> {
        let mut database = self.world.database().await;
        let calls = sqlx::query_as(
            "select sid, called_at from messaging.attempt where sid is not null and called_at is not null",
        );
        calls.fetch_all(&mut database).await.expect("the calls").into_iter().collect()
    }

    /// The most that were handed over within any one second, by the calls that messaging wrote down. Of one that its process took with it
    /// the moment counts that it was given.
    pub async fn busiest_second(&self) -> i64 {
        let mut database = self.world.database().await;
        sqlx::query_scalar(
            "select coalesce(max(calls), 0) from (
                 select count(*) over (order by at range between current row and '999.999 ms' following) as calls
                 from (select coalesce(called_at, slot_at) as at from messaging.attempt) as made) as seconds",
        )
        .fetch_one(&mut database)
        .await
        .expect("the calls")
    }

    /// How many sends of a campaign were planned, failed, and may still change.
    pub async fn tally(&self, campaign: &str) -> (i64, i64, i64) {
        let mut database = self.world.database().await;
        sqlx::query_as("select planned, failed, open from campaign.tally where campaign_id = $1::uuid")
            .bind(campaign)
            .fetch_one(&mut database)
            .await
            .expect("the tally")
    }

    /// Whom campaign may not write to for seven days.
    pub async fn claimed(&self) -> i64 {
        let mut database = self.world.database().await;
        let claims = sqlx::query_scalar("select count(*) from campaign.contact_claim");
        claims.fetch_one(&mut database).await.expect("the claims")
    }

    /// How many messages failed for this reason.
    pub async fn failed_for(&self, reason: &str) -> i64 {
        let mut database = self.world.database().await;
        sqlx::query_scalar(
            "select count(*) from messaging.message where template = 'news' and status = 'failed' and reason = $1",
        )
        .bind(reason)
        .fetch_one(&mut database)
        .await
        .expect("the messages")
    }

    /// Messages that are not at an end: still to be handed over, in doubt, or under way without a word from the provider.
    pub async fn open(&self) -> i64 {
        let all = self.statuses().await;
        ["waiting", "in_doubt", "handed_over"].iter().filter_map(|status| all.get(*status)).sum()
    }
}
