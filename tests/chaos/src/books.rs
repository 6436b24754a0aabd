//! What was promised to whom, against what lies in the database.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use e2e::{Uuid, World};
use sqlx::{AssertSqlSafe, PgConnection, Row};

use crate::plan::Deed;

/// What became of the intents of one shop.
#[derive(Debug, Default)]
pub(crate) struct Account {
    /// What was done, by its operation.
    pub(crate) done: HashMap<Uuid, Deed>,
    /// What was refused.
    pub(crate) refused: Vec<Uuid>,
    /// Where the answers of one operation did not agree.
    pub(crate) disagreeing: Vec<String>,
    /// How often something was sent.
    pub(crate) sent: usize,
}

impl Account {
    /// Takes in another's of the same shop.
    pub(crate) fn add(&mut self, other: Self) {
        self.done.extend(other.done);
        self.refused.extend(other.refused);
        self.disagreeing.extend(other.disagreeing);
        self.sent += other.sent;
    }

    fn count(&self, is_it: impl Fn(&Deed) -> bool) -> i64 {
        self.done.values().filter(|deed| is_it(deed)).count() as i64
    }

    /// What differs between what was answered and what the books of the shop say.
    pub(crate) async fn compare(
        &self,
        database: &mut PgConnection,
        business: &str,
    ) -> anyhow::Result<Vec<String>> {
        let mut faults = self.disagreeing.clone();
        let entries = self.entries(database, business, &mut faults).await?;
        let in_ledger = self.count(|deed| matches!(deed, Deed::Stamp { .. } | Deed::Void { .. }));
        if entries != in_ledger {
            faults.push(format!("{entries} entries in the ledger, {in_ledger} were answered"));
        }
        for (what, question, wanted) in [
            (
                "rewards handed over",
                "select count(*) from stamping.reward where business_id = $1::uuid and state = 'redeemed'",
                self.count(|deed| matches!(deed, Deed::Redeem { .. })),
            ),
            (
                "customers",
                "select count(*) from enrollment.customer where business_id = $1::uuid",
                self.count(|deed| matches!(deed, Deed::Enroll { .. })),
            ),
            (
                "cards",
                "select count(*) from stamping.card where business_id = $1::uuid",
                self.count(|deed| matches!(deed, Deed::Enroll { .. })),
            ),
        ] {
            let found: i64 = sqlx::query_scalar(question).bind(business).fetch_one(&mut *database).await?;
            if found != wanted {
                faults.push(format!("{found} {what}, {wanted} were answered"));
            }
        }
        Ok(faults)
    }

    /// How many entries there are; each operation that was answered must have its own, and none that was refused.
    async fn entries(
        &self,
        database: &mut PgConnection,
        business: &str,
        faults: &mut Vec<String>,
    ) -> anyhow::Result<i64> {
        let rows = sqlx::query(
            "select operation_id::text as operation, kind, count, count(*) over (partition by operation_id) as entries
             from stamping.stamp where business_id = $1::uuid",
        )
        .bind(business)
        .fetch_all(database)
        .await?;
        let mut found: HashMap<Uuid, (String, i64, i64)> = HashMap::new();
        for row in &rows {
            let operation: Uuid = row.get::<String, _>("operation").parse()?;
            let count = i64::from(row.get::<i32, _>("count"));
            found.insert(operation, (row.get("kind"), count, row.get("entries")));
        }
        for (operation, deed) in &self.done {
            let is_there =
                found.get(operation).map(|(kind, count, entries)| (kind.as_str(), *count, *entries));
            let is_right = match deed {
                Deed::Stamp { count, .. } => is_there == Some(("earn", *count, 1)),
                Deed::Void { .. } => {
                    is_there.is_some_and(|(kind, _, entries)| kind == "void" && entries == 1)
                }
                Deed::Enroll { .. } | Deed::Redeem { .. } => is_there.is_none(),
            };
            if !is_right {
                faults.push(format!("{operation} {deed:?}: the ledger has {is_there:?}"));
            }
        }
        let refused = self.refused.iter().filter(|operation| found.contains_key(operation));
        faults.extend(refused.map(|operation| format!("{operation} was refused and is in the ledger")));
        Ok(rows.len() as i64)
    }
}

/// How long what was told may be on its way.
const ARRIVES_WITHIN: Duration = Duration::from_secs(60);
/// How often that is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(250);

/// Who listens to what: the schema of the inbox, the consumer's name, whose outbox, which facts; none are all.
const LISTENERS: [(&str, &str, &str, &[&str]); 17] = [
    ("analytics", "analytics", "enrollment", &[]),
    ("analytics", "analytics", "stamping", &[]),
    ("analytics", "analytics", "campaign", &[]),
    ("analytics", "analytics", "messaging", &[]),
    ("analytics", "analytics", "wallet_pass", &[]),
    ("stamping", "stamping-enrollment", "enrollment", &["business_created", "customer_enrolled"]),
    ("enrollment", "enrollment-stamping", "stamping", &["stamp_added"]),
    ("campaign", "campaign", "enrollment", &["business_created", "customer_enrolled", "consent_changed"]),
    ("campaign", "campaign", "messaging", &["message_status", "opted_out", "sending_held"]),
    ("campaign", "campaign", "wallet_pass", &["pass_installed", "pass_removed", "pass_message"]),
    (
        "campaign",
        "campaign",
        "stamping",
        &[
            "program_changed",
            "card_opened",
            "stamp_added",
            "stamp_voided",
            "reward_unlocked",
            "reward_redeemed",
        ],
    ),
    ("messaging", "messaging", "enrollment", &["business_created", "consent_changed"]),
    ("messaging", "messaging", "campaign", &["send_requested"]),
    ("wallet_pass", "wallet-pass", "enrollment", &["business_changed", "consent_changed"]),
    (
        "wallet_pass",
        "wallet-pass",
        "stamping",
        &["program_changed", "stamp_added", "stamp_voided", "reward_unlocked", "reward_redeemed"],
    ),
    ("wallet_pass", "wallet-pass", "campaign", &["campaign_changed", "send_requested"]),
    ("wallet_pass", "wallet-pass", "messaging", &["opted_out"]),
];

/// Sums that a projection and what it is made from must share.
const SUMS: [(&str, &str, &str); 5] = [
    (
        "stamps in the figures",
        "select coalesce(sum(stamps), 0)::bigint from analytics.slot",
        "select coalesce(sum(count), 0)::bigint from stamping.stamp",
    ),
    (
        "visits in the figures",
        "select coalesce(sum(entries), 0)::bigint from analytics.card_visit",
        "select coalesce(sum(case kind when 'void' then -1 else 1 end), 0)::bigint from stamping.stamp",
    ),
    (
        "customers in the figures",
        "select coalesce(sum(customers), 0)::bigint from analytics.total",
        "select count(*) from enrollment.customer",
    ),
    (
        "visits in the audience",
        "select coalesce(sum(entry), 0)::bigint from campaign.audience, unnest(entries) as entry",
        "select coalesce(sum(case kind when 'void' then -1 else 1 end), 0)::bigint from stamping.stamp",
    ),
    (
        "people in the audience",
        "select count(*) from campaign.audience where joined_at is not null",
        "select count(*) from enrollment.customer",
    ),
];

/// What projections have missed of all that was told before, or have taken in twice; also how many events that is. What is on its way
/// is waited for. In the ledger nothing may be written meanwhile.
pub(crate) async fn projections(world: &World) -> anyhow::Result<(i64, Vec<String>)> {
    let mut database = world.database().await;
    let until: String = sqlx::query_scalar("select now()::text").fetch_one(&mut database).await?;
    let begun = Instant::now();
    loop {
        let (events, faults) = look(&mut database, &until).await?;
        if faults.is_empty() || begun.elapsed() > ARRIVES_WITHIN {
            return Ok((events, faults));
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

async fn look(database: &mut PgConnection, until: &str) -> anyhow::Result<(i64, Vec<String>)> {
    let (mut events, mut faults) = (0, Vec::new());
    for (schema, consumer, owner, facts) in LISTENERS {
        let question = format!(
            "select count(*) as heard, count(*) filter (where i.event_id is null) as missed
             from {owner}.outbox o left join {schema}.inbox i on i.consumer = $1 and i.event_id = o.event_id
             where o.created_at <= $3::timestamptz
               and (cardinality($2::text[]) = 0 or split_part(o.subject, '.', 5) = any($2))"
        );
        let row = sqlx::query(AssertSqlSafe(question))
            .bind(consumer)
            .bind(facts.iter().map(|fact| (*fact).to_owned()).collect::<Vec<String>>())
            .bind(until)
            .fetch_one(&mut *database)
            .await?;
        let missed: i64 = row.get("missed");
        if consumer == "analytics" {
            events += row.get::<i64, _>("heard");
        }
        if missed > 0 {
            faults.push(format!("{consumer} has missed {missed} events of {owner}"));
        }
    }
    for (what, projected, truth) in SUMS {
        let is: i64 = sqlx::query_scalar(projected).fetch_one(&mut *database).await?;
        let should: i64 = sqlx::query_scalar(truth).fetch_one(&mut *database).await?;
        if is != should {
            faults.push(format!("{what}: {is}, and it should be {should}"));
        }
    }
    Ok((events, faults))
}
