//! The precheck (预审): each rule once, bounds in order.

use rust_decimal::Decimal;
use serde::Deserialize;

use super::super::Checks;
use super::{Number, once, plain};

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Precheck {
    rules: Vec<Rule>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Rule {
    code: String,
    unit_costs: Vec<UnitCost>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct UnitCost {
    lower: Option<Number>,
    upper: Option<Number>,
}

pub(super) fn precheck(rules: &Precheck, at: &str, checks: &mut Checks) {
    once(rules.rules.iter().map(|rule| rule.code.as_str()), &format!("{at}.rules"), checks);
    for (place, rule) in rules.rules.iter().enumerate() {
        for (bound, cost) in rule.unit_costs.iter().enumerate() {
            let (lower, upper) = (plain(cost.lower), plain(cost.upper));
            checks.rule(
                lower >= Decimal::ZERO && lower <= upper,
                format!("{at}.rules[{place}].unit_costs[{bound}]"),
                "单位成本下限不能为负，也不能大于上限",
                "the lower bound is not below zero and not above the upper one",
            );
        }
    }
}
