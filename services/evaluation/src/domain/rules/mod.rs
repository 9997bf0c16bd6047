//! The rules of a time (规则集) as far as evaluations need them. Everything here is data of the registry; a section that
//! no rule set gives is missing, and whoever needs it says so.

mod content;
mod grades;

use chrono::NaiveDate;
pub use content::*;
pub use grades::{GradeBand, GradeScale, Purpose};
use rust_decimal::Decimal;

use super::{Failure, Result};

/// The rules in force on one day, each section from the rule set that gives it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rules {
    sets: Vec<RuleSet>,
}

impl Rules {
    /// The rules in force on a day: the district's own first, the newest first among equals.
    pub fn in_force(sets: impl IntoIterator<Item = RuleSet>, day: NaiveDate) -> Self {
        let mut sets: Vec<RuleSet> = sets
            .into_iter()
            .filter(|set| set.start_date <= day && set.end_date.is_none_or(|end| day <= end))
            .collect();
        sets.sort_by_key(|set| std::cmp::Reverse((set.of_district, set.start_date)));
        Self { sets }
    }

    /// Resource name of the set that goes first; what an object that is scored by several names as its own.
    pub fn leading(&self) -> Result<&str> {
        self.sets.first().map(|set| set.name.as_str()).ok_or(Failure::RulesMissing { section: "any" })
    }

    fn first<'a, T>(
        &'a self,
        section: &'static str,
        read: impl Fn(&'a Content) -> Option<T>,
    ) -> Result<Sourced<'a, T>> {
        self.sets
            .iter()
            .find_map(|set| read(&set.content).map(|rule| Sourced { rule_set: &set.name, rule }))
            .ok_or(Failure::RulesMissing { section })
    }

    /// Grade scale for a purpose; the default scale when the purpose has none of its own.
    pub fn scale(&self, purpose: Purpose) -> Result<Sourced<'_, &GradeScale>> {
        let of = |wanted: Purpose| {
            self.first("grade_scales", move |c| c.grade_scales.iter().find(|s| s.purpose == wanted))
        };
        of(purpose).or_else(|_| of(Purpose::Default))
    }

    /// Rules of budget execution.
    pub fn execution(&self) -> Result<Sourced<'_, &ExecutionRules>> {
        self.first("execution_score", |c| c.execution.as_ref())
    }

    /// Points of budget execution.
    pub fn execution_points(&self) -> Result<Decimal> {
        self.first("weights", |c| c.execution_points).map(|s| s.rule)
    }

    /// Points of the whole self-evaluation.
    pub fn evaluation_points(&self) -> Result<Decimal> {
        self.first("weights", |c| c.evaluation_points).map(|s| s.rule)
    }

    /// Rules of indicators.
    pub fn indicator(&self) -> Result<Sourced<'_, &IndicatorRules>> {
        self.first("indicator_score", |c| c.indicator.as_ref())
    }

    /// Decimal places of each part's score.
    pub fn places(&self) -> Result<u32> {
        self.first("rounding", |c| c.places).map(|s| s.rule)
    }

    /// Rules of ex-ante evaluation.
    pub fn ex_ante(&self) -> Result<Sourced<'_, &ExAnteRules>> {
        self.first("ex_ante", |c| c.ex_ante.as_ref())
    }

    /// Rules of key evaluation.
    pub fn key_evaluation(&self) -> Result<Sourced<'_, &KeyEvaluationRules>> {
        self.first("key_evaluation", |c| c.key_evaluation.as_ref())
    }

    /// Suspicion signals; none when no set gives them.
    pub fn suspicion(&self) -> Option<Sourced<'_, &SuspicionRules>> {
        self.first("suspicion", |c| c.suspicion.as_ref()).ok()
    }

    /// Deductions of a recheck; empty when no set gives them.
    pub fn recheck(&self) -> &[RecheckRule] {
        self.first("recheck_rules", |c| Some(c.recheck.as_slice()).filter(|r| !r.is_empty()))
            .map_or(&[], |s| s.rule)
    }

    /// A term; none when no set gives it.
    pub fn deadline(&self, kind: DeadlineKind) -> Option<&Deadline> {
        self.first("deadlines", |c| c.deadlines.iter().find(|d| d.kind == kind)).ok().map(|s| s.rule)
    }

    /// What results recommend; empty when no set gives anything.
    pub fn hints(&self) -> Vec<Sourced<'_, &HintRule>> {
        self.first("hint_rules", |c| Some(c.hints.as_slice()).filter(|h| !h.is_empty()))
            .map(|s| s.rule.iter().map(|rule| Sourced { rule_set: s.rule_set, rule }).collect())
            .unwrap_or_default()
    }

    /// Conflict of interest; none when no set speaks of it.
    pub fn conflict(&self) -> Option<Sourced<'_, &ConflictRules>> {
        self.first("conflict", |c| c.conflict.as_ref()).ok()
    }
}

/// A rule and the rule set that gives it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sourced<'a, T> {
    /// Resource name of the rule set.
    pub rule_set: &'a str,
    /// The rule.
    pub rule: T,
}
