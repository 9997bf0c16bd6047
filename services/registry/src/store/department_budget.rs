//! Whole-department budgets (部门整体支出预算).

use sqlx::PgConnection;
use sqlx::types::Json;
use wenxiao_kernel::DistrictCode;
use wenxiao_platform::Result;

use super::document::{self, Document};
use super::{Stored, Window};
use crate::domain::department_budget::DepartmentBudget;

impl Document for DepartmentBudget {
    const TABLE: &'static str = "department_budgets";

    fn id(&self) -> &str {
        &self.id
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
        document::Row::<DepartmentBudget>,
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
    rows.into_iter().map(document::Row::stored).collect()
}

/// Budgets of these departments for a year and those after it.
pub async fn of_departments(
    connection: &mut PgConnection,
    district: DistrictCode,
    departments: &[String],
    first_year: i32,
) -> Result<Vec<Stored<DepartmentBudget>>> {
    let rows = sqlx::query_as!(
        document::Row::<DepartmentBudget>,
        r#"select district, version, body as "body: Json<DepartmentBudget>", create_time, update_time
           from registry.department_budgets
           where district = $1 and department = any($2) and fiscal_year >= $3 order by id"#,
        district.as_i32(),
        departments,
        first_year,
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter().map(document::Row::stored).collect()
}
