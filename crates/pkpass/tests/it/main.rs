//! Whole passes: signed, opened, broken in every way that is known, and verified by a program that is not ours.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop where it is")]

mod bundle;
mod complaints;
mod content;
mod harness;
mod openssl;
mod p12;
mod package;
mod signature;
