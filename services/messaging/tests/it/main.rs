//! Messaging on a real database each, before a pretend WhatsApp, asked over its own gRPC.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on must fail")]

mod answers;
mod doubts;
mod giving_up;
mod handing;
mod inbox;
mod money;
mod operators;
mod pausing;
mod peers;
mod persons;
mod quality;
mod replicas;
mod templates;
mod world;
