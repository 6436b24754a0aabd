//! Tills: pairing them, what they show before anyone signs in, and the key they sign with.

use chrono::{DateTime, Duration, Utc};
use kernel::{BusinessId, DeviceId, LocationId, MemberId, Principal, Role};

use crate::Error;
use crate::app::App;
use crate::domain::access;
use crate::domain::business::{Business, Location};
use crate::domain::device::Device;
use crate::domain::token::Token;
use crate::store;

/// How long a pairing code is good.
const PAIRING_LIFE: Duration = Duration::minutes(10);

/// A phone or tablet that wants to be a till.
pub struct NewDevice {
    /// The code from the panel.
    pub code: Token,
    /// What the team will call it.
    pub name: String,
    /// What it will sign its offline queue with.
    pub public_key: Option<Vec<u8>>,
}

/// A till that was just paired.
pub struct Paired {
    /// What it proves itself with from now on.
    pub token: Token,
    /// Its id.
    pub device: DeviceId,
    /// Its business.
    pub business: Business,
}

/// What a till shows before anyone signs in.
pub struct Till {
    /// The till.
    pub device: Device,
    /// Its business.
    pub business: Business,
    /// Where it stands.
    pub location: Option<Location>,
    /// Who may enter a PIN.
    pub members: Vec<(MemberId, String)>,
}

impl App {
    /// Makes a one-use code for a new till.
    pub async fn create_pairing(
        &self,
        caller: &Principal,
        location: Option<LocationId>,
    ) -> Result<(Token, DateTime<Utc>), Error> {
        let staff = access::staff(caller, Role::Manager)?;
        self.own_location(staff.business, location).await?;
        let (code, until) = (Token::generate_pairing_code(), self.now() + PAIRING_LIFE);
        let mut tx = self.pool.begin().await?;
        let made = (&code.hash(), staff.member);
        store::device::insert_pairing(&mut *tx, staff.business, location, made, until).await?;
        self.audit(&mut tx, &staff, ("pairing_created", None)).await?;
        tx.commit().await?;
        Ok((code, until))
    }

    /// Pairs a till with the business whose code it shows.
    pub async fn pair_device(&self, new: NewDevice) -> Result<Paired, Error> {
        let (now, token) = (self.now(), Token::generate());
        let mut tx = self.pool.begin().await?;
        let used = store::device::use_pairing(&mut *tx, &new.code.hash(), now).await?;
        let (business, location, made_by) = used.ok_or(Error::NotFound)?;
        let device = Device {
            id: DeviceId::generate(),
            business,
            name: new.name,
            location,
            paired_at: now,
            last_seen_at: now,
        };
        store::device::insert(&mut *tx, &device, &token.hash(), new.public_key.as_deref()).await?;
        let action = ("device_paired", Some(device.id.as_uuid()));
        store::audit::write(&mut *tx, business, Some(made_by), action, now).await?;
        let business = store::business::find(&mut *tx, business).await?.ok_or(Error::NotFound)?;
        tx.commit().await?;
        Ok(Paired { token, device: device.id, business })
    }

    /// The paired tills of the caller's business.
    pub async fn devices(&self, caller: &Principal) -> Result<Vec<Device>, Error> {
        let staff = access::staff(caller, Role::Manager)?;
        Ok(store::device::all(&self.pool, staff.business).await?)
    }

    /// Unpairs a till and signs out whoever is on it.
    pub async fn delete_device(&self, caller: &Principal, device: DeviceId) -> Result<(), Error> {
        let staff = access::staff(caller, Role::Manager)?;
        let now = self.now();
        let mut tx = self.pool.begin().await?;
        if !store::device::unpair(&mut *tx, staff.business, device, now).await? {
            return Err(Error::NotFound);
        }
        store::session::revoke_on_device(&mut *tx, staff.business, device, now).await?;
        self.audit(&mut tx, &staff, ("device_unpaired", Some(device.as_uuid()))).await?;
        tx.commit().await?;
        Ok(())
    }

    /// What a paired till shows before anyone signs in.
    pub async fn till(&self, token: &Token) -> Result<Till, Error> {
        let found = store::device::by_token(&self.pool, &token.hash()).await?;
        let device = found.ok_or(Error::NotPaired)?;
        let business = self.business_of(device.business).await?;
        let location = match device.location {
            Some(location) => store::business::location(&self.pool, device.business, location).await?,
            None => None,
        };
        let members = store::member::with_pin(&self.pool, device.business, device.location).await?;
        Ok(Till { device, business, location, members })
    }

    /// The key a paired till signs with (empty: it never works offline), for the service that checks its queue.
    pub async fn device_key(
        &self,
        caller: &Principal,
        business: BusinessId,
        device: DeviceId,
    ) -> Result<(Vec<u8>, Option<LocationId>), Error> {
        access::platform(caller)?;
        let (key, location) =
            store::device::key(&self.pool, business, device).await?.ok_or(Error::NotFound)?;
        Ok((key.unwrap_or_default(), location))
    }
}
