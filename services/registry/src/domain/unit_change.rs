//! Changes of units over time (机构变动): what a change is, in which order changes come, to whom what a unit has goes,
//! and when one may be taken back.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use wenxiao_kernel::vocabulary;

use super::Refusal;
use super::indicator::Indicator;
use super::plan::WorkPlan;
use super::policy::Policy;
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

/// Objects that a refusal names at the most.
pub const NAMED: usize = 20;

/// What happened to one unit from one day on (机构变动).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnitChange {
    /// Identifier.
    pub id: String,
    /// What it was decided by: the same for all changes of one command.
    pub decision: String,
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
    /// Those of them that begin by it.
    pub entered: Vec<AgencyCode>,
    /// Which project goes to which of them; the others go to the first, or stay when the unit goes on.
    pub handovers: BTreeMap<String, AgencyCode>,
    /// The same of policies.
    pub policy_handovers: BTreeMap<String, AgencyCode>,
    /// Whether a unit that is split goes on under its code.
    pub unit_goes_on: bool,
    /// Last day that the unit had before, which this change made an earlier one.
    pub former_end_date: Option<NaiveDate>,
    /// Number of the version, from 1.
    pub version: i64,
    /// When it took effect; none until its day has come.
    pub apply_time: Option<DateTime<Utc>>,
    /// How it was taken back.
    pub cancellation: Option<Cancellation>,
    /// Who entered it.
    pub creator: String,
    /// When it was entered.
    pub create_time: DateTime<Utc>,
}

/// How a change was taken back before its day (撤回).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cancellation {
    /// When.
    pub time: DateTime<Utc>,
    /// Who took it back.
    pub canceller: String,
    /// Why.
    pub reason: String,
}

impl UnitChange {
    /// Whether it has to take effect.
    pub fn is_due(&self, today: NaiveDate) -> bool {
        self.apply_time.is_none() && self.cancellation.is_none() && self.effective_date <= today
    }

    /// Whether the unit ends by it.
    pub fn ends_unit(&self) -> bool {
        self.kind != UnitChangeKind::Rename && !self.unit_goes_on
    }

    /// The unit that takes over what nobody is named for: the main one, when the unit ends; none when nobody does.
    fn main_heir(&self) -> Option<&AgencyCode> {
        self.successors.first().filter(|_| self.ends_unit())
    }

    /// The unit that takes over what has this identifier among those that `named` says; none when nobody does.
    fn heir<'c>(&'c self, named: &'c BTreeMap<String, AgencyCode>, id: &str) -> Option<&'c AgencyCode> {
        named.get(id).or_else(|| self.main_heir())
    }

    /// Hands a project over from its day on; says whether that changed anything.
    pub fn hand_over(&self, project: &mut Project) -> bool {
        match self.heir(&self.handovers, &project.id) {
            Some(heir) => project.hand_over(&self.unit, heir, self.effective_date),
            None => false,
        }
    }

    /// Hands a policy over from its day on; says whether that changed anything.
    pub fn hand_over_policy(&self, policy: &mut Policy) -> bool {
        match self.heir(&self.policy_handovers, &policy.id) {
            Some(heir) => policy.hand_over(&self.unit, heir, self.effective_date),
            None => false,
        }
    }

    /// Hands an indicator of the library over; says whether that changed anything.
    pub fn hand_over_indicator(&self, indicator: &mut Indicator) -> bool {
        self.main_heir().is_some_and(|heir| indicator.hand_over(&self.unit, heir))
    }

    /// Hands the open tasks of a plan over; says whether that changed anything.
    pub fn hand_over_tasks(&self, plan: &mut WorkPlan) -> bool {
        self.main_heir().is_some_and(|heir| plan.hand_over(&self.unit, heir))
    }

    /// Refuses when units below go on existing.
    pub fn check_subunits(&self, lasting: bool) -> Result<(), Refusal> {
        if lasting { Err(Refusal::UnitHasSubunits { unit: self.unit.to_string() }) } else { Ok(()) }
    }

    /// Refuses when the unit ends, one of `projects` is the unit's from its day on and goes on, and nobody is named to take it over. A split
    /// names one for each, every other end one for all.
    pub fn check_heirs<'p>(&self, projects: impl IntoIterator<Item = &'p Project>) -> Result<(), Refusal> {
        if !self.ends_unit() {
            return Ok(());
        }
        let day = self.effective_date;
        let named = |project: &Project| match self.kind {
            UnitChangeKind::Split => self.handovers.contains_key(&project.id),
            _ => !self.successors.is_empty(),
        };
        let left = projects
            .into_iter()
            .filter(|project| project.owned_from(&self.unit, day) && project.goes_on(day) && !named(project));
        match names(left.map(|project| project.id.as_str())) {
            None => Ok(()),
            Some(projects) => Err(Refusal::UnitHasProjects { unit: self.unit.to_string(), projects }),
        }
    }

    /// Refuses when the unit ends without any heir, and one of `policies` is the unit's from its day on and goes on.
    pub fn check_policies<'p>(&self, policies: impl IntoIterator<Item = &'p Policy>) -> Result<(), Refusal> {
        if !self.ends_unit() || !self.successors.is_empty() {
            return Ok(());
        }
        let day = self.effective_date;
        let left =
            policies.into_iter().filter(|policy| policy.owned_from(&self.unit, day) && policy.goes_on(day));
        match names(left.map(|policy| policy.id.as_str())) {
            None => Ok(()),
            Some(policies) => Err(Refusal::UnitHasPolicies { unit: self.unit.to_string(), policies }),
        }
    }

    /// Takes it back, which is possible once and until its day. `resource` is its name.
    pub fn cancel(
        &mut self,
        cancellation: Cancellation,
        resource: String,
        today: NaiveDate,
    ) -> Result<(), Refusal> {
        if self.cancellation.is_some() {
            return Err(Refusal::State { resource, state: "cancelled".to_owned() });
        }
        if self.apply_time.is_some() || self.effective_date <= today {
            let effective_date = self.effective_date;
            return Err(Refusal::UnitChangeInForce { unit_change: resource, effective_date });
        }
        self.cancellation = Some(cancellation);
        self.version = self.version.saturating_add(1);
        Ok(())
    }
}

/// The first of some names with commas; `None` when there are none.
fn names<'n>(of: impl Iterator<Item = &'n str>) -> Option<String> {
    let first: Vec<&str> = of.take(NAMED).collect();
    (!first.is_empty()).then(|| first.join(","))
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
