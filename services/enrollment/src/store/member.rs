//! Members and their recovery codes.

use chrono::{DateTime, Utc};
use kernel::{BusinessId, LocationId, MemberId, Role};
use sqlx::PgExecutor;

use crate::domain::credentials::{Email, Member};
use crate::domain::token::TokenHash;

struct Row {
    member_id: MemberId,
    name: String,
    email: Option<String>,
    role: String,
    has_pin: bool,
    active: bool,
    location_id: Option<LocationId>,
    created_at: DateTime<Utc>,
}

/// The stored role; the table allows no other words.
fn role(word: &str) -> Role {
    Role::from_word(word).unwrap_or(Role::Stamper)
}

impl From<Row> for Member {
    fn from(row: Row) -> Self {
        Self {
            id: row.member_id,
            name: row.name,
            // Only addresses that were read as such are ever stored.
            email: row.email.and_then(|email| Email::parse(&email).ok()),
            role: role(&row.role),
            has_pin: row.has_pin,
            active: row.active,
            location: row.location_id,
            created_at: row.created_at,
        }
    }
}

/// The hashes of what a member signs in with.
#[derive(Clone, Debug, Default)]
pub struct Hashes {
    /// Of her password.
    pub password: Option<String>,
    /// Of her PIN.
    pub pin: Option<String>,
}

/// Writes a new member. Breaks `member_email_unique` where the address is taken.
pub async fn insert(
    db: impl PgExecutor<'_>,
    business: BusinessId,
    member: &Member,
    hashes: &Hashes,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into enrollment.member
             (member_id, business_id, name, email, password_hash, pin_hash, role, location_id, active, created_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        member.id.as_uuid(),
        business.as_uuid(),
        member.name,
        member.email.as_ref().map(Email::as_str),
        hashes.password,
        hashes.pin,
        member.role.as_str(),
        member.location.map(LocationId::as_uuid),
        member.active,
        member.created_at,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// The members of a business, oldest first.
pub async fn all(db: impl PgExecutor<'_>, business: BusinessId) -> Result<Vec<Member>, sqlx::Error> {
    let rows = sqlx::query_as!(
        Row,
        r#"select member_id as "member_id: _", name, email, role, pin_hash is not null as "has_pin!", active,
                  location_id as "location_id: _", created_at
           from enrollment.member where business_id = $1 and deleted_at is null order by member_id"#,
        business.as_uuid(),
    )
    .fetch_all(db)
    .await?;
    Ok(rows.into_iter().map(Member::from).collect())
}

/// One member of a business.
pub async fn find(
    db: impl PgExecutor<'_>,
    business: BusinessId,
    member: MemberId,
) -> Result<Option<Member>, sqlx::Error> {
    let row = sqlx::query_as!(
        Row,
        r#"select member_id as "member_id: _", name, email, role, pin_hash is not null as "has_pin!", active,
                  location_id as "location_id: _", created_at
           from enrollment.member where business_id = $1 and member_id = $2 and deleted_at is null"#,
        business.as_uuid(),
        member.as_uuid(),
    )
    .fetch_optional(db)
    .await?;
    Ok(row.map(Member::from))
}

/// Writes a member back; a new PIN hash where one is given (`Some(None)` takes it away).
pub async fn update(
    db: impl PgExecutor<'_>,
    business: BusinessId,
    member: &Member,
    pin_hash: Option<Option<String>>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update enrollment.member
         set name = $3, role = $4, location_id = $5, active = $6,
             pin_hash = case when $7 then $8 else pin_hash end
         where business_id = $1 and member_id = $2 and deleted_at is null",
        business.as_uuid(),
        member.id.as_uuid(),
        member.name,
        member.role.as_str(),
        member.location.map(LocationId::as_uuid),
        member.active,
        pin_hash.is_some(),
        pin_hash.flatten(),
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Takes a member out of the business; her row stays for the audit log, without her address and her ways in.
pub async fn delete(
    db: impl PgExecutor<'_>,
    business: BusinessId,
    member: MemberId,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update enrollment.member
         set deleted_at = $3, active = false, email = null, password_hash = null, pin_hash = null
         where business_id = $1 and member_id = $2 and deleted_at is null",
        business.as_uuid(),
        member.as_uuid(),
        now,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// How many owners can sign in.
pub async fn active_owners(db: impl PgExecutor<'_>, business: BusinessId) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select count(*) as "count!" from enrollment.member
           where business_id = $1 and role = 'owner' and active and deleted_at is null"#,
        business.as_uuid(),
    )
    .fetch_one(db)
    .await
}

/// A member somebody wants to sign in as.
#[derive(Clone, Debug)]
pub struct Login {
    /// Her business.
    pub business: BusinessId,
    /// She.
    pub member: MemberId,
    /// What she may do.
    pub role: Role,
    /// What must fit.
    pub hash: Option<String>,
}

/// The active member of this address. Addresses are unique over all businesses, so none is named here.
pub async fn login_by_email(db: impl PgExecutor<'_>, email: &Email) -> Result<Option<Login>, sqlx::Error> {
    let row = sqlx::query!(
        r#"select business_id as "business_id: BusinessId", member_id as "member_id: MemberId", role, password_hash
           from enrollment.member where email = $1 and active and deleted_at is null"#,
        email.as_str(),
    )
    .fetch_optional(db)
    .await?;
    Ok(row.map(|row| Login {
        business: row.business_id,
        member: row.member_id,
        role: role(&row.role),
        hash: row.password_hash,
    }))
}

/// The active member who may enter by PIN at this location of her business; a till of no location is everybody's.
pub async fn login_by_pin(
    db: impl PgExecutor<'_>,
    business: BusinessId,
    member: MemberId,
    location: Option<LocationId>,
) -> Result<Option<Login>, sqlx::Error> {
    let row = sqlx::query!(
        r#"select role, pin_hash from enrollment.member
           where business_id = $1 and member_id = $2 and active and deleted_at is null and pin_hash is not null
             and (location_id is null or $3::uuid is null or location_id = $3)"#,
        business.as_uuid(),
        member.as_uuid(),
        location.map(LocationId::as_uuid),
    )
    .fetch_optional(db)
    .await?;
    Ok(row.map(|row| Login { business, member, role: role(&row.role), hash: row.pin_hash }))
}

/// Who may enter a PIN at this location, or anywhere if the till has none: ids and names.
pub async fn with_pin(
    db: impl PgExecutor<'_>,
    business: BusinessId,
    location: Option<LocationId>,
) -> Result<Vec<(MemberId, String)>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select member_id as "member_id: MemberId", name from enrollment.member
           where business_id = $1 and active and deleted_at is null and pin_hash is not null
             and (location_id is null or $2::uuid is null or location_id = $2)
           order by name, member_id"#,
        business.as_uuid(),
        location.map(LocationId::as_uuid),
    )
    .fetch_all(db)
    .await?;
    Ok(rows.into_iter().map(|row| (row.member_id, row.name)).collect())
}

/// Sets a new password.
pub async fn set_password(
    db: impl PgExecutor<'_>,
    business: BusinessId,
    member: MemberId,
    hash: &str,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update enrollment.member set password_hash = $3 where business_id = $1 and member_id = $2",
        business.as_uuid(),
        member.as_uuid(),
        hash,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Writes recovery codes.
pub async fn insert_recovery_codes(
    db: impl PgExecutor<'_>,
    business: BusinessId,
    member: MemberId,
    hashes: &[TokenHash],
) -> Result<(), sqlx::Error> {
    let hashes: Vec<Vec<u8>> = hashes.iter().map(|hash| hash.to_vec()).collect();
    sqlx::query!(
        "insert into enrollment.recovery_code (code_hash, business_id, member_id)
         select hash, $2, $3 from unnest($1::bytea[]) as hash",
        &hashes,
        business.as_uuid(),
        member.as_uuid(),
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Uses a recovery code up; the member whose it is, if it is that address's and was unused.
pub async fn use_recovery_code(
    db: impl PgExecutor<'_>,
    email: &Email,
    code: &TokenHash,
    now: DateTime<Utc>,
) -> Result<Option<(BusinessId, MemberId)>, sqlx::Error> {
    let row = sqlx::query!(
        r#"update enrollment.recovery_code as code set used_at = $3
           from enrollment.member as member
           where code.code_hash = $2 and code.used_at is null and member.member_id = code.member_id
             and member.email = $1 and member.active and member.deleted_at is null
           returning code.business_id as "business_id: BusinessId", code.member_id as "member_id: MemberId""#,
        email.as_str(),
        code.as_slice(),
        now,
    )
    .fetch_optional(db)
    .await?;
    Ok(row.map(|row| (row.business_id, row.member_id)))
}
