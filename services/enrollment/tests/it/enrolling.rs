use proto::enrollment as wire;
use proto::enrollment::event::Fact;

use crate::support::{World, joining, problem, slug_of, with};

#[tokio::test]
async fn a_stranger_becomes_a_customer_with_a_card_and_the_world_is_told_no_name() {
    let world = World::start().await;
    let shop = world.shop("Café").await;
    let request = wire::EnrollRequest {
        birthday: "1990-05-02".into(),
        consent_marketing: true,
        adult_ok: true,
        ..joining(&shop, "  Ana Paz ", "987 654 321")
    };
    let joined = world.enroll(request).await.unwrap();
    assert!(!joined.known && !joined.proven && joined.recover.is_empty());
    assert_eq!((joined.marketing.as_str(), joined.business_id.as_str()), ("pending", shop.id.as_str()));
    let mut told = Vec::new();
    for fact in world.facts().await {
        match fact {
            Fact::CustomerEnrolled(fact) => {
                assert_eq!((&fact.customer_id, &fact.card_id), (&joined.customer_id, &joined.card_id));
                assert_eq!(
                    (fact.birth_month, fact.source.as_str(), fact.language.as_str()),
                    (5, "join", "es")
                );
                told.push("enrolled".to_owned());
            }
            Fact::ConsentChanged(fact) => told.push(format!("{} {}", fact.purpose, fact.state)),
            _ => {}
        }
    }
    assert_eq!(told, ["enrolled", "program granted", "marketing pending"]);
    let payloads: Vec<Vec<u8>> =
        sqlx::query_scalar("select payload from outbox").fetch_all(&world.pool).await.unwrap();
    for payload in payloads {
        let text = String::from_utf8_lossy(&payload).into_owned();
        assert!(!text.contains("Ana") && !text.contains("987654321") && !text.contains("1990"));
    }
    let shown = with(&shop.owner, wire::GetCustomerRequest { customer_id: joined.customer_id });
    let shown = world.customers().get_customer(shown).await.unwrap().into_inner().customer.unwrap();
    assert_eq!((shown.name.as_str(), shown.phone.as_str()), ("Ana Paz", "+51987654321"));
}

#[tokio::test]
async fn a_form_is_refused_by_its_field_and_writes_nothing() {
    let world = World::start().await;
    let shop = world.shop("Café").await;
    let form = joining(&shop, "Ana", "987654321");
    let bad = [
        ("name", wire::EnrollRequest { name: "\u{7}".into(), ..form.clone() }),
        ("phone", wire::EnrollRequest { phone: "123".into(), ..form.clone() }),
        ("age_ok", wire::EnrollRequest { age_ok: false, ..form.clone() }),
        ("consents.program", wire::EnrollRequest { consent_program: false, ..form.clone() }),
        ("birthday", wire::EnrollRequest { birthday: "2020-01-01".into(), ..form.clone() }),
        ("adult_ok", wire::EnrollRequest { consent_marketing: true, ..form.clone() }),
        ("program_id", wire::EnrollRequest { program_id: "x".into(), ..form.clone() }),
    ];
    for (field, request) in bad {
        let refused = problem(world.enroll(request).await);
        assert_eq!((refused.slug.as_str(), refused.field.as_deref()), ("invalid", Some(field)));
    }
    let nowhere = wire::EnrollRequest { slug: "nowhere".into(), ..form };
    assert_eq!(slug_of(world.enroll(nowhere).await), "not-found");
    assert_eq!(world.count("select count(*) from customer").await, 0);
}

#[tokio::test]
async fn a_stranger_who_types_a_known_number_learns_nothing() {
    let world = World::start().await;
    let (shop, other) = (world.shop("Café").await, world.shop("Bodega").await);
    world.enroll(joining(&shop, "Ana", "987654321")).await.unwrap();
    let luz = world.enroll(joining(&shop, "Luz", "987654322")).await.unwrap();
    let elsewhere = world.enroll(joining(&other, "Ana", "987654321")).await.unwrap();
    assert!(!elsewhere.known);
    let before = world.facts().await.len();
    for holder_token in [String::new(), "guess".into(), luz.holder_token, elsewhere.holder_token] {
        let request = wire::EnrollRequest { holder_token, ..joining(&shop, "Eva", "+51 987 654 321") };
        let told = world.enroll(request).await.unwrap();
        // The word that only the number itself can use says nothing either.
        assert!(told.word.starts_with("SELLO-") && told.word.len() == 14);
        let nothing = wire::EnrollResponse {
            word: told.word.clone(),
            known: true,
            recover: vec!["whatsapp".into(), "till".into()],
            ..Default::default()
        };
        assert_eq!(told, nothing);
    }
    assert_eq!(world.facts().await.len(), before);
}

#[tokio::test]
async fn a_customer_who_shows_her_token_gets_the_same_card() {
    let world = World::start().await;
    let shop = world.shop("Café").await;
    let first = world.enroll(joining(&shop, "Ana", "987654321")).await.unwrap();
    let again = wire::EnrollRequest {
        holder_token: first.holder_token.clone(),
        consent_marketing: true,
        adult_ok: true,
        ..joining(&shop, "Ana", "987654321")
    };
    let again = world.enroll(again).await.unwrap();
    assert!(again.known && again.proven);
    assert_eq!((&again.card_id, &again.holder_token), (&first.card_id, &first.holder_token));
    assert_eq!((&again.customer_id, &again.referral_code), (&first.customer_id, &first.referral_code));
    assert_eq!((first.marketing.as_str(), again.marketing.as_str()), ("no", "pending"));
}

#[tokio::test]
async fn one_phone_is_one_customer_under_any_race() {
    let world = World::start().await;
    let shop = world.shop("Café").await;
    let racing = (0..12).map(|_| {
        let (mut customers, request) = (world.customers(), joining(&shop, "Ana", "987654321"));
        tokio::spawn(async move { customers.enroll(request).await.unwrap().into_inner() })
    });
    let mut cards = 0;
    for answer in racing.collect::<Vec<_>>() {
        cards += usize::from(!answer.await.unwrap().card_id.is_empty());
    }
    assert_eq!(cards, 1);
    assert_eq!(world.count("select count(*) from customer").await, 1);
    let enrolled = world.facts().await.into_iter().filter(|fact| matches!(fact, Fact::CustomerEnrolled(_)));
    assert_eq!(enrolled.count(), 1);
}

#[tokio::test]
async fn a_holder_token_opens_one_card_and_no_rights() {
    let world = World::start().await;
    let shop = world.shop("Café").await;
    let ana = world.enroll(joining(&shop, "Ana Paz", "987654321")).await.unwrap();
    let luz = world.enroll(joining(&shop, "Luz", "987654322")).await.unwrap();
    let opened = world.holder(&ana.holder_token).await.unwrap();
    assert_eq!((&opened.card_id, &opened.customer_id), (&ana.card_id, &ana.customer_id));
    assert_eq!(slug_of(world.holder("guess").await), "unauthenticated");
    assert_eq!(slug_of(world.holder("").await), "unauthenticated");

    let token = opened.access_token.as_str();
    let get = |id: &str| with(token, wire::GetCustomerRequest { customer_id: id.into() });
    let own =
        world.customers().get_customer(get(&ana.customer_id)).await.unwrap().into_inner().customer.unwrap();
    assert_eq!((own.name.as_str(), own.phone.as_str()), ("Ana", "321"));
    assert_eq!(slug_of(world.customers().get_customer(get(&luz.customer_id)).await), "not-found");
    let erase = wire::EraseCustomerRequest { customer_id: ana.customer_id.clone() };
    assert_eq!(slug_of(world.customers().erase_customer(with(token, erase)).await), "forbidden");
    let export = wire::ExportCustomerRequest { customer_id: ana.customer_id };
    assert_eq!(slug_of(world.customers().export_customer(with(token, export)).await), "forbidden");
    assert_eq!(
        slug_of(world.customers().list_customers(with(token, wire::ListCustomersRequest::default())).await),
        "forbidden"
    );
    let change = wire::UpdateBusinessRequest { name: Some("Otro".into()), ..Default::default() };
    assert_eq!(slug_of(world.business().update_business(with(token, change)).await), "forbidden");
    let whose =
        world.business().get_business(with(token, wire::GetBusinessRequest::default())).await.unwrap();
    assert_eq!(whose.into_inner().business.unwrap().slug, shop.slug);
}

#[tokio::test]
async fn a_link_from_the_till_gives_a_second_phone_the_same_card_once() {
    let world = World::start().await;
    let shop = world.shop("Café").await;
    let (_, stamper) = world.member(&shop, "stamper", "4711").await;
    let ana = world.enroll(joining(&shop, "Ana", "987654321")).await.unwrap();
    let luz = world.enroll(joining(&shop, "Luz", "987654322")).await.unwrap();
    let link = |card: &str| {
        with(
            &stamper,
            wire::CreateCardLinkRequest {
                customer_id: ana.customer_id.clone(),
                card_id: card.into(),
                ..Default::default()
            },
        )
    };
    assert_eq!(slug_of(world.customers().create_card_link(link(&luz.card_id)).await), "not-found");
    let made = world.customers().create_card_link(link("")).await.unwrap().into_inner().link_token;
    let follow = wire::UseCardLinkRequest { link_token: made };
    let used = world.customers().use_card_link(follow.clone()).await.unwrap().into_inner();
    assert_eq!(used.card_id, ana.card_id);
    assert_eq!(world.holder(&used.holder_token).await.unwrap().card_id, ana.card_id);
    assert!(world.holder(&ana.holder_token).await.is_ok());
    assert_eq!(slug_of(world.customers().use_card_link(follow).await), "not-found");
    let late = world.customers().create_card_link(link(&ana.card_id)).await.unwrap().into_inner().link_token;
    world.wait(chrono::Duration::minutes(5));
    let late = wire::UseCardLinkRequest { link_token: late };
    assert_eq!(slug_of(world.customers().use_card_link(late).await), "not-found");
}
