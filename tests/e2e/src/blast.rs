use std::collections::HashMap;
use std::time::Duration;

use async_nats::{ConnectOptions, HeaderMap, jetstream};
use chrono::Utc;
use prost::Message;
use proto::campaign::event::Fact;
use proto::campaign::{Event, Send, SendRequested, Wording};
use sqlx::Row;
use uuid::Uuid;

use crate::{Shop, World, eventually};

/// Customers of one event, as campaign divides them.
const OF_ONE_EVENT: usize = 500;

/// Messages of the template `news` to many customers at once: the customers straight into the books, since their joining
/// is another test's, and the messages by the events that campaign publishes.
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

    /// Asks for a message to each, and waits until each is a row.
    pub async fn ask(&self, customers: &[String]) {
        let there = self.statuses().await.values().sum::<i64>();
        let services = self.world.secrets();
        let password = services["services"]["campaign"]["nats"].as_str().expect("a password").to_owned();
        let client = ConnectOptions::with_user_and_password("campaign".into(), password)
            .connect(self.world.nats_url())
            .await
            .expect("the broker");
        let stream = jetstream::new(client);
        let campaign = Uuid::now_v7().to_string();
        for some in customers.chunks(OF_ONE_EVENT) {
            let event = self.event(&campaign, some);
            let mut headers = HeaderMap::new();
            headers.insert("Nats-Msg-Id", event.event_id.as_str());
            let subject = format!("sello.v1.{}.campaign.send_requested", self.shop.id);
            let taken = stream.publish_with_headers(subject, headers, event.encode_to_vec().into()).await;
            taken.expect("to publish").await.expect("to be taken");
        }
        let wanted = there + i64::try_from(customers.len()).expect("a small number");
        eventually("every message is a row", Duration::from_secs(60), async || {
            (self.statuses().await.values().sum::<i64>() == wanted).then_some(())
        })
        .await;
    }

    fn event(&self, campaign: &str, customers: &[String]) -> Event {
        let wording = Wording {
            language: "es".into(),
            template: "news".into(),
            variables: ["{first_name}", "{business}", "dos por uno"].map(str::to_owned).into(),
            ..Default::default()
        };
        let sends = customers.iter().map(|customer| Send {
            send_id: Uuid::now_v7().to_string(),
            customer_id: customer.clone(),
            language: "es".into(),
            ..Default::default()
        });
        let tomorrow = Utc::now() + chrono::Duration::days(1);
        let asked = SendRequested {
            campaign_id: campaign.to_owned(),
            channel: "whatsapp".into(),
            category: "marketing".into(),
            wordings: vec![wording],
            sends: sends.collect(),
            good_until: Some(prost_types::Timestamp { seconds: tomorrow.timestamp(), nanos: 0 }),
        };
        Event {
            event_id: Uuid::now_v7().to_string(),
            business_id: self.shop.id.clone(),
            fact: Some(Fact::SendRequested(asked)),
            ..Default::default()
        }
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

    /// The most that were handed over within any one second, by the calls that messaging wrote down.
    pub async fn busiest_second(&self) -> i64 {
        let mut database = self.world.database().await;
        sqlx::query_scalar(
            "select coalesce(max(calls), 0) from (
                 select count(*) over (order by called_at range between current row and '999.999 ms' following) as calls
                 from messaging.attempt where called_at is not null) as seconds",
        )
        .fetch_one(&mut database)
        .await
        .expect("the calls")
    }

    /// Messages that are not at an end: still to be handed over, in doubt, or under way without a word from the provider.
    pub async fn open(&self) -> i64 {
        let all = self.statuses().await;
        ["waiting", "in_doubt", "handed_over"].iter().filter_map(|status| all.get(*status)).sum()
    }
}
