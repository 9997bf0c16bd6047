//! ImportUnits.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use wenxiao_contract::wenxiao::registry::v1 as pb;
use wenxiao_kernel::DistrictCode;
use wenxiao_platform::authz::Facts;
use wenxiao_platform::work::{Change, Finished, Work};
use wenxiao_platform::{Failure, Result};

use super::{Outcome, Reading, refuse, refuse_cell};
use crate::api::handover::Estate;
use crate::api::reform;
use crate::api::resource::{Resource, today};
use crate::domain::Refusal;
use crate::domain::import::{self, Row, Table, UNIT_COLUMNS};
use crate::domain::unit::{AgencyCode, Unit, UnitKind};
use crate::domain::unit_change::{UnitChange, UnitChangeKind, check_order};
use crate::store::{self, Stored};

/// Enters or updates units from a file.
pub async fn import(
    mut work: Work<pb::ImportUnitsRequest>,
    table: Reading,
) -> Result<Finished<pb::ImportUnitsResponse>> {
    let permit = work.permit(Facts::of(&work.call.message.parent))?;
    let validate_only = work.call.message.validate_only;
    let mut outcome = Outcome::default();
    match table {
        Ok(table) => take(&mut work, &table, &mut outcome).await?,
        Err(error) => outcome.errors.push(*error),
    }
    work.finish(permit, pb::ImportUnitsResponse { result: Some(outcome.result(validate_only)) }).await
}

async fn take(work: &mut Work<pb::ImportUnitsRequest>, table: &Table, outcome: &mut Outcome) -> Result<()> {
    outcome.rows = table.rows.len();
    let places = match import::find_columns(table, UNIT_COLUMNS) {
        Ok(places) => places,
        Err(errors) => {
            outcome.errors = errors;
            return Ok(());
        }
    };
    let district = work.district;
    let mut read: BTreeMap<AgencyCode, (usize, Unit)> = BTreeMap::new();
    for (place, (line, cells)) in table.rows.iter().enumerate() {
        let mut row = Row::new(table, *line, cells, &places, &mut outcome.errors);
        let Some(unit) = unit(&mut row, district) else { continue };
        if read.contains_key(&unit.agency_code) {
            row.refuse("agency_code", "DUPLICATE_ROW", "单位代码重复", "stands twice in the file");
            continue;
        }
        read.insert(unit.agency_code.clone(), (place, unit));
    }
    let mut codes: BTreeSet<String> = read.keys().map(ToString::to_string).collect();
    codes.extend(read.keys().filter_map(AgencyCode::parent).map(String::from));
    let codes: Vec<String> = codes.into_iter().collect();
    // Locked before what the units have is read: whoever enters something for one of them waits, and is then refused.
    let known = store::unit::lock(work.connection(), district, &codes).await?;
    let own = own_units(&read, &known);
    for (place, unit) in read.values() {
        let Some((line, cells)) = table.rows.get(*place) else { continue };
        let mut row = Row::new(table, *line, cells, &places, &mut outcome.errors);
        check(&mut row, unit, &read, &known, &own);
    }
    let closed = closed(&read, &known);
    let owned = what_goes_on(work, &closed, &codes).await?;
    for (code, refusal) in owned {
        let Some((place, _)) = read.get(&code) else { continue };
        let Some((line, cells)) = table.rows.get(*place) else { continue };
        let mut row = Row::new(table, *line, cells, &places, &mut outcome.errors);
        refuse_cell(&mut row, "end_date", refusal);
    }
    if outcome.errors.is_empty() {
        write(work, read.into_values().map(|(_, unit)| unit), &known, outcome).await?;
        reform::note_closed(work, &closed).await?;
    }
    Ok(())
}

/// Units that the file ends, with their first day without existence.
fn closed(
    read: &BTreeMap<AgencyCode, (usize, Unit)>,
    known: &BTreeMap<String, Stored<Unit>>,
) -> Vec<(Unit, NaiveDate)> {
    let ended = read.values().filter_map(|(_, unit)| {
        let before = known.get(unit.agency_code.as_str()).filter(|before| before.value.end_date.is_none())?;
        Some((before.value.clone(), unit.end_date?.succ_opt()?))
    });
    ended.collect()
}

/// What stands against ending units by a file, which names no heirs: later changes, units below that are not in the file,
/// projects and policies that go on.
async fn what_goes_on(
    work: &mut Work<pb::ImportUnitsRequest>,
    closed: &[(Unit, NaiveDate)],
    in_file: &[String],
) -> Result<Vec<(AgencyCode, Refusal)>> {
    if closed.is_empty() {
        return Ok(Vec::new());
    }
    let district = work.district;
    let changes: Vec<UnitChange> =
        closed.iter().map(|(unit, day)| reform::closing(work, unit, *day)).collect();
    let codes: Vec<String> = changes.iter().map(|change| change.unit.to_string()).collect();
    let last = store::unit_change::last_days(work.connection(), district, &codes).await?;
    let estate = Estate::of(work, &changes.iter().collect::<Vec<_>>()).await?;
    let mut refused = Vec::new();
    for (change, code) in changes.iter().zip(&codes) {
        let day = change.effective_date;
        let eve = day.pred_opt().unwrap_or(day);
        let lasting =
            store::unit::has_lasting_subunits(work.connection(), district, code, eve, in_file).await?;
        let checked = check_order(&change.unit, last.get(code).copied(), day)
            .and_then(|()| change.check_subunits(lasting))
            .and_then(|()| estate.check_heirs(change));
        refused.extend(checked.err().map(|refusal| (change.unit.clone(), refusal)));
    }
    Ok(refused)
}

/// The unit in a row; what is wrong is noted.
fn unit(row: &mut Row<'_>, district: DistrictCode) -> Option<Unit> {
    let agency_code: Option<AgencyCode> = row.required("agency_code", import::parsed);
    let title = row.required("title", import::plain);
    let kind = row.required("kind", import::unit_kind);
    let division: Option<DistrictCode> = row.optional("fiscal_division", import::parsed);
    let start_date = row.optional("start_date", import::date);
    let end_date = row.optional("end_date", import::date);
    let unit = Unit {
        agency_code: agency_code?,
        title: title?,
        short_title: row.text("short_title").to_owned(),
        kind: kind?,
        // Files say the district's own code where a unit has none of its own.
        fiscal_division: division.filter(|code| *code != district),
        managing_division: row.text("managing_division").to_owned(),
        start_date,
        end_date,
        renames: Vec::new(),
        ending: None,
        successors: Vec::new(),
    };
    let parent = unit.agency_code.parent().map(String::from).unwrap_or_default();
    let said = row.text("parent_code");
    if !said.is_empty() && said != parent {
        row.refuse("parent_code", "INVALID_VALUE", "与单位代码不一致", "does not go with the agency code");
    }
    let said = row.text("department_code");
    if !said.is_empty() && said != unit.agency_code.department().as_str() {
        row.refuse(
            "department_code",
            "INVALID_VALUE",
            "与单位代码不一致",
            "does not go with the agency code",
        );
    }
    if let Err(refusal) = unit.check(district) {
        refuse(row, refusal);
    }
    Some(unit)
}

/// The "本级" unit of each parent, in the file or before.
fn own_units(
    read: &BTreeMap<AgencyCode, (usize, Unit)>,
    known: &BTreeMap<String, Stored<Unit>>,
) -> BTreeMap<AgencyCode, BTreeSet<AgencyCode>> {
    let in_file = read.values().map(|(_, unit)| unit);
    let before =
        known.values().map(|stored| &stored.value).filter(|unit| !read.contains_key(&unit.agency_code));
    let mut own: BTreeMap<AgencyCode, BTreeSet<AgencyCode>> = BTreeMap::new();
    for unit in in_file.chain(before).filter(|unit| unit.kind == UnitKind::OwnUnit && unit.end_date.is_none())
    {
        own.entry(unit.body()).or_default().insert(unit.agency_code.clone());
    }
    own
}

/// Whether a unit may stand where it stands, among the file's units and those before.
fn check(
    row: &mut Row<'_>,
    unit: &Unit,
    read: &BTreeMap<AgencyCode, (usize, Unit)>,
    known: &BTreeMap<String, Stored<Unit>>,
    own: &BTreeMap<AgencyCode, BTreeSet<AgencyCode>>,
) {
    if let Some(before) = known.get(unit.agency_code.as_str())
        && before.value.kind != unit.kind
    {
        row.refuse("kind", "INVALID_VALUE", "单位类型不可改变", "of a known unit never changes");
    }
    let parent = unit.agency_code.parent();
    let above = parent.as_ref().and_then(|code| {
        read.get(code).map(|(_, unit)| unit).or_else(|| known.get(code.as_str()).map(|stored| &stored.value))
    });
    let beside =
        own.get(&unit.body()).is_some_and(|codes| codes.iter().any(|code| *code != unit.agency_code));
    if let Err(refusal) = unit.check_place(above, beside) {
        refuse(row, refusal);
    }
}

async fn write(
    work: &mut Work<pb::ImportUnitsRequest>,
    units: impl Iterator<Item = Unit>,
    known: &BTreeMap<String, Stored<Unit>>,
    outcome: &mut Outcome,
) -> Result<()> {
    let (district, now, today) = (work.district, work.now, today(work.now));
    let mut changed: Vec<Stored<Unit>> = Vec::new();
    for mut unit in units {
        match known.get(unit.agency_code.as_str()) {
            None => {
                outcome.created = outcome.created.saturating_add(1);
                changed.push(Stored::new(district, unit, now));
            }
            Some(before) => {
                // A file says nothing of mergers: a unit that was ended stays as it was ended.
                unit.correct_name(&before.value, today);
                unit.ending = before.value.ending;
                unit.successors.clone_from(&before.value.successors);
                if unit.ending.is_some() || unit.end_date.is_none() {
                    unit.end_date = before.value.end_date;
                } else if before.value.end_date.is_none() {
                    unit.ending = Some(UnitChangeKind::Close);
                }
                if unit == before.value {
                    outcome.unchanged = outcome.unchanged.saturating_add(1);
                } else {
                    outcome.updated = outcome.updated.saturating_add(1);
                    changed.push(before.next(unit, now));
                }
            }
        }
    }
    let written = store::unit::save_many(work.connection(), &changed).await?;
    if usize::try_from(written) != Ok(changed.len()) {
        return Err(Failure::etag_mismatch(format!("districts/{district}/units/-")));
    }
    for after in &changed {
        let name = after.value.name(district);
        let shown = Unit::show(after, today);
        let change = match known.get(after.value.id()) {
            None => Change::new(Unit::CREATED, name, after.version, &shown),
            Some(before) => {
                Change::new(Unit::UPDATED, name, after.version, &shown).from(&Unit::show(before, today))
            }
        };
        work.record(change);
    }
    Ok(())
}
