//! Who may ask, and about whom.

use kernel::{ApiKeyId, BusinessId, CampaignId, CardId, CustomerId, Principal, Role};
use proto::campaign as pb;
use tonic::Code;

use crate::support::shop::{Shop, everybody};
use crate::support::{World, member, refusal};

async fn list(world: &World, caller: Principal) -> Code {
    let asked = world.request(caller, pb::ListCampaignsRequest::default());
    world.client().list_campaigns(asked).await.map_or_else(|status| status.code(), |_| Code::Ok)
}

#[tokio::test]
async fn campaigns_are_for_those_who_run_the_shop() {
    let world = World::start().await;
    let business = BusinessId::generate();
    assert_eq!(list(&world, member(business, Role::Owner)).await, Code::Ok);
    assert_eq!(list(&world, member(business, Role::Manager)).await, Code::Ok);
    assert_eq!(list(&world, Principal::ApiKey { business, key: ApiKeyId::generate() }).await, Code::Ok);
    assert_eq!(list(&world, member(business, Role::Stamper)).await, Code::PermissionDenied);
    let holder =
        Principal::CardHolder { business, customer: CustomerId::generate(), card: CardId::generate() };
    assert_eq!(list(&world, holder).await, Code::PermissionDenied);
    assert_eq!(list(&world, Principal::Operator).await, Code::PermissionDenied);
    assert_eq!(list(&world, Principal::Public).await, Code::Unauthenticated);
}

#[tokio::test]
async fn progress_is_for_the_platform() {
    let world = World::start().await;
    let ask = async |caller| {
        let asked = world.request(caller, pb::GetProgressRequest {});
        world.client().get_progress(asked).await.map_or_else(|status| status.code(), |_| Code::Ok)
    };
    // The broker is away, so the platform is told to come back.
    assert_eq!(ask(Principal::Service { name: "gateway".into() }).await, Code::Unavailable);
    assert_eq!(ask(Principal::Operator).await, Code::Unavailable);
    assert_eq!(ask(member(BusinessId::generate(), Role::Owner)).await, Code::PermissionDenied);
}

#[tokio::test]
async fn another_businesss_campaign_is_not_there() {
    let world = World::start().await;
    let (ours, theirs) = (Shop::new(), Shop::new());
    ours.regulars(&world, 3).await;
    let campaign = ours.blast(&world, |_| {}).await;
    let id = campaign.campaign_id;
    macro_rules! refused {
        ($call:ident, $request:ident) => {
            let mut asked = pb::$request::default();
            asked.campaign_id.clone_from(&id);
            let answer = world.client().$call(world.request(theirs.owner(), asked)).await;
            assert_eq!(answer.unwrap_err().code(), Code::NotFound);
        };
    }
    refused!(get_campaign, GetCampaignRequest);
    refused!(update_campaign, UpdateCampaignRequest);
    refused!(launch_campaign, LaunchCampaignRequest);
    refused!(pause_campaign, PauseCampaignRequest);
    refused!(resume_campaign, ResumeCampaignRequest);
    refused!(cancel_campaign, CancelCampaignRequest);
    refused!(get_results, GetResultsRequest);
    assert_eq!(theirs.preview(&world, everybody(), "").await.unwrap().count, 0);
    assert_eq!(ours.get(&world, &id).await.status, "running");
}

#[tokio::test]
async fn what_cannot_be_read_is_named() {
    let world = World::start().await;
    let shop = Shop::new();
    let get = pb::GetCampaignRequest { campaign_id: "42".into() };
    let status = world.client().get_campaign(world.request(shop.owner(), get)).await.unwrap_err();
    assert_eq!(refusal(&status), ("campaign_id".into(), "not_a_uuid".into()));
    let create = pb::CreateCampaignRequest {
        operation_id: CampaignId::generate().to_string(),
        name: "Novedades".into(),
        ..Default::default()
    };
    let status = world.client().create_campaign(world.request(shop.owner(), create)).await.unwrap_err();
    assert_eq!(refusal(&status), ("audience".into(), "required".into()));
    let status = shop.preview(&world, everybody(), "pigeon").await.unwrap_err();
    assert_eq!(refusal(&status), ("channel_policy".into(), "unknown".into()));
}
