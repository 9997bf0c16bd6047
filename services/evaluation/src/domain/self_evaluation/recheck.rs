//! Recheck of a form (抽查复核): its own values beside the unit's, every deduction with rule and reason.

use chrono::{DateTime, Utc};
use kernel::Grade;
use kernel::rounding::half_up;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use wenxiao_kernel as kernel;

use super::super::number::{mul, sub};
use super::super::rules::{Purpose, Rules};
use super::super::scoring::form::{self, Part};
use super::super::scoring::indicator::Actual;
use super::super::{Failure, Result};
use super::{SelfEvaluation, State};

/// Code that stands for budget execution among the indicators.
const EXECUTION: &str = "execution";

/// A recheck (复核).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recheck {
    /// Number in the form, from 1.
    pub number: i32,
    /// Who checked.
    pub checker: String,
    /// When.
    pub check_time: DateTime<Utc>,
    /// Values and scores.
    pub items: Vec<RecheckItem>,
    /// Total of the recheck.
    pub total_score: Decimal,
    /// Grade of that total.
    pub grade: Grade,
    /// Recheck minus self score.
    pub deviation: Decimal,
    /// Version of the form that was checked.
    pub form_version: i64,
    /// What was found.
    pub opinion: String,
}

/// One indicator of a recheck (复核指标).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecheckItem {
    /// Indicator, or `execution`.
    pub indicator_id: String,
    /// Value found.
    pub actual: Option<Actual>,
    /// Value found, in words.
    pub actual_text: String,
    /// Score given.
    pub score: Decimal,
    /// Rule that a deduction rests on.
    pub rule: String,
    /// Reason.
    pub remark: String,
}

impl SelfEvaluation {
    /// Records a recheck. Parts that are not named keep the form's score.
    pub fn recheck(
        &mut self,
        rules: &Rules,
        items: Vec<RecheckItem>,
        opinion: String,
        checker: &str,
        now: DateTime<Utc>,
        version: i64,
    ) -> Result<()> {
        if !matches!(self.state, State::Submitted | State::DepartmentReviewed | State::Confirmed) {
            return Err(Failure::state(self.state.as_str()));
        }
        let self_score = self
            .sheet
            .totals
            .self_score
            .ok_or_else(|| Failure::Incomplete { missing: vec!["self_score".to_owned()] })?;
        let mut parts = self.parts();
        for item in &items {
            let (_, weight, score) = parts
                .iter_mut()
                .find(|(id, ..)| *id == item.indicator_id)
                .ok_or_else(|| Failure::unknown(&item.indicator_id))?;
            check_item(rules, item, *weight, *score)?;
            *score = item.score;
        }
        let parts: Vec<Part> = parts
            .into_iter()
            .map(|(_, points, score)| Part { points, applicable: true, score: Some(score) })
            .collect();
        let total = form::total(rules.scale(Purpose::SelfEvaluation)?, &parts, rules.places()?)?;
        let (Some(total_score), Some(grade)) = (total.score, total.grade) else {
            return Err(Failure::Incomplete { missing: vec!["self_score".to_owned()] });
        };
        let number = i32::try_from(self.rechecks.len()).unwrap_or(i32::MAX).saturating_add(1);
        self.rechecks.push(Recheck {
            number,
            checker: checker.to_owned(),
            check_time: now,
            items,
            total_score,
            grade,
            deviation: sub(total_score, self_score)?,
            form_version: version,
            opinion,
        });
        Ok(())
    }

    /// Identifier, weight and standing score of every part that counts.
    fn parts(&self) -> Vec<(String, Decimal, Decimal)> {
        let fund = &self.sheet.fund;
        let execution = fund.score.map(|score| (EXECUTION.to_owned(), fund.points, score));
        let indicators =
            self.form.indicators.iter().zip(&self.sheet.indicators).filter_map(|(item, scored)| {
                let score = item.unit_score.or(scored.score).filter(|_| scored.applicable)?;
                Some((item.id.clone(), item.weight, score))
            });
        execution.into_iter().chain(indicators).collect()
    }
}

fn check_item(rules: &Rules, item: &RecheckItem, weight: Decimal, standing: Decimal) -> Result<()> {
    let mut highest = weight;
    if item.score < standing {
        if item.rule.is_empty() || item.remark.trim().is_empty() {
            return Err(Failure::DeductionReasonRequired { code: item.indicator_id.clone() });
        }
        let known = rules.recheck();
        let rule = known.iter().find(|rule| rule.code == item.rule);
        if rule.is_none() && !known.is_empty() {
            return Err(Failure::unknown(&item.rule));
        }
        if let Some(share) = rule.and_then(|rule| rule.deduction_share) {
            highest = half_up(mul(weight, sub(Decimal::ONE, share)?)?, rules.places()?);
        }
    }
    if item.score.is_sign_negative() || item.score > highest {
        return Err(Failure::ScoreOutOfBand {
            indicator: item.indicator_id.clone(),
            lowest: Decimal::ZERO,
            highest,
        });
    }
    Ok(())
}
