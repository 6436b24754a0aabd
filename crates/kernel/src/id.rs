use std::{fmt, str::FromStr};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::{NoContext, Timestamp, Uuid};

use crate::Invalid;

macro_rules! typed_ids { ($($(#[doc = $doc:literal])+ $name:ident = $field:literal),+ $(,)?) => { $(
    $(#[doc = $doc])+
    #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
    #[cfg_attr(feature = "sqlx", derive(sqlx::Type), sqlx(transparent))]
    #[serde(transparent)]
    pub struct $name(Uuid);

    impl $name {
        /// A new id: UUIDv7, so that ids made later sort later.
        pub fn generate() -> Self {
            Self(Uuid::now_v7())
        }

        /// A new id of a given moment, for what is known to have happened then.
        pub fn generate_at(at: DateTime<Utc>) -> Self {
            let seconds = u64::try_from(at.timestamp()).unwrap_or(0);
            Self(Uuid::new_v7(Timestamp::from_unix(NoContext, seconds, at.timestamp_subsec_nanos())))
        }

        /// The moment the id was made, to the millisecond; `None` for ids that are not version 7.
        pub fn made_at(self) -> Option<DateTime<Utc>> {
            let (seconds, nanos) = self.0.get_timestamp()?.to_unix();
            DateTime::from_timestamp(i64::try_from(seconds).ok()?, nanos)
        }

        /// The id as a bare UUID.
        pub fn as_uuid(self) -> Uuid {
            self.0
        }
    }

    impl From<Uuid> for $name {
        fn from(uuid: Uuid) -> Self {
            Self(uuid)
        }
    }

    impl fmt::Display for $name {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            self.0.fmt(f)
        }
    }

    impl FromStr for $name {
        type Err = Invalid;

        /// Reads a UUID; the error names the field as the API does.
        fn from_str(text: &str) -> Result<Self, Invalid> {
            text.parse().map(Self).map_err(|_| Invalid::new($field, "not_a_uuid"))
        }
    }
)+ } }

typed_ids! {
    /// A business: the tenant.
    BusinessId = "business_id",
    /// One shop of a business.
    LocationId = "location_id",
    /// A person who works for a business.
    MemberId = "member_id",
    /// A phone or tablet paired with a business for its till.
    DeviceId = "device_id",
    /// A person as one business knows her.
    CustomerId = "customer_id",
    /// The rules of a card.
    ProgramId = "program_id",
    /// One customer's progress in one program, for ever.
    CardId = "card_id",
    /// One entry of the ledger.
    StampId = "stamp_id",
    /// Something a cycle unlocked.
    RewardId = "reward_id",
    /// What a till saw when it read a code; good for 5 minutes.
    ScanId = "scan_id",
    /// One intent of a client: the same id never acts twice.
    OperationId = "operation_id",
    /// One fact in the stream.
    EventId = "event_id",
    /// One invitation that led to a customer.
    ReferralId = "referral_id",
    /// The key of a shop's own system.
    ApiKeyId = "api_key_id",
    /// Something that a party outside must be told.
    DeliveryId = "delivery_id",
    /// Whom a business writes to, and what.
    CampaignId = "campaign_id",
    /// One message to or from a customer.
    MessageId = "message_id",
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_that_is_not_a_uuid_is_refused_by_its_field() {
        assert_eq!("42".parse::<CardId>(), Err(Invalid::new("card_id", "not_a_uuid")));
    }

    #[test]
    fn an_id_tells_when_it_was_made() {
        let at: DateTime<Utc> = "2026-09-01T12:00:00.123Z".parse().unwrap();
        assert_eq!(StampId::generate_at(at).made_at(), Some(at));
    }

    #[test]
    fn ids_made_later_sort_later() {
        let ids: Vec<_> = (0..100).map(|_| CardId::generate()).collect();
        assert!(ids.is_sorted());
    }
}
