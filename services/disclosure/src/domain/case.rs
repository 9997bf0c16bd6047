//! A case of section 6 (案例): a budget decision or sunset review that the summary tells as an example, and the figures that
//! are printed of it. The case's id begins the keys of its figures: `waste_2021_request`.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use wenxiao_kernel::{AmountUnit, Bound, Decimal, Money, Step};

use super::figure::{self, FigureUnit, Precision, Value};
use super::words::Word;

/// What is printed of a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Measure {
    /// 实际支出.
    Actual,
    /// 年初预算数.
    InitialBudget,
    /// 调整后预算数.
    AdjustedBudget,
    /// 预算执行率.
    ExecutionRate,
    /// 申请预算.
    Request,
    /// 安排预算.
    Approved,
    /// 预算, perhaps only bounded.
    Budget,
    /// 到期日.
    Expiry,
    /// 执行期限.
    Term,
}

impl Word for Measure {
    const TABLE: &'static [(Self, &'static str, &'static str)] = &[
        (Self::Actual, "actual", "实际支出"),
        (Self::InitialBudget, "initial_budget", "年初预算数"),
        (Self::AdjustedBudget, "adjusted_budget", "调整后预算"),
        (Self::ExecutionRate, "execution_rate", "预算执行率"),
        (Self::Request, "request", "申请预算"),
        (Self::Approved, "approved", "安排预算"),
        (Self::Budget, "budget", "预算"),
        (Self::Expiry, "expiry", "到期日"),
        (Self::Term, "term", "执行期限"),
    ];
}

/// Which figure of a case is printed, and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaseMeasure {
    /// What.
    pub measure: Measure,
    /// Year of the figure; 0 for expiry and term.
    pub fiscal_year: i32,
    /// Unit of an amount.
    pub unit: AmountUnit,
    /// Decimals at the most.
    pub places: u32,
}

/// What was found for a measure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// An amount; a bound when only a bound is stored.
    Amount(Money, Bound),
    /// A rate in percent.
    Percent(Decimal),
    /// A day.
    Date(NaiveDate),
    /// A number of years.
    Years(i32),
}

/// A printed figure of a case with what was found for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaseFigure {
    /// Which figure.
    pub measure: CaseMeasure,
    /// What was found; none when nothing stored gives it.
    pub found: Option<Found>,
    /// How it was found.
    pub steps: Vec<Step>,
}

/// What a case tells of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CaseKind {
    /// A decision about a project's or policy's budget.
    Decision,
    /// A decision about a whole department's budget.
    DepartmentDecision,
    /// A sunset review of an expiring policy.
    SunsetReview,
}

/// A case of section 6.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Case {
    /// Begins the keys of its figures.
    pub id: String,
    /// Resource that it tells of.
    pub subject: String,
    /// What it tells of.
    pub kind: CaseKind,
    /// Name of the unit.
    pub unit_title: String,
    /// Name of the project, policy or department.
    pub title: String,
    /// Why it was decided so.
    pub reason: String,
    /// What the review concluded; empty for decisions.
    pub conclusion: String,
    /// Budget year that it bears on.
    pub applies_to_year: i32,
    /// Its printed figures, in order.
    pub figures: Vec<CaseFigure>,
}

impl CaseMeasure {
    /// Key of the figure: `waste_2020_actual`, `policy_civil_expiry`.
    pub fn key(&self, case: &str) -> String {
        match self.fiscal_year {
            0 => format!("{case}_{}", self.measure.as_str()),
            year => format!("{case}_{year}_{}", self.measure.as_str()),
        }
    }

    /// Unit and precision in which it is printed.
    pub fn print(&self) -> (FigureUnit, Precision) {
        match self.measure {
            Measure::Expiry => (FigureUnit::Date, Precision::WHOLE),
            Measure::Term => (FigureUnit::Years, Precision::WHOLE),
            Measure::ExecutionRate => (FigureUnit::Percent, Precision::up_to(self.places)),
            _ => (self.unit.into(), Precision::up_to(self.places)),
        }
    }
}

impl CaseFigure {
    /// The value in the unit of print, and whether it is only a bound.
    pub fn value(&self) -> (Option<Value>, Bound) {
        match &self.found {
            None => (None, Bound::Exact),
            Some(Found::Amount(amount, bound)) => (Some(figure::amount(*amount, self.measure.unit)), *bound),
            Some(Found::Percent(rate)) => (Some(Value::Number(*rate)), Bound::Exact),
            Some(Found::Date(day)) => (Some(Value::Date(*day)), Bound::Exact),
            Some(Found::Years(years)) => (Some(figure::count(*years)), Bound::Exact),
        }
    }
}

impl Case {
    /// Exact amount of a measure, when there is one.
    pub fn exact_amount(&self, measure: Measure) -> Option<Money> {
        self.figures.iter().find(|figure| figure.measure.measure == measure).and_then(|figure| {
            match figure.found {
                Some(Found::Amount(amount, Bound::Exact)) => Some(amount),
                _ => None,
            }
        })
    }
}
