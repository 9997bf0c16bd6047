//! Warnings that somebody has to answer (预警).

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use wenxiao_kernel::{Explanation, FiscalYear};

use super::action::AlertAction;
use super::light::Light;
use super::measure::Subject;
use super::refusal::Refusal;
use super::report::Report;

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

/// What a report warns of: one warning per kind, with the indicator that is worst.
pub fn warnings(report: &Report) -> Vec<(AlertKind, Light, String, Explanation)> {
    let mut found = Vec::new();
    let general = &report.lights.explanation;
    let bad = |light: Option<Light>| light.filter(|light| *light <= Light::Yellow);
    if let Some(light) = bad(report.lights.execution) {
        found.push((AlertKind::ExecutionBehind, light, String::new(), general.clone()));
    }
    let worst = report.rows.iter().filter(|row| bad(row.light).is_some()).min_by_key(|row| row.light);
    if let Some((light, row)) = worst.and_then(|row| row.light.map(|light| (light, row))) {
        found.push((AlertKind::IndicatorBehind, light, row.indicator.clone(), row.explanation.clone()));
    }
    if let Some(row) = report.rows.iter().find(|row| row.light == Some(Light::Blue)) {
        found.push((
            AlertKind::TargetSuspicious,
            Light::Blue,
            row.indicator.clone(),
            row.explanation.clone(),
        ));
    }
    let others = [
        (AlertKind::ForecastDeviates, report.lights.forecast),
        (AlertKind::ProgressGap, report.lights.divergence),
        (AlertKind::ExecutionAbnormal, report.lights.audit),
        (AlertKind::IdleMoney, report.lights.idle_money),
    ];
    let others = others.into_iter().filter_map(|(kind, light)| Some((kind, bad(light)?)));
    found.extend(others.map(|(kind, light)| (kind, light, String::new(), general.clone())));
    found
}

impl Alert {
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
