use std::str::FromStr;

use chrono::{DateTime, FixedOffset, SecondsFormat, Utc};
use serde::Serialize;
use serde::ser::SerializeMap;

use crate::Error;

/// What a field shows, with the one way of showing it that fits: a number is never money and a percentage at once.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// A text, or the key of one in the template's strings.
    Text(String),
    /// A whole number, written as the reader's language does.
    Integer(i64),
    /// A number in a style.
    Number {
        /// The number; it is finite.
        value: f64,
        /// How it is written.
        style: NumberStyle,
    },
    /// An amount of money, written as the reader's language does.
    Money {
        /// The amount in hundredths.
        cents: i64,
        /// The currency.
        currency: Currency,
    },
    /// A moment.
    Date {
        /// The moment, with the zone it is told in.
        at: DateTime<FixedOffset>,
        /// How much of the day is told.
        date: DateStyle,
        /// How much of the time is told.
        time: DateStyle,
        /// Told as “in two hours” instead.
        relative: bool,
        /// Told in the zone of `at`, wherever the phone is.
        in_its_zone: bool,
    },
}

/// How a number is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum NumberStyle {
    /// `1,234.5`
    #[serde(rename = "PKNumberStyleDecimal")]
    Decimal,
    /// `0.5` as `50%`
    #[serde(rename = "PKNumberStylePercent")]
    Percent,
    /// `1.2345E3`
    #[serde(rename = "PKNumberStyleScientific")]
    Scientific,
    /// In words.
    #[serde(rename = "PKNumberStyleSpellOut")]
    SpellOut,
}

/// How much of a day or a time is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum DateStyle {
    /// Nothing.
    #[serde(rename = "PKDateStyleNone")]
    None,
    /// In figures.
    #[serde(rename = "PKDateStyleShort")]
    Short,
    /// With the month's short name.
    #[serde(rename = "PKDateStyleMedium")]
    Medium,
    /// With the month's name.
    #[serde(rename = "PKDateStyleLong")]
    Long,
    /// With the day of the week.
    #[serde(rename = "PKDateStyleFull")]
    Full,
}

/// A currency by its three letters of ISO 4217.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Currency([u8; 3]);

impl Currency {
    /// The sol of Peru.
    pub const PEN: Self = Self(*b"PEN");
    /// The dollar of the United States.
    pub const USD: Self = Self(*b"USD");

    /// The three letters.
    pub fn as_str(&self) -> &str {
        // They are ASCII: every way to make a currency checks it.
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl FromStr for Currency {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        match <[u8; 3]>::try_from(text.as_bytes()) {
            Ok(letters) if letters.iter().all(u8::is_ascii_uppercase) => Ok(Self(letters)),
            _ => Err(Error::Currency(text.into())),
        }
    }
}

impl Value {
    /// A day in the zone it is told in, without the time: `31 de diciembre de 2026`.
    pub fn day(at: DateTime<FixedOffset>) -> Self {
        Self::Date { at, date: DateStyle::Long, time: DateStyle::None, relative: false, in_its_zone: true }
    }

    /// Writes the value and how it is shown into the object of a field.
    pub(crate) fn serialize_into<M: SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
        match self {
            Self::Text(text) => map.serialize_entry("value", text),
            Self::Integer(number) => map.serialize_entry("value", number),
            Self::Number { value, style } => {
                map.serialize_entry("value", value)?;
                map.serialize_entry("numberStyle", style)
            }
            Self::Money { cents, currency } => {
                // Hundredths are exact to the last digit shown, up to ninety million millions.
                map.serialize_entry("value", &(*cents as f64 / 100.0))?;
                map.serialize_entry("currencyCode", currency.as_str())
            }
            Self::Date { at, date, time, relative, in_its_zone } => {
                map.serialize_entry("value", &written(*at))?;
                map.serialize_entry("dateStyle", date)?;
                map.serialize_entry("timeStyle", time)?;
                if *relative {
                    map.serialize_entry("isRelative", &true)?;
                }
                if *in_its_zone {
                    map.serialize_entry("ignoresTimeZone", &true)?;
                }
                Ok(())
            }
        }
    }

    pub(crate) fn is_finite(&self) -> bool {
        match self {
            Self::Number { value, .. } => value.is_finite(),
            Self::Text(_) | Self::Integer(_) | Self::Money { .. } | Self::Date { .. } => true,
        }
    }
}

/// A date as Wallet reads it: to the second, with `Z` or `±hh:mm`.
fn written(at: DateTime<FixedOffset>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

pub(crate) fn serialize_date<S: serde::Serializer>(
    at: &DateTime<Utc>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&written(at.fixed_offset()))
}

pub(crate) fn serialize_optional_date<S: serde::Serializer>(
    at: &Option<DateTime<Utc>>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    match at {
        Some(at) => serialize_date(at, serializer),
        None => serializer.serialize_none(),
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.into())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Integer(number)
    }
}

impl From<i32> for Value {
    fn from(number: i32) -> Self {
        Self::Integer(number.into())
    }
}

impl From<u32> for Value {
    fn from(number: u32) -> Self {
        Self::Integer(number.into())
    }
}
