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

use super::resource::{Resource, name_of, today};
use super::wire::unit_change;
use crate::domain::project::Project;
use crate::domain::unit::{AgencyCode, Unit};
use crate::domain::unit_change::{UnitChange, UnitChangeKind, check_order};
use crate::store::{self, Stored};

/// What a command decides about units, before it is written.
pub struct Reform {
    /// First day on which it is so.
    pub effective_date: NaiveDate,
    /// Units that begin.
    pub entered: Vec<Unit>,
    /// Units that change, as they are and as they will be, each with what happens to it.
    pub changed: Vec<(Stored<Unit>, Unit, UnitChange)>,
}

/// What every change of a command has in common (变动依据).
pub struct Decision {
    /// First day on which it is so.
    pub effective_date: NaiveDate,
    /// 文号.
    pub document_number: String,
    /// Why.
    pub reason: String,
}

impl Decision {
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
            kind,
            unit: unit.agency_code.clone(),
            effective_date: self.effective_date,
            document_number: self.document_number.clone(),
            reason: self.reason.clone(),
            former_title: title.clone(),
            title,
            successors: Vec::new(),
            handovers: BTreeMap::new(),
            apply_time: None,
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

/// Writes what was decided: units that begin, units that change, their history, and at once the projects when the day has
/// come.
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
    // Only now, with the units written: whoever enters a project for one of them waits for that, and is then refused.
    let ending: Vec<String> = codes.clone();
    let projects =
        store::project::of_units(work.connection(), district, &ending, reform.effective_date).await?;
    let mut changes = Vec::with_capacity(reform.changed.len());
    for ((before, _, mut change), after) in reform.changed.into_iter().zip(&after) {
        check_heirs(&change, &projects)?;
        let due = change.is_due(today);
        let kind = if due { event(change.kind) } else { "unit.change_decided" };
        change.apply_time = due.then_some(now);
        let shown = Unit::show(after, today);
        let noted = Change::new(kind, after.value.name(district), after.version, &shown);
        work.record(noted.from(&Unit::show(&before, today)).because(&change.reason));
        let told = unit_change(district, &change);
        work.record(Change::new("unit_change.created", &told.name, 1, &told).because(&change.reason));
        changes.push(change);
    }
    store::unit_change::insert(work.connection(), district, &changes).await?;
    let due: Vec<&UnitChange> = changes.iter().filter(|change| change.apply_time.is_some()).collect();
    hand_over(work, &due, projects).await?;
    Ok(())
}

/// Refuses when a project of the unit that goes on would be nobody's.
fn check_heirs(change: &UnitChange, projects: &BTreeMap<String, Stored<Project>>) -> Result<()> {
    if change.kind == UnitChangeKind::Rename {
        return Ok(());
    }
    let owned = projects.values().map(|stored| &stored.value).filter(|project| change.concerns(project));
    Ok(change.check_heirs(owned)?)
}

/// The end of a unit that a file says, from a day on.
pub fn closing<M: Message + Addressed>(work: &Work<M>, unit: &Unit, effective_date: NaiveDate) -> UnitChange {
    let decision =
        Decision { effective_date, document_number: String::new(), reason: "导入单位文件".to_owned() };
    decision.change(work, unit, UnitChangeKind::Close)
}

/// Notes units that a file has ended in their history: nothing changes hands, for they have no projects.
pub async fn note_closed<M: Message + Addressed>(
    work: &mut Work<M>,
    closed: &[(Unit, NaiveDate)],
) -> Result<()> {
    let (district, now, today) = (work.district, work.now, today(work.now));
    let mut changes: Vec<UnitChange> = closed.iter().map(|(unit, day)| closing(work, unit, *day)).collect();
    for change in &mut changes {
        change.apply_time = change.is_due(today).then_some(now);
        let told = unit_change(district, change);
        work.record(Change::new("unit_change.created", &told.name, 1, &told));
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

async fn save_units<M: Message + Addressed>(work: &mut Work<M>, units: &[Stored<Unit>]) -> Result<()> {
    let written = store::unit::save_many(work.connection(), units).await?;
    if usize::try_from(written) == Ok(units.len()) {
        return Ok(());
    }
    Err(Failure::etag_mismatch(name_of(work.district, Unit::COLLECTION, "-")))
}

/// Hands projects over by changes, in their order, and says how many changed hands.
async fn hand_over<M: Message + Addressed>(
    work: &mut Work<M>,
    changes: &[&UnitChange],
    projects: BTreeMap<String, Stored<Project>>,
) -> Result<usize> {
    let (district, now, today) = (work.district, work.now, today(work.now));
    let (mut moved, mut reasons) = (Vec::new(), Vec::new());
    for before in projects.into_values() {
        let mut project = before.value.clone();
        let by: Vec<&&UnitChange> = changes.iter().filter(|change| change.hand_over(&mut project)).collect();
        if let Some(change) = by.last() {
            reasons.push(change.reason.clone());
            moved.push((before.next(project, now), before));
        }
    }
    let after: Vec<Stored<Project>> = moved.iter().map(|(after, _)| after.clone()).collect();
    let written = store::project::save_many(work.connection(), &after).await?;
    if usize::try_from(written) != Ok(after.len()) {
        return Err(Failure::etag_mismatch(name_of(district, Project::COLLECTION, "-")));
    }
    for ((after, before), reason) in moved.iter().zip(reasons) {
        let shown = Project::show(after, today);
        let change = Change::new("project.handed_over", after.value.name(district), after.version, &shown);
        work.record(change.from(&Project::show(before, today)).because(reason));
    }
    Ok(moved.len())
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
        if let Some(unit) = after.get(&change.unit) {
            let shown = Unit::show(unit, today);
            let noted = Change::new(event(change.kind), unit.value.name(district), unit.version, &shown);
            work.record(noted.because(&change.reason));
        }
    }
    let first = changes.first().map_or(today, |change| change.effective_date);
    let projects = store::project::of_units(work.connection(), district, &codes, first).await?;
    let due: Vec<&UnitChange> = changes.iter().collect();
    let moved = hand_over(&mut work, &due, projects).await?;
    let ids: Vec<String> = changes.iter().map(|change| change.id.clone()).collect();
    store::unit_change::applied(work.connection(), district, &ids, now).await?;
    let answer = pb::ApplyUnitChangesResponse {
        unit_changes: changes.iter().map(|change| unit_change(district, change)).collect(),
        project_count: i32::try_from(moved).unwrap_or(i32::MAX),
    };
    work.finish(permit, answer).await
}
