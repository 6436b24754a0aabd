//! What holds messages up that could go as far as they themselves are concerned, and why they are given up once their time has
//! passed.

use super::outcome::Reason;

/// What holds up everything of one kind that a business sends, at one moment.
#[derive(Clone, Copy, Debug, Default)]
pub struct Holds {
    /// The operator has not approved it, or has stopped it.
    pub is_unapproved: bool,
    /// Customers have had enough of it, or of its sender.
    pub is_stopped: bool,
    /// Its money is used up.
    pub is_broke: bool,
    /// The provider does not answer its sender.
    pub is_unanswered: bool,
    /// The tier is used up.
    pub is_full: bool,
    /// It is night where it is at home.
    pub is_quiet: bool,
}

impl Holds {
    /// What weighs most of it; `None` where nothing holds it up.
    pub fn cause(self) -> Option<Reason> {
        let all = [
            (self.is_unapproved, Reason::NotApproved),
            (self.is_stopped, Reason::Quality),
            (self.is_broke, Reason::Budget),
            (self.is_unanswered, Reason::Provider),
            (self.is_full, Reason::Tier),
            (self.is_quiet, Reason::QuietHours),
        ];
        all.into_iter().find_map(|(holds, reason)| holds.then_some(reason))
    }
}

/// Why a message is given up whose time has passed: for what it waited itself, or for what all of its kind wait.
pub fn given_up(own: Option<Reason>, is_due: bool, holds: Holds) -> Reason {
    // A restore wrote it: nobody knows whether it has gone out, and no other cause may let it be tried again.
    if own == Some(Reason::Expired) {
        return Reason::Expired;
    }
    // What was in doubt and waits again was found not to have been sent: that is no cause any more.
    let own = own.filter(|own| *own != Reason::InDoubt);
    // Every wait of days has its nights, which are to blame for none of them.
    let by_day = Holds { is_quiet: false, ..holds }.cause();
    let first = if is_due { by_day.or(own) } else { own.or(by_day) };
    first.or(holds.cause()).unwrap_or(Reason::Expired)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_waited_for_something_is_given_up_for_that() {
        for own in [Reason::Budget, Reason::Tier, Reason::Rate, Reason::MarketingCap, Reason::Provider] {
            for is_due in [true, false] {
                assert_eq!(given_up(Some(own), is_due, Holds::default()), own);
            }
        }
        assert_eq!(given_up(None, true, Holds::default()), Reason::Expired);
        assert_eq!(given_up(Some(Reason::InDoubt), true, Holds::default()), Reason::Expired);
    }

    #[test]
    fn what_holds_all_of_its_kind_is_to_blame_unless_it_waited_by_itself() {
        let broke = Holds { is_broke: true, ..Holds::default() };
        assert_eq!(given_up(None, true, broke), Reason::Budget);
        assert_eq!(given_up(Some(Reason::Rate), true, broke), Reason::Budget);
        assert_eq!(given_up(Some(Reason::MarketingCap), false, broke), Reason::MarketingCap);
    }

    #[test]
    fn the_night_is_to_blame_only_where_nothing_else_is() {
        let night = Holds { is_quiet: true, ..Holds::default() };
        assert_eq!(given_up(None, true, night), Reason::QuietHours);
        assert_eq!(given_up(Some(Reason::Tier), true, night), Reason::Tier);
        assert_eq!(given_up(None, true, Holds { is_unapproved: true, ..night }), Reason::NotApproved);
    }

    #[test]
    fn what_may_have_gone_out_before_a_restore_is_over_whatever_else_holds_it() {
        let all = Holds {
            is_unapproved: true,
            is_stopped: true,
            is_broke: true,
            is_unanswered: true,
            is_full: true,
            is_quiet: true,
        };
        for is_due in [true, false] {
            assert_eq!(given_up(Some(Reason::Expired), is_due, all), Reason::Expired);
        }
    }

    proptest! {
        /// Where anything is known, it is told; and the owner is shown all that is.
        #[test]
        fn a_cause_that_is_known_is_told(flags in prop::array::uniform6(any::<bool>()), is_due in any::<bool>(),
                                         own in prop::option::of(prop::sample::select(vec![Reason::Budget, Reason::Tier]))) {
            let [is_unapproved, is_stopped, is_broke, is_unanswered, is_full, is_quiet] = flags;
            let holds = Holds { is_unapproved, is_stopped, is_broke, is_unanswered, is_full, is_quiet };
            let reason = given_up(own, is_due, holds);
            prop_assert_eq!(reason == Reason::Expired, own.is_none() && holds.cause().is_none());
            prop_assert!(reason == Reason::Expired || reason.needs_a_person());
        }
    }
}
