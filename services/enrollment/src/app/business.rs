//! A business: signing up, its settings, what its join page shows, its locations, its keys, its log.

use chrono::{DateTime, Utc};
use kernel::{ApiKeyId, BusinessId, Locale, LocationId, MemberId, Principal, Role, Zone};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::Error;
use crate::app::auth::{Entering, SignedUp};
use crate::app::consent::FilledText;
use crate::app::{App, page_size};
use crate::domain::access::{self, Staff};
use crate::domain::business::{Business, Location, Slug};
use crate::domain::consent::Purpose;
use crate::domain::credentials::{ApiKey, Email, Member, RECOVERY_CODES, Secret};
use crate::domain::token::{Token, TokenHash};
use crate::events;
use crate::store;
use crate::store::audit;
use crate::store::member::Hashes;

/// Made slugs tried one after the other before numbers are drawn.
const COUNTED_SLUGS: u32 = 5;
/// Made slugs tried in all.
const MOST_SLUGS: u32 = 20;

/// A business that wants to sign up.
#[derive(Debug)]
pub struct Signup {
    /// Its name.
    pub business_name: String,
    /// Its name in addresses; absent: made from the name.
    pub slug: Option<Slug>,
    /// Who signs up.
    pub owner_name: String,
    /// Her address.
    pub email: Email,
    /// Her password.
    pub password: Secret,
}

/// What is to change in a business; absent stays as it is.
#[derive(Clone, Debug, Default)]
pub struct BusinessChange {
    /// Its name.
    pub name: Option<String>,
    /// Its name in addresses.
    pub slug: Option<Slug>,
    /// Where it counts its days.
    pub zone: Option<Zone>,
    /// The language it speaks.
    pub language: Option<Locale>,
    /// Taxpayer number.
    pub ruc: Option<String>,
}

/// Whoever is signed in, and where she works.
pub struct Me {
    /// She.
    pub member: Member,
    /// Her business.
    pub business: Business,
    /// The till she is on.
    pub device: Option<kernel::DeviceId>,
}

/// What a join page may know.
pub struct PublicBusiness {
    /// The business.
    pub business: Business,
    /// What she agrees to with a card.
    pub program: FilledText,
    /// What she may agree to besides.
    pub marketing: FilledText,
}

impl App {
    /// Signs a business up, with its owner signed in.
    pub async fn signup(&self, signup: Signup) -> Result<SignedUp, Error> {
        let hashes = Hashes { password: Some(self.passwords.hash(&signup.password).await?), pin: None };
        let recovery_codes: Vec<Token> =
            (0..RECOVERY_CODES).map(|_| Token::generate_recovery_code()).collect();
        // Kept as they are read back: without dashes.
        let kept: Vec<TokenHash> = recovery_codes
            .iter()
            .filter_map(|code| Token::from_typed_code(code.reveal()))
            .map(|c| c.hash())
            .collect();
        let now = self.now();
        let mut tx = self.pool.begin().await?;
        let business = insert_business(&mut tx, &signup, now).await?;
        let owner = Member {
            id: MemberId::generate(),
            name: signup.owner_name,
            email: Some(signup.email),
            role: Role::Owner,
            has_pin: false,
            active: true,
            location: None,
            created_at: now,
        };
        store::member::insert(&mut *tx, business.id, &owner, &hashes)
            .await
            .map_err(email_taken("owner.email"))?;
        store::member::insert_recovery_codes(&mut *tx, business.id, owner.id, &kept).await?;
        let action = ("business_created", Some(business.id.as_uuid()));
        store::audit::write(&mut *tx, business.id, Some(owner.id), action, now).await?;
        let entering = Entering { business: business.id, member: owner.id, role: Role::Owner, till: None };
        let tokens = self.begin_session(&mut tx, entering).await?;
        let facts =
            vec![events::business_created(&business, now), events::member_changed(business.id, &owner, now)];
        let appended = self.outbox.append(&mut tx, facts).await?;
        tx.commit().await?;
        appended.committed();
        Ok(SignedUp { business, owner, tokens, recovery_codes })
    }

    /// Who is signed in.
    pub async fn me(&self, caller: &Principal) -> Result<Me, Error> {
        let staff = access::staff(caller, Role::Stamper)?;
        let member = store::member::find(&self.pool, staff.business, staff.member).await?;
        let member = member.filter(|member| member.active).ok_or(Error::Unauthenticated)?;
        let business = self.business_of(staff.business).await?;
        Ok(Me { member, business, device: staff.device })
    }

    /// The caller's business; to a service of ours, the one that it names.
    pub async fn business(&self, caller: &Principal, named: Option<BusinessId>) -> Result<Business, Error> {
        // To a customer, her business is the one her card is of.
        let business = match (access::holder(caller), named) {
            (Some((business, _, _)), _) => business,
            (None, Some(named)) if caller.is_platform() => named,
            _ => access::of_business(caller)?,
        };
        self.business_of(business).await
    }

    pub(super) async fn business_of(&self, business: BusinessId) -> Result<Business, Error> {
        store::business::find(&self.pool, business).await?.ok_or(Error::NotFound)
    }

    /// Changes the caller's business.
    pub async fn update_business(
        &self,
        caller: &Principal,
        change: BusinessChange,
    ) -> Result<Business, Error> {
        let staff = access::staff(caller, Role::Owner)?;
        let now = self.now();
        let mut tx = self.pool.begin().await?;
        let before = store::business::lock(&mut *tx, staff.business).await?.ok_or(Error::NotFound)?;
        let after = Business {
            name: change.name.unwrap_or_else(|| before.name.clone()),
            slug: change.slug.map_or_else(|| before.slug.clone(), |slug| slug.as_str().to_owned()),
            zone: change.zone.unwrap_or(before.zone),
            language: change.language.unwrap_or(before.language),
            ruc: change.ruc.unwrap_or_else(|| before.ruc.clone()),
            version: before.version + 1,
            ..before
        };
        store::business::update(&mut *tx, &after).await.map_err(slug_taken)?;
        self.audit(&mut tx, &staff, ("business_updated", Some(staff.business.as_uuid()))).await?;
        let appended = self.outbox.append(&mut tx, vec![events::business_changed(&after, now)]).await?;
        tx.commit().await?;
        appended.committed();
        Ok(after)
    }

    /// What anybody may know of a business.
    pub async fn public_business(
        &self,
        slug: &Slug,
        language: Option<Locale>,
    ) -> Result<PublicBusiness, Error> {
        let business = store::business::by_slug(&self.pool, slug).await?.ok_or(Error::NotFound)?;
        let language = language.unwrap_or(business.language);
        let program = self.newest_text(&business, Purpose::Program, language).await?;
        let marketing = self.newest_text(&business, Purpose::Marketing, language).await?;
        Ok(PublicBusiness { business, program, marketing })
    }

    /// The locations of the caller's business.
    pub async fn locations(&self, caller: &Principal) -> Result<Vec<Location>, Error> {
        Ok(store::business::locations(&self.pool, access::of_business(caller)?).await?)
    }

    /// Adds a location.
    pub async fn create_location(
        &self,
        caller: &Principal,
        name: String,
        address: String,
    ) -> Result<Location, Error> {
        let staff = access::staff(caller, Role::Manager)?;
        let location = Location { id: LocationId::generate(), name, address };
        let mut tx = self.pool.begin().await?;
        store::business::insert_location(&mut *tx, staff.business, &location, self.now()).await?;
        self.audit(&mut tx, &staff, ("location_created", Some(location.id.as_uuid()))).await?;
        tx.commit().await?;
        Ok(location)
    }

    /// Corrects a location; what is absent stays.
    pub async fn update_location(
        &self,
        caller: &Principal,
        id: LocationId,
        name: Option<String>,
        address: Option<String>,
    ) -> Result<Location, Error> {
        let staff = access::staff(caller, Role::Manager)?;
        let (name, address) = (name.as_deref(), address.as_deref());
        let mut tx = self.pool.begin().await?;
        let changed = store::business::update_location(&mut *tx, staff.business, id, name, address).await?;
        let location = changed.ok_or(Error::NotFound)?;
        self.audit(&mut tx, &staff, ("location_updated", Some(id.as_uuid()))).await?;
        tx.commit().await?;
        Ok(location)
    }

    /// The keys of the caller's business.
    pub async fn api_keys(&self, caller: &Principal) -> Result<Vec<ApiKey>, Error> {
        let staff = access::staff(caller, Role::Owner)?;
        Ok(store::api_key::all(&self.pool, staff.business).await?)
    }

    /// Makes a key; its secret is shown this once.
    pub async fn create_api_key(&self, caller: &Principal, name: String) -> Result<(ApiKey, Token), Error> {
        let staff = access::staff(caller, Role::Owner)?;
        let secret = Token::generate_api_key();
        let key = ApiKey {
            id: ApiKeyId::generate(),
            name,
            prefix: secret.prefix().to_owned(),
            created_at: self.now(),
            last_used_at: None,
        };
        let mut tx = self.pool.begin().await?;
        store::api_key::insert(&mut *tx, staff.business, &key, &secret.hash()).await?;
        self.audit(&mut tx, &staff, ("api_key_created", Some(key.id.as_uuid()))).await?;
        tx.commit().await?;
        Ok((key, secret))
    }

    /// Takes a key out of use; tokens made with it live on for at most ten minutes.
    pub async fn delete_api_key(&self, caller: &Principal, key: ApiKeyId) -> Result<(), Error> {
        let staff = access::staff(caller, Role::Owner)?;
        let mut tx = self.pool.begin().await?;
        if !store::api_key::delete(&mut *tx, staff.business, key, self.now()).await? {
            return Err(Error::NotFound);
        }
        self.audit(&mut tx, &staff, ("api_key_deleted", Some(key.as_uuid()))).await?;
        tx.commit().await?;
        Ok(())
    }

    /// What owners and members did, newest first, and where the next page begins.
    pub async fn audit_log(
        &self,
        caller: &Principal,
        cursor: Option<Uuid>,
        limit: i32,
    ) -> Result<(Vec<audit::Entry>, Option<Uuid>), Error> {
        let staff = access::staff(caller, Role::Manager)?;
        let size = page_size(limit);
        let mut entries = audit::list(&self.pool, staff.business, cursor, size + 1).await?;
        let more = entries.len() as i64 > size;
        entries.truncate(usize::try_from(size).unwrap_or(0));
        let next = entries.last().filter(|_| more).map(|entry| entry.id);
        Ok((entries, next))
    }

    /// Writes down what a member does, in the transaction that does it.
    pub(super) async fn audit(
        &self,
        tx: &mut PgConnection,
        staff: &Staff,
        action: (&'static str, Option<Uuid>),
    ) -> Result<(), sqlx::Error> {
        audit::write(tx, staff.business, Some(staff.member), action, self.now()).await
    }

    /// Checks that a location somebody named is one of her business's.
    pub(super) async fn own_location(
        &self,
        business: BusinessId,
        location: Option<LocationId>,
    ) -> Result<(), Error> {
        if let Some(location) = location {
            store::business::location(&self.pool, business, location).await?.ok_or(Error::NotFound)?;
        }
        Ok(())
    }
}

async fn insert_business(
    tx: &mut PgConnection,
    signup: &Signup,
    now: DateTime<Utc>,
) -> Result<Business, Error> {
    let mut business = Business {
        id: BusinessId::generate(),
        slug: String::new(),
        name: signup.business_name.clone(),
        zone: Zone::LIMA,
        language: Locale::Es,
        ruc: String::new(),
        version: 1,
        created_at: now,
    };
    let attempts = if signup.slug.is_some() { 1 } else { MOST_SLUGS };
    for attempt in 1..=attempts {
        let slug = signup.slug.clone().unwrap_or_else(|| made_slug(&business.name, attempt));
        business.slug = slug.as_str().to_owned();
        if store::business::insert(&mut *tx, &business).await? {
            return Ok(business);
        }
    }
    Err(Error::Conflict { field: "business.slug", reason: "taken" })
}

/// The next slug to try: the first ones counted, later ones drawn, so that the hundredth `bodega` need not try 99.
fn made_slug(name: &str, attempt: u32) -> Slug {
    if attempt <= COUNTED_SLUGS {
        return Slug::from_name(name, attempt);
    }
    let [.., a, b] = Uuid::now_v7().into_bytes();
    Slug::from_name(name, 1_000 + u32::from(a) * 256 + u32::from(b))
}

/// What a member who cannot be written means, told of the field that the address was typed into.
pub(super) fn email_taken(field: &'static str) -> impl Fn(sqlx::Error) -> Error {
    move |error| match store::breaks(&error, "member_email_unique") {
        true => Error::Conflict { field, reason: "taken" },
        false => error.into(),
    }
}

fn slug_taken(error: sqlx::Error) -> Error {
    if store::breaks(&error, "business_slug_unique") {
        return Error::Conflict { field: "slug", reason: "taken" };
    }
    error.into()
}
