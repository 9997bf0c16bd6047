//! Between the contract's messages and the domain.

pub mod consequence;
pub mod execution;
pub mod forecast;
pub mod gate;
pub mod report;
pub mod round;

use std::str::FromStr;

use wenxiao_contract::google::r#type::Decimal as WireDecimal;
use wenxiao_contract::wenxiao::common::v1 as common;
use wenxiao_contract::wenxiao::monitoring::v1 as wire;
use wenxiao_kernel::{BudgetAccount, Decimal};
use wenxiao_platform::convert;

use crate::domain::coverage::LightCounts;
use crate::domain::light::Light;

/// The word of a contract enum's value as a member of our vocabulary; `None` for the unspecified one.
fn member<T: FromStr>(name: &str, prefix: &str) -> Option<T> {
    convert::enum_word(name, prefix).and_then(|word| word.parse().ok())
}

/// A decimal with its scale kept.
fn fraction(value: Decimal) -> Option<WireDecimal> {
    Some(convert::decimal(value))
}

/// A light; unspecified when nothing was judged.
pub fn light(light: Option<Light>) -> i32 {
    let light = match light {
        None => wire::Light::Unspecified,
        Some(Light::Red) => wire::Light::Red,
        Some(Light::Yellow) => wire::Light::Yellow,
        Some(Light::Green) => wire::Light::Green,
        Some(Light::Blue) => wire::Light::Blue,
    };
    light.into()
}

/// The light that a filter asks for.
pub fn light_of(light: wire::Light) -> Option<Light> {
    member(light.as_str_name(), "LIGHT_")
}

/// Lights of many objects.
fn light_counts(counts: &LightCounts) -> wire::LightCounts {
    wire::LightCounts {
        red_count: counts.red,
        yellow_count: counts.yellow,
        green_count: counts.green,
        blue_count: counts.blue,
        unjudged_count: counts.unjudged,
    }
}

/// An account; unspecified for none.
fn account(account: Option<BudgetAccount>) -> i32 {
    account.map_or(common::BudgetAccount::Unspecified, convert::account).into()
}
