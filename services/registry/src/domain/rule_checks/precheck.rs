//! The precheck (预审): each rule, list and number once, bounds in order.

use rust_decimal::Decimal;
use serde::Deserialize;

use super::super::Checks;
use super::{NOT_BELOW_ZERO, Number, at_least, once, plain};

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Precheck {
    rules: Vec<Rule>,
    word_lists: Vec<Named>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Rule {
    code: String,
    word_lists: Vec<Named>,
    thresholds: Vec<Named>,
    unit_costs: Vec<UnitCost>,
}

/// A list of words or a number, which a rule finds by its name.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Named {
    name: String,
    value: Option<Number>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct UnitCost {
    lower: Option<Number>,
    upper: Option<Number>,
}

pub(super) fn precheck(rules: &Precheck, at: &str, checks: &mut Checks) {
    once(rules.rules.iter().map(|rule| rule.code.as_str()), &format!("{at}.rules"), checks);
    names(&rules.word_lists, format!("{at}.word_lists"), checks);
    for (place, rule) in rules.rules.iter().enumerate() {
        names(&rule.word_lists, format!("{at}.rules[{place}].word_lists"), checks);
        names(&rule.thresholds, format!("{at}.rules[{place}].thresholds"), checks);
        for (number, threshold) in rule.thresholds.iter().enumerate() {
            let here = format!("{at}.rules[{place}].thresholds[{number}].value");
            at_least(threshold.value, Decimal::ZERO, here, NOT_BELOW_ZERO, checks);
        }
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

/// Of two lists or numbers with one name a rule would never see the second.
fn names(of: &[Named], at: String, checks: &mut Checks) {
    once(of.iter().map(|one| one.name.as_str()), &at, checks);
}
