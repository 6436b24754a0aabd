//! Coming back without a password.

use kernel::Principal;

use crate::Error;
use crate::app::App;
use crate::app::auth::{end_sessions, forget};
use crate::domain::access;
use crate::domain::credentials::{Email, Secret};
use crate::domain::token::Token;
use crate::store;
use crate::store::tries::Subject;

impl App {
    /// Sets a new password with a recovery code, and ends every sign-in made with the old one. Wrong codes count as
    /// wrong passwords do, and an unknown address is told the same as a wrong code.
    pub async fn recover(&self, email: &Email, code: &Token, new_password: &Secret) -> Result<(), Error> {
        let turn = self.passwords.turn().await?;
        let subject = [Subject::Email(self.keys.ring().await?.secret.email_hash(email.as_str()))];
        self.count_try(&subject).await?;
        // Hashed before the code is looked at: the time tells nothing about it.
        let hash = turn.hash(new_password).await?;
        let now = self.now();
        let mut tx = self.pool.begin().await?;
        let used = store::member::use_recovery_code(&mut *tx, email, &code.hash(), now).await?;
        let (business, member) = used.ok_or(Error::InvalidCredentials)?;
        store::member::set_password(&mut *tx, business, member, &hash).await?;
        end_sessions(&mut tx, business, member, now).await?;
        forget(&mut tx, &subject).await?;
        let action = ("password_recovered", Some(member.as_uuid()));
        store::audit::write(&mut *tx, business, Some(member), action, now).await?;
        tx.commit().await?;
        Ok(())
    }

    /// For the operator: a random new password for a member who lost everything.
    pub async fn reset_member(&self, caller: &Principal, email: &Email) -> Result<Token, Error> {
        access::operator(caller)?;
        let login = store::member::login_by_email(&self.pool, email).await?.ok_or(Error::NotFound)?;
        let password = Token::generate_recovery_code();
        let hash = self.passwords.hash(&Secret::shown("password", password.reveal())?).await?;
        let now = self.now();
        let secret = &self.keys.ring().await?.secret;
        let mut tx = self.pool.begin().await?;
        store::member::set_password(&mut *tx, login.business, login.member, &hash).await?;
        end_sessions(&mut tx, login.business, login.member, now).await?;
        forget(&mut tx, &[Subject::Email(secret.email_hash(email.as_str()))]).await?;
        let action = ("password_reset_by_operator", Some(login.member.as_uuid()));
        store::audit::write(&mut *tx, login.business, None, action, now).await?;
        tx.commit().await?;
        Ok(password)
    }
}
