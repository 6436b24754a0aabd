//! The Google part against a wallet and phones that are real servers and clients on loopback.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on must fail")]

mod callbacks;
mod failures;
mod messages;
mod support;
mod tokens;
mod writing;
