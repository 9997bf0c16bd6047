//! Changes of units (机构变动): what a command decides is written in one unit of work, and takes effect at once or on its
//! day.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use prost::Message;
use wenxiao_contract::Addressed;
use wenxiao_contract::wenxiao::registry::v1 as pb;
use wenxiao_platform::authz::Facts;
use wenxiao_platform::work::{Change, Finished, Work};
use wenxiao_platform::{Failure, Result};

use super::handover::Estate;
use super::resource::{Resource, name_of, today};
use super::wire::unit_change;
use crate::domain::unit::{AgencyCode, Unit};
use crate::domain::unit_change::{UnitChange, UnitChangeKind, check_order};
use crate::store::{self, Stored};

/// What a command decides about units, before it is written.
pub struct Reform {
    /// Units that begin.
    pub entered: Vec<Unit>,
    /// Units that change, as they are and as they will be, each with what happens to it.
    pub changed: Vec<(Stored<Unit>, Unit, UnitChange)>,
}

/// What every change of a command has in common (变动依据).
pub struct Decision {
    id: String,
    /// First day on which it is so.
    pub effective_date: NaiveDate,
    /// 文号.
    pub document_number: String,
    /// Why.
    pub reason: String,
}

impl Decision {
    /// A decision that takes effect on a day.
    pub fn new<M: Message + Addressed>(
        work: &Work<M>,
        effective_date: NaiveDate,
        document_number: String,
        reason: String,
    ) -> Self {
        Self { id: work.new_id(), effective_date, document_number, reason }
    }

    /// A change of `unit` that is decided so, without heirs.
    pub fn change<M: Message + Addressed>(
        &self,
        work: &Work<M>,
        unit: &Unit,
        kind: UnitChangeKind,
    ) -> UnitChange {
        let eve = self.effective_date.pred_opt().unwrap_or(self.effective_date);
        let title = unit.name_on(eve).0.to_owned();
        UnitChange {
            id: work.new_id(),
            decision: self.id.clone(),
            kind,
            unit: unit.agency_code.clone(),
            effective_date: self.effective_date,
            document_number: self.document_number.clone(),
            reason: self.reason.clone(),
            former_title: title.clone(),
            title,
            successors: Vec::new(),
            entered: Vec::new(),
            handovers: BTreeMap::new(),
            policy_handovers: BTreeMap::new(),
            unit_goes_on: false,
            former_end_date: unit.end_date,
            version: 1,
            apply_time: None,
            cancellation: None,
            creator: work.principal().subject.clone(),
            create_time: work.now,
        }
    }
}

/// Event type of a change that has taken effect.
fn event(kind: UnitChangeKind) -> &'static str {
    match kind {
        UnitChangeKind::Rename => "unit.renamed",
        UnitChangeKind::Merge => "unit.merged",
        UnitChangeKind::Split => "unit.split",
        UnitChangeKind::Move => "unit.moved",
        UnitChangeKind::Close => "unit.closed",
    }
}

/// Writes what was decided: units that begin, units that change, their history, and at once what changes hands when the
/// day has come.
pub async fn enter<M: Message + Addressed>(work: &mut Work<M>, reform: Reform) -> Result<()> {
    let (district, now, today) = (work.district, work.now, today(work.now));
    let codes: Vec<String> = reform.changed.iter().map(|(_, unit, _)| unit.agency_code.to_string()).collect();
    let last = store::unit_change::last_days(work.connection(), district, &codes).await?;
    for (_, unit, change) in &reform.changed {
        check_order(&unit.agency_code, last.get(unit.agency_code.as_str()).copied(), change.effective_date)?;
    }
    enter_units(work, reform.entered).await?;
    let after: Vec<Stored<Unit>> =
        reform.changed.iter().map(|(before, unit, _)| before.next(unit.clone(), now)).collect();
    save_units(work, &after).await?;
    let decided: Vec<&UnitChange> = reform.changed.iter().map(|(_, _, change)| change).collect();
    let estate = Estate::of(work, &decided).await?;
    let mut changes = Vec::with_capacity(reform.changed.len());
    for ((before, _, mut change), after) in reform.changed.into_iter().zip(&after) {
        estate.check_heirs(&change)?;
        let due = change.is_due(today);
        let kind = if due { event(change.kind) } else { "unit.change_decided" };
        change.apply_time = due.then_some(now);
        let shown = Unit::show(after, today);
        let noted = Change::new(kind, after.value.name(district), after.version, &shown);
        work.record(noted.from(&Unit::show(&before, today)).because(&change.reason));
        let told = unit_change(district, &change);
        let created = Change::new("unit_change.created", &told.name, change.version, &told);
        work.record(created.because(&change.reason));
        changes.push(change);
    }
    store::unit_change::insert(work.connection(), district, &changes).await?;
    let due: Vec<&UnitChange> = changes.iter().filter(|change| change.apply_time.is_some()).collect();
    estate.hand_over(work, &due).await?;
    Ok(())
}

/// The end of a unit that a file says, from a day on.
pub fn closing<M: Message + Addressed>(work: &Work<M>, unit: &Unit, effective_date: NaiveDate) -> UnitChange {
    let decision = Decision::new(work, effective_date, String::new(), "导入单位文件".to_owned());
    decision.change(work, unit, UnitChangeKind::Close)
}

/// Notes units that a file has ended in their history, each by a decision of its own: nothing changes hands, for they
/// have no projects or policies that go on.
pub async fn note_closed<M: Message + Addressed>(
    work: &mut Work<M>,
    closed: &[(Unit, NaiveDate)],
) -> Result<()> {
    let (district, now, today) = (work.district, work.now, today(work.now));
    let mut changes: Vec<UnitChange> = closed.iter().map(|(unit, day)| closing(work, unit, *day)).collect();
    for change in &mut changes {
        change.apply_time = change.is_due(today).then_some(now);
        let told = unit_change(district, change);
        work.record(Change::new("unit_change.created", &told.name, change.version, &told));
    }
    store::unit_change::insert(work.connection(), district, &changes).await
}

async fn enter_units<M: Message + Addressed>(work: &mut Work<M>, units: Vec<Unit>) -> Result<()> {
    let (district, now, today) = (work.district, work.now, today(work.now));
    let entered: Vec<Stored<Unit>> = units.into_iter().map(|unit| Stored::new(district, unit, now)).collect();
    for one in &entered {
        let name = one.value.name(district);
        work.record(Change::new(Unit::CREATED, name, one.version, &Unit::show(one, today)));
    }
    let written = store::unit::save_many(work.connection(), &entered).await?;
    if usize::try_from(written) == Ok(entered.len()) {
        return Ok(());
    }
    let names = entered.iter().map(|one| one.value.name(district)).collect::<Vec<_>>();
    Err(Failure::already_exists(names.join(",")))
}

/// Writes the next versions of units, each over exactly the one before.
pub async fn save_units<M: Message + Addressed>(work: &mut Work<M>, units: &[Stored<Unit>]) -> Result<()> {
    let written = store::unit::save_many(work.connection(), units).await?;
    if usize::try_from(written) == Ok(units.len()) {
        return Ok(());
    }
    Err(Failure::etag_mismatch(name_of(work.district, Unit::COLLECTION, "-")))
}

/// ApplyUnitChanges.
pub async fn apply(
    mut work: Work<pb::ApplyUnitChangesRequest>,
) -> Result<Finished<pb::ApplyUnitChangesResponse>> {
    let permit = work.permit(Facts::of(&work.call.message.parent))?;
    let (district, now, today) = (work.district, work.now, today(work.now));
    let mut changes = store::unit_change::due(work.connection(), district, today).await?;
    let codes: Vec<String> = changes.iter().map(|change| change.unit.to_string()).collect();
    let units = store::unit::load_many(work.connection(), district, &codes).await?;
    let after: Vec<Stored<Unit>> =
        units.values().map(|before| before.next(before.value.clone(), now)).collect();
    save_units(&mut work, &after).await?;
    let after: BTreeMap<&AgencyCode, &Stored<Unit>> =
        after.iter().map(|stored| (&stored.value.agency_code, stored)).collect();
    for change in &mut changes {
        change.apply_time = Some(now);
        change.version = change.version.saturating_add(1);
        let told = unit_change(district, change);
        let applied = Change::new("unit_change.applied", &told.name, change.version, &told);
        work.record(applied.because(&change.reason));
        if let Some(unit) = after.get(&change.unit) {
            let shown = Unit::show(unit, today);
            let noted = Change::new(event(change.kind), unit.value.name(district), unit.version, &shown);
            work.record(noted.because(&change.reason));
        }
    }
    let due: Vec<&UnitChange> = changes.iter().collect();
    let moved = Estate::of(&mut work, &due).await?.hand_over(&mut work, &due).await?;
    let ids: Vec<String> = changes.iter().map(|change| change.id.clone()).collect();
    store::unit_change::applied(work.connection(), district, &ids, now).await?;
    let count = |count: usize| i32::try_from(count).unwrap_or(i32::MAX);
    let answer = pb::ApplyUnitChangesResponse {
        unit_changes: changes.iter().map(|change| unit_change(district, change)).collect(),
        project_count: count(moved.projects),
        policy_count: count(moved.policies),
        department_budget_count: count(moved.department_budgets),
        indicator_count: count(moved.indicators),
        work_plan_count: count(moved.work_plans),
    };
    work.finish(permit, answer).await
}
