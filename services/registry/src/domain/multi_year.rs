//! A project's money over its whole life beside its money year by year (跨年度预算). The two are never mixed: what is compared
//! with the whole-life amount is a sum over all years, and what was carried over from year to year is in it once.

use std::collections::BTreeMap;

use wenxiao_kernel::{Bound, Explanation, FiscalYear, Money, Step};

use super::budget::Line;

/// One year of a project (分年度).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Year {
    /// 年度计划.
    pub planned: Option<Money>,
    /// The budget, when there is one.
    pub line: Line,
    /// What of it was carried over into the next year.
    pub carried_forward: Money,
}

/// A project's money over the years (跨年度预算).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MultiYear {
    /// 项目总金额.
    pub total: Option<Money>,
    /// The years that have a plan or a budget.
    pub years: BTreeMap<FiscalYear, Year>,
    /// Sum of the plans.
    pub planned: Money,
    /// Sum of what all years were given anew.
    pub arranged: Money,
    /// Whether that sum is the truth; none when it is bounded on both sides.
    pub bound: Option<Bound>,
}

impl MultiYear {
    /// Puts plans and budgets together; `None` beyond what money can hold.
    pub fn of(
        total: Option<Money>,
        plans: &BTreeMap<FiscalYear, Money>,
        budgets: &BTreeMap<FiscalYear, Line>,
    ) -> Option<Self> {
        let mut years: BTreeMap<FiscalYear, Year> = BTreeMap::new();
        for (year, planned) in plans {
            years.entry(*year).or_default().planned = Some(*planned);
        }
        for (year, line) in budgets {
            years.entry(*year).or_default().line = *line;
            if let Some(before) = years.get_mut(&year.previous()).filter(|_| year.previous() != *year) {
                before.carried_forward = line.carry_over;
            }
        }
        let sum = budgets.values().try_fold(Line::default(), |sum, line| sum.plus(*line))?;
        let planned = Money::total(plans.values().copied())?;
        Some(Self { total, years, planned, arranged: sum.fresh()?, bound: sum.bound() })
    }

    /// 尚未安排: what of the whole-life amount no year was given; below zero when more was given.
    pub fn unarranged(&self) -> Option<Money> {
        self.total?.checked_sub(self.arranged)
    }

    /// How the sums came about.
    pub fn explain(&self) -> Explanation {
        let carried = Money::total(self.years.values().map(|year| year.line.carry_over)).unwrap_or_default();
        let adjusted = self.arranged.checked_add(carried).unwrap_or_default();
        let arranged = Step::new("累计安排", "各年调整后预算之和 − 各年上年结转之和", self.arranged)
            .input("各年调整后预算之和", adjusted)
            .input("各年上年结转之和", carried);
        let explanation = Explanation::by("", "budget.multi_year").concluding(
            format!("各年新安排合计{}；结转资金只在首次安排的年度计算。", self.arranged),
            format!(
                "{} yuan were given over all years; what was carried over counts once.",
                self.arranged.yuan()
            ),
        );
        let explanation = explanation.step(arranged);
        match (self.total, self.unarranged()) {
            (Some(total), Some(rest)) => explanation.step(
                Step::new("尚未安排", "项目总金额 − 累计安排", rest)
                    .input("项目总金额", total)
                    .input("累计安排", self.arranged),
            ),
            _ => explanation,
        }
    }
}

#[cfg(test)]
#[expect(clippy::arithmetic_side_effects, reason = "small numbers of a test")]
mod tests {
    use proptest::prelude::*;
    use wenxiao_kernel::Decimal;

    use super::*;

    fn yuan(fen: i64) -> Money {
        Money::from_yuan(Decimal::new(fen, 2)).unwrap_or_default()
    }

    fn year(year: i32) -> FiscalYear {
        FiscalYear::try_from(year).unwrap_or(FiscalYear::FIRST)
    }

    #[test]
    fn what_was_carried_over_counts_once() {
        let budgets = BTreeMap::from([
            (year(2020), Line { initial: yuan(1000), ..Line::default() }),
            (year(2021), Line { initial: yuan(500), carry_over: yuan(300), ..Line::default() }),
        ]);
        let plans = BTreeMap::from([(year(2020), yuan(1000)), (year(2022), yuan(400))]);
        let of = MultiYear::of(Some(yuan(2000)), &plans, &budgets).unwrap_or_default();
        assert_eq!((of.planned, of.arranged), (yuan(1400), yuan(1500)));
        assert_eq!(of.unarranged(), Some(yuan(500)));
        let shown: Vec<_> =
            of.years.iter().map(|(year, of)| (year.as_i32(), of.planned, of.carried_forward)).collect();
        assert_eq!(
            shown,
            [
                (2020, Some(yuan(1000)), yuan(300)),
                (2021, None, Money::ZERO),
                (2022, Some(yuan(400)), Money::ZERO)
            ]
        );
        assert_eq!(of.explain().steps.len(), 2);
    }

    proptest! {
        #[test]
        fn carrying_over_makes_no_money(
            given in prop::collection::vec(0_i64..1_000_000_000, 1..10),
            shares in prop::collection::vec(0_i64..=100, 10),
        ) {
            let mut budgets = BTreeMap::new();
            let mut left = 0_i64;
            for (place, (fresh, share)) in given.iter().zip(&shares).enumerate() {
                let carried = left * share / 100;
                let line = Line { initial: yuan(*fresh), carry_over: yuan(carried), ..Line::default() };
                left = fresh + carried;
                budgets.insert(year(2000 + i32::try_from(place).unwrap_or_default()), line);
            }
            let of = MultiYear::of(None, &BTreeMap::new(), &budgets).unwrap_or_default();
            prop_assert_eq!(of.arranged, yuan(given.iter().sum()));
        }
    }
}
