//! What the join page shows. Asked for by everyone who scans a poster, so it is kept for a few seconds.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Path, State};
use kernel::Locale;
use moka::sync::Cache;
use proto::{enrollment, stamping};
use serde::Serialize;
use utoipa::ToSchema;

use super::programs::Program;
use crate::auth::Language;
use crate::error::{Refusal, Slug};
use crate::json::Json;
use crate::platform::{Platform, Shared};
use crate::wire::{present, some};

/// How long an answer may be old.
const KEPT_FOR: Duration = Duration::from_secs(5);
/// Shops remembered, by language.
const REMEMBERED: u64 = 5_000;
/// Longer than any slug; what is longer is nobody's.
const LONGEST_SLUG: usize = 80;

/// The answers at hand, by slug and language.
pub(crate) struct Joins(Cache<(Box<str>, Locale), Arc<Join>>);

impl Default for Joins {
    fn default() -> Self {
        Self(Cache::builder().max_capacity(REMEMBERED).time_to_live(KEPT_FOR).build())
    }
}

/// What the join page shows.
#[derive(Serialize, ToSchema)]
pub(crate) struct Join {
    pub(crate) business: JoinBusiness,
    /// The active programs; the first is the one a join without a program opens.
    pub(crate) programs: Vec<Program>,
    consent: JoinConsent,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct JoinBusiness {
    #[schema(value_type = Uuid)]
    pub(crate) id: String,
    pub(crate) slug: String,
    pub(crate) name: String,
    ruc: Option<String>,
    language: String,
}

/// The texts she agrees to, each apart.
#[derive(Serialize, ToSchema)]
struct JoinConsent {
    program: ConsentText,
    marketing: ConsentText,
}

#[derive(Serialize, ToSchema)]
struct ConsentText {
    version: i32,
    short: String,
    long: String,
}

impl From<enrollment::ConsentText> for ConsentText {
    fn from(text: enrollment::ConsentText) -> Self {
        Self { version: text.version, short: text.short, long: text.long }
    }
}

impl Platform {
    /// What the join page of this slug shows.
    pub(crate) async fn join_page(&self, slug: &str, language: Language) -> Result<Arc<Join>, Refusal> {
        if slug.is_empty() || slug.len() > LONGEST_SLUG || slug.contains('\0') {
            return Err(Refusal::new(Slug::NotFound));
        }
        let key = (Box::from(slug), language.0);
        if let Some(join) = self.joins.0.get(&key) {
            return Ok(join);
        }
        let question = enrollment::GetPublicBusinessRequest {
            slug: slug.to_owned(),
            language: language.0.as_str().to_owned(),
        };
        let business = self.business().get_public_business(language.request(question)).await?.into_inner();
        let question = stamping::ListPublicProgramsRequest { business_id: business.business_id.clone() };
        let programs = self.stamping().list_public_programs(self.identity.request(question).await?).await?;
        let join = Arc::new(Join {
            business: JoinBusiness {
                id: business.business_id,
                slug: business.slug,
                name: business.name,
                ruc: some(business.ruc),
                language: business.language,
            },
            programs: programs.into_inner().programs.into_iter().map(Program::from).collect(),
            consent: JoinConsent {
                program: present(business.program_text)?.into(),
                marketing: present(business.marketing_text)?.into(),
            },
        });
        self.joins.0.insert(key, Arc::clone(&join));
        Ok(join)
    }
}

/// What the join page shows.
#[utoipa::path(
    get, path = "/api/v1/join/{slug}", tag = "enrollment", operation_id = "getJoin",
    params(("slug" = String, Path, description = "The word in the shop's join address")),
    responses((status = 200, description = "The shop, its programs and the consent texts", body = Join))
)]
pub(crate) async fn get(
    State(platform): State<Shared>,
    language: Language,
    slug: Result<Path<String>, axum::extract::rejection::PathRejection>,
) -> Result<Json<Arc<Join>>, Refusal> {
    let Path(slug) = slug.map_err(|_| Refusal::new(Slug::NotFound))?;
    platform.join_page(&slug, language).await.map(Json)
}
