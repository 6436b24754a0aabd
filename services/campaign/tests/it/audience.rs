//! Conditions as SQL and as a rule say the same; and previews count everybody under one reason.

use campaign::domain::at_risk::Rhythm;
use campaign::domain::audience::{Audience, Moment, Range};
use campaign::domain::customer::{Card, Consent, Customer, Fact, Joined, Reward};
use chrono::{DateTime, Duration, NaiveDate, Utc};
use kernel::{BusinessId, CardId, CustomerId, Locale, LocationId, ProgramId, RewardId, Zone};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use proto::campaign as pb;
use proto::campaign::audience::Condition;

use crate::support::World;
use crate::support::shop::{Customer as Told, Shop, everybody, of};

fn now() -> DateTime<Utc> {
    "2026-11-23T15:00:00Z".parse().unwrap()
}

fn day(ago: i64) -> NaiveDate {
    Zone::LIMA.day(now() - Duration::days(ago))
}

fn location(number: u8) -> LocationId {
    uuid::Uuid::from_u128(u128::from(number) + 1).into()
}

fn any_customer() -> impl Strategy<Value = Customer> {
    let joined = prop::option::of((0..400i64, any::<bool>(), 0..13u32, 0..3u8)).prop_map(|joined| {
        joined.map(|(ago, english, birth_month, at)| {
            let joined = Joined {
                at: now() - Duration::days(ago) - Duration::hours(ago % 24),
                source: "join".into(),
                birth_month,
                location: (at > 0).then(|| location(at)),
            };
            (joined, if english { Locale::En } else { Locale::Es })
        })
    });
    let visits = prop::collection::vec((0..200i64, prop::sample::select(vec![1, 1, 1, 0, -1])), 0..12);
    let cards = prop::collection::vec((1..12i32, 0..11i32), 0..3);
    let rewards = prop::collection::vec((prop::option::of(-5..20i64), any::<bool>(), any::<bool>()), 0..3);
    (joined, visits, cards, rewards).prop_map(|(joined, visits, cards, rewards)| {
        let mut customer = Customer::default();
        if let Some((joined, language)) = joined {
            customer.apply(Fact::Reads(language, joined.at));
            customer.apply(Fact::Joined(joined));
        }
        let consent = Consent { state: "granted".into(), version: 1, at: now() - Duration::days(500) };
        customer.apply(Fact::Consent(consent));
        visits.into_iter().for_each(|(ago, by)| customer.apply(Fact::Visit(day(ago), by)));
        for (required, stamps) in cards {
            let (program, version, cycle) = (ProgramId::generate(), 1, 1);
            customer
                .apply(Fact::Card(CardId::generate(), Card { program, version, stamps, required, cycle }));
        }
        for (ends, redeemed, expired) in rewards {
            let reward = Reward {
                unlocks: 1,
                title: "Café".into(),
                ends_at: ends.map(|days| now() + Duration::days(days)),
                redemptions: i32::from(redeemed),
                redeemed_at: redeemed.then(now),
                expired,
            };
            customer.apply(Fact::Reward(RewardId::generate(), reward));
        }
        customer
    })
}

fn any_range() -> impl Strategy<Value = Range> {
    (prop::option::of(0..60i32), 0..60i32).prop_map(|(min, width)| Range {
        min,
        max: if min.is_none() || width % 3 > 0 { Some(min.unwrap_or(0) + width) } else { None },
    })
}

fn any_audience() -> impl Strategy<Value = Audience> {
    let leaf = prop_oneof![
        (any_range(), prop::sample::select(vec![0, 1, 7, 30, 90]))
            .prop_map(|(range, days)| Audience::Visits { range, days }),
        any_range().prop_map(Audience::DaysSinceVisit),
        any_range().prop_map(Audience::DaysBetweenVisits),
        any_range().prop_map(Audience::StampsLeft),
        prop::sample::select(vec![0, 1, 7])
            .prop_map(|days| Audience::RewardOpen { expires_within_days: days }),
        prop::option::of(1..13u32).prop_map(Audience::BirthdayMonth),
        (0..3u8).prop_map(|number| Audience::Location(location(number))),
        (prop::option::of(0..400i64), prop::option::of(0..400i64))
            .prop_map(|(from, to)| Audience::Joined { from: from.map(day), to: to.map(day) }),
        any::<bool>().prop_map(|english| Audience::Language(if english { Locale::En } else { Locale::Es })),
        Just(Audience::AtRisk),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Audience::All),
            prop::collection::vec(inner.clone(), 0..4).prop_map(Audience::Any),
            inner.prop_map(|condition| Audience::Not(Box::new(condition))),
        ]
    })
}

/// One statement and the rule for one customer find the same customers, whatever is asked of whomever.
#[tokio::test]
async fn sql_and_rule_agree_on_random_customers_and_conditions() {
    let world = World::start().await;
    let mut runner = TestRunner::deterministic();
    let business = BusinessId::generate();
    let customers: Vec<(CustomerId, Customer)> = (0..300)
        .map(|_| (CustomerId::generate(), any_customer().new_tree(&mut runner).unwrap().current()))
        .collect();
    campaign::testing::write_customers(&world.app, business, &customers).await.unwrap();
    let (mut found, mut asked) = (0, 0);
    for at in 0..400 {
        let regularity = at % 4 + 1;
        let when =
            Moment { now: now(), zone: Zone::LIMA, rhythm: Rhythm { mean_gap_days: 11.5, regularity } };
        let audience = any_audience().new_tree(&mut runner).unwrap().current();
        let told = campaign::testing::find(&world.app, business, &audience, &when).await.unwrap();
        let mut ruled: Vec<CustomerId> = customers
            .iter()
            .filter(|(_, customer)| audience.holds(&customer.profile(), &when))
            .map(|(id, _)| *id)
            .collect();
        ruled.sort_unstable();
        assert_eq!(told, ruled, "{audience:?}");
        found += ruled.len();
        asked += customers.len();
    }
    // Conditions that nobody or everybody meets would show nothing.
    assert!(found > asked / 5 && found < asked * 4 / 5, "{found} of {asked}");
}

#[tokio::test]
async fn a_preview_counts_everybody_under_the_first_reason_that_holds() {
    let world = World::start().await;
    let (shop, now) = (Shop::new(), world.now());
    let all = shop.regulars(&world, 20).await;
    let gone = |at: usize| all[at];
    world
        .deliver(vec![
            shop.erased(now, gone(0)),
            // Opted out, and so without consent: told under the first.
            shop.opted_out(now, gone(1), ""),
            shop.consent(now, gone(1), "revoked", 2),
            shop.consent(now, gone(2), "pending", 2),
            shop.installed(now, gone(3)),
            // Back again after she had opted out.
            shop.opted_out(now - Duration::days(2), gone(4), ""),
            shop.consent(now - Duration::days(1), gone(4), "granted", 2),
        ])
        .await;
    let preview = shop.preview(&world, everybody(), "").await.unwrap();
    let excluded = preview.excluded.unwrap();
    assert_eq!((excluded.erased, excluded.opted_out, excluded.no_consent, excluded.capped), (1, 1, 1, 0));
    assert_eq!((preview.count, excluded.holdout, preview.reachable, preview.by_wallet), (20, 2, 15, 1));
    let cost = preview.cost.unwrap();
    assert_eq!(
        (cost.amount_cents, cost.currency.as_str(), cost.prices_of.as_str()),
        (15 * 28, "PEN", "2026-10-01")
    );
    assert_eq!(preview.tier_left, 250);
    // Once written to, they are capped.
    shop.blast(&world, |_| {}).await;
    let preview = shop.preview(&world, everybody(), "").await.unwrap();
    assert_eq!((preview.reachable, preview.excluded.unwrap().capped), (0, 17));
    // By wallet it costs nothing, and reaches those with a pass.
    world.wait(Duration::days(7));
    let preview = shop.preview(&world, everybody(), "wallet").await.unwrap();
    assert_eq!((preview.reachable, preview.cost.unwrap().amount_cents), (1, 0));
}

/// What is promised is what is done: with nobody held out, as many are taken up as the preview counted, whatever the way; and
/// every customer is counted somewhere.
#[tokio::test]
async fn as_many_are_planned_as_the_preview_counted_and_its_parts_add_up() {
    for (seed, policy) in ["whatsapp", "wallet_first", "wallet"].into_iter().enumerate() {
        let world = World::start().await;
        let (shop, now) = (Shop::new(), world.now());
        let all = shop.regulars(&world, 60).await;
        let mut told = Vec::new();
        for (at, who) in all.iter().enumerate() {
            // Every mixture of the reasons comes up.
            match (at + seed) % 6 {
                0 => told.push(shop.erased(now, *who)),
                1 => told.push(shop.opted_out(now, *who, "")),
                2 => told.push(shop.consent(now, *who, "revoked", 2)),
                _ => {}
            }
            if at % 4 == 0 {
                told.push(shop.installed(now, *who));
            }
        }
        world.deliver(told).await;
        // Some were written to a day ago.
        let with_two = of(Condition::StampsLeft(pb::Range { min: Some(8), max: Some(8), days: 0 }));
        world.deliver(all.iter().take(15).map(|who| shop.stamped(now, *who, 2)).collect()).await;
        let written = shop.blast(&world, |asked| asked.audience = Some(with_two)).await.counts.unwrap();
        assert!(written.planned > 0);
        world.wait(Duration::days(1));
        for percent in [0, 20] {
            let asked = pb::PreviewAudienceRequest {
                audience: Some(everybody()),
                channel_policy: policy.into(),
                holdout_percent: Some(percent),
                ..Default::default()
            };
            let preview = shop.ask_preview(&world, asked).await.unwrap();
            let out = preview.excluded.unwrap();
            let excluded =
                out.erased + out.opted_out + out.no_consent + out.capped + out.no_pass + out.holdout;
            assert_eq!(preview.count, excluded + preview.reachable, "{policy}, {percent} %: {preview:?}");
        }
        let asked = pb::PreviewAudienceRequest {
            audience: Some(everybody()),
            channel_policy: policy.into(),
            holdout_percent: Some(0),
            ..Default::default()
        };
        let preview = shop.ask_preview(&world, asked).await.unwrap();
        let campaign = shop.blast(&world, |asked| asked.channel_policy = policy.into()).await;
        assert_eq!(campaign.counts.unwrap().planned, preview.reachable, "{policy}");
        assert!(preview.reachable > 0 && preview.reachable < 60, "{preview:?}");
    }
}

#[tokio::test]
async fn without_messaging_there_is_no_price_and_so_no_preview() {
    let world = World::start().await;
    world.messaging.set(|state| state.is_away = true);
    let status = Shop::new().preview(&world, everybody(), "").await.unwrap_err();
    assert_eq!(status.code(), tonic::Code::Unavailable);
}

#[tokio::test]
async fn a_condition_narrows_who_is_counted() {
    let world = World::start().await;
    let (shop, now) = (Shop::new(), world.now());
    let all = shop.regulars(&world, 5).await;
    let twice: Told = all[0];
    world.deliver(vec![shop.stamped(now, twice, 2)]).await;
    let visits = of(Condition::Visits(pb::Range { min: Some(2), max: None, days: 30 }));
    assert_eq!(shop.preview(&world, visits, "").await.unwrap().count, 1);
    let away = of(Condition::DaysSinceVisit(pb::Range { min: Some(10), max: None, days: 0 }));
    assert_eq!(shop.preview(&world, away, "").await.unwrap().count, 4);
}

/// A shop's rhythm as the model is estimated (README, "At risk"), from the days themselves: the mean of its customers' mean
/// pauses, and the mean of how much each one's pauses vary around her own, of those with three or more.
fn rhythm_of(shop: &[Vec<i64>]) -> (f64, i32) {
    let pauses = |days: &Vec<i64>| -> Vec<f64> { days.windows(2).map(|of| (of[1] - of[0]) as f64).collect() };
    let mean = |of: &[f64]| of.iter().sum::<f64>() / of.len() as f64;
    let means: Vec<f64> = shop.iter().map(|days| mean(&pauses(days))).collect();
    let several = shop.iter().map(pauses).filter(|pauses| pauses.len() >= 3);
    let variations: Vec<f64> = several
        .map(|pauses| {
            let own = mean(&pauses);
            let squares: f64 = pauses.iter().map(|pause| (pause - own).powi(2)).sum();
            squares / (pauses.len() - 1) as f64 / own.powi(2)
        })
        .collect();
    (mean(&means), (1.0 / mean(&variations)).round().clamp(1.0, 4.0) as i32)
}

#[tokio::test]
async fn a_shops_rhythm_is_what_the_days_of_its_customers_say() {
    let world = World::start().await;
    // Three kinds of shops: by the clock, by chance, and something between.
    for (spread, regularity) in [(1, 4), (9, 1), (5, 2)] {
        let shop = Shop::new();
        let mut days = Vec::new();
        for number in 0..30_i64 {
            let who = crate::support::shop::Customer::new();
            let (mut ago, mut came) = (300 - number, Vec::new());
            for visit in 0..(2 + number % 8) {
                came.push(-ago);
                let event = shop.stamped(world.now() - Duration::days(ago), who, visit as i32 + 1);
                world.deliver(vec![event]).await;
                ago -= 2 + number % 5 + (if visit % 3 == 0 { spread * (1 + number % 3) } else { 0 });
            }
            days.push(came);
        }
        shop.preview(&world, everybody(), "whatsapp").await.unwrap();
        let (mean, regular): (f64, i32) =
            sqlx::query_as("select mean_gap_days, regularity from campaign.business where business_id = $1")
                .bind(shop.business.as_uuid())
                .fetch_one(&world.pool)
                .await
                .unwrap();
        let by_hand = rhythm_of(&days);
        assert!((mean - by_hand.0).abs() < 1e-9, "{mean} {by_hand:?}");
        assert_eq!((regular, by_hand.1), (regularity, regularity));
    }
}
