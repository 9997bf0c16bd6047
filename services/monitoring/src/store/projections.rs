//! What is kept of other services' events.

use chrono::NaiveDate;
use sqlx::PgConnection;
use sqlx::types::Json;
use wenxiao_kernel::{Decimal, DistrictCode};
use wenxiao_platform::Result;

use crate::domain::form::ObjectiveForm;
use crate::domain::rules::Sections;

/// A unit as the registry tells of it.
pub struct Unit<'a> {
    /// Its id.
    pub id: &'a str,
    /// Agency code.
    pub agency_code: &'a str,
    /// Name.
    pub title: &'a str,
    /// Whether it heads a branch.
    pub is_department: bool,
    /// Department, by id.
    pub department: &'a str,
}

/// Keeps a unit.
pub async fn keep_unit(connection: &mut PgConnection, district: DistrictCode, unit: &Unit<'_>) -> Result<()> {
    sqlx::query!(
        "insert into monitoring.units (district, unit_id, agency_code, title, is_department, department_id)
         values ($1, $2, $3, $4, $5, $6)
         on conflict (district, unit_id) do update set agency_code = excluded.agency_code, title = excluded.title,
           is_department = excluded.is_department, department_id = excluded.department_id",
        district.as_i32(),
        unit.id,
        unit.agency_code,
        unit.title,
        unit.is_department,
        unit.department,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// A project as the registry tells of it.
pub struct Project<'a> {
    /// Its id.
    pub id: &'a str,
    /// Name.
    pub title: &'a str,
    /// Unit that carries it out, by id.
    pub unit: &'a str,
    /// Department that it is summed under, by id.
    pub department: &'a str,
    /// Account.
    pub account: &'a str,
    /// Local type, by id; empty for none.
    pub local_project_type: &'a str,
    /// Whether it is capital works.
    pub capital_works: bool,
}

/// Keeps a project.
pub async fn keep_project(
    connection: &mut PgConnection,
    district: DistrictCode,
    project: &Project<'_>,
) -> Result<()> {
    sqlx::query!(
        "insert into monitoring.projects (district, project_id, title, unit_id, department_id, account,
           local_project_type, capital_works)
         values ($1, $2, $3, $4, $5, $6, $7, $8)
         on conflict (district, project_id) do update set title = excluded.title, unit_id = excluded.unit_id,
           department_id = excluded.department_id, account = excluded.account,
           local_project_type = excluded.local_project_type, capital_works = excluded.capital_works",
        district.as_i32(),
        project.id,
        project.title,
        project.unit,
        project.department,
        project.account,
        project.local_project_type,
        project.capital_works,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Keeps which projects carry a policy out.
pub async fn keep_policy_projects(
    connection: &mut PgConnection,
    district: DistrictCode,
    policy: &str,
    projects: &[String],
) -> Result<()> {
    sqlx::query!(
        "with gone as (
           delete from monitoring.policy_projects
           where district = $1 and policy_id = $2 and project_id <> all ($3))
         insert into monitoring.policy_projects (district, policy_id, project_id)
         select $1, $2, project from unnest($3::text[]) project
         on conflict do nothing",
        district.as_i32(),
        policy,
        projects,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// A budget entry, as increments of the totals.
pub struct BudgetEntry<'a> {
    /// Project, by id.
    pub project: &'a str,
    /// Budget year.
    pub fiscal_year: i32,
    /// Account; `None` for the project's own.
    pub account: Option<&'a str>,
    /// Funding source.
    pub funding_source: i32,
    /// Month in which it counts.
    pub month: i16,
    /// Of the initial budget.
    pub initial: Decimal,
    /// Of supplements.
    pub increase: Decimal,
    /// Of reductions, positive.
    pub reduction: Decimal,
}

/// Adds a budget entry to the totals of its project and of the project's department.
pub async fn add_budget_entry(
    connection: &mut PgConnection,
    district: DistrictCode,
    entry: &BudgetEntry<'_>,
) -> Result<()> {
    sqlx::query!(
        "with entry as materialized (
           select coalesce($4, p.account, 'general_public') as account, p.department_id
           from (select) one left join monitoring.projects p on p.district = $1 and p.project_id = $3),
         added as (
           insert into monitoring.execution_totals
             (district, fiscal_year, project_id, account, funding_source, month, initial, increase, reduction)
           select $1, $2, $3, account, $5, $6, $7, $8, $9 from entry
           on conflict (district, fiscal_year, project_id, account, funding_source, month) do update set
             initial = execution_totals.initial + excluded.initial,
             increase = execution_totals.increase + excluded.increase,
             reduction = execution_totals.reduction + excluded.reduction)
         insert into monitoring.department_totals
           (district, fiscal_year, department_id, account, funding_source, month, initial, increase, reduction)
         select $1, $2, department_id, account, $5, $6, $7, $8, $9 from entry where department_id is not null
         on conflict (district, fiscal_year, department_id, account, funding_source, month) do update set
           initial = department_totals.initial + excluded.initial,
           increase = department_totals.increase + excluded.increase,
           reduction = department_totals.reduction + excluded.reduction",
        district.as_i32(),
        entry.fiscal_year,
        entry.project,
        entry.account,
        entry.funding_source,
        entry.month,
        entry.initial,
        entry.increase,
        entry.reduction,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// An objective as targets tells of it.
pub struct Objective<'a> {
    /// Its id.
    pub id: &'a str,
    /// `project`, `policy` or `department`.
    pub subject_kind: &'a str,
    /// What it is for, by id.
    pub subject: &'a str,
    /// Budget year.
    pub fiscal_year: i32,
    /// Name of the subject.
    pub title: &'a str,
    /// Unit, by id.
    pub unit: &'a str,
    /// Department, by id.
    pub department: &'a str,
    /// Whether it is barred now.
    pub barred: bool,
    /// The form that has just been ratified, with its version; `None` leaves the one that is kept.
    pub ratified: Option<(i64, &'a ObjectiveForm)>,
}

/// Keeps an objective.
pub async fn keep_objective(
    connection: &mut PgConnection,
    district: DistrictCode,
    objective: &Objective<'_>,
) -> Result<()> {
    sqlx::query!(
        "insert into monitoring.objectives (district, objective_id, subject_kind, subject_id, fiscal_year, title,
           unit_id, department_id, barred, version, form)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, coalesce($10::bigint, 0), $11)
         on conflict (district, objective_id) do update set title = excluded.title, unit_id = excluded.unit_id,
           department_id = excluded.department_id, barred = excluded.barred,
           version = coalesce($10, objectives.version), form = coalesce($11, objectives.form)",
        district.as_i32(),
        objective.id,
        objective.subject_kind,
        objective.subject,
        objective.fiscal_year,
        objective.title,
        objective.unit,
        objective.department,
        objective.barred,
        objective.ratified.map(|(version, _)| version),
        objective.ratified.map(|(_, form)| Json(form)) as _,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Keeps what a rule set says about monitoring.
pub async fn keep_rule_set(
    connection: &mut PgConnection,
    district: DistrictCode,
    id: &str,
    of_district: bool,
    (start, end): (NaiveDate, Option<NaiveDate>),
    sections: &Sections,
) -> Result<()> {
    sqlx::query!(
        "insert into monitoring.rule_sets (district, rule_set_id, of_district, start_date, end_date, sections)
         values ($1, $2, $3, $4, $5, $6)
         on conflict (district, rule_set_id) do update set of_district = excluded.of_district,
           start_date = excluded.start_date, end_date = excluded.end_date, sections = excluded.sections",
        district.as_i32(),
        id,
        of_district,
        start,
        end,
        Json(sections) as _,
    )
    .execute(connection)
    .await?;
    Ok(())
}
