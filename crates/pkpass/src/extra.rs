//! What a pass may carry besides its fields: where it is kept up to date, where and when it matters, what it offers.

use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::field::has_scheme;
use crate::value::serialize_date;
use crate::{AuthenticationToken, Error};

/// Where a device registers for updates of a pass and fetches them, and the secret it shows there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct WebService {
    #[serde(rename = "webServiceURL")]
    url: String,
    #[serde(rename = "authenticationToken")]
    pub(crate) token: AuthenticationToken,
}

impl WebService {
    /// A web service at an https address; devices append `/v1/…`.
    pub fn new(url: &str, token: AuthenticationToken) -> Result<Self, Error> {
        Self::at(url, &["https://"], token)
    }

    /// The same, at an address that may be http: a phone accepts it only with its developer switch for that.
    pub fn allow_http(url: &str, token: AuthenticationToken) -> Result<Self, Error> {
        Self::at(url, &["https://", "http://"], token)
    }

    fn at(url: &str, schemes: &[&str], token: AuthenticationToken) -> Result<Self, Error> {
        // Devices append `/v1/…`, so with a slash at the end they would ask for `//v1/…`.
        let trimmed = url.trim_end_matches('/');
        let legal = schemes.iter().any(|scheme| {
            trimmed.strip_prefix(scheme).is_some_and(|rest| !rest.is_empty() && !rest.starts_with(['/', ':']))
        }) && trimmed.bytes().all(|b| b.is_ascii_graphic() && b != b'?' && b != b'#');
        if legal { Ok(Self { url: trimmed.into(), token }) } else { Err(Error::WebService(url.into())) }
    }
}

/// A place near which the pass appears on the lock screen.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Location {
    latitude: f64,
    longitude: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    relevant_text: Option<String>,
}

impl Location {
    /// A place in degrees.
    pub fn new(latitude: f64, longitude: f64) -> Result<Self, Error> {
        if (-90.0..=90.0).contains(&latitude) && (-180.0..=180.0).contains(&longitude) {
            Ok(Self { latitude, longitude, relevant_text: None })
        } else {
            Err(Error::Location)
        }
    }

    /// What the lock screen says there.
    pub fn relevant_text(mut self, text: impl Into<String>) -> Self {
        self.relevant_text = Some(text.into());
        self
    }
}

/// A time at which the pass appears on the lock screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct RelevantDate(When);

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged, rename_all_fields = "camelCase")]
enum When {
    At {
        #[serde(serialize_with = "serialize_date")]
        date: DateTime<Utc>,
    },
    Between {
        #[serde(serialize_with = "serialize_date")]
        start_date: DateTime<Utc>,
        #[serde(serialize_with = "serialize_date")]
        end_date: DateTime<Utc>,
    },
}

impl RelevantDate {
    /// A moment.
    pub fn at(date: DateTime<Utc>) -> Self {
        Self(When::At { date })
    }

    /// A while, from one moment to a later one.
    pub fn between(start_date: DateTime<Utc>, end_date: DateTime<Utc>) -> Result<Self, Error> {
        if start_date < end_date {
            Ok(Self(When::Between { start_date, end_date }))
        } else {
            Err(Error::RelevantDate)
        }
    }
}

/// A button below the pass, from iOS 27 on; older iPhones show none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FeaturedAction {
    pub(crate) identifier: String,
    #[serde(rename = "type")]
    kind: ActionType,
    url: String,
}

/// What a button is for; Wallet chooses its picture and its words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum ActionType {
    /// What membership gives.
    MembershipBenefits,
    /// Offers and rewards.
    ViewOffersRewards,
    /// Putting money on the card.
    AddToBalance,
    /// Ordering.
    Order,
    /// Shopping.
    Shop,
    /// Calling.
    Call,
    /// The place on a map.
    Place,
    /// Making an appointment.
    BookAppointment,
}

impl FeaturedAction {
    /// A button with an identifier that is unique in its pass, and what it opens.
    pub fn new(identifier: impl Into<String>, kind: ActionType, url: &str) -> Result<Self, Error> {
        if has_scheme(url) {
            Ok(Self { identifier: identifier.into(), kind, url: url.into() })
        } else {
            Err(Error::Link(url.into()))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token() -> AuthenticationToken {
        "0123456789abcdef".parse().unwrap()
    }

    #[test]
    fn a_web_service_is_https_and_ends_without_a_slash() {
        let service = WebService::new("https://wallet.sello.pe/apple/", token()).unwrap();
        assert_eq!(service.url, "https://wallet.sello.pe/apple");
        for wrong in [
            "http://sello.pe",
            "https://",
            "https:///x",
            "https://a?b",
            "https://a b",
            "sello.pe",
            "https://:80",
        ] {
            assert_eq!(WebService::new(wrong, token()), Err(Error::WebService(wrong.into())));
        }
        assert!(WebService::allow_http("http://localhost:8080", token()).is_ok());
    }

    #[test]
    fn a_place_is_on_earth() {
        assert!(Location::new(-12.046_4, -77.042_8).is_ok());
        for (latitude, longitude) in [(90.1, 0.0), (0.0, -180.1), (f64::NAN, 0.0)] {
            assert_eq!(Location::new(latitude, longitude), Err(Error::Location));
        }
    }

    #[test]
    fn a_while_ends_after_it_begins() {
        let noon: DateTime<Utc> = "2026-12-01T17:00:00Z".parse().unwrap();
        assert_eq!(RelevantDate::between(noon, noon), Err(Error::RelevantDate));
        let while_ = RelevantDate::between(noon, noon + chrono::Duration::hours(1)).unwrap();
        assert_eq!(
            serde_json::to_string(&[while_, RelevantDate::at(noon)]).unwrap(),
            r#"[{"startDate":"2026-12-01T17:00:00Z","endDate":"2026-12-01T18:00:00Z"},{"date":"2026-12-01T17:00:00Z"}]"#
        );
    }
}
