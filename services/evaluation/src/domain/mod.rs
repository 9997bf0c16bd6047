//! The rules of evaluation (评价规则): pure functions over plain data. No clock, no database, no wire; who acts and
//! what time it is are arguments, and so is every threshold.
#![deny(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects
)]
#![cfg_attr(
    test,
    allow(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing,
        clippy::arithmetic_side_effects,
        reason = "a test may fail loudly"
    )
)]

pub mod budget_decision;
pub mod budget_hint;
pub mod candidate;
pub mod conflict;
pub mod ex_ante;
pub mod failure;
pub mod finding;
pub mod key_evaluation;
pub mod key_plan;
pub mod number;
pub mod object;
pub mod rectification;
pub mod rules;
pub mod scoring;
pub mod self_evaluation;
pub mod sunset_review;
pub mod task;

#[cfg(test)]
mod tests;

pub use failure::{Failure, Result};
