//! The people who work for a business.

use kernel::{MemberId, Principal, Role};
use sqlx::PgConnection;

use crate::Error;
use crate::app::App;
use crate::app::auth::end_sessions;
use crate::app::business::email_taken;
use crate::domain::access::{self, Staff, may_change_member};
use crate::domain::credentials::{Member, MemberChange, NewMember};
use crate::events;
use crate::store;
use crate::store::member::Hashes;
use crate::store::tries::Subject;

impl App {
    /// The members of the caller's business.
    pub async fn members(&self, caller: &Principal) -> Result<Vec<Member>, Error> {
        let staff = access::staff(caller, Role::Manager)?;
        Ok(store::member::all(&self.pool, staff.business).await?)
    }

    /// Adds a member.
    pub async fn create_member(&self, caller: &Principal, new: NewMember) -> Result<Member, Error> {
        let staff = access::staff(caller, Role::Manager)?;
        may_change_member(staff.role, &[new.role])?;
        self.own_location(staff.business, new.location).await?;
        let hashes = self.hashes(&new).await?;
        let now = self.now();
        let member = Member {
            id: MemberId::generate(),
            name: new.name,
            email: new.login.map(|(email, _)| email),
            role: new.role,
            has_pin: hashes.pin.is_some(),
            active: true,
            location: new.location,
            created_at: now,
        };
        let mut tx = self.pool.begin().await?;
        store::member::insert(&mut *tx, staff.business, &member, &hashes)
            .await
            .map_err(email_taken("email"))?;
        self.audit(&mut tx, &staff, ("member_created", Some(member.id.as_uuid()))).await?;
        let fact = events::member_changed(staff.business, &member, now);
        let appended = self.outbox.append(&mut tx, vec![fact]).await?;
        tx.commit().await?;
        appended.committed();
        Ok(member)
    }

    async fn hashes(&self, new: &NewMember) -> Result<Hashes, Error> {
        let mut hashes = Hashes::default();
        if let Some((_, password)) = &new.login {
            hashes.password = Some(self.passwords.hash(password).await?);
        }
        if let Some(pin) = &new.pin {
            hashes.pin = Some(self.passwords.hash(pin).await?);
        }
        Ok(hashes)
    }

    /// Changes a member. Whoever may enter no more, or with another PIN, is signed out everywhere.
    pub async fn update_member(
        &self,
        caller: &Principal,
        id: MemberId,
        change: MemberChange,
    ) -> Result<Member, Error> {
        let staff = access::staff(caller, Role::Manager)?;
        self.own_location(staff.business, change.location.flatten()).await?;
        let pin_hash = match &change.pin {
            None => None,
            Some(None) => Some(None),
            Some(Some(pin)) => Some(Some(self.passwords.hash(pin).await?)),
        };
        let now = self.now();
        let mut tx = self.pool.begin().await?;
        let before = lock_member(&mut tx, &staff, id).await?;
        may_change_member(staff.role, &[before.role, change.role.unwrap_or(before.role)])?;
        let after = Member {
            name: change.name.unwrap_or_else(|| before.name.clone()),
            role: change.role.unwrap_or(before.role),
            has_pin: pin_hash.as_ref().map_or(before.has_pin, Option::is_some),
            active: change.active.unwrap_or(before.active),
            location: change.location.unwrap_or(before.location),
            ..before
        };
        store::member::update(&mut *tx, staff.business, &after, pin_hash.clone()).await?;
        keep_an_owner(&mut tx, &staff).await?;
        if pin_hash.is_some() {
            // A new PIN is a new beginning; the old one's wrong tries say nothing about it.
            store::tries::forget(&mut tx, &Subject::Member(id)).await?;
        }
        if pin_hash.is_some() || !after.active {
            end_sessions(&mut tx, staff.business, id, now).await?;
        }
        self.audit(&mut tx, &staff, ("member_updated", Some(id.as_uuid()))).await?;
        let fact = events::member_changed(staff.business, &after, now);
        let appended = self.outbox.append(&mut tx, vec![fact]).await?;
        tx.commit().await?;
        appended.committed();
        Ok(after)
    }

    /// Takes a member out of the business.
    pub async fn delete_member(&self, caller: &Principal, id: MemberId) -> Result<(), Error> {
        let staff = access::staff(caller, Role::Manager)?;
        let now = self.now();
        let mut tx = self.pool.begin().await?;
        let member = lock_member(&mut tx, &staff, id).await?;
        may_change_member(staff.role, &[member.role])?;
        store::member::delete(&mut *tx, staff.business, id, now).await?;
        keep_an_owner(&mut tx, &staff).await?;
        end_sessions(&mut tx, staff.business, id, now).await?;
        self.audit(&mut tx, &staff, ("member_deleted", Some(id.as_uuid()))).await?;
        let gone = Member { active: false, ..member };
        let fact = events::member_changed(staff.business, &gone, now);
        let appended = self.outbox.append(&mut tx, vec![fact]).await?;
        tx.commit().await?;
        appended.committed();
        Ok(())
    }
}

/// Reads a member while no other transaction changes the people of the business.
async fn lock_member(tx: &mut PgConnection, staff: &Staff, id: MemberId) -> Result<Member, Error> {
    store::business::lock(&mut *tx, staff.business).await?.ok_or(Error::NotFound)?;
    store::member::find(tx, staff.business, id).await?.ok_or(Error::NotFound)
}

/// Refuses a change after which nobody could run the business.
async fn keep_an_owner(tx: &mut PgConnection, staff: &Staff) -> Result<(), Error> {
    match store::member::active_owners(tx, staff.business).await? {
        0 => Err(Error::Conflict { field: "role", reason: "last_owner" }),
        _ => Ok(()),
    }
}
