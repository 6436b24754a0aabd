//! Who may do what, decided from the verified principal and nothing else.

use kernel::{BusinessId, CardId, CustomerId, DeviceId, MemberId, Principal, Role};

use crate::Error;

/// A member of a business who is acting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Staff {
    /// Her business: the only one she can see.
    pub business: BusinessId,
    /// She.
    pub member: MemberId,
    /// What she may do.
    pub role: Role,
    /// The till she signed in on.
    pub device: Option<DeviceId>,
}

/// How much of a customer a caller may see.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sight {
    /// Name, phone, birthday.
    Full,
    /// First name and three digits, how her consent stands and what she shares: what her own phone shows without a
    /// proof of her number.
    Own,
    /// First name and three digits: what a till needs.
    Till,
}

/// The refusal for a caller of the wrong kind: whoever showed nothing is asked to sign in.
fn refusal(caller: &Principal) -> Error {
    if matches!(caller, Principal::Public) { Error::Unauthenticated } else { Error::Forbidden }
}

/// The caller as a member of at least this role.
pub fn staff(caller: &Principal, least: Role) -> Result<Staff, Error> {
    match caller {
        Principal::Member { business, member, role, device, .. } if *role >= least => {
            Ok(Staff { business: *business, member: *member, role: *role, device: *device })
        }
        other => Err(refusal(other)),
    }
}

/// The business whose own people or systems are calling.
pub fn of_business(caller: &Principal) -> Result<BusinessId, Error> {
    match caller {
        Principal::Member { business, .. } | Principal::ApiKey { business, .. } => Ok(*business),
        other => Err(refusal(other)),
    }
}

/// What the caller may see of the customers of her business.
pub fn sight(caller: &Principal) -> Result<(BusinessId, Sight), Error> {
    match caller {
        Principal::Member { business, role: Role::Stamper, .. } => Ok((*business, Sight::Till)),
        Principal::Member { business, .. } | Principal::ApiKey { business, .. } => {
            Ok((*business, Sight::Full))
        }
        other => Err(refusal(other)),
    }
}

/// The caller as the holder of a card.
pub fn holder(caller: &Principal) -> Option<(BusinessId, CustomerId, CardId)> {
    match caller {
        Principal::CardHolder { business, customer, card } => Some((*business, *customer, *card)),
        _ => None,
    }
}

/// Lets the platform's own services and its operator pass.
pub fn platform(caller: &Principal) -> Result<(), Error> {
    if caller.is_platform() { Ok(()) } else { Err(refusal(caller)) }
}

/// Lets the platform's own services pass, and nobody else.
pub fn service(caller: &Principal) -> Result<(), Error> {
    if matches!(caller, Principal::Service { .. }) { Ok(()) } else { Err(refusal(caller)) }
}

/// Lets the operator pass.
pub fn operator(caller: &Principal) -> Result<(), Error> {
    if matches!(caller, Principal::Operator) { Ok(()) } else { Err(refusal(caller)) }
}

/// Who may correct, export and erase a customer: owners and managers of her business.
///
/// The customer herself may too, once her phone was proven less than 10 minutes ago; no token can say so yet, so a
/// card holder is refused here. A holder token alone is never enough: phones are lent and links are forwarded.
pub fn rights_over_customer(caller: &Principal) -> Result<Staff, Error> {
    staff(caller, Role::Manager)
}

/// Whether `actor` may make or change a member who has, or is to have, these roles: owners everyone, managers
/// stampers only.
pub fn may_change_member(actor: Role, roles: &[Role]) -> Result<(), Error> {
    let may =
        actor == Role::Owner || (actor == Role::Manager && roles.iter().all(|role| *role == Role::Stamper));
    if may { Ok(()) } else { Err(Error::Forbidden) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn member(role: Role) -> Principal {
        let (business, member) = (BusinessId::generate(), MemberId::generate());
        Principal::Member { business, member, role, device: None, location: None }
    }

    #[test]
    fn a_stamper_is_no_manager_and_nobody_is_asked_to_sign_in() {
        assert!(matches!(staff(&member(Role::Stamper), Role::Manager), Err(Error::Forbidden)));
        assert!(matches!(staff(&Principal::Public, Role::Stamper), Err(Error::Unauthenticated)));
        assert!(staff(&member(Role::Owner), Role::Manager).is_ok());
    }

    #[test]
    fn a_manager_makes_stampers_and_an_owner_makes_everyone() {
        assert!(may_change_member(Role::Manager, &[Role::Stamper]).is_ok());
        assert!(may_change_member(Role::Manager, &[Role::Stamper, Role::Manager]).is_err());
        assert!(may_change_member(Role::Stamper, &[Role::Stamper]).is_err());
        assert!(may_change_member(Role::Owner, &[Role::Owner]).is_ok());
    }

    #[test]
    fn a_card_holder_cannot_use_her_rights_without_a_proof_of_her_phone() {
        let (business, customer, card) = (BusinessId::generate(), CustomerId::generate(), CardId::generate());
        let caller = Principal::CardHolder { business, customer, card };
        assert!(matches!(rights_over_customer(&caller), Err(Error::Forbidden)));
    }
}
