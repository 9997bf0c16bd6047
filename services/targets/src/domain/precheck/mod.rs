//! What a good reviewer sees first (预审): every remark on a form at once, each with its rule, field, severity and a
//! proposal. One pure function per rule; which rules run, how much they weigh, their words and numbers are data of the
//! rule set. Errors stop a submission; the rest may stay, because a person decides. `README.md` lists the rules.

pub mod rule;
pub mod text;

mod completeness;
mod direction;
mod finding;
mod goals;
mod indicators;
mod levels;
mod money;
mod similar;
mod units;
mod values;
mod volume;
mod weighing;
mod wording;

use finding::Finding;
pub use similar::{Neighbour, alike};

use super::form::{Form, Remark, Severity};
use super::objective::Subject;
use super::rules::FormRules;
use rule::Rule;

/// A form and what is known around it.
#[derive(Clone, Copy, Debug)]
pub struct Draft<'a> {
    /// The form.
    pub form: &'a Form,
    /// What it is for.
    pub subject: &'a Subject,
    /// Name of the project, policy or department.
    pub title: &'a str,
    /// Forms that may read alike; none where they are not looked up.
    pub neighbours: &'a [Neighbour],
}

/// What a rule is applied to: the draft, the rules around, and the rule itself.
#[derive(Clone, Copy, Debug)]
struct Case<'a> {
    draft: Draft<'a>,
    rules: &'a FormRules,
    rule: &'a Rule,
}

impl<'a> Case<'a> {
    fn form(&self) -> &'a Form {
        self.draft.form
    }

    /// A list of words of the rule, or of all rules.
    fn words(&self, name: &str) -> &'a [String] {
        self.rules.precheck.words(self.rule, name)
    }

    fn units(&self) -> text::Units<'a> {
        text::Units { known: self.words("units"), synonyms: self.words("unit_synonyms") }
    }
}

type Check = fn(&Case<'_>) -> Vec<Finding>;

/// Rules that need other forms: a submission does not look at those, so that they stop none.
const BESIDE_OTHERS: &str = "text.";

/// Which function applies which rule.
const CHECKS: &[(&str, Check)] = &[
    ("completeness.annual_goal", completeness::annual_goal),
    ("completeness.indicators", completeness::indicators),
    ("completeness.profile", completeness::profile),
    ("completeness.annual_funding", completeness::annual_funding),
    ("completeness.whole_life", completeness::whole_life),
    ("dates.order", completeness::dates_in_order),
    ("dates.out_of_year", completeness::dates_in_year),
    ("money.negative", money::negative),
    ("money.sum", money::sum),
    ("money.printed", money::printed),
    ("money.annual_whole", money::annual_whole),
    ("levels.required", levels::required),
    ("levels.level1", levels::level1),
    ("levels.level2", levels::level2),
    ("levels.cost_missing", levels::cost_missing),
    ("levels.satisfaction_recipient", levels::satisfaction_recipient),
    ("levels.satisfaction_missing", levels::satisfaction_missing),
    ("levels.quantity_quality", levels::quantity_quality),
    ("levels.placement", levels::placement),
    ("indicator.id_unique", indicators::id_unique),
    ("indicator.title", indicators::title),
    ("indicator.level1", indicators::level1),
    ("indicator.operator", indicators::operator),
    ("indicator.unit", indicators::unit),
    ("indicator.duplicate", indicators::duplicate),
    ("operator.cost_direction", direction::cost),
    ("operator.negative_direction", direction::negative),
    ("operator.satisfaction_direction", direction::satisfaction),
    ("value.missing", values::missing),
    ("value.needs_number", values::needs_number),
    ("value.needs_range", values::needs_range),
    ("value.needs_text", values::needs_text),
    ("value.range_reversed", values::range_reversed),
    ("value.satisfaction_range", values::satisfaction_range),
    ("value.rate_range", values::rate_range),
    ("value.fraction", values::fraction),
    ("value.negative", values::negative),
    ("value.completion_text", values::completion_text),
    ("value.date_out_of_year", values::date_out_of_year),
    ("value.annual_whole", values::annual_whole),
    ("value.false_quantification", wording::false_quantification),
    ("value.no_standard", wording::no_standard),
    ("value.vague", wording::vague),
    ("unit.mismatch", units::mismatch),
    ("unit.mixed", units::mixed),
    ("volume.no_quantity", volume::no_quantity),
    ("volume.unit_cost", volume::unit_cost),
    ("volume.cost_standard", volume::cost_standard),
    ("goal.other_year", goals::other_year),
    ("goal.figure_missing", goals::figure_missing),
    ("goal.figure_differs", goals::figure_differs),
    ("goal.vague", wording::vague_goal),
    ("text.same_as_other", similar::same_as_other),
    ("text.same_as_last_year", similar::same_as_last_year),
    ("weights.total", weighing::total),
    ("weights.missing", weighing::missing),
    ("weights.bounds", weighing::bounds),
    ("weights.sum", weighing::sum),
    ("weights.goal_sum", weighing::goal_sum),
    ("weights.goal", weighing::goal),
];

/// Codes of all rules that there are functions for.
pub fn codes() -> impl Iterator<Item = &'static str> {
    CHECKS.iter().map(|(code, _)| *code)
}

/// Every remark on a form, the heavy ones first.
pub fn check(draft: Draft<'_>, rules: &FormRules) -> Vec<Remark> {
    let on = rules.precheck.rules.iter().filter(|rule| rule.on);
    let mut remarks: Vec<Remark> = on.flat_map(|rule| apply(draft, rules, rule)).collect();
    remarks.sort_by_key(|remark| std::cmp::Reverse(remark.severity));
    remarks
}

fn apply(draft: Draft<'_>, rules: &FormRules, rule: &Rule) -> Vec<Remark> {
    let Some((_, check)) = CHECKS.iter().find(|(code, _)| *code == rule.code) else { return Vec::new() };
    let most = if rule.code.starts_with(BESIDE_OTHERS) { Severity::Warning } else { Severity::Error };
    let found = check(&Case { draft, rules, rule });
    found.into_iter().map(|finding| finding.remark(&rule.code, rule.severity.min(most))).collect()
}

/// Whether a form with these remarks may be submitted.
pub fn is_submittable(remarks: &[Remark]) -> bool {
    remarks.iter().all(|remark| remark.severity != Severity::Error)
}
