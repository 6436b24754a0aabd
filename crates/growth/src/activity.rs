use crate::Assumptions;

/// What so many businesses and their customers do. Rates are of the mean day and of its peak hour.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Activity {
    /// Businesses.
    pub businesses: u64,
    /// Their customers; each holds a card.
    pub customers: f64,
    /// Customers that come in a month.
    pub active_customers: f64,
    /// Their visits in a month.
    pub visits_a_month: f64,
    /// Stamps on a day.
    pub stamps_a_day: f64,
    /// Stamps in the peak hour.
    pub peak_stamps_an_hour: f64,
    /// Businesses that use the platform on a day.
    pub daily_active: f64,
    /// Of them in the peak hour.
    pub in_peak_hour: f64,
    /// Panels that are open at once.
    pub panels: f64,
    /// Tills that are open at once.
    pub tills: f64,
    /// Frames a second, if every socket gets one at its interval.
    pub frames_per_second: f64,
    /// Wallet updates on a day for stamps, rewards unlocked and rewards redeemed; campaigns are counted by [`crate::Messages`].
    pub pass_updates_a_day: f64,
    /// Revenue of a month, US$.
    pub monthly_revenue: f64,
}

impl Activity {
    /// Of so many businesses.
    pub fn of(businesses: u64, assumed: &Assumptions) -> Self {
        let count = businesses as f64;
        let customers = count * assumed.customers_per_business.value;
        let active_customers = customers * assumed.active_customers.value;
        let visits_a_month = active_customers * assumed.visits.value;
        let stamps_a_day = visits_a_month / assumed.days.value;
        let daily_active = count * assumed.daily_active.value;
        let panels = daily_active * assumed.open_panels.value;
        let tills = daily_active * assumed.open_tills.value;
        let unlocked = stamps_a_day * assumed.unlocking.value;
        Self {
            businesses,
            customers,
            active_customers,
            visits_a_month,
            stamps_a_day,
            peak_stamps_an_hour: stamps_a_day / assumed.open_hours.value * assumed.peak_factor.value,
            daily_active,
            in_peak_hour: daily_active * assumed.in_peak_hour.value,
            panels,
            tills,
            frames_per_second: panels / assumed.panel_interval.value + tills / assumed.till_interval.value,
            pass_updates_a_day: stamps_a_day + unlocked + unlocked * assumed.redeemed.value,
            monthly_revenue: count * assumed.price.value,
        }
    }

    /// Stamps in a minute of the peak hour.
    pub fn peak_stamps_a_minute(&self) -> f64 {
        self.peak_stamps_an_hour / 60.0
    }

    /// Panels and tills.
    pub fn sockets(&self) -> f64 {
        self.panels + self.tills
    }
}
