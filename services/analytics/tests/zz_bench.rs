//! throwaway
#![expect(clippy::unwrap_used, reason = "x")]
mod support;
use chrono::Duration;
use proto::analytics as pb;
use std::time::Instant;
use support::caller::owner;
use support::events::{Business, Card, Stamp};
use support::{World, lima};

async fn cpu(pool: &sqlx::PgPool) -> (f64, f64) {
    let pids: Vec<i32> = sqlx::query_scalar("select pid from pg_stat_activity where datname = current_database() and backend_type = 'client backend'").fetch_all(pool).await.unwrap();
    let read = |p: &str| { let t = std::fs::read_to_string(p).unwrap_or_default(); let r: Vec<f64> = t.rsplit(')').next().unwrap().split_whitespace().filter_map(|x| x.parse().ok()).collect(); if r.len() > 12 { (r[10] + r[11]) / 100.0 } else { 0.0 } };
    (pids.iter().map(|p| read(&format!("/proc/{p}/stat"))).sum(), read("/proc/self/stat"))
}

#[tokio::test]
async fn bench() {
    let now = lima("2026-11-23T18:00:00");
    let world = World::at(now).await;
    let pool = &world.database.pool;
    let top = Business::new();
    let members: Vec<_> = (0..5).map(|_| kernel::MemberId::generate()).collect();
    for (name, businesses, cards_n) in
        [("one business", 1usize, 20_000usize), ("1000 businesses", 1000, 20_000)]
    {
        let shops: Vec<Business> =
            (0..businesses).map(|i| if i == 0 { top } else { Business::new() }).collect();
        let cards: Vec<Card> = (0..cards_n).map(|_| Card::new()).collect();
        let mut x = 88172645463325252u64;
        let mut rnd = |n: usize| {
            x ^= x << 13;
            x ^= x >> 7;
            x ^= x << 17;
            (x % n as u64) as usize
        };
        let mut batches = vec![];
        for b in 0..100 {
            let mut batch = vec![];
            for i in 0..500 {
                let c = rnd(cards_n);
                let at = now - Duration::seconds(60) + Duration::milliseconds(b * 10 + i / 50);
                batch.push(
                    shops[c % businesses]
                        .stamped(at, Stamp { member: Some(members[rnd(5)]), ..Stamp::of(cards[c]) }),
                );
                if i % 10 == 0 {
                    batch.push(shops[c % businesses].unlocked(at, kernel::RewardId::generate(), Some(500)));
                }
            }
            batches.push(batch);
        }
        let begun = Instant::now();
        let c0 = cpu(pool).await;
        for batch in &batches {
            for b in batch.chunks(500) {
                world.deliver(b).await;
            }
        }
        let t = begun.elapsed();
        let c1 = cpu(pool).await;
        eprintln!("CPU for 50000: postgres {:.2} s, self {:.2} s", c1.0 - c0.0, c1.1 - c0.1);
        eprintln!("{name}: 50000 stamps in {t:?} = {:.0}/s", 50000.0 / t.as_secs_f64());
    }
    let begun = Instant::now();
    // a large shop: 50k cards, 60 days, 2,000 visits a day in 56 slots
    let b = top.id.as_uuid();
    sqlx::query("insert into card select $1, gen_random_uuid(), gen_random_uuid(), 1, 1 + (i % 12), date '2026-09-24' + (i % 30), date '2026-10-24' + (i % 31) from generate_series(1,50000) i").bind(b).execute(pool).await.unwrap();
    sqlx::query("insert into customer select $1, customer_id, 1, 0 from card where business_id = $1")
        .bind(b)
        .execute(pool)
        .await
        .unwrap();
    sqlx::query("insert into card_visit select $1, date '2026-09-24' + d, gen_random_uuid(), 1, (date '2026-09-24' + d)::timestamptz + interval '15 hours' from generate_series(0,59) d, generate_series(1,2000)").bind(b).execute(pool).await.unwrap();
    sqlx::query(
        "insert into visitor_day select $1, date '2026-09-24' + d, 2000 from generate_series(0,59) d",
    )
    .bind(b)
    .execute(pool)
    .await
    .unwrap();
    sqlx::query("insert into slot select $1, (date '2025-10-24' + d)::timestamptz + interval '13 hours' + s * interval '15 min', 36, 1, 2, 1 from generate_series(0,394) d, generate_series(0,55) s on conflict do nothing").bind(b).execute(pool).await.unwrap();
    sqlx::query("insert into slot select ('00000000-0000-7000-8000-' || lpad(k::text, 12, '0'))::uuid, (date '2025-10-24' + d)::timestamptz + interval '18 hours', 36, 1, 2, 1 from generate_series(0,394) d, generate_series(0,2000) k").execute(pool).await.unwrap();
    eprintln!("seeded in {:?}", begun.elapsed());
    // no vacuum: as it is; then vacuumed
    for round in ["raw", "vacuumed"] {
        if round == "vacuumed" {
            use std::str::FromStr;
            let _ = std::any::type_name::<sqlx::PgConnection>();
            let _ = sqlx::postgres::PgConnectOptions::from_str("postgres://x");
            for t in ["card", "customer", "card_visit", "slot", "visitor_day"] {
                sqlx::raw_sql(sqlx::AssertSqlSafe(format!("vacuum analyze {t}")))
                    .execute(pool)
                    .await
                    .unwrap();
            }
        }
        for (what, id) in [("large", top.id), ("small", "00000000-0000-7000-8000-000000000007".parse().unwrap())] {
        let mut client = world.client();
        let c0 = cpu(pool).await;
        for _ in 0..30 { client.get_dashboard(world.callers.request(owner(id), pb::GetDashboardRequest {})).await.unwrap(); }
        let c1 = cpu(pool).await;
        eprintln!("{round} {what} dashboard cpu ms: pg {:.1} self(debug) {:.1}", (c1.0 - c0.0) * 1e3 / 30.0, (c1.1 - c0.1) * 1e3 / 30.0);
        for _ in 0..30 { client.get_overview(world.callers.request(owner(id), pb::GetOverviewRequest { from: "2026-10-25".into(), to: "2026-11-23".into() })).await.unwrap(); }
        let c2 = cpu(pool).await;
        eprintln!("{round} {what} overview30 cpu ms: pg {:.1} self(debug) {:.1}", (c2.0 - c1.0) * 1e3 / 30.0, (c2.1 - c1.1) * 1e3 / 30.0);
        for _ in 0..30 { client.get_overview(world.callers.request(owner(id), pb::GetOverviewRequest { from: "2025-10-25".into(), to: "2026-11-23".into() })).await.unwrap(); }
        let c3 = cpu(pool).await;
        eprintln!("{round} {what} overview395 cpu ms: pg {:.1} self(debug) {:.1}", (c3.0 - c2.0) * 1e3 / 30.0, (c3.1 - c2.1) * 1e3 / 30.0);
        }
        let mut times: Vec<[f64; 4]> = vec![];
        for _ in 0..3 {
            let mut client = world.client();
            let mut row = [0.0; 4];
            let t = Instant::now();
            client
                .get_dashboard(world.callers.request(owner(top.id), pb::GetDashboardRequest {}))
                .await
                .unwrap();
            row[0] = t.elapsed().as_secs_f64() * 1e3;
            let t = Instant::now();
            client
                .get_overview(world.callers.request(
                    owner(top.id),
                    pb::GetOverviewRequest { from: "2026-10-25".into(), to: "2026-11-23".into() },
                ))
                .await
                .unwrap();
            row[1] = t.elapsed().as_secs_f64() * 1e3;
            let t = Instant::now();
            client
                .get_overview(world.callers.request(
                    owner(top.id),
                    pb::GetOverviewRequest { from: "2025-10-25".into(), to: "2026-11-23".into() },
                ))
                .await
                .unwrap();
            row[2] = t.elapsed().as_secs_f64() * 1e3;
            let t = Instant::now();
            client
                .get_heatmap(world.callers.request(
                    owner(top.id),
                    pb::GetHeatmapRequest { from: "2026-10-25".into(), to: "2026-11-23".into() },
                ))
                .await
                .unwrap();
            row[3] = t.elapsed().as_secs_f64() * 1e3;
            times.push(row);
        }
        for (i, n) in ["dashboard", "overview 30", "overview 395", "heatmap 30"].iter().enumerate() {
            let mut v: Vec<f64> = times.iter().map(|t| t[i]).collect();
            v.sort_by(f64::total_cmp);
            eprintln!("{round} {n}: p50 {:.1} max {:.1} ms", v[1], v[2]);
        }
    }
    let rows: Vec<(String, i64, i64)> = sqlx::query_as("select relname::text, n_tup_upd, n_tup_hot_upd from pg_stat_user_tables where schemaname = 'analytics' and n_tup_upd > 0").fetch_all(pool).await.unwrap();
    eprintln!("{rows:?}");
    if std::env::var("HOLD").is_ok() {
        eprintln!("{}", pool.connect_options().get_database().unwrap());
        tokio::time::sleep(std::time::Duration::from_secs(240)).await;
    }
}
