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

    /// The business that this caller manages: a manager's, an owner's, or that of a shop's own system.
    pub fn managed_business(&self) -> Result<BusinessId, Denied> {
        match self {
            Self::Member { business, role, .. } if *role >= Role::Manager => Ok(*business),
            Self::ApiKey { business, .. } => Ok(*business),
            _ => Err(self.denied()),
        }
    }

    /// The business whose owner this caller is.
    pub fn owned_business(&self) -> Result<BusinessId, Denied> {
        match self {
            Self::Member { business, role: Role::Owner, .. } => Ok(*business),
            _ => Err(self.denied()),
        }
    }

    /// Lets through the platform's own processes and whoever runs them.
    pub fn must_be_platform(&self) -> Result<(), Denied> {
        if self.is_platform() { Ok(()) } else { Err(self.denied()) }
    }

    /// Lets through whoever runs this deployment.
    pub fn must_be_operator(&self) -> Result<(), Denied> {
        if matches!(self, Self::Operator) { Ok(()) } else { Err(self.denied()) }
    }

    /// Whoever showed nothing is asked to sign in; everybody else may not.
    fn denied(&self) -> Denied {
        if matches!(self, Self::Public) { Denied::Unauthenticated } else { Denied::Forbidden }
    }
}

/// Why a caller is turned away.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Denied {
    /// Nobody known is calling.
    #[error("unauthenticated")]
    Unauthenticated,
    /// The caller may not.
    #[error("forbidden")]
    Forbidden,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_owner_may_what_a_stamper_may_but_not_the_other_way() {
        assert!(Role::Owner > Role::Manager && Role::Manager > Role::Stamper);
    }

    /// One caller of each kind, of one business.
    fn callers(business: BusinessId) -> Vec<(&'static str, Principal)> {
        let member = |role| Principal::Member {
            business,
            member: MemberId::generate(),
            role,
            device: None,
            location: None,
        };
        let (customer, card) = (CustomerId::generate(), CardId::generate());
        vec![
            ("owner", member(Role::Owner)),
            ("manager", member(Role::Manager)),
            ("stamper", member(Role::Stamper)),
            ("key", Principal::ApiKey { business, key: ApiKeyId::generate() }),
            ("holder", Principal::CardHolder { business, customer, card }),
            ("operator", Principal::Operator),
            ("service", Principal::Service { name: "gateway".into() }),
            ("nobody", Principal::Public),
        ]
    }

    #[test]
    fn each_door_opens_to_those_it_is_for_and_asks_strangers_to_sign_in() {
        type Door = fn(&Principal) -> Result<(), Denied>;
        let doors: [(&[&str], Door); 4] = [
            (&["owner", "manager", "key"], |caller| caller.managed_business().map(|_| ())),
            (&["owner"], |caller| caller.owned_business().map(|_| ())),
            (&["operator", "service"], Principal::must_be_platform),
            (&["operator"], Principal::must_be_operator),
        ];
        for (guests, door) in doors {
            for (name, caller) in callers(BusinessId::generate()) {
                let expected = match name {
                    name if guests.contains(&name) => Ok(()),
                    "nobody" => Err(Denied::Unauthenticated),
                    _ => Err(Denied::Forbidden),
                };
                assert_eq!(door(&caller), expected, "{name} at the door of {guests:?}");
            }
        }
    }

    #[test]
    fn whoever_manages_manages_her_own_business() {
        let business = BusinessId::generate();
        for managed in callers(business).iter().filter_map(|(_, caller)| caller.managed_business().ok()) {
            assert_eq!(managed, business);
        }
    }

    #[test]
    fn a_service_belongs_to_no_business() {
        assert_eq!(Principal::Service { name: "gateway".into() }.business(), None);
    }
}
