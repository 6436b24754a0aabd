//! What stamps show, as the pages have it (`web/src/lib/shapes.ts`).

/// What a stamp shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Figure {
    /// A disc with a tick.
    #[default]
    Circle,
    /// A steaming cup.
    Cup,
    /// Scissors, open.
    Scissors,
    /// A loaf.
    Bread,
    /// A leaf.
    Leaf,
    /// A star.
    Star,
    /// A heart.
    Heart,
    /// A paw.
    Paw,
}

/// A figure, drawn on 100 × 100: `solid` filled, `line` as wide as `width`, `cut` paper again.
#[derive(Clone, Copy)]
pub(crate) struct Parts {
    pub(crate) solid: &'static str,
    pub(crate) line: &'static str,
    pub(crate) width: f64,
    pub(crate) cut: &'static str,
}

const fn parts(solid: &'static str, line: &'static str, width: f64, cut: &'static str) -> Parts {
    Parts { solid, line, width, cut }
}

impl Figure {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Circle,
        Self::Cup,
        Self::Scissors,
        Self::Bread,
        Self::Leaf,
        Self::Star,
        Self::Heart,
        Self::Paw,
    ];

    /// By the word that designs use; what we cannot draw becomes a circle.
    pub fn named(name: &str) -> Self {
        Self::ALL.into_iter().find(|figure| figure.as_str() == name).unwrap_or_default()
    }

    /// The word that designs use.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Circle => "circle",
            Self::Cup => "cup",
            Self::Scissors => "scissors",
            Self::Bread => "bread",
            Self::Leaf => "leaf",
            Self::Star => "star",
            Self::Heart => "heart",
            Self::Paw => "paw",
        }
    }

    pub(crate) fn parts(self) -> Parts {
        let (_, parts) = FIGURES[self as usize];
        parts
    }
}

/// In the order of `Figure::ALL`.
const FIGURES: [(Figure, Parts); 8] = [
    (Figure::Circle, parts("M50 26a24 24 0 1 0 0 48a24 24 0 1 0 0-48Z", "", 0.0, "M40 50.5l7 7.5l13.5-15.5")),
    (
        Figure::Cup,
        parts(
            "M29 43h36v13a15 15 0 0 1-15 15h-6a15 15 0 0 1-15-15Z",
            "M65 47h3.5a6.5 6.5 0 0 1 0 13H64M40 37c-4-4 3-6 0-10.5M53 37c-4-4 3-6 0-10.5",
            4.5,
            "",
        ),
    ),
    (
        Figure::Scissors,
        parts(
            "",
            "M43.5 61.5L62 25M56.5 61.5L38 25M46 66a7.5 7.5 0 1 1-15 0a7.5 7.5 0 1 1 15 0Z\
             M69 66a7.5 7.5 0 1 1-15 0a7.5 7.5 0 1 1 15 0Z",
            5.0,
            "",
        ),
    ),
    (
        Figure::Bread,
        parts(
            "M24 52c0-11 11-18.5 26-18.5S76 41 76 52c0 9-5 14.5-12 14.5H36c-7 0-12-5.5-12-14.5Z",
            "",
            0.0,
            "M37 44l6 12M48 42l6 12M59 43l6 12",
        ),
    ),
    (
        Figure::Leaf,
        parts(
            "M27 72C22 45 38 26 74 27C76 60 59 76 34 67Z",
            "M34 67l-8 9",
            4.5,
            "M35 65L62 39M45 55V45M52 49h9",
        ),
    ),
    (
        Figure::Star,
        parts("M50 24l7.7 16.7L76 43l-13.5 12.5L66 74L50 65L34 74l3.5-18.5L24 43l18.3-2.3Z", "", 0.0, ""),
    ),
    (
        Figure::Heart,
        parts(
            "M50 74C33 62 25 53 25 42.5C25 34 31 28.5 38 28.5c5 0 9.5 2.8 12 7.5c2.5-4.7 7-7.5 12-7.5\
             c7 0 13 5.5 13 14C75 53 67 62 50 74Z",
            "",
            0.0,
            "",
        ),
    ),
    (
        Figure::Paw,
        parts(
            "M50 50c8 0 17 9.5 17 17c0 5-3.5 7.5-8 7.5c-3.5 0-5.5-1.5-9-1.5s-5.5 1.5-9 1.5c-4.5 0-8-2.5-8-7.5\
             c0-7.5 9-17 17-17Z\
             M41.5 28c3.6 0 6 4 6 8.5s-2.4 8-6 8s-6-3.5-6-8s2.4-8.5 6-8.5Z\
             M58.5 28c3.6 0 6 4 6 8.5s-2.4 8-6 8s-6-3.5-6-8s2.4-8.5 6-8.5Z\
             M27.5 43c3.3-.8 6.2 2 7 5.8s-.6 7.3-3.9 8s-6.2-2-7-5.8s.6-7.3 3.9-8Z\
             M72.5 43c-3.3-.8-6.2 2-7 5.8s.6 7.3 3.9 8s6.2-2 7-5.8s-.6-7.3-3.9-8Z",
            "",
            0.0,
            "",
        ),
    ),
];

/// Twelve round teeth.
pub(crate) const ROSETTE: &str = "M38.9 8.5A11.1 11.1 0 0 1 61.1 8.5A11.1 11.1 0 0 1 80.4 19.6A11.1 11.1 0 0 1 91.5 38.9\
    A11.1 11.1 0 0 1 91.5 61.1A11.1 11.1 0 0 1 80.4 80.4A11.1 11.1 0 0 1 61.1 91.5A11.1 11.1 0 0 1 38.9 91.5\
    A11.1 11.1 0 0 1 19.6 80.4A11.1 11.1 0 0 1 8.5 61.1A11.1 11.1 0 0 1 8.5 38.9A11.1 11.1 0 0 1 19.6 19.6\
    A11.1 11.1 0 0 1 38.9 8.5Z";

#[cfg(test)]
mod tests {
    use kurbo::BezPath;

    use super::*;

    #[test]
    fn every_figure_is_found_by_its_name_and_can_be_drawn() {
        for figure in Figure::ALL {
            assert_eq!(Figure::named(figure.as_str()), figure);
            assert_eq!(FIGURES[figure as usize].0, figure);
            let Parts { solid, line, cut, .. } = figure.parts();
            assert!([solid, line, cut].iter().all(|data| BezPath::from_svg(data).is_ok()), "{figure:?}");
        }
        assert_eq!(Figure::named("guitar"), Figure::Circle);
    }
}
