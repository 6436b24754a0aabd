//! Programs and their versions.

use kernel::{BusinessId, ProgramId};
use sqlx::{PgConnection, PgPool};

use crate::Error;
use crate::domain::{Definition, Program};

struct Row {
    program_id: ProgramId,
    business_id: BusinessId,
    version: i32,
    active: bool,
    created_at: chrono::DateTime<chrono::Utc>,
    definition: serde_json::Value,
}

impl Row {
    fn into_program(self) -> Result<Program, Error> {
        Ok(Program {
            program: self.program_id,
            business: self.business_id,
            version: self.version,
            active: self.active,
            created_at: self.created_at,
            definition: read(self.definition)?,
        })
    }
}

fn read(definition: serde_json::Value) -> Result<Definition, Error> {
    serde_json::from_value(definition).map_err(|_| Error::Corrupt("program definition"))
}

fn written(definition: &Definition) -> Result<serde_json::Value, Error> {
    serde_json::to_value(definition).map_err(|_| Error::Corrupt("program definition"))
}

/// The programs of a business in their current versions, oldest first.
pub(crate) async fn list(
    db: impl sqlx::PgExecutor<'_>,
    business: BusinessId,
    include_inactive: bool,
) -> Result<Vec<Program>, Error> {
    sqlx::query_as!(
        Row,
        r#"select p.program_id as "program_id: ProgramId", p.business_id as "business_id: BusinessId", p.version,
                  p.active, p.created_at, v.definition
           from stamping.program p join stamping.program_version v using (program_id, version)
           where p.business_id = $1 and (p.active or $2)
           order by p.created_at, p.program_id"#,
        business.as_uuid(),
        include_inactive
    )
    .fetch_all(db)
    .await?
    .into_iter()
    .map(Row::into_program)
    .collect()
}

/// Programs of whichever business in their current versions, after one of them.
pub(crate) async fn page(pool: &PgPool, after: Option<ProgramId>, limit: i64) -> Result<Vec<Program>, Error> {
    sqlx::query_as!(
        Row,
        r#"select p.program_id as "program_id: ProgramId", p.business_id as "business_id: BusinessId", p.version,
                  p.active, p.created_at, v.definition
           from stamping.program p join stamping.program_version v using (program_id, version)
           where $1::uuid is null or p.program_id > $1
           order by p.program_id limit $2"#,
        after.map(ProgramId::as_uuid),
        limit
    )
    .fetch_all(pool)
    .await?
    .into_iter()
    .map(Row::into_program)
    .collect()
}

/// One program in its current version.
pub(crate) async fn get(
    executor: impl sqlx::PgExecutor<'_>,
    business: BusinessId,
    program: ProgramId,
) -> Result<Option<Program>, Error> {
    sqlx::query_as!(
        Row,
        r#"select p.program_id as "program_id: ProgramId", p.business_id as "business_id: BusinessId", p.version,
                  p.active, p.created_at, v.definition
           from stamping.program p join stamping.program_version v using (program_id, version)
           where p.business_id = $1 and p.program_id = $2"#,
        business.as_uuid(),
        program.as_uuid()
    )
    .fetch_optional(executor)
    .await?
    .map(Row::into_program)
    .transpose()
}

/// What one version of a program says.
pub(crate) async fn definition(
    executor: impl sqlx::PgExecutor<'_>,
    program: ProgramId,
    version: i32,
) -> Result<Definition, Error> {
    let found = sqlx::query_scalar!(
        "select definition from stamping.program_version where program_id = $1 and version = $2",
        program.as_uuid(),
        version
    )
    .fetch_optional(executor)
    .await?;
    read(found.ok_or(Error::Corrupt("program version missing"))?)
}

/// Writes a new program in its first version.
pub(crate) async fn insert(tx: &mut PgConnection, program: &Program) -> Result<(), Error> {
    sqlx::query!(
        "insert into stamping.program (program_id, business_id, version, active, created_at)
         values ($1, $2, $3, $4, $5)",
        program.program.as_uuid(),
        program.business.as_uuid(),
        program.version,
        program.active,
        program.created_at
    )
    .execute(&mut *tx)
    .await?;
    insert_version(tx, program, program.created_at).await
}

/// Holds a program's row until the end of the transaction.
pub(crate) async fn lock(
    tx: &mut PgConnection,
    business: BusinessId,
    program: ProgramId,
) -> Result<(), Error> {
    sqlx::query!(
        "select from stamping.program where business_id = $1 and program_id = $2 for no key update",
        business.as_uuid(),
        program.as_uuid()
    )
    .fetch_optional(tx)
    .await?;
    Ok(())
}

/// Makes a version current.
pub(crate) async fn advance(tx: &mut PgConnection, program: &Program) -> Result<(), Error> {
    sqlx::query!(
        "update stamping.program set version = $3, active = $4 where business_id = $1 and program_id = $2",
        program.business.as_uuid(),
        program.program.as_uuid(),
        program.version,
        program.active
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Writes what a version says.
pub(crate) async fn insert_version(
    tx: &mut PgConnection,
    program: &Program,
    at: chrono::DateTime<chrono::Utc>,
) -> Result<(), Error> {
    sqlx::query!(
        "insert into stamping.program_version (program_id, version, business_id, definition, created_at)
         values ($1, $2, $3, $4, $5)",
        program.program.as_uuid(),
        program.version,
        program.business.as_uuid(),
        written(&program.definition)?,
        at
    )
    .execute(tx)
    .await?;
    Ok(())
}
