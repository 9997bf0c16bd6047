//! Evaluation on a real Postgres, through the public contract, in the roles that would do it.

mod budget_link;
mod edits;
mod ex_ante;
mod key_evaluation;
mod objective;
mod owners;
mod rectification;
mod self_evaluation;
mod support;
