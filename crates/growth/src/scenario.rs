//! The three scenarios: how many businesses there are at the end of a quarter.

use crate::Market;

/// One of the document's three ways to grow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scenario {
    /// Slower.
    Conservative,
    /// What the document plans with.
    Realistic,
    /// If everything goes well.
    Aggressive,
}

/// The year and the first month of a quarter such as `Q4 2025`.
pub(crate) fn begins(quarter: &str) -> Option<(i32, u32)> {
    let (number, year) = quarter.strip_prefix('Q')?.split_once(' ')?;
    let number: u32 = number.parse().ok().filter(|number| (1..=4).contains(number))?;
    Some((year.parse().ok()?, number * 3 - 2))
}

/// A row of a scenario's table. Customers and revenue follow from the total.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quarter {
    /// Such as `Q4 2025`.
    pub name: &'static str,
    /// Quarters since the row before; from 2026 on every second one is left out.
    pub quarters: u8,
    /// Businesses won in the quarter.
    pub new: u64,
    /// Businesses at its end, as the document has it.
    pub total: u64,
}

const fn row(name: &'static str, quarters: u8, new: u64, total: u64) -> Quarter {
    Quarter { name, quarters, new, total }
}

impl Scenario {
    /// Every scenario.
    pub const ALL: [Self; 3] = [Self::Conservative, Self::Realistic, Self::Aggressive];

    /// The document's rows.
    pub fn rows(self) -> [Quarter; 8] {
        let figures: [(u64, u64); 8] = match self {
            Self::Conservative => {
                [(10, 10), (15, 22), (25, 42), (35, 70), (60, 150), (100, 300), (200, 600), (350, 1_200)]
            }
            Self::Realistic => {
                [(10, 10), (20, 28), (35, 60), (50, 105), (90, 240), (150, 500), (300, 1_000), (500, 2_000)]
            }
            Self::Aggressive => [
                (10, 10),
                (30, 38),
                (60, 95),
                (100, 190),
                (200, 500),
                (400, 1_000),
                (800, 2_000),
                (1_000, 3_500),
            ],
        };
        let names = ["Q1 2025", "Q2 2025", "Q3 2025", "Q4 2025", "Q2 2026", "Q4 2026", "Q2 2027", "Q4 2027"];
        std::array::from_fn(|at| row(names[at], if at < 4 { 1 } else { 2 }, figures[at].0, figures[at].1))
    }

    /// Businesses that leave in a month.
    pub fn monthly_churn(self) -> f64 {
        match self {
            Self::Conservative => 0.10,
            Self::Realistic => 0.05,
            Self::Aggressive => 0.03,
        }
    }

    /// New businesses that one brings over its life.
    pub fn viral_coefficient(self) -> f64 {
        match self {
            Self::Conservative => 1.2,
            Self::Realistic => 1.5,
            Self::Aggressive => 2.0,
        }
    }

    /// Businesses at the end of each row, from the first row's total, what is won and what leaves. A quarter that the
    /// document leaves out is taken to win as many as the one it shows, which is more than growth allows.
    pub fn rolled(self) -> [f64; 8] {
        let stay = (1.0 - self.monthly_churn()).powi(3);
        let rows = self.rows();
        let mut held = 0.0;
        rows.map(|row| {
            for _ in 0..row.quarters {
                held = held * stay + row.new as f64;
            }
            held
        })
    }

    /// Growth of a year by referral alone: one lives 1 / churn months and brings its coefficient meanwhile.
    pub fn yearly_growth_by_referral(self) -> f64 {
        (1.0 + self.monthly_churn() * (self.viral_coefficient() - 1.0)).powi(12)
    }

    /// The first row at which there are so many businesses.
    pub fn reached(self, businesses: u64) -> Option<Quarter> {
        self.rows().into_iter().find(|row| row.total >= businesses)
    }

    /// Enrollments in the peak hour that the last row's new businesses bring: their customers join within the quarter.
    pub fn peak_enrollments(self, assumed: &crate::Assumptions) -> f64 {
        let new = self.rows()[7].new as f64 / 3.0;
        let joined = new * assumed.customers_per_business.value;
        joined / assumed.days.value / assumed.open_hours.value * assumed.peak_factor.value
    }

    /// What share of the serviceable market the last row is.
    pub fn share_of_market(self) -> f64 {
        self.rows()[7].total as f64 / Market::PERU.serviceable
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quarters_begin_with_their_first_month() {
        assert_eq!((begins("Q1 2025"), begins("Q4 2029")), (Some((2025, 1)), Some((2029, 10))));
        assert_eq!((begins("Q5 2025"), begins("2025"), begins("Q1")), (None, None, None));
    }
}
