//! Google Wallet: a class for each program, an object for each card, save links, messages and callbacks.
//!
//! - [`look`] says what a class and an object hold: plain functions, no I/O.
//! - [`Client`] writes them. It never repeats a failed write by itself; [`Failure`] says what its caller must do.
//! - [`callback`] tells Google's word that a pass was saved or deleted from anybody else's.
//!
//! Nothing here keeps a state beyond a token and Google's keys. How many notifications a pass has had, which callbacks
//! were seen and how many requests all replicas make a second is for the caller to keep; [`Client::paced_by`] lets it
//! count every request where it happens.
//!
//! Facts of the protocol are from the API's discovery document (revision 20260806) unless another source is named.

mod account;
pub mod callback;
mod client;
mod failure;
mod http;
pub mod look;
mod settings;
mod shared;
mod tokens;

pub use client::{Client, Gate, Kept, Message, Notify, Written};
pub use failure::Failure;
pub use http::AddressError;
pub use settings::{Settings, SettingsError};
