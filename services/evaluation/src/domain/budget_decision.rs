//! How much an object gets in a budget, and why (预算安排决定). A decision of people with reason and evidence: request,
//! recommendation and arrangement stand side by side, and an amount decided again does not replace the earlier one.

use chrono::{DateTime, Utc};
use kernel::rounding::percentage;
use kernel::{Explanation, Money, Step};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use wenxiao_kernel as kernel;
use wenxiao_kernel::vocabulary;

use super::budget_hint::Hint;
use super::object::{BaseFigure, BaseKind, BudgetFigure, EvaluatedObject};
use super::rules::Strength;
use super::{Failure, Result};

vocabulary! {
    /// Where the decision stands (状态).
    State {
        /// 已申报.
        Requested = "requested",
        /// 已提建议.
        Recommended = "recommended",
        /// 已安排.
        Arranged = "arranged",
    }
}

/// A decision.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    /// Object that asks for money.
    pub object: EvaluatedObject,
    /// Year whose evaluation it rests on; none when on none.
    pub evaluated_year: Option<i32>,
    /// Year in which it is decided.
    pub work_year: i32,
    /// Budget year that it is for.
    pub applies_to_year: i32,
    /// What is asked for.
    pub request: Request,
    /// Amounts recommended, oldest first.
    pub recommendations: Vec<BudgetStep>,
    /// Amounts arranged, oldest first.
    pub arrangements: Vec<BudgetStep>,
    /// Hints in force when it was last arranged.
    pub hints: Vec<String>,
    /// What the arrangement means beside request and base figures.
    pub outcome: Outcome,
    /// Where it stands.
    pub state: State,
}

/// What may change until something is recommended or arranged.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    /// 申报数; none when a budget is arranged without a request.
    pub requested: Option<BudgetFigure>,
    /// Figures of earlier years.
    pub base_figures: Vec<BaseFigure>,
    /// Sunset review that decided about the object; empty when none did.
    pub sunset_review: String,
}

/// An amount proposed or decided (建议或安排).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BudgetStep {
    /// The amount.
    pub figure: BudgetFigure,
    /// Why.
    pub reason: String,
    /// What it rests on.
    pub evidence: Vec<Evidence>,
    /// Why a hint was not followed.
    pub override_reason: String,
    /// Who.
    pub decider: String,
    /// When.
    pub decide_time: DateTime<Utc>,
}

/// What a decision rests on (依据).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// Evaluation, report, review or finding; empty for a document.
    pub resource: String,
    /// What it says.
    pub text: String,
}

/// What the arrangement means (核减与对比).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
    /// 核减额; negative when more was given than asked for.
    pub cut: Option<Money>,
    /// 核减率 in percent, 2 decimals.
    pub cut_rate: Option<Decimal>,
    /// Arranged beside each base figure.
    pub comparisons: Vec<Comparison>,
    /// How they came about.
    pub explanation: Explanation,
}

/// Arranged beside an earlier figure (与基数之比).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Comparison {
    /// The earlier figure.
    pub base: BaseFigure,
    /// Arranged by base in percent, 2 decimals; none when the base is zero.
    pub ratio: Option<Decimal>,
    /// Whether both figures are exact.
    pub exact: bool,
}

/// A hint in force and its resource name.
pub type KnownHint = (String, Hint);

impl Request {
    /// Refuses figures that make no sense.
    pub fn check(&self) -> Result<()> {
        if let Some(requested) = &self.requested {
            requested.check("requested")?;
        }
        for (at, base) in self.base_figures.iter().enumerate() {
            base.figure.check(&format!("base_figures[{at}].figure"))?;
        }
        Ok(())
    }
}

impl Decision {
    /// Records a request.
    pub fn start(
        object: EvaluatedObject,
        evaluated_year: Option<i32>,
        (work_year, applies_to_year): (i32, i32),
        request: Request,
    ) -> Result<Self> {
        request.check()?;
        if evaluated_year.is_some_and(|year| year > work_year) {
            return Err(Failure::invalid("evaluated_year", "a decision rests on spending that has happened"));
        }
        Ok(Self {
            object,
            evaluated_year,
            work_year,
            applies_to_year,
            request,
            recommendations: Vec::new(),
            arrangements: Vec::new(),
            hints: Vec::new(),
            outcome: Outcome::default(),
            state: State::Requested,
        })
    }

    /// Changes the request, while nothing rests on it yet.
    pub fn edit(&mut self, request: Request) -> Result<()> {
        if self.state != State::Requested {
            return Err(Failure::state(self.state.as_str()));
        }
        request.check()?;
        self.request = request;
        Ok(())
    }

    /// A division recommends an amount; again, as long as nothing is arranged.
    pub fn recommend(&mut self, step: BudgetStep) -> Result<()> {
        if self.state == State::Arranged {
            return Err(Failure::state(self.state.as_str()));
        }
        step.figure.check("figure")?;
        self.recommendations.push(step);
        self.state = State::Recommended;
        Ok(())
    }

    /// Decides the amount. A hint that stands in the way needs a reason; one that blocks hard also a head of the bureau.
    pub fn arrange(&mut self, step: BudgetStep, hints: &[KnownHint], by_head: bool) -> Result<()> {
        step.figure.check("figure")?;
        if step.evidence.is_empty() {
            return Err(Failure::Incomplete { missing: vec!["evidence".to_owned()] });
        }
        let something = step.figure.amount > Money::ZERO;
        let grows = self.grows(&step.figure);
        for (name, hint) in hints.iter().filter(|(_, hint)| hint.stands_in_the_way(something, grows)) {
            if step.override_reason.trim().is_empty() {
                let strength = hint.strength.as_str().to_owned();
                return Err(Failure::OverrideReasonRequired { hint: name.clone(), strength });
            }
            if hint.strength == Strength::HardBlock && !by_head {
                return Err(Failure::HardBlock { hint: name.clone() });
            }
        }
        self.outcome = self.outcome_of(&step.figure)?;
        self.hints = hints.iter().map(|(name, _)| name.clone()).collect();
        self.arrangements.push(step);
        self.state = State::Arranged;
        Ok(())
    }

    /// Whether an amount is more than what the object had: its newest base figure, an adjusted budget before an initial
    /// one before the outturn.
    fn grows(&self, figure: &BudgetFigure) -> bool {
        let weight = |kind| match kind {
            BaseKind::AdjustedBudget => 2,
            BaseKind::InitialBudget => 1,
            BaseKind::Outturn => 0,
        };
        let before =
            self.request.base_figures.iter().max_by_key(|base| (base.fiscal_year, weight(base.kind)));
        before.is_some_and(|base| figure.amount > base.figure.amount)
    }

    fn outcome_of(&self, arranged: &BudgetFigure) -> Result<Outcome> {
        let mut explanation = Explanation::by("", "budget_decision.comparison");
        let too_large = || Failure::invalid("figure", "the amounts are too large");
        let (mut cut, mut cut_rate) = (None, None);
        if let Some(requested) =
            self.request.requested.as_ref().filter(|r| r.is_exact() && arranged.is_exact())
        {
            let amount = requested.amount.checked_sub(arranged.amount).ok_or_else(too_large)?;
            cut_rate = percentage(amount.yuan(), requested.amount.yuan(), 2);
            let step = Step::new("核减额", "申报数 − 安排数", amount)
                .input("申报数", requested.amount)
                .input("安排数", arranged.amount);
            explanation = explanation.step(step);
            if let Some(rate) = cut_rate {
                let step = Step::new("核减率", "核减额 ÷ 申报数 × 100%", format!("{rate}%"));
                explanation =
                    explanation.step(step.input("核减额", amount).input("申报数", requested.amount));
            }
            cut = Some(amount);
        }
        let comparisons: Vec<Comparison> = self
            .request
            .base_figures
            .iter()
            .map(|base| Comparison {
                base: base.clone(),
                ratio: percentage(arranged.amount.yuan(), base.figure.amount.yuan(), 2),
                exact: arranged.is_exact() && base.figure.is_exact(),
            })
            .collect();
        for comparison in &comparisons {
            let ratio = comparison.ratio.map_or_else(|| "无".to_owned(), |ratio| format!("{ratio}%"));
            let step = Step::new("与基数之比", "安排数 ÷ 基数 × 100%", ratio)
                .input("安排数", arranged.amount)
                .input(format!("{}年基数", comparison.base.fiscal_year), comparison.base.figure.amount);
            explanation = explanation.step(step);
        }
        let explanation = explanation.concluding(
            "安排由人决定，此处只作计算对比",
            "The amount is a person's decision; this compares it",
        );
        Ok(Outcome { cut, cut_rate, comparisons, explanation })
    }
}
