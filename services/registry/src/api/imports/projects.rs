//! ImportProjects.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use wenxiao_contract::wenxiao::registry::v1 as pb;
use wenxiao_platform::authz::Facts;
use wenxiao_platform::work::{Change, Finished, Work};
use wenxiao_platform::{Failure, Result};

use super::{Outcome, Reading, refuse, refuse_cell};
use crate::api::resource::{Resource, today};
use crate::domain::import::{self, PROJECT_COLUMNS, Row, Table};
use crate::domain::project::{LocalProjectType, Project, ProjectCode, ProjectDetails};
use crate::domain::unit::{AgencyCode, Unit};
use crate::store::{self, Stored};

/// Enters or updates projects from a file.
pub async fn import(
    mut work: Work<pb::ImportProjectsRequest>,
    table: Reading,
) -> Result<Finished<pb::ImportProjectsResponse>> {
    let permit = work.permit(Facts::of(&work.call.message.parent))?;
    let validate_only = work.call.message.validate_only;
    let mut outcome = Outcome::default();
    match table {
        Ok(table) => take(&mut work, &table, &mut outcome).await?,
        Err(error) => outcome.errors.push(*error),
    }
    work.finish(permit, pb::ImportProjectsResponse { result: Some(outcome.result(validate_only)) }).await
}

async fn take(
    work: &mut Work<pb::ImportProjectsRequest>,
    table: &Table,
    outcome: &mut Outcome,
) -> Result<()> {
    outcome.rows = table.rows.len();
    let places = match import::find_columns(table, PROJECT_COLUMNS) {
        Ok(places) => places,
        Err(errors) => {
            outcome.errors = errors;
            return Ok(());
        }
    };
    let (district, today) = (work.district, today(work.now));
    let types = store::project::all_types(work.connection(), district).await?;
    let mut read: BTreeMap<String, (usize, Project)> = BTreeMap::new();
    for (place, (line, cells)) in table.rows.iter().enumerate() {
        let mut row = Row::new(table, *line, cells, &places, &mut outcome.errors);
        let Some(project) = project(&mut row, &types) else { continue };
        if read.contains_key(&project.id) {
            row.refuse("project_code", "DUPLICATE_ROW", "项目重复", "stands twice in the file");
            continue;
        }
        read.insert(project.id.clone(), (place, project));
    }
    let ids: Vec<String> = read.keys().cloned().collect();
    let known = store::project::load_many(work.connection(), district, &ids).await?;
    let units = units(work, &read).await?;
    for (place, project) in read.values() {
        let Some((line, cells)) = table.rows.get(*place) else { continue };
        let mut row = Row::new(table, *line, cells, &places, &mut outcome.errors);
        check(&mut row, project, &types, known.get(&project.id), &units, today);
    }
    if outcome.errors.is_empty() {
        write(work, read.into_values().map(|(_, project)| project), &known, outcome).await?;
    }
    Ok(())
}

/// The project in a row; what is wrong is noted.
fn project(row: &mut Row<'_>, types: &[LocalProjectType]) -> Option<Project> {
    let code: Option<ProjectCode> = row.optional("project_code", import::parsed);
    let id = match (row.text("project_id"), &code) {
        ("", Some(code)) => code.to_string(),
        ("", None) => {
            row.refuse(
                "project_code",
                "MISSING_VALUE",
                "项目代码或标识须填写其一",
                "give a code or an identifier",
            );
            return None;
        }
        (id, _) => id.to_owned(),
    };
    let title = row.required("title", import::plain);
    let category = row.required("category", import::category);
    let named = |text: &str| {
        types.iter().find(|kind| kind.title == text || kind.id == text).map(|kind| kind.id.clone())
    };
    let local_project_type = row.optional("local_project_type", named);
    let budget_account = row.required("budget_account", import::account);
    let nature = row.optional("nature", import::nature);
    let implementing_unit: Option<AgencyCode> = row.required("implementing_unit", import::parsed);
    let department: Option<AgencyCode> = row.optional("competent_department", import::parsed);
    let setup_year = row.required("setup_year", import::year);
    let (total_amount, printed_total) = row.optional("total_amount", import::money).unzip();
    let details = ProjectDetails {
        start_year: row.optional("start_year", import::year),
        term_years: row
            .optional("term_years", |text| text.trim_end_matches('年').parse().ok())
            .unwrap_or_default(),
        total_amount,
        printed_total: printed_total.flatten(),
        capital_works: types
            .iter()
            .any(|kind| kind.capital_works && Some(&kind.id) == local_project_type.as_ref()),
        ..ProjectDetails::default()
    };
    let secrecy = row.optional("secrecy", import::secrecy);
    let implementing_unit = implementing_unit?;
    Some(Project {
        id,
        code,
        title: title?,
        category: category?,
        local_project_type,
        budget_account: budget_account?,
        nature,
        competent_department: department.unwrap_or_else(|| implementing_unit.department()),
        implementing_unit,
        setup_year: setup_year?,
        secrecy,
        end_date: None,
        details,
    })
}

/// The units that the file names and the registry has, held so that none of them ends meanwhile.
async fn units(
    work: &mut Work<pb::ImportProjectsRequest>,
    read: &BTreeMap<String, (usize, Project)>,
) -> Result<BTreeMap<String, Stored<Unit>>> {
    let named = read.values().flat_map(|(_, one)| [&one.implementing_unit, &one.competent_department]);
    let codes: BTreeSet<String> = named.map(ToString::to_string).collect();
    let codes: Vec<String> = codes.into_iter().collect();
    let district = work.district;
    store::unit::hold(work.connection(), district, &codes).await
}

fn check(
    row: &mut Row<'_>,
    project: &Project,
    types: &[LocalProjectType],
    before: Option<&Stored<Project>>,
    units: &BTreeMap<String, Stored<Unit>>,
    today: NaiveDate,
) {
    if before.is_some_and(|before| before.value.code != project.code) {
        row.refuse("project_code", "INVALID_VALUE", "项目代码不可改变", "of a known project never changes");
    }
    let kept = before.is_some_and(|before| before.value.owner() == project.owner());
    for (key, code) in [
        ("implementing_unit", &project.implementing_unit),
        ("competent_department", &project.competent_department),
    ] {
        match units.get(code.as_str()) {
            None => row.refuse(key, "REFERENCE_NOT_FOUND", "没有这个单位", "no such unit"),
            Some(unit) if !kept => {
                if let Err(refusal) = unit.value.check_owner(today) {
                    refuse_cell(row, key, refusal);
                }
            }
            Some(_) => {}
        }
    }
    let kind = project.local_project_type.as_ref().and_then(|id| types.iter().find(|kind| &kind.id == id));
    if let Err(refusal) = project.check(kind) {
        refuse(row, refusal);
    }
}

async fn write(
    work: &mut Work<pb::ImportProjectsRequest>,
    projects: impl Iterator<Item = Project>,
    known: &BTreeMap<String, Stored<Project>>,
    outcome: &mut Outcome,
) -> Result<()> {
    let (district, now, today) = (work.district, work.now, today(work.now));
    let mut changed: Vec<Stored<Project>> = Vec::new();
    for mut project in projects {
        match known.get(&project.id) {
            None => {
                outcome.created = outcome.created.saturating_add(1);
                changed.push(Stored::new(district, project, now));
            }
            Some(before) => {
                keep(&mut project, &before.value, today);
                if project == before.value {
                    outcome.unchanged = outcome.unchanged.saturating_add(1);
                } else {
                    outcome.updated = outcome.updated.saturating_add(1);
                    changed.push(before.next(project, now));
                }
            }
        }
    }
    let written = store::project::save_many(work.connection(), &changed).await?;
    if usize::try_from(written) != Ok(changed.len()) {
        return Err(Failure::etag_mismatch(format!("districts/{district}/projects/-")));
    }
    for after in &changed {
        let name = after.value.name(district);
        let shown = Project::show(after, today);
        let change = match known.get(after.value.id()) {
            None => Change::new(Project::CREATED, name, after.version, &shown),
            Some(before) => {
                Change::new(Project::UPDATED, name, after.version, &shown).from(&Project::show(before, today))
            }
        };
        work.record(change);
    }
    Ok(())
}

/// What a file has no column for stays as it was.
fn keep(project: &mut Project, before: &Project, today: NaiveDate) {
    let from_file = std::mem::take(&mut project.details);
    project.end_date = before.end_date;
    project.details = ProjectDetails {
        start_year: from_file.start_year,
        term_years: from_file.term_years,
        total_amount: from_file.total_amount,
        printed_total: from_file.printed_total,
        capital_works: from_file.capital_works,
        ..before.details.clone()
    };
    project.note_owner(before, today);
}
