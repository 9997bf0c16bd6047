//! What monitoring keeps of other services' events: units, projects, policies, budgets and rules of the registry,
//! objectives of targets, working days of disclosure.

use chrono::Datelike;
use sqlx::PgConnection;
use wenxiao_contract::wenxiao::common::v1::Event;
use wenxiao_contract::wenxiao::disclosure::v1 as disclosure;
use wenxiao_contract::wenxiao::registry::v1 as registry;
use wenxiao_contract::wenxiao::targets::v1 as targets;
use wenxiao_kernel::calendar::YearDays;
use wenxiao_kernel::{Decimal, DistrictCode};
use wenxiao_platform::convert::{self, Fields};
use wenxiao_platform::projection::{self, Projection};
use wenxiao_platform::{Failure, Result};

use crate::store::projections as store;
use crate::store::{calendar, department_totals, owner};

mod objective;
mod rule_set;

/// Reads the registry's feed.
pub struct Registry;

#[tonic::async_trait]
impl Projection for Registry {
    fn feed(&self) -> &'static str {
        "registry"
    }

    async fn apply(
        &self,
        connection: &mut PgConnection,
        district: DistrictCode,
        event: &Event,
    ) -> Result<()> {
        if let Some(unit) = projection::resource::<registry::Unit>(event)? {
            keep_unit(connection, district, &unit).await
        } else if let Some(project) = projection::resource::<registry::Project>(event)? {
            keep_project(connection, district, &project).await
        } else if let Some(policy) = projection::resource::<registry::Policy>(event)? {
            keep_policy(connection, district, &policy).await
        } else if let Some(entry) = projection::resource::<registry::BudgetEntry>(event)? {
            add_budget_entry(connection, district, &entry).await
        } else if let Some(rule_set) = projection::resource::<registry::RuleSet>(event)? {
            rule_set::keep(connection, district, &rule_set).await
        } else {
            Ok(())
        }
    }
}

/// Reads the feed of targets.
pub struct Targets;

#[tonic::async_trait]
impl Projection for Targets {
    fn feed(&self) -> &'static str {
        "targets"
    }

    async fn apply(
        &self,
        connection: &mut PgConnection,
        district: DistrictCode,
        event: &Event,
    ) -> Result<()> {
        match projection::resource::<targets::Objective>(event)? {
            Some(objective) => objective::keep(connection, district, &objective).await,
            None => Ok(()),
        }
    }
}

/// Reads the feed of disclosure, where a district's working days are kept.
pub struct Disclosure;

#[tonic::async_trait]
impl Projection for Disclosure {
    fn feed(&self) -> &'static str {
        "disclosure"
    }

    async fn apply(
        &self,
        connection: &mut PgConnection,
        district: DistrictCode,
        event: &Event,
    ) -> Result<()> {
        match projection::resource::<disclosure::WorkCalendar>(event)? {
            Some(days) => keep_work_calendar(connection, district, &days).await,
            None => Ok(()),
        }
    }
}

async fn keep_work_calendar(
    connection: &mut PgConnection,
    district: DistrictCode,
    days: &disclosure::WorkCalendar,
) -> Result<()> {
    let mut fields = Fields::default();
    let mut read = |field: &str, all: &[wenxiao_contract::google::r#type::Date]| {
        all.iter().map(|day| fields.date(field, Some(day))).collect()
    };
    let kept = YearDays {
        year: id(&days.name).parse().map_err(Failure::internal)?,
        source: days.source.clone(),
        verified: days.verified,
        holidays: read("holidays", &days.holidays),
        make_up_days: read("make_up_days", &days.make_up_days),
    };
    fields.check().map_err(|failure| Failure::internal(format!("{}: {failure}", days.name)))?;
    calendar::keep(connection, district, &kept).await
}

/// Last part of a resource name; empty for an empty one.
fn id(name: &str) -> &str {
    name.rsplit('/').next().unwrap_or_default()
}

async fn keep_unit(
    connection: &mut PgConnection,
    district: DistrictCode,
    unit: &registry::Unit,
) -> Result<()> {
    use registry::unit::{Kind, State};
    let is_department = matches!(unit.kind(), Kind::Department | Kind::SubdistrictOffice);
    let own = id(&unit.name);
    let department = if unit.department.is_empty() { own } else { id(&unit.department) };
    let kept = store::Unit {
        id: own,
        agency_code: &unit.agency_code,
        title: &unit.title,
        is_department,
        department,
    };
    store::keep_unit(connection, district, &kept).await?;
    // A change that is decided for a later day names the successors already.
    let has_ended = matches!(unit.state(), State::Closed | State::Merged | State::Split | State::Moved);
    match unit.successors.first().filter(|_| has_ended) {
        Some(successor) => {
            department_totals::hold_payments(connection, district).await?;
            owner::end_unit(connection, district, own, id(successor)).await
        }
        None => Ok(()),
    }
}

async fn keep_policy(
    connection: &mut PgConnection,
    district: DistrictCode,
    policy: &registry::Policy,
) -> Result<()> {
    department_totals::hold_payments(connection, district).await?;
    let projects: Vec<String> = policy.projects.iter().map(|name| id(name).to_owned()).collect();
    store::keep_policy_projects(connection, district, id(&policy.name), &projects).await?;
    owner::keep_policy(connection, district, id(&policy.name), id(&policy.executing_unit)).await
}

async fn keep_project(
    connection: &mut PgConnection,
    district: DistrictCode,
    project: &registry::Project,
) -> Result<()> {
    let summed_under =
        if project.department.is_empty() { &project.competent_department } else { &project.department };
    let account = convert::account_of(project.budget_account());
    let kept = store::Project {
        id: id(&project.name),
        title: &project.title,
        unit: id(&project.implementing_unit),
        department: id(summed_under),
        account: account.map_or("general_public", |account| account.as_str()),
        local_project_type: id(&project.local_project_type),
        capital_works: project.capital_works,
    };
    department_totals::hold_payments(connection, district).await?;
    let moves = owner::moves(connection, district, kept.id, (kept.unit, kept.department)).await?;
    department_totals::move_project(connection, district, kept.id, kept.department).await?;
    store::keep_project(connection, district, &kept).await?;
    if moves { owner::follow_project(connection, district, kept.id).await } else { Ok(()) }
}

/// A budget entry counts in the month in which it takes effect: the initial budget from January on, whenever it was
/// entered; what is dated after the year's end in December.
async fn add_budget_entry(
    connection: &mut PgConnection,
    district: DistrictCode,
    entry: &registry::BudgetEntry,
) -> Result<()> {
    use registry::BudgetEntryKind as Kind;
    let mut fields = Fields::default();
    let amount = fields.money("amount", entry.amount.as_ref());
    let day = fields.optional_date("entry_date", entry.entry_date.as_ref());
    fields.check().map_err(|failure| Failure::internal(format!("{}: {failure}", entry.name)))?;
    let day = day.filter(|_| entry.kind() != Kind::Initial);
    let month = day.map_or(1, |day| match day.year().cmp(&entry.fiscal_year) {
        std::cmp::Ordering::Less => 1,
        std::cmp::Ordering::Equal => day.month(),
        std::cmp::Ordering::Greater => 12,
    });
    let (initial, increase, reduction) = match entry.kind() {
        Kind::Initial => (amount.yuan(), Decimal::ZERO, Decimal::ZERO),
        Kind::Supplement | Kind::CarryOver => (Decimal::ZERO, amount.yuan(), Decimal::ZERO),
        Kind::Virement if !amount.is_negative() => (Decimal::ZERO, amount.yuan(), Decimal::ZERO),
        Kind::Reduction | Kind::Virement => (Decimal::ZERO, Decimal::ZERO, -amount.yuan()),
        Kind::Unspecified => return Ok(()),
    };
    let account = convert::account_of(entry.budget_account());
    let kept = store::BudgetEntry {
        project: id(&entry.project),
        fiscal_year: entry.fiscal_year,
        account: account.map(|account| account.as_str()),
        funding_source: entry.funding_source,
        month: i16::try_from(month).unwrap_or(12),
        initial,
        increase,
        reduction,
    };
    department_totals::hold_payments(connection, district).await?;
    store::add_budget_entry(connection, district, &kept).await
}

/// A decimal of another service's event; `None` when it is not set.
fn decimal(value: Option<&wenxiao_contract::google::r#type::Decimal>) -> Result<Option<Decimal>> {
    let mut fields = Fields::default();
    let number = fields.optional_decimal("value", value);
    fields.check().map_err(Failure::internal)?;
    Ok(number)
}
