//! What the rules recommend for the next budget (预算挂钩建议). Rules recommend, people decide: nothing here cuts anything.

use std::collections::BTreeMap;

use kernel::{Explanation, Grade, Step};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use wenxiao_kernel as kernel;
use wenxiao_kernel::vocabulary;

use super::Result;
use super::number::mul;
use super::object::EvaluatedObject;
use super::rules::{Action, HintRule, Sourced, Strength, Trigger};

vocabulary! {
    /// Whether a hint holds (状态).
    State {
        /// Holds.
        Active = "active",
        /// 已失效.
        Superseded = "superseded",
    }
}

/// A hint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hint {
    /// Object that it is about.
    pub object: EvaluatedObject,
    /// Newest year whose spending it rests on.
    pub evaluated_year: i32,
    /// Year in which it was made.
    pub work_year: i32,
    /// Budget year that it is for.
    pub applies_to_year: i32,
    /// What is recommended.
    pub action: Action,
    /// How far it binds.
    pub strength: Strength,
    /// Reduction in percent; none leaves it to the person.
    pub reduction_percent: Option<Decimal>,
    /// What it rests on.
    pub basis: Vec<Basis>,
    /// How it came about.
    pub explanation: Explanation,
    /// Whether it holds.
    pub state: State,
}

/// A fact that a hint rests on (依据).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Basis {
    /// Kind of fact.
    pub kind: Trigger,
    /// Object that it was read from.
    pub resource: String,
    /// The fact as plain text.
    pub value: String,
}

/// Something known about an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fact {
    /// The object.
    pub object: EvaluatedObject,
    /// Year whose spending it is about.
    pub evaluated_year: i32,
    /// Kind of fact.
    pub kind: Trigger,
    /// Object that it was read from.
    pub resource: String,
    /// Grade, for evaluations.
    pub grade: Option<Grade>,
    /// Rate as a fraction, for execution.
    pub rate: Option<Decimal>,
    /// The fact as plain text.
    pub value: String,
}

/// Makes the hints that the facts give rise to: one per object and action, with every fact that speaks for it, as
/// strong as the strongest rule.
pub fn derive(
    rules: &[Sourced<'_, &HintRule>],
    facts: &[Fact],
    work_year: i32,
    applies_to_year: i32,
) -> Result<Vec<Hint>> {
    let mut hints: BTreeMap<(String, &'static str), Hint> = BTreeMap::new();
    for fact in facts {
        for sourced in rules.iter().filter(|sourced| speaks(sourced.rule, fact)) {
            let rule = sourced.rule;
            let hint =
                hints.entry((fact.object.subject.clone(), rule.action.as_str())).or_insert_with(|| Hint {
                    object: fact.object.clone(),
                    evaluated_year: fact.evaluated_year,
                    work_year,
                    applies_to_year,
                    action: rule.action,
                    strength: Strength::Advisory,
                    reduction_percent: None,
                    basis: Vec::new(),
                    explanation: Explanation::by(sourced.rule_set, format!("hint.{}", rule.code)),
                    state: State::Active,
                });
            hint.evaluated_year = hint.evaluated_year.max(fact.evaluated_year);
            hint.strength = hint.strength.max(rule.strength);
            let percent = rule.reduction_share.map(|share| mul(share, Decimal::ONE_HUNDRED)).transpose()?;
            hint.reduction_percent = hint.reduction_percent.max(percent);
            let basis = Basis { kind: fact.kind, resource: fact.resource.clone(), value: fact.value.clone() };
            if !hint.basis.contains(&basis) {
                hint.basis.push(basis);
            }
            let step = Step::new(&rule.code, &rule.message, rule.action.as_str());
            let step = step.input_of("依据", &fact.value, &fact.resource);
            hint.explanation = std::mem::take(&mut hint.explanation).step(step).concluding(
                rule.message.clone(),
                format!("Recommended: {}; a person decides", rule.action.as_str()),
            );
        }
    }
    Ok(hints.into_values().collect())
}

fn speaks(rule: &HintRule, fact: &Fact) -> bool {
    let grade_fits = rule.grades.is_empty() || fact.grade.is_some_and(|grade| rule.grades.contains(&grade));
    let rate_fits = match (rule.execution_below_rate, fact.rate) {
        (Some(threshold), Some(rate)) => rate < threshold,
        (Some(_), None) => false,
        (None, _) => true,
    };
    rule.trigger == fact.kind && grade_fits && rate_fits
}

impl Hint {
    /// Whether arranging money needs a reason against this hint: it binds, and the amount goes against it.
    pub fn stands_in_the_way(&self, arranged_more_than_nothing: bool, grows: bool) -> bool {
        self.state == State::Active
            && self.strength != Strength::Advisory
            && match self.action {
                Action::NoIncrease | Action::Reduce => grows,
                Action::Suspend | Action::StopPayment | Action::Cancel | Action::ReEvaluate => {
                    arranged_more_than_nothing
                }
                Action::Prioritise | Action::Hold => false,
            }
    }
}
