//! The poster that people scan to get a card.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::{HeaderValue, header};
use kernel::{Locale, Role};
use proto::{enrollment, stamping};
use serde::Deserialize;
use utoipa::openapi::{KnownFormat, ObjectBuilder, RefOr, Schema, SchemaFormat, Type};
use utoipa::{IntoParams, PartialSchema, ToSchema};
use uuid::Uuid;

use crate::auth::Caller;
use crate::edge::PublicUrl;
use crate::error::{Refusal, Slug};
use crate::json::Query;
use crate::platform::{Platform, Shared};
use crate::poster::{Format, Poster, Reward, Size};
use crate::wire::present;

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Wanted {
    /// The shop it hangs in: named on it, and remembered of everyone who joins there.
    #[serde(default)]
    location: Option<Uuid>,
    /// For a wall, or for a table.
    #[serde(default)]
    #[param(inline)]
    size: Option<Size>,
}

/// A file that is no text, to the document.
pub(super) struct Binary;

impl ToSchema for Binary {}

impl PartialSchema for Binary {
    fn schema() -> RefOr<Schema> {
        let format = SchemaFormat::KnownFormat(KnownFormat::Binary);
        ObjectBuilder::new().schema_type(Type::String).format(Some(format)).into()
    }
}

/// The poster for the printer.
#[utoipa::path(
    get, path = "/api/v1/poster.pdf", tag = "gateway", operation_id = "getPosterPdf", security(("bearer" = [])),
    params(Wanted),
    responses((status = 200, description = "One page of its true size", body = inline(Binary), content_type = "application/pdf"),
        (status = 404, description = "No such shop"), (status = 409, description = "There is no card to join"))
)]
pub(crate) async fn pdf(
    State(platform): State<Shared>,
    caller: Caller,
    url: PublicUrl,
    Query(wanted): Query<Wanted>,
) -> Result<Response, Refusal> {
    platform.print_poster(&caller, &url, &wanted, Format::Pdf).await
}

/// The poster for a designer; its letters are shapes.
#[utoipa::path(
    get, path = "/api/v1/poster.svg", tag = "gateway", operation_id = "getPosterSvg", security(("bearer" = [])),
    params(Wanted),
    responses((status = 200, description = "Of its true size", body = String, content_type = "image/svg+xml"),
        (status = 404, description = "No such shop"), (status = 409, description = "There is no card to join"))
)]
pub(crate) async fn svg(
    State(platform): State<Shared>,
    caller: Caller,
    url: PublicUrl,
    Query(wanted): Query<Wanted>,
) -> Result<Response, Refusal> {
    platform.print_poster(&caller, &url, &wanted, Format::Svg).await
}

/// The poster for a chat, at 300 dots an inch.
#[utoipa::path(
    get, path = "/api/v1/poster.png", tag = "gateway", operation_id = "getPosterPng", security(("bearer" = [])),
    params(Wanted),
    responses((status = 200, description = "A picture", body = inline(Binary), content_type = "image/png"),
        (status = 404, description = "No such shop"), (status = 409, description = "There is no card to join"))
)]
pub(crate) async fn png(
    State(platform): State<Shared>,
    caller: Caller,
    url: PublicUrl,
    Query(wanted): Query<Wanted>,
) -> Result<Response, Refusal> {
    platform.print_poster(&caller, &url, &wanted, Format::Png).await
}

impl Platform {
    async fn print_poster(
        &self,
        caller: &Caller,
        PublicUrl(url): &PublicUrl,
        wanted: &Wanted,
        format: Format,
    ) -> Result<Response, Refusal> {
        if !caller.principal().is_at_least(Role::Stamper) {
            return Err(Refusal::new(Slug::Forbidden));
        }
        let question = caller.request(enrollment::GetBusinessRequest::default());
        let business = present(self.business().get_business(question).await?.into_inner().business)?;
        let location = match wanted.location {
            Some(id) => Some(self.location(caller, id).await?),
            None => None,
        };
        let question = caller.request(stamping::ListProgramsRequest { include_inactive: false });
        let programs = self.stamping().list_programs(question).await?.into_inner().programs;
        // A join that names no program opens the first.
        let program = programs.into_iter().next().ok_or_else(|| Refusal::new(Slug::NoProgram))?;

        let size = wanted.size.unwrap_or_default();
        let name = format!("{}-{}.{}", business.slug, size.as_str(), format.extension());
        let printed = self.press.print(poster(url, business, location, program, size), format).await?;
        let inline = HeaderValue::try_from(format!("inline; filename=\"{name}\""));
        let headers = [
            (header::CONTENT_TYPE, HeaderValue::from_static(format.content_type())),
            (header::CONTENT_DISPOSITION, inline.unwrap_or(HeaderValue::from_static("inline"))),
        ];
        Ok((headers, printed).into_response())
    }

    /// One shop of the caller's business.
    async fn location(&self, caller: &Caller, id: Uuid) -> Result<enrollment::Location, Refusal> {
        let question = caller.request(enrollment::ListLocationsRequest {});
        let locations = self.business().list_locations(question).await?.into_inner().locations;
        let wanted = id.to_string();
        let found = locations.into_iter().find(|location| location.location_id == wanted);
        found.ok_or_else(|| Refusal::new(Slug::NotFound))
    }
}

fn poster(
    url: &str,
    business: enrollment::Business,
    location: Option<enrollment::Location>,
    program: stamping::Program,
    size: Size,
) -> Poster {
    let mut join_url = format!("{url}/unete/{}", business.slug);
    if let Some(location) = &location {
        join_url.push_str("?l=");
        join_url.push_str(&location.location_id);
    }
    let count = |stamps: i32| u32::try_from(stamps).unwrap_or_default();
    let mut rewards: Vec<Reward> =
        program.rewards.into_iter().map(|rule| Reward { at: count(rule.at), title: rule.title }).collect();
    rewards.sort_by_key(|reward| reward.at);
    let look = program.look.unwrap_or_default();
    Poster {
        business: business.name,
        program: program.name,
        location: location.map(|location| location.name),
        stamps_required: count(program.stamps_required),
        rewards,
        join_url,
        ink: look.ink,
        shape: look.stamp_shape,
        size,
        locale: Locale::from_tag(&business.language),
    }
}

#[cfg(test)]
mod tests {
    use http::StatusCode;
    use kernel::Principal;

    use super::*;
    use crate::testing::{Told, World};

    const SHOP: &str = "018f0000-0000-7000-8000-000000000000";

    fn world() -> World {
        let world = World::with(|config| {
            config.pages_dir = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("web/dist");
        });
        world.fakes.on("GetBusiness", |_: enrollment::GetBusinessRequest, _| {
            let business =
                enrollment::Business { slug: "cafe".into(), name: "Café".into(), ..Default::default() };
            Ok(enrollment::GetBusinessResponse { business: Some(business) })
        });
        world.fakes.on("ListLocations", |_: enrollment::ListLocationsRequest, _| {
            let shop =
                enrollment::Location { location_id: SHOP.into(), name: "Surco".into(), ..Default::default() };
            Ok(enrollment::ListLocationsResponse { locations: vec![shop] })
        });
        with_programs(&world, 1);
        world
    }

    fn with_programs(world: &World, count: usize) {
        world.fakes.on("ListPrograms", move |_: stamping::ListProgramsRequest, _| {
            let rewards = vec![stamping::RewardRule { at: 10, title: "Un café".into(), cost_cents: None }];
            let program = stamping::Program { stamps_required: 10, rewards, ..Default::default() };
            Ok(stamping::ListProgramsResponse { programs: vec![program; count] })
        });
    }

    async fn ask(world: &World, path: &str) -> Told {
        world.ask("GET", path).bearer(&world.member(Role::Stamper)).send().await
    }

    #[tokio::test]
    async fn whoever_works_there_prints_it_in_every_form() {
        let world = world();
        for (format, media) in [("pdf", "application/pdf"), ("svg", "image/svg+xml"), ("png", "image/png")] {
            let told = ask(&world, &format!("/api/v1/poster.{format}?size=a6&location={SHOP}")).await;
            assert_eq!(told.status, StatusCode::OK, "{format}");
            assert_eq!(told.headers["content-type"], media);
            assert_eq!(told.headers["content-disposition"], format!("inline; filename=\"cafe-a6.{format}\""));
        }
    }

    #[tokio::test]
    async fn a_shop_of_somebody_else_and_a_sheet_of_no_size_are_refused() {
        let world = world();
        let told = ask(&world, "/api/v1/poster.svg?location=018f0000-0000-7000-8000-000000000001").await;
        assert_eq!(told.problem(), "not-found");
        for query in ["size=a3", "location=surco", "colour=red"] {
            let told = ask(&world, &format!("/api/v1/poster.svg?{query}")).await;
            assert_eq!(told.problem(), "invalid", "{query}");
        }
    }

    #[tokio::test]
    async fn without_a_card_to_join_the_owner_is_told_to_make_one() {
        let world = world();
        with_programs(&world, 0);
        for format in ["pdf", "svg", "png"] {
            let told = ask(&world, &format!("/api/v1/poster.{format}")).await;
            assert_eq!((told.status, told.problem().as_str()), (StatusCode::CONFLICT, "no-program"));
            assert!(told.text().contains("Haz una"), "{}", told.text());
        }
    }

    #[tokio::test]
    async fn a_card_holder_prints_none() {
        let world = world();
        let (customer, card) = (kernel::CustomerId::generate(), kernel::CardId::generate());
        let token = world.token(Principal::CardHolder { business: world.business, customer, card }, 600);
        let told = world.ask("GET", "/api/v1/poster.pdf").bearer(&token).send().await;
        assert_eq!(told.problem(), "forbidden");
    }
}
