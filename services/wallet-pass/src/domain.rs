//! The rules of passes: links, secrets, words, when to try again. No I/O, no clock.

pub mod campaign;
pub mod link;
pub mod message;
pub mod news;
pub mod retry;
pub mod text;
pub mod view;
