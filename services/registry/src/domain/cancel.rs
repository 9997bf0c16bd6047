//! What happens to the budget of a project that is given up (项目撤销后的预算): years to come lose all of it, the year itself
//! what is taken back.

use std::collections::BTreeMap;

use wenxiao_kernel::{FiscalYear, Money};

use super::budget::{Line, LineKey};
use super::{Checks, Refusal};

/// What is taken back of one line of a year (收回).
pub type Reclaim = (FiscalYear, LineKey, Money);

/// What is taken back, and what stays open in the year itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Winding {
    /// Reductions, as amounts above zero.
    pub reclaims: Vec<Reclaim>,
    /// Budget of the year that stays open for settling.
    pub remaining: Money,
}

/// Winds a project's budgets up in `year`. `asked` is what is to be taken back of that year, by line.
pub fn wind_up(
    year: FiscalYear,
    budgets: &BTreeMap<FiscalYear, BTreeMap<LineKey, Line>>,
    asked: &[(LineKey, Money)],
) -> Result<Winding, Refusal> {
    let mut checks = Checks::default();
    let mut open: BTreeMap<LineKey, Money> = BTreeMap::new();
    for (key, line) in budgets.get(&year).into_iter().flatten() {
        open.insert(*key, line.adjusted().unwrap_or_default());
    }
    let mut winding = Winding::default();
    for (place, (key, amount)) in asked.iter().enumerate() {
        let had = open.get(key).copied().unwrap_or_default();
        let left = had.checked_sub(*amount).filter(|left| !left.is_negative());
        checks.rule(
            !amount.is_negative() && !amount.is_zero(),
            format!("reclaims[{place}].amount"),
            "收回金额须大于零",
            "must be above zero",
        );
        checks.rule(
            left.is_some(),
            format!("reclaims[{place}].amount"),
            format!("收回金额超过该来源的预算余额{had}"),
            format!("is more than the {} yuan that the line has", had.yuan()),
        );
        open.insert(*key, left.unwrap_or_default());
        winding.reclaims.push((year, *key, *amount));
    }
    checks.done()?;
    for (later, lines) in budgets.iter().filter(|(later, _)| year < **later) {
        let whole = lines.iter().map(|(key, line)| (*later, *key, line.adjusted().unwrap_or_default()));
        winding.reclaims.extend(whole.filter(|(_, _, amount)| !amount.is_zero()));
    }
    winding.remaining = Money::total(open.into_values()).unwrap_or_default();
    Ok(winding)
}

#[cfg(test)]
mod tests {
    use wenxiao_kernel::{BudgetAccount, Decimal};

    use super::*;
    use crate::domain::budget::FundingSource;

    fn yuan(whole: i64) -> Money {
        Money::from_yuan(Decimal::from(whole)).unwrap_or_default()
    }

    fn year(year: i32) -> FiscalYear {
        FiscalYear::try_from(year).unwrap_or(FiscalYear::FIRST)
    }

    #[test]
    fn years_to_come_lose_everything_and_the_year_what_is_asked() {
        let key = (BudgetAccount::GeneralPublic, FundingSource::DistrictFiscal);
        let line = |whole| BTreeMap::from([(key, Line { initial: yuan(whole), ..Line::default() })]);
        let budgets =
            BTreeMap::from([(year(2020), line(300)), (year(2021), line(200)), (year(2022), line(100))]);
        let winding = wind_up(year(2021), &budgets, &[(key, yuan(150))]).unwrap_or_default();
        assert_eq!(winding.reclaims, [(year(2021), key, yuan(150)), (year(2022), key, yuan(100))]);
        assert_eq!(winding.remaining, yuan(50));
        assert!(
            wind_up(year(2021), &budgets, &[(key, yuan(150)), (key, yuan(51))]).is_err(),
            "more than is there"
        );
        assert!(wind_up(year(2021), &budgets, &[(key, yuan(0))]).is_err());
        let other = (BudgetAccount::GovernmentFund, FundingSource::DistrictFiscal);
        assert!(wind_up(year(2021), &budgets, &[(other, yuan(1))]).is_err(), "no such line");
    }
}
