//! What is asked before money is given and after it was spent (评审、事前评估、重点评价): points that add up, conclusions that
//! can be reached.

use rust_decimal::Decimal;
use serde::Deserialize;
use serde_json::Value;

use super::super::{Checks, rule_words};
use super::{Band, NOT_BELOW_ZERO, Number, at_least, bands_cover, once, plain, total};

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Review {
    pub(super) dimensions: Vec<Dimension>,
    consequences: Vec<Band>,
    item_grade_shares: Vec<Band>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Dimension {
    #[serde(alias = "dimension")]
    code: String,
    pub(super) points: Option<Number>,
    items: Vec<Dimension>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct ExAnte {
    new_request_amount: Value,
    growth_rate: Option<Number>,
    dimensions: Vec<Dimension>,
    conclusions: Vec<Band>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct KeyEvaluation {
    framework: Vec<Dimension>,
    pub(super) full_score: Option<Number>,
    minimum_result_points: Option<Number>,
}

pub(super) fn review(rules: &Review, at: &str, checks: &mut Checks) {
    for (place, dimension) in rules.dimensions.iter().enumerate() {
        for (item, points) in dimension.items.iter().map(|item| item.points).enumerate() {
            let here = format!("{at}.dimensions[{place}].items[{item}].points");
            at_least(points, Decimal::ZERO, here, NOT_BELOW_ZERO, checks);
        }
        checks.rule(
            total(dimension.items.iter().map(|item| item.points)) == plain(dimension.points),
            format!("{at}.dimensions[{place}].points"),
            "须等于各项分值之和",
            "must be the sum of its items",
        );
    }
    once(
        rules.dimensions.iter().map(|dimension| dimension.code.as_str()),
        &format!("{at}.dimensions"),
        checks,
    );
    once(rules.consequences.iter().map(|rule| rule.grade.as_str()), &format!("{at}.consequences"), checks);
    if !rules.item_grade_shares.is_empty() {
        bands_cover(&rules.item_grade_shares, &format!("{at}.item_grade_shares"), checks);
    }
}

pub(super) fn ex_ante(rules: &ExAnte, at: &str, checks: &mut Checks) {
    let amount = rule_words::amount(&rules.new_request_amount).map(|value| Number { value });
    at_least(amount, Decimal::ZERO, format!("{at}.new_request_amount"), NOT_BELOW_ZERO, checks);
    at_least(rules.growth_rate, Decimal::ZERO, format!("{at}.growth_rate"), NOT_BELOW_ZERO, checks);
    bands_cover(&rules.conclusions, &format!("{at}.conclusions"), checks);
    let best = rules.conclusions.first().map(|band| plain(band.lower_score));
    checks.rule(
        best.is_some_and(|best| best <= total(rules.dimensions.iter().map(|dimension| dimension.points))),
        format!("{at}.conclusions[0].lower_score"),
        "最高一档的起点高于各维度分值之和，不可能达到",
        "lies above the sum of the dimensions and cannot be reached",
    );
    once(
        rules.dimensions.iter().map(|dimension| dimension.code.as_str()),
        &format!("{at}.dimensions"),
        checks,
    );
}

pub(super) fn key_evaluation(rules: &KeyEvaluation, at: &str, checks: &mut Checks) {
    for (place, points) in rules.framework.iter().map(|item| item.points).enumerate() {
        let here = format!("{at}.framework[{place}].points");
        at_least(points, Decimal::ZERO, here, NOT_BELOW_ZERO, checks);
    }
    checks.rule(
        total(rules.framework.iter().map(|item| item.points)) == plain(rules.full_score),
        format!("{at}.full_score"),
        "须等于各指标分值之和",
        "must be the sum of the framework's points",
    );
    let results = rules
        .framework
        .iter()
        .filter(|item| matches!(item.code.as_str(), "DIMENSION_OUTPUT" | "DIMENSION_OUTCOME"));
    checks.rule(
        total(results.map(|item| item.points)) >= plain(rules.minimum_result_points),
        format!("{at}.minimum_result_points"),
        "产出与效益分值之和低于规定下限",
        "outputs and outcomes have fewer points than the least that is asked",
    );
}
