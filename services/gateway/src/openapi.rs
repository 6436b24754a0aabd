//! The OpenAPI document. Routes say what is particular to them; what follows from their shape (a body can be too large, a
//! token can be refused) is added here, once, so that no route can forget it.

use utoipa::PartialSchema;
use utoipa::openapi::path::{Operation, ParameterIn, PathItem};
use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{
    ContentBuilder, HeaderBuilder, Info, License, ObjectBuilder, OpenApi, Ref, RefOr, Response, Type,
};

use crate::error::ProblemBody;

/// The name of [`ProblemBody`] in the document.
const PROBLEM: &str = "Problem";

const DESCRIPTION: &str = "Stamp cards for small businesses. JSON in snake_case, times in RFC 3339 UTC, ids as bare UUIDs, \
    lists by cursor, refusals as `application/problem+json` with a stable `type` and a sentence in the caller's language \
    (`Accept-Language: es` or `en`). Each operation names the service that owns it.";

/// Completes the document of the routes.
pub(crate) fn complete(mut api: OpenApi) -> OpenApi {
    let mut info = Info::new("Sello", env!("CARGO_PKG_VERSION"));
    info.description = Some(DESCRIPTION.to_owned());
    let mut license = License::new("Apache-2.0");
    license.identifier = Some("Apache-2.0".to_owned());
    info.license = Some(license);
    api.info = info;
    let components = api.components.get_or_insert_default();
    components.schemas.insert(PROBLEM.to_owned(), ProblemBody::schema());
    for (name, scheme) in schemes() {
        components.security_schemes.insert(name.to_owned(), scheme.into());
    }
    for item in api.paths.paths.values_mut() {
        operations(item).for_each(complete_operation);
    }
    api
}

fn schemes() -> [(&'static str, SecurityScheme); 4] {
    let scheme = |scheme: &str, what: &str| {
        let value = ApiKeyValue::with_description("Authorization", &format!("`{scheme} <token>`: {what}"));
        SecurityScheme::ApiKey(ApiKey::Header(value))
    };
    let bearer = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .bearer_format("JWT")
        .description(Some("A member's access token; ten minutes"));
    [
        ("bearer", SecurityScheme::Http(bearer.build())),
        ("card", scheme("Card", "a card's holder token, on its customer's phone")),
        ("device", scheme("Device", "a paired till's device token")),
        ("api_key", scheme("ApiKey", "the key of a shop's own system; does what a manager does")),
    ]
}

/// The operations of a path that have one.
pub(crate) fn operations(item: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    [&mut item.get, &mut item.post, &mut item.patch, &mut item.put, &mut item.delete].into_iter().flatten()
}

fn complete_operation(operation: &mut Operation) {
    let service = operation.tags.as_ref().and_then(|tags| tags.first()).cloned().unwrap_or_default();
    let description = operation.description.take().map(|text| format!("{text}\n\n")).unwrap_or_default();
    operation.description = Some(format!("{description}Owned by `{service}`."));
    let is_protected = operation.security.as_ref().is_some_and(|security| !security.is_empty());
    let has_body = operation.request_body.is_some();
    let parameters = operation.parameters.as_deref().unwrap_or_default();
    let in_path = parameters.iter().any(|parameter| is_in(parameter, &ParameterIn::Path));
    let in_query = parameters.iter().any(|parameter| is_in(parameter, &ParameterIn::Query));
    let follows = [
        (is_protected, "401", "No token, or one that is refused"),
        (is_protected, "403", "The caller may not"),
        (in_path, "404", "Not there, or another business's"),
        (has_body || in_query, "400", "What came cannot be read"),
        (has_body, "413", "The body is too large"),
        (has_body, "415", "The body is of another type"),
        (has_body || !parameters.is_empty(), "422", "A field is wrong"),
        (true, "429", "Too many requests, or too many wrong tries"),
        (true, "500", "Our fault"),
        (true, "503", "A service is away or busy; try again in a moment"),
    ];
    for (applies, status, description) in follows {
        if applies {
            let responses = &mut operation.responses.responses;
            responses.entry(status.to_owned()).or_insert_with(|| RefOr::T(Response::new(description)));
        }
    }
    for (status, response) in &mut operation.responses.responses {
        let RefOr::T(response) = response else { continue };
        if status.starts_with(['4', '5']) {
            tell_problem(response);
        }
        if matches!(status.as_str(), "429" | "503") {
            let seconds = ObjectBuilder::new().schema_type(Type::Integer);
            let header = HeaderBuilder::new().schema(Some(seconds)).description(Some("Seconds")).build();
            response.headers.insert("Retry-After".to_owned(), header.into());
        }
    }
}

fn is_in(parameter: &RefOr<utoipa::openapi::path::Parameter>, place: &ParameterIn) -> bool {
    matches!(parameter, RefOr::T(parameter) if parameter.parameter_in == *place)
}

fn tell_problem(response: &mut Response) {
    let schema = Ref::from_schema_name(PROBLEM);
    response.content.insert(
        "application/problem+json".to_owned(),
        ContentBuilder::new().schema(Some(schema)).build().into(),
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document() -> OpenApi {
        complete(crate::routes::api().into_openapi())
    }

    #[test]
    fn every_operation_names_its_owner_and_documents_its_refusals() {
        let mut api = document();
        let mut ids = std::collections::HashSet::new();
        for (path, item) in &mut api.paths.paths {
            for operation in operations(item) {
                let id = operation.operation_id.clone().unwrap();
                assert!(ids.insert(id.clone()), "{id} twice");
                assert!(operation.description.as_ref().unwrap().contains("Owned by `"), "{path}");
                for status in ["429", "500", "503"] {
                    assert!(operation.responses.responses.contains_key(status), "{path} {status}");
                }
            }
        }
        assert!(ids.len() > 50, "{}", ids.len());
    }

    #[test]
    fn the_document_refers_to_nothing_it_does_not_hold() {
        let text = document().to_json().unwrap();
        let value: serde_json::Value = serde_json::from_str(&text).unwrap();
        for reference in text.split("\"$ref\":\"#").skip(1) {
            let pointer = reference.split('"').next().unwrap();
            assert!(value.pointer(pointer).is_some(), "{pointer}");
        }
    }

    #[test]
    fn every_schema_name_stands_for_one_type() {
        // Two types of one name would silently overwrite each other in the document.
        let routes = concat!(env!("CARGO_MANIFEST_DIR"), "/src/routes");
        let mut names = std::collections::HashSet::new();
        for file in std::fs::read_dir(routes).unwrap() {
            let text = std::fs::read_to_string(file.unwrap().path()).unwrap();
            for told in text.split("ToSchema)]").skip(1) {
                let mut words =
                    told.split_whitespace().skip_while(|word| !matches!(*word, "struct" | "enum"));
                let name = words.nth(1).unwrap().trim_end_matches(['{', ';']);
                assert!(names.insert(name.to_owned()), "{name} twice");
            }
        }
        assert!(names.len() > 50);
    }
}
