//! Dots of images: made smaller without losing any, and cut to what can be seen.

use tiny_skia::{FilterQuality, IntRect, Pixmap, PixmapPaint, Transform};

/// The size that goes into a room with the image's proportions; no side vanishes.
pub(crate) fn fitted(image: &Pixmap, width: u32, height: u32) -> (u32, u32) {
    let (across, down) = (f64::from(image.width()), f64::from(image.height()));
    let scale = (f64::from(width) / across).min(f64::from(height) / down);
    let side = |length: f64, most: u32| ((length * scale).round() as u32).clamp(1, most.max(1));
    (side(across, width), side(down, height))
}

/// The image at another size. Made smaller, each dot is the mean of those it stands for, so that fine lines stay.
pub(crate) fn scaled(image: &Pixmap, width: u32, height: u32) -> Option<Pixmap> {
    if width <= image.width() && height <= image.height() {
        return shrunk(image, width, height);
    }
    let mut larger = Pixmap::new(width, height)?;
    let scale =
        Transform::from_scale(width as f32 / image.width() as f32, height as f32 / image.height() as f32);
    let paint = PixmapPaint { quality: FilterQuality::Bicubic, ..PixmapPaint::default() };
    larger.draw_pixmap(0, 0, image.as_ref(), &paint, scale, None);
    Some(larger)
}

/// The image at this size, neither side of which is longer than its own.
pub(crate) fn shrunk(image: &Pixmap, width: u32, height: u32) -> Option<Pixmap> {
    if (width, height) == (image.width(), image.height()) {
        return Some(image.clone());
    }
    let mut smaller = Pixmap::new(width, height)?;
    let columns = shares(image.width(), width);
    let rows = shares(image.height(), height);
    let bytes_a_row = image.width() as usize * 4;
    let mut row = vec![0.0_f32; width as usize * 4];
    for (target, rows) in smaller.data_mut().chunks_exact_mut(width as usize * 4).zip(&rows) {
        row.fill(0.0);
        for (y, down) in rows {
            let source = &image.data()[y * bytes_a_row..][..bytes_a_row];
            for (dot, columns) in row.chunks_exact_mut(4).zip(&columns) {
                for (x, across) in columns {
                    for (sum, channel) in dot.iter_mut().zip(&source[x * 4..]) {
                        *sum += f32::from(*channel) * across * down;
                    }
                }
            }
        }
        for (dot, sums) in target.chunks_exact_mut(4).zip(row.chunks_exact(4)) {
            let [red, green, blue, alpha] = [0, 1, 2, 3].map(|at| (sums[at] + 0.5) as u8);
            // Rounding must not make a dot lighter than its cover lets through.
            dot.copy_from_slice(&[red.min(alpha), green.min(alpha), blue.min(alpha), alpha]);
        }
    }
    Some(smaller)
}

/// For each of the fewer, which of the many it stands for and how much of it each of them is.
fn shares(many: u32, few: u32) -> Vec<Vec<(usize, f32)>> {
    let each = f64::from(many) / f64::from(few);
    let share = |at: u32| {
        let (from, to) = (f64::from(at) * each, f64::from(at + 1) * each);
        let last = (to.ceil() as u32).min(many);
        let part = |one: u32| (f64::from(one + 1).min(to) - f64::from(one).max(from)) / each;
        (from as u32..last).map(|one| (one as usize, part(one) as f32)).collect()
    };
    (0..few).map(share).collect()
}

/// The image without its empty margin; nothing where nothing can be seen.
pub(crate) fn trimmed(image: &Pixmap) -> Option<Pixmap> {
    let width = image.width() as usize;
    let (mut left, mut right, mut top, mut bottom) = (usize::MAX, 0, usize::MAX, 0);
    for (y, row) in image.pixels().chunks_exact(width).enumerate() {
        let Some(first) = row.iter().position(|dot| dot.alpha() > 0) else { continue };
        let last = row.iter().rposition(|dot| dot.alpha() > 0).unwrap_or(first);
        (left, right) = (left.min(first), right.max(last));
        (top, bottom) = (top.min(y), y);
    }
    if top == usize::MAX {
        return None;
    }
    let number = |length: usize| u32::try_from(length).ok();
    let corner = (i32::try_from(left).ok()?, i32::try_from(top).ok()?);
    image.clone_rect(IntRect::from_xywh(
        corner.0,
        corner.1,
        number(right - left + 1)?,
        number(bottom - top + 1)?,
    )?)
}

#[cfg(test)]
mod tests {
    use tiny_skia::{Color, Paint, Rect};

    use super::*;

    fn square(side: u32, inset: f32) -> Pixmap {
        let mut image = Pixmap::new(side, side).unwrap();
        let mut paint = Paint::default();
        paint.set_color(Color::from_rgba8(200, 100, 50, 255));
        paint.anti_alias = false;
        let inner = side as f32 - 2.0 * inset;
        image.fill_rect(
            Rect::from_xywh(inset, inset, inner, inner).unwrap(),
            &paint,
            Transform::identity(),
            None,
        );
        image
    }

    #[test]
    fn an_image_made_smaller_keeps_its_colour_and_its_cover() {
        let smaller = shrunk(&square(100, 0.0), 33, 7).unwrap();
        assert!(smaller.pixels().iter().all(|dot| (dot.red(), dot.green(), dot.blue()) == (200, 100, 50)));
        let cover = |image: &Pixmap| {
            image.pixels().iter().map(|dot| f64::from(dot.alpha())).sum::<f64>() / image.pixels().len() as f64
        };
        let image = square(100, 20.0);
        assert!((cover(&image) - cover(&shrunk(&image, 17, 17).unwrap())).abs() < 1.0);
    }

    #[test]
    fn an_empty_margin_is_cut_off() {
        let trimmed_to = |image: &Pixmap| trimmed(image).map(|image| (image.width(), image.height()));
        assert_eq!(trimmed_to(&square(100, 20.0)), Some((60, 60)));
        assert_eq!(trimmed_to(&square(100, 0.0)), Some((100, 100)));
        assert_eq!(trimmed_to(&Pixmap::new(9, 9).unwrap()), None);
    }

    #[test]
    fn a_size_keeps_the_proportions() {
        let image = Pixmap::new(800, 100).unwrap();
        assert_eq!(fitted(&image, 160, 50), (160, 20));
        assert_eq!(fitted(&image, 4, 4), (4, 1));
    }
}
