//! A server that is closed while clients ask it as fast as they can, again and again: every request that was sent is answered.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::routing::post;
use axum::{Router, middleware};
use boot::Stop;
use boot::drain::{Drain, goodbye};
use futures::future::join_all;
use tokio::net::TcpListener;

/// Closings that are tried: each has its own moment.
const CLOSINGS: usize = 3;
/// Longer than a busy machine lets a client stand still.
const PARTING: Duration = Duration::from_secs(2);
const CLIENTS: usize = 16;

/// Asks until nobody listens; how often it was answered.
async fn ask_until_closed(url: &str, answered: &AtomicUsize) -> usize {
    let client = reqwest::Client::new();
    let mut count = 0;
    loop {
        match client.post(url).body("a stamp").send().await {
            Ok(answer) => assert_eq!(answer.status(), 200),
            Err(error) if error.is_connect() => return count,
            Err(error) => panic!("a request was dropped: {error:?}"),
        }
        count += 1;
        answered.fetch_add(1, Ordering::Relaxed);
    }
}

// Elsewhere nobody can be turned away before a port closes.
#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_closes_under_load_breaks_no_request() {
    boot::install_crypto();
    for _ in 0..CLOSINGS {
        let (done, answered, stop) = (Arc::new(AtomicUsize::new(0)), AtomicUsize::new(0), Stop::new());
        let counted = Arc::clone(&done);
        let count = post(move || async move {
            counted.fetch_add(1, Ordering::Relaxed);
        });
        let router =
            Router::new().route("/", count).layer(middleware::from_fn_with_state(stop.clone(), goodbye));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        let drain = Drain::of(&listener, stop.clone()).unwrap().parting_for(PARTING);
        let server = axum::serve(listener, router).with_graceful_shutdown(drain.over()).into_future();
        let served = tokio::spawn(server);

        let asking = join_all((0..CLIENTS).map(|_| ask_until_closed(&url, &answered)));
        let stopping = async {
            while answered.load(Ordering::Relaxed) < 20 * CLIENTS {
                tokio::task::yield_now().await;
            }
            stop.cancel();
        };
        let (counts, ()) = tokio::join!(asking, stopping);
        served.await.unwrap().unwrap();
        assert_eq!(counts.iter().sum::<usize>(), done.load(Ordering::Relaxed));
    }
}
