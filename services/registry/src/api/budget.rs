//! Budget entries and positions (预算): entering them, all or nothing, and showing what they add up to.

use std::collections::BTreeMap;

use prost::Message;
use tonic::{Request, Response, Status};
use wenxiao_contract::Addressed;
use wenxiao_contract::wenxiao::registry::v1 as pb;
use wenxiao_kernel::DistrictCode;
use wenxiao_platform::authz::Facts;
use wenxiao_platform::convert::Fields;
use wenxiao_platform::page::Page;
use wenxiao_platform::work::{Change, Finished, Work};
use wenxiao_platform::{Call, Database, Failure, Result, convert};

use super::resource::{Reading, Resource, name_of, today};
use super::wire::budget::{Entering, bound, entry, entry_of, position_key, shown_position};
use super::wire::{Reader, last, unit_name, word};
use crate::domain::Checks;
use crate::domain::budget::{Entry, Position, PositionKey, bound_of};
use crate::domain::project::{LocalProjectType, Project};
use crate::domain::unit::AgencyCode;
use crate::store::budget::{self as store, PlacedEntry};
use crate::store::position::{self, Grouping, PositionFilter, ShownPosition};
use crate::store::{self as all, Stored, Window};

type Answer<T> = Result<Response<T>, Status>;

/// An entry to be entered, and whether it names its account itself; the project's stands in when it does not.
pub type Draft = (Entry, bool);

/// CreateBudgetEntry.
pub async fn create(mut work: Work<pb::CreateBudgetEntryRequest>) -> Result<Finished<pb::BudgetEntry>> {
    let ask = work.call.message.clone();
    let permit = work.permit(Facts::of(&ask.parent))?;
    let draft = pb::BudgetEntryDraft { budget_entry: ask.budget_entry, budget_entry_id: ask.budget_entry_id };
    let drafts = drafts(&work, &[draft], "budget_entry.")?;
    let entered = enter(&mut work, drafts).await?;
    let answer = entered
        .into_iter()
        .next()
        .ok_or_else(|| Failure::internal("an entry was entered and is not there"))?;
    work.finish(permit, answer).await
}

/// BatchCreateBudgetEntries.
pub async fn create_batch(
    mut work: Work<pb::BatchCreateBudgetEntriesRequest>,
) -> Result<Finished<pb::BatchCreateBudgetEntriesResponse>> {
    let permit = work.permit(Facts::of(&work.call.message.parent))?;
    let drafts = drafts(&work, &work.call.message.drafts, "")?;
    let budget_entries = enter(&mut work, drafts).await?;
    work.finish(permit, pb::BatchCreateBudgetEntriesResponse { budget_entries }).await
}

/// Reads the entries of a request. `alone` is the path of the only one; a batch has one path each.
fn drafts<M: Message + Addressed>(
    work: &Work<M>,
    drafts: &[pb::BudgetEntryDraft],
    alone: &str,
) -> Result<Vec<Draft>> {
    let mut reader = Reader::new(work.district);
    let entering = Entering { creator: &work.principal().subject, now: work.now, today: today(work.now) };
    let read = drafts.iter().enumerate().map(|(place, draft)| {
        let at = if alone.is_empty() { format!("drafts[{place}].budget_entry.") } else { alone.to_owned() };
        let id =
            Some(draft.budget_entry_id.clone()).filter(|id| !id.is_empty()).unwrap_or_else(|| work.new_id());
        let wire = draft.budget_entry.clone().unwrap_or_default();
        entry_of(&wire, id, &at, &mut reader, &entering)
    });
    let read = read.collect();
    reader.done(read)
}

/// Enters a batch: rules, positions, entries, and one change for each of them.
pub async fn enter<M: Message + Addressed>(
    work: &mut Work<M>,
    drafts: Vec<Draft>,
) -> Result<Vec<pb::BudgetEntry>> {
    let (district, now) = (work.district, work.now);
    let mut ids: Vec<String> = drafts.iter().map(|(entry, _)| entry.project.clone()).collect();
    ids.sort_unstable();
    ids.dedup();
    let projects = all::project::load_many(work.connection(), district, &ids).await?;
    let entries = complete(drafts, &projects, district)?;
    let mut books = store::open_books(work.connection(), district, &entries).await?;
    let before = books.positions.clone();
    let ends = projects.iter().filter_map(|(id, project)| Some((id.clone(), project.value.end_date?)));
    books.ended = ends.collect();
    let positions = books.enter(&entries)?;
    // Positions first: two batches that open the same one meet here, and the later is told to try again.
    let written = position::save_positions(work.connection(), district, &positions, now).await?;
    if usize::try_from(written) != Ok(positions.len()) {
        return Err(Failure::etag_mismatch(name_of(district, "budgetPositions", "-")));
    }
    store::insert_entries(work.connection(), district, &entries).await?;
    let entered: Vec<pb::BudgetEntry> = entries.iter().map(|one| entry(district, one)).collect();
    for one in &entered {
        work.record(Change::new("budget_entry.created", &one.name, 1, one));
    }
    for (key, after) in &positions {
        let show =
            |of: &Position| shown(district, key, of, &projects, now).map(|shown| shown_position(&shown));
        let after_wire = show(after)?;
        let change = Change::new("budget_position.changed", &after_wire.name, after.version, &after_wire);
        let change = match before.get(key) {
            Some(before) => change.from(&show(before)?),
            None => change,
        };
        work.record(change);
    }
    Ok(entered)
}

/// Entries with their accounts, each checked by itself.
fn complete(
    drafts: Vec<Draft>,
    projects: &BTreeMap<String, Stored<Project>>,
    district: DistrictCode,
) -> Result<Vec<Entry>> {
    let (mut entries, mut checks) = (Vec::with_capacity(drafts.len()), Checks::default());
    let alone = drafts.len() == 1;
    for (place, (mut entry, named)) in drafts.into_iter().enumerate() {
        let missing = || Failure::reference_not_found(name_of(district, Project::COLLECTION, &entry.project));
        let project = projects.get(&entry.project).ok_or_else(missing)?;
        if !named {
            entry.account = project.value.budget_account;
        }
        let at = if alone { String::new() } else { format!("drafts[{place}].budget_entry.") };
        entry.check(&at, &mut checks);
        entries.push(entry);
    }
    checks.done()?;
    Ok(entries)
}

fn shown(
    district: DistrictCode,
    (project, fiscal_year): &PositionKey,
    of: &Position,
    projects: &BTreeMap<String, Stored<Project>>,
    now: chrono::DateTime<chrono::Utc>,
) -> Result<ShownPosition> {
    let facts = projects.get(project).ok_or_else(|| Failure::internal("a position without its project"))?;
    Ok(ShownPosition {
        district,
        project: project.clone(),
        fiscal_year: *fiscal_year,
        budget_account: facts.value.budget_account,
        implementing_unit: facts.value.implementing_unit.to_string(),
        position: of.clone(),
        update_time: now,
    })
}

/// GetBudgetEntry.
pub async fn get_entry(
    database: &Database,
    request: Request<pb::GetBudgetEntryRequest>,
) -> Answer<pb::BudgetEntry> {
    let call = Call::open(request)?;
    let (name, district) = (call.message.name.clone(), call.district()?);
    let [_, id] =
        wenxiao_kernel::name::segments(&name, "districts/*/budgetEntries/*").map_err(Failure::from)?;
    let mut read = database.read(&call).await?;
    let found = store::load_entries(read.connection(), district, &[id.to_owned()]).await?;
    let found = found.into_iter().next().ok_or_else(|| Failure::not_found(&name))?;
    let project = std::slice::from_ref(&found.entry.project);
    let project = all::project::load_many(read.connection(), district, project).await?.into_values().next();
    let unit = project.map(|project| project.value.implementing_unit.to_string()).unwrap_or_default();
    let permit = call.permit(Facts::of(&name).unit(unit))?;
    Ok(permit.answer(entry(district, &found.entry)))
}

/// ListBudgetEntries.
pub async fn list_entries(
    database: &Database,
    request: Request<pb::ListBudgetEntriesRequest>,
) -> Answer<pb::ListBudgetEntriesResponse> {
    let call = Call::open(request)?;
    let permit = call.permit(Facts::of(&call.message.parent))?;
    let ask = &call.message;
    let page = Page::of(
        ask.page_size,
        &ask.page_token,
        &[call.method(), &ask.parent, &ask.project, &ask.fiscal_year, &ask.kind],
    )?;
    let (kind, year) = (
        word(ask.kind().as_str_name(), "BUDGET_ENTRY_KIND_"),
        (ask.fiscal_year != 0).then_some(ask.fiscal_year),
    );
    let project = last(&ask.project);
    let scope = call.scope();
    let mut read = Reading::open(database, &call).await?;
    let window = Window::of(&call, &page);
    let prefix = scope.unit_prefix.as_deref();
    let rows =
        store::list_entries(read.connection(), &window, project.as_deref(), year, kind, prefix).await?;
    let key = |row: &PlacedEntry| vec![row.district.to_string(), row.place.to_string()];
    let (rows, next_page_token) = page.cut(rows, key);
    let budget_entries = rows.iter().map(|row| entry(row.district, &row.entry)).collect();
    Ok(permit.answer(pb::ListBudgetEntriesResponse { budget_entries, next_page_token }))
}

/// GetBudgetPosition.
pub async fn get_position(
    database: &Database,
    request: Request<pb::GetBudgetPositionRequest>,
) -> Answer<pb::BudgetPosition> {
    let call = Call::open(request)?;
    let name = call.message.name.clone();
    let (project, year) = position_key(&name)?;
    let window = Window {
        districts: Some(vec![call.district()?.as_i32()]),
        after_district: None,
        after_id: None,
        limit: 1,
    };
    let filter =
        PositionFilter { fiscal_year: Some(year), project: Some(project), ..PositionFilter::default() };
    let mut read = database.read(&call).await?;
    let found = position::list_positions(read.connection(), &window, None, &filter).await?;
    let found = found.into_iter().next().ok_or_else(|| Failure::not_found(&name))?;
    let permit = call.permit(Facts::of(&name).unit(&found.implementing_unit))?;
    Ok(permit.answer(shown_position(&found)))
}

/// ListBudgetPositions.
pub async fn list_positions(
    database: &Database,
    request: Request<pb::ListBudgetPositionsRequest>,
) -> Answer<pb::ListBudgetPositionsResponse> {
    let call = Call::open(request)?;
    let permit = call.permit(Facts::of(&call.message.parent))?;
    let ask = &call.message;
    let page = Page::of(
        ask.page_size,
        &ask.page_token,
        &[call.method(), &ask.parent, &ask.fiscal_year, &ask.unit, &ask.budget_account, &ask.project],
    )?;
    let filter = PositionFilter {
        fiscal_year: (ask.fiscal_year != 0).then_some(ask.fiscal_year),
        project: last(&ask.project),
        unit: last(&ask.unit),
        budget_account: convert::account_of(ask.budget_account()),
        unit_prefix: call.scope().unit_prefix,
    };
    let after_year = page.key(2).and_then(|year| year.parse().ok());
    let mut read = Reading::open(database, &call).await?;
    let window = Window::of(&call, &page);
    let rows = position::list_positions(read.connection(), &window, after_year, &filter).await?;
    let key = |row: &ShownPosition| {
        vec![row.district.to_string(), row.project.clone(), row.fiscal_year.as_i32().to_string()]
    };
    let (rows, next_page_token) = page.cut(rows, key);
    let budget_positions = rows.iter().map(shown_position).collect();
    Ok(permit.answer(pb::ListBudgetPositionsResponse { budget_positions, next_page_token }))
}

/// SummarizeBudgets.
pub async fn summarize(
    database: &Database,
    request: Request<pb::SummarizeBudgetsRequest>,
) -> Answer<pb::SummarizeBudgetsResponse> {
    use pb::summarize_budgets_request::Grouping as Asked;
    let call = Call::open(request)?;
    let permit = call.permit(Facts::of(&call.message.parent))?;
    let ask = &call.message;
    let grouping = match ask.grouping() {
        Asked::Unspecified | Asked::Account => Grouping::Account,
        Asked::LocalProjectType => Grouping::LocalProjectType,
        Asked::Department => Grouping::Department,
    };
    let districts =
        call.districts().map(|codes| codes.into_iter().map(DistrictCode::as_i32).collect::<Vec<_>>());
    let mut fields = Fields::default();
    let day = fields.optional_date("effective_date", ask.effective_date.as_ref());
    fields.check()?;
    let mut read = Reading::open(database, &call).await?;
    let rows = position::summarize(
        read.connection(),
        districts.as_deref(),
        ask.fiscal_year,
        grouping,
        ask.exclude_classified,
        day,
    )
    .await?;
    let budget_totals = rows.iter().map(|row| total(row, grouping)).collect();
    Ok(permit.answer(pb::SummarizeBudgetsResponse { budget_totals }))
}

fn total(row: &position::Total, grouping: Grouping) -> pb::BudgetTotal {
    let count = |count: i64| i32::try_from(count).unwrap_or(i32::MAX);
    let code = row.group.parse::<AgencyCode>().ok();
    let group = match (row.district.filter(|_| !row.group.is_empty()), grouping, code) {
        (Some(district), Grouping::LocalProjectType, _) => {
            name_of(district, LocalProjectType::COLLECTION, &row.group)
        }
        (Some(district), Grouping::Department, Some(code)) => unit_name(district, &code),
        _ => String::new(),
    };
    pb::BudgetTotal {
        budget_account: convert::account(row.budget_account).into(),
        group,
        project_count: count(row.project_count),
        unit_count: count(row.unit_count),
        initial_amount: Some(convert::money(row.initial)),
        adjusted_amount: Some(convert::money(row.adjusted)),
        adjusted_bound: bound(bound_of(row.open.0 > 0, row.open.1 > 0)).into(),
    }
}
