//! Every SQL statement of this service, split by noun. Every statement about a tenant's rows names the business.

pub mod api_key;
pub mod audit;
pub mod business;
pub mod consent;
pub mod contact;
pub mod customer;
pub mod device;
pub mod holder;
pub mod key;
pub mod member;
pub mod operation;
pub mod referral;
pub mod session;
pub mod snapshot;
pub mod tries;
pub mod upkeep;
pub mod word;

/// True where a statement failed because it would have broken this constraint.
pub fn breaks(error: &sqlx::Error, constraint: &str) -> bool {
    error.as_database_error().and_then(|cause| cause.constraint()) == Some(constraint)
}
