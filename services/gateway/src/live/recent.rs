//! What a panel that has just come is shown of the hours before it.

use std::time::Duration;

use kernel::BusinessId;
use serde_json::Value;

use super::cursor::Cursor;
use super::render::{News, decode, filters};
use crate::platform::Platform;

/// How far back is looked: as little as fills a screen.
const WINDOWS: [Duration; 3] =
    [Duration::from_secs(600), Duration::from_secs(2 * 3_600), Duration::from_secs(24 * 3_600)];
/// What fills it.
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

async fn read(platform: &Platform, business: BusinessId, until: Cursor) -> Result<Vec<Value>, outbox::Error> {
    let Some(broker) = platform.broker.as_ref().filter(|broker| broker.is_connected()) else {
        return Ok(Vec::new());
    };
    let facts = outbox::recent(broker, &filters(business), &WINDOWS, MOST).await?;
    let news: Vec<(u64, News)> = facts
        .iter()
        .filter(|fact| fact.sequence <= until.sequence)
        .filter_map(|fact| Some((fact.sequence, decode(fact)?)))
        .collect();
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
        let frame = news.render(Cursor { sequence: *sequence, ..until }, name.as_deref())?;
        serde_json::from_str(frame.text.as_str()).ok()
    });
    Ok(frames.collect())
}
