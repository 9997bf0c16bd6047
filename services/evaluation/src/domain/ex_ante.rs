//! Evaluation before the money (事前绩效评估): five dimensions, a score, a conclusion that a person draws.

use chrono::{DateTime, Utc};
use kernel::{Explanation, Grade, Money, Step};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use wenxiao_kernel as kernel;
use wenxiao_kernel::vocabulary;

use super::number::{fits, sum};
use super::object::{Attachment, EvaluatedObject, ObjectKind, ReportSection};
use super::rules::{Conclusion, ExAnteRules, Rules, Sourced};
use super::{Failure, Result};

vocabulary! {
    /// Where the evaluation stands (状态).
    State {
        /// Being prepared.
        Draft = "draft",
        /// 已提交.
        Submitted = "submitted",
        /// 再评估.
        Returned = "returned",
        /// 已出结论.
        Concluded = "concluded",
    }
}

vocabulary! {
    /// Why it is made (评估缘由).
    Cause {
        /// 新增.
        New = "new",
        /// 到期延续.
        Continuation = "continuation",
        /// 增幅超限.
        Growth = "growth",
        /// 财政选定.
        Selected = "selected",
    }
}

vocabulary! {
    /// When in the year it is made (评估时点).
    Occasion {
        /// 预算编制.
        BudgetPreparation = "budget_preparation",
        /// 预算调整.
        BudgetAdjustment = "budget_adjustment",
        /// Any other time.
        AdHoc = "ad_hoc",
    }
}

/// An ex-ante evaluation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExAnte {
    /// Project or policy that asks for money.
    pub object: EvaluatedObject,
    /// Year in which it is evaluated.
    pub work_year: i32,
    /// Budget year that the money is for.
    pub applies_to_year: i32,
    /// What the unit asks for and hands in.
    pub request: Request,
    /// Dimensions with their items.
    pub dimensions: Vec<Dimension>,
    /// Sum of the points; none while an item has none.
    pub total_score: Option<Decimal>,
    /// How the total came about.
    pub explanation: Explanation,
    /// Conclusion that the score suggests.
    pub suggested: Option<Conclusion>,
    /// Conclusion drawn.
    pub decision: Option<Decision>,
    /// Who handed it in the last time; empty before.
    pub submitter: String,
    /// Why it was sent back the last time.
    pub return_reason: String,
    /// Rule set.
    pub rule_set: String,
    /// Where it stands.
    pub state: State,
}

/// What may change until the evaluation is handed in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    /// Why.
    pub cause: Option<Cause>,
    /// When in the year.
    pub occasion: Option<Occasion>,
    /// 申请金额.
    pub amount: Money,
    /// Third party; empty when the finance bureau evaluates.
    pub institution: String,
    /// Experts.
    pub experts: Vec<String>,
    /// Report.
    pub report_sections: Vec<ReportSection>,
    /// Material.
    pub attachments: Vec<Attachment>,
}

/// A dimension (评估维度).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dimension {
    /// Code.
    pub code: String,
    /// Chinese name.
    pub title: String,
    /// Items.
    pub items: Vec<Item>,
}

/// A point of assessment (评估要点).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    /// Code, unique in the evaluation.
    pub code: String,
    /// Chinese name.
    pub title: String,
    /// Points that can be reached.
    pub points: Decimal,
    /// Judgement in words of the scale.
    pub judgement: Option<Grade>,
    /// Points reached.
    pub score: Option<Decimal>,
    /// Reason.
    pub comment: String,
}

/// A conclusion drawn (评估结论).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    /// Conclusion.
    pub conclusion: Conclusion,
    /// 支持金额.
    pub amount: Money,
    /// Reason.
    pub reason: String,
    /// Who drew it.
    pub concluder: String,
    /// When.
    pub conclude_time: DateTime<Utc>,
}

/// Judgement of one item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judgement {
    /// Item.
    pub item: String,
    /// In words.
    pub judgement: Option<Grade>,
    /// Points.
    pub score: Decimal,
    /// Reason.
    pub comment: String,
}

impl ExAnte {
    /// Starts an evaluation: the dimensions of the object's kind are laid out by the rules in force.
    pub fn start(
        object: EvaluatedObject,
        (work_year, applies_to_year): (i32, i32),
        request: Request,
        rules: &Rules,
    ) -> Result<Self> {
        if !matches!(object.kind, ObjectKind::Project | ObjectKind::Policy) {
            return Err(Failure::invalid(
                "object.kind",
                "a project or a policy is evaluated before it gets money",
            ));
        }
        check_request(&request)?;
        let Sourced { rule_set, rule } = rules.ex_ante()?;
        Ok(Self {
            dimensions: lay_out(rule, object.kind),
            object,
            work_year,
            applies_to_year,
            request,
            total_score: None,
            explanation: Explanation::default(),
            suggested: None,
            decision: None,
            submitter: String::new(),
            return_reason: String::new(),
            rule_set: rule_set.to_owned(),
            state: State::Draft,
        })
    }

    /// Changes request, report and material.
    pub fn edit(&mut self, request: Request) -> Result<()> {
        self.require_open()?;
        check_request(&request)?;
        self.request = request;
        Ok(())
    }

    /// Judges items; those not named keep their judgement.
    pub fn judge(&mut self, judgements: Vec<Judgement>, rules: &Rules) -> Result<()> {
        self.require_open()?;
        let places = rules.places()?;
        for judgement in judgements {
            let item = self
                .dimensions
                .iter_mut()
                .flat_map(|dimension| &mut dimension.items)
                .find(|item| item.code == judgement.item)
                .ok_or_else(|| Failure::unknown(&judgement.item))?;
            if judgement.score.is_sign_negative()
                || judgement.score > item.points
                || !fits(judgement.score, places)
            {
                let (lowest, highest) = (Decimal::ZERO, item.points);
                return Err(Failure::ScoreOutOfBand { indicator: judgement.item, lowest, highest });
            }
            if judgement.score < item.points && judgement.comment.trim().is_empty() {
                return Err(Failure::DeductionReasonRequired { code: judgement.item });
            }
            item.judgement = judgement.judgement;
            item.score = Some(judgement.score);
            item.comment = judgement.comment;
        }
        self.add_up(rules)
    }

    fn add_up(&mut self, rules: &Rules) -> Result<()> {
        let Sourced { rule_set, rule } = rules.ex_ante()?;
        let items = || self.dimensions.iter().flat_map(|dimension| &dimension.items);
        let scores: Option<Vec<Decimal>> = items().map(|item| item.score).collect();
        let Some(scores) = scores else { return Ok(()) };
        let total = sum(scores)?;
        let mut explanation = Explanation::by(rule_set, "ex_ante.total");
        for dimension in &self.dimensions {
            let reached = dimension.score()?.unwrap_or_default();
            let step =
                Step::new(&dimension.title, "各要点得分之和", reached).input("分值", dimension.points()?);
            explanation = explanation.step(step);
        }
        let band = rule.conclusions.iter().find(|band| band.lower_score <= total);
        self.suggested = band.map(|band| band.conclusion);
        let words = self.suggested.map_or("无建议", Conclusion::chinese);
        self.explanation = explanation.concluding(
            format!("总分{total}分，建议{words}；由人作出结论"),
            format!("Total {total}; the conclusion is a person's"),
        );
        self.total_score = Some(total);
        Ok(())
    }

    /// Hands it in.
    pub fn submit(&mut self, submitter: &str) -> Result<()> {
        self.require_open()?;
        let missing: Vec<String> = self
            .dimensions
            .iter()
            .flat_map(|dimension| &dimension.items)
            .filter(|item| item.score.is_none())
            .map(|item| format!("items[{}]", item.code))
            .collect();
        if !missing.is_empty() {
            return Err(Failure::Incomplete { missing });
        }
        submitter.clone_into(&mut self.submitter);
        self.state = State::Submitted;
        Ok(())
    }

    /// Sends it back for a new attempt.
    pub fn send_back(&mut self, reason: String) -> Result<()> {
        self.require_submitted()?;
        self.return_reason = reason;
        self.state = State::Returned;
        Ok(())
    }

    /// Draws the conclusion. Support is for the whole request, an adjustment for less, a refusal for nothing.
    pub fn conclude(
        &mut self,
        conclusion: Conclusion,
        amount: Money,
        reason: String,
        concluder: &str,
        now: DateTime<Utc>,
    ) -> Result<()> {
        self.require_submitted()?;
        let requested = self.request.amount;
        let fits = match conclusion {
            Conclusion::Support => amount == requested,
            Conclusion::Adjust => amount > Money::ZERO && amount <= requested,
            Conclusion::Refuse => amount == Money::ZERO,
        };
        if !fits {
            return Err(Failure::AmountNotAllowed { requested: requested.yuan(), given: amount.yuan() });
        }
        let concluder = concluder.to_owned();
        self.decision = Some(Decision { conclusion, amount, reason, concluder, conclude_time: now });
        self.state = State::Concluded;
        Ok(())
    }

    fn require_open(&self) -> Result<()> {
        match self.state {
            State::Draft | State::Returned => Ok(()),
            State::Submitted | State::Concluded => Err(Failure::state(self.state.as_str())),
        }
    }

    fn require_submitted(&self) -> Result<()> {
        if self.state == State::Submitted { Ok(()) } else { Err(Failure::state(self.state.as_str())) }
    }
}

impl Dimension {
    /// Points that can be reached.
    pub fn points(&self) -> Result<Decimal> {
        sum(self.items.iter().map(|item| item.points))
    }

    /// Points reached; none while an item has none.
    pub fn score(&self) -> Result<Option<Decimal>> {
        self.items.iter().map(|item| item.score).collect::<Option<Vec<_>>>().map(sum).transpose()
    }
}

impl Conclusion {
    /// Chinese words.
    pub fn chinese(self) -> &'static str {
        match self {
            Self::Support => "予以支持",
            Self::Adjust => "调整后支持",
            Self::Refuse => "不予支持",
        }
    }
}

/// A rule set that names no items has one per dimension: the dimension itself.
fn lay_out(rules: &ExAnteRules, kind: ObjectKind) -> Vec<Dimension> {
    rules
        .dimensions
        .iter()
        .map(|rule| {
            let title = if kind == ObjectKind::Policy { &rule.policy_title } else { &rule.project_title };
            let item = Item {
                code: rule.code.clone(),
                title: title.clone(),
                points: rule.points,
                judgement: None,
                score: None,
                comment: String::new(),
            };
            Dimension { code: rule.code.clone(), title: title.clone(), items: vec![item] }
        })
        .collect()
}

fn check_request(request: &Request) -> Result<()> {
    if request.amount <= Money::ZERO {
        return Err(Failure::invalid("requested_amount", "money is asked for"));
    }
    Ok(())
}
