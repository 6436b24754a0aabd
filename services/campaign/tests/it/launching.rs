//! The life of a campaign: what is checked, what may follow what, and that messaging is told in order.

use chrono::Duration;
use kernel::OperationId;
use proto::campaign as pb;
use proto::campaign::audience::Condition;
use tonic::Code;

use crate::support::shop::{Shop, everybody, news, of};
use crate::support::{World, refusal, timestamp};

macro_rules! call {
    ($world:expr, $shop:expr, $call:ident, $request:ident, $id:expr) => {{
        let asked = pb::$request { campaign_id: $id.clone() };
        let answer = $world.client().$call($world.request($shop.owner(), asked)).await;
        answer.map(|answer| answer.into_inner().campaign.unwrap().status)
    }};
}

#[tokio::test]
async fn the_same_operation_makes_one_campaign() {
    let world = World::start().await;
    let shop = Shop::new();
    let asked = pb::CreateCampaignRequest {
        operation_id: OperationId::generate().to_string(),
        name: "Novedades".into(),
        audience: Some(everybody()),
        wordings: news(),
        ..Default::default()
    };
    let create = async |asked: pb::CreateCampaignRequest| {
        let answer = world.client().create_campaign(world.request(shop.owner(), asked)).await;
        answer.map(|answer| answer.into_inner().campaign.unwrap().campaign_id)
    };
    let (first, second) = tokio::join!(create(asked.clone()), create(asked.clone()));
    assert_eq!(first.unwrap(), second.unwrap());
    let other = pb::CreateCampaignRequest { name: "Otra".into(), ..asked };
    assert_eq!(
        boot::Problem::from_status(&create(other).await.unwrap_err()).unwrap().slug,
        "operation-mismatch"
    );
    assert_eq!(world.count("select count(*) from campaign.campaign").await, 1);
}

#[tokio::test]
async fn a_launch_is_refused_for_what_is_wrong_and_then_nothing_is_sent() {
    let world = World::start().await;
    let shop = Shop::new();
    shop.regulars(&world, 3).await;
    let launch = async |change: fn(&mut pb::CreateCampaignRequest)| {
        let draft = shop.draft(&world, change).await;
        refusal(&shop.launch(&world, &draft.campaign_id).await.unwrap_err())
    };
    let pair = |field: &str, reason: &str| (field.to_owned(), reason.to_owned());
    let nobody = |asked: &mut pb::CreateCampaignRequest| {
        asked.audience = Some(of(Condition::Not(Box::new(everybody()))));
    };
    assert_eq!(launch(nobody).await, pair("audience", "nobody"));
    let unknown = |asked: &mut pb::CreateCampaignRequest| asked.wordings[0].template = "otra".into();
    assert_eq!(launch(unknown).await, pair("wordings[0].template", "unknown"));
    let missing = |asked: &mut pb::CreateCampaignRequest| {
        asked.wordings[1].variables.pop();
    };
    assert_eq!(launch(missing).await, pair("wordings[1].variables[1]", "required"));
    assert_eq!(
        launch(|asked| asked.wordings = news()[1..].to_vec()).await,
        pair("wordings", "spanish_missing")
    );
    world.messaging.set(|state| state.templates[0].status = "pending".into());
    assert_eq!(launch(|_| {}).await, pair("wordings[0].template", "not_approved"));
    world.messaging.set(|state| state.templates[0].status = "paused".into());
    assert_eq!(launch(|_| {}).await, pair("wordings[0].template", "template_paused"));
    world.messaging.set(|state| state.templates[0].status = "rejected".into());
    assert_eq!(launch(|_| {}).await, pair("wordings[0].template", "template_rejected"));
    world.messaging.set(|state| state.templates[0].status = "approved".into());
    world.messaging.set(|state| state.status = "waiting");
    assert_eq!(launch(|_| {}).await, pair("messaging", "not_approved"));
    world.messaging.set(|state| state.is_away = true);
    let draft = shop.draft(&world, |_| {}).await;
    assert_eq!(shop.launch(&world, &draft.campaign_id).await.unwrap_err().code(), Code::Unavailable);
    world.plan().await;
    assert!(world.requested().await.is_empty());
    assert_eq!(world.count("select count(*) from campaign.campaign where status <> 'draft'").await, 0);
}

#[tokio::test]
async fn a_variable_that_is_too_long_is_refused_when_it_is_written() {
    let world = World::start().await;
    let shop = Shop::new();
    let mut asked = pb::CreateCampaignRequest {
        operation_id: OperationId::generate().to_string(),
        name: "Novedades".into(),
        audience: Some(everybody()),
        wordings: news(),
        ..Default::default()
    };
    asked.wordings[0].variables[1] = "a".repeat(301);
    let status =
        world.client().create_campaign(world.request(shop.owner(), asked.clone())).await.unwrap_err();
    assert_eq!(refusal(&status), ("wordings[0].variables[1]".into(), "too_long".into()));
    // As long as it may become: 40 characters, and 320 with a long name in each place.
    asked.wordings[0].variables[1] = "{business}".repeat(4);
    let status =
        world.client().create_campaign(world.request(shop.owner(), asked.clone())).await.unwrap_err();
    assert_eq!(refusal(&status), ("wordings[0].variables[1]".into(), "too_long".into()));
    asked.wordings = news();
    asked.scheduled_at = Some(timestamp(world.now() - Duration::seconds(1)));
    let status = world.client().create_campaign(world.request(shop.owner(), asked)).await.unwrap_err();
    assert_eq!(refusal(&status), ("scheduled_at".into(), "past".into()));
}

#[tokio::test]
async fn a_scheduled_campaign_starts_at_its_time() {
    let world = World::start().await;
    let shop = Shop::new();
    shop.regulars(&world, 3).await;
    let at = world.now() + Duration::hours(2);
    let campaign = shop.blast(&world, |asked| asked.scheduled_at = Some(timestamp(at))).await;
    assert_eq!((campaign.status.as_str(), campaign.counts.unwrap().planned), ("scheduled", 0));
    world.wait(Duration::hours(2));
    world.plan().await;
    let campaign = shop.get(&world, &campaign.campaign_id).await;
    assert_eq!((campaign.status.as_str(), campaign.counts.unwrap().planned), ("running", 3));
}

#[tokio::test]
async fn a_schedule_that_passed_before_the_launch_is_refused() {
    let world = World::start().await;
    let shop = Shop::new();
    shop.regulars(&world, 3).await;
    let at = world.now() + Duration::hours(2);
    let draft = shop.draft(&world, |asked| asked.scheduled_at = Some(timestamp(at))).await;
    world.wait(Duration::hours(3));
    let refused = shop.launch(&world, &draft.campaign_id).await.unwrap_err();
    assert_eq!(refusal(&refused), ("scheduled_at".into(), "past".into()));
}

#[tokio::test]
async fn a_running_campaign_is_not_edited_and_a_paused_one_is() {
    let world = World::start().await;
    let shop = Shop::new();
    shop.regulars(&world, 3).await;
    let campaign = shop.blast(&world, |_| {}).await;
    let id = campaign.campaign_id;
    let rename = async || {
        let asked = pb::UpdateCampaignRequest {
            campaign_id: id.clone(),
            name: Some("Otra".into()),
            ..Default::default()
        };
        world.client().update_campaign(world.request(shop.owner(), asked)).await
    };
    assert_eq!(refusal(&rename().await.unwrap_err()), ("status".into(), "running".into()));
    call!(world, shop, pause_campaign, PauseCampaignRequest, id).unwrap();
    let renamed = rename().await.unwrap().into_inner().campaign.unwrap();
    assert_eq!((renamed.name.as_str(), renamed.status.as_str()), ("Otra", "paused"));
    // Its messages are written: other words would be shown and never said.
    assert_eq!(renamed.editable, "name");
    let mut wordings = news();
    wordings[0].variables[1] = "dos por uno".into();
    let asked = pb::UpdateCampaignRequest { campaign_id: id.clone(), wordings, ..Default::default() };
    let refused = world.client().update_campaign(world.request(shop.owner(), asked)).await.unwrap_err();
    assert_eq!(refusal(&refused), ("wordings".into(), "written".into()));
    // Said again as they are they change nothing.
    let asked = pb::UpdateCampaignRequest {
        campaign_id: id.clone(),
        name: Some("Tercera".into()),
        wordings: news(),
        audience: Some(everybody()),
        holdout_percent: Some(0),
        ..Default::default()
    };
    let renamed = world.client().update_campaign(world.request(shop.owner(), asked)).await.unwrap();
    assert_eq!(renamed.into_inner().campaign.unwrap().name, "Tercera");
}

#[tokio::test]
async fn a_paused_campaign_plans_nothing_and_goes_on_where_it_stopped() {
    let world = World::start().await;
    let shop = Shop::new();
    shop.fill(&world, 6_000).await;
    let draft = shop.draft(&world, |_| {}).await;
    shop.launch(&world, &draft.campaign_id).await.unwrap();
    assert_eq!(world.app.plan_step().await.unwrap(), Some(5_000));
    let id = draft.campaign_id;
    assert_eq!(call!(world, shop, pause_campaign, PauseCampaignRequest, id).unwrap(), "paused");
    world.plan().await;
    assert_eq!(shop.get(&world, &id).await.counts.unwrap().planned, 5_000);
    assert_eq!(call!(world, shop, resume_campaign, ResumeCampaignRequest, id).unwrap(), "running");
    world.plan().await;
    assert_eq!(shop.get(&world, &id).await.counts.unwrap().planned, 6_000);
    assert_eq!(world.count("select count(distinct customer_id) from campaign.send").await, 6_000);
    assert_eq!(call!(world, shop, cancel_campaign, CancelCampaignRequest, id).unwrap(), "canceled");
    assert_eq!(call!(world, shop, cancel_campaign, CancelCampaignRequest, id).unwrap(), "canceled");
    assert_eq!(world.messaging.holds(), ["paused", "running", "canceled"]);
    let refused = call!(world, shop, resume_campaign, ResumeCampaignRequest, id).unwrap_err();
    assert_eq!(refusal(&refused), ("status".into(), "canceled".into()));
}

#[tokio::test]
async fn while_messaging_is_away_a_pause_holds_here_and_is_told_as_soon_as_it_is_back() {
    let world = World::start().await;
    let shop = Shop::new();
    shop.fill(&world, 6_000).await;
    let draft = shop.draft(&world, |_| {}).await;
    shop.launch(&world, &draft.campaign_id).await.unwrap();
    let id = draft.campaign_id;
    world.messaging.set(|state| state.is_away = true);
    let away = call!(world, shop, pause_campaign, PauseCampaignRequest, id).unwrap_err();
    assert_eq!(away.code(), Code::Unavailable);
    world.plan().await;
    assert!(world.requested().await.is_empty());
    // Said again it is still not done, because messaging does not know.
    let away = call!(world, shop, pause_campaign, PauseCampaignRequest, id).unwrap_err();
    assert_eq!(away.code(), Code::Unavailable);
    world.messaging.set(|state| state.is_away = false);
    world.wait(Duration::seconds(5));
    assert_eq!(world.app.settle_holds().await.unwrap(), 1);
    assert_eq!(call!(world, shop, pause_campaign, PauseCampaignRequest, id).unwrap(), "paused");
    assert_eq!(world.messaging.holds(), ["paused"]);
}

#[tokio::test]
async fn a_pause_waits_for_the_step_under_way_and_nothing_is_planned_after_it() {
    let world = World::start().await;
    let shop = Shop::new();
    shop.fill(&world, 12_000).await;
    let draft = shop.draft(&world, |_| {}).await;
    shop.launch(&world, &draft.campaign_id).await.unwrap();
    let id = draft.campaign_id;
    let (walked, paused) =
        tokio::join!(world.plan(), async { call!(world, shop, pause_campaign, PauseCampaignRequest, id) });
    let () = walked;
    assert_eq!(paused.unwrap(), "paused");
    let planned = shop.get(&world, &id).await.counts.unwrap().planned;
    world.plan().await;
    assert_eq!(shop.get(&world, &id).await.counts.unwrap().planned, planned);
}

#[tokio::test]
async fn each_change_is_told_with_a_version_of_its_own() {
    let world = World::start().await;
    let shop = Shop::new();
    shop.regulars(&world, 1).await;
    let campaign = shop.blast(&world, |_| {}).await;
    let id = campaign.campaign_id;
    call!(world, shop, pause_campaign, PauseCampaignRequest, id).unwrap();
    call!(world, shop, cancel_campaign, CancelCampaignRequest, id).unwrap();
    let mut told: Vec<(i64, String)> = world
        .facts("campaign_changed")
        .await
        .into_iter()
        .map(|fact| match fact {
            pb::event::Fact::CampaignChanged(changed) => (changed.version, changed.status),
            other => panic!("{other:?}"),
        })
        .collect();
    told.sort();
    let expected = [(1, "draft"), (2, "running"), (3, "paused"), (4, "canceled")];
    assert_eq!(told, expected.map(|(version, status)| (version, status.to_owned())));
}

#[tokio::test]
async fn blasts_are_listed_newest_first_by_pages() {
    let world = World::start().await;
    let shop = Shop::new();
    let mut made = Vec::new();
    for _ in 0..3 {
        made.push(shop.draft(&world, |_| {}).await.campaign_id);
        world.wait(Duration::seconds(1));
    }
    made.reverse();
    let list = async |cursor: String| {
        let asked = pb::ListCampaignsRequest { limit: 2, cursor, status: "draft".into() };
        world.client().list_campaigns(world.request(shop.owner(), asked)).await.unwrap().into_inner()
    };
    let first = list(String::new()).await;
    let second = list(first.next_cursor.clone()).await;
    let ids: Vec<String> =
        first.campaigns.into_iter().chain(second.campaigns).map(|campaign| campaign.campaign_id).collect();
    assert_eq!((ids, second.next_cursor), (made, String::new()));
}
