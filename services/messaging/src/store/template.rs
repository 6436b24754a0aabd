//! The registry of templates.

use kernel::Locale;
use sqlx::types::Json;
use sqlx::{PgConnection, PgExecutor, PgPool};

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
    reason: String,
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
            reason: row.reason,
        }
    }
}

/// All of them.
pub(crate) async fn list(pool: &PgPool) -> Result<Vec<Template>, sqlx::Error> {
    let rows = sqlx::query_as!(
        Row,
        r#"select name, language, category, body, variables as "variables: Json<Vec<Variable>>", status, content_sid,
                  reason
           from messaging.template order by name, language desc"#
    )
    .fetch_all(pool)
    .await?;
    Ok(rows.into_iter().map(Template::from).collect())
}

/// One of them, locked: whoever is handing over with it is waited for, and nobody begins to until the transaction ends.
pub(crate) async fn lock(
    tx: &mut PgConnection,
    name: &str,
    language: Locale,
) -> Result<Option<Template>, sqlx::Error> {
    let row = sqlx::query_as!(
        Row,
        r#"select name, language, category, body, variables as "variables: Json<Vec<Variable>>", status, content_sid,
                  reason
           from messaging.template where name = $1 and language = $2 for update"#,
        name,
        language.as_str()
    )
    .fetch_optional(tx)
    .await?;
    Ok(row.map(Template::from))
}

/// How these stand, which are told by name and language; held so until the transaction ends. One that is not there is left
/// out.
pub(crate) async fn standing(
    tx: &mut PgConnection,
    names: &[String],
    languages: &[String],
) -> Result<Vec<(String, Locale, Approval)>, sqlx::Error> {
    let rows = sqlx::query!(
        "select name, language, status from messaging.template
         where (name, language) in (select w.name, w.language from unnest($1::text[], $2::text[]) as w (name, language))
         order by name, language for share",
        names,
        languages
    )
    .fetch_all(tx)
    .await?;
    // The table allows no other words.
    let approval = |word: &str| Approval::from_word(word).unwrap_or(Approval::Pending);
    Ok(rows
        .into_iter()
        .map(|row| (row.name, Locale::from_tag(&row.language), approval(&row.status)))
        .collect())
}

/// How many microseconds from now the last call with it is due that is under way already.
pub(crate) async fn last_call(
    tx: &mut PgConnection,
    name: &str,
    language: Locale,
) -> Result<Option<i64>, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select (extract(epoch from max(q.slot_at) - clock_timestamp()) * 1000000)::bigint as micros
           from messaging.queue q
           join messaging.message m on m.message_id = q.message_id and m.created_at = q.created_at
           where q.state = 'trying' and m.template = $1 and m.language = $2"#,
        name,
        language.as_str()
    )
    .fetch_one(tx)
    .await
}

/// Makes one, or puts it in the place of the one before.
pub(crate) async fn put(db: impl PgExecutor<'_>, template: &Template) -> Result<(), sqlx::Error> {
    let variables = serde_json::json!(template.variables);
    sqlx::query!(
        "insert into messaging.template (name, language, category, body, variables, status, content_sid, reason)
         values ($1, $2, $3, $4, $5, $6, $7, $8)
         on conflict (name, language) do update
         set category = excluded.category, body = excluded.body, variables = excluded.variables,
             status = excluded.status, content_sid = excluded.content_sid, reason = excluded.reason",
        template.name,
        template.language.as_str(),
        template.category.as_str(),
        template.body,
        variables,
        template.approval.as_str(),
        template.content_sid,
        template.reason
    )
    .execute(db)
    .await?;
    Ok(())
}
