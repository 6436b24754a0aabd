use std::collections::BTreeSet;

use serde_json::Value;

use super::content::Texts;
use super::{Broken, text};

/// The groups of fields that a style may have.
const GROUPS: [&str; 6] =
    ["headerFields", "primaryFields", "secondaryFields", "auxiliaryFields", "footerFields", "backFields"];

/// Checks the fields of one style.
pub(super) fn check(style: &str, groups: &Value, texts: &Texts) -> Result<(), Broken> {
    let mut keys = BTreeSet::new();
    for group in GROUPS {
        for field in fields(groups, group) {
            let key = text(field, "key");
            if key.is_empty() || field.get("value").is_none() || !keys.insert(key) {
                return Err(Broken::Field { style: style.into(), key: key.into() });
            }
            let fixed = group == "primaryFields" || group == "backFields";
            if fixed && field.get("textAlignment").is_some() {
                return Err(Broken::Alignment(key.into()));
            }
            if field.get("numberStyle").is_some() && field.get("currencyCode").is_some() {
                return Err(Broken::NumberAndCurrency(key.into()));
            }
            check_message(field, texts)?;
        }
    }
    check_limits(style, groups)
}

/// What is shown in place of the message has a place for the value: its text in each language, or itself.
fn check_message(field: &Value, texts: &Texts) -> Result<(), Broken> {
    let Some(message) = field.get("changeMessage") else {
        return Ok(());
    };
    let message = message.as_str().unwrap_or_default();
    let untranslated = texts.is_empty() || texts.iter().any(|texts| !texts.contains_key(message));
    let translated = texts.iter().filter_map(|texts| texts.get(message)).map(String::as_str);
    let mut shown = translated.chain(untranslated.then_some(message));
    match shown.find(|shown| !shown.contains("%@")) {
        Some(shown) => Err(Broken::ChangeMessage { key: text(field, "key").into(), message: shown.into() }),
        None => Ok(()),
    }
}

fn check_limits(style: &str, groups: &Value) -> Result<(), Broken> {
    let count = |names: &[&str]| names.iter().map(|group| fields(groups, group).len()).sum::<usize>();
    let limits: &[(&'static str, usize, &[&str])] = match style {
        "storeCard" => &[
            ("header fields", 3, &["headerFields"]),
            ("primary fields", 1, &["primaryFields"]),
            ("secondary and auxiliary fields", 4, &["secondaryFields", "auxiliaryFields"]),
        ],
        "posterGeneric" => &[
            ("header fields", 1, &["headerFields"]),
            ("primary fields", 4, &["primaryFields"]),
            ("footer fields", 1, &["footerFields"]),
            ("secondary and auxiliary fields", 0, &["secondaryFields", "auxiliaryFields"]),
        ],
        _ => &[],
    };
    for (group, most, names) in limits {
        let given = count(names);
        if given > *most {
            return Err(Broken::TooManyFields { style: style.into(), group, most: *most, given });
        }
    }
    Ok(())
}

fn fields<'a>(groups: &'a Value, group: &str) -> &'a [Value] {
    groups.get(group).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}
