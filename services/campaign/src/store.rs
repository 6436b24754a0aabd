//! Every statement of campaign.

pub(crate) mod audience;
pub(crate) mod business;
pub(crate) mod campaign;
pub(crate) mod claim;
pub(crate) mod expression;
pub(crate) mod fired;
pub(crate) mod hold;
pub(crate) mod progress;
pub(crate) mod reach;
pub(crate) mod rebuild;
pub(crate) mod results;
pub(crate) mod send;
pub(crate) mod tally;
