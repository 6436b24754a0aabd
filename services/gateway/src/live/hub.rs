use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use axum::extract::ws::Utf8Bytes;
use kernel::{BusinessId, CardId};
use tokio::sync::Notify;

use super::cursor::Cursor;

/// Events a business's ring holds.
const RING: usize = 1_000;
/// Events that may wait for one connection.
const QUEUE: usize = 256;
/// How long a ring is kept when nobody listens any more: long enough to come back from a lift.
const KEPT_FOR: Duration = Duration::from_secs(300);

/// One event as it goes out, the same bytes to everyone.
#[derive(Clone, Debug)]
pub(crate) struct Frame {
    pub(crate) sequence: u64,
    /// Milliseconds since 1970.
    pub(crate) recorded_at: i64,
    pub(crate) text: Utf8Bytes,
}

/// What an event has to say.
pub(crate) struct Told {
    pub(crate) frame: Frame,
    /// The card it changed.
    pub(crate) card: Option<CardId>,
}

/// Who listens to what. No I/O: the reader brings events, sockets take them.
#[derive(Default)]
pub(crate) struct Hub(Mutex<State>);

#[derive(Default)]
struct State {
    /// When the stream was made.
    made: i128,
    /// The same, and how often it has lost its end since: a sequence that comes again is another place.
    incarnation: i128,
    /// Everything up to here has passed, for every business.
    position: u64,
    rooms: HashMap<BusinessId, Room>,
    cards: HashMap<BusinessId, HashMap<CardId, Vec<Arc<Notify>>>>,
    next_listener: u64,
}

#[derive(Default)]
struct Room {
    /// All events of the business after `complete_after`.
    ring: VecDeque<Frame>,
    complete_after: u64,
    listeners: HashMap<u64, Arc<Listener>>,
    empty_since: Option<Instant>,
}

/// The way from the hub to one connection.
#[derive(Default)]
struct Listener {
    queue: Mutex<Queue>,
    wake: Notify,
}

#[derive(Default)]
struct Queue {
    frames: VecDeque<Frame>,
    /// Set when frames were dropped; nothing is queued until the connection has taken note.
    lost: bool,
    /// What the connection has seen, or has been told to fetch anew.
    seen: u64,
}

/// What a new connection begins with.
#[derive(Debug)]
pub(crate) enum Start {
    /// It knows nothing: a snapshot complete up to here, then events.
    Snapshot(Cursor),
    /// It goes on where it was: these, then events.
    Resumed(Vec<Frame>),
    /// Its cursor is too old or means nothing: it fetches anew, then events from here.
    Resync(Cursor),
}

/// What waits for a connection.
#[derive(Debug)]
pub(crate) enum Taken {
    Frames(VecDeque<Frame>),
    Resync(Cursor),
}

/// A connection's place in the hub; leaves it when dropped.
pub(crate) struct Subscription {
    hub: Arc<Hub>,
    business: BusinessId,
    id: u64,
    listener: Arc<Listener>,
}

/// A wait for changes of one card; ends when dropped.
pub(crate) struct CardWatch {
    hub: Arc<Hub>,
    business: BusinessId,
    card: CardId,
    changed: Arc<Notify>,
}

impl Hub {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The stream was reached: when it was made, and its last sequence. Returns the sequence to read on from. A stream made anew, or
    /// one that ends before what has passed already, makes every cursor worthless.
    pub(crate) fn begin(&self, made: i128, last: u64) -> u64 {
        let mut state = self.state();
        if state.made != made || last < state.position {
            state.incarnation = if state.made == made { state.incarnation + 1 } else { made };
            state.made = made;
            state.position = last;
            for room in state.rooms.values_mut() {
                room.begin_anew(last);
            }
            for watch in state.cards.values().flat_map(HashMap::values).flatten() {
                watch.notify_one();
            }
        }
        state.position
    }

    /// Everything up to here has passed.
    pub(crate) fn position(&self) -> u64 {
        self.state().position
    }

    /// True where somebody watches this business or a card of it, so that its events are worth decoding.
    pub(crate) fn is_watched(&self, business: BusinessId) -> bool {
        let state = self.state();
        state.rooms.contains_key(&business) || state.cards.contains_key(&business)
    }

    /// An event has passed. `tell` is called if its business is watched, and tells nothing for events that are not
    /// shown. It is called under the hub's lock, so that whoever comes at this moment either finds the event in the
    /// ring or gets it.
    pub(crate) fn deliver(
        &self,
        business: BusinessId,
        sequence: u64,
        tell: impl FnOnce(Cursor) -> Option<Told>,
    ) {
        let mut state = self.state();
        state.position = sequence;
        let cursor = state.cursor();
        let State { rooms, cards, .. } = &mut *state;
        let (room, cards) = (rooms.get_mut(&business), cards.get(&business));
        if room.is_none() && cards.is_none() {
            return;
        }
        let Some(Told { frame, card }) = tell(cursor) else { return };
        if let Some(room) = room {
            room.push(frame);
        }
        if let Some(watches) = cards.zip(card).and_then(|(cards, card)| cards.get(&card)) {
            watches.iter().for_each(|watch| watch.notify_one());
        }
    }

    /// An event of nobody's has passed.
    pub(crate) fn pass(&self, sequence: u64) {
        self.state().position = sequence;
    }

    /// Enters a connection that has seen everything up to `after`.
    pub(crate) fn subscribe(
        self: &Arc<Self>,
        business: BusinessId,
        after: Option<Cursor>,
    ) -> (Subscription, Start) {
        let mut state = self.state();
        let here = state.cursor();
        let id = state.next_listener;
        state.next_listener += 1;
        let room = state
            .rooms
            .entry(business)
            .or_insert_with(|| Room { complete_after: here.sequence, ..Room::default() });
        let start = match after {
            None => Start::Snapshot(here),
            Some(after) if after.incarnation != here.incarnation || after.sequence < room.complete_after => {
                Start::Resync(here)
            }
            Some(after) => Start::Resumed(room.after(after.sequence)),
        };
        // A client may be ahead of this process: another replica has told it more. It is not told again.
        let seen = match (&start, after) {
            (Start::Resumed(_), Some(after)) => after.sequence.max(here.sequence),
            _ => here.sequence,
        };
        let listener = Arc::new(Listener {
            queue: Mutex::new(Queue { seen, ..Queue::default() }),
            ..Listener::default()
        });
        room.listeners.insert(id, Arc::clone(&listener));
        room.empty_since = None;
        drop(state);
        (Subscription { hub: Arc::clone(self), business, id, listener }, start)
    }

    /// Waits for changes of a card.
    pub(crate) fn watch_card(self: &Arc<Self>, business: BusinessId, card: CardId) -> CardWatch {
        let changed = Arc::new(Notify::new());
        let mut state = self.state();
        state.cards.entry(business).or_default().entry(card).or_default().push(Arc::clone(&changed));
        drop(state);
        CardWatch { hub: Arc::clone(self), business, card, changed }
    }

    /// Gives up the rings that nobody came back to.
    pub(crate) fn tidy(&self, now: Instant) {
        self.state()
            .rooms
            .retain(|_, room| room.empty_since.is_none_or(|since| now.duration_since(since) < KEPT_FOR));
    }
}

impl State {
    fn cursor(&self) -> Cursor {
        Cursor { incarnation: self.incarnation, sequence: self.position }
    }
}

impl Room {
    fn push(&mut self, frame: Frame) {
        for listener in self.listeners.values() {
            listener.push(&frame);
        }
        if self.ring.len() == RING
            && let Some(oldest) = self.ring.pop_front()
        {
            self.complete_after = oldest.sequence;
        }
        self.ring.push_back(frame);
    }

    fn after(&self, sequence: u64) -> Vec<Frame> {
        let begin = self.ring.partition_point(|frame| frame.sequence <= sequence);
        self.ring.range(begin..).cloned().collect()
    }

    fn begin_anew(&mut self, last: u64) {
        self.ring.clear();
        self.complete_after = last;
        for listener in self.listeners.values() {
            listener.lose();
            listener.queue().seen = 0;
        }
    }
}

impl Listener {
    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn push(&self, frame: &Frame) {
        let mut queue = self.queue();
        if queue.lost || frame.sequence <= queue.seen {
            return;
        }
        if queue.frames.len() == QUEUE {
            drop(queue);
            metrics::counter!("live_queue_drops_total").increment(1);
            return self.lose();
        }
        queue.frames.push_back(frame.clone());
        drop(queue);
        self.wake.notify_one();
    }

    fn lose(&self) {
        let mut queue = self.queue();
        queue.frames = VecDeque::new();
        queue.lost = true;
        drop(queue);
        self.wake.notify_one();
    }
}

impl Subscription {
    /// Returns when something waits, or may wait.
    pub(crate) async fn woken(&self) {
        self.listener.wake.notified().await;
    }

    /// Takes what waits.
    pub(crate) fn take(&self) -> Taken {
        {
            let mut queue = self.listener.queue();
            if !queue.lost {
                return Taken::Frames(std::mem::take(&mut queue.frames));
            }
        }
        // Under the hub's lock, so that nothing passes between reading the position and queueing again.
        let state = self.hub.state();
        let here = state.cursor();
        let mut queue = self.listener.queue();
        queue.lost = false;
        queue.seen = here.sequence;
        Taken::Resync(here)
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        let mut state = self.hub.state();
        if let Some(room) = state.rooms.get_mut(&self.business) {
            room.listeners.remove(&self.id);
            if room.listeners.is_empty() {
                room.empty_since = Some(Instant::now());
            }
        }
    }
}

impl CardWatch {
    /// Returns when the card may have changed since it was last waited for.
    pub(crate) async fn changed(&self) {
        self.changed.notified().await;
    }
}

impl Drop for CardWatch {
    fn drop(&mut self) {
        let mut state = self.hub.state();
        let Some(cards) = state.cards.get_mut(&self.business) else { return };
        if let Some(watches) = cards.get_mut(&self.card) {
            watches.retain(|watch| !Arc::ptr_eq(watch, &self.changed));
            if watches.is_empty() {
                cards.remove(&self.card);
            }
        }
        if cards.is_empty() {
            state.cards.remove(&self.business);
        }
    }
}

#[cfg(test)]
#[path = "hub_tests.rs"]
mod tests;
