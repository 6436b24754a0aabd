use serde::Serialize;

use crate::Error;

/// A code that a till reads off the screen.
///
/// A pass may list several: an iPhone shows the first one it knows. Those new in iOS 27 are therefore followed by one
/// that every iPhone knows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Barcode {
    format: BarcodeFormat,
    message: String,
    message_encoding: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    alt_text: Option<String>,
}

/// The kinds of codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum BarcodeFormat {
    /// QR: square, and read by every camera.
    #[serde(rename = "PKBarcodeFormatQR")]
    Qr,
    /// PDF417: wide.
    #[serde(rename = "PKBarcodeFormatPDF417")]
    Pdf417,
    /// Aztec: square, without a margin.
    #[serde(rename = "PKBarcodeFormatAztec")]
    Aztec,
    /// Code 128: one row of lines.
    #[serde(rename = "PKBarcodeFormatCode128")]
    Code128,
    /// Code 39, from iOS 27 on.
    #[serde(rename = "PKBarcodeFormatCode39")]
    Code39,
    /// Codabar, from iOS 27 on.
    #[serde(rename = "PKBarcodeFormatCodabar")]
    Codabar,
    /// EAN-13, from iOS 27 on.
    #[serde(rename = "PKBarcodeFormatEAN13")]
    Ean13,
    /// Interleaved 2 of 5, from iOS 27 on.
    #[serde(rename = "PKBarcodeFormatI2of5")]
    I2of5,
}

impl BarcodeFormat {
    /// Whether iPhones before iOS 27 know it too.
    pub fn is_universal(self) -> bool {
        match self {
            Self::Qr | Self::Pdf417 | Self::Aztec | Self::Code128 => true,
            Self::Code39 | Self::Codabar | Self::Ean13 | Self::I2of5 => false,
        }
    }
}

impl Barcode {
    /// A code of a kind. The encoding is the one that scanners expect, ISO 8859-1, unless the message needs more.
    pub fn new(format: BarcodeFormat, message: impl Into<String>) -> Self {
        let message = message.into();
        let fits = message.chars().all(|c| u32::from(c) <= 0xff);
        let message_encoding = if fits { "iso-8859-1" } else { "utf-8" };
        Self { format, message, message_encoding, alt_text: None }
    }

    /// A QR code.
    pub fn qr(message: impl Into<String>) -> Self {
        Self::new(BarcodeFormat::Qr, message)
    }

    /// The text below the code, for when it cannot be read.
    pub fn alt_text(mut self, text: impl Into<String>) -> Self {
        self.alt_text = Some(text.into());
        self
    }
}

pub(crate) fn check(barcodes: &[Barcode]) -> Result<(), Error> {
    if barcodes.iter().any(|barcode| barcode.message.is_empty()) {
        return Err(Error::BarcodeEmpty);
    }
    match barcodes.last() {
        Some(last) if !last.format.is_universal() => Err(Error::BarcodeFallback),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_of_ios_27_is_followed_by_one_that_all_know() {
        let ean = Barcode::new(BarcodeFormat::Ean13, "7751234567890");
        assert_eq!(check(std::slice::from_ref(&ean)), Err(Error::BarcodeFallback));
        assert_eq!(check(&[Barcode::qr("7751234567890"), ean.clone()]), Err(Error::BarcodeFallback));
        assert_eq!(check(&[ean, Barcode::qr("7751234567890")]), Ok(()));
    }

    #[test]
    fn the_encoding_holds_the_message() {
        assert_eq!(Barcode::qr("señora").message_encoding, "iso-8859-1");
        assert_eq!(Barcode::qr("☕").message_encoding, "utf-8");
    }
}
