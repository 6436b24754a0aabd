//! The business and its shops.

use axum::extract::State;
use chrono::{DateTime, Utc};
use http::StatusCode;
use kernel::LocationId;
use proto::enrollment as wire;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::auth::Caller;
use crate::error::Refusal;
use crate::json::{Id, Json, cleared_or_set};
use crate::platform::Shared;
use crate::wire::{Listing, present, some, time};

/// A business: one shop or chain.
#[derive(Serialize, ToSchema)]
pub(crate) struct Business {
    #[schema(value_type = Uuid)]
    id: String,
    slug: String,
    name: String,
    /// IANA zone: `America/Lima`.
    time_zone: String,
    /// `es` or `en`.
    language: String,
    /// Peru's taxpayer number.
    ruc: Option<String>,
    created_at: Option<DateTime<Utc>>,
}

impl From<wire::Business> for Business {
    fn from(business: wire::Business) -> Self {
        Self {
            id: business.business_id,
            slug: business.slug,
            name: business.name,
            time_zone: business.time_zone,
            language: business.language,
            ruc: some(business.ruc),
            created_at: time(business.created_at),
        }
    }
}

/// The caller's business.
#[utoipa::path(
    get, path = "/api/v1/business", tag = "enrollment", operation_id = "getBusiness",
    security(("bearer" = []), ("card" = []), ("api_key" = [])),
    responses((status = 200, description = "The business", body = Business))
)]
pub(crate) async fn get(State(platform): State<Shared>, caller: Caller) -> Result<Json<Business>, Refusal> {
    let answer =
        platform.business().get_business(caller.request(wire::GetBusinessRequest::default())).await?;
    Ok(Json(present(answer.into_inner().business)?.into()))
}

/// What changes; absent fields stay.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct BusinessChange {
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    slug: Option<String>,
    #[serde(default)]
    time_zone: Option<String>,
    #[serde(default)]
    language: Option<String>,
    /// Null clears it.
    #[serde(default, deserialize_with = "cleared_or_set")]
    #[schema(value_type = Option<String>)]
    ruc: Option<Option<String>>,
}

/// Changes the business.
#[utoipa::path(
    patch, path = "/api/v1/business", tag = "enrollment", operation_id = "updateBusiness", security(("bearer" = [])),
    request_body = BusinessChange,
    responses((status = 200, description = "The business as it is now", body = Business),
        (status = 409, description = "The slug is taken"))
)]
pub(crate) async fn update(
    State(platform): State<Shared>,
    caller: Caller,
    Json(body): Json<BusinessChange>,
) -> Result<Json<Business>, Refusal> {
    let question = wire::UpdateBusinessRequest {
        name: body.name,
        slug: body.slug,
        time_zone: body.time_zone,
        language: body.language,
        ruc: body.ruc.map(Option::unwrap_or_default),
    };
    let answer = platform.business().update_business(caller.request(question)).await?;
    Ok(Json(present(answer.into_inner().business)?.into()))
}

/// One shop of a business.
#[derive(Serialize, ToSchema)]
pub(crate) struct Location {
    #[schema(value_type = Uuid)]
    id: String,
    name: String,
    address: Option<String>,
}

impl From<wire::Location> for Location {
    fn from(location: wire::Location) -> Self {
        Self { id: location.location_id, name: location.name, address: some(location.address) }
    }
}

/// The shops of the business.
#[utoipa::path(
    get, path = "/api/v1/locations", tag = "enrollment", operation_id = "listLocations", security(("bearer" = []), ("api_key" = [])),
    responses((status = 200, description = "All of them", body = Listing<Location>))
)]
pub(crate) async fn list_locations(
    State(platform): State<Shared>,
    caller: Caller,
) -> Result<Json<Listing<Location>>, Refusal> {
    let answer = platform.business().list_locations(caller.request(wire::ListLocationsRequest {})).await?;
    Ok(Json(Listing::whole(answer.into_inner().locations)))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewLocation {
    name: String,
    #[serde(default)]
    address: Option<String>,
}

/// Adds a shop.
#[utoipa::path(
    post, path = "/api/v1/locations", tag = "enrollment", operation_id = "createLocation", security(("bearer" = [])),
    request_body = NewLocation,
    responses((status = 201, description = "The new shop", body = Location),
        (status = 409, description = "The name is taken"))
)]
pub(crate) async fn create_location(
    State(platform): State<Shared>,
    caller: Caller,
    Json(body): Json<NewLocation>,
) -> Result<(StatusCode, Json<Location>), Refusal> {
    let question = wire::CreateLocationRequest { name: body.name, address: body.address.unwrap_or_default() };
    let answer = platform.business().create_location(caller.request(question)).await?;
    Ok((StatusCode::CREATED, Json(present(answer.into_inner().location)?.into())))
}

/// What changes; absent fields stay.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct LocationChange {
    #[serde(default)]
    name: Option<String>,
    /// Null clears it.
    #[serde(default, deserialize_with = "cleared_or_set")]
    #[schema(value_type = Option<String>)]
    address: Option<Option<String>>,
}

/// Corrects a shop.
#[utoipa::path(
    patch, path = "/api/v1/locations/{id}", tag = "enrollment", operation_id = "updateLocation",
    security(("bearer" = [])), params(("id" = Uuid, Path, description = "The shop")), request_body = LocationChange,
    responses((status = 200, description = "The shop as it is now", body = Location))
)]
pub(crate) async fn update_location(
    State(platform): State<Shared>,
    caller: Caller,
    Id(location): Id<LocationId>,
    Json(body): Json<LocationChange>,
) -> Result<Json<Location>, Refusal> {
    let question = wire::UpdateLocationRequest {
        location_id: location.to_string(),
        name: body.name,
        address: body.address.map(Option::unwrap_or_default),
    };
    let answer = platform.business().update_location(caller.request(question)).await?;
    Ok(Json(present(answer.into_inner().location)?.into()))
}
