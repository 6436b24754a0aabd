//! Who is in an audience, and who of them can be reached.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use kernel::{BusinessId, CardId, CustomerId, Locale, LocationId, ProgramId, RewardId};
use sqlx::{FromRow, PgConnection, Postgres, QueryBuilder};
use uuid::Uuid;

use super::expression;
use crate::domain::audience::{Audience, Moment};
use crate::domain::customer::{Nearest, Profile};
use crate::domain::send::claims_lapsed_by;

/// Whoever may be written to: there, asked for it, and not taken it back since.
const ELIGIBLE: &str = "not a.erased and a.merged_into is null and a.consent = 'granted'
     and (a.opted_out_at is null or a.opted_out_at < a.consent_at)";
/// Some phone of hers keeps a pass.
const HAS_PASS: &str = "(a.apple_passes > 0 or a.google_passes > 0 or a.web_passes > 0)";

/// An audience by why its customers cannot be reached, each under the first reason that holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, FromRow)]
pub(crate) struct Reach {
    pub(crate) count: i64,
    pub(crate) erased: i64,
    pub(crate) opted_out: i64,
    pub(crate) no_consent: i64,
    pub(crate) capped: i64,
    /// Can be reached.
    pub(crate) free: i64,
    /// Of those, with a pass.
    pub(crate) with_pass: i64,
}

impl Reach {
    /// Counts one more, by what [`judged`] says of her.
    pub(crate) fn add(&mut self, why: i32, has_pass: bool) {
        self.count += 1;
        match why {
            ERASED => self.erased += 1,
            OPTED_OUT => self.opted_out += 1,
            NO_CONSENT => self.no_consent += 1,
            CAPPED => self.capped += 1,
            _ => {
                self.free += 1;
                self.with_pass += i64::from(has_pass);
            }
        }
    }
}

// Why a customer cannot be reached; 0 is that she can.
const ERASED: i32 = 1;
const OPTED_OUT: i32 = 2;
const NO_CONSENT: i32 = 3;
const CAPPED: i32 = 4;

/// Says why, under the first reason that holds.
fn push_reason(query: &mut QueryBuilder<Postgres>, when: &Moment) {
    query.push(
        "case when a.erased then 1
              when a.opted_out_at is not null and (a.consent <> 'granted' or a.consent_at <= a.opted_out_at) then 2
              when a.consent <> 'granted' then 3
              when claim.claimed_at > ",
    );
    query.push_bind(claims_lapsed_by(when.now)).push(" then 4 else 0 end");
}

/// Beside an audience, who was written to.
const WITH_CLAIM: &str = "left join campaign.contact_claim as claim
     on claim.business_id = a.business_id and claim.customer_id = a.customer_id";

/// Counts an audience.
pub(crate) async fn count(
    db: &mut PgConnection,
    business: BusinessId,
    audience: &Audience,
    when: &Moment,
) -> Result<Reach, sqlx::Error> {
    let mut query = QueryBuilder::new(
        "select count(*) as count,
                count(*) filter (where reason = 1) as erased, count(*) filter (where reason = 2) as opted_out,
                count(*) filter (where reason = 3) as no_consent, count(*) filter (where reason = 4) as capped,
                count(*) filter (where reason = 0) as free,
                count(*) filter (where reason = 0 and has_pass) as with_pass
         from (select ",
    );
    push_reason(&mut query, when);
    query.push(format_args!(
        " as reason, {HAS_PASS} as has_pass from campaign.audience as a {WITH_CLAIM}
         where a.merged_into is null and a.business_id = "
    ));
    query.push_bind(business.as_uuid()).push(" and ");
    expression::push(&mut query, audience, when);
    query.push(") as found");
    query.build_query_as().fetch_one(db).await
}

/// A customer who may be written to, with what a message to her may say.
#[derive(Clone, Debug, FromRow)]
pub(crate) struct Reachable {
    pub(crate) customer_id: CustomerId,
    pub(crate) language: String,
    pub(crate) card_id: Option<CardId>,
    pub(crate) stamps: i32,
    pub(crate) stamps_left: i32,
    /// The open reward that ends first; may be empty.
    pub(crate) open_reward: String,
    /// What her card leads to; may be empty.
    pub(crate) next_reward: String,
    pub(crate) has_pass: bool,
}

/// The next of an audience after `after`, in the order of their ids.
pub(crate) async fn next(
    db: &mut PgConnection,
    business: BusinessId,
    audience: &Audience,
    only_with_pass: bool,
    after: Option<CustomerId>,
    limit: i64,
    when: &Moment,
) -> Result<Vec<Reachable>, sqlx::Error> {
    let mut query =
        QueryBuilder::new(format!("select {REACHABLE}, {HAS_PASS} as has_pass {FROM} where {ELIGIBLE}"));
    push_place(&mut query, business, after);
    if only_with_pass {
        query.push(" and ").push(HAS_PASS);
    }
    query.push(" and ");
    expression::push(&mut query, audience, when);
    query.push(" order by a.customer_id limit ").push_bind(limit);
    query.build_query_as().fetch_all(db).await
}

const REACHABLE: &str =
    "a.customer_id, a.language, a.card_id, a.stamps, coalesce(a.stamps_left, 0) as stamps_left,
     a.reward_title as open_reward, coalesce(program.reward_title, '') as next_reward";
/// And who she is.
const PROFILE: &str =
    "a.joined_at, a.birth_month, a.location_id, a.days, a.entries, a.card_program, a.card_cycle, a.open_rewards,
     a.reward_ends, a.reward_id, a.redeemed_at";
const FROM: &str = "from campaign.audience as a
     left join campaign.program as program
          on program.business_id = a.business_id and program.program_id = a.card_program";

fn push_place(query: &mut QueryBuilder<Postgres>, business: BusinessId, after: Option<CustomerId>) {
    query.push(" and a.business_id = ").push_bind(business.as_uuid());
    query.push(" and a.customer_id > ").push_bind(after.map_or(Uuid::nil(), CustomerId::as_uuid));
}

/// A candidate of an automation: whom to write to, and who she is.
pub(crate) type Candidate = (Reachable, Profile);

#[derive(FromRow)]
struct CandidateRow {
    #[sqlx(flatten)]
    reachable: Reachable,
    joined_at: Option<DateTime<Utc>>,
    birth_month: i16,
    location_id: Option<LocationId>,
    days: Vec<NaiveDate>,
    entries: Vec<i32>,
    card_program: Option<ProgramId>,
    card_cycle: i32,
    open_rewards: i32,
    reward_ends: Vec<DateTime<Utc>>,
    reward_id: Option<RewardId>,
    redeemed_at: Option<DateTime<Utc>>,
}

impl CandidateRow {
    fn read(self) -> Candidate {
        let reachable = self.reachable;
        let came = self.days.into_iter().zip(self.entries).filter(|(_, entries)| *entries > 0);
        let nearest = reachable.card_id.zip(self.card_program).map(|(card, program)| Nearest {
            card,
            program,
            cycle: self.card_cycle,
            stamps: reachable.stamps,
            stamps_left: reachable.stamps_left,
        });
        let profile = Profile {
            joined_at: self.joined_at,
            language: Locale::from_tag(&reachable.language),
            birth_month: u32::try_from(self.birth_month).unwrap_or(0),
            location: self.location_id,
            days: came.map(|(day, _)| day).collect(),
            nearest,
            open_rewards: self.open_rewards,
            reward_ends: self.reward_ends,
            reward: self.reward_id.map(|id| (id, reachable.open_reward.clone())),
            redeemed_at: self.redeemed_at,
            has_pass: reachable.has_pass,
        };
        (reachable, profile)
    }
}

#[derive(FromRow)]
struct JudgedRow {
    #[sqlx(flatten)]
    candidate: CandidateRow,
    reason: i32,
}

/// The next after `after` for whom a condition holds, reachable or not: why not, and who she is.
pub(crate) async fn judged(
    db: &mut PgConnection,
    business: BusinessId,
    condition: &Audience,
    after: Option<CustomerId>,
    limit: i64,
    when: &Moment,
) -> Result<Vec<(i32, Candidate)>, sqlx::Error> {
    let mut query = QueryBuilder::new(format!("select {REACHABLE}, {HAS_PASS} as has_pass, {PROFILE}, "));
    push_reason(&mut query, when);
    query.push(format_args!(" as reason {FROM} {WITH_CLAIM} where a.merged_into is null"));
    push_place(&mut query, business, after);
    query.push(" and ");
    expression::push(&mut query, condition, when);
    query.push(" order by a.customer_id limit ").push_bind(limit);
    let rows: Vec<JudgedRow> = query.build_query_as().fetch_all(db).await?;
    Ok(rows.into_iter().map(|row| (row.reason, row.candidate.read())).collect())
}

/// The next after `after` who may be written to and for whom a condition holds, whole.
pub(crate) async fn candidates(
    db: &mut PgConnection,
    business: BusinessId,
    condition: &Audience,
    only_with_pass: bool,
    after: Option<CustomerId>,
    limit: i64,
    when: &Moment,
) -> Result<Vec<Candidate>, sqlx::Error> {
    let mut query = QueryBuilder::new(format!(
        "select {REACHABLE}, {HAS_PASS} as has_pass, {PROFILE} {FROM} where {ELIGIBLE}"
    ));
    push_place(&mut query, business, after);
    if only_with_pass {
        query.push(" and ").push(HAS_PASS);
    }
    query.push(" and ");
    expression::push(&mut query, condition, when);
    query.push(" order by a.customer_id limit ").push_bind(limit);
    let rows: Vec<CandidateRow> = query.build_query_as().fetch_all(db).await?;
    Ok(rows.into_iter().map(CandidateRow::read).collect())
}

/// A customer who may still be written to, and when she came last.
#[derive(Clone, Debug, FromRow)]
pub(crate) struct StillReachable {
    #[sqlx(flatten)]
    pub(crate) customer: Reachable,
    pub(crate) last_day: Option<NaiveDate>,
    pub(crate) came_at: Option<DateTime<Utc>>,
}

/// Of these customers, those who may still be written to.
pub(crate) async fn still_reachable(
    db: &mut PgConnection,
    customers: &[(BusinessId, CustomerId)],
) -> Result<BTreeMap<CustomerId, StillReachable>, sqlx::Error> {
    let (businesses, ids): (Vec<Uuid>, Vec<Uuid>) =
        customers.iter().map(|(business, customer)| (business.as_uuid(), customer.as_uuid())).unzip();
    let mut query = QueryBuilder::<Postgres>::new(format!(
        "select {REACHABLE}, {HAS_PASS} as has_pass, a.last_day, a.came_at {FROM}
         where {ELIGIBLE} and (a.business_id, a.customer_id) in (select * from unnest("
    ));
    query.push_bind(businesses).push("::uuid[], ").push_bind(ids).push("::uuid[]))");
    let rows: Vec<StillReachable> = query.build_query_as().fetch_all(db).await?;
    Ok(rows.into_iter().map(|row| (row.customer.customer_id, row)).collect())
}
