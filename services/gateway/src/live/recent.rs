//! What a panel that has just come is shown of what was before it: the last hours, or what it missed.

use std::time::Duration;

use kernel::BusinessId;
use outbox::Fact;
use serde_json::Value;

use super::cursor::Cursor;
use super::hub::Frame;
use super::render::{News, decode, filters};
use crate::platform::Platform;

/// How far back is looked: as little as fills a screen.
const WINDOWS: [Duration; 3] =
    [Duration::from_secs(600), Duration::from_secs(2 * 3_600), Duration::from_secs(24 * 3_600)];
/// What fills it.
const MOST: usize = 50;
/// Events that are told one by one to a panel that missed them; after more it is quicker to fetch anew.
const MOST_MISSED: usize = 256;
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
        let facts = outbox::missed(broker, &filters(business), after.sequence, MOST_MISSED).await?;
        Ok::<_, outbox::Error>(match facts {
            Some(facts) => {
                let frames = render(platform, business, &facts, until).await;
                // Late for her, not for the platform: its lag is measured by what it shows at once.
                Some(frames.into_iter().map(|frame| Frame { recorded_at: 0, ..frame }).collect())
            }
            None => None,
        })
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
    let facts = outbox::recent(broker, &filters(business), &WINDOWS, MOST).await?;
    let frames = render(platform, business, &facts, until).await;
    Ok(frames.iter().filter_map(|frame| serde_json::from_str(frame.text.as_str()).ok()).collect())
}

/// Facts up to `until` as they are shown, with the names of those they speak of.
async fn render(platform: &Platform, business: BusinessId, facts: &[Fact], until: Cursor) -> Vec<Frame> {
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
        news.render(Cursor { sequence: *sequence, ..until }, name.as_deref())
    });
    frames.collect()
}
