//! What the facts of other services change on passes.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use kernel::{BusinessId, CardId, CustomerId, Locale, ProgramId};
use outbox::{Appended, NewEvent};
use sqlx::PgConnection;

use super::App;
use crate::domain::message::{Message, Messages, Outcome};
use crate::domain::news::{Fact, News};
use crate::store::pass::Kept;
use crate::store::web::{Send, Words};
use crate::{events, store};

/// A fact, as far as passes are concerned.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Told {
    /// A card shows something else.
    Card(CardId, Fact),
    /// All cards of a program may look otherwise, since then.
    Program(ProgramId, DateTime<Utc>),
    /// A shop has another name.
    Business(BusinessId),
    /// A customer left, or became another.
    Gone(BusinessId, CustomerId),
    /// A customer reads this language, since then.
    Reads(BusinessId, CustomerId, Locale, DateTime<Utc>),
    /// A campaign has something to say.
    Said(Messages),
}

impl App {
    /// Marks the passes that change, and wants their phones to be told. Several facts on one card are one change.
    pub(crate) async fn apply(
        &self,
        tx: &mut PgConnection,
        told: Vec<(Told, Option<String>)>,
    ) -> Result<Appended, sqlx::Error> {
        let now = self.clock.now();
        let mut facts = Vec::new();
        let mut cards: BTreeMap<CardId, (Fact, Option<String>)> = BTreeMap::new();
        let mut words: BTreeMap<CardId, (Words, Option<String>)> = BTreeMap::new();
        let mut changed = Vec::new();
        for (told, parent) in told {
            match told {
                Told::Card(card, fact) => join(&mut cards, card, fact, parent),
                Told::Said(said) => {
                    let (business, mut replaced) = (said.business, Vec::new());
                    let show = |card, said: Words| {
                        // Said now, whatever has happened since it was planned.
                        let fact = Fact { news: News::Said(said.text.clone()), at: now };
                        join(&mut cards, card, fact, parent.clone());
                        let before = words.insert(card, (said, parent.clone()));
                        replaced.extend(before.and_then(|(words, _)| words.waiting));
                    };
                    facts.extend(self.say(tx, said, show).await?);
                    facts.extend(replaced.iter().map(|send| unsaid(business, send, Outcome::Expired, now)));
                }
                Told::Program(program, at) => {
                    changed.push((store::pass::change_program(tx, program, at, now).await?, parent));
                }
                Told::Business(business) => self.peers.forget_name(business).await,
                Told::Reads(business, customer, language, said_at) => {
                    let hers = (business, customer);
                    let passes = store::pass::translate(tx, hers, language.as_str(), said_at, now).await?;
                    changed.push((passes, parent));
                }
                Told::Gone(business, customer) => {
                    changed.push((store::pass::close(tx, business, customer, now).await?, parent));
                    let browsers = store::web::of_customer(tx, business, customer).await?;
                    facts.extend(self.forget_browsers(tx, &browsers, None).await?);
                }
            }
        }
        if !cards.is_empty() {
            let facts: Vec<(CardId, Fact)> =
                cards.iter().map(|(card, (fact, _))| (*card, fact.clone())).collect();
            let of_cards = store::pass::change(tx, &facts, now).await?;
            // Each card's push belongs to the trace of the tap that caused it.
            changed.extend(of_cards.into_iter().map(|changed| {
                let parent = cards.get(&changed.card).and_then(|(_, parent)| parent.clone());
                (vec![changed], parent)
            }));
        }
        for (changed, parent) in changed {
            if !changed.is_empty() {
                store::push::want(tx, &changed, parent.as_deref(), now).await?;
            }
        }
        if !words.is_empty() && self.web.is_some() {
            let wanted = store::web::want(tx, &words, now).await?;
            // Words that were replaced before they went out came too late.
            let replaced = wanted.replaced.iter();
            facts.extend(replaced.map(|(business, send)| unsaid(*business, send, Outcome::Expired, now)));
            // A browser may go while it is looked for.
            let waiting =
                words.values().filter_map(|(words, _)| Some((words.business, words.waiting.as_ref()?)));
            let lost = waiting.filter(|(_, send)| !wanted.sends.contains(&send.send));
            facts.extend(lost.map(|(business, send)| unsaid(business, send, Outcome::NoPass, now)));
        }
        self.outbox.append(tx, facts).await
    }

    /// Finds the passes that a campaign's words go onto, and tells what became of each. Where only browsers hear of a card,
    /// that is told once a push service has the words.
    async fn say(
        &self,
        tx: &mut PgConnection,
        said: Messages,
        mut show: impl FnMut(CardId, Words),
    ) -> Result<Vec<NewEvent>, sqlx::Error> {
        // Most campaigns go another way than by pass, and are heard of all the same.
        if said.messages.is_empty() {
            return Ok(Vec::new());
        }
        let now = self.clock.now();
        let is_late = said.good_until.is_some_and(|end| end <= now);
        let kept = store::pass::kept(tx, said.business, &said.messages, self.web.is_some()).await?;
        let mut facts = Vec::new();
        for Message { send, customer, text, .. } in said.messages {
            let outcome = match kept.get(&send) {
                _ if is_late => Some(Outcome::Expired),
                None => Some(Outcome::NoPass),
                Some(Kept { card, in_wallet }) => {
                    let campaign = said.campaign.clone();
                    let waiting = (!in_wallet).then_some(Send { campaign, send, customer });
                    let (business, good_until) = (said.business, said.good_until);
                    show(*card, Words { business, text, good_until, waiting });
                    in_wallet.then_some(Outcome::Delivered)
                }
            };
            let told = outcome
                .map(|outcome| events::said(said.business, &said.campaign, send, customer, outcome, now));
            facts.extend(told);
        }
        Ok(facts)
    }
}

fn unsaid(business: BusinessId, send: &Send, outcome: Outcome, now: DateTime<Utc>) -> NewEvent {
    events::said(business, &send.campaign, send.send, send.customer, outcome, now)
}

/// Several changes of one card become one.
fn join(
    cards: &mut BTreeMap<CardId, (Fact, Option<String>)>,
    card: CardId,
    fact: Fact,
    parent: Option<String>,
) {
    let merged = match cards.remove(&card) {
        Some((before, _)) => before.or(fact),
        None => fact,
    };
    cards.insert(card, (merged, parent));
}
