//! What the phones show, against what the cards are: told by pushes alone, for nobody stamps any more.

use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use e2e::World;
use fakes::iphone::Shown;
use futures::future::join_all;
use serde_json::Value;

use crate::Kept;
use crate::regulars::{Customer, Pass, Regulars, Wave};

/// How long the last phone may take, with pauses between tries that grow.
const PATIENCE: Duration = Duration::from_secs(240);
/// How often what is left to tell is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(250);

/// A card, as far as its pass must show it. Stamps begin anew with every cycle, and its rewards tell the cycles apart.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Balance {
    /// As it is written: `3 / 10`.
    stamps: String,
    open_rewards: usize,
}

impl Balance {
    /// As the card's own page has it.
    fn of(page: &Value) -> anyhow::Result<Self> {
        let number = |name: &str| page["card"][name].as_i64().with_context(|| format!("no {name}"));
        let rewards = page["rewards"].as_array().context("no rewards")?;
        Ok(Self {
            stamps: format!("{} / {}", number("stamps")?, number("stamps_required")?),
            open_rewards: rewards.iter().filter(|reward| reward["state"] == "open").count(),
        })
    }

    /// As a phone shows it.
    fn on(shown: &Shown) -> Option<Self> {
        let open_rewards = shown.value("open").map_or(0, |titles| titles.lines().count());
        Some(Self { stamps: shown.stamps()?.to_owned(), open_rewards })
    }
}

/// What came of the waiting.
pub(crate) struct Seen {
    phones: usize,
    /// Until the last phone was as its card.
    last: Duration,
    faults: Vec<String>,
}

/// Waits until every phone shows its card as it is now.
pub(crate) async fn until_shown(world: &World, regulars: &Regulars, waves: &[&Wave]) -> anyhow::Result<Seen> {
    let begun = Instant::now();
    let holders = waves.iter().flat_map(|wave| &wave.customers);
    let holders: Vec<(&Customer, &Pass)> =
        holders.filter_map(|customer| Some((customer, customer.pass.as_ref()?))).collect();
    let mut waiting = Vec::new();
    for (customer, pass) in &holders {
        waiting.push(stale(pass, balance(regulars, customer).await?));
    }
    let mut faults: Vec<String> = join_all(waiting).await.into_iter().flatten().collect();
    let last = begun.elapsed();
    faults.extend(left_to_tell(world, holders.len(), begun).await?);
    Ok(Seen { phones: holders.len(), last, faults })
}

/// Tells of it.
pub(crate) fn tell(seen: &Seen, kept: &mut Kept) {
    let what = format!(
        "each of {} registered iPhones shows the newest balance of its card, the last {:.1} s after the last errand",
        seen.phones,
        seen.last.as_secs_f64()
    );
    kept.tell_of("R3", &seen.faults, &what);
}

async fn balance(regulars: &Regulars, customer: &Customer) -> anyhow::Result<Balance> {
    let (api, path) = (&regulars.till.shop.api, format!("/cards/{}", customer.card));
    let page = regulars.till.until_answered(|_| api.get(&path).card(&customer.holder_token)).await?;
    ensure!(page.status() == 200, "no card: {page}");
    Balance::of(&page.json())
}

/// What a phone shows that never came to show its card.
async fn stale(pass: &Pass, balance: Balance) -> Option<String> {
    let is_so = |shown: &Shown| Balance::on(shown).as_ref() == Some(&balance);
    let shown = pass.phone.until_within(&pass.serial, PATIENCE, is_so).await;
    shown.is_err().then(|| {
        let shows = pass.phone.shows(&pass.serial).as_ref().and_then(Balance::on);
        let trouble = pass.phone.snapshot().troubles.pop().unwrap_or_default();
        format!("card {} is {balance:?}, its phone shows {shows:?}; its last trouble: {trouble}", pass.serial)
    })
}

/// Waits until nobody is to be pushed to any more; what was given up, and phones that were forgotten.
async fn left_to_tell(world: &World, phones: usize, begun: Instant) -> anyhow::Result<Vec<String>> {
    let mut database = world.database().await;
    loop {
        let waiting: i64 =
            sqlx::query_scalar("select count(*) from wallet_pass.push where next_at is not null")
                .fetch_one(&mut database)
                .await?;
        if waiting > 0 && begun.elapsed() < PATIENCE {
            tokio::time::sleep(LOOK_EVERY).await;
            continue;
        }
        let dead: i64 = sqlx::query_scalar(
            "select count(*) from wallet_pass.push where next_at is null and (reason <> '' or told < wanted)",
        )
        .fetch_one(&mut database)
        .await?;
        let registered: i64 = sqlx::query_scalar("select count(*) from wallet_pass.registration")
            .fetch_one(&mut database)
            .await?;
        let counts = [
            ("pushes still wait", waiting, 0),
            ("pushes were given up", dead, 0),
            ("phones are registered", registered, phones as i64),
        ];
        let odd = counts.into_iter().filter(|(_, found, should)| found != should);
        return Ok(odd.map(|(what, found, should)| format!("{found} {what}, and not {should}")).collect());
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_card_is_told_from_itself_a_cycle_before() {
        let page = |stamps: i64, states: &[&str]| {
            let rewards: Vec<Value> = states.iter().map(|state| json!({ "state": state })).collect();
            json!({ "card": { "stamps": stamps, "stamps_required": 10 }, "rewards": rewards })
        };
        let balance = |stamps, states: &[&str]| Balance::of(&page(stamps, states)).unwrap();
        assert_eq!(balance(3, &["open", "redeemed"]), Balance { stamps: "3 / 10".into(), open_rewards: 1 });
        assert_ne!(balance(3, &["open"]), balance(3, &["open", "open"]));
        assert!(Balance::of(&json!({ "card": {}, "rewards": [] })).is_err());
    }
}
