//! What people sign in with.

use std::fmt;

use chrono::{DateTime, Utc};
use kernel::{ApiKeyId, Invalid, LocationId, MemberId, Role};

/// Fewest and most characters of a password.
const PASSWORD_LENGTH: std::ops::RangeInclusive<usize> = 10..=200;
/// Fewest and most digits of a PIN.
const PIN_LENGTH: std::ops::RangeInclusive<usize> = 4..=6;
/// Longest address that mail can have (RFC 5321 §4.5.3.1.3).
const LONGEST_EMAIL: usize = 254;
/// Recovery codes of an owner.
pub const RECOVERY_CODES: usize = 8;

/// An e-mail address, in lower case.
#[derive(Clone, PartialEq, Eq)]
pub struct Email(String);

impl Email {
    /// Reads an address: something, one `@`, something with a dot. Whether it exists only mail could tell.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let text = text.trim().to_lowercase();
        if text.is_empty() {
            return Err(Invalid::new("email", "required"));
        }
        if text.len() > LONGEST_EMAIL {
            return Err(Invalid::new("email", "too_long"));
        }
        let plausible = text.split_once('@').is_some_and(|(local, domain)| {
            let labels_are_there = domain.contains('.') && domain.split('.').all(|label| !label.is_empty());
            !local.is_empty() && !domain.contains('@') && labels_are_there
        });
        if !plausible || text.chars().any(|letter| letter.is_whitespace() || letter.is_control()) {
            return Err(Invalid::new("email", "not_an_email"));
        }
        Ok(Self(text))
    }

    /// The address.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Email(…)")
    }
}

/// A password or PIN as it was typed. `Debug` hides it.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Reads a password somebody chose: 10 to 200 characters, whatever they are.
    pub fn new_password(field: &'static str, text: &str) -> Result<Self, Invalid> {
        match text.chars().count() {
            0 => Err(Invalid::new(field, "required")),
            length if length < *PASSWORD_LENGTH.start() => Err(Invalid::new(field, "too_short")),
            length if length > *PASSWORD_LENGTH.end() => Err(Invalid::new(field, "too_long")),
            _ => Ok(Self(text.to_owned())),
        }
    }

    /// Reads a PIN somebody chose: 4 to 6 digits.
    pub fn new_pin(text: &str) -> Result<Self, Invalid> {
        if PIN_LENGTH.contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit()) {
            Ok(Self(text.to_owned()))
        } else {
            Err(Invalid::new("pin", "not_a_pin"))
        }
    }

    /// What somebody signs in with: whatever it is, it is right or wrong, and no longer than a password can be.
    pub fn shown(field: &'static str, text: &str) -> Result<Self, Invalid> {
        if text.chars().count() > *PASSWORD_LENGTH.end() {
            return Err(Invalid::new(field, "too_long"));
        }
        Ok(Self(text.to_owned()))
    }

    /// The bytes to be hashed.
    pub fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// Reads one of the three roles.
pub fn parse_role(text: &str) -> Result<Role, Invalid> {
    Role::from_word(text).ok_or_else(|| Invalid::new("role", "not_a_role"))
}

/// A person who works for a business.
#[derive(Clone, Debug)]
pub struct Member {
    /// Her id.
    pub id: MemberId,
    /// What the team calls her.
    pub name: String,
    /// Absent for those who enter by PIN only.
    pub email: Option<Email>,
    /// What she may do.
    pub role: Role,
    /// She may enter on a paired till.
    pub has_pin: bool,
    /// She may enter at all.
    pub active: bool,
    /// The one location she works at; absent: every one.
    pub location: Option<LocationId>,
    /// When she was added.
    pub created_at: DateTime<Utc>,
}

/// What an owner or manager wants of a new member.
#[derive(Clone, Debug)]
pub struct NewMember {
    /// Her name.
    pub name: String,
    /// What she may do.
    pub role: Role,
    /// With this she may sign in on the panel.
    pub login: Option<(Email, Secret)>,
    /// With this she may sign in on a paired till.
    pub pin: Option<Secret>,
    /// The one location she works at.
    pub location: Option<LocationId>,
}

impl NewMember {
    /// Puts the parts together: she must have some way in, and a password needs an address.
    pub fn new(
        name: String,
        role: Role,
        (email, password): (&str, &str),
        pin: &str,
        location: Option<LocationId>,
    ) -> Result<Self, Invalid> {
        let login = match (email.trim(), password) {
            ("", "") => None,
            (email, password) => Some((Email::parse(email)?, Secret::new_password("password", password)?)),
        };
        let pin = if pin.is_empty() { None } else { Some(Secret::new_pin(pin)?) };
        if login.is_none() && pin.is_none() {
            return Err(Invalid::new("pin", "required"));
        }
        Ok(Self { name, role, login, pin, location })
    }
}

/// What is to change in a member; absent stays as it is.
#[derive(Clone, Debug, Default)]
pub struct MemberChange {
    /// Her name.
    pub name: Option<String>,
    /// What she may do.
    pub role: Option<Role>,
    /// Her PIN; `Some(None)` takes it away.
    pub pin: Option<Option<Secret>>,
    /// The one location she works at; `Some(None)` opens every one.
    pub location: Option<Option<LocationId>>,
    /// Whether she may enter at all.
    pub active: Option<bool>,
}

/// The key of a shop's own system, without its secret.
#[derive(Clone, Debug)]
pub struct ApiKey {
    /// Its id.
    pub id: ApiKeyId,
    /// What the owner calls it.
    pub name: String,
    /// How it begins.
    pub prefix: String,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When somebody last signed in with it.
    pub last_used_at: Option<DateTime<Utc>>,
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_address_is_one_whatever_its_capitals() {
        assert_eq!(Email::parse(" Ana@Cafe.PE ").map(|email| email.0), Ok("ana@cafe.pe".into()));
        for text in
            ["", "ana", "ana@", "@cafe.pe", "ana@cafe", "a na@cafe.pe", "ana@@cafe.pe", "ana@cafe..pe"]
        {
            assert!(Email::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_pin_has_four_to_six_digits() {
        for (pin, good) in
            [("1234", true), ("123456", true), ("123", false), ("1234567", false), ("12a4", false)]
        {
            assert_eq!(Secret::new_pin(pin).is_ok(), good, "{pin}");
        }
    }

    #[test]
    fn a_member_needs_a_way_in() {
        let refused = NewMember::new("Ana".into(), Role::Stamper, ("", ""), "", None);
        assert_eq!(refused.err(), Some(Invalid::new("pin", "required")));
        let half = NewMember::new("Ana".into(), Role::Manager, ("ana@cafe.pe", ""), "", None);
        assert_eq!(half.err(), Some(Invalid::new("password", "required")));
    }

    #[test]
    fn secrets_never_enter_a_log() {
        assert_eq!(format!("{:?}", Secret::new_pin("4711").unwrap()), "Secret(…)");
    }

    proptest! {
        /// Reading an address never panics, and what was read reads again as itself.
        #[test]
        fn reading_an_address_is_stable(text in "\\PC{0,40}@\\PC{0,20}\\.pe") {
            if let Ok(email) = Email::parse(&text) {
                prop_assert_eq!(Email::parse(email.as_str()), Ok(email.clone()));
            }
        }
    }
}
