//! The rules, as plain functions and types: no database, no clock, no wire.

pub mod access;
pub mod birthday;
pub mod business;
pub mod consent;
pub mod credentials;
pub mod customer;
pub mod device;
pub mod import;
pub mod keys;
pub mod name;
pub mod referral;
pub mod refresh;
pub mod search;
pub mod token;
pub mod tries;
pub mod word;
