//! The customers of a business.

use std::collections::HashMap;

use axum::extract::State;
use chrono::{DateTime, Utc};
use http::StatusCode;
use kernel::CustomerId;
use proto::{analytics, enrollment, stamping};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::cards::{Card, Entry, Reward};
use crate::auth::Caller;
use crate::edge::PublicUrl;
use crate::error::{Refusal, Slug};
use crate::json::{Id, Json, OptionalJson, Query, cleared_or_set};
use crate::platform::{Platform, Shared};
use crate::wire::{Page, present, some, time};

/// Most customers of one page, by stamping's own rule.
pub(crate) const MOST_A_PAGE: i32 = 200;
/// Entries of one page when everything is read.
const LEDGER_PAGE: i32 = 100;
/// Pages read for one export: 20,000 entries, more than any customer has.
const MOST_LEDGER_PAGES: usize = 200;

/// A person as this business knows her. Stampers see a first name and the last three digits.
#[derive(Serialize, ToSchema)]
pub(crate) struct Customer {
    #[schema(value_type = Uuid)]
    pub(crate) id: String,
    pub(crate) name: String,
    /// E.164, or the last three digits; null once erased.
    pub(crate) phone: Option<String>,
    pub(crate) language: String,
    /// `YYYY-MM-DD`.
    pub(crate) birthday: Option<String>,
    /// granted, pending, revoked or no.
    pub(crate) marketing: String,
    pub(crate) source: String,
    pub(crate) created_at: Option<DateTime<Utc>>,
    erased: bool,
    referral_code: Option<String>,
    /// Her cards, where the answer tells them.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub(crate) cards: Option<Vec<Card>>,
}

impl Customer {
    fn with_cards(customer: enrollment::Customer, cards: Vec<stamping::Card>) -> Self {
        Self { cards: Some(cards.into_iter().map(Card::from).collect()), ..customer.into() }
    }
}

impl From<enrollment::Customer> for Customer {
    fn from(customer: enrollment::Customer) -> Self {
        Self {
            id: customer.customer_id,
            name: customer.name,
            phone: some(customer.phone),
            language: customer.language,
            birthday: some(customer.birthday),
            marketing: customer.marketing,
            source: customer.source,
            created_at: time(customer.created_at),
            erased: customer.erased,
            referral_code: some(customer.referral_code),
            cards: None,
        }
    }
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct CustomerSearch {
    /// A part of the name or the phone; stampers must give at least three characters.
    #[serde(default)]
    search: Option<String>,
    /// `active`, `at_risk`, `lost` or `new` by their visits, or `reward_open`; not together with `search`.
    #[serde(default)]
    segment: Option<String>,
    #[serde(default)]
    limit: Option<i32>,
    #[serde(default)]
    cursor: Option<String>,
}

/// A page of customers.
#[derive(Serialize, ToSchema)]
pub(crate) struct CustomerPage {
    pub(crate) items: Vec<Customer>,
    pub(crate) next_cursor: Option<String>,
    /// Of all pages.
    total: i64,
}

/// The customers, with their cards.
#[utoipa::path(
    get, path = "/api/v1/customers", tag = "enrollment", operation_id = "listCustomers",
    security(("bearer" = []), ("api_key" = [])), params(CustomerSearch),
    responses((status = 200, description = "A page", body = CustomerPage))
)]
pub(crate) async fn list(
    State(platform): State<Shared>,
    caller: Caller,
    Query(query): Query<CustomerSearch>,
) -> Result<Json<CustomerPage>, Refusal> {
    if query.limit.is_some_and(|limit| !(1..=MOST_A_PAGE).contains(&limit)) {
        return Err(Refusal::invalid("limit", "out_of_range"));
    }
    let (search, limit) = (query.search.unwrap_or_default(), query.limit.unwrap_or_default());
    let cursor = query.cursor.unwrap_or_default();
    match query.segment {
        Some(_) if !search.is_empty() => Err(Refusal::invalid("search", "not_with_segment")),
        Some(segment) => platform.segment_page(&caller, segment, limit, cursor).await.map(Json),
        None => {
            let question = enrollment::ListCustomersRequest { search, limit, cursor };
            platform.customer_page(&caller, question).await.map(Json)
        }
    }
}

impl Platform {
    /// A page of customers from enrollment, with their cards from stamping.
    pub(crate) async fn customer_page(
        &self,
        caller: &Caller,
        question: enrollment::ListCustomersRequest,
    ) -> Result<CustomerPage, Refusal> {
        let page = self.customers().list_customers(caller.request(question)).await?.into_inner();
        Ok(CustomerPage {
            items: self.with_cards(caller, page.customers).await?,
            next_cursor: some(page.next_cursor),
            total: page.total,
        })
    }

    /// A page of a segment: whom analytics or stamping chose, as enrollment knows them, with their cards.
    async fn segment_page(
        &self,
        caller: &Caller,
        segment: String,
        limit: i32,
        cursor: String,
    ) -> Result<CustomerPage, Refusal> {
        let (customer_ids, next_cursor, total) = if segment == "reward_open" {
            let question = stamping::ListRewardHoldersRequest { limit, cursor };
            let page = self.stamping().list_reward_holders(caller.request(question)).await?.into_inner();
            (page.customer_ids, page.next_cursor, page.total)
        } else {
            let question = analytics::ListSegmentRequest { segment, limit, cursor };
            let page = self.analytics().list_segment(caller.request(question)).await?.into_inner();
            (page.customer_ids, page.next_cursor, page.total)
        };
        let question = enrollment::GetCustomersRequest { customer_ids };
        let found = self.customers().get_customers(caller.request(question)).await?.into_inner();
        Ok(CustomerPage {
            items: self.with_cards(caller, found.customers).await?,
            next_cursor: some(next_cursor),
            total,
        })
    }

    async fn with_cards(
        &self,
        caller: &Caller,
        customers: Vec<enrollment::Customer>,
    ) -> Result<Vec<Customer>, Refusal> {
        let customer_ids: Vec<String> =
            customers.iter().map(|customer| customer.customer_id.clone()).collect();
        let mut cards: HashMap<String, Vec<stamping::Card>> = HashMap::with_capacity(customer_ids.len());
        if !customer_ids.is_empty() {
            let question = caller.request(stamping::GetCardStatesRequest { customer_ids });
            for card in self.stamping().get_card_states(question).await?.into_inner().cards {
                cards.entry(card.customer_id.clone()).or_default().push(card);
            }
        }
        let with_cards = |customer: enrollment::Customer| {
            let held = cards.remove(&customer.customer_id).unwrap_or_default();
            Customer::with_cards(customer, held)
        };
        Ok(customers.into_iter().map(with_cards).collect())
    }

    async fn cards_of(
        &self,
        caller: &Caller,
        customer: CustomerId,
    ) -> Result<stamping::ListCardsResponse, Refusal> {
        let question = stamping::ListCardsRequest { customer_id: customer.to_string(), ..Default::default() };
        Ok(self.stamping().list_cards(caller.request(question)).await?.into_inner())
    }

    async fn customer(&self, caller: &Caller, customer: CustomerId) -> Result<enrollment::Customer, Refusal> {
        let question = enrollment::GetCustomerRequest { customer_id: customer.to_string() };
        let answer = self.customers().get_customer(caller.request(question)).await?;
        present(answer.into_inner().customer)
    }

    async fn ledger_page(
        &self,
        caller: &Caller,
        customer: CustomerId,
        limit: i32,
        cursor: String,
    ) -> Result<stamping::ListLedgerResponse, Refusal> {
        let question = stamping::ListLedgerRequest { customer_id: customer.to_string(), limit, cursor };
        Ok(self.stamping().list_ledger(caller.request(question)).await?.into_inner())
    }
}

/// One customer, with her cards.
#[utoipa::path(
    get, path = "/api/v1/customers/{id}", tag = "enrollment", operation_id = "getCustomer",
    security(("bearer" = []), ("api_key" = [])), params(("id" = Uuid, Path, description = "The customer")),
    responses((status = 200, description = "The customer", body = Customer))
)]
pub(crate) async fn get(
    State(platform): State<Shared>,
    caller: Caller,
    Id(customer): Id<CustomerId>,
) -> Result<Json<Customer>, Refusal> {
    let person = platform.customer(&caller, customer);
    let (person, held) = tokio::try_join!(person, platform.cards_of(&caller, customer))?;
    Ok(Json(Customer::with_cards(person, held.cards)))
}

/// What changes; absent fields stay.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CustomerChange {
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    phone: Option<String>,
    /// Null clears it.
    #[serde(default, deserialize_with = "cleared_or_set")]
    #[schema(value_type = Option<String>)]
    birthday: Option<Option<String>>,
    #[serde(default)]
    language: Option<String>,
}

/// Corrects a customer.
#[utoipa::path(
    patch, path = "/api/v1/customers/{id}", tag = "enrollment", operation_id = "updateCustomer",
    security(("bearer" = [])), params(("id" = Uuid, Path, description = "The customer")), request_body = CustomerChange,
    responses((status = 200, description = "The customer as she is now", body = Customer),
        (status = 409, description = "The number is another customer's"))
)]
pub(crate) async fn update(
    State(platform): State<Shared>,
    caller: Caller,
    Id(customer): Id<CustomerId>,
    Json(body): Json<CustomerChange>,
) -> Result<Json<Customer>, Refusal> {
    let question = enrollment::UpdateCustomerRequest {
        customer_id: customer.to_string(),
        name: body.name,
        phone: body.phone,
        birthday: body.birthday.map(Option::unwrap_or_default),
        language: body.language,
    };
    let answer = platform.customers().update_customer(caller.request(question)).await?;
    forget_name(&platform, &caller, customer);
    Ok(Json(present(answer.into_inner().customer)?.into()))
}

fn forget_name(platform: &Platform, caller: &Caller, customer: CustomerId) {
    if let Ok(business) = caller.business() {
        platform.names.forget(business, customer);
    }
}

/// Erases a customer: every service forgets the person; the ledger stays, without her.
#[utoipa::path(
    delete, path = "/api/v1/customers/{id}", tag = "enrollment", operation_id = "eraseCustomer",
    security(("bearer" = [])), params(("id" = Uuid, Path, description = "The customer")),
    responses((status = 204, description = "Erased"))
)]
pub(crate) async fn erase(
    State(platform): State<Shared>,
    caller: Caller,
    Id(customer): Id<CustomerId>,
) -> Result<StatusCode, Refusal> {
    let question = enrollment::EraseCustomerRequest { customer_id: customer.to_string() };
    platform.customers().erase_customer(caller.request(question)).await?;
    forget_name(&platform, &caller, customer);
    Ok(StatusCode::NO_CONTENT)
}

/// What happened on a customer's cards.
#[derive(Serialize, ToSchema)]
pub(crate) struct LedgerPage {
    /// Newest first.
    items: Vec<Entry>,
    rewards: Vec<Reward>,
    next_cursor: Option<String>,
}

/// What happened on a customer's cards, newest first.
#[utoipa::path(
    get, path = "/api/v1/customers/{id}/ledger", tag = "stamping", operation_id = "listLedger",
    security(("bearer" = []), ("api_key" = [])), params(("id" = Uuid, Path, description = "The customer"), Page),
    responses((status = 200, description = "A page", body = LedgerPage))
)]
pub(crate) async fn ledger(
    State(platform): State<Shared>,
    caller: Caller,
    Id(customer): Id<CustomerId>,
    Query(page): Query<Page>,
) -> Result<Json<LedgerPage>, Refusal> {
    let (limit, cursor) = (page.limit.unwrap_or_default(), page.cursor.unwrap_or_default());
    // A customer without a card and another business's customer have the same empty ledger; enrollment tells them apart.
    let page = platform.ledger_page(&caller, customer, limit, cursor);
    let (_, answer) = tokio::try_join!(platform.customer(&caller, customer), page)?;
    Ok(Json(LedgerPage {
        items: answer.entries.into_iter().map(Entry::from).collect(),
        rewards: answer.rewards.into_iter().map(Reward::from).collect(),
        next_cursor: some(answer.next_cursor),
    }))
}

/// Everything kept about one customer.
#[derive(Serialize, ToSchema)]
pub(crate) struct CustomerExport {
    /// The person: name, phone, consents with every version of their texts.
    person: serde_json::Value,
    cards: Vec<Card>,
    rewards: Vec<Reward>,
    /// Newest first.
    ledger: Vec<Entry>,
}

/// Everything kept about one customer.
#[utoipa::path(
    get, path = "/api/v1/customers/{id}/export", tag = "enrollment", operation_id = "exportCustomer",
    security(("bearer" = [])), params(("id" = Uuid, Path, description = "The customer")),
    responses((status = 200, description = "All of it", body = CustomerExport))
)]
pub(crate) async fn export(
    State(platform): State<Shared>,
    caller: Caller,
    Id(customer): Id<CustomerId>,
) -> Result<Json<CustomerExport>, Refusal> {
    let question = enrollment::ExportCustomerRequest { customer_id: customer.to_string() };
    let person = platform.customers().export_customer(caller.request(question)).await?.into_inner();
    let held = platform.cards_of(&caller, customer).await?;
    let (mut ledger, mut cursor) = (Vec::new(), String::new());
    for _ in 0..MOST_LEDGER_PAGES {
        let page = platform.ledger_page(&caller, customer, LEDGER_PAGE, cursor).await?;
        ledger.extend(page.entries.into_iter().map(Entry::from));
        cursor = page.next_cursor;
        if cursor.is_empty() {
            break;
        }
    }
    let person = serde_json::from_str(&person.json).map_err(|error| {
        tracing::error!(%error, "enrollment's export is not JSON");
        Refusal::new(Slug::Internal)
    })?;
    Ok(Json(CustomerExport {
        person,
        cards: held.cards.into_iter().map(Card::from).collect(),
        rewards: held.rewards.into_iter().map(Reward::from).collect(),
        ledger,
    }))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Merge {
    /// Is gone afterwards; every stamp of hers is kept.
    from_customer_id: Uuid,
}

/// Makes one customer of two.
#[utoipa::path(
    post, path = "/api/v1/customers/{id}/merge", tag = "enrollment", operation_id = "mergeCustomers",
    security(("bearer" = [])), params(("id" = Uuid, Path, description = "The customer who stays")), request_body = Merge,
    responses((status = 200, description = "The customer who stays", body = Customer),
        (status = 409, description = "They cannot become one"))
)]
pub(crate) async fn merge(
    State(platform): State<Shared>,
    caller: Caller,
    Id(customer): Id<CustomerId>,
    Json(body): Json<Merge>,
) -> Result<Json<Customer>, Refusal> {
    let question = enrollment::MergeCustomersRequest {
        into_customer_id: customer.to_string(),
        from_customer_id: body.from_customer_id.to_string(),
    };
    let answer = platform.customers().merge_customers(caller.request(question)).await?;
    Ok(Json(present(answer.into_inner().customer)?.into()))
}

#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewLink {
    /// Absent: her oldest card.
    #[serde(default)]
    card_id: Option<Uuid>,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct Link {
    /// One use; to be shown as a QR.
    #[schema(format = "uri")]
    link_url: String,
    expires_at: Option<DateTime<Utc>>,
}

/// Makes a one-use link that opens a customer's card on the phone that scans it.
#[utoipa::path(
    post, path = "/api/v1/customers/{id}/link", tag = "enrollment", operation_id = "createCardLink",
    security(("bearer" = [])), params(("id" = Uuid, Path, description = "The customer")), request_body = Option<NewLink>,
    responses((status = 201, description = "The link", body = Link))
)]
pub(crate) async fn create_link(
    State(platform): State<Shared>,
    caller: Caller,
    PublicUrl(public_url): PublicUrl,
    Id(customer): Id<CustomerId>,
    OptionalJson(body): OptionalJson<NewLink>,
) -> Result<(StatusCode, Json<Link>), Refusal> {
    let card = match body.card_id {
        Some(card) => card.to_string(),
        None => {
            let held = platform.cards_of(&caller, customer).await?.cards;
            let oldest = held.into_iter().min_by_key(|card| card.opened_at.map(|at| (at.seconds, at.nanos)));
            oldest.ok_or_else(|| Refusal::new(Slug::NotFound))?.card_id
        }
    };
    let question = enrollment::CreateCardLinkRequest {
        customer_id: customer.to_string(),
        card_id: card.clone(),
        ..Default::default()
    };
    let answer = platform.customers().create_card_link(caller.request(question)).await?.into_inner();
    let link_url = format!("{public_url}/t/{card}#link={}", answer.link_token);
    Ok((StatusCode::CREATED, Json(Link { link_url, expires_at: time(answer.expires_at) })))
}
