//! R1: people who work, and never let an intent go before it is answered, while everything is killed in its turn.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::Context;
use e2e::{Answer, Shop, World, until_none};
use futures::future::try_join_all;
use futures::{StreamExt, TryStreamExt, stream};
use rand::SeedableRng;
use rand::rngs::StdRng;
use serde_json::{Value, json};

use crate::Kept;
use crate::books::{Account, projections};
use crate::client::{Till, text};
use crate::plan::{Deed, Hand, Intent, Round};
use crate::victims::{Victim, everybody};

/// Shops, and people in each.
const SHOPS: usize = 4;
const TELLERS: usize = 6;
/// What one person sends at once.
const AT_ONCE: usize = 6;
/// Cards that all of a shop stamp, besides those of her own.
const SHARED: usize = 3;
/// Stamps that one person keeps in mind to take back.
const KEPT_STAMPS: usize = 40;
/// How long nothing at all may be done before something is wrong.
const STUCK: Duration = Duration::from_secs(60);

/// What was done in each shop, and what was said of it.
pub(crate) struct Work {
    tills: Vec<Arc<Till>>,
    accounts: Vec<Account>,
}

/// Does `size` operations while everybody dies once, PgBouncer too where there is one.
pub(crate) async fn run(world: &World, seed: u64, size: usize, has_pooler: bool) -> anyhow::Result<Work> {
    let begun = Instant::now();
    let done = Arc::new(AtomicUsize::new(0));
    let mut tills = Vec::new();
    for _ in 0..SHOPS {
        tills.push(Arc::new(Till::of(Shop::open(world).await)));
    }
    let quota = size.div_ceil(SHOPS * TELLERS);
    let mut working = Vec::new();
    for (place, till) in tills.iter().enumerate() {
        let mut account = Account::default();
        let shared = shared_cards(till, &mut account).await?;
        let tellers = (0..TELLERS).map(|teller| {
            let dice = StdRng::seed_from_u64(
                seed.wrapping_mul(1_000).wrapping_add((place * TELLERS + teller) as u64),
            );
            let hand = Hand { cards: shared.clone(), ..Hand::default() };
            tokio::spawn(work(Arc::clone(till), dice, hand, quota, Arc::clone(&done)))
        });
        working.push((account, tellers.collect::<Vec<_>>()));
    }
    let victims = everybody(&mut StdRng::seed_from_u64(seed), 2, has_pooler);
    let killed = kill(world, victims, quota * SHOPS * TELLERS, &done).await;
    let mut accounts = Vec::new();
    for (mut account, tellers) in working {
        for teller in try_join_all(tellers).await? {
            account.add(teller?);
        }
        accounts.push(account);
    }
    let all: usize = accounts.iter().map(|account| account.done.len() + account.refused.len()).sum();
    let sent: usize = accounts.iter().map(|account| account.sent).sum();
    let refused: usize = accounts.iter().map(|account| account.refused.len()).sum();
    println!(
        "R1  {all} operations, sent {sent} times, {refused} of them refused, in {:.0} s; killed: {}",
        begun.elapsed().as_secs_f64(),
        killed.join(", ")
    );
    Ok(Work { tills, accounts })
}

async fn kill(world: &World, victims: Vec<Victim>, size: usize, done: &AtomicUsize) -> Vec<String> {
    let between = size / (victims.len() + 1);
    let mut killed = Vec::new();
    for (turn, victim) in victims.into_iter().enumerate() {
        let share = between * (turn + 1);
        until_none("work to go on", STUCK, async || share.saturating_sub(done.load(Ordering::Relaxed))).await;
        victim.kill(world, 2).await;
        killed.push(victim.name());
    }
    killed
}

/// Looks at the books, in which nothing may be written meanwhile.
pub(crate) async fn look(world: &World, work: &Work, kept: &mut Kept) -> anyhow::Result<()> {
    world.verify().await;
    kept.tell("R1", true, "sello verify: drift 0");
    let mut database = world.database().await;
    let mut faults = Vec::new();
    for (till, account) in work.tills.iter().zip(&work.accounts) {
        faults.extend(account.compare(&mut database, &till.shop.id).await?);
    }
    kept.tell_of(
        "R1",
        &faults,
        "each operation once, its answers agree, and nothing in the ledger that nobody was told of",
    );
    let (events, faults) = projections(world).await?;
    kept.tell_of("R1", &faults, &format!("each of {events} events in every projection once"));
    Ok(())
}

/// Cards that everybody in a shop stamps; they are on the account as well.
async fn shared_cards(till: &Till, account: &mut Account) -> anyhow::Result<Vec<String>> {
    let mut cards = Vec::new();
    for _ in 0..SHARED {
        let intent = Intent { key: e2e::key(), deed: Deed::Enroll { phone: e2e::phone() } };
        let answer = send(till, &intent).await?;
        account.sent += 1;
        account.done.insert(intent.key, intent.deed);
        cards.push(text(&answer.json()["card"]["id"])?);
    }
    Ok(cards)
}

async fn work(
    till: Arc<Till>,
    mut dice: StdRng,
    mut hand: Hand,
    quota: usize,
    done: Arc<AtomicUsize>,
) -> anyhow::Result<Account> {
    let (mut account, mut left) = (Account::default(), quota);
    while left > 0 {
        let Round { wishes, order } = Round::draw(&mut dice, left);
        left -= wishes.len();
        let intents = hand.meet(&wishes);
        account.sent += order.len();
        let answers: Vec<(usize, Answer)> = stream::iter(order)
            .map(|place| {
                let (till, intent) = (&till, &intents[place]);
                async move { anyhow::Ok((place, send(till, intent).await?)) }
            })
            .buffer_unordered(AT_ONCE)
            .try_collect()
            .await?;
        done.fetch_add(intents.len(), Ordering::Relaxed);
        for (place, intent) in intents.into_iter().enumerate() {
            let of_it: Vec<&Answer> =
                answers.iter().filter(|(at, _)| *at == place).map(|(_, answer)| answer).collect();
            settle(&mut account, &mut hand, intent, &of_it)?;
        }
    }
    Ok(account)
}

async fn send(till: &Till, intent: &Intent) -> anyhow::Result<Answer> {
    let api = &till.shop.api;
    till.until_answered(|token| match &intent.deed {
        Deed::Enroll { phone } => {
            api.post("/enrollments").key(intent.key).json(&till.shop.form("Ana Flores", phone))
        }
        Deed::Stamp { card, count } => api
            .post("/stamps")
            .bearer(token)
            .key(intent.key)
            .json(&json!({ "card_id": card, "count": count })),
        Deed::Redeem { reward } => {
            api.post(&format!("/rewards/{reward}/redeem")).bearer(token).key(intent.key)
        }
        Deed::Void { stamp } => api.post(&format!("/stamps/{stamp}/void")).bearer(token).key(intent.key),
    })
    .await
    .with_context(|| format!("{intent:?}"))
}

/// Puts what the answers of one operation say on the account, and what they give into the hand. A refusal is judged afresh each
/// time, so that a copy which comes later may be done; whatever says that it was done says the same.
fn settle(account: &mut Account, hand: &mut Hand, intent: Intent, answers: &[&Answer]) -> anyhow::Result<()> {
    let (done, refused): (Vec<&Answer>, Vec<&Answer>) =
        answers.iter().copied().partition(|answer| matches!(answer.status(), 200 | 201));
    let odd = refused.iter().filter(|answer| !may_be_refused(&intent.deed, answer.problem().slug()));
    account.disagreeing.extend(odd.map(|answer| format!("{} was refused: {answer}", intent.key)));
    let Some(first) = done.first() else {
        account.refused.push(intent.key);
        return Ok(());
    };
    let body = first.json();
    if done.iter().any(|answer| essence(&intent.deed, &answer.json()) != essence(&intent.deed, &body)) {
        let told: Vec<String> = done.iter().map(ToString::to_string).collect();
        account.disagreeing.push(format!("answers of {} do not agree: {}", intent.key, told.join(" | ")));
    }
    match &intent.deed {
        Deed::Enroll { .. } => hand.cards.push(text(&body["card"]["id"])?),
        Deed::Stamp { .. } => {
            if hand.stamps.len() < KEPT_STAMPS {
                hand.stamps.push(text(&body["stamp_id"])?);
            }
            for reward in body["rewards_unlocked"].as_array().context("no rewards")? {
                hand.rewards.push(text(&reward["id"])?);
            }
        }
        Deed::Redeem { .. } | Deed::Void { .. } => {}
    }
    account.done.insert(intent.key, intent.deed);
    Ok(())
}

/// A reward may have been taken back with a stamp of it, and a stamp may hold one that was handed over.
fn may_be_refused(deed: &Deed, slug: &str) -> bool {
    match deed {
        Deed::Redeem { .. } => matches!(slug, "not-found" | "reward-not-open"),
        Deed::Void { .. } => slug == "reward-redeemed",
        Deed::Enroll { .. } | Deed::Stamp { .. } => false,
    }
}

/// What every answer of an operation must say alike. Who joins again is shown her card as it is by now.
fn essence(deed: &Deed, body: &Value) -> Value {
    match deed {
        Deed::Enroll { .. } => json!([body["customer_id"], body["card"]["id"]]),
        Deed::Stamp { .. } | Deed::Redeem { .. } | Deed::Void { .. } => body.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_joins_again_may_find_her_card_changed_but_not_another() {
        let deed = Deed::Enroll { phone: e2e::phone() };
        let card =
            |id: &str, stamps: i32| json!({ "customer_id": "c", "card": { "id": id, "stamps": stamps } });
        assert_eq!(essence(&deed, &card("a", 0)), essence(&deed, &card("a", 3)));
        assert_ne!(essence(&deed, &card("a", 0)), essence(&deed, &card("b", 0)));
    }

    #[test]
    fn nothing_is_refused_without_a_reason_that_others_can_have_given() {
        let void = Deed::Void { stamp: "a".into() };
        assert!(may_be_refused(&void, "reward-redeemed") && !may_be_refused(&void, "not-found"));
        assert!(!may_be_refused(&Deed::Stamp { card: "a".into(), count: 1 }, "not-found"));
    }

    #[test]
    fn two_answers_of_one_stamp_that_differ_are_noticed() {
        let deed = Deed::Stamp { card: "a".into(), count: 1 };
        assert_ne!(essence(&deed, &json!({ "stamp_id": 1 })), essence(&deed, &json!({ "stamp_id": 2 })));
    }
}
