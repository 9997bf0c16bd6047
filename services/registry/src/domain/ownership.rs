//! Whose a project is, and was (项目归属): owners follow each other without gap or overlap.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

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

/// Whose a project was until a day (原归属).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FormerOwner {
    /// Whose.
    #[serde(flatten)]
    pub owner: Owner,
    /// Last day.
    pub end_date: NaiveDate,
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
        let former = self.details.former_owners.iter().find(|former| day <= former.end_date);
        former.map_or_else(|| self.owner(), |former| former.owner.clone())
    }

    /// Notes whose it was until the day before `today`, when an update made it somebody else's.
    pub fn note_owner(&mut self, before: &Self, today: NaiveDate) {
        let last = today.pred_opt().unwrap_or(today);
        let noted = self.details.former_owners.last().is_some_and(|former| last <= former.end_date);
        if self.owner() != before.owner() && !noted {
            self.details.former_owners.push(FormerOwner { owner: before.owner(), end_date: last });
        }
    }

    /// Hands it from `unit` to `heir` from a day on, also where it was the unit's only for a time after that day. Says
    /// whether that changed anything.
    pub fn hand_over(&mut self, unit: &AgencyCode, heir: &AgencyCode, day: NaiveDate) -> bool {
        let eve = day.pred_opt().unwrap_or(day);
        let mut owners: Vec<FormerOwner> = Vec::new();
        let mut changed = false;
        for FormerOwner { owner, end_date } in self.details.former_owners.clone() {
            let Some(next) = owner.passed(unit, heir).filter(|_| day <= end_date) else {
                owners.push(FormerOwner { owner, end_date });
                continue;
            };
            changed = true;
            if owners.last().is_none_or(|former| former.end_date < eve) {
                owners.push(FormerOwner { owner, end_date: eve });
            }
            owners.push(FormerOwner { owner: next, end_date });
        }
        if let Some(next) = self.owner().passed(unit, heir) {
            changed = true;
            if owners.last().is_none_or(|former| former.end_date < eve) {
                owners.push(FormerOwner { owner: self.owner(), end_date: eve });
            }
            (self.implementing_unit, self.competent_department) =
                (next.implementing_unit, next.competent_department);
        }
        self.details.former_owners = owners;
        changed
    }
}
