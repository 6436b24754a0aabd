//! PNG.

use std::io::Cursor;

use png::{ColorType, Decoder, Transformations};
use tiny_skia::Pixmap;

use super::{LEAST_DOTS, LogoError, MOST_DOTS};

/// The dots of a PNG that stands still.
pub(super) fn read(bytes: &[u8]) -> Result<Pixmap, LogoError> {
    let mut decoder = Decoder::new(Cursor::new(bytes));
    decoder.set_transformations(Transformations::normalize_to_color8());
    let header = decoder.read_header_info().map_err(|_| LogoError::Broken)?;
    check(header.width, header.height)?;
    let mut reader = decoder.read_info().map_err(|_| LogoError::Broken)?;
    if reader.info().is_animated() {
        return Err(LogoError::Animated);
    }
    let mut dots = vec![0; reader.output_buffer_size().ok_or(LogoError::TooManyPixels)?];
    let frame = reader.next_frame(&mut dots).map_err(|_| LogoError::Broken)?;
    // What follows the dots must be whole as well, or the file was cut.
    reader.finish().map_err(|_| LogoError::Broken)?;
    let colours: fn(&[u8]) -> [u8; 4] = match frame.color_type {
        ColorType::Grayscale => |dot| [dot[0], dot[0], dot[0], u8::MAX],
        ColorType::GrayscaleAlpha => |dot| [dot[0], dot[0], dot[0], dot[1]],
        ColorType::Rgb => |dot| [dot[0], dot[1], dot[2], u8::MAX],
        ColorType::Rgba => |dot| [dot[0], dot[1], dot[2], dot[3]],
        ColorType::Indexed => return Err(LogoError::Broken),
    };
    let dots = dots.chunks_exact(frame.color_type.samples()).map(colours);
    filled(frame.width, frame.height, dots)
}

/// Refuses what is too small or too large, before any of it is decoded.
pub(super) fn check(width: u32, height: u32) -> Result<(), LogoError> {
    if width.max(height) > MOST_DOTS {
        Err(LogoError::TooManyPixels)
    } else if width.min(height) < LEAST_DOTS {
        Err(LogoError::TooSmall)
    } else {
        Ok(())
    }
}

/// An image of these dots: red, green, blue and how much they cover.
pub(super) fn filled(
    width: u32,
    height: u32,
    dots: impl Iterator<Item = [u8; 4]>,
) -> Result<Pixmap, LogoError> {
    let mut image = Pixmap::new(width, height).ok_or(LogoError::Broken)?;
    for (place, [red, green, blue, alpha]) in image.pixels_mut().iter_mut().zip(dots) {
        *place = tiny_skia::ColorU8::from_rgba(red, green, blue, alpha).premultiply();
    }
    Ok(image)
}
