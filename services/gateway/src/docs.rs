//! The reading page of the API: the document as plain HTML, made once, without a script.

use std::collections::BTreeMap;
use std::fmt::Write;

use utoipa::openapi::path::{Operation, PathItem};
use utoipa::openapi::{OpenApi, Ref, RefOr, Schema};

use crate::apology::escaped;

const STYLE: &str = "body{font:16px/1.5 system-ui,sans-serif;max-width:68ch;margin:2rem auto;padding:0 1rem;\
    color-scheme:light dark}code{font-size:.95em}h2{margin-top:3rem}h3{margin:2rem 0 .25rem;font-size:1rem}\
    h3 b{display:inline-block;min-width:4.5em}table{border-collapse:collapse;width:100%}td{padding:.15rem .75rem .15rem 0;\
    vertical-align:top}td:first-child{white-space:nowrap}";

/// The page.
pub(crate) fn page(api: &OpenApi) -> String {
    let mut html = String::from("<!doctype html><html lang=\"en\"><meta charset=\"utf-8\">");
    html.push_str("<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\"><title>Sello API</title><style>");
    html.push_str(STYLE);
    html.push_str("</style><h1>Sello API</h1><p>");
    html.push_str(&escaped(api.info.description.as_deref().unwrap_or_default()));
    html.push_str("</p><p>For machines: <a href=\"/api/openapi.json\">openapi.json</a></p>");
    let mut services: BTreeMap<&str, String> = BTreeMap::new();
    for (path, item) in &api.paths.paths {
        for (method, operation) in methods(item) {
            for tag in operation.tags.iter().flatten() {
                let of_service = services.entry(tag).or_default();
                write_operation(of_service, api, method, path, operation);
            }
        }
    }
    for (service, operations) in services {
        let _ = write!(html, "<h2>{}</h2>{operations}", escaped(service));
    }
    html
}

fn methods(item: &PathItem) -> impl Iterator<Item = (&'static str, &Operation)> {
    let all = [
        ("GET", &item.get),
        ("POST", &item.post),
        ("PUT", &item.put),
        ("PATCH", &item.patch),
        ("DELETE", &item.delete),
    ];
    all.into_iter().filter_map(|(method, operation)| Some((method, operation.as_ref()?)))
}

fn write_operation(html: &mut String, api: &OpenApi, method: &str, path: &str, operation: &Operation) {
    let id = escaped(operation.operation_id.as_deref().unwrap_or_default());
    let _ = write!(html, "<h3 id=\"{id}\"><b>{method}</b> <code>{}</code></h3>", escaped(path));
    let _ = write!(html, "<p>{}</p><table>", escaped(operation.summary.as_deref().unwrap_or_default()));
    for parameter in operation.parameters.iter().flatten() {
        if let RefOr::T(parameter) = parameter {
            row(
                html,
                &format!("<code>{}</code>", escaped(&parameter.name)),
                parameter.description.as_deref(),
            );
        }
    }
    if let Some(RefOr::T(body)) = &operation.request_body {
        for content in body.content.values() {
            if let RefOr::T(content) = content {
                write_fields(html, api, content.schema.as_ref());
            }
        }
    }
    for (status, response) in &operation.responses.responses {
        if let RefOr::T(response) = response {
            row(html, &escaped(status), Some(&response.description));
        }
    }
    html.push_str("</table>");
}

/// The fields of a body, as far as it is an object of ours.
fn write_fields(html: &mut String, api: &OpenApi, schema: Option<&RefOr<Schema>>) {
    let named = |reference: &Ref| {
        let name = reference.ref_location.rsplit('/').next()?;
        match api.components.as_ref()?.schemas.get(name)? {
            RefOr::T(schema) => Some(schema),
            RefOr::Ref(_) => None,
        }
    };
    let schema = match schema {
        Some(RefOr::T(schema)) => Some(schema),
        Some(RefOr::Ref(reference)) => named(reference),
        None => None,
    };
    let Some(Schema::Object(object)) = schema else { return };
    for (name, field) in &object.properties {
        let description = match field {
            RefOr::T(Schema::Object(field)) => field.description.as_deref(),
            RefOr::T(Schema::Array(field)) => field.description.as_deref(),
            RefOr::Ref(field) => Some(field.description.as_str()),
            RefOr::T(_) => None,
        };
        let need = if object.required.contains(name) { ", required" } else { "" };
        row(html, &format!("body <code>{}</code>{need}", escaped(name)), description);
    }
}

fn row(html: &mut String, head: &str, text: Option<&str>) {
    let _ = write!(html, "<tr><td>{head}<td>{}", escaped(text.unwrap_or_default()));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_operation_and_every_field_of_a_body_is_on_the_page() {
        let api = crate::openapi::complete(crate::routes::api().into_openapi());
        let page = page(&api);
        for (path, item) in &api.paths.paths {
            for (method, operation) in methods(item) {
                let id = operation.operation_id.as_deref().unwrap();
                assert!(page.contains(&format!("<h3 id=\"{id}\">")), "{method} {path}");
            }
        }
        for field in ["stamps_required", "channel_policy"] {
            assert!(page.contains(&format!("body <code>{field}</code>")), "{field}");
        }
    }
}
