//! The rules of figures: what a fact adds where, and what the sums say. No I/O, no clock.

pub mod calendar;
pub mod changes;
pub mod dashboard;
pub mod fact;
pub mod figures;
pub mod lag;
pub mod message;
pub mod reward;
pub mod segment;
pub mod visit;
