//! What happened to a project over the years (项目大事记): entries, and who may see them.

use chrono::{DateTime, NaiveDate, Utc};
use wenxiao_kernel::{Grade, Money, Secrecy, vocabulary};

vocabulary! {
    /// What kind of thing happened (类别).
    EntryKind {
        /// 立项、变更、终止.
        Project = "project",
        /// 预算.
        Budget = "budget",
        /// 绩效目标.
        Objective = "objective",
        /// 审核.
        Review = "review",
        /// 支付.
        Payment = "payment",
        /// 监控.
        Monitoring = "monitoring",
        /// 预警.
        Alert = "alert",
        /// 处置.
        Measure = "measure",
        /// 评估、自评、评价.
        Evaluation = "evaluation",
        /// 问题与整改.
        Finding = "finding",
        /// 预算安排.
        BudgetDecision = "budget_decision",
        /// 公开.
        Disclosure = "disclosure",
    }
}

/// Something that happened to a project (大事记条目).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// What it hangs on: the project, or something that leads to it.
    pub subject: String,
    /// Day on which it happened.
    pub entry_date: NaiveDate,
    /// Year that it is about.
    pub fiscal_year: Option<i32>,
    /// What kind of thing.
    pub kind: EntryKind,
    /// One sentence in Chinese.
    pub summary: String,
    /// What it is about.
    pub resource: String,
    /// The amount in it: a year's money.
    pub amount: Option<Money>,
    /// The grade in it.
    pub grade: Option<Grade>,
    /// The light in it, by the contract's name; empty for none.
    pub light: String,
    /// 过程信息: an opinion on the way to a decision, which nobody outside of the bureau sees.
    pub internal: bool,
}

/// Where an entry stands among the others (次序): by day, then by time, then by feed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// Day.
    pub entry_date: NaiveDate,
    /// When it was entered.
    pub occur_time: DateTime<Utc>,
    /// Feed that told it.
    pub feed: String,
    /// Number in the feed.
    pub sequence: i64,
    /// Part of the event.
    pub part: i32,
}

/// Whether somebody from outside the district may see what happened to a project: only when a person has said that it is
/// no secret.
pub fn is_open(secrecy: Option<Secrecy>) -> bool {
    secrecy == Some(Secrecy::None)
}

/// The last day of a month of a year.
pub fn month_end(year: i32, month: u32) -> Option<NaiveDate> {
    let next = if month == 12 { (year.checked_add(1)?, 1) } else { (year, month.checked_add(1)?) };
    NaiveDate::from_ymd_opt(next.0, next.1, 1)?.pred_opt()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_end_where_they_end() {
        for (year, month, day) in [(2020, 2, "2020-02-29"), (2021, 2, "2021-02-28"), (2020, 12, "2020-12-31")]
        {
            assert_eq!(month_end(year, month).map(|end| end.to_string()).as_deref(), Some(day));
        }
        assert_eq!(month_end(2020, 13), None);
    }

    #[test]
    fn only_what_is_said_to_be_open_is_open() {
        let all = [None, Some(Secrecy::None), Some(Secrecy::Internal), Some(Secrecy::Classified)];
        assert_eq!(all.map(is_open), [false, true, false, false]);
    }
}
