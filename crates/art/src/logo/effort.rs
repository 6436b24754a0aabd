//! How much work a drawing is, told before it is done.

use resvg::usvg::tiny_skia_path::{PathSegment, Point};
use resvg::usvg::{Group, Node, Path, Rect, Tree};

/// Parts of a line that take as long as filling the sheet once.
const PARTS_A_SHEET: f64 = 20_000.0;
/// Dashes that do.
const DASHES_A_SHEET: f64 = 2_000.0;
/// What a layer of the sheet's size takes: it is cleared, filled and laid on.
const LAYER: f64 = 2.0;
/// How far beyond the sheet a layer reaches at most, as what draws it has it.
const WIDEST: f32 = 5.0;
/// Sheets that layers inside each other may hold in memory.
const MOST_HELD: f64 = 24.0;
/// Past this nobody counts.
const ENOUGH: f64 = 10_000.0;

/// The work of a drawing of which so much is seen, in fillings of that sheet.
pub(super) fn effort(tree: &Tree, (width, height): (f32, f32)) -> f64 {
    let mut work = Work { width, height, done: 0.0, held: 0.0 };
    work.group(tree.root());
    work.done
}

struct Work {
    width: f32,
    height: f32,
    done: f64,
    /// By the layers around what is counted just now.
    held: f64,
}

impl Work {
    fn group(&mut self, group: &Group) {
        self.done += 0.01;
        if self.done > ENOUGH {
            return;
        }
        let held = self.held;
        if group.should_isolate() {
            let size = self.share(group.abs_layer_bounding_box().to_rect());
            self.layer(size);
            self.clips_and_masks(group, size);
        }
        for node in group.children() {
            match node {
                Node::Group(group) => self.group(group),
                Node::Path(path) => self.path(path),
                Node::Image(_) | Node::Text(_) => {}
            }
        }
        self.held = held;
    }

    /// What a layer is cut with, drawn on layers of its size.
    fn clips_and_masks(&mut self, group: &Group, size: f64) {
        let mut clip = group.clip_path();
        while let Some(path) = clip.filter(|_| self.done <= ENOUGH) {
            self.layer(size);
            self.group(path.root());
            clip = path.clip_path();
        }
        let mut mask = group.mask();
        while let Some(part) = mask.filter(|_| self.done <= ENOUGH) {
            self.layer(size);
            self.group(part.root());
            mask = part.mask();
        }
    }

    fn layer(&mut self, size: f64) {
        self.done += LAYER * size;
        self.held += size;
        if self.held > MOST_HELD {
            self.done = f64::INFINITY;
        }
    }

    /// How much is filled, in sheets.
    fn share(&self, drawn: Rect) -> f64 {
        let part = |drawn: f32, sheet: f32| f64::from((drawn / sheet).clamp(0.0, WIDEST));
        part(drawn.width(), self.width) * part(drawn.height(), self.height)
    }

    fn path(&mut self, path: &Path) {
        let (parts, length) = measure(path);
        self.done += parts / PARTS_A_SHEET;
        let share = self.share(path.abs_stroke_bounding_box());
        if path.fill().is_some() {
            self.done += share;
        }
        if let Some(stroke) = path.stroke() {
            self.done += share + parts / PARTS_A_SHEET;
            if let Some(dashes) = stroke.dasharray() {
                let round = dashes.iter().map(|dash| f64::from(*dash)).sum::<f64>().max(1e-9);
                self.done += length / round * dashes.len() as f64 / DASHES_A_SHEET;
            }
        }
    }
}

/// Parts of a path, and how long it is at most.
fn measure(path: &Path) -> (f64, f64) {
    let (mut parts, mut length) = (0.0, 0.0);
    let mut from = Point::zero();
    let mut go = |to: Point| {
        length += f64::from((to - from).length());
        from = to;
    };
    for segment in path.data().segments() {
        parts += 1.0;
        match segment {
            // A jump is no line, but a longest length may count it.
            PathSegment::MoveTo(to) | PathSegment::LineTo(to) => go(to),
            PathSegment::QuadTo(by, to) => [by, to].map(&mut go).into_iter().collect(),
            PathSegment::CubicTo(by, and, to) => [by, and, to].map(&mut go).into_iter().collect(),
            PathSegment::Close => {}
        }
    }
    (parts, length)
}
