//! Ids of what is kept by months: an id tells the moment that its row is kept under.

use chrono::{DateTime, SubsecRound, Utc};
use kernel::Invalid;
use uuid::{NoContext, Timestamp, Uuid};

/// A new id, and the moment that stands in it.
pub fn new(now: DateTime<Utc>) -> (Uuid, DateTime<Utc>) {
    let at = now.trunc_subsecs(3);
    let seconds = u64::try_from(at.timestamp()).unwrap_or(0);
    (Uuid::new_v7(Timestamp::from_unix(NoContext, seconds, at.timestamp_subsec_nanos())), at)
}

/// The moment that stands in an id; `None` for ids that are none of ours.
pub fn made_at(id: Uuid) -> Option<DateTime<Utc>> {
    let (seconds, nanos) = id.get_timestamp()?.to_unix();
    DateTime::from_timestamp(i64::try_from(seconds).ok()?, nanos)
}

/// Reads an id; the error names the field.
pub fn parse(field: &'static str, text: &str) -> Result<Uuid, Invalid> {
    match text {
        "" => Err(Invalid::new(field, "required")),
        text => text.parse().map_err(|_| Invalid::new(field, "not_a_uuid")),
    }
}

/// Reads an id that may be absent.
pub fn optional(field: &'static str, text: &str) -> Result<Option<Uuid>, Invalid> {
    if text.is_empty() { Ok(None) } else { parse(field, text).map(Some) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_finds_the_moment_its_row_is_kept_under() {
        let now = "2026-11-27T08:15:03.123456Z".parse().unwrap();
        let (id, at) = new(now);
        assert_eq!((made_at(id), at.timestamp_subsec_micros()), (Some(at), 123_000));
        assert_eq!(made_at(Uuid::nil()), None);
    }
}
