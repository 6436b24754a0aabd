//! A process that is told to stop: nobody new is sent to it, and whoever comes is still answered. In a file of its own, since the
//! signal reaches everything in the process.

use std::net::SocketAddr;
use std::time::Duration;

use boot::admin::Health;
use metrics_exporter_prometheus::PrometheusBuilder;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// Longer than any test waits.
const LONG: Duration = Duration::from_secs(3_600);

/// The answer to a GET, head and body.
async fn get(address: SocketAddr, path: &str) -> String {
    let mut stream = TcpStream::connect(address).await.expect("the port");
    let request = format!("GET {path} HTTP/1.1\r\nhost: sello\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.expect("to ask");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.expect("an answer");
    answer
}

#[tokio::test]
async fn a_process_that_is_told_to_stop_is_not_ready_at_once_and_answers_until_it_has_drained() {
    let (patient, hasty) = (Health::default(), Health::default());
    patient.add("serving", || async { true });
    let stop = boot::stop_on_signal(&patient, LONG).unwrap();
    let without_delay = boot::stop_on_signal(&hasty, Duration::ZERO).unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let metrics = PrometheusBuilder::new().build_recorder().handle();
    let served = tokio::spawn(boot::admin::serve(listener, patient.clone(), metrics, stop.clone()));
    assert!(get(address, "/readyz").await.starts_with("HTTP/1.1 200"));

    let sent = tokio::process::Command::new("kill").args(["-TERM", &std::process::id().to_string()]).status();
    assert!(sent.await.unwrap().success());
    without_delay.cancelled().await;
    let left = loop {
        let answer = get(address, "/readyz").await;
        if answer.starts_with("HTTP/1.1 503") {
            break answer;
        }
    };
    assert!(left.ends_with(r#"{"leaving":true}"#), "{left}");
    assert!(!stop.is_cancelled(), "it drains");
    assert!(get(address, "/healthz").await.starts_with("HTTP/1.1 200"), "and lives, and answers");

    stop.cancel();
    served.await.unwrap().unwrap();
}
