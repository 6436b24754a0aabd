//! What can be asked, and what is done with facts.

pub(crate) mod projection;
pub(crate) mod questions;
pub(crate) mod reads;

/// The name under which the projection reads the stream, and remembers what it has read.
pub(crate) const CONSUMER: &str = "analytics";
