//! The growth document as a model: from what it assumes to what it says, to what we run, and to where it contradicts itself.
//!
//! Nothing here reads files, talks to a network or asks for the time: numbers come in, numbers and plain text go out.
//!
//! - [`Assumptions`] are what everything rests on, each with the section of the document it stands in, or marked as ours.
//! - [`Scenario`], [`Market`], [`Activity`], [`Messages`], [`queries`], [`storage`] and [`network`] make the document's tables
//!   again. Where a table does not follow from its assumptions, the document's own number stands beside the computed one.
//! - [`Sheets`] are those tables, the document's numbers beside ours, and the contradiction where they differ.
//! - [`Workload`] is the mix of a load test at a multiple of the planned peak.
//! - [`Deployment`] sizes a year: replicas, connections, storage, messaging tier, cost.
//! - [`contradictions`] lists where the document disagrees with itself, with the number we plan for and why.
//! - [`Report`] is all of it as text.
//!
//! # Which number is planned for
//!
//! Where a higher number costs next to nothing (requests, sockets, queries), we plan for the higher one of the document's
//! tables, although its units slipped: two replicas, which availability asks for anyway, carry it. Where money or somebody
//! else's limit hangs on the number (messages, storage, revenue), we plan for what follows from the assumptions.
//!
//! ```
//! use growth::{Assumptions, Multiple, Report, Workload, Year};
//!
//! let load = Workload::planned(2_000, Multiple::LOAD_TEST, &Assumptions::PLANNED);
//! assert_eq!(load.per_second().round(), 351.0);
//! assert_eq!((load.sockets(), load.frames_per_second.round()), (3_780, 1_008.0));
//! print!("{}", Report::new(Year::Three, Multiple::LOAD_TEST));
//! ```

mod activity;
mod assumptions;
mod connections;
mod contradiction;
mod cost;
mod deployment;
mod market;
mod messages;
pub mod network;
pub mod queries;
mod report;
mod scenario;
mod section;
mod sheet;
pub mod storage;
mod table;
mod tier;
mod workload;
mod year;

pub use activity::Activity;
pub use assumptions::{Assumption, Assumptions};
pub use connections::Connections;
pub use contradiction::{Contradiction, Weight, contradictions};
pub use cost::{Bill, Cost, DOCUMENT_EXTERNAL, DOCUMENT_YEAR_1, DOCUMENT_YEAR_3, document_total};
pub use deployment::{Deployment, Service, Size};
pub use market::Market;
pub use messages::Messages;
pub use report::Report;
pub use scenario::{Quarter, Scenario};
pub use section::Section;
pub use sheet::{Cell, Line, Sheet, Sheets};
pub use tier::{Tier, TierStep, steps};
pub use workload::{Multiple, Request, Workload};
pub use year::Year;
