//! Browsers and what they are told, on a real database.

use std::collections::BTreeMap;

use boot::database::{Settings, connect};
use chrono::TimeDelta;
use fakes::webpush;
use kernel::ProgramId;
use testkit::TestDatabase;

use super::*;
use crate::domain::link::Holder;
use crate::domain::message::{Message, Messages};
use crate::store::{pass, push, words};

struct World {
    pool: PgPool,
    now: DateTime<Utc>,
    business: BusinessId,
    _database: TestDatabase,
}

impl World {
    async fn start() -> Self {
        let database = TestDatabase::new("wallet_pass", &crate::MIGRATOR).await;
        let pool = connect(&Settings { url: database.url.clone(), max_connections: 4 }, "test").unwrap();
        // PostgreSQL keeps no finer moments.
        let now = DateTime::from_timestamp(1_790_000_000, 0).unwrap();
        Self { pool, now, business: BusinessId::generate(), _database: database }
    }

    async fn card_of(&self, customer: CustomerId) -> Pass {
        let holder = Holder { business: self.business, customer, card: CardId::generate() };
        let mut db = self.pool.acquire().await.unwrap();
        pass::ensure(&mut db, holder, ProgramId::generate(), "es", self.now).await.unwrap();
        pass::find(&self.pool, holder.card).await.unwrap().unwrap()
    }

    async fn subscribe(&self, card: &Pass, endpoint: &str) -> (Uuid, bool) {
        let keys = webpush::Browser::alone();
        let keys = Keys::read(&keys.p256dh(), &keys.auth()).unwrap();
        let mut db = self.pool.acquire().await.unwrap();
        let browser = Browser { endpoint: endpoint.to_owned(), keys };
        subscribe(&mut db, card, &browser, "our key", self.now).await.unwrap()
    }

    /// A campaign says something about a card; returns its send, and whether a browser is to be told.
    async fn say(&self, card: &Pass, text: &str) -> (Uuid, bool) {
        self.say_in(CampaignId::generate(), card, text).await
    }

    async fn say_in(&self, campaign: CampaignId, card: &Pass, text: &str) -> (Uuid, bool) {
        let send = Uuid::now_v7();
        let good_until = Some(self.now + TimeDelta::days(1));
        let words = Words { campaign, send, text: text.into(), good_until, traceparent: None };
        let said = BTreeMap::from([(card.card, words)]);
        let mut db = self.pool.acquire().await.unwrap();
        (send, want(&mut db, &said, self.now).await.unwrap().contains(&send))
    }

    /// The rows that are due, each with its browser.
    async fn due(&self) -> Vec<(crate::store::push::Push, Target)> {
        let lease = self.now + TimeDelta::minutes(1);
        let taken = crate::store::push::take(&self.pool, "web", self.now, lease, 10).await.unwrap();
        let mut due = Vec::new();
        for push in taken {
            let target = target(&self.pool, push.push).await.unwrap().unwrap();
            due.push((push, target));
        }
        due
    }

    async fn forget(&self, subscriptions: &[Uuid], card: Option<CardId>) -> Vec<Gone> {
        let mut db = self.pool.acquire().await.unwrap();
        forget(&mut db, subscriptions, card).await.unwrap()
    }
}

#[tokio::test]
async fn a_browser_hears_of_two_cards_and_is_forgotten_with_both() {
    let world = World::start().await;
    let (mine, other) =
        (world.card_of(CustomerId::generate()).await, world.card_of(CustomerId::generate()).await);
    let (first, created) = world.subscribe(&mine, "https://push/1").await;
    assert_eq!((world.subscribe(&mine, "https://push/1").await, created), ((first, false), true));
    let (second, created) = world.subscribe(&other, "https://push/1").await;
    assert!(created && first != second);
    let mut db = world.pool.acquire().await.unwrap();
    let mut found = at(&mut db, "https://push/1").await.unwrap();
    found.sort_unstable();
    let mut both = [first, second];
    both.sort_unstable();
    assert_eq!(found, both);
    assert!(world.forget(&[first], Some(other.card)).await.is_empty(), "another card's browser stays");
    assert_eq!(world.forget(&both, None).await.len(), 2);
    assert!(at(&mut db, "https://push/1").await.unwrap().is_empty());
}

#[tokio::test]
async fn the_oldest_browser_makes_room() {
    let mut world = World::start().await;
    let card = world.card_of(CustomerId::generate()).await;
    let mut all = Vec::new();
    for number in 0..4 {
        world.now += TimeDelta::minutes(1);
        all.push(world.subscribe(&card, &format!("https://push/{number}")).await.0);
    }
    let mut db = world.pool.acquire().await.unwrap();
    assert_eq!(beyond(&mut db, card.card, 2).await.unwrap(), [all[1], all[0]]);
    assert_eq!(of_customer(&mut db, world.business, card.customer).await.unwrap().len(), 4);
    assert!(of_customer(&mut db, BusinessId::generate(), card.customer).await.unwrap().is_empty());
}

#[tokio::test]
async fn words_wait_for_each_browser_and_are_forgotten_once_it_has_them() {
    let world = World::start().await;
    let card = world.card_of(CustomerId::generate()).await;
    world.subscribe(&card, "https://push/1").await;
    world.subscribe(&card, "https://push/2").await;
    let (send, is_wanted) = world.say(&card, "Hoy dos por uno").await;
    assert!(is_wanted);
    let due = world.due().await;
    assert_eq!(due.len(), 2);
    for (_, target) in &due {
        assert_eq!((target.words.as_str(), target.send), ("Hoy dos por uno", Some(send)));
        assert!(!target.was_taken && !target.is_stopped && target.good_until.is_some());
    }
    let (first, second) = (&due[0].0, &due[1].0);
    assert!(others_wait(&world.pool, first.push, send).await.unwrap());
    let mut db = world.pool.acquire().await.unwrap();
    push::told(&mut *db, second.push, second.wanted, world.now).await.unwrap();
    assert!(!others_wait(&world.pool, first.push, send).await.unwrap());
    let after = target(&world.pool, second.push).await.unwrap().unwrap();
    assert_eq!((after.words.as_str(), after.send, after.was_taken), ("", None, true));
}

#[tokio::test]
async fn newer_words_take_the_place_of_older_ones_that_did_not_go_out() {
    let world = World::start().await;
    let card = world.card_of(CustomerId::generate()).await;
    world.subscribe(&card, "https://push/1").await;
    world.say(&card, "Hoy dos por uno").await;
    let (new, _) = world.say(&card, "Hoy tres por dos").await;
    let due = world.due().await;
    assert_eq!((due.len(), due[0].1.send), (1, Some(new)));
    // A worker has these: what becomes of them it tells itself, and the next are due at once.
    let (next, _) = world.say(&card, "Mañana cerramos").await;
    let mut db = world.pool.acquire().await.unwrap();
    push::told(&mut *db, due[0].0.push, due[0].0.wanted, world.now).await.unwrap();
    let due = world.due().await;
    assert_eq!((due[0].1.words.as_str(), due[0].1.send), ("Mañana cerramos", Some(next)));
}

#[tokio::test]
async fn words_that_are_taken_back_are_no_browsers_any_more_but_for_what_a_worker_has() {
    let world = World::start().await;
    let card = world.card_of(CustomerId::generate()).await;
    world.subscribe(&card, "https://push/1").await;
    let mut db = world.pool.acquire().await.unwrap();
    let (send, _) = world.say(&card, "Hoy dos por uno").await;
    unsay(&mut db, &[send], world.now).await.unwrap();
    assert!(world.due().await.is_empty());

    let (send, _) = world.say(&card, "Hoy tres por dos").await;
    let under_way = world.due().await;
    unsay(&mut db, &[send], world.now).await.unwrap();
    let left = target(&world.pool, under_way[0].0.push).await.unwrap().unwrap();
    assert_eq!((left.words.as_str(), left.send), ("Hoy tres por dos", Some(send)));
}

#[tokio::test]
async fn what_wallets_have_shown_is_taken_back_from_browsers_with_its_campaign_or_its_customer() {
    let world = World::start().await;
    let (hers, anothers) =
        (world.card_of(CustomerId::generate()).await, world.card_of(CustomerId::generate()).await);
    world.subscribe(&hers, "https://push/1").await;
    world.subscribe(&anothers, "https://push/2").await;
    let mut db = world.pool.acquire().await.unwrap();
    let campaign = CampaignId::generate();
    world.say_in(campaign, &hers, "Hoy dos por uno").await;
    let (left, _) = world.say(&anothers, "Mañana cerramos").await;
    unsay_campaign(&mut db, campaign).await.unwrap();
    unsay_customer(&mut db, BusinessId::generate(), anothers.customer).await.unwrap();
    let due = world.due().await;
    assert_eq!((due.len(), due[0].1.send), (1, Some(left)));
    unsay_customer(&mut db, world.business, anothers.customer).await.unwrap();
    let left = target(&world.pool, due[0].0.push).await.unwrap().unwrap();
    assert_eq!((left.words.as_str(), left.send), ("", None));
}

#[tokio::test]
async fn who_waits_for_a_browser_that_goes_is_told_of_it() {
    let world = World::start().await;
    let card = world.card_of(CustomerId::generate()).await;
    let (subscription, _) = world.subscribe(&card, "https://push/1").await;
    let (send, _) = world.say(&card, "Hoy dos por uno").await;
    let gone = world.forget(&[subscription], None).await;
    assert_eq!(gone, [Gone { card: card.card, send: Some(send) }]);
    assert!(world.due().await.is_empty());
    let (_, is_wanted) = world.say(&card, "Hoy dos por uno").await;
    assert!(!is_wanted, "nobody is left to be told");
}

#[tokio::test]
async fn a_message_goes_to_the_card_it_speaks_of_and_to_browsers_only_where_they_are_on() {
    let world = World::start().await;
    let customer = CustomerId::generate();
    let (kept, heard) = (world.card_of(customer).await, world.card_of(customer).await);
    let message = |card| [Message { send: Uuid::now_v7(), customer, card, text: String::new() }];
    let mut db = world.pool.acquire().await.unwrap();
    let mut to = async |card, browsers| {
        let found = pass::kept(&mut db, world.business, &message(card), browsers).await.unwrap();
        found.into_values().next().map(|kept| (kept.card, kept.in_wallet))
    };
    assert_eq!(to(None, true).await, None);
    world.subscribe(&heard, "https://push/1").await;
    assert_eq!(to(None, false).await, None, "browsers are off");
    assert_eq!(to(None, true).await, Some((heard.card, false)));
    let mut other = world.pool.acquire().await.unwrap();
    crate::store::registration::register(&mut other, "phone", &kept, "a1", world.now).await.unwrap();
    assert_eq!(to(Some(kept.card), true).await, Some((kept.card, true)));
    assert_eq!(to(Some(heard.card), true).await, Some((heard.card, false)));
    assert_eq!(to(None, true).await, Some((heard.card, false)), "the newest");
}

/// Whoever takes her words back holds them, and then needs the push.
#[tokio::test]
async fn who_forgets_a_browser_leaves_its_push_to_whoever_holds_the_words() {
    let world = World::start().await;
    let card = world.card_of(CustomerId::generate()).await;
    let (subscription, _) = world.subscribe(&card, "https://push/1").await;
    let campaign = CampaignId::generate();
    let (send, _) = world.say_in(campaign, &card, "Hoy dos por uno").await;
    let message = Message { send, customer: card.customer, card: None, text: "Hoy dos por uno".into() };
    let said = Messages { business: world.business, campaign, good_until: None, messages: vec![message] };
    words::put(&mut world.pool.acquire().await.unwrap(), &said, None, world.now).await.unwrap();

    let mut holds = world.pool.begin().await.unwrap();
    words::lock(&mut holds, &[campaign], &[]).await.unwrap();
    let pool = world.pool.clone();
    let forgetting = tokio::spawn(async move {
        let mut tx = pool.begin().await?;
        let gone = forget(&mut tx, &[subscription], None).await?;
        words::end(&mut tx, &[send], true).await?;
        tx.commit().await?;
        Ok::<_, sqlx::Error>(gone)
    });
    until_somebody_waits(&world.pool).await;
    unsay(&mut holds, &[send], world.now).await.unwrap();
    holds.commit().await.unwrap();
    assert_eq!(forgetting.await.unwrap().unwrap(), [Gone { card: card.card, send: None }]);
}

/// Waits until a transaction waits for another.
async fn until_somebody_waits(pool: &PgPool) {
    let waiting = async || -> i64 {
        sqlx::query_scalar(
            "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'",
        )
        .fetch_one(pool)
        .await
        .unwrap()
    };
    let look = async {
        while waiting().await == 0 {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(30), look).await.unwrap();
}
