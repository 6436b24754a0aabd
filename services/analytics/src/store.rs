//! Every statement of analytics. Batches are written as arrays; a statement never runs once per event.

pub(crate) mod business;
pub(crate) mod customer;
pub(crate) mod housekeeping;
pub(crate) mod message;
pub(crate) mod replica;
pub(crate) mod reward;
pub(crate) mod segment;
pub(crate) mod slot;
pub(crate) mod total;
pub(crate) mod visit;
