//! Policies (政策): an evaluated object with a document, a term and an expiry. A gap between the expiry of one and the
//! start of its renewal is legal and must be visible.

use chrono::{Datelike, Months, NaiveDate};
use serde::{Deserialize, Serialize};
use wenxiao_kernel::{Secrecy, vocabulary};

use super::ownership::{Executor, Former};
use super::unit::AgencyCode;
use super::{Checks, Refusal};

vocabulary! {
    /// Where a policy stands on a day (状态).
    PolicyState {
        /// 尚未施行.
        Pending = "pending",
        /// 施行中.
        InForce = "in_force",
        /// 已到期.
        Expired = "expired",
        /// 已废止.
        Repealed = "repealed",
    }
}

/// A policy (政策).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Policy {
    /// Identifier.
    pub id: String,
    /// 政策名称.
    pub title: String,
    /// 发文名称.
    pub document_title: String,
    /// 文号.
    pub document_number: String,
    /// 发文机关.
    pub issuing_body: String,
    /// 发文日期.
    pub issue_date: Option<NaiveDate>,
    /// 施行日期; none when it is not known.
    pub start_date: Option<NaiveDate>,
    /// 到期日期; none when it has no end.
    pub expiry_date: Option<NaiveDate>,
    /// 有效期, years; 0 when not given.
    pub term_years: i32,
    /// 执行部门.
    pub executing_unit: AgencyCode,
    /// 原执行部门, the oldest first.
    #[serde(default)]
    pub former_executors: Vec<Former<Executor>>,
    /// Identifiers of the projects that carry it out.
    pub projects: Vec<String>,
    /// Identifier of the policy that it renews.
    pub predecessor: Option<String>,
    /// Last day of the predecessor, kept here so that the gap can be told without it.
    pub predecessor_end: Option<NaiveDate>,
    /// 密级.
    pub secrecy: Option<Secrecy>,
    /// Last day, when it was repealed.
    pub repeal_date: Option<NaiveDate>,
}

impl Policy {
    /// What a policy must be.
    pub fn check(&self) -> Result<(), Refusal> {
        let mut checks = Checks::default();
        checks.filled(&self.title, "title");
        checks.rule(
            self.start_date.zip(self.expiry_date).is_none_or(|(start, expiry)| start <= expiry),
            "expiry_date",
            "到期日期早于施行日期",
            "lies before the first day",
        );
        checks.rule(
            self.term_agrees(),
            "term_years",
            "有效期与施行日期、到期日期不一致",
            "does not lead from the first day to the expiry",
        );
        checks.rule(
            self.predecessor.as_deref() != Some(self.id.as_str()),
            "predecessor",
            "政策不能延续自己",
            "a policy cannot renew itself",
        );
        let mut seen = std::collections::BTreeSet::new();
        checks.rule(
            self.projects.iter().all(|project| seen.insert(project)),
            "projects",
            "关联项目重复",
            "names a project twice",
        );
        checks.done()
    }

    /// A term of n years ends n years after the first day, or on the day before.
    fn term_agrees(&self) -> bool {
        let Ok(years) = u32::try_from(self.term_years) else { return false };
        let Some((start, expiry)) = self.start_date.zip(self.expiry_date).filter(|_| years > 0) else {
            return true;
        };
        let anniversary = start.checked_add_months(Months::new(years.saturating_mul(12)));
        anniversary.is_some_and(|day| expiry == day || Some(expiry) == day.pred_opt())
    }

    /// Last day in force; none when it has no end.
    pub fn last_day(&self) -> Option<NaiveDate> {
        match (self.expiry_date, self.repeal_date) {
            (Some(expiry), Some(repeal)) => Some(expiry.min(repeal)),
            (expiry, repeal) => expiry.or(repeal),
        }
    }

    /// Where it stands on a day.
    pub fn state(&self, day: NaiveDate) -> PolicyState {
        if self.start_date.is_some_and(|start| day < start) {
            PolicyState::Pending
        } else if self.repeal_date.is_some_and(|repeal| repeal < day) {
            PolicyState::Repealed
        } else if self.expiry_date.is_some_and(|expiry| expiry < day) {
            PolicyState::Expired
        } else {
            PolicyState::InForce
        }
    }

    /// Days without either policy between the predecessor's last day and the first of this one.
    pub fn gap_days(&self) -> i64 {
        let Some((end, start)) = self.predecessor_end.zip(self.start_date) else { return 0 };
        let (end, start) = (i64::from(end.num_days_from_ce()), i64::from(start.num_days_from_ce()));
        start.saturating_sub(end).saturating_sub(1).max(0)
    }

    /// Ends the policy before its expiry.
    pub fn repeal(&mut self, repeal_date: NaiveDate) -> Result<(), Refusal> {
        let mut checks = Checks::default();
        checks.rule(
            self.start_date.is_none_or(|start| start <= repeal_date)
                && self.expiry_date.is_none_or(|expiry| repeal_date < expiry),
            "repeal_date",
            "废止日期不在施行期内",
            "lies outside the time in force",
        );
        checks.done()?;
        if self.repeal_date.is_some() {
            return Err(Refusal::State { resource: self.id.clone(), state: "repealed".to_owned() });
        }
        self.repeal_date = Some(repeal_date);
        Ok(())
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap_or_default()
    }

    pub fn civil() -> Policy {
        Policy {
            id: "civil".to_owned(),
            title: "海沧区培育发展社会组织专项扶持资金管理办法".to_owned(),
            document_title: String::new(),
            document_number: String::new(),
            issuing_body: String::new(),
            issue_date: None,
            start_date: Some(day("2015-07-22")),
            expiry_date: Some(day("2020-07-21")),
            term_years: 5,
            executing_unit: "110".parse().unwrap_or_else(|_| unreachable!()),
            former_executors: Vec::new(),
            projects: Vec::new(),
            predecessor: None,
            predecessor_end: None,
            secrecy: None,
            repeal_date: None,
        }
    }

    #[test]
    fn a_term_leads_to_the_expiry() {
        let policy = civil();
        assert_eq!(policy.check(), Ok(()));
        assert_eq!(policy.state(day("2020-07-21")), PolicyState::InForce);
        assert_eq!(policy.state(day("2020-07-22")), PolicyState::Expired);
        let wrong = Policy { term_years: 4, ..civil() };
        assert!(wrong.check().is_err());
    }

    #[test]
    fn the_gap_before_a_renewal_is_visible() {
        let renewal = Policy {
            id: "civil-2".to_owned(),
            predecessor: Some("civil".to_owned()),
            predecessor_end: Some(day("2020-07-21")),
            start_date: Some(day("2021-01-01")),
            expiry_date: None,
            term_years: 0,
            ..civil()
        };
        assert_eq!(renewal.gap_days(), 163);
        assert_eq!(Policy { start_date: Some(day("2020-07-22")), ..renewal }.gap_days(), 0);
    }

    #[test]
    fn a_policy_is_repealed_within_its_time_and_once() {
        let mut policy = civil();
        assert!(policy.repeal(day("2020-07-21")).is_err());
        assert!(policy.repeal(day("2019-12-31")).is_ok());
        assert_eq!(policy.state(day("2020-01-01")), PolicyState::Repealed);
        assert!(policy.repeal(day("2019-01-31")).is_err());
    }
}
