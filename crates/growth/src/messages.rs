use crate::scenario::begins;
use crate::{Activity, Assumptions, Scenario, Year};

/// WhatsApp messages of campaigns.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Messages {
    /// To customers at risk, in a month.
    pub triggered: f64,
    /// Of blasts sent by hand, in a month.
    pub blasted: f64,
    /// On the mean day.
    pub a_day: f64,
    /// On the busiest day. A customer gets one message in seven days at most, so these are as many persons, which is what a
    /// tier counts.
    pub busiest_day: f64,
    /// The most that the pause between two messages lets through on the mean day.
    pub most_a_day: f64,
}

impl Messages {
    /// A blast counts once for each customer it is sent to. Everybody is taken to have agreed to be written to: the document
    /// states no share, and fewer cost less.
    pub fn of(businesses: u64, assumed: &Assumptions) -> Self {
        let activity = Activity::of(businesses, assumed);
        let triggered = activity.active_customers * assumed.at_risk.value;
        let blasted = activity.customers * assumed.blasts.value;
        Self::counted(triggered, blasted, &activity, assumed)
    }

    /// As the document counts: 30 % of the active customers are at risk, and a blast to a whole shop is one message.
    pub fn as_the_document_counts(businesses: u64, assumed: &Assumptions) -> Self {
        let activity = Activity::of(businesses, assumed);
        let triggered = activity.active_customers * assumed.at_risk.low;
        let blasted = businesses as f64 * assumed.blasts.value;
        Self::counted(triggered, blasted, &activity, assumed)
    }

    fn counted(triggered: f64, blasted: f64, activity: &Activity, assumed: &Assumptions) -> Self {
        let most_a_day = activity.customers / assumed.pause.value;
        let a_day = ((triggered + blasted) / assumed.days.value).min(most_a_day);
        let busiest_day = (a_day * assumed.busiest_day.value).min(activity.customers);
        Self { triggered, blasted, a_day, busiest_day, most_a_day }
    }

    /// What the plan expects of a month (1 to 12): the realistic scenario, after it the years 4 and 5, each from its quarter on.
    /// Before the first quarter it is the first.
    pub fn planned(year: i32, month: u32, assumed: &Assumptions) -> Self {
        let rows = Scenario::Realistic.rows().map(|row| (row.name, row.total));
        let years = Year::ALL.map(|year| (year.ends(), year.businesses()));
        let begun =
            rows.iter().chain(&years).filter(|(name, _)| begins(name).is_some_and(|at| at <= (year, month)));
        let businesses =
            begun.max_by_key(|(name, _)| begins(name)).map_or(rows[0].1, |(_, businesses)| *businesses);
        Self::of(businesses, assumed)
    }

    /// What a month of them costs at a price a message.
    pub fn monthly_cost(&self, price: f64, assumed: &Assumptions) -> f64 {
        self.a_day * assumed.days.value * price
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_plan_is_read_by_the_month() {
        let planned = |year, month| Messages::planned(year, month, &Assumptions::PLANNED);
        let of = |businesses| Messages::of(businesses, &Assumptions::PLANNED);
        assert_eq!(planned(2024, 12), of(10), "before the first quarter");
        assert_eq!((planned(2026, 9), planned(2026, 10)), (of(240), of(500)));
        assert_eq!((planned(2028, 11), planned(2040, 1)), (of(4_472), of(10_000)));
    }
}
