//! From shapes to dots.

use kurbo::{BezPath, PathEl};
use png::{ColorType, Encoder, Filter, PixelDimensions, Unit};
use tiny_skia::{FillRule, Paint, PathBuilder, Pixmap, Transform};

use crate::drawing::Drawing;
use crate::palette::{Indexed, indexed};

/// Why a drawing could not be made an image; neither happens to a sheet with an area.
#[derive(Debug, thiserror::Error)]
pub enum Undrawable {
    /// The sheet has no area, or more than memory holds.
    #[error("a sheet without area")]
    Sheet,
    /// The image could not be written.
    #[error("encoding the image: {0}")]
    Image(#[from] png::EncodingError),
}

/// A drawing as PNG with so many dots to its unit; `dots_a_metre` says in the file how large it is on paper.
pub fn png(drawing: &Drawing, scale: f64, dots_a_metre: Option<u32>) -> Result<Vec<u8>, Undrawable> {
    opaque(&dots(drawing, scale)?, dots_a_metre)
}

/// The dots of a drawing.
pub(crate) fn dots(drawing: &Drawing, scale: f64) -> Result<Pixmap, Undrawable> {
    let side = |units: f64| (units * scale).round() as u32;
    let mut sheet = Pixmap::new(side(drawing.width), side(drawing.height)).ok_or(Undrawable::Sheet)?;
    let scale = Transform::from_scale(single(scale), single(scale));
    for mark in &drawing.marks {
        let Some(path) = skia_path(&mark.path) else { continue };
        let mut paint = Paint::default();
        paint.set_color_rgba8(mark.colour.0, mark.colour.1, mark.colour.2, 255);
        sheet.fill_path(&path, &paint, FillRule::Winding, scale, None);
    }
    Ok(sheet)
}

/// An image without holes: the fourth byte of each dot says nothing.
pub(crate) fn opaque(sheet: &Pixmap, dots_a_metre: Option<u32>) -> Result<Vec<u8>, Undrawable> {
    let mut colours = Vec::with_capacity(sheet.data().len() / 4 * 3);
    for dot in sheet.data().chunks_exact(4) {
        colours.extend_from_slice(&dot[..3]);
    }
    let mut png = Vec::new();
    let mut encoder = encoder(&mut png, sheet, ColorType::Rgb);
    let resolution = |dots| PixelDimensions { xppu: dots, yppu: dots, unit: Unit::Meter };
    encoder.set_pixel_dims(dots_a_metre.map(resolution));
    write(encoder, &colours)?;
    Ok(png)
}

/// An image of a few inks on paper.
pub(crate) fn flat(sheet: &Pixmap) -> Result<Vec<u8>, Undrawable> {
    let Indexed { palette, dots } = indexed(sheet);
    let mut png = Vec::new();
    let mut encoder = encoder(&mut png, sheet, ColorType::Indexed);
    encoder.set_palette(palette);
    encoder.set_filter(Filter::NoFilter);
    write(encoder, &dots)?;
    Ok(png)
}

/// An image that what it lies on shows through.
pub(crate) fn transparent(sheet: &Pixmap) -> Result<Vec<u8>, Undrawable> {
    let mut colours = Vec::with_capacity(sheet.data().len());
    for dot in sheet.pixels() {
        let dot = dot.demultiply();
        colours.extend_from_slice(&[dot.red(), dot.green(), dot.blue(), dot.alpha()]);
    }
    let mut png = Vec::new();
    write(encoder(&mut png, sheet, ColorType::Rgba), &colours)?;
    Ok(png)
}

fn encoder<'a>(png: &'a mut Vec<u8>, sheet: &Pixmap, colour: ColorType) -> Encoder<'a, &'a mut Vec<u8>> {
    let mut encoder = Encoder::new(png, sheet.width(), sheet.height());
    encoder.set_color(colour);
    encoder
}

fn write(encoder: Encoder<'_, &mut Vec<u8>>, dots: &[u8]) -> Result<(), Undrawable> {
    let mut writer = encoder.write_header()?;
    writer.write_image_data(dots)?;
    Ok(writer.finish()?)
}

fn skia_path(path: &BezPath) -> Option<tiny_skia::Path> {
    let mut builder = PathBuilder::new();
    for part in path {
        match part {
            PathEl::MoveTo(to) => builder.move_to(single(to.x), single(to.y)),
            PathEl::LineTo(to) => builder.line_to(single(to.x), single(to.y)),
            PathEl::QuadTo(by, to) => builder.quad_to(single(by.x), single(by.y), single(to.x), single(to.y)),
            PathEl::CurveTo(by, and, to) => {
                builder.cubic_to(
                    single(by.x),
                    single(by.y),
                    single(and.x),
                    single(and.y),
                    single(to.x),
                    single(to.y),
                );
            }
            PathEl::ClosePath => builder.close(),
        }
    }
    builder.finish()
}

fn single(number: f64) -> f32 {
    number as f32
}
