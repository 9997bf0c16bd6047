//! Totals of units: who may change them when, and what happens to them when a project changes hands.
//!
//! A payment adds to the totals of the unit that its project belongs to at that moment. So nobody may move a project
//! while payments are being added: payments hold the district's lock together, a projection holds it alone. This also
//! keeps the two from waiting for each other's rows crosswise.

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

/// Where a project is summed: its unit and the department that answers for it, by id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Home<'a> {
    /// Unit that carries it out.
    pub unit: &'a str,
    /// Department that it is summed under.
    pub department: &'a str,
}

/// Takes what a project has had in all years from where it was kept, if anywhere, to where it belongs from now on.
/// Before the project itself is kept; whoever calls holds the payments.
pub async fn move_project(
    connection: &mut PgConnection,
    district: DistrictCode,
    project: &str,
    to: Home<'_>,
) -> Result<()> {
    let before = sqlx::query!(
        "select unit_id, department_id from monitoring.projects where district = $1 and project_id = $2",
        district.as_i32(),
        project,
    )
    .fetch_optional(&mut *connection)
    .await?;
    let from = before.as_ref().map(|row| Home { unit: &row.unit_id, department: &row.department_id });
    if from == Some(to) {
        return Ok(());
    }
    let years = years(connection, district).await?;
    if let Some(from) = from {
        add(connection, district, project, from, -Decimal::ONE, &years).await?;
        forget_zeros(connection, district, project, from, &years).await?;
    }
    add(connection, district, project, to, Decimal::ONE, &years).await
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

/// Adds a project's totals, `times` 1 or -1, to those of a unit.
async fn add(
    connection: &mut PgConnection,
    district: DistrictCode,
    project: &str,
    home: Home<'_>,
    times: Decimal,
    years: &[i32],
) -> Result<()> {
    sqlx::query!(
        "insert into monitoring.unit_totals (district, fiscal_year, department_id, unit_id, account, funding_source,
           month, initial, increase, reduction, executed)
         select district, fiscal_year, $3, $4, account, funding_source, month, $5 * initial, $5 * increase,
           $5 * reduction, $5 * executed
         from monitoring.execution_totals
         where district = $1 and fiscal_year = any($6) and project_id = $2
         on conflict (district, fiscal_year, department_id, unit_id, account, funding_source, month) do update set
           initial = unit_totals.initial + excluded.initial,
           increase = unit_totals.increase + excluded.increase,
           reduction = unit_totals.reduction + excluded.reduction,
           executed = unit_totals.executed + excluded.executed",
        district.as_i32(),
        project,
        home.department,
        home.unit,
        times,
        years,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// A unit that has nothing left where its project was is not listed as if it had had a budget.
async fn forget_zeros(
    connection: &mut PgConnection,
    district: DistrictCode,
    project: &str,
    home: Home<'_>,
    years: &[i32],
) -> Result<()> {
    sqlx::query!(
        "delete from monitoring.unit_totals u using monitoring.execution_totals t
         where t.district = $1 and t.fiscal_year = any($5) and t.project_id = $2
           and u.district = $1 and u.fiscal_year = t.fiscal_year and u.department_id = $3 and u.unit_id = $4
           and u.account = t.account and u.funding_source = t.funding_source and u.month = t.month
           and u.initial = 0 and u.increase = 0 and u.reduction = 0 and u.executed = 0",
        district.as_i32(),
        project,
        home.department,
        home.unit,
        years,
    )
    .execute(connection)
    .await?;
    Ok(())
}
