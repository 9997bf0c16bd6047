//! How much of each budget is monitored (监控资金覆盖率).

use rust_decimal::Decimal;
use wenxiao_kernel::{BudgetAccount, Explanation, Money, Step};

use super::execution::{Basis, percent, rate};
use super::light::Light;

/// How many objects have each light (灯号分布).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LightCounts {
    /// Red.
    pub red: i32,
    /// Yellow.
    pub yellow: i32,
    /// Green.
    pub green: i32,
    /// Blue.
    pub blue: i32,
    /// Not judged.
    pub unjudged: i32,
}

impl LightCounts {
    /// Both together.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self {
            red: self.red.saturating_add(other.red),
            yellow: self.yellow.saturating_add(other.yellow),
            green: self.green.saturating_add(other.green),
            blue: self.blue.saturating_add(other.blue),
            unjudged: self.unjudged.saturating_add(other.unjudged),
        }
    }

    /// So many objects with one light.
    pub fn of(light: Option<Light>, count: i32) -> Self {
        let mut counts = Self::default();
        match light {
            Some(Light::Red) => counts.red = count,
            Some(Light::Yellow) => counts.yellow = count,
            Some(Light::Green) => counts.green = count,
            Some(Light::Blue) => counts.blue = count,
            None => counts.unjudged = count,
        }
        counts
    }

    /// How many objects there are.
    pub fn count(&self) -> i32 {
        let all = [self.red, self.yellow, self.green, self.blue, self.unjudged];
        all.into_iter().fold(0, i32::saturating_add)
    }

    /// The worst light that somebody has.
    pub fn worst(&self) -> Option<Light> {
        let counts = [
            (self.red, Light::Red),
            (self.yellow, Light::Yellow),
            (self.green, Light::Green),
            (self.blue, Light::Blue),
        ];
        counts.into_iter().find(|(count, _)| *count > 0).map(|(_, light)| light)
    }
}

/// Coverage of one account, or of all (account `None`).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Coverage {
    /// Account.
    pub account: Option<BudgetAccount>,
    /// Budget of all projects that have one.
    pub budget: Money,
    /// Budget of those that are monitored.
    pub monitored: Money,
    /// Projects that have a budget.
    pub projects: i32,
    /// Projects that are monitored.
    pub monitored_projects: i32,
    /// Lights of the newest accepted reports.
    pub lights: LightCounts,
}

impl Coverage {
    /// Monitored ÷ budget with 4 decimals; 0 without a budget.
    pub fn rate(&self) -> Decimal {
        rate(self.monitored, self.budget)
    }
}

/// Coverage of a year's budgets.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CoverageOfYear {
    /// By account.
    pub accounts: Vec<Coverage>,
    /// All accounts together. It has the sum of their amounts, but each project once: one with budgets of two accounts is
    /// in the lines of both.
    pub total: Coverage,
}

/// How coverage came about.
pub fn explain(coverage: &CoverageOfYear, basis: Basis) -> Explanation {
    let all = &coverage.total;
    let name = basis.chinese();
    let mut explanation = Explanation::by("", "monitoring.coverage").concluding(
        format!(
            "监控资金覆盖率{}%（{name}口径，以终审通过的监控表为准，同一项目只计一次）",
            percent(all.rate())
        ),
        format!(
            "{} % of the {} budget has an accepted monitoring report",
            percent(all.rate()),
            basis.as_str()
        ),
    );
    for one in &coverage.accounts {
        let account = one.account.map_or("", BudgetAccount::chinese);
        let step =
            Step::new(format!("{account}覆盖率"), format!("已监控项目{name} ÷ 全部项目{name}"), one.rate())
                .input("已监控项目预算", one.monitored.yuan())
                .input("全部项目预算", one.budget.yuan());
        explanation = explanation.step(step);
    }
    explanation
}
