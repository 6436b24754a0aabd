//! The rules of messages: what may go out, when, at what price, and what an answer means. No I/O, no clock.

pub mod address;
pub mod circuit;
pub mod fairness;
pub mod holds;
pub mod hours;
pub mod id;
pub mod market;
pub mod meaning;
pub mod outcome;
pub mod pace;
pub mod price;
pub mod quality;
pub mod replies;
pub mod reserve;
pub mod routing;
pub mod signature;
pub mod status;
pub mod template;
pub mod tier;
pub mod twiml;
