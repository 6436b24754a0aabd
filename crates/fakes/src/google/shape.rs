use serde_json::{Map, Value};

/// What a value must look like.
pub(super) enum Kind {
    /// A string.
    Text,
    /// An integer of 32 bits; never a string.
    Int,
    /// An integer of 64 bits, which JSON may carry as a string.
    Long,
    /// Any number.
    Double,
    /// True or false.
    Bool,
    /// An `https` address. Plain `http` is taken for this machine alone, where such fakes live.
    Link,
    /// `#rrggbb`.
    Colour,
    /// Hexadecimal digits, an even number of them.
    Hex,
    /// One of these words.
    OneOf(&'static [&'static str]),
    /// An object with no other fields than these.
    Object(&'static [Field]),
    /// At most so many of a kind.
    List(&'static Kind, usize),
    /// An object that is not looked into.
    Anything,
}

/// A field of an object.
pub(super) struct Field {
    name: &'static str,
    kind: Kind,
    required: bool,
}

/// A field that may be left out.
pub(super) const fn field(name: &'static str, kind: Kind) -> Field {
    Field { name, kind, required: false }
}

/// A field that must be there.
pub(super) const fn required(name: &'static str, kind: Kind) -> Field {
    Field { name, kind, required: true }
}

/// Whether what is checked is a whole resource, or only the part of it that is to change.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Extent {
    Whole,
    Part,
}

/// The first thing wrong with `value`, as Google would say it.
pub(super) fn check(value: &Value, fields: &[Field], extent: Extent) -> Result<(), String> {
    let Value::Object(object) = value else {
        return Err("Invalid JSON payload received. The body is not an object.".into());
    };
    check_object(object, fields, extent, "")
}

fn check_object(
    object: &Map<String, Value>,
    fields: &[Field],
    extent: Extent,
    path: &str,
) -> Result<(), String> {
    for (name, value) in object {
        let Some(field) = fields.iter().find(|field| field.name == name) else {
            return Err(format!(
                "Invalid JSON payload received. Unknown name \"{name}\"{}: Cannot find field.",
                if path.is_empty() { String::new() } else { format!(" at '{path}'") }
            ));
        };
        let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
        // A field that is null is a field that is taken away.
        if !value.is_null() {
            check_value(value, &field.kind, extent, &path)?;
        }
    }
    let missing = |field: &&Field| field.required && object.get(field.name).is_none_or(Value::is_null);
    match fields.iter().find(missing) {
        Some(field) if extent == Extent::Whole => {
            let path = if path.is_empty() { field.name.into() } else { format!("{path}.{}", field.name) };
            Err(format!("Invalid resource: {path} is required."))
        }
        _ => Ok(()),
    }
}

fn check_value(value: &Value, kind: &Kind, extent: Extent, path: &str) -> Result<(), String> {
    let holds = match kind {
        Kind::Text => value.is_string(),
        Kind::Int => value.as_i64().is_some_and(|number| i32::try_from(number).is_ok()),
        Kind::Long => value.is_i64() || value.as_str().is_some_and(|text| text.parse::<i64>().is_ok()),
        Kind::Double => value.is_number(),
        Kind::Bool => value.is_boolean(),
        Kind::Link => value.as_str().is_some_and(is_link),
        Kind::Colour => value.as_str().is_some_and(is_colour),
        Kind::Hex => value.as_str().is_some_and(|text| !text.is_empty() && hex::decode(text).is_ok()),
        Kind::OneOf(words) => value.as_str().is_some_and(|word| words.contains(&word)),
        Kind::Anything => value.is_object(),
        Kind::Object(fields) => {
            let Value::Object(object) = value else { return Err(invalid(value, path)) };
            return check_object(object, fields, extent, path);
        }
        Kind::List(kind, most) => {
            let Value::Array(values) = value else { return Err(invalid(value, path)) };
            if values.len() > *most {
                return Err(format!("Invalid resource: {path} may hold at most {most} values."));
            }
            // A list is replaced as a whole, so what is in it must be whole.
            return values
                .iter()
                .enumerate()
                .try_for_each(|(n, value)| check_value(value, kind, Extent::Whole, &format!("{path}[{n}]")));
        }
    };
    if holds { Ok(()) } else { Err(invalid(value, path)) }
}

fn invalid(value: &Value, path: &str) -> String {
    format!("Invalid value at '{path}': {value}")
}

fn is_link(text: &str) -> bool {
    reqwest::Url::parse(text).is_ok_and(|url| match url.scheme() {
        "https" => true,
        "http" => matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]")),
        _ => false,
    })
}

fn is_colour(text: &str) -> bool {
    text.strip_prefix('#')
        .is_some_and(|digits| digits.len() == 6 && digits.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const POINT: &[Field] = &[required("x", Kind::Int), field("link", Kind::Link)];
    const SHAPE: &[Field] = &[
        required("id", Kind::Text),
        field("point", Kind::Object(POINT)),
        field("points", Kind::List(&Kind::Object(POINT), 2)),
        field("long", Kind::Long),
        field("colour", Kind::Colour),
        field("word", Kind::OneOf(&["A", "B"])),
    ];

    #[test]
    fn what_fits_is_taken() {
        let whole = json!({
            "id": "a", "point": { "x": 1, "link": "https://sello.pe" }, "points": [{ "x": 2 }], "long": "30000",
            "colour": "#00aAff", "word": "A",
        });
        assert_eq!(check(&whole, SHAPE, Extent::Whole), Ok(()));
        assert_eq!(check(&json!({ "word": "B", "point": { "x": null } }), SHAPE, Extent::Part), Ok(()));
    }

    #[test]
    fn what_does_not_fit_is_named() {
        for (value, said) in [
            (json!({}), "id is required"),
            (json!({ "id": "a", "ide": 1 }), "Unknown name \"ide\""),
            (json!({ "id": "a", "point": {} }), "point.x is required"),
            (json!({ "id": "a", "point": { "x": "1" } }), "Invalid value at 'point.x'"),
            (json!({ "id": "a", "point": { "x": 1, "y": 1 } }), "Unknown name \"y\" at 'point'"),
            (json!({ "id": "a", "points": [{ "x": 1 }, { "x": 1 }, { "x": 1 }] }), "at most 2"),
            (json!({ "id": "a", "points": [{}] }), "points[0].x is required"),
            (json!({ "id": "a", "point": { "x": 1, "link": "http://sello.pe" } }), "point.link"),
            (json!({ "id": "a", "colour": "red" }), "Invalid value at 'colour'"),
            (json!({ "id": "a", "word": "C" }), "Invalid value at 'word'"),
            (json!([]), "not an object"),
        ] {
            let refused = check(&value, SHAPE, Extent::Whole).unwrap_err();
            assert!(refused.contains(said), "{value} was refused with: {refused}");
        }
    }
}
