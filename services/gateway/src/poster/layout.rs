//! Where everything stands: the shop's card above, as she will have it on her phone; a torn line; below it, the code.

use kurbo::{Affine, Arc, BezPath, Cap, Circle, Line, Point, Rect, RoundedRect, Stroke};
use qrcode::{Color, EcLevel, QrCode};

use super::colour::Colour;
use super::drawing::Drawing;
use super::letters::{Block, Faces, Letters, Room};
use super::stamp::{seal, stamp};
use super::{Poster, Size, Unprintable, words};

/// White modules around a code, as its standard asks (ISO/IEC 18004).
const QUIET_MODULES: f64 = 4.0;
/// Corners: cut, not moulded.
const RADIUS: f64 = 2.4;

/// Measures of a sheet in millimetres; those of letters are the largest they may be.
struct Plan {
    /// From the edge of the sheet to the frame: no printer reaches further.
    inset: f64,
    /// From the frame to what stands in it.
    pad: f64,
    line: f64,
    bar: f64,
    name: f64,
    note: f64,
    lead: f64,
    reward: f64,
    list: f64,
    call: f64,
    promise: f64,
    address: f64,
    code: f64,
    /// The largest stamp.
    stamp: f64,
}

const A4: Plan = Plan {
    inset: 10.0,
    pad: 14.0,
    line: 0.9,
    bar: 2.6,
    name: 18.0,
    note: 6.2,
    lead: 11.0,
    reward: 30.0,
    list: 6.2,
    call: 11.5,
    promise: 7.0,
    address: 4.8,
    code: 84.0,
    stamp: 34.0,
};

const A6: Plan = Plan {
    inset: 5.0,
    pad: 7.0,
    line: 0.5,
    bar: 1.4,
    name: 9.4,
    note: 3.5,
    lead: 5.7,
    reward: 15.0,
    list: 3.4,
    call: 5.8,
    promise: 3.8,
    address: 2.7,
    code: 43.0,
    stamp: 17.5,
};

/// A poster under way.
struct Sheet<'a> {
    poster: &'a Poster,
    plan: &'a Plan,
    bold: Letters<'a>,
    plain: Letters<'a>,
    ink: Colour,
    drawing: Drawing,
    frame: Rect,
    /// The frame less its padding.
    inner: Rect,
}

/// Draws the poster.
pub(super) fn draw(poster: &Poster, faces: &Faces) -> Result<Drawing, Unprintable> {
    let plan = match poster.size {
        Size::A4 => &A4,
        Size::A6 => &A6,
    };
    let sheet = poster.size.millimetres();
    let frame = Rect::new(0.0, 0.0, sheet.0, sheet.1).inset(-plan.inset);
    let mut sheet = Sheet {
        poster,
        plan,
        bold: faces.bold()?,
        plain: faces.plain()?,
        ink: Colour::ink(&poster.ink),
        drawing: Drawing::new(sheet, poster.business.clone()),
        frame,
        inner: frame.inset(-plan.pad),
    };
    let torn = sheet.inner.y1 - plan.code - plan.pad;
    sheet.frame(torn);
    let header_foot = sheet.header();
    sheet.card(header_foot, torn);
    sheet.ticket()?;
    Ok(sheet.drawing)
}

impl Sheet<'_> {
    /// The frame a printer puts round a card, with the notches of a ticket where it tears.
    fn frame(&mut self, torn: f64) {
        let (plan, frame, ink) = (self.plan, self.frame, self.ink);
        let line = Stroke::new(plan.line);
        let radius = RADIUS * plan.line / A4.line;
        self.drawing.line(&RoundedRect::from_rect(frame, radius), &line, ink);
        let notch = plan.pad * 0.32;
        for (x, from) in [(frame.x0, -0.25), (frame.x1, 0.25)] {
            let at = Point::new(x, torn);
            self.drawing.fill(&Circle::new(at, notch), Colour::PAPER);
            let turn = std::f64::consts::TAU;
            self.drawing.line(&Arc::new(at, (notch, notch), from * turn, 0.5 * turn, 0.0), &line, ink);
        }
        let dash = plan.pad * 0.2;
        let dashes = Stroke::new(plan.line).with_caps(Cap::Butt).with_dashes(0.0, [dash, dash]);
        let (from, to) = (frame.x0 + 1.8 * notch, frame.x1 - 1.8 * notch);
        self.drawing.line(&Line::new((from, torn), (to, torn)), &dashes, ink);
    }

    /// Shop, program and place, on a thick rule; where the rule ends.
    fn header(&mut self) -> f64 {
        let (plan, inner) = (self.plan, self.inner);
        let room = Room { width: inner.width(), height: plan.name * 1.9, lines: 2, size: plan.name };
        let name = self.bold.fit(&self.poster.business, room);
        let mut foot = self.place(&name, inner.origin(), self.ink);
        let program = self.poster.program.as_str();
        let note = self.poster.location.as_ref().map_or_else(|| program.to_owned(), |at| format!("{program} · {at}"));
        let room = Room { width: inner.width(), height: plan.note, lines: 1, size: plan.note };
        let note = self.plain.fit(&note, room);
        foot = self.place(&note, Point::new(inner.x0, foot + plan.pad * 0.42 + name.size * 0.12), Colour::INK);
        foot += plan.pad * 0.62;
        let bar = Rect::new(self.frame.x0, foot, self.frame.x1, foot + plan.bar);
        self.drawing.fill(&bar, self.ink);
        bar.y1
    }

    /// What she gets and what it takes, between two heights.
    fn card(&mut self, from: f64, to: f64) {
        let (plan, poster, inner) = (self.plan, self.poster, self.inner);
        let width = inner.width();
        let (last, others) = match poster.rewards.split_last() {
            Some((last, others)) => (Some(last), others),
            None => (None, &[][..]),
        };
        let stamps = last.map_or(poster.stamps_required, |reward| reward.at);
        let title = last.map_or(poster.program.as_str(), |reward| reward.title.as_str());
        let one_line = |size: f64| Room { width, height: size, lines: 1, size };
        let lead = self.plain.fit(&words::lead(stamps, poster.locale), one_line(plan.lead));
        let most = (to - from) * 0.3;
        let reward = self.bold.fit(title, Room { width, height: most, lines: 3, size: plan.reward });
        let list: Vec<String> =
            others.iter().map(|reward| words::on_the_way(reward.at, &reward.title, poster.locale)).collect();
        let room = Room { width, height: plan.list * 2.0, lines: 2, size: plan.list };
        let list = self.plain.fit(&list.join("  ·  "), room);

        let gap = plan.pad * 0.5;
        let below_letters = |block: &Block| if block.height > 0.0 { block.size * 0.2 } else { 0.0 };
        let words_height = lead.height + reward.height + list.height + below_letters(&reward);
        let list_gap = if list.height > 0.0 { gap } else { 0.0 };
        let left = to - from - words_height - 2.0 * plan.pad - gap * 1.9 - list_gap;
        let grid = Grid::within(poster.stamps_required, width, left, plan.stamp);
        // What is still left goes between the parts, in equal shares.
        let share = ((left - grid.height()) / 4.0).max(0.0);

        let mut foot = from + plan.pad + share;
        foot = self.place(&lead, Point::new(inner.x0, foot), Colour::INK) + gap * 0.9;
        foot = self.place(&reward, Point::new(inner.x0, foot), self.ink) + below_letters(&reward) + gap + share;
        self.stamps(&grid, Point::new(inner.x0, foot));
        foot += grid.height() + list_gap + share;
        self.place(&list, Point::new(inner.x0, foot), Colour::INK);
    }

    fn stamps(&mut self, grid: &Grid, corner: Point) {
        let rewards: Vec<u32> = self.poster.rewards.iter().map(|reward| reward.at).collect();
        for place in 1..=self.poster.stamps_required {
            let centre = corner + grid.centre(place - 1).to_vec2();
            let seed = format!("{}/{place}", self.poster.join_url);
            if rewards.contains(&place) {
                let turned = seal(&mut self.drawing, centre, grid.cell, &seed, self.ink);
                let count = self.bold.fit_lines(&[&place.to_string()], 52.0, 40.0);
                let middle = Affine::translate((50.0 - count.width / 2.0, 50.0 - count.height / 2.0));
                self.drawing.fill_at(&count.path, turned * middle, Colour::PAPER);
            } else {
                let across = grid.cell * 0.94;
                stamp(&mut self.drawing, centre, across, &seed, &self.poster.shape, self.ink);
            }
        }
    }

    /// The code, and what to do with it.
    fn ticket(&mut self) -> Result<(), Unprintable> {
        let (plan, inner, locale) = (self.plan, self.inner, self.poster.locale);
        // A scratched or splashed quarter of it may be missing.
        let code = QrCode::with_error_correction_level(&self.poster.join_url, EcLevel::Q)?;
        let modules = f64::from(u32::try_from(code.width()).unwrap_or(u32::MAX));
        let module = (plan.code / modules).min(plan.pad / QUIET_MODULES);
        let side = module * modules;
        let corner = Point::new(inner.x0, inner.y1 - (plan.code + side) / 2.0);
        let place = Affine::translate(corner.to_vec2()) * Affine::scale(module);
        self.drawing.fill_at(&squares(&code), place, Colour::CODE);

        let left = inner.x0 + side + (QUIET_MODULES * module).max(plan.pad * 0.75);
        let width = inner.x1 - left;
        let room = Room { width, height: plan.code * 0.6, lines: 5, size: plan.call };
        let call = self.bold.fit(words::call(locale), room);
        let foot = self.place(&call, Point::new(left, corner.y), self.ink);
        let room = Room { width, height: plan.promise * 2.5, lines: 2, size: plan.promise };
        let promise = self.plain.fit(words::promise(locale), room);
        self.place(&promise, Point::new(left, foot + plan.pad * 0.75), Colour::INK);

        let address = printed(&self.poster.join_url);
        let (site, word) = address.split_at(address.rfind('/').map_or(0, |slash| slash + 1));
        let address = self.plain.fit_lines(&[words::by_hand(locale), site, word], width, plan.address);
        self.place(&address, Point::new(left, corner.y + side - address.height), Colour::INK);
        Ok(())
    }

    /// Puts a block with its top left at a point; where its last line stands.
    fn place(&mut self, block: &Block, at: Point, colour: Colour) -> f64 {
        self.drawing.fill_at(&block.path, Affine::translate(at.to_vec2()), colour);
        at.y + block.height
    }
}

/// The address as a person types it: without scheme, and without what only says where the poster hangs.
fn printed(join_url: &str) -> &str {
    let address = join_url.split_once("://").map_or(join_url, |(_, rest)| rest);
    address.split_once('?').map_or(address, |(address, _)| address)
}

/// The dark modules, each run of a row as one rectangle; a module is 1.
fn squares(code: &QrCode) -> BezPath {
    let width = code.width();
    let mut path = BezPath::new();
    for (row, colours) in code.to_colors().chunks(width).enumerate() {
        let mut column = 0;
        for run in colours.chunk_by(|one, next| one == next) {
            if run[0] == Color::Dark {
                let [x, y, long] = [column, row, run.len()].map(|modules| f64::from(u32::try_from(modules).unwrap_or(0)));
                path.extend(kurbo::Shape::path_elements(&Rect::new(x, y, x + long, y + 1.0), 0.1));
            }
            column += run.len();
        }
    }
    path
}

/// Rows of stamps.
struct Grid {
    columns: u32,
    rows: u32,
    cell: f64,
    /// From one column to the next.
    step: f64,
}

impl Grid {
    /// The largest stamps that go into the room; even rows are worth a little.
    fn within(count: u32, width: f64, height: f64, largest: f64) -> Self {
        let grid = |columns: u32| {
            let rows = count.div_ceil(columns);
            let cell = (width / f64::from(columns)).min(height / f64::from(rows)).min(largest);
            let step = cell.max((width - cell) / f64::from((columns - 1).max(1))).min(cell * 1.12);
            Self { columns, rows, cell, step }
        };
        let worth = |grid: &Self| grid.cell * if count.is_multiple_of(grid.columns) { 1.0 } else { 0.85 };
        let mut best = grid(1);
        for columns in 2..=count.max(1) {
            let tried = grid(columns);
            if worth(&tried) > worth(&best) {
                best = tried;
            }
        }
        best
    }

    fn height(&self) -> f64 {
        f64::from(self.rows) * self.cell
    }

    fn centre(&self, place: u32) -> Point {
        let (row, column) = (place / self.columns, place % self.columns);
        Point::new(
            self.cell / 2.0 + f64::from(column) * self.step,
            (f64::from(row) + 0.5) * self.cell,
        )
    }
}
