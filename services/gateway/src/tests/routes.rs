use boot::Problem;
use http::StatusCode;
use kernel::{CardId, CustomerId, OperationId, Principal, ProgramId, Role, StampId};
use proto::{analytics, enrollment, stamping, wallet_pass};
use serde_json::json;
use tonic::Code;
use utoipa::openapi::path::Operation;

use crate::testing::World;

/// Every operation of the document with its method and a path whose ids are filled in.
fn operations() -> Vec<(&'static str, String, Operation)> {
    let api = crate::openapi::complete(crate::routes::api().into_openapi());
    let mut all = Vec::new();
    for (path, item) in api.paths.paths {
        let path = path.replace("{id}", "018f0000-0000-7000-8000-000000000000").replace("{slug}", "cafe");
        let methods =
            [("GET", item.get), ("POST", item.post), ("PATCH", item.patch), ("DELETE", item.delete)];
        all.extend(
            methods.into_iter().filter_map(|(method, operation)| Some((method, path.clone(), operation?))),
        );
    }
    all
}

#[tokio::test]
async fn every_documented_operation_is_routed_and_answers_as_documented() {
    let world = World::new();
    for (method, path, operation) in operations() {
        let told = world.ask(method, &path).send().await;
        let status = told.status.as_u16().to_string();
        assert_ne!(told.status, StatusCode::METHOD_NOT_ALLOWED, "{method} {path}");
        assert!(operation.responses.responses.contains_key(&status), "{method} {path} answers {status}");
        if told.status.as_u16() >= 400 {
            told.problem();
        }
    }
}

#[tokio::test]
async fn every_protected_operation_refuses_strangers_forged_tokens_and_ended_ones() {
    let world = World::new();
    let (business, stranger) = (world.business, World::new());
    let principal = Principal::ApiKey { business, key: kernel::ApiKeyId::generate() };
    let ended = world.token(principal, -1);
    for (method, path, operation) in operations() {
        let Some(security) = &operation.security else { continue };
        if serde_json::to_value(security).unwrap().as_array().unwrap().contains(&json!({})) {
            continue;
        }
        for authorization in [
            None,
            Some("Bearer x.y.z".to_owned()),
            Some(format!("Bearer {ended}")),
            Some(format!("Bearer {}", stranger.member(Role::Owner))),
            Some("Basic abc".to_owned()),
        ] {
            let ask = world.ask(method, &path);
            let ask = authorization.iter().fold(ask, |ask, value| ask.header("authorization", value));
            let told = ask.send().await;
            assert_eq!(told.problem(), "unauthenticated", "{method} {path} {authorization:?}");
        }
    }
}

#[tokio::test]
async fn a_stamp_goes_through_with_its_key_and_its_bearer_and_a_replay_says_so() {
    let world = World::new();
    let token = world.member(Role::Stamper);
    let (operation, stamp, card) = (OperationId::generate(), StampId::generate(), CardId::generate());
    let expected = format!("Bearer {token}");
    let replayed = std::sync::atomic::AtomicBool::new(false);
    world.fakes.on("AddStamps", move |question: stamping::AddStampsRequest, headers| {
        assert_eq!(headers["authorization"], expected.as_str());
        assert_eq!((question.count, question.kind.as_str()), (1, "earn"));
        Ok(stamping::AddStampsResponse {
            operation_id: question.operation_id,
            stamp_id: stamp.to_string(),
            card: Some(stamping::CardState {
                card_id: card.to_string(),
                stamps: 3,
                stamps_required: 10,
                total: 13,
                cycle: 1,
                card_version: 9,
                ..Default::default()
            }),
            rewards_unlocked: Vec::new(),
            replayed: replayed.swap(true, std::sync::atomic::Ordering::Relaxed),
        })
    });
    let ask = || {
        world
            .ask("POST", "/api/v1/stamps")
            .bearer(&token)
            .header("idempotency-key", &operation.to_string())
            .json(&json!({"card_id": card}))
    };
    let (first, again) = (ask().send().await, ask().send().await);
    assert_eq!((first.status, again.status), (StatusCode::CREATED, StatusCode::OK));
    assert_eq!(first.json(), again.json());
    assert_eq!(
        first.json(),
        json!({
            "operation_id": operation, "stamp_id": stamp, "rewards_unlocked": [],
            "card": {"id": card, "stamps": 3, "stamps_required": 10, "cycle": 1, "total": 13, "version": 9},
        })
    );
}

#[tokio::test]
async fn a_limit_is_told_with_its_reason_and_its_end() {
    let world = World::new();
    let token = world.member(Role::Stamper);
    let until = "2026-11-24T05:00:00Z".parse().unwrap();
    world.fakes.on("AddStamps", move |_: stamping::AddStampsRequest, _| {
        let problem = Problem::new("limit-reached").reason("max_per_day").until(until);
        Err::<stamping::AddStampsResponse, _>(problem.status(Code::FailedPrecondition))
    });
    let ask = world
        .ask("POST", "/api/v1/stamps")
        .bearer(&token)
        .header("idempotency-key", &OperationId::generate().to_string());
    let told = ask.json(&json!({"code": "abc"})).send().await;
    assert_eq!((told.status, told.problem().as_str()), (StatusCode::CONFLICT, "limit-reached"));
    assert_eq!(told.json()["until"], "2026-11-24T05:00:00Z");
    assert_eq!(told.json()["detail"], "Ya tiene su sello de hoy; puede volver mañana.");
}

#[tokio::test]
async fn a_batch_tells_each_refusal_in_words() {
    let world = World::new();
    let token = world.member(Role::Stamper);
    let operation = OperationId::generate();
    world.fakes.on("AddStampsBatch", move |question: stamping::AddStampsBatchRequest, _| {
        assert_eq!(
            (question.signature.as_slice(), question.signed_payload.as_slice()),
            (&[1, 2, 3][..], &b"{}"[..])
        );
        let refused = serde_json::to_string(&Problem::new("code-revoked").field("code")).unwrap();
        let result = stamping::OfflineResult { operation_id: operation.to_string(), done: None, refused };
        Ok(stamping::AddStampsBatchResponse { results: vec![result] })
    });
    let told = world
        .ask("POST", "/api/v1/stamps/batch")
        .bearer(&token)
        .json(&json!({"payload": "{}", "signature": "AQID"}))
        .send()
        .await;
    let result = &told.json()["results"][0];
    assert_eq!(
        (result["status"].as_str(), result["problem"]["slug"].as_str()),
        (Some("refused"), Some("code-revoked"))
    );
    assert!(result["problem"]["detail"].as_str().unwrap().starts_with("Este código fue reemplazado."));
}

fn program(id: ProgramId) -> stamping::Program {
    stamping::Program {
        program_id: id.to_string(),
        name: "Café".into(),
        stamps_required: 10,
        active: true,
        ..Default::default()
    }
}

/// A world whose shop can be joined.
fn joinable(program_id: ProgramId) -> World {
    let world = World::new();
    let business_id = world.business.to_string();
    world.fakes.on("GetPublicBusiness", move |question: enrollment::GetPublicBusinessRequest, _| {
        let text = |short: &str| {
            Some(enrollment::ConsentText { version: 1, short: short.into(), long: short.into() })
        };
        Ok(enrollment::GetPublicBusinessResponse {
            business_id: business_id.clone(),
            slug: question.slug,
            name: "Café Luna".into(),
            program_text: text("program"),
            marketing_text: text("marketing"),
            ..Default::default()
        })
    });
    world.fakes.on("ListPublicPrograms", move |_: stamping::ListPublicProgramsRequest, headers| {
        assert_eq!(headers["authorization"], "Bearer service");
        Ok(stamping::ListPublicProgramsResponse { programs: vec![program(program_id)] })
    });
    world
}

fn enrollment_of(world: &World, known: bool, proven: bool) -> enrollment::EnrollResponse {
    enrollment::EnrollResponse {
        customer_id: CustomerId::generate().to_string(),
        business_id: world.business.to_string(),
        card_id: CardId::generate().to_string(),
        holder_token: if known { String::new() } else { "holder".into() },
        referral_code: "amiga".into(),
        marketing: "pending".into(),
        known,
        proven,
        recover: if known && !proven { vec!["whatsapp".into(), "till".into()] } else { Vec::new() },
        word: String::new(),
    }
}

fn opened(question: stamping::OpenCardRequest) -> stamping::OpenCardResponse {
    let card = stamping::Card {
        card_id: question.card_id,
        customer_id: question.customer_id,
        stamps: 1,
        stamps_required: 10,
        version: 1,
        total: 1,
        ..Default::default()
    };
    stamping::OpenCardResponse {
        card: Some(card),
        program: Some(program(question.program_id.parse().unwrap())),
        code: "code".into(),
    }
}

fn wanting(slug: &str) -> serde_json::Value {
    json!({"slug": slug, "name": "Ana", "phone": "987654321", "age_ok": true, "consents": {"program": true, "marketing": true}})
}

#[tokio::test]
async fn a_stranger_joins_and_has_her_card_at_once() {
    let program_id = ProgramId::generate();
    let world = joinable(program_id);
    let answer = enrollment_of(&world, false, false);
    let card = answer.card_id.clone();
    world.fakes.on("Enroll", move |question: enrollment::EnrollRequest, _| {
        assert_eq!(
            (question.program_id.as_str(), question.language.as_str()),
            (program_id.to_string().as_str(), "es")
        );
        Ok(answer.clone())
    });
    world.fakes.on("OpenCard", |question: stamping::OpenCardRequest, _| Ok(opened(question)));
    let told = world.ask("POST", "/api/v1/enrollments").json(&wanting("luna")).send().await;
    assert_eq!(told.status, StatusCode::CREATED, "{}", told.text());
    let body = told.json();
    assert_eq!((body["card"]["code"].as_str(), body["card"]["stamps"].as_i64()), (Some("code"), Some(1)));
    assert_eq!(body["card"]["web_url"], format!("https://sello.example/t/{card}#holder"));
    assert_eq!(body["referral_url"], "https://sello.example/unete/luna?r=amiga");
}

#[tokio::test]
async fn a_known_number_without_a_proof_tells_nothing_and_opens_nothing() {
    let world = joinable(ProgramId::generate());
    let answer = enrollment_of(&world, true, false);
    world.fakes.on("Enroll", move |_: enrollment::EnrollRequest, _| Ok(answer.clone()));
    let told = world.ask("POST", "/api/v1/enrollments").json(&wanting("luna")).send().await;
    assert_eq!(
        (told.status, told.json()),
        (StatusCode::OK, json!({"known": true, "recover": ["whatsapp", "till"]}))
    );
    assert_eq!(world.fakes.times_asked("OpenCard"), 0);
}

#[tokio::test]
async fn what_is_to_be_proven_comes_with_a_chat_and_the_word_in_it() {
    let world = joinable(ProgramId::generate());
    let key = kernel::OperationId::generate().to_string();
    let sent = key.clone();
    let word = || "SELLO-7K4M2QXD".to_owned();
    let pending = enrollment::EnrollResponse { word: word(), ..enrollment_of(&world, false, false) };
    world.fakes.on("Enroll", move |question: enrollment::EnrollRequest, _| {
        assert_eq!(question.operation_id, sent);
        Ok(pending.clone())
    });
    world.fakes.on("OpenCard", |question: stamping::OpenCardRequest, _| Ok(opened(question)));
    let join = |key: &str| {
        world.ask("POST", "/api/v1/enrollments").header("idempotency-key", key).json(&wanting("luna"))
    };
    // Messaging is away: the card comes all the same.
    let told = join(&key).send().await;
    assert_eq!((told.status, told.json().get("whatsapp_url")), (StatusCode::CREATED, None));
    world.fakes.on("GetSenderAddress", |_: proto::messaging::GetSenderAddressRequest, headers| {
        assert_eq!(headers["authorization"], "Bearer service");
        Ok(proto::messaging::GetSenderAddressResponse { phone: "+51900000001".into() })
    });
    let told = join(&key).send().await.json();
    let url = told["whatsapp_url"].as_str().unwrap();
    assert!(url.starts_with("https://wa.me/51900000001?text=Quiero%20recibir%20las%20promociones"), "{url}");
    assert!(url.ends_with("SELLO-7K4M2QXD"), "{url}");
    assert!(!told.to_string().contains("\"word\""));

    let known = enrollment::EnrollResponse { word: word(), ..enrollment_of(&world, true, false) };
    world.fakes.on("Enroll", move |_: enrollment::EnrollRequest, _| Ok(known.clone()));
    let told = join(&key).send().await.json();
    let url = told["whatsapp_url"].as_str().unwrap();
    assert!(url.contains("text=Quiero%20recuperar%20mi%20tarjeta"), "{url}");

    let odd = join("x").send().await;
    assert_eq!((odd.status, odd.problem().as_str()), (StatusCode::UNPROCESSABLE_ENTITY, "invalid"));
}

#[tokio::test]
async fn the_holder_of_the_card_gets_the_same_card() {
    let world = joinable(ProgramId::generate());
    let answer = enrollment_of(&world, true, true);
    world.fakes.on("Enroll", move |question: enrollment::EnrollRequest, _| {
        assert_eq!(question.holder_token, "mine");
        Ok(answer.clone())
    });
    world.fakes.on("OpenCard", |question: stamping::OpenCardRequest, _| Ok(opened(question)));
    let told = world
        .ask("POST", "/api/v1/enrollments")
        .header("authorization", "Card mine")
        .json(&wanting("luna"))
        .send()
        .await;
    assert_eq!((told.status, told.json()["card"]["holder_token"].as_str()), (StatusCode::OK, Some("mine")));
}

#[tokio::test(start_paused = true)]
async fn a_customer_gets_her_card_even_where_stamping_goes_away_in_between() {
    let world = joinable(ProgramId::generate());
    let answer = enrollment_of(&world, false, false);
    world.fakes.on("Enroll", move |_: enrollment::EnrollRequest, _| Ok(answer.clone()));
    let told = world.ask("POST", "/api/v1/enrollments").json(&wanting("luna")).send().await;
    assert_eq!(told.status, StatusCode::CREATED);
    let body = told.json();
    assert!(body["card"]["code"].is_null() && body["card"]["holder_token"] == "holder");
    assert_eq!(body["card"]["stamps_required"], 10);
    assert!(world.fakes.times_asked("OpenCard") > 5, "it was tried again");
}

#[tokio::test]
async fn a_program_that_is_not_open_refuses_before_anything_is_written() {
    let world = joinable(ProgramId::generate());
    let mut body = wanting("luna");
    body["program_id"] = json!(ProgramId::generate());
    let told = world.ask("POST", "/api/v1/enrollments").json(&body).send().await;
    assert_eq!(told.problem(), "program-inactive");
    assert_eq!(world.fakes.times_asked("Enroll"), 0);
}

#[tokio::test]
async fn the_join_page_is_asked_for_once_in_a_while() {
    let world = joinable(ProgramId::generate());
    for _ in 0..10 {
        let told = world.ask("GET", "/api/v1/join/luna").send().await;
        assert_eq!(told.json()["business"]["name"], "Café Luna");
        assert_eq!(told.json()["programs"][0]["stamps_required"], 10);
    }
    assert_eq!(world.fakes.times_asked("GetPublicBusiness"), 1);
}

#[tokio::test]
async fn a_holder_token_is_exchanged_once_and_goes_on_as_a_bearer() {
    let world = World::new();
    let (customer, card, business) = (CustomerId::generate(), CardId::generate(), world.business);
    let access_token = world.token(Principal::CardHolder { business, customer, card }, 600);
    let expected = format!("Bearer {access_token}");
    world.fakes.on("ExchangeHolderToken", move |question: enrollment::ExchangeHolderTokenRequest, _| {
        assert_eq!(question.holder_token, "mine");
        Ok(enrollment::ExchangeHolderTokenResponse {
            access_token: access_token.clone(),
            expires_in: 600,
            ..Default::default()
        })
    });
    world.fakes.on("GetCard", move |question: stamping::GetCardRequest, headers| {
        assert_eq!(headers["authorization"], expected.as_str());
        let card = stamping::Card {
            card_id: question.card_id,
            customer_id: customer.to_string(),
            ..Default::default()
        };
        Ok(stamping::GetCardResponse {
            card: Some(card),
            program: Some(Default::default()),
            code: "c".into(),
            ..Default::default()
        })
    });
    world.fakes.on("GetBusiness", |_: enrollment::GetBusinessRequest, _| {
        let business =
            enrollment::Business { name: "Luna".into(), slug: "luna".into(), ..Default::default() };
        Ok(enrollment::GetBusinessResponse { business: Some(business) })
    });
    world.fakes.on("GetCustomer", |_: enrollment::GetCustomerRequest, _| {
        let customer =
            enrollment::Customer { name: "Ana Paz".into(), referral_code: "r1".into(), ..Default::default() };
        Ok(enrollment::GetCustomerResponse { customer: Some(customer) })
    });
    let ask =
        || world.ask("GET", &format!("/api/v1/cards/{card}")).header("authorization", "Card mine").send();
    for _ in 0..3 {
        let told = ask().await;
        assert_eq!(told.json()["customer"], json!({"first_name": "Ana"}), "{}", told.text());
        assert_eq!(told.json()["referral_url"], "https://sello.example/unete/luna?r=r1");
    }
    assert_eq!(world.fakes.times_asked("ExchangeHolderToken"), 1);
    for (bundle_cards, bundle) in
        [(0, json!([null, null])), (3, json!(["https://sello.example/wallet/bundles/t", 3]))]
    {
        world.fakes.on("GetPassLinks", move |_: wallet_pass::GetPassLinksRequest, _| {
            Ok(wallet_pass::GetPassLinksResponse {
                apple_token: "t".into(),
                web_push_key: "BP4z".into(),
                bundle_cards,
                ..Default::default()
            })
        });
        let told = ask().await.json();
        assert_eq!(told["apple_url"], "https://sello.example/wallet/passes/t");
        assert_eq!(told["push_key"], "BP4z");
        assert_eq!(json!([told["bundle_url"], told["bundle_cards"]]), bundle);
    }
}

#[tokio::test]
async fn a_scan_goes_on_without_a_name_where_enrollment_is_away() {
    let world = World::new();
    let token = world.member(Role::Stamper);
    let customer = CustomerId::generate();
    world.fakes.on("Scan", move |_: stamping::ScanRequest, _| {
        let card = stamping::Card { customer_id: customer.to_string(), ..Default::default() };
        Ok(stamping::ScanResponse {
            card: Some(card),
            program: Some(Default::default()),
            allowed: Some(stamping::Allowed { now: true, ..Default::default() }),
            ..Default::default()
        })
    });
    let ask = || world.ask("POST", "/api/v1/scans").bearer(&token).json(&json!({"code": "c"}));
    let told = ask().send().await;
    assert_eq!(
        (told.status, told.json()["customer"].clone()),
        (StatusCode::CREATED, json!({"id": customer, "first_name": null}))
    );
    world.fakes.on("GetContacts", move |question: enrollment::GetContactsRequest, _| {
        let contact = enrollment::Contact {
            customer_id: question.customer_ids[0].clone(),
            first_name: "Ana".into(),
            ..Default::default()
        };
        Ok(enrollment::GetContactsResponse { contacts: vec![contact] })
    });
    for _ in 0..2 {
        assert_eq!(ask().send().await.json()["customer"]["first_name"], "Ana");
    }
    assert_eq!(world.fakes.times_asked("GetContacts"), 2, "one that failed, one that is remembered");
}

#[tokio::test]
async fn figures_by_member_carry_names_and_go_out_as_csv_too() {
    let world = World::new();
    let token = world.member(Role::Owner);
    world.fakes.on("GetMembers", |_: analytics::GetMembersRequest, _| {
        let member = |id: &str, stamps| analytics::MemberFigures {
            member_id: id.into(),
            stamps,
            ..Default::default()
        };
        Ok(analytics::GetMembersResponse { members: vec![member("m1", 7), member("m2", 1)] })
    });
    world.fakes.on("ListMembers", |_: enrollment::ListMembersRequest, _| {
        let member =
            enrollment::Member { member_id: "m1".into(), name: "=Rosa".into(), ..Default::default() };
        Ok(enrollment::ListMembersResponse { members: vec![member] })
    });
    let path = "/api/v1/analytics/members?from=2026-11-01&to=2026-11-23";
    let told = world.ask("GET", path).bearer(&token).send().await.json();
    assert_eq!(
        (told["members"][0]["name"].as_str(), told["members"][1]["name"].as_str()),
        (Some("=Rosa"), None)
    );
    let told = world.ask("GET", &format!("{path}&format=csv")).bearer(&token).send().await;
    assert_eq!(told.headers["content-type"], "text/csv; charset=utf-8");
    assert_eq!(
        told.text(),
        "member_id,name,stamps,stamps_by_search,voids,rewards_redeemed\r\nm1,'=Rosa,7,0,0,0\r\nm2,,1,0,0,0\r\n"
    );
}

#[tokio::test]
async fn an_export_walks_all_pages_and_a_refusal_comes_before_the_first_byte() {
    let world = World::new();
    let told = world.ask("GET", "/api/v1/customers/export").bearer(&world.member(Role::Stamper)).send().await;
    assert_eq!(told.problem(), "forbidden");
    world.fakes.on("ListCustomers", |question: enrollment::ListCustomersRequest, _| {
        let (name, next_cursor) = if question.cursor.is_empty() { ("Ana", "two") } else { ("Luz", "") };
        let customer = enrollment::Customer {
            customer_id: name.to_lowercase(),
            name: name.into(),
            phone: "+51987654321".into(),
            ..Default::default()
        };
        Ok(enrollment::ListCustomersResponse {
            customers: vec![customer],
            next_cursor: next_cursor.into(),
            total: 2,
        })
    });
    world.fakes.on("GetCardStates", |question: stamping::GetCardStatesRequest, _| {
        let card = stamping::Card {
            customer_id: question.customer_ids[0].clone(),
            stamps: 4,
            total: 14,
            ..Default::default()
        };
        Ok(stamping::GetCardStatesResponse { cards: vec![card] })
    });
    let told = world.ask("GET", "/api/v1/customers/export").bearer(&world.member(Role::Owner)).send().await;
    let lines: Vec<&str> = told.text().lines().collect();
    assert_eq!(lines.len(), 3);
    assert_eq!(lines[1], "ana,Ana,+51987654321,,,,,4,14,");
    assert!(lines[2].starts_with("luz,Luz,"));
}

#[tokio::test]
async fn an_import_carries_stamps_over_and_tells_what_went_wrong_by_row() {
    let world = World::new();
    let token = world.member(Role::Manager);
    let card = CardId::generate();
    world.fakes.on("ImportCustomers", move |question: enrollment::ImportCustomersRequest, _| {
        let ids = |id: String| if question.dry_run { String::new() } else { id };
        let made = enrollment::ImportRow {
            line: 2,
            outcome: "created".into(),
            customer_id: ids(CustomerId::generate().to_string()),
            card_id: ids(card.to_string()),
            stamps: 5,
            ..Default::default()
        };
        let wrong = enrollment::ImportRow {
            line: 3,
            outcome: "error".into(),
            field: "phone".into(),
            message: "not_a_phone".into(),
            ..Default::default()
        };
        Ok(enrollment::ImportCustomersResponse { rows: vec![made, wrong], created: 1, known: 0, errors: 1 })
    });
    world.fakes.on("OpenCard", |question: stamping::OpenCardRequest, _| {
        Ok(opened(stamping::OpenCardRequest { program_id: ProgramId::generate().to_string(), ..question }))
    });
    world.fakes.on("AddStamps", move |question: stamping::AddStampsRequest, _| {
        assert_eq!((question.count, question.kind.as_str()), (5, "import"));
        Ok(stamping::AddStampsResponse::default())
    });
    let ask = |path: &str| {
        world.ask("POST", path).bearer(&token).body("text/csv", "name,phone,stamps\nAna,987654321,5\n")
    };
    let dry = ask("/api/v1/customers/import?dry_run=true").send().await;
    assert_eq!(
        dry.json()["rows"][1]["message"],
        "Revisa el número: en Perú son 9 dígitos.",
        "{}",
        dry.text()
    );
    assert_eq!(world.fakes.times_asked("AddStamps"), 0);
    let done = ask("/api/v1/customers/import").send().await;
    assert_eq!((done.json()["created"].as_i64(), done.json()["errors"].as_i64()), (Some(1), Some(1)));
    assert_eq!(world.fakes.times_asked("AddStamps"), 1);
}
