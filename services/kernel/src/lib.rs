//! The vocabulary that every service speaks (词汇): districts, years, money, scores, grades, explanations, time.
//! Pure values without IO; everything checks itself when it is made, so that what exists is valid.
#![deny(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    missing_docs
)]
#![cfg_attr(
    test,
    allow(clippy::unwrap_used, clippy::arithmetic_side_effects, reason = "a test may fail loudly")
)]

extern crate self as wenxiao_kernel;

#[doc(hidden)]
pub use serde;

pub mod calendar;
mod clock;
mod district;
mod explanation;
mod money;
pub mod name;
mod printed;
pub mod rounding;
mod vocabulary;
mod year;

pub use clock::{Clock, day_in_china};
pub use district::{DistrictCode, DistrictLevel, InvalidDistrict};
pub use explanation::{Explanation, Input, Step};
pub use money::{Money, MoneyError};
pub use printed::{AmountUnit, Bound, PrintedAmount, PrintedAmountError};
pub use rust_decimal::Decimal;
pub use vocabulary::{BudgetAccount, Grade, Operator, Secrecy, UnknownWord};
pub use year::{FiscalYear, InvalidYear};
