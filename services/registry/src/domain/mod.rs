//! The registry's rules (规则): pure functions over plain data.
#![deny(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects
)]

pub mod budget;
pub mod cancel;
pub mod delegation;
pub mod department_budget;
pub mod engagement;
pub mod frame;
pub mod import;
pub mod indicator;
pub mod multi_year;
pub mod ownership;
pub mod participant;
pub mod plan;
pub mod policy;
pub mod project;
pub mod recommendation;
mod refusal;
pub mod rule_checks;
pub mod rule_diff;
pub mod rule_set;
pub mod rule_text;
pub mod rule_words;
pub mod template;
pub mod timeline;
pub mod training;
pub mod unit;
pub mod unit_change;

pub use refusal::{Checks, Refusal, Violation};
