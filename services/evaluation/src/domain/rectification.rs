//! A demand to one unit to rectify findings (整改通知), and what came of it.

use chrono::{DateTime, Days, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use wenxiao_kernel::vocabulary;

use super::object::Attachment;
use super::rules::{DeadlineKind, Rules};
use super::{Failure, Result};

vocabulary! {
    /// Where the demand stands (状态).
    State {
        /// 待整改.
        Demanded = "demanded",
        /// 已报送.
        Reported = "reported",
        /// 已完成.
        Accepted = "accepted",
        /// 整改不到位.
        Rejected = "rejected",
        /// 逾期.
        Overdue = "overdue",
    }
}

vocabulary! {
    /// What a delay means for money (逾期后果).
    Effect {
        /// 停止项目拨款.
        StopPayment = "stop_payment",
        /// 调减预算规模.
        ReduceBudget = "reduce_budget",
        /// 整改完成后再安排资金.
        FundAfterRectification = "fund_after_rectification",
    }
}

/// A demand.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rectification {
    /// Unit that must rectify.
    pub unit: String,
    /// Findings.
    pub findings: Vec<String>,
    /// 整改要求.
    pub demand: String,
    /// Year in which it is made.
    pub work_year: i32,
    /// 下达日期.
    pub demand_date: NaiveDate,
    /// 整改期限.
    pub due_date: NaiveDate,
    /// What the unit reported, oldest first.
    pub measures: Vec<Measure>,
    /// What was said of it, oldest first.
    pub decisions: Vec<Decision>,
    /// What the delay means.
    pub effect: Option<Effect>,
    /// Why.
    pub effect_reason: String,
    /// Rule set with the terms.
    pub rule_set: String,
    /// Where it stands.
    pub state: State,
}

/// What the unit reported (整改情况).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Measure {
    /// What was done.
    pub text: String,
    /// Proof.
    pub attachments: Vec<Attachment>,
    /// Who reported.
    pub reporter: String,
    /// When.
    pub report_time: DateTime<Utc>,
}

/// A decision about measures (验收).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    /// Accepted or not.
    pub accepted: bool,
    /// Reason.
    pub opinion: String,
    /// Who decided.
    pub decider: String,
    /// When.
    pub decide_time: DateTime<Utc>,
}

impl Rectification {
    /// Makes a demand. Without a day of its own it is due by the term of the rule set.
    pub fn demand(
        unit: String,
        findings: Vec<String>,
        demand: String,
        work_year: i32,
        demand_date: NaiveDate,
        due_date: Option<NaiveDate>,
        rules: &Rules,
    ) -> Result<Self> {
        if demand.trim().is_empty() || findings.is_empty() {
            let missing = if findings.is_empty() { "findings" } else { "demand" };
            return Err(Failure::Incomplete { missing: vec![missing.to_owned()] });
        }
        let term = || {
            let days = rules.deadline(DeadlineKind::RectificationPlan)?.days;
            demand_date.checked_add_days(Days::new(u64::from(days)))
        };
        let due_date = due_date.or_else(term).ok_or(Failure::RulesMissing { section: "deadlines" })?;
        if due_date < demand_date {
            return Err(Failure::invalid("due_date", "the deadline lies before the demand"));
        }
        Ok(Self {
            unit,
            findings,
            demand,
            work_year,
            demand_date,
            due_date,
            measures: Vec::new(),
            decisions: Vec::new(),
            effect: None,
            effect_reason: String::new(),
            rule_set: rules.leading()?.to_owned(),
            state: State::Demanded,
        })
    }

    /// The unit reports; late is better than never.
    pub fn report(
        &mut self,
        text: String,
        attachments: Vec<Attachment>,
        reporter: &str,
        now: DateTime<Utc>,
    ) -> Result<()> {
        self.require(&[State::Demanded, State::Rejected, State::Overdue])?;
        self.measures.push(Measure { text, attachments, reporter: reporter.to_owned(), report_time: now });
        self.state = State::Reported;
        Ok(())
    }

    /// Decides about the measures.
    pub fn decide(
        &mut self,
        accepted: bool,
        opinion: String,
        due_date: Option<NaiveDate>,
        decider: &str,
        now: DateTime<Utc>,
    ) -> Result<()> {
        self.require(&[State::Reported])?;
        self.decisions.push(Decision { accepted, opinion, decider: decider.to_owned(), decide_time: now });
        self.due_date = due_date.unwrap_or(self.due_date);
        self.state = if accepted { State::Accepted } else { State::Rejected };
        Ok(())
    }

    /// Records that the deadline passed, and what that means. The effect is a person's decision, never automatic.
    pub fn mark_overdue(&mut self, effect: Effect, reason: String, today: NaiveDate) -> Result<()> {
        self.require(&[State::Demanded, State::Rejected])?;
        if today <= self.due_date {
            return Err(Failure::NotOverdue { due_date: self.due_date.to_string() });
        }
        self.effect = Some(effect);
        self.effect_reason = reason;
        self.state = State::Overdue;
        Ok(())
    }

    fn require(&self, states: &[State]) -> Result<()> {
        if states.contains(&self.state) { Ok(()) } else { Err(Failure::state(self.state.as_str())) }
    }
}
