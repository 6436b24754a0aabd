use crate::Assumptions;

/// The market as the document cuts it down, from all businesses of Peru to those it aims at.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Market {
    /// Small businesses of Peru.
    pub all: f64,
    /// Of them digitally active.
    pub digital: f64,
    /// Digitally active in Lima.
    pub lima: f64,
    /// Those of coffee, food, retail and services, digitally active or not.
    pub segment: f64,
    /// Digitally active ones of the segment: the total market.
    pub segment_digital: f64,
    /// Of them in Lima.
    pub segment_lima: f64,
    /// Those in Lima and the larger cities that are aimed at.
    pub targets: f64,
    /// A tenth of them, in five years: the serviceable market.
    pub serviceable: f64,
}

impl Market {
    /// The document's own shares, multiplied out.
    pub const PERU: Self = {
        let (all, digital_share, lima_share, segment_share) = (2_500_000.0, 0.081, 0.40, 0.30);
        let (targets, penetration) = (30_000.0, 0.10);
        Self {
            all,
            digital: all * digital_share,
            lima: all * digital_share * lima_share,
            segment: all * segment_share,
            segment_digital: all * segment_share * digital_share,
            segment_lima: all * segment_share * digital_share * lima_share,
            targets,
            serviceable: targets * penetration,
        }
    };

    /// Revenue a month if so many businesses pay.
    pub fn monthly_revenue(businesses: f64, assumed: &Assumptions) -> f64 {
        businesses * assumed.price.value
    }
}
