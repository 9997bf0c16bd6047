//! Review of a policy that ends, before it may go on (到期政策再评估).

use chrono::{DateTime, NaiveDate, Utc};
use kernel::Grade;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use wenxiao_kernel as kernel;
use wenxiao_kernel::vocabulary;

use super::object::{EvaluatedObject, ObjectKind};
use super::rules::{Purpose, Rules};
use super::{Failure, Result};

vocabulary! {
    /// Where the review stands (状态).
    State {
        /// 待评估.
        Open = "open",
        /// 已评估.
        Evaluated = "evaluated",
        /// 已决定.
        Decided = "decided",
    }
}

vocabulary! {
    /// What becomes of the policy (处理决定).
    Outcome {
        /// 继续实施.
        Continue = "continue",
        /// 调整后继续实施.
        ContinueAdjusted = "continue_adjusted",
        /// 到期终止.
        Terminate = "terminate",
    }
}

/// A review.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SunsetReview {
    /// The policy.
    pub object: EvaluatedObject,
    /// Last day of its term.
    pub expiry_date: NaiveDate,
    /// Years that it was set for; 0 when not known.
    pub term_years: i32,
    /// Year in which it is reviewed.
    pub work_year: i32,
    /// Budget year that the outcome is for.
    pub applies_to_year: i32,
    /// The comprehensive evaluation.
    pub evaluation: Option<Evaluation>,
    /// What was decided.
    pub decision: Option<Decision>,
    /// Budget decision that followed; empty while there is none.
    pub budget_decision: String,
    /// Where it stands.
    pub state: State,
}

/// A comprehensive evaluation (综合评价).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evaluation {
    /// Grade.
    pub grade: Grade,
    /// Score; none when only a grade was given.
    pub score: Option<Decimal>,
    /// What it says.
    pub text: String,
    /// Evaluation that was made for it; empty for a document.
    pub resource: String,
    /// Who evaluated.
    pub evaluator: String,
    /// When.
    pub evaluate_time: DateTime<Utc>,
}

/// What was decided.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    /// What becomes of the policy.
    pub outcome: Outcome,
    /// Why.
    pub reason: String,
    /// First day of the renewed term; none when terminated.
    pub renewal_start_date: Option<NaiveDate>,
    /// Days on which no policy was in force.
    pub gap_days: i32,
    /// Who decided.
    pub decider: String,
    /// When.
    pub decide_time: DateTime<Utc>,
}

/// An evaluation as given: score or grade.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// Score.
    pub score: Option<Decimal>,
    /// Grade, when no score was given.
    pub grade: Option<Grade>,
    /// What it says.
    pub text: String,
    /// Evaluation that was made for it.
    pub resource: String,
}

impl SunsetReview {
    /// Opens a review. An expired policy can be reviewed too: the gap is legal and shown.
    pub fn open(
        object: EvaluatedObject,
        expiry_date: NaiveDate,
        term_years: i32,
        (work_year, applies_to_year): (i32, i32),
    ) -> Result<Self> {
        if object.kind != ObjectKind::Policy {
            return Err(Failure::invalid("object.kind", "only a policy has a term that ends"));
        }
        Ok(Self {
            object,
            expiry_date,
            term_years,
            work_year,
            applies_to_year,
            evaluation: None,
            decision: None,
            budget_decision: String::new(),
            state: State::Open,
        })
    }

    /// Records the comprehensive evaluation; a score brings its grade.
    pub fn evaluate(
        &mut self,
        verdict: Verdict,
        rules: &Rules,
        evaluator: &str,
        now: DateTime<Utc>,
    ) -> Result<()> {
        self.require(State::Open)?;
        let grade = match (verdict.score, verdict.grade) {
            (Some(score), None) => rules.scale(Purpose::Default)?.rule.band(score)?.grade,
            (None, Some(grade)) => grade,
            _ => return Err(Failure::invalid("score", "either a score or a grade")),
        };
        self.evaluation = Some(Evaluation {
            grade,
            score: verdict.score,
            text: verdict.text,
            resource: verdict.resource,
            evaluator: evaluator.to_owned(),
            evaluate_time: now,
        });
        self.state = State::Evaluated;
        Ok(())
    }

    /// Decides what becomes of the policy.
    pub fn decide(
        &mut self,
        outcome: Outcome,
        reason: String,
        renewal_start_date: Option<NaiveDate>,
        decider: &str,
        now: DateTime<Utc>,
    ) -> Result<()> {
        self.require(State::Evaluated)?;
        match (outcome, renewal_start_date) {
            (Outcome::Terminate, Some(_)) => {
                return Err(Failure::invalid("renewal_start_date", "a policy that ends has no renewal"));
            }
            (Outcome::Continue | Outcome::ContinueAdjusted, None) => {
                return Err(Failure::Incomplete { missing: vec!["renewal_start_date".to_owned()] });
            }
            _ => {}
        }
        let gap_days = renewal_start_date.map_or(0, |start| gap_days(self.expiry_date, start));
        let decider = decider.to_owned();
        self.decision =
            Some(Decision { outcome, reason, renewal_start_date, gap_days, decider, decide_time: now });
        self.state = State::Decided;
        Ok(())
    }

    fn require(&self, state: State) -> Result<()> {
        if self.state == state { Ok(()) } else { Err(Failure::state(self.state.as_str())) }
    }
}

/// Days strictly between the last day of the old term and the first of the new one (空档天数).
pub fn gap_days(expiry: NaiveDate, renewal_start: NaiveDate) -> i32 {
    let between = renewal_start.signed_duration_since(expiry).num_days().saturating_sub(1).max(0);
    i32::try_from(between).unwrap_or(i32::MAX)
}
