//! Lights of a year's accepted reports (双监控统计), counted once and summed by account, department and month.

use std::collections::BTreeMap;

use wenxiao_kernel::BudgetAccount;

use super::coverage::LightCounts;

/// Accepted reports of one department, account, month and light.
#[derive(Clone, Debug)]
pub struct Group {
    /// Department, by id.
    pub department: String,
    /// Account; `None` for whole departments and policies.
    pub account: Option<BudgetAccount>,
    /// Last month of the round's stage.
    pub end_month: u32,
    /// Their lights.
    pub lights: LightCounts,
}

/// The same groups summed in three ways: every sum counts every group, so that all three add up to the total.
#[derive(Clone, Debug, Default)]
pub struct Statistics {
    /// All together.
    pub total: LightCounts,
    /// By account; without one last.
    pub accounts: Vec<(Option<BudgetAccount>, LightCounts)>,
    /// By department.
    pub departments: Vec<(String, LightCounts)>,
    /// By month.
    pub months: Vec<(u32, LightCounts)>,
}

/// Sums the groups.
pub fn summed(groups: &[Group]) -> Statistics {
    Statistics {
        total: groups.iter().fold(LightCounts::default(), |sum, group| sum.plus(group.lights)),
        accounts: by(groups, |group| (group.account.is_none(), group.account.map(BudgetAccount::as_str)))
            .into_iter()
            .map(|((_, word), lights)| (word.and_then(|word| word.parse().ok()), lights))
            .collect(),
        departments: by(groups, |group| group.department.clone()),
        months: by(groups, |group| group.end_month),
    }
}

fn by<K: Ord>(groups: &[Group], key: impl Fn(&Group) -> K) -> Vec<(K, LightCounts)> {
    let mut sums: BTreeMap<K, LightCounts> = BTreeMap::new();
    for group in groups {
        let sum = sums.entry(key(group)).or_default();
        *sum = sum.plus(group.lights);
    }
    sums.into_iter().collect()
}
