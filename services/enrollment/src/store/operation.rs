//! Sign-ups by the operation ids that their clients made.

use chrono::{DateTime, Utc};
use kernel::{BusinessId, CustomerId};
use sqlx::{PgConnection, PgExecutor};

use crate::domain::consent::State;
use crate::domain::token::TokenHash;

/// What a sign-up led to.
#[derive(Clone, Debug)]
pub struct Done {
    /// The form it was made with.
    pub form: Vec<u8>,
    /// Who has the card; absent where the number was known and nothing proved it.
    pub customer: Option<CustomerId>,
    /// She was a customer before, and proved it.
    pub was_known: bool,
    /// How her marketing consent stood then.
    pub marketing: Option<State>,
}

/// Takes an operation id for this transaction; what it led to, where it was taken before. Waits for another transaction that is
/// taking the same id.
pub async fn claim(
    tx: &mut PgConnection,
    business: BusinessId,
    (operation, form): (&TokenHash, &TokenHash),
    now: DateTime<Utc>,
) -> Result<Option<Done>, sqlx::Error> {
    let claimed = sqlx::query!(
        "insert into enrollment.operation (business_id, operation_hash, fingerprint, created_at)
         values ($1, $2, $3, $4) on conflict (business_id, operation_hash) do nothing",
        business.as_uuid(),
        operation.as_slice(),
        form.as_slice(),
        now,
    )
    .execute(&mut *tx)
    .await?;
    if claimed.rows_affected() == 1 {
        return Ok(None);
    }
    let row = sqlx::query!(
        r#"select fingerprint, customer_id as "customer_id: CustomerId", was_known, marketing
           from enrollment.operation where business_id = $1 and operation_hash = $2"#,
        business.as_uuid(),
        operation.as_slice(),
    )
    .fetch_one(tx)
    .await?;
    Ok(Some(Done {
        form: row.fingerprint,
        customer: row.customer_id,
        was_known: row.was_known,
        marketing: row.marketing.as_deref().and_then(State::from_word),
    }))
}

/// Writes what a claimed operation led to.
pub async fn finish(
    db: impl PgExecutor<'_>,
    business: BusinessId,
    operation: &TokenHash,
    (customer, was_known, marketing): (CustomerId, bool, Option<State>),
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update enrollment.operation set customer_id = $3, was_known = $4, marketing = $5
         where business_id = $1 and operation_hash = $2",
        business.as_uuid(),
        operation.as_slice(),
        customer.as_uuid(),
        was_known,
        marketing.map(State::as_str),
    )
    .execute(db)
    .await?;
    Ok(())
}
