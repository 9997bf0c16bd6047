//! May it get more money (预算追加闸口)? 原则上 makes a block soft: overridden with a reason by somebody entitled to.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use wenxiao_kernel::{Explanation, FiscalYear, Money, Step};

use super::execution::{Amounts, Basis, percent};
use super::measure::{MeasureKind, Subject};
use super::refusal::Refusal;
use super::rules::{Rules, Strength};
use super::schedule::Share;

wenxiao_kernel::vocabulary! {
    /// Why money is blocked (限制事由).
    GroundKind {
        /// 部门支出进度低于序时进度.
        DepartmentBelowSchedule = "department_below_schedule",
        /// 不予追加.
        NoSupplement = "no_supplement",
        /// 调减预算.
        Reduced = "reduced",
        /// 暂停实施.
        Suspended = "suspended",
        /// 停止拨付.
        PaymentStopped = "payment_stopped",
        /// 绩效目标不予通过.
        ObjectiveBarred = "objective_barred",
        /// 没有批复的绩效目标.
        ObjectiveMissing = "objective_missing",
    }
}

/// What the gate answers (结论).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// 可以追加.
    Allowed,
    /// 例外准予.
    AllowedByOverride,
    /// 原则上不予追加.
    SoftBlocked,
    /// 不予追加.
    Blocked,
}

impl Verdict {
    /// The Chinese words.
    pub fn chinese(self) -> &'static str {
        match self {
            Self::Allowed => "可以追加",
            Self::AllowedByOverride => "例外准予追加",
            Self::SoftBlocked => "原则上不予追加",
            Self::Blocked => "不予追加",
        }
    }
}

/// A measure in force on the subject or its department.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MeasureInForce {
    /// Id.
    pub id: String,
    /// What is done.
    pub kind: MeasureKind,
    /// From which day.
    pub effective_date: NaiveDate,
}

/// A recorded exception (例外批准).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Override {
    /// Id within the district.
    pub id: String,
    /// Project or department that it is for.
    pub subject: Subject,
    /// Unit that it belongs to, by id.
    #[serde(default)]
    pub unit: String,
    /// Its agency code.
    pub agency_code: String,
    /// Department, by id.
    pub department: String,
    /// Budget year.
    pub fiscal_year: FiscalYear,
    /// Grounds that it covers.
    pub grounds: Vec<GroundKind>,
    /// Why.
    pub reason: String,
    /// Limit of one supplement.
    pub limit: Option<Money>,
    /// First day.
    pub start_date: NaiveDate,
    /// Last day.
    pub expire_date: NaiveDate,
    /// The answer that was overridden.
    pub check: Check,
    /// Who decided.
    pub decider: String,
    /// How it was revoked, when it was.
    pub revoked: Option<(String, DateTime<Utc>)>,
    /// When it was decided.
    pub create_time: DateTime<Utc>,
    /// Version.
    pub version: i64,
}

impl Override {
    /// Revokes it (撤销例外).
    pub fn revoke(&mut self, reason: &str, now: DateTime<Utc>) -> Result<(), Refusal> {
        if self.revoked.is_some() {
            return Err(Refusal::State { state: "revoked", action: "revoke" });
        }
        self.revoked = Some((reason.to_owned(), now));
        Ok(())
    }

    fn covers(&self, ground: GroundKind, day: NaiveDate, amount: Option<Money>) -> bool {
        let within = self.limit.is_none_or(|limit| amount.is_none_or(|amount| amount <= limit));
        let in_time = self.start_date <= day && day <= self.expire_date;
        self.revoked.is_none() && in_time && within && self.grounds.contains(&ground)
    }
}

/// Everything that the answer depends on.
#[derive(Clone, Debug)]
pub struct Standing {
    /// Project or department.
    pub subject: Subject,
    /// Department that answers for it, by id.
    pub department: String,
    /// Budget year.
    pub fiscal_year: FiscalYear,
    /// Day.
    pub day: NaiveDate,
    /// The department's money, executed up to the month that the schedule speaks of.
    pub amounts: Amounts,
    /// The department's schedule on that day.
    pub schedule: Share,
    /// Measures in force on the subject or its department.
    pub measures: Vec<MeasureInForce>,
    /// Whether the project's objective was barred (差).
    pub objective_barred: bool,
    /// Whether the project has a ratified objective of the year; `None` for a department, which is not asked.
    pub objective_ratified: Option<bool>,
    /// Exceptions for the subject or its department, of that year.
    pub overrides: Vec<Override>,
    /// Amount wanted.
    pub amount: Option<Money>,
}

/// One ground of an answer (限制事由明细).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ground {
    /// Why.
    pub kind: GroundKind,
    /// How hard.
    pub strength: Strength,
    /// Measure behind it; empty when it is none.
    pub measure: String,
    /// Exception that covers it; empty when none does.
    pub covered_by: String,
    /// One sentence in Chinese.
    pub summary: String,
}

/// The gate's answer (核查结果).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Check {
    /// Project or unit.
    pub subject: Subject,
    /// Department.
    pub department: String,
    /// Budget year.
    pub fiscal_year: FiscalYear,
    /// Day.
    pub day: NaiveDate,
    /// What the answer is.
    pub verdict: Verdict,
    /// Every ground that applies.
    pub grounds: Vec<Ground>,
    /// The department's money.
    pub amounts: Amounts,
    /// Its schedule.
    pub schedule: Share,
    /// How it came about.
    pub explanation: Explanation,
}

/// May the subject get a supplement?
pub fn check(rules: &Rules, standing: &Standing) -> Check {
    let mut grounds: Vec<Ground> = schedule_ground(rules, standing).into_iter().collect();
    grounds.extend(
        standing.measures.iter().filter(|m| m.effective_date <= standing.day).filter_map(measure_ground),
    );
    if standing.objective_barred {
        grounds.push(ground(
            GroundKind::ObjectiveBarred,
            Strength::Hard,
            "",
            "绩效目标审核等级为差，不得进入预算安排",
        ));
    }
    grounds.extend(missing_objective(rules, standing));
    for ground in grounds.iter_mut().filter(|ground| ground.strength == Strength::Soft) {
        let cover = standing.overrides.iter().find(|o| o.covers(ground.kind, standing.day, standing.amount));
        ground.covered_by = cover.map_or_else(String::new, |cover| cover.id.clone());
    }
    let verdict = verdict(&grounds);
    let explanation = explain(rules, standing, verdict, &grounds);
    Check {
        subject: standing.subject.clone(),
        department: standing.department.clone(),
        fiscal_year: standing.fiscal_year,
        day: standing.day,
        verdict,
        grounds,
        amounts: standing.amounts,
        schedule: standing.schedule,
        explanation,
    }
}

fn ground(kind: GroundKind, strength: Strength, measure: &str, summary: &str) -> Ground {
    Ground {
        kind,
        strength,
        measure: measure.to_owned(),
        covered_by: String::new(),
        summary: summary.to_owned(),
    }
}

fn schedule_ground(rules: &Rules, standing: &Standing) -> Option<Ground> {
    let rule = rules.supplement.filter(|rule| rule.block_below_schedule)?;
    if !standing.amounts.is_below(standing.schedule) {
        return None;
    }
    let summary = format!(
        "部门预算支出进度{}%低于序时进度{}%，原则上不予追加部门预算",
        percent(standing.amounts.rate(Basis::Adjusted)),
        percent(standing.schedule.value())
    );
    Some(ground(GroundKind::DepartmentBelowSchedule, rule.strength, "", &summary))
}

/// A barred objective is its own ground: there the one that is missing says nothing more.
fn missing_objective(rules: &Rules, standing: &Standing) -> Option<Ground> {
    let strength = rules.supplement.and_then(|rule| rule.without_objective)?;
    let missing = standing.objective_ratified == Some(false) && !standing.objective_barred;
    let summary = "项目没有当年批复的绩效目标";
    missing.then(|| ground(GroundKind::ObjectiveMissing, strength, "", summary))
}

fn measure_ground(measure: &MeasureInForce) -> Option<Ground> {
    let (kind, strength, summary) = match measure.kind {
        MeasureKind::NoSupplement => (GroundKind::NoSupplement, Strength::Soft, "已决定原则上不予追加"),
        MeasureKind::Reduce => (GroundKind::Reduced, Strength::Soft, "本年度预算已决定调减"),
        MeasureKind::Suspend => (GroundKind::Suspended, Strength::Hard, "项目已暂停实施"),
        MeasureKind::StopPayment => (GroundKind::PaymentStopped, Strength::Hard, "已停止拨付"),
        MeasureKind::KeyEvaluationCandidate => return None,
    };
    Some(ground(kind, strength, &measure.id, summary))
}

fn verdict(grounds: &[Ground]) -> Verdict {
    let blocking = |strength| grounds.iter().filter(move |ground| ground.strength == strength);
    let mut soft = blocking(Strength::Soft).peekable();
    if blocking(Strength::Hard).next().is_some() {
        Verdict::Blocked
    } else if soft.peek().is_none() {
        Verdict::Allowed
    } else if soft.all(|ground| !ground.covered_by.is_empty()) {
        Verdict::AllowedByOverride
    } else {
        Verdict::SoftBlocked
    }
}

fn explain(rules: &Rules, standing: &Standing, verdict: Verdict, grounds: &[Ground]) -> Explanation {
    let mut listed = Step::new("限制事由", "硬性限制不可例外；原则上的限制可经批准例外", verdict.chinese());
    for ground in grounds {
        listed = listed.input(ground.kind.as_str(), &ground.summary);
    }
    Explanation::by(&rules.rule_set, "monitoring.supplement")
        .concluding(verdict.chinese(), format!("{verdict:?} with {} ground(s)", grounds.len()))
        .step(standing.amounts.explain_schedule(standing.schedule))
        .step(listed)
}

/// The grounds that an exception would cover: every soft one. Refused when something blocks hard or nothing blocks.
pub fn overridable(check: &Check) -> Result<Vec<GroundKind>, Refusal> {
    let subject = || check.subject.id().to_owned();
    if let Some(hard) = check.grounds.iter().find(|ground| ground.strength == Strength::Hard) {
        return Err(Refusal::NotOverridable { subject: subject(), ground: hard.kind.as_str() });
    }
    let open = check.grounds.iter().filter(|g| g.strength == Strength::Soft && g.covered_by.is_empty());
    let mut kinds: Vec<GroundKind> = open.map(|ground| ground.kind).collect();
    kinds.dedup();
    if kinds.is_empty() { Err(Refusal::NothingToOverride(subject())) } else { Ok(kinds) }
}
