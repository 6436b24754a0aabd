//! Wrong tries, counted in the database so that every replica counts the same ones.

use chrono::{DateTime, Utc};
use kernel::{DeviceId, MemberId};
use sqlx::PgConnection;

use crate::domain::token::TokenHash;
use crate::domain::tries::Tries;

/// What tries are counted at.
#[derive(Clone, Copy, Debug)]
pub enum Subject {
    /// An address, known or not, by its keyed hash.
    Email(TokenHash),
    /// A till.
    Device(DeviceId),
    /// A member's PIN.
    Member(MemberId),
}

impl Subject {
    fn key(&self) -> (&'static str, Vec<u8>) {
        match self {
            Self::Email(hash) => ("email", hash.to_vec()),
            Self::Device(device) => ("device", device.as_uuid().as_bytes().to_vec()),
            Self::Member(member) => ("member", member.as_uuid().as_bytes().to_vec()),
        }
    }
}

/// Reads and locks what was tried, making the row where there is none: two tries at once come one after the other.
pub async fn lock(
    tx: &mut PgConnection,
    subject: &Subject,
    now: DateTime<Utc>,
) -> Result<Tries, sqlx::Error> {
    let (kind, key) = subject.key();
    let row = sqlx::query!(
        "insert into enrollment.sign_in_try as try (kind, subject, last_try_at) values ($1, $2, $3)
         on conflict (kind, subject) do update set last_try_at = excluded.last_try_at
         returning wrong_in_row, locked_until",
        kind,
        key,
        now,
    )
    .fetch_one(tx)
    .await?;
    Ok(Tries { wrong_in_row: row.wrong_in_row, locked_until: row.locked_until })
}

/// Writes a locked count back.
pub async fn save(tx: &mut PgConnection, subject: &Subject, tries: Tries) -> Result<(), sqlx::Error> {
    let (kind, key) = subject.key();
    sqlx::query!(
        "update enrollment.sign_in_try set wrong_in_row = $3, locked_until = $4 where kind = $1 and subject = $2",
        kind,
        key,
        tries.wrong_in_row,
        tries.locked_until,
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Forgets what was tried: the last try was right.
pub async fn forget(tx: &mut PgConnection, subject: &Subject) -> Result<(), sqlx::Error> {
    let (kind, key) = subject.key();
    sqlx::query!("delete from enrollment.sign_in_try where kind = $1 and subject = $2", kind, key)
        .execute(tx)
        .await?;
    Ok(())
}
