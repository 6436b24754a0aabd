//! Joining: a stranger's phone asks for a card.

use chrono::{DateTime, Utc};
use kernel::{BusinessId, CardId, CustomerId, Invalid, Locale};
use outbox::NewEvent;
use sqlx::PgConnection;

use crate::Error;
use crate::app::{App, consent};
use crate::domain::business::{Business, Slug};
use crate::domain::consent::{Entry, Purpose as Agreed, State, Via};
use crate::domain::customer::{Join, Joined, NewCustomer, Place, Source};
use crate::domain::referral::{Invitation, counts};
use crate::domain::token::{ServerSecret, Token, TokenHash, generate_referral_code};
use crate::domain::word::{self, Purpose, Word};
use crate::events::{self, Enrolled};
use crate::store;
use crate::store::operation::Done;

/// What a sign-up hands out. Both follow from the operation id and the secret of this deployment, so that a lost answer can be
/// given again though only hashes are kept.
struct Gifts {
    holder_token: Token,
    word: Word,
    word_hash: TokenHash,
}

impl Gifts {
    fn new(secret: &ServerSecret, business: BusinessId, operation: Option<&Token>) -> Self {
        let seed = operation.cloned().unwrap_or_else(Token::generate);
        let word = secret.word(business, &seed);
        let word_hash = secret.word_hash(&word);
        Self { holder_token: secret.holder_token(business, &seed), word, word_hash }
    }
}

impl App {
    /// Makes a customer of whoever asks, unless her phone is a customer's already. Then only a token of that customer's
    /// proves that she is the one; without it, nothing is told but that the number is known. The same operation is answered
    /// the same again.
    pub async fn enroll(&self, slug: &Slug, join: Join, place: Place) -> Result<Joined, Error> {
        let business = store::business::by_slug(&self.pool, slug).await?.ok_or(Error::NotFound)?;
        match self.own_location(business.id, place.location).await {
            Err(Error::NotFound) => return Err(Invalid::new("location_id", "unknown").into()),
            checked => checked?,
        }
        let (now, ring) = (self.now(), self.keys.ring().await?);
        // As secret as a token: whoever has it is given the card again.
        let operation = place.operation.and_then(|id| Token::from_bearer(&id.to_string()));
        let gifts = Gifts::new(&ring.secret, business.id, operation.as_ref());
        let mut tx = self.pool.begin().await?;
        if let Some(operation) = &operation {
            let form = ring.secret.form_hash(&place.form(&join));
            let claim = (&operation.hash(), &form);
            if let Some(done) = store::operation::claim(&mut tx, business.id, claim, now).await? {
                return if done.form == form {
                    again(&mut tx, business.id, done, place.holder_token, gifts).await
                } else {
                    Err(Error::OperationMismatch)
                };
            }
        }
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
        let is_new = store::customer::insert(&mut *tx, business.id, &customer, now).await?;
        let (joined, facts) = if is_new {
            self.welcome(&mut tx, &business, customer, (&join, &place), gifts, now).await?
        } else {
            recognise(&mut tx, business.id, &join, place.holder_token, gifts, now).await?
        };
        if let (Some(operation), Joined::Card { customer, known, marketing, .. }) = (&operation, &joined) {
            let done = (*customer, *known, *marketing);
            store::operation::finish(&mut *tx, business.id, &operation.hash(), done).await?;
        }
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
        (join, place): (&Join, &Place),
        gifts: Gifts,
        now: DateTime<Utc>,
    ) -> Result<(Joined, Vec<NewEvent>), Error> {
        let card = CardId::generate();
        store::holder::insert_card(&mut *tx, business.id, customer.id, card, now).await?;
        let token = gifts.holder_token.hash();
        store::holder::insert_token(&mut *tx, business.id, (customer.id, card), &token, now).await?;
        let referrer = self.record_referral(tx, business.id, &customer, join, now).await?;
        let enrolled = Enrolled { card, program: place.program, referrer };
        let mut facts = vec![events::customer_enrolled(business.id, &customer, enrolled, now)];
        facts.extend(write_wishes(tx, business.id, customer.id, join, customer.language, now).await?);
        let marketing = join.marketing.then_some(State::Pending);
        let joined = Joined::Card {
            customer: customer.id,
            business: business.id,
            card,
            word: confirming(tx, business.id, (customer.id, card), &gifts, marketing, now).await?,
            holder_token: gifts.holder_token,
            referral_code: customer.referral_code,
            marketing,
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

/// The number is known. Whoever shows a token of that customer's gets the same card; nobody else learns anything, and gets a word
/// that only the number itself can use.
async fn recognise(
    tx: &mut PgConnection,
    business: BusinessId,
    join: &Join,
    holder_token: Option<Token>,
    gifts: Gifts,
    now: DateTime<Utc>,
) -> Result<(Joined, Vec<NewEvent>), Error> {
    // A random token stands in for an absent one: the same statement, in the same time.
    let shown = holder_token.unwrap_or_else(Token::generate);
    let found = store::customer::by_phone_and_token(&mut *tx, business, &join.phone, &shown.hash()).await?;
    let Some((id, Some(card))) = found else {
        if let Some((id, _)) = found {
            let card = store::holder::card_of(&mut *tx, business, id, None).await?.ok_or(Error::NotFound)?;
            let word = (&gifts.word_hash, Purpose::Recover);
            store::word::insert(&mut *tx, business, (id, card), word, now + word::LIFE).await?;
        }
        return Ok((Joined::Known { word: gifts.word }, Vec::new()));
    };
    let customer = store::customer::find(&mut *tx, business, id).await?.ok_or(Error::NotFound)?;
    let facts = write_wishes(tx, business, id, join, Locale::from_tag(&customer.language), now).await?;
    let marketing = store::consent::current(&mut *tx, business, id, Agreed::Marketing).await?;
    let joined = Joined::Card {
        customer: id,
        business,
        card,
        word: confirming(tx, business, (id, card), &gifts, marketing, now).await?,
        holder_token: shown,
        referral_code: customer.referral_code.unwrap_or_default(),
        marketing,
        known: true,
    };
    Ok((joined, facts))
}

/// What the same operation was answered before. Whoever has gone since is not brought back.
async fn again(
    tx: &mut PgConnection,
    business: BusinessId,
    done: Done,
    holder_token: Option<Token>,
    gifts: Gifts,
) -> Result<Joined, Error> {
    let Gifts { holder_token: given, word, .. } = gifts;
    if done.customer.is_none() {
        return Ok(Joined::Known { word });
    }
    let holder_token = if done.was_known { holder_token.unwrap_or(given) } else { given };
    let opened = store::holder::by_token(&mut *tx, &holder_token.hash()).await?;
    let (_, id, card) = opened.ok_or(Error::NotFound)?;
    let customer = store::customer::find(tx, business, id).await?.ok_or(Error::NotFound)?;
    Ok(Joined::Card {
        customer: id,
        business,
        card,
        word: (done.marketing == Some(State::Pending)).then_some(word),
        holder_token,
        referral_code: customer.referral_code.unwrap_or_default(),
        marketing: done.marketing,
        known: done.was_known,
    })
}

/// The word that confirms a consent that is pending.
async fn confirming(
    tx: &mut PgConnection,
    business: BusinessId,
    hers: (CustomerId, CardId),
    gifts: &Gifts,
    marketing: Option<State>,
    now: DateTime<Utc>,
) -> Result<Option<Word>, sqlx::Error> {
    if marketing != Some(State::Pending) {
        return Ok(None);
    }
    let word = (&gifts.word_hash, Purpose::Confirm);
    store::word::insert(tx, business, hers, word, now + word::LIFE).await?;
    Ok(Some(gifts.word.clone()))
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
        [(Agreed::Program, true, State::Granted), (Agreed::Marketing, join.marketing, State::Pending)];
    for (purpose, wanted, state) in wishes {
        let before = store::consent::current(&mut *tx, business, customer, purpose).await?;
        let is_news = before != Some(State::Granted) && before != Some(state);
        if wanted && is_news {
            let entry = Entry { purpose, state, language, via: Via::Join, member: None, evidence: None };
            facts.push(consent::write(tx, business, customer, entry, now).await?);
        }
    }
    Ok(facts)
}
