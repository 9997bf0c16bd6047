//! How far a year's spending should have come (序时进度).

use chrono::{Datelike, Months, NaiveDate};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
pub use wenxiao_kernel::day_in_china as day_of;
use wenxiao_kernel::{FiscalYear, Money, rounding};

/// An exact fraction. Seven twelfths has no decimal form, and "below schedule" is decided without rounding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Share {
    /// Numerator.
    pub part: Decimal,
    /// Denominator; never zero.
    pub whole: Decimal,
}

impl Share {
    /// Everything.
    pub const ONE: Self = Self { part: Decimal::ONE, whole: Decimal::ONE };

    /// `months` of twelve.
    pub fn of_months(months: u32) -> Self {
        Self { part: Decimal::from(months.min(12)), whole: Decimal::from(12) }
    }

    /// A fraction that has a decimal form.
    pub fn exact(value: Decimal) -> Self {
        Self { part: value, whole: Decimal::ONE }
    }

    /// With 4 decimals, as forms print it.
    pub fn value(self) -> Decimal {
        let mut value =
            rounding::ratio(self.part, self.whole).map(|v| rounding::half_up(v, 4)).unwrap_or_default();
        value.rescale(4);
        value
    }

    /// How `amount ÷ budget` compares with this share: exactly, by multiplying out. `None` without a budget.
    pub fn compare(self, amount: Money, budget: Money) -> Option<std::cmp::Ordering> {
        if budget.is_zero() || budget.is_negative() {
            return None;
        }
        let left = amount.yuan().checked_mul(self.whole)?;
        let right = budget.yuan().checked_mul(self.part)?;
        Some(left.cmp(&right))
    }
}

/// Lowest rate through a month (阶段要求).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StageFloor {
    /// Through which month.
    pub month: u32,
    /// Lowest rate, a fraction.
    pub rate: Decimal,
}

/// The floor of the last stage that has ended after so many months; `None` before the first.
pub fn last_stage(floors: &[StageFloor], months: u32) -> Option<&StageFloor> {
    floors.iter().filter(|floor| floor.month <= months).max_by_key(|floor| floor.month)
}

/// By what the schedule of an object runs (序时方法).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ScheduleKind {
    /// Whole months passed ÷ 12.
    Months,
    /// Days passed ÷ days of the year.
    Days,
    /// Planned milestones of a construction project; months where nothing is planned.
    Milestones,
    /// The floor of the last stage that has ended; nothing before the first.
    Stages(Vec<StageFloor>),
}

/// A planned step of a construction project (工程节点).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Milestone {
    /// What will be done.
    pub title: String,
    /// By when.
    pub planned_date: NaiveDate,
    /// Share of the year's budget due from then on, 0 to 1.
    pub cumulative_share: Decimal,
    /// When it was reached.
    pub reached_date: Option<NaiveDate>,
}

/// How far the works have come at the end of `day` (形象进度): the share of the last milestone reached. `None` where no
/// milestone is planned.
pub fn physical_progress(milestones: &[Milestone], day: NaiveDate) -> Option<Decimal> {
    let reached = milestones.iter().filter(|m| m.reached_date.is_some_and(|reached| reached <= day));
    let share = reached.map(|m| m.cumulative_share).max().unwrap_or_default();
    (!milestones.is_empty()).then_some(share)
}

/// Whether milestones stand in order: dates and shares do not fall, shares lie between 0 and 1.
pub fn milestones_are_ordered(milestones: &[Milestone]) -> bool {
    let steps = milestones.iter().zip(milestones.iter().skip(1));
    let rising = steps
        .clone()
        .all(|(a, b)| a.planned_date <= b.planned_date && a.cumulative_share <= b.cumulative_share);
    rising
        && milestones
            .iter()
            .all(|m| m.cumulative_share >= Decimal::ZERO && m.cumulative_share <= Decimal::ONE)
}

/// Whole months of the budget year that have passed at the end of `day`, 0 to 12.
pub fn months_passed(year: FiscalYear, day: NaiveDate) -> u32 {
    match day.year().cmp(&year.as_i32()) {
        std::cmp::Ordering::Less => 0,
        std::cmp::Ordering::Greater => 12,
        std::cmp::Ordering::Equal if is_month_end(day) => day.month(),
        std::cmp::Ordering::Equal => day.month().saturating_sub(1),
    }
}

/// Month up to which payments are counted when an answer is asked for at the end of `day`: a schedule of whole months or
/// stages is compared with whole months of spending.
pub fn counted_month(kind: &ScheduleKind, year: FiscalYear, day: NaiveDate) -> u32 {
    match kind {
        ScheduleKind::Months | ScheduleKind::Stages(_) => months_passed(year, day),
        ScheduleKind::Days | ScheduleKind::Milestones => match day.year().cmp(&year.as_i32()) {
            std::cmp::Ordering::Less => 0,
            std::cmp::Ordering::Greater => 12,
            std::cmp::Ordering::Equal => day.month(),
        },
    }
}

/// Share of the year's budget that should have been executed at the end of `day`.
pub fn schedule(kind: &ScheduleKind, year: FiscalYear, day: NaiveDate, milestones: &[Milestone]) -> Share {
    match kind {
        ScheduleKind::Milestones if !milestones.is_empty() => {
            let due = milestones.iter().filter(|m| m.planned_date <= day).map(|m| m.cumulative_share).max();
            Share::exact(due.unwrap_or_default())
        }
        ScheduleKind::Months | ScheduleKind::Milestones => Share::of_months(months_passed(year, day)),
        ScheduleKind::Days => days_share(year, day),
        ScheduleKind::Stages(floors) => {
            let due = last_stage(floors, months_passed(year, day));
            Share::exact(due.map(|floor| floor.rate).unwrap_or_default())
        }
    }
}

fn days_share(year: FiscalYear, day: NaiveDate) -> Share {
    match day.year().cmp(&year.as_i32()) {
        std::cmp::Ordering::Less => Share::exact(Decimal::ZERO),
        std::cmp::Ordering::Greater => Share::ONE,
        std::cmp::Ordering::Equal => {
            let days = if day.leap_year() { 366 } else { 365 };
            Share { part: Decimal::from(day.ordinal()), whole: Decimal::from(days) }
        }
    }
}

/// Last day of a month of the budget year; the year's last day for a month that does not exist.
pub fn month_end(year: FiscalYear, month: u32) -> NaiveDate {
    let first = NaiveDate::from_ymd_opt(year.as_i32(), month.clamp(1, 12), 1).unwrap_or(NaiveDate::MAX);
    first.checked_add_months(Months::new(1)).and_then(|next| next.pred_opt()).unwrap_or(NaiveDate::MAX)
}

fn is_month_end(day: NaiveDate) -> bool {
    day.succ_opt().is_none_or(|next| next.month() != day.month())
}
