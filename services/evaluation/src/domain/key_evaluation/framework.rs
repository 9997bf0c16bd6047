//! The framework of points (评价指标体系).

use rust_decimal::Decimal;
use std::collections::BTreeSet;

use super::super::number::sum;
use super::super::rules::{Dimension, KeyEvaluationRules};
use super::super::{Failure, Result};
use super::Indicator;

/// The usual framework, numbered in its order.
pub(super) fn usual(rules: &KeyEvaluationRules) -> Vec<Indicator> {
    (1u32..)
        .zip(&rules.framework)
        .map(|(number, item)| Indicator {
            code: format!("{number:02}"),
            dimension: item.dimension,
            level2: item.group.clone(),
            level3: item.title.clone(),
            points: item.points,
            standard: item.standard.clone(),
            score: None,
        })
        .collect()
}

/// Refuses a framework whose points do not add up to the full score, or that puts too little on output and outcome.
pub fn check_framework(rules: &KeyEvaluationRules, indicators: &[Indicator]) -> Result<()> {
    let mut codes = BTreeSet::new();
    for (at, indicator) in indicators.iter().enumerate() {
        if indicator.code.is_empty() || !codes.insert(indicator.code.as_str()) {
            return Err(Failure::invalid(
                format!("indicators[{at}].code"),
                "every indicator has a code of its own",
            ));
        }
        if indicator.points <= Decimal::ZERO {
            return Err(Failure::invalid(format!("indicators[{at}].points"), "every indicator has points"));
        }
    }
    let all = sum(indicators.iter().map(|indicator| indicator.points))?;
    if all != rules.full_score {
        return Err(Failure::FrameworkPoints { sum: all, required: rules.full_score });
    }
    let results = indicators.iter().filter(|i| matches!(i.dimension, Dimension::Output | Dimension::Outcome));
    let results = sum(results.map(|indicator| indicator.points))?;
    match rules.minimum_result_points {
        Some(least) if results < least => Err(Failure::FrameworkPoints { sum: results, required: least }),
        _ => Ok(()),
    }
}
