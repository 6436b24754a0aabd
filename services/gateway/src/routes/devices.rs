//! Tills: pairing them, and what a paired one shows before anyone signs in.

use axum::extract::State;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use http::StatusCode;
use kernel::DeviceId;
use proto::{enrollment as wire, stamping};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::business::{Business, Location};
use super::programs::Program;
use crate::auth::{Caller, DeviceToken, Language};
use crate::edge::PublicUrl;
use crate::error::Refusal;
use crate::json::{Id, Json, OptionalJson};
use crate::platform::Shared;
use crate::wire::{Listing, id_or_empty, present, some, time};

/// A phone or tablet paired with a business for its till.
#[derive(Serialize, ToSchema)]
pub(crate) struct Device {
    #[schema(value_type = Uuid)]
    id: String,
    name: String,
    #[schema(value_type = Option<Uuid>)]
    location_id: Option<String>,
    paired_at: Option<DateTime<Utc>>,
    last_seen_at: Option<DateTime<Utc>>,
}

impl From<wire::Device> for Device {
    fn from(device: wire::Device) -> Self {
        Self {
            id: device.device_id,
            name: device.name,
            location_id: some(device.location_id),
            paired_at: time(device.paired_at),
            last_seen_at: time(device.last_seen_at),
        }
    }
}

/// The paired tills.
#[utoipa::path(
    get, path = "/api/v1/devices", tag = "enrollment", operation_id = "listDevices", security(("bearer" = [])),
    responses((status = 200, description = "All of them", body = Listing<Device>))
)]
pub(crate) async fn list(
    State(platform): State<Shared>,
    caller: Caller,
) -> Result<Json<Listing<Device>>, Refusal> {
    let answer = platform.business().list_devices(caller.request(wire::ListDevicesRequest {})).await?;
    Ok(Json(Listing::whole(answer.into_inner().devices)))
}

#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewPairing {
    /// Where the till stands.
    #[serde(default)]
    location_id: Option<Uuid>,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct Pairing {
    /// One use, ten minutes.
    pairing_code: String,
    expires_at: Option<DateTime<Utc>>,
    /// To be shown as a QR.
    #[schema(format = "uri")]
    pair_url: String,
}

/// Makes a one-use code that pairs a till.
#[utoipa::path(
    post, path = "/api/v1/devices", tag = "enrollment", operation_id = "createPairing", security(("bearer" = [])),
    request_body = Option<NewPairing>,
    responses((status = 201, description = "The code", body = Pairing),
        (status = 404, description = "There is no such location"))
)]
pub(crate) async fn create_pairing(
    State(platform): State<Shared>,
    caller: Caller,
    PublicUrl(public_url): PublicUrl,
    OptionalJson(body): OptionalJson<NewPairing>,
) -> Result<(StatusCode, Json<Pairing>), Refusal> {
    let question = wire::CreatePairingRequest { location_id: id_or_empty(body.location_id) };
    let answer = platform.business().create_pairing(caller.request(question)).await?.into_inner();
    let pairing = Pairing {
        pair_url: format!("{public_url}/caja#par={}", answer.pairing_code),
        pairing_code: answer.pairing_code,
        expires_at: time(answer.expires_at),
    };
    Ok((StatusCode::CREATED, Json(pairing)))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Pair {
    pairing_code: String,
    name: String,
    /// The key the till signs its offline queue with: P-256, uncompressed point, base64url. Absent for a till that
    /// never works offline.
    #[serde(default)]
    public_key: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct Paired {
    /// Goes into `Authorization: Device …`; kept on the till.
    device_token: String,
    #[schema(value_type = Uuid)]
    device_id: String,
    business: Business,
}

/// Pairs this phone or tablet as a till.
#[utoipa::path(
    post, path = "/api/v1/devices/pair", tag = "enrollment", operation_id = "pairDevice", request_body = Pair,
    responses((status = 201, description = "Paired", body = Paired),
        (status = 401, description = "The code is wrong, used, or has ended"),
        (status = 404, description = "There is no such code"))
)]
pub(crate) async fn pair(
    State(platform): State<Shared>,
    language: Language,
    Json(body): Json<Pair>,
) -> Result<(StatusCode, Json<Paired>), Refusal> {
    let question = wire::PairDeviceRequest {
        pairing_code: body.pairing_code,
        name: body.name,
        public_key: bytes_of("public_key", &body.public_key.unwrap_or_default())?,
    };
    let answer = platform.business().pair_device(language.request(question)).await?.into_inner();
    let paired = Paired {
        device_token: answer.device_token,
        device_id: answer.device_id,
        business: present(answer.business)?.into(),
    };
    Ok((StatusCode::CREATED, Json(paired)))
}

/// Reads base64url, padded or not.
pub(crate) fn bytes_of(field: &str, text: &str) -> Result<Vec<u8>, Refusal> {
    URL_SAFE_NO_PAD.decode(text.trim_end_matches('=')).map_err(|_| Refusal::invalid(field, "not_base64"))
}

/// Unpairs a till.
#[utoipa::path(
    delete, path = "/api/v1/devices/{id}", tag = "enrollment", operation_id = "deleteDevice",
    security(("bearer" = [])), params(("id" = Uuid, Path, description = "The device")),
    responses((status = 204, description = "Unpaired"))
)]
pub(crate) async fn delete(
    State(platform): State<Shared>,
    caller: Caller,
    Id(device): Id<DeviceId>,
) -> Result<StatusCode, Refusal> {
    let question = wire::DeleteDeviceRequest { device_id: device.to_string() };
    platform.business().delete_device(caller.request(question)).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Serialize, ToSchema)]
pub(crate) struct Till {
    device: TillDevice,
    business: Business,
    /// Null for a till that stands nowhere in particular.
    location: Option<Location>,
    /// Who may enter a PIN.
    members: Vec<TillMember>,
    /// The active programs, oldest first.
    programs: Vec<Program>,
}

#[derive(Serialize, ToSchema)]
struct TillDevice {
    #[schema(value_type = Uuid)]
    id: String,
    name: String,
}

#[derive(Serialize, ToSchema)]
struct TillMember {
    #[schema(value_type = Uuid)]
    id: String,
    name: String,
}

/// What a paired till shows before anyone signs in.
#[utoipa::path(
    get, path = "/api/v1/till", tag = "enrollment", operation_id = "getTill", security(("device" = [])),
    responses((status = 200, description = "The till", body = Till))
)]
pub(crate) async fn till(
    State(platform): State<Shared>,
    language: Language,
    DeviceToken(device_token): DeviceToken,
) -> Result<Json<Till>, Refusal> {
    let question = language.request(wire::GetTillRequest { device_token });
    let answer = platform.business().get_till(question).await?.into_inner();
    let business = present(answer.business)?;
    let question = stamping::ListPublicProgramsRequest { business_id: business.business_id.clone() };
    let programs =
        platform.stamping().list_public_programs(platform.identity.request(question).await?).await?;
    Ok(Json(Till {
        device: TillDevice { id: answer.device_id, name: answer.device_name },
        business: business.into(),
        location: answer.location.filter(|location| !location.location_id.is_empty()).map(Location::from),
        members: answer
            .members
            .into_iter()
            .map(|member| TillMember { id: member.member_id, name: member.name })
            .collect(),
        programs: programs.into_inner().programs.into_iter().map(Program::from).collect(),
    }))
}
