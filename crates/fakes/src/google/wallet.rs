use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use super::fields::{CLASS, MESSAGE_FIELDS, MESSAGES, OBJECT};
use super::refusal::Refusal;
use super::shape::{Extent, Field, check, required};

/// Notifications one pass may cause within [`QUOTA_WINDOW`].
const NOTIFICATIONS: usize = 3;
/// The window they are counted in.
const QUOTA_WINDOW: TimeDelta = TimeDelta::hours(24);

/// The two kinds of resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Of {
    Class,
    Object,
}

impl Of {
    fn fields(self) -> &'static [Field] {
        match self {
            Self::Class => CLASS,
            Self::Object => OBJECT,
        }
    }

    fn kind(self) -> &'static str {
        match self {
            Self::Class => "walletobjects#loyaltyClass",
            Self::Object => "walletobjects#loyaltyObject",
        }
    }
}

/// Everything Google Wallet keeps.
pub(crate) struct Wallet {
    issuer: String,
    /// The status with which a notification beyond the quota is refused.
    pub(super) quota_status: u16,
    classes: BTreeMap<String, Value>,
    objects: BTreeMap<String, Value>,
    holders: HashMap<String, BTreeSet<String>>,
    notified: HashMap<String, Vec<DateTime<Utc>>>,
    notices: HashMap<String, Vec<String>>,
}

impl Wallet {
    pub(super) fn new(issuer: &str) -> Self {
        Self {
            issuer: issuer.to_owned(),
            quota_status: 403,
            classes: BTreeMap::new(),
            objects: BTreeMap::new(),
            holders: HashMap::new(),
            notified: HashMap::new(),
            notices: HashMap::new(),
        }
    }

    pub(crate) fn get(&self, of: Of, id: &str) -> Option<&Value> {
        self.all(of).get(id)
    }

    pub(super) fn all(&self, of: Of) -> &BTreeMap<String, Value> {
        match of {
            Of::Class => &self.classes,
            Of::Object => &self.objects,
        }
    }

    fn all_mut(&mut self, of: Of) -> &mut BTreeMap<String, Value> {
        match of {
            Of::Class => &mut self.classes,
            Of::Object => &mut self.objects,
        }
    }

    /// The notifications a pass has shown on its phones, oldest first.
    pub(crate) fn notices(&self, id: &str) -> &[String] {
        self.notices.get(id).map_or(&[], Vec::as_slice)
    }

    pub(super) fn holders(&self, id: &str) -> usize {
        self.holders.get(id).map_or(0, BTreeSet::len)
    }

    pub(super) fn insert(&mut self, of: Of, body: Value) -> Result<Value, Refusal> {
        check(&body, of.fields(), Extent::Whole).map_err(Refusal::invalid)?;
        let id = text(&body, "id").to_owned();
        self.check_id(&id)?;
        self.check_sense(of, &body)?;
        if self.get(of, &id).is_some() {
            return Err(Refusal::exists(&id));
        }
        Ok(self.keep(of, &id, body))
    }

    /// Puts `body` in the place of what is there.
    pub(super) fn replace(
        &mut self,
        of: Of,
        id: &str,
        mut body: Value,
        now: DateTime<Utc>,
    ) -> Result<Value, Refusal> {
        let before = self.get(of, id).cloned().ok_or_else(|| Refusal::not_found(id))?;
        if let Value::Object(fields) = &mut body {
            fields.entry("id").or_insert_with(|| id.into());
        }
        check(&body, of.fields(), Extent::Whole).map_err(Refusal::invalid)?;
        self.change(of, id, &before, body, now)
    }

    /// Changes what `patch` names and leaves the rest: objects are merged, lists replaced, null takes away.
    pub(super) fn patch(
        &mut self,
        of: Of,
        id: &str,
        patch: Value,
        now: DateTime<Utc>,
    ) -> Result<Value, Refusal> {
        let before = self.get(of, id).cloned().ok_or_else(|| Refusal::not_found(id))?;
        check(&patch, of.fields(), Extent::Part).map_err(Refusal::invalid)?;
        let mut merged = before.clone();
        merge(&mut merged, patch);
        check(&merged, of.fields(), Extent::Whole).map_err(Refusal::invalid)?;
        self.change(of, id, &before, merged, now)
    }

    fn change(
        &mut self,
        of: Of,
        id: &str,
        before: &Value,
        after: Value,
        now: DateTime<Utc>,
    ) -> Result<Value, Refusal> {
        if text(&after, "id") != id {
            return Err(Refusal::invalid("Invalid resource: id cannot change."));
        }
        if of == Of::Object && text(&after, "classId") != text(before, "classId") {
            return Err(Refusal::invalid("Invalid resource: classId cannot change."));
        }
        self.check_sense(of, &after)?;
        if text(&after, "notifyPreference") == "NOTIFY_ON_UPDATE" {
            self.spend(id, now)?;
            for points in ["loyaltyPoints", "secondaryLoyaltyPoints"] {
                if balance(before, points) != balance(&after, points)
                    && let Some(balance) = balance(&after, points)
                {
                    let label = text(&after[points], "label");
                    let notice = if label.is_empty() { balance } else { format!("{label}: {balance}") };
                    self.notices.entry(id.to_owned()).or_default().push(notice);
                }
            }
        }
        Ok(self.keep(of, id, after))
    }

    pub(super) fn add_message(
        &mut self,
        of: Of,
        id: &str,
        body: &Value,
        now: DateTime<Utc>,
    ) -> Result<Value, Refusal> {
        const BODY: &[Field] = &[required("message", super::shape::Kind::Object(MESSAGE_FIELDS))];
        let mut resource = self.get(of, id).cloned().ok_or_else(|| Refusal::not_found(id))?;
        check(body, BODY, Extent::Whole).map_err(Refusal::invalid)?;
        let message = &body["message"];
        if message["body"].is_null() && message["localizedBody"].is_null() {
            return Err(Refusal::invalid("Invalid resource: message.body is required."));
        }
        let mut messages = resource["messages"].as_array().cloned().unwrap_or_default();
        messages.push(message.clone());
        if messages.len() > MESSAGES {
            return Err(Refusal::invalid(format!(
                "Invalid resource: messages may hold at most {MESSAGES} values."
            )));
        }
        if text(message, "messageType") == "TEXT_AND_NOTIFY" {
            self.spend(id, now)?;
            let notice = [text(message, "header"), text(message, "body")];
            let notice: Vec<&str> = notice.into_iter().filter(|part| !part.is_empty()).collect();
            self.notices.entry(id.to_owned()).or_default().push(notice.join(": "));
        }
        resource["messages"] = messages.into();
        Ok(self.keep(of, id, resource))
    }

    /// A phone takes the pass in. True if it did not have it yet.
    pub(super) fn take_in(&mut self, id: &str, holder: &str) -> Result<bool, String> {
        let object = self.objects.get(id).ok_or_else(|| format!("there is no object {id}"))?;
        let class = self.classes.get(text(object, "classId")).ok_or("the class of the object is gone")?;
        let is_shared = text(class, "multipleDevicesAndHoldersAllowedStatus") == "MULTIPLE_HOLDERS";
        let holders = self.holders.entry(id.to_owned()).or_default();
        if !is_shared && holders.iter().any(|other| other != holder) {
            return Err(format!("{id} is in somebody else's wallet"));
        }
        let is_new = holders.insert(holder.to_owned());
        self.note_users(id);
        Ok(is_new)
    }

    /// A phone throws the pass out. True if it had it.
    pub(super) fn throw_out(&mut self, id: &str, holder: &str) -> bool {
        let had = self.holders.get_mut(id).is_some_and(|holders| holders.remove(holder));
        self.note_users(id);
        had
    }

    fn note_users(&mut self, id: &str) {
        let has_users = self.holders(id) > 0;
        if let Some(object) = self.objects.get_mut(id) {
            object["hasUsers"] = has_users.into();
        }
    }

    /// Takes one notification from the quota of a pass.
    fn spend(&mut self, id: &str, now: DateTime<Utc>) -> Result<(), Refusal> {
        let spent = self.notified.entry(id.to_owned()).or_default();
        spent.retain(|at| now - *at < QUOTA_WINDOW);
        if spent.len() >= NOTIFICATIONS {
            return Err(Refusal::notification_quota(self.quota_status));
        }
        spent.push(now);
        Ok(())
    }

    /// `<issuer>.<suffix>`, and the issuer is the one the account belongs to.
    fn check_id(&self, id: &str) -> Result<(), Refusal> {
        let is_suffix = |text: &str| {
            !text.is_empty()
                && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte))
        };
        match id.split_once('.') {
            Some((issuer, suffix))
                if issuer.bytes().all(|byte| byte.is_ascii_digit()) && is_suffix(suffix) =>
            {
                if issuer == self.issuer { Ok(()) } else { Err(Refusal::not_ours(id)) }
            }
            _ => Err(Refusal::invalid(format!("Invalid resource ID: {id}."))),
        }
    }

    /// What the shape of a single field does not say.
    fn check_sense(&self, of: Of, resource: &Value) -> Result<(), Refusal> {
        if of == Of::Class {
            // A change is a new review: an approved class must be handed in again.
            let review = text(resource, "reviewStatus");
            return if matches!(review, "UNDER_REVIEW" | "DRAFT") {
                Ok(())
            } else {
                Err(Refusal::invalid(format!("Invalid review status {review}.")))
            };
        }
        let class = text(resource, "classId");
        if !self.classes.contains_key(class) {
            return Err(Refusal::class_not_found(class));
        }
        for points in ["loyaltyPoints", "secondaryLoyaltyPoints"] {
            if resource[points]["balance"].as_object().is_some_and(|balance| balance.len() != 1) {
                return Err(Refusal::invalid(format!(
                    "Invalid resource: {points}.balance must have exactly one value."
                )));
            }
        }
        let totp = &resource["rotatingBarcode"]["totpDetails"];
        if !totp.is_null() && (number(&totp["periodMillis"]) <= 0 || totp["parameters"][0].is_null()) {
            return Err(Refusal::invalid("Invalid resource: rotatingBarcode.totpDetails."));
        }
        Ok(())
    }

    /// Stores a resource with what Google itself adds to it.
    fn keep(&mut self, of: Of, id: &str, mut resource: Value) -> Value {
        drop_nulls(&mut resource);
        resource["kind"] = of.kind().into();
        let version = self.get(of, id).map_or(0, |before| number(&before["version"]));
        resource["version"] = (version + 1).to_string().into();
        match of {
            Of::Object => resource["hasUsers"] = (self.holders(id) > 0).into(),
            // Reviews take no time here.
            Of::Class if text(&resource, "reviewStatus") == "UNDER_REVIEW" => {
                resource["reviewStatus"] = json!("APPROVED");
            }
            Of::Class => {}
        }
        if let Value::Object(fields) = &mut resource {
            // It says what to do about this change, and is nothing that a pass has.
            fields.remove("notifyPreference");
        }
        self.all_mut(of).insert(id.to_owned(), resource.clone());
        resource
    }
}

pub(crate) fn text<'a>(resource: &'a Value, name: &str) -> &'a str {
    resource[name].as_str().unwrap_or_default()
}

/// A number that JSON may carry as a string.
pub(crate) fn number(value: &Value) -> i64 {
    value.as_i64().or_else(|| value.as_str()?.parse().ok()).unwrap_or_default()
}

/// A balance as a phone shows it.
pub(crate) fn balance(object: &Value, points: &str) -> Option<String> {
    let (kind, value) = object[points]["balance"].as_object()?.iter().next()?;
    Some(match kind.as_str() {
        "money" => {
            let cents = number(&value["micros"]) / 10_000;
            format!("{} {}.{:02}", text(value, "currencyCode"), cents / 100, cents % 100)
        }
        "string" => value.as_str()?.to_owned(),
        _ => value.to_string(),
    })
}

fn merge(target: &mut Value, patch: Value) {
    match (target, patch) {
        (Value::Object(target), Value::Object(patch)) => {
            for (name, value) in patch {
                if value.is_null() {
                    target.remove(&name);
                } else {
                    merge(target.entry(name).or_insert(Value::Null), value);
                }
            }
        }
        (target, patch) => *target = patch,
    }
}

fn drop_nulls(value: &mut Value) {
    if let Value::Object(fields) = value {
        fields.retain(|_, value| !value.is_null());
        fields.values_mut().for_each(drop_nulls);
    }
}
