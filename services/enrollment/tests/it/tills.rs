use chrono::Duration;
use proto::enrollment as wire;

use crate::support::{World, joining, problem, slug_of, with};

#[tokio::test]
async fn a_member_enters_by_pin_on_a_paired_till() {
    let world = World::start().await;
    let shop = world.shop("Café").await;
    let (ana, _) = world.member(&shop, "stamper", "4711").await;
    let till = world.till(&shop).await;
    let shown =
        world.business().get_till(wire::GetTillRequest { device_token: till.token.clone() }).await.unwrap();
    assert_eq!(
        shown.into_inner().members.iter().map(|m| m.member_id.as_str()).collect::<Vec<_>>(),
        [ana.as_str()]
    );
    let entered = world.pin(&till, &ana, "4711").await.unwrap();
    let token = entered.tokens.unwrap().access_token;
    let me = world.business().get_me(with(&token, wire::GetMeRequest {})).await.unwrap().into_inner();
    assert_eq!((me.member.unwrap().member_id, me.device_id), (ana, till.id));
}

#[tokio::test]
async fn five_wrong_pins_lock_and_ten_unpair() {
    let world = World::start().await;
    let shop = world.shop("Café").await;
    let (ana, _) = world.member(&shop, "stamper", "4711").await;
    let till = world.till(&shop).await;
    for _ in 0..5 {
        assert_eq!(slug_of(world.pin(&till, &ana, "0000").await), "invalid-credentials");
    }
    let locked = problem(world.pin(&till, &ana, "4711").await);
    assert_eq!(
        (locked.slug.as_str(), locked.until),
        ("locked", Some(world.clock.now() + Duration::minutes(15)))
    );
    world.wait(Duration::minutes(16));
    for _ in 0..5 {
        assert_eq!(slug_of(world.pin(&till, &ana, "0000").await), "invalid-credentials");
    }
    world.wait(Duration::minutes(16));
    let gone = problem(world.pin(&till, &ana, "4711").await);
    assert_eq!((gone.slug.as_str(), gone.reason.as_deref()), ("unauthenticated", Some("not_paired")));
    let till = wire::GetTillRequest { device_token: till.token };
    assert_eq!(slug_of(world.business().get_till(till).await), "unauthenticated");
}

#[tokio::test]
async fn a_members_lock_follows_her_to_another_till_and_a_tills_lock_stops_everybody() {
    let world = World::start().await;
    let shop = world.shop("Café").await;
    let (ana, _) = world.member(&shop, "stamper", "4711").await;
    let (luz, _) = world.member(&shop, "stamper", "5822").await;
    let (one, two) = (world.till(&shop).await, world.till(&shop).await);
    for _ in 0..5 {
        assert!(world.pin(&one, &ana, "0000").await.is_err());
    }
    assert_eq!(slug_of(world.pin(&two, &ana, "4711").await), "locked");
    assert_eq!(slug_of(world.pin(&one, &luz, "5822").await), "locked");
    assert!(world.pin(&two, &luz, "5822").await.is_ok());
}

#[tokio::test]
async fn nobody_enters_as_another_business_member_or_as_nobody() {
    let world = World::start().await;
    let (shop, other) = (world.shop("Café").await, world.shop("Bodega").await);
    let (ana, _) = world.member(&shop, "stamper", "4711").await;
    let till = world.till(&other).await;
    assert_eq!(slug_of(world.pin(&till, &ana, "4711").await), "invalid-credentials");
    let nobody = uuid::Uuid::now_v7().to_string();
    assert_eq!(slug_of(world.pin(&till, &nobody, "4711").await), "invalid-credentials");
    assert_eq!(slug_of(world.pin(&till, &other.owner_id, "").await), "invalid-credentials");
}

#[tokio::test]
async fn whoever_is_out_is_refused_her_next_token() {
    let world = World::start().await;
    let shop = world.shop("Café").await;
    let (ana, _) = world.member(&shop, "stamper", "4711").await;
    let till = world.till(&shop).await;
    let refresh = |token: String| {
        let mut auth = world.auth();
        async move { auth.refresh(wire::RefreshRequest { refresh_token: token }).await }
    };
    let enter = || async { world.pin(&till, &ana, "4711").await.unwrap().tokens.unwrap().refresh_token };
    let change = |active| {
        with(
            &shop.owner,
            wire::UpdateMemberRequest { member_id: ana.clone(), active: Some(active), ..Default::default() },
        )
    };

    let token = enter().await;
    world.business().update_member(change(false)).await.unwrap();
    assert_eq!(slug_of(refresh(token).await), "unauthenticated");
    assert_eq!(slug_of(world.pin(&till, &ana, "4711").await), "invalid-credentials");
    world.business().update_member(change(true)).await.unwrap();

    let token = enter().await;
    world.wait(Duration::hours(11));
    let token = refresh(token).await.unwrap().into_inner().tokens.unwrap().refresh_token;
    world.wait(Duration::hours(1));
    assert_eq!(slug_of(refresh(token).await), "unauthenticated");

    let token = enter().await;
    let delete = wire::DeleteDeviceRequest { device_id: till.id.clone() };
    world.business().delete_device(with(&shop.owner, delete)).await.unwrap();
    assert_eq!(slug_of(refresh(token).await), "unauthenticated");
}

#[tokio::test]
async fn a_pairing_code_pairs_once_and_for_ten_minutes() {
    let world = World::start().await;
    let shop = world.shop("Café").await;
    let pair = |code: String, public_key: Vec<u8>| {
        let mut business = world.business();
        async move {
            business
                .pair_device(wire::PairDeviceRequest { pairing_code: code, name: String::new(), public_key })
                .await
        }
    };
    let code = || async {
        let asked =
            world.business().create_pairing(with(&shop.owner, wire::CreatePairingRequest::default())).await;
        asked.unwrap().into_inner().pairing_code
    };
    let first = code().await;
    assert_eq!(problem(pair(first.clone(), vec![4; 65]).await).field.as_deref(), Some("public_key"));
    assert!(pair(format!(" {} ", first.to_lowercase()), vec![]).await.is_ok());
    assert_eq!(slug_of(pair(first, vec![]).await), "not-found");
    let late = code().await;
    world.wait(Duration::minutes(10));
    assert_eq!(slug_of(pair(late, vec![]).await), "not-found");
}

#[tokio::test]
async fn a_devices_key_is_for_services_only() {
    let world = World::start().await;
    let (shop, other) = (world.shop("Café").await, world.shop("Bodega").await);
    let till = world.till(&shop).await;
    let key = |business: &str| wire::GetDeviceKeyRequest {
        business_id: business.into(),
        device_id: till.id.clone(),
    };
    assert_eq!(slug_of(world.business().get_device_key(with(&shop.owner, key(&shop.id))).await), "forbidden");
    let service = world.service().await;
    assert!(
        world
            .business()
            .get_device_key(with(&service, key(&shop.id)))
            .await
            .unwrap()
            .into_inner()
            .public_key
            .is_empty()
    );
    assert_eq!(slug_of(world.business().get_device_key(with(&service, key(&other.id))).await), "not-found");
}

#[tokio::test]
async fn at_a_till_nobody_leafs_through_the_customers() {
    let world = World::start().await;
    let shop = world.shop("Café").await;
    let (_, stamper) = world.member(&shop, "stamper", "4711").await;
    for number in 0..12 {
        world.enroll(joining(&shop, "María Paz Ríos", &format!("9876543{number:02}"))).await.unwrap();
    }
    let search = |text: &str| {
        with(&stamper, wire::ListCustomersRequest { search: text.into(), limit: 100, ..Default::default() })
    };
    for text in ["", "ma", " % ", "__"] {
        let refused = problem(world.customers().list_customers(search(text)).await);
        assert_eq!(refused.field.as_deref(), Some("search"), "{text}");
    }
    let page = world.customers().list_customers(search("RIOS maria")).await.unwrap().into_inner();
    assert_eq!((page.customers.len(), page.next_cursor.as_str(), page.total), (10, "", 10));
    let shown = &page.customers[0];
    assert_eq!((shown.name.as_str(), shown.phone.as_str(), shown.birthday.as_str()), ("María", "311", ""));
}
