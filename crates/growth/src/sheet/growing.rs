//! The summary, the market and the scenarios.

use super::{Cell, Line, Sheet};
use crate::{Activity, Assumptions, Market, Messages, Scenario, Section, Year, queries};

const YEARS: [Year; 3] = [Year::One, Year::Two, Year::Three];
/// Businesses at the end of each year, as summary and market have them.
const AIMED_AT: [f64; 3] = [100.0, 500.0, 2_000.0];
/// Businesses that a total may be off by where it follows: leaving is not told by the week.
const FEW: f64 = 2.0;

/// End customers, revenue a month and a year in thousands, row by row.
type Row = (f64, f64, f64);

pub(super) fn list(assumed: &Assumptions) -> Vec<Sheet> {
    let mut all = vec![summary(assumed), market(assumed)];
    all.extend(Scenario::ALL.map(|one| scenario(one, assumed)));
    all
}

fn summary(assumed: &Assumptions) -> Sheet {
    let mut sheet = Sheet::new(Section::Summary, "Key projections", &["year 1", "year 2", "year 3"]);
    let activity = |year: Year| Activity::of(year.businesses(), assumed);
    let mut row = |name: &str, said: [(f64, f64); 3], subject, follows: &dyn Fn(Year) -> f64| {
        let cells = YEARS.iter().zip(said);
        let cells = cells.map(|(year, said)| Cell { subject, ..Cell::between(said, follows(*year), 0.5) });
        sheet.line(name, cells);
    };
    let same = |said: [f64; 3]| said.map(|said| (said, said));
    let first = Some("Size of year 1");
    row("businesses", same(AIMED_AT), first, &|year| year.businesses() as f64);
    row("customers", same([5_000.0, 25_000.0, 100_000.0]), first, &|year| activity(year).customers);
    let active = [(60.0, 80.0), (300.0, 400.0), (1_200.0, 1_600.0)];
    row("businesses on a day", active, None, &|year| activity(year).daily_active);
    let stamps = [(20.0, 30.0), (100.0, 150.0), (500.0, 800.0)];
    row("stamps a minute, peak", stamps, Some("Stamps a minute at the peak"), &|year| {
        activity(year).peak_stamps_a_minute()
    });
    let messages = [(500.0, 1_000.0), (5_000.0, 10_000.0), (50_000.0, 100_000.0)];
    row("messages a day", messages, Some("WhatsApp messages a day"), &|year| {
        Messages::of(year.businesses(), assumed).a_day
    });
    let asked = [(50.0, 100.0), (500.0, 1_000.0), (5_000.0, 10_000.0)];
    row("queries a second", asked, Some("Database queries a second"), &|year| {
        let (reads, writes) = queries::total(&queries::computed(year.businesses(), assumed));
        reads + writes
    });
    row("US$ a year", same([60_000.0, 300_000.0, 1_200_000.0]), Some("Revenue"), &|year| {
        activity(year).monthly_revenue * 12.0
    });
    sheet
}

fn market(assumed: &Assumptions) -> Sheet {
    let mut sheet = Sheet::new(Section::Market, "The market", &["document"]);
    let peru = Market::PERU;
    let mut row = |name: &str, cell: Cell| sheet.line(name, [cell]);
    row("digitally active", Cell::of(202_500.0, peru.digital, 0.5));
    row("of them in Lima", Cell::of(81_000.0, peru.lima, 0.5));
    row("of the segment", Cell::of(750_000.0, peru.segment, 0.5));
    row("of the segment, digitally active", Cell::of(60_750.0, peru.segment_digital, 0.5));
    row("of them in Lima, too", Cell::of(24_300.0, peru.segment_lima, 0.5));
    row("within reach in five years", Cell::of(3_000.0, peru.serviceable, 0.5));
    let all = Market::monthly_revenue(peru.segment_digital, assumed);
    row("US$ a month, all", Cell::of(3_650_000.0, all, 5_000.0));
    row("US$ a year, all", Cell::of(43_800_000.0, all * 12.0, 5_000.0).about("Total market a year"));
    let reached = Market::monthly_revenue(peru.serviceable, assumed);
    row("US$ a month, within reach", Cell::of(180_000.0, reached, 0.5));
    row("US$ a year, within reach", Cell::of(2_160_000.0, reached * 12.0, 0.5));
    let names = ["% of it in year 1", "% of it in year 2", "% of it in year 3"];
    for ((name, businesses), said) in names.into_iter().zip(AIMED_AT).zip([0.33, 1.67, 6.67]) {
        let share = businesses / peru.serviceable * 100.0;
        row(name, Cell::of(said, share, 0.005).about("Share of the serviceable market"));
    }
    sheet
}

fn scenario(scenario: Scenario, assumed: &Assumptions) -> Sheet {
    let title = match scenario {
        Scenario::Conservative => "Scenario 1, conservative",
        Scenario::Realistic => "Scenario 2, realistic",
        Scenario::Aggressive => "Scenario 3, aggressive",
    };
    let columns = ["new", "total", "customers", "K$ a month", "K$ a year"];
    let mut sheet = Sheet::new(Section::Scenarios, title, &columns);
    let rows = scenario.rows().into_iter().zip(scenario.rolled()).zip(written(scenario));
    let lines = rows.map(|((row, rolled), (customers, monthly, yearly))| {
        let activity = Activity::of(row.total, assumed);
        let cells = [
            Cell::stated(row.new as f64),
            Cell::of(row.total as f64, rolled, FEW).about("Businesses after churn"),
            Cell::of(customers, activity.customers, 0.5),
            Cell::of(monthly, activity.monthly_revenue / 1_000.0, 0.051),
            Cell::of(yearly, activity.monthly_revenue * 12.0 / 1_000.0, 0.051),
        ];
        Line::of(row.name, cells)
    });
    sheet.lines = lines.collect();
    sheet
}

fn written(scenario: Scenario) -> [Row; 8] {
    match scenario {
        Scenario::Conservative => [
            (500.0, 0.6, 7.2),
            (1_100.0, 1.3, 15.8),
            (2_100.0, 2.5, 30.2),
            (3_500.0, 4.2, 50.4),
            (7_500.0, 9.0, 108.0),
            (15_000.0, 18.0, 216.0),
            (30_000.0, 36.0, 432.0),
            (60_000.0, 72.0, 864.0),
        ],
        Scenario::Realistic => [
            (500.0, 0.6, 7.2),
            (1_400.0, 1.7, 20.2),
            (3_000.0, 3.6, 43.2),
            (5_250.0, 6.3, 75.6),
            (12_000.0, 14.4, 172.8),
            (25_000.0, 30.0, 360.0),
            (50_000.0, 60.0, 720.0),
            (100_000.0, 120.0, 1_440.0),
        ],
        Scenario::Aggressive => [
            (500.0, 0.6, 7.2),
            (1_900.0, 2.3, 27.4),
            (4_750.0, 5.7, 68.4),
            (9_500.0, 11.4, 136.8),
            (25_000.0, 30.0, 360.0),
            (50_000.0, 60.0, 720.0),
            (100_000.0, 120.0, 1_440.0),
            (175_000.0, 210.0, 2_520.0),
        ],
    }
}
