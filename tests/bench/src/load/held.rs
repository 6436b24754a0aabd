//! T3, second half: as many sockets on one gateway as are asked for, and what each costs it.

use std::time::{Duration, Instant};

use anyhow::ensure;
use growth::Year;
use serde_json::json;
use uuid::Uuid;

use super::report::{Figure, Report};
use super::sockets::Sockets;
use super::{Choices, shops};
use crate::chart::{Series, lines, number};
use crate::data;
use crate::http::Connection;
use crate::platform::Platform;
use crate::verdict::{Short, Verdict};

/// What a connection may cost, in KB of 1,000 bytes.
const TARGET_KB: f64 = 15.0;
const KB_OF_MB: f64 = 1_000.0;
/// Shops that they are spread over.
const SHOPS: u64 = 100;
/// Sockets that are opened before anything is counted: what the first ones make stays.
const FIRST: usize = 200;
/// Steps in which the others are opened.
const STEPS: usize = 20;
/// How long memory is given to come to rest.
const REST: Duration = Duration::from_secs(25);

/// Opens them all, and looks at the memory of the process that holds the other ends.
pub(super) async fn run(platform: &mut Platform, choices: &Choices, count: usize) -> anyhow::Result<Report> {
    data::fill(platform, Year::One).await?;
    let shops = shops::open(platform, Year::One.businesses(), SHOPS).await?;
    platform.restart().await?;
    let mut sockets = Sockets::to(&platform.address);
    sockets.open(&shops, FIRST).await?;
    tokio::time::sleep(REST / 5).await;
    let before = platform.resident_mb()?;
    let (begun, mut memory) = (Instant::now(), vec![Some(before)]);
    for step in 1..=STEPS {
        let wanted = FIRST + count * step / STEPS;
        sockets.open(&shops, wanted - sockets.count()).await?;
        memory.push(Some(platform.resident_mb()?));
    }
    let opened_in = begun.elapsed().as_secs_f64();
    // Longer than a ping takes to come around, so that each has answered one.
    tokio::time::sleep(REST).await;
    let after = platform.resident_mb()?;
    let each = (after - before) * KB_OF_MB / count as f64;
    let (of_one, heard) = hear_one(&sockets, &platform.address, &shops[0], count).await?;
    let ended = sockets.ended();
    ensure!(ended == 0, "{ended} sockets have ended meanwhile");
    let said = format!(
        "{count} sockets on one gateway, opened in {opened_in:.0} s, {FIRST} before them. Resident memory of the process that holds \
         every service went from {before:.0} to {after:.0} MB. One stamp then reached {heard} of the {of_one} sockets of its shop."
    );
    let series = [Series { name: "Sello".into(), values: memory }];
    Ok(Report {
        said,
        verdicts: vec![
            Verdict {
                target: "T3",
                what: format!("memory of each of {count} connections on one gateway"),
                measured: format!("{} KB", number(each)),
                wanted: format!("< {TARGET_KB} KB"),
                passed: each < TARGET_KB,
                short: Short::Slow,
            },
            Verdict::none("T3", "sockets that did not hear a stamp of their shop", of_one.abs_diff(heard)),
            platform.verify("T3").await?,
        ],
        figures: vec![Figure {
            heading: "Memory while they are opened",
            drawing: lines("Resident memory", "MB", |step| (step * count / STEPS).to_string(), &series),
            note: "By sockets that are open.".to_owned(),
        }],
        table: Vec::new(),
        numbers: json!({
            "sockets": count, "kb_each": each, "resident_mb_before": before, "resident_mb_after": after,
            "opened_in_seconds": opened_in, "open_files": choices.open_files,
        }),
    })
}

/// Stamps at one shop: how many sockets it has, and how many hear of it.
async fn hear_one(
    sockets: &Sockets,
    address: &str,
    shop: &crate::shop::Shop,
    count: usize,
) -> anyhow::Result<(usize, usize)> {
    sockets.take();
    let of_one = (0..FIRST + count).step_by(usize::try_from(SHOPS)?).count();
    let headers = format!("{}idempotency-key: {}\r\n", shop.bearer, Uuid::now_v7());
    let answer =
        Connection::open(address).await?.send("POST", "/api/v1/stamps", &headers, &shop.stamps[0]).await?;
    ensure!(answer.status == 201, "the stamp was answered {}", answer.status);
    let (begun, mut heard) = (Instant::now(), 0);
    while heard < of_one && begun.elapsed() < Duration::from_secs(10) {
        tokio::time::sleep(Duration::from_millis(50)).await;
        heard += sockets.take().frames.iter().filter(|frame| frame.stamp.is_some()).count();
    }
    Ok((of_one, heard))
}
