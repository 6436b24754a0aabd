//! A copy taken in the middle of a busy day is a platform elsewhere: all that was answered before it, and nothing half done.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed, and says where")]

use std::collections::{HashMap, HashSet};
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::process::Output;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use chrono::{DateTime, Utc};
use e2e::{Books, Customer, Shop, Till, Uuid, World, eventually, key};
use futures::future::join_all;
use futures::{StreamExt, stream};
use serde_json::{Value, json};
use sqlx::PgConnection;

/// People who stamp at the same time.
const STAMPERS: usize = 24;
/// Cards they stamp.
const CARDS: usize = 40;
/// Customers who are looked at one by one.
const LOOKED_AT: usize = 10;

/// Stamps before the copy is taken, and after it; `DRILL_OPERATIONS=5000` for the long form.
fn operations() -> usize {
    std::env::var("DRILL_OPERATIONS").ok().and_then(|text| text.parse().ok()).unwrap_or(300)
}

/// What was answered, and when.
#[derive(Default)]
struct Day {
    /// By operation: the card.
    stamps: HashMap<Uuid, (String, DateTime<Utc>)>,
    rewards: HashMap<String, DateTime<Utc>>,
    joined: Vec<(Customer, DateTime<Utc>)>,
}

/// A shop at work until it is over.
struct Work<'a> {
    shop: &'a Shop,
    cards: &'a [Customer],
    day: Mutex<Day>,
    over: AtomicBool,
}

impl Work<'_> {
    async fn stamper(&self, number: usize) {
        for turn in number.. {
            if self.over.load(Ordering::Relaxed) {
                return;
            }
            let (operation, card) = (key(), &self.cards[(turn * 7 + number) % self.cards.len()].card);
            let stamped = self.shop.stamp(card, operation).answered().await.ok(201);
            self.day.lock().unwrap().stamps.insert(operation, (card.clone(), Utc::now()));
            for reward in stamped["rewards_unlocked"].as_array().unwrap() {
                let reward = reward["id"].as_str().unwrap();
                self.shop.post(&format!("/rewards/{reward}/redeem")).key(key()).answered().await.ok(200);
                self.day.lock().unwrap().rewards.insert(reward.to_owned(), Utc::now());
            }
        }
    }

    async fn poster(&self) {
        while !self.over.load(Ordering::Relaxed) {
            let joined = self.shop.enroll("Eva Ríos").await;
            self.day.lock().unwrap().joined.push((joined, Utc::now()));
        }
    }

    /// Runs `meanwhile` while all work, then lets everybody finish what she has begun.
    async fn during(self, meanwhile: impl AsyncFnOnce(&Self)) -> Day {
        let stampers = join_all((0..STAMPERS).map(|number| self.stamper(number)));
        let meanwhile = async {
            meanwhile(&self).await;
            self.over.store(true, Ordering::Relaxed);
        };
        tokio::join!(stampers, self.poster(), meanwhile);
        self.day.into_inner().unwrap()
    }

    async fn go_on_for(&self, operations: usize) {
        let goal = self.day.lock().unwrap().stamps.len() + operations;
        eventually("stamps to go on", Duration::from_secs(60), async || {
            (self.day.lock().unwrap().stamps.len() >= goal).then_some(())
        })
        .await;
    }
}

/// `sello …` on a platform's folder.
async fn sello(world: &World, word: &str, path: &Path, settings: &[(&str, &str)]) -> Output {
    let mut command = world.sello(word);
    command.arg(path).envs(settings.iter().copied());
    tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap()
}

#[track_caller]
fn done(output: &Output) -> String {
    let (said, why) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{said}{why}");
    said.into_owned()
}

/// The command refused, with this in its one sentence.
#[track_caller]
fn assert_refused(output: &Output, because: &str) {
    let why = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success() && why.contains(because), "{why}");
}

fn copies(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap().flatten();
    let mut names: Vec<String> =
        entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

fn manifest(folder: &Path) -> (String, Value) {
    let newest =
        copies(folder).into_iter().rfind(|name| name.matches('.').count() == 1 && name.ends_with(".json"));
    let newest = newest.unwrap();
    let text = fs::read(folder.join(&newest)).unwrap();
    (newest.trim_end_matches(".json").to_owned(), serde_json::from_slice(&text).unwrap())
}

async fn redeemed(world: &World, shop: &Shop) -> HashSet<String> {
    let rewards: Vec<String> = sqlx::query_scalar(
        "select reward_id::text from stamping.reward where business_id = $1::uuid and state = 'redeemed'",
    )
    .bind(&shop.id)
    .fetch_all(&mut world.database().await)
    .await
    .unwrap();
    rewards.into_iter().collect()
}

/// Waits until the stream holds facts of a later moment than this.
async fn published_from_now_on(database: &mut PgConnection) {
    let now: DateTime<Utc> =
        sqlx::query_scalar("select clock_timestamp()").fetch_one(&mut *database).await.unwrap();
    eventually("facts to be published", Duration::from_secs(30), async || {
        let published: bool = sqlx::query_scalar(
            "select exists(select from stamping.outbox where created_at > $1 and published_at > $1)",
        )
        .bind(now)
        .fetch_one(&mut *database)
        .await
        .unwrap();
        published.then_some(())
    })
    .await;
}

/// All that was answered before the copy is in the books, nothing is that nobody was told of, and what is missing is said.
async fn assert_all_before(world: &World, shop: &Shop, day: &Day, taken_at: DateTime<Utc>) -> Vec<Uuid> {
    let books = Books::of(world, &shop.id).await;
    for (operation, entries) in &books.entries {
        assert_eq!(*entries, 1, "operation {operation}");
        assert!(day.stamps.contains_key(&operation.parse().unwrap()), "{operation} was never answered");
    }
    assert_eq!(books.stamps, books.totals);
    let mut lost: Vec<(DateTime<Utc>, Uuid)> = Vec::new();
    for (operation, (_, answered_at)) in &day.stamps {
        if !books.entries.contains_key(&operation.to_string()) {
            assert!(*answered_at >= taken_at, "{operation} was answered at {answered_at}, before {taken_at}");
            lost.push((*answered_at, *operation));
        }
    }
    let redeemed = redeemed(world, shop).await;
    for (reward, answered_at) in &day.rewards {
        assert!(redeemed.contains(reward) || *answered_at >= taken_at, "reward {reward} at {answered_at}");
    }
    lost.sort_unstable();
    let seconds =
        lost.first().zip(lost.last()).map_or(0.0, |(first, last)| (last.0 - first.0).as_seconds_f64());
    eprintln!(
        "  the copy      {taken_at}, with {} of {} stamps answered that day",
        books.entries.len(),
        day.stamps.len()
    );
    eprintln!("  lost          {} stamps, all answered after it, in the last {seconds:.2} s", lost.len());
    shop.today("stamps", books.stamps).await;
    lost.into_iter().map(|(_, operation)| operation).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_copy_taken_under_load_is_a_platform_elsewhere_with_all_that_was_answered_before_it() {
    let world = World::start();
    let mut shop = Shop::open(&world).await;
    let mut cards = Vec::with_capacity(CARDS);
    for number in 0..CARDS {
        cards.push(shop.enroll(&format!("Clienta {number}")).await);
    }
    let folder = world.data().with_file_name("copies");
    let work = Work { shop: &shop, cards: &cards, day: Mutex::default(), over: AtomicBool::new(false) };
    let day = work
        .during(async |work| {
            work.go_on_for(operations()).await;
            // Figures cannot be written for a while: facts are published that are in no projection when the copy is taken.
            let mut behind = world.database().await;
            sqlx::raw_sql("begin; lock table analytics.inbox in exclusive mode")
                .execute(&mut behind)
                .await
                .unwrap();
            published_from_now_on(&mut behind).await;
            let said = done(&sello(&world, "backup", &folder, &[]).await);
            drop(behind);
            assert!(said.contains("no code that customers hold opens a card (code_keys)"), "{said}");
            work.go_on_for(operations()).await;
        })
        .await;
    world.kill();

    let (_, told) = manifest(&folder);
    let taken_at: DateTime<Utc> = told["taken_at"].as_str().unwrap().parse().unwrap();
    let elsewhere = World::empty(&[]);
    let secrets = world.data().join("secrets.json");
    let refused = sello(&elsewhere, "restore", &folder, &[]).await;
    assert_refused(&refused, "name the secrets.json of the platform that was copied");
    let said = done(&sello(&elsewhere, "restore", &folder, &[("SECRETS", secrets.to_str().unwrap())]).await);
    assert!(said.contains(&format!("{} entries of the ledger", told["rows"]["stamping.stamp"])), "{said}");
    elsewhere.restart();
    shop.api = elsewhere.api();

    // The books agree, and so does every projection, whatever was on its way to it.
    elsewhere.verify().await;
    let lost = assert_all_before(&elsewhere, &shop, &day, taken_at).await;
    let before = day.stamps.len() - lost.len();
    assert!(before >= operations() && lost.len() >= operations(), "{before} before, {} lost", lost.len());

    // Cards open with the links that customers have, and their codes are read at the till.
    let till = Till::open(&shop).await;
    let joined = day.joined.iter().filter(|(_, at)| *at < taken_at).map(|(customer, _)| customer);
    for customer in cards.iter().take(LOOKED_AT).chain(joined.take(LOOKED_AT)) {
        assert_eq!(shop.card_page(customer).await["card"]["id"], customer.card.as_str());
        assert_eq!(till.scan(&customer.code).await["card"]["id"], customer.card.as_str());
    }

    // A till that still has what was lost sends it again with its keys; what was not lost is known.
    let done_anew: HashSet<Uuid> = stream::iter(&day.stamps)
        .map(async |(operation, (card, _))| {
            (shop.stamp(card, *operation).answered().await.status() == 201).then_some(*operation)
        })
        .buffer_unordered(STAMPERS)
        .filter_map(async |anew| anew)
        .collect()
        .await;
    assert_eq!(done_anew, lost.into_iter().collect());
    elsewhere.verify().await;
    assert_eq!(Books::of(&elsewhere, &shop.id).await.entries.len(), day.stamps.len());
}

#[tokio::test]
async fn a_copy_is_restored_whole_with_its_own_secrets_into_an_empty_folder_or_not_at_all() {
    let world = World::start();
    let shop = Shop::open(&world).await;
    let ana = shop.enroll("Ana Flores").await;
    shop.stamp(&ana.card, key()).send().await.ok(201);
    let logo = world.data().join("objects/logo/one.png");
    fs::create_dir_all(logo.parent().unwrap()).unwrap();
    fs::write(&logo, "a logo").unwrap();
    world.stop();

    // Of one that is stopped as well; no more are kept than were asked for.
    let folder = world.data().with_file_name("copies");
    fs::create_dir_all(&folder).unwrap();
    for old in ["sello-20200101T000000Z.dump", "sello-20200101T000000Z.secrets.json", "another.dump"] {
        fs::write(folder.join(old), "old").unwrap();
    }
    done(&sello(&world, "backup", &folder, &[("KEEP", "1"), ("WITH_SECRETS", "1")]).await);
    let (name, told) = manifest(&folder);
    let parts = ["json", "dump", "objects.tar", "secrets.json"].map(|part| format!("{name}.{part}"));
    let mut wanted: Vec<String> = parts.to_vec();
    wanted.push("another.dump".into());
    wanted.sort();
    assert_eq!(copies(&folder), wanted);
    for part in &parts {
        assert_eq!(fs::metadata(folder.join(part)).unwrap().mode() & 0o777, 0o600, "{part}");
    }
    assert_eq!(told["rows"]["stamping.stamp"], 1);

    // Not over anything, not with others' keys, not what was damaged, not what is newer than this.
    let elsewhere = World::empty(&[]);
    assert_refused(&sello(&world, "restore", &folder, &[]).await, "is not empty");
    let text = fs::read_to_string(folder.join(&parts[3])).unwrap();
    let mut keys: Value = serde_json::from_str(&text).unwrap();
    keys["code_keys"] = json!(format!("1:{}", "00".repeat(32)));
    let others = folder.join("others");
    fs::write(&others, keys.to_string()).unwrap();
    let with_others = sello(&elsewhere, "restore", &folder, &[("SECRETS", others.to_str().unwrap())]).await;
    assert_refused(&with_others, "these secrets are not those of the copy: code_keys is another");
    let (manifest, dump) = (folder.join(&parts[0]), folder.join(&parts[1]));
    let mut newer = told.clone();
    newer["schemas"]["stamping"] = json!(900);
    fs::write(&manifest, newer.to_string()).unwrap();
    assert_refused(
        &sello(&elsewhere, "restore", &dump, &[]).await,
        "taken by a newer Sello (stamping is at 900",
    );
    fs::write(&manifest, told.to_string()).unwrap();
    let whole = fs::read(&dump).unwrap();
    fs::write(&dump, &whole[..whole.len() - 1]).unwrap();
    assert_refused(&sello(&elsewhere, "restore", &dump, &[]).await, "is not what was written then");
    fs::write(&dump, whole).unwrap();
    assert_eq!(copies(&elsewhere.data()), ["lock"]);

    done(&sello(&elsewhere, "restore", &dump, &[]).await);
    assert_eq!(fs::read_to_string(elsewhere.data().join("objects/logo/one.png")).unwrap(), "a logo");
    elsewhere.verify().await;
}
