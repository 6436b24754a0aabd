//! From a card to a signed pass: made once for what it says, and kept for a day.

use bytes::Bytes;
use chrono::{DateTime, Utc};
use pkpass::Color;
use sha2::{Digest, Sha256};

use super::App;
use crate::Error;
use crate::apple::pass::{Home, pass as written};
use crate::store;
use crate::store::pass::Pass;

/// Where made passes lie in the object store.
pub(crate) const KEPT_UNDER: &str = "pass";
/// How long they lie there, in hours.
pub(crate) const KEPT_HOURS: i64 = 24;

/// A signed pass.
pub(crate) struct Made {
    pub(crate) pkpass: Bytes,
    /// Whole seconds.
    pub(crate) modified_at: DateTime<Utc>,
}

impl App {
    /// The pass of a card as it is now.
    pub(crate) async fn make(&self, pass: &Pass) -> Result<Made, Error> {
        let apple = self.apple()?;
        let view = self.view_of_pass(pass).await?;
        let url = format!("{}/wallet", self.public_url);
        let home = Home {
            url: &url,
            token: self.secrets.pass_token(pass.card),
            is_development: apple.signer.is_development(),
        };
        let card_url = format!("{}/t/{}", self.public_url, pass.card);
        let colours = super::drawing::look(&view.program).colours();
        let colors =
            [colours.background, colours.foreground, colours.label].map(|c| Color::rgb(c.0, c.1, c.2));
        let (written, strings) = written(&view, &home, colors, &card_url)?;
        let template = self.template(&view).await?.with_strings(&strings)?;
        let mut content = Sha256::new();
        content.update(written.json(apple.signer.pass_type(), apple.signer.team())?);
        content.update(template.fingerprint());
        content.update(apple.signer.not_after().timestamp().to_be_bytes());
        let name = format!("{KEPT_UNDER}/{}.pkpass", hex::encode(content.finalize()));
        let pkpass = match self.objects.get(&name).await? {
            Some(kept) => kept,
            None => {
                let (signer, now) = (apple.signer.clone(), self.clock.now());
                let made =
                    tokio::task::spawn_blocking(move || written.sign(&template, &signer, now)).await??;
                metrics::counter!("passes_signed_total").increment(1);
                let made = Bytes::from(made);
                self.objects.put(&name, made.clone()).await?;
                made
            }
        };
        store::pass::served(&self.pool, pass.card, pass.tag).await?;
        Ok(Made { pkpass, modified_at: pass.modified_at })
    }
}

impl App {
    /// Clears away passes that were made long ago, and what else is past its time.
    pub(crate) async fn keep_house(&self) -> Result<(), Error> {
        let now = self.clock.now();
        let purged = self.objects.purge(KEPT_UNDER, now - chrono::Duration::hours(KEPT_HOURS)).await?;
        metrics::counter!("passes_purged_total").increment(purged as u64);
        Ok(store::progress::purge(&self.pool, now).await?)
    }
}
