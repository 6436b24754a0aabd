use std::{fmt, str::FromStr};

use serde::Serialize;

use crate::Error;

/// The identifier of a kind of pass, as registered with Apple: `pass.pe.sello.card`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct PassTypeId(String);

impl FromStr for PassTypeId {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let rest = text.strip_prefix("pass.").unwrap_or_default();
        let legal = rest.split('.').all(|part| {
            !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
        });
        if legal && text.len() <= 255 { Ok(Self(text.into())) } else { Err(Error::PassType(text.into())) }
    }
}

/// The identifier of an Apple developer team: ten capital letters and digits.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct TeamId(String);

impl FromStr for TeamId {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let legal = text.len() == 10 && text.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
        if legal { Ok(Self(text.into())) } else { Err(Error::Team(text.into())) }
    }
}

/// What tells one pass from all others of its type. It never changes, and it is a segment of the web service's paths:
/// letters, digits, `-`, `_` and `.`, at most 64 of them.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct SerialNumber(String);

impl FromStr for SerialNumber {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let legal = (1..=64).contains(&text.len())
            && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b))
            && !text.bytes().all(|b| b == b'.');
        if legal { Ok(Self(text.into())) } else { Err(Error::Serial(text.into())) }
    }
}

/// The secret with which a device asks for its pass, in the header `Authorization: ApplePass …`. At least 16 printable
/// characters, and never changed for as long as the pass lives.
#[derive(Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct AuthenticationToken(String);

impl AuthenticationToken {
    /// The fewest characters that Wallet takes.
    pub const SHORTEST: usize = 16;
}

impl FromStr for AuthenticationToken {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let legal =
            (Self::SHORTEST..=255).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic());
        if legal { Ok(Self(text.into())) } else { Err(Error::Token) }
    }
}

/// It is a secret: `Debug` does not tell it.
impl fmt::Debug for AuthenticationToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AuthenticationToken(…)")
    }
}

macro_rules! as_text { ($($name:ident),+) => { $(
    impl $name {
        /// The text it was read from.
        pub fn as_str(&self) -> &str {
            &self.0
        }
    }
)+ } }

macro_rules! shown { ($($name:ident),+) => { $(
    impl fmt::Display for $name {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str(&self.0)
        }
    }
)+ } }

as_text!(PassTypeId, TeamId, SerialNumber, AuthenticationToken);
shown!(PassTypeId, TeamId, SerialNumber);

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_pass_type_begins_with_pass_and_has_no_empty_part() {
        assert!("pass.pe.sello.card".parse::<PassTypeId>().is_ok());
        for wrong in ["", "pass", "pass.", "com.pe.sello", "pass.pe..card", "pass.pe.sello/card"] {
            assert_eq!(wrong.parse::<PassTypeId>(), Err(Error::PassType(wrong.into())));
        }
    }

    #[test]
    fn a_team_is_ten_capitals_and_digits() {
        assert!("A1B2C3D4E5".parse::<TeamId>().is_ok());
        for wrong in ["", "a1b2c3d4e5", "A1B2C3D4E", "A1B2C3D4E5F"] {
            assert_eq!(wrong.parse::<TeamId>(), Err(Error::Team(wrong.into())));
        }
    }

    #[test]
    fn a_token_is_not_told_by_debug() {
        let token: AuthenticationToken = "0123456789abcdef".parse().unwrap();
        assert_eq!(format!("{token:?}"), "AuthenticationToken(…)");
    }

    proptest! {
        /// A token of fifteen characters installs nowhere; one of sixteen does.
        #[test]
        fn a_token_is_long_enough_or_refused(text in "[!-~]{0,40}") {
            prop_assert_eq!(text.parse::<AuthenticationToken>().is_ok(), text.len() >= 16);
        }

        /// Whatever is a serial number can stand in a path as it is.
        #[test]
        fn a_serial_is_one_segment_of_a_path(text in "\\PC{0,70}") {
            if let Ok(serial) = text.parse::<SerialNumber>() {
                prop_assert!(!serial.as_str().contains(['/', '?', '#', '%', ' ']));
                prop_assert!(serial.as_str() != "." && serial.as_str() != "..");
            }
        }
    }
}
