use std::collections::BTreeMap;

use crate::Error;

/// What an image is for; each kind has a place of its own size.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ImageKind {
    /// On the lock screen and in mails, 38×38 points. Every pass has one.
    Icon,
    /// Above the card, up to 160×50 points.
    Logo,
    /// Behind the primary field of a store card, 375×144 points.
    Strip,
    /// Beside the fields of other styles, 90×90 points.
    Thumbnail,
    /// The whole of a poster, 358×448 points.
    Artwork,
    /// Above a poster, up to 126×30 points.
    PrimaryLogo,
    /// Above the code, up to 286×15 points.
    Footer,
}

impl ImageKind {
    /// All kinds.
    pub const ALL: [Self; 7] = [
        Self::Icon,
        Self::Logo,
        Self::Strip,
        Self::Thumbnail,
        Self::Artwork,
        Self::PrimaryLogo,
        Self::Footer,
    ];

    /// The name of its files, without scale and ending.
    pub fn name(self) -> &'static str {
        match self {
            Self::Icon => "icon",
            Self::Logo => "logo",
            Self::Strip => "strip",
            Self::Thumbnail => "thumbnail",
            Self::Artwork => "artwork",
            Self::PrimaryLogo => "primaryLogo",
            Self::Footer => "footer",
        }
    }

    /// The width and height of its place in points.
    pub fn points(self) -> (u32, u32) {
        match self {
            Self::Icon => (38, 38),
            Self::Logo => (160, 50),
            Self::Strip => (375, 144),
            Self::Thumbnail => (90, 90),
            Self::Artwork => (358, 448),
            Self::PrimaryLogo => (126, 30),
            Self::Footer => (286, 15),
        }
    }

    /// The name of its file at a scale: `strip@2x.png`.
    pub fn file_name(self, scale: Scale) -> String {
        format!("{}{}.png", self.name(), scale.suffix())
    }
}

/// How many pixels make a point. Phones of today have 3 or 2, watches 2; 1 is for old devices and for small files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scale {
    /// One.
    X1,
    /// Two.
    X2,
    /// Three.
    X3,
}

impl Scale {
    /// All scales.
    pub const ALL: [Self; 3] = [Self::X1, Self::X2, Self::X3];

    /// Pixels to a point.
    pub fn factor(self) -> u32 {
        match self {
            Self::X1 => 1,
            Self::X2 => 2,
            Self::X3 => 3,
        }
    }

    fn suffix(self) -> &'static str {
        match self {
            Self::X1 => "",
            Self::X2 => "@2x",
            Self::X3 => "@3x",
        }
    }
}

/// The images of a design, each checked: a whole PNG, no larger than its place at its scale.
#[derive(Clone, Debug, Default)]
pub struct Images(BTreeMap<(ImageKind, Scale), Vec<u8>>);

impl Images {
    /// No images yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds an image, or takes another for it.
    pub fn with(mut self, kind: ImageKind, scale: Scale, png: impl Into<Vec<u8>>) -> Result<Self, Error> {
        let png = png.into();
        check(kind, scale, &png)?;
        self.0.insert((kind, scale), png);
        Ok(self)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (ImageKind, Scale, &[u8])> {
        self.0.iter().map(|((kind, scale), png)| (*kind, *scale, png.as_slice()))
    }
}

pub(crate) fn check(kind: ImageKind, scale: Scale, png: &[u8]) -> Result<(), Error> {
    let name = kind.file_name(scale);
    let Some((width, height)) = dimensions(png) else {
        return Err(Error::NotPng(name));
    };
    let (points_wide, points_high) = kind.points();
    let (most_width, most_height) = (points_wide * scale.factor(), points_high * scale.factor());
    if width > most_width || height > most_height {
        return Err(Error::ImageTooLarge { name, width, height, most_width, most_height });
    }
    Ok(())
}

/// The pixels of a PNG, by its first chunk; `None` if it does not begin and end like one.
fn dimensions(png: &[u8]) -> Option<(u32, u32)> {
    let rest = png.strip_prefix(b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR")?;
    let (width, rest) = rest.split_first_chunk()?;
    let (height, _) = rest.split_first_chunk()?;
    let (width, height) = (u32::from_be_bytes(*width), u32::from_be_bytes(*height));
    let whole = png.ends_with(b"\0\0\0\0IEND\xae\x42\x60\x82");
    (whole && width > 0 && height > 0).then_some((width, height))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// What looks like a PNG of a size, without pixels.
    fn png(width: u32, height: u32) -> Vec<u8> {
        let mut png = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR".to_vec();
        png.extend(width.to_be_bytes());
        png.extend(height.to_be_bytes());
        png.extend(b"\x08\x06\0\0\0\0\0\0\0\0\0\0\0IEND\xae\x42\x60\x82");
        png
    }

    #[test]
    fn what_is_not_a_whole_png_is_refused() {
        let whole = png(38, 38);
        for cut in [&whole[..0], &whole[..8], &whole[..20], &whole[..whole.len() - 1]] {
            assert_eq!(check(ImageKind::Icon, Scale::X1, cut), Err(Error::NotPng("icon.png".into())));
        }
        assert_eq!(check(ImageKind::Icon, Scale::X1, &whole), Ok(()));
    }

    proptest! {
        /// An image fits its place at its scale, or is refused by name.
        #[test]
        fn an_image_fits_its_place(
            kind in proptest::sample::select(&ImageKind::ALL),
            scale in proptest::sample::select(&Scale::ALL),
            width in 0..1_500u32,
            height in 0..1_500u32,
        ) {
            let (wide, high) = kind.points();
            let fits = (1..=wide * scale.factor()).contains(&width) && (1..=high * scale.factor()).contains(&height);
            prop_assert_eq!(check(kind, scale, &png(width, height)).is_ok(), fits);
        }

        /// Reading bytes as an image never panics.
        #[test]
        fn reading_is_total(bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
            let _ = check(ImageKind::Icon, Scale::X1, &bytes);
        }
    }
}
