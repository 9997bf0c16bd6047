//! Totals of departments: who may change them when, and what happens to them when a project changes hands.
//!
//! A payment adds to the totals of the department that its project is summed under at that moment. So nobody may move a
//! project while payments are being added: payments hold the district's lock together, a projection holds it alone. This
//! also keeps the two from waiting for each other's rows crosswise.

use sqlx::PgConnection;
use wenxiao_kernel::{Decimal, DistrictCode};
use wenxiao_platform::Result;

/// First half of the advisory lock, any number of ours; the second is the district.
const LOCK: i32 = 7_305_813;

/// Keeps projects where they are until the transaction ends. Before the statement that reads whose they are.
pub async fn hold_projects(connection: &mut PgConnection, district: DistrictCode) -> Result<()> {
    sqlx::query!("select pg_advisory_xact_lock_shared($1, $2)", LOCK, district.as_i32())
        .execute(connection)
        .await?;
    Ok(())
}

/// Keeps payments out until the transaction ends. Before the first row of totals that the transaction changes.
pub async fn hold_payments(connection: &mut PgConnection, district: DistrictCode) -> Result<()> {
    sqlx::query!("select pg_advisory_xact_lock($1, $2)", LOCK, district.as_i32()).execute(connection).await?;
    Ok(())
}

/// Takes what a project has had in all years from the department that it was summed under, if any, to another. Before
/// the project itself is kept; whoever calls holds the payments.
pub async fn move_project(
    connection: &mut PgConnection,
    district: DistrictCode,
    project: &str,
    department: &str,
) -> Result<()> {
    let before = sqlx::query_scalar!(
        "select department_id from monitoring.projects where district = $1 and project_id = $2",
        district.as_i32(),
        project,
    )
    .fetch_optional(&mut *connection)
    .await?;
    if before.as_deref() == Some(department) {
        return Ok(());
    }
    let years = years(connection, district).await?;
    if let Some(before) = before {
        add(connection, district, project, &before, -Decimal::ONE, &years).await?;
        forget_zeros(connection, district, project, &before, &years).await?;
    }
    add(connection, district, project, department, Decimal::ONE, &years).await
}

/// Years in which anything is counted, one step in the key's index each: no index begins with the project.
async fn years(connection: &mut PgConnection, district: DistrictCode) -> Result<Vec<i32>> {
    let years = sqlx::query_scalar!(
        r#"with recursive years as (
             select min(fiscal_year) as year from monitoring.execution_totals where district = $1
             union all
             select (select min(fiscal_year) from monitoring.execution_totals
               where district = $1 and fiscal_year > years.year)
             from years where years.year is not null)
           select year as "year!" from years where year is not null"#,
        district.as_i32(),
    )
    .fetch_all(connection)
    .await?;
    Ok(years)
}

/// Adds a project's totals, `times` 1 or -1, to those of a department.
async fn add(
    connection: &mut PgConnection,
    district: DistrictCode,
    project: &str,
    department: &str,
    times: Decimal,
    years: &[i32],
) -> Result<()> {
    sqlx::query!(
        "insert into monitoring.department_totals (district, fiscal_year, department_id, account, funding_source, month,
           initial, increase, reduction, executed)
         select district, fiscal_year, $3, account, funding_source, month, $4 * initial, $4 * increase, $4 * reduction,
           $4 * executed
         from monitoring.execution_totals
         where district = $1 and fiscal_year = any($5) and project_id = $2
         on conflict (district, fiscal_year, department_id, account, funding_source, month) do update set
           initial = department_totals.initial + excluded.initial,
           increase = department_totals.increase + excluded.increase,
           reduction = department_totals.reduction + excluded.reduction,
           executed = department_totals.executed + excluded.executed",
        district.as_i32(),
        project,
        department,
        times,
        years,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// A department that has nothing left where its project was is not listed as if it had had a budget.
async fn forget_zeros(
    connection: &mut PgConnection,
    district: DistrictCode,
    project: &str,
    department: &str,
    years: &[i32],
) -> Result<()> {
    sqlx::query!(
        "delete from monitoring.department_totals d using monitoring.execution_totals t
         where t.district = $1 and t.fiscal_year = any($4) and t.project_id = $2
           and d.district = $1 and d.fiscal_year = t.fiscal_year and d.department_id = $3
           and d.account = t.account and d.funding_source = t.funding_source and d.month = t.month
           and d.initial = 0 and d.increase = 0 and d.reduction = 0 and d.executed = 0",
        district.as_i32(),
        project,
        department,
        years,
    )
    .execute(connection)
    .await?;
    Ok(())
}
