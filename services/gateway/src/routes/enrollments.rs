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
use kernel::Locale;
use proto::messaging::GetSenderAddressRequest;
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
use crate::idempotency::Operation;
use crate::json::Json;
use crate::platform::{Platform, Shared};
use crate::wire::id_or_empty;

/// How long a customer waits for a stamping service that is away.
const PATIENCE: Duration = Duration::from_secs(2);
/// How long an answer waits to learn where she may write: her card is worth more than the way to confirm it.
const WAIT_FOR_SENDER: Duration = Duration::from_millis(800);
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
    /// Where marketing is pending: opens WhatsApp with the message that confirms it, good for a day. Absent where WhatsApp is off.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = "uri")]
    whatsapp_url: Option<String>,
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
    /// Opens WhatsApp with a message that brings her card back, if the number itself sends it within a day. Absent where WhatsApp
    /// is off.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = "uri")]
    whatsapp_url: Option<String>,
}

/// The same card again, or only that the number is known.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
pub(crate) enum EnrolledBefore {
    Proven(Box<Enrolled>),
    Known(Known),
}

/// Joins a shop: the customer, her consents and her card. The same key with the same body is answered the same again.
#[utoipa::path(
    post, path = "/api/v1/enrollments", tag = "enrollment", operation_id = "enroll", security((), ("card" = [])),
    params(("Idempotency-Key" = Option<Uuid>, Header, description = "The client's id for this one form; keep it until the answer is there")),
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
    operation: Option<Operation>,
    Json(body): Json<Enrollment>,
) -> Result<Response, Refusal> {
    platform.limits.join(&body.slug, client.0.0)?;
    let join = platform.join_page(&body.slug, language).await?;
    let program = program_of(&join, body.program_id)?;
    let held = holder.map(|HolderToken(token)| token).unwrap_or_default();
    let phone = body.phone.clone();
    let enrolled = platform.enroll(body, &program.id, held.clone(), operation, language).await?;
    let chat = platform.chat(&enrolled, &join, &phone, language);
    if enrolled.known && !enrolled.proven {
        let whatsapp_url = chat.await;
        let known = Known { known: true, recover: enrolled.recover, whatsapp_url };
        return Ok(Json(EnrolledBefore::Known(known)).into_response());
    }
    let (opened, wallets, whatsapp_url) = tokio::join!(
        platform.open_card(&enrolled, &program.id),
        platform.wallets_of(&enrolled, &public_url),
        chat
    );
    let opened = opened?;
    let proven = enrolled.known;
    let answer = answer(enrolled, opened, program, held, wallets, (&public_url, &join.business.slug));
    let answer = Enrolled { whatsapp_url, ..answer };
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
        operation: Option<Operation>,
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
            operation_id: operation.map(|Operation(id)| id.to_string()).unwrap_or_default(),
        };
        Ok(self.customers().enroll(language.request(question)).await?.into_inner())
    }

    /// Where she writes to prove her number, with the message already written; `None` where nothing is to be proven, or where
    /// WhatsApp is off or does not say.
    async fn chat(
        &self,
        enrolled: &enrollment::EnrollResponse,
        join: &Join,
        phone: &str,
        language: Language,
    ) -> Option<String> {
        if enrolled.word.is_empty() {
            return None;
        }
        let question = GetSenderAddressRequest { business_id: join.business.id.clone() };
        let question = self.identity.request(question).await.ok()?;
        let mut messaging = self.messaging();
        let asked = messaging.get_sender_address(question);
        let sender = tokio::time::timeout(WAIT_FOR_SENDER, asked).await.ok()?.ok()?.into_inner().phone;
        let is_known = enrolled.known && !enrolled.proven;
        let text = message(&join.business.name, &enrolled.word, is_known, language.0);
        whatsapp_url(&sender, &text).map(|url| match self.pretend_phones.as_str() {
            "" => url,
            page => pretend_url(page, phone, &text),
        })
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
        whatsapp_url: None,
    }
}

/// What she sends. It says what she wants in her own name: with it the message is the proof of her consent.
fn message(shop: &str, word: &str, recovers: bool, locale: Locale) -> String {
    match (locale, recovers) {
        (Locale::Es, false) => {
            format!("Quiero recibir las promociones de {shop} por WhatsApp. Mi palabra: {word}")
        }
        (Locale::En, false) => {
            format!("I want to receive promotions from {shop} by WhatsApp. My word: {word}")
        }
        (Locale::Es, true) => format!("Quiero recuperar mi tarjeta de {shop}. Mi palabra: {word}"),
        (Locale::En, true) => format!("I want my {shop} card back. My word: {word}"),
    }
}

/// A link that opens a chat with this number (`+51…`) and this text in it; `None` without a number.
fn whatsapp_url(phone: &str, text: &str) -> Option<String> {
    let digits: String = phone.chars().filter(char::is_ascii_digit).collect();
    (!digits.is_empty()).then(|| format!("https://wa.me/{digits}?text={}", encoded(text)))
}

/// A link to the pretend phone with her own number, where the chat with the shop lies open with this text in it.
fn pretend_url(page: &str, hers: &str, text: &str) -> String {
    format!("{page}?numero={}&texto={}", encoded(hers), encoded(text))
}

/// WhatsApp shows a `+` as it stands, so a space must be `%20`.
fn encoded(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>().replace('+', "%20")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chat_opens_with_the_message_already_written() {
        let text = message("Café & Té + 1", "SELLO-7K4M2QXD", false, Locale::Es);
        assert_eq!(
            whatsapp_url("+51 987 654 321", &text).unwrap(),
            "https://wa.me/51987654321?text=Quiero%20recibir%20las%20promociones%20de%20Caf%C3%A9%20%26%20T%C3%A9%20%2B%201\
             %20por%20WhatsApp.%20Mi%20palabra%3A%20SELLO-7K4M2QXD"
        );
        assert_eq!(whatsapp_url("", &text), None);
    }

    #[test]
    fn a_pretend_chat_opens_on_her_own_phone() {
        assert_eq!(
            pretend_url("http://127.0.0.1:8080/mensajes", "+51 987 654 321", "Mi palabra: SELLO-7K4M2QXD"),
            "http://127.0.0.1:8080/mensajes?numero=%2B51%20987%20654%20321&texto=Mi%20palabra%3A%20SELLO-7K4M2QXD"
        );
    }

    #[test]
    fn every_message_carries_the_word_and_a_recovery_asks_for_no_promotions() {
        for locale in [Locale::Es, Locale::En] {
            for recovers in [false, true] {
                let text = message("Luna", "SELLO-7K4M2QXD", recovers, locale);
                assert!(text.ends_with("SELLO-7K4M2QXD") && text.contains("Luna"));
                assert_eq!(text.contains("promo"), !recovers);
            }
        }
    }
}
