//! ImportBudgetEntries.

use std::collections::{BTreeMap, BTreeSet};

use wenxiao_contract::wenxiao::registry::v1 as pb;
use wenxiao_kernel::BudgetAccount;
use wenxiao_platform::Result;
use wenxiao_platform::authz::Facts;
use wenxiao_platform::work::{Finished, Work};

use super::{Outcome, Reading, refuse, whole_file};
use crate::api::budget::{self, Draft};
use crate::api::resource::today;
use crate::api::wire::budget::signed;
use crate::domain::Checks;
use crate::domain::budget::Entry;
use crate::domain::import::{self, ENTRY_COLUMNS, Row, Table};
use crate::domain::project::Project;
use crate::store::{self, Stored};

/// Enters budget entries from a file.
pub async fn import(
    mut work: Work<pb::ImportBudgetEntriesRequest>,
    table: Reading,
) -> Result<Finished<pb::ImportBudgetEntriesResponse>> {
    let permit = work.permit(Facts::of(&work.call.message.parent))?;
    let validate_only = work.call.message.validate_only;
    let mut outcome = Outcome::default();
    match table {
        Ok(table) => take(&mut work, &table, &mut outcome).await?,
        Err(error) => outcome.errors.push(*error),
    }
    work.finish(permit, pb::ImportBudgetEntriesResponse { result: Some(outcome.result(validate_only)) }).await
}

async fn take(
    work: &mut Work<pb::ImportBudgetEntriesRequest>,
    table: &Table,
    outcome: &mut Outcome,
) -> Result<()> {
    outcome.rows = table.rows.len();
    let places = match import::find_columns(table, ENTRY_COLUMNS) {
        Ok(places) => places,
        Err(errors) => {
            outcome.errors = errors;
            return Ok(());
        }
    };
    let projects = projects(work, table, &places).await?;
    let known = known_numbers(work, table, &places).await?;
    let mut seen: BTreeSet<String> = BTreeSet::new();
    let mut drafts: Vec<Draft> = Vec::with_capacity(table.rows.len());
    for (line, cells) in &table.rows {
        let mut row = Row::new(table, *line, cells, &places, &mut outcome.errors);
        let number = row.text("source_number").to_owned();
        if !number.is_empty() && (known.contains(&number) || !seen.insert(number)) {
            row.refuse("source_number", "CODE_TAKEN", "分录编号已使用", "is used already");
        }
        drafts.extend(draft(work, &mut row, &projects));
    }
    if !outcome.errors.is_empty() {
        return Ok(());
    }
    outcome.created = drafts.len();
    match budget::enter(work, drafts).await {
        Ok(_) => Ok(()),
        // What only the whole batch shows: a virement that does not balance, a budget below zero. Nothing has been
        // written by then.
        Err(failure)
            if failure.code() == tonic::Code::FailedPrecondition
                || failure.code() == tonic::Code::InvalidArgument =>
        {
            outcome.errors.push(whole_file(&failure));
            Ok(())
        }
        Err(failure) => Err(failure),
    }
}

/// The projects that the file names, by code and by identifier.
async fn projects(
    work: &mut Work<pb::ImportBudgetEntriesRequest>,
    table: &Table,
    places: &BTreeMap<&'static str, usize>,
) -> Result<BTreeMap<String, Stored<Project>>> {
    let mut none = Vec::new();
    let named = table
        .rows
        .iter()
        .map(|(line, cells)| Row::new(table, *line, cells, places, &mut none).text("project").to_owned());
    let named: BTreeSet<String> = named.collect();
    let named: Vec<String> = named.into_iter().collect();
    let district = work.district;
    store::project::find_many(work.connection(), district, &named).await
}

async fn known_numbers(
    work: &mut Work<pb::ImportBudgetEntriesRequest>,
    table: &Table,
    places: &BTreeMap<&'static str, usize>,
) -> Result<BTreeSet<String>> {
    let mut none = Vec::new();
    let numbers = table.rows.iter().map(|(line, cells)| {
        Row::new(table, *line, cells, places, &mut none).text("source_number").to_owned()
    });
    let numbers: Vec<String> = numbers.filter(|number| !number.is_empty()).collect();
    let district = work.district;
    store::budget::known_source_numbers(work.connection(), district, &numbers).await
}

/// The entry in a row; what is wrong is noted.
fn draft(
    work: &Work<pb::ImportBudgetEntriesRequest>,
    row: &mut Row<'_>,
    projects: &BTreeMap<String, Stored<Project>>,
) -> Option<Draft> {
    let project = row.required("project", |text| projects.get(text).map(|stored| stored.value.clone()));
    let fiscal_year = row.required("fiscal_year", import::year);
    let account: Option<BudgetAccount> = row.optional("budget_account", import::account);
    let source = row.required("funding_source", import::funding_source);
    let kind = row.required("kind", import::entry_kind);
    let amount = row.required("amount", import::money);
    let entry_date = row.optional("entry_date", import::date).unwrap_or_else(|| today(work.now));
    let project = project?;
    let unit = row.text("unit");
    if !unit.is_empty() && unit != project.implementing_unit.as_str() {
        row.refuse("unit", "INVALID_VALUE", "不是该项目的实施单位", "does not implement the project");
    }
    let number = row.text("source_number");
    let kind = kind?;
    let (amount, printed) = amount?;
    let entry = Entry {
        id: identifier(number).unwrap_or_else(|| work.new_id()),
        project: project.id,
        fiscal_year: fiscal_year?,
        account: account.unwrap_or(project.budget_account),
        source: source?,
        kind,
        amount: signed(kind, amount),
        printed,
        entry_date,
        document_number: row.text("document_number").to_owned(),
        remark: row.text("remark").to_owned(),
        source_number: Some(number.to_owned()).filter(|number| !number.is_empty()),
        reversed_entry: None,
        creator: work.principal().subject.clone(),
        create_time: work.now,
    };
    let mut checks = Checks::default();
    entry.check("", &mut checks);
    if let Err(refusal) = checks.done() {
        refuse(row, refusal);
    }
    Some((entry, true))
}

/// The number of an entry in the system that it came from, where it can serve as its identifier.
fn identifier(number: &str) -> Option<String> {
    let plain =
        number.len() <= 63 && number.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b));
    (plain && number.starts_with(|c: char| c.is_ascii_alphanumeric())).then(|| number.to_owned())
}
