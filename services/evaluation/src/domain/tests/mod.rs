//! The worked values of the domain description, and properties of every formula.

mod budget;
mod flows;
mod properties;
mod ratified;
pub(crate) mod rules;
mod scoring;

use rust_decimal::Decimal;
use wenxiao_kernel::Money;

pub(crate) fn dec(text: &str) -> Decimal {
    text.parse().unwrap()
}

pub(crate) fn yuan(text: &str) -> Money {
    Money::from_yuan(dec(text)).unwrap()
}
