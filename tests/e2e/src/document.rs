use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::{Answer, Api};

/// The OpenAPI document that the platform serves, as a promise to be held to.
pub struct Document(Value);

/// One endpoint of it.
pub struct Endpoint {
    /// `GET`, `POST`, …
    pub method: String,
    /// `/api/v1/cards/{id}`.
    pub path: String,
    /// It answers without a token.
    pub is_public: bool,
    /// The names of the kinds of tokens that it takes.
    pub schemes: Vec<String>,
    /// The names of what may stand behind the `?`.
    pub query: Vec<String>,
    /// What its JSON body looks like, if it takes one.
    pub body: Option<Value>,
}

impl Document {
    /// Asks for it.
    pub async fn of(api: &Api) -> Self {
        Self(api.get("//api/openapi.json").send().await.ok(200))
    }

    /// Every endpoint there is.
    pub fn endpoints(&self) -> Vec<Endpoint> {
        let paths = self.0["paths"].as_object().expect("paths");
        let operations = paths.iter().flat_map(|(path, item)| {
            let methods = ["get", "post", "patch", "put", "delete"];
            methods.into_iter().filter_map(move |method| Some((method, path, item.get(method)?)))
        });
        operations.map(|(method, path, operation)| self.endpoint(method, path, operation)).collect()
    }

    fn endpoint(&self, method: &str, path: &str, operation: &Value) -> Endpoint {
        let parameters = operation["parameters"].as_array().into_iter().flatten();
        let ways = operation["security"].as_array().into_iter().flatten();
        let schemes = ways.filter_map(Value::as_object).flat_map(|way| way.keys().cloned());
        let of_query = parameters.filter(|parameter| parameter["in"] == "query");
        Endpoint {
            method: method.to_uppercase(),
            path: path.to_owned(),
            is_public: operation["security"].as_array().is_none_or(|ways| ways.contains(&json!({}))),
            schemes: schemes.collect(),
            query: of_query.filter_map(|parameter| Some(parameter["name"].as_str()?.to_owned())).collect(),
            body: operation
                .pointer("/requestBody/content/application~1json/schema")
                .map(|schema| self.sample(schema)),
        }
    }

    /// What is wrong about an answer of this endpoint, if anything is: a status or a type that the document does not
    /// name, or a body of another shape.
    pub fn fault(&self, method: &str, path: &str, answer: &Answer) -> Option<String> {
        let responses = &self.0["paths"][path][method.to_lowercase()]["responses"];
        let Some(response) = responses.get(answer.status().to_string()) else {
            return Some(format!("{} is no documented status", answer.status()));
        };
        let Some(contents) = response.get("content").and_then(Value::as_object) else {
            return (!answer.text().is_empty()).then(|| "a body where none is documented".to_owned());
        };
        let kind = answer.header("content-type").split(';').next().unwrap_or_default();
        let Some(content) = contents.get(kind) else {
            return Some(format!("`{kind}` is no documented type"));
        };
        if !kind.ends_with("json") {
            return None;
        }
        self.differs(&content["schema"], &answer.json(), "")
            .map(|fault| format!("not as documented: {fault}"))
    }

    fn resolved<'a>(&'a self, schema: &'a Value) -> &'a Value {
        match schema["$ref"].as_str() {
            Some(reference) => {
                let target = self.0.pointer(reference.trim_start_matches('#'));
                self.resolved(target.unwrap_or_else(|| panic!("{reference} leads nowhere")))
            }
            None => schema,
        }
    }

    /// How a value differs from its schema; `None` where it does not.
    fn differs(&self, schema: &Value, value: &Value, at: &str) -> Option<String> {
        let schema = self.resolved(schema);
        if let Some(choices) = schema["oneOf"].as_array() {
            let faults: Option<Vec<String>> =
                choices.iter().map(|choice| self.differs(choice, value, at)).collect();
            return faults.map(|faults| faults.join(" | "));
        }
        if let Some(parts) = schema["allOf"].as_array() {
            return parts.iter().find_map(|part| self.differs(part, value, at));
        }
        if !types(schema).iter().any(|kind| is_of_type(value, kind)) {
            return Some(format!("`{at}` is {value}, should be {}", schema["type"]));
        }
        if schema["enum"].as_array().is_some_and(|words| !words.contains(value)) {
            return Some(format!("`{at}` is {value}, should be one of {}", schema["enum"]));
        }
        let bounds = [("minimum", i64::MIN), ("maximum", i64::MAX)]
            .map(|(name, none)| schema[name].as_i64().unwrap_or(none));
        if value.as_i64().is_some_and(|number| !(bounds[0]..=bounds[1]).contains(&number)) {
            return Some(format!("`{at}` is {value}, out of {bounds:?}"));
        }
        match value {
            Value::String(text) => {
                is_malformed(schema, text).then(|| format!("`{at}` is {value}, no {}", schema["format"]))
            }
            Value::Array(items) => {
                let each = items.iter().enumerate();
                each.into_iter()
                    .find_map(|(index, item)| self.differs(&schema["items"], item, &format!("{at}[{index}]")))
            }
            Value::Object(fields) => self.object_differs(schema, fields, at),
            Value::Null | Value::Bool(_) | Value::Number(_) => None,
        }
    }

    fn object_differs(&self, schema: &Value, fields: &Map<String, Value>, at: &str) -> Option<String> {
        let required = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str);
        let missing = required.into_iter().find(|name| !fields.contains_key(*name));
        let of_fields = || {
            fields.iter().find_map(|(name, value)| {
                let schema = schema["properties"].get(name)?;
                self.differs(schema, value, &format!("{at}.{name}"))
            })
        };
        missing.map(|name| format!("`{at}.{name}` is missing")).or_else(of_fields)
    }

    /// A value that looks as the schema says.
    fn sample(&self, schema: &Value) -> Value {
        let schema = self.resolved(schema);
        if let Some(first) = schema["oneOf"].get(0).or_else(|| schema["enum"].get(0)) {
            return if schema["enum"].is_array() { first.clone() } else { self.sample(first) };
        }
        match types(schema).first().copied().unwrap_or_default() {
            "object" => {
                let properties = schema["properties"].as_object().into_iter().flatten();
                properties
                    .map(|(name, schema)| (name.clone(), self.sample(schema)))
                    .collect::<Map<_, _>>()
                    .into()
            }
            "array" => json!([self.sample(&schema["items"])]),
            "integer" | "number" => json!(1),
            "boolean" => json!(true),
            _ if schema["format"] == "uuid" => json!(Uuid::now_v7()),
            _ => json!("texto"),
        }
    }
}

fn types(schema: &Value) -> Vec<&str> {
    match &schema["type"] {
        Value::String(kind) => vec![kind],
        Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).collect(),
        _ => vec!["object", "array", "string", "number", "boolean", "null"],
    }
}

fn is_of_type(value: &Value, kind: &str) -> bool {
    match kind {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        _ => false,
    }
}

fn is_malformed(schema: &Value, text: &str) -> bool {
    match schema["format"].as_str().unwrap_or_default() {
        "uuid" => text.parse::<Uuid>().is_err(),
        "date-time" => text.parse::<chrono::DateTime<chrono::Utc>>().is_err(),
        "date" => text.parse::<chrono::NaiveDate>().is_err(),
        "uri" => !text.contains("://"),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document() -> Document {
        Document(json!({ "components": { "schemas": {
            "Card": {
                "type": "object", "required": ["id", "stamps"],
                "properties": {
                    "id": { "type": "string", "format": "uuid" },
                    "stamps": { "type": "integer", "minimum": 0 },
                    "seen_at": { "type": ["string", "null"], "format": "date-time" },
                },
            },
            "Cards": { "type": "array", "items": { "$ref": "#/components/schemas/Card" } },
            "Perhaps": { "oneOf": [{ "type": "null" }, { "$ref": "#/components/schemas/Card" }] },
            "State": { "type": "string", "enum": ["open", "redeemed"] },
        } } }))
    }

    fn differs(schema: &str, value: &Value) -> Option<String> {
        document().differs(&json!({ "$ref": format!("#/components/schemas/{schema}") }), value, "")
    }

    #[test]
    fn what_is_as_documented_does_not_differ() {
        let card = json!({ "id": Uuid::now_v7(), "stamps": 3, "seen_at": null });
        assert_eq!(differs("Cards", &json!([card])), None);
        assert_eq!(differs("Perhaps", &card).or(differs("Perhaps", &Value::Null)), None);
        assert_eq!(differs("State", &json!("open")), None);
        let sample = document().sample(&json!({ "$ref": "#/components/schemas/Cards" }));
        assert_eq!(sample[0]["stamps"], 1);
    }

    #[test]
    fn a_check_that_never_finds_anything_checks_nothing() {
        let id = Uuid::now_v7();
        for card in [
            json!({ "id": "42", "stamps": 3 }),
            json!({ "id": id }),
            json!({ "id": id, "stamps": -1 }),
            json!({ "id": id, "stamps": 1.5 }),
            json!({ "id": id, "stamps": 1, "seen_at": "yesterday" }),
            json!("card"),
        ] {
            assert!(differs("Cards", &json!([card])).is_some(), "{card}");
            assert!(differs("Perhaps", &card).is_some(), "{card}");
        }
        assert!(differs("State", &json!("void")).is_some());
    }
}
