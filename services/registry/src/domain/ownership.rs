//! Whose a project or policy is, and was (归属): owners follow each other without gap or overlap.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::policy::Policy;
use super::project::Project;
use super::unit::AgencyCode;

/// Whose a project is (归属).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Owner {
    /// 实施单位.
    pub implementing_unit: AgencyCode,
    /// 主管部门.
    pub competent_department: AgencyCode,
}

impl Owner {
    /// The owner after `heir` took over from `unit`; `None` when that does not concern it. The department goes along when
    /// it was the unit's own, or is the unit itself.
    fn passed(&self, unit: &AgencyCode, heir: &AgencyCode) -> Option<Self> {
        let mut next = self.clone();
        if self.implementing_unit == *unit {
            next.implementing_unit = heir.clone();
            if self.competent_department == unit.department() {
                next.competent_department = heir.department();
            }
        }
        if self.competent_department == *unit {
            next.competent_department = heir.department();
        }
        (next != *self).then_some(next)
    }
}

/// Who carries a policy out (执行部门).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Executor {
    /// 执行部门.
    pub executing_unit: AgencyCode,
}

/// Whose something was until a day (原归属).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Former<O> {
    /// Whose.
    #[serde(flatten)]
    pub owner: O,
    /// Last day.
    pub end_date: NaiveDate,
}

/// Whose something was on a day, of former owners and the one that it has.
fn owner_on<O: Clone>(former: &[Former<O>], owner: O, day: NaiveDate) -> O {
    let found = former.iter().find(|former| day <= former.end_date);
    found.map_or(owner, |former| former.owner.clone())
}

/// Whether something was such an owner's on a day, or at any time after it.
fn owned_from<O>(former: &[Former<O>], now: &O, day: NaiveDate, is: impl Fn(&O) -> bool) -> bool {
    is(now) || former.iter().any(|of| day <= of.end_date && is(&of.owner))
}

/// Notes `before` as the owner until the day before `today`, on which an update made it another's.
fn note<O: PartialEq>(former: &mut Vec<Former<O>>, before: O, now: &O, today: NaiveDate) {
    let last = today.pred_opt().unwrap_or(today);
    let noted = former.last().is_some_and(|former| last <= former.end_date);
    if before != *now && !noted {
        former.push(Former { owner: before, end_date: last });
    }
}

/// Hands something over from a day on, also where it was the unit's only for a time after that day. `passed` is whose it
/// is then, and `None` when the change does not concern that owner. Says whose it is now, and whether anything changed.
fn pass<O: Clone>(
    former: &mut Vec<Former<O>>,
    owner: O,
    day: NaiveDate,
    passed: impl Fn(&O) -> Option<O>,
) -> (O, bool) {
    let eve = day.pred_opt().unwrap_or(day);
    let mut owners: Vec<Former<O>> = Vec::with_capacity(former.len().saturating_add(1));
    let mut changed = false;
    let until_eve = |owners: &mut Vec<Former<O>>, owner: O| {
        if owners.last().is_none_or(|former| former.end_date < eve) {
            owners.push(Former { owner, end_date: eve });
        }
    };
    for Former { owner, end_date } in former.drain(..) {
        match passed(&owner).filter(|_| day <= end_date) {
            None => owners.push(Former { owner, end_date }),
            Some(next) => {
                changed = true;
                until_eve(&mut owners, owner);
                owners.push(Former { owner: next, end_date });
            }
        }
    }
    let owner = match passed(&owner) {
        None => owner,
        Some(next) => {
            changed = true;
            until_eve(&mut owners, owner);
            next
        }
    };
    *former = owners;
    (owner, changed)
}

impl Project {
    /// Whether it goes on after the day before `day`.
    pub fn goes_on(&self, day: NaiveDate) -> bool {
        self.end_date.is_none_or(|end| day <= end)
    }

    /// Whose it is.
    pub fn owner(&self) -> Owner {
        Owner {
            implementing_unit: self.implementing_unit.clone(),
            competent_department: self.competent_department.clone(),
        }
    }

    /// Whose it was on a day.
    pub fn owner_on(&self, day: NaiveDate) -> Owner {
        owner_on(&self.details.former_owners, self.owner(), day)
    }

    /// Whether a unit carries it out, or is its competent department, on a day or at any time after it.
    pub fn owned_from(&self, unit: &AgencyCode, day: NaiveDate) -> bool {
        let is = |of: &Owner| [&of.implementing_unit, &of.competent_department].contains(&unit);
        owned_from(&self.details.former_owners, &self.owner(), day, is)
    }

    /// Notes whose it was until the day before `today`, when an update made it somebody else's.
    pub fn note_owner(&mut self, before: &Self, today: NaiveDate) {
        let now = self.owner();
        note(&mut self.details.former_owners, before.owner(), &now, today);
    }

    /// Hands it from `unit` to `heir` from a day on. Says whether that changed anything.
    pub fn hand_over(&mut self, unit: &AgencyCode, heir: &AgencyCode, day: NaiveDate) -> bool {
        let owner = self.owner();
        let former = &mut self.details.former_owners;
        let (owner, changed) = pass(former, owner, day, |owner| owner.passed(unit, heir));
        (self.implementing_unit, self.competent_department) =
            (owner.implementing_unit, owner.competent_department);
        changed
    }
}

impl Policy {
    /// Whether it is in force on or after a day.
    pub fn goes_on(&self, day: NaiveDate) -> bool {
        self.last_day().is_none_or(|last| day <= last)
    }

    fn executor(&self) -> Executor {
        Executor { executing_unit: self.executing_unit.clone() }
    }

    /// Which unit carried it out on a day.
    pub fn executing_unit_on(&self, day: NaiveDate) -> AgencyCode {
        owner_on(&self.former_executors, self.executor(), day).executing_unit
    }

    /// Whether a unit carries it out on a day or at any time after it.
    pub fn owned_from(&self, unit: &AgencyCode, day: NaiveDate) -> bool {
        let is = |of: &Executor| of.executing_unit == *unit;
        owned_from(&self.former_executors, &self.executor(), day, is)
    }

    /// Notes which unit carried it out until the day before `today`, when an update gave it to another.
    pub fn note_executor(&mut self, before: &Self, today: NaiveDate) {
        let now = self.executor();
        note(&mut self.former_executors, before.executor(), &now, today);
    }

    /// Hands it from `unit` to `heir` from a day on. Says whether that changed anything.
    pub fn hand_over(&mut self, unit: &AgencyCode, heir: &AgencyCode, day: NaiveDate) -> bool {
        let executor = self.executor();
        let passed =
            |of: &Executor| (of.executing_unit == *unit).then(|| Executor { executing_unit: heir.clone() });
        let (executor, changed) = pass(&mut self.former_executors, executor, day, passed);
        self.executing_unit = executor.executing_unit;
        changed
    }
}
