//! Signing in, staying signed in, signing out, and tokens for others than members.

use chrono::{DateTime, Utc};
use kernel::{BusinessId, CardId, CustomerId, DeviceId, LocationId, MemberId, Principal, Role};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::Error;
use crate::app::App;
use crate::domain::business::Business;
use crate::domain::credentials::{Email, Member, Secret};
use crate::domain::device::Device;
use crate::domain::refresh::{self, Rotation};
use crate::domain::token::{self, Token};
use crate::domain::tries;
use crate::store;
use crate::store::member::Login;
use crate::store::session::{NewSession, Session};
use crate::store::tries::Subject;

/// The name that makes an operator of whoever knows the operator's secret.
const OPERATOR: &str = "operator";
/// Longest name of a service.
const LONGEST_SERVICE: usize = 40;

/// What a member signs her calls with, and how she gets the next.
pub struct Tokens {
    /// Good for ten minutes.
    pub access: String,
    /// Good once.
    pub refresh: Token,
}

/// A token for somebody who is no member.
pub struct Access {
    /// Good for ten minutes.
    pub token: String,
    /// Whom it speaks for.
    pub principal: Principal,
}

/// A new business, its owner, and what she needs to come back.
pub struct SignedUp {
    /// The business.
    pub business: Business,
    /// Its owner.
    pub owner: Member,
    /// Signed in at once.
    pub tokens: Tokens,
    /// Each sets a new password, once.
    pub recovery_codes: Vec<Token>,
}

/// What a till sends when somebody entered her PIN.
pub struct PinLogin {
    /// Which till.
    pub device_token: Token,
    /// Who she says she is.
    pub member: MemberId,
    /// What she typed.
    pub pin: Secret,
}

/// Who signs in, and where.
#[derive(Clone, Copy)]
pub(super) struct Entering {
    pub(super) business: BusinessId,
    pub(super) member: MemberId,
    pub(super) role: Role,
    pub(super) till: Option<(DeviceId, Option<LocationId>)>,
}

impl App {
    /// Signs a member in on the panel. An unknown address takes as long as a wrong password and is told the same.
    pub async fn login(&self, email: &Email, password: &Secret) -> Result<Tokens, Error> {
        let turn = self.passwords.turn().await?;
        let subject = [Subject::Email(self.keys.ring().await?.secret.email_hash(email.as_str()))];
        self.count_try(&subject).await?;
        let found = store::member::login_by_email(&self.pool, email).await?;
        let hash = found.as_ref().and_then(|login| login.hash.clone());
        let fits = turn.fits(password, hash).await?;
        let Some(Login { business, member, role, .. }) = found.filter(|_| fits) else {
            return Err(Error::InvalidCredentials);
        };
        let mut tx = self.pool.begin().await?;
        forget(&mut tx, &subject).await?;
        let tokens = self.begin_session(&mut tx, Entering { business, member, role, till: None }).await?;
        tx.commit().await?;
        Ok(tokens)
    }

    /// Signs a member in on a paired till.
    pub async fn login_with_pin(&self, login: &PinLogin) -> Result<(Tokens, Member), Error> {
        let turn = self.passwords.turn().await?;
        let found = store::device::by_token(&self.pool, &login.device_token.hash()).await?;
        let device = found.ok_or(Error::NotPaired)?;
        // Always in this order, so that two tills and one member cannot lock each other up.
        let subjects = [Subject::Device(device.id), Subject::Member(login.member)];
        let counted = self.count_try(&subjects).await?;
        let found =
            store::member::login_by_pin(&self.pool, device.business, login.member, device.location).await?;
        let hash = found.as_ref().and_then(|login| login.hash.clone());
        let fits = turn.fits(&login.pin, hash).await?;
        let Some(Login { business, member, role, .. }) = found.filter(|_| fits) else {
            if counted.first().is_some_and(|tries| tries.unpair()) {
                self.unpair_after_wrong_pins(&device).await?;
            }
            return Err(Error::InvalidCredentials);
        };
        let mut tx = self.pool.begin().await?;
        forget(&mut tx, &subjects).await?;
        let entering = Entering { business, member, role, till: Some((device.id, device.location)) };
        let tokens = self.begin_session(&mut tx, entering).await?;
        store::device::seen(&mut *tx, business, device.id, self.now()).await?;
        let member =
            store::member::find(&mut *tx, business, member).await?.ok_or(Error::InvalidCredentials)?;
        tx.commit().await?;
        Ok((tokens, member))
    }

    /// Counts a try as wrong, before it is checked; refused while any of the subjects is locked.
    pub(super) async fn count_try(&self, subjects: &[Subject]) -> Result<Vec<tries::Tries>, Error> {
        let now = self.now();
        let mut tx = self.pool.begin().await?;
        let mut so_far = Vec::with_capacity(subjects.len());
        for subject in subjects {
            so_far.push(store::tries::lock(&mut tx, subject, now).await?);
        }
        if let Some(until) = tries::locked(&so_far, now) {
            return Err(Error::Locked { until });
        }
        let counted: Vec<_> = so_far.into_iter().map(|tries| tries.counted(now)).collect();
        for (subject, tries) in subjects.iter().zip(&counted) {
            store::tries::save(&mut tx, subject, *tries).await?;
        }
        tx.commit().await?;
        Ok(counted)
    }

    async fn unpair_after_wrong_pins(&self, device: &Device) -> Result<(), Error> {
        let now = self.now();
        let mut tx = self.pool.begin().await?;
        if store::device::unpair(&mut *tx, device.business, device.id, now).await? {
            store::session::revoke_on_device(&mut *tx, device.business, device.id, now).await?;
            let action = ("device_unpaired_after_wrong_pins", Some(device.id.as_uuid()));
            store::audit::write(&mut *tx, device.business, None, action, now).await?;
            tracing::warn!(sello.device.id = %device.id, "unpaired after wrong PINs");
        }
        tx.commit().await?;
        Ok(())
    }

    /// Begins a sign-in, with its first tokens.
    pub(super) async fn begin_session(
        &self,
        tx: &mut PgConnection,
        entering: Entering,
    ) -> Result<Tokens, Error> {
        let now = self.now();
        let life = if entering.till.is_some() { refresh::PIN_LIFE } else { refresh::PASSWORD_LIFE };
        let session = NewSession {
            id: Uuid::now_v7(),
            business: entering.business,
            member: entering.member,
            device: entering.till.map(|(device, _)| device),
            expires_at: now + life,
        };
        let refresh = Token::generate();
        store::session::insert(&mut *tx, &session, now).await?;
        store::session::insert_token(tx, session.id, &refresh.hash(), now).await?;
        let access = self.keys.ring().await?.sign(principal(entering), Some(session.id))?;
        Ok(Tokens { access, refresh })
    }

    /// Gives the next tokens for a refresh token that is used for the first time, or again by a client whose answer
    /// was lost. Any other use ends the sign-in.
    pub async fn refresh(&self, shown: &Token) -> Result<Tokens, Error> {
        let (now, ring) = (self.now(), self.keys.ring().await?);
        let successor = ring.secret.successor(shown);
        let mut tx = self.pool.begin().await?;
        let found = store::session::lock_by_token(&mut *tx, &shown.hash()).await?;
        let id = found.ok_or(Error::Unauthenticated)?;
        let session = store::session::read(&mut *tx, id, &shown.hash()).await?;
        if !session.live || session.expires_at <= now {
            return Err(Error::Unauthenticated);
        }
        match refresh::rotate(session.shown, now) {
            Rotation::Next => {
                let expires_at = refresh::prolonged(session.device.is_some(), session.expires_at, now);
                store::session::mark_used(&mut *tx, id, &shown.hash(), &successor.hash(), (now, expires_at))
                    .await?;
                store::session::insert_token(&mut *tx, id, &successor.hash(), now).await?;
            }
            Rotation::Repeat => {}
            Rotation::Revoke => {
                store::session::revoke(&mut *tx, id, now).await?;
                tx.commit().await?;
                tracing::warn!(sello.member.id = %session.member, "refresh token used twice; sign-in ended");
                return Err(Error::Unauthenticated);
            }
        }
        tx.commit().await?;
        let access = ring.sign(principal(entering(&session)), Some(id))?;
        Ok(Tokens { access, refresh: successor })
    }

    /// Ends the sign-in that a token came from.
    pub async fn logout(&self, family: Option<Uuid>) -> Result<(), Error> {
        if let Some(session) = family {
            store::session::revoke(&self.pool, session, self.now()).await?;
        }
        Ok(())
    }

    /// A token for the phone that holds a card.
    pub async fn exchange_holder_token(
        &self,
        token: &Token,
    ) -> Result<(Access, BusinessId, CustomerId, CardId), Error> {
        let found = store::holder::by_token(&self.pool, &token.hash()).await?;
        let (business, customer, card) = found.ok_or(Error::Unauthenticated)?;
        let access = self.access(Principal::CardHolder { business, customer, card }).await?;
        Ok((access, business, customer, card))
    }

    /// A token for a shop's own system.
    pub async fn exchange_api_key(&self, key: &Token) -> Result<Access, Error> {
        let found = store::api_key::used(&self.pool, &key.hash(), self.now()).await?;
        let (business, key) = found.ok_or(Error::Unauthenticated)?;
        self.access(Principal::ApiKey { business, key }).await
    }

    /// A token for a service of this deployment, or for its operator.
    pub async fn issue_service_token(&self, name: &str, secret: &str) -> Result<Access, Error> {
        let (expected, principal) = match name {
            OPERATOR => (&self.operator_secret, Principal::Operator),
            name => (&self.service_secret, Principal::Service { name: name.to_owned() }),
        };
        let is_a_name = !name.is_empty() && name.len() <= LONGEST_SERVICE;
        if expected.is_empty() || !token::same(expected, secret) || !is_a_name {
            return Err(Error::InvalidCredentials);
        }
        self.access(principal).await
    }

    /// The public keys.
    pub async fn jwks(&self) -> Result<String, Error> {
        Ok(self.keys.ring().await?.jwks_json.clone())
    }

    async fn access(&self, principal: Principal) -> Result<Access, Error> {
        let token = self.keys.ring().await?.sign(principal.clone(), None)?;
        Ok(Access { token, principal })
    }
}

fn principal(entering: Entering) -> Principal {
    Principal::Member {
        business: entering.business,
        member: entering.member,
        role: entering.role,
        device: entering.till.map(|(device, _)| device),
        location: entering.till.and_then(|(_, location)| location),
    }
}

/// Who a sign-in is for, as she and her till stand now.
fn entering(session: &Session) -> Entering {
    Entering {
        business: session.business,
        member: session.member,
        role: session.role,
        till: session.device.map(|device| (device, session.location)),
    }
}

/// The last try was right.
pub(super) async fn forget(tx: &mut PgConnection, subjects: &[Subject]) -> Result<(), sqlx::Error> {
    for subject in subjects {
        store::tries::forget(tx, subject).await?;
    }
    Ok(())
}

/// Ends every sign-in of a member.
pub(super) async fn end_sessions(
    tx: &mut PgConnection,
    business: BusinessId,
    member: MemberId,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    store::session::revoke_of_member(tx, business, member, now).await
}
