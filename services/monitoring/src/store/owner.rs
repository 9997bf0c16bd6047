//! Whose objects are (归属): a fact of the registry that monitoring repeats, moved by the projection alone.
//!
//! A command that enters objects for a project or unit, or locks those of many, holds the projects first as payments do
//! ([`hold_projects`]), so that it cannot enter them for somebody who has just handed over. A projection that moves
//! something keeps everybody else out ([`super::department_totals::hold_payments`]). A command that locks one report, alert or
//! measure and enters what follows from it needs no such hold: the projection moves what was entered after what it came
//! from, in the order below, and waits at the locked row.

use sqlx::PgConnection;
use wenxiao_kernel::DistrictCode;
use wenxiao_platform::Result;

pub use super::department_totals::hold_projects;

/// What changes hands together, by id.
#[derive(Clone, Copy, Debug)]
pub enum Estate<'a> {
    /// What is about a project.
    Project(&'a str),
    /// What is about a policy.
    Policy(&'a str),
    /// What is about a unit as a whole, and the policies that it carried out.
    Unit(&'a str),
}

impl<'a> Estate<'a> {
    /// The word and the id in SQL.
    fn parts(self) -> (&'static str, &'a str) {
        match self {
            Self::Project(id) => ("project", id),
            Self::Policy(id) => ("policy", id),
            Self::Unit(id) => ("unit", id),
        }
    }
}

/// Who answers for an object.
#[derive(Clone, Debug)]
struct Owner {
    unit: String,
    agency_code: String,
    department: String,
}

/// Keeps who carries a policy out, and moves what is about it.
pub async fn keep_policy(
    connection: &mut PgConnection,
    district: DistrictCode,
    policy: &str,
    unit: &str,
) -> Result<()> {
    sqlx::query!(
        "insert into monitoring.policies (district, policy_id, unit_id) values ($1, $2, $3)
         on conflict (district, policy_id) do update set unit_id = excluded.unit_id
           where policies.unit_id <> excluded.unit_id",
        district.as_i32(),
        policy,
        unit,
    )
    .execute(&mut *connection)
    .await?;
    match heir_or_self(connection, district, unit).await? {
        Some(owner) => hand_over(connection, district, Estate::Policy(policy), &owner).await,
        None => Ok(()), // the registry has not told of the unit
    }
}

/// Whether a project is kept under another unit or department than these, or not at all. Before the project itself is
/// kept.
pub async fn moves(
    connection: &mut PgConnection,
    district: DistrictCode,
    project: &str,
    (unit, department): (&str, &str),
) -> Result<bool> {
    let stays = sqlx::query_scalar!(
        r#"select exists (select from monitoring.projects
             where district = $1 and project_id = $2 and unit_id = $3 and department_id = $4) as "stays!""#,
        district.as_i32(),
        project,
        unit,
        department,
    )
    .fetch_one(connection)
    .await?;
    Ok(!stays)
}

/// Moves what is about a project to where it belongs now. After the project itself is kept.
pub async fn follow_project(
    connection: &mut PgConnection,
    district: DistrictCode,
    project: &str,
) -> Result<()> {
    let owner = sqlx::query_as!(
        Owner,
        r#"select p.unit_id as unit, coalesce(u.agency_code, p.unit_id) as "agency_code!", p.department_id as department
           from monitoring.projects p
           left join monitoring.units u on u.district = p.district and u.unit_id = p.unit_id
           where p.district = $1 and p.project_id = $2"#,
        district.as_i32(),
        project,
    )
    .fetch_one(&mut *connection)
    .await?;
    hand_over(connection, district, Estate::Project(project), &owner).await
}

/// Notes that a unit has ended, and moves what is about it as a whole to who takes over: for a department or street the
/// department of its successor, for any other unit the successor.
pub async fn end_unit(
    connection: &mut PgConnection,
    district: DistrictCode,
    unit: &str,
    successor: &str,
) -> Result<()> {
    // Whoever had the ended unit for its heir has that one's from now on, so that one look is enough whatever happened.
    sqlx::query!(
        "update monitoring.units old set heir_id = coalesce(heir.heir_id, heir.unit_id)
         from monitoring.units ended
         join monitoring.units next on next.district = $1 and next.unit_id = $3
         join monitoring.units heir on heir.district = $1
           and heir.unit_id = case when ended.is_department then next.department_id else next.unit_id end
         where ended.district = $1 and ended.unit_id = $2 and old.district = $1
           and (old.unit_id = $2 or old.heir_id = $2) and old.unit_id <> coalesce(heir.heir_id, heir.unit_id)",
        district.as_i32(),
        unit,
        successor,
    )
    .execute(&mut *connection)
    .await?;
    match heir_or_self(connection, district, unit).await? {
        Some(owner) => hand_over(connection, district, Estate::Unit(unit), &owner).await,
        None => Ok(()),
    }
}

/// Who has today what is a unit's as a whole.
async fn heir_or_self(
    connection: &mut PgConnection,
    district: DistrictCode,
    unit: &str,
) -> Result<Option<Owner>> {
    let owner = sqlx::query_as!(
        Owner,
        "select heir.unit_id as unit, heir.agency_code, heir.department_id as department
         from monitoring.units u
         join monitoring.units heir on heir.district = $1 and heir.unit_id = coalesce(u.heir_id, u.unit_id)
         where u.district = $1 and u.unit_id = $2",
        district.as_i32(),
        unit,
    )
    .fetch_optional(connection)
    .await?;
    Ok(owner)
}

/// Reports before the alerts that they open, alerts before the measures that follow from them. No version is raised and
/// nothing is journalled: that it happened stands in the registry's journal.
async fn hand_over(
    connection: &mut PgConnection,
    district: DistrictCode,
    estate: Estate<'_>,
    to: &Owner,
) -> Result<()> {
    move_reports(connection, district, estate, to).await?;
    move_alerts(connection, district, estate, to).await?;
    move_decisions(connection, district, estate, to).await
}

async fn move_reports(
    connection: &mut PgConnection,
    district: DistrictCode,
    estate: Estate<'_>,
    to: &Owner,
) -> Result<()> {
    let (of, id) = estate.parts();
    sqlx::query!(
        "update monitoring.reports set unit_id = $4, agency_code = $5, department_id = $6
         where district = $1 and ((report_id = $3 and kind = $2)
             or (unit_id = $3 and kind <> 'project' and $2 = 'unit'))
           and (unit_id, agency_code, department_id) is distinct from ($4, $5, $6)",
        district.as_i32(),
        of,
        id,
        to.unit,
        to.agency_code,
        to.department,
    )
    .execute(connection)
    .await?;
    Ok(())
}

async fn move_alerts(
    connection: &mut PgConnection,
    district: DistrictCode,
    estate: Estate<'_>,
    to: &Owner,
) -> Result<()> {
    let (of, id) = estate.parts();
    sqlx::query!(
        "update monitoring.alerts a set unit_id = $4, agency_code = $5, department_id = $6
         where district = $1 and ((report_id = $3 and report_id <> '' and exists (
               select from monitoring.reports r where r.district = $1 and r.round_id = a.round_id
                 and r.report_id = a.report_id and r.kind = $2))
             or (unit_id = $3 and subject_kind = 'unit' and $2 = 'unit'))
           and (unit_id, agency_code, department_id) is distinct from ($4, $5, $6)",
        district.as_i32(),
        of,
        id,
        to.unit,
        to.agency_code,
        to.department,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Measures and the exceptions from them: both follow the project that they were decided about, or whoever has the rights
/// and duties of the unit.
async fn move_decisions(
    connection: &mut PgConnection,
    district: DistrictCode,
    estate: Estate<'_>,
    to: &Owner,
) -> Result<()> {
    let (of, id) = estate.parts();
    sqlx::query!(
        "with exceptions as (
           update monitoring.block_overrides set unit_id = $4, agency_code = $5, department_id = $6
           where district = $1 and ((subject_id = $3 and subject_kind = 'project' and $2 = 'project')
               or (unit_id = $3 and subject_kind = 'unit' and $2 = 'unit'))
             and (unit_id, agency_code, department_id) is distinct from ($4, $5, $6))
         update monitoring.measures set unit_id = $4, agency_code = $5, department_id = $6
         where district = $1 and ((subject_id = $3 and subject_kind = 'project' and $2 = 'project')
             or (unit_id = $3 and subject_kind = 'unit' and $2 = 'unit'))
           and (unit_id, agency_code, department_id) is distinct from ($4, $5, $6)",
        district.as_i32(),
        of,
        id,
        to.unit,
        to.agency_code,
        to.department,
    )
    .execute(connection)
    .await?;
    Ok(())
}
