//! The only room with SQL. Every statement names its district, which forced row-level security checks again.

pub mod alert;
pub mod calendar;
pub mod coverage;
pub mod department_totals;
pub mod execution;
pub mod forecast;
pub mod gate;
pub mod measure;
pub mod milestone;
pub mod opening;
pub mod owner;
pub mod payment;
pub mod projections;
pub mod report;
pub mod revision;
pub mod round;
pub mod rules;

use std::str::FromStr;

use wenxiao_kernel::{Decimal, FiscalYear, Money};
use wenxiao_platform::{Failure, Result};

/// A stored word of one of our vocabularies. That it is none would be a fault of ours.
fn word<T: FromStr>(text: &str) -> Result<T>
where
    T::Err: std::fmt::Display,
{
    text.parse().map_err(Failure::internal)
}

/// A stored amount.
fn money(yuan: Decimal) -> Result<Money> {
    Money::from_yuan(yuan).map_err(Failure::internal)
}

/// A stored year.
fn year(number: i32) -> Result<FiscalYear> {
    FiscalYear::try_from(number).map_err(Failure::internal)
}

/// Fails when an update met another version than the one that was locked.
fn updated(rows: u64, resource: &str) -> Result<()> {
    if rows == 1 { Ok(()) } else { Err(Failure::etag_mismatch(resource)) }
}
