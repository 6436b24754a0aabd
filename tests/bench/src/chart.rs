//! Pictures for a report, as SVG: lines over time, ranges of percentiles, bars. A line is told by its dashes and its name as well
//! as by its colour, and every number stands in a table too.

use std::fmt::Write;

const WIDTH: f64 = 720.0;
const HEIGHT: f64 = 240.0;
/// What stands left of the drawing, above it, right of it and below it.
const LEFT: f64 = 64.0;
const TOP: f64 = 16.0;
const RIGHT: f64 = 16.0;
const BOTTOM: f64 = 32.0;
/// A row of a picture of ranges.
const ROW: f64 = 34.0;

/// A line over time, a value each step.
pub(crate) struct Series {
    /// What it is.
    pub(crate) name: String,
    /// Its values; a step without one breaks the line.
    pub(crate) values: Vec<Option<f64>>,
}

/// Percentiles of one thing, in ms.
pub(crate) struct Range {
    /// What it is.
    pub(crate) name: String,
    /// The median.
    pub(crate) p50: f64,
    /// 95 of a hundred.
    pub(crate) p95: f64,
    /// 99 of a hundred.
    pub(crate) p99: f64,
    /// The slowest.
    pub(crate) most: f64,
}

/// Text that stands as it is in HTML and SVG.
pub(crate) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// A number as a person reads it.
pub(crate) fn number(value: f64) -> String {
    match value.abs() {
        0.0 => "0".to_owned(),
        size if size >= 100.0 => format!("{value:.0}"),
        size if size >= 10.0 => format!("{value:.1}").trim_end_matches(".0").to_owned(),
        _ => format!("{value:.2}").trim_end_matches('0').trim_end_matches('.').to_owned(),
    }
}

/// Round numbers from 0 to what holds `most`.
fn ticks(most: f64) -> Vec<f64> {
    let most = if most > 0.0 { most } else { 1.0 };
    let power = 10_f64.powf((most / 4.0).log10().floor());
    let step = [1.0, 2.0, 5.0, 10.0].map(|times| times * power).into_iter().find(|step| step * 5.0 >= most);
    let step = step.unwrap_or(10.0 * power);
    let count = (most / step).ceil() as usize;
    (0..=count).map(|at| at as f64 * step).collect()
}

fn svg(height: f64, title: &str, inside: &str) -> String {
    format!(
        "<svg viewBox=\"0 0 {WIDTH} {height}\" role=\"img\" xmlns=\"http://www.w3.org/2000/svg\"><title>{}</title>{inside}</svg>",
        escaped(title)
    )
}

fn label(to: &mut String, x: f64, y: f64, anchor: &str, text: &str) {
    let _ = write!(to, "<text x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\">{}</text>", escaped(text));
}

fn rule(to: &mut String, (x1, y1): (f64, f64), (x2, y2): (f64, f64), class: &str) {
    let _ =
        write!(to, "<line x1=\"{x1:.1}\" y1=\"{y1:.1}\" x2=\"{x2:.1}\" y2=\"{y2:.1}\" class=\"{class}\"/>");
}

/// Lines over time; `along` names a step of it.
pub(crate) fn lines(title: &str, unit: &str, along: impl Fn(usize) -> String, series: &[Series]) -> String {
    let steps = series.iter().map(|one| one.values.len()).max().unwrap_or_default().max(2);
    let most = series.iter().flat_map(|one| one.values.iter().flatten()).copied().fold(0.0, f64::max);
    let ticks = ticks(most);
    let top = ticks.last().copied().unwrap_or(1.0);
    let x = |at: usize| LEFT + (WIDTH - LEFT - RIGHT) * at as f64 / (steps - 1) as f64;
    let y = |value: f64| TOP + (HEIGHT - TOP - BOTTOM) * (1.0 - value / top);
    let mut inside = String::new();
    for tick in &ticks {
        rule(&mut inside, (LEFT, y(*tick)), (WIDTH - RIGHT, y(*tick)), "grid");
        label(&mut inside, LEFT - 6.0, y(*tick) + 4.0, "end", &number(*tick));
    }
    label(&mut inside, 4.0, 11.0, "start", unit);
    let every = (steps / 6).max(1);
    for at in (0..steps).step_by(every) {
        label(&mut inside, x(at), HEIGHT - BOTTOM + 18.0, "middle", &along(at));
    }
    for (place, one) in series.iter().enumerate() {
        for run in runs(&one.values) {
            let points: Vec<String> =
                run.iter().map(|(at, value)| format!("{:.1},{:.1}", x(*at), y(*value))).collect();
            let _ =
                write!(inside, "<polyline points=\"{}\" class=\"line s{}\"/>", points.join(" "), place % 4);
        }
    }
    let names: Vec<&str> = series.iter().map(|one| one.name.as_str()).collect();
    svg(HEIGHT, title, &inside) + &legend(&names)
}

/// The pieces of a line that hang together.
fn runs(values: &[Option<f64>]) -> Vec<Vec<(usize, f64)>> {
    let placed: Vec<(usize, Option<f64>)> = values.iter().copied().enumerate().collect();
    let pieces = placed.split(|(_, value)| value.is_none());
    pieces
        .filter(|piece| !piece.is_empty())
        .map(|piece| piece.iter().filter_map(|(at, value)| Some((*at, (*value)?))).collect())
        .collect()
}

fn legend(names: &[&str]) -> String {
    let mut legend = String::from("<p class=\"legend\">");
    for (place, name) in names.iter().enumerate() {
        let _ = write!(
            legend,
            "<span><svg viewBox=\"0 0 28 8\" width=\"28\" height=\"8\" aria-hidden=\"true\" xmlns=\"http://www.w3.org/2000/svg\">\
             <line x1=\"0\" y1=\"4\" x2=\"28\" y2=\"4\" class=\"line s{}\"/></svg> {}</span> ",
            place % 4,
            escaped(name)
        );
    }
    legend + "</p>"
}

/// Percentiles, a row for each thing, on a scale of powers of ten; `targets` are upright lines.
pub(crate) fn ranges(title: &str, rows: &[Range], targets: &[f64]) -> String {
    let all = rows.iter().flat_map(|row| [row.p50, row.most]).chain(targets.iter().copied());
    let (least, most) = all
        .filter(|ms| *ms > 0.0)
        .fold((f64::MAX, 1.0_f64), |(least, most), ms| (least.min(ms), most.max(ms)));
    let (low, high) = (least.min(1.0).log10().floor(), most.log10().ceil().max(1.0));
    let left = 190.0;
    let x = |ms: f64| left + (WIDTH - left - RIGHT) * (ms.max(10_f64.powf(low)).log10() - low) / (high - low);
    let height = TOP + ROW * rows.len() as f64 + BOTTOM;
    let mut inside = String::new();
    for power in low as i32..=high as i32 {
        let ms = 10_f64.powi(power);
        rule(&mut inside, (x(ms), TOP), (x(ms), height - BOTTOM), "grid");
        label(&mut inside, x(ms), height - BOTTOM + 18.0, "middle", &format!("{} ms", number(ms)));
    }
    for target in targets {
        rule(&mut inside, (x(*target), TOP), (x(*target), height - BOTTOM), "target");
        label(&mut inside, x(*target), TOP - 4.0, "middle", &number(*target));
    }
    for (place, row) in rows.iter().enumerate() {
        let y = TOP + ROW * (place as f64 + 0.5);
        label(&mut inside, left - 10.0, y + 4.0, "end", &row.name);
        rule(&mut inside, (x(row.p50), y), (x(row.most), y), "whisker");
        rule(&mut inside, (x(row.p50), y), (x(row.p99), y), "range");
        for (ms, class) in [(row.p50, "s0"), (row.p95, "s1"), (row.p99, "s3")] {
            let _ =
                write!(inside, "<circle cx=\"{:.1}\" cy=\"{y:.1}\" r=\"5\" class=\"dot {class}\"/>", x(ms));
        }
    }
    svg(height, title, &inside)
        + "<p class=\"legend\">Dots from left to right: p50, p95, p99; the thin line ends at the slowest. Upright lines are targets.</p>"
}

/// Bars, each with its name below and its value above.
pub(crate) fn bars(title: &str, bars: &[(String, f64)]) -> String {
    let most = bars.iter().map(|(_, value)| *value).fold(0.0, f64::max).max(f64::MIN_POSITIVE);
    let wide = (WIDTH - LEFT - RIGHT) / bars.len().max(1) as f64;
    let mut inside = String::new();
    for (place, (name, value)) in bars.iter().enumerate() {
        let (x, high) = (LEFT + wide * place as f64, (HEIGHT - TOP - BOTTOM - 14.0) * value / most);
        let y = HEIGHT - BOTTOM - high;
        let _ = write!(
            inside,
            "<rect x=\"{:.1}\" y=\"{y:.1}\" width=\"{:.1}\" height=\"{high:.1}\" class=\"bar\"/>",
            x + wide * 0.1,
            wide * 0.8
        );
        label(&mut inside, x + wide / 2.0, y - 4.0, "middle", &number(*value));
        label(&mut inside, x + wide / 2.0, HEIGHT - BOTTOM + 18.0, "middle", name);
    }
    rule(&mut inside, (LEFT, HEIGHT - BOTTOM), (WIDTH - RIGHT, HEIGHT - BOTTOM), "grid");
    svg(HEIGHT, title, &inside)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The picture alone, which must be XML, and the numbers of an attribute in it.
    fn numbers(drawn: &str, attribute: &str) -> Vec<f64> {
        let picture = &drawn[..drawn.find("</svg>").unwrap() + "</svg>".len()];
        let document = roxmltree::Document::parse(picture).unwrap();
        let found = document.descendants().filter_map(|node| node.attribute(attribute).map(str::to_owned));
        found
            .flat_map(|text| text.split([' ', ',']).map(|one| one.parse().unwrap()).collect::<Vec<f64>>())
            .collect()
    }

    #[test]
    fn a_scale_is_round_and_holds_what_it_shows() {
        assert_eq!(ticks(351.0), [0.0, 100.0, 200.0, 300.0, 400.0]);
        assert_eq!(ticks(0.0), [0.0, 0.2, 0.4, 0.6000000000000001, 0.8, 1.0]);
        for most in [0.003, 0.9, 7.0, 42.0, 1_008.0, 20_000.0] {
            let ticks = ticks(most);
            assert!(*ticks.last().unwrap() >= most && ticks.len() <= 7, "{most}: {ticks:?}");
        }
    }

    #[test]
    fn a_line_stays_inside_its_picture_and_breaks_where_nothing_was() {
        let values = vec![Some(1.0), Some(300.0), None, Some(20.0), Some(0.0)];
        let drawn = lines("a < b & c", "ms", |at| at.to_string(), &[Series { name: "p99".into(), values }]);
        assert_eq!(drawn.matches("<polyline").count(), 2);
        let points = numbers(&drawn, "points");
        assert!(
            points.chunks(2).all(|at| (LEFT..=WIDTH).contains(&at[0]) && (TOP..=HEIGHT).contains(&at[1])),
            "{points:?}"
        );
    }

    #[test]
    fn percentiles_lie_in_their_order_from_left_to_right() {
        let row = Range { name: "POST <x>".into(), p50: 2.0, p95: 9.0, p99: 30.0, most: 800.0 };
        let drawn = ranges("latency", &[row], &[5.0, 20.0, 50.0]);
        let dots = numbers(&drawn, "cx");
        assert!(
            dots.len() == 3 && dots.is_sorted() && dots.iter().all(|x| (0.0..=WIDTH).contains(x)),
            "{dots:?}"
        );
        let nothing = Range { name: String::new(), p50: 0.0, p95: 0.0, p99: 0.0, most: 0.0 };
        assert!(numbers(&ranges("nothing", &[nothing], &[]), "cx").iter().all(|x| x.is_finite()));
    }

    #[test]
    fn the_highest_bar_is_the_largest_value() {
        let drawn = bars("frames", &[("1".into(), 5.0), ("2".into(), 50.0), ("more".into(), 0.0)]);
        let heights = numbers(&drawn, "height");
        assert!(heights[1] > heights[0] && heights[2] < 1.0, "{heights:?}");
    }
}
