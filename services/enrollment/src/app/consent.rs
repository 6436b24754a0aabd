//! Consents: the texts, and changes of mind.

use chrono::{DateTime, Utc};
use kernel::{BusinessId, CustomerId, Invalid, Locale, MessageId, Principal, Role};
use outbox::NewEvent;
use sqlx::PgConnection;

use crate::Error;
use crate::app::App;
use crate::domain::access;
use crate::domain::business::Business;
use crate::domain::consent::{self, Entry, Fillings, Purpose, State, Via, Who};
use crate::events;
use crate::store;

/// A text as she reads it.
pub struct FilledText {
    /// Its version.
    pub version: i32,
    /// One sentence.
    pub short: String,
    /// All of it.
    pub long: String,
}

/// A change of mind.
#[derive(Clone, Copy, Debug)]
pub struct ConsentWish {
    /// Whose.
    pub customer: CustomerId,
    /// About what.
    pub purpose: Purpose,
    /// Given, or taken back.
    pub granted: bool,
    /// She declares to be an adult.
    pub adult: bool,
    /// Her business, for callers that have none of their own.
    pub business: Option<BusinessId>,
    /// The message in which she said it.
    pub message: Option<MessageId>,
}

impl App {
    /// The newest text of a purpose, with the business's own names in it.
    pub(super) async fn newest_text(
        &self,
        business: &Business,
        purpose: Purpose,
        language: Locale,
    ) -> Result<FilledText, Error> {
        let texts = store::consent::newest_texts(&self.pool, language).await?;
        let text = texts.into_iter().find(|text| text.purpose == purpose.as_str());
        let text = text.ok_or_else(|| Error::internal("a consent text is missing"))?;
        let with = self.fillings(business, language);
        Ok(FilledText {
            version: text.version,
            short: consent::fill(&text.short, &with),
            long: consent::fill(&text.long, &with),
        })
    }

    /// What the placeholders of a business's texts stand for.
    pub(super) fn fillings<'a>(&'a self, business: &'a Business, language: Locale) -> Fillings<'a> {
        let recipients = match language {
            Locale::Es => &self.privacy.recipients_es,
            Locale::En => &self.privacy.recipients_en,
        };
        Fillings {
            business: &business.name,
            ruc: &business.ruc,
            processor: &self.privacy.processor,
            recipients,
            retention_months: self.privacy.retention_months,
        }
    }

    /// Writes a change of mind down; how the consent stands from now on.
    pub async fn set_consent(&self, caller: &Principal, wish: ConsentWish) -> Result<State, Error> {
        let (business, who) = asking(caller, &wish)?;
        if wish.purpose == Purpose::Program {
            // Without it there is no card: whoever takes it back wants to be erased.
            return Err(Invalid::new("purpose", "erase_instead").into());
        }
        let now = self.now();
        let mut tx = self.pool.begin().await?;
        let found = store::customer::lock(&mut tx, business, wish.customer).await?;
        let mut customer = found.filter(|customer| customer.is_here()).ok_or(Error::NotFound)?;
        let state = consent::asked(who, wish.granted, wish.adult || customer.adult)?;
        let before = store::consent::current(&mut *tx, business, wish.customer, wish.purpose).await?;
        if let Some(message) = wish.message {
            // An old message that is brought again must not undo what she said since.
            let (customer, purpose) = (wish.customer, wish.purpose);
            if store::consent::was_told_by(&mut *tx, business, customer, purpose, message).await? {
                return Ok(before.unwrap_or(state));
            }
        }
        // Saying again what is so already adds nothing, and what was proven needs no second proof.
        if before == Some(state) || (before == Some(State::Granted) && state == State::Pending) {
            return Ok(before.unwrap_or(state));
        }
        if wish.granted && wish.adult && !customer.adult {
            customer.adult = true;
            store::customer::update(&mut *tx, business, &customer).await?;
        }
        let staff = access::staff(caller, Role::Stamper).ok();
        let entry = Entry {
            purpose: wish.purpose,
            state,
            language: Locale::from_tag(&customer.language),
            via: match who {
                Who::Holder => Via::Holder,
                Who::Member => Via::Member,
                Who::Service => Via::Service,
            },
            member: staff.map(|staff| staff.member),
            evidence: wish.message,
        };
        let fact = write(&mut tx, business, wish.customer, entry, now).await?;
        if let Some(staff) = staff {
            self.audit(&mut tx, &staff, ("consent_changed", Some(wish.customer.as_uuid()))).await?;
        }
        let appended = self.outbox.append(&mut tx, vec![fact]).await?;
        tx.commit().await?;
        appended.committed();
        Ok(state)
    }
}

/// Who asks, for a customer of which business.
fn asking(caller: &Principal, wish: &ConsentWish) -> Result<(BusinessId, Who), Error> {
    if wish.message.is_some() {
        access::service(caller)?;
    }
    if let Some((business, customer, _)) = access::holder(caller) {
        return if customer == wish.customer { Ok((business, Who::Holder)) } else { Err(Error::NotFound) };
    }
    if let Principal::Service { .. } = caller {
        let business = wish.business.ok_or_else(|| Invalid::new("business_id", "required"))?;
        return Ok((business, Who::Service));
    }
    Ok((access::staff(caller, Role::Manager)?.business, Who::Member))
}

/// Adds an entry to the ledger; the fact to be told.
pub(super) async fn write(
    tx: &mut PgConnection,
    business: BusinessId,
    customer: CustomerId,
    entry: Entry,
    now: DateTime<Utc>,
) -> Result<NewEvent, sqlx::Error> {
    let written = store::consent::append(tx, business, customer, entry, now).await?;
    Ok(events::consent_changed(business, customer, &written, now))
}
