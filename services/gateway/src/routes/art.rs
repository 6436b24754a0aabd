//! How a program's passes look: the shop's picture, and what a look that is not saved yet would be.

use axum::extract::State;
use axum::response::Response;
use http::{HeaderValue, StatusCode};
use kernel::ProgramId;
use proto::wallet_pass as wire;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::posters::Binary;
use super::wallets::file;
use crate::auth::Caller;
use crate::error::Refusal;
use crate::json::{Id, Json, Query, Raw};
use crate::platform::Shared;

/// A logo's file, by the rule of what draws it.
const LOGO_BYTES: usize = 2 * 1024 * 1024;
const PNG: HeaderValue = HeaderValue::from_static("image/png");
const NOT_KEPT: HeaderValue = HeaderValue::from_static("no-store");

/// The picture is there.
#[derive(Serialize, ToSchema)]
pub(crate) struct Logo {
    /// Changes with the picture.
    version: String,
}

/// Puts the shop's picture on the passes of a program.
#[utoipa::path(
    put, path = "/api/v1/programs/{id}/logo", tag = "wallet-pass", operation_id = "setLogo",
    security(("bearer" = []), ("api_key" = [])), params(("id" = Uuid, Path, description = "The program")),
    request_body(content = inline(Binary), content_type = "image/*",
        description = "PNG, JPEG or SVG, told by its content; at most 2 MB, 32 to 4096 dots a side"),
    responses((status = 200, description = "It is on every pass of the program", body = Logo))
)]
pub(crate) async fn set_logo(
    State(platform): State<Shared>,
    caller: Caller,
    Id(program): Id<ProgramId>,
    Raw(image): Raw<LOGO_BYTES>,
) -> Result<Json<Logo>, Refusal> {
    let question = wire::SetLogoRequest { program_id: program.to_string(), image: image.to_vec() };
    let answer = platform.wallet_pass().set_logo(caller.request(question)).await?.into_inner();
    Ok(Json(Logo { version: answer.version }))
}

/// Takes the picture away.
#[utoipa::path(
    delete, path = "/api/v1/programs/{id}/logo", tag = "wallet-pass", operation_id = "removeLogo",
    security(("bearer" = []), ("api_key" = [])), params(("id" = Uuid, Path, description = "The program")),
    responses((status = 204, description = "It is gone"))
)]
pub(crate) async fn remove_logo(
    State(platform): State<Shared>,
    caller: Caller,
    Id(program): Id<ProgramId>,
) -> Result<StatusCode, Refusal> {
    let question = wire::RemoveLogoRequest { program_id: program.to_string() };
    platform.wallet_pass().remove_logo(caller.request(question)).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Look {
    /// strip, hero or artwork.
    kind: String,
    /// `#rrggbb`.
    ink: String,
    /// `#rrggbb`.
    paper: String,
    stamp_shape: String,
    stamps: i32,
    stamps_required: i32,
    /// Counts that carry a reward, divided by commas.
    #[serde(default)]
    reward_counts: String,
    /// Dots a point, 1 to 3.
    #[serde(default)]
    scale: Option<i32>,
}

/// A drawn part of a pass in a look that is not saved yet.
#[utoipa::path(
    get, path = "/api/v1/pass-art", tag = "wallet-pass", operation_id = "previewPassArt",
    security(("bearer" = []), ("api_key" = [])), params(Look),
    responses((status = 200, description = "The picture", body = inline(Binary), content_type = "image/png"))
)]
pub(crate) async fn preview(
    State(platform): State<Shared>,
    caller: Caller,
    Query(look): Query<Look>,
) -> Result<Response, Refusal> {
    let counts = look.reward_counts.split(',').filter(|count| !count.is_empty()).map(str::parse);
    let question = wire::PreviewArtRequest {
        kind: look.kind,
        ink: look.ink,
        paper: look.paper,
        stamp_shape: look.stamp_shape,
        stamps: look.stamps,
        stamps_required: look.stamps_required,
        reward_counts: counts
            .collect::<Result<_, _>>()
            .map_err(|_| Refusal::invalid("reward_counts", "not_a_count"))?,
        scale: look.scale.unwrap_or_default(),
    };
    let answer = platform.wallet_pass().preview_art(caller.request(question)).await?.into_inner();
    Ok(file(answer.png, PNG, NOT_KEPT))
}
