//! Who may be written to: one row a customer, won by one statement, shared by every campaign and every replica.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use kernel::{BusinessId, CampaignId, CustomerId};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::domain::send::claims_lapsed_by;
use crate::store::audience::Merge;

/// One send's claim on one customer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Claim {
    pub(crate) business: BusinessId,
    pub(crate) customer: CustomerId,
    pub(crate) send: Uuid,
    pub(crate) campaign: CampaignId,
}

struct Columns {
    businesses: Vec<Uuid>,
    customers: Vec<Uuid>,
    sends: Vec<Uuid>,
    campaigns: Vec<Uuid>,
}

impl Columns {
    /// In one order for all, so that those who meet wait for each other instead of locking up.
    fn of(claims: &[Claim]) -> Self {
        let mut claims = claims.to_vec();
        claims.sort_unstable();
        Self {
            businesses: claims.iter().map(|claim| claim.business.as_uuid()).collect(),
            customers: claims.iter().map(|claim| claim.customer.as_uuid()).collect(),
            sends: claims.iter().map(|claim| claim.send).collect(),
            campaigns: claims.iter().map(|claim| claim.campaign.as_uuid()).collect(),
        }
    }
}

/// Takes the claims that nobody holds, or whose holder's seven days have passed, or that these sends hold already; tells
/// which sends have theirs.
pub(crate) async fn win(
    db: &mut PgConnection,
    claims: &[Claim],
    now: DateTime<Utc>,
) -> Result<HashSet<Uuid>, sqlx::Error> {
    let columns = Columns::of(claims);
    let won = sqlx::query_scalar!(
        "insert into campaign.contact_claim as known (business_id, customer_id, send_id, campaign_id, claimed_at)
         select business_id, customer_id, send_id, campaign_id, $5
         from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[])
              as wanted (business_id, customer_id, send_id, campaign_id)
         on conflict on constraint contact_claim_pk do update set
             send_id = excluded.send_id, campaign_id = excluded.campaign_id, claimed_at = excluded.claimed_at
         where known.claimed_at <= $6 or known.send_id = excluded.send_id
         returning send_id",
        &columns.businesses,
        &columns.customers,
        &columns.sends,
        &columns.campaigns,
        now,
        claims_lapsed_by(now),
    )
    .fetch_all(db)
    .await?;
    Ok(won.into_iter().collect())
}

/// Gives back those claims that these sends still hold.
pub(crate) async fn give_back(db: &mut PgConnection, claims: &[Claim]) -> Result<(), sqlx::Error> {
    let columns = Columns::of(claims);
    sqlx::query!(
        "with lost as (
             select known.business_id, known.customer_id
             from campaign.contact_claim as known
             join unnest($1::uuid[], $2::uuid[], $3::uuid[]) as given (business_id, customer_id, send_id)
                  using (business_id, customer_id, send_id)
             order by known.business_id, known.customer_id
             for update of known
         )
         delete from campaign.contact_claim as known using lost
         where known.business_id = lost.business_id and known.customer_id = lost.customer_id",
        &columns.businesses,
        &columns.customers,
        &columns.sends,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Whoever was written to still was, under the name she goes by now: her claim is moved, and so is the send that holds it, so
/// that what becomes of it changes the claim. Of two the later holds.
pub(crate) async fn follow_merge(
    db: &mut PgConnection,
    (business, from, into): Merge,
) -> Result<(), sqlx::Error> {
    // Sends before claims, as news of them locks both.
    sqlx::query!(
        "update campaign.send set customer_id = $3
         from campaign.contact_claim as was
         where was.business_id = $1 and was.customer_id = $2
           and send.campaign_id = was.campaign_id and send.send_id = was.send_id and send.business_id = $1",
        business.as_uuid(),
        from.as_uuid(),
        into.as_uuid(),
    )
    .execute(&mut *db)
    .await?;
    sqlx::query!(
        "with was as (
             delete from campaign.contact_claim where business_id = $1 and customer_id = $2
             returning send_id, campaign_id, claimed_at
         )
         insert into campaign.contact_claim as known (business_id, customer_id, send_id, campaign_id, claimed_at)
         select $1, $3, send_id, campaign_id, claimed_at from was
         on conflict on constraint contact_claim_pk do update set
             send_id = excluded.send_id, campaign_id = excluded.campaign_id, claimed_at = excluded.claimed_at
         where known.claimed_at < excluded.claimed_at",
        business.as_uuid(),
        from.as_uuid(),
        into.as_uuid(),
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Those of a business's customers whom somebody wrote to within the seven days.
pub(crate) async fn held(
    db: &mut PgConnection,
    business: BusinessId,
    customers: &[CustomerId],
    now: DateTime<Utc>,
) -> Result<HashSet<CustomerId>, sqlx::Error> {
    let customers: Vec<Uuid> = customers.iter().map(|customer| customer.as_uuid()).collect();
    let held = sqlx::query_scalar!(
        r#"select customer_id as "customer_id: CustomerId" from campaign.contact_claim
           where business_id = $1 and customer_id = any($2) and claimed_at > $3"#,
        business.as_uuid(),
        &customers,
        claims_lapsed_by(now),
    )
    .fetch_all(db)
    .await?;
    Ok(held.into_iter().collect())
}
