//! What the treasury system says in total against what was taken in (对账).

use std::collections::{HashMap, HashSet};

use wenxiao_kernel::{BudgetAccount, Money};

/// Which payments a control total is about.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Key {
    /// Account.
    pub account: BudgetAccount,
    /// Month in which the payments count.
    pub month: u32,
    /// Only this project, by id.
    pub project: Option<String>,
    /// Only this source, by the registry's number.
    pub funding_source: Option<i32>,
}

/// A control total (控制数).
#[derive(Clone, Debug)]
pub struct Control {
    /// Which payments.
    pub key: Key,
    /// Their sum.
    pub amount: Money,
    /// How many they are; `None` when the treasury system does not say.
    pub count: Option<i64>,
}

/// What was taken in of one account, month, project and source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recorded {
    /// Account.
    pub account: BudgetAccount,
    /// Month.
    pub month: u32,
    /// Project, by id.
    pub project: String,
    /// Source.
    pub funding_source: i32,
    /// Sum.
    pub amount: Money,
    /// How many payments.
    pub count: i64,
}

/// How the two stand to each other (对账状态).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// 相符.
    Balanced,
    /// 不符.
    Different,
    /// 本系统缺失.
    MissingHere,
}

/// One control total, compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Sum of what was taken in.
    pub amount: Money,
    /// How many payments that are.
    pub count: i64,
    /// Recorded minus control.
    pub difference: Money,
    /// How the two stand to each other.
    pub standing: Standing,
}

/// Totals compared with what was taken in: a line per total in its order, and what no total covers. `None` beyond what
/// money may be.
pub fn reconcile<'a>(
    controls: &[Control],
    recorded: &'a [Recorded],
) -> Option<(Vec<Line>, Vec<&'a Recorded>)> {
    let mut groups: HashMap<(BudgetAccount, u32), Vec<(usize, &Recorded)>> = HashMap::new();
    for (place, one) in recorded.iter().enumerate() {
        groups.entry((one.account, one.month)).or_default().push((place, one));
    }
    let mut covered = HashSet::new();
    let mut lines = Vec::with_capacity(controls.len());
    for control in controls {
        let key = &control.key;
        let group = groups.get(&(key.account, key.month)).map(Vec::as_slice).unwrap_or_default();
        let (mut amount, mut count) = (Money::ZERO, 0_i64);
        for (place, one) in group.iter().filter(|(_, one)| key.names(one)) {
            covered.insert(*place);
            amount = amount.checked_add(one.amount)?;
            count = count.checked_add(one.count)?;
        }
        let difference = amount.checked_sub(control.amount)?;
        let counts_agree = control.count.is_none_or(|expected| expected == count);
        let standing = match count {
            _ if difference.is_zero() && counts_agree => Standing::Balanced,
            0 => Standing::MissingHere,
            _ => Standing::Different,
        };
        lines.push(Line { amount, count, difference, standing });
    }
    let unlisted = recorded.iter().enumerate().filter(|(place, _)| !covered.contains(place));
    Some((lines, unlisted.map(|(_, one)| one).collect()))
}

impl Key {
    fn names(&self, one: &Recorded) -> bool {
        self.project.as_ref().is_none_or(|project| *project == one.project)
            && self.funding_source.is_none_or(|source| source == one.funding_source)
    }
}
