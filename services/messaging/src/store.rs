//! Every statement of messaging.

pub(crate) mod attempt;
pub(crate) mod budget;
pub(crate) mod business;
pub(crate) mod campaign;
pub(crate) mod doubt;
pub(crate) mod inbound;
pub(crate) mod message;
pub(crate) mod opt_out;
pub(crate) mod person;
pub(crate) mod progress;
pub(crate) mod quality;
pub(crate) mod queue;
pub(crate) mod reached;
pub(crate) mod sender;
pub(crate) mod sweep;
pub(crate) mod template;
pub(crate) mod thread;
pub(crate) mod view;

/// How long before it is handed over a message may have been asked for, held by a pause, and still be looked for: tables are
/// kept by months of when it was asked for, and no question reads them all.
const ASKED_FOR_BEFORE: chrono::Duration = chrono::Duration::days(90);
