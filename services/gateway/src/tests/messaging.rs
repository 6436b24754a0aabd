use boot::Problem;
use http::StatusCode;
use kernel::{CustomerId, DeliveryId, MessageId, OperationId, Role};
use proto::{enrollment, messaging as wire, wallet_pass};
use serde_json::{Value, json};
use tonic::{Code, Status};

use crate::config::Rate;
use crate::testing::World;

fn message(customer: CustomerId) -> wire::Message {
    wire::Message {
        message_id: MessageId::generate().to_string(),
        customer_id: customer.to_string(),
        direction: "out".into(),
        category: "marketing".into(),
        template: "win_back".into(),
        text: "Hola Ana, vuelve.".into(),
        status: "failed".into(),
        reason: "not_reachable".into(),
        attempts: 1,
        ..Default::default()
    }
}

/// A world in which every customer is Ana.
fn world() -> World {
    let world = World::new();
    world.fakes.on("GetContacts", |question: enrollment::GetContactsRequest, _| {
        let ana =
            |customer_id| enrollment::Contact { customer_id, first_name: "Ana".into(), ..Default::default() };
        Ok(enrollment::GetContactsResponse { contacts: question.customer_ids.into_iter().map(ana).collect() })
    });
    world
}

#[tokio::test]
async fn a_message_says_to_whom_and_why_it_did_not_arrive() {
    let (world, ana) = (world(), CustomerId::generate());
    world.fakes.on("ListMessages", move |question: wire::ListMessagesRequest, _| {
        assert_eq!((question.customer_id, question.status.as_str()), (ana.to_string(), "failed"));
        let stranger = wire::Message { customer_id: String::new(), reason: String::new(), ..message(ana) };
        Ok(wire::ListMessagesResponse { messages: vec![message(ana), stranger], next_cursor: "n".into() })
    });
    let path = format!("/api/v1/messages?customer={ana}&status=failed");
    let token = world.member(Role::Manager);
    let told = world.ask("GET", &path).bearer(&token).send().await.json();
    let first = &told["items"][0];
    assert_eq!((&first["customer_name"], &first["reason"]), (&json!("Ana"), &json!("not_reachable")));
    assert_eq!(first["reason_text"], "Ese número no está en WhatsApp. Revísalo.");
    assert_eq!((&first["campaign_id"], &first["next_at"]), (&Value::Null, &Value::Null));
    let stranger = &told["items"][1];
    assert_eq!((&stranger["customer_id"], &stranger["customer_name"]), (&Value::Null, &Value::Null));
    assert_eq!((&stranger["reason_text"], &told["next_cursor"]), (&Value::Null, &json!("n")));
    let english = world.ask("GET", &path).bearer(&token).header("accept-language", "en").send().await.json();
    assert_eq!(english["items"][0]["reason_text"], "That number is not on WhatsApp. Check it.");
    let told = world.ask("GET", "/api/v1/messages?customer=ana").bearer(&token).send().await;
    assert_eq!((told.problem().as_str(), &told.json()["field"]), ("invalid", &json!("customer")));
}

#[tokio::test]
async fn messages_come_without_names_where_enrollment_is_away() {
    let (world, ana) = (World::new(), CustomerId::generate());
    world.fakes.on("ListMessages", move |_: wire::ListMessagesRequest, _| {
        Ok(wire::ListMessagesResponse { messages: vec![message(ana)], ..Default::default() })
    });
    let told = world.ask("GET", "/api/v1/messages").bearer(&world.member(Role::Owner)).send().await;
    assert_eq!((told.status, &told.json()["items"][0]["customer_name"]), (StatusCode::OK, &Value::Null));
}

fn thread(customer: CustomerId) -> wire::Thread {
    let last = wire::Message { direction: "in".into(), status: "received".into(), ..message(customer) };
    wire::Thread {
        customer_id: customer.to_string(),
        thread_id: MessageId::generate().to_string(),
        address_end: "321".into(),
        last: Some(last),
        unread: 2,
        ..Default::default()
    }
}

#[tokio::test]
async fn the_inbox_lists_opens_and_answers() {
    let (world, ana, operation) = (world(), CustomerId::generate(), OperationId::generate());
    world.fakes.on("ListThreads", move |_: wire::ListThreadsRequest, _| {
        Ok(wire::ListThreadsResponse { threads: vec![thread(ana)], next_cursor: String::new(), unread: 7 })
    });
    world.fakes.on("GetThread", move |question: wire::GetThreadRequest, _| {
        assert_eq!(question.id, ana.to_string());
        Ok(wire::GetThreadResponse { thread: Some(thread(ana)), messages: vec![message(ana)] })
    });
    world.fakes.on("Reply", move |question: wire::ReplyRequest, _| {
        assert_eq!((question.operation_id, question.text.as_str()), (operation.to_string(), "¡Claro!"));
        Ok(wire::ReplyResponse { message: Some(message(ana)) })
    });
    let token = world.member(Role::Manager);
    let told = world.ask("GET", "/api/v1/inbox").bearer(&token).send().await.json();
    assert_eq!((&told["unread"], &told["items"][0]["unread"]), (&json!(7), &json!(2)));
    assert_eq!(
        (&told["items"][0]["customer_name"], &told["items"][0]["open_until"]),
        (&json!("Ana"), &Value::Null)
    );
    let path = format!("/api/v1/inbox/{ana}");
    let told = world.ask("GET", &path).bearer(&token).send().await.json();
    assert_eq!(
        (&told["thread"]["address_end"], &told["messages"][0]["customer_name"]),
        (&json!("321"), &json!("Ana"))
    );
    let reply = || world.ask("POST", &path).bearer(&token).header("idempotency-key", &operation.to_string());
    let told = reply().json(&json!({"text": "¡Claro!"})).send().await;
    assert_eq!((told.status, &told.json()["customer_id"]), (StatusCode::CREATED, &json!(ana)));
    let told = reply().json(&json!({})).send().await;
    assert_eq!((told.problem().as_str(), &told.json()["field"]), ("invalid", &json!("text")));
    let told = world.ask("POST", &path).bearer(&token).json(&json!({"text": "x"})).send().await;
    assert_eq!(told.json()["field"], "Idempotency-Key");
}

#[tokio::test]
async fn the_account_is_told_after_its_budget_was_set_and_only_an_owner_sets_it() {
    let world = World::new();
    let owner = world.member(Role::Owner);
    let expected = format!("Bearer {owner}");
    world.fakes.on("SetBudget", move |question: wire::SetBudgetRequest, headers| {
        if headers["authorization"] != expected.as_str() {
            return Err(Problem::new("forbidden").status(Code::PermissionDenied));
        }
        assert_eq!((question.daily_budget_cents, question.monthly_budget_cents), (2_000, 30_000));
        Ok(wire::SetBudgetResponse {})
    });
    world.fakes.on("GetAccount", |_: wire::GetAccountRequest, _| {
        Ok(wire::GetAccountResponse {
            status: "approved".into(),
            daily_budget_cents: 2_000,
            quality: Some(wire::Quality { state: "none".into(), opt_out_rate: 0.01, ..Default::default() }),
            tier: Some(wire::Tier { limit: 250, used: 10, days_to_half: -1, planned_per_day: 90 }),
            held_by: "quiet_hours".into(),
            ..Default::default()
        })
    });
    let body = json!({"daily_budget_cents": 2_000, "monthly_budget_cents": 30_000});
    let told = world.ask("PATCH", "/api/v1/messaging").bearer(&owner).json(&body).send().await.json();
    assert_eq!((&told["daily_budget_cents"], &told["held_by"]), (&json!(2_000), &json!("quiet_hours")));
    assert_eq!(told["tier"], json!({"limit": 250, "used": 10, "days_to_half": -1, "planned_per_day": 90}));
    assert_eq!((&told["quality"]["reason"], &told["sender"]), (&Value::Null, &Value::Null));
    let manager = world.member(Role::Manager);
    let told = world.ask("PATCH", "/api/v1/messaging").bearer(&manager).json(&body).send().await;
    assert_eq!((told.status, told.problem().as_str()), (StatusCode::FORBIDDEN, "forbidden"));
    let body = json!({"daily_budget_cents": 2_000});
    let told = world.ask("PATCH", "/api/v1/messaging").bearer(&owner).json(&body).send().await;
    assert_eq!((told.problem().as_str(), &told.json()["field"]), ("invalid", &json!("monthly_budget_cents")));
}

#[tokio::test]
async fn templates_are_listed_with_their_variables() {
    let world = World::new();
    world.fakes.on("ListTemplates", |_: wire::ListTemplatesRequest, _| {
        let variable = wire::Variable { name: "first_name".into(), sample: "Ana".into() };
        let template =
            wire::Template { name: "win_back".into(), variables: vec![variable], ..Default::default() };
        Ok(wire::ListTemplatesResponse { templates: vec![template] })
    });
    let told = world.ask("GET", "/api/v1/templates").bearer(&world.member(Role::Manager)).send().await.json();
    assert_eq!(told["items"][0]["variables"], json!([{"name": "first_name", "sample": "Ana"}]));
}

fn push() -> wallet_pass::Delivery {
    let [delivery_id, card_id, customer_id] = [(); 3].map(|()| DeliveryId::generate().to_string());
    let [status, reason] = ["dead", "unreachable"].map(str::to_owned);
    wallet_pass::Delivery { delivery_id, card_id, customer_id, status, reason, ..Default::default() }
}

/// Two pages of one push each, then two of one message each.
fn with_deliveries(world: &World) {
    world.fakes.on("WalletPassService/ListDeliveries", |question: wallet_pass::ListDeliveriesRequest, _| {
        assert_eq!(question.status, "dead");
        let next_cursor = if question.cursor.is_empty() { "p2" } else { "" }.to_owned();
        Ok(wallet_pass::ListDeliveriesResponse { deliveries: vec![push()], next_cursor })
    });
    world.fakes.on("MessagingService/ListDeliveries", |question: wire::ListDeliveriesRequest, _| {
        let next_cursor = if question.cursor.is_empty() { "m2" } else { "" }.to_owned();
        let messages = vec![message(CustomerId::generate())];
        Ok(wire::ListDeliveriesResponse { messages, next_cursor })
    });
}

#[tokio::test]
async fn what_did_not_arrive_is_walked_through_pushes_first_and_then_messages() {
    let world = world();
    with_deliveries(&world);
    let token = world.member(Role::Manager);
    let (mut kinds, mut cursor) = (Vec::new(), String::new());
    for _ in 0..9 {
        let path = format!("/api/v1/deliveries?status=dead&limit=1&cursor={cursor}");
        let told = world.ask("GET", &path).bearer(&token).send().await.json();
        kinds.extend(
            told["items"].as_array().unwrap().iter().map(|item| item["kind"].as_str().unwrap().to_owned()),
        );
        match told["next_cursor"].as_str() {
            Some(next) => cursor = next.to_owned(),
            None => break,
        }
    }
    assert_eq!(kinds, ["push", "push", "message", "message"]);
}

#[tokio::test]
async fn a_page_that_pushes_do_not_fill_is_filled_with_messages() {
    let world = world();
    with_deliveries(&world);
    let path = "/api/v1/deliveries?status=dead&cursor=push.p2";
    let told = world.ask("GET", path).bearer(&world.member(Role::Owner)).send().await.json();
    assert_eq!((&told["items"][0]["kind"], &told["items"][1]["kind"]), (&json!("push"), &json!("message")));
    for item in told["items"].as_array().unwrap() {
        assert!(item["id"].is_string() && item.get("delivery_id").is_none(), "one name for both: {item}");
    }
    assert_eq!(told["items"][0]["reason_text"], "La billetera no respondía.");
    let dead = &told["items"][1];
    assert_eq!((&dead["status"], &dead["customer_name"]), (&json!("dead"), &json!("Ana")));
    assert_eq!(dead["reason_text"], "Ese número no está en WhatsApp. Revísalo.");
    assert_eq!(told["next_cursor"], "message.m2");
}

#[tokio::test]
async fn one_kind_is_listed_alone_and_takes_no_cursor_of_the_other() {
    let world = world();
    with_deliveries(&world);
    let token = world.member(Role::Owner);
    let list = |query: &str| {
        world.ask("GET", &format!("/api/v1/deliveries?status=dead&{query}")).bearer(&token).send()
    };
    let told = list("kind=message&cursor=message.m2").await.json();
    assert_eq!((told["items"].as_array().unwrap().len(), &told["next_cursor"]), (1, &Value::Null));
    assert_eq!(world.fakes.times_asked("WalletPassService/ListDeliveries"), 0);
    let told = list("kind=push&cursor=p2").await.json();
    assert_eq!((&told["items"][0]["kind"], &told["next_cursor"]), (&json!("push"), &Value::Null));
    for (query, field) in [
        ("kind=push&cursor=message.m2", "cursor"),
        ("kind=letter", "kind"),
        ("limit=0", "limit"),
        ("limit=101", "limit"),
    ] {
        let told = list(query).await;
        assert_eq!((told.problem().as_str(), &told.json()["field"]), ("invalid", &json!(field)), "{query}");
    }
}

#[tokio::test]
async fn one_delivery_is_tried_again_by_whoever_has_it() {
    let world = World::new();
    let (ours, theirs) = (DeliveryId::generate(), DeliveryId::generate());
    let not_found = || Problem::new("not-found").status(Code::NotFound);
    world.fakes.on(
        "WalletPassService/RetryDelivery",
        move |question: wallet_pass::RetryDeliveryRequest, _| {
            let is_push = question.delivery_id == ours.to_string();
            if is_push { Ok(wallet_pass::RetryDeliveryResponse { retried: 1 }) } else { Err(not_found()) }
        },
    );
    world.fakes.on("MessagingService/RetryDelivery", move |question: wire::RetryDeliveryRequest, _| {
        let is_message = question.message_id == theirs.to_string();
        if is_message { Ok(wire::RetryDeliveryResponse { retried: 1 }) } else { Err(not_found()) }
    });
    let token = world.member(Role::Manager);
    let retry =
        |id: DeliveryId| world.ask("POST", &format!("/api/v1/deliveries/{id}/retry")).bearer(&token).send();
    assert_eq!(retry(ours).await.status, StatusCode::NO_CONTENT);
    assert_eq!(world.fakes.times_asked("MessagingService/RetryDelivery"), 0);
    assert_eq!(retry(theirs).await.status, StatusCode::NO_CONTENT);
    assert_eq!(retry(DeliveryId::generate()).await.problem(), "not-found");
}

#[tokio::test]
async fn all_of_a_kind_are_tried_again_and_messages_only_where_they_are_named() {
    let world = World::new();
    world.fakes.on("WalletPassService/RetryDelivery", |question: wallet_pass::RetryDeliveryRequest, _| {
        assert!(question.delivery_id.is_empty());
        Ok(wallet_pass::RetryDeliveryResponse { retried: 3 })
    });
    world.fakes.on("MessagingService/RetryDelivery", |question: wire::RetryDeliveryRequest, _| {
        assert!(question.message_id.is_empty());
        Ok(wire::RetryDeliveryResponse { retried: 5 })
    });
    let token = world.member(Role::Owner);
    let ask = || world.ask("POST", "/api/v1/deliveries/retry").bearer(&token);
    for (ask, retried) in
        [(ask(), 3), (ask().json(&json!({"kind": "push"})), 3), (ask().json(&json!({"kind": "message"})), 5)]
    {
        assert_eq!(ask.send().await.json(), json!({ "retried": retried }));
    }
    let told = ask().json(&json!({"kind": "letter"})).send().await;
    assert_eq!((told.problem().as_str(), &told.json()["field"]), ("invalid", &json!("kind")));
}

const FORM: &str = "application/x-www-form-urlencoded";

#[tokio::test]
async fn what_twilio_tells_goes_on_exactly_as_it_came() {
    let world = World::new();
    world.fakes.on("TakeStatus", |question: wire::TakeStatusRequest, headers| {
        assert!(!headers.contains_key("authorization"), "its signature is what proves it");
        assert_eq!(question.path_and_query, "/webhooks/twilio/status?m=a%2Db&a=1&m=c");
        assert_eq!(question.signature, "sig=");
        let told: Vec<_> =
            question.parameters.iter().map(|one| (one.name.as_str(), one.value.as_str())).collect();
        assert_eq!(
            told,
            [
                ("Z", "last"),
                ("Body", "ñandú & co"),
                ("A", "1"),
                ("Body", ""),
                ("A", "1"),
                ("From", "whatsapp:+51987654321")
            ]
        );
        Ok(wire::TakeStatusResponse {})
    });
    let told = world
        .ask("POST", "/webhooks/twilio/status?m=a%2Db&a=1&m=c")
        .header("x-twilio-signature", "sig=")
        .body(FORM, "Z=last&Body=%C3%B1and%C3%BA+%26+co&A=1&Body=&A=1&From=whatsapp%3A%2B51987654321")
        .send()
        .await;
    assert_eq!(told.status, StatusCode::NO_CONTENT, "{}", told.text());
}

#[tokio::test]
async fn what_a_customer_writes_is_answered_with_twiml() {
    let world = World::new();
    world.fakes.on("TakeInbound", |question: wire::TakeInboundRequest, _| {
        assert_eq!(question.path_and_query, "/webhooks/twilio/inbound");
        assert_eq!((question.idempotency_token.as_str(), question.parameters.len()), ("once", 1));
        Ok(wire::TakeInboundResponse { twiml: "<Response/>".into() })
    });
    let told = world
        .ask("POST", "/webhooks/twilio/inbound")
        .header("x-twilio-signature", "sig=")
        .header("i-twilio-idempotency-token", "once")
        .body(FORM, "Body=BAJA")
        .send()
        .await;
    assert_eq!((told.status, told.text()), (StatusCode::OK, "<Response/>"));
    assert_eq!(told.headers["content-type"], "text/xml");
}

#[tokio::test]
async fn what_is_not_signed_not_signed_by_twilio_too_long_or_no_form_is_refused() {
    let world = World::new();
    world.fakes.on("TakeStatus", |_: wire::TakeStatusRequest, _| {
        Err::<wire::TakeStatusResponse, Status>(Problem::new("forbidden").status(Code::PermissionDenied))
    });
    for path in ["/webhooks/twilio/status", "/webhooks/twilio/inbound"] {
        let told = world.ask("POST", path).body(FORM, "A=1").send().await;
        assert_eq!((told.status, told.problem().as_str()), (StatusCode::FORBIDDEN, "forbidden"));
        let signed = || world.ask("POST", path).header("x-twilio-signature", "sig=");
        assert_eq!(
            signed().body(FORM, "A=".to_owned() + &"x".repeat(70_000)).send().await.problem(),
            "too-large"
        );
        assert_eq!(signed().json(&json!({"A": 1})).send().await.problem(), "unsupported");
    }
    assert_eq!(world.fakes.times_asked("TakeStatus") + world.fakes.times_asked("TakeInbound"), 0);
    let signed = world.ask("POST", "/webhooks/twilio/status").header("x-twilio-signature", "forged");
    let told = signed.body(FORM, "A=1").send().await;
    assert_eq!((told.status, told.problem().as_str()), (StatusCode::FORBIDDEN, "forbidden"));
}

#[tokio::test(start_paused = true)]
async fn more_callbacks_than_can_be_carried_at_once_are_told_to_come_again() {
    let world = World::with(|config| config.limits.address = Rate { per_minute: 1, burst: 1 });
    world.fakes.on("TakeStatus", |_: wire::TakeStatusRequest, _| Ok(wire::TakeStatusResponse {}));
    let tell = || {
        let signed = world.ask("POST", "/webhooks/twilio/status").header("x-twilio-signature", "sig=");
        signed.body(FORM, "A=1").send()
    };
    for _ in 0..3 {
        assert_eq!(tell().await.status, StatusCode::NO_CONTENT, "all of Twilio comes from few addresses");
    }
    let turns = u32::try_from(world.platform.webhooks.available_permits()).unwrap();
    let under_way = world.platform.webhooks.acquire_many(turns).await.unwrap();
    assert_eq!(tell().await.problem(), "busy");
    drop(under_way);
    assert_eq!(tell().await.status, StatusCode::NO_CONTENT);
}
