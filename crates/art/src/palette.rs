//! Flat pictures with few colours: a third of the bytes to write, and about half of the file.

use std::collections::HashMap;

use tiny_skia::Pixmap;

/// As many colours as a byte counts.
const MOST: usize = 256;
/// What is hashed for each colour.
type Rgb = [u8; 3];

/// An image as the number of a colour for each dot.
pub(crate) struct Indexed {
    /// Red, green and blue of each colour.
    pub(crate) palette: Vec<u8>,
    pub(crate) dots: Vec<u8>,
}

/// The colours that most dots have; the few others, on the edges of shapes, become the nearest of these.
pub(crate) fn indexed(sheet: &Pixmap) -> Indexed {
    let mut counts: HashMap<Rgb, usize> = HashMap::new();
    for run in sheet.pixels().chunk_by(|one, next| one == next) {
        *counts.entry(rgb(run[0])).or_default() += run.len();
    }
    let mut colours: Vec<(usize, Rgb)> = counts.into_iter().map(|(colour, count)| (count, colour)).collect();
    // By colour where counts are equal, so that the same picture is the same bytes.
    colours.sort_unstable_by(|one, other| other.cmp(one));
    let kept = &colours[..colours.len().min(MOST)];
    let number = |colour: Rgb| {
        let far = |(_, other): &(usize, Rgb)| {
            colour.iter().zip(other).map(|(a, b)| u32::from(a.abs_diff(*b)).pow(2)).sum::<u32>()
        };
        (0..kept.len()).min_by_key(|at| far(&kept[*at])).unwrap_or(0) as u8
    };
    let numbers: HashMap<Rgb, u8> = colours.iter().map(|(_, colour)| (*colour, number(*colour))).collect();
    let mut dots = Vec::with_capacity(sheet.pixels().len());
    for run in sheet.pixels().chunk_by(|one, next| one == next) {
        let number = numbers.get(&rgb(run[0])).copied().unwrap_or(0);
        dots.resize(dots.len() + run.len(), number);
    }
    Indexed { palette: kept.iter().flat_map(|(_, colour)| *colour).collect(), dots }
}

fn rgb(dot: tiny_skia::PremultipliedColorU8) -> Rgb {
    [dot.red(), dot.green(), dot.blue()]
}
