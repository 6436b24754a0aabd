//! Wire to command, call, domain to wire.

mod auth;
mod business;
mod customer;
mod joining;

use std::sync::Arc;

use chrono::{DateTime, Utc};
use kernel::{Invalid, Locale, LocationId};
use proto::enrollment as wire;
use tonic::service::Routes;
use wire::auth_service_server::AuthServiceServer;
use wire::business_service_server::BusinessServiceServer;
use wire::customer_service_server::CustomerServiceServer;

use crate::Error;
use crate::app::{ACCESS_LIFE, App, Tokens};
use crate::domain::business::{Business, Location, Slug};
use crate::domain::credentials::{Email, Member};
use crate::domain::token::Token;
use crate::events::timestamp;

/// The three gRPC services of this one.
#[derive(Clone)]
pub struct Grpc {
    app: Arc<App>,
}

/// Everything this service answers.
pub fn routes(app: Arc<App>) -> Routes {
    let grpc = Grpc { app };
    Routes::new(AuthServiceServer::new(grpc.clone()))
        .add_service(BusinessServiceServer::new(grpc.clone()))
        .add_service(CustomerServiceServer::new(grpc))
}

/// Reads an id that may be absent.
fn optional<T: std::str::FromStr<Err = Invalid>>(text: &str) -> Result<Option<T>, Invalid> {
    if text.is_empty() { Ok(None) } else { text.parse().map(Some) }
}

/// Reads a language that may be absent.
fn asked_language(text: &str) -> Result<Option<Locale>, Invalid> {
    let spoken = text.split('-').next().unwrap_or_default();
    if text.is_empty() { Ok(None) } else { crate::domain::business::parse_language(spoken).map(Some) }
}

/// Reads a language that may be absent; one that Sello does not speak counts as absent.
fn language(text: &str) -> Option<Locale> {
    crate::domain::business::parse_language(text.get(..2).unwrap_or_default()).ok()
}

/// Reads a token somebody proves herself with.
fn bearer(text: &str) -> Result<Token, Error> {
    Token::from_bearer(text).ok_or(Error::Unauthenticated)
}

/// Reads a slug somebody looks up; what cannot be one is nobody's.
fn known_slug(text: &str) -> Result<Slug, Error> {
    Slug::parse(text).map_err(|_| Error::NotFound)
}

/// How long an access token is good, in seconds.
fn expires_in() -> i32 {
    i32::try_from(ACCESS_LIFE.num_seconds()).unwrap_or(i32::MAX)
}

fn tokens(tokens: &Tokens) -> wire::Tokens {
    wire::Tokens {
        access_token: tokens.access.clone(),
        refresh_token: tokens.refresh.reveal().to_owned(),
        expires_in: expires_in(),
    }
}

fn business(business: &Business) -> wire::Business {
    wire::Business {
        business_id: business.id.to_string(),
        slug: business.slug.clone(),
        name: business.name.clone(),
        time_zone: business.zone.name().to_owned(),
        language: business.language.as_str().to_owned(),
        ruc: business.ruc.clone(),
        created_at: Some(timestamp(business.created_at)),
    }
}

fn member(member: &Member) -> wire::Member {
    wire::Member {
        member_id: member.id.to_string(),
        name: member.name.clone(),
        email: member.email.as_ref().map(Email::as_str).unwrap_or_default().to_owned(),
        role: member.role.as_str().to_owned(),
        has_pin: member.has_pin,
        active: member.active,
        location_id: text(member.location),
        created_at: Some(timestamp(member.created_at)),
    }
}

fn location(location: &Location) -> wire::Location {
    wire::Location {
        location_id: location.id.to_string(),
        name: location.name.clone(),
        address: location.address.clone(),
    }
}

/// An id, or the empty text.
fn text(id: Option<impl ToString>) -> String {
    id.map(|id| id.to_string()).unwrap_or_default()
}

fn moment(at: DateTime<Utc>) -> Option<prost_types::Timestamp> {
    Some(timestamp(at))
}

fn location_id(text: &str) -> Result<Option<LocationId>, Invalid> {
    optional(text)
}
