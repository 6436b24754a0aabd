//! What a panel that has just come is shown of what was before it: the last hours, or what it missed.

use std::time::Duration;

use chrono::Utc;
use kernel::BusinessId;
use outbox::{Broker, Fact, Subject};
use serde_json::Value;

use super::cursor::Cursor;
use super::hub::Frame;
use super::reader::LOOKED_BACK;
use super::render::{News, decode};
use crate::platform::Platform;

/// What fills a screen.
const MOST: usize = 50;
/// How long a snapshot waits for it; without, the panel begins empty and fills as things happen.
const PATIENCE: Duration = Duration::from_secs(2);

/// The newest events of a business up to `until`, oldest first, as they were shown when they happened.
pub(super) async fn recent(platform: &Platform, business: BusinessId, until: Cursor) -> Vec<Value> {
    match tokio::time::timeout(PATIENCE, read(platform, business, until)).await {
        Ok(Ok(frames)) => frames,
        Ok(Err(error)) => {
            tracing::info!(%error, "a panel begins without what happened before");
            Vec::new()
        }
        Err(_) => Vec::new(),
    }
}

/// What a panel missed that was last shown events by another process, or longer ago than this one remembers; `None` where that
/// is too much to be told one by one.
pub(super) async fn missed(
    platform: &Platform,
    business: BusinessId,
    after: Cursor,
    until: Cursor,
) -> Option<Vec<Frame>> {
    let broker = platform.broker.as_ref().filter(|broker| broker.is_connected())?;
    if after.incarnation != until.incarnation {
        return None;
    }
    let read = async {
        let Some(places) = platform.history.between(business, after.sequence, until.sequence).await else {
            return Ok(None);
        };
        let facts = at(broker, business, &places).await?;
        if facts.len() < places.len() {
            return Ok(None);
        }
        let frames = render(platform, business, &facts, until).await;
        // Late for her, not for the platform: its lag is measured by what it shows at once.
        Ok::<_, outbox::Error>(Some(
            frames.into_iter().map(|frame| Frame { recorded_at: 0, ..frame }).collect(),
        ))
    };
    match tokio::time::timeout(PATIENCE, read).await {
        Ok(Ok(frames)) => frames,
        Ok(Err(error)) => {
            tracing::info!(%error, "a panel is told to fetch anew");
            None
        }
        Err(_) => None,
    }
}

async fn read(platform: &Platform, business: BusinessId, until: Cursor) -> Result<Vec<Value>, outbox::Error> {
    let Some(broker) = platform.broker.as_ref().filter(|broker| broker.is_connected()) else {
        return Ok(Vec::new());
    };
    let places = platform.history.newest(business, until.sequence, MOST).await;
    let facts = at(broker, business, &places).await?;
    let frames = render(platform, business, &facts, until).await;
    let earliest = (Utc::now() - LOOKED_BACK).timestamp_millis();
    let (frames, old): (Vec<_>, Vec<_>) = frames.into_iter().partition(|frame| frame.recorded_at >= earliest);
    let first = facts.first().map_or(u64::MAX, |fact| fact.sequence);
    let gone = places.into_iter().filter(|place| *place < first);
    // After a stream that was lost its facts may stand in another order than they happened.
    let fresh = frames.first().map_or(u64::MAX, |frame| frame.sequence);
    let too_old = old.iter().map(|frame| frame.sequence).filter(|place| *place < fresh);
    if let Some(place) = gone.chain(too_old).max() {
        platform.history.let_go(business, place);
    }
    Ok(frames.iter().filter_map(|frame| serde_json::from_str(frame.text.as_str()).ok()).collect())
}

/// What stands at a business's places. The stream may have been made anew a moment ago, and then it is anybody's.
async fn at(broker: &Broker, business: BusinessId, places: &[u64]) -> Result<Vec<Fact>, outbox::Error> {
    let mut facts = outbox::at(broker, places).await?;
    facts.retain(|fact| Subject::parse(&fact.subject).is_some_and(|subject| subject.business == business));
    Ok(facts)
}

/// Facts as they are shown, with the names of those they speak of.
async fn render(platform: &Platform, business: BusinessId, facts: &[Fact], until: Cursor) -> Vec<Frame> {
    let news: Vec<(u64, News)> =
        facts.iter().filter_map(|fact| Some((fact.sequence, decode(fact)?))).collect();
    let unknown: Vec<_> = news
        .iter()
        .filter_map(|(_, news)| news.customer)
        .filter(|customer| platform.names.at_hand(business, *customer).is_none())
        .collect();
    if let Err(refusal) = platform.ask_names(business, &unknown).await {
        tracing::debug!(slug = refusal.slug.as_str(), "names did not come");
    }
    let frames = news.iter().filter_map(|(sequence, news)| {
        let name = news.customer.and_then(|customer| platform.names.at_hand(business, customer)).flatten();
        news.render(Cursor { sequence: *sequence, ..until }, name.as_deref())
    });
    frames.collect()
}
