//! Changes of units over time (机构变动): what a change is, in which order changes come, and to whom projects go.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use wenxiao_kernel::vocabulary;

use super::Refusal;
use super::project::Project;
use super::unit::AgencyCode;

vocabulary! {
    /// What happened to a unit (变动类型).
    UnitChangeKind {
        /// 更名.
        Rename = "rename",
        /// 合并.
        Merge = "merge",
        /// 分设.
        Split = "split",
        /// 划转.
        Move = "move",
        /// 撤销.
        Close = "close",
    }
}

/// Projects that a refusal names at the most.
const NAMED_PROJECTS: usize = 20;

/// What happened to one unit from one day on (机构变动).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnitChange {
    /// Identifier.
    pub id: String,
    /// What happened.
    pub kind: UnitChangeKind,
    /// The unit that it happened to.
    pub unit: AgencyCode,
    /// First day on which it is so.
    pub effective_date: NaiveDate,
    /// 文号.
    pub document_number: String,
    /// Why.
    pub reason: String,
    /// Name before.
    pub former_title: String,
    /// Name after.
    pub title: String,
    /// Units that take over, the main one first.
    pub successors: Vec<AgencyCode>,
    /// Which project goes to which of them; the others go to the first.
    pub handovers: BTreeMap<String, AgencyCode>,
    /// When projects changed hands; none until its day has come.
    pub apply_time: Option<DateTime<Utc>>,
    /// Who entered it.
    pub creator: String,
    /// When it was entered.
    pub create_time: DateTime<Utc>,
}

impl UnitChange {
    /// Whether it has to take effect.
    pub fn is_due(&self, today: NaiveDate) -> bool {
        self.apply_time.is_none() && self.effective_date <= today
    }

    /// Whether a project belongs to the unit on the change's day.
    pub fn concerns(&self, project: &Project) -> bool {
        let owner = project.owner_on(self.effective_date);
        [owner.implementing_unit, owner.competent_department].contains(&self.unit)
    }

    /// The unit that takes a project over; none when nobody does.
    pub fn heir(&self, project: &str) -> Option<&AgencyCode> {
        self.handovers.get(project).or_else(|| self.successors.first())
    }

    /// Hands a project over from its day on; says whether that changed anything.
    pub fn hand_over(&self, project: &mut Project) -> bool {
        match self.heir(&project.id).cloned() {
            Some(heir) => project.hand_over(&self.unit, &heir, self.effective_date),
            None => false,
        }
    }

    /// Refuses when one of `projects`, which are the unit's, goes on and nobody is named to take it over. A split names
    /// one for each, every other end one for all.
    pub fn check_heirs<'p>(&self, projects: impl IntoIterator<Item = &'p Project>) -> Result<(), Refusal> {
        let named = |project: &Project| match self.kind {
            UnitChangeKind::Split => self.handovers.contains_key(&project.id),
            _ => !self.successors.is_empty(),
        };
        let left: Vec<&str> = projects
            .into_iter()
            .filter(|project| project.goes_on(self.effective_date) && !named(project))
            .map(|project| project.id.as_str())
            .take(NAMED_PROJECTS)
            .collect();
        if left.is_empty() {
            return Ok(());
        }
        Err(Refusal::UnitHasProjects { unit: self.unit.to_string(), projects: left.join(",") })
    }
}

/// Refuses a change that is not later than the last one of its unit: history is entered in its order.
pub fn check_order(unit: &AgencyCode, last: Option<NaiveDate>, day: NaiveDate) -> Result<(), Refusal> {
    match last {
        Some(last) if day <= last => Err(Refusal::UnitChangeOutOfOrder { unit: unit.to_string(), last }),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests;
