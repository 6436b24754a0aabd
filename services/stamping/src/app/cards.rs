//! Opening cards, showing them, and what happens to them when customers merge or leave.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use kernel::{BusinessId, CardId, CustomerId, OperationId, Principal, ProgramId, StampId};
use outbox::Appended;
use sqlx::PgConnection;

use super::App;
use super::stamps::CardState;
use crate::domain::{Card, Code, Cycle, Definition, FIRST_VERSION, Kind, Program, Read, RotatingCode, Via};
use crate::store::history::Entry;
use crate::store::ledger::NewEntry;
use crate::store::reward::Reward;
use crate::{Error, events, store};

/// A command to open a card.
#[derive(Clone, Copy, Debug)]
pub struct OpenCard {
    /// The tenant.
    pub business: BusinessId,
    /// Whose card.
    pub customer: CustomerId,
    /// The id that enrollment gave it.
    pub card: CardId,
    /// Which program; `None` is the oldest active one.
    pub program: Option<ProgramId>,
}

/// A card with all that its page shows.
pub struct CardView {
    /// The card.
    pub card: Card,
    /// Its program today.
    pub program: Program,
    /// What the running cycle began with.
    pub running: Arc<Definition>,
    /// What may be scanned.
    pub code: String,
    /// What wallets make rotating codes of.
    pub rotating: RotatingCode,
    /// Open rewards, and those of late.
    pub rewards: Vec<Reward>,
    /// The newest entries.
    pub history: Vec<Entry>,
}

/// Entries that a card's page shows.
const HISTORY: i64 = 50;

impl App {
    /// Opens a card, or finds the one the customer has in that program: one for ever.
    pub async fn open_card(&self, command: OpenCard) -> Result<(Card, Program), Error> {
        let mut tx = self.pool.begin().await?;
        let (card, program, appended) = self.open_card_in(&mut tx, command).await?;
        tx.commit().await?;
        appended.committed();
        Ok((card, program))
    }

    /// The same inside a consumer's transaction.
    pub(crate) async fn open_card_in(
        &self,
        tx: &mut PgConnection,
        command: OpenCard,
    ) -> Result<(Card, Program, Appended), Error> {
        let now = self.clock.now();
        let program = match command.program {
            Some(program) => store::program::get(&mut *tx, command.business, program).await?,
            None => store::program::list(&mut *tx, command.business, false).await?.into_iter().next(),
        };
        let program = program.filter(|program| program.active).ok_or(Error::NotFound("program_id"))?;
        let mut card = Card {
            card: command.card,
            business: command.business,
            customer: command.customer,
            program: program.program,
            program_version: program.version,
            stamps_required: program.definition.stamps_required,
            cycle: 1,
            stamps: 0,
            total: 0,
            version: FIRST_VERSION,
            carried_cents: 0,
            code_generation: 1,
            opened_at: now,
            last_earn_at: None,
            earn_day: None,
            earn_day_stamps: 0,
            visit_scan: None,
            visit_stamps: 0,
            closed_at: None,
        };
        if !store::card::insert(&mut *tx, &card).await? {
            let of_customer =
                store::card::of_customers(&mut *tx, command.business, &[command.customer]).await?;
            let existing = of_customer.into_iter().find(|card| card.program == program.program);
            let nothing = self.outbox.append(tx, Vec::new()).await?;
            return Ok((existing.ok_or(Error::NotFound("card_id"))?, program, nothing));
        }
        let first = Cycle {
            cycle: 1,
            program_version: program.version,
            stamps_required: program.definition.stamps_required,
        };
        store::card::insert_cycles(&mut *tx, &[(card.card, first)]).await?;
        let mut facts = vec![events::card_opened(&card, now)];
        let welcome = program.definition.rules.welcome_stamps;
        if welcome > 0 {
            let (entry, mut given) =
                self.give(tx, &mut card, &program, welcome, Kind::Bonus, Via::Welcome, None).await?;
            tracing::debug!(stamp = %entry, "welcome stamps given");
            facts.append(&mut given);
        }
        let appended = self.outbox.append(tx, facts).await?;
        Ok((card, program, appended))
    }

    /// Adds stamps that no till gave, to a card that the transaction holds; returns the entry and the facts to tell.
    #[expect(clippy::too_many_arguments, reason = "one entry of the ledger, told whole")]
    async fn give(
        &self,
        tx: &mut PgConnection,
        card: &mut Card,
        program: &Program,
        count: i32,
        kind: Kind,
        via: Via,
        operation: Option<OperationId>,
    ) -> Result<(StampId, Vec<outbox::NewEvent>), Error> {
        let now = self.clock.now();
        let running = self.definition(&mut *tx, card.program, card.program_version).await?;
        let added = card.add(count, &running, program, now);
        let entry = NewEntry {
            stamp: StampId::generate_at(now),
            business: card.business,
            card: card.card,
            kind,
            via,
            count,
            cycle: card.cycle,
            member: None,
            device: None,
            location: None,
            amount_cents: None,
            reason: None,
            reverses: None,
            operation: operation.unwrap_or_else(OperationId::generate),
            occurred_at: now,
            recorded_at: now,
        };
        let rewards: Vec<Reward> =
            added.reached.into_iter().map(|reached| Reward::unlocked(card, reached, now)).collect();
        let begun: Vec<_> = added.begun.iter().map(|cycle| (card.card, *cycle)).collect();
        store::ledger::write(tx, std::slice::from_ref(&entry), &[&*card], &[]).await?;
        store::card::insert_cycles(tx, &begun).await?;
        store::reward::insert(tx, &rewards).await?;
        let mut facts = vec![events::stamp_added(&entry, &CardState::from(&*card), added.first)];
        facts.extend(rewards.iter().map(|reward| events::reward_unlocked(reward, now)));
        Ok((entry.stamp, facts))
    }

    /// A bonus stamp for each side of an invitation that a friend's first stamp has made good.
    pub(crate) async fn pay_referral(
        &self,
        tx: &mut PgConnection,
        business: BusinessId,
        customers: [CustomerId; 2],
    ) -> Result<Appended, Error> {
        let cards = store::card::of_customers(&mut *tx, business, &customers).await?;
        let oldest =
            |customer| cards.iter().find(|card| card.customer == customer).map(|card| (business, card.card));
        let wanted: Vec<_> = customers.into_iter().filter_map(oldest).collect();
        let mut facts = Vec::new();
        for locked in store::card::lock(tx, &wanted).await? {
            let mut card = locked.card;
            let Some(program) = store::program::get(&mut *tx, business, card.program).await? else {
                continue;
            };
            facts.extend(self.give(tx, &mut card, &program, 1, Kind::Bonus, Via::Referral, None).await?.1);
        }
        Ok(self.outbox.append(tx, facts).await?)
    }

    /// What one customer had becomes another's: cards in programs the other has none in change hands, the rest of the
    /// stamps are carried over, and open rewards go along.
    pub(crate) async fn merge_cards(
        &self,
        tx: &mut PgConnection,
        business: BusinessId,
        from: CustomerId,
        into: CustomerId,
    ) -> Result<Appended, Error> {
        let now = self.clock.now();
        let cards = store::card::of_customers(&mut *tx, business, &[from, into]).await?;
        let wanted: Vec<_> = cards.iter().map(|card| (business, card.card)).collect();
        let locked = store::card::lock(tx, &wanted).await?;
        let mut facts = Vec::new();
        for source in locked.iter().map(|locked| &locked.card).filter(|card| card.customer == from) {
            let target = locked
                .iter()
                .find(|other| other.card.customer == into && other.card.program == source.program);
            store::reward::hand_over(tx, business, source.card, into).await?;
            let Some(target) = target else {
                store::card::hand_over(tx, business, source.card, into).await?;
                continue;
            };
            let Ok(count) = i32::try_from(source.total) else { continue };
            if count > 0 {
                let mut card = target.card.clone();
                let Some(program) = store::program::get(&mut *tx, business, card.program).await? else {
                    continue;
                };
                // Only the running cycle moves: what full cycles unlocked has been unlocked already.
                let moved = source.stamps;
                facts.extend(
                    self.give(tx, &mut card, &program, moved, Kind::Import, Via::Merge, None).await?.1,
                );
            }
        }
        store::card::close_all(tx, business, from, now).await?;
        Ok(self.outbox.append(tx, facts).await?)
    }

    /// Closes the cards of a customer who is to be forgotten; the ledger stays, without the person.
    pub(crate) async fn erase_customer(
        &self,
        tx: &mut PgConnection,
        business: BusinessId,
        customer: CustomerId,
    ) -> Result<(), Error> {
        Ok(store::card::close_all(tx, business, customer, self.clock.now()).await?)
    }

    /// Keeps the zone in which a business counts its days.
    pub(crate) async fn put_business(
        &self,
        tx: &mut PgConnection,
        business: BusinessId,
        time_zone: &str,
        version: i64,
    ) -> Result<(), Error> {
        store::business::put(tx, business, time_zone, version).await?;
        self.zones.invalidate(&business);
        Ok(())
    }

    /// The code of a card in its newest generation.
    pub fn code(&self, card: &Card) -> String {
        let generation = u16::try_from(card.code_generation).unwrap_or(u16::MAX);
        self.keys.mint(Code { card: card.card, generation })
    }

    /// What a wallet makes the rotating codes of a card of.
    pub fn rotating_code(&self, card: &Card) -> RotatingCode {
        let generation = u16::try_from(card.code_generation).unwrap_or(u16::MAX);
        self.keys.rotating(Code { card: card.card, generation })
    }

    /// Reads what was scanned at a moment.
    pub fn read_code(&self, text: &str, at: DateTime<Utc>) -> Result<Read, Error> {
        self.keys.read_at(text, at)
    }

    /// A card with all that its page shows: for its holder, and for members of its business.
    pub async fn get_card(&self, principal: &Principal, card: CardId) -> Result<CardView, Error> {
        self.card_of(may_see(principal, card)?, card).await
    }

    /// A card of a business with all that its page shows.
    pub async fn card_of(&self, business: BusinessId, card: CardId) -> Result<CardView, Error> {
        let found = store::card::get(&self.pool, business, card).await?;
        let card = found.filter(|card| card.closed_at.is_none()).ok_or(Error::NotFound("card_id"))?;
        let (program, running, rewards, history) = tokio::try_join!(
            self.program_of(&card),
            self.running_definition(&card),
            async { Ok(store::reward::of_cards(&self.pool, business, &[card.card]).await?) },
            async { Ok(store::history::list(&self.pool, business, &[card.card], None, HISTORY).await?) },
        )?;
        let (code, rotating) = (self.code(&card), self.rotating_code(&card));
        Ok(CardView { code, rotating, card, program, running, rewards, history })
    }

    /// The open cards of customers of a business.
    pub async fn cards_of(&self, business: BusinessId, customers: &[CustomerId]) -> Result<Vec<Card>, Error> {
        Ok(store::card::of_customers(&self.pool, business, customers).await?)
    }

    /// The rewards on cards of a business.
    pub async fn rewards_of(&self, business: BusinessId, cards: &[CardId]) -> Result<Vec<Reward>, Error> {
        Ok(store::reward::of_cards(&self.pool, business, cards).await?)
    }

    /// A page of customers with an open reward, newest first, and how many there are.
    pub async fn reward_holders(
        &self,
        business: BusinessId,
        before: Option<CustomerId>,
        limit: i64,
    ) -> Result<(Vec<CustomerId>, i64), Error> {
        Ok(store::reward::holders(&self.pool, business, before, limit).await?)
    }

    /// A customer's entries before a place in the ledger, newest first, over all her cards.
    pub async fn ledger(
        &self,
        business: BusinessId,
        customer: CustomerId,
        before: Option<(DateTime<Utc>, StampId)>,
        limit: i64,
    ) -> Result<(Vec<Entry>, Vec<Reward>), Error> {
        let cards = store::card::all_of_customer(&self.pool, business, customer).await?;
        let entries = store::history::list(&self.pool, business, &cards, before, limit).await?;
        Ok((entries, store::reward::of_cards(&self.pool, business, &cards).await?))
    }

    /// Revokes the code that is out and mints the next one.
    pub async fn rotate_code(&self, principal: &Principal, card: CardId) -> Result<String, Error> {
        let business = may_see(principal, card)?;
        let generation = store::card::next_code_generation(&self.pool, business, card).await?;
        let generation = generation.ok_or(Error::NotFound("card_id"))?;
        Ok(self.keys.mint(Code { card, generation: u16::try_from(generation).unwrap_or(u16::MAX) }))
    }
}

/// The business whose card it may be, for a caller who may see that card at all.
fn may_see(principal: &Principal, card: CardId) -> Result<BusinessId, Error> {
    match principal {
        Principal::CardHolder { business, card: held, .. } if *held == card => Ok(*business),
        // To its holder, another card does not exist.
        Principal::CardHolder { .. } => Err(Error::NotFound("card_id")),
        Principal::Member { business, .. } | Principal::ApiKey { business, .. } => Ok(*business),
        Principal::Public => Err(Error::Unauthenticated),
        Principal::Operator | Principal::Service { .. } => Err(Error::Forbidden),
    }
}
