//! The rules of monitoring: pure functions over plain data. What is a threshold, a band, a schedule or a deadline is
//! an argument ([`rules::Rules`]), read from the rule set that was in force.
#![deny(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects
)]

pub mod action;
pub mod alert;
pub mod coverage;
pub mod deviation;
pub mod execution;
pub mod forecast;
pub mod form;
pub mod gate;
pub mod judging;
pub mod light;
pub mod measure;
pub mod opening;
pub mod payment;
pub mod reconcile;
pub mod refusal;
pub mod report;
pub mod round;
pub mod rules;
pub mod schedule;
pub mod statistics;

#[cfg(test)]
mod tests;
