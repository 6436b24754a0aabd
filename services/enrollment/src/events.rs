//! What has happened, as others are told: ids, states and versions, never a name or a phone.

use chrono::{DateTime, Utc};
use kernel::{BusinessId, CardId, CustomerId, EventId, LocationId, ProgramId};
use outbox::NewEvent;
use prost::Message;
use proto::enrollment::event::Fact;
use proto::enrollment::{
    BusinessChanged, BusinessCreated, ConsentChanged, CustomerChanged, CustomerEnrolled, CustomerErased,
    CustomerMerged, Event, MemberChanged, ReferralPaid,
};

use crate::domain::birthday;
use crate::domain::business::Business;
use crate::domain::consent::{Purpose, Written};
use crate::domain::credentials::Member;
use crate::domain::customer::NewCustomer;
use crate::domain::referral::Paid;
use crate::store::snapshot::{Known, Shop};

/// A moment as the wire tells it.
pub fn timestamp(at: DateTime<Utc>) -> prost_types::Timestamp {
    // Nanoseconds are below 2^30, so they always fit.
    let nanos = i32::try_from(at.timestamp_subsec_nanos()).unwrap_or(0);
    prost_types::Timestamp { seconds: at.timestamp(), nanos }
}

fn event(business: BusinessId, now: DateTime<Utc>, fact: Fact) -> NewEvent {
    let id = EventId::generate();
    let name = match &fact {
        Fact::BusinessCreated(_) => "business_created",
        Fact::BusinessChanged(_) => "business_changed",
        Fact::MemberChanged(_) => "member_changed",
        Fact::CustomerEnrolled(_) => "customer_enrolled",
        Fact::CustomerChanged(_) => "customer_changed",
        Fact::ConsentChanged(_) => "consent_changed",
        Fact::CustomerMerged(_) => "customer_merged",
        Fact::CustomerErased(_) => "customer_erased",
        Fact::ReferralPaid(_) => "referral_paid",
    };
    let message = Event {
        event_id: id.to_string(),
        business_id: business.to_string(),
        recorded_at: Some(timestamp(now)),
        fact: Some(fact),
    };
    NewEvent { id, business, name, payload: message.encode_to_vec() }
}

/// A business signed up.
pub fn business_created(business: &Business, now: DateTime<Utc>) -> NewEvent {
    let fact = BusinessCreated { slug: business.slug.clone(), time_zone: business.zone.name().into() };
    event(business.id, now, Fact::BusinessCreated(fact))
}

/// A business changed.
pub fn business_changed(business: &Business, now: DateTime<Utc>) -> NewEvent {
    let fact = BusinessChanged {
        slug: business.slug.clone(),
        time_zone: business.zone.name().into(),
        version: business.version,
    };
    event(business.id, now, Fact::BusinessChanged(fact))
}

/// A member came, changed or went.
pub fn member_changed(business: BusinessId, member: &Member, now: DateTime<Utc>) -> NewEvent {
    let fact = MemberChanged {
        member_id: member.id.to_string(),
        role: member.role.as_str().into(),
        active: member.active,
    };
    event(business, now, Fact::MemberChanged(fact))
}

/// What a new customer brings besides herself.
#[derive(Clone, Copy, Debug)]
pub struct Enrolled {
    /// The id of the card that stamping is to open.
    pub card: CardId,
    /// The program she asked for.
    pub program: Option<ProgramId>,
    /// Who invited her.
    pub referrer: Option<CustomerId>,
}

/// A customer joined.
pub fn customer_enrolled(
    business: BusinessId,
    customer: &NewCustomer,
    enrolled: Enrolled,
    now: DateTime<Utc>,
) -> NewEvent {
    let fact = CustomerEnrolled {
        customer_id: customer.id.to_string(),
        card_id: enrolled.card.to_string(),
        program_id: text(enrolled.program.map(ProgramId::as_uuid)),
        language: customer.language.as_str().into(),
        birth_month: birthday::month(customer.birthday),
        source: customer.source.as_str().into(),
        location_id: text(customer.location.map(LocationId::as_uuid)),
        referred_by_customer_id: text(enrolled.referrer.map(CustomerId::as_uuid)),
    };
    event(business, now, Fact::CustomerEnrolled(fact))
}

/// A customer reads another language.
pub fn customer_changed(
    business: BusinessId,
    customer: CustomerId,
    language: &str,
    now: DateTime<Utc>,
) -> NewEvent {
    let fact = CustomerChanged { customer_id: customer.to_string(), language: language.to_owned() };
    event(business, now, Fact::CustomerChanged(fact))
}

/// A consent stands otherwise from now on.
pub fn consent_changed(
    business: BusinessId,
    customer: CustomerId,
    written: &Written,
    now: DateTime<Utc>,
) -> NewEvent {
    let fact = ConsentChanged {
        customer_id: customer.to_string(),
        purpose: written.entry.purpose.as_str().into(),
        state: written.entry.state.as_str().into(),
        text_version: written.text_version,
        version: written.version,
    };
    event(business, now, Fact::ConsentChanged(fact))
}

/// Two customers turned out to be one.
pub fn customer_merged(
    business: BusinessId,
    from: CustomerId,
    into: CustomerId,
    now: DateTime<Utc>,
) -> NewEvent {
    let fact = CustomerMerged { into_customer_id: into.to_string(), from_customer_id: from.to_string() };
    event(business, now, Fact::CustomerMerged(fact))
}

/// A customer is gone.
pub fn customer_erased(business: BusinessId, customer: CustomerId, now: DateTime<Utc>) -> NewEvent {
    event(business, now, Fact::CustomerErased(CustomerErased { customer_id: customer.to_string() }))
}

/// A friend's first stamp came.
pub fn referral_paid(paid: &Paid, now: DateTime<Utc>) -> NewEvent {
    let fact = ReferralPaid {
        referral_id: paid.id.to_string(),
        referrer_customer_id: paid.referrer.to_string(),
        friend_customer_id: paid.friend.to_string(),
    };
    event(paid.business, now, Fact::ReferralPaid(fact))
}

/// The facts that a business would be told as today.
pub fn of_shop(shop: &Shop) -> [NewEvent; 2] {
    let (slug, time_zone) = (shop.slug.clone(), shop.time_zone.clone());
    let created = BusinessCreated { slug: slug.clone(), time_zone: time_zone.clone() };
    let changed = BusinessChanged { slug, time_zone, version: shop.version };
    [
        event(shop.business, shop.created_at, Fact::BusinessCreated(created)),
        event(shop.business, shop.created_at, Fact::BusinessChanged(changed)),
    ]
}

/// The facts that a customer would be told as today: that she joined, how her consent to marketing stands, and that she is
/// gone.
pub fn of_known(known: &Known) -> Vec<NewEvent> {
    let customer_id = known.customer.to_string();
    let at = known.created_at;
    let enrolled = CustomerEnrolled {
        customer_id: customer_id.clone(),
        language: known.language.clone(),
        birth_month: known.birth_month,
        source: known.source.clone(),
        location_id: text(known.location.map(LocationId::as_uuid)),
        ..Default::default()
    };
    let mut facts = vec![event(known.business, at, Fact::CustomerEnrolled(enrolled))];
    if let (Some(state), Some(since)) = (&known.marketing, known.marketing_at) {
        let consent = ConsentChanged {
            customer_id: customer_id.clone(),
            purpose: Purpose::Marketing.as_str().into(),
            state: state.clone(),
            text_version: known.marketing_text,
            version: known.marketing_version,
        };
        facts.push(event(known.business, since, Fact::ConsentChanged(consent)));
    }
    if let Some(into) = known.merged_into {
        facts.push(customer_merged(known.business, known.customer, into, at));
    }
    if known.erased {
        facts.push(customer_erased(known.business, known.customer, at));
    }
    facts
}

/// An id as the wire tells it; none is the empty text.
fn text(id: Option<uuid::Uuid>) -> String {
    id.map(|id| id.to_string()).unwrap_or_default()
}
