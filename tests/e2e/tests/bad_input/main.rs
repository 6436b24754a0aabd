//! Whatever comes in is done or refused by its field: never a 5xx, and never a trace in the books.

mod bodies;
mod fields;
mod paths;
mod proofs;

use e2e::{Call, Customer, Shop, Till, key};
use serde_json::{Value, json};

/// A shop at work, and what a hand that means no good needs to know of it.
struct Scene {
    shop: Shop,
    till: Till,
    ana: Customer,
    /// Another business's customer.
    foreign: Customer,
    stamp: String,
}

/// What a refusal must say.
struct Refused {
    status: u16,
    slug: &'static str,
    field: &'static str,
    reason: &'static str,
}

fn invalid(field: &'static str, reason: &'static str) -> Refused {
    Refused { status: 422, slug: "invalid", field, reason }
}

fn malformed(reason: &'static str) -> Refused {
    Refused { status: 400, slug: "malformed", field: "", reason }
}

fn refused(status: u16, slug: &'static str) -> Refused {
    Refused { status, slug, field: "*", reason: "*" }
}

impl Scene {
    async fn set(world: &e2e::World) -> Self {
        let shop = Shop::open(world).await;
        let till = Till::open(&shop).await;
        let (ana, foreign) =
            (shop.enroll("Ana Flores").await, Shop::open(world).await.enroll("Sol Vega").await);
        let scan = till.scan(&ana.code).await;
        let stamped = till.stamp(&scan, key()).send().await.ok(201);
        let stamp = stamped["stamp_id"].as_str().expect("a stamp").to_owned();
        Self { shop, till, ana, foreign, stamp }
    }

    /// Everything of the shop that a bad request must leave as it is.
    async fn state(&self) -> Value {
        let mut state = json!(self.shop.everything().await);
        state["ledger"] = self.shop.ledger(&self.ana.id).await.into();
        state["card"] = self.shop.card_as_it_stands(&self.ana).await;
        state
    }

    /// Sends each bad request; all are refused as they must be, and nothing has changed.
    async fn refuses(&self, cases: Vec<(Call, Refused)>) {
        let before = self.state().await;
        let mut wrong = Vec::new();
        for (call, expected) in cases {
            let answer = call.send().await;
            if answer.status() >= 500 || answer.header("content-type") != "application/problem+json" {
                wrong.push(format!("{answer}\n    is no refusal at all"));
                continue;
            }
            let problem = answer.problem();
            let Refused { status, slug, field, reason } = expected;
            let fits = |found: &str, wanted: &str| wanted == "*" || found == wanted;
            let is_right = (answer.status(), problem.slug()) == (status, slug)
                && fits(problem.field(), field)
                && fits(problem.reason(), reason);
            if !is_right {
                wrong.push(format!("{answer}\n    should be {status} {slug} `{field}` {reason}"));
            }
        }
        let after = self.state().await;
        assert!(wrong.is_empty(), "{} answers are not as they must be:\n{}", wrong.len(), wrong.join("\n"));
        assert_eq!(before, after, "a refused request has changed something");
    }

    fn stamp(&self, body: Value) -> Call {
        self.shop.post("/stamps").key(key()).json(&body)
    }

    fn enroll(&self, change: Value) -> Call {
        let mut form = self.shop.form("Eva Ríos", &e2e::phone());
        for (field, value) in change.as_object().expect("an object") {
            match value {
                Value::String(word) if word == "(absent)" => {
                    form.as_object_mut().expect("an object").remove(field);
                }
                value => form[field] = value.clone(),
            }
        }
        self.shop.api.post("/enrollments").json(&form)
    }

    fn program(&self, change: Value) -> Call {
        let mut program =
            json!({ "name": "Otro", "stamps_required": 5, "rewards": [{ "at": 5, "title": "Postre" }] });
        for (field, value) in change.as_object().expect("an object") {
            program[field] = value.clone();
        }
        self.shop.post("/programs").json(&program)
    }
}
