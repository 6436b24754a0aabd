use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, Uri, header};
use axum::response::IntoResponse;
use axum::routing::post;
use chrono::{TimeDelta, Utc};
use fakes::twilio::{SENDER, Status, Template, Twilio};
use serde_json::{Value, json};

pub(crate) const ANA: &str = "whatsapp:+51987654321";
pub(crate) const TEMPLATE: &str = "HX00000000000000000000000000000001";
const SERVICE: &str = "MG00000000000000000000000000000001";
pub(crate) const PATIENCE: Duration = Duration::from_secs(10);

/// A webhook as it arrived.
#[derive(Clone, Debug)]
pub(crate) struct Hook {
    pub(crate) path_and_query: String,
    pub(crate) headers: HeaderMap,
    pub(crate) form: Vec<(String, String)>,
}

impl Hook {
    pub(crate) fn get(&self, name: &str) -> &str {
        self.form.iter().find(|(is, _)| is == name).map_or("", |(_, value)| value)
    }
}

/// A platform that takes webhooks, a Twilio that sends them to it, and a caller.
pub(crate) struct World {
    pub(crate) twilio: Twilio,
    pub(crate) hooks: Arc<Mutex<Vec<Hook>>>,
    http: reqwest::Client,
}

impl World {
    pub(crate) async fn start() -> Self {
        let hooks = Arc::<Mutex<Vec<Hook>>>::default();
        let take =
            async |State(hooks): State<Arc<Mutex<Vec<Hook>>>>, uri: Uri, headers: HeaderMap, body: String| {
                let form = form_urlencoded::parse(body.as_bytes()).into_owned().collect();
                hooks.lock().unwrap().push(Hook { path_and_query: uri.to_string(), headers, form });
                ([(header::CONTENT_TYPE, "text/xml")], "<Response/>").into_response()
            };
        let routes = Router::new().route("/{*path}", post(take)).with_state(hooks.clone());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, routes).await });
        let twilio = Twilio::start().await.unwrap();
        twilio.webhook_base(base.parse().unwrap());
        twilio.inbound_url("https://sello.pe/webhooks/twilio/inbound");
        twilio.add_template(
            Template::new(TEMPLATE, "Hola {{1}}, te faltan {{2}} sellos").button("Ver tarjeta", "card"),
        );
        twilio.add_service(SERVICE, "+51900000002");
        Self { twilio, hooks, http: reqwest::Client::builder().no_proxy().build().unwrap() }
    }

    fn address(&self, rest: &str) -> String {
        format!("{}/2010-04-01/Accounts/{}/{rest}", self.twilio.url(), self.twilio.account().sid)
    }

    /// Posts a form as it is; status 0 where the connection was closed.
    pub(crate) async fn send(&self, form: &[(&str, &str)]) -> (u16, Value) {
        let account = self.twilio.account();
        self.send_as(&account.api_key, &account.api_secret, form).await
    }

    async fn send_as(&self, name: &str, password: &str, form: &[(&str, &str)]) -> (u16, Value) {
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
        let sent = self
            .http
            .post(self.address("Messages.json"))
            .basic_auth(name, Some(password))
            .header("content-type", "application/x-www-form-urlencoded")
            .timeout(PATIENCE)
            .body(body)
            .send()
            .await;
        match sent {
            Ok(answer) => (answer.status().as_u16(), answer.json().await.unwrap()),
            Err(error) => {
                assert!(!error.is_timeout(), "{error}");
                (0, Value::Null)
            }
        }
    }

    pub(crate) async fn get(&self, rest: &str) -> (u16, Value) {
        let account = self.twilio.account();
        let ask = self.http.get(self.address(rest)).basic_auth(&account.sid, Some(&account.auth_token));
        let answer = ask.send().await.unwrap();
        (answer.status().as_u16(), answer.json().await.unwrap())
    }

    /// Sends a template to somebody; the id of the message.
    pub(crate) async fn send_template(&self, to: &str) -> String {
        let (status, body) = self.send(&template_to(to)).await;
        assert_eq!(status, 201, "{body}");
        body["sid"].as_str().unwrap().to_owned()
    }

    pub(crate) fn hooks(&self) -> Vec<Hook> {
        self.hooks.lock().unwrap().clone()
    }

    pub(crate) async fn settle(&self) {
        self.twilio.until_settled(PATIENCE).await.unwrap();
    }

    /// The states that were told of a message, in the order in which they were.
    pub(crate) fn told(&self, sid: &str) -> Vec<String> {
        let hooks = self.hooks();
        let of_message = hooks.iter().filter(|hook| hook.get("MessageSid") == sid);
        of_message.map(|hook| hook.get("MessageStatus").to_owned()).collect()
    }
}

pub(crate) const STATUS_URL: &str = "https://sello.pe/webhooks/twilio/status?m=1&a=1";

pub(crate) fn template_to(to: &str) -> Vec<(&str, &str)> {
    vec![
        ("To", to),
        ("From", SENDER),
        ("ContentSid", TEMPLATE),
        ("ContentVariables", r#"{"1":"Ana","2":"3"}"#),
        ("StatusCallback", STATUS_URL),
    ]
}

#[tokio::test]
async fn only_the_account_and_its_key_are_let_in() {
    let world = World::start().await;
    let account = world.twilio.account().clone();
    let form = template_to(ANA);
    assert_eq!(world.send_as(&account.sid, &account.auth_token, &form).await.0, 201);
    assert_eq!(world.send_as(&account.api_key, &account.api_secret, &form).await.0, 201);
    for (name, password) in [
        (&account.sid, &account.api_secret),
        (&account.api_key, &account.auth_token),
        (&account.sid, &String::new()),
    ] {
        let (status, body) = world.send_as(name, password, &form).await;
        assert_eq!((status, &body["code"], &body["status"]), (401, &json!(20_003), &json!(401)));
    }
    assert_eq!(world.twilio.accepted_count(), 2);
}

#[tokio::test]
async fn a_message_is_answered_with_the_whole_resource() {
    let world = World::start().await;
    world.twilio.usual_fate(fakes::twilio::Fate::Sent);
    let (status, body) = world.send(&template_to(ANA)).await;
    assert_eq!(status, 201, "{body}");
    let names: Vec<_> = body.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(
        names,
        [
            "account_sid",
            "api_version",
            "body",
            "date_created",
            "date_sent",
            "date_updated",
            "direction",
            "error_code",
            "error_message",
            "from",
            "messaging_service_sid",
            "num_media",
            "num_segments",
            "price",
            "price_unit",
            "sid",
            "status",
            "subresource_uris",
            "to",
            "uri",
        ]
    );
    assert_eq!((&body["status"], &body["date_sent"]), (&json!("queued"), &Value::Null));
    assert_eq!(body["body"], "Hola Ana, te faltan 3 sellos");
    let sid = body["sid"].as_str().unwrap();
    assert!(sid.len() == 34 && sid.starts_with("SM"), "{sid}");
    world.settle().await;
    let (status, now) = world.get(&format!("Messages/{sid}.json")).await;
    assert_eq!((status, &now["status"]), (200, &json!("sent")));
    assert!(now["date_sent"].as_str().unwrap().ends_with("+0000"), "{now}");
    let (status, body) = world.get("Messages/SM00000000000000000000000000000000.json").await;
    assert_eq!((status, &body["code"]), (404, &json!(20_404)));
    assert_eq!(world.get("Calls.json").await.0, 404);
}

#[tokio::test]
async fn every_parameter_is_checked() {
    let world = World::start().await;
    let long = "a".repeat(1_601);
    let with = |name: &'static str, value: &'static str| {
        let mut form = template_to(ANA);
        form.retain(|(is, _)| *is != name);
        form.push((name, value));
        form
    };
    let text = |body| vec![("To", ANA), ("From", SENDER), ("Body", body)];
    let refused: Vec<(Vec<(&str, &str)>, u32)> = vec![
        (with("To", ""), 21_604),
        (with("To", "whatsapp:+51 987"), 21_211),
        (with("To", "whatsapp:987654321"), 21_211),
        (with("To", "ana"), 21_211),
        (with("To", "+51987654321"), 21_910),
        (with("From", ""), 21_603),
        (with("From", "whatsapp:+51911111111"), 63_007),
        (with("MessagingServiceSid", "MG1"), 21_705),
        (with("MessagingServiceSid", "MG00000000000000000000000000000009"), 21_701),
        (with("ContentSid", "HX00000000000000000000000000000009"), 21_655),
        (with("ContentSid", ""), 21_654),
        (with("ContentVariables", "Ana"), 21_656),
        (with("ContentVariables", r#"{"1":7}"#), 21_656),
        (with("ContentVariables", r#"{"1":"","2":"3"}"#), 21_656),
        (with("StatusCallback", "https://my_host.pe/status"), 21_609),
        (with("StatusCallback", "/status"), 21_609),
        (with("ValidityPeriod", "0"), 20_001),
        (with("ValidityPeriod", "36001"), 20_001),
        (with("SendAt", "2026-12-01T00:00:00Z"), 20_001),
        (text(""), 21_619),
        (text(&long), 21_617),
    ];
    for (form, code) in refused {
        let (status, body) = world.send(&form).await;
        assert_eq!((status, &body["code"]), (400, &json!(code)), "{form:?}: {body}");
        assert!(body["more_info"].as_str().unwrap().ends_with(&code.to_string()), "{body}");
    }
    assert_eq!(world.twilio.accepted_count(), 0);
    for form in [
        with("ValidityPeriod", "36000"),
        with("To", "whatsapp:PE.Abc123"),
        with("StatusCallback", ""),
        text(&long[1..]),
    ] {
        assert_eq!(world.send(&form).await.0, 201, "{form:?}");
    }
}

#[tokio::test]
async fn a_messaging_service_sends_from_its_number_and_accepts() {
    let world = World::start().await;
    let mut form = template_to(ANA);
    form[1] = ("MessagingServiceSid", SERVICE);
    let (status, body) = world.send(&form).await;
    assert_eq!((status, &body["status"]), (201, &json!("accepted")));
    assert_eq!(
        (&body["from"], &body["messaging_service_sid"]),
        (&json!("whatsapp:+51900000002"), &json!(SERVICE))
    );
    world.settle().await;
    assert_eq!(world.hooks()[0].get("MessagingServiceSid"), SERVICE);
}

#[tokio::test]
async fn messages_are_found_by_whom_and_when() {
    let world = World::start().await;
    let old = world.send_template(ANA).await;
    world.twilio.advance(TimeDelta::days(2));
    let new = world.send_template(ANA).await;
    world.send_template("whatsapp:+51911111111").await;
    world.settle().await;
    let encoded = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
    let ana = encoded(ANA);
    let sids = |body: &Value| {
        let messages = body["messages"].as_array().unwrap().iter();
        messages.map(|message| message["sid"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let (_, all) = world.get(&format!("Messages.json?To={ana}")).await;
    assert_eq!(sids(&all), [new.clone(), old.clone()], "newest first");
    assert_eq!((&all["page_size"], &all["next_page_uri"]), (&json!(50), &Value::Null));
    let tomorrow = (Utc::now() + TimeDelta::days(1)).date_naive();
    let (_, late) = world.get(&format!("Messages.json?To={ana}&DateSent%3E={tomorrow}")).await;
    assert_eq!(sids(&late), vec![new.clone()]);
    let moment = encoded(&(Utc::now() + TimeDelta::hours(1)).format("%Y-%m-%dT%H:%M:%SZ").to_string());
    let (_, late) = world.get(&format!("Messages.json?From={}&DateSent>={moment}", encoded(SENDER))).await;
    assert_eq!(sids(&late).len(), 2);
    let (_, early) = world.get(&format!("Messages.json?DateSent<={tomorrow}")).await;
    assert_eq!(sids(&early), vec![old.clone()]);
    assert_eq!(world.get("Messages.json?DateSent%3E=ayer").await.0, 400);
    assert!(sids(&world.get("Messages.json?To=whatsapp%3A%2B51922222222").await.1).is_empty());

    let (_, first) = world.get(&format!("Messages.json?To={ana}&PageSize=1")).await;
    assert_eq!(sids(&first), [new]);
    let next = first["next_page_uri"].as_str().unwrap().split("/Messages").nth(1).unwrap();
    let (_, second) = world.get(&format!("Messages{next}")).await;
    assert_eq!((sids(&second), &second["next_page_uri"]), (vec![old], &Value::Null));
}

#[tokio::test]
async fn free_text_goes_out_within_a_day_of_her_last_word_only() {
    let world = World::start().await;
    let text = [("To", ANA), ("From", SENDER), ("Body", "Hola"), ("StatusCallback", STATUS_URL)];
    let send = async || {
        let (status, body) = world.send(&text).await;
        assert_eq!(status, 201);
        world.settle().await;
        world.twilio.message(body["sid"].as_str().unwrap()).unwrap()
    };
    let message = send().await;
    assert_eq!((message.status, message.error_code), (Status::Failed, Some(63_016)));
    world.twilio.customer(ANA).says("Hola").await;
    assert_eq!(send().await.status, Status::Read);
    world.twilio.advance(TimeDelta::hours(24));
    assert_eq!(send().await.error_code, Some(63_016));
    let hooks = world.hooks();
    assert_eq!((hooks[0].get("MessageStatus"), hooks[0].get("ErrorCode")), ("failed", "63016"));
}

#[tokio::test]
async fn what_a_template_lacks_fails_it_and_what_it_does_not_know_is_noted() {
    let world = World::start().await;
    let with = async |variables: &str| {
        let mut form = template_to(ANA);
        form[3] = ("ContentVariables", variables);
        let (_, body) = world.send(&form).await;
        world.settle().await;
        world.twilio.message(body["sid"].as_str().unwrap()).unwrap()
    };
    assert_eq!(with(r#"{"1":"Ana"}"#).await.error_code, Some(63_028));
    assert_eq!(with(&format!(r#"{{"1":"{}","2":"3"}}"#, "a".repeat(1_100))).await.error_code, Some(63_021));
    assert_eq!(with(r#"{"1":"Ana","2":"3","3":"x"}"#).await.status, Status::Read);
    assert_eq!(world.twilio.mistakes(), [format!("{TEMPLATE} has no variable 3")]);
    let mut rejected = Template::new(TEMPLATE, "Hola {{1}} {{2}}");
    rejected.fails_with = Some(63_013);
    world.twilio.add_template(rejected);
    assert_eq!(with(r#"{"1":"Ana","2":"3"}"#).await.error_code, Some(63_013));
}
