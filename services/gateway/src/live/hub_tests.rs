use futures::FutureExt;
use proptest::prelude::*;

use super::*;

const INCARNATION: i128 = 7;

fn hub() -> Arc<Hub> {
    let hub = Arc::new(Hub::default());
    hub.begin(INCARNATION, 100);
    hub
}

fn publish(hub: &Hub, business: BusinessId, sequence: u64) {
    let frame = Frame { sequence, recorded_at: 0, text: Utf8Bytes::from(sequence.to_string()) };
    hub.deliver(business, sequence, |_| Some(Told { frame, card: None }));
}

fn change_card(hub: &Hub, business: BusinessId, sequence: u64, card: CardId) {
    let frame = Frame { sequence, recorded_at: 0, text: Utf8Bytes::default() };
    hub.deliver(business, sequence, |_| Some(Told { frame, card: Some(card) }));
}

fn at(sequence: u64) -> Option<Cursor> {
    Some(Cursor { incarnation: INCARNATION, sequence })
}

fn sequences(taken: Taken) -> Vec<u64> {
    match taken {
        Taken::Frames(frames) => frames.iter().map(|frame| frame.sequence).collect(),
        Taken::Resync(cursor) => panic!("resync at {cursor}"),
    }
}

#[test]
fn events_of_one_business_reach_its_own_listeners_only() {
    let (hub, ours, theirs) = (hub(), BusinessId::generate(), BusinessId::generate());
    let (subscription, _) = hub.subscribe(ours, None);
    publish(&hub, ours, 101);
    publish(&hub, theirs, 102);
    publish(&hub, ours, 103);
    assert_eq!(sequences(subscription.take()), [101, 103]);
    assert!(!hub.is_watched(theirs));
}

#[test]
fn a_cursor_of_another_incarnation_is_told_to_resync() {
    let (hub, business) = (hub(), BusinessId::generate());
    let (_, start) = hub.subscribe(business, Some(Cursor { incarnation: 8, sequence: 100 }));
    assert!(matches!(start, Start::Resync(Cursor { sequence: 100, .. })));
}

#[test]
fn a_cursor_older_than_the_ring_is_told_to_resync_and_one_inside_it_is_not() {
    let (hub, business) = (hub(), BusinessId::generate());
    let (_first, _) = hub.subscribe(business, None);
    for sequence in 101..=101 + RING as u64 {
        publish(&hub, business, sequence);
    }
    assert!(matches!(hub.subscribe(business, at(100)).1, Start::Resync(_)));
    let Start::Resumed(frames) = hub.subscribe(business, at(101)).1 else { panic!("101 is in the ring") };
    assert_eq!(frames.len(), RING);
}

#[test]
fn a_slow_connection_is_told_once_and_goes_on_from_there() {
    let (hub, business) = (hub(), BusinessId::generate());
    let (slow, _) = hub.subscribe(business, None);
    let (quick, _) = hub.subscribe(business, None);
    for sequence in 101..=101 + QUEUE as u64 {
        publish(&hub, business, sequence);
        assert_eq!(sequences(quick.take()), [sequence]);
    }
    let last = 101 + QUEUE as u64;
    assert!(matches!(slow.take(), Taken::Resync(cursor) if cursor.sequence == last));
    publish(&hub, business, last + 1);
    assert_eq!(sequences(slow.take()), [last + 1]);
}

#[test]
fn a_client_that_another_replica_has_told_more_is_not_told_again() {
    let (hub, business) = (hub(), BusinessId::generate());
    let (subscription, start) = hub.subscribe(business, at(103));
    assert!(matches!(start, Start::Resumed(frames) if frames.is_empty()));
    for sequence in 101..=105 {
        publish(&hub, business, sequence);
    }
    assert_eq!(sequences(subscription.take()), [104, 105]);
}

#[test]
fn a_stream_made_anew_makes_everyone_resync() {
    let (hub, business) = (hub(), BusinessId::generate());
    let (subscription, _) = hub.subscribe(business, None);
    publish(&hub, business, 101);
    assert_eq!(hub.begin(9, 3), 3);
    assert!(matches!(subscription.take(), Taken::Resync(Cursor { incarnation: 9, sequence: 3 })));
    publish(&hub, business, 4);
    assert_eq!(sequences(subscription.take()), [4]);
}

#[test]
fn a_stream_that_lost_its_end_makes_everyone_resync_and_its_sequences_come_again() {
    let (hub, business) = (hub(), BusinessId::generate());
    let (subscription, _) = hub.subscribe(business, None);
    publish(&hub, business, 101);
    publish(&hub, business, 102);
    assert_eq!((hub.position(), hub.begin(INCARNATION, 101)), (102, 101));
    let anew = INCARNATION + 1;
    assert!(
        matches!(subscription.take(), Taken::Resync(Cursor { incarnation, sequence: 101 }) if incarnation == anew)
    );
    publish(&hub, business, 102);
    assert_eq!(sequences(subscription.take()), [102]);
    let (_, start) = hub.subscribe(business, at(102));
    assert!(matches!(start, Start::Resync(_)), "a place of before is no place now");
}

#[test]
fn the_same_stream_reached_again_is_read_on_where_it_was() {
    let (hub, business) = (hub(), BusinessId::generate());
    let (subscription, _) = hub.subscribe(business, None);
    publish(&hub, business, 101);
    assert_eq!(hub.begin(INCARNATION, 200), 101);
    assert_eq!(sequences(subscription.take()), [101]);
}

#[test]
fn a_ring_outlives_its_last_listener_for_a_while() {
    let (hub, business) = (hub(), BusinessId::generate());
    drop(hub.subscribe(business, None));
    publish(&hub, business, 101);
    hub.tidy(Instant::now());
    assert!(matches!(hub.subscribe(business, at(100)).1, Start::Resumed(frames) if frames.len() == 1));
    hub.tidy(Instant::now() + KEPT_FOR);
    assert!(!hub.is_watched(business));
}

#[test]
fn a_card_is_watched_by_itself_and_until_dropped() {
    let (hub, business, card) = (hub(), BusinessId::generate(), CardId::generate());
    let watch = hub.watch_card(business, card);
    change_card(&hub, business, 101, CardId::generate());
    assert!(watch.changed().now_or_never().is_none());
    change_card(&hub, business, 102, card);
    change_card(&hub, business, 103, card);
    assert!(watch.changed().now_or_never().is_some());
    assert!(watch.changed().now_or_never().is_none(), "changes that were not waited for are one");
    drop(watch);
    assert!(!hub.is_watched(business));
}

#[derive(Clone, Debug)]
enum Step {
    /// An event of our business, or of another's.
    Publish { ours: bool },
    /// The client takes what waits.
    Take,
    /// The connection is cut, and comes back with its cursor, if it has one.
    Reconnect,
    /// So many events that a queue, or the ring, overflows.
    Flood { events: u16 },
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        8 => any::<bool>().prop_map(|ours| Step::Publish { ours }),
        4 => Just(Step::Take),
        2 => Just(Step::Reconnect),
        1 => (200_u16..1_200).prop_map(|events| Step::Flood { events }),
    ]
}

/// A client as it should be: remembers its cursor, and what it saw since it last fetched everything.
struct Client {
    subscription: Subscription,
    cursor: u64,
    seen: Vec<u64>,
}

impl Client {
    fn begin(&mut self, start: Start) {
        match start {
            Start::Snapshot(cursor) | Start::Resync(cursor) => self.fetched(cursor),
            Start::Resumed(frames) => self.saw(frames.iter().map(|frame| frame.sequence)),
        }
    }

    fn fetched(&mut self, cursor: Cursor) {
        self.seen.clear();
        self.cursor = cursor.sequence;
        self.seen.push(cursor.sequence);
    }

    fn saw(&mut self, sequences: impl Iterator<Item = u64>) {
        for sequence in sequences {
            self.cursor = sequence;
            self.seen.push(sequence);
        }
    }

    fn take(&mut self) {
        match self.subscription.take() {
            Taken::Frames(frames) => self.saw(frames.iter().map(|frame| frame.sequence)),
            Taken::Resync(cursor) => self.fetched(cursor),
        }
    }
}

proptest! {
    /// However it is cut, slowed and flooded: since it last fetched everything, a client has seen every event of its
    /// business once and in order.
    #[test]
    fn a_client_sees_every_event_once_and_in_order_or_is_told_to_fetch(steps in proptest::collection::vec(step(), 1..80)) {
        let (hub, ours, theirs) = (hub(), BusinessId::generate(), BusinessId::generate());
        let (subscription, start) = hub.subscribe(ours, None);
        let mut client = Client { subscription, cursor: 0, seen: Vec::new() };
        client.begin(start);
        let mut published = Vec::new();
        let mut sequence = 100;
        for step in steps {
            let (events, business) = match step {
                Step::Publish { ours: true } => (1, ours),
                Step::Publish { ours: false } => (1, theirs),
                Step::Flood { events } => (events, ours),
                Step::Take => { client.take(); (0, ours) }
                Step::Reconnect => {
                    let (subscription, start) = hub.subscribe(ours, at(client.cursor));
                    client.subscription = subscription;
                    client.begin(start);
                    (0, ours)
                }
            };
            for _ in 0..events {
                sequence += 1;
                publish(&hub, business, sequence);
                if business == ours {
                    published.push(sequence);
                }
            }
        }
        client.take();
        let fetched = client.seen[0];
        let expected: Vec<u64> = published.into_iter().filter(|sequence| *sequence > fetched).collect();
        prop_assert_eq!(&client.seen[1..], expected.as_slice());
    }
}
