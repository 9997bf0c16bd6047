//! Score of budget execution (预算执行率得分).

use kernel::rounding::{half_up, percentage};
use kernel::{Explanation, Money, Step};
use rust_decimal::Decimal;
use wenxiao_kernel as kernel;

use super::super::number::{div, mul, mul_div};
use super::super::rules::{Denominator, ExecutionMethod, ExecutionRules, RateBand, Sourced, ZeroBudget};
use super::super::{Failure, Result};

/// Money of an object in the evaluated year.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Execution {
    /// 年初预算数.
    pub initial: Money,
    /// 调整后预算数.
    pub adjusted: Money,
    /// 全年执行数.
    pub executed: Money,
    /// 实际到位资金; none when the form does not know it.
    pub received: Option<Money>,
    /// Whether the year's task was finished.
    pub finished: bool,
}

/// Rate and score.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExecutionScore {
    /// Executed by denominator in percent, 2 decimals; none when the denominator is zero.
    pub rate: Option<Decimal>,
    /// Points reached; none when the rules do not score it.
    pub score: Option<Decimal>,
    /// How the score came about.
    pub explanation: Explanation,
}

/// Scores budget execution with `points` to reach, rounded half up to `places`.
pub fn score(
    rules: Sourced<'_, &ExecutionRules>,
    money: Execution,
    points: Decimal,
    places: u32,
) -> Result<ExecutionScore> {
    let Sourced { rule_set, rule } = rules;
    let (word, divisor) = denominator(rule.denominator, money)?;
    let (executed, divisor) = (money.executed.yuan(), divisor.yuan());
    if divisor.is_zero() {
        return Ok(zero_budget(rule_set, rule.zero_budget, money, points));
    }
    let rate = percentage(executed, divisor, 2);
    let rate_step = Step::new("预算执行率", format!("执行数 ÷ {word} × 100%"), percent(rate))
        .input("执行数", money.executed)
        .input(word, divisor);
    let (name, formula, raw) = match rule.method {
        ExecutionMethod::Proportional => (
            "proportional",
            format!("分值 × 执行数 ÷ {word}，不高于分值"),
            mul_div(points, executed, divisor)?.clamp(Decimal::ZERO, points),
        ),
        ExecutionMethod::Banded => {
            // 任务完成且未超预算: the money was enough, so what is left over is no fault.
            let share = if money.finished && executed <= divisor {
                Decimal::ONE
            } else {
                share_of(&rule.bands, div(executed, divisor)?)
            };
            (
                "banded",
                "分值 × 执行率所在档次的比例；完成任务且未超预算的得满分".to_owned(),
                mul(points, share)?,
            )
        }
    };
    let score = half_up(raw, places);
    let explanation = Explanation::by(rule_set, format!("self_evaluation.execution.{name}"))
        .step(rate_step)
        .step(
            Step::new("预算执行得分", formula, score)
                .input("分值", points)
                .input("任务是否完成", if money.finished { "是" } else { "否" }),
        )
        .concluding(
            format!("预算执行率{}，得{score}分（满分{points}分）", percent(rate)),
            format!("Budget execution {}, {score} of {points} points", percent(rate)),
        );
    Ok(ExecutionScore { rate, score: Some(score), explanation })
}

/// Whether the rules ask for a reason at this rate: below the threshold, or changed in the year.
pub fn reason_required(rules: &ExecutionRules, money: Execution) -> Result<bool> {
    let (_, divisor) = denominator(rules.denominator, money)?;
    let low = match rules.explanation_below_rate {
        Some(threshold) if !divisor.is_zero() => div(money.executed.yuan(), divisor.yuan())? < threshold,
        _ => false,
    };
    Ok(low || (rules.explanation_below_rate.is_some() && money.initial != money.adjusted))
}

fn denominator(denominator: Denominator, money: Execution) -> Result<(&'static str, Money)> {
    match denominator {
        Denominator::AdjustedBudget => Ok(("调整后预算数", money.adjusted)),
        Denominator::InitialBudget => Ok(("年初预算数", money.initial)),
        Denominator::ReceivedFunds => money
            .received
            .map(|received| ("实际到位资金", received))
            .ok_or_else(|| Failure::Incomplete { missing: vec!["received_amount".to_owned()] }),
    }
}

fn zero_budget(rule_set: &str, rule: ZeroBudget, money: Execution, points: Decimal) -> ExecutionScore {
    let (score, words) = match rule {
        ZeroBudget::ZeroScore => (Some(Decimal::ZERO), "预算为零，不得分"),
        ZeroBudget::FullScore if money.executed.is_zero() => (Some(points), "预算为零且未支出，得满分"),
        ZeroBudget::FullScore => (Some(Decimal::ZERO), "预算为零却有支出，不得分"),
        ZeroBudget::NotScored => (None, "预算为零，预算执行率不适用"),
    };
    let explanation = Explanation::by(rule_set, "self_evaluation.execution.zero_budget")
        .step(
            Step::new("预算执行得分", words, score.map_or_else(|| "不适用".to_owned(), |s| s.to_string()))
                .input("执行数", money.executed)
                .input("分值", points),
        )
        .concluding(words, "There is no budget to measure execution by");
    ExecutionScore { rate: None, score, explanation }
}

/// Share of the band that a rate falls into; below all bands nothing.
pub(super) fn share_of(bands: &[RateBand], rate: Decimal) -> Decimal {
    bands.iter().find(|band| band.lower_rate <= rate).map_or(Decimal::ZERO, |band| band.share)
}

fn percent(rate: Option<Decimal>) -> String {
    rate.map_or_else(|| "无".to_owned(), |rate| format!("{rate}%"))
}
