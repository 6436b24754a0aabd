//! What is held, in rows and in files.

use crate::{Activity, Assumptions, Messages};

/// A table and how large it has grown.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Held {
    /// Its name, as the document has it.
    pub table: &'static str,
    /// Rows.
    pub rows: f64,
    /// Bytes of a row.
    pub row_bytes: f64,
    /// Indexes against rows, in bytes.
    pub index_share: f64,
}

impl Held {
    /// Bytes of rows.
    pub fn data(&self) -> f64 {
        self.rows * self.row_bytes
    }

    /// Bytes of rows and indexes.
    pub fn bytes(&self) -> f64 {
        self.data() * (1.0 + self.index_share)
    }
}

/// Name, bytes of a row as the document rounds them, indexes against rows as its table has them.
const TABLES: [(&str, f64, f64); 8] = [
    ("businesses", 2_000.0, 0.25),
    ("customers", 1_000.0, 0.50),
    ("visits", 512.0, 400.0 / 827.0),
    ("campaigns", 4_000.0, 100.0 / 288.0),
    ("campaign_sends", 256.0, 0.50),
    ("rewards", 512.0, 25.0 / 55.0),
    ("referrals", 1_000.0, 0.50),
    ("analytics_events", 128.0, 600.0 / 1_300.0),
];
/// Rows of the document's table at the end of year 3.
const DOCUMENT_ROWS: [f64; 8] =
    [2_000.0, 100_000.0, 540_000.0 * 3.0, 72_000.0, 6_300_000.0, 108_000.0, 20_000.0, 10_000_000.0];
/// "10 % conversion": referrals of a customer.
const REFERRED: f64 = 0.10;
/// Facts of a business in a year: the document's ten millions for 2,000, which it derives from nothing.
const EVENTS_OF_BUSINESS: f64 = 10_000_000.0 / 2_000.0;
/// Days that a stamp's rows of passage are kept: one in the outbox 30, four in inboxes 45 each, one operation 90. Ours.
const PASSAGE_DAYS: f64 = 30.0 + 4.0 * 45.0 + 90.0;
/// Bytes of such a row. Ours.
const PASSAGE_BYTES: f64 = 256.0;

/// The document's table at the end of year 3.
pub fn document() -> [Held; 8] {
    std::array::from_fn(|at| held(TABLES[at], DOCUMENT_ROWS[at]))
}

fn held((table, row_bytes, index_share): (&'static str, f64, f64), rows: f64) -> Held {
    Held { table, rows, row_bytes, index_share }
}

/// What years leave behind, given the businesses at the end of each. A year is counted as if it had had its last number from
/// its first day, so this is more than there will be.
pub fn computed(year_ends: &[u64], assumed: &Assumptions) -> [Held; 9] {
    let now = Activity::of(year_ends.last().copied().unwrap_or(0), assumed);
    let sum = |of: &dyn Fn(u64) -> f64| year_ends.iter().map(|businesses| of(*businesses)).sum::<f64>();
    let visits = sum(&|businesses| Activity::of(businesses, assumed).visits_a_month * 12.0);
    let rows = [
        now.businesses as f64,
        now.customers,
        visits,
        sum(&|businesses| businesses as f64 * assumed.campaigns.value * 12.0),
        sum(&|businesses| Messages::of(businesses, assumed).a_day * 365.0),
        visits * assumed.unlocking.value,
        now.customers * REFERRED,
        sum(&|businesses| businesses as f64 * EVENTS_OF_BUSINESS),
    ];
    let passage = held(("passage", PASSAGE_BYTES, 0.5), now.stamps_a_day * PASSAGE_DAYS);
    std::array::from_fn(|at| if at < rows.len() { held(TABLES[at], rows[at]) } else { passage })
}

/// Bytes of all tables, rows and indexes.
pub fn total(tables: &[Held]) -> f64 {
    tables.iter().map(Held::bytes).sum()
}

/// Gigabytes of disk for so many bytes: room beside what is held, in steps of ten.
pub fn disk(bytes: f64, assumed: &Assumptions) -> u64 {
    let gigabytes = bytes / 1e9 * assumed.disk_factor.value;
    ((gigabytes / 10.0).ceil().max(1.0) as u64).saturating_mul(10)
}

/// Files, in gigabytes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Files {
    /// Logos and posters.
    pub assets: f64,
    /// Passes that are kept for a day.
    pub passes: f64,
    /// Backups.
    pub backups: f64,
}

impl Files {
    /// The document's, for year 3: a pass of every customer, although the cache is emptied daily.
    pub fn as_the_document_counts(businesses: u64, database: f64, assumed: &Assumptions) -> Self {
        let customers = Activity::of(businesses, assumed).customers;
        Self { passes: customers * assumed.pass_size.value / 1e6, ..Self::of(businesses, database, assumed) }
    }

    /// Of so many businesses and a database of so many bytes. A pass is kept for a day after it changed.
    pub fn of(businesses: u64, database: f64, assumed: &Assumptions) -> Self {
        let activity = Activity::of(businesses, assumed);
        let changed = (activity.pass_updates_a_day * assumed.pass_cache.value / 24.0).min(activity.customers);
        let assets = assumed.logo_size.value + assumed.poster_size.value;
        Self {
            assets: businesses as f64 * assets / 1e6,
            passes: changed * assumed.pass_size.value / 1e6,
            backups: database * assumed.backups.value / 1e9,
        }
    }

    /// All of them.
    pub fn total(&self) -> f64 {
        self.assets + self.passes + self.backups
    }
}
