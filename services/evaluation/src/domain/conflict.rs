//! Who must not evaluate whom (利益冲突回避).

use kernel::{Explanation, Step};
use wenxiao_kernel as kernel;

use super::Failure;
use super::rules::{ConflictRules, Sourced};

/// Kind of conflict (回避事由).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConflictKind {
    /// The institution works for the evaluated unit (受被评价单位委托).
    EngagedByEvaluatedUnit,
    /// The contract is for assisting only (仅辅助).
    AssistOnly,
    /// The contract does not cover the day.
    EngagementNotInForce,
    /// The person belongs to the evaluated unit (隶属关系).
    PersonOfEvaluatedUnit,
}

impl ConflictKind {
    /// The word for metadata.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::EngagedByEvaluatedUnit => "engaged_by_evaluated_unit",
            Self::AssistOnly => "assist_only",
            Self::EngagementNotInForce => "engagement_not_in_force",
            Self::PersonOfEvaluatedUnit => "person_of_evaluated_unit",
        }
    }

    fn chinese(self) -> &'static str {
        match self {
            Self::EngagedByEvaluatedUnit => "受被评价单位委托",
            Self::AssistOnly => "委托仅限辅助工作，不得出具报告",
            Self::EngagementNotInForce => "委托期限不覆盖评价时间",
            Self::PersonOfEvaluatedUnit => "与被评价单位有隶属关系",
        }
    }
}

/// A contract, as the registry has it (委托).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Engagement {
    /// Resource name.
    pub name: String,
    /// Who is engaged.
    pub participant: String,
    /// Unit that engages.
    pub principal: String,
    /// Whether the participant may sign a report.
    pub may_sign: bool,
    /// Year of the work.
    pub work_year: i32,
}

/// A person and the unit that employs them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// Resource name.
    pub participant: String,
    /// Unit that employs the person; empty when none does.
    pub employer: String,
}

/// Who would evaluate whom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question<'a> {
    /// The institution; empty when there is none.
    pub institution: &'a str,
    /// Contract for this work; empty when there is none.
    pub engagement: &'a str,
    /// Every contract of the institution.
    pub engagements: &'a [Engagement],
    /// Persons on the panel.
    pub people: &'a [Person],
    /// Unit that is evaluated.
    pub evaluated_unit: &'a str,
    /// Year of the work.
    pub work_year: i32,
}

/// A conflict found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conflict {
    /// Kind.
    pub kind: ConflictKind,
    /// Institution or person.
    pub party: String,
    /// Whether it is a bar.
    pub blocking: bool,
    /// How it was found.
    pub explanation: Explanation,
}

impl From<&Conflict> for Failure {
    fn from(conflict: &Conflict) -> Self {
        Self::ConflictOfInterest { party: conflict.party.clone(), kind: conflict.kind.as_str().to_owned() }
    }
}

/// Looks for conflicts. Before the year from which the rules enforce them they are shown and do not bar; that a contract
/// for assisting carries no report holds always.
pub fn find(rules: Option<Sourced<'_, &ConflictRules>>, question: &Question<'_>) -> Vec<Conflict> {
    let enforced = rules.is_some_and(|sourced| sourced.rule.enforced);
    let cooling = rules.map_or(0, |sourced| sourced.rule.cooling_years);
    let rule_set = rules.map_or("", |sourced| sourced.rule_set);
    let mut found = Vec::new();
    let mut add = |kind: ConflictKind, party: &str, blocking: bool, source: &str| {
        let explanation = Explanation::by(rule_set, format!("conflict.{}", kind.as_str()))
            .step(
                Step::new("回避审查", kind.chinese(), if blocking { "须回避" } else { "提示" })
                    .input_of("当事方", party, source)
                    .input("被评价单位", question.evaluated_unit),
            )
            .concluding(kind.chinese(), kind.as_str().replace('_', " "));
        found.push(Conflict { kind, party: party.to_owned(), blocking, explanation });
    };
    for engagement in question.engagements.iter().filter(|e| e.participant == question.institution) {
        let own = engagement.name == question.engagement;
        let years = question.work_year.saturating_sub(engagement.work_year);
        if engagement.principal == question.evaluated_unit && (own || (0..=cooling).contains(&years)) {
            add(ConflictKind::EngagedByEvaluatedUnit, question.institution, enforced, &engagement.name);
        }
        if own && !engagement.may_sign {
            add(ConflictKind::AssistOnly, question.institution, true, &engagement.name);
        }
        if own && engagement.work_year != question.work_year {
            add(ConflictKind::EngagementNotInForce, question.institution, enforced, &engagement.name);
        }
    }
    for person in question.people.iter().filter(|p| !p.employer.is_empty()) {
        if person.employer == question.evaluated_unit {
            add(ConflictKind::PersonOfEvaluatedUnit, &person.participant, enforced, &person.participant);
        }
    }
    found
}
