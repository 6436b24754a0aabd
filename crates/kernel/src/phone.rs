use std::{fmt, str::FromStr};

use crate::Invalid;

/// A phone number that exists in some country's plan, in E.164 (`+51987654321`).
///
/// `Debug` hides all but the last three digits, so that a phone never enters a log by accident.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Phone(String);

impl Phone {
    /// The number in E.164.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The last three digits: enough to tell two customers apart at a till, too little to call one.
    pub fn last_three(&self) -> &str {
        &self.0[self.0.len() - 3..]
    }
}

impl FromStr for Phone {
    type Err = Invalid;

    /// Reads a number as people type it; without a country it is Peruvian.
    fn from_str(text: &str) -> Result<Self, Invalid> {
        let text = text.trim();
        if text.is_empty() {
            return Err(Invalid::new("phone", "required"));
        }
        if text.len() > 40 {
            return Err(Invalid::new("phone", "too_long"));
        }
        let number = phonenumber::parse(Some(phonenumber::country::Id::PE), text)
            .map_err(|_| Invalid::new("phone", "not_a_phone"))?;
        if !phonenumber::is_valid(&number) {
            return Err(Invalid::new("phone", "not_a_phone"));
        }
        Ok(Self(number.format().mode(phonenumber::Mode::E164).to_string()))
    }
}

impl fmt::Debug for Phone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Phone(…{})", self.last_three())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_peruvian_mobile_is_read_however_it_is_typed() {
        for typed in ["987654321", "987 654 321", "+51 987-654-321", "0051987654321", "51987654321"] {
            assert_eq!(typed.parse::<Phone>().map(|p| p.0), Ok("+51987654321".into()), "{typed}");
        }
    }

    #[test]
    fn phones_of_other_countries_are_kept_as_they_are() {
        assert_eq!("+56 9 6123 4567".parse::<Phone>().unwrap().as_str(), "+56961234567");
        assert_eq!("+1 415 555 2671".parse::<Phone>().unwrap().as_str(), "+14155552671");
    }

    #[test]
    fn what_is_no_phone_is_refused() {
        for typed in ["", "12", "hola", "+51 12", "987654321987654321", "+00 000 000"] {
            assert!(typed.parse::<Phone>().is_err(), "{typed}");
        }
    }

    #[test]
    fn debug_tells_three_digits_only() {
        assert_eq!(format!("{:?}", "987654321".parse::<Phone>().unwrap()), "Phone(…321)");
    }

    proptest! {
        /// Whatever is typed, reading it never panics, and what was read reads again as itself.
        #[test]
        fn reading_is_total_and_stable(typed in "\\PC{0,50}") {
            if let Ok(phone) = typed.parse::<Phone>() {
                prop_assert_eq!(phone.as_str().parse::<Phone>(), Ok(phone.clone()));
            }
        }
    }
}
