use std::time::Duration;

use fakes::twilio::{Pace, SENDER, Status, Webhook, sign};

use crate::twilio::{ANA, STATUS_URL, World, template_to};

/// The rule as it is documented, told anew: sorted names, each with its values, after the address.
fn expected(auth_token: &str, url: &str, form: &[(String, String)]) -> String {
    use aws_lc_rs::hmac;
    use base64::Engine;
    let mut sorted = form.to_vec();
    sorted.sort();
    sorted.dedup();
    let said = sorted.iter().fold(url.to_owned(), |said, (name, value)| said + name + value);
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, auth_token.as_bytes());
    base64::engine::general_purpose::STANDARD.encode(hmac::sign(&key, said.as_bytes()))
}

#[tokio::test]
async fn a_message_is_told_of_step_by_step_and_signed() {
    let world = World::start().await;
    let sid = world.send_template(ANA).await;
    world.settle().await;
    assert_eq!(world.told(&sid), ["sent", "delivered", "read"], "and never of the state it began with");
    let hooks = world.hooks();
    let events: Vec<_> = hooks.iter().map(|hook| hook.get("EventType")).collect();
    assert_eq!(events, ["", "DELIVERED", "READ"]);
    let account = world.twilio.account();
    for hook in &hooks {
        assert_eq!(hook.path_and_query, "/webhooks/twilio/status?m=1&a=1");
        for (name, value) in [
            ("SmsSid", sid.as_str()),
            ("SmsStatus", hook.get("MessageStatus")),
            ("To", ANA),
            ("From", SENDER),
            ("AccountSid", &account.sid),
            ("ApiVersion", "2010-04-01"),
            ("ChannelPrefix", "whatsapp"),
            ("ChannelToAddress", "+5198765XXXX"),
            ("StructuredMessage", "false"),
            ("ErrorCode", ""),
        ] {
            assert_eq!(hook.get(name), value, "{name}");
        }
        assert!(hook.get("ChannelInstallSid").starts_with("XE"));
        let signature = hook.headers["x-twilio-signature"].to_str().unwrap();
        assert_eq!(signature, expected(&account.auth_token, STATUS_URL, &hook.form));
        assert_ne!(signature, sign("another", STATUS_URL, &hook.form));
    }
    let tokens: std::collections::HashSet<_> =
        hooks.iter().map(|hook| hook.headers["i-twilio-idempotency-token"].clone()).collect();
    assert_eq!(tokens.len(), 3);
}

#[tokio::test]
async fn a_failure_says_why() {
    let world = World::start().await;
    world.twilio.customer(ANA).blocks();
    world.send_template(ANA).await;
    world.settle().await;
    let hooks = world.hooks();
    let hook = &hooks[0];
    assert_eq!(
        (hook.get("MessageStatus"), hook.get("EventType"), hook.get("ErrorCode")),
        ("failed", "UNDELIVERED", "63014")
    );
    assert!(hook.get("ChannelStatusMessage").contains("blocked"));
}

#[tokio::test]
async fn without_an_address_nothing_is_told() {
    let world = World::start().await;
    let mut form = template_to(ANA);
    form.pop();
    world.send(&form).await;
    world.settle().await;
    assert!(world.hooks().is_empty());
}

#[tokio::test]
async fn the_fragment_is_neither_sent_nor_signed() {
    let world = World::start().await;
    let mut form = template_to(ANA);
    let with_fragment = format!("{STATUS_URL}#rc=5&rp=all");
    form[4] = ("StatusCallback", &with_fragment);
    world.send(&form).await;
    world.settle().await;
    let hooks = world.hooks();
    assert_eq!(hooks[0].path_and_query, "/webhooks/twilio/status?m=1&a=1");
    let signature = hooks[0].headers["x-twilio-signature"].to_str().unwrap();
    assert_eq!(signature, expected(&world.twilio.account().auth_token, STATUS_URL, &hooks[0].form));
}

#[tokio::test]
async fn a_callback_may_come_again() {
    let world = World::start().await;
    let sid = world.send_template(ANA).await;
    world.settle().await;
    world.twilio.call_back_again(&sid).await;
    assert_eq!(world.told(&sid), ["sent", "delivered", "read", "read"]);
    assert_eq!(world.twilio.callbacks().len(), 4);
}

#[tokio::test]
async fn a_message_takes_the_time_that_was_set() {
    let world = World::start().await;
    let never = Duration::from_secs(3_600);
    world.twilio.pace(Pace { read: never, ..Pace::default() });
    let sid = world.send_template(ANA).await;
    let message =
        world.twilio.until_message(&sid, |message| message.status == Status::Delivered).await.unwrap();
    assert_eq!(message.error_code, None);
    world.twilio.until_callbacks(2).await.unwrap();
    assert_eq!(world.told(&sid), ["sent", "delivered"]);
}

#[tokio::test]
async fn what_a_customer_writes_is_told_and_signed() {
    let world = World::start().await;
    let ana = world.twilio.customer("+51987654321");
    let written = ana.says("BAJA, ñandú & más").await;
    assert_eq!((written.answer, written.reply.as_str()), (Some(200), "<Response/>"));
    let hooks = world.hooks();
    let hook = &hooks[0];
    for (name, value) in [
        ("MessageSid", written.sid.as_str()),
        ("SmsStatus", "received"),
        ("From", ANA),
        ("To", SENDER),
        ("Body", "BAJA, ñandú & más"),
        ("WaId", "51987654321"),
        ("NumMedia", "0"),
        ("ReferralNumMedia", "0"),
        ("OriginalRepliedMessageSid", ""),
    ] {
        assert_eq!(hook.get(name), value, "{name}");
    }
    let signature = hook.headers["x-twilio-signature"].to_str().unwrap();
    let url = "https://sello.pe/webhooks/twilio/inbound";
    assert_eq!(signature, expected(&world.twilio.account().auth_token, url, &hook.form));
    world.twilio.tell_again(&written).await;
    let again = &world.hooks()[1];
    assert_eq!(again.headers["i-twilio-idempotency-token"], hook.headers["i-twilio-idempotency-token"]);
    assert_eq!(again.form, hook.form);
    assert_eq!(ana.messages().len(), 1);
    assert!(world.twilio.mistakes().is_empty());
}

#[tokio::test]
async fn what_somebody_else_posts_is_signed_and_told_by_nobody_else() {
    let world = World::start().await;
    let never = Duration::from_secs(3_600);
    world.twilio.pace(Pace { sent: never, ..Pace::default() });
    let mut form = template_to(ANA);
    let with_fragment = format!("{STATUS_URL}#rc=5&rp=all");
    form[4] = ("StatusCallback", &with_fragment);
    let sent = world.send(&form).await.1;
    let sid = sent["sid"].as_str().unwrap();
    let moved = world.twilio.moves_untold(sid, Status::Delivered).unwrap();
    let answer = world.twilio.customer(ANA).answers_untold(sid, "¿Está abierto?").unwrap();
    let read =
        |webhook: &Webhook| form_urlencoded::parse(webhook.body.as_bytes()).into_owned().collect::<Vec<_>>();
    let auth_token = &world.twilio.account().auth_token;
    assert_eq!(moved.url, STATUS_URL, "without its fragment");
    for webhook in [&moved, &answer] {
        assert_eq!(webhook.signature, expected(auth_token, &webhook.url, &read(webhook)));
    }
    let says = |webhook: &Webhook, name: &str, value: &str| {
        read(webhook).contains(&(name.to_owned(), value.to_owned()))
    };
    assert!(says(&moved, "MessageStatus", "delivered") && says(&moved, "MessageSid", sid));
    assert!(says(&answer, "OriginalRepliedMessageSid", sid) && says(&answer, "Body", "¿Está abierto?"));
    assert_eq!(world.twilio.message(sid).unwrap().status, Status::Delivered);
    assert_eq!(world.twilio.customer(ANA).messages().len(), 2);
    assert_ne!(moved.token, world.twilio.moves_untold(sid, Status::Delivered).unwrap().token);
    assert!(world.hooks().is_empty() && world.twilio.moves_untold("SM0", Status::Read).is_none());
}

#[tokio::test]
async fn a_customer_answers_presses_and_hides_her_number() {
    let world = World::start().await;
    let ana = world.twilio.customer(ANA);
    let sid = world.send_template(ANA).await;
    assert_eq!(ana.until_received(1).await.unwrap()[0].sid, sid);
    ana.answers(&sid, "Gracias").await;
    ana.presses(&sid, "Ver tarjeta").await;
    ana.sends_place(-12.12, -77.03).await;
    let hidden = world.twilio.customer("whatsapp:PE.Abc123").writing_to("+51900000002");
    hidden.says("Hola").await;
    world.settle().await;
    let hooks = world.hooks();
    let inbound: Vec<_> = hooks.iter().filter(|hook| hook.get("SmsStatus") == "received").collect();
    assert_eq!((inbound[0].get("OriginalRepliedMessageSid"), inbound[0].get("MessageType")), (&*sid, "text"));
    assert_eq!((inbound[1].get("ButtonPayload"), inbound[1].get("ButtonText")), ("card", "Ver tarjeta"));
    assert_eq!((inbound[2].get("Latitude"), inbound[2].get("Body")), ("-12.12", ""));
    assert_eq!((inbound[3].get("WaId"), inbound[3].get("To")), ("", "whatsapp:+51900000002"));
    let (revision, chats) = world.twilio.chats_since(0, 2);
    assert_eq!(chats.len(), 2);
    assert!(chats.iter().all(|chat| chat.messages.len() <= 2));
    assert!(world.twilio.chats_since(revision, 2).1.is_empty());
    ana.says("Hola").await;
    assert_eq!(world.twilio.chats_since(revision, 2).1[0].address, ANA);
}
