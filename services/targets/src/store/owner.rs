//! Whose forms are (承接): kept as the registry says it, and moved when it changes.
//!
//! A command that enters a form asks the registry first and writes later; in between its project may have changed hands.
//! So whoever enters forms, or holds many at once, holds the district's lock together with others, and the projection
//! that moves forms holds it alone. This also keeps the two from waiting for each other's rows crosswise.

use std::collections::HashMap;

use sqlx::PgConnection;
use wenxiao_kernel::DistrictCode;
use wenxiao_platform::Result;

use crate::domain::objective::{Owner, Subject, UnitRef};

/// First half of the advisory lock, any number of ours; the second is the district.
const LOCK: i32 = 7_305_821;
/// Version of whatever the registry has just entered.
const FIRST: i64 = 1;

/// Keeps all forms with their units until the transaction ends.
pub async fn hold(connection: &mut PgConnection, district: DistrictCode) -> Result<()> {
    sqlx::query!("select pg_advisory_xact_lock_shared($1, $2)", LOCK, district.as_i32())
        .execute(connection)
        .await?;
    Ok(())
}

/// Whose these subjects of a kind are, by id, kept so until the transaction ends; those that the registry's feed has not
/// told of are left out.
pub async fn held(
    connection: &mut PgConnection,
    district: DistrictCode,
    kind: &str,
    ids: &[String],
) -> Result<HashMap<String, Owner>> {
    hold(connection, district).await?;
    let rows = sqlx::query!(
        // One by one, by the whole key: a plan made while the table was small would otherwise walk a kind for ever.
        "select o.subject_id, o.unit_id, o.department_id, o.version
         from unnest($3::text[]) as asked(id)
         cross join lateral (
           select subject_id, unit_id, department_id, version from targets.owners
           where district = $1 and subject_kind = $2 and subject_id = asked.id limit 1) o",
        district.as_i32(),
        kind,
        ids,
    )
    .fetch_all(connection)
    .await?;
    let read = rows.into_iter().map(|row| {
        let (unit, department) = (UnitRef::of_code(&row.unit_id), UnitRef::of_code(&row.department_id));
        (row.subject_id, Owner { unit, department, version: row.version })
    });
    Ok(read.collect())
}

/// Keeps whose a subject is and takes its forms there, in whatever state they are: whose a form is, is a fact of the
/// registry, so neither version nor time of the form change.
pub async fn hand_over(
    connection: &mut PgConnection,
    district: DistrictCode,
    subject: &Subject,
    to: &Owner,
) -> Result<()> {
    let (kind, id) = subject.parts();
    if to.version == FIRST && keep_first(connection, district, subject, to).await? {
        return Ok(());
    }
    let before = sqlx::query!(
        "select unit_id, department_id from targets.owners
         where district = $1 and subject_kind = $2 and subject_id = $3",
        district.as_i32(),
        kind,
        id,
    )
    .fetch_optional(&mut *connection)
    .await?;
    if !before.is_some_and(|row| row.unit_id == to.unit.id && row.department_id == to.department.id) {
        sqlx::query!("select pg_advisory_xact_lock($1, $2)", LOCK, district.as_i32())
            .execute(&mut *connection)
            .await?;
    }
    sqlx::query!(
        "with kept as (
           insert into targets.owners as o (district, subject_kind, subject_id, unit_id, department_id, version)
           values ($1, $2, $3, $4, $6, $8)
           on conflict (district, subject_kind, subject_id) do update set unit_id = excluded.unit_id,
             department_id = excluded.department_id, version = excluded.version
           where o.version <= excluded.version
           returning unit_id, department_id
         )
         update targets.objectives o set unit_id = kept.unit_id, unit_code = $5, department_id = kept.department_id,
           department_code = $7
         from kept where o.district = $1 and o.subject_kind = $2 and o.subject_id = $3
           and (o.unit_id, o.department_id) is distinct from (kept.unit_id, kept.department_id)",
        district.as_i32(),
        kind,
        id,
        to.unit.id,
        to.unit.code,
        to.department.id,
        to.department.code,
        to.version,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Keeps whose a new subject is. Whatever form it has already was entered after it, so there is none to move and nobody to
/// wait for: importing thousands of projects does not stop those who enter forms. `false`: it is known already.
async fn keep_first(
    connection: &mut PgConnection,
    district: DistrictCode,
    subject: &Subject,
    to: &Owner,
) -> Result<bool> {
    let (kind, id) = subject.parts();
    let kept = sqlx::query!(
        "insert into targets.owners (district, subject_kind, subject_id, unit_id, department_id, version)
         values ($1, $2, $3, $4, $5, $6) on conflict do nothing",
        district.as_i32(),
        kind,
        id,
        to.unit.id,
        to.department.id,
        to.version,
    )
    .execute(connection)
    .await?;
    Ok(kept.rows_affected() > 0)
}

/// Whole departments that a unit answers for, itself and those that it has taken over, each with the version that said so.
pub async fn departments_of(
    connection: &mut PgConnection,
    district: DistrictCode,
    unit: &str,
) -> Result<Vec<(String, i64)>> {
    let rows = sqlx::query!(
        "select subject_id, version from targets.owners
         where district = $1 and subject_kind = 'whole_department' and unit_id = $2 order by subject_id",
        district.as_i32(),
        unit,
    )
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(|row| (row.subject_id, row.version)).collect())
}

/// Keeps who has taken over a unit that ended, with all that it had taken over itself.
pub async fn keep_heirs(
    connection: &mut PgConnection,
    district: DistrictCode,
    unit: &str,
    heirs: &[String],
) -> Result<()> {
    sqlx::query!(
        "insert into targets.unit_heirs (district, unit_id, heir_id)
         select $1, taken.unit_id, heir from unnest($3::text[]) as heir cross join (
           select $2::text as unit_id
           union select h.unit_id from targets.unit_heirs h where h.district = $1 and h.heir_id = $2
         ) as taken
         on conflict do nothing",
        district.as_i32(),
        unit,
        heirs,
    )
    .execute(connection)
    .await?;
    Ok(())
}
