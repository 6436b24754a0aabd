//! Who may ask, and about whom.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking, its helpers too")]

mod support;

use boot::Problem;
use kernel::{BusinessId, Principal, Role};
use proto::analytics as pb;
use support::caller::{api_key, card_holder, member, owner, service};
use support::events::{Business, Card, Stamp};
use support::{World, lima};
use tonic::{Code, Request, Status};

/// Asks every question as `caller` and tells how each was answered, by its name.
async fn ask_all(world: &World, caller: Principal) -> Vec<(&'static str, Code)> {
    fn code<T>(answer: Result<T, Status>) -> Code {
        answer.map_or_else(|status| status.code(), |_| Code::Ok)
    }
    let (from, to) = ("2026-11-01".to_owned(), "2026-11-23".to_owned());
    let overview = pb::GetOverviewRequest { from: from.clone(), to: to.clone() };
    let heatmap = pb::GetHeatmapRequest { from: from.clone(), to: to.clone() };
    let members = pb::GetMembersRequest { from, to };
    let mut client = world.client();
    let callers = &world.callers;
    let dashboard = callers.request(caller.clone(), pb::GetDashboardRequest {});
    let overview = callers.request(caller.clone(), overview);
    let heatmap = callers.request(caller.clone(), heatmap);
    let members = callers.request(caller.clone(), members);
    let progress = callers.request(caller.clone(), pb::GetProgressRequest {});
    let days = callers.request(caller, pb::SummarizeDaysRequest {});
    vec![
        ("dashboard", code(client.get_dashboard(dashboard).await)),
        ("overview", code(client.get_overview(overview).await)),
        ("heatmap", code(client.get_heatmap(heatmap).await)),
        ("members", code(client.get_members(members).await)),
        ("progress", code(client.get_progress(progress).await)),
        ("days", code(client.summarize_days(days).await)),
    ]
}

/// The answers to a business's four questions and the platform's two.
fn answers(business: Code, progress: Code, days: Code) -> Vec<(&'static str, Code)> {
    let mut all: Vec<_> =
        ["dashboard", "overview", "heatmap", "members"].into_iter().map(|name| (name, business)).collect();
    all.extend([("progress", progress), ("days", days)]);
    all
}

#[tokio::test]
async fn figures_are_for_those_who_run_the_shop_and_the_platforms_for_the_platform() {
    let world = World::at(lima("2026-11-23T10:00:00")).await;
    let business = BusinessId::generate();
    let ours = answers(Code::Ok, Code::PermissionDenied, Code::PermissionDenied);
    let nobodys = answers(Code::PermissionDenied, Code::PermissionDenied, Code::PermissionDenied);
    // The broker is away, so the platform is told to come back.
    let platforms = answers(Code::PermissionDenied, Code::Unavailable, Code::Ok);
    assert_eq!(ask_all(&world, owner(business)).await, ours);
    assert_eq!(ask_all(&world, member(business, Role::Manager)).await, ours);
    assert_eq!(ask_all(&world, api_key(business)).await, ours);
    assert_eq!(ask_all(&world, member(business, Role::Stamper)).await, nobodys);
    assert_eq!(ask_all(&world, card_holder(business)).await, nobodys);
    assert_eq!(ask_all(&world, service()).await, platforms);
    assert_eq!(ask_all(&world, Principal::Operator).await, platforms);
    let refused = answers(Code::Unauthenticated, Code::Unauthenticated, Code::Unauthenticated);
    assert_eq!(ask_all(&world, Principal::Public).await, refused);
    let without_token = world.client().get_dashboard(Request::new(pb::GetDashboardRequest {})).await;
    assert_eq!(without_token.unwrap_err().code(), Code::Unauthenticated);
}

#[tokio::test]
async fn another_business_sees_nothing() {
    let world = World::at(lima("2026-11-23T10:00:00")).await;
    let (ours, card) = (Business::new(), Card::new());
    let member = kernel::MemberId::generate();
    let reward = kernel::RewardId::generate();
    let at = lima("2026-11-23T09:00:00");
    world
        .deliver(&[
            ours.created(at, "America/Lima"),
            ours.enrolled(at, card.customer),
            ours.stamped(at, Stamp { member: Some(member), ..Stamp::of(card) }),
            ours.unlocked(at, reward, Some(500)),
        ])
        .await;
    let stranger = owner(BusinessId::generate());
    let mut client = world.client();
    let dashboard = world.callers.request(stranger.clone(), pb::GetDashboardRequest {});
    let seen = client.get_dashboard(dashboard).await.unwrap().into_inner();
    let nothing = pb::Figures::default();
    assert_eq!(seen.today, Some(nothing));
    assert!(seen.days.iter().all(|day| day.figures == Some(nothing)));
    let counts = [
        seen.active_customers,
        seen.at_risk_customers,
        seen.customers_total,
        seen.rewards_open,
        seen.rewards_open_cents,
    ];
    assert_eq!(counts, [0; 5]);
    let (from, to) = ("2026-11-01".to_owned(), "2026-11-23".to_owned());
    let overview = pb::GetOverviewRequest { from: from.clone(), to: to.clone() };
    let overview = world.callers.request(stranger.clone(), overview);
    assert_eq!(client.get_overview(overview).await.unwrap().into_inner().total, Some(nothing));
    let heatmap = pb::GetHeatmapRequest { from: from.clone(), to: to.clone() };
    let heatmap = world.callers.request(stranger.clone(), heatmap);
    assert!(client.get_heatmap(heatmap).await.unwrap().into_inner().cells.is_empty());
    let members = world.callers.request(stranger, pb::GetMembersRequest { from, to });
    assert!(client.get_members(members).await.unwrap().into_inner().members.is_empty());
}

#[tokio::test]
async fn a_day_that_cannot_be_read_is_the_callers_fault_and_names_its_field() {
    let world = World::at(lima("2026-11-23T10:00:00")).await;
    for (from, to, field, reason) in [
        ("hoy", "2026-11-23", "from", "not_a_day"),
        ("2026-11-23", "", "to", "required"),
        ("2026-11-23", "2026-11-22", "to", "before_from"),
        ("2024-11-23", "2026-11-23", "to", "range_too_long"),
    ] {
        let question = pb::GetOverviewRequest { from: from.into(), to: to.into() };
        let question = world.callers.request(owner(BusinessId::generate()), question);
        let status = world.client().get_overview(question).await.unwrap_err();
        let problem = Problem::from_status(&status).unwrap();
        assert_eq!(status.code(), Code::InvalidArgument);
        assert_eq!(problem, Problem::new("invalid").field(field).reason(reason));
    }
}
