//! Pausing, going on and canceling, exactly.

use std::time::Duration;

use kernel::{BusinessId, CampaignId, Invalid, Principal};

use super::App;
use super::calling::LATEST;
use crate::{Error, store};

/// Longer than this no call is ahead of us; a clock that says otherwise is not believed.
const LONGEST_AHEAD: Duration = Duration::from_secs(3);
/// A call begins at its moment or a little later; one that is later than this is not made at all.
const SLACK: Duration = LATEST.saturating_add(Duration::from_millis(50));

/// What has less time left than this when its campaign goes on …
const NEARLY_OVER: chrono::Duration = chrono::Duration::hours(24);
/// … is good for so long from then on, as if it had been planned just now.
const GOOD_FOR: chrono::Duration = chrono::Duration::hours(72);

impl App {
    /// Stops, lets go on or cancels what a campaign has asked for. Once this has answered, no call of it begins any more:
    /// whoever hands over holds the campaign's row, and the calls that had their moment already are waited for. An automation
    /// that was canceled may run again: what it asks for later goes, and what was canceled stays so.
    pub(crate) async fn hold_campaign(
        &self,
        caller: &Principal,
        business: BusinessId,
        campaign: CampaignId,
        state: &str,
    ) -> Result<u64, Error> {
        caller.must_be_platform()?;
        let queued = match state {
            "paused" => "held",
            "running" => "waiting",
            "canceled" => "canceling",
            _ => return Err(Invalid::new("state", "unknown").into()),
        };
        let mut tx = self.pool.begin().await?;
        let stands = store::campaign::set(&mut tx, business, campaign, state).await?;
        let stands = stands.ok_or(Error::NotFound("campaign_id"))?;
        if stands != state {
            // Of what is canceled nothing waits that could be held.
            return Err(Invalid::new("state", "canceled_already").into());
        }
        if state == "running" {
            let now = self.clock.now();
            store::campaign::renew(&mut tx, campaign, (now + NEARLY_OVER, now + GOOD_FOR)).await?;
        }
        let messages = store::campaign::move_queue(&mut tx, campaign, queued).await?;
        let ahead = store::campaign::last_call(&mut tx, campaign).await?;
        tx.commit().await?;
        if state == "running" {
            self.wanted.notify_waiters();
            return Ok(messages);
        }
        calls_begun(ahead).await;
        Ok(messages)
    }
}

/// Waits until the last call that is under way has begun: it is due in so many microseconds, if there is one.
pub(super) async fn calls_begun(ahead: Option<i64>) {
    let slack = i64::try_from(SLACK.as_micros()).unwrap_or(0);
    let left = ahead.map(|ahead| ahead + slack).and_then(|left| u64::try_from(left).ok());
    if let Some(left) = left {
        tokio::time::sleep(Duration::from_micros(left).min(LONGEST_AHEAD)).await;
    }
}
