//! T5: a campaign to 100,000 customers is planned, and messages leave at the pace that their sender was granted.

use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use e2e::{Blast, Shop, WhatsApp, World, eventually, key, soon};
use fakes::twilio::SENDER;
use serde_json::json;

use crate::figures::{Figures, Wanted};

/// Customers of the planned campaign.
const CUSTOMERS: usize = 100_000;
/// Times that it is planned.
const RUNS: usize = 5;
/// Processes while messages leave: three of messaging, as the target has it.
const SPLIT: &str = "1,messaging:3";
/// The targets: seconds of planning, and how much of a pace is kept, in percent.
const TARGET_SECONDS: f64 = 3.0;
const TARGET_PERCENT: f64 = 99.0;
/// How long a pace is watched.
const WATCHED: Duration = Duration::from_secs(30);

/// How one pace was kept.
struct Pace {
    kept: f64,
    /// The most that were handed over within any one second, by the calls that messaging wrote down …
    busiest: i64,
    /// … and as the provider saw them come.
    busiest_there: usize,
}

/// Sends at 80 and at 400 a second from three processes, and tells how that was kept.
pub(crate) async fn keep_paces(figures: &mut Figures) -> anyhow::Result<()> {
    let seconds = WATCHED.as_secs();
    for granted in [80, 400] {
        let Pace { kept, busiest, busiest_there } = pace(granted).await?;
        let what = format!(
            "messages a second of {granted} granted, kept over {seconds} s by 3 processes of messaging"
        );
        figures.tell("T5", &what, &[kept], "", Wanted::Told);
        let share = 100.0 * kept / granted as f64;
        figures.tell(
            "T5",
            &format!("share of {granted} a second that was kept"),
            &[share],
            " %",
            Wanted::AtLeast(TARGET_PERCENT),
        );
        let what = format!("most handed over in any one second, of {granted} granted");
        figures.tell("T5", &what, &[busiest as f64], "", Wanted::NeverAbove(granted as f64));
        let what = format!("most that came to the provider in any one second, of {granted} granted");
        figures.tell("T5", &what, &[busiest_there as f64], "", Wanted::Told);
    }
    Ok(())
}

/// Plans a campaign again and again, and tells how long it took.
pub(crate) async fn plan(figures: &mut Figures) -> anyhow::Result<()> {
    let planned: Vec<f64> = planned().await?.iter().map(Duration::as_secs_f64).collect();
    let what = format!("{CUSTOMERS} customers planned");
    figures.tell("T5", &what, &planned, " s", Wanted::Below(TARGET_SECONDS));
    Ok(())
}

async fn planned() -> anyhow::Result<Vec<Duration>> {
    let whatsapp = WhatsApp::start().await;
    let world = whatsapp.platform();
    let shop = Shop::open(&world).await;
    whatsapp.approve(&world, &shop, &[]).await;
    whatsapp.template(&world, &shop, "news").await;
    fill(&world, &shop).await?;
    let audience = json!({ "audience": { "all": [] }, "holdout_percent": 0 });
    soon("everybody is known", async || {
        let preview = shop.post("/audiences/preview").json(&audience).send().await.ok(200);
        (preview["reachable"] == CUSTOMERS).then_some(())
    })
    .await;
    let mut planned = Vec::new();
    for _ in 0..RUNS {
        let draft = json!({
            "name": "Jueves", "audience": { "all": [] }, "holdout_percent": 10, "channel_policy": "whatsapp",
            "wordings": [{
                "language": "es", "template": "news", "variables": ["{first_name}", "{business}", "dos por uno"],
            }],
        });
        let made = shop.post("/campaigns").key(key()).json(&draft).send().await.ok(201);
        let campaign = made["campaign_id"].as_str().context("no campaign")?.to_owned();
        let begun = Instant::now();
        shop.post(&format!("/campaigns/{campaign}/launch")).send().await.ok(200);
        loop {
            let counts = shop.get(&format!("/campaigns/{campaign}")).send().await.ok(200);
            let count = |name: &str| counts["counts"][name].as_i64().unwrap_or_default();
            if count("planned") + count("holdout") == i64::try_from(CUSTOMERS)? {
                break;
            }
            ensure!(begun.elapsed() < Duration::from_secs(60), "not planned in a minute: {counts}");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        planned.push(begun.elapsed());
        // The next run may write to everybody again, and finds nothing of this one on its way.
        shop.post(&format!("/campaigns/{campaign}/cancel")).send().await.ok(200);
        let mut database = world.database().await;
        eventually("the messages to be gone", Duration::from_secs(120), async || {
            let left: i64 = sqlx::query_scalar("select count(*) from messaging.queue")
                .fetch_one(&mut database)
                .await
                .expect("the queue");
            (left == 0).then_some(())
        })
        .await;
        sqlx::query("delete from campaign.contact_claim").execute(&mut database).await?;
    }
    Ok(planned)
}

/// Customers as campaign knows them, who have come once and agreed to be written to.
async fn fill(world: &World, shop: &Shop) -> anyhow::Result<()> {
    let mut database = world.database().await;
    sqlx::query(
        "insert into campaign.audience
             (business_id, customer_id, joined_at, consent, consent_version, consent_at, days, entries, visits,
              first_day, last_day, card_id, stamps, stamps_left)
         select $1::uuid, id, at, 'granted', 1, at, array[at::date], array[1], 1, at::date, at::date, id, 1, 9
         from (select uuidv7() as id, now() - interval '40 days' as at from generate_series(1, $2::int)) as made",
    )
    .bind(&shop.id)
    .bind(i32::try_from(CUSTOMERS)?)
    .execute(&mut database)
    .await?;
    sqlx::query("analyze campaign.audience").execute(&mut database).await?;
    Ok(())
}

async fn pace(granted: usize) -> anyhow::Result<Pace> {
    let whatsapp = WhatsApp::start().await;
    let world = whatsapp.platform_with(vec![("SPLIT", SPLIT.to_owned())]);
    let shop = Shop::open(&world).await;
    whatsapp.approve(&world, &shop, &["0", &granted.to_string()]).await;
    whatsapp.template(&world, &shop, "news").await;
    let blast = Blast { world: &world, shop: &shop };
    let customers = blast.customers(1, granted * usize::try_from(WATCHED.as_secs())?).await;
    blast.launch(&customers).await;
    soon("the first are on their way", async || (whatsapp.twilio.accepted_count() > 0).then_some(())).await;
    tokio::time::timeout(WATCHED * 3, async {
        while whatsapp.twilio.accepted_count() < customers.len() {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    })
    .await
    .context("messages do not leave")?;
    let mut database = world.database().await;
    let written = i64::try_from(customers.len())?;
    soon("every call is written down", async || {
        let calls: i64 = sqlx::query_scalar("select count(called_at) from messaging.attempt")
            .fetch_one(&mut database)
            .await
            .expect("the calls");
        (calls == written).then_some(())
    })
    .await;
    let accepted = whatsapp.twilio.accepted();
    let (first, last) = (accepted.iter().map(|one| one.at).min(), accepted.iter().map(|one| one.at).max());
    let took = (last.context("nothing was sent")? - first.context("nothing was sent")?).as_seconds_f64();
    let mistakes = whatsapp.twilio.mistakes();
    ensure!(mistakes.is_empty(), "{mistakes:?}");
    #[expect(clippy::cast_precision_loss, reason = "some thousands")]
    let kept = (accepted.len() - 1) as f64 / took;
    let busiest = blast.busiest_second().await;
    Ok(Pace { kept, busiest, busiest_there: whatsapp.twilio.busiest_second(SENDER) })
}
