use std::time::Duration;

use serde_json::json;

use crate::{Shop, eventually, soon, zone_at};

/// Longer than a message takes from its campaign to the reading.
const READ_WITHIN: Duration = Duration::from_secs(30);

impl Shop {
    /// Waits until so many of everybody could be written to.
    pub async fn reach(&self, reachable: i64) {
        self.reach_by("whatsapp", reachable).await;
    }

    /// Waits until so many of everybody could be reached in such a way.
    pub async fn reach_by(&self, policy: &str, reachable: i64) {
        let audience = json!({ "audience": { "all": [] }, "holdout_percent": 0, "channel_policy": policy });
        soon("everybody is known", async || {
            let preview = self.post("/audiences/preview").json(&audience).send().await.ok(200);
            (preview["reachable"] == reachable).then_some(())
        })
        .await;
    }

    /// Waits until a campaign counts so many.
    pub async fn counts(&self, campaign: &str, count: &str, number: i64) {
        let path = format!("/campaigns/{campaign}");
        eventually(count, READ_WITHIN, async || {
            let shown = self.get(&path).send().await.ok(200);
            (shown["counts"][count] == number).then_some(())
        })
        .await;
    }

    /// Moves the shop to where it is this hour, and waits until messages are held for this; for nothing, that they go.
    pub async fn clocks_at(&self, hour: i64, held_by: Option<&str>) {
        let zone = json!({ "time_zone": zone_at(hour) });
        self.patch("/business").json(&zone).send().await.ok(200);
        soon("the shop to be there", async || {
            let account = self.get("/messaging").send().await.ok(200);
            (account["held_by"] == json!(held_by)).then_some(())
        })
        .await;
    }
}
