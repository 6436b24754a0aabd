//! The poster: what hangs on the shop's wall (A4) or stands on its tables (A6), so that whoever waits there gets a card.
//!
//! It is drawn once, as filled shapes, and printed three ways from that. Letters become shapes too, so that
//! it looks the same on every machine and needs no font where it is opened. Paper stays paper: nothing is flooded with
//! ink, and it still reads when a copy shop prints it in black.

mod grid;
mod layout;
mod letters;
mod plan;
mod press;
mod printing;
mod words;

#[cfg(test)]
mod tests;

use kernel::Locale;
use serde::Deserialize;
use utoipa::ToSchema;

pub(crate) use letters::Faces;
pub(crate) use press::Press;

/// What a poster says.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Poster {
    pub(crate) business: String,
    pub(crate) program: String,
    /// The shop it hangs in, where there are several.
    pub(crate) location: Option<String>,
    pub(crate) stamps_required: u32,
    /// By the count that unlocks them, smallest first; the last is the headline.
    pub(crate) rewards: Vec<Reward>,
    /// What the code opens.
    pub(crate) join_url: String,
    /// `#rrggbb` of the shop's stamps; anything else is the house's ink.
    pub(crate) ink: String,
    /// What the stamps show: `cup`, `star`, …
    pub(crate) shape: String,
    pub(crate) size: Size,
    pub(crate) locale: Locale,
}

/// A reward and the count that unlocks it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Reward {
    pub(crate) at: u32,
    pub(crate) title: String,
}

/// The sheet it is printed on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Size {
    /// For a wall: 210 × 297 mm.
    #[default]
    A4,
    /// For a table: 105 × 148 mm.
    A6,
}

impl Size {
    /// Width and height in millimetres.
    pub(crate) fn millimetres(self) -> (f64, f64) {
        match self {
            Self::A4 => (210.0, 297.0),
            Self::A6 => (105.0, 148.0),
        }
    }

    /// As it stands in addresses and file names.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::A4 => "a4",
            Self::A6 => "a6",
        }
    }
}

/// What it is printed as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Format {
    /// For the printer.
    Pdf,
    /// For a designer.
    Svg,
    /// For a chat, at 300 dots an inch.
    Png,
}

impl Format {
    /// The ending of its file's name.
    pub(crate) fn extension(self) -> &'static str {
        match self {
            Self::Pdf => "pdf",
            Self::Svg => "svg",
            Self::Png => "png",
        }
    }

    /// Its media type.
    pub(crate) fn content_type(self) -> &'static str {
        match self {
            Self::Pdf => "application/pdf",
            Self::Svg => "image/svg+xml",
            Self::Png => "image/png",
        }
    }
}

/// Why a poster could not be made; all of it is ours to mend.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unprintable {
    #[error("the address is too long for a code: {0}")]
    Code(#[from] qrcode::types::QrError),
    #[error("a font that was readable no longer is")]
    Face,
    #[error(transparent)]
    Image(#[from] art::Undrawable),
}

impl Poster {
    /// The poster in one of its forms.
    pub(crate) fn print(&self, faces: &Faces, format: Format) -> Result<Vec<u8>, Unprintable> {
        let drawing = layout::draw(self, faces)?;
        match format {
            Format::Pdf => Ok(printing::pdf(&drawing)),
            Format::Svg => Ok(printing::svg(&drawing).into_bytes()),
            Format::Png => printing::png(&drawing),
        }
    }
}
