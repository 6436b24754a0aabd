//! Enrollment on a real database each, asked over its own gRPC.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on must fail")]

mod business;
mod customers;
mod enrolling;
mod keys;
mod operations;
mod referrals;
mod sign_in;
mod starting;
mod support;
mod tills;
mod words;
