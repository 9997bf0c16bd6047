//! What a project is likely to execute by the year's end (全年执行预测), and how far the same method was off before.
//!
//! A project-year of the past has a curve (which share of its outturn it had by each month) and a rate (which share of
//! its budget it came to). The mean of the kind, or the mean of kind and own history where there is one, says what is
//! still to come: `先验 = 平均执行率 × 调整后预算数`, `首次 = 执行数 + (1 − s) × 先验`, `预测 = 执行数 + (1 − s) × 首次`. The more of
//! the year has passed, the more the project's own spending counts; early in the year the kind does.

use std::collections::HashMap;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use wenxiao_kernel::{Explanation, Money, Step, rounding};

use super::execution::percent;

const MONTHS: usize = 12;
/// Decimals of a mean share or rate: enough for fen, few enough to check by hand.
const PLACES: u32 = 6;

/// How much history a forecast rests on (预测样本).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ForecastRule {
    /// How many earlier years are looked at.
    pub history_years: i32,
    /// Least number of project-years.
    pub minimum_samples: usize,
}

impl Default for ForecastRule {
    /// What the contract says of a rule set without this section: two samples are the least that can be compared.
    fn default() -> Self {
        Self { history_years: 3, minimum_samples: 2 }
    }
}

/// An earlier year of a project: amounts from January to the end of each month.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProjectYear {
    /// Project, by id.
    pub project: String,
    /// Executed, cumulative, January first.
    pub executed: [Decimal; MONTHS],
    /// Adjusted budget, cumulative, January first.
    pub adjusted: [Decimal; MONTHS],
}

/// What is known of the year that is forecast.
#[derive(Clone, Debug)]
pub struct Known<'a> {
    /// Project, by id.
    pub project: &'a str,
    /// Last month that is known, 0 to 12.
    pub month: u32,
    /// Executed by then.
    pub executed: Money,
    /// Adjusted budget by then.
    pub adjusted: Money,
}

/// How far the method was off with so many months left (回测误差).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HorizonError {
    /// Months left to the year's end, 1 to 11.
    pub months_left: u32,
    /// Mean absolute error as a share of the year's outturn, 4 decimals.
    pub of_outturn: Decimal,
    /// Mean absolute error as a share of the budget known then, 4 decimals.
    pub of_budget: Decimal,
    /// Share of the budget by which the outturn was below the forecast at the worst but for 1 of 20; not above zero.
    pub low: Decimal,
    /// Share of the budget by which it was above at the most but for 1 of 20; not below zero.
    pub high: Decimal,
    /// How many project-years were held back.
    pub samples: usize,
}

/// A forecast (预测).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Forecast {
    /// Expected by the year's end.
    pub expected: Money,
    /// Lower end of the range in which 9 of 10 held-back results lay.
    pub low: Money,
    /// Upper end.
    pub high: Money,
    /// Error with as many months left as now; `None` where nothing could be held back.
    pub error: Option<HorizonError>,
    /// Errors by months left.
    pub errors: Vec<HorizonError>,
    /// Project-years that it rests on.
    pub samples: usize,
    /// Whether history says too little: then `expected` is what is executed.
    pub insufficient: bool,
    /// How it came about.
    pub explanation: Explanation,
}

/// Curve and rate of one project-year, or of a mean of several.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Shape {
    shares: [Decimal; MONTHS],
    rate: Decimal,
}

impl Shape {
    /// `None` for a year without budget or outturn: it has no curve.
    fn of(year: &ProjectYear) -> Option<Self> {
        let (outturn, budget) = (*year.executed.last()?, *year.adjusted.last()?);
        if outturn <= Decimal::ZERO || budget <= Decimal::ZERO {
            return None;
        }
        let mut shares = [Decimal::ZERO; MONTHS];
        for (share, executed) in shares.iter_mut().zip(year.executed) {
            *share = rounded(rounding::ratio(executed, outturn)?);
        }
        Some(Self { shares, rate: rounded(rounding::ratio(outturn, budget)?) })
    }

    fn share(&self, month: u32) -> Decimal {
        let place = usize::try_from(month).ok().and_then(|month| month.checked_sub(1));
        let share = place.and_then(|place| self.shares.get(place)).copied().unwrap_or_default();
        share.clamp(Decimal::ZERO, Decimal::ONE)
    }

    /// The mean of two.
    fn between(&self, other: &Self) -> Option<Self> {
        let mut sum = Sum::default();
        sum.add(self)?;
        sum.add(other)?;
        sum.mean()
    }
}

/// A sum of shapes, from which one can be taken away again.
#[derive(Clone, Debug, Default)]
struct Sum {
    shares: [Decimal; MONTHS],
    rate: Decimal,
    count: usize,
}

impl Sum {
    fn add(&mut self, shape: &Shape) -> Option<()> {
        for (sum, share) in self.shares.iter_mut().zip(shape.shares) {
            *sum = sum.checked_add(share)?;
        }
        self.rate = self.rate.checked_add(shape.rate)?;
        self.count = self.count.checked_add(1)?;
        Some(())
    }

    fn without(&self, shape: &Shape) -> Option<Self> {
        let mut rest = self.clone();
        for (sum, share) in rest.shares.iter_mut().zip(shape.shares) {
            *sum = sum.checked_sub(share)?;
        }
        rest.rate = rest.rate.checked_sub(shape.rate)?;
        rest.count = rest.count.checked_sub(1)?;
        Some(rest)
    }

    fn mean(&self) -> Option<Shape> {
        let count = Decimal::from(self.count);
        let mut shares = [Decimal::ZERO; MONTHS];
        for (share, sum) in shares.iter_mut().zip(self.shares) {
            *share = rounded(rounding::ratio(sum, count)?);
        }
        Some(Shape { shares, rate: rounded(rounding::ratio(self.rate, count)?) })
    }
}

/// What earlier years teach about one kind of projects.
pub struct History<'a> {
    years: Vec<(&'a ProjectYear, Shape)>,
    all: Sum,
    by_project: HashMap<&'a str, Sum>,
    errors: Vec<HorizonError>,
}

impl<'a> History<'a> {
    /// Learns from project-years of one kind and tries the method on each of them. Years without budget or outturn
    /// teach nothing and are left out. `None` beyond what numbers can be.
    pub fn learn(years: &'a [ProjectYear]) -> Option<Self> {
        let shaped = years.iter().filter_map(|year| Some((year, Shape::of(year)?)));
        let mut history = Self {
            years: shaped.collect(),
            all: Sum::default(),
            by_project: HashMap::new(),
            errors: Vec::new(),
        };
        for (year, shape) in &history.years {
            history.all.add(shape)?;
            history.by_project.entry(&year.project).or_default().add(shape)?;
        }
        history.errors = history.errors();
        Some(history)
    }

    /// Forecasts every project-year by what the others teach: what they teach is the same from whatever month.
    fn errors(&self) -> Vec<HorizonError> {
        let held_back = self.years.iter();
        let held_back =
            held_back.filter_map(|(year, shape)| Some((*year, self.shape(&year.project, Some(shape))?)));
        let held_back: Vec<(&ProjectYear, Shape)> = held_back.collect();
        (1..=11).rev().filter_map(|month| error_at(&held_back, month)).collect()
    }

    /// How many project-years it rests on.
    pub fn samples(&self) -> usize {
        self.years.len()
    }

    /// Shape to expect of a project; `without` is held back.
    fn shape(&self, project: &str, without: Option<&Shape>) -> Option<Shape> {
        let rest = |sum: &Sum| match without {
            Some(shape) => sum.without(shape),
            None => Some(sum.clone()),
        };
        let kind = rest(&self.all)?.mean()?;
        let own = self.by_project.get(project).and_then(rest).and_then(|sum| sum.mean());
        own.map_or(Some(kind.clone()), |own| kind.between(&own))
    }

    /// Forecasts a project's year.
    pub fn forecast(&self, rule: ForecastRule, known: &Known<'_>) -> Option<Forecast> {
        let shape = self.shape(known.project, None);
        let enough = self.samples() >= rule.minimum_samples.max(1);
        let Some(shape) = shape.filter(|_| enough) else {
            return Some(self.too_little(rule, known));
        };
        let (executed, budget) = (known.executed.yuan(), known.adjusted.yuan());
        let expected = money(predict(&shape, known.month, executed, budget)?)?;
        let error = self.errors.iter().find(|error| error.months_left.checked_add(known.month) == Some(12));
        let end = |share: Decimal| {
            let amount = budget.checked_mul(share)?.checked_add(expected.yuan())?;
            money(amount.clamp(executed, most(executed, budget)))
        };
        let (low, high) = match error {
            Some(error) => (end(error.low)?, end(error.high)?),
            None => (expected, expected),
        };
        Some(Forecast {
            expected,
            low,
            high,
            error: error.copied(),
            errors: self.errors.clone(),
            samples: self.samples(),
            insufficient: false,
            explanation: self.explain(&shape, known, expected, error),
        })
    }

    fn too_little(&self, rule: ForecastRule, known: &Known<'_>) -> Forecast {
        let step = Step::new("样本", format!("至少{}个同类项目年度", rule.minimum_samples), self.samples());
        let explanation = Explanation::by("", "monitoring.forecast.insufficient")
            .concluding("历史数据不足，不作预测", "Too little history for a forecast")
            .step(step);
        Forecast {
            expected: known.executed,
            low: known.executed,
            high: known.executed.max(known.adjusted),
            error: None,
            errors: self.errors.clone(),
            samples: self.samples(),
            insufficient: true,
            explanation,
        }
    }

    fn explain(
        &self,
        shape: &Shape,
        known: &Known<'_>,
        expected: Money,
        error: Option<&HorizonError>,
    ) -> Explanation {
        let own = self.by_project.get(known.project).map_or(0, |sum| sum.count);
        let learned = Step::new(
            "同类项目的进度与执行率",
            "s = 截至该月执行数占全年执行数的平均比例；r = 全年执行数占调整后预算数的平均比例；本项目有历史的，取同类平均与本项目平均的平均",
            format!("s = {}，r = {}", shape.share(known.month).normalize(), shape.rate.normalize()),
        )
        .input("同类项目年度数", self.samples())
        .input("本项目年度数", own);
        let predicted = Step::new(
            "全年预计执行数",
            "执行数 + (1 − s) × [执行数 + (1 − s) × r × 调整后预算数]，不超过调整后预算数与执行数中的较大者",
            expected.yuan(),
        )
        .input("截至月份", known.month)
        .input("执行数", known.executed.yuan())
        .input("调整后预算数", known.adjusted.yuan());
        let tried = error.map_or_else(
            || Step::new("回测误差", "年度已结束或样本不足，不计算", ""),
            |error| {
                let formula = "逐一留出以前年度，用其余年度预测后与实际比较：平均绝对误差 ÷ 全年执行数";
                Step::new("回测误差", formula, format!("{}%", percent(error.of_outturn)))
                    .input("距年底月数", error.months_left)
                    .input("留出年度数", error.samples)
            },
        );
        Explanation::by("", "monitoring.forecast.curve")
            .concluding(
                format!("预计全年执行{}元", expected.yuan()),
                format!("{} yuan are expected by the year's end", expected.yuan()),
            )
            .step(learned)
            .step(predicted)
            .step(tried)
    }
}

/// How far the method was off from a month, over project-years each with what the others teach.
fn error_at(held_back: &[(&ProjectYear, Shape)], month: u32) -> Option<HorizonError> {
    let place = usize::try_from(month).ok()?.checked_sub(1)?;
    let (mut of_outturn, mut of_budget) = (Decimal::ZERO, Decimal::ZERO);
    let mut residuals = Vec::with_capacity(held_back.len());
    for (year, expected) in held_back {
        let (executed, budget) = (*year.executed.get(place)?, *year.adjusted.get(place)?);
        if budget <= Decimal::ZERO {
            continue;
        }
        let outturn = *year.executed.last()?;
        let miss = outturn.checked_sub(predict(expected, month, executed, budget)?)?;
        of_outturn = of_outturn.checked_add(rounding::ratio(miss.abs(), outturn)?)?;
        of_budget = of_budget.checked_add(rounding::ratio(miss.abs(), budget)?)?;
        residuals.push(rounded(rounding::ratio(miss, budget)?));
    }
    residuals.sort_unstable();
    let count = Decimal::from(residuals.len());
    let mean = |sum: Decimal| rounding::ratio(sum, count).map(|mean| rounding::half_up(mean, 4));
    // 1 of 20 at either end is left out: the range holds 9 of 10.
    let left_out = residuals.len().checked_div(20)?;
    Some(HorizonError {
        months_left: 12_u32.checked_sub(month)?,
        of_outturn: mean(of_outturn)?,
        of_budget: mean(of_budget)?,
        low: residuals.get(left_out).copied().unwrap_or_default().min(Decimal::ZERO),
        high: residuals.iter().rev().nth(left_out).copied().unwrap_or_default().max(Decimal::ZERO),
        samples: residuals.len(),
    })
}

/// What a year comes to that had executed so much of its budget by a month.
fn predict(shape: &Shape, month: u32, executed: Decimal, budget: Decimal) -> Option<Decimal> {
    let open = Decimal::ONE.checked_sub(shape.share(month))?;
    let to_come = |whole: Decimal| executed.checked_add(open.checked_mul(whole)?);
    let first = to_come(shape.rate.checked_mul(budget)?)?;
    to_come(first).map(|expected| expected.min(most(executed, budget)))
}

/// More than the budget is not executed, unless it is already.
fn most(executed: Decimal, budget: Decimal) -> Decimal {
    budget.max(executed)
}

fn money(yuan: Decimal) -> Option<Money> {
    Money::from_yuan(rounding::half_up(yuan, 2)).ok()
}

fn rounded(value: Decimal) -> Decimal {
    rounding::half_up(value, PLACES)
}
