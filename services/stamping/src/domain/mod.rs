//! The rules of programs, cards, stamps and rewards: plain functions and types. No clock, no SQL, no wire.

mod actor;
mod card;
mod code;
mod limits;
mod operation;
mod program;
mod program_change;
mod rotating;

pub use actor::{Actor, Via};
pub use card::{Added, Begun, Card, Cycle, FIRST_VERSION, Reached, Voided, position};
pub use code::{Code, CodeKeys};
pub use limits::{Limit, LimitKind, Visit, check_limits, earned_by_amount, may_undo};
pub use operation::{Fingerprint, Kind};
pub use program::{Definition, Look, Program, RewardRule, Rules, StampShape};
pub use program_change::{LookChange, RulesChange};
pub use rotating::{Read, RotatingCode};
