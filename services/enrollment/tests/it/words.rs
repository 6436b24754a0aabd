//! What a customer proves by WhatsApp.

use chrono::Duration;
use proto::enrollment as wire;
use proto::enrollment::event::Fact;
use serde_json::Value;
use tonic::Status;
use uuid::Uuid;

use crate::support::{Shop, World, joining, problem, slug_of, with};

const ANA: &str = "+51987654321";
const EVA: &str = "+51987654329";

/// A customer who asked for promotions and has not proven it.
async fn hopeful(world: &World, shop: &Shop, name: &str, phone: &str) -> wire::EnrollResponse {
    let request =
        wire::EnrollRequest { consent_marketing: true, adult_ok: true, ..joining(shop, name, phone) };
    world.enroll(request).await.unwrap()
}

fn message() -> String {
    Uuid::now_v7().to_string()
}

async fn send(world: &World, word: &str, phone: &str, message: &str) -> wire::UseWordResponse {
    let request = wire::UseWordRequest { word: word.into(), phone: phone.into(), message_id: message.into() };
    world.customers().use_word(with(&world.service().await, request)).await.unwrap().into_inner()
}

async fn told_states(world: &World) -> Vec<String> {
    let changes = world.facts().await.into_iter().filter_map(|fact| match fact {
        Fact::ConsentChanged(fact) if fact.purpose == "marketing" => Some(fact.state),
        _ => None,
    });
    changes.collect()
}

async fn consents(world: &World, shop: &Shop, customer: &str) -> Vec<Value> {
    let request = with(&shop.owner, wire::ExportCustomerRequest { customer_id: customer.into() });
    let json = world.customers().export_customer(request).await.unwrap().into_inner().json;
    let export: Value = serde_json::from_str(&json).unwrap();
    let marketing = |entry: &&Value| entry["purpose"] == "marketing";
    export["consents"].as_array().unwrap().iter().filter(marketing).cloned().collect()
}

async fn say(
    world: &World,
    token: &str,
    shop: &Shop,
    customer: &str,
    granted: bool,
    message: &str,
) -> Result<String, Status> {
    let request = wire::SetConsentRequest {
        customer_id: customer.into(),
        purpose: "marketing".into(),
        granted,
        business_id: shop.id.clone(),
        message_id: message.into(),
        ..Default::default()
    };
    Ok(world.customers().set_consent(with(token, request)).await?.into_inner().state)
}

#[tokio::test]
async fn her_own_message_confirms_her_consent_and_is_the_evidence_of_it() {
    let world = World::start().await;
    let shop = world.shop("Café").await;
    let ana = hopeful(&world, &shop, "Ana Paz", ANA).await;
    assert_eq!(ana.marketing, "pending");
    let proof = message();
    let told = send(&world, &ana.word.to_lowercase(), ANA, &proof).await;
    let expected = wire::UseWordResponse {
        outcome: "confirmed".into(),
        business_id: shop.id.clone(),
        customer_id: ana.customer_id.clone(),
        first_name: "Ana".into(),
        language: "es".into(),
        card_id: ana.card_id.clone(),
        link_token: String::new(),
        marketing: "granted".into(),
    };
    assert_eq!(told, expected);
    assert_eq!(told_states(&world).await, ["pending", "granted"]);
    let written = consents(&world, &shop, &ana.customer_id).await;
    assert!(written[0]["evidence"].is_null());
    assert_eq!(
        (written[1]["state"].as_str(), written[1]["via"].as_str()),
        (Some("granted"), Some("service"))
    );
    let evidence = &written[1]["evidence"];
    assert_eq!((&evidence["message_id"], &evidence["at"]), (&Value::from(proof), &written[1]["recorded_at"]));
}

#[tokio::test]
async fn a_word_works_once_and_the_message_that_used_it_is_answered_the_same_again() {
    let world = World::start().await;
    let shop = world.shop("Café").await;
    let ana = hopeful(&world, &shop, "Ana", ANA).await;
    let first = message();
    let answer = send(&world, &ana.word, ANA, &first).await;
    assert_eq!(send(&world, &ana.word, ANA, &first).await, answer);
    world.wait(Duration::hours(30));
    assert_eq!(send(&world, &ana.word, ANA, &first).await, answer);
    let second = send(&world, &ana.word, ANA, &message()).await;
    assert_eq!((second.outcome.as_str(), second.marketing.as_str()), ("used", "granted"));
    assert_eq!(told_states(&world).await, ["pending", "granted"]);
}

#[tokio::test]
async fn many_messages_with_one_word_at_once_confirm_once() {
    let world = World::start().await;
    let shop = world.shop("Café").await;
    let ana = hopeful(&world, &shop, "Ana", ANA).await;
    let service = world.service().await;
    let racing = (0..8).map(|_| {
        let request =
            wire::UseWordRequest { word: ana.word.clone(), phone: ANA.into(), message_id: message() };
        let (mut customers, request) = (world.customers(), with(&service, request));
        tokio::spawn(async move { customers.use_word(request).await.unwrap().into_inner().outcome })
    });
    let mut outcomes = Vec::new();
    for answer in racing.collect::<Vec<_>>() {
        outcomes.push(answer.await.unwrap());
    }
    assert_eq!(outcomes.iter().filter(|outcome| *outcome == "confirmed").count(), 1);
    assert_eq!(outcomes.iter().filter(|outcome| *outcome == "used").count(), 7);
    assert_eq!(told_states(&world).await, ["pending", "granted"]);
}

#[tokio::test]
async fn a_word_is_good_for_a_day_and_what_was_never_one_is_unknown() {
    let world = World::start().await;
    let shop = world.shop("Café").await;
    let ana = hopeful(&world, &shop, "Ana", ANA).await;
    world.wait(Duration::hours(24));
    for word in [ana.word.as_str(), "SELLO-00000000", "hola", ""] {
        let told = send(&world, word, ANA, &message()).await;
        assert_eq!(told, wire::UseWordResponse { outcome: "unknown".into(), ..Default::default() });
    }
    assert_eq!(told_states(&world).await, ["pending"]);
}

#[tokio::test]
async fn a_word_from_another_number_changes_nothing_and_tells_nothing_of_her() {
    let world = World::start().await;
    let shop = world.shop("Café").await;
    let ana = hopeful(&world, &shop, "Ana", ANA).await;
    let told = send(&world, &ana.word, EVA, &message()).await;
    let nothing = wire::UseWordResponse {
        outcome: "wrong_number".into(),
        business_id: shop.id.clone(),
        ..Default::default()
    };
    assert_eq!(told, nothing);
    assert_eq!(told_states(&world).await, ["pending"]);
    assert_eq!(send(&world, &ana.word, ANA, &message()).await.outcome, "confirmed");
}

#[tokio::test]
async fn whoever_lost_her_card_gets_it_back_by_a_message_from_her_number() {
    let world = World::start().await;
    let shop = world.shop("Café").await;
    let ana = hopeful(&world, &shop, "Ana", ANA).await;
    let known = world.enroll(joining(&shop, "Ana", ANA)).await.unwrap();
    assert!(known.known && !known.proven && known.card_id.is_empty());
    // A stranger who typed her number holds the word, and it is worth nothing in his hands.
    assert_eq!(send(&world, &known.word, EVA, &message()).await.outcome, "wrong_number");

    let proof = message();
    let told = send(&world, &known.word, ANA, &proof).await;
    // Her card is hers again; the promotions, which another word is for, still wait.
    assert_eq!((told.outcome.as_str(), told.marketing.as_str()), ("recovered", "pending"));
    assert_eq!(told.card_id, ana.card_id);
    assert_eq!(send(&world, &known.word, ANA, &proof).await, told);
    let follow = wire::UseCardLinkRequest { link_token: told.link_token };
    let used = world.customers().use_card_link(follow.clone()).await.unwrap().into_inner();
    assert_eq!(used.card_id, ana.card_id);
    assert_eq!(world.holder(&used.holder_token).await.unwrap().customer_id, ana.customer_id);
    assert_eq!(slug_of(world.customers().use_card_link(follow).await), "not-found");
}

#[tokio::test]
async fn what_she_took_back_since_no_old_word_gives_again() {
    let world = World::start().await;
    let shop = world.shop("Café").await;
    let ana = hopeful(&world, &shop, "Ana", ANA).await;
    say(&world, &shop.owner, &shop, &ana.customer_id, false, "").await.unwrap();
    let told = send(&world, &ana.word, ANA, &message()).await;
    assert_eq!((told.outcome.as_str(), told.marketing.as_str()), ("confirmed", "revoked"));
    assert_eq!(told_states(&world).await, ["pending", "revoked"]);
}

#[tokio::test]
async fn words_go_with_who_is_erased_and_with_who_turned_out_to_be_another() {
    let world = World::start().await;
    let shop = world.shop("Café").await;
    let ana = hopeful(&world, &shop, "Ana", ANA).await;
    let twin = hopeful(&world, &shop, "Ana P.", EVA).await;
    let merge = wire::MergeCustomersRequest {
        into_customer_id: ana.customer_id.clone(),
        from_customer_id: twin.customer_id,
    };
    world.customers().merge_customers(with(&shop.owner, merge)).await.unwrap();
    assert_eq!(send(&world, &twin.word, EVA, &message()).await.outcome, "wrong_number");
    let erase = wire::EraseCustomerRequest { customer_id: ana.customer_id };
    world.customers().erase_customer(with(&shop.owner, erase)).await.unwrap();
    for word in [&ana.word, &twin.word] {
        assert_eq!(send(&world, word, ANA, &message()).await.outcome, "unknown");
    }
}

#[tokio::test]
async fn a_new_number_must_send_the_word_itself() {
    let world = World::start().await;
    let shop = world.shop("Café").await;
    let ana = hopeful(&world, &shop, "Ana", ANA).await;
    let change = wire::UpdateCustomerRequest {
        customer_id: ana.customer_id,
        phone: Some(EVA.into()),
        ..Default::default()
    };
    world.customers().update_customer(with(&shop.owner, change)).await.unwrap();
    assert_eq!(send(&world, &ana.word, ANA, &message()).await.outcome, "wrong_number");
    assert_eq!(send(&world, &ana.word, EVA, &message()).await.outcome, "confirmed");
}

#[tokio::test]
async fn an_answer_by_whatsapp_is_kept_with_its_message_and_no_old_message_undoes_a_newer_one() {
    let world = World::start().await;
    let shop = world.shop("Café").await;
    let service = world.service().await;
    let ana = hopeful(&world, &shop, "Ana", ANA).await;
    let id = ana.customer_id.as_str();
    let (baja, alta) = (message(), message());
    assert_eq!(say(&world, &service, &shop, id, false, &baja).await.unwrap(), "revoked");
    assert_eq!(say(&world, &service, &shop, id, true, &alta).await.unwrap(), "granted");
    assert_eq!(say(&world, &service, &shop, id, false, &baja).await.unwrap(), "granted");
    let written = consents(&world, &shop, id).await;
    let proofs: Vec<_> = written.iter().map(|entry| entry["evidence"]["message_id"].as_str()).collect();
    assert_eq!(proofs, [None, Some(baja.as_str()), Some(alta.as_str())]);

    assert_eq!(slug_of(say(&world, &shop.owner, &shop, id, false, &message()).await), "forbidden");
    let odd = problem(say(&world, &service, &shop, id, false, "x").await);
    assert_eq!(odd.field.as_deref(), Some("message_id"));
}

#[tokio::test]
async fn nobody_who_was_imported_gets_promotions_by_writing_alta_alone() {
    let world = World::start().await;
    let shop = world.shop("Café").await;
    let csv = "nombre;celular\nAna Paz;987654321\n";
    let import = wire::ImportCustomersRequest { csv: csv.into(), dry_run: false };
    let done = world.customers().import_customers(with(&shop.owner, import)).await.unwrap().into_inner();
    let id = done.rows[0].customer_id.as_str();
    assert!(consents(&world, &shop, id).await.is_empty());
    let refused = problem(say(&world, &world.service().await, &shop, id, true, &message()).await);
    assert_eq!(refused.field.as_deref(), Some("adult_ok"));
    // Her card she gets: the number is hers.
    let known = world.enroll(joining(&shop, "Ana", ANA)).await.unwrap();
    let told = send(&world, &known.word, ANA, &message()).await;
    assert_eq!((told.outcome.as_str(), told.marketing.as_str()), ("recovered", "no"));
}

#[tokio::test]
async fn a_number_is_looked_up_only_by_services_and_only_where_they_ask() {
    let world = World::start().await;
    let (shop, other, third) =
        (world.shop("Café").await, world.shop("Bodega").await, world.shop("Bazar").await);
    let here = hopeful(&world, &shop, "Ana Paz", ANA).await;
    let there = world.enroll(joining(&other, "Anita", ANA)).await.unwrap();
    world.enroll(joining(&third, "Ana", ANA)).await.unwrap();
    let ask = |ids: Vec<String>| wire::FindByPhoneRequest { phone: ANA.into(), business_ids: ids };
    let asked = ask(vec![shop.id.clone(), other.id.clone()]);
    let found = world.customers().find_by_phone(with(&world.service().await, asked.clone())).await.unwrap();
    let found: Vec<_> = found
        .into_inner()
        .found
        .into_iter()
        .map(|one| (one.customer_id, one.first_name, one.marketing))
        .collect();
    let expected = [
        (here.customer_id, "Ana".to_owned(), "pending".to_owned()),
        (there.customer_id, "Anita".to_owned(), "no".to_owned()),
    ];
    assert_eq!(found, expected);
    let many = ask(vec![shop.id.clone(); 201]);
    let refused = problem(world.customers().find_by_phone(with(&world.service().await, many)).await);
    assert_eq!(refused.field.as_deref(), Some("business_ids"));
    assert_eq!(slug_of(world.customers().find_by_phone(with(&shop.owner, asked.clone())).await), "forbidden");
    assert_eq!(slug_of(world.customers().find_by_phone(asked).await), "unauthenticated");
}

#[tokio::test]
async fn words_are_for_services_and_so_are_links_of_any_business() {
    let world = World::start().await;
    let shop = world.shop("Café").await;
    let ana = hopeful(&world, &shop, "Ana", ANA).await;
    let request =
        || wire::UseWordRequest { word: ana.word.clone(), phone: ANA.into(), message_id: message() };
    assert_eq!(slug_of(world.customers().use_word(with(&shop.owner, request())).await), "forbidden");
    assert_eq!(slug_of(world.customers().use_word(request()).await), "unauthenticated");
    let odd = wire::UseWordRequest { message_id: String::new(), ..request() };
    let refused = problem(world.customers().use_word(with(&world.service().await, odd)).await);
    assert_eq!(refused.field.as_deref(), Some("message_id"));

    let link = wire::CreateCardLinkRequest { customer_id: ana.customer_id.clone(), ..Default::default() };
    let nowhere =
        problem(world.customers().create_card_link(with(&world.service().await, link.clone())).await);
    assert_eq!(nowhere.field.as_deref(), Some("business_id"));
    let link = wire::CreateCardLinkRequest { business_id: shop.id.clone(), ..link };
    let made = world.customers().create_card_link(with(&world.service().await, link)).await.unwrap();
    let follow = wire::UseCardLinkRequest { link_token: made.into_inner().link_token };
    assert_eq!(world.customers().use_card_link(follow).await.unwrap().into_inner().card_id, ana.card_id);
}

#[tokio::test]
async fn no_word_is_kept_as_it_was_told() {
    let world = World::start().await;
    let shop = world.shop("Café").await;
    let ana = hopeful(&world, &shop, "Ana", ANA).await;
    let rows: Vec<String> =
        sqlx::query_scalar("select row_to_json(word)::text from word").fetch_all(&world.pool).await.unwrap();
    let letters = ana.word.trim_start_matches("SELLO-");
    assert!(rows.len() == 1 && !rows[0].contains(letters));
    world.wait(Duration::days(9));
    world.app.purge().await.unwrap();
    assert_eq!(world.count("select count(*) from word").await, 0);
}
