//! The panels and tills that look on, each a WebSocket.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use futures::{SinkExt, StreamExt, stream};
use tokio::net::TcpStream;
use tokio::task::{AbortHandle, JoinSet};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::{WebSocketStream, client_async_with_config};
use uuid::Uuid;

use crate::shop::Shop;
use crate::stamps::stamp_in;

/// Sockets that are being opened at once.
const AT_ONCE: usize = 32;
/// How long the first frame may take.
const PATIENCE: Duration = Duration::from_secs(30);
/// Thousands of these are open at once on our side too.
const BUFFER: usize = 2_048;

/// A frame that tells of an event.
pub(crate) struct Frame {
    /// When it was here.
    pub(crate) at: Instant,
    /// The stamp that it tells of.
    pub(crate) stamp: Option<Uuid>,
    /// Which socket heard it, as they are counted.
    pub(crate) socket: usize,
}

/// What all sockets have heard for a while.
#[derive(Default)]
pub(crate) struct Heard {
    /// In the order in which they came.
    pub(crate) frames: Vec<Frame>,
    /// Who was told to fetch anew, each time: events did not come one by one.
    pub(crate) anew: Vec<usize>,
}

/// Sockets that stay open.
pub(crate) struct Sockets {
    address: String,
    heard: Arc<Mutex<Heard>>,
    ended: Arc<AtomicUsize>,
    listening: JoinSet<()>,
}

impl Sockets {
    /// None yet, to the platform at `host:port`.
    pub(crate) fn to(address: &str) -> Self {
        let (heard, ended) = (Arc::default(), Arc::default());
        Self { address: address.to_owned(), heard, ended, listening: JoinSet::new() }
    }

    /// Opens so many more, spread evenly over the shops; each has its first frame.
    pub(crate) async fn open(&mut self, shops: &[Shop], count: usize) -> anyhow::Result<()> {
        let (already, address) = (self.count(), self.address.clone());
        let opening = (already..already + count).map(|number| {
            let socket = connect(&address, &shops[number % shops.len()]);
            async move { anyhow::Ok((number, socket.await?)) }
        });
        let mut opening = stream::iter(opening).buffer_unordered(AT_ONCE);
        // Each is listened to at once: one that does not answer a ping is given up by the platform.
        while let Some(socket) = opening.next().await {
            let (number, socket) = socket?;
            self.listen(number, socket);
        }
        Ok(())
    }

    fn listen(&mut self, number: usize, socket: WebSocketStream<TcpStream>) -> AbortHandle {
        let (heard, ended) = (Arc::clone(&self.heard), Arc::clone(&self.ended));
        self.listening.spawn(async move {
            let mut socket = socket;
            while let Some(Ok(message)) = socket.next().await {
                let Message::Text(text) = message else { continue };
                let frame = Frame { at: Instant::now(), stamp: stamp_in(&text), socket: number };
                let mut heard = heard.lock().unwrap_or_else(PoisonError::into_inner);
                if text.starts_with("{\"type\":\"event\"") {
                    heard.frames.push(frame);
                } else {
                    heard.anew.push(number);
                }
            }
            ended.fetch_add(1, Ordering::Relaxed);
        })
    }

    /// How many have been opened.
    pub(crate) fn count(&self) -> usize {
        self.listening.len()
    }

    /// How many have ended since.
    pub(crate) fn ended(&self) -> usize {
        self.ended.load(Ordering::Relaxed)
    }

    /// What was heard since this was last asked.
    pub(crate) fn take(&self) -> Heard {
        std::mem::take(&mut self.heard.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Frames of these stamps that never came, to sockets that were not told to fetch anew instead: as many as look on at a shop, for each
/// stamp of it.
pub(crate) fn unheard<'a>(
    stamps: impl Iterator<Item = &'a Uuid>,
    Heard { frames, anew }: &Heard,
    sockets: usize,
    shops: usize,
) -> usize {
    let anew: HashSet<usize> = anew.iter().copied().collect();
    let mut by_stamp: HashMap<Uuid, HashSet<usize>> = HashMap::new();
    for frame in frames {
        if let Some(stamp) = frame.stamp {
            by_stamp.entry(stamp).or_default().insert(frame.socket);
        }
    }
    let unheard = stamps.map(|stamp| match by_stamp.get(stamp) {
        // Nobody knows whose it was; every shop has as many.
        None => sockets / shops,
        Some(by) => {
            let shop = by.iter().next().map_or(0, |socket| socket % shops);
            (shop..sockets)
                .step_by(shops)
                .filter(|socket| !by.contains(socket) && !anew.contains(socket))
                .count()
        }
    });
    unheard.sum()
}

async fn connect(address: &str, shop: &Shop) -> anyhow::Result<WebSocketStream<TcpStream>> {
    let greeted = tokio::time::timeout(PATIENCE, async {
        let stream = TcpStream::connect(address).await.context("a socket was not taken")?;
        stream.set_nodelay(true)?;
        let config = WebSocketConfig::default().read_buffer_size(BUFFER).write_buffer_size(0);
        let url = format!("ws://{address}/api/v1/live");
        let (mut socket, _) = client_async_with_config(url, stream, Some(config)).await?;
        socket.send(Message::text(format!("{{\"token\":\"{}\"}}", shop.token))).await?;
        match socket.next().await {
            Some(Ok(Message::Text(text))) if text.starts_with("{\"type\":\"snapshot\"") => anyhow::Ok(socket),
            other => bail!("a socket was not greeted with a snapshot: {other:?}"),
        }
    });
    greeted.await.context("a socket was not greeted in time")?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_stamp_is_heard_by_all_who_look_on_at_its_shop_or_is_counted() {
        let at = Instant::now();
        let (one, two, nobody) = (Uuid::now_v7(), Uuid::now_v7(), Uuid::now_v7());
        // Sockets 0, 2, 4 look on at the first shop, and 1, 3, 5 at the second.
        let unheard =
            |stamps: &[Uuid], anew: &[usize]| {
                let frames = [(one, 0), (one, 2), (one, 4), (two, 3), (two, 3)]
                    .map(|(stamp, socket)| Frame { at, stamp: Some(stamp), socket });
                unheard(stamps.iter(), &Heard { frames: frames.into(), anew: anew.to_vec() }, 6, 2)
            };
        assert_eq!(unheard(&[one], &[]), 0);
        assert_eq!(unheard(&[two], &[]), 2, "once is once, however often the same socket hears it");
        assert_eq!(unheard(&[one, two, nobody], &[]), 5);
        assert_eq!(unheard(&[two], &[5]), 1, "who fetches anew has it from there");
    }
}
