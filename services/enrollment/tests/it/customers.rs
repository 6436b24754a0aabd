use proto::enrollment as wire;
use proto::enrollment::event::Fact;
use serde_json::Value;

use crate::support::{Shop, World, joining, problem, slug_of, with};

/// A customer who agreed to promotions, with the proof.
async fn fan(world: &World, shop: &Shop, name: &str, phone: &str) -> wire::EnrollResponse {
    let request =
        wire::EnrollRequest { consent_marketing: true, adult_ok: true, ..joining(shop, name, phone) };
    let joined = world.enroll(request).await.unwrap();
    assert_eq!(
        consent(world, &world.service().await, shop, &joined.customer_id, true).await.unwrap(),
        "granted"
    );
    joined
}

async fn consent(
    world: &World,
    token: &str,
    shop: &Shop,
    customer: &str,
    granted: bool,
) -> Result<String, tonic::Status> {
    let request = wire::SetConsentRequest {
        customer_id: customer.into(),
        purpose: "marketing".into(),
        granted,
        business_id: shop.id.clone(),
        ..Default::default()
    };
    Ok(world.customers().set_consent(with(token, request)).await?.into_inner().state)
}

async fn reach(world: &World, token: &str, shop: &Shop, customer: &str, purpose: &str) -> Vec<wire::Contact> {
    let request = wire::GetContactsRequest {
        customer_ids: vec![customer.into()],
        purpose: purpose.into(),
        business_id: shop.id.clone(),
    };
    world.customers().get_contacts(with(token, request)).await.unwrap().into_inner().contacts
}

async fn get(world: &World, shop: &Shop, customer: &str) -> Result<wire::Customer, tonic::Status> {
    let request = with(&shop.owner, wire::GetCustomerRequest { customer_id: customer.into() });
    Ok(world.customers().get_customer(request).await?.into_inner().customer.unwrap())
}

#[tokio::test]
async fn nobody_is_reached_for_promotions_before_she_proved_it_nor_after_she_said_no() {
    let world = World::start().await;
    let shop = world.shop("Café").await;
    let service = world.service().await;
    let request = wire::EnrollRequest {
        consent_marketing: true,
        adult_ok: true,
        ..joining(&shop, "Ana Paz", "987654321")
    };
    let ana = world.enroll(request).await.unwrap();
    assert!(reach(&world, &service, &shop, &ana.customer_id, "marketing").await.is_empty());
    let about_her_card = reach(&world, &service, &shop, &ana.customer_id, "service").await;
    assert_eq!(
        (about_her_card[0].first_name.as_str(), about_her_card[0].phone.as_str()),
        ("Ana", "+51987654321")
    );

    assert_eq!(
        problem(consent(&world, &shop.owner, &shop, &ana.customer_id, true).await).field.as_deref(),
        Some("granted")
    );
    assert_eq!(consent(&world, &service, &shop, &ana.customer_id, true).await.unwrap(), "granted");
    assert_eq!(reach(&world, &service, &shop, &ana.customer_id, "marketing").await.len(), 1);

    let holder = world.holder(&ana.holder_token).await.unwrap().access_token;
    assert_eq!(consent(&world, &holder, &shop, &ana.customer_id, false).await.unwrap(), "revoked");
    assert!(reach(&world, &service, &shop, &ana.customer_id, "marketing").await.is_empty());
    assert_eq!(consent(&world, &holder, &shop, &ana.customer_id, true).await.unwrap(), "pending");
    assert!(reach(&world, &service, &shop, &ana.customer_id, "marketing").await.is_empty());
}

#[tokio::test]
async fn promotions_need_an_adult() {
    let world = World::start().await;
    let shop = world.shop("Café").await;
    let ana = world.enroll(joining(&shop, "Ana", "987654321")).await.unwrap();
    let refused = problem(consent(&world, &world.service().await, &shop, &ana.customer_id, true).await);
    assert_eq!(refused.field.as_deref(), Some("adult_ok"));
}

#[tokio::test]
async fn the_ledger_of_consents_only_grows() {
    let world = World::start().await;
    let shop = world.shop("Café").await;
    let ana = fan(&world, &shop, "Ana", "987654321").await;
    consent(&world, &shop.owner, &shop, &ana.customer_id, false).await.unwrap();
    consent(&world, &shop.owner, &shop, &ana.customer_id, false).await.unwrap();
    let states: Vec<String> =
        sqlx::query_scalar("select state from consent where purpose = 'marketing' order by version")
            .fetch_all(&world.pool)
            .await
            .unwrap();
    assert_eq!(states, ["pending", "granted", "revoked"]);
    for statement in ["update consent set state = 'granted'", "delete from consent", "truncate consent"] {
        assert!(sqlx::query(statement).execute(&world.pool).await.is_err(), "{statement}");
    }
}

#[tokio::test]
async fn customers_that_were_chosen_elsewhere_come_in_that_order_and_only_ones_own() {
    let world = World::start().await;
    let (shop, other) = (world.shop("Café").await, world.shop("Bodega").await);
    let (_, stamper) = world.member(&shop, "stamper", "4711").await;
    let ana = world.enroll(joining(&shop, "Ana", "987654321")).await.unwrap().customer_id;
    let luz = world.enroll(joining(&shop, "Luz", "987654322")).await.unwrap().customer_id;
    let eva = world.enroll(joining(&other, "Eva", "987654323")).await.unwrap().customer_id;
    let chosen = || wire::GetCustomersRequest { customer_ids: vec![luz.clone(), eva.clone(), ana.clone()] };
    let found = world.customers().get_customers(with(&shop.owner, chosen())).await.unwrap().into_inner();
    let names: Vec<&str> = found.customers.iter().map(|customer| customer.name.as_str()).collect();
    assert_eq!(names, ["Luz", "Ana"]);
    assert_eq!(slug_of(world.customers().get_customers(with(&stamper, chosen())).await), "forbidden");
    let many = wire::GetCustomersRequest { customer_ids: vec![ana; 201] };
    let refused = problem(world.customers().get_customers(with(&shop.owner, many)).await);
    assert_eq!(refused.reason.as_deref(), Some("too_many"));
}

#[tokio::test]
async fn numbers_are_for_services_and_first_names_for_tills() {
    let world = World::start().await;
    let shop = world.shop("Café").await;
    let (_, stamper) = world.member(&shop, "stamper", "4711").await;
    let ana = world.enroll(joining(&shop, "Ana Paz", "987654321")).await.unwrap();
    let seen = reach(&world, &stamper, &shop, &ana.customer_id, "till").await;
    assert_eq!((seen[0].first_name.as_str(), seen[0].phone.as_str()), ("Ana", ""));
    for purpose in ["service", "marketing"] {
        let request = wire::GetContactsRequest { purpose: purpose.into(), ..Default::default() };
        assert_eq!(
            slug_of(world.customers().get_contacts(with(&shop.owner, request.clone())).await),
            "forbidden"
        );
        assert_eq!(slug_of(world.customers().get_contacts(request).await), "unauthenticated");
    }
    let request = wire::GetContactsRequest {
        purpose: "till".into(),
        customer_ids: vec![ana.customer_id; 201],
        ..Default::default()
    };
    assert_eq!(
        problem(world.customers().get_contacts(with(&stamper, request)).await).reason.as_deref(),
        Some("too_many")
    );
}

#[tokio::test]
async fn customers_are_found_by_any_part_of_name_or_phone_page_by_page() {
    let world = World::start().await;
    let shop = world.shop("Café").await;
    for (name, phone) in
        [("José Ñaupari", "987654321"), ("Josefina Paz", "987654322"), ("Ana Ríos", "912345678")]
    {
        world.enroll(joining(&shop, name, phone)).await.unwrap();
    }
    let list = |search: &str, limit: i32, cursor: &str| {
        let request = wire::ListCustomersRequest { search: search.into(), limit, cursor: cursor.into() };
        let (mut customers, request) = (world.customers(), with(&shop.owner, request));
        async move { customers.list_customers(request).await.unwrap().into_inner() }
    };
    let names = |page: &wire::ListCustomersResponse| {
        page.customers.iter().map(|c| c.name.clone()).collect::<Vec<_>>()
    };
    assert_eq!(names(&list("jose", 10, "").await), ["Josefina Paz", "José Ñaupari"]);
    assert_eq!(names(&list("NAUPARI jose", 10, "").await), ["José Ñaupari"]);
    assert_eq!(names(&list("rios", 10, "").await), ["Ana Ríos"]);
    assert_eq!(names(&list("987 654", 10, "").await).len(), 2);
    assert_eq!(names(&list("nobody", 10, "").await).len(), 0);
    let first = list("", 2, "").await;
    assert_eq!((names(&first), first.total), (vec!["Ana Ríos".into(), "Josefina Paz".into()], 3));
    let second = list("", 2, &first.next_cursor).await;
    assert_eq!((names(&second), second.next_cursor.as_str()), (vec!["José Ñaupari".into()], ""));
    let odd = wire::ListCustomersRequest { cursor: "x".into(), ..Default::default() };
    let refused = problem(world.customers().list_customers(with(&shop.owner, odd)).await);
    assert_eq!(refused.field.as_deref(), Some("cursor"));
}

#[tokio::test]
async fn a_corrected_number_must_be_free_and_has_proven_nothing_yet() {
    let world = World::start().await;
    let shop = world.shop("Café").await;
    let ana = fan(&world, &shop, "Ana", "987654321").await;
    world.enroll(joining(&shop, "Luz", "987654322")).await.unwrap();
    let change = |phone: &str| {
        let request = wire::UpdateCustomerRequest {
            customer_id: ana.customer_id.clone(),
            phone: Some(phone.into()),
            name: Some("Ana María".into()),
            ..Default::default()
        };
        with(&shop.owner, request)
    };
    let taken = problem(world.customers().update_customer(change("987654322")).await);
    assert_eq!((taken.slug.as_str(), taken.field.as_deref()), ("conflict", Some("phone")));
    let changed =
        world.customers().update_customer(change("987654323")).await.unwrap().into_inner().customer.unwrap();
    assert_eq!((changed.phone.as_str(), changed.marketing.as_str()), ("+51987654323", "pending"));
    assert!(world.enroll(joining(&shop, "Eva", "987654321")).await.is_ok_and(|joined| !joined.known));
}

#[tokio::test]
async fn whoever_is_erased_leaves_a_tombstone_and_no_trace_of_the_person() {
    let world = World::start().await;
    let shop = world.shop("Café").await;
    let ana = fan(&world, &shop, "Ana Paz", "987654321").await;
    let erase = || with(&shop.owner, wire::EraseCustomerRequest { customer_id: ana.customer_id.clone() });
    world.customers().erase_customer(erase()).await.unwrap();
    world.customers().erase_customer(erase()).await.unwrap();
    let facts = world.facts().await;
    assert_eq!(facts.iter().filter(|fact| matches!(fact, Fact::CustomerErased(_))).count(), 1);
    let shown = get(&world, &shop, &ana.customer_id).await.unwrap();
    assert!(shown.erased && shown.name.is_empty() && shown.phone.is_empty());
    assert_eq!(slug_of(world.holder(&ana.holder_token).await), "unauthenticated");
    assert!(reach(&world, &world.service().await, &shop, &ana.customer_id, "service").await.is_empty());
    let rows: Vec<String> = sqlx::query_scalar("select row_to_json(customer)::text from customer")
        .fetch_all(&world.pool)
        .await
        .unwrap();
    assert!(
        rows.iter().all(|row| !row.contains("Ana") && !row.contains("ana") && !row.contains("987654321"))
    );
    assert_eq!(world.count("select count(*) from customer where former_phone_hash is not null").await, 1);
    let again = world.enroll(joining(&shop, "Ana", "987654321")).await.unwrap();
    assert!(!again.known && again.customer_id != ana.customer_id);
}

#[tokio::test]
async fn two_customers_who_are_one_become_one_with_all_that_was_theirs() {
    let world = World::start().await;
    let shop = world.shop("Café").await;
    let kept = fan(&world, &shop, "Ana", "987654321").await;
    let gone = world.enroll(joining(&shop, "Ana P.", "987654322")).await.unwrap();
    consent(&world, &shop.owner, &shop, &gone.customer_id, false).await.unwrap();
    let merge = |into: &str, from: &str| {
        with(
            &shop.owner,
            wire::MergeCustomersRequest { into_customer_id: into.into(), from_customer_id: from.into() },
        )
    };
    let itself =
        problem(world.customers().merge_customers(merge(&kept.customer_id, &kept.customer_id)).await);
    assert_eq!(itself.field.as_deref(), Some("from_customer_id"));
    let merged =
        world.customers().merge_customers(merge(&kept.customer_id, &gone.customer_id)).await.unwrap();
    let merged = merged.into_inner().customer.unwrap();
    // She said no with one of her numbers: that is a no.
    assert_eq!((merged.phone.as_str(), merged.marketing.as_str()), ("+51987654321", "revoked"));
    assert_eq!(slug_of(get(&world, &shop, &gone.customer_id).await), "not-found");
    let opened = world.holder(&gone.holder_token).await.unwrap();
    assert_eq!((opened.customer_id, opened.card_id), (kept.customer_id.clone(), gone.card_id));
    let told = world.facts().await.into_iter().find_map(|fact| match fact {
        Fact::CustomerMerged(fact) => Some((fact.into_customer_id, fact.from_customer_id)),
        _ => None,
    });
    assert_eq!(told, Some((kept.customer_id.clone(), gone.customer_id.clone())));
    assert_eq!(
        slug_of(world.customers().merge_customers(merge(&kept.customer_id, &gone.customer_id)).await),
        "not-found"
    );

    let export = with(&shop.owner, wire::ExportCustomerRequest { customer_id: kept.customer_id });
    let json = world.customers().export_customer(export).await.unwrap().into_inner().json;
    let export: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(export["customer"]["phone"], "+51987654321");
    assert_eq!(export["phones_with_access"].as_array().unwrap().len(), 2);
    let consents = export["consents"].as_array().unwrap();
    // Hers, those of the number that went, and the one that the merge wrote.
    assert_eq!(consents.len(), 3 + 2 + 1);
    assert!(consents.iter().all(|entry| entry["text"]["long"].as_str().unwrap().contains("Café")));
}

#[tokio::test]
async fn that_she_reads_another_language_is_told_once_and_no_other_correction_is() {
    let world = World::start().await;
    let shop = world.shop("Café").await;
    let ana = world.enroll(joining(&shop, "Ana Paz", "987654321")).await.unwrap().customer_id;
    let english = Some("en".to_owned());
    for (name, language) in [(None, english.clone()), (None, english), (Some("Ana P.".to_owned()), None)] {
        let change =
            wire::UpdateCustomerRequest { customer_id: ana.clone(), name, language, ..Default::default() };
        world.customers().update_customer(with(&shop.owner, change)).await.unwrap();
    }
    let facts = world.facts().await;
    let told: Vec<_> = facts
        .iter()
        .filter_map(|fact| match fact {
            Fact::CustomerChanged(fact) => Some((fact.customer_id.as_str(), fact.language.as_str())),
            _ => None,
        })
        .collect();
    assert_eq!(told, [(ana.as_str(), "en")]);
}

#[tokio::test]
async fn what_is_true_now_is_told_as_facts_of_shops_and_customers_without_a_name_or_a_number() {
    let world = World::start().await;
    let shop = world.shop("Café").await;
    let kept = fan(&world, &shop, "Ana", "987654321").await.customer_id;
    let left = fan(&world, &shop, "Luz", "987654322").await.customer_id;
    let gone = world.enroll(joining(&shop, "Ana P.", "987654323")).await.unwrap().customer_id;
    consent(&world, &shop.owner, &shop, &kept, false).await.unwrap();
    let born = wire::UpdateCustomerRequest {
        customer_id: kept.clone(),
        birthday: Some("1990-05-17".into()),
        language: Some("en".into()),
        ..Default::default()
    };
    world.customers().update_customer(with(&shop.owner, born)).await.unwrap();
    let merge =
        wire::MergeCustomersRequest { into_customer_id: kept.clone(), from_customer_id: gone.clone() };
    world.customers().merge_customers(with(&shop.owner, merge)).await.unwrap();
    let erase = wire::EraseCustomerRequest { customer_id: left.clone() };
    world.customers().erase_customer(with(&shop.owner, erase)).await.unwrap();

    let (mut facts, mut cursor) = (Vec::new(), String::new());
    loop {
        let asked = with(&world.service().await, wire::SnapshotFactsRequest { cursor });
        let page = world.customers().snapshot_facts(asked).await.unwrap().into_inner();
        facts.extend(page.events.into_iter().filter_map(|event| event.fact));
        cursor = page.next_cursor;
        if cursor.is_empty() {
            break;
        }
    }
    let all = format!("{facts:?}");
    assert!(!all.contains("Ana") && !all.contains("987654") && !all.contains("1990"), "{all}");
    let joined = facts.iter().find_map(|fact| match fact {
        Fact::CustomerEnrolled(joined) if joined.customer_id == kept => {
            Some((joined.language.as_str(), joined.birth_month, joined.source.as_str()))
        }
        _ => None,
    });
    assert_eq!(joined, Some(("en", 5, "join")));
    // Her last word alone: she was asked, agreed and took it back.
    let consents: Vec<_> = facts
        .iter()
        .filter_map(|fact| match fact {
            Fact::ConsentChanged(said) if said.customer_id == kept => {
                Some((said.state.as_str(), said.version))
            }
            _ => None,
        })
        .collect();
    assert_eq!(consents, [("revoked", 3)]);
    let ends: Vec<_> = facts
        .iter()
        .filter_map(|fact| match fact {
            Fact::CustomerMerged(merged) => {
                Some((merged.from_customer_id.clone(), merged.into_customer_id.clone()))
            }
            Fact::CustomerErased(erased) => Some((erased.customer_id.clone(), String::new())),
            _ => None,
        })
        .collect();
    let mut expected = vec![(left, String::new()), (gone, kept)];
    expected.sort();
    let mut told = ends;
    told.sort();
    assert_eq!(told, expected);
}

#[tokio::test]
async fn a_list_is_tried_first_and_then_imported_once() {
    let world = World::start().await;
    let shop = world.shop("Café").await;
    let known = world.enroll(joining(&shop, "Luz", "987654322")).await.unwrap();
    let csv =
        "nombre;celular;cumpleaños;sellos\nAna Paz;987654321;1990-05-02;7\nLuz;987654322;;3\nEva;12;;\n";
    let import = |dry_run| with(&shop.owner, wire::ImportCustomersRequest { csv: csv.into(), dry_run });
    let tried = world.customers().import_customers(import(true)).await.unwrap().into_inner();
    assert_eq!((tried.created, tried.known, tried.errors), (1, 1, 1));
    assert!(tried.rows[0].customer_id.is_empty());
    assert_eq!((tried.rows[2].line, tried.rows[2].field.as_str()), (4, "phone"));
    assert_eq!(world.count("select count(*) from customer").await, 1);

    let done = world.customers().import_customers(import(false)).await.unwrap().into_inner();
    let ana = &done.rows[0];
    assert_eq!((ana.outcome.as_str(), ana.stamps), ("created", 7));
    assert_eq!((&done.rows[1].card_id, done.rows[1].outcome.as_str()), (&known.card_id, "known"));
    let shown = get(&world, &shop, &ana.customer_id).await.unwrap();
    assert_eq!((shown.marketing.as_str(), shown.source.as_str()), ("no", "import"));
    assert!(reach(&world, &world.service().await, &shop, &ana.customer_id, "service").await.is_empty());

    let again = world.customers().import_customers(import(false)).await.unwrap().into_inner();
    assert_eq!((again.created, again.known, &again.rows[0].card_id), (0, 2, &ana.card_id));
    let enrolled = world.facts().await.into_iter().filter_map(|fact| match fact {
        Fact::CustomerEnrolled(fact) if fact.source == "import" => Some((fact.card_id, fact.birth_month)),
        _ => None,
    });
    assert_eq!(enrolled.collect::<Vec<_>>(), [(ana.card_id.clone(), 5)]);
    let empty = with(&shop.owner, wire::ImportCustomersRequest { csv: "nombre\n".into(), dry_run: true });
    assert_eq!(problem(world.customers().import_customers(empty).await).field.as_deref(), Some("phone"));
}

#[tokio::test]
async fn five_thousand_rows_are_one_import() {
    let world = World::start().await;
    let shop = world.shop("Café").await;
    let rows: String = (0..5_000).map(|n| format!("Ana {n},98{n:07}\n")).collect();
    let request = wire::ImportCustomersRequest { csv: format!("name,phone\n{rows}"), dry_run: false };
    let done = world.customers().import_customers(with(&shop.owner, request)).await.unwrap().into_inner();
    assert_eq!((done.created, done.errors), (5_000, 0));
    assert_eq!(world.count("select count(*) from customer").await, 5_000);
    let asked = with(&world.service().await, wire::GetOutboxRequest {});
    assert!(world.customers().get_outbox(asked).await.unwrap().into_inner().pending >= 10_000);
    let asked = with(&shop.owner, wire::GetOutboxRequest {});
    assert_eq!(slug_of(world.customers().get_outbox(asked).await), "forbidden");
}
