use boot::Problem;
use http::StatusCode;
use kernel::{CampaignId, OperationId, Role};
use proto::campaign as wire;
use serde_json::{Value, json};
use tonic::{Code, Status};

use crate::testing::{Told, World};

fn campaign(id: CampaignId, status: &str) -> wire::Campaign {
    let everybody = wire::audience::Condition::All(wire::All::default());
    wire::Campaign {
        campaign_id: id.to_string(),
        name: "Julio".into(),
        kind: "blast".into(),
        status: status.into(),
        version: 2,
        audience: Some(wire::Audience { condition: Some(everybody) }),
        channel_policy: "whatsapp".into(),
        created_at: Some(prost_types::Timestamp { seconds: 1_790_000_000, nanos: 0 }),
        counts: Some(wire::Counts { planned: 40, holdout: 4, ..Default::default() }),
        cost: Some(wire::Cost { amount_cents: 0, currency: "PEN".into(), prices_of: String::new() }),
        ..Default::default()
    }
}

fn draft() -> Value {
    json!({
        "name": "Julio", "audience": {"days_since_visit": {"min": 30}}, "channel_policy": "wallet_first",
        "wordings": [{"language": "es", "template": "win_back", "variables": ["{first_name}", "un café"]}],
    })
}

async fn create(world: &World, body: &Value) -> Told {
    world
        .ask("POST", "/api/v1/campaigns")
        .bearer(&world.member(Role::Owner))
        .header("idempotency-key", &OperationId::generate().to_string())
        .json(body)
        .send()
        .await
}

#[tokio::test]
async fn a_draft_is_made_as_it_was_typed() {
    let (world, id) = (World::new(), CampaignId::generate());
    world.fakes.on("CreateCampaign", move |question: wire::CreateCampaignRequest, _| {
        let bounds = wire::Range { min: Some(30), ..Default::default() };
        let absent = wire::audience::Condition::DaysSinceVisit(bounds);
        assert_eq!(question.audience.unwrap().condition, Some(absent));
        assert_eq!(question.wordings[0].variables, ["{first_name}", "un café"]);
        assert_eq!((question.channel_policy.as_str(), question.holdout_percent), ("wallet_first", None));
        assert_eq!(question.scheduled_at.unwrap().seconds, 1_790_000_000);
        assert!(question.operation_id.parse::<OperationId>().is_ok());
        Ok(wire::CreateCampaignResponse { campaign: Some(campaign(id, "draft")) })
    });
    let mut body = draft();
    body["scheduled_at"] = json!("2026-09-21T14:13:20Z");
    let told = create(&world, &body).await;
    assert_eq!(told.status, StatusCode::CREATED, "{}", told.text());
    let told = told.json();
    assert_eq!((&told["campaign_id"], &told["status"]), (&json!(id), &json!("draft")));
    assert_eq!((&told["audience"], &told["trigger"]), (&json!({"all": []}), &Value::Null));
    assert_eq!((&told["counts"]["planned"], &told["cost"]["prices_of"]), (&json!(40), &Value::Null));
    assert_eq!(told["created_at"], "2026-09-21T14:13:20Z");
}

#[tokio::test]
async fn what_is_wrong_in_a_draft_is_named_and_goes_no_further() {
    let world = World::new();
    for (change, field, reason) in [
        (json!({"audience": {}}), "audience", "exactly_one"),
        (
            json!({"audience": {"all": [{"at_risk": {}}, {"visits": {"min": "2"}}]}}),
            "audience.all[1].visits.min",
            "wrong_type",
        ),
        (json!({"wordings": [{"language": "es"}]}), "wordings[0].template", "required"),
        (json!({"scheduled_at": "mañana"}), "scheduled_at", "wrong_type"),
        (json!({"colour": "red"}), "colour", "unknown_field"),
        (json!({"holdout_percent": 0.5}), "holdout_percent", "wrong_type"),
    ] {
        let mut body = draft();
        body.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        let told = create(&world, &body).await;
        assert_eq!(told.problem(), "invalid", "{change}");
        let told = told.json();
        assert_eq!((&told["field"], &told["reason"]), (&json!(field), &json!(reason)), "{change}");
    }
    assert_eq!(world.fakes.times_asked("CreateCampaign"), 0);
}

#[tokio::test]
async fn a_schedule_stays_is_cleared_or_is_set() {
    let (world, id) = (World::new(), CampaignId::generate());
    world.fakes.on("UpdateCampaign", move |question: wire::UpdateCampaignRequest, _| {
        let set = question.scheduled_at.is_some();
        let name = format!("{} {set}", question.clear_schedule);
        assert!(question.audience.is_none() && question.wordings.is_empty() && question.name.is_none());
        Ok(wire::UpdateCampaignResponse { campaign: Some(wire::Campaign { name, ..campaign(id, "draft") }) })
    });
    for (body, expected) in [
        (json!({}), "false false"),
        (json!({"scheduled_at": null}), "true false"),
        (json!({"scheduled_at": "2026-09-21T14:13:20Z"}), "false true"),
    ] {
        let path = format!("/api/v1/campaigns/{id}");
        let told = world.ask("PATCH", &path).bearer(&world.member(Role::Owner)).json(&body).send().await;
        assert_eq!(told.json()["name"], expected, "{}", told.text());
    }
}

#[tokio::test]
async fn a_campaign_is_launched_paused_resumed_and_canceled_by_its_id() {
    let (world, id) = (World::new(), CampaignId::generate());
    let checked = move |asked: String, status: &str| {
        assert_eq!(asked, id.to_string());
        Some(campaign(id, status))
    };
    world.fakes.on("LaunchCampaign", move |question: wire::LaunchCampaignRequest, _| {
        Ok(wire::LaunchCampaignResponse { campaign: checked(question.campaign_id, "running") })
    });
    world.fakes.on("PauseCampaign", move |question: wire::PauseCampaignRequest, _| {
        Ok(wire::PauseCampaignResponse { campaign: checked(question.campaign_id, "paused") })
    });
    world.fakes.on("ResumeCampaign", move |question: wire::ResumeCampaignRequest, _| {
        Ok(wire::ResumeCampaignResponse { campaign: checked(question.campaign_id, "running") })
    });
    world.fakes.on("CancelCampaign", move |question: wire::CancelCampaignRequest, _| {
        Ok(wire::CancelCampaignResponse { campaign: checked(question.campaign_id, "canceled") })
    });
    world.fakes.on("GetCampaign", move |question: wire::GetCampaignRequest, _| {
        Ok(wire::GetCampaignResponse { campaign: checked(question.campaign_id, "done") })
    });
    let token = world.member(Role::Manager);
    for (method, word, status) in [
        ("POST", "/launch", "running"),
        ("POST", "/pause", "paused"),
        ("POST", "/resume", "running"),
        ("POST", "/cancel", "canceled"),
        ("GET", "", "done"),
    ] {
        let told = world.ask(method, &format!("/api/v1/campaigns/{id}{word}")).bearer(&token).send().await;
        assert_eq!((told.status, &told.json()["status"]), (StatusCode::OK, &json!(status)), "{word}");
    }
}

#[tokio::test]
async fn campaigns_are_listed_by_pages_and_automations_whole() {
    let world = World::new();
    world.fakes.on("ListCampaigns", |question: wire::ListCampaignsRequest, _| {
        assert_eq!((question.status.as_str(), question.limit, question.cursor.as_str()), ("running", 5, "c"));
        let campaigns = vec![campaign(CampaignId::generate(), "running")];
        Ok(wire::ListCampaignsResponse { campaigns, next_cursor: "next".into() })
    });
    world.fakes.on("ListAutomations", |_: wire::ListAutomationsRequest, _| {
        let birthday = campaign(CampaignId::generate(), "draft");
        let birthday = wire::Campaign { trigger: "birthday".into(), kind: "automation".into(), ..birthday };
        Ok(wire::ListAutomationsResponse { automations: vec![birthday] })
    });
    let token = world.member(Role::Manager);
    let path = "/api/v1/campaigns?status=running&limit=5&cursor=c";
    let told = world.ask("GET", path).bearer(&token).send().await.json();
    assert_eq!((&told["items"][0]["status"], &told["next_cursor"]), (&json!("running"), &json!("next")));
    let told = world.ask("GET", "/api/v1/automations").bearer(&token).send().await.json();
    assert_eq!(told["items"][0]["trigger"], "birthday");
}

#[tokio::test]
async fn a_preview_says_who_is_reached_and_at_what_cost() {
    let world = World::new();
    world.fakes.on("PreviewAudience", |question: wire::PreviewAudienceRequest, _| {
        assert_eq!((question.category.as_str(), question.holdout_percent), ("", Some(20)));
        assert_eq!(question.trigger, "at_risk");
        Ok(wire::PreviewAudienceResponse {
            count: 90,
            reachable: 60,
            excluded: Some(wire::Excluded { no_consent: 17, holdout: 10, no_pass: 3, ..Default::default() }),
            cost: Some(wire::Cost {
                amount_cents: 1_530,
                currency: "PEN".into(),
                prices_of: "2026-10-01".into(),
            }),
            by_wallet: 12,
            tier_left: -1,
        })
    });
    let body = json!({"audience": {"all": []}, "holdout_percent": 20, "trigger": "at_risk"});
    let token = world.member(Role::Owner);
    let told = world.ask("POST", "/api/v1/audiences/preview").bearer(&token).json(&body).send().await;
    let expected = json!({
        "count": 90, "reachable": 60, "by_wallet": 12, "tier_left": null,
        "excluded": {
            "erased": 0, "opted_out": 0, "no_consent": 17, "capped": 0, "holdout": 10, "no_pass": 3,
        },
        "cost": {"amount_cents": 1_530, "currency": "PEN", "prices_of": "2026-10-01"},
    });
    assert_eq!((told.status, told.json()), (StatusCode::OK, expected));
    let body = json!({"audience": {"not": {"regulars": {}}}});
    let told = world.ask("POST", "/api/v1/audiences/preview").bearer(&token).json(&body).send().await;
    assert_eq!(
        (told.problem().as_str(), &told.json()["field"]),
        ("invalid", &json!("audience.not.regulars"))
    );
}

#[tokio::test]
async fn results_that_nobody_can_know_yet_say_so() {
    let (world, id) = (World::new(), CampaignId::generate());
    world.fakes.on("GetResults", |_: wire::GetResultsRequest, _| {
        Ok(wire::GetResultsResponse {
            written: Some(wire::Group { customers: 40, came_back: 12 }),
            verdict: "unknown".into(),
            known_after: Some(prost_types::Timestamp { seconds: 1_790_000_000, nanos: 0 }),
            opted_out: 1,
            ..Default::default()
        })
    });
    let path = format!("/api/v1/campaigns/{id}/results");
    let told = world.ask("GET", &path).bearer(&world.member(Role::Owner)).send().await.json();
    assert_eq!(
        (&told["verdict"], &told["lift"], &told["soles_per_sol"]),
        (&json!("unknown"), &Value::Null, &Value::Null)
    );
    assert_eq!(told["written"], json!({"customers": 40, "came_back": 12}));
    assert_eq!(told["known_after"], "2026-09-21T14:13:20Z");
}

#[tokio::test]
async fn why_messages_did_not_arrive_is_told_by_reason() {
    let (world, id) = (World::new(), CampaignId::generate());
    world.fakes.on("GetFailures", move |question: wire::GetFailuresRequest, _| {
        assert_eq!(question.campaign_id, id.to_string());
        let failure = |reason: &str, count| wire::Failure { reason: reason.into(), count };
        Ok(wire::GetFailuresResponse { failures: vec![failure("not_reachable", 30), failure("budget", 2)] })
    });
    let path = format!("/api/v1/campaigns/{id}/failures");
    let told = world.ask("GET", &path).bearer(&world.member(Role::Owner)).send().await.json();
    let first = json!({"reason": "not_reachable", "count": 30});
    assert_eq!(told, json!({"failures": [first, {"reason": "budget", "count": 2}]}));
}

#[tokio::test]
async fn what_is_written_already_is_refused_with_a_way_out() {
    let (world, id) = (World::new(), CampaignId::generate());
    world.fakes.on("UpdateCampaign", |_: wire::UpdateCampaignRequest, _| {
        let written = Problem::new("conflict").field("wordings").reason("written");
        Err::<wire::UpdateCampaignResponse, Status>(written.status(Code::FailedPrecondition))
    });
    let told = world
        .ask("PATCH", &format!("/api/v1/campaigns/{id}"))
        .bearer(&world.member(Role::Owner))
        .json(&json!({"holdout_percent": 0}))
        .send()
        .await;
    assert_eq!(told.status, StatusCode::CONFLICT);
    assert!(told.text().contains("Cancélala y crea otra"), "{}", told.text());
}

#[tokio::test]
async fn whoever_may_not_hears_so_from_campaign() {
    let world = World::new();
    let forbidden = || Problem::new("forbidden").status(Code::PermissionDenied);
    world.fakes.on("CreateCampaign", move |_: wire::CreateCampaignRequest, headers| {
        assert!(headers["authorization"].to_str().unwrap().starts_with("Bearer "));
        Err::<wire::CreateCampaignResponse, Status>(forbidden())
    });
    let told = create(&world, &draft()).await;
    assert_eq!((told.status, told.problem().as_str()), (StatusCode::FORBIDDEN, "forbidden"));
}
