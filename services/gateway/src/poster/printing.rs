//! A drawing as SVG, PDF and PNG.

use std::fmt::Write;

use art::{Colour, Drawing};
use kurbo::{BezPath, PathEl, Point, QuadBez};
use pdf_writer::{Content, Filter, Finish, Name, Pdf, Rect, Ref, TextStr};

use super::Unprintable;

const MILLIMETRES_AN_INCH: f64 = 25.4;
const POINTS_AN_INCH: f64 = 72.0;
/// What a printer resolves and a chat still takes: A4 becomes 2480 × 3508.
const DOTS_AN_INCH: f64 = 300.0;

/// As SVG of its true size.
pub(super) fn svg(drawing: &Drawing) -> String {
    let (width, height) = (drawing.width, drawing.height);
    let mut svg = String::new();
    let _ = write!(
        svg,
        r#"<svg xmlns="http://www.w3.org/2000/svg" width="{width}mm" height="{height}mm" viewBox="0 0 {width} {height}" role="img"><title>{}</title>"#,
        escaped(&drawing.title)
    );
    for mark in &drawing.marks {
        let Colour(red, green, blue) = mark.colour;
        let _ = write!(svg, r##"<path fill="#{red:02x}{green:02x}{blue:02x}" d="{}"/>"##, mark.path.to_svg());
    }
    svg.push_str("</svg>");
    svg
}

/// XML has no place for control characters, not even escaped.
fn escaped(text: &str) -> String {
    let text: String = text.chars().filter(|letter| !letter.is_control()).collect();
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// As one page of PDF of its true size, all of it vectors.
pub(super) fn pdf(drawing: &Drawing) -> Vec<u8> {
    let [catalog, pages, page, content, info] = [1, 2, 3, 4, 5].map(Ref::new);
    let points = |millimetres: f64| single(millimetres * POINTS_AN_INCH / MILLIMETRES_AN_INCH);
    let mut pdf = Pdf::new();
    pdf.catalog(catalog).pages(pages);
    pdf.pages(pages).kids([page]).count(1);
    let mut sheet = pdf.page(page);
    sheet.media_box(Rect::new(0.0, 0.0, points(drawing.width), points(drawing.height)));
    sheet.parent(pages).contents(content);
    sheet.resources();
    sheet.finish();
    let strokes = miniz_oxide::deflate::compress_to_vec_zlib(&page_content(drawing), 6);
    pdf.stream(content, &strokes).filter(Filter::FlateDecode);
    let mut about = pdf.document_info(info);
    about.title(TextStr(&drawing.title));
    about.pair(Name(b"Producer"), TextStr("Sello"));
    about.finish();
    pdf.finish()
}

fn page_content(drawing: &Drawing) -> Vec<u8> {
    let mut content = Content::new();
    let scale = single(POINTS_AN_INCH / MILLIMETRES_AN_INCH);
    // PDF counts upwards from the bottom.
    content.transform([scale, 0.0, 0.0, -scale, 0.0, single(drawing.height) * scale]);
    for mark in &drawing.marks {
        let Colour(red, green, blue) = mark.colour;
        match red == green && green == blue {
            true => content.set_fill_gray(f32::from(red) / 255.0),
            false => content.set_fill_rgb(
                f32::from(red) / 255.0,
                f32::from(green) / 255.0,
                f32::from(blue) / 255.0,
            ),
        };
        trace(&mark.path, &mut content);
        content.fill_nonzero();
    }
    content.finish().into_vec()
}

fn trace(path: &BezPath, content: &mut Content) {
    let mut at = Point::ORIGIN;
    for part in path {
        match part {
            PathEl::MoveTo(to) => content.move_to(single(to.x), single(to.y)),
            PathEl::LineTo(to) => content.line_to(single(to.x), single(to.y)),
            PathEl::QuadTo(by, to) => curve(content, &QuadBez::new(at, by, to).raise()),
            PathEl::CurveTo(by, and, to) => curve(content, &kurbo::CubicBez::new(at, by, and, to)),
            PathEl::ClosePath => content.close_path(),
        };
        at = part.end_point().unwrap_or(at);
    }
}

fn curve<'a>(content: &'a mut Content, way: &kurbo::CubicBez) -> &'a mut Content {
    let [x1, y1, x2, y2, x3, y3] = [way.p1.x, way.p1.y, way.p2.x, way.p2.y, way.p3.x, way.p3.y].map(single);
    content.cubic_to(x1, y1, x2, y2, x3, y3)
}

/// As PNG, which says how large it is on paper.
pub(super) fn png(drawing: &Drawing) -> Result<Vec<u8>, Unprintable> {
    let dots_a_metre = (DOTS_AN_INCH / MILLIMETRES_AN_INCH * 1_000.0).round() as u32;
    Ok(art::png(drawing, DOTS_AN_INCH / MILLIMETRES_AN_INCH, Some(dots_a_metre))?)
}

fn single(number: f64) -> f32 {
    number as f32
}
