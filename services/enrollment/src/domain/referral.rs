//! Who invited whom, and when that counts.

use kernel::{BusinessId, CustomerId, ReferralId};

/// An invitation that is paid: the friend made her first purchase.
#[derive(Clone, Copy, Debug)]
pub struct Paid {
    /// Its id.
    pub id: ReferralId,
    /// In which business.
    pub business: BusinessId,
    /// Who invited.
    pub referrer: CustomerId,
    /// Who came.
    pub friend: CustomerId,
}

/// What is known when a newcomer brings somebody's code.
#[derive(Clone, Debug)]
pub struct Invitation<'a> {
    /// The newcomer.
    pub friend: CustomerId,
    /// Whose code it is.
    pub referrer: CustomerId,
    /// Who invited the referrer, who invited that one, and so on.
    pub above_referrer: &'a [CustomerId],
    /// Her number was a customer's before and was erased: she is no new friend.
    pub was_here_before: bool,
}

/// True where the invitation may be recorded: nobody invites herself, not even around a ring, and only newcomers count.
pub fn counts(invitation: &Invitation<'_>) -> bool {
    let Invitation { friend, referrer, above_referrer, was_here_before } = invitation;
    !was_here_before && friend != referrer && !above_referrer.contains(friend)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_invites_herself_nor_her_own_ancestors_nor_a_returning_customer() {
        let [friend, referrer, above] = [(); 3].map(|()| CustomerId::generate());
        let plain = Invitation { friend, referrer, above_referrer: &[above], was_here_before: false };
        assert!(counts(&plain));
        assert!(!counts(&Invitation { referrer: friend, ..plain.clone() }));
        assert!(!counts(&Invitation { above_referrer: &[above, friend], ..plain.clone() }));
        assert!(!counts(&Invitation { was_here_before: true, ..plain }));
    }
}
