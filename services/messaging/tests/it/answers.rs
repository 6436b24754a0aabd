use kernel::{BusinessId, CampaignId, CardId};
use proto::messaging::event::Fact;
use proto::{enrollment as en, messaging as pb, stamping as st};

use crate::peers::Person;
use crate::world::{Shop, World, with};

/// What she was answered last.
async fn answer(world: &World, person: &Person, count: usize) -> String {
    let received = world.phone(person).until_received(count).await.unwrap();
    received.last().unwrap().body.clone()
}

async fn until_done(world: &World) {
    world.until_count("select count(*) from messaging.inbound where next_at is not null", 0).await;
}

async fn opted_out(world: &World) -> Vec<(String, String)> {
    let facts = world.facts().await.into_iter();
    facts
        .filter_map(|(business, fact)| match fact {
            Fact::OptedOut(fact) => Some((business, fact.customer_id)),
            _ => None,
        })
        .collect()
}

/// A message of the shop's has reached her.
async fn greet(world: &World, shop: &Shop, person: &Person) -> String {
    let sends = world.ask(shop, CampaignId::generate(), std::slice::from_ref(person)).await;
    world.until_told(sends[0], "delivered").await;
    let sid = world.phone(person).received().last().unwrap().sid.clone();
    world.wait(chrono::Duration::seconds(10));
    sid
}

#[tokio::test(flavor = "multi_thread")]
async fn baja_revokes_at_every_shop_of_the_sender_and_cancels_what_waits() {
    let world = World::start().await;
    let (cafe, bodega) = (world.shop("Café").await, world.shop("Bodega").await);
    let ana = world.person(&cafe);
    let also = world.person_at(&bodega, &ana.phone);
    greet(&world, &cafe, &ana).await;
    // Something of the other shop's waits.
    let campaign = CampaignId::generate();
    world.hold(&bodega, campaign, "paused").await;
    let waiting = world.ask(&bodega, campaign, std::slice::from_ref(&also)).await;

    world.phone(&ana).says("¡Baja!").await;
    assert_eq!(world.until_told(waiting[0], "canceled").await.last().unwrap().1, "opted_out");
    until_done(&world).await;
    let consents = world.peers.consents.lock().unwrap().clone();
    let evidence: String = sqlx::query_scalar("select inbound_id::text from messaging.inbound")
        .fetch_one(&world.pool)
        .await
        .unwrap();
    assert_eq!(consents.len(), 2);
    assert!(consents.iter().all(|consent| !consent.granted && consent.message_id == evidence));
    let mut told = opted_out(&world).await;
    told.sort();
    let mut expected =
        [&ana, &also].map(|person| (person.business.to_string(), person.customer.to_string())).to_vec();
    expected.sort();
    assert_eq!(told, expected);
    assert!(answer(&world, &ana, 2).await.contains("no te enviaremos más promociones"));
    let counted = world.count("select count(*) from messaging.opt_out_said").await;
    assert_eq!(counted, 1, "it counts against the shop whose message she had enough of");
}

/// Who wants no more, as it is told to whoever makes a projection anew.
async fn snapshot(world: &World) -> Vec<(String, String)> {
    let (mut told, mut cursor) = (Vec::new(), String::new());
    loop {
        let asked = world.operator(pb::SnapshotFactsRequest { cursor });
        let page = world.client().snapshot_facts(asked).await.unwrap().into_inner();
        for event in page.events {
            let Some(Fact::OptedOut(fact)) = event.fact else { panic!("{:?}", event.fact) };
            // Nothing is counted against a campaign a second time.
            assert_eq!(fact.campaign_id, "");
            told.push((event.business_id, fact.customer_id));
        }
        cursor = page.next_cursor;
        if cursor.is_empty() {
            return told;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_wants_no_more_is_told_to_whoever_asks_what_is_true_now_until_she_wants_it_again() {
    let world = World::start().await;
    let shop = world.shop("Café").await;
    let (ana, eva) = (world.person(&shop), world.person(&shop));
    greet(&world, &shop, &ana).await;
    greet(&world, &shop, &eva).await;
    assert_eq!(snapshot(&world).await, []);
    world.phone(&ana).says("baja").await;
    answer(&world, &ana, 2).await;
    assert_eq!(snapshot(&world).await, [(ana.business.to_string(), ana.customer.to_string())]);
    world.wait(chrono::Duration::seconds(10));
    world.phone(&ana).says("Alta").await;
    answer(&world, &ana, 3).await;
    assert_eq!(snapshot(&world).await, []);
    let owner = world.member(shop.id, kernel::Role::Owner);
    let asked = with(&owner, pb::SnapshotFactsRequest::default());
    assert_eq!(world.client().snapshot_facts(asked).await.unwrap_err().code(), tonic::Code::PermissionDenied);
}

#[tokio::test(flavor = "multi_thread")]
async fn baja_holds_at_once_even_while_enrollment_is_away() {
    let world = World::start().await;
    let shop = world.shop("Café").await;
    let ana = world.person(&shop);
    greet(&world, &shop, &ana).await;
    world.peers.set_away(true);
    let said = world.phone(&ana).says("STOP").await;
    assert_eq!((said.answer, said.reply.as_str()), (Some(200), "<Response/>"));
    assert_eq!(world.count("select count(*) from messaging.opt_out").await, 1);
    // Enrollment still says yes, since nobody could tell it; the opt-out stands before it.
    world.peers.set_deaf(true);
    world.peers.set_away(false);
    let sends = world.ask(&shop, CampaignId::generate(), std::slice::from_ref(&ana)).await;
    world.until_told(sends[0], "canceled").await;
    assert_eq!(world.peers.people.lock().unwrap()[0].marketing, "granted");
    world.peers.set_deaf(false);
    world.wait(chrono::Duration::minutes(10));
    until_done(&world).await;
    assert_eq!(world.peers.people.lock().unwrap()[0].marketing, "revoked");
}

#[tokio::test(flavor = "multi_thread")]
async fn alta_gives_it_again_where_it_was_taken_back() {
    let world = World::start().await;
    let shop = world.shop("Café").await;
    let ana = world.person(&shop);
    greet(&world, &shop, &ana).await;
    world.phone(&ana).says("baja").await;
    answer(&world, &ana, 2).await;
    world.wait(chrono::Duration::seconds(10));
    world.phone(&ana).says("Alta").await;
    assert!(answer(&world, &ana, 3).await.contains("volverás a recibir"));
    assert_eq!(world.peers.people.lock().unwrap()[0].marketing, "granted");
    // The next news is a week's away from the last.
    world.wait(chrono::Duration::days(7));
    let sends = world.ask(&shop, CampaignId::generate(), std::slice::from_ref(&ana)).await;
    world.until_told(sends[0], "delivered").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_word_confirms_or_brings_the_card_back() {
    let world = World::start().await;
    let shop = world.shop("Café Luna").await;
    let ana = world.person(&shop);
    let card = CardId::generate();
    let used = |outcome: &str| en::UseWordResponse {
        outcome: outcome.into(),
        business_id: shop.id.to_string(),
        customer_id: ana.customer.to_string(),
        language: "es".into(),
        card_id: card.to_string(),
        link_token: "enlace".into(),
        marketing: "granted".into(),
        ..Default::default()
    };
    {
        let mut words = world.peers.words.lock().unwrap();
        words.insert("SELLO-7KQ2M9XZ".into(), used("confirmed"));
        words.insert("SELLO-00000000".into(), used("recovered"));
        words.insert("SELLO-11111111".into(), used("wrong_number"));
    }
    world.phone(&ana).says("Hola, confirmo mi tarjeta: sello-7kq2m9xz").await;
    assert!(
        answer(&world, &ana, 1).await.starts_with("Listo, confirmaste tu número en Café Luna. Te avisaremos")
    );
    world.wait(chrono::Duration::seconds(10));
    world.phone(&ana).says("SELLO-00000000").await;
    assert!(answer(&world, &ana, 2).await.ends_with(&format!("https://sello.test/t/{card}#link=enlace")));
    world.wait(chrono::Duration::seconds(10));
    world.phone(&ana).says("SELLO-11111111").await;
    assert!(answer(&world, &ana, 3).await.contains("otro número"));
}

/// What was told of what customers wrote.
async fn meanings(world: &World) -> Vec<String> {
    let facts = world.facts().await.into_iter();
    facts
        .filter_map(|(_, fact)| match fact {
            Fact::InboundMessage(fact) => Some(fact.meaning),
            _ => None,
        })
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sentence_that_only_looks_like_a_word_is_read_by_the_owner() {
    let world = World::start().await;
    let shop = world.shop("Café Luna").await;
    let ana = world.person(&shop);
    for text in ["Falta mi sello anterior", "el sello faltante"] {
        world.phone(&ana).says(text).await;
        until_done(&world).await;
    }
    assert_eq!(world.count("select unread::bigint from messaging.thread").await, 2);
    assert_eq!(
        world.count("select count(*) from messaging.message").await,
        0,
        "nothing is answered by itself"
    );
    // Whoever writes the dash means a word.
    world.phone(&ana).says("SELLO-ZZZZZZZZ").await;
    let over = "Ese código ya se usó o venció. Pide otro desde la página de tu tarjeta.";
    assert_eq!(answer(&world, &ana, 1).await, over);
    assert_eq!(meanings(&world).await, ["other", "other", "word"]);
    assert_eq!(world.count("select unread::bigint from messaging.thread").await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_word_is_found_behind_whatever_else_is_said_of_stamps() {
    let world = World::start().await;
    let shop = world.shop("Sellos Lima").await;
    let ana = world.person(&shop);
    let confirmed = en::UseWordResponse {
        outcome: "confirmed".into(),
        business_id: shop.id.to_string(),
        customer_id: ana.customer.to_string(),
        language: "es".into(),
        ..Default::default()
    };
    world.peers.words.lock().unwrap().insert("SELLO-7KQ2M9XZ".into(), confirmed);
    let said = [
        "Quiero mis sellos. Mi palabra: SELLO-7KQ2M9XZ",
        "Hola Sellos Lima, confirmo mi tarjeta: sello-7kq2m9xz",
        "Por mi sello faltante: sello 7kq2m9xz",
    ];
    for (number, text) in (1..).zip(said) {
        world.phone(&ana).says(text).await;
        let answered = answer(&world, &ana, number).await;
        assert!(answered.starts_with("Listo, confirmaste tu número en Sellos Lima."), "{text}: {answered}");
        world.wait(chrono::Duration::seconds(10));
    }
    assert_eq!(world.count("select count(*) from messaging.thread").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn sellos_is_answered_with_the_card() {
    let world = World::start().await;
    let shop = world.shop("Café Luna").await;
    let ana = world.person(&shop);
    let card = CardId::generate();
    let cards = st::ListCardsResponse {
        cards: vec![st::Card {
            card_id: card.to_string(),
            stamps: 7,
            stamps_required: 10,
            ..Default::default()
        }],
        rewards: vec![],
    };
    world.peers.cards.lock().unwrap().insert(ana.customer, cards);
    world.phone(&ana).says("¿Cuántos sellos tengo?").await;
    let expected = format!("7 de 10 sellos en Café Luna; te faltan 3. https://sello.test/t/{card}#link=abc");
    assert_eq!(answer(&world, &ana, 1).await, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn three_automatic_replies_a_day_are_enough() {
    let world = World::start().await;
    let shop = world.shop("Café").await;
    let ana = world.person(&shop);
    for _ in 0..5 {
        world.phone(&ana).says("sellos").await;
        until_done(&world).await;
        world.until_count("select count(*) from messaging.queue", 0).await;
        world.wait(chrono::Duration::seconds(10));
    }
    assert_eq!(world.count("select count(*) from messaging.message where automatic").await, 3);
    world.wait(chrono::Duration::days(1));
    world.phone(&ana).says("sellos").await;
    world.phone(&ana).until_received(4).await.unwrap();
}

/// Ana is at home at the Café and at the Bodega, and both have written to her, the Bodega last.
async fn greeted_by_two() -> (World, Shop, Person) {
    let world = World::start().await;
    let (cafe, bodega) = (world.shop("Café").await, world.shop("Bodega").await);
    let ana = world.person(&cafe);
    let also = world.person_at(&bodega, &ana.phone);
    greet(&world, &cafe, &ana).await;
    greet(&world, &bodega, &also).await;
    (world, cafe, ana)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_message_she_answers_says_which_shop_she_means() {
    let world = World::start().await;
    let (cafe, bodega) = (world.shop("Café").await, world.shop("Bodega").await);
    let ana = world.person(&cafe);
    let also = world.person_at(&bodega, &ana.phone);
    let of_cafe = greet(&world, &cafe, &ana).await;
    greet(&world, &bodega, &also).await;
    world.phone(&ana).answers(&of_cafe, "¿Hasta qué hora abren?").await;
    until_done(&world).await;
    let found: Vec<BusinessId> =
        sqlx::query_scalar("select business_id from messaging.thread").fetch_all(&world.pool).await.unwrap();
    assert_eq!(found, [cafe.id]);
}

#[tokio::test(flavor = "multi_thread")]
async fn between_two_shops_she_is_asked_and_her_number_decides() {
    let (world, cafe, ana) = greeted_by_two().await;
    world.phone(&ana).says("¿Tienen torta?").await;
    assert_eq!(
        answer(&world, &ana, 3).await,
        "¿A cuál tienda le escribes? Responde con el número.\n1. Bodega\n2. Café"
    );
    world.phone(&ana).says("2").await;
    until_done(&world).await;
    let found: Vec<(BusinessId, i32)> = sqlx::query_as("select business_id, unread from messaging.thread")
        .fetch_all(&world.pool)
        .await
        .unwrap();
    assert_eq!(found, [(cafe.id, 1)]);
    // Her choice holds: she is not asked again.
    world.wait(chrono::Duration::seconds(10));
    world.phone(&ana).says("¿Y de chocolate?").await;
    until_done(&world).await;
    let unread = world.count("select unread::bigint from messaging.thread").await;
    assert_eq!(unread, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn once_the_other_shop_has_written_to_her_again_her_choice_is_asked_for_again() {
    let world = World::start().await;
    let (cafe, bodega) = (world.shop("Café").await, world.shop("Bodega").await);
    let ana = world.person(&cafe);
    let also = world.person_at(&bodega, &ana.phone);
    greet(&world, &cafe, &ana).await;
    greet(&world, &bodega, &also).await;
    world.phone(&ana).says("¿Tienen torta?").await;
    answer(&world, &ana, 3).await;
    world.phone(&ana).says("2").await;
    until_done(&world).await;
    world.wait(chrono::Duration::seconds(10));
    let ready = world.ask_as(&bodega, CampaignId::generate(), std::slice::from_ref(&also), "utility").await;
    world.until_told(ready[0], "delivered").await;
    world.wait(chrono::Duration::seconds(10));
    world.phone(&ana).says("¿Hasta qué hora lo guardan?").await;
    let asked = answer(&world, &ana, 5).await;
    assert_eq!(asked, "¿A cuál tienda le escribes? Responde con el número.\n1. Bodega\n2. Café");
    world.phone(&ana).says("1").await;
    until_done(&world).await;
    let read = "select count(*) from messaging.inbound where business_id = $1 and text like '¿%'";
    for shop in [&cafe, &bodega] {
        let read: i64 =
            sqlx::query_scalar(read).bind(shop.id.as_uuid()).fetch_one(&world.pool).await.unwrap();
        assert_eq!(read, 1, "each reads what she asked it");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn all_that_she_wrote_before_she_chose_is_read_and_without_a_choice_by_who_wrote_last() {
    let (world, cafe, ana) = greeted_by_two().await;
    world.phone(&ana).says("Hola").await;
    until_done(&world).await;
    world.phone(&ana).says("¿Abren hoy?").await;
    until_done(&world).await;
    world.phone(&ana).says("2").await;
    until_done(&world).await;
    let of_cafe = "select count(*) from messaging.inbound i join messaging.business b using (business_id)
                   where i.state = 'done' and i.text in ('Hola', '¿Abren hoy?') and i.business_id = $1";
    let read: i64 = sqlx::query_scalar(of_cafe).bind(cafe.id.as_uuid()).fetch_one(&world.pool).await.unwrap();
    assert_eq!(read, 2);

    // A day later her choice no longer holds; asked again, she says nothing.
    world.wait(chrono::Duration::hours(25));
    world.phone(&ana).says("¿Y mañana?").await;
    until_done(&world).await;
    assert_eq!(world.count("select count(*) from messaging.inbound where state = 'asked'").await, 1);
    world.wait(chrono::Duration::minutes(61));
    world.until_count("select count(*) from messaging.inbound where state = 'asked'", 0).await;
    assert_eq!(world.count("select count(*) from messaging.inbound where business_id is null").await, 0);
}

/// Six shops, and somebody whom none of them knows.
async fn a_stranger_before_six() -> (World, Shop, fakes::twilio::Customer) {
    let world = World::start().await;
    for name in ["Bodega Rosita", "Café Sol", "Peña El Ñandú", "Botica Vida", "Bazar Lima"] {
        world.shop(name).await;
    }
    let cafe = world.shop("Café Luna").await;
    let stranger = world.twilio.customer("+51999888777");
    (world, cafe, stranger)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stranger_before_more_shops_than_can_be_listed_is_asked_for_the_name() {
    let (world, cafe, stranger) = a_stranger_before_six().await;
    stranger.says("¿Abren hoy?").await;
    let asked = stranger.until_received(1).await.unwrap();
    assert_eq!(asked[0].body, "¿A qué tienda le escribes? Responde con su nombre, como está en su afiche.");
    world.wait(chrono::Duration::seconds(10));
    stranger.says("Es para CAFE LUNA, porfa").await;
    until_done(&world).await;
    let found: Vec<(BusinessId, i32)> = sqlx::query_as("select business_id, unread from messaging.thread")
        .fetch_all(&world.pool)
        .await
        .unwrap();
    assert_eq!(found, [(cafe.id, 1)]);
    // Her choice holds: she is not asked again.
    world.wait(chrono::Duration::seconds(10));
    stranger.says("¿Y mañana?").await;
    until_done(&world).await;
    assert_eq!(world.count("select unread::bigint from messaging.thread").await, 2);
    assert_eq!(world.count("select count(*) from messaging.message where automatic").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn where_a_name_fits_several_shops_they_are_listed_and_her_number_decides() {
    let (world, cafe, stranger) = a_stranger_before_six().await;
    stranger.says("Hola").await;
    stranger.until_received(1).await.unwrap();
    world.wait(chrono::Duration::seconds(10));
    stranger.says("el café").await;
    let again = stranger.until_received(2).await.unwrap();
    assert!(again[1].body.starts_with("No encontramos una tienda con ese nombre."), "{}", again[1].body);
    world.wait(chrono::Duration::seconds(10));
    stranger.says("Café").await;
    let listed = stranger.until_received(3).await.unwrap()[2].body.clone();
    let number = listed.lines().find_map(|line| line.strip_suffix(". Café Luna")).unwrap();
    world.wait(chrono::Duration::seconds(10));
    stranger.says(number).await;
    until_done(&world).await;
    let read = "select count(*) from messaging.inbound where business_id = $1";
    let read: i64 = sqlx::query_scalar(read).bind(cafe.id.as_uuid()).fetch_one(&world.pool).await.unwrap();
    assert_eq!(read, 4, "all that she wrote");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stranger_who_names_no_shop_is_asked_three_times_a_day_and_her_baja_is_answered() {
    let (world, _, stranger) = a_stranger_before_six().await;
    for _ in 0..5 {
        stranger.says("¿Abren hoy?").await;
        until_done(&world).await;
        world.until_count("select count(*) from messaging.queue", 0).await;
        world.wait(chrono::Duration::seconds(10));
    }
    assert_eq!(world.count("select count(*) from messaging.message where automatic").await, 3);
    assert_eq!(world.count("select count(*) from messaging.thread").await, 0, "nobody's, so nobody reads it");
    world.wait(chrono::Duration::days(1));
    stranger.says("BAJA").await;
    let told = stranger.until_received(4).await.unwrap();
    assert!(told[3].body.contains("no te enviaremos más promociones"));
    assert_eq!(world.count("select count(*) from messaging.opt_out").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn alta_gives_back_what_baja_took_and_nothing_that_she_took_back_herself() {
    let world = World::start().await;
    let (cafe, bodega) = (world.shop("Café").await, world.shop("Bodega").await);
    let ana = world.person(&cafe);
    // At the other shop she had ended it on her card.
    world.person_at(&bodega, &ana.phone);
    world.peers.people.lock().unwrap().last_mut().unwrap().marketing = "revoked".into();
    greet(&world, &cafe, &ana).await;
    world.phone(&ana).says("BAJA").await;
    until_done(&world).await;
    world.wait(chrono::Duration::seconds(10));
    world.phone(&ana).says("ALTA").await;
    until_done(&world).await;
    let granted: Vec<String> = world
        .peers
        .consents
        .lock()
        .unwrap()
        .iter()
        .filter(|consent| consent.granted)
        .map(|consent| consent.customer_id.clone())
        .collect();
    assert_eq!(granted, [ana.customer.to_string()]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_doubled_webhook_counts_once_and_a_forged_one_not_at_all() {
    let world = World::start().await;
    let shop = world.shop("Café").await;
    let ana = world.person(&shop);
    let said = world.phone(&ana).says("hola").await;
    world.twilio.tell_again(&said).await;
    until_done(&world).await;
    assert_eq!(world.count("select unread::bigint from messaging.thread").await, 1);
    let forged = proto::messaging::TakeInboundRequest {
        path_and_query: "/webhooks/twilio/inbound".into(),
        signature: "AAAAAAAAAAAAAAAAAAAAAAAAAAA=".into(),
        parameters: vec![],
        idempotency_token: String::new(),
    };
    let refused = crate::world::problem(world.client().take_inbound(forged).await);
    assert_eq!(
        (refused.slug.as_str(), world.count("select count(*) from messaging.inbound").await),
        ("forbidden", 1)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hidden_number_is_answered_too() {
    let world = World::start().await;
    let shop = world.shop("Café").await;
    let hidden = world.twilio.customer("whatsapp:PE.8fh2AbC");
    hidden.says("hola, ¿abren hoy?").await;
    until_done(&world).await;
    let found: Vec<BusinessId> =
        sqlx::query_scalar("select business_id from messaging.thread").fetch_all(&world.pool).await.unwrap();
    assert_eq!(found, [shop.id], "the only shop of this sender");
}
