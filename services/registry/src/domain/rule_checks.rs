//! What the sections of a rule set must be (规则校验): bands without gaps, weights that add up, codes used once. Sections
//! are read in the contract's JSON form with its field names.

mod lights;
mod precheck;
mod recommendation;
mod reviews;
mod totals;

use std::collections::BTreeSet;

use rust_decimal::Decimal;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::Checks;
use super::rule_set::Sections;

#[derive(Clone, Copy, Deserialize)]
struct Number {
    value: Decimal,
}

fn plain(number: Option<Number>) -> Decimal {
    number.map(|number| number.value).unwrap_or_default()
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct GradeScale {
    purpose: String,
    full_score: Option<Number>,
    bands: Vec<Band>,
}

/// A band of any scale: only its lower end and what it stands for matter here.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Band {
    #[serde(alias = "level", alias = "conclusion")]
    grade: String,
    #[serde(alias = "lower_rate", alias = "lower_share")]
    lower_score: Option<Number>,
    share: Option<Number>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Weights {
    declaration_total: Option<Number>,
    execution_weight: Option<Number>,
    evaluation_total: Option<Number>,
    splits: Vec<Split>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Split {
    output: Option<Number>,
    outcome: Option<Number>,
    satisfaction: Option<Number>,
    cost: Option<Number>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Execution {
    method: String,
    bands: Vec<Band>,
    explanation_below_rate: Option<Number>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct IndicatorScore {
    excess_achievement_rate: Option<Number>,
    qualitative_bands: Vec<Band>,
    satisfaction_bands: Vec<Band>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Suspicion {
    score_gap_share: Option<Number>,
    unspent_share: Option<Number>,
}

/// A rule of a list: of a recheck, a deadline, a hint.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Coded {
    #[serde(alias = "kind")]
    code: String,
    deduction_share: Option<Number>,
    reduction_share: Option<Number>,
    trigger: String,
    grades: Vec<String>,
    execution_below_rate: Option<Number>,
}

/// Notes everything that is wrong with the sections.
pub fn check(sections: &Sections, checks: &mut Checks) {
    for (name, section) in sections {
        let at = format!("content.{name}");
        match name.as_str() {
            "grade_scales" => read::<Vec<GradeScale>>(section, &at, checks, |scales, at, checks| {
                grade_scales(scales, at, checks)
            }),
            "weights" => read(section, &at, checks, weights),
            "execution_score" => read(section, &at, checks, execution),
            "indicator_score" => read(section, &at, checks, indicator_score),
            "review" => read(section, &at, checks, reviews::review),
            "monitoring" => read(section, &at, checks, lights::monitoring),
            "ex_ante" => read(section, &at, checks, reviews::ex_ante),
            "key_evaluation" => read(section, &at, checks, reviews::key_evaluation),
            "precheck" => read(section, &at, checks, precheck::precheck),
            "recommendation" => read(section, &at, checks, recommendation::recommendation),
            "suspicion" => read(section, &at, checks, suspicion),
            "recheck_rules" | "deadlines" | "hint_rules" => {
                read::<Vec<Coded>>(section, &at, checks, |rules, at, checks| coded(rules, at, checks))
            }
            _ => {}
        }
    }
    totals::agree(sections, checks);
}

fn read<T: DeserializeOwned>(
    section: &Value,
    at: &str,
    checks: &mut Checks,
    check: fn(&T, &str, &mut Checks),
) {
    match T::deserialize(section) {
        Ok(rules) => check(&rules, at, checks),
        Err(error) => {
            checks.rule(false, at, format!("规则无法读取：{error}"), format!("cannot be read: {error}"));
        }
    }
}

/// Bands fall strictly and the last one reaches down to zero, so that every value has exactly one.
fn bands_cover(bands: &[Band], at: &str, checks: &mut Checks) {
    let lowers: Vec<Decimal> = bands.iter().map(|band| plain(band.lower_score)).collect();
    let falling = lowers.windows(2).all(|pair| matches!(pair, [upper, lower] if upper > lower));
    checks.rule(
        falling && lowers.last().is_some_and(Decimal::is_zero),
        at,
        "档次须从高到低，首尾相接，最低一档从0开始",
        "bands must fall strictly and the last must begin at zero",
    );
    let shares = bands.iter().filter_map(|band| band.share);
    checks.rule(
        shares.into_iter().all(|share| (Decimal::ZERO..=Decimal::ONE).contains(&share.value)),
        at,
        "得分比例须在0到1之间",
        "shares lie between 0 and 1",
    );
}

/// Who reaches less never gets more.
fn shares_fall(bands: &[Band], at: &str, checks: &mut Checks) {
    let shares: Vec<Decimal> = bands.iter().map(|band| plain(band.share)).collect();
    checks.rule(
        shares.windows(2).all(|pair| matches!(pair, [upper, lower] if upper >= lower)),
        at,
        "完成率越低，得分比例不能越高",
        "a lower rate cannot give a higher share",
    );
}

/// A share or rate that is given lies between 0 and 1.
fn share(number: Option<Number>, at: String, checks: &mut Checks) {
    checks.rule(
        number.is_none_or(|number| (Decimal::ZERO..=Decimal::ONE).contains(&number.value)),
        at,
        "比例须在0到1之间",
        "must lie between 0 and 1",
    );
}

/// A limit that is given is not below a value; `words` say so.
fn at_least(number: Option<Number>, least: Decimal, at: String, words: (&str, &str), checks: &mut Checks) {
    checks.rule(number.is_none_or(|number| number.value >= least), at, words.0, words.1);
}

const NOT_BELOW_ZERO: (&str, &str) = ("不能为负数", "must not be below zero");

fn once<'t>(words: impl Iterator<Item = &'t str>, at: &str, checks: &mut Checks) {
    let mut seen = BTreeSet::new();
    let twice: Vec<&str> = words.filter(|word| !seen.insert(*word)).collect();
    checks.rule(
        twice.is_empty(),
        at,
        format!("重复：{}", twice.join("、")),
        format!("used twice: {}", twice.join(", ")),
    );
}

fn total(parts: impl IntoIterator<Item = Option<Number>>) -> Decimal {
    parts.into_iter().fold(Decimal::ZERO, |sum, part| sum.saturating_add(plain(part)))
}

fn grade_scales(scales: &[GradeScale], at: &str, checks: &mut Checks) {
    once(scales.iter().map(|scale| scale.purpose.as_str()), at, checks);
    for (place, scale) in scales.iter().enumerate() {
        let here = format!("{at}[{place}].bands");
        bands_cover(&scale.bands, &here, checks);
        once(scale.bands.iter().map(|band| band.grade.as_str()), &here, checks);
        let top = scale.bands.first().map(|band| plain(band.lower_score));
        checks.rule(
            top.is_some_and(|top| top < plain(scale.full_score)),
            format!("{at}[{place}].full_score"),
            "满分须高于最高一档的起点",
            "must lie above the lower end of the best band",
        );
    }
}

fn weights(rules: &Weights, at: &str, checks: &mut Checks) {
    let declared = plain(rules.declaration_total);
    checks.rule(
        declared > Decimal::ZERO
            && total([rules.declaration_total, rules.execution_weight]) == plain(rules.evaluation_total),
        format!("{at}.evaluation_total"),
        "申报权重合计与预算执行率权重之和须等于自评总分",
        "must be the declared total and the weight of execution together",
    );
    checks.rule(
        !plain(rules.execution_weight).is_sign_negative(),
        format!("{at}.execution_weight"),
        "权重不能为负数",
        "must not be below zero",
    );
    for (place, split) in rules.splits.iter().enumerate() {
        let parts = [split.output, split.outcome, split.satisfaction, split.cost];
        checks.rule(
            parts.iter().all(|part| !plain(*part).is_sign_negative()),
            format!("{at}.splits[{place}]"),
            "权重不能为负数",
            "must not be below zero",
        );
        checks.rule(
            total(parts) == declared,
            format!("{at}.splits[{place}]"),
            "各级权重之和须等于申报权重合计",
            "must add up to the declared total",
        );
    }
}

fn execution(rules: &Execution, at: &str, checks: &mut Checks) {
    if rules.method == "METHOD_BANDED" {
        bands_cover(&rules.bands, &format!("{at}.bands"), checks);
        shares_fall(&rules.bands, &format!("{at}.bands"), checks);
    }
    share(rules.explanation_below_rate, format!("{at}.explanation_below_rate"), checks);
}

fn indicator_score(rules: &IndicatorScore, at: &str, checks: &mut Checks) {
    let here = format!("{at}.qualitative_bands");
    bands_cover(&rules.qualitative_bands, &here, checks);
    at_least(
        rules.excess_achievement_rate,
        Decimal::ONE,
        format!("{at}.excess_achievement_rate"),
        ("超额完成的界限不能低于目标值（1）", "must not lie below the target itself, which is 1"),
        checks,
    );
    once(rules.qualitative_bands.iter().map(|band| band.grade.as_str()), &here, checks);
    if !rules.satisfaction_bands.is_empty() {
        bands_cover(&rules.satisfaction_bands, &format!("{at}.satisfaction_bands"), checks);
        shares_fall(&rules.satisfaction_bands, &format!("{at}.satisfaction_bands"), checks);
    }
}

fn suspicion(rules: &Suspicion, at: &str, checks: &mut Checks) {
    share(rules.score_gap_share, format!("{at}.score_gap_share"), checks);
    share(rules.unspent_share, format!("{at}.unspent_share"), checks);
}

fn coded(rules: &[Coded], at: &str, checks: &mut Checks) {
    once(rules.iter().map(|rule| rule.code.as_str()), at, checks);
    for (place, rule) in rules.iter().enumerate() {
        share(rule.deduction_share, format!("{at}[{place}].deduction_share"), checks);
        share(rule.reduction_share, format!("{at}[{place}].reduction_share"), checks);
        share(rule.execution_below_rate, format!("{at}[{place}].execution_below_rate"), checks);
        let by_grade =
            matches!(rule.trigger.as_str(), "TRIGGER_EVALUATION_GRADE" | "TRIGGER_SELF_EVALUATION_GRADE");
        checks.rule(
            !by_grade || !rule.grades.is_empty(),
            format!("{at}[{place}].grades"),
            "按等级触发的规则须填写等级，否则永远不会触发",
            "must name grades: without one the rule is never set off",
        );
        checks.rule(
            rule.trigger != "TRIGGER_LOW_EXECUTION" || rule.execution_below_rate.is_some(),
            format!("{at}[{place}].execution_below_rate"),
            "按执行率触发的规则须填写执行率界限，否则永远不会触发",
            "must be set: without it the rule is never set off",
        );
    }
}

#[cfg(test)]
mod tests;
