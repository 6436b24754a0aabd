//! Where in the stream the newest events of every business stand. A panel that comes is shown them one by one: having the broker
//! look for a business's few events among everybody's costs it as much as reading out all of a day.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use kernel::BusinessId;
use tokio::sync::watch;
use tokio::time::timeout;

/// Places kept of a business.
const KEPT: usize = 128;
/// How long somebody waits for what is still being looked for. Afterwards she is shown what is known.
const PATIENCE: Duration = Duration::from_secs(1);

/// The newest places of every business. No I/O: the reader brings them.
#[derive(Default)]
pub(crate) struct History(watch::Sender<Known>);

struct Known {
    /// Whatever happened after this place is known.
    complete_after: u64,
    /// Nothing before that is looked for any more.
    is_whole: bool,
    businesses: HashMap<BusinessId, Newest>,
}

#[derive(Default)]
struct Newest {
    /// Ascending.
    places: VecDeque<u64>,
    /// The newest place that was let go for newer ones.
    let_go: u64,
}

impl History {
    /// What was known means nothing any more: the stream may be another one.
    pub(super) fn forget(&self) {
        self.0.send_replace(Known::default());
    }

    /// The stream is read on from there.
    pub(super) fn begin(&self, after: u64) {
        self.0.send_modify(|known| known.complete_after = after);
    }

    /// An event that is shown has happened.
    pub(super) fn note(&self, business: BusinessId, place: u64) {
        // Nobody waits for what comes.
        self.0.send_if_modified(|known| {
            known.businesses.entry(business).or_default().add(place);
            false
        });
    }

    /// All that is shown of what happened between `after` and what is known, oldest first.
    pub(super) fn remember(&self, after: u64, before: &[(BusinessId, u64)]) {
        self.0.send_modify(|known| {
            for (business, place) in before.iter().rev() {
                known.businesses.entry(*business).or_default().add_before(*place);
            }
            known.complete_after = after;
        });
    }

    /// A business's places up to this one are too old for anybody.
    pub(super) fn let_go(&self, business: BusinessId, until: u64) {
        self.0.send_if_modified(|known| {
            if let Some(newest) = known.businesses.get_mut(&business) {
                newest.places.retain(|place| *place > until);
                newest.let_go = newest.let_go.max(until);
            }
            false
        });
    }

    /// Nothing more is looked for.
    pub(super) fn end(&self) {
        self.0.send_modify(|known| known.is_whole = true);
    }

    /// A business's newest places up to `until`, at most so many, oldest first: as many as are known, if more are not found soon.
    pub(super) async fn newest(&self, business: BusinessId, until: u64, most: usize) -> Vec<u64> {
        let enough = |known: &Known| known.is_whole || known.up_to(business, until).len() >= most;
        self.wait_for(enough).await;
        let known = self.0.borrow();
        let places = known.up_to(business, until);
        places[places.len().saturating_sub(most)..].to_vec()
    }

    /// A business's places after one and up to another, oldest first; `None` where some of them are not known.
    pub(super) async fn between(&self, business: BusinessId, after: u64, until: u64) -> Option<Vec<u64>> {
        self.wait_for(|known| known.is_whole || known.complete_after <= after).await;
        let known = self.0.borrow();
        let is_complete = known.complete_after <= after
            && known.businesses.get(&business).is_none_or(|newest| newest.let_go <= after);
        let mut places = known.up_to(business, until);
        places.retain(|place| *place > after);
        is_complete.then_some(places)
    }

    async fn wait_for(&self, is_enough: impl FnMut(&Known) -> bool) {
        // Neither that it took too long nor that nobody tells any more keeps what is known from being shown.
        let _ = timeout(PATIENCE, self.0.subscribe().wait_for(is_enough)).await;
    }
}

impl Default for Known {
    fn default() -> Self {
        // Nothing is known, of whatever place.
        Self { complete_after: u64::MAX, is_whole: false, businesses: HashMap::new() }
    }
}

impl Known {
    fn up_to(&self, business: BusinessId, until: u64) -> Vec<u64> {
        let newest = self.businesses.get(&business);
        newest
            .into_iter()
            .flat_map(|newest| &newest.places)
            .copied()
            .filter(|place| *place <= until)
            .collect()
    }
}

impl Newest {
    fn add(&mut self, place: u64) {
        if self.places.len() == KEPT {
            self.let_go = self.let_go.max(self.places.pop_front().unwrap_or_default());
        }
        self.places.push_back(place);
    }

    fn add_before(&mut self, place: u64) {
        if self.places.len() == KEPT {
            self.let_go = self.let_go.max(place);
        } else {
            self.places.push_front(place);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Everything waits for a clock that goes by itself, so nothing here takes its time.
    async fn newest(history: &History, business: BusinessId, most: usize) -> Vec<u64> {
        history.newest(business, u64::MAX, most).await
    }

    #[tokio::test(start_paused = true)]
    async fn what_happens_and_what_had_happened_before_are_one_row() {
        let (history, business, other) = (History::default(), BusinessId::generate(), BusinessId::generate());
        history.begin(100);
        history.note(business, 101);
        history.note(other, 102);
        history.note(business, 103);
        history.remember(50, &[(business, 60), (other, 70), (business, 80)]);
        history.remember(0, &[(business, 40)]);
        history.end();
        assert_eq!(newest(&history, business, 10).await, [40, 60, 80, 101, 103]);
        assert_eq!(newest(&history, business, 2).await, [101, 103]);
        assert_eq!(newest(&history, other, 10).await, [70, 102]);
        assert_eq!(history.newest(business, 101, 2).await, [80, 101], "a snapshot of an earlier place");
        assert_eq!(newest(&history, BusinessId::generate(), 10).await, [0; 0]);
    }

    #[tokio::test(start_paused = true)]
    async fn who_missed_some_is_told_them_or_told_that_they_are_not_known() {
        let (history, business) = (History::default(), BusinessId::generate());
        history.begin(100);
        history.note(business, 105);
        history.remember(50, &[(business, 60), (business, 80)]);
        history.end();
        assert_eq!(history.between(business, 60, 105).await, Some(vec![80, 105]));
        assert_eq!(history.between(business, 50, 80).await, Some(vec![60, 80]));
        assert_eq!(history.between(business, 49, 105).await, None, "not read so far back");
        assert_eq!(history.between(BusinessId::generate(), 99, 105).await, Some(Vec::new()));
    }

    #[tokio::test(start_paused = true)]
    async fn the_newest_are_kept_and_it_is_known_that_others_were() {
        let (history, business) = (History::default(), BusinessId::generate());
        history.begin(1_000);
        let before: Vec<_> = (1..=10).map(|place| (business, 900 + place)).collect();
        history.remember(900, &before);
        (1..KEPT as u64).for_each(|place| history.note(business, 1_000 + place));
        history.end();
        assert_eq!(newest(&history, business, KEPT * 2).await.len(), KEPT);
        assert_eq!(history.between(business, 909, 2_000).await.map(|places| places.len()), Some(KEPT));
        assert_eq!(history.between(business, 908, 2_000).await, None, "909 was let go");

        let full = History::default();
        full.begin(1_000);
        (1..=KEPT as u64).for_each(|place| full.note(business, 1_000 + place));
        full.remember(900, &before);
        assert_eq!(full.between(business, 910, 2_000).await.map(|places| places.len()), Some(KEPT));
        assert_eq!(full.between(business, 909, 2_000).await, None, "910 was not kept");
    }

    #[tokio::test(start_paused = true)]
    async fn who_comes_first_waits_for_enough_and_not_for_ever() {
        let (history, business) = (History::default(), BusinessId::generate());
        history.begin(100);
        history.note(business, 101);
        assert_eq!(newest(&history, business, 2).await, [101], "nobody looks");
        let later = async {
            tokio::task::yield_now().await;
            history.remember(50, &[(business, 60)]);
        };
        let (found, ()) = tokio::join!(newest(&history, business, 2), later);
        assert_eq!(found, [60, 101]);
    }

    #[tokio::test(start_paused = true)]
    async fn another_stream_is_another_history() {
        let (history, business) = (History::default(), BusinessId::generate());
        assert_eq!(history.between(business, 7, 9).await, None, "before any");
        history.begin(6);
        history.note(business, 7);
        history.forget();
        assert_eq!(history.between(business, 7, 9).await, None, "between two");
        history.begin(3);
        history.end();
        assert_eq!(newest(&history, business, 10).await, [0; 0]);
        assert_eq!(history.between(business, 2, 9).await, None);
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_too_old_is_not_asked_for_again() {
        let (history, business) = (History::default(), BusinessId::generate());
        history.begin(100);
        (101..=103).for_each(|place| history.note(business, place));
        history.end();
        history.let_go(business, 102);
        assert_eq!(newest(&history, business, 10).await, [103]);
        assert_eq!(history.between(business, 101, 200).await, None);
        assert_eq!(history.between(business, 102, 200).await, Some(vec![103]));
    }
}
