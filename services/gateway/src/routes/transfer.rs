//! Customers in and out as CSV.
//!
//! An import is two things: enrollment makes the customers, then each row's stamps are carried over onto her card. The
//! operation id of a row's stamps is made from her card, so that a list sent twice carries over once.

use axum::extract::State;
use axum::response::Response;
use bytes::Bytes;
use futures::{StreamExt, stream};
use http::StatusCode;
use kernel::BusinessId;
use proto::{enrollment, stamping};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::customers::{Customer, MOST_A_PAGE};
use crate::auth::{Caller, Language};
use crate::csv::{self, Table};
use crate::error::{Refusal, Slug};
use crate::json::{Csv, Json, Query};
use crate::platform::{Platform, Shared};
use crate::texts;

/// Cards carried over at once.
const AT_ONCE: usize = 16;

pub(crate) fn api() -> OpenApiRouter<Shared> {
    OpenApiRouter::default().routes(routes!(import)).routes(routes!(export))
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ImportMode {
    /// Says what would happen, and does nothing.
    #[serde(default)]
    dry_run: Option<bool>,
}

/// What became of a list.
#[derive(Serialize, ToSchema)]
pub(crate) struct ImportReport {
    created: i32,
    known: i32,
    errors: i32,
    rows: Vec<ImportRow>,
}

#[derive(Serialize, ToSchema)]
struct ImportRow {
    line: i32,
    /// created, known or error.
    outcome: String,
    field: Option<String>,
    message: Option<String>,
}

/// Takes a list of customers with the stamps of their paper cards.
#[utoipa::path(
    post, path = "/api/v1/customers/import", tag = "enrollment", operation_id = "importCustomers",
    security(("bearer" = [])), params(ImportMode),
    request_body(content = String, content_type = "text/csv", description = "Columns name, phone, birthday, stamps"),
    responses((status = 200, description = "What became of each row", body = ImportReport),
        (status = 409, description = "There is no program to carry stamps over to"))
)]
pub(crate) async fn import(
    State(platform): State<Shared>,
    caller: Caller,
    language: Language,
    Query(mode): Query<ImportMode>,
    Csv(csv): Csv,
) -> Result<Json<ImportReport>, Refusal> {
    let dry_run = mode.dry_run.unwrap_or_default();
    let business = caller.business()?;
    let question = caller.request(enrollment::ImportCustomersRequest { csv, dry_run });
    let answer = platform.customers().import_customers(question).await?.into_inner();
    let (created, known, errors) = (answer.created, answer.known, answer.errors);
    let rows: Vec<(ImportRow, bool)> = stream::iter(answer.rows)
        .map(|row| platform.carried_over(&caller, business, row, dry_run, language))
        .buffered(AT_ONCE)
        .collect()
        .await;
    // A row whose customer was made but whose stamps were not carried over is counted as an error as well.
    let failed = i32::try_from(rows.iter().filter(|(_, failed)| *failed).count()).unwrap_or(i32::MAX);
    let rows = rows.into_iter().map(|(row, _)| row).collect();
    Ok(Json(ImportReport { created, known, errors: errors.saturating_add(failed), rows }))
}

impl Platform {
    /// Opens the card of a row and carries its stamps over; true where that failed.
    async fn carried_over(
        &self,
        caller: &Caller,
        business: BusinessId,
        row: enrollment::ImportRow,
        dry_run: bool,
        language: Language,
    ) -> (ImportRow, bool) {
        let has_card = !dry_run && !row.card_id.is_empty();
        let carried = if has_card { self.carry_over(caller, business, &row).await } else { Ok(()) };
        let reason = (!row.message.is_empty())
            .then(|| texts::detail(Slug::Invalid, Some(&row.message), language.0).to_owned());
        match carried {
            Ok(()) => {
                let field = crate::wire::some(row.field);
                (ImportRow { line: row.line, outcome: row.outcome, field, message: reason }, false)
            }
            Err(refusal) => {
                let message = refusal.detail(language.0).to_owned();
                let field = Some("stamps".to_owned());
                (ImportRow { line: row.line, outcome: "error".into(), field, message: Some(message) }, true)
            }
        }
    }

    async fn carry_over(
        &self,
        caller: &Caller,
        business: BusinessId,
        row: &enrollment::ImportRow,
    ) -> Result<(), Refusal> {
        let question = stamping::OpenCardRequest {
            business_id: business.to_string(),
            customer_id: row.customer_id.clone(),
            card_id: row.card_id.clone(),
            program_id: String::new(),
        };
        let opened = self.stamping().open_card(self.identity.request(question).await?).await?.into_inner();
        if row.stamps == 0 {
            return Ok(());
        }
        let card_id = opened.card.map_or_else(|| row.card_id.clone(), |card| card.card_id);
        let question = stamping::AddStampsRequest {
            operation_id: operation_of(&card_id).to_string(),
            target: Some(stamping::add_stamps_request::Target::CardId(card_id)),
            count: row.stamps,
            kind: "import".into(),
            ..Default::default()
        };
        self.stamping().add_stamps(caller.request(question)).await?;
        Ok(())
    }
}

/// The one operation that carries a paper card over onto this card.
fn operation_of(card_id: &str) -> Uuid {
    let digest = Sha256::digest(format!("sello import {card_id}"));
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest[..16]);
    uuid::Builder::from_custom_bytes(bytes).into_uuid()
}

const COLUMNS: [&str; 10] = [
    "id",
    "name",
    "phone",
    "birthday",
    "language",
    "marketing",
    "created_at",
    "stamps",
    "total",
    "last_stamp_at",
];

/// All customers with the counters of their first card, as CSV.
#[utoipa::path(
    get, path = "/api/v1/customers/export", tag = "enrollment", operation_id = "exportCustomers",
    security(("bearer" = [])),
    responses((status = 200, description = "One row a customer", body = String, content_type = "text/csv"))
)]
pub(crate) async fn export(State(platform): State<Shared>, caller: Caller) -> Result<Response, Refusal> {
    if !caller.principal().is_at_least(kernel::Role::Manager) {
        return Err(Refusal::new(Slug::Forbidden));
    }
    // The first page is asked for before the answer begins, so that a refusal is still a refusal.
    let (rows, next) = page(&platform, &caller, String::new()).await?;
    let mut head = Table::new(&COLUMNS).into_bytes();
    head.extend(rows);
    let rest = stream::try_unfold(next, move |cursor| {
        let (platform, caller) = (platform.clone(), caller.clone());
        async move {
            let Some(cursor) = cursor else { return Ok(None) };
            match page(&platform, &caller, cursor).await {
                Ok((rows, next)) => Ok(Some((Bytes::from(rows), next))),
                // The status is out already; a body cut short tells the client.
                Err(refusal) => Err(std::io::Error::other(refusal.slug.as_str())),
            }
        }
    });
    let body = stream::once(async { Ok(Bytes::from(head)) }).chain(rest);
    Ok(csv::download(StatusCode::OK, "clientes.csv", axum::body::Body::from_stream(body)))
}

async fn page(
    platform: &Platform,
    caller: &Caller,
    cursor: String,
) -> Result<(Vec<u8>, Option<String>), Refusal> {
    let question = enrollment::ListCustomersRequest { search: String::new(), limit: MOST_A_PAGE, cursor };
    let page = platform.customer_page(caller, question).await?;
    let mut table = Table::default();
    for customer in page.items {
        table.row(row(customer));
    }
    Ok((table.into_bytes(), page.next_cursor))
}

fn row(customer: Customer) -> [String; COLUMNS.len()] {
    let time = |at: Option<chrono::DateTime<chrono::Utc>>| at.map(|at| at.to_rfc3339()).unwrap_or_default();
    let card = customer.cards.unwrap_or_default().into_iter().next();
    let (stamps, total, last) = card.map_or_else(
        || (String::new(), String::new(), None),
        |card| (card.stamps.to_string(), card.total.to_string(), card.last_stamp_at),
    );
    [
        customer.id,
        customer.name,
        customer.phone.unwrap_or_default(),
        customer.birthday.unwrap_or_default(),
        customer.language,
        customer.marketing,
        time(customer.created_at),
        stamps,
        total,
        time(last),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_card_is_carried_over_by_one_operation_only() {
        assert_eq!(operation_of("a"), operation_of("a"));
        assert_ne!(operation_of("a"), operation_of("b"));
    }
}
