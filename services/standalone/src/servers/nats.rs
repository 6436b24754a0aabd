use std::fs::{self, OpenOptions};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use anyhow::Context;

use super::child::{Watched, clear_leftover, wait_ready};
use super::tools::{Tools, free_port};
use crate::secrets::Secrets;

/// The platform's own NATS with JetStream.
pub(crate) struct Nats {
    /// `nats://127.0.0.1:port`.
    pub(crate) url: String,
    /// The server.
    pub(crate) child: Watched,
}

impl Nats {
    /// Starts NATS under `data/nats`.
    pub(crate) async fn start(tools: &Tools, data: &Path, secrets: &Secrets) -> anyhow::Result<Self> {
        let home = data.join("nats");
        fs::create_dir_all(&home).with_context(|| format!("cannot make {}", home.display()))?;
        let (config, log, pid) = (home.join("server.conf"), home.join("log"), home.join("pid"));
        clear_leftover(&pid, "nats-server", &config).await?;
        let port = free_port()?;
        let mut file =
            OpenOptions::new().create(true).write(true).truncate(true).mode(0o600).open(&config)?;
        std::io::Write::write_all(&mut file, configuration(port, &home, &pid, secrets).as_bytes())?;
        let open_log = || OpenOptions::new().create(true).append(true).open(&log);
        let mut command = tools.nats();
        // Beside `-c`, the path stands alone, so that a leftover of an earlier run is known by it.
        command.arg("-c").arg(&config).stdout(open_log()?).stderr(open_log()?);
        let mut process = command.spawn().context("cannot start NATS")?;
        wait_ready("NATS", &mut process, &log, || async {
            tokio::net::TcpStream::connect(("127.0.0.1", port)).await.is_ok()
        })
        .await?;
        Ok(Self {
            url: format!("nats://127.0.0.1:{port}"),
            child: Watched { process, command, stop_signal: "INT" },
        })
    }
}

/// Each service may publish its own facts and nobody else's.
fn configuration(port: u16, home: &Path, pid: &Path, secrets: &Secrets) -> String {
    let users: String = secrets
        .services
        .iter()
        .map(|(service, keys)| {
            format!(
                "    {{ user: {service}, password: \"{}\", permissions: {{ publish: [\"sello.v1.*.{service}.>\", \
                 \"$JS.API.>\", \"$JS.ACK.>\"], subscribe: [\"_INBOX.>\"] }} }}\n",
                keys.nats
            )
        })
        .collect();
    format!(
        "listen: \"127.0.0.1:{port}\"\nserver_name: sello\npid_file: {pid:?}\nmax_payload: 1MB\n\
         jetstream {{ store_dir: {store:?}, max_memory_store: 64MB }}\n\
         authorization {{\n  users: [\n{users}  ]\n}}\n",
        store = home.join("store"),
    )
}
