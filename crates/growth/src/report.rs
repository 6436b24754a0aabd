//! Everything as plain text, for an operator at a terminal.

use std::fmt;

use crate::table::{Table, number, wrapped};
use crate::{
    Assumptions, Contradiction, Deployment, Multiple, Request, Scenario, Service, TierStep, Weight, Workload,
    Year, contradictions, network, queries, steps, storage,
};

/// Columns of a terminal that lines are broken for.
const WIDTH: usize = 120;

/// What the model says of a year.
#[derive(Clone, Debug)]
pub struct Report {
    /// The year that is sized.
    pub year: Year,
    /// How many times its peak the load test sends.
    pub multiple: Multiple,
    /// What it rests on.
    pub assumed: Assumptions,
    /// What each year needs, in the order of [`Year::ALL`].
    pub deployments: [Deployment; 5],
    /// What the load test sends.
    pub planned: Workload,
    /// What would follow from the assumptions at the same multiple.
    pub computed: Workload,
    /// When tiers are outgrown.
    pub steps: Vec<TierStep>,
    /// Where the document contradicts itself.
    pub contradictions: Vec<Contradiction>,
}

impl Report {
    /// Of a year, with a load test at a multiple of its peak.
    pub fn new(year: Year, multiple: Multiple) -> Self {
        let assumed = Assumptions::PLANNED;
        Self {
            year,
            multiple,
            deployments: Year::ALL.map(|year| Deployment::of(year, &assumed)),
            planned: Workload::planned(year.businesses(), multiple, &assumed),
            computed: Workload::computed(year.businesses(), multiple, &assumed),
            steps: steps(&assumed),
            contradictions: contradictions(&assumed),
            assumed,
        }
    }

    /// What the year needs.
    pub fn deployment(&self) -> &Deployment {
        &self.deployments[self.year as usize]
    }

    fn growth(&self) -> Table {
        let mut table = Table::new(&["", "year 1", "year 2", "year 3", "year 4", "year 5"]);
        let mut row = |name: &str, of: &dyn Fn(&Deployment) -> String| {
            table.row(std::iter::once(name.to_owned()).chain(self.deployments.iter().map(of)));
        };
        row("businesses", &|year| number(year.activity.businesses as f64));
        row("customers", &|year| number(year.activity.customers));
        row("stamps a day", &|year| number(year.activity.stamps_a_day));
        row("stamps a minute, peak, computed", &|year| number(year.activity.peak_stamps_a_minute()));
        row("requests a second, planned", &|year| number(year.load.per_second()));
        row("live sockets", &|year| number(year.activity.sockets()));
        row("messages a day", &|year| number(year.messages.a_day));
        row("messages on the busiest day", &|year| number(year.messages.busiest_day));
        row("messaging tier", &|year| year.tier.to_string());
        row("replicas of services", &|year| year.replicas().to_string());
        row("cores of the database", &|year| year.database.cores.to_string());
        row("copies that follow it", &|year| year.database.read_replicas.to_string());
        row("held by it, GB", &|year| number(year.held / 1e9));
        row("its disk, GB", &|year| number(year.disk as f64));
        row("files, GB", &|year| number(year.files.total()));
        row("what runs, US$ a month", &|year| number(year.bill.running()));
        row("messages, US$ a month", &|year| number(year.bill.messages));
        row("revenue, US$ a month", &|year| number(year.bill.revenue));
        table
    }

    fn services(&self) -> Table {
        let mut table = Table::new(&["service", "calls/s at the peak", "replicas", "at most"]);
        for size in &self.deployment().services {
            table.row([
                size.service.name().to_owned(),
                number(size.calls),
                size.replicas.to_string(),
                size.most.to_string(),
            ]);
        }
        table
    }

    fn workload(&self) -> Table {
        let mut table = Table::new(&["request", "planned/s", "computed/s"]);
        for request in Request::ALL {
            table.row([
                request.endpoint().to_owned(),
                number(self.planned.rate(request)),
                number(self.computed.rate(request)),
            ]);
        }
        let mut row = |name: &str, planned: f64, computed: f64| {
            table.row([name.to_owned(), number(planned), number(computed)]);
        };
        row("all", self.planned.per_second(), self.computed.per_second());
        row("live sockets", self.planned.sockets() as f64, self.computed.sockets() as f64);
        row("  of them tills", self.planned.tills, self.computed.tills);
        row("frames", self.planned.frames_per_second, self.computed.frames_per_second);
        table
    }

    fn bill(&self) -> Table {
        let bill = &self.deployment().bill;
        let mut table = Table::new(&["", "US$ a month"]);
        for line in &bill.lines {
            table.row([line.what.to_owned(), number(line.monthly.round())]);
        }
        table.row(["What runs".to_owned(), number(bill.running().round())]);
        table.row(["WhatsApp, from the businesses' budgets".to_owned(), number(bill.messages.round())]);
        table
    }

    fn tiers(&self) -> Table {
        let mut table = Table::new(&["tier", "too small from", "in", "raised by itself from"]);
        for step in &self.steps {
            table.row([
                step.from.to_string(),
                format!("{} businesses", number(step.full_at as f64)),
                step.by.unwrap_or("later").to_owned(),
                format!("{} businesses", number(step.raised_at as f64)),
            ]);
        }
        table
    }

    fn scenarios() -> Table {
        let mut table = Table::new(&["scenario", "2027 as the document has it", "as churn leaves it"]);
        for scenario in Scenario::ALL {
            table.row([
                format!("{scenario:?}"),
                number(scenario.rows()[7].total as f64),
                number(scenario.rolled()[7]),
            ]);
        }
        table
    }

    fn queries(&self) -> Table {
        let mut table =
            Table::new(&["queries/s, year 3", "reads, document", "computed", "writes, document", "computed"]);
        let computed = queries::computed(Year::Three.businesses(), &self.assumed);
        for (said, follows) in queries::DOCUMENT.iter().zip(&computed) {
            table.row([
                said.operation.to_owned(),
                number(said.reads),
                number(follows.reads),
                number(said.writes),
                number(follows.writes),
            ]);
        }
        table
    }

    fn held(&self) -> Table {
        let mut table = Table::new(&["rows at the end of year 3", "document", "computed", "MB computed"]);
        let document = storage::document();
        let year_ends: Vec<u64> = Year::Three.so_far().map(Year::businesses).collect();
        for (at, held) in storage::computed(&year_ends, &self.assumed).iter().enumerate() {
            let said = document.get(at).map_or_else(|| "-".to_owned(), |said| number(said.rows));
            table.row([held.table.to_owned(), said, number(held.rows), number(held.bytes() / 1e6)]);
        }
        table
    }

    fn network(&self) -> Table {
        let mut table = Table::new(&["KB/s, year 3", "document", "computed"]);
        for (at, flow) in network::computed(Year::Three.businesses(), &self.assumed).iter().enumerate() {
            let said =
                network::DOCUMENT.get(at).map_or_else(|| "-".to_owned(), |said| number(said.kilobytes));
            table.row([flow.name.to_owned(), said, number(flow.kilobytes)]);
        }
        table
    }

    fn assumptions(&self) -> Table {
        let mut table = Table::new(&["", "planned", "range", "in"]);
        let all = self.assumed.listed();
        for section in all.chunk_by(|one, next| one.section == next.section) {
            table.row(section.first().map(|one| one.section.to_string()));
            for one in section {
                let range = format!("{}-{}", number(one.low), number(one.high));
                let range = if one.low == one.high { String::new() } else { range };
                table.row([format!("  {}", one.name()), number(one.value), range, one.unit.to_owned()]);
            }
        }
        table
    }

    fn write_database(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        let database = &self.deployment().database;
        let (reads, writes) = self.deployment().load.queries_per_second(&self.assumed);
        writeln!(
            to,
            "  PostgreSQL: {} cores, {} that follow, max_connections {}; {} reads and {} writes a second at the peak.\n  \
             PgBouncer: {} copies; in each {} connections for a role, {} for all; {} from services at most.",
            database.cores,
            database.read_replicas,
            database.most,
            number(reads),
            number(writes),
            database.poolers,
            database.pool,
            database.pool_total,
            number(database.clients as f64)
        )
    }

    fn write_contradictions(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut count = 0;
        for weight in Weight::ALL {
            writeln!(to, "\n{}", weight.meaning())?;
            for one in self.contradictions.iter().filter(|one| one.weight == weight) {
                count += 1;
                let places: Vec<&str> = one.places.iter().map(|place| place.heading()).collect();
                writeln!(to, "\n  {count}. {} ({})", one.subject, places.join(", "))?;
                for (word, text) in [
                    ("says", one.says.as_str()),
                    ("follows", &one.follows),
                    ("we plan", &one.plan),
                    ("why", one.why),
                ] {
                    writeln!(to, "     {word:<8} {}", wrapped(text, 14, WIDTH))?;
                }
            }
        }
        Ok(())
    }
}

impl fmt::Display for Report {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (number_of_year, ends) = (self.year.number(), self.year.ends());
        writeln!(to, "The growth document as a model. What is \"planned\" is what we run and test with.")?;
        writeln!(to, "\nYEARS\n\n{}", self.growth())?;
        writeln!(to, "YEAR {number_of_year} ({ends})\n\n{}", self.services())?;
        writeln!(to, "  {} services, each replica a quarter of a core.", Service::ALL.len())?;
        self.write_database(to)?;
        writeln!(to, "\n{}", self.bill())?;
        writeln!(to, "LOAD TEST at {} times the peak of year {number_of_year}", number(self.multiple.get()))?;
        writeln!(to, "\n{}", self.workload())?;
        writeln!(to, "MESSAGING TIERS\n\n{}", self.tiers())?;
        writeln!(to, "THE DOCUMENT'S TABLES, beside what follows from its assumptions\n")?;
        writeln!(to, "{}\n{}\n{}\n{}", Self::scenarios(), self.queries(), self.held(), self.network())?;
        writeln!(to, "ASSUMPTIONS\n\n{}", self.assumptions())?;
        writeln!(to, "WHERE THE DOCUMENT CONTRADICTS ITSELF: {} places", self.contradictions.len())?;
        self.write_contradictions(to)
    }
}
