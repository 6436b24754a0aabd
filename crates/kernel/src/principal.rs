use serde::{Deserialize, Serialize};

use crate::{ApiKeyId, BusinessId, CardId, CustomerId, DeviceId, LocationId, MemberId};

/// What a member may do, each including the one after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Stamps and redeems at a till.
    Stamper,
    /// Runs the shop: customers, programs, limits passed on purpose.
    Manager,
    /// Everything, members and settings included.
    Owner,
}

impl Role {
    /// The word stored and sent.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Stamper => "stamper",
            Self::Manager => "manager",
            Self::Owner => "owner",
        }
    }

    /// Reads the stored word.
    pub fn from_word(word: &str) -> Option<Self> {
        match word {
            "stamper" => Some(Self::Stamper),
            "manager" => Some(Self::Manager),
            "owner" => Some(Self::Owner),
            _ => None,
        }
    }
}

/// Who is calling, as a verified token says. Authorisation is decided from this and nothing else.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Principal {
    /// A person who works for a business; on a paired device when she entered by PIN.
    Member {
        /// Her business.
        business: BusinessId,
        /// She.
        member: MemberId,
        /// What she may do.
        role: Role,
        /// The till she signed in on.
        device: Option<DeviceId>,
        /// Where that till stands.
        location: Option<LocationId>,
    },
    /// The phone that holds a card.
    CardHolder {
        /// The business of the card.
        business: BusinessId,
        /// Whose card it is.
        customer: CustomerId,
        /// The one card it opens.
        card: CardId,
    },
    /// A shop's own system.
    ApiKey {
        /// Its business.
        business: BusinessId,
        /// The key it came with.
        key: ApiKeyId,
    },
    /// Whoever runs this deployment.
    Operator,
    /// Another service of this deployment.
    Service {
        /// Its name: `gateway`, `stamping`, …
        name: String,
    },
    /// Nobody in particular.
    Public,
}

impl Principal {
    /// The one business this caller belongs to, if any.
    pub fn business(&self) -> Option<BusinessId> {
        match self {
            Self::Member { business, .. }
            | Self::CardHolder { business, .. }
            | Self::ApiKey { business, .. } => Some(*business),
            Self::Operator | Self::Service { .. } | Self::Public => None,
        }
    }

    /// The member, if a person of the business is calling.
    pub fn member(&self) -> Option<MemberId> {
        match self {
            Self::Member { member, .. } => Some(*member),
            _ => None,
        }
    }

    /// True for a member of at least this role.
    pub fn is_at_least(&self, least: Role) -> bool {
        matches!(self, Self::Member { role, .. } if *role >= least)
    }

    /// True for the platform's own processes and whoever runs them.
    pub fn is_platform(&self) -> bool {
        matches!(self, Self::Operator | Self::Service { .. })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_owner_may_what_a_stamper_may_but_not_the_other_way() {
        assert!(Role::Owner > Role::Manager && Role::Manager > Role::Stamper);
    }

    #[test]
    fn a_service_belongs_to_no_business() {
        assert_eq!(Principal::Service { name: "gateway".into() }.business(), None);
    }
}
