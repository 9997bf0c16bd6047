//! Plans of the work (工作计划): the annual plan and the rollout plan with their milestones.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use wenxiao_kernel::{Explanation, FiscalYear, Step, rounding, vocabulary};

use super::unit::AgencyCode;
use super::{Checks, Refusal};

vocabulary! {
    /// Which plan it is (计划类型).
    PlanKind {
        /// 年度工作计划.
        Annual = "annual",
        /// 执行计划, over several years.
        Rollout = "rollout",
    }
}

vocabulary! {
    /// Where a plan stands (状态).
    PlanState {
        /// 草稿.
        Draft = "draft",
        /// 已印发.
        Adopted = "adopted",
        /// 已结束.
        Closed = "closed",
    }
}

vocabulary! {
    /// How a milestone went (状态).
    MilestoneState {
        /// 未开始或进行中.
        Open = "open",
        /// 已完成.
        Done = "done",
        /// 已取消.
        Dropped = "dropped",
    }
}

/// A plan of the work (工作计划).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WorkPlan {
    /// Identifier.
    pub id: String,
    /// 计划类型.
    pub kind: PlanKind,
    /// 名称.
    pub title: String,
    /// 依据文件.
    pub document_title: String,
    /// 文号.
    pub document_number: String,
    /// Year in which it was drawn up.
    pub work_year: FiscalYear,
    /// How many years it covers; 0 when not given.
    pub horizon_years: i32,
    /// 完成时限.
    pub target_date: Option<NaiveDate>,
    /// 目标.
    pub goals: String,
    /// Steps on the way.
    pub milestones: Vec<Milestone>,
    /// Where it stands.
    pub state: PlanState,
    /// Day of adoption.
    pub adopt_date: Option<NaiveDate>,
}

/// A step of a plan (里程碑).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Milestone {
    /// Identifier within the plan.
    pub id: String,
    /// What is to be done.
    pub title: String,
    /// 责任单位.
    pub responsible_unit: Option<AgencyCode>,
    /// Day by which it is to be done.
    pub due_date: Option<NaiveDate>,
    /// Its part in the progress, above zero.
    pub weight: Decimal,
    /// How it went.
    pub state: MilestoneState,
    /// How far it has come, 0 to 1.
    pub progress: Decimal,
    /// Day on which it was done.
    pub done_date: Option<NaiveDate>,
    /// The last note on it.
    pub note: String,
}

/// A note on a milestone (进展).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Which milestone.
    pub milestone: String,
    /// How it stands now.
    pub state: MilestoneState,
    /// How far it has come.
    pub progress: Option<Decimal>,
    /// Day on which it was done.
    pub done_date: Option<NaiveDate>,
    /// What was done or hinders.
    pub note: String,
}

impl Milestone {
    /// How many days late it is as of a day: at least 1, or `None` when its day has not passed, or it was done or
    /// dropped by then.
    pub fn days_late(&self, as_of: NaiveDate) -> Option<i64> {
        let open = match self.state {
            MilestoneState::Open => true,
            MilestoneState::Done => self.done_date.is_some_and(|done| as_of < done),
            MilestoneState::Dropped => false,
        };
        let late = as_of.signed_duration_since(self.due_date?).num_days();
        (open && late > 0).then_some(late)
    }
}

impl WorkPlan {
    /// What a plan must be in every state.
    pub fn check(&self) -> Result<(), Refusal> {
        let mut checks = Checks::default();
        checks.filled(&self.title, "title");
        checks.rule(
            self.kind == PlanKind::Rollout || self.horizon_years <= 1,
            "horizon_years",
            "年度工作计划只有一年",
            "an annual plan covers one year",
        );
        let mut seen = BTreeSet::new();
        for (place, milestone) in self.milestones.iter().enumerate() {
            let fresh = seen.insert(milestone.id.as_str());
            checks.rule(fresh, format!("milestones[{place}].milestone_id"), "编号重复", "is used twice");
            checks.rule(
                milestone.weight > Decimal::ZERO,
                format!("milestones[{place}].weight"),
                "权重须大于零",
                "must be above zero",
            );
            checks.rule(
                milestone.due_date.zip(self.target_date).is_none_or(|(due, target)| due <= target),
                format!("milestones[{place}].due_date"),
                "晚于计划的完成时限",
                "lies after the plan's target date",
            );
        }
        checks.done()
    }

    /// A closed plan never changes; an adopted one keeps its year and what was noted on its milestones.
    pub fn check_change_from(&self, before: &Self) -> Result<(), Refusal> {
        before.must_not_be(PlanState::Closed)?;
        if before.state == PlanState::Adopted {
            let noted =
                before.milestones.iter().filter(|m| m.state != MilestoneState::Open || !m.progress.is_zero());
            let kept = noted.into_iter().all(|old| self.milestones.iter().any(|new| new.id == old.id));
            let mut checks = Checks::default();
            checks.rule(
                kept,
                "milestones",
                "已有进展的里程碑不能删除",
                "a milestone with progress cannot be taken out",
            );
            checks.rule(
                self.work_year == before.work_year,
                "work_year",
                "已印发的计划不能改变年度",
                "of an adopted plan never changes",
            );
            checks.done()?;
        }
        Ok(())
    }

    /// Puts a draft in force.
    pub fn adopt(&mut self, day: NaiveDate) -> Result<(), Refusal> {
        self.must_be(PlanState::Draft)?;
        let mut checks = Checks::default();
        checks.rule(
            self.horizon_years > 0,
            "horizon_years",
            "未填写计划年限",
            "is required to adopt the plan",
        );
        checks.rule(
            self.target_date.is_some(),
            "target_date",
            "未填写完成时限",
            "is required to adopt the plan",
        );
        checks.rule(!self.milestones.is_empty(), "milestones", "没有里程碑", "the plan has no milestone");
        checks.done()?;
        self.state = PlanState::Adopted;
        self.adopt_date = Some(day);
        Ok(())
    }

    /// Notes how far one milestone has come.
    pub fn note(&mut self, noted: Progress, today: NaiveDate) -> Result<(), Refusal> {
        self.must_be(PlanState::Adopted)?;
        let missing = || Refusal::Missing(format!("milestones/{}", noted.milestone));
        let milestone = self.milestones.iter_mut().find(|m| m.id == noted.milestone).ok_or_else(missing)?;
        let progress = match noted.state {
            MilestoneState::Done => Decimal::ONE,
            _ => noted.progress.unwrap_or(milestone.progress),
        };
        let mut checks = Checks::default();
        checks.rule(
            (Decimal::ZERO..=Decimal::ONE).contains(&progress),
            "progress_rate",
            "进度须在0到1之间",
            "must lie between 0 and 1",
        );
        checks.done()?;
        milestone.state = noted.state;
        milestone.progress = rounding::half_up(progress, 4);
        milestone.done_date = (noted.state == MilestoneState::Done).then(|| noted.done_date.unwrap_or(today));
        milestone.note = noted.note;
        Ok(())
    }

    /// Hands the tasks that are still open from `unit` to `heir`, unless the plan is closed. Says whether there were any.
    pub fn hand_over(&mut self, unit: &AgencyCode, heir: &AgencyCode) -> bool {
        if self.state == PlanState::Closed {
            return false;
        }
        let open = |task: &&mut Milestone| {
            task.state == MilestoneState::Open && task.responsible_unit.as_ref() == Some(unit)
        };
        let passed =
            self.milestones.iter_mut().filter(open).map(|task| task.responsible_unit = Some(heir.clone()));
        passed.count() > 0
    }

    /// Closes the plan; with open milestones it needs a reason.
    pub fn close(&mut self, reason: &str) -> Result<(), Refusal> {
        self.must_be(PlanState::Adopted)?;
        let open = self.milestones.iter().filter(|milestone| milestone.state == MilestoneState::Open);
        let open: Vec<&str> = open.map(|milestone| milestone.id.as_str()).collect();
        if !open.is_empty() && reason.trim().is_empty() {
            return Err(Refusal::MilestonesOpen(open.join(", ")));
        }
        self.state = PlanState::Closed;
        Ok(())
    }

    /// Mean of the milestones' progress by their weights, four decimals, and how it came about. Zero without any.
    pub fn progress(&self) -> (Decimal, Explanation) {
        let counted: Vec<&Milestone> =
            self.milestones.iter().filter(|milestone| milestone.state != MilestoneState::Dropped).collect();
        let weights = counted.iter().fold(Decimal::ZERO, |sum, m| sum.saturating_add(m.weight));
        let reached = counted
            .iter()
            .fold(Decimal::ZERO, |sum, m| sum.saturating_add(m.weight.saturating_mul(m.progress)));
        let rate = rounding::half_up(rounding::ratio(reached, weights).unwrap_or_default(), 4);
        let done = counted.iter().filter(|milestone| milestone.state == MilestoneState::Done).count();
        let explanation = Explanation::by("", "plan.progress")
            .concluding(
                format!("{}项里程碑中完成{done}项，进度{rate}", counted.len()),
                format!("{done} of {} milestones are done: progress {rate}", counted.len()),
            )
            .step(
                Step::new("计划进度", "Σ(权重 × 进度) ÷ Σ权重，四舍五入到4位", rate)
                    .input("Σ(权重 × 进度)", reached.normalize())
                    .input("Σ权重", weights.normalize()),
            );
        (rate, explanation)
    }

    fn must_be(&self, state: PlanState) -> Result<(), Refusal> {
        if self.state == state { Ok(()) } else { Err(self.wrong_state()) }
    }

    fn must_not_be(&self, state: PlanState) -> Result<(), Refusal> {
        if self.state == state { Err(self.wrong_state()) } else { Ok(()) }
    }

    fn wrong_state(&self) -> Refusal {
        Refusal::State { resource: self.id.clone(), state: self.state.as_str().to_owned() }
    }
}

#[cfg(test)]
mod tests;
