//! Joining.
//!
//! Two services work together: enrollment makes the customer, stamping opens her card. What could refuse her is checked
//! before the first (the program, from the same answer the join page shows), so that between the two only an outage can
//! come. Then we try again for two seconds, and after that she still gets her `201`: she is a customer, her holder
//! token opens her card, and the event opens it when stamping is back; only its code is missing (`code: null`) until
//! her page asks `GET /cards/{id}`. A `503` instead would make her try again, and be told that her number is taken.

use std::time::Duration;

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use proto::wallet_pass::GetPassLinksRequest;
use proto::{enrollment, stamping};
use serde::{Deserialize, Serialize};
use tokio::time::Instant;
use utoipa::ToSchema;
use uuid::Uuid;

use super::join::Join;
use super::programs::Program;
use super::wallets::WalletUrls;
use crate::auth::{HolderToken, Language};
use crate::edge::{Client, PublicUrl};
use crate::error::{Refusal, Slug};
use crate::json::Json;
use crate::platform::{Platform, Shared};
use crate::wire::id_or_empty;

/// How long a customer waits for a stamping service that is away.
const PATIENCE: Duration = Duration::from_secs(2);
/// The pause between two tries.
const PAUSE: Duration = Duration::from_millis(150);

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Enrollment {
    slug: String,
    name: String,
    phone: String,
    /// She declares to be 14 or older; must be true.
    age_ok: bool,
    #[serde(default)]
    birthday: Option<String>,
    consents: Consents,
    /// She declares to be 18 or older; asked with marketing.
    #[serde(default)]
    adult_ok: Option<bool>,
    #[serde(default)]
    referral_code: Option<String>,
    /// Absent: the oldest active program.
    #[serde(default)]
    program_id: Option<Uuid>,
    /// `es` or `en`; absent: the request's own.
    #[serde(default)]
    language: Option<String>,
    #[serde(default)]
    location_id: Option<Uuid>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Consents {
    /// Must be true: the card itself needs it.
    program: bool,
    marketing: bool,
}

/// A customer and her card.
#[derive(Serialize, ToSchema)]
pub(crate) struct Enrolled {
    #[schema(value_type = Uuid)]
    customer_id: String,
    card: EnrolledCard,
    program: Program,
    /// Brings friends; null where there is no invitation to give.
    referral_url: Option<String>,
    /// pending, granted or no.
    marketing: String,
}

#[derive(Serialize, ToSchema)]
struct EnrolledCard {
    #[schema(value_type = Uuid)]
    id: String,
    /// What the card shows to be scanned. Null while the card is still being opened: `GET /cards/{id}` has it in a
    /// moment.
    code: Option<String>,
    stamps: i32,
    stamps_required: i32,
    cycle: i32,
    total: i64,
    version: i64,
    /// Opens her card; goes into `Authorization: Card …`.
    holder_token: String,
    #[schema(format = "uri")]
    web_url: String,
    /// The signed pass for Apple Wallet; null where there is none. Good for a day.
    #[schema(format = "uri")]
    apple_url: Option<String>,
    /// Saves the card to Google Wallet; null where that is off. Good for a day.
    #[schema(format = "uri")]
    google_url: Option<String>,
}

/// The number is a customer's already, and this phone proved nothing.
#[derive(Serialize, ToSchema)]
pub(crate) struct Known {
    known: bool,
    /// How she gets her card back: whatsapp, till.
    recover: Vec<String>,
}

/// The same card again, or only that the number is known.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
pub(crate) enum EnrolledBefore {
    Proven(Box<Enrolled>),
    Known(Known),
}

/// Joins a shop: the customer, her consents and her card.
#[utoipa::path(
    post, path = "/api/v1/enrollments", tag = "enrollment", operation_id = "enroll", security((), ("card" = [])),
    request_body = Enrollment,
    responses((status = 201, description = "A new customer with her card", body = Enrolled),
        (status = 200, description = "The number is known: with that card's holder token the same card, else how to get it back", body = EnrolledBefore),
        (status = 404, description = "There is no such shop"),
        (status = 409, description = "The program takes no new cards"))
)]
pub(crate) async fn create(
    State(platform): State<Shared>,
    language: Language,
    client: axum::Extension<Client>,
    PublicUrl(public_url): PublicUrl,
    holder: Option<HolderToken>,
    Json(body): Json<Enrollment>,
) -> Result<Response, Refusal> {
    platform.limits.join(&body.slug, client.0.0)?;
    let join = platform.join_page(&body.slug, language).await?;
    let program = program_of(&join, body.program_id)?;
    let held = holder.map(|HolderToken(token)| token).unwrap_or_default();
    let enrolled = platform.enroll(body, &program.id, held.clone(), language).await?;
    if enrolled.known && !enrolled.proven {
        let known = EnrolledBefore::Known(Known { known: true, recover: enrolled.recover });
        return Ok(Json(known).into_response());
    }
    let (opened, wallets) =
        tokio::join!(platform.open_card(&enrolled, &program.id), platform.wallets_of(&enrolled, &public_url));
    let opened = opened?;
    let proven = enrolled.known;
    let answer = answer(enrolled, opened, program, held, wallets, (&public_url, &join.business.slug));
    Ok(match proven {
        true => Json(EnrolledBefore::Proven(Box::new(answer))).into_response(),
        false => (StatusCode::CREATED, Json(answer)).into_response(),
    })
}

/// The program she joins: the one she names, or the oldest.
fn program_of(join: &Join, wanted: Option<Uuid>) -> Result<&Program, Refusal> {
    let program = match wanted.map(|id| id.to_string()) {
        Some(id) => join.programs.iter().find(|program| program.id == id),
        None => join.programs.first(),
    };
    program.ok_or_else(|| Refusal::new(Slug::ProgramInactive))
}

impl Platform {
    async fn enroll(
        &self,
        body: Enrollment,
        program_id: &str,
        holder_token: String,
        language: Language,
    ) -> Result<enrollment::EnrollResponse, Refusal> {
        let question = enrollment::EnrollRequest {
            slug: body.slug,
            name: body.name,
            phone: body.phone,
            age_ok: body.age_ok,
            birthday: body.birthday.unwrap_or_default(),
            consent_program: body.consents.program,
            consent_marketing: body.consents.marketing,
            adult_ok: body.adult_ok.unwrap_or_default(),
            referral_code: body.referral_code.unwrap_or_default(),
            program_id: program_id.to_owned(),
            language: body.language.unwrap_or_else(|| language.0.as_str().to_owned()),
            location_id: id_or_empty(body.location_id),
            holder_token,
        };
        Ok(self.customers().enroll(language.request(question)).await?.into_inner())
    }

    /// Opens the card, trying again while stamping is away; `None` when it stays away.
    async fn open_card(
        &self,
        enrolled: &enrollment::EnrollResponse,
        program_id: &str,
    ) -> Result<Option<stamping::OpenCardResponse>, Refusal> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let tried = tokio::time::timeout_at(deadline, self.open_card_once(enrolled, program_id)).await;
            match tried {
                Ok(Ok(opened)) => return Ok(Some(opened)),
                Ok(Err(refusal)) if !refusal.is_passing() => return Err(refusal),
                Ok(Err(_)) | Err(_) => {}
            }
            if Instant::now() + PAUSE >= deadline {
                tracing::warn!(card = enrolled.card_id, "card left to the event");
                metrics::counter!("gateway_cards_left_to_event_total").increment(1);
                return Ok(None);
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    async fn wallets_of(&self, enrolled: &enrollment::EnrollResponse, public_url: &str) -> WalletUrls {
        let question = GetPassLinksRequest {
            business_id: enrolled.business_id.clone(),
            customer_id: enrolled.customer_id.clone(),
            card_id: enrolled.card_id.clone(),
        };
        let question = self.identity.request(question).await.map_err(Refusal::from);
        self.wallet_urls(question, public_url).await
    }

    async fn open_card_once(
        &self,
        enrolled: &enrollment::EnrollResponse,
        program_id: &str,
    ) -> Result<stamping::OpenCardResponse, Refusal> {
        let question = stamping::OpenCardRequest {
            business_id: enrolled.business_id.clone(),
            customer_id: enrolled.customer_id.clone(),
            card_id: enrolled.card_id.clone(),
            program_id: program_id.to_owned(),
        };
        Ok(self.stamping().open_card(self.identity.request(question).await?).await?.into_inner())
    }
}

fn answer(
    enrolled: enrollment::EnrollResponse,
    opened: Option<stamping::OpenCardResponse>,
    program: &Program,
    held: String,
    wallets: WalletUrls,
    (public_url, slug): (&str, &str),
) -> Enrolled {
    let (card, opened_program, code) = match opened {
        Some(opened) => (opened.card, opened.program.map(Program::from), Some(opened.code)),
        None => (None, None, None),
    };
    let program = opened_program.unwrap_or_else(|| program.clone());
    let card = card.unwrap_or_else(|| stamping::Card {
        card_id: enrolled.card_id.clone(),
        stamps_required: program.stamps_required,
        ..Default::default()
    });
    let holder_token = if enrolled.holder_token.is_empty() { held } else { enrolled.holder_token };
    let referral_url = (!enrolled.referral_code.is_empty())
        .then(|| format!("{public_url}/unete/{slug}?r={}", enrolled.referral_code));
    Enrolled {
        customer_id: enrolled.customer_id,
        card: EnrolledCard {
            web_url: format!("{public_url}/t/{}#{holder_token}", card.card_id),
            apple_url: wallets.apple,
            google_url: wallets.google,
            id: card.card_id,
            code,
            stamps: card.stamps,
            stamps_required: card.stamps_required,
            cycle: card.cycle,
            total: card.total,
            version: card.version,
            holder_token,
        },
        program,
        referral_url,
        marketing: enrolled.marketing,
    }
}
