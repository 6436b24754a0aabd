//! The reading page of the API: the document as plain HTML, made once, without a script.

use std::fmt::Write;

use utoipa::openapi::path::{Operation, PathItem};
use utoipa::openapi::{OpenApi, RefOr};

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
    for service in ["enrollment", "stamping", "analytics", "gateway"] {
        let _ = write!(html, "<h2>{service}</h2>");
        for (path, item) in &api.paths.paths {
            for (method, operation) in methods(item) {
                if operation.tags.as_ref().is_some_and(|tags| tags.iter().any(|tag| tag == service)) {
                    write_operation(&mut html, method, path, operation);
                }
            }
        }
    }
    html
}

fn methods(item: &PathItem) -> impl Iterator<Item = (&'static str, &Operation)> {
    let all = [("GET", &item.get), ("POST", &item.post), ("PATCH", &item.patch), ("DELETE", &item.delete)];
    all.into_iter().filter_map(|(method, operation)| Some((method, operation.as_ref()?)))
}

fn write_operation(html: &mut String, method: &str, path: &str, operation: &Operation) {
    let _ = write!(html, "<h3><b>{method}</b> <code>{}</code></h3>", escaped(path));
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
    for (status, response) in &operation.responses.responses {
        if let RefOr::T(response) = response {
            row(html, &escaped(status), Some(&response.description));
        }
    }
    html.push_str("</table>");
}

fn row(html: &mut String, head: &str, text: Option<&str>) {
    let _ = write!(html, "<tr><td>{head}<td>{}", escaped(text.unwrap_or_default()));
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
