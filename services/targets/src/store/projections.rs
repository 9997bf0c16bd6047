//! What is kept of the registry.

use sqlx::PgConnection;
use wenxiao_kernel::{Decimal, DistrictCode};
use wenxiao_platform::Result;

/// What one budget entry adds.
#[derive(Debug)]
pub struct BudgetIncrement {
    /// Project, by id.
    pub project_id: String,
    /// Budget year.
    pub fiscal_year: i32,
    /// Budget account, as its word.
    pub account: &'static str,
    /// Added to the initial budget, yuan.
    pub initial: Decimal,
    /// Added to the adjusted budget, yuan.
    pub adjusted: Decimal,
}

/// Keeps the newest state of a unit.
pub async fn keep_unit(
    connection: &mut PgConnection,
    district: DistrictCode,
    id: &str,
    body: &str,
    subdistrict: bool,
) -> Result<()> {
    sqlx::query!(
        "insert into targets.units (district, id, body, subdistrict) values ($1, $2, $3, $4)
         on conflict (district, id) do update set body = excluded.body, subdistrict = excluded.subdistrict",
        district.as_i32(),
        id,
        body,
        subdistrict,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Keeps which unit files for a project, and whether it still does.
pub async fn keep_project(
    connection: &mut PgConnection,
    district: DistrictCode,
    id: &str,
    unit: &str,
    open: bool,
) -> Result<()> {
    sqlx::query!(
        "insert into targets.projects (district, id, unit_id, open) values ($1, $2, $3, $4)
         on conflict (district, id) do update set unit_id = excluded.unit_id, open = excluded.open",
        district.as_i32(),
        id,
        unit,
        open,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Adds an entry to its project's budget.
pub async fn add_to_budget(
    connection: &mut PgConnection,
    district: DistrictCode,
    entry: &BudgetIncrement,
) -> Result<()> {
    sqlx::query!(
        "insert into targets.project_budgets as b
             (district, fiscal_year, account, project_id, initial_amount, adjusted_amount)
         values ($1, $2, $3, $4, $5, $6)
         on conflict (district, fiscal_year, account, project_id) do update
             set initial_amount = b.initial_amount + excluded.initial_amount,
                 adjusted_amount = b.adjusted_amount + excluded.adjusted_amount",
        district.as_i32(),
        entry.fiscal_year,
        entry.account,
        entry.project_id,
        entry.initial,
        entry.adjusted,
    )
    .execute(connection)
    .await?;
    Ok(())
}
