//! Calls to the provider, each at its own moment.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use boot::Stop;
use chrono::{DateTime, Utc};
use kernel::MessageId;
use sqlx::PgPool;
use tokio::sync::OwnedSemaphorePermit;
use uuid::Uuid;

use super::App;
use super::outcomes::{Came, Outcome};
use crate::domain::circuit::{Circuit, State};
use crate::domain::pace::{self, Places};
use crate::store;
use crate::twilio::{Answer, Client, Outgoing};

/// How late a call may be and still be made: a pause that is answered relies on it.
pub(super) const LATEST: Duration = Duration::from_millis(100);

/// What the calls of one sender share in this process.
#[derive(Default)]
pub(crate) struct Carrier {
    circuit: Mutex<Circuit>,
    late: Mutex<Late>,
    /// It is told that the provider does not answer, by whatever process; in this round it was so.
    is_told_away: AtomicBool,
}

/// Late calls that the pace does not know of yet.
#[derive(Default)]
struct Late {
    calls: Vec<LateCall>,
    is_being_told: bool,
}

/// When a call was to be made, and when it was.
#[derive(Clone, Copy)]
struct LateCall {
    moment: DateTime<Utc>,
    called_at: DateTime<Utc>,
}

impl Carrier {
    /// How many calls may go now, of so many.
    pub(crate) fn room(&self, wanted: usize) -> usize {
        self.circuit.lock().unwrap_or_else(PoisonError::into_inner).room(wanted, Instant::now())
    }

    /// How its circuit stands.
    pub(crate) fn state(&self) -> State {
        self.circuit.lock().unwrap_or_else(PoisonError::into_inner).state()
    }

    /// Notes what is told of it.
    pub(crate) fn is_told(&self, circuit: &str) {
        self.is_told_away.store(circuit != State::Closed.as_str(), Ordering::Relaxed);
    }

    fn took(&self, calls: usize) {
        self.circuit.lock().unwrap_or_else(PoisonError::into_inner).took(calls);
    }

    /// Hears of a call; how the circuit stood, and how it stands for it.
    fn heard(&self, answered: bool) -> (State, State) {
        let mut circuit = self.circuit.lock().unwrap_or_else(PoisonError::into_inner);
        let before = circuit.state();
        circuit.heard(answered, Instant::now());
        (before, circuit.state())
    }

    /// A call was late; true where somebody must tell the pace, because nobody is doing so.
    fn was_late(&self, call: LateCall) -> bool {
        let mut late = self.late.lock().unwrap_or_else(PoisonError::into_inner);
        late.calls.push(call);
        !std::mem::replace(&mut late.is_being_told, true)
    }

    /// What is to be told, the oldest first.
    fn untold(&self) -> Vec<LateCall> {
        self.late.lock().unwrap_or_else(PoisonError::into_inner).calls.clone()
    }

    /// The oldest so many are told; false where nothing is left, and whoever tells is done.
    fn were_told(&self, calls: usize) -> bool {
        let mut late = self.late.lock().unwrap_or_else(PoisonError::into_inner);
        late.calls.drain(..calls);
        late.is_being_told = !late.calls.is_empty();
        late.is_being_told
    }

    /// Keeps the places of this process's late calls longer, also of those that wait to be told: on a machine that is busy they may
    /// wait for longer than their places are taken.
    pub(super) fn keep_places(&self, places: &mut Places) {
        for call in self.untold() {
            places.called(call.moment, call.called_at);
        }
    }
}

/// What the database's clock says, on this process's own.
pub(crate) struct DatabaseClock {
    origin: Instant,
    ahead: Mutex<Ahead>,
}

/// By how many microseconds our clock is ahead of the database's. An answer takes its time to arrive, so the least that was
/// seen lately is the truest.
#[derive(Default)]
struct Ahead {
    least: Option<i64>,
    /// Of the span before: a slow answer at the beginning of one is not believed for want of a better.
    before: Option<i64>,
    /// When this span began.
    since: Duration,
}

/// Readings of this and the span before it are believed: clocks drift apart.
const SPAN: Duration = Duration::from_secs(15);

impl Ahead {
    fn note(&mut self, seen: i64, at: Duration) {
        if at.saturating_sub(self.since) >= SPAN {
            (self.before, self.least, self.since) = (self.least, None, at);
        }
        self.least = Some(self.least.map_or(seen, |least| least.min(seen)));
    }

    fn micros(&self) -> i64 {
        self.least.into_iter().chain(self.before).min().unwrap_or(0)
    }
}

impl Default for DatabaseClock {
    fn default() -> Self {
        Self { origin: Instant::now(), ahead: Mutex::default() }
    }
}

impl DatabaseClock {
    /// The database said `now` just now.
    pub(crate) fn note(&self, now: DateTime<Utc>) {
        let at = self.origin.elapsed();
        let here = i64::try_from(at.as_micros()).unwrap_or(i64::MAX);
        let seen = here.saturating_sub(now.timestamp_micros());
        self.ahead.lock().unwrap_or_else(PoisonError::into_inner).note(seen, at);
    }

    /// When a moment of the database's comes, here.
    fn instant_of(&self, at: DateTime<Utc>) -> Instant {
        let ahead = self.ahead.lock().unwrap_or_else(PoisonError::into_inner).micros();
        let micros = u64::try_from(at.timestamp_micros().saturating_add(ahead)).unwrap_or(0);
        self.origin + Duration::from_micros(micros)
    }
}

/// A message that was reserved for, with the moment of its call.
pub(crate) struct Call {
    pub(crate) message: MessageId,
    pub(crate) created_at: DateTime<Utc>,
    pub(crate) attempt: Uuid,
    pub(crate) slot: DateTime<Utc>,
    pub(crate) outgoing: Outgoing,
    pub(crate) permit: OwnedSemaphorePermit,
}

impl App {
    /// Sets calls off, each at its moment; what comes of them is sent to whoever writes outcomes.
    pub(super) fn set_off(self: &Arc<Self>, sender: Uuid, calls: Vec<Call>, stop: &Stop) {
        let carrier = self.carrier(sender);
        carrier.took(calls.len());
        for call in calls {
            let (app, carrier, stop) = (Arc::clone(self), Arc::clone(&carrier), stop.clone());
            tokio::spawn(async move { app.call(sender, &carrier, call, &stop).await });
        }
    }

    async fn call(&self, sender: Uuid, carrier: &Arc<Carrier>, call: Call, stop: &Stop) {
        let Call { message, created_at, attempt, slot, outgoing, permit } = call;
        let due = self.database_clock.instant_of(slot);
        let waited = stop.run_until_cancelled(tokio::time::sleep_until(due.into())).await;
        if waited.is_some() {
            metrics::histogram!("message_call_late_seconds").record(due.elapsed().as_secs_f64());
        }
        let came = match (&self.twilio, waited) {
            (Some(twilio), Some(())) if due.elapsed() < LATEST => {
                let called_at = self.keep_pace(sender, carrier, due, slot);
                Came::Answered(self.ask(twilio, sender, carrier, &outgoing).await, called_at)
            }
            // The process ends before the moment came, or stood still over it: nothing is sent.
            _ => Came::Untouched,
        };
        // Where the writer is gone, the lease ends and the provider is asked.
        let _ = self.outcomes.send(Outcome { message, created_at, attempt, came }).await;
        drop(permit);
    }

    /// A call that is made now, and its place if it is late: that is told beside the call, within the second. When it is made.
    fn keep_pace(
        &self,
        sender: Uuid,
        carrier: &Arc<Carrier>,
        due: Instant,
        moment: DateTime<Utc>,
    ) -> DateTime<Utc> {
        let late = due.elapsed();
        let called_at = moment + late;
        metrics::counter!("messages_handed_over_total").increment(1);
        if late > pace::TOLERANCE && carrier.was_late(LateCall { moment, called_at }) {
            let (pool, carrier) = (self.pool.clone(), Arc::clone(carrier));
            tokio::spawn(async move {
                loop {
                    let calls = carrier.untold();
                    if let Err(error) = keep_places(&pool, sender, &calls).await {
                        tracing::warn!(%error, "the places of late calls were not kept longer");
                    }
                    if !carrier.were_told(calls.len()) {
                        return;
                    }
                }
            });
        }
        called_at
    }

    async fn ask(&self, twilio: &Client, sender: Uuid, carrier: &Carrier, outgoing: &Outgoing) -> Answer {
        let began = Instant::now();
        let answer = twilio.send(outgoing).await;
        metrics::histogram!("provider_answer_seconds").record(began.elapsed().as_secs_f64());
        let (before, after) = carrier.heard(answer.was_answered);
        if before != after {
            self.tell_circuit(sender, after).await;
        } else if answer.was_answered
            && after == State::Closed
            && carrier.is_told_away.swap(false, Ordering::Relaxed)
        {
            // Whoever told it may have ended since, or is given nothing to find out with because others send it all.
            self.write_circuit(sender, after).await;
        }
        answer
    }

    /// Tells how a sender's circuit stands, to the log and to the other replicas.
    pub(super) async fn tell_circuit(&self, sender: Uuid, state: State) {
        tracing::warn!(sello.sender.id = %sender, state = state.as_str(), "the provider's circuit changed");
        self.write_circuit(sender, state).await;
    }

    async fn write_circuit(&self, sender: Uuid, state: State) {
        if let Err(error) = store::sender::set_circuit(&self.pool, sender, state.as_str()).await {
            tracing::warn!(%error, "a circuit's state was not written");
        }
    }
}

async fn keep_places(pool: &PgPool, sender: Uuid, calls: &[LateCall]) -> Result<(), sqlx::Error> {
    let mut tx = pool.begin().await?;
    let per_second = store::sender::lock(&mut tx, sender).await?;
    let mut places = Places::new(per_second, store::sender::pace(&mut *tx, sender).await?.taken_until);
    for call in calls {
        places.called(call.moment, call.called_at);
    }
    store::sender::set_taken(&mut tx, sender, &places.into_taken()).await?;
    tx.commit().await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn late_calls_are_told_together_by_one() {
        let carrier = Carrier::default();
        let call = LateCall { moment: DateTime::UNIX_EPOCH, called_at: DateTime::UNIX_EPOCH };
        assert!(carrier.was_late(call));
        assert!(!carrier.was_late(call), "somebody is telling already");
        assert_eq!(carrier.untold().len(), 2);
        assert!(!carrier.was_late(call), "and one more meanwhile");
        assert!(carrier.were_told(2), "one is left");
        assert!(!carrier.were_told(1));
        assert!(carrier.was_late(call));
    }

    #[test]
    fn a_late_call_keeps_its_place_though_it_is_not_told_yet() {
        let start: DateTime<Utc> = "2026-11-27T15:00:00Z".parse().unwrap();
        let mut places = Places::new(1, Vec::new());
        let moment = places.take(start, 1)[0];
        let call = LateCall { moment, called_at: moment + LATEST };
        let carrier = Carrier::default();
        carrier.was_late(call);
        carrier.keep_places(&mut places);
        // Told and not told, it is the same place.
        carrier.keep_places(&mut places);
        assert!(places.take(start, 1)[0] - call.called_at >= chrono::TimeDelta::seconds(1));
    }

    #[test]
    fn a_slow_answer_is_not_believed_while_a_faster_one_is_remembered() {
        let mut ahead = Ahead::default();
        ahead.note(100, Duration::ZERO);
        ahead.note(900, SPAN);
        assert_eq!(ahead.micros(), 100);
        ahead.note(120, SPAN * 3 / 2);
        ahead.note(800, SPAN * 2);
        assert_eq!(ahead.micros(), 120, "what is long ago is forgotten: clocks drift");
    }

    #[test]
    fn the_least_delay_is_the_truest_reading() {
        let clock = DatabaseClock::default();
        let now: DateTime<Utc> = "2026-11-27T12:00:00Z".parse().unwrap();
        clock.note(now);
        let first = clock.instant_of(now);
        clock.note(now - chrono::Duration::seconds(5));
        assert_eq!(clock.instant_of(now), first, "a slower answer changes nothing");
        clock.note(now + chrono::Duration::seconds(5));
        assert!(clock.instant_of(now) < first);
    }
}
