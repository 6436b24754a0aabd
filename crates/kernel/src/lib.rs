//! The words of Sello as types: ids, phone, money, locale, time, and who is calling. No I/O.
//!
//! A value of one of these types has been checked once, when it was made; whoever holds one need not ask again.

mod id;
mod invalid;
mod locale;
mod money;
mod phone;
mod principal;
mod quiet;
mod time;

pub use id::{
    ApiKeyId, BusinessId, CampaignId, CardId, CustomerId, DeliveryId, DeviceId, EventId, LocationId,
    MemberId, MessageId, OperationId, ProgramId, ReferralId, RewardId, ScanId, StampId,
};
pub use invalid::Invalid;
pub use locale::Locale;
pub use money::Cents;
pub use phone::Phone;
pub use principal::{Denied, Principal, Role};
pub use quiet::{QUIET_FROM, QUIET_UNTIL, end_of_quiet, is_quiet};
pub use time::{Clock, Zone};
