//! What the end-to-end tests are written with: a real platform of real processes, and short words for what people do
//! with it. Everything is asked over the public API; only faults and a few proofs look behind it.

mod blast;
mod books;
mod campaigns;
mod document;
mod http;
mod live;
mod replica;
mod shop;
mod till;
mod wait;
mod wallets;
mod whatsapp;
mod world;

pub use blast::Blast;
pub use books::Books;
pub use document::{Document, Endpoint};
pub use http::{Answer, Api, Call, Problem};
pub use live::{Heard, Socket};
pub use replica::Replica;
pub use shop::{Customer, PASSWORD, Shop, phone, so_far};
pub use till::{Queued, Till};
pub use wait::{eventually, soon, until_none};
pub use wallets::{Wallets, subscription};
pub use whatsapp::{WhatsApp, marketing, order, order_refused, proof, zone_at};
pub use world::{Server, Shared, World, children, free_port, root, shared, signal, words};

pub use uuid::Uuid;

/// A new operation id, as a client makes one for each intent.
pub fn key() -> Uuid {
    Uuid::now_v7()
}
