//! From the services' messages to JSON: what several resources need.

use chrono::{DateTime, Utc};
use prost_types::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::error::{Refusal, Slug};

/// A list, or a page of one.
#[derive(Serialize, ToSchema)]
pub(crate) struct Listing<T> {
    pub(crate) items: Vec<T>,
    /// Asks for the next page; null where there is none.
    pub(crate) next_cursor: Option<String>,
}

impl<T> Listing<T> {
    /// The whole of a short list.
    pub(crate) fn whole<W: Into<T>>(items: Vec<W>) -> Self {
        Self::page(items, String::new())
    }

    pub(crate) fn page<W: Into<T>>(items: Vec<W>, next_cursor: String) -> Self {
        Self { items: items.into_iter().map(Into::into).collect(), next_cursor: some(next_cursor) }
    }
}

/// Which page of a list.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Page {
    /// Most rows of the answer.
    #[serde(default)]
    pub(crate) limit: Option<i32>,
    /// The `next_cursor` of the page before.
    #[serde(default)]
    pub(crate) cursor: Option<String>,
}

/// Proto's empty string is JSON's null.
pub(crate) fn some(text: String) -> Option<String> {
    (!text.is_empty()).then_some(text)
}

/// An absent id is proto's empty string.
pub(crate) fn id_or_empty(id: Option<uuid::Uuid>) -> String {
    id.map(|id| id.to_string()).unwrap_or_default()
}

pub(crate) fn time(timestamp: Option<Timestamp>) -> Option<DateTime<Utc>> {
    let timestamp = timestamp?;
    DateTime::from_timestamp(timestamp.seconds, u32::try_from(timestamp.nanos).ok()?)
}

pub(crate) fn timestamp(at: DateTime<Utc>) -> Timestamp {
    Timestamp { seconds: at.timestamp(), nanos: at.timestamp_subsec_nanos().try_into().unwrap_or_default() }
}

/// A part of an answer that its service always sends.
pub(crate) fn present<T>(part: Option<T>) -> Result<T, Refusal> {
    part.ok_or_else(|| {
        tracing::error!("a service left out a part of its answer");
        Refusal::new(Slug::Internal)
    })
}
