//! What was asked for, what messaging has written down of it, and what lies at the provider: three books that must say the same.

use std::collections::{BTreeMap, HashSet};
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use e2e::World;
use sqlx::{PgConnection, Row as _};

use crate::Kept;
use crate::client::Till;
use crate::regulars::{Regulars, Wave};

/// How long what is on its way may take to its end, after the last of it was asked for.
const PATIENCE: Duration = Duration::from_secs(240);
/// How often that is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(250);
/// What a message may fail for here: nobody knows whether the provider took it, or the provider did not for too long.
const MAY_FAIL_FOR: [&str; 2] = ["in_doubt", "provider"];
/// Messages, sends and letters that have not come to an end.
const OPEN: &str = "select (select count(*) from messaging.message where status not in ('delivered', 'read', 'failed', 'canceled'))
     + (select count(*) from messaging.inbound where next_at is not null)
     + (select coalesce(sum(open), 0)::bigint from campaign.tally)";

/// What a customer must have been written, by what was done here.
#[derive(Clone, Debug, Default)]
pub(crate) struct Wanted {
    /// She.
    pub(crate) customer: String,
    /// Her number.
    pub(crate) phone: String,
    /// The campaign that was launched for her.
    pub(crate) campaign: String,
    /// What a person has answered her.
    pub(crate) replies: Vec<String>,
    /// How often the platform owed her an answer of its own.
    pub(crate) automatic: usize,
}

/// A message as messaging has it.
#[derive(Clone, Debug, Default)]
struct Row {
    message: String,
    customer: String,
    /// Empty where no campaign asked for it.
    campaign: String,
    text: String,
    is_automatic: bool,
    status: String,
    reason: String,
}

impl Row {
    fn has_arrived(&self) -> bool {
        matches!(self.status.as_str(), "delivered" | "read")
    }
}

/// Everything that there is to compare.
#[derive(Clone, Debug, Default)]
struct Books {
    wanted: Vec<Wanted>,
    rows: Vec<Row>,
    /// Whom the provider has a message to, and what it says.
    taken: Vec<(String, String)>,
    /// The messages that the owner is shown as failed.
    dead: HashSet<String>,
}

/// Waits until nothing is on its way any more; how long that took.
pub(crate) async fn until_ended(world: &World) -> anyhow::Result<Duration> {
    let begun = Instant::now();
    let mut database = world.database().await;
    loop {
        let open: i64 = sqlx::query_scalar(OPEN).fetch_one(&mut database).await?;
        // What is open then is told one by one.
        if open == 0 || begun.elapsed() > PATIENCE {
            return Ok(begun.elapsed());
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

/// Opens the books and tells what differs.
pub(crate) async fn look(
    world: &World,
    regulars: &Regulars,
    waves: &[&Wave],
    ended: Duration,
    kept: &mut Kept,
) -> anyhow::Result<()> {
    let accepted = regulars.providers.whatsapp.twilio.accepted().into_iter();
    let books = Books {
        wanted: waves.iter().flat_map(|wave| wave.wanted()).collect(),
        rows: rows(&mut world.database().await, &regulars.till.shop.id).await?,
        taken: accepted
            .map(|message| (message.to.trim_start_matches("whatsapp:").to_owned(), message.body))
            .collect(),
        dead: dead(&regulars.till).await?,
    };
    let arrived = books.rows.iter().filter(|row| row.has_arrived()).count();
    let what = format!(
        "each of {} messages at an end, the last {:.1} s after the last errand: {arrived} arrived once, {} failed and are shown",
        books.rows.len(),
        ended.as_secs_f64(),
        books.dead.len()
    );
    kept.tell_of("R3", &books.faults(), &what);
    Ok(())
}

async fn rows(database: &mut PgConnection, business: &str) -> anyhow::Result<Vec<Row>> {
    let rows = sqlx::query(
        "select message_id::text as message, coalesce(customer_id::text, '') as customer,
                coalesce(campaign_id::text, '') as campaign, coalesce(text, '') as text, automatic, status, reason
         from messaging.message where business_id = $1::uuid order by message_id",
    )
    .bind(business)
    .fetch_all(database)
    .await?;
    let row = |row: &sqlx::postgres::PgRow| Row {
        message: row.get("message"),
        customer: row.get("customer"),
        campaign: row.get("campaign"),
        text: row.get("text"),
        is_automatic: row.get("automatic"),
        status: row.get("status"),
        reason: row.get("reason"),
    };
    Ok(rows.iter().map(row).collect())
}

/// The failed messages that the owner sees, page by page.
async fn dead(till: &Till) -> anyhow::Result<HashSet<String>> {
    let (mut dead, mut cursor) = (HashSet::new(), String::new());
    loop {
        let path = format!("/deliveries?status=dead&kind=message&limit=100&cursor={cursor}");
        let answer = till.until_answered(|token| till.shop.api.get(&path).bearer(token)).await?;
        ensure!(answer.status() == 200, "the failed messages are not shown: {answer}");
        let page = answer.json();
        for item in page["items"].as_array().context("no items")? {
            dead.insert(item["id"].as_str().context("no id")?.to_owned());
        }
        match page["next_cursor"].as_str() {
            Some(next) => next.clone_into(&mut cursor),
            None => return Ok(dead),
        }
    }
}

impl Books {
    /// Where they do not say the same, and what must not be whatever they say.
    fn faults(&self) -> Vec<String> {
        let asked = self.wanted.iter().flat_map(|wanted| self.asked_for(wanted));
        let ended = self.rows.iter().filter_map(|row| self.end_of(row));
        asked.chain(ended).chain(self.nobody_knows_of()).chain(self.arrivals()).collect()
    }

    /// What a customer was to be written is there once, and nothing else is.
    fn asked_for(&self, wanted: &Wanted) -> Vec<String> {
        let hers: Vec<&Row> = self.rows.iter().filter(|row| row.customer == wanted.customer).collect();
        let count = |is_it: &dyn Fn(&Row) -> bool| hers.iter().filter(|row| is_it(row)).count();
        let is_reply = |row: &Row| row.campaign.is_empty() && !row.is_automatic;
        let mut expected = vec![
            ("of her campaign".to_owned(), count(&|row| row.campaign == wanted.campaign), 1),
            ("that write themselves".to_owned(), count(&|row| row.is_automatic), wanted.automatic),
            ("by hand".to_owned(), count(&is_reply), wanted.replies.len()),
        ];
        expected.extend(wanted.replies.iter().map(|reply| {
            (format!("that say {reply:?}"), count(&|row| is_reply(row) && row.text == *reply), 1)
        }));
        let mut faults: Vec<String> = expected
            .into_iter()
            .filter(|(_, found, asked)| found != asked)
            .map(|(what, found, asked)| {
                format!("{}: {found} messages {what}, {asked} were asked for", wanted.customer)
            })
            .collect();
        let marketing = count(&|row| !row.campaign.is_empty() && row.has_arrived());
        if marketing > 1 {
            faults.push(format!("{}: {marketing} campaigns reached her in a week", wanted.customer));
        }
        faults
    }

    /// Whether a message is at an end, and a good one or one that the owner is shown.
    fn end_of(&self, row: &Row) -> Option<String> {
        let is_right = match row.status.as_str() {
            "failed" => MAY_FAIL_FOR.contains(&row.reason.as_str()) && self.dead.contains(&row.message),
            _ => row.has_arrived() && !self.dead.contains(&row.message),
        };
        let is_shown =
            if self.dead.contains(&row.message) { "shown as failed" } else { "not shown as failed" };
        (!is_right).then(|| format!("{} is {} ({}), {is_shown}", row.message, row.status, row.reason))
    }

    fn nobody_knows_of(&self) -> Vec<String> {
        let customers: HashSet<&str> = self.wanted.iter().map(|wanted| wanted.customer.as_str()).collect();
        let strangers = self.rows.iter().filter(|row| !customers.contains(row.customer.as_str()));
        strangers.map(|row| format!("{} is to nobody who was asked for", row.message)).collect()
    }

    /// Whoever has a message is not told otherwise, whoever is told has it, and nobody has it twice.
    fn arrivals(&self) -> Vec<String> {
        let phones: BTreeMap<&str, &str> =
            self.wanted.iter().map(|wanted| (wanted.customer.as_str(), wanted.phone.as_str())).collect();
        let mut both: BTreeMap<(&str, &str), (usize, usize)> = BTreeMap::new();
        for row in self.rows.iter().filter(|row| row.has_arrived()) {
            let phone = phones.get(row.customer.as_str()).copied().unwrap_or_default();
            both.entry((phone, row.text.as_str())).or_default().0 += 1;
        }
        for (phone, text) in &self.taken {
            both.entry((phone.as_str(), text.as_str())).or_default().1 += 1;
        }
        let odd = both.into_iter().filter(|(_, counts)| *counts != (1, 1));
        odd.map(|((phone, text), (arrived, taken))| {
            format!("{text:?} to {phone}: {arrived} arrived by our books, {taken} by the provider's")
        })
        .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A customer with a campaign's message, an answer of the platform's and one by hand.
    fn books() -> Books {
        let wanted = Wanted {
            customer: "ana".into(),
            phone: "+511".into(),
            campaign: "c".into(),
            replies: vec!["De nueve a una".into()],
            automatic: 1,
        };
        let row = |message: &str, campaign: &str, text: &str, is_automatic| Row {
            message: message.into(),
            customer: "ana".into(),
            campaign: campaign.into(),
            text: text.into(),
            is_automatic,
            status: "read".into(),
            reason: String::new(),
        };
        let rows = vec![
            row("1", "c", "Novedades", false),
            row("2", "", "Tienes 3", true),
            row("3", "", "De nueve a una", false),
        ];
        let taken = rows.iter().map(|row| ("+511".to_owned(), row.text.clone())).collect();
        Books { wanted: vec![wanted], rows, taken, dead: HashSet::new() }
    }

    /// The same books after a change.
    fn after(change: impl FnOnce(&mut Books)) -> Vec<String> {
        let mut books = books();
        change(&mut books);
        books.faults()
    }

    #[test]
    fn books_that_agree_have_no_fault() {
        assert_eq!(books().faults(), Vec::<String>::new());
    }

    #[test]
    fn a_message_that_came_twice_is_noticed_and_so_is_one_that_never_came() {
        let twice = after(|books| books.taken.push(books.taken[0].clone()));
        assert_eq!(twice, ["\"Novedades\" to +511: 1 arrived by our books, 2 by the provider's"]);
        let never = after(|books| drop(books.taken.remove(0)));
        assert_eq!(never, ["\"Novedades\" to +511: 1 arrived by our books, 0 by the provider's"]);
    }

    #[test]
    fn a_message_that_nobody_wrote_down_is_noticed_and_so_is_one_that_nobody_asked_for() {
        let lost = after(|books| {
            books.rows.remove(2);
            books.taken.remove(2);
        });
        assert_eq!(lost.len(), 2, "too few by hand, and this one among them: {lost:?}");
        let more = after(|books| {
            books.rows.push(Row { message: "4".into(), text: "Hola".into(), ..books.rows[2].clone() });
            books.taken.push(("+511".into(), "Hola".into()));
        });
        assert_eq!(more, ["ana: 2 messages by hand, 1 were asked for"]);
        let stranger = after(|books| books.wanted.clear());
        assert_eq!(stranger.iter().filter(|fault| fault.contains("nobody who was asked for")).count(), 3);
    }

    #[test]
    fn what_failed_did_not_arrive_and_is_shown_with_a_reason_of_the_providers() {
        let fail = |reason: &'static str, is_shown: bool| {
            after(|books| {
                (books.rows[0].status, books.rows[0].reason) = ("failed".into(), reason.into());
                books.taken.remove(0);
                books.dead.extend(is_shown.then(|| "1".to_owned()));
            })
        };
        assert_eq!(fail("in_doubt", true), Vec::<String>::new());
        assert_eq!(fail("in_doubt", false), ["1 is failed (in_doubt), not shown as failed"]);
        assert_eq!(fail("template", true), ["1 is failed (template), shown as failed"]);
        // Told that it failed, and she has it.
        let arrived = after(|books| {
            (books.rows[0].status, books.rows[0].reason) = ("failed".into(), "in_doubt".into());
            books.dead.insert("1".into());
        });
        assert_eq!(arrived, ["\"Novedades\" to +511: 0 arrived by our books, 1 by the provider's"]);
    }

    #[test]
    fn what_is_still_on_its_way_is_at_no_end() {
        let open = after(|books| books.rows[1].status = "sent".into());
        assert_eq!(open[0], "2 is sent (), not shown as failed");
        let shown = after(|books| books.dead.extend(["2".to_owned()]));
        assert_eq!(shown, ["2 is read (), shown as failed"]);
    }

    #[test]
    fn two_campaigns_in_one_week_are_one_too_many() {
        let two = after(|books| {
            let more = Row {
                message: "4".into(),
                campaign: "d".into(),
                text: "Más".into(),
                ..books.rows[0].clone()
            };
            books.rows.push(more);
            books.taken.push(("+511".into(), "Más".into()));
        });
        assert_eq!(two, ["ana: 2 campaigns reached her in a week"]);
    }
}
