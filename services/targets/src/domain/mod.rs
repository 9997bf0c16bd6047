//! The rules of performance objectives: forms and their faults, weights, the way from draft to ratification, the
//! four-property review, conflicts of interest, coverage. Pure functions over plain data; what differs by year and
//! district comes in as rule data ([`rules`]).
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

pub mod action;
pub mod compare;
pub mod conflict;
pub mod coverage;
pub mod draw;
pub mod form;
pub mod objective;
pub mod opinion;
pub mod precheck;
pub mod remark;
pub mod rules;
pub mod session;
pub mod sheet;
pub mod target;
pub mod task;
pub mod weights;
pub mod window;
pub mod workflow;

#[cfg(test)]
mod tests;
