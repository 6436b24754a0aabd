//! The rules of campaigns: no I/O, no clock, no wire.

pub mod at_risk;
pub mod audience;
pub mod campaign;
pub mod counts;
pub mod customer;
pub mod holdout;
pub mod lift;
pub mod send;
pub mod trigger;
pub mod wording;
