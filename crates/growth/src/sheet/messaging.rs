//! WhatsApp's tiers and prices, and Apple's pushes.

use super::{Cell, Sheet};
use crate::{Activity, Assumptions, Messages, Scenario, Section, Tier, Year};

/// Messages a day and the tier that they need, quarter by quarter; the last is year 5.
const PATH: [(f64, f64); 6] =
    [(28.0, 250.0), (73.0, 250.0), (146.0, 250.0), (292.0, 1_000.0), (583.0, 1_000.0), (2_917.0, 10_000.0)];

pub(super) fn list(assumed: &Assumptions) -> Vec<Sheet> {
    vec![path(assumed), cost(assumed), updates(assumed)]
}

fn path(assumed: &Assumptions) -> Sheet {
    let mut sheet = Sheet::new(Section::WhatsApp, "Growth path", &["messages a day", "tier"]);
    let quarters = Scenario::Realistic.rows();
    let quarters = quarters.iter().filter(|row| row.total >= Year::One.businesses());
    let quarters = quarters.map(|row| (row.name, row.total));
    let quarters = quarters.chain([(Year::Five.ends(), Year::Five.businesses())]);
    for ((name, businesses), (a_day, tier)) in quarters.zip(PATH) {
        let messages = Messages::of(businesses, assumed);
        let needed = Tier::needed(messages.busiest_day);
        // Half of the next quarter's besides: the one of these that is wrong by the document's own count as well.
        let subject = if name == "Q2 2026" { "Messages of Q2 2026" } else { "What a blast counts" };
        let limit = needed.limit().map_or(f64::INFINITY, |limit| limit as f64);
        let cells = [
            Cell::of(a_day, messages.a_day, 0.5).about(subject),
            Cell::of(tier, limit, 0.0).about("Tier that is needed"),
        ];
        sheet.line(name, cells);
    }
    sheet
}

fn cost(assumed: &Assumptions) -> Sheet {
    let mut sheet = Sheet::new(Section::WhatsApp, "Cost of messages", &["US$ a month"]);
    for (year, said) in [(Year::Three, 175.0), (Year::Five, 875.0)] {
        let messages = Messages::of(year.businesses(), assumed);
        let follows = messages.monthly_cost(assumed.marketing_price.value, assumed);
        sheet.line(year.ends(), [Cell::of(said, follows, 0.5).about("Price of a message")]);
    }
    sheet
}

fn updates(assumed: &Assumptions) -> Sheet {
    let mut sheet = Sheet::new(Section::AppleWallet, "Wallet updates", &["Q4 2027"]);
    let activity = Activity::of(Year::Three.businesses(), assumed);
    let unlocked = activity.stamps_a_day * assumed.unlocking.value;
    let campaigns = activity.businesses as f64 * assumed.campaigns.value / assumed.days.value;
    let of_campaigns = "Wallet updates by campaigns";
    let mut row = |name: &str, cell: Cell| sheet.line(name, [cell]);
    row("stamps a day", Cell::of(4_500.0, activity.stamps_a_day, 0.5));
    row("rewards unlocked", Cell::of(900.0, unlocked, 0.5));
    row("campaigns", Cell::of(583.0, campaigns, 0.5).about(of_campaigns));
    row("rewards redeemed", Cell::of(90.0, unlocked * assumed.redeemed.value, 0.5));
    row("all", Cell::of(6_073.0, activity.pass_updates_a_day + campaigns, 0.5).about(of_campaigns));
    row("stamps a second, peak", Cell::of(0.31, activity.peak_stamps_an_hour / 3_600.0, 0.005));
    sheet
}
