//! Other services' objects, as this service keeps them. Each is upserted by its name: a later event replaces what an
//! earlier one said, and repeating one changes nothing.

use chrono::NaiveDate;
use wenxiao_contract::google::r#type as wire;
use wenxiao_contract::wenxiao::common::v1 as common;
use wenxiao_kernel::{Decimal, Money};
use wenxiao_platform::convert::{Fields, account_of, enum_word, grade_of, secrecy_of};
use wenxiao_platform::{Failure, Result};

pub mod evaluation;
pub mod monitoring;
pub mod registry;
pub mod targets;

/// A day that may be missing; a wrong one is a fault of the sender's.
fn day(value: Option<&wire::Date>) -> Result<Option<NaiveDate>> {
    read(|fields| fields.optional_date("date", value))
}

/// An amount in yuan that may be missing.
fn yuan(value: Option<&wire::Money>) -> Result<Option<Decimal>> {
    Ok(money(value)?.map(Money::yuan))
}

/// An amount that may be missing.
fn money(value: Option<&wire::Money>) -> Result<Option<Money>> {
    read(|fields| fields.optional_money("amount", value))
}

/// A decimal that may be missing.
fn decimal(value: Option<&wire::Decimal>) -> Result<Option<Decimal>> {
    read(|fields| fields.optional_decimal("number", value))
}

fn read<T>(reader: impl FnOnce(&mut Fields) -> T) -> Result<T> {
    let mut fields = Fields::default();
    let value = reader(&mut fields);
    fields.check().map_err(Failure::internal)?;
    Ok(value)
}

/// The stable word of an enum's value; empty for the unspecified one.
fn word(name: &str, prefix: &str) -> String {
    enum_word(name, prefix).unwrap_or_default()
}

fn account(account: common::BudgetAccount) -> &'static str {
    account_of(account).map_or("", |account| account.as_str())
}

fn secrecy(level: common::SecrecyLevel) -> &'static str {
    secrecy_of(level).map_or("", |secrecy| secrecy.as_str())
}

fn grade(grade: common::Grade) -> &'static str {
    grade_of(grade).map_or("", |grade| grade.as_str())
}
