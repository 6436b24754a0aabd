//! An Android phone with Google Wallet: it saves passes by their link, shows what Google has of them, and deletes them.

mod totp;

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::Value;
use tokio::sync::watch;

pub use totp::totp;

use crate::google::state::State;
use crate::google::wallet::{Of, Wallet, balance, number, text};
use crate::google::{Google, SaveError};
use crate::tasks::Tasks;
use crate::{DEADLINE, Late, locked, wait_for};

/// A block of text on a pass.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Text {
    /// What stands over it.
    pub header: String,
    /// What it says.
    pub body: String,
}

/// A pass as the phone shows it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Shown {
    /// The object.
    pub object_id: String,
    /// Its class.
    pub class_id: String,
    /// `ACTIVE`, or why not.
    pub state: String,
    /// Who issued it.
    pub issuer: String,
    /// The program.
    pub program: String,
    /// The holder's name on the card.
    pub account_name: String,
    /// The card's number.
    pub account_id: String,
    /// What stands over the balance.
    pub balance_label: String,
    /// The balance: the stamps.
    pub balance: String,
    /// The second balance, where there is one.
    pub second_balance: Option<String>,
    /// The address of the wide picture: the object's, else the class's.
    pub hero_image: Option<String>,
    /// The address of the logo.
    pub logo: Option<String>,
    /// `#rrggbb`.
    pub background: Option<String>,
    /// What the code says that does not change.
    pub barcode: Option<String>,
    /// What stands under the code.
    pub barcode_text: Option<String>,
    /// True if the code changes with time; [`Android::barcode_at`] says how.
    pub rotates: bool,
    /// Its blocks of text.
    pub texts: Vec<Text>,
    /// Its messages.
    pub messages: Vec<Text>,
    /// The notifications it has caused, oldest first.
    pub notices: Vec<String>,
    /// How often it was written by the issuer.
    pub version: i64,
}

/// Everything on the phone.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Snapshot {
    /// Its passes, by id.
    pub passes: Vec<Shown>,
}

/// The phone. It follows the wallet until it is dropped.
pub struct Android {
    phone: Arc<Phone>,
    _tasks: Tasks,
}

struct Phone {
    name: String,
    google: Arc<State>,
    passes: Mutex<BTreeSet<String>>,
    screen: watch::Sender<Snapshot>,
}

impl Android {
    /// A phone, and the person whose it is, by any name.
    pub fn new(google: &Google, name: impl Into<String>) -> Self {
        let phone = Arc::new(Phone {
            name: name.into(),
            google: google.state(),
            passes: Mutex::default(),
            screen: watch::Sender::default(),
        });
        let tasks = Tasks::new();
        let follower = phone.clone();
        let mut changes = phone.google.changes();
        tasks.spawner().spawn(async move {
            while changes.changed().await.is_ok() {
                follower.draw();
            }
        });
        Self { phone, _tasks: tasks }
    }

    /// Opens a save link; returns the id of the pass.
    pub async fn save(&self, url: &str) -> Result<String, SaveError> {
        let id = self.phone.google.save(url, &self.phone.name).await?;
        locked(&self.phone.passes).insert(id.clone());
        self.phone.draw();
        Ok(id)
    }

    /// Throws a pass out. False if it was not there.
    pub async fn delete(&self, object_id: &str) -> bool {
        if !locked(&self.phone.passes).remove(object_id) {
            return false;
        }
        self.phone.draw();
        self.phone.google.delete(object_id, &self.phone.name).await
    }

    /// What one pass shows.
    pub fn shows(&self, object_id: &str) -> Option<Shown> {
        self.snapshot().passes.into_iter().find(|pass| pass.object_id == object_id)
    }

    /// What the code of a pass says at a moment: the rotating one if it has one.
    pub fn barcode_at(&self, object_id: &str, at: DateTime<Utc>) -> Option<String> {
        if !locked(&self.phone.passes).contains(object_id) {
            return None;
        }
        let wallet = locked(&self.phone.google.wallet);
        let object = wallet.get(Of::Object, object_id)?;
        match &object["rotatingBarcode"] {
            Value::Null => object["barcode"]["value"].as_str().map(str::to_owned),
            rotating => rotate(rotating, at.timestamp_millis().unsigned_abs()),
        }
    }

    /// Everything it shows now.
    pub fn snapshot(&self) -> Snapshot {
        self.phone.look()
    }

    /// Follows what it shows.
    pub fn watch(&self) -> watch::Receiver<Snapshot> {
        self.phone.screen.subscribe()
    }

    /// Waits until a pass shows what it should.
    pub async fn until(&self, object_id: &str, is_so: impl Fn(&Shown) -> bool) -> Result<Shown, Late> {
        self.until_within(object_id, DEADLINE, is_so).await
    }

    /// As [`Android::until`], with a deadline of one's own.
    pub async fn until_within(
        &self,
        object_id: &str,
        within: Duration,
        is_so: impl Fn(&Shown) -> bool,
    ) -> Result<Shown, Late> {
        wait_for(self.watch(), within, || self.shows(object_id).filter(|pass| is_so(pass))).await
    }
}

impl Phone {
    fn look(&self) -> Snapshot {
        let passes = locked(&self.passes);
        let wallet = locked(&self.google.wallet);
        Snapshot { passes: passes.iter().filter_map(|id| show(&wallet, id)).collect() }
    }

    fn draw(&self) {
        let now = self.look();
        self.screen.send_if_modified(|shown| {
            let is_new = *shown != now;
            *shown = now;
            is_new
        });
    }
}

fn show(wallet: &Wallet, id: &str) -> Option<Shown> {
    let object = wallet.get(Of::Object, id)?;
    let class = wallet.get(Of::Class, text(object, "classId"))?;
    let some = |value: &Value| value.as_str().map(str::to_owned);
    let image = |resource: &Value, name: &str| some(&resource[name]["sourceUri"]["uri"]);
    let texts = |values: &Value| {
        values
            .as_array()
            .into_iter()
            .flatten()
            .map(|value| Text { header: text(value, "header").into(), body: text(value, "body").into() })
            .collect()
    };
    let code = if object["barcode"].is_null() { &object["rotatingBarcode"] } else { &object["barcode"] };
    Some(Shown {
        object_id: id.to_owned(),
        class_id: text(object, "classId").into(),
        state: text(object, "state").into(),
        issuer: text(class, "issuerName").into(),
        program: text(class, "programName").into(),
        account_name: text(object, "accountName").into(),
        account_id: text(object, "accountId").into(),
        balance_label: text(&object["loyaltyPoints"], "label").into(),
        balance: balance(object, "loyaltyPoints").unwrap_or_default(),
        second_balance: balance(object, "secondaryLoyaltyPoints"),
        hero_image: image(object, "heroImage").or_else(|| image(class, "heroImage")),
        logo: image(class, "programLogo"),
        background: some(&class["hexBackgroundColor"]),
        barcode: some(&object["barcode"]["value"]),
        barcode_text: some(&code["alternateText"]),
        rotates: !object["rotatingBarcode"].is_null(),
        texts: texts(&object["textModulesData"]),
        messages: texts(&object["messages"]),
        notices: wallet.notices(id).to_vec(),
        version: number(&object["version"]),
    })
}

/// Fills in the pattern of a rotating code.
fn rotate(barcode: &Value, at_millis: u64) -> Option<String> {
    let details = &barcode["totpDetails"];
    let period = number(&details["periodMillis"]).unsigned_abs();
    let mut code = barcode["valuePattern"].as_str()?.to_owned();
    for (n, parameter) in details["parameters"].as_array()?.iter().enumerate() {
        let key = hex::decode(text(parameter, "key")).ok()?;
        let digits = parameter["valueLength"].as_u64()?.try_into().ok()?;
        code = code.replace(&format!("{{totp_value_{n}}}"), &totp(&key, at_millis, period, digits));
    }
    Some(
        code.replace("{totp_timestamp_seconds}", &(at_millis / 1_000).to_string())
            .replace("{totp_timestamp_millis}", &at_millis.to_string()),
    )
}
