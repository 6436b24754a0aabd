//! What may be said by WhatsApp to somebody who has not written first.

use axum::extract::State;
use proto::messaging as wire;
use serde::Serialize;
use utoipa::ToSchema;

use crate::auth::Caller;
use crate::error::Refusal;
use crate::json::Json;
use crate::platform::Shared;
use crate::wire::Listing;

/// A text that WhatsApp has to approve.
#[derive(Serialize, ToSchema)]
pub(crate) struct Template {
    #[schema(example = "win_back")]
    name: String,
    /// es or en.
    #[schema(example = "es")]
    language: String,
    /// marketing, utility or authentication.
    category: String,
    /// With `{{1}}`, `{{2}}` where variables go.
    #[schema(example = "Hola {{1}}, tu tarjeta de {{2}} te espera.")]
    body: String,
    variables: Vec<TemplateVariable>,
    /// pending, approved, paused or rejected.
    status: String,
    /// Twilio's `HX…`.
    content_sid: String,
}

#[derive(Serialize, ToSchema)]
struct TemplateVariable {
    /// What it is for.
    name: String,
    sample: String,
}

impl From<wire::Template> for Template {
    fn from(template: wire::Template) -> Self {
        let variable = |one: wire::Variable| TemplateVariable { name: one.name, sample: one.sample };
        Self {
            name: template.name,
            language: template.language,
            category: template.category,
            body: template.body,
            variables: template.variables.into_iter().map(variable).collect(),
            status: template.status,
            content_sid: template.content_sid,
        }
    }
}

/// The templates, and how WhatsApp stands to them.
#[utoipa::path(
    get, path = "/api/v1/templates", tag = "messaging", operation_id = "listTemplates",
    security(("bearer" = []), ("api_key" = [])),
    responses((status = 200, description = "All of them", body = Listing<Template>))
)]
pub(crate) async fn list(
    State(platform): State<Shared>,
    caller: Caller,
) -> Result<Json<Listing<Template>>, Refusal> {
    let question = caller.request(wire::ListTemplatesRequest::default());
    let answer = platform.messaging().list_templates(question).await?.into_inner();
    Ok(Json(Listing::whole(answer.templates)))
}
