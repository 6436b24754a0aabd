use std::collections::BTreeMap;

use serde::Serialize;

use super::refusal::Refusal;

/// The longest a template may become once it is filled in.
const LONGEST_CHARS: usize = 1_024;

/// Something to press below a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Button {
    /// What stands on it.
    pub text: String,
    /// What is told when it is pressed.
    pub payload: String,
}

/// A content template, approved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template {
    /// `HX…` and 32 hexadecimal digits.
    pub sid: String,
    /// With `{{1}}` where variables go.
    pub body: String,
    /// Quick replies below it.
    pub buttons: Vec<Button>,
    /// With what every message of it fails: 63013 where it was rejected, 63027 where it is gone, …
    pub fails_with: Option<u32>,
}

impl Template {
    /// A template without buttons.
    pub fn new(sid: impl Into<String>, body: impl Into<String>) -> Self {
        Self { sid: sid.into(), body: body.into(), buttons: Vec::new(), fails_with: None }
    }

    /// With one more button below it.
    pub fn button(mut self, text: impl Into<String>, payload: impl Into<String>) -> Self {
        self.buttons.push(Button { text: text.into(), payload: payload.into() });
        self
    }

    /// The names between double braces, in the order in which they stand.
    pub(super) fn placeholders(&self) -> Vec<&str> {
        self.body.split("{{").skip(1).filter_map(|rest| Some(rest.split_once("}}")?.0.trim())).collect()
    }

    /// The text with its variables in place, and what will be wrong with it when it is sent.
    pub(super) fn fill(&self, variables: &BTreeMap<String, String>) -> (String, Option<u32>) {
        let mut text = String::with_capacity(self.body.len());
        let mut is_complete = true;
        let mut parts = self.body.split("{{");
        text.push_str(parts.next().unwrap_or_default());
        for part in parts {
            let Some((name, rest)) = part.split_once("}}") else { continue };
            match variables.get(name.trim()) {
                Some(value) => text.push_str(value),
                None => is_complete = false,
            }
            text.push_str(rest);
        }
        let fault = if !is_complete {
            Some(63_028)
        } else if text.chars().count() > LONGEST_CHARS {
            Some(63_021)
        } else {
            self.fails_with
        };
        (text, fault)
    }
}

/// `ContentVariables`: a JSON object of texts that are not empty, on one line, without long gaps (Twilio, error 21656).
pub(super) fn variables(text: &str) -> Result<BTreeMap<String, String>, Refusal> {
    let refuse = || Refusal::bad(21_656, "The ContentVariables Parameter is invalid");
    let variables: BTreeMap<String, String> = serde_json::from_str(text).map_err(|_| refuse())?;
    let is_good = |value: &String| {
        !value.trim().is_empty() && !value.contains(['\n', '\r', '\t']) && !value.contains("     ")
    };
    if variables.values().all(is_good) { Ok(variables) } else { Err(refuse()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn a_template_is_filled_and_says_what_it_lacks() {
        let template = Template::new("HX", "Hola {{1}}, te faltan {{ 2 }} sellos. {{1}}!");
        assert_eq!(template.placeholders(), ["1", "2", "1"]);
        let filled = template.fill(&with(&[("1", "Ana"), ("2", "3")]));
        assert_eq!(filled, ("Hola Ana, te faltan 3 sellos. Ana!".to_owned(), None));
        assert_eq!(template.fill(&with(&[("1", "Ana")])).1, Some(63_028));
        assert_eq!(template.fill(&with(&[("1", &"a".repeat(600)), ("2", "3")])).1, Some(63_021));
    }

    #[test]
    fn variables_are_an_object_of_one_line_texts() {
        assert_eq!(variables(r#"{"1":"Ana"}"#).unwrap(), with(&[("1", "Ana")]));
        for bad in [
            "",
            "[]",
            "{\"1\":3}",
            "{\"1\":null}",
            "{\"1\":\"\"}",
            "{\"1\":\"a\\nb\"}",
            "{\"1\":\"a     b\"}",
        ] {
            assert_eq!(variables(bad).unwrap_err().code, 21_656, "{bad}");
        }
    }
}
