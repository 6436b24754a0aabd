//! First names, for screens that show who was stamped. Asked of enrollment in batches, kept for a short while, and
//! never waited for longer than the asker says.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use kernel::{BusinessId, CustomerId};
use moka::sync::Cache;
use proto::enrollment::GetContactsRequest;

use crate::auth::Caller;
use crate::error::Refusal;
use crate::platform::Platform;

/// Names remembered.
const REMEMBERED: u64 = 50_000;
/// How long: a corrected name shows after this at the latest.
const KEPT_FOR: Duration = Duration::from_secs(600);
/// Most customers of one question, by enrollment's own rule.
const MOST_AT_ONCE: usize = 200;
/// How long a list waits for the names of its customers; what comes later is at hand the next time.
const LIST_PATIENCE: Duration = Duration::from_millis(500);

/// First names by business and customer; `None` for a customer who has none to show.
pub(crate) struct Names(Cache<(BusinessId, CustomerId), Option<Arc<str>>>);

impl Default for Names {
    fn default() -> Self {
        Self(Cache::builder().max_capacity(REMEMBERED).time_to_live(KEPT_FOR).build())
    }
}

impl Names {
    /// The name at hand; `None` inside where it is known that there is none.
    pub(crate) fn at_hand(&self, business: BusinessId, customer: CustomerId) -> Option<Option<Arc<str>>> {
        self.0.get(&(business, customer))
    }

    /// Forgets a customer who was renamed, merged or erased.
    pub(crate) fn forget(&self, business: BusinessId, customer: CustomerId) {
        self.0.invalidate(&(business, customer));
    }

    fn learn(&self, business: BusinessId, customer: CustomerId, name: &str) {
        self.0.insert((business, customer), (!name.is_empty()).then(|| Arc::from(name)));
    }
}

/// The first names of the customers of one answer, by their ids as they stand in it.
#[derive(Default)]
pub(crate) struct FirstNames(HashMap<CustomerId, Arc<str>>);

impl FirstNames {
    /// The name of one of them, where it is known.
    pub(crate) fn of(&self, customer: &str) -> Option<String> {
        self.0.get(&customer.parse().ok()?).map(|name| name.as_ref().to_owned())
    }
}

impl Platform {
    /// The first names of some of the caller's customers; none where enrollment is away, which costs the names and nothing
    /// else.
    pub(crate) async fn first_names<'a>(
        &self,
        caller: &Caller,
        customers: impl Iterator<Item = &'a str>,
    ) -> FirstNames {
        let Ok(business) = caller.business() else { return FirstNames::default() };
        let mut customers: Vec<CustomerId> = customers.filter_map(|id| id.parse().ok()).collect();
        customers.sort_unstable();
        customers.dedup();
        let unknown: Vec<CustomerId> =
            customers.iter().copied().filter(|id| self.names.at_hand(business, *id).is_none()).collect();
        if !unknown.is_empty() {
            let asked = tokio::time::timeout(LIST_PATIENCE, self.ask_names(business, &unknown)).await;
            if let Ok(Err(refusal)) = asked {
                tracing::debug!(slug = refusal.slug.as_str(), "a list without names");
            }
        }
        let known = |id: CustomerId| Some((id, self.names.at_hand(business, id)??));
        FirstNames(customers.into_iter().filter_map(known).collect())
    }

    /// Asks for the names that are not at hand, and remembers them.
    pub(crate) async fn ask_names(
        &self,
        business: BusinessId,
        customers: &[CustomerId],
    ) -> Result<(), Refusal> {
        for some in customers.chunks(MOST_AT_ONCE) {
            let question = GetContactsRequest {
                customer_ids: some.iter().map(CustomerId::to_string).collect(),
                purpose: "till".into(),
                business_id: business.to_string(),
            };
            let answer = self.customers().get_contacts(self.identity.request(question).await?).await?;
            for contact in answer.into_inner().contacts {
                if let Ok(customer) = contact.customer_id.parse() {
                    self.names.learn(business, customer, &contact.first_name);
                }
            }
            for customer in some.iter().filter(|customer| self.names.at_hand(business, **customer).is_none())
            {
                self.names.learn(business, *customer, "");
            }
        }
        Ok(())
    }

    /// The first name of one customer, if it comes within `patience`.
    pub(crate) async fn first_name(
        &self,
        business: BusinessId,
        customer: CustomerId,
        patience: Duration,
    ) -> Option<Arc<str>> {
        if let Some(name) = self.names.at_hand(business, customer) {
            return name;
        }
        let asked = tokio::time::timeout(patience, self.ask_names(business, &[customer])).await;
        matches!(asked, Ok(Ok(()))).then(|| self.names.at_hand(business, customer)).flatten().flatten()
    }
}
