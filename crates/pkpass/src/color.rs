use std::{fmt, str::FromStr};

use serde::{Serialize, Serializer};

use crate::Error;

/// A colour, written as Apple documents it: `rgb(60, 65, 76)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Color {
    /// Red.
    pub red: u8,
    /// Green.
    pub green: u8,
    /// Blue.
    pub blue: u8,
}

impl Color {
    /// A colour by its three parts.
    pub const fn rgb(red: u8, green: u8, blue: u8) -> Self {
        Self { red, green, blue }
    }
}

impl FromStr for Color {
    type Err = Error;

    /// Reads `#3c414c`.
    fn from_str(text: &str) -> Result<Self, Error> {
        let parsed = text
            .strip_prefix('#')
            .filter(|hex| hex.len() == 6 && hex.bytes().all(|digit| digit.is_ascii_hexdigit()));
        match parsed.and_then(|hex| u32::from_str_radix(hex, 16).ok()) {
            Some(number) => {
                let [_, red, green, blue] = number.to_be_bytes();
                Ok(Self { red, green, blue })
            }
            None => Err(Error::Color(text.into())),
        }
    }
}

impl fmt::Display for Color {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "rgb({}, {}, {})", self.red, self.green, self.blue)
    }
}

impl Serialize for Color {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hexadecimal_is_read_and_rgb_is_written() {
        assert_eq!("#3c414C".parse::<Color>().unwrap().to_string(), "rgb(60, 65, 76)");
        for wrong in ["3c414c", "#3c414", "#3c414cc", "#+c414c", "rojo"] {
            assert_eq!(wrong.parse::<Color>(), Err(Error::Color(wrong.into())));
        }
    }
}
