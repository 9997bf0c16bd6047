//! What the rules make of a form (评分明细).

use kernel::{Explanation, Money, Operator};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use wenxiao_kernel as kernel;

use super::super::number::{fits, sum};
use super::super::rules::{Purpose, Rules};
use super::super::scoring::execution::{self, Execution};
use super::super::scoring::form::{self, Part};
use super::super::scoring::indicator::{self, Measured, Method};
use super::super::scoring::suspicion::{self, Picture, Signal};
use super::super::{Failure, Result};
use super::{Form, FundRow, Indicator, Totals};

/// Sum of the fund rows and what it scores (资金合计).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FundTotal {
    /// 年初预算数.
    pub initial: Money,
    /// 全年预算数.
    pub adjusted: Money,
    /// 全年执行数.
    pub executed: Money,
    /// Rate in percent; none when the budget is zero.
    pub rate: Option<Decimal>,
    /// Points that can be reached.
    pub points: Decimal,
    /// Points reached; none when not scored.
    pub score: Option<Decimal>,
    /// How the score came about.
    pub explanation: Explanation,
}

/// Score of an indicator by the rules.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScoredIndicator {
    /// The indicator.
    pub id: String,
    /// Score by the rules; none when there is none.
    pub score: Option<Decimal>,
    /// Whether it counts.
    pub applicable: bool,
    /// Whether the result differs from the target so far that a reason is needed.
    pub reason_required: bool,
    /// How the score came about.
    pub explanation: Explanation,
}

/// A form's score, part by part.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sheet {
    /// Money and execution score.
    pub fund: FundTotal,
    /// Indicators in the order of the form.
    pub indicators: Vec<ScoredIndicator>,
    /// Totals and grade.
    pub totals: Totals,
    /// Signals.
    pub signals: Vec<Signal>,
    /// Whether the money needs an explanation.
    pub execution_reason_required: bool,
}

impl FundRow {
    /// 年初预算数 and 调整金额 together.
    pub fn adjusted(&self) -> Option<Money> {
        self.initial.checked_add(self.adjustment)
    }
}

impl Indicator {
    /// How it is scored: as it says, else by its operator.
    pub fn scored_by(&self) -> Method {
        self.method.unwrap_or(match self.operator {
            Some(Operator::Qualitative) => Method::Qualitative,
            _ => Method::Quantitative,
        })
    }
}

/// Scores a form by the rules. What is missing leaves totals open; what makes no sense is refused.
pub fn assess(form: &Form, rules: &Rules) -> Result<Sheet> {
    let places = rules.places()?;
    check_shape(form, places)?;
    let (money, fund) = score_funds(form, rules, places)?;
    let indicator_rules = rules.indicator()?;
    let mut indicators = Vec::with_capacity(form.indicators.len());
    let mut signals = Vec::new();
    let (mut own, mut ruled) = (vec![part_of(&fund)], vec![part_of(&fund)]);
    for item in &form.indicators {
        let scored = indicator::score(indicator_rules, &measured(item), places)?;
        let given = item.unit_score.or(scored.score).filter(|_| scored.applicable && item.actual.is_some());
        own.push(Part { points: item.weight, applicable: scored.applicable, score: given });
        ruled.push(Part { points: item.weight, applicable: scored.applicable, score: scored.score });
        if let (Some(given), Some(computed)) = (item.unit_score, scored.score) {
            signals.extend(suspicion::mismatch(indicator_rules.rule_set, &item.id, given, computed));
        }
        let reason_required =
            indicator_rules.rule.reason_required && scored.met == Some(false) || scored.excessive;
        indicators.push(ScoredIndicator {
            id: item.id.clone(),
            score: scored.score,
            applicable: scored.applicable,
            reason_required,
            explanation: scored.explanation,
        });
    }
    let scale = rules.scale(Purpose::SelfEvaluation)?;
    let total = form::total(scale, &own, places)?;
    let computed = form::total(scale, &ruled, places)?;
    if let Some(suspicion_rules) = rules.suspicion() {
        signals.extend(suspicion::signals(suspicion_rules, picture(&own, &fund)?)?);
    }
    Ok(Sheet {
        execution_reason_required: execution::reason_required(rules.execution()?.rule, money)?,
        fund,
        indicators,
        totals: Totals {
            self_score: total.score,
            self_grade: total.grade,
            computed_score: computed.score,
            points: total.points,
            explanation: total.explanation,
        },
        signals,
    })
}

fn measured(item: &Indicator) -> Measured<'_> {
    Measured {
        id: &item.id,
        operator: item.operator,
        target: item.target,
        upper: item.upper,
        unit: &item.unit,
        method: item.scored_by(),
        weight: item.weight,
        actual: item.actual,
        chosen: item.unit_score,
    }
}

fn part_of(fund: &FundTotal) -> Part {
    Part {
        points: fund.points,
        applicable: fund.score.is_some() && !fund.points.is_zero(),
        score: fund.score,
    }
}

fn picture(parts: &[Part], fund: &FundTotal) -> Result<Picture> {
    let indicators = || parts.iter().skip(1).filter(|part| part.applicable);
    let scores: Option<Vec<Decimal>> = indicators().map(|part| part.score).collect();
    Ok(Picture {
        indicator_score: scores.map(sum).transpose()?,
        indicator_points: sum(indicators().map(|part| part.points))?,
        execution_score: fund.score,
        execution_points: fund.points,
        adjusted: fund.adjusted,
        executed: fund.executed,
    })
}

fn score_funds(form: &Form, rules: &Rules, places: u32) -> Result<(Execution, FundTotal)> {
    let too_large = || Failure::invalid("fund_rows", "the amounts are too large");
    let total = |read: fn(&FundRow) -> Option<Money>| {
        form.fund_rows
            .iter()
            .map(read)
            .collect::<Option<Vec<_>>>()
            .and_then(Money::total)
            .ok_or_else(too_large)
    };
    let money = Execution {
        initial: total(|row| Some(row.initial))?,
        adjusted: total(FundRow::adjusted)?,
        executed: total(|row| Some(row.executed))?,
        received: None,
        finished: form.task_finished,
    };
    let points = form.execution_points.map_or_else(|| rules.execution_points(), Ok)?;
    let scored = execution::score(rules.execution()?, money, points, places)?;
    let fund = FundTotal {
        initial: money.initial,
        adjusted: money.adjusted,
        executed: money.executed,
        rate: scored.rate,
        points,
        score: scored.score,
        explanation: scored.explanation,
    };
    Ok((money, fund))
}

fn check_shape(form: &Form, places: u32) -> Result<()> {
    for (at, row) in form.fund_rows.iter().enumerate() {
        let negative = row.initial.is_negative()
            || row.executed.is_negative()
            || row.adjusted().is_none_or(Money::is_negative);
        if negative {
            return Err(Failure::invalid(
                format!("fund_rows[{at}]"),
                "no budget and no execution is negative",
            ));
        }
    }
    let mut seen = std::collections::BTreeSet::new();
    for (at, item) in form.indicators.iter().enumerate() {
        let field = |name: &str| format!("indicators[{at}].{name}");
        if item.id.is_empty() || !seen.insert(item.id.as_str()) {
            return Err(Failure::invalid(
                field("indicator_id"),
                "every indicator has an identifier of its own",
            ));
        }
        if item.weight.is_sign_negative() {
            return Err(Failure::invalid(field("weight"), "a weight is not negative"));
        }
        if let Some(score) = item.unit_score {
            if score.is_sign_negative() || score > item.weight {
                let (lowest, highest) = (Decimal::ZERO, item.weight);
                return Err(Failure::ScoreOutOfBand { indicator: item.id.clone(), lowest, highest });
            }
            if !fits(score, places) {
                return Err(Failure::invalid(
                    field("unit_score"),
                    format!("a score has at most {places} decimals"),
                ));
            }
        }
    }
    Ok(())
}
