//! The stamp, pressed by hand: a ring and a shape, a little turned, with paper showing through where the pad was dry.
//! The pages draw the same mark.

use std::f64::consts::TAU;

use kurbo::{Affine, BezPath, Cap, Circle, Join, Point, Stroke};

use super::colour::Colour;
use super::drawing::{Drawing, outline};

/// Degrees that a hand turns a stamp at most.
const MOST_TURNED: f64 = 13.0;
/// Corners of a ring that rubber draws, not a compass.
const CORNERS: u32 = 18;

/// A stamp with a shape, `across` wide around `centre`. Two of one `seed` are the same; no others are.
pub(super) fn stamp(drawing: &mut Drawing, centre: Point, across: f64, seed: &str, shape: &str, ink: Colour) {
    let mut chance = Chance::of(seed);
    let place = placed(&mut chance, centre, across);
    for (radius, uneven, width) in [(44.0, 0.55, 5.4), (37.5, 0.4, 1.5)] {
        drawing.fill_at(&outline(&ring(&mut chance, radius, uneven), &Stroke::new(width)), place, ink);
    }
    let inside = place * Affine::translate((-6.0, -6.0)) * Affine::scale(1.12);
    let shape = shape_named(shape);
    let pen = |width: f64| Stroke::new(width).with_caps(Cap::Round).with_join(Join::Round);
    if let Some(line) = read(shape.line) {
        drawing.fill_at(&outline(&line, &pen(shape.width)), inside, ink);
    }
    if let Some(solid) = read(shape.solid) {
        drawing.fill_at(&outline(&solid, &pen(2.0)), inside, ink);
        drawing.fill_at(&solid, inside, ink);
    }
    if let Some(cut) = read(shape.cut) {
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
    let mut speck = |angle: f64, reach: f64, radius: f64| {
        specks.extend(Circle::new(around(angle, reach), radius).to_path(0.05));
    };
    for _ in 0..26 {
        speck(chance.part() * TAU, 48.0 * chance.part().sqrt(), chance.between(0.35, 0.7));
    }
    for _ in 0..7 {
        speck(chance.part() * TAU, 48.0 * chance.part().sqrt(), chance.between(0.8, 1.15));
    }
    let (from, length) = (chance.part() * TAU, chance.between(0.08, 0.22) * TAU);
    for _ in 0..44 {
        speck(from + length * chance.part(), chance.between(41.0, 47.0), chance.between(0.3, 0.9));
    }
    specks
}

fn read(data: &str) -> Option<BezPath> {
    (!data.is_empty()).then(|| BezPath::from_svg(data).ok()).flatten()
}

/// Numbers that are always the same for the same text.
struct Chance(u32);

impl Chance {
    fn of(text: &str) -> Self {
        let hash = text.bytes().fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
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

/// What a stamp shows, drawn on 100 × 100: `solid` filled, `line` as wide as `width`, `cut` paper again.
#[derive(Clone, Copy)]
struct Shape {
    solid: &'static str,
    line: &'static str,
    width: f64,
    cut: &'static str,
}

const fn shape(solid: &'static str, line: &'static str, width: f64, cut: &'static str) -> Shape {
    Shape { solid, line, width, cut }
}

/// What we cannot draw becomes a circle.
fn shape_named(name: &str) -> Shape {
    SHAPES.iter().find(|(known, _)| *known == name).map_or(SHAPES[0].1, |(_, shape)| *shape)
}

/// As the pages have them (`web/src/lib/shapes.ts`).
const SHAPES: [(&str, Shape); 8] = [
    ("circle", shape("M50 26a24 24 0 1 0 0 48a24 24 0 1 0 0-48Z", "", 0.0, "M40 50.5l7 7.5l13.5-15.5")),
    (
        "cup",
        shape(
            "M29 43h36v13a15 15 0 0 1-15 15h-6a15 15 0 0 1-15-15Z",
            "M65 47h3.5a6.5 6.5 0 0 1 0 13H64M40 37c-4-4 3-6 0-10.5M53 37c-4-4 3-6 0-10.5",
            4.5,
            "",
        ),
    ),
    (
        "scissors",
        shape(
            "",
            "M43.5 61.5L62 25M56.5 61.5L38 25M46 66a7.5 7.5 0 1 1-15 0a7.5 7.5 0 1 1 15 0Z\
             M69 66a7.5 7.5 0 1 1-15 0a7.5 7.5 0 1 1 15 0Z",
            5.0,
            "",
        ),
    ),
    (
        "bread",
        shape(
            "M24 52c0-11 11-18.5 26-18.5S76 41 76 52c0 9-5 14.5-12 14.5H36c-7 0-12-5.5-12-14.5Z",
            "",
            0.0,
            "M37 44l6 12M48 42l6 12M59 43l6 12",
        ),
    ),
    (
        "leaf",
        shape(
            "M27 72C22 45 38 26 74 27C76 60 59 76 34 67Z",
            "M34 67l-8 9",
            4.5,
            "M35 65L62 39M45 55V45M52 49h9",
        ),
    ),
    (
        "star",
        shape("M50 24l7.7 16.7L76 43l-13.5 12.5L66 74L50 65L34 74l3.5-18.5L24 43l18.3-2.3Z", "", 0.0, ""),
    ),
    (
        "heart",
        shape(
            "M50 74C33 62 25 53 25 42.5C25 34 31 28.5 38 28.5c5 0 9.5 2.8 12 7.5c2.5-4.7 7-7.5 12-7.5\
             c7 0 13 5.5 13 14C75 53 67 62 50 74Z",
            "",
            0.0,
            "",
        ),
    ),
    (
        "paw",
        shape(
            "M50 50c8 0 17 9.5 17 17c0 5-3.5 7.5-8 7.5c-3.5 0-5.5-1.5-9-1.5s-5.5 1.5-9 1.5c-4.5 0-8-2.5-8-7.5\
             c0-7.5 9-17 17-17Z\
             M41.5 28c3.6 0 6 4 6 8.5s-2.4 8-6 8s-6-3.5-6-8s2.4-8.5 6-8.5Z\
             M58.5 28c3.6 0 6 4 6 8.5s-2.4 8-6 8s-6-3.5-6-8s2.4-8.5 6-8.5Z\
             M27.5 43c3.3-.8 6.2 2 7 5.8s-.6 7.3-3.9 8s-6.2-2-7-5.8s.6-7.3 3.9-8Z\
             M72.5 43c-3.3-.8-6.2 2-7 5.8s.6 7.3 3.9 8s6.2-2 7-5.8s-.6-7.3-3.9-8Z",
            "",
            0.0,
            "",
        ),
    ),
];

/// Twelve round teeth.
const ROSETTE: &str = "M38.9 8.5A11.1 11.1 0 0 1 61.1 8.5A11.1 11.1 0 0 1 80.4 19.6A11.1 11.1 0 0 1 91.5 38.9\
    A11.1 11.1 0 0 1 91.5 61.1A11.1 11.1 0 0 1 80.4 80.4A11.1 11.1 0 0 1 61.1 91.5A11.1 11.1 0 0 1 38.9 91.5\
    A11.1 11.1 0 0 1 19.6 80.4A11.1 11.1 0 0 1 8.5 61.1A11.1 11.1 0 0 1 8.5 38.9A11.1 11.1 0 0 1 19.6 19.6\
    A11.1 11.1 0 0 1 38.9 8.5Z";
