//! Decimal arithmetic that says no instead of overflowing.

use rust_decimal::Decimal;

use super::{Failure, Result};

fn within(value: Option<Decimal>) -> Result<Decimal> {
    value.ok_or_else(|| Failure::invalid("amount", "the numbers are too large to compute with"))
}

/// `a + b`.
pub fn add(a: Decimal, b: Decimal) -> Result<Decimal> {
    within(a.checked_add(b))
}

/// `a − b`.
pub fn sub(a: Decimal, b: Decimal) -> Result<Decimal> {
    within(a.checked_sub(b))
}

/// `a × b`.
pub fn mul(a: Decimal, b: Decimal) -> Result<Decimal> {
    within(a.checked_mul(b))
}

/// `a ÷ b`; a zero divisor is refused, so callers decide before what it means.
pub fn div(a: Decimal, b: Decimal) -> Result<Decimal> {
    within(a.checked_div(b))
}

/// `a × b ÷ c`, multiplied first so that exact results stay exact.
pub fn mul_div(a: Decimal, b: Decimal, c: Decimal) -> Result<Decimal> {
    div(mul(a, b)?, c)
}

/// Sum of many.
pub fn sum(values: impl IntoIterator<Item = Decimal>) -> Result<Decimal> {
    values.into_iter().try_fold(Decimal::ZERO, add)
}

/// Whether a value has no more than `places` decimals.
pub fn fits(value: Decimal, places: u32) -> bool {
    value.normalize().scale() <= places
}
