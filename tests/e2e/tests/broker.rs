//! A broker whose machine falls may have acknowledged what its disk never had. What it has lost is told again.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed, and says where")]

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use e2e::{Customer, Server, Shop, Uuid, World, eventually, free_port, key, signal};
use futures::StreamExt;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// Longer than what was lost takes to be told again.
const REFILLED: Duration = Duration::from_secs(20);

/// Name and password of somebody who may read the stream.
fn reader(world: &World) -> (String, String) {
    let password = world.secrets()["services"]["analytics"]["nats"].as_str().unwrap().to_owned();
    ("analytics".to_owned(), password)
}

/// The broker, as somebody who may read it.
async fn broker(world: &World) -> async_nats::jetstream::Context {
    let (user, password) = reader(world);
    let options = async_nats::ConnectOptions::with_user_and_password(user, password);
    async_nats::jetstream::new(options.connect(world.nats_url()).await.unwrap())
}

/// The ids of the stamps in the stream, in its order; none while nobody has made it.
async fn told(world: &World) -> Vec<Uuid> {
    let Ok(stream) = broker(world).await.get_stream("SELLO").await else { return Vec::new() };
    let consumer = async_nats::jetstream::consumer::pull::Config {
        filter_subject: "sello.v1.*.stamping.stamp_added".into(),
        ack_policy: async_nats::jetstream::consumer::AckPolicy::None,
        ..Default::default()
    };
    let consumer = stream.create_consumer(consumer).await.unwrap();
    let there = usize::try_from(consumer.cached_info().num_pending).unwrap();
    let messages = consumer.fetch().max_messages(there).messages().await.unwrap();
    let ids = messages.map(|message| {
        let headers = message.unwrap().headers.clone().unwrap();
        headers.get("Nats-Msg-Id").unwrap().as_str().parse::<Uuid>().unwrap()
    });
    ids.collect().await
}

/// Where the broker keeps the events themselves; what its readers have had stands beside it.
fn events(world: &World) -> PathBuf {
    let streams = world.data().join("nats/store/jetstream/$G/streams/SELLO/msgs");
    assert!(streams.is_dir(), "{}", streams.display());
    streams
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for file in fs::read_dir(from).unwrap() {
        let file = file.unwrap();
        fs::copy(file.path(), to.join(file.file_name())).unwrap();
    }
}

/// A platform with five stamps, of which its broker's disk is about to have had three.
struct Scene {
    world: World,
    shop: Shop,
    ana: Customer,
    /// What the stream had before.
    before: Vec<Uuid>,
    events: PathBuf,
    older: PathBuf,
}

impl Scene {
    async fn begin() -> Self {
        let world = World::start();
        let shop = Shop::open(&world).await;
        let ana = shop.enroll("Ana Flores").await;
        let older = world.data().join("older");
        let mut scene = Self { world, shop, ana, before: Vec::new(), events: PathBuf::new(), older };
        scene.stamp(3).await;
        scene.shop.today("stamps", 3).await;
        scene.events = events(&scene.world);
        copy(&scene.events, &scene.older);
        scene.stamp(2).await;
        scene.shop.today("stamps", 5).await;
        scene.before = told(&scene.world).await;
        assert_eq!(scene.before.len(), 5);
        scene
    }

    async fn stamp(&self, times: usize) {
        for _ in 0..times {
            self.shop.stamp(&self.ana.card, key()).send().await.ok(201);
        }
    }

    /// Its disk had the first three, and that its readers have had all five.
    fn disk_goes_back(&self) {
        fs::remove_dir_all(&self.events).unwrap();
        copy(&self.older, &self.events);
    }

    /// The stream has so many, each once, and among them all that it had before.
    async fn has_all(&self, count: usize) {
        let there = eventually("the stream to have them all", REFILLED, async || {
            let there = told(&self.world).await;
            (there.len() >= count).then_some(there)
        })
        .await;
        let each: HashSet<Uuid> = there.iter().copied().collect();
        assert_eq!((there.len(), each.len()), (count, count), "each once");
        assert!(self.before.iter().all(|id| each.contains(id)), "what was lost is there");
    }
}

#[tokio::test]
async fn what_the_broker_acknowledged_and_lost_is_told_again_once() {
    let scene = Scene::begin().await;
    assert!(scene.world.stop().success());
    scene.disk_goes_back();
    scene.world.restart();
    scene.has_all(5).await;
    // Whoever had read further than the stream now goes reads on, and counts nothing twice.
    scene.stamp(1).await;
    scene.shop.today("stamps", 6).await;
    scene.world.verify().await;
}

#[tokio::test]
async fn what_a_broker_lost_under_a_running_platform_is_told_again_and_nothing_new_hides_it() {
    let scene = Scene::begin().await;
    // Whoever starts it again waits, while its disk goes back.
    signal(scene.world.pid(), "STOP");
    signal(scene.world.pid_of(Server::Nats).unwrap(), "KILL");
    eventually("the broker to be gone", REFILLED, async || {
        scene.world.pid_of(Server::Nats).is_none().then_some(())
    })
    .await;
    scene.disk_goes_back();
    signal(scene.world.pid(), "CONT");
    scene.stamp(3).await;
    scene.shop.today("stamps", 8).await;
    scene.has_all(8).await;
    scene.world.verify().await;
}

#[tokio::test]
async fn a_broker_that_lost_everything_has_the_last_days_again() {
    let world = World::start();
    let shop = Shop::open(&world).await;
    let ana = shop.enroll("Ana Flores").await;
    for _ in 0..3 {
        shop.stamp(&ana.card, key()).send().await.ok(201);
    }
    shop.today("stamps", 3).await;
    assert!(world.stop().success());
    fs::remove_dir_all(world.data().join("nats/store")).unwrap();
    world.restart();
    eventually("the stream to have them all", REFILLED, async || {
        (told(&world).await.len() == 3).then_some(())
    })
    .await;
    shop.stamp(&ana.card, key()).send().await.ok(201);
    shop.today("stamps", 4).await;
    world.verify().await;
}

#[tokio::test]
async fn a_stream_that_is_taken_away_under_a_running_platform_is_made_and_filled_again() {
    let scene = Scene::begin().await;
    broker(&scene.world).await.delete_stream("SELLO").await.unwrap();
    scene.stamp(2).await;
    scene.shop.today("stamps", 7).await;
    scene.has_all(7).await;
    scene.world.verify().await;
}

#[tokio::test]
async fn a_stream_that_was_made_otherwise_is_set_right_by_whoever_starts_next() {
    let world = World::start();
    let broker = broker(&world).await;
    let as_made = eventually("the stream", REFILLED, async || {
        Some(broker.get_stream("SELLO").await.ok()?.cached_info().config.clone())
    })
    .await;
    let otherwise = async_nats::jetstream::stream::Config {
        max_age: Duration::from_secs(3_600),
        description: Some("somebody's own word".to_owned()),
        ..as_made.clone()
    };
    broker.update_stream(&otherwise).await.unwrap();
    world.kill();
    world.restart();
    let broker = self::broker(&world).await;
    eventually("the stream as it should be", REFILLED, async || {
        let config = broker.get_stream("SELLO").await.ok()?.cached_info().config.clone();
        assert_eq!(config.description, otherwise.description, "what is not ours stays");
        (config.max_age == as_made.max_age).then_some(())
    })
    .await;
}

/// A way to the broker that is cut, for the first who asks through it, in the moment in which he asks for events.
async fn cut_when_asked(broker: String) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        let mut is_cut = false;
        while let Ok((client, _)) = listener.accept().await {
            let server = TcpStream::connect(&broker).await.unwrap();
            let ((mut from_client, mut to_client), (mut from_server, mut to_server)) =
                (client.into_split(), server.into_split());
            let back = tokio::spawn(async move { tokio::io::copy(&mut from_server, &mut to_client).await });
            let mut buffer = vec![0; 64 * 1024];
            while let Ok(count @ 1..) = from_client.read(&mut buffer).await {
                let asked = String::from_utf8_lossy(&buffer[..count]).contains("CONSUMER.MSG.NEXT");
                if asked && !is_cut {
                    is_cut = true;
                    break;
                }
                to_server.write_all(&buffer[..count]).await.unwrap();
            }
            back.abort();
        }
    });
    format!("nats://{address}")
}

#[tokio::test]
async fn whoever_asked_a_broker_that_went_away_stops_waiting_for_it() {
    let scene = Scene::begin().await;
    let place = scene.world.nats_url().trim_start_matches("nats://").to_owned();
    let (user, password) = reader(&scene.world);
    let settings = outbox::Settings { user, password, ..outbox::Settings::at(cut_when_asked(place).await) };
    let broker = outbox::connect(&settings, "asked").await.unwrap();
    let ask = async || {
        let mut found = Vec::new();
        let hour = Duration::from_secs(3_600);
        let asked = outbox::look_back(&broker, 0, u64::MAX, hour, |_, facts| found.extend_from_slice(facts));
        tokio::time::timeout(REFILLED, asked).await.expect("an end of the waiting").map(|()| found)
    };
    ask().await.expect_err("its question was lost");
    let found = eventually("an answer", REFILLED, async || ask().await.ok()).await;
    assert!(found.len() >= 5, "{}", found.len());
}

/// A process that ends with the test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[tokio::test]
async fn a_broker_whose_certificate_is_of_an_authority_of_ones_own_is_believed_by_whoever_knows_it() {
    let world = World::empty(&[]);
    let folder = world.data();
    fs::create_dir_all(&folder).unwrap();
    let now = chrono::Utc::now();
    let (pass_type, team) = ("pass.pe.sello.card".parse().unwrap(), "SELLO00000".parse().unwrap());
    let root = pkpass::development::make(&pass_type, &team, now).unwrap();
    let server = pkpass::development::server(&root.authority_key_pem, "localhost", now).unwrap();
    let (port, files) =
        (free_port(), ["authority", "certificate", "key", "settings"].map(|name| folder.join(name)));
    let [authority, certificate, private, settings] = &files;
    fs::write(authority, &root.authority_pem).unwrap();
    fs::write(certificate, &server.certificate_pem).unwrap();
    fs::write(private, &server.key_pem).unwrap();
    let text = format!(
        "listen: \"127.0.0.1:{port}\"\njetstream {{ store_dir: \"{}\" }}\ntls {{ cert_file: \"{}\", key_file: \"{}\" }}\n",
        folder.display(),
        certificate.display(),
        private.display()
    );
    fs::write(settings, text).unwrap();
    let program = PathBuf::from(std::env::var_os("TOOLS").unwrap()).join("bin/nats-server");
    let mut broker = Command::new(program);
    broker.arg("-c").arg(settings).stdout(Stdio::null()).stderr(Stdio::null());
    let _broker = Running(broker.spawn().unwrap());

    let anybody = outbox::Settings::at(format!("tls://localhost:{port}"));
    let knows = outbox::Settings { ca: authority.clone(), ..anybody.clone() };
    let (knows, anybody) = (
        outbox::connect(&knows, "knows").await.unwrap(),
        outbox::connect(&anybody, "anybody").await.unwrap(),
    );
    eventually("to be believed", REFILLED, async || outbox::last_sequence(&knows).await.ok()).await;
    outbox::last_sequence(&anybody).await.expect_err("an authority that it does not know");
}
