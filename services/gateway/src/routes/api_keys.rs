//! Keys of a shop's own systems.

use axum::extract::State;
use chrono::{DateTime, Utc};
use http::StatusCode;
use kernel::ApiKeyId;
use proto::enrollment as wire;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::auth::Caller;
use crate::error::Refusal;
use crate::json::{Id, Json};
use crate::platform::Shared;
use crate::wire::{Listing, present, time};

/// A key, without its secret.
#[derive(Serialize, ToSchema)]
pub(crate) struct ApiKey {
    #[schema(value_type = Uuid)]
    id: String,
    name: String,
    /// The first characters, to tell keys apart.
    prefix: String,
    created_at: Option<DateTime<Utc>>,
    last_used_at: Option<DateTime<Utc>>,
}

impl From<wire::ApiKey> for ApiKey {
    fn from(key: wire::ApiKey) -> Self {
        Self {
            id: key.api_key_id,
            name: key.name,
            prefix: key.prefix,
            created_at: time(key.created_at),
            last_used_at: time(key.last_used_at),
        }
    }
}

/// The keys.
#[utoipa::path(
    get, path = "/api/v1/api-keys", tag = "enrollment", operation_id = "listApiKeys", security(("bearer" = [])),
    responses((status = 200, description = "All of them", body = Listing<ApiKey>))
)]
pub(crate) async fn list(
    State(platform): State<Shared>,
    caller: Caller,
) -> Result<Json<Listing<ApiKey>>, Refusal> {
    let answer = platform.business().list_api_keys(caller.request(wire::ListApiKeysRequest {})).await?;
    Ok(Json(Listing::whole(answer.into_inner().api_keys)))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewApiKey {
    name: String,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct CreatedApiKey {
    #[serde(flatten)]
    key: ApiKey,
    /// Goes into `Authorization: ApiKey …`; shown once.
    secret: String,
}

/// Makes a key.
#[utoipa::path(
    post, path = "/api/v1/api-keys", tag = "enrollment", operation_id = "createApiKey", security(("bearer" = [])),
    request_body = NewApiKey,
    responses((status = 201, description = "The key with its secret", body = CreatedApiKey),
        (status = 409, description = "The name is taken"))
)]
pub(crate) async fn create(
    State(platform): State<Shared>,
    caller: Caller,
    Json(body): Json<NewApiKey>,
) -> Result<(StatusCode, Json<CreatedApiKey>), Refusal> {
    let question = wire::CreateApiKeyRequest { name: body.name };
    let answer = platform.business().create_api_key(caller.request(question)).await?.into_inner();
    let created = CreatedApiKey { key: present(answer.api_key)?.into(), secret: answer.secret };
    Ok((StatusCode::CREATED, Json(created)))
}

/// Revokes a key. It may go on working for up to a minute.
#[utoipa::path(
    delete, path = "/api/v1/api-keys/{id}", tag = "enrollment", operation_id = "deleteApiKey",
    security(("bearer" = [])), params(("id" = Uuid, Path, description = "The key")),
    responses((status = 204, description = "Revoked"))
)]
pub(crate) async fn delete(
    State(platform): State<Shared>,
    caller: Caller,
    Id(key): Id<ApiKeyId>,
) -> Result<StatusCode, Refusal> {
    let question = wire::DeleteApiKeyRequest { api_key_id: key.to_string() };
    platform.business().delete_api_key(caller.request(question)).await?;
    Ok(StatusCode::NO_CONTENT)
}
