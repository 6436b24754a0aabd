//! A drawing: shapes filled with ink, one over the other, on a white sheet. Millimetres, from the top left.

use kurbo::{Affine, BezPath, PathEl, Point, Rect, Shape, Stroke, StrokeOpts};

use super::colour::Colour;

/// How far a curve may be from the true one: an eighth of a printer's dot.
const TOLERANCE: f64 = 0.01;
/// A thousandth of a millimetre is the finest step that is written down.
const STEPS: f64 = 1_000.0;

/// The sheet and what is on it.
pub(crate) struct Drawing {
    /// What it is, for those who cannot see it.
    pub(super) title: String,
    pub(super) width: f64,
    pub(super) height: f64,
    pub(super) marks: Vec<Mark>,
}

/// One shape, filled by the non-zero rule.
pub(super) struct Mark {
    pub(super) path: BezPath,
    pub(super) colour: Colour,
}

impl Drawing {
    /// An empty sheet.
    pub(super) fn new((width, height): (f64, f64), title: String) -> Self {
        let mut drawing = Self { title, width, height, marks: Vec::new() };
        drawing.fill(&Rect::new(0.0, 0.0, width, height), Colour::PAPER);
        drawing
    }

    /// Fills a shape.
    pub(super) fn fill(&mut self, shape: &impl Shape, colour: Colour) {
        self.fill_at(shape, Affine::IDENTITY, colour);
    }

    /// Fills a shape that was drawn elsewhere.
    pub(super) fn fill_at(&mut self, shape: &impl Shape, place: Affine, colour: Colour) {
        let path = shape.to_path(TOLERANCE).iter().map(|part| rounded(place * part)).collect();
        self.marks.push(Mark { path, colour });
    }

    /// Draws along a shape.
    pub(super) fn line(&mut self, shape: &impl Shape, style: &Stroke, colour: Colour) {
        self.fill(&outline(shape, style), colour);
    }
}

/// The shape of a line along a shape.
pub(super) fn outline(shape: &impl Shape, style: &Stroke) -> BezPath {
    kurbo::stroke(shape.path_elements(TOLERANCE), style, &StrokeOpts::default(), TOLERANCE)
}

fn rounded(part: PathEl) -> PathEl {
    let near =
        |point: Point| Point::new((point.x * STEPS).round() / STEPS, (point.y * STEPS).round() / STEPS);
    match part {
        PathEl::MoveTo(to) => PathEl::MoveTo(near(to)),
        PathEl::LineTo(to) => PathEl::LineTo(near(to)),
        PathEl::QuadTo(by, to) => PathEl::QuadTo(near(by), near(to)),
        PathEl::CurveTo(by, and, to) => PathEl::CurveTo(near(by), near(and), near(to)),
        PathEl::ClosePath => PathEl::ClosePath,
    }
}
