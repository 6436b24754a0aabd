//! Joining: a stranger's phone asks for a card.

use chrono::{DateTime, Utc};
use kernel::{BusinessId, CardId, CustomerId, Invalid, Locale};
use outbox::NewEvent;
use sqlx::PgConnection;

use crate::Error;
use crate::app::{App, consent};
use crate::domain::business::{Business, Slug};
use crate::domain::consent::{Entry, Purpose, State, Via};
use crate::domain::customer::{Join, Joined, NewCustomer, Place, Source};
use crate::domain::referral::{Invitation, counts};
use crate::domain::token::{Token, generate_referral_code};
use crate::events::{self, Enrolled};
use crate::store;

impl App {
    /// Makes a customer of whoever asks, unless her phone is a customer's already. Then only a token of that customer's
    /// proves that she is the one; without it, nothing is told but that the number is known.
    pub async fn enroll(&self, slug: &Slug, join: Join, place: Place) -> Result<Joined, Error> {
        let business = store::business::by_slug(&self.pool, slug).await?.ok_or(Error::NotFound)?;
        match self.own_location(business.id, place.location).await {
            Err(Error::NotFound) => return Err(Invalid::new("location_id", "unknown").into()),
            checked => checked?,
        }
        let now = self.now();
        let customer = NewCustomer {
            id: CustomerId::generate(),
            name: join.name.clone(),
            phone: join.phone.clone(),
            birthday: join.birthday,
            adult: join.adult,
            language: place.language.unwrap_or(business.language),
            source: Source::Join,
            location: place.location,
            referral_code: generate_referral_code(),
        };
        let mut tx = self.pool.begin().await?;
        let is_new = store::customer::insert(&mut *tx, business.id, &customer, now).await?;
        let (joined, facts) = if is_new {
            self.welcome(&mut tx, &business, customer, &join, &place, now).await?
        } else {
            recognise(&mut tx, business.id, &join, place.holder_token, now).await?
        };
        let appended = self.outbox.append(&mut tx, facts).await?;
        tx.commit().await?;
        appended.committed();
        Ok(joined)
    }

    /// Gives a new customer her card, what opens it, and what she agreed to.
    async fn welcome(
        &self,
        tx: &mut PgConnection,
        business: &Business,
        customer: NewCustomer,
        join: &Join,
        place: &Place,
        now: DateTime<Utc>,
    ) -> Result<(Joined, Vec<NewEvent>), Error> {
        let (card, holder_token) = (CardId::generate(), Token::generate());
        store::holder::insert_card(&mut *tx, business.id, customer.id, card, now).await?;
        store::holder::insert_token(&mut *tx, business.id, (customer.id, card), &holder_token.hash(), now)
            .await?;
        let referrer = self.record_referral(tx, business.id, &customer, join, now).await?;
        let enrolled = Enrolled { card, program: place.program, referrer };
        let mut facts = vec![events::customer_enrolled(business.id, &customer, enrolled, now)];
        facts.extend(write_wishes(tx, business.id, customer.id, join, customer.language, now).await?);
        let joined = Joined::Card {
            customer: customer.id,
            business: business.id,
            card,
            holder_token,
            referral_code: customer.referral_code,
            marketing: join.marketing.then_some(State::Pending),
            known: false,
        };
        Ok((joined, facts))
    }

    /// Notes who invited her, if somebody did and it counts; she is not told if it does not.
    async fn record_referral(
        &self,
        tx: &mut PgConnection,
        business: BusinessId,
        friend: &NewCustomer,
        join: &Join,
        now: DateTime<Utc>,
    ) -> Result<Option<CustomerId>, Error> {
        let Some(code) = &join.referral_code else { return Ok(None) };
        let Some(referrer) = store::customer::by_referral_code(&mut *tx, business, code).await? else {
            return Ok(None);
        };
        let phone_hash = self.keys.ring().await?.secret.phone_hash(friend.phone.as_str());
        let was_here_before = store::customer::was_here_before(&mut *tx, business, &phone_hash).await?;
        let above = store::referral::above(&mut *tx, business, referrer).await?;
        let invitation = Invitation { friend: friend.id, referrer, above_referrer: &above, was_here_before };
        if !counts(&invitation) {
            return Ok(None);
        }
        store::referral::insert(tx, business, referrer, friend.id, now).await?;
        Ok(Some(referrer))
    }
}

/// The number is known. Whoever shows a token of that customer's gets the same card; nobody else learns anything.
async fn recognise(
    tx: &mut PgConnection,
    business: BusinessId,
    join: &Join,
    holder_token: Option<Token>,
    now: DateTime<Utc>,
) -> Result<(Joined, Vec<NewEvent>), Error> {
    // A random token stands in for an absent one: the same statement, in the same time.
    let shown = holder_token.unwrap_or_else(Token::generate);
    let found = store::customer::by_phone_and_token(&mut *tx, business, &join.phone, &shown.hash()).await?;
    let Some((id, Some(card))) = found else { return Ok((Joined::Known, Vec::new())) };
    let customer = store::customer::find(&mut *tx, business, id).await?.ok_or(Error::NotFound)?;
    let facts = write_wishes(tx, business, id, join, Locale::from_tag(&customer.language), now).await?;
    let marketing = store::consent::current(&mut *tx, business, id, Purpose::Marketing).await?;
    let joined = Joined::Card {
        customer: id,
        business,
        card,
        holder_token: shown,
        referral_code: customer.referral_code.unwrap_or_default(),
        marketing,
        known: true,
    };
    Ok((joined, facts))
}

/// Writes down what she agreed to, where that is news. The promotions she wants stay pending until her own message
/// proves the number to be hers.
async fn write_wishes(
    tx: &mut PgConnection,
    business: BusinessId,
    customer: CustomerId,
    join: &Join,
    language: Locale,
    now: DateTime<Utc>,
) -> Result<Vec<NewEvent>, Error> {
    let mut facts = Vec::new();
    let wishes =
        [(Purpose::Program, true, State::Granted), (Purpose::Marketing, join.marketing, State::Pending)];
    for (purpose, wanted, state) in wishes {
        let before = store::consent::current(&mut *tx, business, customer, purpose).await?;
        let is_news = before != Some(State::Granted) && before != Some(state);
        if wanted && is_news {
            let entry = Entry { purpose, state, language, via: Via::Join, member: None };
            facts.push(consent::write(tx, business, customer, entry, now).await?);
        }
    }
    Ok(facts)
}
