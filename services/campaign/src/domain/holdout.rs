//! Who is held out of a campaign, so that what it brings can be known.

use kernel::{BusinessId, CampaignId, CustomerId};
use sha2::{Digest, Sha256};

/// True for those whom a campaign does not write to. Drawn by hash: the same customer stands on the same side of the same
/// campaign however often she is taken up, without a row, and no side depends on what is known of her. Each campaign draws
/// anew, so that nobody is left out of all of them.
pub fn is_held_out(business: BusinessId, campaign: CampaignId, customer: CustomerId, percent: i32) -> bool {
    let digest = Sha256::new()
        .chain_update(business.as_uuid().as_bytes())
        .chain_update(campaign.as_uuid().as_bytes())
        .chain_update(customer.as_uuid().as_bytes())
        .finalize();
    let mut first = [0; 8];
    first.copy_from_slice(&digest[..8]);
    // The hash as a fraction of its range, against the share.
    let hundredth = (u128::from(u64::from_be_bytes(first)) * 100) >> 64;
    hundredth < u128::try_from(percent).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_in_ten_is_held_out_and_another_campaign_draws_others() {
        let (business, one, other) = (BusinessId::generate(), CampaignId::generate(), CampaignId::generate());
        let customers: Vec<CustomerId> = (0..20_000).map(|_| CustomerId::generate()).collect();
        let held: Vec<bool> = customers.iter().map(|c| is_held_out(business, one, *c, 10)).collect();
        let again: Vec<bool> = customers.iter().map(|c| is_held_out(business, one, *c, 10)).collect();
        let both = customers
            .iter()
            .filter(|c| is_held_out(business, one, **c, 10) && is_held_out(business, other, **c, 10))
            .count();
        let count = held.iter().filter(|held| **held).count();
        assert_eq!(held, again);
        assert!((1_800..2_200).contains(&count), "{count} of 20,000");
        assert!((130..270).contains(&both), "{both} in both");
    }

    #[test]
    fn nothing_is_nobody() {
        let (business, campaign) = (BusinessId::generate(), CampaignId::generate());
        assert!((0..1_000).all(|_| !is_held_out(business, campaign, CustomerId::generate(), 0)));
    }
}
