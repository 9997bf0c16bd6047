//! Commands that change units from a day on (更名、合并、划转、撤销): each reads what is asked and leaves the writing to
//! `reform`. A split is in `split`.

use std::collections::BTreeSet;

use chrono::{Days, NaiveDate};
use prost::Message;
use wenxiao_contract::Addressed;
use wenxiao_contract::wenxiao::registry::v1 as pb;
use wenxiao_platform::work::{Finished, Work};
use wenxiao_platform::{Failure, Result};

use super::reform::{self, Decision, Reform};
use super::resource::{self, Resource, name_of, today, yesterday};
use super::wire::Reader;
use crate::domain::unit::{AgencyCode, Rename, Unit, UnitKind};
use crate::domain::unit_change::{UnitChange, UnitChangeKind};
use crate::domain::{Checks, Refusal};
use crate::store::{self, Kept, Stored};

/// The unit as it is now, as the answer of a command.
pub async fn shown<M: Message + Addressed>(work: &mut Work<M>, code: &AgencyCode) -> Result<pb::Unit> {
    let (district, today) = (work.district, today(work.now));
    let stored = Unit::load(work.connection(), district, code.as_str()).await?;
    let stored = stored.ok_or_else(|| Failure::internal("a unit was written and is not there"))?;
    Ok(Unit::show(&stored, today))
}

/// The unit that takes over from a day on, held until that is written.
pub async fn heir<M: Message + Addressed>(
    work: &mut Work<M>,
    code: &AgencyCode,
    day: NaiveDate,
) -> Result<Stored<Unit>> {
    let district = work.district;
    let found = store::unit::hold(work.connection(), district, &[code.to_string()]).await?;
    let missing = || Failure::reference_not_found(name_of(district, Unit::COLLECTION, code.as_str()));
    let heir = found.into_values().next().ok_or_else(missing)?;
    heir.value.check_heir(day)?;
    Ok(heir)
}

/// Ends a unit by a change that names its heirs. `besides` are units below it that end by the same command.
pub async fn ending<M: Message + Addressed>(
    work: &mut Work<M>,
    before: Stored<Unit>,
    change: UnitChange,
    besides: &[String],
) -> Result<(Stored<Unit>, Unit, UnitChange)> {
    let (district, code) = (work.district, before.value.agency_code.clone());
    let last = change.effective_date.pred_opt().unwrap_or(change.effective_date);
    let lasting =
        store::unit::has_lasting_subunits(work.connection(), district, code.as_str(), last, besides).await?;
    let mut unit = before.value.clone();
    unit.end(change.kind, change.effective_date, change.successors.clone(), lasting)?;
    Ok((before, unit, change))
}

/// CloseUnit.
pub async fn close(mut work: Work<pb::CloseUnitRequest>) -> Result<Finished<pb::Unit>> {
    let (before, permit) = resource::begin::<_, Unit>(&mut work).await?;
    let ask = work.call.message.clone();
    let mut reader = Reader::new(work.district);
    let day = reader.fields.optional_date("end_date", ask.end_date.as_ref());
    let receiver = reader.unit("receiving_unit", &ask.receiving_unit);
    let (day, receiver) = reader.done((day, receiver))?;
    let last = day.unwrap_or_else(|| yesterday(work.now));
    let effective_date = last.checked_add_days(Days::new(1)).unwrap_or(last);
    if let Some(code) = &receiver {
        heir(&mut work, code, effective_date).await?;
    }
    let code = before.value.agency_code.clone();
    let decision = Decision::new(&work, effective_date, ask.document_number, ask.reason);
    let mut change = decision.change(&work, &before.value, UnitChangeKind::Close);
    change.successors = receiver.into_iter().collect();
    let changed = vec![ending(&mut work, before, change, &[]).await?];
    reform::enter(&mut work, Reform { entered: Vec::new(), changed }).await?;
    let answer = shown(&mut work, &code).await?;
    work.finish(permit, answer).await
}

/// RenameUnit.
pub async fn rename(mut work: Work<pb::RenameUnitRequest>) -> Result<Finished<pb::Unit>> {
    let (before, permit) = resource::begin::<_, Unit>(&mut work).await?;
    let ask = work.call.message.clone();
    let mut reader = Reader::new(work.district);
    let effective_date = reader.fields.date("effective_date", ask.effective_date.as_ref());
    let effective_date = reader.done(effective_date)?;
    let decision = Decision::new(&work, effective_date, ask.document_number, ask.reason);
    let mut change = decision.change(&work, &before.value, UnitChangeKind::Rename);
    change.title.clone_from(&ask.title);
    let mut unit = before.value.clone();
    unit.rename(Rename { effective_date, title: ask.title, short_title: ask.short_title })?;
    let code = unit.agency_code.clone();
    let changed = vec![(before, unit, change)];
    reform::enter(&mut work, Reform { entered: Vec::new(), changed }).await?;
    let answer = shown(&mut work, &code).await?;
    work.finish(permit, answer).await
}

/// MergeUnits.
pub async fn merge(mut work: Work<pb::MergeUnitsRequest>) -> Result<Finished<pb::Unit>> {
    let (survivor, permit) = resource::begin::<_, Unit>(&mut work).await?;
    let (district, ask) = (work.district, work.call.message.clone());
    let mut reader = Reader::new(district);
    let effective_date = reader.fields.date("merge_date", ask.merge_date.as_ref());
    let named = ask.absorbed_units.iter();
    let codes: BTreeSet<String> =
        named.filter_map(|name| reader.unit("absorbed_units", name)).map(String::from).collect();
    let codes: Vec<String> = reader.done(codes.into_iter().collect())?;
    let code = survivor.value.agency_code.clone();
    heir(&mut work, &code, effective_date).await?;
    let decision = Decision::new(&work, effective_date, ask.document_number, ask.reason);
    let mut changed = Vec::with_capacity(codes.len());
    for before in load_all(&mut work, &codes).await? {
        let mut change = decision.change(&work, &before.value, UnitChangeKind::Merge);
        change.successors = vec![code.clone()];
        changed.push(ending(&mut work, before, change, &codes).await?);
    }
    reform::enter(&mut work, Reform { entered: Vec::new(), changed }).await?;
    let answer = shown(&mut work, &code).await?;
    work.finish(permit, answer).await
}

/// Units that must all exist.
async fn load_all<M: Message + Addressed>(work: &mut Work<M>, codes: &[String]) -> Result<Vec<Stored<Unit>>> {
    let district = work.district;
    let found = store::unit::load_many(work.connection(), district, codes).await?;
    match codes.iter().find(|code| !found.contains_key(*code)) {
        None => Ok(found.into_values().collect()),
        Some(missing) => Err(Failure::reference_not_found(name_of(district, Unit::COLLECTION, missing))),
    }
}

/// MoveUnit.
pub async fn relocate(mut work: Work<pb::MoveUnitRequest>) -> Result<Finished<pb::Unit>> {
    let (before, permit) = resource::begin::<_, Unit>(&mut work).await?;
    let (district, ask) = (work.district, work.call.message.clone());
    let mut reader = Reader::new(district);
    let effective_date = reader.fields.date("effective_date", ask.effective_date.as_ref());
    let to = reader.required("new_agency_code", ask.new_agency_code.parse().ok(), AgencyCode::placeholder());
    let (effective_date, to) = reader.done((effective_date, to))?;
    let from = before.value.agency_code.clone();
    check_move(&before.value, &to)?;
    let branch = store::unit::branch(work.connection(), district, from.as_str(), effective_date).await?;
    let decision = Decision::new(&work, effective_date, ask.document_number, ask.reason);
    let (mut entered, mut changed) = (Vec::new(), Vec::new());
    for before in branch.into_values() {
        let unit = under_new_code(&before.value, &from, &to, effective_date)?;
        let mut change = decision.change(&work, &before.value, UnitChangeKind::Move);
        change.successors = vec![unit.agency_code.clone()];
        change.entered = change.successors.clone();
        let mut moved = before.value.clone();
        // All that is below goes along, so nothing is left there.
        moved.end(change.kind, effective_date, change.successors.clone(), false)?;
        changed.push((before, moved, change));
        entered.push(unit);
    }
    check_new_place(&mut work, &entered, &to).await?;
    reform::enter(&mut work, Reform { entered, changed }).await?;
    let answer = shown(&mut work, &to).await?;
    work.finish(permit, answer).await
}

/// Whether the unit may move there at all.
fn check_move(unit: &Unit, to: &AgencyCode) -> Result<()> {
    let mut checks = Checks::default();
    checks.rule(
        matches!(unit.kind, UnitKind::Unit | UnitKind::Affiliated),
        "name",
        "部门、街道和本级单位不能划转",
        "departments, streets and own units do not move",
    );
    checks.rule(
        *to != unit.agency_code && !to.is_below(&unit.agency_code),
        "new_agency_code",
        "新代码不能是原代码或其下级",
        "is the old code or stands below it",
    );
    Ok(checks.done()?)
}

/// The unit as it goes on under its new code.
fn under_new_code(unit: &Unit, from: &AgencyCode, to: &AgencyCode, day: NaiveDate) -> Result<Unit> {
    let (title, short_title) = unit.name_on(day);
    let mut checks = Checks::default();
    let code = unit.agency_code.moved(from, to);
    checks.rule(
        code.is_some(),
        "new_agency_code",
        "下级单位的新代码超过21位",
        "leaves no room for what is below",
    );
    checks.done()?;
    Ok(Unit {
        agency_code: code.unwrap_or_else(AgencyCode::placeholder),
        title: title.to_owned(),
        short_title: short_title.to_owned(),
        renames: Vec::new(),
        start_date: Some(day),
        ending: None,
        successors: Vec::new(),
        ..unit.clone()
    })
}

/// Whether the units may stand where they are to stand: the codes are free, and the head has a unit above it.
async fn check_new_place(
    work: &mut Work<pb::MoveUnitRequest>,
    entered: &[Unit],
    head: &AgencyCode,
) -> Result<()> {
    let district = work.district;
    let mut codes: Vec<String> = entered.iter().map(|unit| unit.agency_code.to_string()).collect();
    codes.extend(head.parent().map(String::from));
    let found = store::unit::hold(work.connection(), district, &codes).await?;
    for unit in entered {
        if found.contains_key(unit.id()) {
            let value = unit.agency_code.to_string();
            return Err(Refusal::CodeTaken { field: "new_agency_code", value }.into());
        }
        if unit.agency_code == *head {
            let above = head.parent().and_then(|code| found.get(code.as_str()));
            unit.check_place(above.map(|stored| &stored.value), false)?;
        }
    }
    Ok(())
}
