//! What changes hands when a change of units takes effect (移交): projects, policies, the budgets of departments, their
//! indicators, and open tasks of plans.

use std::collections::{BTreeMap, BTreeSet};

use chrono::Datelike;
use prost::Message;
use wenxiao_contract::Addressed;
use wenxiao_platform::work::{Change, Work};
use wenxiao_platform::{Failure, Result};

use super::resource::{Resource, name_of, replace, today};
use crate::domain::Refusal;
use crate::domain::department_budget::{self, DepartmentBudget};
use crate::domain::indicator::Indicator;
use crate::domain::plan::WorkPlan;
use crate::domain::policy::Policy;
use crate::domain::project::Project;
use crate::domain::unit_change::{UnitChange, UnitChangeKind};
use crate::store::{self, Stored};

/// How much changed hands.
#[derive(Clone, Copy, Debug, Default)]
pub struct HandedOver {
    /// Projects.
    pub projects: usize,
    /// Policies.
    pub policies: usize,
    /// Department budgets.
    pub department_budgets: usize,
    /// Indicators of the library.
    pub indicators: usize,
    /// Plans with open tasks.
    pub work_plans: usize,
}

/// What belongs to units that change, or did on or after the first day of the changes.
#[derive(Default)]
pub struct Estate {
    projects: BTreeMap<String, Stored<Project>>,
    policies: BTreeMap<String, Stored<Policy>>,
    department_budgets: Vec<Stored<DepartmentBudget>>,
    indicators: Vec<Stored<Indicator>>,
    work_plans: Vec<Stored<WorkPlan>>,
}

impl Estate {
    /// Loads what these changes may concern; a change of name concerns nothing. To be called when the units are written:
    /// whoever enters a project for one of them waits for that, and is then refused.
    pub async fn of<M: Message + Addressed>(work: &mut Work<M>, changes: &[&UnitChange]) -> Result<Self> {
        let district = work.district;
        let changes: Vec<&&UnitChange> =
            changes.iter().filter(|change| change.kind != UnitChangeKind::Rename).collect();
        let Some(first) = changes.iter().map(|change| change.effective_date).min() else {
            return Ok(Self::default());
        };
        let codes: Vec<String> = changes.iter().map(|change| change.unit.to_string()).collect();
        let heirs = changes.iter().flat_map(|change| change.successors.first());
        let departments: BTreeSet<String> =
            codes.iter().cloned().chain(heirs.map(|heir| heir.department().into())).collect();
        let departments: Vec<String> = departments.into_iter().collect();
        Ok(Self {
            projects: store::project::of_units(work.connection(), district, &codes, first).await?,
            policies: store::policy::of_units(work.connection(), district, &codes, first).await?,
            department_budgets: store::department_budget::of_departments(
                work.connection(),
                district,
                &departments,
                first.year(),
            )
            .await?,
            indicators: store::library::of_units(work.connection(), district, &codes).await?,
            work_plans: store::plan::of_units(work.connection(), district, &codes).await?,
        })
    }

    /// Refuses when something that goes on would be nobody's after a change.
    pub fn check_heirs(&self, change: &UnitChange) -> std::result::Result<(), Refusal> {
        change.check_heirs(self.projects.values().map(|stored| &stored.value))?;
        change.check_policies(self.policies.values().map(|stored| &stored.value))
    }

    /// Hands everything over by changes, in their order.
    pub async fn hand_over<M: Message + Addressed>(
        self,
        work: &mut Work<M>,
        changes: &[&UnitChange],
    ) -> Result<HandedOver> {
        Ok(HandedOver {
            projects: projects(work, changes, self.projects).await?,
            policies: each(
                work,
                changes,
                self.policies.into_values(),
                UnitChange::hand_over_policy,
                "policy.handed_over",
            )
            .await?,
            department_budgets: department_budgets(work, changes, self.department_budgets).await?,
            indicators: each(
                work,
                changes,
                self.indicators,
                UnitChange::hand_over_indicator,
                "indicator.handed_over",
            )
            .await?,
            work_plans: each(
                work,
                changes,
                self.work_plans,
                UnitChange::hand_over_tasks,
                "work_plan.handed_over",
            )
            .await?,
        })
    }
}

async fn projects<M: Message + Addressed>(
    work: &mut Work<M>,
    changes: &[&UnitChange],
    projects: BTreeMap<String, Stored<Project>>,
) -> Result<usize> {
    let (district, now, today) = (work.district, work.now, today(work.now));
    let (mut after, mut told) = (Vec::new(), Vec::new());
    for before in projects.into_values() {
        let mut project = before.value.clone();
        let by = changes.iter().filter(|change| change.hand_over(&mut project));
        let Some(change) = by.fold(None, |_, change| Some(change)) else { continue };
        let moved = before.next(project, now);
        let shown = Project::show(&moved, today);
        let noted = Change::new("project.handed_over", moved.value.name(district), moved.version, &shown);
        told.push(noted.from(&Project::show(&before, today)).because(&change.reason));
        after.push(moved);
    }
    let written = store::project::save_many(work.connection(), &after).await?;
    if usize::try_from(written) != Ok(after.len()) {
        return Err(Failure::etag_mismatch(name_of(district, Project::COLLECTION, "-")));
    }
    told.into_iter().for_each(|change| work.record(change));
    Ok(after.len())
}

/// Hands each of some objects over by changes, in their order; says how many of them that changed.
async fn each<M: Message + Addressed, R: Resource>(
    work: &mut Work<M>,
    changes: &[&UnitChange],
    objects: impl IntoIterator<Item = Stored<R>>,
    hand_over: fn(&UnitChange, &mut R) -> bool,
    event: &'static str,
) -> Result<usize> {
    let mut count = 0_usize;
    for before in objects {
        let mut object = before.value.clone();
        let by = changes.iter().filter(|change| hand_over(change, &mut object));
        let Some(change) = by.fold(None, |_, change| Some(change)) else { continue };
        replace(work, &before, object, event, &change.reason).await?;
        count = count.saturating_add(1);
    }
    Ok(count)
}

async fn department_budgets<M: Message + Addressed>(
    work: &mut Work<M>,
    changes: &[&UnitChange],
    budgets: Vec<Stored<DepartmentBudget>>,
) -> Result<usize> {
    let mut after: Vec<DepartmentBudget> = budgets.iter().map(|stored| stored.value.clone()).collect();
    let moved = department_budget::hand_over(&mut after, changes);
    for (place, (before, budget)) in budgets.iter().zip(after).enumerate() {
        let Some(change) = moved.get(&place).and_then(|by| changes.get(*by)) else { continue };
        replace(work, before, budget, "department_budget.handed_over", &change.reason).await?;
    }
    Ok(moved.len())
}
