//! Warnings that somebody has to answer (预警).

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use wenxiao_kernel::{Explanation, FiscalYear};

use super::action::AlertAction;
use super::form::Row;
use super::light::{Light, judge_execution};
use super::measure::{Finding, Subject};
use super::refusal::Refusal;
use super::report::Report;
use super::round::MonitoredKind;
use super::rules::{Rules, Traits};

wenxiao_kernel::vocabulary! {
    /// What is wrong (预警类型).
    AlertKind {
        /// 支出进度滞后.
        ExecutionBehind = "execution_behind",
        /// 指标偏离.
        IndicatorBehind = "indicator_behind",
        /// 指标值过低.
        TargetSuspicious = "target_suspicious",
        /// 全年预计偏离.
        ForecastDeviates = "forecast_deviates",
        /// 目标完成与支出进度偏差.
        ProgressGap = "progress_gap",
        /// 部门支出进度低于序时进度.
        DepartmentBehind = "department_behind",
        /// 支出异常.
        ExecutionAbnormal = "execution_abnormal",
        /// 资金闲置.
        IdleMoney = "idle_money",
    }
}

wenxiao_kernel::vocabulary! {
    /// Where an alert stands (状态).
    AlertState {
        /// 待处理.
        Open = "open",
        /// 已接收.
        Acknowledged = "acknowledged",
        /// 已答复.
        Answered = "answered",
        /// 已办结.
        Closed = "closed",
    }
}

wenxiao_kernel::vocabulary! {
    /// What the unit chooses (处理方式).
    Choice {
        /// 继续执行.
        Continue = "continue",
        /// 调剂使用.
        Reallocate = "reallocate",
        /// 取消.
        Cancel = "cancel",
    }
}

/// An alert (预警).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alert {
    /// Id within the district.
    pub id: String,
    /// What is wrong.
    pub kind: AlertKind,
    /// How bad.
    pub light: Light,
    /// What it is about.
    pub subject: Subject,
    /// Name of the subject.
    pub title: String,
    /// Unit that answers, by id.
    pub unit: String,
    /// Its agency code.
    pub agency_code: String,
    /// Department, by id.
    pub department: String,
    /// Budget year.
    pub fiscal_year: FiscalYear,
    /// Round, by id.
    pub round: String,
    /// Report within the round, by id; empty for a department.
    pub report: String,
    /// Indicator; empty otherwise.
    pub indicator: String,
    /// How it came about.
    pub explanation: Explanation,
    /// Where it stands.
    pub state: AlertState,
    /// Last day to choose; `None` where the rules set none.
    pub deadline: Option<NaiveDate>,
    /// What the unit chose.
    pub choice: Option<Choice>,
    /// What it answered.
    pub answer: String,
    /// When.
    pub answer_time: Option<DateTime<Utc>>,
    /// Why it was closed.
    pub close_reason: String,
    /// When.
    pub close_time: Option<DateTime<Utc>>,
    /// Measure that followed because nobody answered in time, by id; empty when none did.
    #[serde(default)]
    pub unanswered_measure: String,
    /// When it was opened.
    pub create_time: DateTime<Utc>,
    /// When it was last changed.
    pub update_time: DateTime<Utc>,
    /// Version.
    pub version: i64,
}

/// What is warned of (预警内容).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    /// What is wrong.
    pub kind: AlertKind,
    /// How bad.
    pub light: Light,
    /// Indicator; empty where it is none.
    pub indicator: String,
    /// How it came about.
    pub explanation: Explanation,
}

/// Whom an alert is about, and where it was found (预警对象).
#[derive(Clone, Debug)]
pub struct About {
    /// Project or unit.
    pub subject: Subject,
    /// Its name.
    pub title: String,
    /// Unit that answers, by id.
    pub unit: String,
    /// Its agency code.
    pub agency_code: String,
    /// Department, by id.
    pub department: String,
    /// Budget year.
    pub fiscal_year: FiscalYear,
    /// Round, by id.
    pub round: String,
    /// Report within the round, by id; empty for a department's progress.
    pub report: String,
}

impl About {
    /// What a report is about: a project, or the unit that answers for a policy or a whole department.
    pub fn report(report: &Report) -> Self {
        let subject = match report.kind {
            MonitoredKind::Project => Subject::Project(report.id.clone()),
            MonitoredKind::Policy | MonitoredKind::Department => Subject::Unit(report.unit.clone()),
        };
        Self {
            subject,
            title: report.title.clone(),
            unit: report.unit.clone(),
            agency_code: report.agency_code.clone(),
            department: report.department.clone(),
            fiscal_year: report.fiscal_year,
            round: report.round.clone(),
            report: report.id.clone(),
        }
    }
}

/// What a report warns of: one warning per kind, with the indicator that is worst.
pub fn warnings(report: &Report) -> Vec<Warning> {
    let bad = |light: Option<Light>| light.filter(|light| *light <= Light::Yellow);
    let general = |kind, light| {
        let explanation = report.lights.explanation.clone();
        Some(Warning { kind, light: bad(light)?, indicator: String::new(), explanation })
    };
    let of_row = |kind, row: &Row| {
        let explanation = row.explanation.clone();
        Some(Warning { kind, light: row.light?, indicator: row.indicator.clone(), explanation })
    };
    let worst = report.rows.iter().filter(|row| bad(row.light).is_some()).min_by_key(|row| row.light);
    let blue = report.rows.iter().find(|row| row.light == Some(Light::Blue));
    let lights = &report.lights;
    let found = [
        general(AlertKind::ExecutionBehind, lights.execution),
        worst.and_then(|row| of_row(AlertKind::IndicatorBehind, row)),
        blue.and_then(|row| of_row(AlertKind::TargetSuspicious, row)),
        general(AlertKind::ForecastDeviates, lights.forecast),
        general(AlertKind::ProgressGap, lights.divergence),
        general(AlertKind::ExecutionAbnormal, lights.audit),
        general(AlertKind::IdleMoney, lights.idle_money),
    ];
    found.into_iter().flatten().collect()
}

/// What a department below schedule is warned of: yellow, or red where its execution light is.
pub fn warning_of_department(rules: &Rules, finding: &Finding) -> Warning {
    let rule = rules.execution_light(&Traits::of_department());
    let judged = rule.map(|rule| judge_execution(rule, &finding.amounts, finding.schedule, finding.month));
    let red = judged.as_ref().and_then(|judged| judged.light) == Some(Light::Red);
    let mut explanation = Explanation::by(&rules.rule_set, "monitoring.department_behind")
        .concluding("部门预算支出进度低于序时进度", "The department's execution is below schedule")
        .step(finding.amounts.explain_schedule(finding.schedule));
    explanation.steps.extend(judged.into_iter().flat_map(|judged| judged.explanation.steps));
    let light = if red { Light::Red } else { Light::Yellow };
    Warning { kind: AlertKind::DepartmentBehind, light, indicator: String::new(), explanation }
}

impl Alert {
    /// Opens an alert. A target that looks too low (blue) is to be looked at; it does not ask a unit to choose between going
    /// on, re-allocating and cancelling, and so has no last day to choose.
    pub fn open(
        id: String,
        about: About,
        warning: Warning,
        deadline: Option<NaiveDate>,
        now: DateTime<Utc>,
    ) -> Self {
        Self {
            id,
            kind: warning.kind,
            deadline: deadline.filter(|_| warning.light <= Light::Yellow),
            light: warning.light,
            subject: about.subject,
            title: about.title,
            unit: about.unit,
            agency_code: about.agency_code,
            department: about.department,
            fiscal_year: about.fiscal_year,
            round: about.round,
            report: about.report,
            indicator: warning.indicator,
            explanation: warning.explanation,
            state: AlertState::Open,
            choice: None,
            answer: String::new(),
            answer_time: None,
            close_reason: String::new(),
            close_time: None,
            unanswered_measure: String::new(),
            create_time: now,
            update_time: now,
            version: 1,
        }
    }

    /// The unit has seen it (接收).
    pub fn acknowledge(&mut self) -> Result<(), Refusal> {
        self.may(AlertAction::Acknowledge)?;
        self.state = AlertState::Acknowledged;
        Ok(())
    }

    /// The unit chooses (答复). A choice can be changed until the alert is closed.
    pub fn reply(&mut self, choice: Choice, answer: &str, now: DateTime<Utc>) -> Result<(), Refusal> {
        self.may(AlertAction::Answer)?;
        self.state = AlertState::Answered;
        self.choice = Some(choice);
        answer.clone_into(&mut self.answer);
        self.answer_time = Some(now);
        Ok(())
    }

    /// The finance bureau is done with it (办结).
    pub fn close(&mut self, reason: &str, now: DateTime<Utc>) -> Result<(), Refusal> {
        self.may(AlertAction::Close)?;
        self.state = AlertState::Closed;
        reason.clone_into(&mut self.close_reason);
        self.close_time = Some(now);
        Ok(())
    }

    /// Whether the time to choose is over and nobody has, so that the rules may let something follow (逾期未答复): once, and
    /// for a project only, since a whole department cannot be suspended.
    pub fn is_unanswered(&self, today: NaiveDate) -> bool {
        let waits = matches!(self.state, AlertState::Open | AlertState::Acknowledged);
        let over = self.deadline.is_some_and(|deadline| today > deadline);
        let project = matches!(self.subject, Subject::Project(_));
        waits && over && project && self.unanswered_measure.is_empty()
    }

    /// Notes what followed because nobody answered. The alert itself still waits: an answer is still due.
    pub fn note_unanswered(&mut self, measure: &str) {
        measure.clone_into(&mut self.unanswered_measure);
    }
}
