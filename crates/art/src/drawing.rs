//! A drawing: shapes filled with ink, one over the other, on a sheet. Millimetres of a poster or points of a pass, from
//! the top left.

use kurbo::{Affine, BezPath, PathEl, Point, Rect, Shape, Stroke, StrokeOpts};

use crate::colour::Colour;

/// How far a curve may be from the true one: an eighth of a printer's dot, a thirtieth of a phone's.
const TOLERANCE: f64 = 0.01;
/// A thousandth is the finest step that is written down.
const STEPS: f64 = 1_000.0;

/// The sheet and what is on it.
#[derive(Clone, Debug)]
pub struct Drawing {
    /// What it is, for those who cannot see it.
    pub title: String,
    /// How wide the sheet is.
    pub width: f64,
    /// How tall the sheet is.
    pub height: f64,
    /// What is on it, the lowest first.
    pub marks: Vec<Mark>,
}

/// One shape, filled by the non-zero rule.
#[derive(Clone, Debug)]
pub struct Mark {
    /// Its outline.
    pub path: BezPath,
    /// What it is filled with.
    pub colour: Colour,
}

impl Drawing {
    /// An empty sheet of white paper.
    pub fn new(size: (f64, f64), title: String) -> Self {
        Self::on(Colour::PAPER, size, title)
    }

    /// An empty sheet of a paper.
    pub fn on(paper: Colour, (width, height): (f64, f64), title: String) -> Self {
        let mut drawing = Self { title, width, height, marks: Vec::new() };
        drawing.fill(&Rect::new(0.0, 0.0, width, height), paper);
        drawing
    }

    /// Fills a shape.
    pub fn fill(&mut self, shape: &impl Shape, colour: Colour) {
        self.fill_at(shape, Affine::IDENTITY, colour);
    }

    /// Fills a shape that was drawn elsewhere.
    pub fn fill_at(&mut self, shape: &impl Shape, place: Affine, colour: Colour) {
        let path: BezPath = shape.to_path(TOLERANCE).iter().map(|part| rounded(place * part)).collect();
        if !path.is_empty() {
            self.marks.push(Mark { path, colour });
        }
    }

    /// Draws along a shape.
    pub fn line(&mut self, shape: &impl Shape, style: &Stroke, colour: Colour) {
        self.fill(&outline(shape, style), colour);
    }
}

/// The shape of a line along a shape.
pub fn outline(shape: &impl Shape, style: &Stroke) -> BezPath {
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
