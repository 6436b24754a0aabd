//! The growth document's tables, with its own numbers: each is made again from its assumptions within the rounding that is
//! stated, or a test says that it does not follow.

mod activity;
mod contradictions;
mod costs;
mod deployment;
mod load;
mod market;
mod messages;
mod network;
mod report;
mod scenarios;
mod sizes;
mod storage;

use growth::Assumptions;

const PLANNED: Assumptions = Assumptions::PLANNED;

/// What is computed is what is written, if the last digit of what is written may be rounded.
#[track_caller]
fn is(computed: f64, written: f64, rounding: f64) {
    assert!((computed - written).abs() <= rounding, "{computed} is not {written} ± {rounding}");
}

/// What is written is so many times what is computed, give or take a twentieth.
#[track_caller]
fn is_off_by(written: f64, computed: f64, times: f64) {
    let factor = written / computed;
    assert!((factor / times - 1.0).abs() < 0.05, "{written} is {factor} times {computed}, not {times}");
}
