//! Before anything is reserved: whose turn it is, whom enrollment lets be written to at this moment, and what they read.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use chrono::{DateTime, Utc};
use futures::future::join_all;
use kernel::{BusinessId, CustomerId, Locale, MessageId, Zone};
use sqlx::PgConnection;
use uuid::Uuid;

use super::App;
use crate::Error;
use crate::domain::address::{Address, AddressHash};
use crate::domain::fairness::{self, Queued, Share};
use crate::domain::outcome::Reason;
use crate::domain::price::Category;
use crate::domain::quality;
use crate::domain::reserve::Known;
use crate::domain::status::Status;
use crate::domain::template::{self, Approval, Fillings, Template};
use crate::domain::{hours, pace};
use crate::peers::{Contact, Shop};
use crate::store;
use crate::store::business::Due;
use crate::store::message::Draft;
use crate::store::queue::Claimed;
use crate::store::sender::{Pace, Sender};
use crate::twilio::Content;

/// How long a claim is a worker's before anything was reserved; a killed one's rows wait again after that.
const CLAIM: Duration = Duration::from_secs(15);
/// The pause before a customer is asked for again whom enrollment could not be asked for.
const ASK_AGAIN: Duration = Duration::from_secs(2);

/// A message that could be handed over.
pub(super) struct Ready {
    pub(super) claimed: Claimed,
    pub(super) category: Category,
    pub(super) address: Address,
    pub(super) hash: AddressHash,
    pub(super) content: Content,
    /// As she reads it.
    pub(super) text: String,
    /// By which template it is said, and in which language; none where it is free text.
    pub(super) template: Option<(String, Locale)>,
}

/// What came of looking at one.
enum Looked {
    Ready(Box<Ready>),
    Failed(Reason),
    Later,
}

type ContactsOf = HashMap<(BusinessId, bool), Option<HashMap<CustomerId, Contact>>>;

impl App {
    /// Claims up to `room` messages of a sender: what is waited for before marketing, and within each by turns.
    pub(super) async fn claim(
        &self,
        sender: &Sender,
        pace: &Pace,
        room: usize,
        claim: Uuid,
    ) -> Result<Vec<Claimed>, Error> {
        let now = self.clock.now();
        let mut claimed = self.claim_of(sender, (0, pace.virtual_first), room, claim, now).await?;
        let left = room.saturating_sub(claimed.len());
        if left > 0 {
            let marketing = (Category::Marketing.lane(), pace.virtual_marketing);
            claimed.extend(self.claim_of(sender, marketing, left, claim, now).await?);
        }
        Ok(claimed)
    }

    /// Claims up to `room` messages of one lane, whose fair queue stands at `clock`.
    async fn claim_of(
        &self,
        sender: &Sender,
        (lane, clock): (i16, i64),
        room: usize,
        claim: Uuid,
        now: DateTime<Utc>,
    ) -> Result<Vec<Claimed>, Error> {
        let is_marketing = lane == Category::Marketing.lane();
        let most = i64::try_from(room).unwrap_or(i64::MAX);
        let mut due = store::business::due(&self.pool, (sender.sender, lane), now, most).await?;
        due.retain(|due| !(is_marketing && hours::is_quiet(zone(&due.time_zone), now)));
        if due.is_empty() {
            return Ok(Vec::new());
        }
        let queued: Vec<Queued> = due
            .iter()
            .map(|due| Queued {
                business: due.business,
                virtual_time: due.virtual_time,
                weight: due.weight,
                due: usize::try_from(due.due).unwrap_or(0),
            })
            .collect();
        let is_slowed = is_marketing && due.iter().any(|due| due.is_sender_slowed);
        let room = if is_slowed { room.min(quality::slowed(pace::chunk(sender.per_second))) } else { room };
        let (mut shares, clock) = fairness::divide(room, clock, &queued);
        if is_marketing {
            shares = self.slow_down(sender, is_slowed, &due, shares, now).await?;
        }
        if shares.is_empty() {
            return Ok(Vec::new());
        }
        let businesses: Vec<Uuid> = shares.iter().map(|share| share.business.as_uuid()).collect();
        let counts: Vec<i64> = shares.iter().map(|share| i64::try_from(share.count).unwrap_or(0)).collect();
        let turns: Vec<i64> = shares.iter().map(|share| share.virtual_time).collect();
        let until = now + CLAIM;
        let claimed =
            store::queue::claim(&self.pool, lane, (&businesses, &counts), now, (claim, until)).await?;
        store::business::move_turns(&self.pool, lane, &businesses, &turns).await?;
        store::sender::set_clock(&self.pool, sender.sender, lane, clock).await?;
        Ok(claimed)
    }

    /// Begins the pauses that follow these shares of marketing: the sender's for all of them where it is slowed itself, and that
    /// of each business that is. Replicas do so at once: whoever comes second for a pause has no share in what goes before it.
    async fn slow_down(
        &self,
        sender: &Sender,
        is_slowed: bool,
        due: &[Due],
        shares: Vec<Share>,
        now: DateTime<Utc>,
    ) -> Result<Vec<Share>, Error> {
        let after = |messages: usize| now + quality::pause(messages, sender.per_second);
        if is_slowed {
            let until = after(shares.iter().map(|share| share.count).sum());
            if !store::sender::pause_marketing(&self.pool, sender.sender, until, now).await? {
                return Ok(Vec::new());
            }
        }
        let slowed: HashSet<BusinessId> =
            due.iter().filter(|due| due.is_slowed).map(|due| due.business).collect();
        let (businesses, until): (Vec<Uuid>, Vec<DateTime<Utc>>) = shares
            .iter()
            .filter(|share| slowed.contains(&share.business))
            .map(|share| (share.business.as_uuid(), after(share.count)))
            .unzip();
        if businesses.is_empty() {
            return Ok(shares);
        }
        let ours: HashSet<BusinessId> =
            store::business::pause_marketing(&self.pool, &businesses, &until, now)
                .await?
                .into_iter()
                .collect();
        Ok(shares
            .into_iter()
            .filter(|share| !slowed.contains(&share.business) || ours.contains(&share.business))
            .collect())
    }

    /// Asks who may be written to, and writes what they read. What cannot go is dealt with here; what can is returned.
    pub(super) async fn prepare(&self, claim: Uuid, claimed: Vec<Claimed>) -> Result<Vec<Ready>, Error> {
        let ids: Vec<Uuid> = claimed.iter().map(|row| row.message.as_uuid()).collect();
        let created: Vec<DateTime<Utc>> = claimed.iter().map(|row| row.created_at).collect();
        let (drafts, templates) = tokio::try_join!(
            store::message::drafts(&self.pool, &ids, &created),
            store::template::list(&self.pool)
        )?;
        let mut drafts: HashMap<MessageId, Draft> =
            drafts.into_iter().map(|draft| (draft.message, draft)).collect();
        let contacts = self.contacts_of(&claimed, &drafts).await;
        let businesses: HashSet<BusinessId> = claimed.iter().map(|row| row.business).collect();
        let shops = join_all(businesses.iter().map(async |business| {
            let shop = self.peers.shop(*business).await.ok();
            (*business, shop)
        }))
        .await;
        let shops: HashMap<BusinessId, Option<Shop>> = shops.into_iter().collect();

        let (mut ready, mut later) = (Vec::new(), Vec::new());
        let mut failed: HashMap<Reason, Vec<(MessageId, DateTime<Utc>)>> = HashMap::new();
        for row in claimed {
            let (message, created_at) = (row.message, row.created_at);
            let shop = shops.get(&row.business).and_then(Option::as_ref);
            let looked = match drafts.remove(&message) {
                Some(draft) => self.look(row, draft, &templates, &contacts, shop),
                // Its row is gone: nobody can say what it was.
                None => Looked::Failed(Reason::Expired),
            };
            match looked {
                Looked::Ready(one) => ready.push(*one),
                Looked::Failed(reason) => failed.entry(reason).or_default().push((message, created_at)),
                Looked::Later => later.push(message.as_uuid()),
            }
        }
        let now = self.clock.now();
        if !later.is_empty() {
            let next = vec![now + ASK_AGAIN; later.len()];
            let reasons = vec![Some(String::new()); later.len()];
            store::queue::release(&self.pool, claim, &later, &next, &reasons).await?;
        }
        for (reason, messages) in failed {
            self.fail_claimed(claim, messages, reason, now).await?;
        }
        Ok(ready)
    }

    /// Fails what is still ours.
    async fn fail_claimed(
        &self,
        claim: Uuid,
        messages: Vec<(MessageId, DateTime<Utc>)>,
        reason: Reason,
        now: DateTime<Utc>,
    ) -> Result<(), Error> {
        let mut tx = self.pool.begin().await?;
        let ids: Vec<Uuid> = messages.iter().map(|(message, _)| message.as_uuid()).collect();
        let ours: HashSet<MessageId> =
            store::queue::still_claimed(&mut tx, claim, &ids).await?.into_iter().collect();
        let ours: Vec<_> = messages.into_iter().filter(|(message, _)| ours.contains(message)).collect();
        let told = self.end(&mut tx, &ours, (Status::Failed, reason), now).await?;
        tx.commit().await?;
        told.committed();
        Ok(())
    }

    /// Contacts by business and purpose; `None` where enrollment did not answer. Whoever has an address already wrote to us.
    async fn contacts_of(&self, claimed: &[Claimed], drafts: &HashMap<MessageId, Draft>) -> ContactsOf {
        let mut asked: HashMap<(BusinessId, bool), Vec<CustomerId>> = HashMap::new();
        for row in claimed {
            let is_reply = row.category == Category::Service.as_str()
                && drafts.get(&row.message).is_some_and(|draft| draft.address.is_some());
            if let Some(customer) = row.customer.filter(|_| !is_reply) {
                let key = (row.business, row.category == Category::Marketing.as_str());
                asked.entry(key).or_default().push(customer);
            }
        }
        let answers = asked.into_iter().map(async |((business, is_marketing), customers)| {
            let contacts = match self.peers.contacts(business, &customers, is_marketing).await {
                Ok(contacts) => {
                    Some(contacts.into_iter().map(|contact| (contact.customer, contact)).collect())
                }
                Err(error) => {
                    tracing::warn!(%error, "contacts not known; will ask again");
                    None
                }
            };
            ((business, is_marketing), contacts)
        });
        join_all(answers).await.into_iter().collect()
    }

    fn look(
        &self,
        claimed: Claimed,
        draft: Draft,
        templates: &[Template],
        contacts: &ContactsOf,
        shop: Option<&Shop>,
    ) -> Looked {
        let Some(category) = Category::from_word(&claimed.category) else {
            return Looked::Failed(Reason::Template);
        };
        if category == Category::Service
            && let (Some(text), Some(address)) =
                (&draft.text, draft.address.as_deref().and_then(Address::from_provider))
        {
            let hash = self.addresses.hash(&address);
            let (content, text) = (Content::Text(text.clone()), text.clone());
            let template = None;
            return Looked::Ready(Box::new(Ready {
                claimed,
                category,
                address,
                hash,
                content,
                text,
                template,
            }));
        }
        let Some(customer) = claimed.customer else { return Looked::Failed(Reason::Erased) };
        let contact = match contacts.get(&(claimed.business, category == Category::Marketing)) {
            Some(Some(contacts)) => match contacts.get(&customer) {
                Some(contact) => contact,
                // Not answered: not agreed to, taken back, or erased. Nothing is sent.
                None => return Looked::Failed(Reason::NoConsent),
            },
            _ => return Looked::Later,
        };
        let Some(shop) = shop else { return Looked::Later };
        let language = Locale::from_tag(&draft.language);
        let template = templates
            .iter()
            .find(|template| template.name == draft.template && template.language == language);
        let Some(template) = template else { return Looked::Failed(Reason::Template) };
        if let Some(reason) = template.refusal() {
            return Looked::Failed(reason);
        }
        let variables: Vec<String> = serde_json::from_value(draft.variables).unwrap_or_default();
        let with = Fillings {
            first_name: Some(&contact.first_name),
            business: Some(&shop.name),
            ..Fillings::default()
        };
        let variables: Vec<String> =
            variables.iter().map(|value| template::one_line(&template::fill(value, &with))).collect();
        if template.check_values("variables", &variables).is_err() {
            return Looked::Failed(Reason::Template);
        }
        let address = Address::from(&contact.phone);
        let hash = self.addresses.hash(&address);
        let text = template.render(&variables);
        let content = Content::Template { sid: template.content_sid.clone(), variables };
        let template = Some((template.name.clone(), language));
        Looked::Ready(Box::new(Ready { claimed, category, address, hash, content, text, template }))
    }

    /// Looks at the templates of these again, and holds them as they are: whoever pauses one waits for this transaction, and
    /// what was prepared before that goes no more.
    pub(super) async fn look_at_templates(
        &self,
        tx: &mut PgConnection,
        ready: &[Ready],
        known: &mut Known,
    ) -> Result<(), Error> {
        let used: HashSet<&(String, Locale)> = ready.iter().filter_map(|one| one.template.as_ref()).collect();
        if used.is_empty() {
            return Ok(());
        }
        let (names, languages): (Vec<String>, Vec<String>) =
            used.into_iter().map(|(name, language)| (name.clone(), language.as_str().to_owned())).unzip();
        let standing: HashMap<(String, Locale), Approval> = store::template::standing(tx, &names, &languages)
            .await?
            .into_iter()
            .map(|(name, language, approval)| ((name, language), approval))
            .collect();
        for one in ready {
            let Some(template) = &one.template else { continue };
            let refusal =
                standing.get(template).map_or(Some(Reason::Template), |approval| approval.refusal());
            if let Some(reason) = refusal {
                known.unusable.insert(one.claimed.message, reason);
            }
        }
        Ok(())
    }
}

/// The zone of a business; Lima where it is not one.
pub(super) fn zone(name: &str) -> Zone {
    Zone::parse(name).unwrap_or(Zone::LIMA)
}
