//! Bringing customers along from a list.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use kernel::{CardId, CustomerId, Invalid, Locale, Principal, Role};
use outbox::NewEvent;
use sqlx::PgConnection;

use crate::Error;
use crate::app::App;
use crate::domain::access::{self, Staff};
use crate::domain::consent::{Entry, Purpose, State, Via};
use crate::domain::customer::{NewCustomer, Source};
use crate::domain::import::{self, Line, Row};
use crate::domain::token::generate_referral_code;
use crate::events::{self, Enrolled};
use crate::store;

/// What became of one row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// A new customer, or in a dry run: one that would be.
    Created(Option<(CustomerId, CardId)>),
    /// She was a customer already.
    Known(CustomerId, CardId),
    /// What is wrong with the row.
    Wrong(Invalid),
}

/// One row and what became of it.
#[derive(Clone, Debug)]
pub struct Imported {
    /// The line it stands on.
    pub line: i32,
    /// What became of it.
    pub outcome: Outcome,
    /// What her paper card holds, for stamping to import.
    pub stamps: i32,
}

type Known = HashMap<String, (CustomerId, CardId)>;

impl App {
    /// Imports a list, or only says what would become of each row. Wrong rows are left out and named; the others are
    /// made in one transaction, and making them again changes nothing.
    ///
    /// Nobody on the list has agreed to anything yet: her consent to the card is pending, and to promotions she was never
    /// asked.
    pub async fn import_customers(
        &self,
        caller: &Principal,
        csv: &str,
        dry_run: bool,
    ) -> Result<Vec<Imported>, Error> {
        let staff = access::staff(caller, Role::Manager)?;
        let lines = import::read(csv, self.today())?;
        let rows: Vec<&Row> = lines.iter().filter_map(|line| line.row.as_ref().ok()).collect();
        let phones: Vec<String> = rows.iter().map(|row| row.phone.as_str().to_owned()).collect();
        let known = known(&store::customer::by_phones(&self.pool, staff.business, &phones).await?);
        if dry_run {
            return Ok(lines.into_iter().map(|line| outcome(line, &known, None)).collect());
        }
        let new: Vec<&Row> = rows.into_iter().filter(|row| !known.contains_key(row.phone.as_str())).collect();
        let language = self.business_of(staff.business).await?.language;
        let now = self.now();
        let mut tx = self.pool.begin().await?;
        let facts = insert(&mut tx, &staff, &new, language, now).await?;
        // Read again: others may have joined in the meantime, and each row tells whose card it is.
        let all = self::known(&store::customer::by_phones(&mut *tx, staff.business, &phones).await?);
        self.audit(&mut tx, &staff, ("customers_imported", None)).await?;
        let appended = self.outbox.append(&mut tx, facts).await?;
        tx.commit().await?;
        appended.committed();
        Ok(lines.into_iter().map(|line| outcome(line, &known, Some(&all))).collect())
    }
}

fn known(found: &[(String, CustomerId, CardId)]) -> Known {
    found.iter().map(|(phone, customer, card)| (phone.clone(), (*customer, *card))).collect()
}

fn outcome(line: Line, before: &Known, after: Option<&Known>) -> Imported {
    let (outcome, stamps) = match line.row {
        Err(invalid) => (Outcome::Wrong(invalid), 0),
        Ok(row) => {
            let outcome = match before.get(row.phone.as_str()) {
                Some((customer, card)) => Outcome::Known(*customer, *card),
                None => Outcome::Created(after.and_then(|all| all.get(row.phone.as_str()).copied())),
            };
            (outcome, row.stamps)
        }
    };
    Imported { line: line.line, outcome, stamps }
}

/// Writes the new customers with a card each; the facts to be told.
async fn insert(
    tx: &mut PgConnection,
    staff: &Staff,
    rows: &[&Row],
    language: Locale,
    now: DateTime<Utc>,
) -> Result<Vec<NewEvent>, Error> {
    let mut customers: Vec<NewCustomer> = rows
        .iter()
        .map(|row| NewCustomer {
            id: CustomerId::generate(),
            name: row.name.clone(),
            phone: row.phone.clone(),
            birthday: row.birthday,
            adult: false,
            language,
            source: Source::Import,
            location: None,
            referral_code: generate_referral_code(),
        })
        .collect();
    let made = store::customer::insert_many(&mut *tx, staff.business, &customers, now).await?;
    let is_made: HashSet<CustomerId> = made.iter().copied().collect();
    customers.retain(|customer| is_made.contains(&customer.id));
    let cards: Vec<(CustomerId, CardId)> =
        made.iter().map(|customer| (*customer, CardId::generate())).collect();
    store::holder::insert_cards(&mut *tx, staff.business, &cards, now).await?;
    let entry = Entry {
        purpose: Purpose::Program,
        state: State::Pending,
        language,
        via: Via::Import,
        member: Some(staff.member),
        evidence: None,
    };
    let written = store::consent::append_first(tx, staff.business, &made, entry, now).await?;
    let cards: HashMap<CustomerId, CardId> = cards.into_iter().collect();
    let mut facts = Vec::with_capacity(2 * customers.len());
    for customer in &customers {
        let Some(card) = cards.get(&customer.id) else { continue };
        let enrolled = Enrolled { card: *card, program: None, referrer: None };
        facts.push(events::customer_enrolled(staff.business, customer, enrolled, now));
        facts.extend(
            written.map(|written| events::consent_changed(staff.business, customer.id, &written, now)),
        );
    }
    Ok(facts)
}
