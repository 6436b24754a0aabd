//! How many requests are too many: by address, by shop and address for joins, by business for its own people and
//! systems. Sign-in and PIN tries are counted in enrollment, whatever is lifted here.

use std::hash::{BuildHasher, Hash, RandomState};
use std::net::{IpAddr, Ipv6Addr};
use std::num::NonZeroU32;
use std::time::Duration;

use boot::Stop;
use governor::clock::{Clock, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota};
use kernel::BusinessId;

use crate::config::{LimitSettings, Rate, Switch};
use crate::error::{Refusal, Slug};

/// A stranger chooses her own keys (addresses, slugs), so these are hashed into as many cells, and memory is bounded
/// by that; two keys that meet in a cell share its allowance.
const CELLS: u64 = 65_536;
/// How often allowances that are full again are forgotten.
const FORGET_EVERY: Duration = Duration::from_secs(60);

/// The limits of one gateway process.
pub(crate) struct Limits {
    on: bool,
    hasher: RandomState,
    clock: DefaultClock,
    address: DefaultKeyedRateLimiter<u64>,
    join: DefaultKeyedRateLimiter<u64>,
    /// By verified businesses, of which there are only so many: each has its own.
    business: DefaultKeyedRateLimiter<BusinessId>,
}

impl Limits {
    pub(crate) fn new(switch: Switch, settings: &LimitSettings) -> Self {
        Self {
            on: switch == Switch::On,
            hasher: RandomState::new(),
            clock: DefaultClock::default(),
            address: DefaultKeyedRateLimiter::keyed(quota(settings.address)),
            join: DefaultKeyedRateLimiter::keyed(quota(settings.join)),
            business: DefaultKeyedRateLimiter::keyed(quota(settings.business)),
        }
    }

    /// Counts a request of an address.
    pub(crate) fn address(&self, address: IpAddr) -> Result<(), Refusal> {
        self.check(&self.address, || self.cell(subscriber(address)))
    }

    /// Counts a join at a shop.
    pub(crate) fn join(&self, slug: &str, address: IpAddr) -> Result<(), Refusal> {
        self.check(&self.join, || self.cell((slug, subscriber(address))))
    }

    /// Counts a request of a business.
    pub(crate) fn business(&self, business: BusinessId) -> Result<(), Refusal> {
        self.check(&self.business, || business)
    }

    /// Forgets allowances that are full again, until told to stop.
    pub(crate) async fn forget(&self, stop: Stop) {
        while stop.run_until_cancelled(tokio::time::sleep(FORGET_EVERY)).await.is_some() {
            self.address.retain_recent();
            self.join.retain_recent();
            self.business.retain_recent();
        }
    }

    fn cell(&self, key: impl Hash) -> u64 {
        self.hasher.hash_one(key) % CELLS
    }

    fn check<K: Hash + Eq + Clone>(
        &self,
        limiter: &DefaultKeyedRateLimiter<K>,
        key: impl FnOnce() -> K,
    ) -> Result<(), Refusal> {
        if !self.on {
            return Ok(());
        }
        limiter.check_key(&key()).map_err(|wait| {
            let seconds = wait.wait_time_from(self.clock.now()).as_secs() + 1;
            Refusal::new(Slug::RateLimited).retry_after(seconds)
        })
    }
}

fn quota(rate: Rate) -> Quota {
    let at_least_one = |number| NonZeroU32::new(number).unwrap_or(NonZeroU32::MIN);
    Quota::per_minute(at_least_one(rate.per_minute)).allow_burst(at_least_one(rate.burst))
}

/// One subscriber has one IPv4 address, but a whole /64 of IPv6.
fn subscriber(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => {
            let [a, b, c, d, ..] = v6.segments();
            IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
        v4 @ IpAddr::V4(_) => v4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limits(switch: Switch) -> Limits {
        let rate = Rate { per_minute: 1, burst: 2 };
        Limits::new(switch, &LimitSettings { address: rate, join: rate, business: rate })
    }

    #[test]
    fn the_one_after_the_burst_is_told_when_to_come_back() {
        let limits = limits(Switch::On);
        let address = "190.1.2.3".parse().unwrap();
        assert!(limits.address(address).is_ok() && limits.address(address).is_ok());
        let refusal = limits.address(address).unwrap_err();
        assert_eq!(refusal.slug, Slug::RateLimited);
        assert!((1..=60).contains(&refusal.retry_after.unwrap()));
        assert!(limits.address("190.1.2.4".parse().unwrap()).is_ok());
    }

    #[test]
    fn an_ipv6_subscriber_is_one_whatever_address_she_takes() {
        assert_eq!(
            subscriber("2001:db8::1".parse().unwrap()),
            subscriber("2001:db8::ffff:1".parse().unwrap())
        );
        assert_eq!(subscriber("::ffff:190.1.2.3".parse().unwrap()), subscriber("190.1.2.3".parse().unwrap()));
    }

    #[test]
    fn lifted_limits_limit_nobody() {
        let limits = limits(Switch::Off);
        let business = BusinessId::generate();
        assert!((0..100).all(|_| limits.business(business).is_ok()));
    }
}
