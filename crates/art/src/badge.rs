//! The small images of a pass: its icon and its logo.

use kurbo::Point;
use tiny_skia::{Color, FillRule, Paint, PathBuilder, Pixmap, PixmapPaint, Transform};

use crate::colour::Colour;
use crate::drawing::Drawing;
use crate::logo::Logo;
use crate::look::Look;
use crate::pixels::{fitted, scaled};
use crate::raster::{self, Undrawable};
use crate::scale::{Scale, written};
use crate::stamp::{self, Pad, Spot};

/// An icon's side, in points.
const ICON: u32 = 38;
/// Between an icon's edge and what it shows, in points.
const ICON_PAD: u32 = 4;
/// A logo's room on a pass, in points.
const LOGO: (u32, u32) = (160, 50);
/// Between a logo that needs a ground and that ground's edge, in points.
const PLATE_PAD: u32 = 6;
/// A Google logo's side, in dots.
const SQUARE: u32 = 660;
/// It is shown in a circle; this share of its diameter is left free around the logo.
const CIRCLE_PAD: f64 = 0.09;

/// The icon of a pass, beside its messages: 38 × 38 points. The shop's logo, or what its stamps show.
pub fn icon(look: &Look, logo: Option<&Logo>, scale: Scale) -> Vec<u8> {
    let side = ICON * scale.dots();
    written(match logo {
        Some(logo) => {
            let ground = ground(look, logo);
            let pad = if logo.ground().is_some() { 0 } else { ICON_PAD * scale.dots() };
            on(ground, side, logo, side - 2 * pad, side - 2 * pad)
        }
        None => {
            let mut drawing = Drawing::on(look.ink(), (38.0, 38.0), String::new());
            let place = stamp::upright(Point::new(19.0, 19.0), 50.0);
            let pad = Pad { ink: look.paper(), paper: look.ink() };
            stamp::draw(&mut drawing, look.figure(), place, pad);
            raster::dots(&drawing, scale.factor()).and_then(|dots| raster::flat(&dots))
        }
    })
}

/// The logo at the head of a pass: within 160 × 50 points, in its own proportions and with its transparency. One that
/// would not be seen on the shop's paper stands on a plate of its ink.
pub fn logo(look: &Look, logo: &Logo, scale: Scale) -> Vec<u8> {
    let dots = scale.dots();
    let (width, height) = (LOGO.0 * dots, LOGO.1 * dots);
    written(if logo.is_seen_on(look.paper()) {
        let (width, height) = fitted(logo.dots(), width, height);
        scaled(logo.dots(), width, height)
            .ok_or(Undrawable::Sheet)
            .and_then(|dots| raster::transparent(&dots))
    } else {
        let pad = PLATE_PAD * dots;
        let (across, down) = fitted(logo.dots(), width - 2 * pad, height - 2 * pad);
        plate(look.ink(), across + 2 * pad, down + 2 * pad, pad).and_then(|mut sheet| {
            lay(&mut sheet, logo, across, down)?;
            raster::transparent(&sheet)
        })
    })
}

/// The logo of a Google pass: 660 × 660 dots, all of it inside the circle that it is shown in. Without a logo it is the
/// shop's stamp.
pub fn square_logo(look: &Look, logo: Option<&Logo>) -> Vec<u8> {
    written(match logo {
        Some(logo) => {
            let room = f64::from(SQUARE) * (1.0 - 2.0 * CIRCLE_PAD);
            let diagonal = f64::from(logo.width()).hypot(f64::from(logo.height()));
            let side = |length: u32| (f64::from(length) * room / diagonal) as u32;
            on(ground(look, logo), SQUARE, logo, side(logo.width()), side(logo.height()))
        }
        None => {
            let side = f64::from(SQUARE);
            let mut drawing = Drawing::on(look.paper(), (side, side), String::new());
            let centre = Point::new(side / 2.0, side / 2.0);
            let across = side * (1.0 - 2.0 * CIRCLE_PAD);
            let spot = Spot { centre, across, seed: look.figure().as_str() };
            stamp::stamp(&mut drawing, spot, look.figure(), look.pad());
            raster::dots(&drawing, 1.0).and_then(|dots| raster::flat(&dots))
        }
    })
}

/// What a logo stands on: its own ground, else the paper, else what it can be seen on.
fn ground(look: &Look, logo: &Logo) -> Colour {
    let grounds = [look.paper(), look.ink(), Colour::INK, Colour::PAPER];
    let seen = || grounds.into_iter().find(|ground| logo.is_seen_on(*ground));
    logo.ground().or_else(seen).unwrap_or(look.paper())
}

/// A square of one colour with a logo in its middle.
fn on(ground: Colour, side: u32, logo: &Logo, width: u32, height: u32) -> Result<Vec<u8>, Undrawable> {
    let mut sheet = Pixmap::new(side, side).ok_or(Undrawable::Sheet)?;
    sheet.fill(Color::from_rgba8(ground.0, ground.1, ground.2, u8::MAX));
    let (width, height) = fitted(logo.dots(), width, height);
    lay(&mut sheet, logo, width, height)?;
    raster::opaque(&sheet, None)
}

/// Lays a logo on the middle of a sheet, dot on dot.
fn lay(sheet: &mut Pixmap, logo: &Logo, width: u32, height: u32) -> Result<(), Undrawable> {
    let dots = scaled(logo.dots(), width, height).ok_or(Undrawable::Sheet)?;
    let middle = |room: u32, length: u32| i32::try_from(room.saturating_sub(length) / 2).unwrap_or(0);
    let (left, top) = (middle(sheet.width(), width), middle(sheet.height(), height));
    sheet.draw_pixmap(left, top, dots.as_ref(), &PixmapPaint::default(), Transform::identity(), None);
    Ok(())
}

/// A plate with round corners.
fn plate(colour: Colour, width: u32, height: u32, radius: u32) -> Result<Pixmap, Undrawable> {
    let mut sheet = Pixmap::new(width, height).ok_or(Undrawable::Sheet)?;
    let (across, down, radius) = (width as f32, height as f32, radius as f32);
    let mut path = PathBuilder::new();
    // A circle's quarter as a curve reaches so far towards its corner.
    let bend = radius * 0.448;
    path.move_to(radius, 0.0);
    path.line_to(across - radius, 0.0);
    path.cubic_to(across - bend, 0.0, across, bend, across, radius);
    path.line_to(across, down - radius);
    path.cubic_to(across, down - bend, across - bend, down, across - radius, down);
    path.line_to(radius, down);
    path.cubic_to(bend, down, 0.0, down - bend, 0.0, down - radius);
    path.line_to(0.0, radius);
    path.cubic_to(0.0, bend, bend, 0.0, radius, 0.0);
    path.close();
    let path = path.finish().ok_or(Undrawable::Sheet)?;
    let mut paint = Paint::default();
    paint.set_color_rgba8(colour.0, colour.1, colour.2, u8::MAX);
    sheet.fill_path(&path, &paint, FillRule::Winding, Transform::identity(), None);
    Ok(sheet)
}
