//! Wallet-pass on a real database each, before a pretend Apple and a pretend push service of browsers.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on must fail")]

mod adopted;
mod calling_off;
mod consent;
mod ending;
mod night;
mod pauses;
mod peers;
mod world;
