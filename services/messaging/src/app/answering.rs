//! Doing what customers write: at once where it can be, again where another service was away.

use std::time::Duration;

use chrono::{DateTime, Utc};
use futures::future::join_all;
use kernel::{BusinessId, CampaignId, CustomerId, Locale};
use sqlx::PgConnection;
use tonic::Code;
use uuid::Uuid;

use super::App;
use super::asking::Asked;
use crate::domain::address::Address;
use crate::domain::meaning::{Meaning, Word};
use crate::domain::outcome::Reason;
use crate::domain::price::Category;
use crate::domain::replies::{Answer, CardLine, MOST_A_DAY};
use crate::domain::routing::Route;
use crate::domain::status::Status;
use crate::domain::{hours, id};
use crate::peers::{Found, WordUse};
use crate::store::inbound::Inbound;
use crate::store::message::NewMessage;
use crate::{Error, events, store};

/// Messages of one round.
const BATCH: i64 = 20;
/// How long one is a worker's.
const LEASE: Duration = Duration::from_secs(30);
/// The first pause after another service was away; it doubles up to the longest.
const PAUSE: Duration = Duration::from_secs(2);
const LONGEST_PAUSE: Duration = Duration::from_secs(300);
/// Tries before what she wrote is only kept.
const MOST_ATTEMPTS: i32 = 300;
/// How long after hers free text may go.
pub(super) const WINDOW: chrono::Duration = chrono::Duration::hours(24);
/// How far back the message is looked for that she has had enough of.
const ENOUGH_OF: chrono::Duration = chrono::Duration::days(7);
/// Cards told of.
const MOST_CARDS: usize = 3;

/// What is to be done about a message, found out before anything is written.
#[derive(Default)]
pub(super) struct Plan {
    pub(super) to: Option<(BusinessId, Option<CustomerId>)>,
    /// What looked like a one-use word is none: it was plain text.
    pub(super) is_plain: bool,
    /// For a person to read.
    pub(super) in_inbox: bool,
    pub(super) answer: Option<(BusinessId, Answer, Locale)>,
    /// She asked this business for marketing.
    pub(super) opt_in: Option<BusinessId>,
    /// She asked everybody for it again.
    pub(super) is_lifted: bool,
    /// Where she wants none any more, whether this is the first message that says so, and of which campaign she had enough.
    pub(super) left: Vec<Found>,
    pub(super) is_first: bool,
    pub(super) enough_of: Option<(BusinessId, Option<CampaignId>)>,
    /// She is asked which of these; of none, for the name.
    pub(super) question: Option<Vec<BusinessId>>,
    /// Her choice, and the messages it was about.
    pub(super) chosen: Option<(BusinessId, Vec<Inbound>, Option<CustomerId>)>,
}

impl App {
    /// Deals with what customers wrote; returns how many messages.
    pub(crate) async fn answer_inbound(&self) -> Result<usize, Error> {
        let now = self.clock.now();
        let taken = store::inbound::take(&self.pool, now, now + LEASE, BATCH).await?;
        let count = taken.len();
        for (inbound, done) in join_all(taken.into_iter().map(async |inbound| {
            let done = self.answer(&inbound).await;
            (inbound, done)
        }))
        .await
        {
            let Err(error) = done else { continue };
            tracing::warn!(%error, sello.inbound.id = %inbound.inbound, "a customer's message waits");
            let doublings = u32::try_from(inbound.attempts.clamp(1, 10) - 1).unwrap_or(0);
            let pause = PAUSE.saturating_mul(1 << doublings).min(LONGEST_PAUSE);
            store::inbound::later(&self.pool, inbound.inbound, self.clock.now() + pause).await?;
        }
        Ok(count)
    }

    async fn answer(&self, inbound: &Inbound) -> Result<(), Error> {
        let meaning = Meaning::of(inbound.text.as_deref().unwrap_or_default());
        let address = inbound.address.as_deref().and_then(Address::from_provider);
        let plan = match &address {
            Some(address) if inbound.attempts <= MOST_ATTEMPTS => {
                self.plan(inbound, address, &meaning).await?
            }
            // Erased meanwhile, or tried for a day.
            _ => Plan::default(),
        };
        let meaning = if plan.is_plain { Meaning::Other } else { meaning };
        self.carry_out(inbound, address.as_ref(), &meaning, plan).await
    }

    async fn plan(&self, inbound: &Inbound, address: &Address, meaning: &Meaning) -> Result<Plan, Error> {
        let asked = self.route(inbound, address).await?;
        match meaning {
            Meaning::Stop => self.plan_stop(inbound, &asked).await,
            Meaning::Start => self.plan_start(inbound, &asked).await,
            Meaning::Words(words) => match self.use_words(words, inbound, address).await? {
                Some(used) => Ok(self.plan_word(&asked, used)),
                None => {
                    let plan = self.plan_routed(inbound, &asked, &Meaning::Other).await?;
                    Ok(Plan { is_plain: true, ..plan })
                }
            },
            Meaning::Choice(number) => match self.choice(inbound, *number, &asked).await? {
                Some(plan) => Ok(plan),
                None => self.plan_routed(inbound, &asked, meaning).await,
            },
            Meaning::Stamps | Meaning::Other => self.plan_routed(inbound, &asked, meaning).await,
        }
    }

    /// No marketing from anybody of this sender.
    async fn plan_stop(&self, inbound: &Inbound, asked: &Asked) -> Result<Plan, Error> {
        let latest = store::opt_out::latest_marketing(
            &self.pool,
            inbound.sender,
            &inbound.address_hash,
            self.clock.now() - ENOUGH_OF,
        )
        .await?;
        let enough_of = match (&asked.answered, latest) {
            (Some(owner), _) => Some((owner.business, owner.campaign, owner.customer)),
            (None, Some(latest)) => Some((latest.business, latest.campaign, latest.customer)),
            (None, None) => None,
        };
        let mut left = asked.found.clone();
        // By a hidden number nobody is found, but the message says who she is.
        if let Some((business, _, Some(customer))) = enough_of
            && !left.iter().any(|found| found.business == business)
        {
            left.push(Found { business, customer, language: Locale::Es, marketing: "granted".into() });
        }
        let gave: Vec<&Found> =
            left.iter().filter(|found| ["granted", "pending"].contains(&found.marketing.as_str())).collect();
        // Kept before anything is taken: a second try no longer finds what the first has taken.
        let taken: Vec<Uuid> = gave.iter().map(|found| found.business.as_uuid()).collect();
        let said = (inbound.inbound, inbound.sender);
        let is_first = store::opt_out::took(&self.pool, said, &inbound.address_hash, &taken).await?;
        for found in gave {
            let done = self.peers.set_marketing(found.business, found.customer, false, inbound.inbound).await;
            // Who was erased meanwhile has nothing to take back.
            if let Err(error) = done
                && !is_refusal(&error)
            {
                return Err(error);
            }
        }
        let business = enough_of.map(|(business, _, _)| business).or_else(|| asked.likely());
        let language = left.first().map_or(Locale::Es, |found| found.language);
        Ok(Plan {
            to: business.map(|business| (business, asked.customer_at(business))),
            answer: business.or(asked.speaker).map(|speaker| (speaker, Answer::Stopped, language)),
            left,
            is_first,
            enough_of: enough_of.map(|(business, campaign, _)| (business, campaign)),
            ..Plan::default()
        })
    }

    /// Marketing again where her word had ended it; what she took back on a card of hers stays so.
    async fn plan_start(&self, inbound: &Inbound, asked: &Asked) -> Result<Plan, Error> {
        let taken = store::opt_out::taken(&self.pool, inbound.sender, &inbound.address_hash).await?;
        let is_taken = |found: &&Found| {
            let is_hers = |taken: &Vec<Uuid>| taken.contains(&found.business.as_uuid());
            found.marketing == "revoked" && taken.as_ref().is_none_or(is_hers)
        };
        let mut begun = None;
        for found in asked.found.iter().filter(is_taken) {
            match self.peers.set_marketing(found.business, found.customer, true, inbound.inbound).await {
                Ok(()) => begun = begun.or(Some(found)),
                // Whoever never declared to be an adult has to do so on the join page.
                Err(error) if is_refusal(&error) => {}
                Err(error) => return Err(error),
            }
        }
        let business = begun.map(|found| found.business).or_else(|| asked.likely());
        let answer = Answer::Started { any: begun.is_some() };
        let language = asked.found.first().map_or(Locale::Es, |found| found.language);
        Ok(Plan {
            to: business.map(|business| (business, asked.customer_at(business))),
            answer: business.or(asked.speaker).map(|speaker| (speaker, answer, language)),
            is_lifted: true,
            ..Plan::default()
        })
    }

    /// Uses the first of these words that enrollment knows. Where it knows none, what bears its dash is answered as a word that
    /// is over; what does not may as well be a part of her sentence: `None`. So is all of it where her number is hidden.
    async fn use_words(
        &self,
        words: &[Word],
        inbound: &Inbound,
        address: &Address,
    ) -> Result<Option<WordUse>, Error> {
        let Some(phone) = address.phone() else { return Ok(None) };
        let mut over = None;
        for word in words {
            let used = self.peers.use_word(&word.text, &phone, inbound.inbound).await?;
            if used.outcome != "unknown" {
                return Ok(Some(used));
            }
            over = over.or(Some(used).filter(|_| word.is_marked));
        }
        Ok(over)
    }

    fn plan_word(&self, asked: &Asked, used: WordUse) -> Plan {
        let business = used.business.or(match &asked.route {
            Route::To(business) => Some(*business),
            _ => None,
        });
        let answer = match (used.outcome.as_str(), used.card) {
            ("confirmed", _) => Answer::Confirmed { marketing: used.is_granted },
            ("recovered", Some(card)) => Answer::Recovered { link: self.card_url(card, &used.link_token) },
            ("wrong_number", _) => Answer::WrongNumber,
            _ => Answer::WordOver,
        };
        Plan {
            to: business.map(|business| (business, used.customer)),
            opt_in: business.filter(|_| used.outcome == "confirmed" && used.is_granted),
            answer: business.or(asked.speaker).map(|speaker| (speaker, answer, used.language)),
            ..Plan::default()
        }
    }

    async fn plan_routed(&self, inbound: &Inbound, asked: &Asked, meaning: &Meaning) -> Result<Plan, Error> {
        match &asked.route {
            Route::Nowhere => Ok(Plan::default()),
            // The shop that wrote last pays for the question.
            Route::Ask(options) => self.ask_which(options, asked).await,
            Route::Name(all) => self.plan_named(inbound, all, asked).await,
            Route::To(business) => {
                self.plan_for(*business, asked.customer_at(*business), &asked.found, meaning).await
            }
        }
    }

    /// What is done for a business that is known to be meant.
    pub(super) async fn plan_for(
        &self,
        business: BusinessId,
        customer: Option<CustomerId>,
        found: &[Found],
        meaning: &Meaning,
    ) -> Result<Plan, Error> {
        let to = Some((business, customer));
        if *meaning != Meaning::Stamps {
            return Ok(Plan { to, in_inbox: true, ..Plan::default() });
        }
        let mut lines = Vec::new();
        if let Some(customer) = customer {
            for card in self.peers.cards(business, customer).await?.into_iter().take(MOST_CARDS) {
                let token = self.peers.card_link(business, customer, card.card).await?;
                lines.push(CardLine {
                    stamps: card.stamps,
                    required: card.required,
                    rewards: card.open_rewards,
                    link: self.card_url(card.card, &token),
                });
            }
        }
        let language = match found.iter().find(|found| found.business == business) {
            Some(found) => found.language,
            None => self.peers.shop(business).await?.language,
        };
        Ok(Plan { to, answer: Some((business, Answer::Cards(lines), language)), ..Plan::default() })
    }

    /// Writes all of it, once.
    async fn carry_out(
        &self,
        inbound: &Inbound,
        address: Option<&Address>,
        meaning: &Meaning,
        plan: Plan,
    ) -> Result<(), Error> {
        let now = self.clock.now();
        let text = match &plan.answer {
            Some((business, answer, language)) => {
                Some((*business, answer.text(&self.peers.shop(*business).await?.name, *language), *language))
            }
            None => None,
        };
        let mut tx = self.pool.begin().await?;
        let (business, customer) =
            (plan.to.map(|(business, _)| business), plan.to.and_then(|(_, customer)| customer));
        let state = if plan.question.is_some() { "asked" } else { "done" };
        if !store::inbound::finish(&mut tx, inbound.inbound, state, (business, customer)).await? {
            return Ok(());
        }
        let mut facts = Vec::new();
        if let Some(business) = business {
            facts.push(events::inbound_message(business, inbound.inbound, customer, meaning.as_str(), now));
        }
        let key = (inbound.sender, inbound.address_hash.as_slice());
        if let Some((business, originals, customer)) = &plan.chosen {
            store::inbound::choose(&mut tx, key, *business, now).await?;
            for original in originals {
                store::inbound::give(&mut tx, original.inbound, *business, *customer).await?;
            }
        }
        if plan.in_inbox
            && let Some(business) = business
        {
            let written = plan.chosen.as_ref().and_then(|(_, originals, _)| originals.last());
            let at = written.map_or(inbound.received_at, |original| original.received_at);
            let of = (inbound.address.as_deref(), inbound.address_hash.as_slice());
            store::thread::wrote(&mut tx, business, of, customer, at).await?;
        }
        if let Some(question) = &plan.question {
            let options: Vec<Uuid> = question.iter().map(|business| business.as_uuid()).collect();
            store::inbound::ask(&mut tx, key, inbound.inbound, &options, now).await?;
        }
        if let Some(business) = plan.opt_in {
            store::opt_out::opt_in(&mut tx, business, &inbound.address_hash, now).await?;
        }
        if plan.is_lifted {
            store::opt_out::lift(&mut tx, inbound.sender, &inbound.address_hash).await?;
        }
        // The same word again is no second customer who has had enough.
        let enough_of = plan.enough_of.filter(|_| plan.is_first);
        for found in &plan.left {
            let waiting = store::queue::of_customer(&mut tx, found.business, found.customer, true).await?;
            drop(self.end(&mut tx, &waiting, (Status::Canceled, Reason::OptedOut), now).await?);
            if plan.is_first {
                let campaign = enough_of
                    .filter(|(business, _)| *business == found.business)
                    .and_then(|(_, campaign)| campaign);
                facts.push(events::opted_out(found.business, found.customer, campaign, now));
            }
        }
        if let Some((business, _)) = enough_of {
            store::opt_out::said(&mut tx, (inbound.inbound, inbound.sender), business, now).await?;
        }
        if let (Some((business, text, language)), Some(address)) = (text, address) {
            self.reply(&mut tx, inbound, (business, customer), (address, text, language), now).await?;
        }
        let told = self.outbox.append(&mut tx, facts).await?;
        tx.commit().await?;
        told.committed();
        if plan.is_first {
            metrics::counter!("messages_opted_out_total").increment(plan.left.len() as u64);
        }
        self.wanted.notify_waiters();
        if let Some((business, _)) = enough_of {
            self.judge_business(business).await?;
        }
        Ok(())
    }

    /// Writes an automatic reply, unless this address has had its three of today or the business may not send.
    async fn reply(
        &self,
        tx: &mut PgConnection,
        inbound: &Inbound,
        (business, customer): (BusinessId, Option<CustomerId>),
        (address, text, language): (&Address, String, Locale),
        now: DateTime<Utc>,
    ) -> Result<(), Error> {
        let Some(found) = store::business::find(&mut *tx, business).await? else { return Ok(()) };
        if found.status != "approved" {
            return Ok(());
        }
        let day = hours::money_days(super::preparing::zone(&found.time_zone), now).0;
        if !store::inbound::count_reply(tx, &inbound.address_hash, day, MOST_A_DAY).await? {
            return Ok(());
        }
        let (message, created_at) = id::new(now);
        let message = NewMessage {
            message: message.into(),
            created_at,
            business,
            customer,
            campaign: None,
            send: None,
            category: Category::Service,
            template: String::new(),
            language: language.as_str(),
            variables: serde_json::json!([]),
            text: Some(text),
            address: Some((address.as_str().to_owned(), inbound.address_hash.clone())),
            is_automatic: true,
            good_until: inbound.received_at + WINDOW,
        };
        Ok(self.write_service(tx, message, now).await?)
    }
}

/// Another service said no, and will say so again.
pub(super) fn is_refusal(error: &Error) -> bool {
    matches!(error, Error::Refused(status)
        if matches!(status.code(), Code::InvalidArgument | Code::NotFound | Code::FailedPrecondition))
}
