//! Letters as shapes: measured, broken into lines, and made as large as their place allows.

use std::path::Path;

use anyhow::Context;
use kurbo::{Affine, BezPath, Point};
use rustybuzz::ttf_parser::OutlineBuilder;
use rustybuzz::{Face, UnicodeBuffer};

use super::Unprintable;
use super::words::TIE;

/// The two weights, as the build of the pages copies them.
const BOLD: &str = "Besley_800ExtraBold.ttf";
const PLAIN: &str = "Besley_500Medium.ttf";
/// From one line's foot to the next one's, in heights of the letter.
const LEADING: f64 = 1.1;
/// How tall a capital is.
const CAPITAL: f64 = 0.7;
/// Each try at a smaller size.
const SMALLER: f64 = 0.96;
/// Tries: the last is one thirtieth of the first, where any name fits.
const TRIES: i32 = 84;
/// How small letters may become to save a line.
const WORTH_A_LINE: f64 = 0.8;
/// Halvings on the way to lines of one length: to a hundredth of the width.
const BALANCINGS: u32 = 7;

/// The fonts of the poster, read once.
pub(crate) struct Faces {
    bold: Vec<u8>,
    plain: Vec<u8>,
}

/// One weight.
pub(super) struct Letters<'a>(Face<'a>);

/// Lines as one shape: the top of the first capitals at 0, its left edge at 0.
pub(super) struct Block {
    pub(super) path: BezPath,
    pub(super) width: f64,
    /// From the top of the first capitals to the foot of the last line.
    pub(super) height: f64,
    /// How tall the letters are.
    pub(super) size: f64,
}

/// The place a text may take.
#[derive(Clone, Copy)]
pub(super) struct Room {
    pub(super) width: f64,
    pub(super) height: f64,
    pub(super) lines: usize,
    /// The largest letters.
    pub(super) size: f64,
}

struct Word<'a> {
    letters: &'a str,
    /// In heights of the letter.
    width: f64,
}

/// A text as it will be set.
struct Setting {
    lines: Vec<String>,
    size: f64,
}

impl Faces {
    /// Reads them from the `fonts` of a build of the pages.
    pub(crate) fn load(directory: &Path) -> anyhow::Result<Self> {
        let read = |name: &str| {
            let path = directory.join(name);
            let bytes = std::fs::read(&path).with_context(|| format!("reading {}", path.display()))?;
            anyhow::ensure!(Face::from_slice(&bytes, 0).is_some(), "{} is no font", path.display());
            Ok(bytes)
        };
        Ok(Self { bold: read(BOLD)?, plain: read(PLAIN)? })
    }

    pub(super) fn bold(&self) -> Result<Letters<'_>, Unprintable> {
        Face::from_slice(&self.bold, 0).map(Letters).ok_or(Unprintable::Face)
    }

    pub(super) fn plain(&self) -> Result<Letters<'_>, Unprintable> {
        Face::from_slice(&self.plain, 0).map(Letters).ok_or(Unprintable::Face)
    }
}

impl Letters<'_> {
    /// The text as large as its room allows; a line less is worth letters a little smaller.
    pub(super) fn fit(&self, text: &str, room: Room) -> Block {
        let text = self.known(text);
        let parts = text
            .split(|letter: char| letter.is_whitespace() && letter != TIE)
            .filter(|part| !part.is_empty());
        let words: Vec<Word<'_>> =
            parts.map(|letters| Word { letters, width: self.width(letters) }).collect();
        let gap = self.width(" ");
        let mut chosen = largest(&words, gap, room);
        for lines in (1..room.lines).rev() {
            let tried = largest(&words, gap, Room { lines, ..room });
            if tried.size >= chosen.size * WORTH_A_LINE {
                chosen = tried;
            }
        }
        self.set(&chosen.lines, chosen.size)
    }

    /// These very lines, as large as the width allows.
    pub(super) fn fit_lines(&self, lines: &[&str], width: f64, size: f64) -> Block {
        let lines: Vec<String> = lines.iter().map(|line| self.known(line)).collect();
        let longest = lines.iter().map(|line| self.width(line)).fold(0.0, f64::max);
        self.set(&lines, if longest * size > width { width / longest } else { size })
    }

    /// What there are letters for: a picture in a name would be printed as an empty box.
    fn known(&self, text: &str) -> String {
        text.chars()
            .filter(|letter| letter.is_whitespace() || self.0.glyph_index(*letter).is_some())
            .collect()
    }

    /// The lines as shapes.
    fn set(&self, lines: &[String], size: f64) -> Block {
        let mut path = BezPath::new();
        let mut foot = CAPITAL * size;
        for line in lines {
            path.extend(Affine::translate((0.0, foot)) * Affine::scale(size) * self.outline(line));
            foot += LEADING * size;
        }
        let width = lines.iter().map(|line| self.width(line) * size).fold(0.0, f64::max);
        Block { path, width, height: tall(lines.len(), size), size }
    }

    /// How wide a line of letters of size 1 is.
    fn width(&self, line: &str) -> f64 {
        let shaped = rustybuzz::shape(&self.0, &[], letters_of(line));
        let units: i32 = shaped.glyph_positions().iter().map(|glyph| glyph.x_advance).sum();
        f64::from(units) / f64::from(self.0.units_per_em())
    }

    /// A line of letters of size 1, standing on 0.
    fn outline(&self, line: &str) -> BezPath {
        let shaped = rustybuzz::shape(&self.0, &[], letters_of(line));
        let unit = 1.0 / f64::from(self.0.units_per_em());
        let mut path = BezPath::new();
        let mut at = 0;
        for (glyph, place) in shaped.glyph_infos().iter().zip(shaped.glyph_positions()) {
            let mut letter = Pen::default();
            let index = u16::try_from(glyph.glyph_id).unwrap_or_default();
            self.0.outline_glyph(rustybuzz::ttf_parser::GlyphId(index), &mut letter);
            let moved = Affine::translate((f64::from(at + place.x_offset), f64::from(place.y_offset)));
            path.extend(Affine::scale_non_uniform(unit, -unit) * moved * letter.0);
            at += place.x_advance;
        }
        path
    }
}

/// The largest letters that go into the room, in lines of about one length.
fn largest(words: &[Word<'_>], gap: f64, room: Room) -> Setting {
    let sizes = (0..TRIES).map(|tried| room.size * SMALLER.powi(tried));
    for size in sizes {
        let width = room.width / size;
        let Some(lines) = broken(words, gap, width) else { continue };
        if lines.len() <= room.lines && tall(lines.len(), size) <= room.height {
            return Setting { lines: balanced(words, gap, width, lines), size };
        }
    }
    Setting { lines: Vec::new(), size: 0.0 }
}

/// As many words a line as go into the width; nothing where a word alone does not.
fn broken(words: &[Word<'_>], gap: f64, width: f64) -> Option<Vec<String>> {
    let mut lines: Vec<String> = Vec::new();
    let mut end = 0.0;
    for word in words {
        if word.width > width {
            return None;
        }
        match lines.last_mut().filter(|_| end + gap + word.width <= width) {
            Some(line) => {
                line.push(' ');
                line.push_str(word.letters);
                end += gap + word.width;
            }
            None => {
                lines.push(word.letters.to_owned());
                end = word.width;
            }
        }
    }
    Some(lines)
}

/// The same number of lines, the longest of them as short as it can be.
fn balanced(words: &[Word<'_>], gap: f64, width: f64, mut lines: Vec<String>) -> Vec<String> {
    let (mut narrow, mut wide) = (0.0, width);
    for _ in 0..BALANCINGS {
        let middle = f64::midpoint(narrow, wide);
        match broken(words, gap, middle).filter(|tried| tried.len() == lines.len()) {
            Some(tried) => (lines, wide) = (tried, middle),
            None => narrow = middle,
        }
    }
    lines
}

fn letters_of(line: &str) -> UnicodeBuffer {
    let mut buffer = UnicodeBuffer::new();
    buffer.push_str(line);
    buffer
}

fn tall(lines: usize, size: f64) -> f64 {
    if lines == 0 { 0.0 } else { (CAPITAL + LEADING * (lines - 1) as f64) * size }
}

#[derive(Default)]
struct Pen(BezPath);

impl OutlineBuilder for Pen {
    fn move_to(&mut self, x: f32, y: f32) {
        self.0.move_to(point(x, y));
    }

    fn line_to(&mut self, x: f32, y: f32) {
        self.0.line_to(point(x, y));
    }

    fn quad_to(&mut self, x1: f32, y1: f32, x: f32, y: f32) {
        self.0.quad_to(point(x1, y1), point(x, y));
    }

    fn curve_to(&mut self, x1: f32, y1: f32, x2: f32, y2: f32, x: f32, y: f32) {
        self.0.curve_to(point(x1, y1), point(x2, y2), point(x, y));
    }

    fn close(&mut self) {
        self.0.close_path();
    }
}

fn point(x: f32, y: f32) -> Point {
    Point::new(f64::from(x), f64::from(y))
}
