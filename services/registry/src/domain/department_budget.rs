//! Whole-department budgets (部门整体支出预算).

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use wenxiao_kernel::{FiscalYear, Money};

use super::unit::AgencyCode;
use super::unit_change::UnitChange;
use super::{Checks, Refusal};

/// The whole budget of a department in one year (部门整体支出预算).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DepartmentBudget {
    /// Identifier.
    pub id: String,
    /// Code of the department or street.
    pub department: AgencyCode,
    /// 预算年度.
    pub fiscal_year: FiscalYear,
    /// 部门职能.
    pub functions: String,
    /// 所属单位数.
    pub subunit_count: i32,
    /// 编制人数.
    pub staff_post_count: i32,
    /// 实有人数.
    pub staff_count: i32,
    /// 预算总额.
    pub total: Money,
    /// 财政资金.
    pub fiscal: Option<Money>,
    /// 其他资金.
    pub other: Option<Money>,
    /// 基本支出.
    pub basic_expenditure: Option<Money>,
    /// 项目支出.
    pub project_expenditure: Option<Money>,
    /// 三公经费.
    pub public_reception: Option<Money>,
    /// 专项资金.
    pub special_funds: Option<Money>,
    /// 政府性基金.
    pub government_fund: Option<Money>,
    /// 国有资本经营预算.
    pub state_capital: Option<Money>,
    /// 年度主要任务.
    pub tasks: Vec<DepartmentTask>,
}

/// A duty of a department in one year (部门任务).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DepartmentTask {
    /// 任务名称.
    pub title: String,
    /// 主要内容.
    pub content: String,
    /// What it costs.
    pub total: Option<Money>,
    /// Of it fiscal funds.
    pub fiscal: Option<Money>,
    /// Of it other funds.
    pub other: Option<Money>,
}

impl DepartmentBudget {
    /// What a whole-department budget must be: parts that are given make the whole.
    pub fn check(&self) -> Result<(), Refusal> {
        let mut checks = Checks::default();
        checks.rule(
            self.department.parent().is_none(),
            "department",
            "须为部门或街道",
            "must be a department or street",
        );
        checks.rule(
            adds_up(self.fiscal, self.other, Some(self.total)),
            "total_amount",
            "财政资金与其他资金之和不等于预算总额",
            "is not the sum of fiscal and other funds",
        );
        checks.rule(
            adds_up(self.basic_expenditure, self.project_expenditure, Some(self.total)),
            "project_expenditure_amount",
            "基本支出与项目支出之和不等于预算总额",
            "does not make the total together with basic expenditure",
        );
        for (place, task) in self.tasks.iter().enumerate() {
            checks.rule(
                adds_up(task.fiscal, task.other, task.total),
                format!("tasks[{place}].total_amount"),
                "财政资金与其他资金之和不等于任务金额",
                "is not the sum of fiscal and other funds",
            );
        }
        checks.done()
    }
}

/// Hands the budgets of departments that end to the departments of their heirs, change by change: those of years that begin
/// on or after the change's day, unless the heir has one of that year itself. Budgets of years that have begun stay with
/// who answers for them. Says which budgets changed hands, by place, each by the last change that moved it, by place.
pub fn hand_over(budgets: &mut [DepartmentBudget], changes: &[&UnitChange]) -> BTreeMap<usize, usize> {
    let mut taken: BTreeSet<(AgencyCode, FiscalYear)> =
        budgets.iter().map(|budget| (budget.department.clone(), budget.fiscal_year)).collect();
    let mut moved = BTreeMap::new();
    for (by, change) in changes.iter().enumerate().filter(|(_, change)| change.ends_unit()) {
        let Some(heir) = change.successors.first().map(AgencyCode::department) else { continue };
        for (place, budget) in budgets.iter_mut().enumerate() {
            let year = budget.fiscal_year;
            let begins = NaiveDate::from_ymd_opt(year.as_i32(), 1, 1);
            let concerned = budget.department == change.unit && Some(change.effective_date) <= begins;
            if concerned && taken.insert((heir.clone(), year)) {
                taken.remove(&(budget.department.clone(), year));
                budget.department = heir.clone();
                moved.insert(place, by);
            }
        }
    }
    moved
}

/// Whether two parts make the whole, as far as all three are given.
fn adds_up(one: Option<Money>, other: Option<Money>, whole: Option<Money>) -> bool {
    match (one, other, whole) {
        (Some(one), Some(other), Some(whole)) => one.checked_add(other) == Some(whole),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use wenxiao_kernel::Decimal;

    use super::*;

    #[test]
    fn the_parts_make_the_whole() {
        let yuan = |number: i64| Money::from_yuan(Decimal::from(number)).ok();
        assert!(adds_up(yuan(60), yuan(40), yuan(100)));
        assert!(!adds_up(yuan(60), yuan(41), yuan(100)));
        assert!(adds_up(yuan(60), None, yuan(100)), "what is not given is not checked");
    }
}
