//! Working days (工作日): Monday to Friday, less the holidays, plus the Saturdays and Sundays on which work is made up
//! (调休). The days are data per year; deadlines count on them.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Datelike, Days, NaiveDate, Weekday};
use serde::{Deserialize, Serialize};
use wenxiao_kernel::{Explanation, Step};

use super::Refusal;
use super::rules::DeadlineRule;

/// What differs from Monday to Friday in one year.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct YearDays {
    /// The year.
    pub year: i32,
    /// The notice that arranges the days.
    pub source: String,
    /// Days off.
    pub holidays: BTreeSet<NaiveDate>,
    /// Weekend days on which work is made up.
    pub make_up_days: BTreeSet<NaiveDate>,
}

/// The working days of some years.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Calendar {
    years: BTreeMap<i32, YearDays>,
}

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

/// The years that are shipped; typed in from memory (unverified) and replaceable per district.
const BUILT_IN: &str = include_str!("../../rules/work-calendar.json");

impl YearDays {
    /// Checks that every day lies in the year, and that only weekend days are made up and none twice.
    pub fn check(&self) -> Result<(), Refusal> {
        let wrong = |field, problem| Err(Refusal::Field { field, problem });
        if self.holidays.iter().any(|day| day.year() != self.year) {
            return wrong("holidays", "a day lies outside the year");
        }
        if self.make_up_days.iter().any(|day| day.year() != self.year) {
            return wrong("make_up_days", "a day lies outside the year");
        }
        if self.make_up_days.iter().any(|day| !is_weekend(*day)) {
            return wrong("make_up_days", "work is only made up on a Saturday or Sunday");
        }
        if !self.make_up_days.is_disjoint(&self.holidays) {
            return wrong("make_up_days", "a day cannot be both off and made up");
        }
        Ok(())
    }
}

impl Calendar {
    /// The shipped years.
    pub fn built_in() -> Result<Self, serde_json::Error> {
        Ok(Self::default().with(serde_json::from_str::<Vec<YearDays>>(BUILT_IN)?))
    }

    /// This calendar with some years replaced.
    #[must_use]
    pub fn with(mut self, years: impl IntoIterator<Item = YearDays>) -> Self {
        self.years.extend(years.into_iter().map(|days| (days.year, days)));
        self
    }

    /// The days of one year, when they are known.
    pub fn year(&self, year: i32) -> Option<&YearDays> {
        self.years.get(&year)
    }

    /// Whether a day is a working day. In a year that is not known, Monday to Friday are.
    pub fn is_working_day(&self, day: NaiveDate) -> bool {
        match self.years.get(&day.year()) {
            Some(days) if days.holidays.contains(&day) => false,
            Some(days) if days.make_up_days.contains(&day) => true,
            _ => !is_weekend(day),
        }
    }

    /// The last day in time under a rule, counted from the day after `basis`. None beyond the calendar of the world.
    pub fn due(&self, rule: &DeadlineRule, basis: NaiveDate) -> Option<Due> {
        let day = if rule.working_days {
            let mut days = basis.iter_days().skip(1).filter(|day| self.is_working_day(*day));
            match rule.days.checked_sub(1) {
                Some(before_last) => days.nth(usize::from(before_last))?,
                None => basis,
            }
        } else {
            basis.checked_add_days(Days::new(u64::from(rule.days)))?
        };
        Some(Due { rule: rule.clone(), basis, day, explanation: self.explain(rule, basis, day) })
    }

    fn explain(&self, rule: &DeadlineRule, basis: NaiveDate, day: NaiveDate) -> Explanation {
        let kind = if rule.working_days { "工作日" } else { "自然日" };
        let mut step =
            Step::new("截止日", format!("起算日次日起{}个{kind}", rule.days), day).input("起算日", basis);
        if rule.working_days {
            for year in basis.year()..=day.year() {
                let source = self
                    .years
                    .get(&year)
                    .map_or("未载入该年安排，仅按周末计算", |days| days.source.as_str());
                step = step.input(format!("{year}年工作日历"), source);
            }
        }
        Explanation::by("", rule.rule.clone())
            .concluding(
                format!("应于{day}前公开（{}个{kind}）", rule.days),
                format!(
                    "due on {day}: {} {} days",
                    rule.days,
                    if rule.working_days { "working" } else { "calendar" }
                ),
            )
            .step(step)
    }
}

fn is_weekend(day: NaiveDate) -> bool {
    matches!(day.weekday(), Weekday::Sat | Weekday::Sun)
}
