//! What asks for a second look (疑点信号). A signal is a hint to a reviewer and changes no score.

use kernel::rounding::percentage;
use kernel::{Explanation, Money, Step};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use wenxiao_kernel as kernel;
use wenxiao_kernel::vocabulary;

use super::super::Result;
use super::super::number::{div, mul, sub};
use super::super::rules::{Sourced, SuspicionRules};

vocabulary! {
    /// What is suspicious (疑点类型).
    SignalKind {
        /// 指标得分率高于执行率.
        ScoreAboveExecution = "score_above_execution",
        /// 预算执行偏低.
        LowExecution = "low_execution",
        /// 预算为零.
        ZeroBudget = "zero_budget",
        /// 全部满分.
        AllFull = "all_full",
        /// 得分与规则不符.
        ScoreMismatch = "score_mismatch",
    }
}

vocabulary! {
    /// How serious (程度).
    SignalLevel {
        /// 黄.
        Yellow = "yellow",
        /// 红.
        Red = "red",
    }
}

/// A signal (疑点).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signal {
    /// What is suspicious.
    pub kind: SignalKind,
    /// How serious.
    pub level: SignalLevel,
    /// Indicator that it is about; empty for the form.
    pub indicator_id: String,
    /// How it was found.
    pub explanation: Explanation,
}

/// Scores and money of a form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Picture {
    /// Score of the indicators together; none while one is missing.
    pub indicator_score: Option<Decimal>,
    /// Points of the indicators together.
    pub indicator_points: Decimal,
    /// Score of budget execution; none when not scored.
    pub execution_score: Option<Decimal>,
    /// Points of budget execution.
    pub execution_points: Decimal,
    /// 调整后预算数.
    pub adjusted: Money,
    /// 全年执行数.
    pub executed: Money,
}

/// Signals of the form as a whole.
pub fn signals(rules: Sourced<'_, &SuspicionRules>, picture: Picture) -> Result<Vec<Signal>> {
    let mut found = Vec::new();
    found.extend(score_gap(rules, picture)?);
    found.extend(unspent(rules, picture)?);
    if rules.rule.full_score
        && picture.indicator_points > Decimal::ZERO
        && picture.indicator_score == Some(picture.indicator_points)
        && picture.execution_score.is_none_or(|score| score == picture.execution_points)
    {
        let explanation = Explanation::by(rules.rule_set, "self_evaluation.suspicion.all_full")
            .concluding("各项均为满分", "Every part has full points");
        found.push(Signal {
            kind: SignalKind::AllFull,
            level: SignalLevel::Yellow,
            indicator_id: String::new(),
            explanation,
        });
    }
    Ok(found)
}

/// `(S/Sp − B/Bp) ÷ (S/Sp)` above the threshold: indicators score clearly better than money was spent.
fn score_gap(rules: Sourced<'_, &SuspicionRules>, picture: Picture) -> Result<Option<Signal>> {
    let (Some(threshold), Some(score), Some(execution)) =
        (rules.rule.score_gap_share, picture.indicator_score, picture.execution_score)
    else {
        return Ok(None);
    };
    if score <= Decimal::ZERO || picture.indicator_points.is_zero() || picture.execution_points.is_zero() {
        return Ok(None);
    }
    // Multiplied out, so that a difference of exactly the threshold is not one: S·Bp − B·Sp > threshold · S·Bp.
    let indicators = mul(score, picture.execution_points)?;
    let gap = sub(indicators, mul(execution, picture.indicator_points)?)?;
    if gap <= mul(threshold, indicators)? {
        return Ok(None);
    }
    let share = percentage(gap, indicators, 2).unwrap_or_default();
    let explanation = Explanation::by(rules.rule_set, "self_evaluation.suspicion.score_above_execution")
        .step(
            Step::new("差距", "(指标得分率 − 执行得分率) ÷ 指标得分率", format!("{share}%"))
                .input("指标得分", score)
                .input("指标分值", picture.indicator_points)
                .input("预算执行得分", execution)
                .input("预算执行分值", picture.execution_points)
                .input("界限", threshold),
        )
        .concluding(
            format!("指标得分率比执行得分率高{share}%"),
            format!("Indicators score {share}% better than budget execution"),
        );
    let kind = SignalKind::ScoreAboveExecution;
    Ok(Some(Signal { kind, level: SignalLevel::Red, indicator_id: String::new(), explanation }))
}

fn unspent(rules: Sourced<'_, &SuspicionRules>, picture: Picture) -> Result<Option<Signal>> {
    let (adjusted, executed) = (picture.adjusted.yuan(), picture.executed.yuan());
    if adjusted.is_zero() {
        let explanation = Explanation::by(rules.rule_set, "self_evaluation.suspicion.zero_budget")
            .concluding("调整后预算数为零", "The adjusted budget is zero");
        let kind = SignalKind::ZeroBudget;
        let signal = Signal { kind, level: SignalLevel::Yellow, indicator_id: String::new(), explanation };
        return Ok(Some(signal).filter(|_| rules.rule.zero_budget));
    }
    let Some(threshold) = rules.rule.unspent_share else { return Ok(None) };
    let share = div(sub(adjusted, executed)?, adjusted)?;
    if share <= threshold {
        return Ok(None);
    }
    let percent = percentage(sub(adjusted, executed)?, adjusted, 2).unwrap_or_default();
    let explanation = Explanation::by(rules.rule_set, "self_evaluation.suspicion.low_execution")
        .step(
            Step::new("未执行比例", "(调整后预算数 − 执行数) ÷ 调整后预算数", format!("{percent}%"))
                .input("调整后预算数", picture.adjusted)
                .input("执行数", picture.executed)
                .input("界限", threshold),
        )
        .concluding(format!("预算有{percent}%未执行"), format!("{percent}% of the budget was not spent"));
    let kind = SignalKind::LowExecution;
    Ok(Some(Signal { kind, level: SignalLevel::Yellow, indicator_id: String::new(), explanation }))
}

/// The unit gave an indicator another score than the rules do.
pub fn mismatch(rule_set: &str, indicator_id: &str, given: Decimal, computed: Decimal) -> Option<Signal> {
    if given == computed {
        return None;
    }
    let explanation = Explanation::by(rule_set, "self_evaluation.suspicion.score_mismatch")
        .step(Step::new("单位评分与规则得分", "单位评分 ≠ 规则得分", computed).input("单位评分", given))
        .concluding(
            format!("单位评{given}分，按规则应为{computed}分"),
            format!("The unit gives {given}, the rules {computed}"),
        );
    let level = if given > computed { SignalLevel::Red } else { SignalLevel::Yellow };
    Some(Signal {
        kind: SignalKind::ScoreMismatch,
        level,
        indicator_id: indicator_id.to_owned(),
        explanation,
    })
}
