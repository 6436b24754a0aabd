//! Which shop she means, where several write from one number: asked by number or by name, and her answer understood.

use futures::future::join_all;
use kernel::{BusinessId, Locale};

use super::App;
use super::answering::{Plan, WINDOW, is_refusal};
use super::asking::Asked;
use crate::domain::meaning::Meaning;
use crate::domain::replies::Answer;
use crate::domain::routing;
use crate::store::inbound::{Inbound, Question};
use crate::{Error, store};

/// Shops of a sender whose names are looked at, the oldest first.
const MOST_NAMED: usize = 2_000;
/// Names asked for at once.
const AT_ONCE: usize = 20;

impl App {
    /// She is asked which of these.
    pub(super) async fn ask_which(&self, options: &[BusinessId], asked: &Asked) -> Result<Plan, Error> {
        let mut names = Vec::with_capacity(options.len());
        for business in options {
            names.push(self.peers.shop(*business).await?.name);
        }
        let language = asked.found.first().map_or(Locale::Es, |found| found.language);
        let answer = asked.speaker.map(|speaker| (speaker, Answer::WhichShop(names), language));
        Ok(Plan { question: Some(options.to_vec()), answer, ..Plan::default() })
    }

    /// She is asked for the name of her shop; where she was, what she writes is read as one.
    pub(super) async fn plan_named(
        &self,
        inbound: &Inbound,
        all: &[BusinessId],
        asked: &Asked,
    ) -> Result<Plan, Error> {
        // Nobody may send: she cannot be asked.
        let Some(speaker) = asked.speaker else { return Ok(Plan::default()) };
        let question = self.open_question(inbound).await?;
        if let Some(question) = &question {
            let named = routing::named(inbound.text.as_deref().unwrap_or_default(), &self.names(all).await?);
            match named.as_slice() {
                [] => {}
                [only] => {
                    if let Some(plan) = self.chosen(inbound, question, *only, asked).await? {
                        return Ok(plan);
                    }
                }
                several => return self.ask_which(several, asked).await,
            }
        }
        let answer = Answer::NameShop { again: question.is_some() };
        Ok(Plan {
            question: Some(Vec::new()),
            answer: Some((speaker, answer, Locale::Es)),
            ..Plan::default()
        })
    }

    /// Her answer by number to which shop she means; `None` where nobody asked, or there is no such number.
    pub(super) async fn choice(
        &self,
        inbound: &Inbound,
        number: usize,
        asked: &Asked,
    ) -> Result<Option<Plan>, Error> {
        let Some(question) = self.open_question(inbound).await? else { return Ok(None) };
        let Some(business) = number.checked_sub(1).and_then(|at| question.options.get(at)) else {
            return Ok(None);
        };
        self.chosen(inbound, &question, BusinessId::from(*business), asked).await
    }

    /// What she was asked less than a day ago and has not answered.
    async fn open_question(&self, inbound: &Inbound) -> Result<Option<Question>, Error> {
        let question = store::inbound::question(&self.pool, inbound.sender, &inbound.address_hash).await?;
        Ok(question
            .filter(|question| question.chosen.is_none() && question.asked_at > self.clock.now() - WINDOW))
    }

    /// All that she wrote before she chose goes there; where one of it is a question we can answer, it is answered.
    async fn chosen(
        &self,
        inbound: &Inbound,
        question: &Question,
        business: BusinessId,
        asked: &Asked,
    ) -> Result<Option<Plan>, Error> {
        let originals = store::inbound::asked(
            &self.pool,
            inbound.sender,
            &inbound.address_hash,
            question.asked_at - WINDOW,
        )
        .await?;
        let meanings: Vec<Meaning> = originals
            .iter()
            .map(|original| Meaning::of(original.text.as_deref().unwrap_or_default()))
            .collect();
        if meanings.is_empty() {
            return Ok(None);
        }
        let answerable = meanings.iter().find(|meaning| **meaning == Meaning::Stamps);
        let customer = asked.customer_at(business);
        let meaning = answerable.unwrap_or(&Meaning::Other);
        let plan = self.plan_for(business, customer, &asked.found, meaning).await?;
        let in_inbox = meanings.iter().any(|meaning| *meaning != Meaning::Stamps);
        Ok(Some(Plan { chosen: Some((business, originals, customer)), in_inbox, ..plan }))
    }

    /// What shops are called; one that is gone meanwhile is left out.
    async fn names(&self, all: &[BusinessId]) -> Result<Vec<(BusinessId, String)>, Error> {
        let mut names = Vec::with_capacity(all.len().min(MOST_NAMED));
        for some in all.get(..MOST_NAMED).unwrap_or(all).chunks(AT_ONCE) {
            let told = some.iter().map(async |business| {
                let shop = self.peers.shop(*business).await;
                (*business, shop)
            });
            for (business, shop) in join_all(told).await {
                match shop {
                    Ok(shop) => names.push((business, shop.name)),
                    Err(error) if is_refusal(&error) => {}
                    Err(error) => return Err(error),
                }
            }
        }
        Ok(names)
    }
}
