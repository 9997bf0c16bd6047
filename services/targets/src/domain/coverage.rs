//! Coverage (资金覆盖率): Σ ratified amount ÷ Σ project budget, per budget account, with its denominator named.

use wenxiao_kernel::rounding::percentage;
use wenxiao_kernel::{BudgetAccount, Decimal, Explanation, FiscalYear, Money, Step};

/// Decimals of a rate in per cent.
const PLACES: u32 = 2;

/// Which budget is the denominator (分母口径).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Basis {
    /// 年初预算, against the annual filing.
    InitialBudget,
    /// 调整后预算, against everything filed for the year.
    AdjustedBudget,
}

impl Basis {
    /// The Chinese name of the denominator.
    pub fn chinese(self) -> &'static str {
        match self {
            Self::InitialBudget => "年初项目支出预算",
            Self::AdjustedBudget => "调整后项目支出预算",
        }
    }

    fn rule(self) -> &'static str {
        match self {
            Self::InitialBudget => "coverage.objective.initial_budget",
            Self::AdjustedBudget => "coverage.objective.adjusted_budget",
        }
    }
}

/// What an account adds up to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AccountFigures {
    /// The account.
    pub account: BudgetAccount,
    /// Projects with an objective in any state.
    pub filed: i32,
    /// Projects with a ratified objective.
    pub ratified: i32,
    /// Their ratified amounts.
    pub ratified_amount: Money,
    /// Projects with a budget.
    pub budget_projects: i32,
    /// Their budgets.
    pub budget_amount: Money,
}

/// The rate in per cent, half up to 2 decimals, and how it came about. An account without budget has no rate: 100 %
/// is never assumed.
pub fn rate(figures: &AccountFigures, year: FiscalYear, basis: Basis) -> (Option<Decimal>, Explanation) {
    let mut rate = percentage(figures.ratified_amount.yuan(), figures.budget_amount.yuan(), PLACES);
    if let Some(rate) = &mut rate {
        rate.rescale(PLACES); // printed with both decimals
    }
    let account = figures.account.chinese();
    let denominator = basis.chinese();
    let formula = format!("已批复绩效目标的项目金额 ÷ {denominator} × 100");
    let shown = rate.map_or_else(|| "无分母，不计算".to_owned(), |rate| format!("{rate}%"));
    let step = Step::new("资金覆盖率", formula, &shown)
        .input(format!("已批复绩效目标的项目金额（{}个项目）", figures.ratified), figures.ratified_amount)
        .input(format!("{denominator}（{}个项目）", figures.budget_projects), figures.budget_amount);
    let chinese = match rate {
        Some(rate) => format!("{year}年{account}绩效目标资金覆盖率为{rate}%"),
        None => format!("{year}年{account}没有项目预算，覆盖率无从计算"),
    };
    let english = match rate {
        Some(rate) => format!("objectives cover {rate}% of {} in {year}", figures.account.as_str()),
        None => format!("{} has no project budget in {year}: no rate", figures.account.as_str()),
    };
    (rate, Explanation::by(String::new(), basis.rule()).step(step).concluding(chinese, english))
}
