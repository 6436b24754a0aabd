//! What a customer proves with a message from her own number.

use chrono::{DateTime, Utc};
use kernel::{BusinessId, CardId, CustomerId, Invalid, Locale, MessageId, Phone, Principal};
use outbox::NewEvent;
use sqlx::PgConnection;

use crate::Error;
use crate::app::customer::MOST_CONTACTS;
use crate::app::{App, consent, link};
use crate::domain::access;
use crate::domain::consent::{Entry, Purpose, State, Via};
use crate::domain::customer::{Customer, Found};
use crate::domain::token::Token;
use crate::domain::word::{self, Verdict, Word};
use crate::store;
use crate::store::word::Kept;

/// What became of a word that somebody sent.
#[derive(Clone, Debug)]
pub enum WordUse {
    /// Nobody's, or no longer good.
    Unknown,
    /// Another number's; which business made it.
    WrongNumber(BusinessId),
    /// Hers, and used before.
    Used(WordOf),
    /// Her number is proven, and her consent if it was pending.
    Confirmed(WordOf),
    /// Her number is proven, and this link opens her card.
    Recovered(WordOf, Token),
}

/// Whose word it was.
#[derive(Clone, Debug)]
pub struct WordOf {
    /// The business.
    pub business: BusinessId,
    /// She.
    pub customer: CustomerId,
    /// Her name.
    pub name: String,
    /// Her language.
    pub language: String,
    /// Her card.
    pub card: CardId,
    /// How her marketing consent stands; absent: she was never asked.
    pub marketing: Option<State>,
}

impl App {
    /// Uses a word that came in a message from this number. The same message is answered the same each time; what came from
    /// another number than the customer's changes nothing.
    pub async fn use_word(
        &self,
        caller: &Principal,
        word: &str,
        phone: &Phone,
        message: MessageId,
    ) -> Result<WordUse, Error> {
        access::service(caller)?;
        let Some(word) = Word::parse(word) else { return Ok(WordUse::Unknown) };
        let (now, ring) = (self.now(), self.keys.ring().await?);
        let hash = ring.secret.word_hash(&word);
        let mut tx = self.pool.begin().await?;
        let Some(kept) = store::word::find(&mut *tx, &hash).await? else { return Ok(WordUse::Unknown) };
        let locked = store::customer::lock(&mut tx, kept.business, kept.customer).await?;
        // Read again: two messages may bring the same word at once, and the row of its customer is what they queue for.
        let kept = store::word::find(&mut *tx, &hash).await?.filter(|again| again.customer == kept.customer);
        let (Some(kept), Some(customer)) = (kept, locked) else { return Ok(WordUse::Unknown) };
        let is_hers = customer.phone.as_deref() == Some(phone.as_str());
        let verdict = word::judge(is_hers, kept.used_by, message, kept.expires_at, now);
        let link = ring.secret.link(&word, message);
        let mut facts = Vec::new();
        match verdict {
            Verdict::Expired => return Ok(WordUse::Unknown),
            Verdict::WrongNumber => return Ok(WordUse::WrongNumber(kept.business)),
            Verdict::Again | Verdict::Used => {}
            Verdict::Good => {
                store::word::mark_used(&mut *tx, kept.business, &hash, message, now).await?;
                facts.extend(prove(&mut tx, &kept, &customer, (message, &link), now).await?);
            }
        }
        let of = whose(&mut tx, &kept, customer).await?;
        let appended = self.outbox.append(&mut tx, facts).await?;
        tx.commit().await?;
        appended.committed();
        Ok(match (verdict, kept.purpose) {
            (Verdict::Used, _) => WordUse::Used(of),
            (_, word::Purpose::Confirm) => WordUse::Confirmed(of),
            (_, word::Purpose::Recover) => WordUse::Recovered(of, link),
        })
    }

    /// Who has this number at which of these businesses.
    pub async fn find_by_phone(
        &self,
        caller: &Principal,
        phone: &Phone,
        businesses: &[BusinessId],
    ) -> Result<Vec<Found>, Error> {
        access::service(caller)?;
        if businesses.len() > MOST_CONTACTS {
            return Err(Invalid::new("business_ids", "too_many").into());
        }
        Ok(store::contact::by_phone(&self.pool, businesses, phone).await?)
    }
}

/// Does what a good word is for.
async fn prove(
    tx: &mut PgConnection,
    kept: &Kept,
    customer: &Customer,
    (message, link): (MessageId, &Token),
    now: DateTime<Utc>,
) -> Result<Option<NewEvent>, Error> {
    let (business, id) = (kept.business, kept.customer);
    match kept.purpose {
        word::Purpose::Recover => {
            link::write(tx, business, (id, kept.card), (link, None), now).await?;
            Ok(None)
        }
        word::Purpose::Confirm => {
            let before = store::consent::current(&mut *tx, business, id, Purpose::Marketing).await?;
            // What she took back since stays taken back, and what was proven needs no second proof.
            if before != Some(State::Pending) {
                return Ok(None);
            }
            let entry = Entry {
                purpose: Purpose::Marketing,
                state: State::Granted,
                language: Locale::from_tag(&customer.language),
                via: Via::Service,
                member: None,
                evidence: Some(message),
            };
            Ok(Some(consent::write(tx, business, id, entry, now).await?))
        }
    }
}

async fn whose(tx: &mut PgConnection, kept: &Kept, customer: Customer) -> Result<WordOf, sqlx::Error> {
    let (business, id) = (kept.business, kept.customer);
    Ok(WordOf {
        business,
        customer: id,
        name: customer.name.unwrap_or_default(),
        language: customer.language,
        card: kept.card,
        marketing: store::consent::current(tx, business, id, Purpose::Marketing).await?,
    })
}
