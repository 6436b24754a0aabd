//! The stamp, pressed by hand: a ring and a shape, a little turned, with paper showing through where the pad was dry.
//! The pages draw the same mark.

use std::f64::consts::TAU;
use std::sync::LazyLock;

use kurbo::{Affine, BezPath, Cap, Join, Point, Stroke, Vec2};

use crate::colour::Colour;
use crate::drawing::{Drawing, outline};
use crate::figures::{Figure, ROSETTE};

/// Degrees that a hand turns a stamp at most.
const MOST_TURNED: f64 = 13.0;
/// Corners of a ring that rubber draws, not a compass.
const CORNERS: u32 = 18;

/// Of the 100 that a stamp is drawn on, what its ring takes.
const RING: f64 = 93.4;

/// Where something is stamped.
#[derive(Clone, Copy, Debug)]
pub struct Spot<'a> {
    /// Its middle.
    pub centre: Point,
    /// How wide it is.
    pub across: f64,
    /// Two stamps of one seed are the same; no others are.
    pub seed: &'a str,
}

/// What a stamp is pressed with, and on.
#[derive(Clone, Copy, Debug)]
pub struct Pad {
    /// The colour of the stamp.
    pub ink: Colour,
    /// What shows through.
    pub paper: Colour,
}

/// A stamp with a figure.
pub fn stamp(drawing: &mut Drawing, spot: Spot<'_>, figure: Figure, pad: Pad) {
    let mut chance = Chance::of(spot.seed);
    let place = placed(&mut chance, spot.centre, spot.across * 100.0 / RING);
    for (radius, uneven, width) in [(44.0, 0.55, 5.4), (37.5, 0.4, 1.5)] {
        let ring = ring(&mut chance, radius, uneven);
        drawing.fill_at(&outline(&ring, &Stroke::new(width)), place, pad.ink);
    }
    draw(drawing, figure, place * GROWN, pad);
    drawing.fill_at(&specks(&mut chance), place, pad.paper);
}

/// The seal of a place that wins something: solid, with room for its count. From 100 × 100 to where it was pressed.
pub fn seal(drawing: &mut Drawing, spot: Spot<'_>, pad: Pad) -> Affine {
    let mut chance = Chance::of(spot.seed);
    let place = placed(&mut chance, spot.centre, spot.across);
    let rosette = rosette();
    drawing.fill_at(&outline(&rosette, &Stroke::new(4.0)), place, pad.ink);
    drawing.fill_at(&rosette, place, pad.ink);
    let ring = ring(&mut chance, 35.0, 0.4);
    drawing.fill_at(&outline(&ring, &Stroke::new(1.8)), place, pad.paper);
    drawing.fill_at(&specks(&mut chance), place, pad.paper);
    place
}

/// Figures fill their ring.
const GROWN: Affine = Affine::new([1.12, 0.0, 0.0, 1.12, -6.0, -6.0]);

/// A figure alone, from 100 × 100 to its place.
pub(crate) fn draw(drawing: &mut Drawing, figure: Figure, place: Affine, pad: Pad) {
    let Inked { inked, cut } = Inked::of(figure);
    for shape in inked {
        drawing.fill_at(shape, place, pad.ink);
    }
    drawing.fill_at(cut, place, pad.paper);
}

/// A figure as shapes to fill. They are filled one by one: together, one could wind against another and cut a hole.
struct Inked {
    inked: [BezPath; 3],
    cut: BezPath,
}

impl Inked {
    /// Read and outlined once: a card has thirty of them.
    fn of(figure: Figure) -> &'static Self {
        static ALL: LazyLock<[Inked; 8]> = LazyLock::new(|| Figure::ALL.map(Inked::outlined));
        &ALL[figure as usize]
    }

    fn outlined(figure: Figure) -> Self {
        let parts = figure.parts();
        let pen = |width: f64| Stroke::new(width).with_caps(Cap::Round).with_join(Join::Round);
        let solid = read(parts.solid);
        let inked = [outline(&read(parts.line), &pen(parts.width)), outline(&solid, &pen(2.0)), solid];
        Self { inked, cut: outline(&read(parts.cut), &pen(4.0)) }
    }
}

/// The rosette on 100 × 100.
pub(crate) fn rosette() -> BezPath {
    read(ROSETTE)
}

/// From the 100 × 100 that stamps are drawn on to their place, turned.
fn placed(chance: &mut Chance, centre: Point, across: f64) -> Affine {
    let turn = chance.between(-MOST_TURNED, MOST_TURNED).to_radians();
    upright(centre, across)
        * Affine::translate((50.0, 50.0))
        * Affine::rotate(turn)
        * Affine::translate((-50.0, -50.0))
}

/// From the 100 × 100 that stamps are drawn on to their place.
pub(crate) fn upright(centre: Point, across: f64) -> Affine {
    Affine::translate(centre.to_vec2()) * Affine::scale(across / 100.0) * Affine::translate((-50.0, -50.0))
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

/// Our own shapes can be read; a test keeps it so.
fn read(data: &str) -> BezPath {
    BezPath::from_svg(data).unwrap_or_default()
}

/// Numbers that are always the same for the same text.
pub(crate) struct Chance(u32);

impl Chance {
    pub(crate) fn of(text: &str) -> Self {
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

    pub(crate) fn between(&mut self, low: f64, high: f64) -> f64 {
        low + self.part() * (high - low)
    }
}
