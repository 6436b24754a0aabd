//! How a process of Sello lives: its settings, telemetry, database, tokens, links to other services, health and
//! end. What a process does stands in the services; nothing here knows a rule of theirs.

pub mod admin;
pub mod auth;
pub mod database;
pub mod drain;
mod instrument;
mod link;
pub mod migration;
pub mod partition;
mod parts;
mod problem;
mod replicas;
mod serve;
pub mod settings;
mod statements;
mod stop;
pub mod telemetry;
pub mod trace;

pub use instrument::{Instrument, InstrumentLayer};
pub use link::Link;
pub use parts::{Listener, in_parts};
pub use problem::{Problem, database_status, internal_status, is_conflict, is_passing};
pub use serve::{Running, listen, serve};
pub use stop::{Stop, stop_on_signal};

/// Of every process: many small pieces that live as long as a request are what it is made for.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Chooses the one TLS provider of the process. Called first in every main; harmless when called again.
pub fn install_crypto() {
    // An error means that another call came first, which is what we want.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
}
