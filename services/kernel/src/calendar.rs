//! Working days (工作日): Monday to Friday, less the holidays, plus the Saturdays and Sundays on which work is made up
//! (调休). The days are data per year; time limits count on them.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Datelike, Days, NaiveDate, Weekday};
use serde::{Deserialize, Serialize};

use crate::Step;

/// What differs from Monday to Friday in one year.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct YearDays {
    /// The year.
    pub year: i32,
    /// The notice that arranges the days.
    pub source: String,
    /// Whether they were checked against the notice.
    pub verified: bool,
    /// Days off.
    pub holidays: BTreeSet<NaiveDate>,
    /// Weekend days on which work is made up.
    pub make_up_days: BTreeSet<NaiveDate>,
}

/// Why the days of a year cannot be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidYearDays {
    /// A day off lies outside of the year.
    #[error("a day lies outside the year")]
    HolidayOutside,
    /// A made-up day lies outside of the year.
    #[error("a day lies outside the year")]
    MakeUpDayOutside,
    /// Work is made up on a day from Monday to Friday.
    #[error("work is only made up on a Saturday or Sunday")]
    MakeUpDayNotWeekend,
    /// The same day is off and made up.
    #[error("a day cannot be both off and made up")]
    Both,
}

impl InvalidYearDays {
    /// The field that is wrong.
    pub fn field(self) -> &'static str {
        match self {
            Self::HolidayOutside => "holidays",
            Self::MakeUpDayOutside | Self::MakeUpDayNotWeekend | Self::Both => "make_up_days",
        }
    }

    /// The same as the error's text, for a clerk.
    pub fn chinese(self) -> &'static str {
        match self {
            Self::HolidayOutside | Self::MakeUpDayOutside => "日期不在该年度内",
            Self::MakeUpDayNotWeekend => "调休上班日应为周六或周日",
            Self::Both => "同一天不能既放假又上班",
        }
    }
}

/// The working days of some years (工作日历).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Calendar {
    years: BTreeMap<i32, YearDays>,
}

/// The years that are shipped: typed in from memory, marked so, and replaceable per district.
const BUILT_IN: &str = include_str!("../data/work-calendar.json");

impl YearDays {
    /// Checks that every day lies in the year, and that only weekend days are made up and none twice.
    pub fn check(&self) -> Result<(), InvalidYearDays> {
        if self.holidays.iter().any(|day| day.year() != self.year) {
            Err(InvalidYearDays::HolidayOutside)
        } else if self.make_up_days.iter().any(|day| day.year() != self.year) {
            Err(InvalidYearDays::MakeUpDayOutside)
        } else if self.make_up_days.iter().any(|day| !is_weekend(*day)) {
            Err(InvalidYearDays::MakeUpDayNotWeekend)
        } else if !self.make_up_days.is_disjoint(&self.holidays) {
            Err(InvalidYearDays::Both)
        } else {
            Ok(())
        }
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

    /// Where the days of a year come from, and whether somebody has checked them.
    fn origin(&self, year: i32) -> String {
        match self.years.get(&year) {
            None => "未载入该年安排，仅按周末计算".to_owned(),
            Some(days) if days.verified => days.source.clone(),
            Some(days) => format!("{}，未经核对", days.source),
        }
    }

    /// Whether a day is a working day. In a year that is not known, Monday to Friday are.
    pub fn is_working_day(&self, day: NaiveDate) -> bool {
        match self.years.get(&day.year()) {
            Some(days) if days.holidays.contains(&day) => false,
            Some(days) if days.make_up_days.contains(&day) => true,
            _ => !is_weekend(day),
        }
    }

    /// The last of so many days, counted from the day after `basis`: working days, or all days. None beyond the
    /// calendar of the world.
    pub fn last_of(&self, basis: NaiveDate, days: u32, working_days: bool) -> Option<NaiveDate> {
        match (working_days, days.checked_sub(1)) {
            (false, _) => basis.checked_add_days(Days::new(u64::from(days))),
            (true, None) => Some(basis),
            (true, Some(before_last)) => {
                let mut worked = basis.iter_days().skip(1).filter(|day| self.is_working_day(*day));
                worked.nth(usize::try_from(before_last).ok()?)
            }
        }
    }

    /// How `day` was found as the last of so many days after `basis`.
    pub fn explain(&self, basis: NaiveDate, days: u32, working_days: bool, day: NaiveDate) -> Step {
        let kind = if working_days { "工作日" } else { "自然日" };
        let mut step = Step::new("截止日", format!("起算日次日起{days}个{kind}"), day).input("起算日", basis);
        if working_days {
            for year in basis.year()..=day.year() {
                step = step.input(format!("{year}年工作日历"), self.origin(year));
            }
        }
        step
    }
}

fn is_weekend(day: NaiveDate) -> bool {
    matches!(day.weekday(), Weekday::Sat | Weekday::Sun)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn make_up_days_work_and_holidays_do_not() {
        let calendar = Calendar::built_in().unwrap();
        for (text, works) in [
            ("2020-01-19", true),  // a Sunday that makes up for the Spring Festival
            ("2020-01-24", false), // a Friday off
            ("2020-09-26", false), // a plain Saturday
            ("2020-09-27", true),  // a Sunday made up
            ("2020-10-08", false), // a Thursday off
            ("2020-10-10", true),  // a Saturday made up
            ("2020-10-12", true),
            ("2030-10-01", true), // a year that nobody has loaded: Monday to Friday
        ] {
            assert_eq!(calendar.is_working_day(day(text)), works, "{text}");
        }
    }

    #[test]
    fn twenty_days_are_not_twenty_working_days() {
        let calendar = Calendar::built_in().unwrap();
        let basis = day("2020-09-21");
        assert_eq!(calendar.last_of(basis, 20, false), Some(day("2020-10-11")));
        // 22–25, 27–30 September, then 9, 10, 12–16, 19–23 October: the eight days off and the two made-up days count.
        assert_eq!(calendar.last_of(basis, 20, true), Some(day("2020-10-23")));
        assert_eq!(calendar.last_of(basis, 0, true), Some(basis));
    }

    #[test]
    fn every_built_in_year_is_sound() {
        let calendar = Calendar::built_in().unwrap();
        for year in 2019..=2026 {
            let days = calendar.year(year).unwrap();
            days.check().unwrap();
            assert!(!days.verified, "{year}: nobody has compared it with the notice");
            assert!(days.holidays.len() >= 26, "{year}: a year has its festivals");
        }
    }

    #[test]
    fn a_day_says_by_whose_calendar_it_was_counted() {
        let notice = "国办发明电〔2021〕11号";
        let checked = YearDays {
            source: notice.to_owned(),
            verified: true,
            ..Calendar::built_in().unwrap().year(2022).unwrap().clone()
        };
        let calendar = Calendar::built_in().unwrap().with([checked]);
        let told = calendar.explain(day("2021-12-20"), 20, true, day("2022-01-18"));
        let told: Vec<&str> = told.inputs.iter().skip(1).map(|input| input.value.as_str()).collect();
        assert_eq!(told, ["国务院办公厅2021年节假日安排（凭记忆录入），未经核对", notice]);
        let unknown = calendar.explain(day("2030-01-01"), 1, true, day("2030-01-02"));
        assert_eq!(unknown.inputs.last().unwrap().value, "未载入该年安排，仅按周末计算");
        assert_eq!(calendar.explain(day("2021-12-20"), 20, false, day("2022-01-09")).inputs.len(), 1);
    }

    #[test]
    fn what_cannot_be_a_year_is_said() {
        let year = |holidays: &[&str], make_up: &[&str]| {
            let days = |all: &[&str]| all.iter().map(|text| day(text)).collect();
            let year = YearDays {
                year: 2020,
                source: String::new(),
                verified: false,
                holidays: days(holidays),
                make_up_days: days(make_up),
            };
            year.check()
        };
        assert_eq!(year(&["2021-01-01"], &[]), Err(InvalidYearDays::HolidayOutside));
        assert_eq!(year(&[], &["2021-01-02"]), Err(InvalidYearDays::MakeUpDayOutside));
        assert_eq!(year(&[], &["2020-01-06"]), Err(InvalidYearDays::MakeUpDayNotWeekend));
        assert_eq!(year(&["2020-01-04"], &["2020-01-04"]), Err(InvalidYearDays::Both));
    }

    proptest! {
        #[test]
        fn the_last_day_is_a_working_day_with_exactly_that_many_before_it(start in 0i64..3000, days in 1u32..60) {
            let calendar = Calendar::built_in().unwrap();
            let basis = day("2019-01-01") + chrono::Duration::days(start);
            let last = calendar.last_of(basis, days, true).unwrap();
            prop_assert!(calendar.is_working_day(last));
            let counted = basis.iter_days().skip(1).take_while(|d| *d <= last).filter(|d| calendar.is_working_day(*d));
            prop_assert_eq!(counted.count(), usize::try_from(days).unwrap());
            prop_assert!(last >= calendar.last_of(basis, days, false).unwrap());
        }
    }
}
