//! Monitoring rounds (监控任务).

use std::collections::HashSet;

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use wenxiao_kernel::{BudgetAccount, FiscalYear, Money};

use super::refusal::{Missing, Refusal};

wenxiao_kernel::vocabulary! {
    /// Whether all report or only the important ones (监控类型).
    RoundKind {
        /// 定期监控.
        Regular = "regular",
        /// 重点监控.
        Key = "key",
    }
}

wenxiao_kernel::vocabulary! {
    /// Where a round stands (任务状态).
    RoundState {
        /// 待下达.
        Planned = "planned",
        /// 填报中.
        Open = "open",
        /// 已结束.
        Closed = "closed",
    }
}

wenxiao_kernel::vocabulary! {
    /// What is monitored (监控对象).
    MonitoredKind {
        /// 项目支出.
        Project = "project",
        /// 重大政策.
        Policy = "policy",
        /// 部门整体支出.
        Department = "department",
    }
}

/// Which objects report (监控范围). Every criterion given must be met.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scope {
    /// Kinds; none means projects only.
    pub kinds: Vec<MonitoredKind>,
    /// Accounts.
    pub accounts: Vec<BudgetAccount>,
    /// Departments, by unit id.
    pub departments: Vec<String>,
    /// Projects, by id.
    pub projects: Vec<String>,
    /// Least adjusted budget.
    pub minimum: Option<Money>,
}

/// What the scope asks about an object.
#[derive(Clone, Debug)]
pub struct Candidate<'a> {
    /// Kind.
    pub kind: MonitoredKind,
    /// Id of the project, policy or unit.
    pub id: &'a str,
    /// Department that answers for it.
    pub department: &'a str,
    /// Account; `None` when it has no single one.
    pub account: Option<BudgetAccount>,
    /// Adjusted budget.
    pub adjusted: Money,
}

impl Scope {
    /// Whether the object reports.
    pub fn takes(&self, object: &Candidate<'_>) -> bool {
        let kind = if self.kinds.is_empty() {
            object.kind == MonitoredKind::Project
        } else {
            self.kinds.contains(&object.kind)
        };
        let account = self.accounts.is_empty() || object.account.is_some_and(|a| self.accounts.contains(&a));
        let department =
            self.departments.is_empty() || self.departments.iter().any(|id| id == object.department);
        let project = self.projects.is_empty() || self.projects.iter().any(|id| id == object.id);
        let large = self.minimum.is_none_or(|least| object.adjusted >= least);
        kind && account && department && project && large
    }
}

/// An institution's share of the collective review (会审分工).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Assignment {
    /// Institution, by its id in the registry.
    pub institution: String,
    /// Departments, by unit id; none means all.
    pub departments: Vec<String>,
}

/// A round (监控任务).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Round {
    /// Id within the district.
    pub id: String,
    /// Title.
    pub title: String,
    /// What units are asked to do.
    pub description: String,
    /// Budget year that is monitored.
    pub fiscal_year: FiscalYear,
    /// Year in which the work is done.
    pub work_year: FiscalYear,
    /// First month of the stage.
    pub start_month: u32,
    /// Last month of the stage.
    pub end_month: u32,
    /// Regular or key.
    pub kind: RoundKind,
    /// Which objects report.
    pub scope: Scope,
    /// Last day to submit.
    pub deadline: NaiveDate,
    /// Who reviews.
    pub assignments: Vec<Assignment>,
    /// Where it stands.
    pub state: RoundState,
    /// Rule set, fixed on opening.
    pub rule_set: String,
    /// How many reports it has.
    pub report_count: i32,
    /// When it was opened.
    pub open_time: Option<DateTime<Utc>>,
    /// When it was closed.
    pub close_time: Option<DateTime<Utc>>,
    /// When it was created.
    pub create_time: DateTime<Utc>,
    /// When it was last changed.
    pub update_time: DateTime<Utc>,
    /// Version.
    pub version: i64,
}

impl Round {
    /// What does not fit in a planned round.
    pub fn check(&self) -> Result<(), Refusal> {
        let mut unfit = Vec::new();
        if self.start_month > self.end_month {
            unfit.push(Missing::new(
                "monitoring_round.start_month",
                "监控阶段的起始月份晚于截止月份",
                "must not be after end_month",
            ));
        }
        if self.deadline <= super::schedule::month_end(self.fiscal_year, self.end_month) {
            unfit.push(Missing::new(
                "monitoring_round.deadline_date",
                "报送截止日期须在监控阶段结束之后",
                "must lie after the last month of the stage",
            ));
        }
        if unfit.is_empty() { Ok(()) } else { Err(Refusal::Unfit(unfit)) }
    }

    /// The round with what an edit asks for. Reports are filled by what was announced: once it is open, only the deadline
    /// moves.
    pub fn edited(&self, asked: Self) -> Result<Self, Refusal> {
        let edited = Self {
            title: asked.title,
            description: asked.description,
            start_month: asked.start_month,
            end_month: asked.end_month,
            kind: asked.kind,
            scope: asked.scope,
            deadline: asked.deadline,
            ..self.clone()
        };
        let allowed = match self.state {
            RoundState::Planned => true,
            RoundState::Open => Self { deadline: edited.deadline, ..self.clone() } == edited,
            RoundState::Closed => false,
        };
        if !allowed {
            return Err(Refusal::RoundNotOpen { state: self.state.as_str() });
        }
        edited.check()?;
        Ok(edited)
    }

    /// Opens the round with so many reports.
    pub fn open(&mut self, reports: i32, rule_set: &str, now: DateTime<Utc>) -> Result<(), Refusal> {
        self.must_be(RoundState::Planned)?;
        if reports == 0 {
            return Err(Refusal::RoundEmpty);
        }
        self.state = RoundState::Open;
        self.report_count = reports;
        rule_set.clone_into(&mut self.rule_set);
        self.open_time = Some(now);
        Ok(())
    }

    /// Closes the round.
    pub fn close(&mut self, now: DateTime<Utc>) -> Result<(), Refusal> {
        self.must_be(RoundState::Open)?;
        self.state = RoundState::Closed;
        self.close_time = Some(now);
        Ok(())
    }

    /// Says who reviews whose reports.
    pub fn assign(&mut self, assignments: Vec<Assignment>) -> Result<(), Refusal> {
        if self.state == RoundState::Closed {
            return Err(Refusal::RoundNotOpen { state: self.state.as_str() });
        }
        let everybody = assignments.iter().filter(|a| a.departments.is_empty()).count();
        if everybody > 0 && assignments.len() > 1 {
            return Err(Refusal::ReviewerOverlap(self.id.clone()));
        }
        let mut seen = HashSet::new();
        let named = assignments.iter().flat_map(|a| &a.departments);
        if let Some(twice) = named.filter(|id| !seen.insert(id.as_str())).map(String::as_str).next() {
            return Err(Refusal::ReviewerOverlap(twice.to_owned()));
        }
        self.assignments = assignments;
        Ok(())
    }

    /// Institution that reviews the reports of a department; empty when none does.
    pub fn reviewer(&self, department: &str) -> &str {
        let mine =
            |a: &&Assignment| a.departments.is_empty() || a.departments.iter().any(|id| id == department);
        self.assignments.iter().find(mine).map_or("", |a| a.institution.as_str())
    }

    /// Whether reports are filled and reviewed now.
    pub fn must_be_open(&self) -> Result<(), Refusal> {
        self.must_be(RoundState::Open)
    }

    fn must_be(&self, state: RoundState) -> Result<(), Refusal> {
        if self.state == state { Ok(()) } else { Err(Refusal::RoundNotOpen { state: self.state.as_str() }) }
    }
}
