//! The card at n of m: what a customer sees of it on a pass.

use kurbo::{Affine, Cap, Circle, Point, Rect, Stroke};

use crate::digits::number;
use crate::drawing::Drawing;
use crate::look::Look;
use crate::raster;
use crate::rows::Rows;
use crate::scale::{Scale, written};
use crate::stamp::{self, Chance, Pad, Spot};

/// The most stamps a card can ask for; more would not be read on a phone.
const MOST_STAMPS: i32 = 30;

/// The band of a pass that stamps stand on; its edges are cut a little on some phones.
const STRIP: Sheet = Sheet { size: (375.0, 144.0), room: Rect::new(18.0, 13.0, 357.0, 131.0), largest: 88.0 };
/// The picture of a Google pass, a third of 1032 × 336.
const HERO: Sheet = Sheet { size: (344.0, 112.0), room: Rect::new(16.0, 11.0, 328.0, 101.0), largest: 72.0 };
/// The whole front of a pass. Words stand on its upper third.
const ARTWORK: Sheet =
    Sheet { size: (358.0, 448.0), room: Rect::new(26.0, 164.0, 332.0, 422.0), largest: 150.0 };

/// Dashes of an empty place.
const DASHES: f64 = 22.0;

/// What is drawn on, in points.
struct Sheet {
    size: (f64, f64),
    /// Where the stamps go.
    room: Rect,
    /// The largest that a stamp may be.
    largest: f64,
}

/// A card under way.
struct Card<'a> {
    look: &'a Look,
    earned: u32,
    required: u32,
    rewards_at: &'a [i32],
}

/// The band of an Apple pass at so many stamps: 375 × 144 points. Places that win something are rosettes.
pub fn strip(look: &Look, stamps: i32, required: i32, rewards_at: &[i32], scale: Scale) -> Vec<u8> {
    let card = Card::at(look, stamps, required, rewards_at);
    finished(&card.draw(&STRIP), scale)
}

/// The same as the picture of a Google pass: 1032 × 336 dots.
pub fn hero(look: &Look, stamps: i32, required: i32, rewards_at: &[i32]) -> Vec<u8> {
    let card = Card::at(look, stamps, required, rewards_at);
    finished(&card.draw(&HERO), Scale::Three)
}

/// The same as the whole front of an Apple pass: 358 × 448 points, its upper third left to words.
pub fn artwork(look: &Look, stamps: i32, required: i32, rewards_at: &[i32], scale: Scale) -> Vec<u8> {
    let card = Card::at(look, stamps, required, rewards_at);
    let mut drawing = Drawing::on(look.paper(), ARTWORK.size, String::new());
    ghost(&mut drawing, look);
    card.stamps(&mut drawing, &ARTWORK);
    finished(&drawing, scale)
}

/// One large stamp behind the words, so faint that they are read on it.
fn ghost(drawing: &mut Drawing, look: &Look) {
    let (centre, across) = (Point::new(292.0, 30.0), 256.0);
    let pad = Pad { ink: look.ghost(), ..look.pad() };
    for (radius, width) in [(0.44, 0.054), (0.375, 0.015)] {
        drawing.line(&Circle::new(centre, across * radius), &Stroke::new(across * width), pad.ink);
    }
    let turned = Affine::rotate_about(-0.14, centre) * stamp::upright(centre, across * 1.12);
    stamp::draw(drawing, look.figure(), turned, pad);
}

fn finished(drawing: &Drawing, scale: Scale) -> Vec<u8> {
    written(raster::dots(drawing, scale.factor()).and_then(|dots| raster::flat(&dots)))
}

impl<'a> Card<'a> {
    /// What a card cannot be is brought to the nearest that it can.
    fn at(look: &'a Look, stamps: i32, required: i32, rewards_at: &'a [i32]) -> Self {
        let required = required.clamp(1, MOST_STAMPS);
        let earned = stamps.clamp(0, required);
        Self { look, earned: earned.unsigned_abs(), required: required.unsigned_abs(), rewards_at }
    }

    fn draw(&self, sheet: &Sheet) -> Drawing {
        let mut drawing = Drawing::on(self.look.paper(), sheet.size, String::new());
        self.stamps(&mut drawing, sheet);
        drawing
    }

    fn stamps(&self, drawing: &mut Drawing, sheet: &Sheet) {
        let rows = Rows::within(sheet.room, self.required, sheet.largest);
        for (place, centre) in (1..).zip(rows.centres) {
            // Of the design alone: a card with as many stamps is the same for everybody.
            let seed = format!("{place}/{}", self.look.figure().as_str());
            let spot = Spot { centre, across: rows.across, seed: &seed };
            let wins = self.rewards_at.iter().any(|at| u32::try_from(*at) == Ok(place));
            match (place <= self.earned, wins) {
                (true, true) => self.won(drawing, spot),
                (true, false) => self.earned(drawing, spot),
                (false, true) => self.promised(drawing, spot, place),
                (false, false) => self.empty(drawing, spot, place),
            }
        }
    }

    /// A stamp; no two take the same ink.
    fn earned(&self, drawing: &mut Drawing, spot: Spot<'_>) {
        stamp::stamp(drawing, spot, self.look.figure(), self.pressed(spot.seed));
    }

    /// A reward's seal: solid, what stamps show left in paper.
    fn won(&self, drawing: &mut Drawing, spot: Spot<'_>) {
        let pad = self.pressed(spot.seed);
        let place = stamp::seal(drawing, Spot { across: spot.across * 0.96, ..spot }, pad);
        stamp::draw(drawing, self.look.figure(), place, Pad { ink: pad.paper, paper: pad.ink });
    }

    /// A rosette with the count that wins it.
    fn promised(&self, drawing: &mut Drawing, spot: Spot<'_>, place: u32) {
        let wash = self.look.ink().over(self.look.paper(), 0.1);
        let at = stamp::upright(spot.centre, spot.across * 0.97);
        let rosette = stamp::rosette();
        drawing.fill_at(&rosette, at, wash);
        drawing.line(&(at * rosette), &Stroke::new(line(spot.across)), self.look.ink());
        let count = number(place, spot.across * 0.34, 19.0);
        drawing.fill_at(&count, Affine::translate(spot.centre.to_vec2()), self.look.ink());
    }

    /// A place that waits for its stamp.
    fn empty(&self, drawing: &mut Drawing, spot: Spot<'_>, place: u32) {
        let dash = spot.across * 0.45 * std::f64::consts::TAU / (2.0 * DASHES);
        let line = Stroke::new(line(spot.across)).with_caps(Cap::Butt).with_dashes(dash / 2.0, [dash, dash]);
        let ring = Circle::new(spot.centre, spot.across * 0.45);
        drawing.line(&ring, &line, self.look.ink().over(self.look.paper(), 0.42));
        let count = number(place, spot.across * 0.26, 12.0);
        drawing.fill_at(&count, Affine::translate(spot.centre.to_vec2()), self.look.soft());
    }

    /// The pad as one hand pressed it.
    fn pressed(&self, seed: &str) -> Pad {
        let strength = Chance::of(&format!("{seed}/ink")).between(0.88, 1.0);
        Pad { ink: self.look.ink().over(self.look.paper(), strength), ..self.look.pad() }
    }
}

/// How wide the lines of a place are: seen on the smallest, quiet on the largest.
fn line(across: f64) -> f64 {
    (across * 0.026).clamp(0.9, 2.4)
}
