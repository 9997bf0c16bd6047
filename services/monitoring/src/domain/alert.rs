//! Warnings that somebody has to answer (预警).

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use wenxiao_kernel::{Explanation, FiscalYear};

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
    if let Some(light) = bad(report.lights.forecast) {
        found.push((AlertKind::ForecastDeviates, light, String::new(), general.clone()));
    }
    if let Some(light) = bad(report.lights.divergence) {
        found.push((AlertKind::ProgressGap, light, String::new(), general.clone()));
    }
    found
}

impl Alert {
    /// The unit has seen it (接收).
    pub fn acknowledge(&mut self) -> Result<(), Refusal> {
        self.must_be(&[AlertState::Open], "acknowledge")?;
        self.state = AlertState::Acknowledged;
        Ok(())
    }

    /// The unit chooses (答复). A choice can be changed until the alert is closed.
    pub fn reply(&mut self, choice: Choice, answer: &str, now: DateTime<Utc>) -> Result<(), Refusal> {
        self.must_be(&[AlertState::Open, AlertState::Acknowledged, AlertState::Answered], "answer")?;
        self.state = AlertState::Answered;
        self.choice = Some(choice);
        answer.clone_into(&mut self.answer);
        self.answer_time = Some(now);
        Ok(())
    }

    /// The finance bureau is done with it (办结).
    pub fn close(&mut self, reason: &str, now: DateTime<Utc>) -> Result<(), Refusal> {
        self.must_be(&[AlertState::Open, AlertState::Acknowledged, AlertState::Answered], "close")?;
        self.state = AlertState::Closed;
        reason.clone_into(&mut self.close_reason);
        self.close_time = Some(now);
        Ok(())
    }

    fn must_be(&self, states: &[AlertState], action: &'static str) -> Result<(), Refusal> {
        if states.contains(&self.state) {
            Ok(())
        } else {
            Err(Refusal::State { state: self.state.as_str(), action })
        }
    }
}
