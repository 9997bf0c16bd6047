//! CancelUnitChange (撤回机构变动): what a command decided for a day to come is taken back as a whole.

use std::collections::BTreeMap;

use wenxiao_contract::wenxiao::registry::v1 as pb;
use wenxiao_kernel::name;
use wenxiao_platform::authz::Facts;
use wenxiao_platform::work::{Change, Finished, Work};
use wenxiao_platform::{Failure, Result};

use super::reform::save_units;
use super::resource::{Resource, today};
use super::wire::{unit_change, unit_change_name};
use crate::domain::Refusal;
use crate::domain::unit::{Unit, UnitKind};
use crate::domain::unit_change::{Cancellation, NAMED, UnitChange};
use crate::store::{self, Stored};

type Units = BTreeMap<String, Stored<Unit>>;

/// CancelUnitChange.
pub async fn cancel(
    mut work: Work<pb::CancelUnitChangeRequest>,
) -> Result<Finished<pb::CancelUnitChangeResponse>> {
    let name = work.call.message.name.clone();
    let [_, id] = name::segments(&name, "districts/*/unitChanges/*")?;
    let permit = work.permit(Facts::of(&name))?;
    let district = work.district;
    let before = store::unit_change::lock_decision(work.connection(), district, id).await?;
    let asked = before.iter().find(|change| change.id == id).ok_or_else(|| Failure::not_found(&name))?;
    work.check_etag(&name, &asked.version.to_string())?;
    let after = take_back(&mut work, &before).await?;
    let concerned: Vec<String> = before
        .iter()
        .flat_map(|change| change.successors.iter().chain([&change.unit]))
        .map(ToString::to_string)
        .collect();
    let units = store::unit::lock(work.connection(), district, &concerned).await?;
    check_last(&mut work, &before, &concerned).await?;
    check_unused(&mut work, &before).await?;
    let restored = restore(&mut work, &before, &units).await?;
    withdraw(&mut work, &before, &units).await?;
    let answer = pb::CancelUnitChangeResponse {
        unit_changes: after.iter().map(|change| unit_change(district, change)).collect(),
        units: restored,
    };
    work.finish(permit, answer).await
}

/// Notes that the changes are taken back, if they still may be.
async fn take_back(
    work: &mut Work<pb::CancelUnitChangeRequest>,
    before: &[UnitChange],
) -> Result<Vec<UnitChange>> {
    let (district, today) = (work.district, today(work.now));
    let cancellation = Cancellation {
        time: work.now,
        canceller: work.principal().subject.clone(),
        reason: work.call.message.reason.clone(),
    };
    let mut after = before.to_vec();
    for (change, before) in after.iter_mut().zip(before) {
        let name = unit_change_name(district, &change.id);
        change.cancel(cancellation.clone(), name.clone(), today)?;
        let noted =
            Change::new("unit_change.cancelled", name, change.version, &unit_change(district, change));
        work.record(noted.from(&unit_change(district, before)).because(&cancellation.reason));
    }
    let noted = store::unit_change::cancelled(work.connection(), district, &after, &cancellation).await?;
    if usize::try_from(noted) == Ok(after.len()) {
        return Ok(after);
    }
    Err(Failure::etag_mismatch(&work.call.message.name))
}

/// Refuses when later changes build on these: history is taken back in the reverse of its order.
async fn check_last(
    work: &mut Work<pb::CancelUnitChangeRequest>,
    changes: &[UnitChange],
    concerned: &[String],
) -> Result<()> {
    let Some(first) = changes.first() else { return Ok(()) };
    let (district, entered) = (work.district, entered(changes));
    let later = store::unit_change::built_upon(
        work.connection(),
        district,
        &first.decision,
        first.effective_date,
        concerned,
        &entered,
        NAMED,
    )
    .await?;
    if later.is_empty() {
        return Ok(());
    }
    let names: Vec<String> = later.iter().map(|id| unit_change_name(district, id)).collect();
    Err(Refusal::UnitChangeBuiltUpon(names.join(",")).into())
}

/// Codes of the units that would begin by these changes.
fn entered(changes: &[UnitChange]) -> Vec<String> {
    changes.iter().flat_map(|change| &change.entered).map(ToString::to_string).collect()
}

/// Refuses when something was entered for a unit that was to begin.
async fn check_unused(work: &mut Work<pb::CancelUnitChangeRequest>, changes: &[UnitChange]) -> Result<()> {
    let (district, codes) = (work.district, entered(changes));
    if codes.is_empty() {
        return Ok(());
    }
    let used = store::unit::references(work.connection(), district, &codes, NAMED).await?;
    if used.is_empty() {
        return Ok(());
    }
    let names: Vec<String> = used.iter().map(|name| format!("districts/{district}/{name}")).collect();
    Err(Refusal::UnitInUse(names.join(",")).into())
}

/// Takes away the units that were to begin.
async fn withdraw(
    work: &mut Work<pb::CancelUnitChangeRequest>,
    changes: &[UnitChange],
    units: &Units,
) -> Result<()> {
    let (district, codes, today) = (work.district, entered(changes), today(work.now));
    for before in codes.iter().filter_map(|code| units.get(code)) {
        let was = Unit::show(before, today);
        let gone = pb::Unit { state: pb::unit::State::Withdrawn.into(), ..was.clone() };
        let version = before.version.saturating_add(1);
        let noted = Change::new("unit.withdrawn", before.value.name(district), version, &gone);
        let reason = work.call.message.reason.clone();
        work.record(noted.from(&was).because(reason));
    }
    store::unit::withdraw(work.connection(), district, &codes).await
}

/// Makes the units what they were, where they may still stand, and shows them.
async fn restore(
    work: &mut Work<pb::CancelUnitChangeRequest>,
    changes: &[UnitChange],
    units: &Units,
) -> Result<Vec<pb::Unit>> {
    let (now, today) = (work.now, today(work.now));
    let reason = work.call.message.reason.clone();
    let (mut after, mut told) = (Vec::with_capacity(changes.len()), Vec::with_capacity(changes.len()));
    for change in changes {
        let missing = || Failure::internal("a unit has a change and is not there");
        let before = units.get(change.unit.as_str()).ok_or_else(missing)?;
        let mut unit = before.value.clone();
        unit.undo(change);
        let restored = before.next(unit, now);
        let shown = Unit::show(&restored, today);
        let noted = Change::new("unit.change_cancelled", &shown.name, restored.version, &shown);
        work.record(noted.from(&Unit::show(before, today)).because(&reason));
        after.push(restored);
        told.push(shown);
    }
    if changes.iter().any(UnitChange::ends_unit) {
        check_places(work, &after).await?;
    }
    save_units(work, &after).await?;
    Ok(told)
}

/// Refuses when a unit that would go on cannot stand where it stood: the one above it ends, or another is 本级 now.
async fn check_places(work: &mut Work<pb::CancelUnitChangeRequest>, restored: &[Stored<Unit>]) -> Result<()> {
    let district = work.district;
    let parents: Vec<String> =
        restored.iter().filter_map(|unit| unit.value.agency_code.parent()).map(String::from).collect();
    let kept = store::unit::load_many(work.connection(), district, &parents).await?;
    for Stored { value: unit, .. } in restored {
        let Some(parent) = unit.agency_code.parent() else { continue };
        let above = restored.iter().find(|above| above.value.agency_code == parent);
        let above = above.or_else(|| kept.get(parent.as_str())).map(|above| &above.value);
        let lasting_own = unit.kind == UnitKind::OwnUnit && unit.end_date.is_none();
        let own_unit_beside = lasting_own
            && store::unit::has_own_unit(work.connection(), district, parent.as_str(), unit.id()).await?;
        unit.check_place(above, own_unit_beside)?;
    }
    Ok(())
}
