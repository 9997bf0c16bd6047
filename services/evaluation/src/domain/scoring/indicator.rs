//! Score of one indicator (指标得分): by operator, by level, by satisfaction, or yes and no. Never above the weight,
//! never below zero, rounded half up where the rule set says.

use kernel::rounding::half_up;
use kernel::{Explanation, Operator, Step};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use wenxiao_kernel as kernel;
use wenxiao_kernel::vocabulary;

use super::super::number::{add, div, mul, mul_div, sub};
use super::super::rules::{EqualTarget, IndicatorRules, Level, LowerIsBetter, Sourced, ZeroTarget};
use super::super::{Failure, Result};
use super::execution::share_of;

/// What an indicator reached (完成值). Not reported is the absence of a value, and neither zero nor "not applicable".
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Actual {
    /// A number in the indicator's unit.
    Number(Decimal),
    /// A level of a qualitative indicator.
    Level(Level),
    /// Done or not.
    Done(bool),
    /// The indicator did not apply (不适用).
    NotApplicable,
}

vocabulary! {
    /// How an indicator is scored (评分方式).
    Method {
        /// Compared by the operator.
        Quantitative = "quantitative",
        /// A person chooses inside the band of the level.
        Qualitative = "qualitative",
        /// Bands over a satisfaction rate.
        Satisfaction = "satisfaction",
        /// Full points or none.
        YesNo = "yes_no",
    }
}

/// What is needed to score an indicator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Measured<'a> {
    /// Identifier, for messages.
    pub id: &'a str,
    /// Comparison.
    pub operator: Option<Operator>,
    /// Target value; the lower bound of a range.
    pub target: Option<Decimal>,
    /// Upper bound of a range.
    pub upper: Option<Decimal>,
    /// Unit of measure.
    pub unit: &'a str,
    /// How it is scored.
    pub method: Method,
    /// Points that can be reached.
    pub weight: Decimal,
    /// What was reached; none when not reported.
    pub actual: Option<Actual>,
    /// Score that a person chose; needed for a qualitative indicator.
    pub chosen: Option<Decimal>,
}

/// What scoring gave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IndicatorScore {
    /// The score; none when it does not apply or something is missing.
    pub score: Option<Decimal>,
    /// Whether the indicator counts at all.
    pub applicable: bool,
    /// Whether the target was met; none when nothing was compared.
    pub met: Option<bool>,
    /// Whether far more was reached than set as target (超额完成).
    pub excessive: bool,
    /// How the score came about.
    pub explanation: Explanation,
}

/// A formula's answer before rounding: the share of the weight as a fraction, so that nothing is divided too early.
struct Raw {
    rule: &'static str,
    formula: &'static str,
    share: (Decimal, Decimal),
    met: bool,
    excessive: bool,
}

impl Raw {
    fn missed(rule: &'static str, formula: &'static str, share: (Decimal, Decimal)) -> Self {
        Self { rule, formula, share, met: false, excessive: false }
    }

    fn all_or_nothing(rule: &'static str, formula: &'static str, met: bool) -> Self {
        let share = if met { Decimal::ONE } else { Decimal::ZERO };
        Self { rule, formula, share: (share, Decimal::ONE), met, excessive: false }
    }
}

/// Scores an indicator.
pub fn score(
    rules: Sourced<'_, &IndicatorRules>,
    indicator: &Measured<'_>,
    places: u32,
) -> Result<IndicatorScore> {
    let Some(actual) = indicator.actual else {
        return Ok(unscored(rules.rule_set, "not_reported", "未填报完成值", true));
    };
    if actual == Actual::NotApplicable {
        return Ok(unscored(rules.rule_set, "not_applicable", "不适用，不计分也不计入满分", false));
    }
    match (indicator.method, actual) {
        (Method::Qualitative, Actual::Level(level)) => qualitative(rules, indicator, level, places),
        (Method::YesNo, Actual::Done(done)) => {
            let raw = Raw::all_or_nothing("yes_no", "完成得满分，未完成不得分", done);
            finish(rules, indicator, if done { "是" } else { "否" }.to_owned(), raw, places)
        }
        (Method::Satisfaction, Actual::Number(value)) if banded(rules.rule, indicator.unit) => {
            let rate = div(value, Decimal::ONE_HUNDRED)?;
            let raw = Raw {
                rule: "satisfaction",
                formula: "分值 × 满意度所在档次的比例",
                share: (share_of(&rules.rule.satisfaction, rate), Decimal::ONE),
                met: indicator.target.is_none_or(|target| value >= target),
                excessive: false,
            };
            finish(rules, indicator, value.to_string(), raw, places)
        }
        (Method::Quantitative | Method::Satisfaction, Actual::Number(value)) => {
            let raw = compare(rules.rule, indicator, value)?;
            finish(rules, indicator, value.to_string(), raw, places)
        }
        _ => Err(Failure::invalid(
            format!("{}.actual", indicator.id),
            "the value is not of the kind that the indicator is scored by",
        )),
    }
}

/// Bands over satisfaction are rates; a survey that counts in points is compared like any other number.
fn banded(rules: &IndicatorRules, unit: &str) -> bool {
    !rules.satisfaction.is_empty() && matches!(unit, "%" | "％")
}

fn compare(rules: &IndicatorRules, indicator: &Measured<'_>, actual: Decimal) -> Result<Raw> {
    let missing = |part: &str| Failure::Incomplete { missing: vec![format!("{}.{part}", indicator.id)] };
    let operator = indicator.operator.ok_or_else(|| missing("operator"))?;
    let target = indicator.target.ok_or_else(|| missing("target_value"))?;
    match operator {
        Operator::AtLeast => higher(rules, target, actual, actual >= target),
        Operator::MoreThan => higher(rules, target, actual, actual > target),
        Operator::AtMost => lower(rules, target, actual, actual <= target),
        Operator::LessThan => lower(rules, target, actual, actual < target),
        Operator::Equal => equal(rules, target, actual),
        Operator::Range => {
            let upper = indicator.upper.ok_or_else(|| missing("target_upper_value"))?;
            if actual < target {
                higher(rules, target, actual, false)
            } else {
                lower(rules, upper, actual, actual <= upper)
            }
        }
        Operator::Qualitative => Err(Failure::invalid(
            format!("{}.operator", indicator.id),
            "a qualitative target cannot be compared",
        )),
    }
}

/// A target of zero or below has no ratio: it is met or missed. "≥0" and "0 incidents" are normal targets.
fn without_ratio(rules: &IndicatorRules, target: Decimal, actual: Decimal, met: bool) -> Raw {
    let met =
        if target.is_zero() && rules.zero_target == ZeroTarget::ExactZero { actual.is_zero() } else { met };
    Raw::all_or_nothing("zero_target", "目标值不大于零：达到得满分，否则不得分", met)
}

fn higher(rules: &IndicatorRules, target: Decimal, actual: Decimal, met: bool) -> Result<Raw> {
    if target <= Decimal::ZERO {
        return Ok(without_ratio(rules, target, actual, met));
    }
    if !met {
        return Ok(Raw::missed("proportional", "分值 × 完成值 ÷ 目标值", (actual, target)));
    }
    let Some(limit) = rules.excess_from.filter(|limit| mul(target, *limit).is_ok_and(|far| actual >= far))
    else {
        return Ok(Raw::all_or_nothing("met", "达到目标值得满分", true));
    };
    if !rules.excess_deducted {
        let formula = "达到目标值得满分；超额过多须说明原因，不扣分";
        return Ok(Raw { excessive: true, ..Raw::all_or_nothing("excess_noted", formula, true) });
    }
    Ok(Raw {
        rule: "excess_deducted",
        formula: "分值 × (1 − (完成值 ÷ 目标值 − 超额界限))",
        share: (sub(mul(target, add(Decimal::ONE, limit)?)?, actual)?, target),
        met: true,
        excessive: true,
    })
}

fn lower(rules: &IndicatorRules, target: Decimal, actual: Decimal, met: bool) -> Result<Raw> {
    if target <= Decimal::ZERO {
        return Ok(without_ratio(rules, target, actual, met));
    }
    if met {
        return Ok(Raw::all_or_nothing("met", "不超过目标值得满分", true));
    }
    Ok(match rules.lower_is_better {
        LowerIsBetter::Ratio => Raw::missed("lower_ratio", "分值 × 目标值 ÷ 完成值", (target, actual)),
        LowerIsBetter::Linear => Raw::missed(
            "lower_linear",
            "分值 × (1 − (完成值 − 目标值) ÷ 目标值)，达到目标值两倍不得分",
            (sub(target, sub(actual, target)?)?, target),
        ),
    })
}

fn equal(rules: &IndicatorRules, target: Decimal, actual: Decimal) -> Result<Raw> {
    let met = actual == target;
    if target <= Decimal::ZERO {
        return Ok(without_ratio(rules, target, actual, met));
    }
    Ok(match rules.equal_target {
        EqualTarget::Exact => Raw::all_or_nothing("equal_exact", "等于目标值得满分，否则不得分", met),
        EqualTarget::ProportionalBelow => Raw {
            met,
            ..Raw::missed(
                "equal_proportional",
                "达到目标值得满分，否则分值 × 完成值 ÷ 目标值",
                (actual, target),
            )
        },
        EqualTarget::Deviation => Raw {
            met,
            ..Raw::missed(
                "equal_deviation",
                "分值 × (1 − |完成值 − 目标值| ÷ 目标值)",
                (sub(target, sub(actual, target)?.abs())?, target),
            )
        },
    })
}

fn finish(
    rules: Sourced<'_, &IndicatorRules>,
    indicator: &Measured<'_>,
    actual: String,
    raw: Raw,
    places: u32,
) -> Result<IndicatorScore> {
    let (part, whole) = raw.share;
    let exact = mul_div(indicator.weight, part, whole)?;
    let score = half_up(exact.clamp(Decimal::ZERO, indicator.weight), places);
    let explanation = explain(rules.rule_set, indicator, &actual, &raw, score);
    Ok(IndicatorScore {
        score: Some(score),
        applicable: true,
        met: Some(raw.met),
        excessive: raw.excessive,
        explanation,
    })
}

fn explain(rule_set: &str, indicator: &Measured<'_>, actual: &str, raw: &Raw, score: Decimal) -> Explanation {
    let target = indicator.target.map_or_else(|| "无".to_owned(), |t| t.to_string());
    let mut step = Step::new("指标得分", raw.formula, score)
        .input("分值", indicator.weight)
        .input("目标值", &target)
        .input("完成值", actual);
    if let Some(upper) = indicator.upper {
        step = step.input("目标值上限", upper);
    }
    let unit = indicator.unit;
    Explanation::by(rule_set, format!("self_evaluation.indicator.{}", raw.rule)).step(step).concluding(
        format!("目标值{target}{unit}，完成值{actual}{unit}，得{score}分（满分{}分）", indicator.weight),
        format!("Target {target}{unit}, actual {actual}{unit}: {score} of {} points", indicator.weight),
    )
}

/// Lowest score of a level's band, highest, and whether the highest is in it.
pub fn band(rules: &IndicatorRules, level: Level, weight: Decimal) -> Result<(Decimal, Decimal, bool)> {
    let mut better = None;
    for band in &rules.levels {
        if band.level == level {
            let highest = better.map_or(Ok(weight), |share| mul(weight, share))?;
            return Ok((mul(weight, band.lower_share)?, highest, better.is_none()));
        }
        better = Some(band.lower_share);
    }
    Err(Failure::RulesMissing { section: "indicator_score.qualitative_bands" })
}

fn qualitative(
    rules: Sourced<'_, &IndicatorRules>,
    indicator: &Measured<'_>,
    level: Level,
    places: u32,
) -> Result<IndicatorScore> {
    let (lowest, highest, closed) = band(rules.rule, level, indicator.weight)?;
    let Some(chosen) = indicator.chosen else {
        return Ok(unscored(rules.rule_set, "qualitative", "定性指标须在等次区间内评分", true));
    };
    if chosen < lowest || chosen > highest || (chosen == highest && !closed) {
        return Err(Failure::ScoreOutOfBand { indicator: indicator.id.to_owned(), lowest, highest });
    }
    let score = half_up(chosen, places);
    let (words, met) = match level {
        Level::Achieved => ("达成年度指标", true),
        Level::PartlyAchieved => ("部分达成并具有一定效果", false),
        Level::NotAchieved => ("未达成且效果较差", false),
    };
    let end = if closed { "]" } else { ")" };
    let explanation = Explanation::by(rules.rule_set, "self_evaluation.indicator.qualitative")
        .step(
            Step::new("指标得分", "在完成等次的得分区间内评分", score)
                .input("分值", indicator.weight)
                .input("完成等次", words)
                .input("得分区间", format!("[{}, {}{end}", lowest.normalize(), highest.normalize())),
        )
        .concluding(
            format!("{words}，评为{score}分（满分{}分）", indicator.weight),
            format!("{score} of {} points, chosen inside the band of the level", indicator.weight),
        );
    Ok(IndicatorScore { score: Some(score), applicable: true, met: Some(met), excessive: false, explanation })
}

fn unscored(rule_set: &str, rule: &str, words: &str, applicable: bool) -> IndicatorScore {
    let explanation = Explanation::by(rule_set, format!("self_evaluation.indicator.{rule}"))
        .concluding(words, format!("No score: {}", rule.replace('_', " ")));
    IndicatorScore { score: None, applicable, met: None, excessive: false, explanation }
}
