//! What the facts of other services change on passes.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use kernel::{BusinessId, CampaignId, CardId, CustomerId, Locale, ProgramId};
use outbox::Appended;
use sqlx::PgConnection;

use super::App;
use crate::domain::campaign::Heard;
use crate::domain::message::{Messages, Outcome};
use crate::domain::news::Fact;
use crate::store;

/// A fact, as far as passes are concerned.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Told {
    /// A card shows something else.
    Card(CardId, Fact),
    /// All cards of a program may look otherwise, since then.
    Program(ProgramId, DateTime<Utc>),
    /// A shop has another name, or another zone.
    Business(BusinessId),
    /// A customer left, or became another.
    Gone(BusinessId, CustomerId),
    /// A customer reads this language, since then.
    Reads(BusinessId, CustomerId, Locale, DateTime<Utc>),
    /// A campaign has something to say.
    Said(Messages),
    /// A campaign stands otherwise.
    Campaign(CampaignId, Heard),
    /// A customer is not to be written to any more, and why.
    Silenced(BusinessId, CustomerId, Outcome),
    /// Nothing that concerns them.
    Nothing,
}

impl App {
    /// Marks the passes that change, and wants their phones to be told. Several facts on one card are one change.
    pub(crate) async fn apply(
        &self,
        tx: &mut PgConnection,
        told: Vec<(Told, Option<String>)>,
    ) -> Result<Appended, sqlx::Error> {
        let now = self.clock.now();
        let mut facts = self.hear_words(tx, &told, now).await?;
        let mut cards: BTreeMap<CardId, (Fact, Option<String>)> = BTreeMap::new();
        let mut changed = Vec::new();
        for (told, parent) in told {
            match told {
                Told::Card(card, fact) => join(&mut cards, card, fact, parent),
                Told::Program(program, at) => {
                    changed.push((store::pass::change_program(tx, program, at, now).await?, parent));
                }
                Told::Business(business) => self.peers.forget_shop(business).await,
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
                // Heard already, before anything else.
                Told::Said(_) | Told::Campaign(..) | Told::Silenced(..) | Told::Nothing => {}
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
        self.outbox.append(tx, facts).await
    }
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
