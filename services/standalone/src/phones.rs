//! The demonstration's two phones, and the page that shows them: an iPhone and an Android that are none, with a customer's
//! card in their wallets, following every stamp as real ones would.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use axum::Router;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{Html, IntoResponse};
use axum::routing::get;
use boot::Stop;
use chrono::Utc;
use fakes::android::Android;
use fakes::iphone::{IPhone, Settings};
use futures::Stream;
use http::header;
use qrcode::QrCode;
use qrcode::render::svg;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::sync::watch;

use crate::parties::Fakes;
use crate::secrets::DemoSignIn;

const PAGE: &str = include_str!("../phones/index.html");
const SCRIPT: &str = include_str!("../phones/phones.js");
const STYLE: &str = include_str!("../phones/phones.css");

/// How often the rotating code is drawn anew; it stands for thirty seconds.
const REDRAWN_EVERY: Duration = Duration::from_secs(5);
/// The pause before a phone that could not get its card tries again.
const PAUSE: Duration = Duration::from_secs(2);

/// The phones.
pub(crate) struct Phones {
    fakes: Fakes,
    iphone: Arc<IPhone>,
    android: Arc<Android>,
    /// The platform's own address.
    url: String,
    /// The card and what opens it.
    card: (String, String),
    shown: watch::Sender<Value>,
}

/// What the phones ask the platform for.
#[derive(Deserialize)]
struct Card {
    apple_url: Option<String>,
    google_url: Option<String>,
}

impl Phones {
    /// Two phones of the customer that the demonstration begins with; still without her card.
    pub(crate) fn new(fakes: Fakes, url: &str, demo: &DemoSignIn) -> anyhow::Result<Self> {
        let card = demo.card_path.trim_start_matches("/t/").split_once('#');
        let (card, holder_token) = card.context("the demonstration's card has no token")?;
        let checker = |pass: &[u8]| {
            pkpass::inspect::Opened::read(pass).map(|_| ()).map_err(|broken| broken.to_string())
        };
        let mut settings = Settings::new("demonstration-iphone");
        settings.checker = Some(Box::new(checker));
        // A platform on the LAN has a certificate that it made itself.
        settings.http = Some(client()?);
        Ok(Self {
            iphone: Arc::new(IPhone::with(settings)?),
            android: Arc::new(Android::new(&fakes.google, "demonstration-android")),
            fakes,
            url: url.to_owned(),
            card: (card.to_owned(), holder_token.to_owned()),
            shown: watch::Sender::new(Value::Null),
        })
    }

    /// The page and what it follows.
    pub(crate) fn routes(&self) -> Router {
        let shown = self.shown.subscribe();
        Router::new()
            .route("/telefonos", get(|| async { Html(PAGE) }))
            .route("/telefonos/phones.js", get(|| asset("text/javascript; charset=utf-8", SCRIPT)))
            .route("/telefonos/phones.css", get(|| asset("text/css; charset=utf-8", STYLE)))
            .route("/telefonos/cambios", get(move || follow(shown.clone())))
    }

    /// Gets the card onto the phones and keeps what they show up to date, until told to stop.
    pub(crate) async fn live(self, stop: Stop) {
        self.iphone.listen(&self.fakes.apns);
        let got = async {
            while let Err(error) = self.get_the_card().await {
                tracing::warn!(%error, "the demonstration's phones have no card yet");
                tokio::time::sleep(PAUSE).await;
            }
        };
        if stop.run_until_cancelled(got).await.is_none() {
            return;
        }
        let (mut iphone, mut android) = (self.iphone.watch(), self.android.watch());
        loop {
            self.shown.send_replace(self.look());
            tokio::select! {
                () = stop.cancelled() => return,
                Ok(()) = iphone.changed() => {}
                Ok(()) = android.changed() => {}
                () = tokio::time::sleep(REDRAWN_EVERY) => {}
            }
        }
    }

    async fn get_the_card(&self) -> anyhow::Result<()> {
        let (card, holder_token) = &self.card;
        let answer = client()?
            .get(format!("{}/api/v1/cards/{card}", self.url))
            .header(header::AUTHORIZATION, format!("Card {holder_token}"))
            .send()
            .await?
            .error_for_status()?;
        let card: Card = answer.json().await?;
        if let Some(apple_url) = card.apple_url {
            self.iphone.install(apple_url.as_str()).await?;
        }
        if let Some(google_url) = card.google_url {
            let answer = client()?.get(google_url).send().await?;
            let save_url = answer.headers().get(header::LOCATION).and_then(|value| value.to_str().ok());
            self.android.save(save_url.context("no link to save the card with")?).await?;
        }
        Ok(())
    }

    fn look(&self) -> Value {
        let (iphone, android) = (self.iphone.snapshot(), self.android.snapshot());
        let on_iphone =
            iphone.passes.first().and_then(|pass| pass.barcode.as_ref()).map(|code| code.message.clone());
        let on_android =
            android.passes.first().and_then(|pass| self.android.barcode_at(&pass.object_id, Utc::now()));
        json!({
            "iphone": iphone,
            "android": android,
            "codes": { "iphone": on_iphone.and_then(|code| qr(&code)), "android": on_android.and_then(|code| qr(&code)) },
        })
    }
}

/// Follows no redirect: where Google's link leads is what is asked for.
fn client() -> reqwest::Result<reqwest::Client> {
    reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .tls_danger_accept_invalid_certs(true)
        .timeout(Duration::from_secs(20))
        .build()
}

fn qr(code: &str) -> Option<String> {
    let code = QrCode::new(code).ok()?;
    Some(code.render::<svg::Color<'_>>().min_dimensions(240, 240).quiet_zone(true).build())
}

async fn asset(kind: &'static str, text: &'static str) -> impl IntoResponse {
    ([(header::CONTENT_TYPE, kind)], text)
}

async fn follow(shown: watch::Receiver<Value>) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let events = futures::stream::unfold((shown, true), |(mut shown, is_first)| async move {
        // The first is what there is; the rest are changes.
        if !is_first {
            shown.changed().await.ok()?;
        }
        let told = shown.borrow_and_update().to_string();
        Some((Ok(Event::default().data(told)), (shown, false)))
    });
    Sse::new(events).keep_alive(KeepAlive::default())
}
