//! From what a load has shown to a report of it.

use std::collections::BTreeMap;
use std::time::Instant;

use anyhow::Context;
use growth::{Request, Workload, Year};
use serde_json::{Value, json};

use super::compared::OnYear;
use super::processes::Use;
use super::report::{Figure, Report};
use super::sockets::unheard;
use super::{Choices, Shown};
use crate::chart::{Range, Series, bars, lines, number, ranges};
use crate::figures::{Spread, Wanted};
use crate::latency::Latencies;
use crate::mixed::{REQUESTS_MS, SHOWN_FAILURES};
use crate::verdict::{Short, Verdict};

/// T3: p99 from tap to frame, in ms.
const FRAME_MS: f64 = 50.0;
/// T7: resident at T2, in MB.
const RESIDENT_MB: f64 = 300.0;
/// The ends of the bars of T3.
const BARS_MS: [u32; 9] = [2, 5, 10, 15, 20, 30, 50, 100, 200];

fn second(at: usize) -> String {
    format!("{at} s")
}

/// Everything that is told of its rounds, of which there is at least one: figures of all, pictures of the one in the middle.
pub(super) fn report(
    choices: &Choices,
    load: &Workload,
    year: Year,
    rounds: &[Shown],
    compared: Option<(&OnYear, &OnYear)>,
) -> anyhow::Result<Report> {
    let requests: Vec<Latencies> = rounds.iter().map(|round| round.mixed.took(None)).collect();
    let frames: Vec<Latencies> = rounds.iter().map(from_tap_to_frame).collect();
    let at = middle(&requests).context("there was no round")?;
    let shown = &rounds[at];
    let mut verdicts = verdicts(rounds, &requests, &frames);
    verdicts.extend(compared.into_iter().flat_map(|(first, year)| year.verdicts(first)));
    Ok(Report {
        said: said(choices, load, year, rounds, (shown, &frames[at])),
        verdicts,
        figures: figures(shown, &requests[at], &frames[at]),
        table: table(shown, &requests[at], &frames[at]),
        numbers: numbers(choices, load, rounds, (&requests, &frames), compared),
    })
}

/// Where the round stands that is in the middle by the slowest hundredth of its requests.
fn middle(requests: &[Latencies]) -> Option<usize> {
    let mut places: Vec<usize> = (0..requests.len()).collect();
    places.sort_by(|one, other| ms(&requests[*one], 0.99).total_cmp(&ms(&requests[*other], 0.99)));
    places.get(places.len().saturating_sub(1) / 2).copied()
}

/// Milliseconds within which this share was done. Where there is nothing to be measured, nothing was fast.
pub(super) fn ms(took: &Latencies, share: f64) -> f64 {
    if took.count() > 0 { took.ms(share) } else { f64::INFINITY }
}

fn verdicts(rounds: &[Shown], requests: &[Latencies], frames: &[Latencies]) -> Vec<Verdict> {
    let spread =
        |took: &[Latencies], share| Spread::of(&took.iter().map(|took| ms(took, share)).collect::<Vec<_>>());
    let sum = |of: &dyn Fn(&Shown) -> usize| rounds.iter().map(of).sum::<usize>();
    let below = |target, what: String, most, found: &Spread, unit| {
        Wanted::Below(most).verdict(target, what, found, unit)
    };
    let mut verdicts = Vec::new();
    let sent = sum(&|shown| shown.mixed.sent.len());
    for (name, share, most) in REQUESTS_MS {
        let found = spread(requests, share);
        verdicts.extend(below("T2", format!("{name} of {sent} requests"), most, &found, " ms"));
    }
    verdicts.push(Verdict::none("T2", "requests that failed", sum(&|shown| shown.mixed.failed())));
    let what = format!(
        "tap to frame at {} sockets, p99 (p50 {}, p95 {})",
        rounds.first().map_or(0, |shown| shown.sockets),
        spread(frames, 0.5).told(""),
        spread(frames, 0.95).told("")
    );
    verdicts.extend(below("T3", what, FRAME_MS, &spread(frames, 0.99), " ms"));
    verdicts.push(Verdict::none("T3", "sockets that ended", sum(&|shown| shown.ended)));
    let what = format!("frames of {} stamps that never came", sum(&|shown| shown.mixed.taps.len()));
    let unheard = sum(&|shown| unheard(shown.mixed.taps.keys(), &shown.heard, shown.sockets, shown.shops));
    verdicts.push(Verdict::none("T3", what, unheard));
    // Nothing is lost by it, but frames that are left out are not slow ones either.
    let anew =
        Verdict::none("T3", "sockets told to fetch anew instead", sum(&|shown| shown.heard.anew.len()));
    verdicts.push(Verdict { short: Short::Slow, ..anew });
    let what = "most memory of all services under this load".to_owned();
    let resident: Vec<f64> = rounds.iter().map(|shown| most(shown, "Sello")).collect();
    verdicts.extend(below("T7", what, RESIDENT_MB, &Spread::of(&resident), " MB"));
    verdicts
}

fn said(
    choices: &Choices,
    load: &Workload,
    year: Year,
    rounds: &[Shown],
    (shown, frames): (&Shown, &Latencies),
) -> String {
    let seconds = shown.mixed.seconds;
    let mut said = format!(
        "{} times the planned peak for {seconds:.0} s on the data of year {} (its shops, customers and ledger; no messages or passes of \
         the past): {:.0} requests/s ({:.0} planned), {} failed; {} sockets of {} shops, {:.0} frames/s ({:.0} planned), {} of them of \
         a stamp. A request's time counts from when it was due. A till of Sello needs no socket, since its request's answer tells it \
         all: the plan's tills look on as panels do. Load, database, broker and services share the machine.",
        number(choices.multiple.get()),
        year.number(),
        shown.mixed.sent.len() as f64 / seconds,
        load.per_second(),
        rounds.iter().map(|round| round.mixed.failed()).sum::<usize>(),
        shown.sockets,
        shown.shops,
        shown.heard.frames.len() as f64 / seconds,
        load.frames_per_second,
        frames.count(),
    );
    if rounds.len() > 1 {
        said += &format!(
            " {} times in all, the platform started anew each time: what is judged is the median; the pictures and the table are \
             of the round in the middle.",
            rounds.len()
        );
    }
    let (ended, resyncs): (usize, usize) = rounds
        .iter()
        .fold((0, 0), |(ended, told), round| (ended + round.ended, told + round.heard.anew.len()));
    if ended + resyncs > 0 {
        said += &format!(" {ended} sockets ended, and {resyncs} times one was told to fetch anew.");
    }
    let mut failures = BTreeMap::<&str, usize>::new();
    for (failure, count) in rounds.iter().flat_map(|round| &round.mixed.failures) {
        *failures.entry(failure).or_default() += count;
    }
    for (failure, count) in failures.into_iter().take(SHOWN_FAILURES) {
        said += &format!(" {count} ×: {failure}.");
    }
    said
}

/// From the moment at which a tap was due to each frame that tells of its stamp.
fn from_tap_to_frame(shown: &Shown) -> Latencies {
    Latencies::of(shown.heard.frames.iter().filter_map(|frame| {
        let tap = shown.mixed.taps.get(&frame.stamp?)?;
        u32::try_from(frame.at.duration_since(*tap).as_micros()).ok()
    }))
}

fn most(shown: &Shown, name: &str) -> f64 {
    shown.uses.iter().filter_map(|uses| uses.get(name)).map(|one| one.mb).fold(0.0, f64::max)
}

/// Things that happened, gathered by the second in which they did.
fn by_second<T: Copy>(shown: &Shown, things: impl Iterator<Item = (Instant, T)>) -> Vec<Vec<T>> {
    let mut seconds = vec![Vec::new(); shown.mixed.seconds.ceil() as usize];
    for (at, thing) in things {
        let second = at.saturating_duration_since(shown.mixed.begun).as_secs() as usize;
        if let Some(second) = seconds.get_mut(second) {
            second.push(thing);
        }
    }
    seconds
}

/// How long the requests took that were due in each second.
fn each_second(shown: &Shown) -> Vec<Latencies> {
    let done = shown.mixed.sent.iter().filter(|sent| sent.done).map(|sent| (sent.due, sent.micros));
    by_second(shown, done).into_iter().map(Latencies::of).collect()
}

/// Milliseconds within which this share was answered, each second.
fn shares(seconds: &[Latencies], share: f64) -> Vec<Option<f64>> {
    seconds.iter().map(|took| (took.count() > 0).then(|| took.ms(share))).collect()
}

fn figures(shown: &Shown, requests: &Latencies, frames: &Latencies) -> Vec<Figure> {
    let range = |name: String, took: &Latencies| Range {
        name,
        p50: took.ms(0.5),
        p95: took.ms(0.95),
        p99: took.ms(0.99),
        most: took.ms(1.0),
    };
    let mut rows = vec![range("all requests".into(), requests)];
    rows.extend(
        Request::ALL.map(|kind| range(kind.endpoint().replace("/api/v1", ""), &shown.mixed.took(Some(kind)))),
    );
    rows.push(range("tap to frame".into(), frames));
    let sent = by_second(shown, shown.mixed.sent.iter().map(|sent| (sent.due, sent.done)));
    let heard = by_second(shown, shown.heard.frames.iter().map(|frame| (frame.at, ())));
    let line = |name: &str, values: Vec<Option<f64>>| Series { name: name.into(), values };
    let count = |of: usize| Some(of as f64);
    let rates = [
        line("answered", sent.iter().map(|all| count(all.iter().filter(|done| **done).count())).collect()),
        line("failed", sent.iter().map(|all| count(all.iter().filter(|done| !**done).count())).collect()),
    ];
    let took = each_second(shown);
    let times = [line("p50", shares(&took, 0.5)), line("p99", shares(&took, 0.99))];
    let heard = [line("frames", heard.iter().map(|all| count(all.len())).collect())];
    let bars_of = BARS_MS.iter().map(|ms| format!("≤ {ms} ms")).chain(["more".to_owned()]);
    let counts = frames.within(&BARS_MS).into_iter().map(|count| count as f64);
    let bars_of: Vec<(String, f64)> = bars_of.zip(counts).collect();
    let figure = |heading, drawing, note: &str| Figure { heading, drawing, note: note.to_owned() };
    vec![
        figure(
            "How long requests took",
            ranges("Percentiles of each request", &rows, &REQUESTS_MS.map(|(_, _, ms)| ms)),
            "",
        ),
        figure("Requests, each second", lines("Requests each second", "1/s", second, &rates), ""),
        figure("How long requests took, each second", lines("Latency each second", "ms", second, &times), ""),
        figure(
            "Frames, each second",
            lines("Frames each second", "1/s", second, &heard),
            "Of all sockets together.",
        ),
        figure(
            "From tap to frame",
            bars("Frames by how long they took", &bars_of),
            "How many frames took how long.",
        ),
        figure(
            "Memory",
            lines("Resident memory", "MB", second, &used(shown, |one| one.mb)),
            "Memory that processes of a server share is counted once.",
        ),
        figure(
            "Processor",
            lines("Processor time", "% of a core", second, &used(shown, |one| one.percent)),
            "“This load” is the program that sends and listens.",
        ),
    ]
}

fn used(shown: &Shown, of: impl Fn(&Use) -> f64) -> Vec<Series> {
    ["Sello", "PostgreSQL", "NATS", "this load"]
        .map(|name| Series {
            name: name.to_owned(),
            values: shown.uses.iter().map(|uses| uses.get(name).map(&of)).collect(),
        })
        .into()
}

fn table(shown: &Shown, requests: &Latencies, frames: &Latencies) -> Vec<Vec<String>> {
    let row = |name: &str, took: &Latencies| {
        let percentiles = [0.5, 0.95, 0.99, 1.0].map(|share| format!("{:.1}", took.ms(share)));
        [vec![name.to_owned(), took.count().to_string()], percentiles.to_vec()].concat()
    };
    let mut rows =
        vec![["", "count", "p50 ms", "p95 ms", "p99 ms", "slowest ms"].map(str::to_owned).to_vec()];
    rows.push(row("all requests", requests));
    rows.extend(Request::ALL.map(|kind| row(kind.endpoint(), &shown.mixed.took(Some(kind)))));
    rows.push(row("tap to frame", frames));
    rows
}

fn numbers(
    choices: &Choices,
    load: &Workload,
    rounds: &[Shown],
    (requests, frames): (&[Latencies], &[Latencies]),
    compared: Option<(&OnYear, &OnYear)>,
) -> Value {
    let each = rounds.iter().zip(requests).zip(frames);
    let each: Vec<Value> =
        each.map(|((shown, requests), frames)| of_round(shown, requests, frames)).collect();
    json!({
        "times": choices.multiple.get(), "planned_per_second": load.per_second(),
        "planned_frames_per_second": load.frames_per_second, "rounds": each,
        "years": compared.map(|(first, year)| [first.numbers(), year.numbers()]),
    })
}

fn of_round(shown: &Shown, requests: &Latencies, frames: &Latencies) -> Value {
    let ms = |took: &Latencies| {
        json!({
            "count": took.count(), "p50": took.ms(0.5), "p95": took.ms(0.95), "p99": took.ms(0.99), "most": took.ms(1.0),
        })
    };
    let kinds: serde_json::Map<String, Value> = Request::ALL
        .iter()
        .map(|kind| (kind.endpoint().to_owned(), ms(&shown.mixed.took(Some(*kind)))))
        .collect();
    let seconds = shown.mixed.seconds;
    json!({
        "seconds": seconds, "sent_per_second": shown.mixed.sent.len() as f64 / seconds, "failed": shown.mixed.failed(),
        "failures": shown.mixed.failures, "all_ms": ms(requests), "kinds_ms": kinds,
        "each_second_p99_ms": shares(&each_second(shown), 0.99), "sockets": shown.sockets, "shops": shown.shops,
        "sockets_ended": shown.ended, "resyncs": shown.heard.anew.len(),
        "frames_per_second": shown.heard.frames.len() as f64 / seconds, "tap_to_frame_ms": ms(frames),
        "most_mb": { "sello": most(shown, "Sello"), "postgresql": most(shown, "PostgreSQL"), "nats": most(shown, "NATS") },
    })
}
