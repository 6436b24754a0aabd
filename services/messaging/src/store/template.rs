//! The registry of templates.

use kernel::Locale;
use sqlx::PgPool;
use sqlx::types::Json;

use crate::domain::price::Category;
use crate::domain::template::{Approval, Template, Variable};

struct Row {
    name: String,
    language: String,
    category: String,
    body: String,
    variables: Json<Vec<Variable>>,
    status: String,
    content_sid: String,
}

impl From<Row> for Template {
    fn from(row: Row) -> Self {
        Self {
            name: row.name,
            language: Locale::from_tag(&row.language),
            // The table allows no others.
            category: Category::from_word(&row.category).unwrap_or(Category::Marketing),
            body: row.body,
            variables: row.variables.0,
            approval: Approval::from_word(&row.status).unwrap_or(Approval::Pending),
            content_sid: row.content_sid,
        }
    }
}

/// All of them.
pub(crate) async fn list(pool: &PgPool) -> Result<Vec<Template>, sqlx::Error> {
    let rows = sqlx::query_as!(
        Row,
        r#"select name, language, category, body, variables as "variables: Json<Vec<Variable>>", status, content_sid
           from messaging.template order by name, language desc"#
    )
    .fetch_all(pool)
    .await?;
    Ok(rows.into_iter().map(Template::from).collect())
}

/// Makes one, or puts it in the place of the one before.
pub(crate) async fn put(pool: &PgPool, template: &Template) -> Result<(), sqlx::Error> {
    let variables = serde_json::json!(template.variables);
    sqlx::query!(
        "insert into messaging.template (name, language, category, body, variables, status, content_sid)
         values ($1, $2, $3, $4, $5, $6, $7)
         on conflict (name, language) do update
         set category = excluded.category, body = excluded.body, variables = excluded.variables,
             status = excluded.status, content_sid = excluded.content_sid",
        template.name,
        template.language.as_str(),
        template.category.as_str(),
        template.body,
        variables,
        template.approval.as_str(),
        template.content_sid
    )
    .execute(pool)
    .await?;
    Ok(())
}
