//! Every reader of what strangers send, as a function of bytes, and what must hold whatever the bytes are. `tests/short.rs` throws
//! some at them with every `make test`; `make fuzz` lets what they do with some lead to the next, for as long as it is told to.

mod campaign;
mod card_code;
mod customers;
mod logo;
mod passkit;
mod seeds;
mod webhook;

/// A reader. It panics where it does not keep its promise.
pub struct Target {
    /// Its name: `code`.
    pub name: &'static str,
    /// Reads bytes, and tells whether it took them for what it reads.
    pub read: fn(&[u8]) -> bool,
    /// What it is made for: where the search begins.
    pub seeds: fn() -> Vec<Vec<u8>>,
}

/// All of them.
pub const TARGETS: [Target; 7] = [
    Target { name: "code", read: card_code::read, seeds: seeds::codes },
    Target { name: "customers", read: customers::read, seeds: seeds::customers },
    Target { name: "webhook", read: webhook::read, seeds: seeds::webhooks },
    Target { name: "passkit", read: passkit::read, seeds: seeds::passkit },
    Target { name: "audience", read: campaign::read_audience, seeds: seeds::campaigns },
    Target { name: "wording", read: campaign::read_wordings, seeds: seeds::campaigns },
    Target { name: "logo", read: logo::read, seeds: seeds::logos },
];

/// The bytes as a text, as far as they are one.
fn text(bytes: &[u8]) -> &str {
    match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => std::str::from_utf8(&bytes[..error.valid_up_to()]).unwrap_or_default(),
    }
}

/// A moment that stays the same, so that what is found can be found again.
fn now() -> chrono::DateTime<chrono::Utc> {
    chrono::DateTime::from_timestamp(1_795_000_000, 0).unwrap_or_default()
}
