//! Each fact counts where it should.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking, its helpers too")]

mod support;

use chrono::{DateTime, Duration, Utc};
use kernel::{Clock, CustomerId, MemberId, RewardId};
use proto::analytics as pb;
use support::caller::{owner, service};
use support::events::{Business, Card, Stamp};
use support::{World, lima};

async fn dashboard(world: &World, business: Business) -> pb::GetDashboardResponse {
    let question = world.callers.request(owner(business.id), pb::GetDashboardRequest {});
    world.client().get_dashboard(question).await.unwrap().into_inner()
}

async fn overview(world: &World, business: Business, from: &str, to: &str) -> pb::GetOverviewResponse {
    let question = pb::GetOverviewRequest { from: from.into(), to: to.into() };
    let question = world.callers.request(owner(business.id), question);
    world.client().get_overview(question).await.unwrap().into_inner()
}

async fn day(world: &World, business: Business, day: &str) -> pb::Figures {
    overview(world, business, day, day).await.days[0].figures.unwrap()
}

async fn members(world: &World, business: Business) -> Vec<pb::MemberFigures> {
    let question = pb::GetMembersRequest { from: "2026-11-01".into(), to: "2026-11-30".into() };
    let question = world.callers.request(owner(business.id), question);
    world.client().get_members(question).await.unwrap().into_inner().members
}

/// A world at ten in the morning of a Monday, and a business of Lima in it.
async fn monday() -> (World, Business) {
    let world = World::at(lima("2026-11-23T10:00:00")).await;
    let business = Business::new();
    world.deliver(&[business.created(lima("2026-11-02T08:00:00"), "America/Lima")]).await;
    (world, business)
}

#[tokio::test]
async fn stamps_count_by_number_and_visitors_by_card() {
    let (world, business) = monday().await;
    let (ana, eva) = (Card::new(), Card::new());
    let at = lima("2026-11-23T09:10:00");
    world
        .deliver(&[
            business.stamped(at, Stamp { count: 3, ..Stamp::of(ana) }),
            business.stamped(at + Duration::minutes(20), Stamp::of(ana)),
            business.stamped(at, Stamp::of(eva)),
        ])
        .await;
    let dashboard = dashboard(&world, business).await;
    let today = dashboard.today.unwrap();
    assert_eq!((today.stamps, today.visitors), (5, 2));
    assert_eq!(dashboard.hours[9].stamps, 5);
    assert_eq!(dashboard.days.last().unwrap().figures, Some(today));
}

#[tokio::test]
async fn an_imported_paper_card_is_no_stamp_of_the_day_and_its_void_takes_none() {
    let (world, business) = monday().await;
    let (card, reward) = (Card::new(), RewardId::generate());
    let at = lima("2026-11-23T09:10:00");
    let import = Stamp { count: 7, kind: "import", via: "import", ..Stamp::of(card) };
    world
        .deliver(&[
            business.stamped(at, import),
            business.unlocked(at, reward, None),
            business.stamped(at, Stamp::of(card)),
        ])
        .await;
    let figures = pb::Figures { stamps: 1, visitors: 1, rewards_unlocked: 1, ..Default::default() };
    assert_eq!(day(&world, business, "2026-11-23").await, figures);
    world.deliver(&[business.voided(at, at, import, &[reward])]).await;
    let figures = pb::Figures { rewards_unlocked: 0, ..figures };
    assert_eq!(day(&world, business, "2026-11-23").await, figures);
}

#[tokio::test]
async fn a_bonus_is_a_stamp_but_not_a_visit() {
    let (world, business) = monday().await;
    let bonus = Stamp { kind: "bonus", via: "referral", ..Stamp::of(Card::new()) };
    world.deliver(&[business.stamped(lima("2026-11-23T09:10:00"), bonus)]).await;
    let today = day(&world, business, "2026-11-23").await;
    assert_eq!((today.stamps, today.visitors), (1, 0));
}

#[tokio::test]
async fn a_void_falls_on_the_day_of_the_stamp_it_reverses() {
    let (world, business) = monday().await;
    let (card, reward) = (Card::new(), RewardId::generate());
    let stamped_at = lima("2026-11-21T19:00:00");
    let stamp = Stamp { count: 2, ..Stamp::of(card) };
    world
        .deliver(&[business.stamped(stamped_at, stamp), business.unlocked(stamped_at, reward, Some(900))])
        .await;
    let saturday = day(&world, business, "2026-11-21").await;
    assert_eq!((saturday.stamps, saturday.visitors, saturday.rewards_unlocked), (2, 1, 1));
    let voided = business.voided(lima("2026-11-23T09:00:00"), stamped_at, stamp, &[reward]);
    world.deliver(&[voided]).await;
    assert_eq!(day(&world, business, "2026-11-21").await, pb::Figures::default());
    assert_eq!(day(&world, business, "2026-11-23").await, pb::Figures::default());
    let after = dashboard(&world, business).await;
    assert_eq!((after.rewards_open, after.rewards_open_cents, after.active_customers), (0, 0, 0));
}

#[tokio::test]
async fn an_open_reward_costs_until_it_is_redeemed_or_expires() {
    let (world, business) = monday().await;
    let [kept, redeemed, expired] = [(); 3].map(|()| RewardId::generate());
    let at = lima("2026-11-20T12:00:00");
    world
        .deliver(&[
            business.unlocked(at, kept, Some(800)),
            business.unlocked(at, redeemed, Some(500)),
            business.unlocked(at, expired, None),
        ])
        .await;
    let before = dashboard(&world, business).await;
    assert_eq!((before.rewards_open, before.rewards_open_cents), (3, 1_300));
    let redeemed_at = lima("2026-11-22T12:00:00");
    world
        .deliver(&[
            business.redeemed(redeemed_at, redeemed, None),
            business.expired(lima("2026-11-22T00:00:00"), expired),
        ])
        .await;
    let after = dashboard(&world, business).await;
    assert_eq!((after.rewards_open, after.rewards_open_cents), (1, 800));
    assert_eq!(after.yesterday.unwrap().rewards_redeemed, 1);
    world.deliver(&[business.unredeemed(lima("2026-11-23T09:00:00"), redeemed, redeemed_at)]).await;
    let undone = dashboard(&world, business).await;
    assert_eq!((undone.rewards_open, undone.rewards_open_cents), (2, 1_300));
    assert_eq!(undone.yesterday.unwrap().rewards_redeemed, 0);
    assert_eq!(undone.today.unwrap().rewards_redeemed, 0);
}

#[tokio::test]
async fn each_member_is_told_what_she_did() {
    let (world, business) = monday().await;
    let (rosa, luz) = (MemberId::generate(), MemberId::generate());
    let (card, reward) = (Card::new(), RewardId::generate());
    let at = lima("2026-11-23T09:00:00");
    let searched = Stamp { member: Some(rosa), via: "search", count: 2, ..Stamp::of(card) };
    world
        .deliver(&[
            business.stamped(at, Stamp { member: Some(rosa), ..Stamp::of(card) }),
            business.stamped(at, searched),
            business.voided(at, at, Stamp { member: Some(luz), ..searched }, &[]),
            business.unlocked(at, reward, None),
            business.redeemed(at, reward, Some(luz)),
        ])
        .await;
    let expected = |member: MemberId, stamps, stamps_by_search, voids, rewards_redeemed| pb::MemberFigures {
        member_id: member.to_string(),
        stamps,
        stamps_by_search,
        voids,
        rewards_redeemed,
    };
    assert_eq!(members(&world, business).await, [expected(rosa, 3, 2, 0, 0), expected(luz, 0, 0, 1, 1)]);
    // Whoever undoes it, it is taken from her who had handed it over.
    world.deliver(&[business.unredeemed(at, reward, at)]).await;
    assert_eq!(members(&world, business).await, [expected(rosa, 3, 2, 0, 0), expected(luz, 0, 0, 1, 0)]);
}

#[tokio::test]
async fn customers_are_counted_until_they_are_merged_or_erased() {
    let (world, business) = monday().await;
    let [ana, twin, eva] = [(); 3].map(|()| CustomerId::generate());
    let at = lima("2026-11-23T09:00:00");
    // The erasure arrives before what it erases.
    world.deliver(&[business.erased(at, eva)]).await;
    world
        .deliver(&[
            business.enrolled(at, ana),
            business.enrolled(at, twin),
            business.enrolled(at, eva),
            business.merged(at, twin, ana),
        ])
        .await;
    let dashboard = dashboard(&world, business).await;
    assert_eq!((dashboard.customers_total, dashboard.today.unwrap().enrollments), (1, 3));
}

/// Stamps a card on these days of November, at noon.
fn visits(business: Business, card: Card, days: &[u32]) -> Vec<support::events::Sent> {
    let noon = |day: &u32| lima(&format!("2026-11-{day:02}T12:00:00"));
    days.iter().map(|day| business.stamped(noon(day), Stamp::of(card))).collect()
}

#[tokio::test]
async fn a_regular_who_falls_silent_is_at_risk_and_nobody_else() {
    let (world, business) = monday().await;
    let [silent, regular, new, erased] = [(); 4].map(|()| Card::new());
    let mut batch = visits(business, silent, &[1, 4, 7, 10]);
    batch.extend(visits(business, regular, &[1, 8, 15, 22]));
    batch.extend(visits(business, new, &[2, 4]));
    batch.extend(visits(business, erased, &[1, 4, 7]));
    batch.push(business.erased(lima("2026-11-23T09:00:00"), erased.customer));
    world.deliver(&batch).await;
    let dashboard = dashboard(&world, business).await;
    let counts = (dashboard.active_customers, dashboard.returning_customers, dashboard.at_risk_customers);
    assert_eq!(counts, (3, 3, 1));
}

#[tokio::test]
async fn a_segment_names_the_customers_that_the_dashboard_counts() {
    let (world, business) = monday().await;
    let [silent, regular, erased] = [(); 3].map(|()| Card::new());
    let mut batch = visits(business, silent, &[1, 4, 7, 10]);
    batch.extend(visits(business, regular, &[1, 8, 15, 22]));
    batch.extend(visits(business, erased, &[1, 4, 7]));
    let gone = Card::new();
    batch.push(business.stamped(lima("2026-09-01T12:00:00"), Stamp::of(gone)));
    batch.push(business.enrolled(lima("2026-11-23T09:00:00"), regular.customer));
    batch.push(business.erased(lima("2026-11-23T09:00:00"), erased.customer));
    world.deliver(&batch).await;
    let segment = async |segment: &str, limit, cursor: &str| {
        let question = pb::ListSegmentRequest { segment: segment.into(), limit, cursor: cursor.into() };
        let question = world.callers.request(owner(business.id), question);
        world.client().list_segment(question).await.map(tonic::Response::into_inner)
    };
    let ids = |cards: &[Card]| cards.iter().map(|card| card.customer.to_string()).collect::<Vec<_>>();
    // Ids are made in the order of joining; the newest comes first.
    assert_eq!(segment("active", 0, "").await.unwrap().customer_ids, ids(&[regular, silent]));
    assert_eq!(segment("at_risk", 0, "").await.unwrap().customer_ids, ids(&[silent]));
    assert_eq!(segment("lost", 0, "").await.unwrap().customer_ids, ids(&[gone]));
    let first = segment("active", 1, "").await.unwrap();
    assert_eq!((first.customer_ids, first.total), (ids(&[regular]), 2));
    let second = segment("active", 1, &first.next_cursor).await.unwrap();
    assert_eq!((second.customer_ids, second.next_cursor.as_str()), (ids(&[silent]), ""));
    assert!(segment("rich", 0, "").await.is_err());
}

#[tokio::test]
async fn a_voided_visit_is_forgotten_by_the_cards_rhythm() {
    let (world, business) = monday().await;
    let card = Card::new();
    let mut batch = visits(business, card, &[1, 4, 7, 10]);
    let mistaken = lima("2026-11-22T12:00:00");
    batch.push(business.stamped(mistaken, Stamp::of(card)));
    world.deliver(&batch).await;
    assert_eq!(dashboard(&world, business).await.at_risk_customers, 0);
    world.deliver(&[business.voided(mistaken, mistaken, Stamp::of(card), &[])]).await;
    assert_eq!(dashboard(&world, business).await.at_risk_customers, 1);
}

#[tokio::test]
async fn earlier_days_are_compared_up_to_the_time_of_day_it_is() {
    let (world, business) = monday().await;
    let [early, late] = [(); 2].map(|()| Card::new());
    world
        .deliver(&[
            business.stamped(lima("2026-11-22T09:59:00"), Stamp::of(early)),
            business.stamped(lima("2026-11-22T18:00:00"), Stamp::of(early)),
            business.stamped(lima("2026-11-22T18:00:00"), Stamp::of(late)),
            business.stamped(lima("2026-11-16T09:00:00"), Stamp::of(late)),
        ])
        .await;
    let dashboard = dashboard(&world, business).await;
    let pair = |figures: Option<pb::Figures>| figures.map(|figures| (figures.stamps, figures.visitors));
    assert_eq!(pair(dashboard.yesterday), Some((3, 2)));
    assert_eq!(pair(dashboard.yesterday_by_now), Some((1, 1)));
    assert_eq!(pair(dashboard.last_week), Some((1, 1)));
    assert_eq!(pair(dashboard.last_week_by_now), Some((1, 1)));
    // Mondays since the business exists: 2 (empty), 9 (empty) and 16.
    assert_eq!((dashboard.hours[9].normal_low, dashboard.hours[9].normal_high), (0.0, 0.5));
}

#[tokio::test]
async fn days_and_hours_are_the_businesss_own_and_follow_it_to_another_zone() {
    let (world, business) = monday().await;
    let at: DateTime<Utc> = "2026-11-22T03:30:00Z".parse().unwrap();
    world.deliver(&[business.stamped(at, Stamp::of(Card::new()))]).await;
    assert_eq!(day(&world, business, "2026-11-21").await.stamps, 1);
    // The newer version came first; the older must not win.
    world.deliver(&[business.changed(at, "Europe/Madrid", 3)]).await;
    world.deliver(&[business.changed(at, "Asia/Kathmandu", 2)]).await;
    assert_eq!(day(&world, business, "2026-11-21").await.stamps, 0);
    assert_eq!(day(&world, business, "2026-11-22").await.stamps, 1);
    let heatmap = pb::GetHeatmapRequest { from: "2026-11-16".into(), to: "2026-11-22".into() };
    let heatmap = world.callers.request(owner(business.id), heatmap);
    let cells = world.client().get_heatmap(heatmap).await.unwrap().into_inner().cells;
    assert_eq!(cells, [pb::HeatmapCell { weekday: 7, hour: 4, stamps: 1 }]);
    assert_eq!(dashboard(&world, business).await.time_zone, "Europe/Madrid");
}

#[tokio::test]
async fn an_overview_has_every_day_its_total_and_the_stretch_before() {
    let (world, business) = monday().await;
    let (ana, eva) = (Card::new(), Card::new());
    let mut batch = visits(business, ana, &[12, 16, 18]);
    batch.extend(visits(business, eva, &[18]));
    world.deliver(&batch).await;
    let overview = overview(&world, business, "2026-11-15", "2026-11-20").await;
    let stamps: Vec<i64> = overview.days.iter().map(|day| day.figures.unwrap().stamps).collect();
    assert_eq!(stamps, [0, 1, 0, 2, 0, 0]);
    let (total, before) = (overview.total.unwrap(), overview.before.unwrap());
    assert_eq!((total.stamps, total.visitors, before.stamps, before.visitors), (3, 2, 1, 1));
}

#[tokio::test]
async fn the_platform_reads_every_businesss_days() {
    let (world, business) = monday().await;
    let other = Business::new();
    world
        .deliver(&[
            business.stamped(lima("2026-11-21T23:00:00"), Stamp::of(Card::new())),
            other.unlocked(lima("2026-11-22T00:30:00"), RewardId::generate(), None),
        ])
        .await;
    let question = world.callers.request(service(), pb::SummarizeDaysRequest {});
    let mut parts = world.client().summarize_days(question).await.unwrap().into_inner();
    let days = parts.message().await.unwrap().unwrap().days;
    let expected = |business: Business, day: &str, stamps, rewards_unlocked| pb::BusinessDay {
        business_id: business.id.to_string(),
        day: day.into(),
        stamps,
        rewards_unlocked,
        rewards_redeemed: 0,
    };
    assert_eq!(days, [expected(business, "2026-11-21", 1, 0), expected(other, "2026-11-22", 0, 1)]);
    assert_eq!(parts.message().await.unwrap(), None);

    sqlx::query(
        "insert into analytics.slot (business_id, slot_at, stamps, enrollments, rewards_unlocked, rewards_redeemed)
         select gen_random_uuid(), timestamptz '2020-01-01T15:00:00Z' + day * interval '1 day', 1, 0, 0, 0
         from generate_series(1, 2500) as day",
    )
    .execute(&world.pool)
    .await
    .unwrap();
    let question = world.callers.request(service(), pb::SummarizeDaysRequest {});
    let mut parts = world.client().summarize_days(question).await.unwrap().into_inner();
    let mut days = Vec::new();
    while let Some(part) = parts.message().await.unwrap() {
        assert!(part.days.len() <= 1_000);
        days.extend(part.days);
    }
    assert_eq!(days.len(), 2_502);
    assert!(days.is_sorted_by_key(|day| (day.business_id.clone(), day.day.clone())));
}

#[tokio::test]
async fn what_cannot_be_read_is_passed_over_and_its_neighbours_count() {
    let (world, business) = monday().await;
    let at = lima("2026-11-23T09:00:00");
    let mut broken = business.stamped(at, Stamp::of(Card::new()));
    broken.payload = b"\xff\xff".to_vec();
    let unknown_kind = business.stamped(at, Stamp { kind: "gift", ..Stamp::of(Card::new()) });
    let unknown_zone = business.changed(at, "Mars/Olympus", 9);
    world.deliver(&[broken, unknown_kind, unknown_zone, business.stamped(at, Stamp::of(Card::new()))]).await;
    assert_eq!(day(&world, business, "2026-11-23").await.stamps, 1);
}

#[tokio::test]
async fn old_visits_and_old_ids_are_purged_and_no_figure_changes() {
    let (world, business) = monday().await;
    let card = Card::new();
    let mut batch = visits(business, card, &[20, 22]);
    batch.push(business.stamped(lima("2025-06-01T12:00:00"), Stamp::of(card)));
    world.deliver(&batch).await;
    sqlx::query(
        "update inbox set event_id = '01900000-0000-7000-8000-000000000000', received_at = now() - interval '46 days'
         where event_id = $1",
    )
    .bind(batch[0].id.as_uuid())
    .execute(&world.pool)
    .await
    .unwrap();
    let before = dashboard(&world, business).await;
    analytics::purge_once(&world.pool, &Clock::manual(lima("2026-11-23T10:00:00"))).await.unwrap();
    let left: (i64, i64) =
        sqlx::query_as("select (select count(*) from inbox), (select count(*) from card_visit)")
            .fetch_one(&world.pool)
            .await
            .unwrap();
    // Of four events and three visits, one each was old.
    assert_eq!(left, (3, 2));
    assert_eq!(dashboard(&world, business).await, before);
}

#[tokio::test]
async fn a_message_counts_once_a_state_on_the_day_it_came_to_it() {
    let (world, business) = monday().await;
    let id = kernel::MessageId::generate();
    let (evening, morning) = (lima("2026-11-22T23:50:00"), lima("2026-11-23T07:30:00"));
    let sent = business.message(evening, id, "handed_over", 1, 9);
    let told = [
        sent.clone(),
        business.message(evening + Duration::minutes(1), id, "sent", 2, 9),
        business.message(morning, id, "delivered", 3, 10),
        business.message(morning, id, "read", 4, 10),
        business.opted_out(morning, CustomerId::generate()),
        sent,
    ];
    world.deliver(&told).await;
    let before = day(&world, business, "2026-11-22").await.messages;
    let today = day(&world, business, "2026-11-23").await.messages;
    // What the provider says last is what it cost.
    assert_eq!(before, Some(pb::MessageFigures { sent: 1, cost_cents: 10, ..Default::default() }));
    let arrived = pb::MessageFigures { delivered: 1, read: 1, opted_out: 1, ..Default::default() };
    assert_eq!(today, Some(arrived));
    let dashboard = dashboard(&world, business).await;
    assert_eq!(dashboard.today.unwrap().messages, today);
    assert_eq!(dashboard.yesterday.unwrap().messages, before);
    assert_eq!(dashboard.yesterday_by_now.unwrap().messages, None, "it went out late in the evening");
}

#[tokio::test]
async fn a_rebuild_leaves_the_figures_of_messages_as_they_are() {
    let (world, business) = monday().await;
    let at = lima("2026-11-23T09:00:00");
    world
        .deliver(&[
            business.message(at, kernel::MessageId::generate(), "failed", 2, 0),
            business.stamped(at, Stamp::of(Card::new())),
        ])
        .await;
    let rebuild = pb::RebuildRequest { begin: true, facts: Vec::new() };
    world.client().rebuild(world.callers.request(service(), rebuild)).await.unwrap();
    let figures = day(&world, business, "2026-11-23").await;
    let failed = pb::MessageFigures { failed: 1, ..Default::default() };
    assert_eq!((figures.stamps, figures.messages), (0, Some(failed)));
}
