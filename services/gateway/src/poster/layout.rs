//! Where everything stands: the shop's card above, as she will have it on her phone; a torn line; below it, the code.

use art::{Colour, Drawing, Figure, Pad, Spot, seal, stamp};
use kurbo::{Affine, Arc, BezPath, Cap, Circle, Line, Point, Rect, RoundedRect, Shape, Stroke};
use qrcode::{Color, EcLevel, QrCode};

use super::grid::Grid;
use super::letters::{Block, Faces, Letters, Room};
use super::plan::Plan;
use super::{Poster, Unprintable, words};

/// A code of a short address is drawn no coarser than one this many modules wide: its white border, four of them
/// (ISO/IEC 18004), would outgrow the room around it.
const COARSEST: usize = 29;

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
    let plan = Plan::of(poster.size);
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
        inner: frame.inset((-plan.pad, -plan.rise)),
    };
    let code = sheet.inner.y1 - plan.address * 0.7 - plan.rise - plan.code;
    // Far enough that the notches leave the code its white.
    let torn = code - plan.rise * 1.24;
    sheet.frame(torn);
    let header_foot = sheet.header();
    sheet.card(header_foot, torn);
    sheet.ticket(code)?;
    Ok(sheet.drawing)
}

impl Sheet<'_> {
    /// The frame a printer puts round a card, with the notches of a ticket where it tears.
    fn frame(&mut self, torn: f64) {
        let (plan, frame, ink) = (self.plan, self.frame, self.ink);
        let line = Stroke::new(plan.line);
        self.drawing.line(&RoundedRect::from_rect(frame, plan.radius), &line, ink);
        let notch = plan.pad * 0.256;
        for (x, from) in [(frame.x0, -0.25), (frame.x1, 0.25)] {
            let at = Point::new(x, torn);
            self.drawing.fill(&Circle::new(at, notch), Colour::PAPER);
            let turn = std::f64::consts::TAU;
            self.drawing.line(&Arc::new(at, (notch, notch), from * turn, 0.5 * turn, 0.0), &line, ink);
        }
        let dash = plan.pad * 0.2;
        let dashes = Stroke::new(plan.line).with_caps(Cap::Butt).with_dashes(0.0, [dash, dash]);
        let (from, to) = (frame.x0 + 2.0 * notch, frame.x1 - 2.0 * notch);
        self.drawing.line(&Line::new((from, torn), (to, torn)), &dashes, ink);
    }

    /// Shop, program and place, on a thick rule; where the rule ends.
    fn header(&mut self) -> f64 {
        let (plan, inner) = (self.plan, self.inner);
        let room = Room { width: inner.width(), height: plan.name * 1.6, lines: 2, size: plan.name };
        let name = self.bold.fit(&self.poster.business, room);
        let mut foot = self.place(&name, inner.origin(), self.ink);
        let note = [Some(&self.poster.program), self.poster.location.as_ref()];
        let note = words::beside(&note.into_iter().flatten().map(String::as_str).collect::<Vec<_>>());
        let room = Room { width: inner.width(), height: plan.note * 1.8, lines: 2, size: plan.note };
        let note = self.plain.fit(&note, room);
        foot =
            self.place(&note, Point::new(inner.x0, foot + plan.rise * 0.45 + name.size * 0.12), Colour::INK);
        foot += plan.rise * 0.7;
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
        // A program that gives nothing promises nothing: it is named by the header alone.
        let (lead, title) = match last {
            Some(reward) => (words::lead(reward.at, poster.locale), reward.title.as_str()),
            None => (String::new(), words::invitation(poster.locale)),
        };
        let most = (to - from) * 0.3;
        let reward = self.bold.fit(title, Room { width, height: most, lines: 3, size: plan.reward });
        let size = plan.lead.min(reward.size * 0.7);
        let lead = self.plain.fit(&lead, Room { width, height: size, lines: 1, size });
        let others = others.iter().map(|reward| words::on_the_way(reward.at, &reward.title, poster.locale));
        let room = Room { width, height: plan.list * 3.5, lines: 5, size: plan.list };
        let list = self.plain.fit(&words::beside(&others.collect::<Vec<_>>()), room);

        // Letters that hang below their line need room as well.
        let hanging = reward.size * 0.2;
        let gap = plan.rise * 0.5;
        let lead_gap = lead.size * 0.5 + reward.size * 0.14;
        let list_gap = if list.height > 0.0 { gap * 1.2 } else { 0.0 };
        let words_height = lead.height + lead_gap + reward.height + hanging + list.height;
        let left = to - from - 2.0 * plan.rise - words_height - gap - list_gap;
        let grid = Grid::within(poster.stamps_required, width, left, plan.stamp);
        // What is still left goes between the parts, in equal shares.
        let share = ((left - grid.height()) / 4.0).max(0.0);

        let mut foot = from + plan.rise + share;
        foot = self.place(&lead, Point::new(inner.x0, foot), Colour::INK) + lead_gap;
        foot = self.place(&reward, Point::new(inner.x0, foot), self.ink) + hanging + gap + share;
        self.stamps(&grid, Point::new(inner.x0, foot));
        foot += grid.height() + list_gap + share;
        self.place(&list, Point::new(inner.x0, foot), Colour::INK);
    }

    /// The full card: a stamp in every place, and a seal where something is won.
    fn stamps(&mut self, grid: &Grid, corner: Point) {
        let poster = self.poster;
        let figure = Figure::named(&poster.shape);
        let pad = Pad { ink: self.ink, paper: Colour::PAPER };
        for place in 1..=poster.stamps_required {
            let centre = corner + grid.centre(place - 1);
            let seed = format!("{}/{place}", poster.join_url);
            let spot = Spot { centre, across: grid.stamp, seed: &seed };
            if poster.rewards.iter().any(|reward| reward.at == place) {
                let turned = seal(&mut self.drawing, spot, pad);
                let count = self.bold.fit_lines(&[&place.to_string()], 50.0, 38.0);
                let middle = Affine::translate((50.0 - count.width / 2.0, 50.0 - count.height / 2.0));
                self.drawing.fill_at(&count.path, turned * middle, Colour::PAPER);
            } else {
                stamp(&mut self.drawing, spot, figure, pad);
            }
        }
    }

    /// The code, and what to do with it.
    fn ticket(&mut self, top: f64) -> Result<(), Unprintable> {
        let (plan, inner, locale) = (self.plan, self.inner, self.poster.locale);
        // A scratched or splashed quarter of it may be missing.
        let code = QrCode::with_error_correction_level(&self.poster.join_url, EcLevel::Q)?;
        let module = plan.code / code.width().max(COARSEST) as f64;
        let side = module * code.width() as f64;
        let corner = Point::new(inner.x0, top);
        let place = Affine::translate(corner.to_vec2()) * Affine::scale(module);
        self.drawing.fill_at(&squares(&code), place, Colour::CODE);

        let left = inner.x0 + side + plan.pad;
        let width = inner.x1 - left;
        let call = self.bold.fit_lines(&words::call(locale), width, plan.call);
        self.place(&call, Point::new(left, corner.y), Colour::INK);
        let promise = self.plain.fit_lines(&words::promise(locale), width, plan.promise);
        self.place(&promise, Point::new(left, corner.y + side - promise.height), Colour::INK);

        let address = words::by_hand(printed(&self.poster.join_url), locale);
        let address = self.plain.fit_lines(&[&address], inner.width(), plan.address);
        self.place(&address, Point::new(inner.x0, inner.y1 - address.height), Colour::INK);
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
                let [x, y, long] = [column, row, run.len()].map(|modules| modules as f64);
                path.extend(Rect::new(x, y, x + long, y + 1.0).path_elements(1.0));
            }
            column += run.len();
        }
    }
    path
}
