//! Campaigns on a real database, with a pretend messaging beside them.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking, its helpers too")]

mod access;
mod audience;
mod automations;
mod called_off;
mod launching;
mod nights;
mod planning;
mod projection;
mod race;
mod rebuilding;
mod results;
mod statuses;
mod support;
