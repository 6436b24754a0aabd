//! What the facts of other services change on passes.

use std::collections::BTreeMap;

use kernel::{BusinessId, CardId, CustomerId, ProgramId};
use outbox::{Appended, NewEvent};
use sqlx::PgConnection;

use super::App;
use crate::domain::message::{Messages, Outcome};
use crate::domain::news::News;
use crate::{events, store};

/// A fact, as far as passes are concerned.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Told {
    /// A card shows something else.
    Card(CardId, News),
    /// All cards of a program may look otherwise.
    Program(ProgramId),
    /// A shop has another name.
    Business(BusinessId),
    /// A customer left, or became another.
    Gone(BusinessId, CustomerId),
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
        let mut cards: BTreeMap<CardId, (News, Option<String>)> = BTreeMap::new();
        let mut changed = Vec::new();
        for (told, parent) in told {
            match told {
                Told::Card(card, news) => join(&mut cards, card, news, parent),
                Told::Said(said) => {
                    let show = |card, news| join(&mut cards, card, news, parent.clone());
                    facts.extend(self.say(tx, said, show).await?);
                }
                Told::Program(program) => {
                    changed.push((store::pass::change_program(tx, program, now).await?, parent));
                }
                Told::Business(business) => self.peers.forget_name(business).await,
                Told::Gone(business, customer) => {
                    changed.push((store::pass::close(tx, business, customer, now).await?, parent));
                }
            }
        }
        if !cards.is_empty() {
            let news: Vec<(CardId, News)> =
                cards.iter().map(|(card, (news, _))| (*card, news.clone())).collect();
            let of_cards = store::pass::change(tx, &news, now).await?;
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
        self.outbox.append(tx, facts).await
    }

    /// Finds the passes that a campaign's words go onto, and tells what became of each.
    async fn say(
        &self,
        tx: &mut PgConnection,
        said: Messages,
        mut show: impl FnMut(CardId, News),
    ) -> Result<Vec<NewEvent>, sqlx::Error> {
        // Most campaigns go another way than by pass, and are heard of all the same.
        if said.messages.is_empty() {
            return Ok(Vec::new());
        }
        let now = self.clock.now();
        let is_late = said.good_until.is_some_and(|end| end <= now);
        let kept = store::pass::kept(tx, said.business, &said.messages).await?;
        Ok(said
            .messages
            .into_iter()
            .map(|message| {
                let outcome = match kept.get(&message.send) {
                    _ if is_late => Outcome::Expired,
                    None => Outcome::NoPass,
                    Some(card) => {
                        show(*card, News::Said(message.text));
                        Outcome::Delivered
                    }
                };
                events::said(said.business, &said.campaign, message.send, message.customer, outcome, now)
            })
            .collect())
    }
}

/// Several changes of one card become one.
fn join(
    cards: &mut BTreeMap<CardId, (News, Option<String>)>,
    card: CardId,
    news: News,
    parent: Option<String>,
) {
    let merged = match cards.remove(&card) {
        Some((before, _)) => before.or(news),
        None => news,
    };
    cards.insert(card, (merged, parent));
}
