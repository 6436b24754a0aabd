//! JPEG.

use tiny_skia::{Pixmap, PremultipliedColorU8};
use zune_jpeg::JpegDecoder;
use zune_jpeg::zune_core::bytestream::ZCursor;
use zune_jpeg::zune_core::colorspace::ColorSpace;
use zune_jpeg::zune_core::options::DecoderOptions;

use super::LogoError;
use super::picture::{check, filled};

/// Passes over an image that refines itself; files in use have about ten.
const MOST_SCANS: usize = 40;
/// The tag that says how the camera was held.
const ORIENTATION: u16 = 0x0112;

/// The dots of a JPEG, the way up that its camera says.
pub(super) fn read(bytes: &[u8]) -> Result<Pixmap, LogoError> {
    let options = DecoderOptions::default()
        .set_strict_mode(true)
        .jpeg_set_max_scans(MOST_SCANS)
        .jpeg_set_out_colorspace(ColorSpace::RGB);
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(bytes), options);
    decoder.decode_headers().map_err(|_| LogoError::Broken)?;
    let (width, height) = decoder.dimensions().ok_or(LogoError::Broken)?;
    let side = |length: usize| u32::try_from(length).map_err(|_| LogoError::TooManyPixels);
    let (width, height) = (side(width)?, side(height)?);
    check(width, height)?;
    let dots = decoder.decode().map_err(|_| LogoError::Broken)?;
    let image = filled(width, height, dots.chunks_exact(3).map(|dot| [dot[0], dot[1], dot[2], u8::MAX]))?;
    match decoder.exif().and_then(|exif| orientation(exif)) {
        Some(held @ 2..=8) => turned(&image, held).ok_or(LogoError::Broken),
        _ => Ok(image),
    }
}

/// How the camera was held: 1 to 8, 1 being upright (TIFF 6, Orientation).
fn orientation(exif: &[u8]) -> Option<u16> {
    let little = exif.starts_with(b"II");
    let short = |at: usize| -> Option<u16> {
        let bytes = exif.get(at..at.checked_add(2)?)?.try_into().ok()?;
        Some(if little { u16::from_le_bytes(bytes) } else { u16::from_be_bytes(bytes) })
    };
    let long = |at: usize| -> Option<usize> {
        let (one, other) = (usize::from(short(at)?), usize::from(short(at + 2)?));
        Some(if little { one | other << 16 } else { one << 16 | other })
    };
    let directory = long(4)?;
    let entries = usize::from(short(directory)?);
    let entry =
        (0..entries).map(|nth| directory + 2 + nth * 12).find(|at| short(*at) == Some(ORIENTATION))?;
    short(entry + 8)
}

/// The image, turned and mirrored back.
fn turned(image: &Pixmap, held: u16) -> Option<Pixmap> {
    let (width, height) = (image.width(), image.height());
    let (across, down) = if held >= 5 { (height, width) } else { (width, height) };
    let mut upright = Pixmap::new(across, down)?;
    let source = |x: u32, y: u32| match held {
        2 => (width - 1 - x, y),
        3 => (width - 1 - x, height - 1 - y),
        4 => (x, height - 1 - y),
        5 => (y, x),
        6 => (y, height - 1 - x),
        7 => (width - 1 - y, height - 1 - x),
        _ => (width - 1 - y, x),
    };
    let blank = PremultipliedColorU8::TRANSPARENT;
    let places = (0..down).flat_map(|y| (0..across).map(move |x| (x, y)));
    for (dot, (x, y)) in upright.pixels_mut().iter_mut().zip(places) {
        let (x, y) = source(x, y);
        *dot = image.pixel(x, y).unwrap_or(blank);
    }
    Some(upright)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_up_is_read_in_both_byte_orders_and_from_nothing_else() {
        let little = b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0";
        let big = b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0";
        assert_eq!([orientation(little), orientation(big)], [Some(6); 2]);
        assert_eq!(orientation(b"II*\0\xff\xff\xff\xff"), None);
        assert_eq!(orientation(b""), None);
    }

    #[test]
    fn an_image_is_turned_back_from_all_eight_ways() {
        // Two dots beside each other: dark, light.
        let mut image = Pixmap::new(2, 1).unwrap();
        image.data_mut().copy_from_slice(&[10, 10, 10, 255, 200, 200, 200, 255]);
        let seen = |held: u16| {
            let image = turned(&image, held).unwrap();
            (image.width(), image.pixels().iter().map(|dot| dot.red()).collect::<Vec<_>>())
        };
        assert_eq!([2, 3].map(seen), [(2, vec![200, 10]), (2, vec![200, 10])]);
        assert_eq!(seen(4), (2, vec![10, 200]));
        assert_eq!([5, 6].map(seen), [(1, vec![10, 200]), (1, vec![10, 200])]);
        assert_eq!([7, 8].map(seen), [(1, vec![200, 10]), (1, vec![200, 10])]);
    }
}
