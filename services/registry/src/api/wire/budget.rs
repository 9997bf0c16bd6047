use chrono::{DateTime, NaiveDate, Utc};
use wenxiao_contract::wenxiao::common::v1 as pb_common;
use wenxiao_contract::wenxiao::registry::v1 as pb;
use wenxiao_kernel::{Bound, BudgetAccount, DistrictCode, Money};
use wenxiao_platform::authz::Facts;
use wenxiao_platform::{Failure, Result, convert};

use super::{Reader, optional_name, unit_name, word};
use crate::api::resource::{Around, Resource, name_of};
use crate::domain::budget::{Entry, EntryKind, FundingSource, Line, negated};
use crate::domain::department_budget::{DepartmentBudget, DepartmentTask};
use crate::domain::unit::AgencyCode;
use crate::store::position::ShownPosition;
use crate::store::{self, Stored};

/// An entry as the contract has it.
pub fn entry(district: DistrictCode, entry: &Entry) -> pb::BudgetEntry {
    let source = convert::enum_name("FUNDING_SOURCE_", entry.source.as_str());
    let kind = convert::enum_name("BUDGET_ENTRY_KIND_", entry.kind.as_str());
    pb::BudgetEntry {
        name: name_of(district, "budgetEntries", &entry.id),
        project: name_of(district, "projects", &entry.project),
        fiscal_year: entry.fiscal_year.as_i32(),
        budget_account: convert::account(entry.account).into(),
        funding_source: pb::FundingSource::from_str_name(&source).unwrap_or_default().into(),
        kind: pb::BudgetEntryKind::from_str_name(&kind).unwrap_or_default().into(),
        amount: Some(convert::money(entry.amount)),
        entry_date: Some(convert::date(entry.entry_date)),
        document_number: entry.document_number.clone(),
        remark: entry.remark.clone(),
        source_number: entry.source_number.clone().unwrap_or_default(),
        reversed_entry: optional_name(district, "budgetEntries", entry.reversed_entry.as_deref()),
        creator: entry.creator.clone(),
        create_time: Some(convert::timestamp(entry.create_time)),
        amount_printed: entry.printed.map(convert::printed_amount),
    }
}

/// Who enters an entry, when, on which day it takes effect unless it says so.
pub struct Entering<'e> {
    /// Who.
    pub creator: &'e str,
    /// When.
    pub now: DateTime<Utc>,
    /// The day.
    pub today: NaiveDate,
}

/// The entry that a message describes, with whether it named an account itself. `at` is its path in the request.
pub fn entry_of(
    wire: &pb::BudgetEntry,
    id: String,
    at: &str,
    reader: &mut Reader,
    entering: &Entering<'_>,
) -> (Entry, bool) {
    let path = |field: &str| format!("{at}{field}");
    if wire.project.is_empty() {
        reader.fields.reject(&path("project"), "必填项未填写", "must be set");
    }
    let source = word(wire.funding_source().as_str_name(), "FUNDING_SOURCE_");
    let kind = word(wire.kind().as_str_name(), "BUDGET_ENTRY_KIND_");
    let account = convert::account_of(wire.budget_account());
    let entry_date = reader.fields.optional_date(&path("entry_date"), wire.entry_date.as_ref());
    let printed = reader.fields.printed_amount(&path("amount_printed"), wire.amount_printed.as_ref());
    let kind = reader.required(&path("kind"), kind, EntryKind::Initial);
    let amount = match (&wire.amount, printed.and_then(|said| said.amount().ok())) {
        (None, Some(said)) => signed(kind, said),
        _ => reader.fields.money(&path("amount"), wire.amount.as_ref()),
    };
    let entry = Entry {
        id,
        project: reader.id(&path("project"), &wire.project, "projects").unwrap_or_default(),
        fiscal_year: reader.fields.year(&path("fiscal_year"), wire.fiscal_year),
        account: account.unwrap_or(BudgetAccount::GeneralPublic),
        source: reader.required(&path("funding_source"), source, FundingSource::DistrictFiscal),
        kind,
        amount,
        printed,
        entry_date: entry_date.unwrap_or(entering.today),
        document_number: wire.document_number.clone(),
        remark: wire.remark.clone(),
        source_number: Some(wire.source_number.clone()).filter(|number| !number.is_empty()),
        reversed_entry: reader.id(&path("reversed_entry"), &wire.reversed_entry, "budgetEntries"),
        creator: entering.creator.to_owned(),
        create_time: entering.now,
    };
    (entry, account.is_some())
}

/// An amount that is written without its sign, with the one that it has as this kind of entry: a reduction is below zero.
pub fn signed(kind: EntryKind, amount: Money) -> Money {
    match kind {
        EntryKind::Reduction if !amount.is_negative() => negated(amount),
        _ => amount,
    }
}

/// Whether a sum is the truth, as the contract has it.
pub fn bound(bound: Option<Bound>) -> pb_common::FigureBound {
    match bound {
        Some(Bound::Exact) => pb_common::FigureBound::Exact,
        Some(Bound::AtLeast) => pb_common::FigureBound::AtLeast,
        Some(Bound::AtMost) => pb_common::FigureBound::AtMost,
        None => pb_common::FigureBound::Unspecified,
    }
}

/// A position as the contract has it. Sums that do not fit cannot be entered, so there are none.
pub fn shown_position(shown: &ShownPosition) -> pb::BudgetPosition {
    let district = shown.district;
    let total = shown.position.total().unwrap_or_default();
    let money = |amount: Option<Money>| Some(convert::money(amount.unwrap_or_default()));
    let department = shown.implementing_unit.parse::<AgencyCode>().map(|code| code.department());
    pb::BudgetPosition {
        name: format!(
            "{}/budgetPositions/{}",
            name_of(district, "projects", &shown.project),
            shown.fiscal_year.as_i32()
        ),
        project: name_of(district, "projects", &shown.project),
        fiscal_year: shown.fiscal_year.as_i32(),
        budget_account: convert::account(shown.budget_account).into(),
        implementing_unit: name_of(district, "units", &shown.implementing_unit),
        department: department.map(|code| unit_name(district, &code)).unwrap_or_default(),
        initial_amount: money(Some(total.initial)),
        supplement_amount: money(Some(total.supplement)),
        reduction_amount: money(Some(total.reduction)),
        carry_over_amount: money(Some(total.carry_over)),
        virement_amount: money(Some(total.virement)),
        adjustment_amount: money(total.adjustment()),
        adjusted_amount: money(total.adjusted()),
        source_positions: shown
            .position
            .lines
            .iter()
            .map(|(key, line)| source_position(*key, *line))
            .collect(),
        version: shown.position.version,
        update_time: Some(convert::timestamp(shown.update_time)),
        adjusted_bound: bound(total.bound()).into(),
    }
}

fn source_position((account, source): (BudgetAccount, FundingSource), line: Line) -> pb::SourcePosition {
    let source = convert::enum_name("FUNDING_SOURCE_", source.as_str());
    pb::SourcePosition {
        budget_account: convert::account(account).into(),
        funding_source: pb::FundingSource::from_str_name(&source).unwrap_or_default().into(),
        initial_amount: Some(convert::money(line.initial)),
        adjusted_amount: Some(convert::money(line.adjusted().unwrap_or_default())),
    }
}

impl Resource for DepartmentBudget {
    type Wire = pb::DepartmentBudget;
    const COLLECTION: &'static str = "departmentBudgets";
    const CREATED: &'static str = "department_budget.created";
    const UPDATED: &'static str = "department_budget.updated";
    const UPDATABLE: &'static [&'static str] = &[
        "functions",
        "subunit_count",
        "staff_post_count",
        "staff_count",
        "total_amount",
        "fiscal_amount",
        "other_amount",
        "basic_expenditure_amount",
        "project_expenditure_amount",
        "public_reception_amount",
        "special_funds_amount",
        "government_fund_amount",
        "state_capital_amount",
        "tasks",
    ];

    fn id(&self) -> &str {
        &self.id
    }

    fn facts(&self, facts: Facts) -> Facts {
        facts.unit(self.department.as_str())
    }

    fn show(stored: &Stored<Self>, _: NaiveDate) -> pb::DepartmentBudget {
        let (budget, district) = (&stored.value, stored.district);
        let money = |amount: Option<Money>| amount.map(convert::money);
        let task = |task: &DepartmentTask| pb::DepartmentTask {
            title: task.title.clone(),
            content: task.content.clone(),
            total_amount: money(task.total),
            fiscal_amount: money(task.fiscal),
            other_amount: money(task.other),
        };
        pb::DepartmentBudget {
            name: name_of(district, Self::COLLECTION, &budget.id),
            department: unit_name(district, &budget.department),
            fiscal_year: budget.fiscal_year.as_i32(),
            functions: budget.functions.clone(),
            subunit_count: budget.subunit_count,
            staff_post_count: budget.staff_post_count,
            staff_count: budget.staff_count,
            total_amount: Some(convert::money(budget.total)),
            fiscal_amount: money(budget.fiscal),
            other_amount: money(budget.other),
            basic_expenditure_amount: money(budget.basic_expenditure),
            project_expenditure_amount: money(budget.project_expenditure),
            public_reception_amount: money(budget.public_reception),
            special_funds_amount: money(budget.special_funds),
            government_fund_amount: money(budget.government_fund),
            state_capital_amount: money(budget.state_capital),
            tasks: budget.tasks.iter().map(task).collect(),
            etag: stored.etag(),
            version: stored.version,
            create_time: Some(convert::timestamp(stored.create_time)),
            update_time: Some(convert::timestamp(stored.update_time)),
        }
    }

    fn read(wire: &pb::DepartmentBudget, id: String, mut reader: Reader, _: Option<&Self>) -> Result<Self> {
        let department = reader.required_unit("department", &wire.department);
        let fiscal_year = reader.fields.year("fiscal_year", wire.fiscal_year);
        let fields = &mut reader.fields;
        let tasks = wire
            .tasks
            .iter()
            .map(|task| DepartmentTask {
                title: task.title.clone(),
                content: task.content.clone(),
                total: fields.optional_money("tasks.total_amount", task.total_amount.as_ref()),
                fiscal: fields.optional_money("tasks.fiscal_amount", task.fiscal_amount.as_ref()),
                other: fields.optional_money("tasks.other_amount", task.other_amount.as_ref()),
            })
            .collect();
        let budget = Self {
            id,
            department,
            fiscal_year,
            functions: wire.functions.clone(),
            subunit_count: wire.subunit_count,
            staff_post_count: wire.staff_post_count,
            staff_count: wire.staff_count,
            total: fields.money("total_amount", wire.total_amount.as_ref()),
            fiscal: fields.optional_money("fiscal_amount", wire.fiscal_amount.as_ref()),
            other: fields.optional_money("other_amount", wire.other_amount.as_ref()),
            basic_expenditure: fields
                .optional_money("basic_expenditure_amount", wire.basic_expenditure_amount.as_ref()),
            project_expenditure: fields
                .optional_money("project_expenditure_amount", wire.project_expenditure_amount.as_ref()),
            public_reception: fields
                .optional_money("public_reception_amount", wire.public_reception_amount.as_ref()),
            special_funds: fields.optional_money("special_funds_amount", wire.special_funds_amount.as_ref()),
            government_fund: fields
                .optional_money("government_fund_amount", wire.government_fund_amount.as_ref()),
            state_capital: fields.optional_money("state_capital_amount", wire.state_capital_amount.as_ref()),
            tasks,
        };
        reader.done(budget)
    }

    async fn admit(&mut self, before: Option<&Self>, around: Around<'_>) -> Result<()> {
        self.check()?;
        if before.is_some() {
            return Ok(()); // the department never changes by an update
        }
        let Around { connection, district, today } = around;
        let code = self.department.to_string();
        let department = store::unit::hold(connection, district, &[code]).await?.into_values().next();
        let missing = || Failure::reference_not_found(unit_name(district, &self.department));
        let begins = self.fiscal_year.first_day();
        Ok(department.ok_or_else(missing)?.value.check_budget(begins, today)?)
    }
}

/// The parts of a position's name: project and year.
pub fn position_key(name: &str) -> Result<(String, i32)> {
    let [_, project, year] =
        wenxiao_kernel::name::segments(name, "districts/*/projects/*/budgetPositions/*")?;
    let year = year.parse().map_err(|_| Failure::not_found(name))?;
    Ok((project.to_owned(), year))
}
