use serde::ser::{Serialize, SerializeMap, Serializer};

use crate::{Error, Value};

/// One field: a key that is unique within its style, a value, and what is written above it.
///
/// Labels, texts and change messages may be keys of the template's [`Strings`](crate::Strings); Wallet then shows the
/// reader's language.
#[derive(Clone, Debug, PartialEq)]
pub struct Field {
    key: String,
    label: Option<String>,
    value: Value,
    attributed_value: Option<String>,
    change_message: Option<String>,
    data_detectors: Option<Vec<DataDetector>>,
    // What is wrong with it, told when the pass is built.
    fault: Option<Error>,
}

/// What Wallet makes a link of in the text of a field on the back. Without being told, it looks for all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
pub enum DataDetector {
    /// Phone numbers.
    #[serde(rename = "PKDataDetectorTypePhoneNumber")]
    Phone,
    /// Addresses of the web.
    #[serde(rename = "PKDataDetectorTypeLink")]
    Link,
    /// Postal addresses.
    #[serde(rename = "PKDataDetectorTypeAddress")]
    Address,
    /// Dates.
    #[serde(rename = "PKDataDetectorTypeCalendarEvent")]
    CalendarEvent,
}

/// Where a field's text stands in its column.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
pub enum Alignment {
    /// To the left.
    #[serde(rename = "PKTextAlignmentLeft")]
    Left,
    /// In the middle.
    #[serde(rename = "PKTextAlignmentCenter")]
    Center,
    /// To the right.
    #[serde(rename = "PKTextAlignmentRight")]
    Right,
    /// As the reader's language is written.
    #[serde(rename = "PKTextAlignmentNatural")]
    Natural,
}

/// A field that may say where its text stands. Primary fields and fields on the back may not, so those groups take a
/// plain [`Field`].
#[derive(Clone, Debug, PartialEq)]
pub struct AlignedField {
    pub(crate) field: Field,
    alignment: Option<Alignment>,
}

impl Field {
    /// A field with its key and its value.
    pub fn new(key: impl Into<String>, value: impl Into<Value>) -> Self {
        Self {
            key: key.into(),
            label: None,
            value: value.into(),
            attributed_value: None,
            change_message: None,
            data_detectors: None,
            fault: None,
        }
    }

    /// A field that is a link: `text` is shown and opens `url`. A watch, which has no links, shows both.
    pub fn link(key: impl Into<String>, text: &str, url: &str) -> Self {
        let mut field = Self::new(key, format!("{text}: {url}"));
        if has_scheme(url) {
            field.attributed_value = Some(format!("<a href=\"{}\">{}</a>", escaped(url), escaped(text)));
        } else {
            field.fault = Some(Error::Link(url.into()));
        }
        field
    }

    /// What stands above the value.
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.label = Some(label.into());
        self
    }

    /// What the phone tells when an update brings another value; `%@` stands for the new value.
    ///
    /// If several such fields change in one update, Wallet tells none of the messages but a general one. So let one
    /// field alone carry a message that an event changes: best a field on the back whose value is the news itself and
    /// whose message is `%@`. [`Pass::check_follows`](crate::Pass::check_follows) finds updates that break this.
    pub fn change_message(mut self, message: impl Into<String>) -> Self {
        let message = message.into();
        if !message.contains("%@") {
            self.fault = Some(Error::ChangeMessage(self.key.clone()));
        }
        self.change_message = Some(message);
        self
    }

    /// What Wallet makes links of in this field, if it stands on the back; nothing, if the list is empty.
    pub fn data_detectors(mut self, detectors: &[DataDetector]) -> Self {
        self.data_detectors = Some(detectors.to_vec());
        self
    }

    /// The field with its text to one side.
    pub fn aligned(self, alignment: Alignment) -> AlignedField {
        AlignedField { field: self, alignment: Some(alignment) }
    }

    /// The key.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// The value.
    pub fn value(&self) -> &Value {
        &self.value
    }

    /// What the phone shows instead of the value: a link. It may be a key of the template's strings, as the value may.
    pub fn attributed_value(&self) -> Option<&str> {
        self.attributed_value.as_deref()
    }

    pub(crate) fn tells_changes(&self) -> bool {
        self.change_message.is_some()
    }

    pub(crate) fn check(&self) -> Result<(), Error> {
        match &self.fault {
            Some(fault) => Err(fault.clone()),
            None if self.value.is_finite() => Ok(()),
            None => Err(Error::NotFinite(self.key.clone())),
        }
    }
}

impl From<Field> for AlignedField {
    fn from(field: Field) -> Self {
        Self { field, alignment: None }
    }
}

impl Serialize for AlignedField {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let field = &self.field;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("key", &field.key)?;
        if let Some(label) = &field.label {
            map.serialize_entry("label", label)?;
        }
        field.value.serialize_into(&mut map)?;
        if let Some(value) = &field.attributed_value {
            map.serialize_entry("attributedValue", value)?;
        }
        if let Some(message) = &field.change_message {
            map.serialize_entry("changeMessage", message)?;
        }
        if let Some(detectors) = &field.data_detectors {
            map.serialize_entry("dataDetectorTypes", detectors)?;
        }
        if let Some(alignment) = self.alignment {
            map.serialize_entry("textAlignment", &alignment)?;
        }
        map.end()
    }
}

pub(crate) fn has_scheme(url: &str) -> bool {
    ["https://", "http://", "tel:", "mailto:"]
        .iter()
        .any(|scheme| url.strip_prefix(scheme).is_some_and(|rest| !rest.is_empty()))
        && !url.contains(|c: char| c.is_whitespace() || c.is_control())
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;
    use crate::{Currency, NumberStyle};

    fn json(field: impl Into<AlignedField>) -> serde_json::Value {
        serde_json::to_value(field.into()).unwrap()
    }

    #[test]
    fn each_value_brings_its_own_style_and_no_other() {
        assert_eq!(
            json(Field::new("owed", Value::Money { cents: 1_250, currency: Currency::PEN })),
            serde_json::json!({"key": "owed", "value": 12.5, "currencyCode": "PEN"})
        );
        assert_eq!(
            json(Field::new("done", Value::Number { value: 0.5, style: NumberStyle::Percent })),
            serde_json::json!({"key": "done", "value": 0.5, "numberStyle": "PKNumberStylePercent"})
        );
        let day = Value::day(DateTime::parse_from_rfc3339("2026-12-31T23:59:59.5-05:00").unwrap());
        assert_eq!(
            json(Field::new("until", day)),
            serde_json::json!({"key": "until", "value": "2026-12-31T23:59:59-05:00", "dateStyle": "PKDateStyleLong",
                "timeStyle": "PKDateStyleNone", "ignoresTimeZone": true})
        );
    }

    #[test]
    fn a_link_cannot_break_out_of_its_tag() {
        let field = json(Field::link("more", "A & <b>", "https://sello.pe/\"onclick=\"x"));
        assert_eq!(
            field["attributedValue"],
            "<a href=\"https://sello.pe/&quot;onclick=&quot;x\">A &amp; &lt;b&gt;</a>"
        );
    }

    #[test]
    fn a_link_leads_somewhere() {
        for url in ["javascript:alert(1)", "sello.pe", "https://", "https://a b"] {
            assert_eq!(Field::link("more", "Más", url).check(), Err(Error::Link(url.into())));
        }
    }

    #[test]
    fn a_number_is_finite() {
        let field = Field::new("n", Value::Number { value: f64::NAN, style: NumberStyle::Decimal });
        assert_eq!(field.check(), Err(Error::NotFinite("n".into())));
    }

    #[test]
    fn a_change_message_has_a_place_for_the_value() {
        assert_eq!(
            Field::new("news", "x").change_message("Hay novedades").check(),
            Err(Error::ChangeMessage("news".into()))
        );
        assert_eq!(Field::new("news", "x").change_message("%@").check(), Ok(()));
    }
}
