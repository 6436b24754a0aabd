//! How long statements take, by what they do to which table.

use std::fmt;

use tracing::field::{Field, Visit};
use tracing::{Event, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::Context;
use tracing_subscriber::registry::LookupSpan;

/// Where the driver tells of each statement.
const TOLD_AT: &str = "sqlx::query";

/// Counts what the driver tells of each statement that has ended.
pub(crate) fn layer<S>() -> impl Layer<S>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    Statements.with_filter(Targets::new().with_target(TOLD_AT, LevelFilter::DEBUG))
}

struct Statements;

impl<S: Subscriber> Layer<S> for Statements {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let mut told = Told::default();
        event.record(&mut told);
        if let (Some(statement), Some(seconds)) = (told.statement, told.seconds) {
            metrics::histogram!("db_query_duration_seconds", "statement" => statement).record(seconds);
        }
    }
}

/// One statement, as the driver tells of it.
#[derive(Default)]
struct Told {
    statement: Option<String>,
    seconds: Option<f64>,
}

impl Visit for Told {
    fn record_f64(&mut self, field: &Field, value: f64) {
        if field.name() == "elapsed_secs" {
            self.seconds = Some(value);
        }
    }

    // A short statement stands in the summary whole, and is empty beside it.
    fn record_str(&mut self, field: &Field, value: &str) {
        match field.name() {
            "summary" if self.statement.is_none() => self.statement = Some(name(value)),
            "db.statement" if !value.is_empty() => self.statement = Some(name(value)),
            _ => {}
        }
    }

    fn record_debug(&mut self, _: &Field, _: &dyn fmt::Debug) {}
}

/// `select stamping.card`: what a statement does, and the first table that it names. Only words that stand in our own texts
/// become names, and no month's partition does, so that there are few.
fn name(statement: &str) -> String {
    let mut words = statement
        .split_whitespace()
        .map(|word| word.trim_start_matches('(').trim_end_matches([')', ',', ';']));
    let verb = words.next().filter(|verb| is_plain(verb)).unwrap_or("other").to_ascii_lowercase();
    let mut leads = verb == "update";
    for word in words {
        if leads && is_plain(word) && !NO_TABLES.contains(&word) {
            return format!("{verb} {word}");
        }
        leads = ["from", "into", "update"].iter().any(|lead| word.eq_ignore_ascii_case(lead));
    }
    verb
}

/// What may follow a word that leads to a table, and is none.
const NO_TABLES: [&str; 4] = ["select", "lateral", "only", "set"];

fn is_plain(word: &str) -> bool {
    !word.is_empty() && word.bytes().all(|letter| letter.is_ascii_alphabetic() || b"_.".contains(&letter))
}

#[cfg(test)]
mod tests {
    use metrics_exporter_prometheus::PrometheusBuilder;
    use tracing_subscriber::layer::SubscriberExt;

    use super::*;

    #[test]
    fn a_statement_is_named_by_what_it_does_to_which_table() {
        for (statement, named) in [
            ("select card_id, total from stamping.card where card_id > $1", "select stamping.card"),
            ("\n\nselect (select count(*) from messaging.queue) as waiting", "select messaging.queue"),
            ("select * from unnest($1::uuid[]) as t join stamping.card using (card_id)", "select"),
            ("insert into outbox (event_id) select * from unnest($1::uuid[])", "insert outbox"),
            ("UPDATE messaging.sender set circuit = $2", "update messaging.sender"),
            ("select 1 from x.y for update", "select x.y"),
            ("select extract(epoch from now() - min(created_at)) from outbox", "select outbox"),
            ("with due as (select id from wallet_pass.push) select id from due", "with wallet_pass.push"),
            ("delete from campaign.inbox where received_at < $1", "delete campaign.inbox"),
            ("create table if not exists stamping.stamp_2026_11 partition of stamping.stamp", "create"),
            ("select count(*) from stamping.stamp_2026_11", "select"),
            ("BEGIN", "begin"),
            ("select 1", "select"),
            ("", "other"),
            ("\"odd\" words", "other"),
        ] {
            assert_eq!(name(statement), named, "{statement}");
        }
    }

    #[test]
    fn what_the_driver_tells_is_counted_and_nothing_else() {
        let recorder = PrometheusBuilder::new().build_recorder();
        let handle = recorder.handle();
        let subscriber = tracing_subscriber::registry().with(layer());
        metrics::with_local_recorder(&recorder, || {
            tracing::subscriber::with_default(subscriber, || {
                tracing::debug!(
                    target: "sqlx::query",
                    summary = "select total from stamping.card …",
                    db.statement = "\n\nselect total from stamping.card where card_id = $1\n",
                    elapsed_secs = 0.25,
                );
                tracing::warn!(target: "sqlx::query", summary = "commit", db.statement = "", elapsed_secs = 2.0);
                tracing::debug!(target: "sqlx::pool", summary = "rollback", elapsed_secs = 2.0);
            });
        });
        let told = handle.render();
        for expected in [
            "db_query_duration_seconds_sum{statement=\"select stamping.card\"} 0.25",
            "db_query_duration_seconds_sum{statement=\"commit\"} 2",
        ] {
            assert!(told.contains(expected), "{told}");
        }
        assert!(!told.contains("rollback"), "{told}");
    }
}
