//! Filing windows (申报期): when forms of a year and kind may be filed, and what is late.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use wenxiao_kernel::FiscalYear;

use super::objective::{FilingKind, Objective};

/// The time in which forms of a year and kind may be filed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Window {
    /// Last part of the resource name.
    pub id: String,
    /// Budget year of the forms.
    pub fiscal_year: FiscalYear,
    /// Part of the budget process.
    pub filing_kind: FilingKind,
    /// First day.
    pub open_date: NaiveDate,
    /// Last day for units.
    pub due_date: NaiveDate,
    /// Last day for departments to have reviewed.
    pub department_due_date: Option<NaiveDate>,
    /// How many days before the last one units are reminded, falling.
    pub reminder_days: Vec<i32>,
    /// For how many days after the last one units are reminded daily.
    pub overdue_reminder_days: i32,
    /// Units that were given longer.
    pub extensions: Vec<Extension>,
    /// The same for the units that have taken them over: who was given longer is history, for whom it counts is not.
    pub inherited: Vec<Extension>,
    /// When it was created.
    pub create_time: DateTime<Utc>,
    /// When it last changed.
    pub update_time: DateTime<Utc>,
    /// How many changes it has seen, from 1.
    pub version: i64,
}

/// A later last day for one unit (延期).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Extension {
    /// The unit, by the last part of its name.
    pub unit: String,
    /// Its last day.
    pub due_date: NaiveDate,
    /// Why.
    pub reason: String,
}

/// Whether a form may be filed now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Filing {
    /// No window was set: at any time.
    Unbound,
    /// Until this day.
    Until(NaiveDate),
    /// Not before this day.
    From(NaiveDate),
    /// Not after this day.
    Over(NaiveDate),
}

impl Filing {
    /// Whether it is time.
    pub fn is_open(self) -> bool {
        matches!(self, Self::Unbound | Self::Until(_))
    }
}

/// What is wrong with a window: field and sentence in Chinese and English.
pub type WindowFault = (&'static str, &'static str, &'static str);

impl Window {
    /// Everything that is wrong with it.
    pub fn faults(&self) -> Vec<WindowFault> {
        let mut faults = Vec::new();
        if self.due_date < self.open_date {
            faults.push(("due_date", "截止日期早于开始日期", "lies before the first day"));
        }
        if self.department_due_date.is_some_and(|day| day < self.due_date) {
            let chinese = "主管部门审核截止日期早于单位报送截止日期";
            faults.push(("department_due_date", chinese, "lies before the last day for units"));
        }
        if self.reminder_days.iter().any(|days| !(0..=60).contains(days)) {
            faults.push(("reminder_days", "提前提醒天数应为0至60", "must be 0 to 60 days before"));
        }
        if !(0..=60).contains(&self.overdue_reminder_days) {
            let chinese = "逾期催报天数应为0至60";
            faults.push(("overdue_reminder_days", chinese, "must be 0 to 60 days after"));
        }
        if self.extensions.iter().any(|extension| extension.due_date <= self.due_date) {
            let chinese = "延期后的截止日期应晚于原截止日期";
            faults.push(("extensions.due_date", chinese, "must lie after the window's last day"));
        }
        if self.extensions.iter().any(|extension| extension.reason.trim().is_empty()) {
            faults.push(("extensions.reason", "延期须写明理由", "an extension needs a reason"));
        }
        let twice = self.extensions.iter().enumerate();
        if twice.clone().any(|(n, one)| self.extensions.iter().take(n).any(|other| other.unit == one.unit)) {
            faults.push(("extensions.unit", "同一单位延期重复", "a unit is there twice"));
        }
        faults
    }

    /// The last day of a unit: what it takes over from another may come as late as the other's.
    pub fn due_of(&self, unit: &str) -> NaiveDate {
        let extended = self.later_days().filter(|one| one.unit == unit);
        extended.map(|one| one.due_date).max().unwrap_or(self.due_date)
    }

    /// Whoever has longer, by themselves or from those that they have taken over; the latest day of a unit counts.
    pub fn later_days(&self) -> impl Iterator<Item = &Extension> {
        self.extensions.iter().chain(&self.inherited)
    }

    /// Whether a unit may file on a day.
    pub fn filing(&self, unit: &str, today: NaiveDate) -> Filing {
        let due = self.due_of(unit);
        if today < self.open_date {
            Filing::From(self.open_date)
        } else if today > due {
            Filing::Over(due)
        } else {
            Filing::Until(due)
        }
    }

    /// How late a unit is that owes so many forms.
    pub fn overdue_days(&self, unit: &str, owed: i32, today: NaiveDate) -> i32 {
        if owed > 0 { days_past(self.due_of(unit), today) } else { 0 }
    }

    /// How late a department is with which so many forms lie.
    pub fn department_overdue_days(&self, forms: i32, today: NaiveDate) -> i32 {
        self.department_due_date.filter(|_| forms > 0).map_or(0, |due| days_past(due, today))
    }

    /// Whether a unit is reminded on a day: as many days before its last one, and on as many days after it, as the
    /// window says.
    pub fn reminds(&self, unit: &str, today: NaiveDate) -> Option<Reminder> {
        self.reminds_of(self.due_of(unit), today)
    }

    fn reminds_of(&self, due: NaiveDate, today: NaiveDate) -> Option<Reminder> {
        let left = due.signed_duration_since(today).num_days();
        if left < 0 {
            let days = left.saturating_neg();
            return (days <= i64::from(self.overdue_reminder_days)).then_some(Reminder::Overdue { days });
        }
        self.reminder_days.iter().any(|days| i64::from(*days) == left).then_some(Reminder::Due { days: left })
    }
}

/// What a unit still has to hand in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Owed<'a> {
    /// The unit, by the last part of its name.
    pub unit: &'a str,
    /// Forms that it has never submitted.
    pub forms: i32,
    /// The last days of the forms that were returned with one.
    pub return_days: &'a [NaiveDate],
    /// Forms that lie with it as the competent department.
    pub reviews: i32,
}

/// What a unit is told on one day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Told {
    /// How it stands with its last day.
    pub reminder: Reminder,
    /// That day: of the window, else the first of the returned forms, else the department's.
    pub due_date: NaiveDate,
    /// Forms that it has never submitted.
    pub forms: i32,
    /// Returned forms.
    pub returned: i32,
    /// The first last day of these.
    pub return_due: Option<NaiveDate>,
    /// Forms to review.
    pub reviews: i32,
}

impl Window {
    /// What a unit is told on a day; `None` when it is not the day of anything that it owes.
    pub fn tells(&self, owed: Owed<'_>, today: NaiveDate) -> Option<Told> {
        let filing = self.reminds(owed.unit, today).filter(|_| owed.forms > 0);
        let due_today = owed.return_days.iter().filter(|due| self.reminds_of(**due, today).is_some());
        let return_due = due_today.clone().min().copied();
        let by = |due: NaiveDate| self.reminds_of(due, today).map(|reminder| (reminder, due));
        let of_review = self.department_due_date.filter(|_| owed.reviews > 0).and_then(by);
        let of_filing = filing.map(|reminder| (reminder, self.due_of(owed.unit)));
        let (reminder, due_date) = of_filing.or(return_due.and_then(by)).or(of_review)?;
        Some(Told {
            reminder,
            due_date,
            forms: if filing.is_some() { owed.forms } else { 0 },
            returned: i32::try_from(due_today.count()).unwrap_or(i32::MAX),
            return_due,
            reviews: if of_review.is_some() { owed.reviews } else { 0 },
        })
    }
}

/// For how many days an overdue unit is reminded where nobody has said it.
pub const USUAL_OVERDUE_REMINDER_DAYS: i32 = 7;

fn days_past(due: NaiveDate, today: NaiveDate) -> i32 {
    i32::try_from(today.signed_duration_since(due).num_days().max(0)).unwrap_or(i32::MAX)
}

/// What a unit is told (催报).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reminder {
    /// So many days are left.
    Due {
        /// Days.
        days: i64,
    },
    /// So many days late.
    Overdue {
        /// Days.
        days: i64,
    },
}

/// Whether an objective may be filed on a day, by the window of its year and kind.
pub fn filing(windows: &[Window], objective: &Objective, today: NaiveDate) -> Filing {
    let window = windows.iter().find(|window| {
        window.fiscal_year == objective.fiscal_year && window.filing_kind == objective.filing_kind
    });
    window.map_or(Filing::Unbound, |window| window.filing(&objective.unit.id, today))
}

impl Reminder {
    /// Days left; below zero when late.
    pub fn days_left(self) -> i64 {
        match self {
            Self::Due { days } => days,
            Self::Overdue { days } => days.saturating_neg(),
        }
    }
}
