//! What messaging knows of businesses: who may send, by which sender, with what money, and whose turn it is.

use chrono::{DateTime, Utc};
use kernel::BusinessId;
use sqlx::{PgConnection, PgExecutor, PgPool};
use uuid::Uuid;

/// A business as far as messages go.
#[derive(Clone, Debug)]
pub(crate) struct Business {
    pub business: BusinessId,
    pub time_zone: String,
    pub sender: Option<Uuid>,
    pub status: String,
    pub daily_limit: i64,
    pub monthly_limit: i64,
    pub daily_budget: Option<i64>,
    pub monthly_budget: Option<i64>,
    pub marketing_broke_until: Option<DateTime<Utc>>,
    pub quality_state: String,
    pub quality_reason: String,
    pub sender_quality: Option<String>,
}

/// A business as the operator looks at it.
pub(crate) struct Standing {
    pub business: BusinessId,
    pub status: String,
    pub sender: Option<Uuid>,
    pub phone: Option<String>,
    pub weight: i32,
    pub daily_limit: i64,
    pub monthly_limit: i64,
    pub daily_budget: Option<i64>,
    pub monthly_budget: Option<i64>,
    pub quality_state: String,
    pub quality_reason: String,
    pub sender_quality: Option<String>,
}

/// A business with messages that are due in a lane.
pub(crate) struct Due {
    pub business: BusinessId,
    pub time_zone: String,
    pub virtual_time: i64,
    pub weight: i32,
    pub due: i64,
    pub is_slowed: bool,
    /// All that write by its sender are, together.
    pub is_sender_slowed: bool,
}

/// One business.
pub(crate) async fn find(
    db: impl PgExecutor<'_>,
    business: BusinessId,
) -> Result<Option<Business>, sqlx::Error> {
    sqlx::query_as!(
        Business,
        r#"select b.business_id as "business: BusinessId", b.time_zone, b.sender_id as sender, b.status,
                  b.daily_limit_cents as daily_limit, b.monthly_limit_cents as monthly_limit,
                  b.daily_budget_cents as daily_budget, b.monthly_budget_cents as monthly_budget,
                  b.marketing_broke_until, b.quality_state, b.quality_reason, s.quality_state as "sender_quality?"
           from messaging.business b left join messaging.sender s using (sender_id)
           where b.business_id = $1"#,
        business.as_uuid()
    )
    .fetch_optional(db)
    .await
}

/// Businesses after one of them, the oldest first: those of a status, or all; those with a brake of their own, or all.
pub(crate) async fn standing(
    pool: &PgPool,
    (status, only_braked): (Option<&str>, bool),
    after: Option<Uuid>,
    limit: i64,
) -> Result<Vec<Standing>, sqlx::Error> {
    sqlx::query_as!(
        Standing,
        r#"select b.business_id as "business: BusinessId", b.status, b.sender_id as sender, s.phone as "phone?", b.weight,
                  b.daily_limit_cents as daily_limit, b.monthly_limit_cents as monthly_limit,
                  b.daily_budget_cents as daily_budget, b.monthly_budget_cents as monthly_budget,
                  b.quality_state, b.quality_reason, s.quality_state as "sender_quality?"
           from messaging.business b left join messaging.sender s using (sender_id)
           where ($1::text is null or b.status = $1) and (b.quality_state <> 'none' or not $2::boolean)
             and ($3::uuid is null or b.business_id > $3)
           order by b.business_id limit $4"#,
        status,
        only_braked,
        after,
        limit
    )
    .fetch_all(pool)
    .await
}

/// Locks businesses, in one order for all.
pub(crate) async fn lock(tx: &mut PgConnection, businesses: &[Uuid]) -> Result<Vec<Business>, sqlx::Error> {
    sqlx::query_as!(
        Business,
        r#"select b.business_id as "business: BusinessId", b.time_zone, b.sender_id as sender, b.status,
                  b.daily_limit_cents as daily_limit, b.monthly_limit_cents as monthly_limit,
                  b.daily_budget_cents as daily_budget, b.monthly_budget_cents as monthly_budget,
                  b.marketing_broke_until, b.quality_state, b.quality_reason,
                  (select s.quality_state from messaging.sender s where s.sender_id = b.sender_id) as sender_quality
           from messaging.business b
           where b.business_id = any($1)
           order by b.business_id
           for update"#,
        businesses
    )
    .fetch_all(tx)
    .await
}

/// The zone of a business, as its owner tells it; older versions are ignored.
pub(crate) async fn learn(
    tx: &mut PgConnection,
    business: BusinessId,
    time_zone: &str,
    version: i64,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into messaging.business as known (business_id, time_zone, version) values ($1, $2, $3)
         on conflict (business_id) do update set time_zone = excluded.time_zone, version = excluded.version
         where known.version < excluded.version",
        business.as_uuid(),
        time_zone,
        version
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// The operator lets a business send. Where nothing is said of its weight, that stays, and begins with the usual one.
pub(crate) async fn approve(
    tx: &mut PgConnection,
    business: BusinessId,
    sender: Uuid,
    (daily, monthly): (i64, i64),
    weight: Option<i32>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into messaging.business as known
           (business_id, sender_id, status, daily_limit_cents, monthly_limit_cents, weight)
         values ($1, $2, 'approved', $3, $4, coalesce($5, 10))
         on conflict (business_id) do update
         set sender_id = excluded.sender_id, status = 'approved', daily_limit_cents = excluded.daily_limit_cents,
             monthly_limit_cents = excluded.monthly_limit_cents, weight = coalesce($5, known.weight), broke_until = null,
             first_broke_until = null, marketing_broke_until = null, short_told_until = null",
        business.as_uuid(),
        sender,
        daily,
        monthly,
        weight
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// The operator stops it.
pub(crate) async fn stop(tx: &mut PgConnection, business: BusinessId) -> Result<bool, sqlx::Error> {
    let stopped = sqlx::query!(
        "update messaging.business set status = 'stopped' where business_id = $1",
        business.as_uuid()
    )
    .execute(tx)
    .await?;
    Ok(stopped.rows_affected() > 0)
}

/// Gives a business another share; false where there is none.
pub(crate) async fn set_weight(
    pool: &PgPool,
    business: BusinessId,
    weight: i32,
) -> Result<bool, sqlx::Error> {
    let set = sqlx::query!(
        "update messaging.business set weight = $2 where business_id = $1",
        business.as_uuid(),
        weight
    )
    .execute(pool)
    .await?;
    Ok(set.rows_affected() > 0)
}

/// The owner says how much of it she wants to spend.
pub(crate) async fn set_budget(
    tx: &mut PgConnection,
    business: BusinessId,
    daily: i64,
    monthly: i64,
) -> Result<bool, sqlx::Error> {
    let set = sqlx::query!(
        "update messaging.business
         set daily_budget_cents = $2, monthly_budget_cents = $3, broke_until = null, first_broke_until = null,
             marketing_broke_until = null, short_told_until = null
         where business_id = $1 and daily_limit_cents >= $2 and monthly_limit_cents >= $3",
        business.as_uuid(),
        daily,
        monthly
    )
    .execute(tx)
    .await?;
    Ok(set.rows_affected() > 0)
}

/// Its money is used up until then, for all of a lane.
pub(crate) async fn set_broke(
    tx: &mut PgConnection,
    business: BusinessId,
    lane: i16,
    until: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update messaging.business
         set first_broke_until = case when $2 = 0 then $3::timestamptz else first_broke_until end,
             marketing_broke_until = case when $2 = 1 then $3 else marketing_broke_until end
         where business_id = $1",
        business.as_uuid(),
        i32::from(lane),
        until
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Money of its own has come back: nothing of it is held up for want of any, until somebody finds that out again.
pub(crate) async fn open_again(tx: &mut PgConnection, business: BusinessId) -> Result<(), sqlx::Error> {
    // Also where it is closed by whoever hands over just now: that is waited for.
    sqlx::query!(
        "update messaging.business set first_broke_until = null, marketing_broke_until = null where business_id = $1",
        business.as_uuid()
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Its owner is told that until then there is no money for marketing at home; true where that is new.
pub(crate) async fn tell_short(
    tx: &mut PgConnection,
    business: BusinessId,
    until: DateTime<Utc>,
) -> Result<bool, sqlx::Error> {
    let told = sqlx::query!(
        "update messaging.business set short_told_until = $2
         where business_id = $1 and (short_told_until is null or short_told_until < $2)",
        business.as_uuid(),
        until
    )
    .execute(tx)
    .await?;
    Ok(told.rows_affected() > 0)
}

/// These are slowed: none of the marketing of each before its moment. Returns those whose pause was over: of several replicas,
/// one alone begins it anew.
pub(crate) async fn pause_marketing(
    pool: &PgPool,
    businesses: &[Uuid],
    until: &[DateTime<Utc>],
    now: DateTime<Utc>,
) -> Result<Vec<BusinessId>, sqlx::Error> {
    sqlx::query_scalar!(
        r#"update messaging.business as b set marketing_after = paused.until
           from (select k.business_id, p.until from unnest($1::uuid[], $2::timestamptz[]) as p (business_id, until)
                 join messaging.business k on k.business_id = p.business_id
                 where coalesce(k.marketing_after <= $3, true)
                 order by k.business_id for update of k) as paused
           where b.business_id = paused.business_id
           returning b.business_id as "business: BusinessId""#,
        businesses,
        until,
        now
    )
    .fetch_all(pool)
    .await
}

/// Businesses of a sender that have messages due in a lane and are not held, with how many up to `most`. The businesses are
/// found by jumping along the index from one to the next, so that a blast of a hundred thousand counts as one. What is past its
/// time is left to the sweeper, which knows why it waited.
pub(crate) async fn due(
    pool: &PgPool,
    (sender, lane): (Uuid, i16),
    now: DateTime<Utc>,
    most: i64,
) -> Result<Vec<Due>, sqlx::Error> {
    sqlx::query_as!(
        Due,
        r#"with recursive found as (
             (select q.business_id from messaging.queue q
              where q.state = 'waiting' and q.lane = $2 order by q.business_id limit 1)
             union all
             select (select q.business_id from messaging.queue q
                     where q.state = 'waiting' and q.lane = $2 and q.business_id > found.business_id
                     order by q.business_id limit 1)
             from found where found.business_id is not null
           )
           select b.business_id as "business!: BusinessId", b.time_zone as "time_zone!",
                  coalesce(t.virtual_time, 0) as "virtual_time!", b.weight as "weight!", waiting.due as "due!",
                  (b.quality_state = 'slowed') as "is_slowed!", (s.quality_state = 'slowed') as "is_sender_slowed!"
           from found
           join messaging.business b on b.business_id = found.business_id
           join messaging.sender s on s.sender_id = b.sender_id
           join messaging.portfolio p on p.portfolio = s.portfolio
           left join messaging.turn t on t.business_id = b.business_id and t.lane = $2
           cross join lateral (
             select count(*) as due from (
               select 1 from messaging.queue q
               where q.state = 'waiting' and q.lane = $2 and q.business_id = b.business_id and q.next_at <= $3
                 and q.good_until > $3
               limit $4) as first
           ) as waiting
           where b.sender_id = $1 and b.status = 'approved' and waiting.due > 0
             and coalesce(case when $2 = 0 then b.first_broke_until else b.marketing_broke_until end <= $3, true)
             and ($2 = 0 or (b.quality_state <> 'stopped' and s.quality_state <> 'stopped'
                             and coalesce(b.marketing_after <= $3, true) and coalesce(s.marketing_after <= $3, true)
                             and (p.full_until is null or p.full_until <= $3)))"#,
        sender,
        lane,
        now,
        most
    )
    .fetch_all(pool)
    .await
}

/// Turns have come so far. Replicas that divided at once divided alike, so the later of two is right for both.
pub(crate) async fn move_turns(
    pool: &PgPool,
    lane: i16,
    businesses: &[Uuid],
    virtual_times: &[i64],
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into messaging.turn as known (business_id, lane, virtual_time)
         select moved.business_id, $1, moved.virtual_time
         from unnest($2::uuid[], $3::bigint[]) as moved (business_id, virtual_time)
         order by moved.business_id
         on conflict (business_id, lane) do update
         set virtual_time = greatest(known.virtual_time, excluded.virtual_time)",
        lane,
        businesses,
        virtual_times
    )
    .execute(pool)
    .await?;
    Ok(())
}

/// The approved businesses of a sender.
pub(crate) async fn of_sender(pool: &PgPool, sender: Uuid) -> Result<Vec<BusinessId>, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select business_id as "business: BusinessId" from messaging.business
           where sender_id = $1 and status <> 'waiting' order by business_id"#,
        sender
    )
    .fetch_all(pool)
    .await
}

/// Those of a sender that may send.
pub(crate) async fn sending(pool: &PgPool, sender: Uuid) -> Result<Vec<BusinessId>, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select business_id as "business: BusinessId" from messaging.business
           where sender_id = $1 and status = 'approved' order by business_id"#,
        sender
    )
    .fetch_all(pool)
    .await
}
