use kernel::{BusinessId, DeviceId, LocationId, MemberId, Principal, Role};

use crate::Error;

/// Who works on a business's cards: a member, or the shop's own system.
#[derive(Clone, Debug)]
pub struct Actor {
    /// The one business whose cards may be touched.
    pub business: BusinessId,
    /// The person, unless a system is calling.
    pub member: Option<MemberId>,
    /// The till she stands at.
    pub device: Option<DeviceId>,
    /// Where that till is.
    pub location: Option<LocationId>,
    /// What may be done; a shop's own system does what a manager does.
    pub role: Role,
    /// True for a shop's own system.
    pub is_system: bool,
}

/// By which way an entry came to the ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Via {
    /// A code was read.
    Scan,
    /// Found by name or phone.
    Search,
    /// From a till's offline queue.
    Offline,
    /// A paper card carried over.
    Import,
    /// A shop's own system.
    Api,
    /// A friend's first stamp.
    Referral,
    /// The stamps a new card begins with.
    Welcome,
    /// Two customers became one.
    Merge,
    /// From the owner's panel.
    Panel,
}

impl Via {
    /// The word in the ledger and in events.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Scan => "scan",
            Self::Search => "search",
            Self::Offline => "offline",
            Self::Import => "import",
            Self::Api => "api",
            Self::Referral => "referral",
            Self::Welcome => "welcome",
            Self::Merge => "merge",
            Self::Panel => "panel",
        }
    }
}

impl Actor {
    /// The actor behind a verified principal; card holders, services and strangers stamp nothing.
    pub fn from_principal(principal: &Principal) -> Result<Self, Error> {
        match principal {
            Principal::Member { business, member, role, device, location } => Ok(Self {
                business: *business,
                member: Some(*member),
                device: *device,
                location: *location,
                role: *role,
                is_system: false,
            }),
            Principal::ApiKey { business, .. } => Ok(Self {
                business: *business,
                member: None,
                device: None,
                location: None,
                role: Role::Manager,
                is_system: true,
            }),
            Principal::Public => Err(Error::Unauthenticated),
            Principal::CardHolder { .. } | Principal::Operator | Principal::Service { .. } => {
                Err(Error::Forbidden)
            }
        }
    }

    /// The same, where a stamper is not enough.
    pub fn manager(principal: &Principal) -> Result<Self, Error> {
        let actor = Self::from_principal(principal)?;
        if actor.role >= Role::Manager { Ok(actor) } else { Err(Error::Forbidden) }
    }
}
