use proto::enrollment as wire;
use proto::enrollment::event::Fact;

use crate::support::{PASSWORD, World, joining, problem, slug_of, with};

#[tokio::test]
async fn slugs_are_made_from_the_name_and_never_taken_twice() {
    let world = World::start().await;
    let mut slugs = Vec::new();
    for _ in 0..7 {
        slugs.push(world.shop("Bodega Doña Rosa").await.slug);
    }
    assert_eq!(slugs[..2], ["bodega-dona-rosa", "bodega-dona-rosa-2"]);
    slugs.sort_unstable();
    slugs.dedup();
    assert_eq!(slugs.len(), 7);
}

#[tokio::test]
async fn a_business_changes_with_a_version_and_may_not_take_a_neighbours_slug() {
    let world = World::start().await;
    let (shop, other) = (world.shop("Café").await, world.shop("Bodega").await);
    let request = wire::UpdateBusinessRequest { slug: Some(other.slug), ..Default::default() };
    assert_eq!(
        problem(world.business().update_business(with(&shop.owner, request)).await).field.as_deref(),
        Some("slug")
    );
    let request = wire::UpdateBusinessRequest {
        ruc: Some("20601234567".into()),
        language: Some("en".into()),
        ..Default::default()
    };
    let changed = world.business().update_business(with(&shop.owner, request)).await.unwrap().into_inner();
    assert_eq!(changed.business.unwrap().language, "en");
    let facts = world.facts().await;
    assert!(facts.iter().any(|fact| matches!(fact, Fact::BusinessChanged(change) if change.version == 2)));
    let bad = wire::UpdateBusinessRequest { time_zone: Some("Peru/Lima".into()), ..Default::default() };
    let refused = problem(world.business().update_business(with(&shop.owner, bad)).await);
    assert_eq!(refused.field.as_deref(), Some("time_zone"));
}

#[tokio::test]
async fn a_location_is_corrected_by_its_own_managers_only() {
    let world = World::start().await;
    let (shop, other) = (world.shop("Café").await, world.shop("Bodega").await);
    let made = wire::CreateLocationRequest { name: "Centro".into(), address: "Calle Lima 1".into() };
    let made = world.business().create_location(with(&shop.owner, made)).await.unwrap().into_inner();
    let location_id = made.location.unwrap().location_id;
    let named = |name: &str| wire::UpdateLocationRequest {
        location_id: location_id.clone(),
        name: Some(name.into()),
        address: None,
    };
    let (_, stamper) = world.member(&shop, "stamper", "4711").await;
    assert_eq!(slug_of(world.business().update_location(with(&stamper, named("Sur"))).await), "forbidden");
    assert_eq!(
        slug_of(world.business().update_location(with(&other.owner, named("Sur"))).await),
        "not-found"
    );
    assert_eq!(
        problem(world.business().update_location(with(&shop.owner, named(""))).await).field.as_deref(),
        Some("name")
    );
    let changed = world.business().update_location(with(&shop.owner, named("Norte"))).await.unwrap();
    let changed = changed.into_inner().location.unwrap();
    assert_eq!((changed.name.as_str(), changed.address.as_str()), ("Norte", "Calle Lima 1"));
}

#[tokio::test]
async fn the_join_text_names_business_ruc_processor_recipients_and_retention() {
    let world = World::start().await;
    let shop = world.shop("Café {ruc}").await;
    let ruc = wire::UpdateBusinessRequest { ruc: Some("20601234567".into()), ..Default::default() };
    world.business().update_business(with(&shop.owner, ruc)).await.unwrap();
    for (language, recipients) in [("", "Twilio (Estados Unidos)"), ("en-US", "Twilio (United States)")] {
        let request = wire::GetPublicBusinessRequest { slug: shop.slug.clone(), language: language.into() };
        let shown = world.business().get_public_business(request).await.unwrap().into_inner();
        for text in [shown.program_text.unwrap(), shown.marketing_text.unwrap()] {
            assert_eq!(text.version, 1);
            assert!(text.short.contains("Café {ruc}"));
            for part in ["Café {ruc}, RUC 20601234567", "Sello SAC", recipients, "24"] {
                assert!(text.long.contains(part), "{part} is missing in {}", text.long);
            }
            assert!(!text.long.contains("{processor}") && !text.long.contains("{controller}"));
        }
    }
    let unknown = wire::GetPublicBusinessRequest { slug: "no such shop".into(), ..Default::default() };
    assert_eq!(slug_of(world.business().get_public_business(unknown).await), "not-found");
}

#[tokio::test]
async fn roles_are_limits() {
    let world = World::start().await;
    let shop = world.shop("Café").await;
    let (manager_id, manager) = world.member(&shop, "manager", "").await;
    let (stamper_id, stamper) = world.member(&shop, "stamper", "4711").await;
    let new = |role: &str| wire::CreateMemberRequest {
        name: "Nueva".into(),
        role: role.into(),
        pin: "1234".into(),
        ..Default::default()
    };
    assert_eq!(slug_of(world.business().create_member(with(&stamper, new("stamper"))).await), "forbidden");
    assert_eq!(slug_of(world.business().create_member(with(&manager, new("manager"))).await), "forbidden");
    assert!(world.business().create_member(with(&manager, new("stamper"))).await.is_ok());
    let promote = |id: &str| wire::UpdateMemberRequest {
        member_id: id.into(),
        role: Some("owner".into()),
        ..Default::default()
    };
    assert_eq!(
        slug_of(world.business().update_member(with(&manager, promote(&manager_id))).await),
        "forbidden"
    );
    assert_eq!(
        slug_of(world.business().update_member(with(&manager, promote(&stamper_id))).await),
        "forbidden"
    );
    let owner = wire::DeleteMemberRequest { member_id: shop.owner_id.clone() };
    assert_eq!(slug_of(world.business().delete_member(with(&manager, owner.clone())).await), "forbidden");
    let last = problem(world.business().delete_member(with(&shop.owner, owner)).await);
    assert_eq!(last.reason.as_deref(), Some("last_owner"));

    let rename = wire::UpdateBusinessRequest { name: Some("X".into()), ..Default::default() };
    for token in [&manager, &stamper] {
        assert_eq!(slug_of(world.business().update_business(with(token, rename.clone())).await), "forbidden");
        assert_eq!(
            slug_of(world.business().list_api_keys(with(token, wire::ListApiKeysRequest {})).await),
            "forbidden"
        );
    }
    let pairing = wire::CreatePairingRequest::default();
    assert_eq!(slug_of(world.business().create_pairing(with(&stamper, pairing.clone())).await), "forbidden");
    assert_eq!(
        slug_of(world.business().list_audit(with(&stamper, wire::ListAuditRequest::default())).await),
        "forbidden"
    );
    assert_eq!(
        slug_of(world.business().list_members(with(&stamper, wire::ListMembersRequest {})).await),
        "forbidden"
    );
    assert!(world.business().list_locations(with(&stamper, wire::ListLocationsRequest {})).await.is_ok());
    assert_eq!(slug_of(world.business().create_pairing(pairing).await), "unauthenticated");
}

#[tokio::test]
async fn another_business_ids_are_not_found() {
    let world = World::start().await;
    let (shop, other) = (world.shop("Café").await, world.shop("Bodega").await);
    let (ana, _) = world.member(&other, "stamper", "4711").await;
    let till = world.till(&other).await;
    let luz = world.enroll(joining(&other, "Luz", "987654321")).await.unwrap().customer_id;
    let own = world.enroll(joining(&shop, "Ana", "987654321")).await.unwrap().customer_id;
    let place = wire::CreateLocationRequest { name: "Centro".into(), ..Default::default() };
    let place = world
        .business()
        .create_location(with(&other.owner, place))
        .await
        .unwrap()
        .into_inner()
        .location
        .unwrap();

    let me = shop.owner.as_str();
    let (mut business, mut customers) = (world.business(), world.customers());
    let rename =
        wire::UpdateMemberRequest { member_id: ana.clone(), name: Some("X".into()), ..Default::default() };
    let pairing = wire::CreatePairingRequest { location_id: place.location_id.clone() };
    let answers = [
        slug_of(business.update_member(with(me, rename)).await),
        slug_of(business.delete_member(with(me, wire::DeleteMemberRequest { member_id: ana })).await),
        slug_of(business.delete_device(with(me, wire::DeleteDeviceRequest { device_id: till.id })).await),
        slug_of(business.create_pairing(with(me, pairing)).await),
        slug_of(
            customers.get_customer(with(me, wire::GetCustomerRequest { customer_id: luz.clone() })).await,
        ),
        slug_of(
            customers.erase_customer(with(me, wire::EraseCustomerRequest { customer_id: luz.clone() })).await,
        ),
        slug_of(
            customers
                .export_customer(with(me, wire::ExportCustomerRequest { customer_id: luz.clone() }))
                .await,
        ),
        slug_of(
            customers
                .update_customer(with(
                    me,
                    wire::UpdateCustomerRequest { customer_id: luz.clone(), ..Default::default() },
                ))
                .await,
        ),
        slug_of(
            customers
                .merge_customers(with(
                    me,
                    wire::MergeCustomersRequest { into_customer_id: own, from_customer_id: luz.clone() },
                ))
                .await,
        ),
        slug_of(
            customers
                .create_card_link(with(
                    me,
                    wire::CreateCardLinkRequest { customer_id: luz.clone(), ..Default::default() },
                ))
                .await,
        ),
        slug_of(
            customers
                .set_consent(with(
                    me,
                    wire::SetConsentRequest {
                        customer_id: luz.clone(),
                        purpose: "marketing".into(),
                        ..Default::default()
                    },
                ))
                .await,
        ),
    ];
    assert_eq!(answers, ["not-found"; 11]);
    let contacts =
        wire::GetContactsRequest { customer_ids: vec![luz], purpose: "till".into(), ..Default::default() };
    assert!(customers.get_contacts(with(me, contacts)).await.unwrap().into_inner().contacts.is_empty());
    let enrolling =
        wire::EnrollRequest { location_id: place.location_id, ..joining(&shop, "Eva", "987654329") };
    assert_eq!(problem(world.enroll(enrolling).await).field.as_deref(), Some("location_id"));
}

#[tokio::test]
async fn a_shops_own_system_signs_in_with_its_key_until_the_key_is_deleted() {
    let world = World::start().await;
    let shop = world.shop("Café").await;
    world.enroll(joining(&shop, "Ana Paz", "987654321")).await.unwrap();
    let request = wire::CreateApiKeyRequest { name: "POS".into() };
    let made = world.business().create_api_key(with(&shop.owner, request)).await.unwrap().into_inner();
    let key = made.api_key.unwrap();
    assert!(made.secret.starts_with(&key.prefix) && key.last_used_at.is_none());
    let exchange = wire::ExchangeApiKeyRequest { api_key: made.secret };
    let token = world.auth().exchange_api_key(exchange.clone()).await.unwrap().into_inner().access_token;
    let list = with(&token, wire::ListCustomersRequest::default());
    assert_eq!(world.customers().list_customers(list).await.unwrap().into_inner().total, 1);
    let forbidden = with(&token, wire::CreateApiKeyRequest { name: "more".into() });
    assert_eq!(slug_of(world.business().create_api_key(forbidden).await), "forbidden");
    let listed =
        world.business().list_api_keys(with(&shop.owner, wire::ListApiKeysRequest {})).await.unwrap();
    assert!(listed.into_inner().api_keys[0].last_used_at.is_some());
    let delete = wire::DeleteApiKeyRequest { api_key_id: key.api_key_id };
    world.business().delete_api_key(with(&shop.owner, delete.clone())).await.unwrap();
    assert_eq!(slug_of(world.auth().exchange_api_key(exchange).await), "unauthenticated");
    assert_eq!(slug_of(world.business().delete_api_key(with(&shop.owner, delete)).await), "not-found");
}

#[tokio::test]
async fn what_members_do_is_written_down_page_by_page() {
    let world = World::start().await;
    let shop = world.shop("Café").await;
    for name in ["Centro", "Surco"] {
        let place = wire::CreateLocationRequest { name: name.into(), ..Default::default() };
        world.business().create_location(with(&shop.owner, place)).await.unwrap();
    }
    world.till(&shop).await;
    let (mut actions, mut cursor) = (Vec::new(), String::new());
    loop {
        let request = wire::ListAuditRequest { limit: 2, cursor };
        let page = world.business().list_audit(with(&shop.owner, request)).await.unwrap().into_inner();
        assert!(page.entries.iter().all(|entry| entry.member_id == shop.owner_id));
        actions.extend(page.entries.into_iter().map(|entry| entry.action));
        cursor = page.next_cursor;
        if cursor.is_empty() {
            break;
        }
    }
    assert_eq!(
        actions,
        ["device_paired", "pairing_created", "location_created", "location_created", "business_created"]
    );
    assert!(sqlx::query("delete from audit").execute(&world.pool).await.is_err());
}

#[tokio::test]
async fn a_deleted_members_address_is_free_again() {
    let world = World::start().await;
    let shop = world.shop("Café").await;
    let new = wire::CreateMemberRequest {
        name: "Ana".into(),
        role: "manager".into(),
        email: "ana@cafe.pe".into(),
        password: PASSWORD.into(),
        ..Default::default()
    };
    let made = world.business().create_member(with(&shop.owner, new.clone())).await.unwrap().into_inner();
    let taken = problem(world.business().create_member(with(&shop.owner, new.clone())).await);
    assert_eq!(taken.field.as_deref(), Some("email"));
    let delete = wire::DeleteMemberRequest { member_id: made.member.unwrap().member_id };
    world.business().delete_member(with(&shop.owner, delete)).await.unwrap();
    assert!(world.business().create_member(with(&shop.owner, new)).await.is_ok());
    let listed = world.business().list_members(with(&shop.owner, wire::ListMembersRequest {})).await.unwrap();
    assert_eq!(listed.into_inner().members.len(), 2);
}
