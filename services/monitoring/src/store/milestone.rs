//! Planned progress of construction projects.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use sqlx::types::Json;
use wenxiao_kernel::DistrictCode;
use wenxiao_platform::Result;

use crate::domain::schedule::Milestone;

/// A plan as it is stored.
pub struct Plan {
    /// Milestones.
    pub milestones: Json<Vec<Milestone>>,
    /// When it was written first.
    pub create_time: DateTime<Utc>,
    /// When it was last changed.
    pub update_time: DateTime<Utc>,
    /// Version.
    pub version: i64,
}

/// The plan of a project and year.
pub async fn load(
    connection: &mut PgConnection,
    district: DistrictCode,
    project: &str,
    fiscal_year: i32,
) -> Result<Option<Plan>> {
    let plan = sqlx::query_as!(
        Plan,
        r#"select milestones as "milestones: Json<Vec<Milestone>>", create_time, update_time, version
           from monitoring.milestone_plans where district = $1 and project_id = $2 and fiscal_year = $3"#,
        district.as_i32(),
        project,
        fiscal_year,
    )
    .fetch_optional(connection)
    .await?;
    Ok(plan)
}

/// Writes a plan; the one before, in version `before` (0 for none), is replaced as a whole, its text stays in the
/// journal. Returns what is stored; `None` when somebody else wrote meanwhile.
pub async fn save(
    connection: &mut PgConnection,
    district: DistrictCode,
    (project, fiscal_year): (&str, i32),
    milestones: &[Milestone],
    before: i64,
    now: DateTime<Utc>,
) -> Result<Option<Plan>> {
    let plan = sqlx::query_as!(
        Plan,
        r#"insert into monitoring.milestone_plans
             (district, project_id, fiscal_year, milestones, create_time, update_time, version)
           values ($1, $2, $3, $4, $5, $5, 1)
           on conflict (district, project_id, fiscal_year) do update set milestones = excluded.milestones,
             update_time = excluded.update_time, version = milestone_plans.version + 1
             where milestone_plans.version = $6
           returning milestones as "milestones: Json<Vec<Milestone>>", create_time, update_time, version"#,
        district.as_i32(),
        project,
        fiscal_year,
        Json(milestones) as _,
        now,
        before,
    )
    .fetch_optional(connection)
    .await?;
    Ok(plan)
}
