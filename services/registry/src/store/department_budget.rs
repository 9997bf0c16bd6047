//! Whole-department budgets (部门整体支出预算).

use sqlx::PgConnection;
use sqlx::types::Json;
use wenxiao_kernel::DistrictCode;
use wenxiao_platform::Result;

use super::{Document, Kept, Stored, Window};
use crate::domain::department_budget::DepartmentBudget;
use crate::error::database;

impl Kept for DepartmentBudget {
    async fn load(
        connection: &mut PgConnection,
        district: DistrictCode,
        id: &str,
    ) -> Result<Option<Stored<Self>>> {
        let row = sqlx::query_as!(
            Document::<DepartmentBudget>,
            r#"select district, version, body as "body: Json<DepartmentBudget>", create_time, update_time
               from registry.department_budgets where district = $1 and id = $2"#,
            district.as_i32(),
            id,
        )
        .fetch_optional(connection)
        .await?;
        row.map(Document::stored).transpose()
    }

    async fn save(connection: &mut PgConnection, stored: &Stored<Self>) -> Result<bool> {
        let done = sqlx::query!(
            "insert into registry.department_budgets as kept (district, id, version, body, create_time, update_time)
             values ($1, $2, $3, $4, $5, $6)
             on conflict (district, id) do update
             set version = excluded.version, body = excluded.body, update_time = excluded.update_time
             where kept.version = excluded.version - 1",
            stored.district.as_i32(),
            stored.value.id,
            stored.version,
            Json(&stored.value) as _,
            stored.create_time,
            stored.update_time,
        )
        .execute(connection)
        .await
        .map_err(database)?;
        Ok(done.rows_affected() == 1)
    }
}

/// Whole-department budgets, optionally of one year or department, or of the department of a unit role.
pub async fn list_department_budgets(
    connection: &mut PgConnection,
    window: &Window,
    fiscal_year: Option<i32>,
    department: Option<&str>,
    unit_prefix: Option<&str>,
) -> Result<Vec<Stored<DepartmentBudget>>> {
    let rows = sqlx::query_as!(
        Document::<DepartmentBudget>,
        r#"select district, version, body as "body: Json<DepartmentBudget>", create_time, update_time
           from registry.department_budgets
           where ($1::integer[] is null or district = any($1))
             and ($2::text is null or (district, id) > ($3, $2))
             and ($5::integer is null or fiscal_year = $5)
             and ($6::text is null or department = $6)
             and ($7::text is null or starts_with($7, department))
           order by district, id limit $4"#,
        window.districts.as_deref(),
        window.after_id.as_deref(),
        window.after_district,
        window.limit,
        fiscal_year,
        department,
        unit_prefix,
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter().map(Document::stored).collect()
}
