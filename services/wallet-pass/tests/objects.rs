//! What keeps logos and passes, on a real server that speaks S3.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking, its helpers too")]

use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use bytes::Bytes;
use chrono::Utc;
use wallet_pass::Objects;

/// How long the server may take to come up.
const READY_WITHIN: Duration = Duration::from_secs(30);

/// The server; it ends with this value.
struct Server {
    process: Child,
    folder: PathBuf,
    port: u16,
}

impl Server {
    fn start() -> Self {
        let program =
            PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/s3/node_modules/.bin/s3rver");
        assert!(program.exists(), "{} is not installed: run `make test`", program.display());
        let folder = std::env::temp_dir().join(format!("sello-s3-{}", uuid::Uuid::now_v7()));
        std::fs::create_dir_all(&folder).unwrap();
        let port = TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port();
        let process = Command::new(program)
            .args(["--address", "127.0.0.1", "--silent", "--configure-bucket", "sello"])
            .args(["--port", &port.to_string(), "--directory"])
            .arg(&folder)
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        Self { process, folder, port }
    }

    /// As soon as it answers. The server's own keys are known to all; a deployment's come from its environment.
    async fn objects(&self) -> Objects {
        let setting = format!(
            "s3://sello/deployment?endpoint=http://127.0.0.1:{}&allow_http=true&region=us-east-1\
             &access_key_id=S3RVER&secret_access_key=S3RVER",
            self.port
        );
        let objects = Objects::open(&setting).unwrap();
        let begun = Instant::now();
        while let Err(error) = objects.get("nothing").await {
            assert!(begun.elapsed() < READY_WITHIN, "no answer: {error}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        objects
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

#[tokio::test]
async fn what_is_put_into_a_bucket_is_there_until_it_is_purged() {
    let server = Server::start();
    let objects = server.objects().await;
    let pass = Bytes::from(vec![7; 200_000]);
    objects.put("pass/a.pkpass", pass.clone()).await.unwrap();
    objects.put("logo/a.png", Bytes::from_static(b"logo")).await.unwrap();
    assert_eq!(objects.get("pass/a.pkpass").await.unwrap(), Some(pass));
    assert_eq!(objects.get("pass/b.pkpass").await.unwrap(), None);
    objects.put("logo/a.png", Bytes::from_static(b"other")).await.unwrap();
    assert_eq!(objects.get("logo/a.png").await.unwrap().as_deref(), Some(&b"other"[..]));
    assert_eq!(objects.purge("pass", Utc::now() - chrono::Duration::hours(1)).await.unwrap(), 0);
    assert_eq!(objects.purge("pass", Utc::now() + chrono::Duration::hours(1)).await.unwrap(), 1);
    assert_eq!(objects.get("pass/a.pkpass").await.unwrap(), None);
    assert!(objects.get("logo/a.png").await.unwrap().is_some());
}
