//! Every SQL statement of stamping, by noun.

pub(crate) mod business;
pub(crate) mod card;
pub(crate) mod history;
pub(crate) mod ledger;
pub(crate) mod operation;
pub(crate) mod program;
pub(crate) mod reward;
pub(crate) mod scan;
pub(crate) mod snapshot;
pub(crate) mod verify;
