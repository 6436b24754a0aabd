//! Joining, and proving a number by WhatsApp.

use kernel::Invalid;
use proto::enrollment as wire;

use crate::app::{WordOf, WordUse};
use crate::domain::consent::State;
use crate::domain::customer::{Form, Found, Joined, Place};
use crate::domain::name;
use crate::domain::token::Token;
use crate::domain::word::Word;
use crate::grpc::customer::NEVER_ASKED;
use crate::grpc::{asked_language, optional};

/// How a customer whose number is known gets her card back.
const WAYS_BACK: [&str; 2] = ["whatsapp", "till"];

pub(super) fn form(asked: &wire::EnrollRequest) -> Form<'_> {
    Form {
        name: &asked.name,
        phone: &asked.phone,
        birthday: &asked.birthday,
        age_ok: asked.age_ok,
        adult_ok: asked.adult_ok,
        program: asked.consent_program,
        marketing: asked.consent_marketing,
        referral_code: &asked.referral_code,
    }
}

pub(super) fn read_place(asked: &wire::EnrollRequest) -> Result<Place, Invalid> {
    Ok(Place {
        program: optional(&asked.program_id)?,
        language: asked_language(&asked.language)?,
        location: optional(&asked.location_id)?,
        holder_token: Token::from_bearer(&asked.holder_token),
        operation: optional(&asked.operation_id)?,
    })
}

pub(super) fn enroll_response(joined: Joined) -> wire::EnrollResponse {
    match joined {
        Joined::Card { customer, business, card, holder_token, referral_code, marketing, known, word } => {
            wire::EnrollResponse {
                customer_id: customer.to_string(),
                business_id: business.to_string(),
                card_id: card.to_string(),
                holder_token: holder_token.reveal().to_owned(),
                referral_code,
                marketing: marketing.map_or(NEVER_ASKED, State::as_str).to_owned(),
                known,
                proven: known,
                recover: Vec::new(),
                word: word.as_ref().map(Word::written).unwrap_or_default(),
            }
        }
        Joined::Known { word } => wire::EnrollResponse {
            known: true,
            word: word.written(),
            recover: WAYS_BACK.map(str::to_owned).to_vec(),
            ..wire::EnrollResponse::default()
        },
    }
}

pub(super) fn used_word(used: WordUse) -> wire::UseWordResponse {
    match used {
        WordUse::Unknown => wire::UseWordResponse { outcome: "unknown".into(), ..Default::default() },
        WordUse::WrongNumber(business) => wire::UseWordResponse {
            outcome: "wrong_number".into(),
            business_id: business.to_string(),
            ..Default::default()
        },
        WordUse::Used(of) => told("used", of),
        WordUse::Confirmed(of) => told("confirmed", of),
        WordUse::Recovered(of, link) => {
            wire::UseWordResponse { link_token: link.reveal().to_owned(), ..told("recovered", of) }
        }
    }
}

fn told(outcome: &str, of: WordOf) -> wire::UseWordResponse {
    wire::UseWordResponse {
        outcome: outcome.to_owned(),
        business_id: of.business.to_string(),
        customer_id: of.customer.to_string(),
        first_name: name::first(&of.name).to_owned(),
        language: of.language,
        card_id: of.card.to_string(),
        link_token: String::new(),
        marketing: of.marketing.map_or(NEVER_ASKED, State::as_str).to_owned(),
    }
}

pub(super) fn found(found: Found) -> wire::FoundCustomer {
    wire::FoundCustomer {
        business_id: found.business.to_string(),
        customer_id: found.customer.to_string(),
        first_name: name::first(&found.name).to_owned(),
        language: found.language,
        marketing: found.marketing.unwrap_or_else(|| NEVER_ASKED.to_owned()),
    }
}
