//! The customers of a business: finding, reaching, correcting, joining two into one, exporting, erasing.

use chrono::{DateTime, Utc};
use kernel::{BusinessId, CustomerId, Invalid, Locale, Principal, Role};
use outbox::NewEvent;
use serde_json::{Value, json};
use sqlx::PgConnection;

use crate::Error;
use crate::app::{App, consent, page_size};
use crate::domain::access::{self, Sight, Staff};
use crate::domain::consent::{Entry, Purpose, State, Via, after_merge, fill};
use crate::domain::customer::{Contact, ContactPurpose, Customer, CustomerChange};
use crate::domain::search::{FEWEST_FOR_TILL, MOST_FOR_TILL, Search};
use crate::events;
use crate::store;

/// Most customers one question for contacts may name.
pub(super) const MOST_CONTACTS: usize = 200;

/// One page of customers.
pub struct Page {
    /// As much of them as the caller may see.
    pub customers: Vec<Customer>,
    /// Where the next page begins.
    pub next: Option<CustomerId>,
    /// How many match in all; at a till, how many are shown.
    pub total: i64,
}

impl App {
    /// Finds customers by a part of their name or phone, newest first.
    pub async fn customers(
        &self,
        caller: &Principal,
        search: &Search,
        cursor: Option<CustomerId>,
        limit: i32,
    ) -> Result<Page, Error> {
        let (business, sight) = access::sight(caller)?;
        if sight == Sight::Till {
            return self.customers_for_till(business, search).await;
        }
        let size = page_size(limit);
        let mut customers = store::customer::list(&self.pool, business, search, cursor, size + 1).await?;
        let more = customers.len() as i64 > size;
        customers.truncate(usize::try_from(size).unwrap_or(0));
        let next = customers.last().filter(|_| more).map(|customer| customer.id);
        let total = store::customer::count(&self.pool, business, search).await?;
        Ok(Page { customers, next, total })
    }

    /// Whoever stands at a till must know whom she looks for, and cannot leaf through the rest.
    async fn customers_for_till(&self, business: BusinessId, search: &Search) -> Result<Page, Error> {
        if search.length() < FEWEST_FOR_TILL {
            return Err(Invalid::new("search", "too_short").into());
        }
        let found = store::customer::list(&self.pool, business, search, None, MOST_FOR_TILL).await?;
        let total = found.len() as i64;
        let customers = found.into_iter().map(|customer| customer.seen_with(Sight::Till)).collect();
        Ok(Page { customers, next: None, total })
    }

    /// Customers that somebody else has chosen, in that order; whoever has gone is left out. At a till nobody leafs.
    pub async fn customers_named(
        &self,
        caller: &Principal,
        ids: &[CustomerId],
    ) -> Result<Vec<Customer>, Error> {
        let (business, sight) = access::sight(caller)?;
        if sight == Sight::Till {
            return Err(Error::Forbidden);
        }
        if ids.len() > MOST_CONTACTS {
            return Err(Invalid::new("customer_ids", "too_many").into());
        }
        Ok(store::customer::named(&self.pool, business, ids).await?)
    }

    /// One customer: for her business, or for her own phone.
    pub async fn customer(&self, caller: &Principal, id: CustomerId) -> Result<Customer, Error> {
        let (business, sight) = match access::holder(caller) {
            Some((business, own, _)) if own == id => (business, Sight::Own),
            Some(_) => return Err(Error::NotFound),
            None => access::sight(caller)?,
        };
        let found = store::customer::find(&self.pool, business, id).await?;
        let customer = found.filter(|customer| customer.merged_into.is_none()).ok_or(Error::NotFound)?;
        Ok(customer.seen_with(sight))
    }

    /// Corrects a customer. A new number has proven nothing yet, so a proven marketing consent is pending again.
    pub async fn update_customer(
        &self,
        caller: &Principal,
        id: CustomerId,
        change: CustomerChange,
    ) -> Result<Customer, Error> {
        let staff = access::rights_over_customer(caller)?;
        let now = self.now();
        let mut tx = self.pool.begin().await?;
        let before = lock_person(&mut tx, staff.business, id).await?;
        let phone = change.phone.map(|phone| phone.as_str().to_owned()).or_else(|| before.phone.clone());
        let phone_changed = phone != before.phone;
        let language =
            change.language.map_or_else(|| before.language.clone(), |language| language.as_str().into());
        let language_changed = language != before.language;
        let after = Customer {
            name: change.name.or_else(|| before.name.clone()),
            phone,
            birthday: change.birthday.unwrap_or(before.birthday),
            language,
            ..before
        };
        store::customer::update(&mut *tx, staff.business, &after).await.map_err(phone_taken)?;
        let marketing = store::consent::current(&mut *tx, staff.business, id, Purpose::Marketing).await?;
        let mut facts = Vec::new();
        if phone_changed && marketing == Some(State::Granted) {
            let entry = Entry {
                purpose: Purpose::Marketing,
                state: State::Pending,
                language: Locale::from_tag(&after.language),
                via: Via::PhoneChanged,
                member: Some(staff.member),
                evidence: None,
            };
            facts.push(consent::write(&mut tx, staff.business, id, entry, now).await?);
        }
        if language_changed {
            facts.push(events::customer_changed(staff.business, id, &after.language, now));
        }
        self.audit(&mut tx, &staff, ("customer_updated", Some(id.as_uuid()))).await?;
        let appended = self.outbox.append(&mut tx, facts).await?;
        tx.commit().await?;
        appended.committed();
        store::customer::find(&self.pool, staff.business, id).await?.ok_or(Error::NotFound)
    }

    /// Removes the person; a tombstone and the ledger of her consents stay. Erasing again changes nothing.
    pub async fn erase_customer(&self, caller: &Principal, id: CustomerId) -> Result<(), Error> {
        let staff = access::rights_over_customer(caller)?;
        let (now, secret) = (self.now(), &self.keys.ring().await?.secret);
        let mut tx = self.pool.begin().await?;
        let customer = store::customer::lock(&mut tx, staff.business, id).await?.ok_or(Error::NotFound)?;
        if customer.erased_at.is_some() {
            return Ok(());
        }
        if customer.merged_into.is_some() {
            return Err(Error::NotFound);
        }
        let former = customer.phone.as_deref().map(|phone| secret.phone_hash(phone));
        store::customer::erase(&mut *tx, staff.business, id, former.as_ref(), now).await?;
        store::holder::delete_of_customer(&mut *tx, staff.business, id).await?;
        store::word::delete_of_customer(&mut *tx, staff.business, id).await?;
        store::referral::drop_unpaid(&mut *tx, staff.business, id).await?;
        self.audit(&mut tx, &staff, ("customer_erased", Some(id.as_uuid()))).await?;
        let fact = events::customer_erased(staff.business, id, now);
        let appended = self.outbox.append(&mut tx, vec![fact]).await?;
        tx.commit().await?;
        appended.committed();
        Ok(())
    }

    /// Two customers are one: everything of `from` becomes `into`'s, and `from` a tombstone.
    pub async fn merge_customers(
        &self,
        caller: &Principal,
        into: CustomerId,
        from: CustomerId,
    ) -> Result<Customer, Error> {
        let staff = access::staff(caller, Role::Manager)?;
        if into == from {
            return Err(Invalid::new("from_customer_id", "same_customer").into());
        }
        let (now, secret) = (self.now(), &self.keys.ring().await?.secret);
        let mut tx = self.pool.begin().await?;
        let (kept, gone) = lock_pair(&mut tx, staff.business, into, from).await?;
        let former = gone.phone.as_deref().map(|phone| secret.phone_hash(phone));
        let mut facts = vec![events::customer_merged(staff.business, from, into, now)];
        facts.extend(merge_consents(&mut tx, &staff, &kept, from, now).await?);
        store::customer::merge(&mut *tx, staff.business, from, into, former.as_ref()).await?;
        store::holder::move_to(&mut *tx, staff.business, from, into).await?;
        store::word::move_to(&mut *tx, staff.business, from, into).await?;
        merge_referrals(&mut tx, staff.business, from, into).await?;
        let birthday = kept.birthday.or(gone.birthday);
        let merged = Customer { birthday, adult: kept.adult || gone.adult, ..kept };
        store::customer::update(&mut *tx, staff.business, &merged).await?;
        self.audit(&mut tx, &staff, ("customer_merged", Some(into.as_uuid()))).await?;
        let appended = self.outbox.append(&mut tx, facts).await?;
        tx.commit().await?;
        appended.committed();
        store::customer::find(&self.pool, staff.business, into).await?.ok_or(Error::NotFound)
    }

    /// Everything kept about a customer, as JSON.
    pub async fn export_customer(&self, caller: &Principal, id: CustomerId) -> Result<String, Error> {
        let staff = access::rights_over_customer(caller)?;
        let business = self.business_of(staff.business).await?;
        let found = store::customer::find(&self.pool, staff.business, id).await?;
        let customer = found.filter(|customer| customer.merged_into.is_none()).ok_or(Error::NotFound)?;
        let proofs = store::consent::history(&self.pool, staff.business, id).await?;
        let referrals = store::referral::of_customer(&self.pool, staff.business, id).await?;
        let tokens = store::holder::token_dates(&self.pool, staff.business, id).await?;
        let consents: Vec<Value> = proofs
            .iter()
            .map(|proof| {
                let with = self.fillings(&business, Locale::from_tag(&proof.language));
                json!({
                    "purpose": proof.purpose, "state": proof.state, "version": proof.version, "via": proof.via,
                    "evidence": proof.evidence.map(|message| json!({
                        "kind": "whatsapp", "message_id": message, "at": proof.recorded_at,
                    })),
                    "recorded_at": proof.recorded_at, "text_version": proof.text_version,
                    "language": proof.language,
                    "text": { "short": fill(&proof.short, &with), "long": fill(&proof.long, &with) },
                })
            })
            .collect();
        let mut tx = self.pool.begin().await?;
        self.audit(&mut tx, &staff, ("customer_exported", Some(id.as_uuid()))).await?;
        tx.commit().await?;
        Ok(json!({
            "business": { "id": business.id, "name": business.name, "ruc": business.ruc },
            "customer": {
                "id": customer.id, "name": customer.name, "phone": customer.phone, "birthday": customer.birthday,
                "adult_declared": customer.adult, "language": customer.language, "source": customer.source,
                "created_at": customer.created_at, "erased_at": customer.erased_at,
                "referral_code": customer.referral_code,
            },
            "consents": consents,
            "referrals": referrals.iter().map(|told| json!({
                "as": if told.invited { "referrer" } else { "friend" },
                "created_at": told.created_at, "paid_at": told.paid_at,
            })).collect::<Vec<_>>(),
            "phones_with_access": tokens.iter().map(|(card, at)| json!({ "card_id": card, "since": at }))
                .collect::<Vec<_>>(),
        })
        .to_string())
    }

    /// Names for a till, or contacts for a purpose, of those whose consent lives at this moment.
    pub async fn contacts(
        &self,
        caller: &Principal,
        business: Option<BusinessId>,
        customers: &[CustomerId],
        purpose: ContactPurpose,
    ) -> Result<Vec<Contact>, Error> {
        let business = match caller {
            Principal::Service { .. } => business.ok_or_else(|| Invalid::new("business_id", "required"))?,
            caller if purpose == ContactPurpose::Till => access::of_business(caller)?,
            Principal::Public => return Err(Error::Unauthenticated),
            // Numbers are for the services that write to them, and for nobody else.
            _ => return Err(Error::Forbidden),
        };
        if customers.len() > MOST_CONTACTS {
            return Err(Invalid::new("customer_ids", "too_many").into());
        }
        let consent = purpose.consent().map(Purpose::as_str);
        Ok(store::contact::of_customers(&self.pool, business, customers, consent).await?)
    }
}

/// Locks a customer who is still a person.
pub(super) async fn lock_person(
    tx: &mut PgConnection,
    business: BusinessId,
    id: CustomerId,
) -> Result<Customer, Error> {
    let found = store::customer::lock(tx, business, id).await?;
    found.filter(Customer::is_here).ok_or(Error::NotFound)
}

/// Locks two customers, always in the order of their ids, so that two merges cannot lock each other up.
async fn lock_pair(
    tx: &mut PgConnection,
    business: BusinessId,
    into: CustomerId,
    from: CustomerId,
) -> Result<(Customer, Customer), Error> {
    let (first, second) = (into.min(from), into.max(from));
    let first = lock_person(tx, business, first).await?;
    let second = lock_person(tx, business, second).await?;
    Ok(if first.id == into { (first, second) } else { (second, first) })
}

async fn merge_consents(
    tx: &mut PgConnection,
    staff: &Staff,
    kept: &Customer,
    from: CustomerId,
    now: DateTime<Utc>,
) -> Result<Vec<NewEvent>, Error> {
    let mut facts = Vec::new();
    for purpose in [Purpose::Program, Purpose::Marketing] {
        let into_state = store::consent::current(&mut *tx, staff.business, kept.id, purpose).await?;
        let from_state = store::consent::current(&mut *tx, staff.business, from, purpose).await?;
        if let Some(state) = after_merge(purpose, into_state, from_state) {
            let language = Locale::from_tag(&kept.language);
            let (via, member, evidence) = (Via::Merge, Some(staff.member), None);
            let entry = Entry { purpose, state, language, via, member, evidence };
            facts.push(consent::write(tx, staff.business, kept.id, entry, now).await?);
        }
    }
    Ok(facts)
}

async fn merge_referrals(
    tx: &mut PgConnection,
    business: BusinessId,
    from: CustomerId,
    into: CustomerId,
) -> Result<(), Error> {
    store::referral::move_to(&mut *tx, business, from, into).await?;
    // Two invitations may have closed a ring by becoming one person's.
    if store::referral::above(&mut *tx, business, into).await?.contains(&into) {
        store::referral::drop_as_friend(tx, business, into).await?;
    }
    Ok(())
}

fn phone_taken(error: sqlx::Error) -> Error {
    if store::breaks(&error, "customer_phone_unique") {
        return Error::Conflict { field: "phone", reason: "taken" };
    }
    error.into()
}
