//! The stamp, pressed by hand: a ring and a shape, a little turned, with paper showing through where the pad was dry.
//! The pages draw the same mark.

use std::f64::consts::TAU;

use kurbo::{Affine, BezPath, Cap, Join, Point, Stroke, Vec2};

use super::colour::Colour;
use super::drawing::{Drawing, outline};
use super::figures::{ROSETTE, named};

/// Degrees that a hand turns a stamp at most.
const MOST_TURNED: f64 = 13.0;
/// Corners of a ring that rubber draws, not a compass.
const CORNERS: u32 = 18;

/// Of the 100 that a stamp is drawn on, what its ring takes.
const RING: f64 = 93.4;

/// A stamp with a shape, `across` wide around `centre`. Two of one `seed` are the same; no others are.
pub(super) fn stamp(drawing: &mut Drawing, centre: Point, across: f64, seed: &str, shape: &str, ink: Colour) {
    let mut chance = Chance::of(seed);
    let place = placed(&mut chance, centre, across * 100.0 / RING);
    for (radius, uneven, width) in [(44.0, 0.55, 5.4), (37.5, 0.4, 1.5)] {
        drawing.fill_at(&outline(&ring(&mut chance, radius, uneven), &Stroke::new(width)), place, ink);
    }
    let inside = place * Affine::translate((-6.0, -6.0)) * Affine::scale(1.12);
    let figure = named(shape);
    let pen = |width: f64| Stroke::new(width).with_caps(Cap::Round).with_join(Join::Round);
    if let Some(line) = read(figure.line) {
        drawing.fill_at(&outline(&line, &pen(figure.width)), inside, ink);
    }
    if let Some(solid) = read(figure.solid) {
        drawing.fill_at(&outline(&solid, &pen(2.0)), inside, ink);
        drawing.fill_at(&solid, inside, ink);
    }
    if let Some(cut) = read(figure.cut) {
        drawing.fill_at(&outline(&cut, &pen(4.0)), inside, Colour::PAPER);
    }
    drawing.fill_at(&specks(&mut chance), place, Colour::PAPER);
}

/// The seal of a place that wins something: solid, with its count left white.
pub(super) fn seal(drawing: &mut Drawing, centre: Point, across: f64, seed: &str, ink: Colour) -> Affine {
    let mut chance = Chance::of(seed);
    let place = placed(&mut chance, centre, across);
    if let Some(rosette) = read(ROSETTE) {
        drawing.fill_at(&outline(&rosette, &Stroke::new(4.0)), place, ink);
        drawing.fill_at(&rosette, place, ink);
    }
    drawing.fill_at(&outline(&ring(&mut chance, 35.0, 0.4), &Stroke::new(1.8)), place, Colour::PAPER);
    drawing.fill_at(&specks(&mut chance), place, Colour::PAPER);
    place
}

/// From the 100 × 100 that stamps are drawn on to their place, turned.
fn placed(chance: &mut Chance, centre: Point, across: f64) -> Affine {
    let turn = chance.between(-MOST_TURNED, MOST_TURNED).to_radians();
    Affine::translate(centre.to_vec2())
        * Affine::rotate(turn)
        * Affine::scale(across / 100.0)
        * Affine::translate((-50.0, -50.0))
}

fn around(angle: f64, radius: f64) -> Point {
    Point::new(50.0 + radius * angle.cos(), 50.0 + radius * angle.sin())
}

fn ring(chance: &mut Chance, radius: f64, uneven: f64) -> BezPath {
    let corners: Vec<Point> = (0..CORNERS)
        .map(|at| around(f64::from(at) / f64::from(CORNERS) * TAU, radius + chance.between(-uneven, uneven)))
        .collect();
    let mut ring = BezPath::new();
    let mut before = corners[corners.len() - 1];
    for (at, corner) in corners.iter().enumerate() {
        if at == 0 {
            ring.move_to(before.midpoint(*corner));
        }
        let next = corners[(at + 1) % corners.len()];
        ring.quad_to(*corner, corner.midpoint(next));
        before = *corner;
    }
    ring.close_path();
    ring
}

/// Paper showing through: here and there, and along the part of the rim where the pad was dry.
fn specks(chance: &mut Chance) -> BezPath {
    let mut specks = BezPath::new();
    for at in 0..33 {
        let (from, to) = if at < 26 { (0.35, 0.75) } else { (0.8, 1.2) };
        let place = around(chance.part() * TAU, 48.0 * chance.part().sqrt());
        speck(&mut specks, place, chance.between(from, to));
    }
    let (from, length) = (chance.part() * TAU, chance.between(0.08, 0.22) * TAU);
    for _ in 0..44 {
        let place = around(from + length * chance.part(), chance.between(41.0, 47.0));
        speck(&mut specks, place, chance.between(0.3, 0.9));
    }
    specks
}

/// A grain of paper; nobody sees its corners.
fn speck(specks: &mut BezPath, centre: Point, radius: f64) {
    let corner = |at: u32| centre + radius * Vec2::from_angle(f64::from(at) / 6.0 * TAU);
    specks.move_to(corner(0));
    (1..6).for_each(|at| specks.line_to(corner(at)));
    specks.close_path();
}

fn read(data: &str) -> Option<BezPath> {
    (!data.is_empty()).then(|| BezPath::from_svg(data).ok()).flatten()
}

/// Numbers that are always the same for the same text.
struct Chance(u32);

impl Chance {
    fn of(text: &str) -> Self {
        let hash = text
            .bytes()
            .fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
        Self(hash.max(1))
    }

    /// From 0 to 1.
    fn part(&mut self) -> f64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 17;
        self.0 ^= self.0 << 5;
        f64::from(self.0.wrapping_mul(0x9e37_79b1)) / f64::from(u32::MAX)
    }

    fn between(&mut self, low: f64, high: f64) -> f64 {
        low + self.part() * (high - low)
    }
}
