//! Which objects are evaluated in depth, who leads, and why (重点绩效评价计划).

use chrono::{DateTime, Utc};
use kernel::Money;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use wenxiao_kernel as kernel;
use wenxiao_kernel::vocabulary;

use super::object::{EvaluatedObject, Printed};
use super::{Failure, Result};

vocabulary! {
    /// Where the plan stands (状态).
    State {
        /// Being put together.
        Draft = "draft",
        /// 已批准.
        Approved = "approved",
    }
}

vocabulary! {
    /// Who leads (评价类别).
    Lead {
        /// 财政评价.
        Finance = "finance",
        /// 部门评价.
        Department = "department",
    }
}

vocabulary! {
    /// Why an object was chosen (选取理由).
    SelectionReason {
        /// 区委区政府重点项目.
        GovernmentPriority = "government_priority",
        /// 民生保障项目.
        Livelihood = "livelihood",
        /// 与经济社会发展密切相关.
        Development = "development",
        /// 监控备选.
        MonitoringCandidate = "monitoring_candidate",
        /// 周期覆盖.
        Cycle = "cycle",
        /// 自评存疑.
        SelfEvaluation = "self_evaluation",
        /// 人大或领导要求.
        Requested = "requested",
    }
}

/// A plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// Title.
    pub title: String,
    /// Year in which the work is done.
    pub work_year: i32,
    /// Year whose spending is evaluated.
    pub evaluated_year: i32,
    /// Objects chosen.
    pub items: Vec<PlanItem>,
    /// What the plan's text states.
    pub stated: Stated,
    /// Who approved it, and when.
    pub approval: Option<Approval>,
    /// Where it stands.
    pub state: State,
}

/// An approval.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Approval {
    /// Who.
    pub approver: String,
    /// When.
    pub approve_time: DateTime<Utc>,
}

/// One object chosen (计划对象).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanItem {
    /// Number in the plan.
    pub number: i32,
    /// The object.
    pub object: EvaluatedObject,
    /// Who leads.
    pub lead: Lead,
    /// Why it was chosen.
    pub reasons: Vec<SelectionReason>,
    /// Reason in words.
    pub remark: String,
    /// Candidate that it was chosen from; empty when it was none.
    pub candidate: String,
    /// 评价资金.
    pub amount: Money,
}

/// Totals that a text states (文中所述合计).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stated {
    /// Number of objects.
    pub total: Option<i32>,
    /// Led by the finance bureau.
    pub finance: Option<i32>,
    /// Led by departments.
    pub department: Option<i32>,
    /// Amount as printed.
    pub amount: Option<Printed>,
}

impl Plan {
    /// Checks a plan in draft: numbers are unique, years in order, amounts not negative.
    pub fn check(&self) -> Result<()> {
        if self.title.trim().is_empty() {
            return Err(Failure::Incomplete { missing: vec!["title".to_owned()] });
        }
        if self.evaluated_year > self.work_year {
            return Err(Failure::invalid("evaluated_year", "a year is evaluated in that year or later"));
        }
        let mut numbers = BTreeSet::new();
        for (at, item) in self.items.iter().enumerate() {
            if !numbers.insert(item.number) {
                return Err(Failure::invalid(format!("items[{at}].number"), "numbers are unique in a plan"));
            }
            if item.amount.is_negative() {
                return Err(Failure::invalid(format!("items[{at}].amount"), "an amount is not negative"));
            }
        }
        Ok(())
    }

    /// Replaces what may change in draft.
    pub fn edit(&mut self, title: String, items: Vec<PlanItem>, stated: Stated) -> Result<()> {
        self.require_draft()?;
        let changed = Self { title, items, stated, ..self.clone() };
        changed.check()?;
        *self = changed;
        Ok(())
    }

    /// Approves the plan: it has objects, each with a reason, and none twice.
    pub fn approve(&mut self, approver: &str, now: DateTime<Utc>) -> Result<()> {
        self.require_draft()?;
        if self.items.is_empty() {
            return Err(Failure::Incomplete { missing: vec!["items".to_owned()] });
        }
        let missing: Vec<String> = self
            .items
            .iter()
            .filter(|item| item.reasons.is_empty())
            .map(|item| format!("items[{}].reasons", item.number))
            .collect();
        if !missing.is_empty() {
            return Err(Failure::Incomplete { missing });
        }
        if let Some(subject) = duplicates(&self.items).into_iter().next() {
            return Err(Failure::invalid("items", format!("{subject} stands in the list twice")));
        }
        self.approval = Some(Approval { approver: approver.to_owned(), approve_time: now });
        self.state = State::Approved;
        Ok(())
    }

    /// The object with a number, of an approved plan.
    pub fn item(&self, number: i32) -> Result<&PlanItem> {
        if self.state != State::Approved {
            return Err(Failure::state("draft"));
        }
        self.items
            .iter()
            .find(|item| item.number == number)
            .ok_or_else(|| Failure::unknown(format!("plan_item {number}")))
    }

    fn require_draft(&self) -> Result<()> {
        if self.state == State::Draft { Ok(()) } else { Err(Failure::state("approved")) }
    }
}

/// Subjects that stand in a list more than once.
pub fn duplicates(items: &[PlanItem]) -> Vec<String> {
    let mut seen = BTreeSet::new();
    items
        .iter()
        .map(|item| item.object.subject.as_str())
        .filter(|subject| !seen.insert(*subject))
        .map(str::to_owned)
        .collect::<BTreeSet<_>>()
        .into_iter()
        .collect()
}

/// An evaluation as stored, as far as reconciling needs it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    /// Resource name.
    pub name: String,
    /// Number in the plan.
    pub plan_item: i32,
    /// Who leads.
    pub lead: Lead,
    /// Money under evaluation.
    pub amount: Money,
    /// Whether its result is fixed.
    pub fixed: bool,
}

/// One comparison (核对项).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// What is compared.
    pub code: &'static str,
    /// The same in Chinese.
    pub title: &'static str,
    /// What the text states; empty when nothing.
    pub stated: String,
    /// What the list gives.
    pub listed: String,
    /// What is stored.
    pub stored: String,
    /// Whether all that is given is the same.
    pub matching: bool,
}

/// What reconciling found (核对结果).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reconciliation {
    /// Every comparison.
    pub lines: Vec<Line>,
    /// Plan items without an evaluation.
    pub missing_items: Vec<i32>,
    /// Evaluations without a fixed result.
    pub unfinished: Vec<String>,
    /// Subjects listed twice.
    pub duplicates: Vec<String>,
}

/// Compares what the text states, what the plan lists and what is stored.
pub fn reconcile(plan: &Plan, stored: &[Stored]) -> Result<Reconciliation> {
    let listed =
        |lead: Option<Lead>| count(plan.items.iter().filter(|i| lead.is_none_or(|l| l == i.lead)).count());
    let kept = |lead: Option<Lead>| count(stored.iter().filter(|s| lead.is_none_or(|l| l == s.lead)).count());
    let line = |code, title, stated: Option<i32>, lead| Line {
        code,
        title,
        stated: stated.map(|n| n.to_string()).unwrap_or_default(),
        listed: listed(lead).to_string(),
        stored: kept(lead).to_string(),
        matching: stated.is_none_or(|n| n == listed(lead)) && listed(lead) == kept(lead),
    };
    let too_large = || Failure::invalid("items", "the amounts are too large");
    let listed_amount = Money::total(plan.items.iter().map(|item| item.amount)).ok_or_else(too_large)?;
    let stored_amount = Money::total(stored.iter().map(|item| item.amount)).ok_or_else(too_large)?;
    let stated_amount = plan.stated.amount.as_ref();
    let lines = vec![
        line("total_count", "评价对象总数", plan.stated.total, None),
        line("finance_count", "财政评价数", plan.stated.finance, Some(Lead::Finance)),
        line("department_count", "部门评价数", plan.stated.department, Some(Lead::Department)),
        Line {
            code: "amount",
            title: "评价资金",
            stated: stated_amount.map(|printed| printed.figure.to_string()).unwrap_or_default(),
            listed: listed_amount.to_string(),
            stored: stored_amount.to_string(),
            matching: stated_amount.is_none_or(|printed| printed.figure.admits(listed_amount))
                && listed_amount == stored_amount,
        },
    ];
    let done: BTreeSet<i32> = stored.iter().map(|item| item.plan_item).collect();
    Ok(Reconciliation {
        lines,
        missing_items: plan
            .items
            .iter()
            .map(|item| item.number)
            .filter(|number| !done.contains(number))
            .collect(),
        unfinished: stored.iter().filter(|item| !item.fixed).map(|item| item.name.clone()).collect(),
        duplicates: duplicates(&plan.items),
    })
}

impl Reconciliation {
    /// Whether everything matches and is finished.
    pub fn reconciled(&self) -> bool {
        self.lines.iter().all(|line| line.matching)
            && self.missing_items.is_empty()
            && self.unfinished.is_empty()
            && self.duplicates.is_empty()
    }
}

fn count(n: usize) -> i32 {
    i32::try_from(n).unwrap_or(i32::MAX)
}
