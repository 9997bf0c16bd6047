//! Scoring (评分): budget execution, indicators, the whole form, and what looks suspicious in it.

pub mod execution;
pub mod form;
pub mod indicator;
pub mod suspicion;
