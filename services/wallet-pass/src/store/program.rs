//! What a program's passes look like, as it was last told.

use kernel::{BusinessId, ProgramId};
use sqlx::{PgConnection, PgPool};

use crate::domain::view::Program;

/// What is drawn without asking anybody.
#[derive(Clone, Debug)]
pub(crate) struct Drawn {
    pub business: BusinessId,
    pub name: String,
    pub organization: String,
    pub required: i32,
    pub ink: String,
    pub paper: String,
    pub shape: String,
    pub reward_counts: Vec<i32>,
    pub logo: Option<String>,
    pub fingerprint: String,
}

/// Writes what stamping told of a program, unless something newer is known. The logo is the shop's and stays.
pub(crate) async fn put(pool: &PgPool, program: &Program) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into wallet_pass.program as known
           (program_id, business_id, version, name, organization, stamps_required, ink, paper, stamp_shape,
            reward_counts, fingerprint)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
         on conflict on constraint program_pk do update
         set version = excluded.version, name = excluded.name, organization = excluded.organization,
             stamps_required = excluded.stamps_required, ink = excluded.ink, paper = excluded.paper,
             stamp_shape = excluded.stamp_shape, reward_counts = excluded.reward_counts,
             fingerprint = excluded.fingerprint
         where known.version <= excluded.version and known.fingerprint <> excluded.fingerprint",
        program.id.as_uuid(),
        program.business.as_uuid(),
        program.version,
        program.name,
        program.organization,
        program.required,
        program.ink,
        program.paper,
        program.shape,
        &program.reward_counts(),
        program.fingerprint(),
    )
    .execute(pool)
    .await?;
    Ok(())
}

/// The shop's picture for a program, by its name in the object store.
pub(crate) async fn logo(pool: &PgPool, program: ProgramId) -> Result<Option<String>, sqlx::Error> {
    let found =
        sqlx::query_scalar!("select logo from wallet_pass.program where program_id = $1", program.as_uuid())
            .fetch_optional(pool)
            .await?;
    Ok(found.flatten())
}

/// Gives a program another picture, or none; false where no pass of the program was ever made.
pub(crate) async fn set_logo(
    tx: &mut PgConnection,
    business: BusinessId,
    program: ProgramId,
    logo: Option<&str>,
) -> Result<bool, sqlx::Error> {
    let changed = sqlx::query!(
        "update wallet_pass.program set logo = $3 where business_id = $1 and program_id = $2",
        business.as_uuid(),
        program.as_uuid(),
        logo,
    )
    .execute(tx)
    .await?;
    Ok(changed.rows_affected() == 1)
}

/// What the parts of a program's passes are drawn from.
pub(crate) async fn drawn(pool: &PgPool, program: ProgramId) -> Result<Option<Drawn>, sqlx::Error> {
    sqlx::query_as!(
        Drawn,
        r#"select business_id as "business: BusinessId", name, organization, stamps_required as required, ink, paper,
                  stamp_shape as shape,
                  reward_counts, logo, fingerprint
           from wallet_pass.program where program_id = $1"#,
        program.as_uuid(),
    )
    .fetch_optional(pool)
    .await
}
