//! Texts that WhatsApp has to approve, as the operator writes them down: a JSON file with one, or with a list of them.

use anyhow::{Context, bail};
use proto::messaging::{Template, Variable};
use serde::Deserialize;
use serde_json::Value;

/// The name of what is piped in.
const PIPED: &str = "-";

/// One of them.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    name: String,
    language: String,
    category: String,
    /// With `{{1}}`, `{{2}}` where variables go.
    body: String,
    #[serde(default)]
    variables: Vec<WrittenVariable>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenVariable {
    name: String,
    sample: String,
}

impl From<Written> for Template {
    fn from(written: Written) -> Self {
        let variable = |one: WrittenVariable| Variable { name: one.name, sample: one.sample };
        Self {
            name: written.name,
            language: written.language,
            category: written.category,
            body: written.body,
            variables: written.variables.into_iter().map(variable).collect(),
            status: "pending".to_owned(),
            ..Default::default()
        }
    }
}

/// Reads a file, or what is piped in.
pub(super) fn read(file: &str) -> anyhow::Result<Vec<Template>> {
    let text =
        if file == PIPED { std::io::read_to_string(std::io::stdin()) } else { std::fs::read_to_string(file) };
    parse(&text.with_context(|| format!("{file} cannot be read"))?).with_context(|| file.to_owned())
}

fn parse(text: &str) -> anyhow::Result<Vec<Template>> {
    let written: Vec<Written> = match serde_json::from_str::<Value>(text).context("this is not JSON")? {
        Value::Array(several) if several.is_empty() => bail!("there is no template in it"),
        Value::Array(several) => several
            .into_iter()
            .enumerate()
            .map(|(at, one)| {
                serde_json::from_value::<Written>(one).with_context(|| format!("template {}", at + 1))
            })
            .collect::<anyhow::Result<_>>()?,
        one => vec![serde_json::from_value(one)?],
    };
    Ok(written.into_iter().map(Template::from).collect())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn tuesday() -> Value {
        json!({
            "name": "tuesday", "language": "es", "category": "marketing",
            "body": "Hola {{1}}, los martes hay doble sello. Responde BAJA y no te escribimos más.",
            "variables": [{ "name": "first_name", "sample": "Ana" }],
        })
    }

    #[test]
    fn a_file_holds_one_or_several_and_each_waits_for_approval() {
        let one = parse(&tuesday().to_string()).unwrap();
        assert_eq!((one.len(), one[0].name.as_str(), one[0].status.as_str()), (1, "tuesday", "pending"));
        assert_eq!(one[0].variables, [Variable { name: "first_name".into(), sample: "Ana".into() }]);
        let mut english = tuesday();
        english["language"] = "en".into();
        assert_eq!(parse(&json!([tuesday(), english]).to_string()).unwrap().len(), 2);
    }

    #[test]
    fn what_is_missing_or_not_known_is_named() {
        let mut without = tuesday();
        without.as_object_mut().unwrap().remove("body");
        let mut approved = tuesday();
        approved["status"] = "approved".into();
        let refused = |text: String| format!("{:#}", parse(&text).unwrap_err());
        assert!(
            refused(json!([tuesday(), without]).to_string()).starts_with("template 2: missing field `body`")
        );
        assert!(refused(approved.to_string()).starts_with("unknown field `status`"));
        assert!(refused("[]".into()).contains("no template"));
        assert!(refused("name: tuesday".into()).starts_with("this is not JSON"));
        assert!(read("/no/such/file.json").unwrap_err().to_string().contains("cannot be read"));
    }
}
