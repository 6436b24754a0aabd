//! Every SQL statement of stamping, by noun.

pub mod business;
pub mod card;
pub mod history;
pub mod ledger;
pub mod operation;
pub mod partition;
pub mod program;
pub mod reward;
pub mod scan;
pub mod verify;
