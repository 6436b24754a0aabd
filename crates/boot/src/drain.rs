//! The end of an HTTP server under load: whoever is connected is answered and told to go, and nobody is let in who would not be.
//!
//! A listener that is closed resets whoever waits at it, and a connection that is closed resets a request that is on its way.
//! So newcomers are turned away first, then everybody inside hears `Connection: close` with the next answer, and only then
//! does the server close what is left, which nobody uses.

use std::os::fd::{AsFd, OwnedFd};
use std::time::Duration;

use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, Version, header};
use axum::middleware::Next;
use axum::response::Response;
use tokio::net::TcpListener;

use crate::Stop;

/// How long connections are answered after newcomers are turned away. Whoever asks nothing for so long is not in the middle of
/// asking.
const PARTING: Duration = Duration::from_millis(500);

/// The way out of a server on a TCP port.
pub struct Drain {
    listener: OwnedFd,
    stop: Stop,
    parting: Duration,
}

impl Drain {
    /// For what listens here, and is to end with `stop`.
    pub fn of(listener: &TcpListener, stop: Stop) -> std::io::Result<Self> {
        Ok(Self { listener: listener.as_fd().try_clone_to_owned()?, stop, parting: PARTING })
    }

    /// The same with a parting of one's own.
    #[must_use]
    pub fn parting_for(self, parting: Duration) -> Self {
        Self { parting, ..self }
    }

    /// Ends once the server may close. To be given to `axum::serve` as its graceful shutdown.
    pub async fn over(self) {
        self.stop.cancelled().await;
        turn_away(self.listener);
        tokio::time::sleep(self.parting).await;
    }
}

/// Tells a client with its answer that the connection ends, once `stop` has fired. A layer, with the [`Stop`] as its state.
pub async fn goodbye(State(stop): State<Stop>, request: Request, next: Next) -> Response {
    // HTTP/2 has a frame of its own for this, which hyper sends (RFC 9113, section 6.8).
    let is_told_by_header = request.version() <= Version::HTTP_11;
    let mut response = next.run(request).await;
    if stop.is_cancelled() && is_told_by_header && response.status() != StatusCode::SWITCHING_PROTOCOLS {
        response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    response
}

/// From here on nobody begins a connection: to a client it is as if its first packet was lost, so it tries again, and then
/// there is somebody else, or nobody. Who has begun is still let in.
#[cfg(target_os = "linux")]
fn turn_away(listener: OwnedFd) {
    use socket2::SockFilter;
    // A classic BPF program over the TCP header (Linux: Documentation/networking/filter.rst). The flags are in octet 13, SYN is
    // 0x02 and ACK 0x10 (RFC 9293, section 3.1): what has the first without the second is dropped.
    let program = [
        SockFilter::new(0x30, 0, 0, 13),
        SockFilter::new(0x54, 0, 0, 0x12),
        SockFilter::new(0x15, 0, 1, 0x02),
        SockFilter::new(0x06, 0, 0, 0),
        SockFilter::new(0x06, 0, 0, u32::MAX),
    ];
    if let Err(error) = socket2::Socket::from(listener).attach_filter(&program) {
        tracing::warn!(%error, "newcomers cannot be turned away before the port closes");
    }
}

/// Elsewhere the port is closed as it is.
#[cfg(not(target_os = "linux"))]
fn turn_away(_: OwnedFd) {}
