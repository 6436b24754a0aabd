//! What events and links change on passes, on a real database.

use std::sync::Arc;

use boot::Link;
use boot::auth::ServiceIdentity;
use boot::database::{Settings, connect};
use kernel::{BusinessId, CardId, Clock, CustomerId, EventId, ProgramId};
use outbox::{Handler, Outbox, Received};
use prost::Message;
use proto::stamping::event::Fact;
use proto::stamping::{Event, RewardExpired};
use testkit::TestDatabase;

use super::{Consumer, filters};
use crate::app::App;
use crate::domain::link::{Holder, Secrets};
use crate::objects::Objects;
use crate::peers::Peers;
use crate::store;
use crate::store::pass::Pass;

/// Nobody listens there: what is tested needs no other service.
const NOWHERE: &str = "http://127.0.0.1:9";

struct World {
    app: Arc<App>,
    _database: TestDatabase,
}

impl World {
    async fn start() -> Self {
        boot::install_crypto();
        let database = TestDatabase::new("wallet_pass", &crate::MIGRATOR).await;
        let pool = connect(&Settings { url: database.url.clone(), max_connections: 4 }, "test").unwrap();
        let nats = outbox::Settings {
            url: "nats://127.0.0.1:9".into(),
            user: String::new(),
            password: String::new(),
            replicas: 1,
        };
        let broker = outbox::connect(&nats, "test").await.unwrap();
        let (outbox, _relay) = Outbox::new("wallet_pass", pool.clone(), broker.clone());
        let link = || Link::to(NOWHERE).unwrap();
        let app = Arc::new(App {
            pool,
            outbox,
            broker,
            clock: Clock::System,
            secrets: Secrets::from_hex(&"7a".repeat(32)).unwrap(),
            objects: Objects::open(std::env::temp_dir().to_str().unwrap()).unwrap(),
            apple: None,
            google: None,
            web: None,
            unusable: Default::default(),
            peers: Peers::new(link(), link(), ServiceIdentity::new("wallet-pass", String::new(), link())),
            public_url: "https://sello.test".into(),
            templates: Default::default(),
            wanted: Arc::default(),
        });
        Self { app, _database: database }
    }

    /// A card that goes into a wallet, by somebody who reads this language.
    async fn download(&self, holder: Holder, language: &str) -> Pass {
        let (pool, program) = (&self.app.pool, ProgramId::generate());
        store::pass::ensure(pool, holder, program, language, self.app.clock.now()).await.unwrap();
        self.pass(holder.card).await
    }

    async fn pass(&self, card: CardId) -> Pass {
        store::pass::find(&self.app.pool, card).await.unwrap().unwrap()
    }

    /// An event of stamping comes in.
    async fn tell(&self, business: BusinessId, name: &str, fact: Fact) {
        let event =
            Event { business_id: business.to_string(), fact: Some(fact), ..Event::default() }.encode_to_vec();
        let received = Received {
            id: EventId::generate(),
            subject: format!("sello.v1.{business}.stamping.{name}"),
            payload: event,
            traceparent: None,
        };
        let consumer = Consumer::new(Arc::clone(&self.app));
        let mut tx = self.app.pool.begin().await.unwrap();
        consumer.handle(&mut tx, &[received]).await.unwrap();
        tx.commit().await.unwrap();
    }

    /// The cards that Apple's phones are to be told of now.
    async fn wanted(&self) -> Vec<CardId> {
        let (pool, now) = (&self.app.pool, self.app.clock.now());
        let taken =
            store::push::take(pool, "apple", now, now + chrono::Duration::minutes(1), 10).await.unwrap();
        taken.into_iter().map(|push| push.card).collect()
    }
}

fn holder() -> Holder {
    Holder { business: BusinessId::generate(), customer: CustomerId::generate(), card: CardId::generate() }
}

#[tokio::test]
async fn a_reward_that_expires_changes_the_pass_and_its_phone_is_to_be_told() {
    let world = World::start().await;
    let holder = holder();
    let before = world.download(holder, "es").await;
    let now = world.app.clock.now();
    let mut db = world.app.pool.acquire().await.unwrap();
    store::registration::register(&mut db, "phone", &before, "a1b2", now).await.unwrap();
    let hers =
        Fact::RewardExpired(RewardExpired { card_id: holder.card.to_string(), ..RewardExpired::default() });
    assert_eq!(world.wanted().await, []);
    world.tell(holder.business, "reward_expired", hers).await;
    let after = world.pass(holder.card).await;
    assert!(after.tag > before.tag && after.modified_at > before.modified_at);
    assert_eq!(after.news, "reward_expired");
    assert_eq!(world.wanted().await, [holder.card]);
    assert!(filters().contains(&"sello.v1.*.stamping.reward_expired".to_owned()));
}

#[tokio::test]
async fn a_pass_follows_the_language_of_the_last_download() {
    let world = World::start().await;
    let holder = holder();
    let first = world.download(holder, "es").await;
    let again = world.download(holder, "es").await;
    assert_eq!((again.tag, again.modified_at), (first.tag, first.modified_at), "nothing has changed");
    let english = world.download(holder, "en").await;
    assert_eq!(english.language, "en");
    assert!(english.tag > first.tag && english.modified_at > first.modified_at, "phones may fetch it");
    assert_eq!(english.program, first.program, "all else stays");
}

#[tokio::test]
async fn a_card_that_became_another_customers_is_alive_in_her_wallet() {
    let world = World::start().await;
    let before = holder();
    world.download(before, "es").await;
    let mut tx = world.app.pool.begin().await.unwrap();
    let now = world.app.clock.now();
    let closed = store::pass::close(&mut tx, before.business, before.customer, now).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(closed.len(), 1);
    assert!(world.download(before, "en").await.closed, "who left does not come back");
    let hers = Holder { customer: CustomerId::generate(), ..before };
    let pass = world.download(hers, "es").await;
    assert_eq!((pass.closed, pass.customer), (false, hers.customer));
}
