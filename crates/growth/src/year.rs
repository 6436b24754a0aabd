/// A year of the plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Year {
    /// Q4 2025.
    One,
    /// Q4 2026.
    Two,
    /// Q4 2027.
    Three,
    /// Q4 2028, which the document leaves out.
    Four,
    /// Q4 2029.
    Five,
}

impl Year {
    /// Every year.
    pub const ALL: [Self; 5] = [Self::One, Self::Two, Self::Three, Self::Four, Self::Five];

    /// Reads 1 to 5.
    pub fn from_number(number: u64) -> Option<Self> {
        Self::ALL.into_iter().find(|year| year.number() == number)
    }

    /// 1 to 5.
    pub fn number(self) -> u64 {
        match self {
            Self::One => 1,
            Self::Two => 2,
            Self::Three => 3,
            Self::Four => 4,
            Self::Five => 5,
        }
    }

    /// The quarter it ends with.
    pub fn ends(self) -> &'static str {
        match self {
            Self::One => "Q4 2025",
            Self::Two => "Q4 2026",
            Self::Three => "Q4 2027",
            Self::Four => "Q4 2028",
            Self::Five => "Q4 2029",
        }
    }

    /// Businesses at its end: the realistic scenario's, and 10,000 in year 5. Year 4 is the geometric mean of its neighbours.
    pub fn businesses(self) -> u64 {
        match self {
            Self::One => 105,
            Self::Two => 500,
            Self::Three => 2_000,
            Self::Four => 4_472,
            Self::Five => 10_000,
        }
    }

    /// This year and those before it.
    pub fn so_far(self) -> impl Iterator<Item = Self> {
        Self::ALL.into_iter().filter(move |year| *year <= self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn years_are_read_from_one_to_five() {
        assert_eq!(Year::from_number(3), Some(Year::Three));
        assert_eq!((Year::from_number(0), Year::from_number(6)), (None, None));
    }

    #[test]
    fn year_four_lies_between_its_neighbours_by_the_same_factor() {
        let [third, fourth, fifth] =
            [Year::Three, Year::Four, Year::Five].map(|year| year.businesses() as f64);
        assert!((fourth / third - fifth / fourth).abs() < 0.001);
    }
}
