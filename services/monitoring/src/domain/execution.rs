//! Budget against outturn (预算执行).

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use wenxiao_kernel::{BudgetAccount, Explanation, Money, Step, rounding};

use super::schedule::Share;

wenxiao_kernel::vocabulary! {
    /// Which budget a rate is divided by (分母口径).
    Basis {
        /// 年初批复数.
        Initial = "initial",
        /// 调整后预算数.
        Adjusted = "adjusted",
    }
}

impl Basis {
    /// Name of the denominator as forms print it.
    pub fn chinese(self) -> &'static str {
        match self {
            Self::Initial => "年初预算数",
            Self::Adjusted => "调整后预算数",
        }
    }
}

/// The four amounts that everything else follows from, yuan.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Amounts {
    /// 年初批复数.
    pub initial: Money,
    /// 追加, 结转, 调入.
    pub increase: Money,
    /// 追减, 调出, as a positive amount.
    pub reduction: Money,
    /// 执行数.
    pub executed: Money,
}

impl Amounts {
    /// 调整后预算数. An amount beyond what money may be is cut to nothing: it cannot come from a checked entry.
    pub fn adjusted(&self) -> Money {
        let raised = self.initial.checked_add(self.increase);
        raised.and_then(|sum| sum.checked_sub(self.reduction)).unwrap_or_default()
    }

    /// The budget of a basis.
    pub fn budget(&self, basis: Basis) -> Money {
        match basis {
            Basis::Initial => self.initial,
            Basis::Adjusted => self.adjusted(),
        }
    }

    /// 预算执行率 with 4 decimals; 0 when there is nothing to divide by.
    pub fn rate(&self, basis: Basis) -> Decimal {
        rate(self.executed, self.budget(basis))
    }

    /// Whether execution is strictly lower than the schedule (低于序时进度), unrounded. Nobody is behind who has no
    /// budget to execute.
    pub fn is_below(&self, schedule: Share) -> bool {
        schedule.compare(self.executed, self.adjusted()) == Some(std::cmp::Ordering::Less)
    }

    /// How [`Self::is_below`] came about.
    pub fn explain_schedule(&self, schedule: Share) -> Step {
        let compared = if self.is_below(schedule) { "低于序时进度" } else { "不低于序时进度" };
        let formula = "执行数 ÷ 调整后预算数 ＜ 序时进度（严格比较，不舍入；无预算不判定）";
        Step::new("部门支出进度", formula, compared)
            .input("执行数", self.executed.yuan())
            .input("调整后预算数", self.adjusted().yuan())
            .input("序时进度", format!("{}/{}", schedule.part.normalize(), schedule.whole.normalize()))
    }

    /// Whether execution is behind the schedule by more than so many percentage points, unrounded.
    pub fn lags(&self, schedule: Share, points: Decimal) -> bool {
        let limit = || {
            let points = points.checked_mul(schedule.whole)?;
            let part = schedule.part.checked_mul(Decimal::ONE_HUNDRED)?.checked_sub(points)?;
            Some(Share { part, whole: schedule.whole.checked_mul(Decimal::ONE_HUNDRED)? })
        };
        limit().is_some_and(|limit| self.is_below(limit))
    }

    /// The sum of both, or `None` beyond what money may be.
    pub fn checked_add(self, other: Self) -> Option<Self> {
        Some(Self {
            initial: self.initial.checked_add(other.initial)?,
            increase: self.increase.checked_add(other.increase)?,
            reduction: self.reduction.checked_add(other.reduction)?,
            executed: self.executed.checked_add(other.executed)?,
        })
    }

    /// How the rate came about.
    pub fn explain(&self, basis: Basis, month: u32) -> Explanation {
        let rate = self.rate(basis);
        let name = basis.chinese();
        let adjusted = Step::new("调整后预算数", "年初预算数 + 追加 − 追减", self.adjusted().yuan())
            .input("年初预算数", self.initial.yuan())
            .input("追加", self.increase.yuan())
            .input("追减", self.reduction.yuan());
        let divided = Step::new("预算执行率", format!("执行数 ÷ {name}，保留4位小数；{name}为0时取0"), rate)
            .input("执行数", self.executed.yuan())
            .input(name, self.budget(basis).yuan());
        Explanation::by("", "monitoring.execution.rate")
            .concluding(
                format!("截至{month}月，按{name}计算的预算执行率为{}%", percent(rate)),
                format!(
                    "Execution rate {rate} through month {month}, divided by the {} budget",
                    basis.as_str()
                ),
            )
            .step(adjusted)
            .step(divided)
    }
}

/// `executed ÷ budget` with 4 decimals; 0 when the budget is 0.
pub fn rate(executed: Money, budget: Money) -> Decimal {
    let mut rate = executed.ratio_of(budget).map(|value| rounding::half_up(value, 4)).unwrap_or_default();
    rate.rescale(4);
    rate
}

/// `part ÷ whole × 100` with 2 decimals; `None` without a whole.
pub fn percentage(part: Decimal, whole: Decimal) -> Option<Decimal> {
    let mut percent = rounding::percentage(part, whole, 2)?;
    percent.rescale(2);
    Some(percent)
}

/// A fraction as a percentage with 2 decimals.
pub fn percent(fraction: Decimal) -> Decimal {
    percentage(fraction, Decimal::ONE).unwrap_or_default()
}

/// Amounts of one account and funding source (按资金来源).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FundingLine {
    /// Account.
    pub account: BudgetAccount,
    /// Funding source, by the registry's number.
    pub funding_source: i32,
    /// Amounts.
    pub amounts: Amounts,
}
