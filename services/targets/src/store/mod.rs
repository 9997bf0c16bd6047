//! The SQL of targets, one file per aggregate. Every statement names its district.

pub mod assignment;
pub mod import;
pub mod objective;
pub mod opinion;
pub mod owner;
pub mod projections;
pub mod session;
pub mod similar;
pub mod statistics;
pub mod version;
pub mod window;

use std::str::FromStr;

use wenxiao_kernel::{Decimal, FiscalYear, Money, UnknownWord};
use wenxiao_platform::{Failure, Result};

/// A stored word as the member that it stands for. Data that breaks our own invariants names its column.
fn word<T: FromStr<Err = UnknownWord>>(column: &str, word: &str) -> Result<T> {
    word.parse().map_err(|error| Failure::internal(format!("{column}: {error}")))
}

/// The same where the column may be empty.
fn maybe_word<T: FromStr<Err = UnknownWord>>(column: &str, stored: Option<&str>) -> Result<Option<T>> {
    stored.map(|stored| word(column, stored)).transpose()
}

fn year(column: &str, year: i32) -> Result<FiscalYear> {
    FiscalYear::try_from(year).map_err(|error| Failure::internal(format!("{column}: {error}")))
}

fn maybe_money(column: &str, amount: Option<Decimal>) -> Result<Option<Money>> {
    let amount = amount.map(Money::from_yuan).transpose();
    amount.map_err(|error| Failure::internal(format!("{column}: {error}")))
}
