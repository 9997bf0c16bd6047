//! CancelUnitChange (撤回机构变动): what a command decided for a day to come is taken back as a whole.

use std::collections::BTreeMap;

use wenxiao_contract::wenxiao::registry::v1 as pb;
use wenxiao_kernel::name;
use wenxiao_platform::authz::Facts;
use wenxiao_platform::work::{Change, Finished, Work};
use wenxiao_platform::{Failure, Result};

use super::reform::save_units;
use super::resource::{Resource, name_of, today};
use super::wire::unit_change;
use crate::domain::Refusal;
use crate::domain::unit::{AgencyCode, Unit, UnitKind};
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
        let name = name_of(district, "unitChanges", &change.id);
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
    let names: Vec<String> = later.iter().map(|id| name_of(district, "unitChanges", id)).collect();
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
    let (district, now, today) = (work.district, work.now, today(work.now));
    let mut after: BTreeMap<AgencyCode, Stored<Unit>> = BTreeMap::new();
    for change in changes {
        let missing = || Failure::internal("a unit has a change and is not there");
        let before = units.get(change.unit.as_str()).ok_or_else(missing)?;
        let mut unit = before.value.clone();
        unit.undo(change);
        after.insert(change.unit.clone(), before.next(unit, now));
    }
    check_places(work, &after).await?;
    let after: Vec<Stored<Unit>> = after.into_values().collect();
    save_units(work, &after).await?;
    let mut shown = Vec::with_capacity(after.len());
    for unit in &after {
        let is = Unit::show(unit, today);
        let noted = Change::new("unit.change_cancelled", unit.value.name(district), unit.version, &is);
        let noted = match units.get(unit.value.id()) {
            Some(before) => noted.from(&Unit::show(before, today)),
            None => noted,
        };
        let reason = work.call.message.reason.clone();
        work.record(noted.because(reason));
        shown.push(is);
    }
    Ok(shown)
}

/// Refuses when a unit that would go on cannot stand where it stood: the one above it ends, or another is 本级 now.
async fn check_places(
    work: &mut Work<pb::CancelUnitChangeRequest>,
    after: &BTreeMap<AgencyCode, Stored<Unit>>,
) -> Result<()> {
    let district = work.district;
    let parents: Vec<String> = after.keys().filter_map(AgencyCode::parent).map(String::from).collect();
    let kept = store::unit::load_many(work.connection(), district, &parents).await?;
    for (code, unit) in after {
        let Some(parent) = code.parent() else { continue };
        let above = after.get(&parent).or_else(|| kept.get(parent.as_str()));
        let own_unit_beside = unit.value.kind == UnitKind::OwnUnit
            && unit.value.end_date.is_none()
            && store::unit::has_own_unit(work.connection(), district, parent.as_str(), code.as_str()).await?;
        unit.value.check_place(above.map(|above| &above.value), own_unit_beside)?;
    }
    Ok(())
}
