//! The gateway: the one door to Sello.
//!
//! It serves the pages and the HTTP API, verifies who is calling, limits, speaks gRPC to the services that own the data,
//! and shows the event stream over WebSockets. It keeps nothing: no store, and no truth of its own.

mod apology;
mod auth;
mod config;
mod csv;
mod docs;
mod edge;
mod error;
mod failures;
mod idempotency;
mod json;
mod limits;
mod live;
mod names;
mod openapi;
mod pages;
mod platform;
mod poster;
pub mod probe;
mod routes;
mod server;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
mod texts;
mod wire;

pub use config::{Config, LimitSettings, Networks, Rate, Switch};
pub use server::{Gateway, Links, openapi_json, start};
