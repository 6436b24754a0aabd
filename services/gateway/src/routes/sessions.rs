//! Signing up, in and out.

use axum::extract::State;
use http::StatusCode;
use kernel::Principal;
use proto::enrollment as wire;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::business::Business;
use super::members::Member;
use crate::auth::{Caller, Language};
use crate::error::{Refusal, Slug};
use crate::json::Json;
use crate::platform::Shared;
use crate::wire::{present, some};

/// What signing in gives.
#[derive(Serialize, ToSchema)]
pub(crate) struct Tokens {
    /// Goes into `Authorization: Bearer …`; ten minutes.
    access_token: String,
    /// Gives the next pair, once.
    refresh_token: String,
    /// Seconds until the access token ends.
    expires_in: i32,
}

impl From<wire::Tokens> for Tokens {
    fn from(tokens: wire::Tokens) -> Self {
        Self {
            access_token: tokens.access_token,
            refresh_token: tokens.refresh_token,
            expires_in: tokens.expires_in,
        }
    }
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Signup {
    business: SignupBusiness,
    owner: SignupOwner,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SignupBusiness {
    name: String,
    /// The word in its join address; made from the name where absent.
    #[serde(default)]
    slug: Option<String>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SignupOwner {
    name: String,
    email: String,
    /// 10 to 200 characters.
    password: String,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct SignedUp {
    #[serde(flatten)]
    tokens: Tokens,
    business: Business,
    member: Member,
    /// Eight one-use codes that set a new password; shown once.
    recovery_codes: Vec<String>,
}

/// Opens a business and signs its owner in.
#[utoipa::path(
    post, path = "/api/v1/auth/signup", tag = "enrollment", operation_id = "signup", request_body = Signup,
    responses((status = 201, description = "The business is open and its owner signed in", body = SignedUp),
        (status = 409, description = "The address or the slug is taken"))
)]
pub(crate) async fn signup(
    State(platform): State<Shared>,
    language: Language,
    Json(body): Json<Signup>,
) -> Result<(StatusCode, Json<SignedUp>), Refusal> {
    let question = wire::SignupRequest {
        business_name: body.business.name,
        slug: body.business.slug.unwrap_or_default(),
        owner_name: body.owner.name,
        email: body.owner.email,
        password: body.owner.password,
    };
    let answer = platform.auth().signup(language.request(question)).await?.into_inner();
    let signed_up = SignedUp {
        tokens: present(answer.tokens)?.into(),
        business: present(answer.business)?.into(),
        member: present(answer.member)?.into(),
        recovery_codes: answer.recovery_codes,
    };
    Ok((StatusCode::CREATED, Json(signed_up)))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Login {
    email: String,
    password: String,
}

/// Signs a member in on the panel.
#[utoipa::path(
    post, path = "/api/v1/auth/login", tag = "enrollment", operation_id = "login", request_body = Login,
    responses((status = 200, description = "Signed in", body = Tokens),
        (status = 401, description = "Address and password do not match"))
)]
pub(crate) async fn login(
    State(platform): State<Shared>,
    language: Language,
    Json(body): Json<Login>,
) -> Result<Json<Tokens>, Refusal> {
    let question = wire::LoginRequest { email: body.email, password: body.password };
    let answer = platform.auth().login(language.request(question)).await?.into_inner();
    Ok(Json(present(answer.tokens)?.into()))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Refresh {
    refresh_token: String,
}

/// Gives the next pair of tokens. A refresh token is good for one use; a retry within a minute gets the same successor.
#[utoipa::path(
    post, path = "/api/v1/auth/refresh", tag = "enrollment", operation_id = "refresh", request_body = Refresh,
    responses((status = 200, description = "The next pair", body = Tokens),
        (status = 401, description = "The token was used, revoked, or has ended"))
)]
pub(crate) async fn refresh(
    State(platform): State<Shared>,
    language: Language,
    Json(body): Json<Refresh>,
) -> Result<Json<Tokens>, Refusal> {
    let question = wire::RefreshRequest { refresh_token: body.refresh_token };
    let answer = platform.auth().refresh(language.request(question)).await?.into_inner();
    Ok(Json(present(answer.tokens)?.into()))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PinLogin {
    device_token: String,
    member_id: Uuid,
    pin: String,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct PinSignedIn {
    #[serde(flatten)]
    tokens: Tokens,
    member: Member,
}

/// Signs a member in on a paired till.
#[utoipa::path(
    post, path = "/api/v1/auth/pin", tag = "enrollment", operation_id = "loginWithPin", request_body = PinLogin,
    responses((status = 200, description = "Signed in on this till", body = PinSignedIn),
        (status = 401, description = "The till is not paired, or the PIN is wrong"))
)]
pub(crate) async fn pin(
    State(platform): State<Shared>,
    language: Language,
    Json(body): Json<PinLogin>,
) -> Result<Json<PinSignedIn>, Refusal> {
    let question = wire::LoginWithPinRequest {
        device_token: body.device_token,
        member_id: body.member_id.to_string(),
        pin: body.pin,
    };
    let answer = platform.auth().login_with_pin(language.request(question)).await?.into_inner();
    Ok(Json(PinSignedIn { tokens: present(answer.tokens)?.into(), member: present(answer.member)?.into() }))
}

/// Ends the session: its refresh tokens are worth nothing from now on.
#[utoipa::path(
    post, path = "/api/v1/auth/logout", tag = "enrollment", operation_id = "logout", security(("bearer" = [])),
    responses((status = 204, description = "Signed out"))
)]
pub(crate) async fn logout(State(platform): State<Shared>, caller: Caller) -> Result<StatusCode, Refusal> {
    // Only members sign in, so there is nothing of others to end.
    if !matches!(caller.principal(), Principal::Member { .. }) {
        return Err(Refusal::new(Slug::Forbidden));
    }
    platform.auth().logout(caller.request(wire::LogoutRequest {})).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Recover {
    email: String,
    /// One of the eight of the sign-up.
    #[serde(default)]
    recovery_code: Option<String>,
    #[serde(default)]
    new_password: Option<String>,
}

/// Nothing to say; the same whether or not the address is known.
#[derive(Serialize, ToSchema)]
pub(crate) struct Accepted {}

/// Sets a new password with a recovery code.
#[utoipa::path(
    post, path = "/api/v1/auth/recover", tag = "enrollment", operation_id = "recover", request_body = Recover,
    responses((status = 202, description = "Taken", body = Accepted),
        (status = 401, description = "The recovery code is wrong or used"))
)]
pub(crate) async fn recover(
    State(platform): State<Shared>,
    language: Language,
    Json(body): Json<Recover>,
) -> Result<(StatusCode, Json<Accepted>), Refusal> {
    let question = wire::RecoverRequest {
        email: body.email,
        recovery_code: body.recovery_code.unwrap_or_default(),
        new_password: body.new_password.unwrap_or_default(),
    };
    platform.auth().recover(language.request(question)).await?;
    Ok((StatusCode::ACCEPTED, Json(Accepted {})))
}

#[derive(Serialize, ToSchema)]
pub(crate) struct Me {
    member: Member,
    business: Business,
    /// Set when the sign-in was by PIN on a till.
    #[schema(value_type = Option<Uuid>)]
    device_id: Option<String>,
}

/// Who is signed in, and where she works.
#[utoipa::path(
    get, path = "/api/v1/me", tag = "enrollment", operation_id = "getMe", security(("bearer" = [])),
    responses((status = 200, description = "The member and her business", body = Me))
)]
pub(crate) async fn me(State(platform): State<Shared>, caller: Caller) -> Result<Json<Me>, Refusal> {
    let answer = platform.business().get_me(caller.request(wire::GetMeRequest {})).await?.into_inner();
    Ok(Json(Me {
        member: present(answer.member)?.into(),
        business: present(answer.business)?.into(),
        device_id: some(answer.device_id),
    }))
}
