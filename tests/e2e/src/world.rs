use std::collections::BTreeMap;
use std::fs::{self, OpenOptions};
use std::io::{BufRead, BufReader, Write};
use std::ops::Deref;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, ExitStatus, Output, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError, mpsc};
use std::time::{Duration, Instant};

use serde_json::Value;
use sqlx::{Connection, PgConnection};

use crate::{Api, soon};

/// How long a platform may take to answer requests after its start; the first makes a database cluster.
const READY_WITHIN: Duration = Duration::from_secs(90);
/// How long a platform that was asked to stop may take.
const STOPPED_WITHIN: Duration = Duration::from_secs(40);

/// A platform of its own: one process with its PostgreSQL and NATS, on a port and a folder that nobody else has.
///
/// It is ended and its folder removed when this value is dropped, and also when the test process ends in any other
/// way. After a test that failed the folder stays, and the test says where.
pub struct World {
    home: PathBuf,
    port: u16,
    settings: Vec<(&'static str, String)>,
    running: Mutex<Option<Running>>,
    keeper: Mutex<Option<Keeper>>,
}

struct Running {
    process: Child,
    /// Where operators ask: health, metrics.
    admin: String,
    /// What it said until it was ready.
    said: String,
}

/// A server that the platform started beside itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Server {
    /// The database.
    Postgres,
    /// The broker.
    Nats,
}

impl World {
    /// Starts a platform, empty and without request limits.
    pub fn start() -> Self {
        Self::start_with(&[])
    }

    /// The same with further settings in its environment.
    pub fn start_with(settings: &[(&'static str, String)]) -> Self {
        let world = Self::empty(settings);
        world.restart();
        world
    }

    /// A place for a platform, with nothing in it and nothing running, for a command to fill.
    pub fn empty(settings: &[(&'static str, String)]) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!("sello-e2e-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let home = std::env::temp_dir().join(name);
        fs::create_dir_all(&home).expect("a folder for the platform");
        let keeper = Keeper::of(&home);
        Self {
            home,
            port: free_port(),
            settings: settings.to_vec(),
            running: Mutex::default(),
            keeper: Mutex::new(Some(keeper)),
        }
    }

    /// What clients use.
    pub fn api(&self) -> Api {
        Api::at(self.url())
    }

    /// `http://127.0.0.1:port`.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// The port of pages and API.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The folder that holds everything the platform keeps.
    pub fn data(&self) -> PathBuf {
        self.home.join("data")
    }

    /// What the platform has said on its error output.
    pub fn log(&self) -> String {
        fs::read_to_string(self.home.join("log")).unwrap_or_default()
    }

    /// What the platform said at its start, until it was ready.
    pub fn said(&self) -> String {
        self.running().as_ref().expect("the platform is not running").said.clone()
    }

    /// The platform's process.
    pub fn pid(&self) -> u32 {
        self.running().as_ref().expect("the platform is not running").process.id()
    }

    /// The process of a server beside it; `None` while it is being started again.
    pub fn pid_of(&self, server: Server) -> Option<u32> {
        let file = match server {
            Server::Postgres => "postgres/data/postmaster.pid",
            Server::Nats => "nats/pid",
        };
        let pid = fs::read_to_string(self.data().join(file)).ok()?.lines().next()?.trim().parse().ok()?;
        is_alive(pid).then_some(pid)
    }

    /// Kills the platform's process, as a power cut would: it has no say in it.
    pub fn kill(&self) {
        let mut running = self.running().take().expect("the platform is not running");
        running.process.kill().expect("to kill the platform");
        running.process.wait().expect("to see the platform end");
    }

    /// Starts it again on the same folder and port.
    pub fn restart(&self) {
        let mut running = self.running();
        assert!(running.is_none(), "the platform is running");
        *running = Some(self.launch());
    }

    /// Asks it to stop, as Ctrl-C does, and waits.
    pub fn stop(&self) -> ExitStatus {
        let mut running = self.running().take().expect("the platform is not running");
        signal(running.process.id(), "INT");
        let begun = Instant::now();
        loop {
            if let Some(status) = running.process.try_wait().expect("to look after the platform") {
                return status;
            }
            if begun.elapsed() > STOPPED_WITHIN {
                let _ = running.process.kill();
                panic!("the platform did not stop within {STOPPED_WITHIN:?}\n{}", self.log());
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Runs `sello verify` beside the platform, or without one. Everything must agree.
    pub async fn verify(&self) {
        let mut command = self.sello("verify");
        let output = tokio::task::spawn_blocking(move || command.output()).await.expect("a thread");
        let Output { status, stdout, stderr } = output.expect("to run `sello verify`");
        let (said, errors) = (String::from_utf8_lossy(&stdout), String::from_utf8_lossy(&stderr));
        let clean = status.success() && said.lines().any(|line| line == "drift 0");
        assert!(clean, "the books do not agree ({status}):\n{said}{errors}\nfolder: {}", self.home.display());
    }

    /// `sello …` on this folder and port, ready to be started.
    pub fn sello(&self, word: &str) -> Command {
        let mut command = sello(word);
        command.env("DATA", self.data()).env("PORT", self.port.to_string());
        command.envs(self.settings.iter().map(|(name, value)| (name, value)));
        command
    }

    /// Waits until wallets have heard of all that changes a pass.
    pub async fn wallets_hear(&self) {
        let mut database = self.database().await;
        soon("wallets to have heard of everything", async || {
            let unheard = sqlx::query_scalar(
                r"select count(*) from (
                      select event_id, subject from enrollment.outbox union all select event_id, subject from stamping.outbox
                  ) as fact
                  where subject ~ '\.(business_changed|program_changed|stamp_added|reward_unlocked)$'
                    and event_id not in (select event_id from wallet_pass.inbox where consumer = 'wallet-pass')",
            );
            (unheard.fetch_one(&mut database).await.ok() == Some(0_i64)).then_some(())
        })
        .await;
    }

    /// A connection to the database as its administrator, for what no API shows.
    pub async fn database(&self) -> PgConnection {
        PgConnection::connect(&self.postgres_url()).await.expect("the platform's database")
    }

    /// The administrator's URL of the database.
    pub fn postgres_url(&self) -> String {
        text(&self.running_json()["postgres_url"])
    }

    /// The broker's URL.
    pub fn nats_url(&self) -> String {
        text(&self.running_json()["nats_url"])
    }

    /// The passwords and keys of this folder.
    pub fn secrets(&self) -> Value {
        self.read_json("secrets.json")
    }

    /// One metric, summed over its labels: of each the most that a process tells, as replicas tell of the same rows.
    pub async fn metric(&self, name: &str) -> f64 {
        let mut series: BTreeMap<String, f64> = BTreeMap::new();
        for line in self.metrics().await.lines() {
            let is_of_it = line.starts_with(name) && line[name.len()..].starts_with(['{', ' ']);
            if let Some((labels, number)) = line.rsplit_once(' ').filter(|_| is_of_it) {
                let number = number.parse().expect("a number");
                let most = series.entry(labels.to_owned()).or_insert(number);
                *most = most.max(number);
            }
        }
        series.values().sum()
    }

    /// Everything that the platform tells of itself, process by process.
    pub async fn metrics(&self) -> String {
        let mut told = String::new();
        for admin in self.admins() {
            let answer = reqwest::get(format!("{admin}/metrics")).await.expect("the metrics");
            told.push_str(&answer.text().await.expect("the metrics"));
        }
        told
    }

    /// Whether every process says that it is ready.
    pub async fn is_ready(&self) -> bool {
        for admin in self.admins() {
            let answer = reqwest::get(format!("{admin}/readyz")).await;
            if !answer.is_ok_and(|answer| answer.status().is_success()) {
                return false;
            }
        }
        true
    }

    /// Where the platform tells of itself, and each of its services where they are processes of their own.
    fn admins(&self) -> Vec<String> {
        let own = self.running().as_ref().expect("the platform is not running").admin.clone();
        let of_services = self.running_json()["admins"].as_array().cloned().unwrap_or_default();
        let of_services = of_services.iter().map(|admin| format!("http://{}", text(admin)));
        std::iter::once(own).chain(of_services).collect()
    }

    /// The services that are processes of their own: their names and process ids.
    pub fn services(&self) -> Vec<(String, u32)> {
        let named = children(self.pid()).into_iter().filter_map(|pid| {
            let mut command = words(pid).into_iter();
            let name = command.next()?.rsplit('/').next()?.to_owned();
            command.next().is_some_and(|word| word == "serve").then_some((name, pid))
        });
        named.collect()
    }

    fn running(&self) -> MutexGuard<'_, Option<Running>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn running_json(&self) -> Value {
        self.read_json("running.json")
    }

    fn read_json(&self, name: &str) -> Value {
        let text = fs::read(self.data().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"));
        serde_json::from_slice(&text).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    fn launch(&self) -> Running {
        let log = OpenOptions::new().create(true).append(true).open(self.home.join("log")).expect("a log");
        let mut command = self.sello("run");
        command.stdout(Stdio::piped()).stderr(log);
        let mut process = command.spawn().unwrap_or_else(|error| {
            panic!("{} does not start ({error}); build it, or name it in SELLO_BIN", binary().display())
        });
        fs::write(self.home.join("pid"), process.id().to_string()).expect("to note the process");
        let said = BufReader::new(process.stdout.take().expect("a pipe"));
        let (ready, is_ready) = mpsc::channel();
        std::thread::spawn(move || listen(said, &ready));
        match is_ready.recv_timeout(READY_WITHIN) {
            Ok((admin, said)) => Running { process, admin, said },
            Err(_) => {
                let _ = process.kill();
                panic!("the platform did not become ready:\n{}", self.log())
            }
        }
    }

    /// Leaves the folder for a person to look into.
    fn keep(&self) {
        if let Some(keeper) = self.keeper.lock().unwrap_or_else(PoisonError::into_inner).as_mut() {
            keeper.say("keep");
        }
        eprintln!("the platform's folder stays for you to look into: {}", self.home.display());
    }
}

impl Drop for World {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.keep();
        }
        if self.running().is_some() {
            if std::thread::panicking() {
                // A second panic would abort, and the keeper ends it all the same.
                self.kill();
            } else {
                self.stop();
            }
        }
        drop(self.keeper.lock().unwrap_or_else(PoisonError::into_inner).take());
    }
}

/// Reads what the platform says to its end, so that it never waits for us; tells when it is ready.
fn listen(said: impl BufRead, ready: &mpsc::Sender<(String, String)>) {
    let (mut admin, mut so_far) = (String::new(), String::new());
    for line in said.lines().map_while(Result::ok) {
        if let Some(urls) = line.trim().strip_prefix("Health and metrics ") {
            admin = urls.trim().split("/readyz").next().unwrap_or_default().to_owned();
        }
        so_far.push_str(&line);
        so_far.push('\n');
        if line.starts_with("ready http") {
            // Nobody listens any more where the platform came too late.
            let _ = ready.send((admin.clone(), std::mem::take(&mut so_far)));
        }
    }
}

/// A helper process that outlives the tests for a moment, and leaves nothing of theirs behind.
struct Keeper {
    process: Child,
    words: Option<ChildStdin>,
}

/// Waits until the test process is gone or has let go, then ends the platform and removes its folder.
const KEEPER: &str = r#"
while read -r word; do kept=$word; done
ended() { for _ in $(seq 300); do kill -0 "$1" 2>/dev/null || return 0; sleep 0.1; done; return 1; }
pid=$(cat "$1/pid") && tr '\0' ' ' <"/proc/$pid/cmdline" | grep -q 'sello run ' && {
    kill -INT "$pid"
    ended "$pid" || kill -KILL "$pid"
}
for file in "$1/data/postgres/data/postmaster.pid" "$1/data/nats/pid"; do
    pid=$(head -n 1 "$file") && ended "$pid"
done
[ "$kept" = keep ] || rm -rf "$1"
"#;

impl Keeper {
    fn of(home: &Path) -> Self {
        let mut command = Command::new("sh");
        command.args(["-c", KEEPER, "keeper"]).arg(home).process_group(0);
        command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        let mut process = command.spawn().expect("a shell");
        Self { words: process.stdin.take(), process }
    }

    fn say(&mut self, word: &str) {
        if let Some(words) = &mut self.words {
            // A keeper that is gone has nothing to keep.
            let _ = writeln!(words, "{word}");
        }
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        drop(self.words.take());
        let _ = self.process.wait();
    }
}

/// The platform that the tests of one file share where each needs only a shop of its own.
pub struct Shared(&'static World);

/// The shared platform, started by whoever comes first.
pub fn shared() -> Shared {
    static WORLD: OnceLock<World> = OnceLock::new();
    Shared(WORLD.get_or_init(World::start))
}

impl Deref for Shared {
    type Target = World;
    fn deref(&self) -> &World {
        self.0
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.keep();
        }
    }
}

/// The processes that a process has started, whichever of its threads did.
pub fn children(pid: u32) -> Vec<u32> {
    let threads = fs::read_dir(format!("/proc/{pid}/task")).into_iter().flatten().flatten();
    let lists = threads.filter_map(|thread| fs::read_to_string(thread.path().join("children")).ok());
    lists
        .flat_map(|list| list.split_whitespace().map(str::to_owned).collect::<Vec<_>>())
        .filter_map(|pid| pid.parse().ok())
        .collect()
}

/// What a process was started with: its program and the words after it; nothing where it has ended.
pub fn words(pid: u32) -> Vec<String> {
    let line = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
    line.split(|byte| *byte == 0).map(|word| String::from_utf8_lossy(word).into_owned()).collect()
}

/// Sends a signal by its name.
pub fn signal(pid: u32, name: &str) {
    let sent = Command::new("kill").args(["-s", name, &pid.to_string()]).stderr(Stdio::null()).status();
    sent.expect("the command `kill`");
}

/// The root of the checkout.
pub fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).expect("the package lies two folders deep").to_owned()
}

fn binary() -> PathBuf {
    std::env::var_os("SELLO_BIN").map_or_else(|| root().join("target/sello/sello"), PathBuf::from)
}

/// `sello …` from the root of the checkout, in a process group of its own: a Ctrl-C at the terminal is for the tests.
fn sello(word: &str) -> Command {
    let mut command = Command::new(binary());
    command.arg(word).current_dir(root()).stdin(Stdio::null()).process_group(0);
    command.env("DEMO", "0").env("RATE_LIMITS", "off");
    if std::env::var_os("TOOLS").is_none() {
        command.env("TOOLS", root().join(".tools"));
    }
    command
}

/// A port that is free on loopback now, below those that the kernel gives to outgoing connections.
pub fn free_port() -> u16 {
    let mut tried = (0..100).map(|_| rand::random_range(10_000..32_768_u16));
    tried.find(|port| std::net::TcpListener::bind(("127.0.0.1", *port)).is_ok()).expect("a free port")
}

/// True for a process that runs; a zombie does not.
fn is_alive(pid: u32) -> bool {
    let status = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    status.rsplit(") ").next().is_some_and(|rest| !rest.is_empty() && !rest.starts_with('Z'))
}

fn text(value: &Value) -> String {
    value.as_str().expect("a text").to_owned()
}
