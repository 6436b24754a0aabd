//! WhatsApp under the mixed load: campaigns that have really been sent, by a Twilio of our own, and what that Twilio then tells of
//! them, one webhook each time that the schedule wants one.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};
use fakes::twilio::{SENDER, Status, Template, Twilio, Webhook};
use serde_json::{Value, json};
use sqlx::{Connection as _, PgConnection};
use uuid::Uuid;

use crate::http::Connection;
use crate::platform::Platform;
use crate::shop::{Shop, call};

/// Messages of which is told side by side: each is sent, then each delivered, then each read.
const SIDE_BY_SIDE: usize = 3;
/// Webhooks until all of that was told and one of them was answered.
const OF_A_GROUP: usize = 3 * SIDE_BY_SIDE + 1;
/// The most messages that are sent; a longer load begins again with the first, as Twilio too may tell things twice.
const MOST: usize = 3_000;
/// Kinds are drawn, so more webhooks may be wanted than are planned.
const MORE: f64 = 1.2;
/// Shops that write, where there are so many and they have customers enough.
const WRITING: usize = 20;
/// What one of them may spend in a day, and what all may be sent in a second.
const MOST_CENTS: i64 = 10_000_000;
const A_SECOND: &str = "400";
/// How long messages may take to leave, and what was told to be in the books.
const LEFT_WITHIN: Duration = Duration::from_secs(120);
const KEPT_WITHIN: Duration = Duration::from_secs(10);
const LOOK_EVERY: Duration = Duration::from_millis(50);
/// The template of every campaign here.
const TEMPLATE: &str = "news";
/// What customers answer: what the platform answers by itself, and what an owner reads.
const ANSWERS: [&str; 2] = ["mis sellos", "¿Hasta qué hora atienden hoy?"];

/// A campaign as its owner asks for it.
pub(crate) fn draft(name: &str) -> Value {
    json!({
        "name": name, "audience": { "all": [] }, "holdout_percent": 0, "channel_policy": "whatsapp",
        "wordings": [{
            "language": "es", "template": TEMPLATE, "variables": ["{first_name}", "{business}", "dos por uno"],
        }],
    })
}

/// Messages to send for so many webhooks a second.
pub(crate) fn messages_for(webhooks_per_second: f64, length: Duration) -> usize {
    let webhooks = webhooks_per_second * length.as_secs_f64() * MORE;
    let groups = (webhooks / OF_A_GROUP as f64).ceil().max(1.0) as usize;
    (groups * SIDE_BY_SIDE).min(MOST)
}

/// Messages that have left, and what has been told of them.
pub(crate) struct Sent {
    twilio: Arc<Twilio>,
    messages: Vec<Message>,
    told: AtomicUsize,
    /// Webhooks that changed nothing, at the last look.
    lost: AtomicUsize,
}

struct Message {
    sid: String,
    to: String,
}

/// What a webhook tells, of a message by its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Told {
    Moved(usize, Status),
    Answered(usize),
}

/// What the webhook of this number tells, where so many messages have left.
fn told(number: usize, messages: usize) -> Told {
    let (group, place) = (number / OF_A_GROUP, number % OF_A_GROUP);
    let message = (group * SIDE_BY_SIDE + place % SIDE_BY_SIDE) % messages;
    match place / SIDE_BY_SIDE {
        0 => Told::Moved(message, Status::Sent),
        1 => Told::Moved(message, Status::Delivered),
        2 => Told::Moved(message, Status::Read),
        _ => Told::Answered(message),
    }
}

/// How each message stands once so many webhooks have told of them. Whoever tells once more from the beginning changes nothing.
fn standing(count: usize, messages: usize) -> Vec<Option<Status>> {
    let mut standing = vec![None; messages];
    let all = messages.div_ceil(SIDE_BY_SIDE) * OF_A_GROUP;
    for number in 0..count.min(all) {
        if let Told::Moved(message, status) = told(number, messages) {
            standing[message] = Some(status);
        }
    }
    standing
}

/// How many messages each shop sends, by how many customers it has: as many for each, until there are enough.
fn shares(wanted: usize, customers: &[usize]) -> Vec<usize> {
    let each = wanted.div_ceil(customers.len().clamp(1, WRITING));
    let mut left = wanted;
    let share = |has: &usize| {
        let share = each.min(*has).min(left);
        left -= share;
        share
    };
    customers.iter().map(share).collect()
}

/// Has campaigns of these shops send about so many messages; when this returns, all have left, and nobody has told of any.
pub(crate) async fn send(platform: &Platform, shops: &[Shop], wanted: usize) -> anyhow::Result<Arc<Sent>> {
    let customers: Vec<usize> = shops.iter().map(|shop| shop.customers.len()).collect();
    let writing: Vec<(&Shop, &[String])> = shops
        .iter()
        .zip(shares(wanted, &customers))
        .filter(|(_, share)| *share > 0)
        .map(|(shop, share)| (shop, &shop.customers[..share]))
        .collect();
    let count = writing.iter().map(|(_, customers)| customers.len()).sum::<usize>();
    ensure!(count >= SIDE_BY_SIDE, "{count} customers are too few to be written to");
    let mut database = PgConnection::connect(&platform.postgres_url()?).await?;
    platform.operator(&["sender", SENDER.trim_start_matches("whatsapp:"), "prueba", "0", A_SECOND]).await?;
    let body: String =
        sqlx::query_scalar("select body from messaging.template where name = $1 and language = 'es'")
            .bind(TEMPLATE)
            .fetch_one(&mut database)
            .await?;
    let content = format!("HX{}", Uuid::now_v7().simple());
    platform.twilio.add_template(Template::new(&content, body));
    platform.operator(&["template", "approve", TEMPLATE, "es", &content]).await?;
    agree(&mut database, &writing).await?;
    let mut connection = Connection::open(&platform.address).await?;
    for (shop, _) in &writing {
        launch(&mut connection, shop).await?;
    }
    let left = platform.twilio.until_accepted_within(count, LEFT_WITHIN).await;
    left.ok()
        .with_context(|| format!("of {count} messages {} have left", platform.twilio.accepted_count()))?;
    until_handed_over(&mut database, count).await?;
    let mut messages: Vec<Message> = platform
        .twilio
        .accepted()
        .into_iter()
        .map(|message| Message { sid: message.sid, to: message.to })
        .collect();
    messages.truncate(count / SIDE_BY_SIDE * SIDE_BY_SIDE);
    Ok(Arc::new(Sent {
        twilio: Arc::clone(&platform.twilio),
        messages,
        told: AtomicUsize::new(0),
        lost: AtomicUsize::new(0),
    }))
}

/// These shops may send at any hour, and these customers have agreed to be written to: joining and proving a number is measured
/// elsewhere.
async fn agree(database: &mut PgConnection, writing: &[(&Shop, &[String])]) -> anyhow::Result<()> {
    let slugs: Vec<&str> = writing.iter().map(|(shop, _)| shop.slug.as_str()).collect();
    let customers: Vec<&str> =
        writing.iter().flat_map(|(_, customers)| customers.iter()).map(String::as_str).collect();
    sqlx::query(
        "insert into messaging.business as known
             (business_id, time_zone, sender_id, status, daily_limit_cents, monthly_limit_cents)
         select b.business_id, $2, s.sender_id, 'approved', $3, $3
         from enrollment.business b cross join messaging.sender s where b.slug = any($1)
         on conflict (business_id) do update
         set time_zone = excluded.time_zone, sender_id = excluded.sender_id, status = 'approved',
             daily_limit_cents = excluded.daily_limit_cents, monthly_limit_cents = excluded.monthly_limit_cents",
    )
    .bind(&slugs)
    .bind(e2e::zone_at(12))
    .bind(MOST_CENTS)
    .execute(&mut *database)
    .await?;
    sqlx::query(
        "insert into enrollment.consent
             (consent_id, business_id, customer_id, purpose, version, state, text_version, language, via, recorded_at)
         select uuidv7(), c.business_id, c.customer_id, 'marketing',
                1 + (select coalesce(max(version), 0) from enrollment.consent e
                     where e.business_id = c.business_id and e.customer_id = c.customer_id and e.purpose = 'marketing'),
                'granted', 1, 'es', 'join', now()
         from enrollment.customer c where c.customer_id = any($1::uuid[])",
    )
    .bind(&customers)
    .execute(&mut *database)
    .await?;
    sqlx::query(
        "insert into campaign.audience as known (business_id, customer_id, joined_at, consent, consent_version, consent_at)
         select business_id, customer_id, created_at, 'granted', 1, now()
         from enrollment.customer where customer_id = any($1::uuid[])
         on conflict on constraint audience_pk do update
         set consent = 'granted', consent_version = known.consent_version + 1, consent_at = excluded.consent_at",
    )
    .bind(&customers)
    .execute(&mut *database)
    .await?;
    Ok(())
}

async fn launch(connection: &mut Connection, shop: &Shop) -> anyhow::Result<()> {
    let headers = format!("{}idempotency-key: {}\r\n", shop.bearer, Uuid::now_v7());
    let made = call(connection, "POST", "/api/v1/campaigns", &headers, &draft("Jueves"), 201).await?;
    let campaign = made["campaign_id"].as_str().context("no campaign")?;
    let path = format!("/api/v1/campaigns/{campaign}/launch");
    call(connection, "POST", &path, &shop.bearer, &Value::Null, 200).await?;
    Ok(())
}

/// Twilio has taken each, and messaging knows of it.
async fn until_handed_over(database: &mut PgConnection, count: usize) -> anyhow::Result<()> {
    let begun = Instant::now();
    loop {
        let known: i64 = sqlx::query_scalar(
            "select count(*) from messaging.message m join messaging.attempt a using (attempt_id)
             where m.status = 'handed_over' and a.sid is not null",
        )
        .fetch_one(&mut *database)
        .await?;
        if usize::try_from(known)? == count {
            return Ok(());
        }
        if begun.elapsed() > LEFT_WITHIN {
            bail!("of {count} messages that have left, messaging knows of {known}");
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

impl Sent {
    /// The next webhook; what it tells is true from now on.
    pub(crate) fn tell_next(&self) -> Option<Webhook> {
        let number = self.told.fetch_add(1, Ordering::Relaxed);
        match told(number, self.messages.len()) {
            Told::Moved(message, status) => self.twilio.moves_untold(&self.messages[message].sid, status),
            Told::Answered(message) => {
                let Message { sid, to } = &self.messages[message];
                let text = ANSWERS[number / OF_A_GROUP % ANSWERS.len()];
                self.twilio.customer(to).answers_untold(sid, text)
            }
        }
    }

    /// How many webhooks that were told since the last look have changed nothing: a message that does not stand where it was said
    /// to, an answer that nobody has dealt with. Waits for a moment, since answers are dealt with after they were taken.
    pub(crate) async fn lost(&self, platform: &Platform) -> anyhow::Result<usize> {
        let mut database = PgConnection::connect(&platform.postgres_url()?).await?;
        let begun = Instant::now();
        loop {
            let lost = self.missing(&mut database).await?;
            if lost <= self.lost.load(Ordering::Relaxed) || begun.elapsed() > KEPT_WITHIN {
                return Ok(lost.saturating_sub(self.lost.swap(lost, Ordering::Relaxed)));
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    async fn missing(&self, database: &mut PgConnection) -> anyhow::Result<usize> {
        let (count, messages) = (self.told.load(Ordering::Relaxed), self.messages.len());
        let standing = standing(count, messages);
        let known = self.messages.iter().zip(standing);
        let (sids, words): (Vec<&str>, Vec<&str>) =
            known.filter_map(|(message, status)| Some((message.sid.as_str(), status?.name()))).unzip();
        let answers =
            (0..count).filter(|number| matches!(told(*number, messages), Told::Answered(_))).count();
        let (elsewhere, dealt_with): (i64, i64) = sqlx::query_as(
            "select (select count(*) from unnest($1::text[], $2::text[]) as told (sid, status)
                     left join messaging.attempt a on a.sid = told.sid
                     left join messaging.message m on m.message_id = a.message_id
                     where m.status is distinct from told.status),
                    (select count(*) from messaging.inbound where state = 'done')",
        )
        .bind(&sids)
        .bind(&words)
        .fetch_one(database)
        .await?;
        Ok(usize::try_from(elsewhere)? + answers.saturating_sub(usize::try_from(dealt_with)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_message_is_sent_delivered_and_read_in_turn_and_one_of_three_is_answered() {
        let all: Vec<Told> = (0..2 * OF_A_GROUP).map(|number| told(number, 6)).collect();
        for message in 0..6 {
            let moves: Vec<Status> = all
                .iter()
                .filter_map(|told| match told {
                    Told::Moved(of, status) if *of == message => Some(*status),
                    _ => None,
                })
                .collect();
            assert_eq!(moves, [Status::Sent, Status::Delivered, Status::Read], "{message}");
        }
        let answered = all.iter().filter(|told| matches!(told, Told::Answered(0 | 3))).count();
        assert_eq!((answered, all.len()), (2, 20));
        assert_eq!(told(2 * OF_A_GROUP, 6), told(0, 6), "and then from the beginning");
    }

    #[test]
    fn what_is_told_again_changes_nothing() {
        assert_eq!(standing(0, 3), [None; 3]);
        assert_eq!(standing(4, 3), [Some(Status::Delivered), Some(Status::Sent), Some(Status::Sent)]);
        for count in [OF_A_GROUP, OF_A_GROUP + 1, 5 * OF_A_GROUP] {
            assert_eq!(standing(count, 3), [Some(Status::Read); 3], "{count}");
        }
    }

    #[test]
    fn shops_share_what_is_to_be_sent() {
        assert_eq!(shares(10, &[50; 4]), [3, 3, 3, 1]);
        assert_eq!(shares(10, &[2_000]), [10]);
        assert_eq!(shares(10, &[1, 0, 50]), [1, 0, 4], "who has few customers writes to few");
        let many = shares(69, &[50; 835]);
        assert_eq!((many.iter().sum::<usize>(), many.iter().filter(|share| **share > 0).count()), (69, 18));
        assert!(shares(10, &[]).is_empty());
    }

    #[test]
    fn a_load_has_messages_for_its_webhooks() {
        for (per_second, seconds) in [(3.6, 60), (0.01, 5), (12.0, 60)] {
            let messages = messages_for(per_second, Duration::from_secs(seconds));
            let webhooks = messages / SIDE_BY_SIDE * OF_A_GROUP;
            assert!(messages.is_multiple_of(SIDE_BY_SIDE) && webhooks as f64 >= per_second * seconds as f64);
        }
        assert_eq!(messages_for(1_200.0, Duration::from_secs(420)), MOST);
    }
}
