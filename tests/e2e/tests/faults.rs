//! Nothing is lost and nothing happens twice, whatever is killed, stopped or taken away in the middle of it.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed, and says where")]

use std::collections::{HashMap, HashSet};
use std::fs;
use std::process::{Command, Output, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use e2e::{Answer, Books, Customer, Heard, Server, Shop, Uuid, World, eventually, key, signal};
use futures::future::join_all;
use serde_json::json;

/// People who stamp at the same time.
const STAMPERS: usize = 32;
/// Cards they stamp.
const CARDS: usize = 50;
/// Operations between two kills.
const BETWEEN_KILLS: usize = 150;

/// How long the broker is dead.
const A_MINUTE: Duration = Duration::from_secs(60);

/// How long a fault lasts that lasts; `FAULT_SECONDS=60` for the long form.
fn fault_lasts() -> Duration {
    let seconds = std::env::var("FAULT_SECONDS").ok().and_then(|text| text.parse().ok());
    Duration::from_secs(seconds.unwrap_or(8))
}

async fn customers(shop: &Shop, count: usize) -> Vec<Customer> {
    let mut customers = Vec::with_capacity(count);
    for number in 0..count {
        customers.push(shop.enroll(&format!("Clienta {number}")).await);
    }
    customers
}

/// Every answered operation is in the ledger once, nothing else is, and all sums are one.
async fn assert_books(world: &World, shop: &Shop, answered: &HashMap<Uuid, String>) {
    world.verify().await;
    let books = Books::of(world, &shop.id).await;
    for operation in answered.keys() {
        assert_eq!(books.entries.get(&operation.to_string()), Some(&1), "operation {operation}");
    }
    assert_eq!(books.entries.len(), answered.len(), "entries that nobody was told of");
    assert_eq!((books.stamps, books.totals), (answered.len() as i64, answered.len() as i64));
    shop.today("stamps", books.stamps).await;
}

/// What stampers do until they are told to stop: each operation is sent again with its key until it is answered.
struct Load<'a> {
    shop: &'a Shop,
    cards: &'a [Customer],
    answered: Mutex<HashMap<Uuid, String>>,
    count: AtomicUsize,
    over: AtomicBool,
}

impl<'a> Load<'a> {
    fn on(shop: &'a Shop, cards: &'a [Customer]) -> Self {
        Self {
            shop,
            cards,
            answered: Mutex::default(),
            count: AtomicUsize::new(0),
            over: AtomicBool::new(false),
        }
    }

    async fn stamper(&self, number: usize) {
        for turn in number.. {
            if self.over.load(Ordering::Relaxed) {
                return;
            }
            let operation = key();
            let card = &self.cards[(turn * 7 + number) % self.cards.len()].card;
            let stamped = self.shop.stamp(card, operation).answered().await;
            assert!(matches!(stamped.status(), 200 | 201), "{stamped}");
            let stamp = stamped.json()["stamp_id"].as_str().expect("a stamp").to_owned();
            self.answered.lock().unwrap().insert(operation, stamp);
            self.count.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Runs `faults` under load, then lets everybody finish what she has begun.
    async fn during(self, faults: impl AsyncFnOnce(&Self)) -> HashMap<Uuid, String> {
        let stampers = join_all((0..STAMPERS).map(|number| self.stamper(number)));
        let faults = async {
            faults(&self).await;
            self.over.store(true, Ordering::Relaxed);
        };
        tokio::join!(stampers, faults);
        self.answered.into_inner().unwrap()
    }

    /// Waits until so many more operations have been answered.
    async fn go_on_for(&self, operations: usize) {
        let goal = self.count.load(Ordering::Relaxed) + operations;
        eventually("stamps to go on", Duration::from_secs(90), async || {
            (self.count.load(Ordering::Relaxed) >= goal).then_some(())
        })
        .await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_platform_killed_again_and_again_under_load_loses_nothing_and_doubles_nothing() {
    let world = World::start();
    let shop = Shop::open(&world).await;
    let cards = customers(&shop, CARDS).await;
    let answered = Load::on(&shop, &cards)
        .during(async |load| {
            for _ in 0..4 {
                load.go_on_for(BETWEEN_KILLS).await;
                tokio::task::block_in_place(|| {
                    world.kill();
                    world.restart();
                });
            }
            load.go_on_for(BETWEEN_KILLS).await;
        })
        .await;
    assert_books(&world, &shop, &answered).await;

    // What the API shows of it is the same.
    let mut listed = HashSet::new();
    for customer in &cards {
        for entry in shop.ledger(&customer.id).await {
            assert!(listed.insert(entry["id"].as_str().unwrap().to_owned()), "{entry} stands twice");
        }
    }
    assert_eq!(listed, answered.into_values().collect::<HashSet<_>>());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_process_killed_in_its_turn_under_load_loses_nothing_and_doubles_nothing() {
    let world = World::start();
    let shop = Shop::open(&world).await;
    let cards = customers(&shop, CARDS).await;
    let answered = Load::on(&shop, &cards)
        .during(async |load| {
            for server in [Server::Postgres, Server::Nats, Server::Postgres, Server::Nats] {
                load.go_on_for(BETWEEN_KILLS).await;
                kill(&world, server).await;
            }
            load.go_on_for(BETWEEN_KILLS).await;
            tokio::task::block_in_place(|| {
                world.kill();
                world.restart();
            });
            load.go_on_for(BETWEEN_KILLS).await;
        })
        .await;
    assert_books(&world, &shop, &answered).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_figures_are_whole_again_within_seconds_after_a_kill() {
    let world = World::start();
    let shop = Shop::open(&world).await;
    let cards = customers(&shop, 4).await;
    shop.today("enrollments", 4).await;
    for round in 1..=3 {
        let stamps = (0..40).map(|turn| shop.stamp(&cards[turn % 4].card, key()).send());
        join_all(stamps).await.into_iter().for_each(|answer| drop(answer.ok(201)));
        tokio::task::block_in_place(|| {
            world.kill();
            world.restart();
        });
        let total = round * 40;
        let is_whole = async || (shop.so_far("stamps").await == total).then_some(());
        eventually("the figures", Duration::from_secs(10), is_whole).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn customers_who_join_while_the_platform_is_killed_are_customers_once_and_have_their_card() {
    let world = World::start();
    let shop = Shop::open(&world).await;
    let phones: Vec<String> = (0..120).map(|_| e2e::phone()).collect();
    let joined = AtomicUsize::new(0);
    let joining = futures::StreamExt::for_each_concurrent(futures::stream::iter(&phones), 8, |phone| {
        let joined = &joined;
        let call = shop.api.post("/enrollments").json(&shop.form("Ana Flores", phone));
        async move {
            // A join whose answer was lost is known the second time: she is a customer, and her card is at the till.
            let answer = call.answered().await;
            assert!(matches!(answer.status(), 200 | 201), "{answer}");
            joined.fetch_add(1, Ordering::Relaxed);
        }
    });
    let killing = async {
        for goal in [30, 70] {
            eventually("people to join", Duration::from_secs(60), async || {
                (joined.load(Ordering::Relaxed) >= goal).then_some(())
            })
            .await;
            tokio::task::block_in_place(|| {
                world.kill();
                world.restart();
            });
        }
    };
    tokio::join!(joining, killing);
    let everyone = eventually("a card for everyone", Duration::from_secs(20), async || {
        let page = shop.get("/customers?limit=200").answered().await.ok(200);
        let items = page["items"].as_array().unwrap().clone();
        items
            .iter()
            .all(|customer| customer["cards"].as_array().is_some_and(|cards| cards.len() == 1))
            .then_some(items)
    })
    .await;
    let kept: HashSet<&str> = everyone.iter().map(|customer| customer["phone"].as_str().unwrap()).collect();
    assert_eq!((everyone.len(), kept.len()), (phones.len(), phones.len()));
    shop.today("enrollments", phones.len() as i64).await;
    world.verify().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn stamping_goes_on_while_the_broker_hangs_and_the_events_come_after() {
    let world = World::start();
    let shop = Shop::open(&world).await;
    let ana = shop.enroll("Ana Flores").await;
    shop.today("enrollments", 1).await;
    let panel = shop.live(&world).await.listen();

    let broker = world.pid_of(Server::Nats).expect("the broker");
    signal(broker, "STOP");
    let (answered, slowest) = stamp_for(&shop, &ana, fault_lasts()).await;
    signal(broker, "CONT");
    assert!(slowest < Duration::from_secs(1), "a stamp took {slowest:?} without the broker");
    events_follow(&panel, &answered).await;
    assert_books(&world, &shop, &answered).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn stamping_goes_on_while_the_broker_is_dead_and_the_events_come_after() {
    let world = World::start();
    let shop = Shop::open(&world).await;
    let ana = shop.enroll("Ana Flores").await;
    shop.today("enrollments", 1).await;
    let panel = shop.live(&world).await.listen();

    // It is started again whenever it dies, so it is killed whenever it is there.
    let over = AtomicBool::new(false);
    let killing = async {
        while !over.load(Ordering::Relaxed) {
            if let Some(broker) = world.pid_of(Server::Nats) {
                signal(broker, "KILL");
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    let stamping = async {
        let stamped = stamp_for(&shop, &ana, A_MINUTE).await;
        over.store(true, Ordering::Relaxed);
        stamped
    };
    let ((), (answered, slowest)) = tokio::join!(killing, stamping);
    assert!(slowest < Duration::from_secs(1), "a stamp took {slowest:?} without the broker");
    events_follow(&panel, &answered).await;
    assert_books(&world, &shop, &answered).await;
}

/// Stamps one after the other for so long, each answered at the first try; also returns the slowest answer.
async fn stamp_for(shop: &Shop, ana: &Customer, how_long: Duration) -> (HashMap<Uuid, String>, Duration) {
    let (begun, mut answered, mut slowest) = (Instant::now(), HashMap::new(), Duration::ZERO);
    while begun.elapsed() < how_long {
        let (operation, sent) = (key(), Instant::now());
        let stamped = shop.stamp(&ana.card, operation).send().await.ok(201);
        slowest = slowest.max(sent.elapsed());
        answered.insert(operation, stamped["stamp_id"].as_str().unwrap().to_owned());
    }
    (answered, slowest)
}

/// Every stamp comes to the panel, each once; where it had to wait for very many it may be told to fetch anew.
async fn events_follow(panel: &Heard, answered: &HashMap<Uuid, String>) {
    let seen = eventually("the events", Duration::from_secs(20), async || {
        let frames = panel.frames();
        let seen: Vec<String> = frames
            .iter()
            .filter(|frame| frame["event"]["name"] == "stamp_added")
            .map(|frame| frame["event"]["data"]["stamp_id"].as_str().expect("a stamp").to_owned())
            .collect();
        let is_told = frames.iter().any(|frame| frame["type"] == "resync");
        (is_told || seen.len() >= answered.len()).then_some(seen)
    })
    .await;
    let distinct: HashSet<&String> = seen.iter().collect();
    assert_eq!(distinct.len(), seen.len(), "an event came twice");
    assert!(distinct.is_subset(&answered.values().collect()), "an event came from nowhere");
}

/// Kills a server's process, as soon as there is one.
async fn kill(world: &World, server: Server) {
    let pid = eventually("the server", Duration::from_secs(20), async || world.pid_of(server)).await;
    signal(pid, "KILL");
    eventually("the server's end", Duration::from_secs(5), async || {
        (world.pid_of(server) != Some(pid)).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_its_database_the_platform_says_so_cleanly_and_is_back_in_seconds() {
    let world = World::start();
    let shop = Shop::open(&world).await;
    let ana = shop.enroll("Ana Flores").await;
    let mut answered = HashMap::new();
    for _ in 0..3 {
        let stamped = shop.stamp(&ana.card, key()).send().await.ok(201);
        let operation = stamped["operation_id"].as_str().unwrap().parse().unwrap();
        answered.insert(operation, stamped["stamp_id"].as_str().unwrap().to_owned());
        kill(&world, Server::Postgres).await;
        let (killed, operation) = (Instant::now(), key());
        let mut refused = 0;
        loop {
            let answer = shop.stamp(&ana.card, operation).send().await;
            for path in ["/customers", "/dashboard", "/me"] {
                assert_clean(&shop.get(path).send().await);
            }
            assert_clean(&shop.api.get(&format!("/cards/{}", ana.card)).card(&ana.holder_token).send().await);
            if answer.status() == 201 || answer.status() == 200 {
                answered.insert(operation, answer.json()["stamp_id"].as_str().unwrap().to_owned());
                break;
            }
            assert_clean(&answer);
            refused += 1;
            assert!(
                killed.elapsed() < Duration::from_secs(10),
                "not back after {:?}, {refused} refusals",
                killed.elapsed()
            );
        }
        eventually("everything else to be back", Duration::from_secs(10), async || {
            let me = shop.get("/me").send().await.status();
            let seen = shop.get("/dashboard").send().await.status();
            (me == 200 && seen == 200).then_some(())
        })
        .await;
    }
    assert_books(&world, &shop, &answered).await;
}

/// Done, or a `503` that says when to try again: nothing else, and nothing of a driver's.
#[track_caller]
fn assert_clean(answer: &Answer) {
    if answer.status() != 503 {
        assert_eq!(answer.status() / 100, 2, "{answer}");
        return;
    }
    let problem = answer.problem();
    assert!(["unavailable", "busy"].contains(&problem.slug()), "{answer}");
    for word in ["postgres", "sqlx", "connection", "pool", "tcp"] {
        assert!(!answer.text().to_lowercase().contains(word), "{answer}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_platform_on_the_same_port_or_folder_says_so_in_one_sentence_and_leaves_the_first_alone() {
    let world = World::start();
    let shop = Shop::open(&world).await;
    let elsewhere = std::env::temp_dir().join(format!("sello-e2e-second-{}", std::process::id()));
    let mut same_port = world.sello("run");
    same_port.env("DATA", &elsewhere);
    let mut same_folder = world.sello("run");
    same_folder.env("PORT", e2e::free_port().to_string());
    for (command, word) in
        [(same_port, world.port().to_string()), (same_folder, world.data().display().to_string())]
    {
        let begun = Instant::now();
        let Output { status, stderr, .. } = output_of(command).await;
        let said = String::from_utf8_lossy(&stderr).trim().to_owned();
        assert!(!status.success() && said.contains(&word), "{status}: {said}");
        assert!(said.starts_with("sello: ") && said.lines().count() == 1, "{said}");
        assert!(begun.elapsed() < Duration::from_secs(5), "took {:?} to say so", begun.elapsed());
        shop.get("/me").send().await.ok(200);
    }
    assert!(!elsewhere.exists(), "a refused start has left {}", elsewhere.display());
    world.verify().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_cannot_be_understood_at_the_start_is_said_in_one_sentence() {
    let world = World::start();
    for (name, value) in [
        ("PORT", "eighty"),
        ("PORT", "70000"),
        ("DEMO", "perhaps"),
        ("RATE_LIMITS", "2"),
        ("PAGES", "/nowhere"),
        ("TOOLS", "/nowhere"),
    ] {
        let home = std::env::temp_dir().join(format!("sello-e2e-odd-{}", std::process::id()));
        let mut command = world.sello("run");
        command.env("DATA", &home).env("PORT", e2e::free_port().to_string()).env(name, value);
        let Output { status, stderr, .. } = output_of(command).await;
        let said = String::from_utf8_lossy(&stderr).trim().to_owned();
        assert!(
            !status.success() && said.starts_with("sello: ") && said.lines().count() == 1,
            "{name}={value}: {status}: {said}"
        );
        assert!(said.contains(value), "{name}={value}: {said}");
        let _ = fs::remove_dir_all(home);
    }
    let mut command = world.sello("verify");
    command.env("SELLO__STAMPING_URL", "http://127.0.0.1:7102");
    let said = String::from_utf8(output_of(command).await.stderr).unwrap();
    assert!(said.contains("missing: SELLO__ENROLLMENT_URL") && said.trim().lines().count() == 1, "{said}");
}

async fn output_of(mut command: Command) -> Output {
    command.stdin(Stdio::null());
    tokio::task::spawn_blocking(move || command.output()).await.unwrap().unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_platform_that_is_stopped_leaves_no_process_behind_and_keeps_everything() {
    let world = World::start();
    let shop = Shop::open(&world).await;
    let ana = shop.enroll("Ana Flores").await;
    let stamped = shop.stamp(&ana.card, key()).send().await.ok(201);
    let _panel = shop.live(&world).await;
    let family = family_of(world.pid());
    assert!(family.len() > 5, "the platform, its servers and their workers: {family:?}");

    let status = tokio::task::block_in_place(|| world.stop());
    assert!(status.success(), "{status}\n{}", world.log());
    assert!(left_of(&family).is_empty(), "{:?}", left_of(&family));
    assert!(!world.data().join("running.json").exists());

    world.verify().await;
    tokio::task::block_in_place(|| world.restart());
    assert_eq!(shop.ledger(&ana.id).await[0]["id"], stamped["stamp_id"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_servers_of_a_killed_platform_go_by_themselves() {
    let world = World::start();
    let family = family_of(world.pid());
    tokio::task::block_in_place(|| world.kill());
    eventually("the servers to go", Duration::from_secs(20), async || {
        left_of(&family).is_empty().then_some(())
    })
    .await;
    world.verify().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_under_way_is_answered_before_the_platform_stops() {
    let world = World::start();
    let shop = Shop::open(&world).await;
    let cards = customers(&shop, 4).await;
    let (stamps, sent) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let stamping = join_all(cards.iter().map(|customer| async {
        let mut answered = 0_i64;
        loop {
            sent.fetch_add(1, Ordering::Relaxed);
            // A connection that is refused has stamped nothing; one that breaks after the stamp would be a loss.
            match shop.stamp(&customer.card, key()).try_send().await {
                Ok(answer) if answer.status() == 201 => answered += 1,
                Ok(answer) => assert_clean(&answer),
                Err(error) if error.is_connect() => return answered,
                Err(error) => panic!("a request under way was dropped: {error:?}"),
            }
            stamps.fetch_add(1, Ordering::Relaxed);
        }
    }));
    let stopping = async {
        eventually("some stamps", Duration::from_secs(20), async || {
            (stamps.load(Ordering::Relaxed) > 40).then_some(())
        })
        .await;
        tokio::task::block_in_place(|| world.stop())
    };
    let (answered, status) = tokio::join!(stamping, stopping);
    assert!(status.success(), "{status}");
    tokio::task::block_in_place(|| world.restart());
    let books = Books::of(&world, &shop.id).await;
    assert_eq!(books.stamps, answered.iter().sum::<i64>());
    world.verify().await;
}

/// A process and all that descend from it, each with the moment it was started, so that no other takes its place.
fn family_of(pid: u32) -> Vec<(u32, String)> {
    let mut parents = HashMap::new();
    for entry in fs::read_dir("/proc").unwrap().flatten() {
        let Some(child) = entry.file_name().to_str().and_then(|name| name.parse::<u32>().ok()) else {
            continue;
        };
        if let Some((parent, _)) = parent_and_start(child) {
            parents.insert(child, parent);
        }
    }
    let mut family = vec![pid];
    let mut at = 0;
    while at < family.len() {
        let parent = family[at];
        family.extend(parents.iter().filter(|(_, of)| **of == parent).map(|(child, _)| *child));
        at += 1;
    }
    family.into_iter().filter_map(|pid| Some((pid, parent_and_start(pid)?.1))).collect()
}

/// Those of a family that still run.
fn left_of(family: &[(u32, String)]) -> Vec<u32> {
    let runs = |(pid, start): &&(u32, String)| parent_and_start(*pid).is_some_and(|(_, now)| now == *start);
    family.iter().filter(runs).map(|(pid, _)| *pid).collect()
}

/// From `/proc/<pid>/stat`: the parent (4th field) and the start (22nd); nothing of a zombie.
fn parent_and_start(pid: u32) -> Option<(u32, String)> {
    let text = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let fields: Vec<&str> = text.rsplit(") ").next()?.split(' ').collect();
    (fields[0] != "Z").then_some(())?;
    Some((fields[1].parse().ok()?, fields[19].to_owned()))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_books_are_checked_for_real() {
    // A check that never finds anything checks nothing: here somebody has meddled.
    let world = World::start();
    let shop = Shop::open(&world).await;
    let ana = shop.enroll("Ana Flores").await;
    shop.post("/stamps").key(key()).json(&json!({ "card_id": ana.card, "count": 3 })).send().await.ok(201);
    world.verify().await;
    let mut database = world.database().await;
    let meddle = "update stamping.card set total = total + 1, stamps = stamps + 1 where card_id = $1::uuid";
    sqlx::query(meddle).bind(&ana.card).execute(&mut database).await.unwrap();
    let Output { status, stdout, .. } = output_of(world.sello("verify")).await;
    let said = String::from_utf8_lossy(&stdout).into_owned();
    assert!(!status.success() && !said.contains("drift 0") && said.contains(&ana.card), "{status}: {said}");
    let mend = "update stamping.card set total = total - 1, stamps = stamps - 1 where card_id = $1::uuid";
    sqlx::query(mend).bind(&ana.card).execute(&mut database).await.unwrap();
    world.verify().await;
}
