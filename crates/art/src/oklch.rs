//! Colours as people see them (OKLCH), computed as the pages do (`web/src/lib/colour.ts`).

/// How much chroma gives way at a time, until a screen can show a colour.
const LESS_CHROMA: f64 = 0.004;
/// How far outside of what a screen shows a colour may be by rounding.
const ROUNDING: f64 = 0.0005;

/// A colour by its lightness (0 to 1), its chroma and its hue (in radians).
#[derive(Clone, Copy, Debug)]
pub(crate) struct Oklch {
    pub(crate) lightness: f64,
    pub(crate) chroma: f64,
    pub(crate) hue: f64,
}

impl Oklch {
    /// From linear red, green and blue.
    pub(crate) fn of_linear([r, g, b]: [f64; 3]) -> Self {
        let l = (0.412_221_470_8 * r + 0.536_332_536_3 * g + 0.051_445_992_9 * b).cbrt();
        let m = (0.211_903_498_2 * r + 0.680_699_545_1 * g + 0.107_396_956_6 * b).cbrt();
        let s = (0.088_302_461_9 * r + 0.281_718_837_6 * g + 0.629_978_700_5 * b).cbrt();
        let a = 1.977_998_495_1 * l - 2.428_592_205 * m + 0.450_593_709_9 * s;
        let b = 0.025_904_037_1 * l + 0.782_771_766_2 * m - 0.808_675_766 * s;
        Self {
            lightness: 0.210_454_255_3 * l + 0.793_617_785 * m - 0.004_072_046_8 * s,
            chroma: a.hypot(b),
            hue: b.atan2(a),
        }
    }

    /// The nearest colour a screen can show: lightness and hue stay, chroma gives way.
    pub(crate) fn to_linear(mut self) -> [f64; 3] {
        let mut linear = self.unbounded();
        while self.chroma > 0.0 && !linear.iter().all(|c| (-ROUNDING..=1.0 + ROUNDING).contains(c)) {
            self.chroma = (self.chroma - LESS_CHROMA).max(0.0);
            linear = self.unbounded();
        }
        linear
    }

    fn unbounded(self) -> [f64; 3] {
        let (a, b) = (self.chroma * self.hue.cos(), self.chroma * self.hue.sin());
        let l = (self.lightness + 0.396_337_777_4 * a + 0.215_803_757_3 * b).powi(3);
        let m = (self.lightness - 0.105_561_345_8 * a - 0.063_854_172_8 * b).powi(3);
        let s = (self.lightness - 0.089_484_177_5 * a - 1.291_485_548 * b).powi(3);
        [
            4.076_741_662_1 * l - 3.307_711_591_3 * m + 0.230_969_929_2 * s,
            -1.268_438_004_6 * l + 2.609_757_401_1 * m - 0.341_319_396_5 * s,
            -0.004_196_086_3 * l - 0.703_418_614_7 * m + 1.707_614_701 * s,
        ]
    }
}
