//! Monitoring rounds (监控任务).

use std::collections::HashSet;

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use wenxiao_kernel::{BudgetAccount, FiscalYear, Money};

use super::action::RoundAction;
use super::execution::Amounts;
use super::refusal::{Missing, Refusal};
use super::rules::{KeyRoundRule, Rules};
use super::schedule::Share;

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

wenxiao_kernel::vocabulary! {
    /// Why an object is monitored as a key one (重点监控选取标准).
    KeyCriterion {
        /// 执行滞后.
        ExecutionLag = "execution_lag",
        /// 金额较大.
        LargeAmount = "large_amount",
        /// 社会关注.
        SocialAttention = "social_attention",
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
    /// Of a key round: criteria of which one must be met.
    #[serde(default)]
    pub key_criteria: Vec<KeyCriterion>,
    /// Of a key round: projects that the public watches, by id.
    #[serde(default)]
    pub attention: Vec<String>,
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
    /// Its money.
    pub amounts: Amounts,
    /// Its schedule at the end of the stage.
    pub schedule: Share,
}

impl Scope {
    /// Whether objects of the kind report.
    pub fn asks_for(&self, kind: MonitoredKind) -> bool {
        if self.kinds.is_empty() { kind == MonitoredKind::Project } else { self.kinds.contains(&kind) }
    }

    /// Whether the object reports.
    pub fn takes(&self, object: &Candidate<'_>) -> bool {
        let account = self.accounts.is_empty() || object.account.is_some_and(|a| self.accounts.contains(&a));
        let department =
            self.departments.is_empty() || self.departments.iter().any(|id| id == object.department);
        let project = self.projects.is_empty() || self.projects.iter().any(|id| id == object.id);
        let large = self.minimum.is_none_or(|least| object.amounts.adjusted() >= least);
        self.asks_for(object.kind) && account && department && project && large
    }

    /// Which criteria of a key round the object meets, by the limits of the rule set.
    fn criteria_met(&self, rule: &KeyRoundRule, object: &Candidate<'_>) -> Vec<KeyCriterion> {
        let asked =
            |criterion: &KeyCriterion| self.key_criteria.is_empty() || self.key_criteria.contains(criterion);
        let meets = |criterion: &KeyCriterion| match criterion {
            KeyCriterion::ExecutionLag => {
                rule.lag_points.is_some_and(|points| object.amounts.lags(object.schedule, points))
            }
            KeyCriterion::LargeAmount => {
                rule.large_amount.is_some_and(|least| object.amounts.adjusted() >= least)
            }
            KeyCriterion::SocialAttention => {
                rule.social_attention && self.attention.iter().any(|id| id == object.id)
            }
        };
        let all = [KeyCriterion::ExecutionLag, KeyCriterion::LargeAmount, KeyCriterion::SocialAttention];
        all.into_iter().filter(asked).filter(meets).collect()
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
    /// Whether the object reports, and by which criteria when the round is a key one. A key round takes what meets one
    /// of its criteria; objects that it names one by one need none, and where no rule has a limit there is none to meet.
    pub fn takes(&self, rules: &Rules, object: &Candidate<'_>) -> Option<Vec<KeyCriterion>> {
        if !self.scope.takes(object) {
            return None;
        }
        let Some(rule) = rules.key_round.filter(|_| self.kind == RoundKind::Key) else {
            return Some(Vec::new());
        };
        let met = self.scope.criteria_met(&rule, object);
        let named = self.scope.key_criteria.is_empty() && !self.scope.projects.is_empty();
        (named || !met.is_empty()).then_some(met)
    }

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
        self.may(RoundAction::Update)?;
        let only_deadline = || Self { deadline: edited.deadline, ..self.clone() } == edited;
        if self.state == RoundState::Open && !only_deadline() {
            return Err(Refusal::RoundNotOpen { state: self.state.as_str() });
        }
        edited.check()?;
        Ok(edited)
    }

    /// Opens the round with so many reports.
    pub fn open(&mut self, reports: i32, rule_set: &str, now: DateTime<Utc>) -> Result<(), Refusal> {
        self.may(RoundAction::Open)?;
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
        self.may(RoundAction::Close)?;
        self.state = RoundState::Closed;
        self.close_time = Some(now);
        Ok(())
    }

    /// Says who reviews whose reports.
    pub fn assign(&mut self, assignments: Vec<Assignment>) -> Result<(), Refusal> {
        self.may(RoundAction::AssignReviewers)?;
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
        if self.state == RoundState::Open {
            Ok(())
        } else {
            Err(Refusal::RoundNotOpen { state: self.state.as_str() })
        }
    }
}
