//! Who is due for an automation: the store looks for candidates, the domain judges each one.

use std::collections::HashSet;

use chrono::Duration;
use kernel::CustomerId;
use sqlx::PgConnection;

use super::App;
use super::planning::Found;
use crate::Error;
use crate::domain::audience::{Audience, Moment};
use crate::domain::campaign::{Campaign, ChannelPolicy};
use crate::domain::trigger::Trigger;
use crate::store;

/// Candidates of one step.
const STEP: i64 = 1_000;

/// How long an automation rests between two walks: what is of the moment is looked for more often.
pub(super) fn pause_between_walks(trigger: Trigger) -> Duration {
    match trigger {
        Trigger::Welcome | Trigger::OneStampLeft => Duration::minutes(2),
        Trigger::AtRisk | Trigger::Birthday | Trigger::RewardExpiring | Trigger::Feedback => {
            Duration::minutes(15)
        }
    }
}

impl App {
    /// The next candidates for whom an automation is due and has not fired yet.
    pub(super) async fn find_due(
        &self,
        tx: &mut PgConnection,
        campaign: &Campaign,
        trigger: Trigger,
        after: Option<CustomerId>,
        when: &Moment,
    ) -> Result<Found, Error> {
        let since = campaign.launched_at.unwrap_or(when.now);
        let condition = Audience::All(vec![trigger.candidates(when, since), campaign.audience.clone()]);
        let only_with_pass = campaign.policy == ChannelPolicy::Wallet;
        let business = campaign.business;
        let candidates =
            store::reach::candidates(tx, business, &condition, only_with_pass, after, STEP, when).await?;
        let is_full = candidates.len() as i64 == STEP;
        let last = candidates.last().filter(|_| is_full).map(|(customer, _)| customer.customer_id);
        let due: Vec<_> = candidates
            .into_iter()
            .filter(|(_, profile)| campaign.audience.holds(profile, when))
            .filter_map(|(customer, profile)| Some((customer, trigger.cause(&profile, when, since)?)))
            .collect();
        let causes: Vec<(CustomerId, String)> =
            due.iter().map(|(customer, cause)| (customer.customer_id, cause.clone())).collect();
        let known: HashSet<(CustomerId, String)> =
            store::fired::known(tx, business, trigger, &causes).await?;
        let (customers, causes) = due
            .into_iter()
            .filter(|(customer, cause)| !known.contains(&(customer.customer_id, cause.clone())))
            .unzip();
        Ok(Found { customers, causes, last })
    }
}
