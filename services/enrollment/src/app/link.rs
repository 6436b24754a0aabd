//! One-use links that open a card on another phone.

use chrono::{DateTime, Duration, Utc};
use kernel::{BusinessId, CardId, CustomerId, Invalid, MemberId, Principal, Role};
use sqlx::PgConnection;

use crate::Error;
use crate::app::App;
use crate::app::customer::lock_person;
use crate::domain::access;
use crate::domain::token::Token;
use crate::store;

/// How long a link to a card is good.
const LIFE: Duration = Duration::minutes(5);

impl App {
    /// Makes a one-use link that opens a customer's card on the phone that follows it: for a member who shows it to her, or for
    /// the service that she asked from her own number.
    pub async fn create_card_link(
        &self,
        caller: &Principal,
        business: Option<BusinessId>,
        customer: CustomerId,
        card: Option<CardId>,
    ) -> Result<(Token, DateTime<Utc>), Error> {
        let (business, member) = match caller {
            Principal::Service { .. } => {
                (business.ok_or_else(|| Invalid::new("business_id", "required"))?, None)
            }
            member => {
                let staff = access::staff(member, Role::Stamper)?;
                (staff.business, Some(staff.member))
            }
        };
        let (token, now) = (Token::generate(), self.now());
        let mut tx = self.pool.begin().await?;
        lock_person(&mut tx, business, customer).await?;
        let found = store::holder::card_of(&mut *tx, business, customer, card).await?;
        let card = found.ok_or(Error::NotFound)?;
        let until = write(&mut tx, business, (customer, card), (&token, member), now).await?;
        tx.commit().await?;
        Ok((token, until))
    }

    /// Uses a link up: a new token that opens the card.
    pub async fn use_card_link(&self, link: &Token) -> Result<(CardId, Token), Error> {
        let (now, token) = (self.now(), Token::generate());
        let mut tx = self.pool.begin().await?;
        let used = store::holder::use_link(&mut *tx, &link.hash(), now).await?;
        let (business, customer, card) = used.ok_or(Error::NotFound)?;
        store::holder::insert_token(&mut *tx, business, (customer, card), &token.hash(), now).await?;
        tx.commit().await?;
        Ok((card, token))
    }
}

/// Writes a link, of a member or asked for by the customer herself; until when it is good.
pub(super) async fn write(
    tx: &mut PgConnection,
    business: BusinessId,
    (customer, card): (CustomerId, CardId),
    (token, member): (&Token, Option<MemberId>),
    now: DateTime<Utc>,
) -> Result<DateTime<Utc>, sqlx::Error> {
    let (made, until) = ((&token.hash(), member), now + LIFE);
    store::holder::insert_link(&mut *tx, business, (customer, card), made, until).await?;
    let action = ("card_link_created", Some(customer.as_uuid()));
    store::audit::write(&mut *tx, business, member, action, now).await?;
    Ok(until)
}
