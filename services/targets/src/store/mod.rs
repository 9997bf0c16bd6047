//! The SQL of targets, one file per aggregate. Every statement names its district.

pub mod assignment;
pub mod objective;
pub mod opinion;
pub mod projections;
pub mod session;
pub mod statistics;
pub mod version;

use wenxiao_kernel::{Decimal, FiscalYear, Money};
use wenxiao_platform::{Failure, Result};

/// A stored word as the member that it stands for. Data that breaks our own invariants names its column.
fn word<T>(column: &str, word: &str, from_word: impl Fn(&str) -> Option<T>) -> Result<T> {
    from_word(word).ok_or_else(|| Failure::internal(format!("{column} holds the unknown word {word:?}")))
}

/// The same where the column may be empty.
fn maybe_word<T>(
    column: &str,
    stored: Option<&str>,
    from_word: impl Fn(&str) -> Option<T>,
) -> Result<Option<T>> {
    stored.map(|stored| word(column, stored, from_word)).transpose()
}

fn year(column: &str, year: i32) -> Result<FiscalYear> {
    FiscalYear::try_from(year).map_err(|error| Failure::internal(format!("{column}: {error}")))
}

fn maybe_money(column: &str, amount: Option<Decimal>) -> Result<Option<Money>> {
    let amount = amount.map(Money::from_yuan).transpose();
    amount.map_err(|error| Failure::internal(format!("{column}: {error}")))
}
