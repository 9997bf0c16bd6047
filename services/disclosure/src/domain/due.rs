//! Deadlines (期限): a rule, the day from which it runs, and the last day in time on the district's calendar.

use chrono::NaiveDate;
use wenxiao_kernel::Explanation;
use wenxiao_kernel::calendar::Calendar;

use super::rules::DeadlineRule;

/// A deadline as it was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Due {
    /// The rule.
    pub rule: DeadlineRule,
    /// Day from which it runs.
    pub basis: NaiveDate,
    /// Last day in time.
    pub day: NaiveDate,
    /// How it was found.
    pub explanation: Explanation,
}

impl Due {
    /// The last day in time under a rule, counted from the day after `basis`. None beyond the calendar of the world.
    pub fn under(rule: &DeadlineRule, calendar: &Calendar, basis: NaiveDate) -> Option<Self> {
        let (days, working_days) = (u32::from(rule.days), rule.working_days);
        let day = calendar.last_of(basis, days, working_days)?;
        let (chinese, english) =
            if working_days { ("工作日", "working") } else { ("自然日", "calendar") };
        let explanation = Explanation::by("", rule.rule.clone())
            .concluding(
                format!("应于{day}前公开（{days}个{chinese}）"),
                format!("due on {day}: {days} {english} days"),
            )
            .step(calendar.explain(basis, days, working_days, day));
        Some(Self { rule: rule.clone(), basis, day, explanation })
    }
}
