//! Who is due for an automation: the store looks for candidates, the domain judges each one.

use std::collections::HashSet;

use chrono::{DateTime, Duration, Utc};
use kernel::{BusinessId, CustomerId};
use sqlx::PgConnection;

use super::App;
use super::planning::Found;
use crate::Error;
use crate::domain::audience::{Audience, Moment};
use crate::domain::campaign::{Campaign, ChannelPolicy};
use crate::domain::trigger::Trigger;
use crate::store;
use crate::store::reach::{Candidate, Reachable};

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

/// An automation at one moment.
pub(super) struct Watch<'a> {
    pub(super) business: BusinessId,
    pub(super) trigger: Trigger,
    /// Of whom it writes to those for whom it is due.
    pub(super) audience: &'a Audience,
    /// When it was launched.
    pub(super) since: DateTime<Utc>,
    pub(super) when: &'a Moment,
}

impl Watch<'_> {
    /// What holds for everybody for whom it may be due.
    pub(super) fn condition(&self) -> Audience {
        Audience::All(vec![self.trigger.candidates(self.when, self.since), self.audience.clone()])
    }

    /// Of candidates, each beside what is known of her, those for whom it is due and has not fired yet, and the cause.
    pub(super) async fn due<T>(
        &self,
        db: &mut PgConnection,
        candidates: Vec<(T, Candidate)>,
    ) -> Result<Vec<(T, Reachable, String)>, sqlx::Error> {
        let due: Vec<(T, Reachable, String)> = candidates
            .into_iter()
            .filter(|(_, (_, profile))| self.audience.holds(profile, self.when))
            .filter_map(|(known, (customer, profile))| {
                Some((known, customer, self.trigger.cause(&profile, self.when, self.since)?))
            })
            .collect();
        let causes: Vec<(CustomerId, String)> =
            due.iter().map(|(_, customer, cause)| (customer.customer_id, cause.clone())).collect();
        let fired: HashSet<(CustomerId, String)> =
            store::fired::known(db, self.business, self.trigger, &causes).await?;
        Ok(due
            .into_iter()
            .zip(causes)
            .filter(|(_, cause)| !fired.contains(cause))
            .map(|(due, _)| due)
            .collect())
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
        let business = campaign.business;
        let watch = Watch { business, trigger, audience: &campaign.audience, since, when };
        let only_with_pass = campaign.policy == ChannelPolicy::Wallet;
        let candidates =
            store::reach::candidates(tx, business, &watch.condition(), only_with_pass, after, STEP, when)
                .await?;
        let is_full = candidates.len() as i64 == STEP;
        let last = candidates.last().filter(|_| is_full).map(|(customer, _)| customer.customer_id);
        let due = watch.due(tx, candidates.into_iter().map(|candidate| ((), candidate)).collect()).await?;
        let (customers, causes) = due.into_iter().map(|((), customer, cause)| (customer, cause)).unzip();
        Ok(Found { customers, causes, last })
    }
}
