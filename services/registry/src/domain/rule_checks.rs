//! What the sections of a rule set must be (规则校验): bands without gaps, weights that add up, codes used once. Sections
//! are read in the contract's JSON form with its field names.

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
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct IndicatorScore {
    qualitative_bands: Vec<Band>,
    satisfaction_bands: Vec<Band>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Review {
    dimensions: Vec<Dimension>,
    consequences: Vec<Band>,
    item_grade_shares: Vec<Band>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Dimension {
    #[serde(alias = "dimension")]
    code: String,
    points: Option<Number>,
    items: Vec<Dimension>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Monitoring {
    budget_lights: Vec<Light>,
    indicator_lights: Vec<Light>,
    forecast_lights: Vec<Light>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Light {
    method: String,
    red_below: Option<Number>,
    yellow_below: Option<Number>,
    floors: Vec<Floor>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Floor {
    month: i32,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct ExAnte {
    dimensions: Vec<Dimension>,
    conclusions: Vec<Band>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct KeyEvaluation {
    framework: Vec<Dimension>,
    full_score: Option<Number>,
    minimum_result_points: Option<Number>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Coded {
    #[serde(alias = "kind")]
    code: String,
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
            "review" => read(section, &at, checks, review),
            "monitoring" => read(section, &at, checks, monitoring),
            "ex_ante" => read(section, &at, checks, ex_ante),
            "key_evaluation" => read(section, &at, checks, key_evaluation),
            "recheck_rules" | "deadlines" | "hint_rules" => {
                read::<Vec<Coded>>(section, &at, checks, |rules, at, checks| unique_codes(rules, at, checks))
            }
            _ => {}
        }
    }
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
    for (place, split) in rules.splits.iter().enumerate() {
        checks.rule(
            total([split.output, split.outcome, split.satisfaction, split.cost]) == declared,
            format!("{at}.splits[{place}]"),
            "各级权重之和须等于申报权重合计",
            "must add up to the declared total",
        );
    }
}

fn execution(rules: &Execution, at: &str, checks: &mut Checks) {
    if rules.method == "METHOD_BANDED" {
        bands_cover(&rules.bands, &format!("{at}.bands"), checks);
    }
}

fn indicator_score(rules: &IndicatorScore, at: &str, checks: &mut Checks) {
    let here = format!("{at}.qualitative_bands");
    bands_cover(&rules.qualitative_bands, &here, checks);
    once(rules.qualitative_bands.iter().map(|band| band.grade.as_str()), &here, checks);
    if !rules.satisfaction_bands.is_empty() {
        bands_cover(&rules.satisfaction_bands, &format!("{at}.satisfaction_bands"), checks);
    }
}

fn review(rules: &Review, at: &str, checks: &mut Checks) {
    for (place, dimension) in rules.dimensions.iter().enumerate() {
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

fn monitoring(rules: &Monitoring, at: &str, checks: &mut Checks) {
    for (name, lights) in [
        ("budget_lights", &rules.budget_lights),
        ("indicator_lights", &rules.indicator_lights),
        ("forecast_lights", &rules.forecast_lights),
    ] {
        for (place, light) in lights.iter().enumerate() {
            let months: Vec<i32> = light.floors.iter().map(|floor| floor.month).collect();
            let sound = if light.method == "METHOD_STAGED_FLOORS" {
                !months.is_empty() && months.windows(2).all(|pair| matches!(pair, [one, next] if one < next))
            } else {
                plain(light.red_below) < plain(light.yellow_below)
            };
            checks.rule(
                sound,
                format!("{at}.{name}[{place}]"),
                "红灯界限须低于黄灯界限；阶段要求须按月份先后排列",
                "red must lie below yellow; floors must follow the months",
            );
        }
    }
}

fn ex_ante(rules: &ExAnte, at: &str, checks: &mut Checks) {
    bands_cover(&rules.conclusions, &format!("{at}.conclusions"), checks);
    once(
        rules.dimensions.iter().map(|dimension| dimension.code.as_str()),
        &format!("{at}.dimensions"),
        checks,
    );
}

fn key_evaluation(rules: &KeyEvaluation, at: &str, checks: &mut Checks) {
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

fn unique_codes(rules: &[Coded], at: &str, checks: &mut Checks) {
    once(rules.iter().map(|rule| rule.code.as_str()), at, checks);
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn wrong(name: &str, section: Value) -> Vec<String> {
        let mut checks = Checks::default();
        check(&Sections::from([(name.to_owned(), section)]), &mut checks);
        checks.violations().iter().map(|violation| violation.field.clone()).collect()
    }

    fn scale(lowers: &[&str]) -> Value {
        let bands: Vec<Value> = lowers
            .iter()
            .enumerate()
            .map(|(place, lower)| json!({"grade": place.to_string(), "lower_score": {"value": lower}}))
            .collect();
        json!([{"purpose": "SCORE_PURPOSE_DEFAULT", "full_score": {"value": "100"}, "bands": bands}])
    }

    #[test]
    fn a_scale_has_no_gaps() {
        assert!(wrong("grade_scales", scale(&["90", "80", "60", "0"])).is_empty());
        assert!(!wrong("grade_scales", scale(&["90", "80", "60"])).is_empty(), "nothing below 60");
        assert!(!wrong("grade_scales", scale(&["90", "90", "0"])).is_empty(), "two bands at 90");
        assert!(!wrong("grade_scales", scale(&["100", "0"])).is_empty(), "the best band is empty");
        assert!(!wrong("grade_scales", scale(&[])).is_empty());
    }

    #[test]
    fn weights_add_up_exactly() {
        let rules = |execution: &str, output: &str| {
            json!({
                "declaration_total": {"value": "90"}, "execution_weight": {"value": execution},
                "evaluation_total": {"value": "100"},
                "splits": [{"output": {"value": output}, "outcome": {"value": "22.5"},
                            "satisfaction": {"value": "22.5"}, "cost": {"value": "22.5"}}],
            })
        };
        assert!(wrong("weights", rules("10", "22.5")).is_empty());
        assert_eq!(
            wrong("weights", rules("20", "22.4")),
            ["content.weights.evaluation_total", "content.weights.splits[0]"]
        );
    }

    #[test]
    fn codes_are_used_once_and_lights_are_ordered() {
        assert_eq!(wrong("hint_rules", json!([{"code": "a"}, {"code": "a"}])), ["content.hint_rules"]);
        assert!(wrong("deadlines", json!([{"kind": "A"}, {"kind": "B"}])).is_empty());
        let light = |red: &str| json!({"budget_lights": [{"red_below": {"value": red}, "yellow_below": {"value": "80"}}]});
        assert!(wrong("monitoring", light("60")).is_empty());
        assert_eq!(wrong("monitoring", light("80")), ["content.monitoring.budget_lights[0]"]);
    }

    #[test]
    fn what_cannot_be_read_is_said() {
        assert_eq!(wrong("weights", json!({"declaration_total": {"value": "ninety"}})), ["content.weights"]);
    }
}
