//! Every statement of wallet-pass.

pub(crate) mod campaign;
pub(crate) mod google;
pub(crate) mod pass;
pub(crate) mod program;
pub(crate) mod progress;
pub(crate) mod push;
pub(crate) mod registration;
pub(crate) mod snapshot;
pub(crate) mod stopped;
#[cfg(test)]
pub(crate) mod testing;
pub(crate) mod web;
pub(crate) mod words;
