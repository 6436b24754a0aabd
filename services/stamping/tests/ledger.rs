//! The ledger on a real PostgreSQL: a database for each test.
#![expect(clippy::unwrap_used, reason = "a test whose shop cannot be opened has nothing to say")]

use std::sync::Arc;

use boot::Stop;
use chrono::{DateTime, Duration, Utc};
use kernel::{
    BusinessId, CardId, Clock, CustomerId, DeviceId, MemberId, OperationId, Principal, Role, StampId,
};
use outbox::Outbox;
use prost::Message;
use proto::stamping::Event;
use proto::stamping::event::Fact;
use stamping::Error;
use stamping::app::{AddStamps, App, Lanes, OpenCard, Place, RedeemReward, Stamped, Target, VoidStamp};
use stamping::domain::{Actor, CodeKeys, Definition, Kind, LimitKind, Look, Read, RewardRule, Rules};
use testkit::TestDatabase;
use tokio::task::JoinSet;

/// A shop with a program of five stamps, and everything it takes to stamp.
struct Shop {
    app: Arc<App>,
    lanes: Lanes,
    clock: Clock,
    owner: Actor,
    stamper: Actor,
    pool: sqlx::PgPool,
    stop: Stop,
    _tasks: JoinSet<anyhow::Result<()>>,
    // Last, so that it is dropped when nothing uses it any more.
    _database: TestDatabase,
}

impl Drop for Shop {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn member(business: BusinessId, role: Role, device: Option<DeviceId>) -> Actor {
    let member = MemberId::generate();
    Actor::from_principal(&Principal::Member { business, member, role, device, location: None }).unwrap()
}

async fn shop(rules: Rules) -> Shop {
    let database = TestDatabase::new("stamping", &stamping::MIGRATOR).await;
    let settings = boot::database::Settings { url: database.url.clone(), max_connections: 8 };
    let pool = boot::database::connect(&settings, "test").unwrap();
    // Nobody answers there: the events stay in their table, which is all these tests look at.
    let nats = outbox::Settings::at("nats://127.0.0.1:1");
    let broker = outbox::connect(&nats, "test").await.unwrap();
    let (outbox, _relay) = Outbox::new("stamping", pool.clone(), broker);
    let clock = Clock::manual(at("2026-11-23T15:00:00Z"));
    let keys = CodeKeys::new([(1, vec![7; 32])]).unwrap();
    let app = Arc::new(App::new(pool.clone(), outbox, keys, clock.clone(), 3));
    let (stop, mut tasks) = (Stop::new(), JoinSet::new());
    let lanes = Lanes::start(&app, 2, &stop, &mut tasks);
    let business = BusinessId::generate();
    let owner = member(business, Role::Owner, None);
    let rewards = vec![RewardRule { at: 5, title: "Un café".into(), cost: None }];
    let definition = Definition::new("Café", 5, rewards, rules, Look::default()).unwrap();
    app.create_program(&owner, definition).await.unwrap();
    let stamper = member(business, Role::Stamper, Some(DeviceId::generate()));
    Shop { app, lanes, clock, owner, stamper, pool, stop, _tasks: tasks, _database: database }
}

fn several_a_visit() -> Rules {
    Rules { max_per_visit: 5, ..Rules::default() }
}

impl Shop {
    async fn card(&self) -> CardId {
        let command = OpenCard {
            business: self.owner.business,
            customer: CustomerId::generate(),
            card: CardId::generate(),
            program: None,
        };
        self.app.open_card(command).await.unwrap().0.card
    }

    async fn code(&self, card: CardId) -> Target {
        let card =
            self.app.cards_of(self.owner.business, &[self.customer_of(card).await]).await.unwrap().remove(0);
        Target::Code(self.app.read_code(&self.app.code(&card), Utc::now()).unwrap().code)
    }

    async fn customer_of(&self, card: CardId) -> CustomerId {
        let id: uuid::Uuid = sqlx::query_scalar("select customer_id from card where card_id = $1")
            .bind(card.as_uuid())
            .fetch_one(&self.pool)
            .await
            .unwrap();
        id.into()
    }

    async fn stamp(&self, actor: &Actor, target: Target, count: i32) -> Result<Stamped, Error> {
        self.stamp_as(actor, target, count, OperationId::generate()).await
    }

    async fn stamp_as(
        &self,
        actor: &Actor,
        target: Target,
        count: i32,
        operation: OperationId,
    ) -> Result<Stamped, Error> {
        let command = AddStamps {
            operation,
            target,
            count,
            amount: None,
            location: None,
            kind: Kind::Earn,
            override_reason: None,
            occurred_at: None,
        };
        self.lanes.add_stamps(actor.clone(), command).await
    }

    async fn void(&self, actor: &Actor, stamp: StampId) -> Result<(), Error> {
        let command = VoidStamp { operation: OperationId::generate(), stamp, reason: None };
        self.app.void_stamp(actor, command).await.map(|_| ())
    }

    async fn entries(&self) -> i64 {
        sqlx::query_scalar("select count(*) from stamp").fetch_one(&self.pool).await.unwrap()
    }

    async fn drifted(&self) -> i64 {
        self.app.verify().await.unwrap().drifted
    }
}

#[tokio::test]
async fn the_same_operation_from_twenty_hands_is_one_entry() {
    let shop = shop(several_a_visit()).await;
    let card = shop.card().await;
    let (target, operation) = (shop.code(card).await, OperationId::generate());
    let attempts = (0..20).map(|_| shop.stamp_as(&shop.stamper, target, 2, operation));
    let answers: Vec<Stamped> = futures::future::try_join_all(attempts).await.unwrap();
    assert_eq!(answers.iter().filter(|answer| !answer.replayed).count(), 1);
    assert!(answers.iter().all(|answer| answer.card.stamps == 2 && answer.stamp == answers[0].stamp));
    assert_eq!((shop.entries().await, shop.drifted().await), (1, 0));
}

#[tokio::test]
async fn an_operation_id_used_for_something_else_is_refused() {
    let shop = shop(several_a_visit()).await;
    let card = shop.card().await;
    let (target, operation) = (shop.code(card).await, OperationId::generate());
    shop.stamp_as(&shop.stamper, target, 1, operation).await.unwrap();
    let other = shop.stamp_as(&shop.stamper, target, 2, operation).await;
    assert!(matches!(other, Err(Error::OperationMismatch)));
    assert_eq!(shop.entries().await, 1);
}

#[tokio::test]
async fn a_retry_after_the_limit_is_reached_is_still_answered() {
    let shop = shop(Rules { min_minutes_between: 60, ..Rules::default() }).await;
    let card = shop.card().await;
    let (target, operation) = (shop.code(card).await, OperationId::generate());
    let first = shop.stamp_as(&shop.stamper, target, 1, operation).await.unwrap();
    let again = shop.stamp_as(&shop.stamper, target, 1, operation).await.unwrap();
    assert_eq!((again.replayed, again.stamp), (true, first.stamp));
    let other = shop.stamp(&shop.stamper, target, 1).await;
    assert!(matches!(other, Err(Error::Limit(limit)) if limit.kind == LimitKind::MinMinutesBetween));
}

#[tokio::test]
async fn a_neighbour_that_is_refused_harms_nobody_in_the_batch() {
    let shop = shop(several_a_visit()).await;
    let mut targets = Vec::new();
    for _ in 0..10 {
        let card = shop.card().await;
        targets.push(shop.code(card).await);
    }
    let stranger = member(BusinessId::generate(), Role::Owner, None);
    let good = futures::future::join_all(targets.iter().map(|target| shop.stamp(&shop.stamper, *target, 1)));
    let bad = futures::future::join_all(targets.iter().map(|target| shop.stamp(&stranger, *target, 1)));
    let (good, bad) = tokio::join!(good, bad);
    assert!(good.iter().all(Result::is_ok));
    assert!(bad.iter().all(|answer| matches!(answer, Err(Error::CodeInvalid))));
    assert_eq!((shop.entries().await, shop.drifted().await), (10, 0));
}

#[tokio::test]
async fn cards_filled_by_many_hands_at_once_carry_over_and_add_up() {
    let shop = shop(several_a_visit()).await;
    let card = shop.card().await;
    let target = shop.code(card).await;
    let attempts = (0..40).map(|n| shop.stamp(&shop.stamper, target, n % 3 + 1));
    let answers = futures::future::try_join_all(attempts).await.unwrap();
    let total: i64 = (0..40).map(|n| n % 3 + 1).sum();
    let last = answers.iter().map(|answer| &answer.card).max_by_key(|card| card.version).unwrap();
    assert_eq!((last.total, i64::from(last.cycle - 1) * 5 + i64::from(last.stamps)), (total, total));
    let unlocked: usize = answers.iter().map(|answer| answer.unlocked.len()).sum();
    assert_eq!((unlocked as i64, shop.drifted().await), (total / 5, 0));
}

#[tokio::test]
async fn an_undo_takes_back_what_the_stamp_unlocked_and_only_once() {
    let shop = shop(several_a_visit()).await;
    let card = shop.card().await;
    let target = shop.code(card).await;
    shop.stamp(&shop.stamper, target, 4).await.unwrap();
    let fifth = shop.stamp(&shop.stamper, target, 1).await.unwrap();
    assert_eq!(fifth.unlocked.len(), 1);
    shop.void(&shop.stamper, fifth.stamp).await.unwrap();
    assert!(matches!(shop.void(&shop.stamper, fifth.stamp).await, Err(Error::AlreadyVoided)));
    assert_eq!(shop.app.rewards_of(shop.owner.business, &[card]).await.unwrap().len(), 0);
    let again = shop.stamp(&shop.stamper, target, 1).await.unwrap();
    assert_eq!((again.card.stamps, again.unlocked.len(), shop.drifted().await), (5, 1, 0));
}

#[tokio::test]
async fn a_stamp_whose_reward_was_handed_over_stays_until_that_is_undone() {
    let shop = shop(several_a_visit()).await;
    let card = shop.card().await;
    let fifth = shop.stamp(&shop.stamper, shop.code(card).await, 5).await.unwrap();
    let command =
        |operation| RedeemReward { operation, reward: fifth.unlocked[0].reward, scan: None, location: None };
    shop.app.redeem_reward(&shop.owner, command(OperationId::generate())).await.unwrap();
    assert!(matches!(shop.void(&shop.owner, fifth.stamp).await, Err(Error::RewardRedeemed)));
    let twice = shop.app.redeem_reward(&shop.owner, command(OperationId::generate())).await;
    assert!(matches!(twice, Err(Error::RewardNotOpen(state)) if state == "redeemed"));
    shop.app.unredeem_reward(&shop.owner, command(OperationId::generate())).await.unwrap();
    shop.void(&shop.owner, fifth.stamp).await.unwrap();
    assert_eq!(shop.drifted().await, 0);
}

#[tokio::test]
async fn a_stamper_has_a_minute_and_a_manager_has_for_ever() {
    let shop = shop(several_a_visit()).await;
    let card = shop.card().await;
    let stamped = shop.stamp(&shop.stamper, shop.code(card).await, 1).await.unwrap();
    shop.clock.set(at("2026-11-23T15:01:01Z"));
    assert!(matches!(shop.void(&shop.stamper, stamped.stamp).await, Err(Error::UndoTooLate(_))));
    shop.clock.set(at("2026-12-23T15:00:00Z"));
    shop.void(&shop.owner, stamped.stamp).await.unwrap();
    assert_eq!((shop.entries().await, shop.drifted().await), (2, 0));
}

#[tokio::test]
async fn an_undone_visit_does_not_hold_up_the_right_one() {
    let shop = shop(Rules { min_minutes_between: 60, max_per_day: 1, ..Rules::default() }).await;
    let card = shop.card().await;
    let target = shop.code(card).await;
    let wrong = shop.stamp(&shop.stamper, target, 1).await.unwrap();
    shop.void(&shop.stamper, wrong.stamp).await.unwrap();
    shop.stamp(&shop.stamper, target, 1).await.unwrap();
    assert_eq!(shop.drifted().await, 0);
}

#[tokio::test]
async fn a_scan_is_good_for_five_minutes_and_for_its_own_till() {
    let shop = shop(several_a_visit()).await;
    let card = shop.card().await;
    let Target::Code(code) = shop.code(card).await else { unreachable!() };
    let scan = Target::Scan(shop.app.scan(&shop.stamper, Read { code, step: None }).await.unwrap().scan);
    let elsewhere = member(shop.owner.business, Role::Stamper, Some(DeviceId::generate()));
    assert!(matches!(shop.stamp(&elsewhere, scan, 1).await, Err(Error::ScanExpired)));
    let operation = OperationId::generate();
    shop.stamp_as(&shop.stamper, scan, 1, operation).await.unwrap();
    shop.clock.set(shop.clock.now() + Duration::seconds(301));
    assert!(matches!(shop.stamp(&shop.stamper, scan, 1).await, Err(Error::ScanExpired)));
    assert!(shop.stamp_as(&shop.stamper, scan, 1, operation).await.unwrap().replayed);
}

#[tokio::test]
async fn a_stamper_who_never_sees_a_code_is_stopped_at_the_cap() {
    let shop = shop(several_a_visit()).await;
    for _ in 0..3 {
        let card = shop.card().await;
        shop.stamp(&shop.stamper, Target::Card(card), 1).await.unwrap();
    }
    let card = shop.card().await;
    let capped = shop.stamp(&shop.stamper, Target::Card(card), 1).await;
    assert!(matches!(capped, Err(Error::Limit(limit)) if limit.kind == LimitKind::SearchCap));
    shop.stamp(&shop.owner, Target::Card(card), 1).await.unwrap();
}

#[tokio::test]
async fn a_revoked_code_opens_nothing() {
    let shop = shop(several_a_visit()).await;
    let card = shop.card().await;
    let old = shop.code(card).await;
    let principal = Principal::Member {
        business: shop.owner.business,
        member: MemberId::generate(),
        role: Role::Owner,
        device: None,
        location: None,
    };
    shop.app.rotate_code(&principal, card).await.unwrap();
    assert!(matches!(shop.stamp(&shop.stamper, old, 1).await, Err(Error::CodeRevoked)));
    shop.stamp(&shop.stamper, shop.code(card).await, 1).await.unwrap();
}

#[tokio::test]
async fn a_card_that_was_tampered_with_is_told() {
    let shop = shop(several_a_visit()).await;
    let card = shop.card().await;
    shop.stamp(&shop.stamper, shop.code(card).await, 2).await.unwrap();
    assert_eq!(shop.drifted().await, 0);
    sqlx::query("update card set total = total + 1 where card_id = $1")
        .bind(card.as_uuid())
        .execute(&shop.pool)
        .await
        .unwrap();
    assert_eq!(shop.app.verify().await.unwrap().drifts[0].what, "total");
}

#[tokio::test]
async fn every_stamp_leaves_its_fact_in_the_outbox() {
    let shop = shop(several_a_visit()).await;
    let card = shop.card().await;
    shop.stamp(&shop.stamper, shop.code(card).await, 5).await.unwrap();
    let names: Vec<String> = sqlx::query_scalar("select split_part(subject, '.', 5) from outbox order by 1")
        .fetch_all(&shop.pool)
        .await
        .unwrap();
    assert_eq!(names, ["card_opened", "program_changed", "reward_unlocked", "stamp_added"]);
}

/// Everything that is told of what is true now.
async fn snapshot(app: &App) -> Vec<Fact> {
    let (mut facts, mut place) = (Vec::new(), Some(Place::Programs(None)));
    while let Some(from) = place {
        let page = app.snapshot(from).await.unwrap();
        let told = page.0.iter().map(|fact| Event::decode(fact.payload.as_slice()).unwrap().fact.unwrap());
        facts.extend(told);
        place = page.1;
    }
    facts
}

#[tokio::test]
async fn what_is_true_now_is_told_as_the_facts_that_would_make_it_so() {
    let shop = shop(Rules { expires_after_days: Some(1), ..several_a_visit() }).await;
    let (full, undone, untouched) = (shop.card().await, shop.card().await, shop.card().await);
    shop.stamp(&shop.stamper, shop.code(full).await, 5).await.unwrap();
    let mistaken = shop.stamp(&shop.stamper, shop.code(undone).await, 2).await.unwrap();
    shop.void(&shop.stamper, mistaken.stamp).await.unwrap();
    shop.clock.set(shop.clock.now() + Duration::days(2));
    assert_eq!(shop.app.expire_rewards().await.unwrap(), 1);
    let facts = snapshot(&shop.app).await;
    let opened = |card: CardId| {
        facts.iter().find_map(|fact| match fact {
            Fact::CardOpened(opened) if opened.card_id == card.to_string() => Some(opened),
            _ => None,
        })
    };
    for card in [full, undone, untouched] {
        let opened = opened(card).unwrap();
        assert_eq!((opened.card_version, opened.stamps_required), (1, 5));
        assert_eq!(opened.customer_id, shop.customer_of(card).await.to_string());
    }
    // Each entry tells its card as it stands now: an older word on it would be ignored.
    let mut entries: Vec<(String, i32, i64, i32)> = facts
        .iter()
        .filter_map(|fact| match fact {
            Fact::StampAdded(added) => Some((added.card.as_ref()?, added.count)),
            Fact::StampVoided(voided) => Some((voided.card.as_ref()?, voided.count)),
            _ => None,
        })
        .map(|(card, count)| (card.card_id.clone(), count, card.card_version, card.stamps))
        .collect();
    entries.sort();
    let mut expected =
        vec![(full.to_string(), 5, 2, 5), (undone.to_string(), 2, 3, 0), (undone.to_string(), -2, 3, 0)];
    expected.sort();
    assert_eq!(entries, expected);
    let of = |wanted: fn(&Fact) -> bool| facts.iter().filter(|fact| wanted(fact)).count();
    assert_eq!(of(|fact| matches!(fact, Fact::ProgramChanged(program) if program.stamps_required == 5)), 1);
    let unlocked = of(|fact| matches!(fact, Fact::RewardUnlocked(reward) if reward.expires_at.is_some()));
    let expired = of(|fact| matches!(fact, Fact::RewardExpired(reward) if !reward.program_id.is_empty()));
    assert_eq!((unlocked, expired), (1, 1));
}

#[tokio::test]
async fn a_month_of_the_ledger_is_made_before_it_is_needed() {
    let shop = shop(several_a_visit()).await;
    let months: i64 =
        sqlx::query_scalar("select count(*) from pg_inherits where inhparent = 'stamp'::regclass")
            .fetch_one(&shop.pool)
            .await
            .unwrap();
    assert_eq!(months, 1, "only the default one: nobody has kept house yet");
    stamping::keep_partitions(&shop.pool, shop.clock.now()).await.unwrap();
    stamping::keep_partitions(&shop.pool, shop.clock.now()).await.unwrap();
    let months: i64 =
        sqlx::query_scalar("select count(*) from pg_inherits where inhparent = 'stamp'::regclass")
            .fetch_one(&shop.pool)
            .await
            .unwrap();
    assert_eq!(months, 7);
}
