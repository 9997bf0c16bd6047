//! Measures.

use chrono::NaiveDate;
use sqlx::PgConnection;
use sqlx::types::Json;
use wenxiao_kernel::{DistrictCode, Money};
use wenxiao_platform::Result;

use super::{money, updated};
use crate::domain::measure::{Measure, MeasureState, Subject};

/// The word in SQL for what a measure is about.
pub fn subject_kind(subject: &Subject) -> &'static str {
    match subject {
        Subject::Project(_) => "project",
        Subject::Unit(_) => "unit",
    }
}

/// A measure.
pub async fn load(
    connection: &mut PgConnection,
    district: DistrictCode,
    id: &str,
) -> Result<Option<Measure>> {
    let body = sqlx::query_scalar!(
        r#"select monitoring.owned(body, unit_id, agency_code, department_id) as "body!: Json<Measure>"
           from monitoring.measures where district = $1 and measure_id = $2"#,
        district.as_i32(),
        id,
    )
    .fetch_optional(connection)
    .await?;
    Ok(body.map(|body| body.0))
}

/// A measure, locked.
pub async fn lock(
    connection: &mut PgConnection,
    district: DistrictCode,
    id: &str,
) -> Result<Option<Measure>> {
    let body = sqlx::query_scalar!(
        r#"select monitoring.owned(body, unit_id, agency_code, department_id) as "body!: Json<Measure>"
           from monitoring.measures
           where district = $1 and measure_id = $2 for update"#,
        district.as_i32(),
        id,
    )
    .fetch_optional(connection)
    .await?;
    Ok(body.map(|body| body.0))
}

/// Day from which a measure is or was in force.
fn effective_date(measure: &Measure) -> Option<NaiveDate> {
    let effective = matches!(measure.state, MeasureState::InForce | MeasureState::Lifted);
    measure.decision.as_ref().filter(|_| effective).map(|decision| decision.effective_date)
}

/// Suspensions of projects that are proposed or in force, locked.
pub async fn lock_suspensions(
    connection: &mut PgConnection,
    district: DistrictCode,
    projects: &[String],
) -> Result<Vec<Measure>> {
    let bodies = sqlx::query_scalar!(
        r#"select monitoring.owned(body, unit_id, agency_code, department_id) as "body!: Json<Measure>"
           from monitoring.measures
           where district = $1 and subject_kind = 'project' and subject_id = any($2) and kind = 'suspend'
             and state in ('proposed', 'in_force')
           order by measure_id for update"#,
        district.as_i32(),
        projects,
    )
    .fetch_all(connection)
    .await?;
    Ok(bodies.into_iter().map(|body| body.0).collect())
}

/// Inserts new measures. One that is proposed or in force already stays as it is. Returns the ids of those that
/// are new.
pub async fn insert_many(
    connection: &mut PgConnection,
    district: DistrictCode,
    measures: &[Measure],
) -> Result<Vec<String>> {
    let text = |field: fn(&Measure) -> String| measures.iter().map(field).collect::<Vec<String>>();
    let years: Vec<i32> = measures.iter().map(|m| m.fiscal_year.as_i32()).collect();
    let applies: Vec<i32> = measures.iter().map(|m| m.applies_to_year().as_i32()).collect();
    let effective: Vec<Option<NaiveDate>> = measures.iter().map(effective_date).collect();
    let bodies: Vec<Json<&Measure>> = measures.iter().map(Json).collect();
    let ids = sqlx::query_scalar!(
        "insert into monitoring.measures (district, measure_id, kind, state, subject_kind, subject_id, fiscal_year,
           applies_to_year, unit_id, department_id, agency_code, effective_date, body, version)
         select $1, m.id, m.kind, m.state, m.subject_kind, m.subject_id, m.fiscal_year, m.applies, m.unit,
           m.department, m.code, m.effective, m.body, 1
         from unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::integer[], $8::integer[],
           $9::text[], $10::text[], $11::text[], $12::date[], $13::jsonb[])
           as m(id, kind, state, subject_kind, subject_id, fiscal_year, applies, unit, department, code, effective,
             body)
         on conflict (district, subject_kind, subject_id, fiscal_year, kind)
           where state in ('proposed', 'in_force') and kind <> 'reduce' do nothing
         returning measure_id",
        district.as_i32(),
        &text(|m| m.id.clone()),
        &text(|m| m.kind.as_str().to_owned()),
        &text(|m| m.state.as_str().to_owned()),
        &text(|m| subject_kind(&m.subject).to_owned()),
        &text(|m| m.subject.id().to_owned()),
        &years,
        &applies,
        &text(|m| m.unit.clone()),
        &text(|m| m.department.clone()),
        &text(|m| m.agency_code.clone()),
        &effective as &[Option<NaiveDate>],
        &bodies as _,
    )
    .fetch_all(connection)
    .await?;
    Ok(ids)
}

/// Rules that have proposed something from this round before, whatever became of it: `(subject id, rule)`.
pub async fn proposed_by_rules(
    connection: &mut PgConnection,
    district: DistrictCode,
    round: &str,
) -> Result<Vec<(String, String)>> {
    let rows = sqlx::query!(
        r#"select subject_id, body->'origin'->>'rule' as "rule!" from monitoring.measures
           where district = $1 and origin_round = $2 and body->'origin'->>'rule' <> ''"#,
        district.as_i32(),
        round,
    )
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(|row| (row.subject_id, row.rule)).collect())
}

/// Saves a changed measure whose version was raised by one; whose it is stays as the columns say.
pub async fn update(connection: &mut PgConnection, district: DistrictCode, measure: &Measure) -> Result<()> {
    let done = sqlx::query!(
        "update monitoring.measures set state = $3, effective_date = $4, body = $5, version = $6
         where district = $1 and measure_id = $2 and version = $6::bigint - 1",
        district.as_i32(),
        measure.id,
        measure.state.as_str(),
        effective_date(measure),
        Json(measure) as _,
        measure.version,
    )
    .execute(connection)
    .await?;
    updated(done.rows_affected(), &measure.id)
}

/// What a list of measures asks for.
#[derive(Default)]
pub struct Filter<'a> {
    /// Only this budget year.
    pub fiscal_year: Option<i32>,
    /// Only this state.
    pub state: Option<&'a str>,
    /// Only this kind.
    pub kind: Option<&'a str>,
    /// Only this subject.
    pub subject: Option<&'a Subject>,
    /// Only this department.
    pub department: Option<&'a str>,
    /// Only units whose code starts with this.
    pub unit_prefix: Option<&'a str>,
    /// Id of the last one of the page before.
    pub after: Option<&'a str>,
    /// How many.
    pub limit: i64,
}

/// Measures by id.
pub async fn list(
    connection: &mut PgConnection,
    district: DistrictCode,
    filter: &Filter<'_>,
) -> Result<Vec<Measure>> {
    let rows = sqlx::query_scalar!(
        r#"select monitoring.owned(body, unit_id, agency_code, department_id) as "body!: Json<Measure>"
           from monitoring.measures
           where district = $1 and ($2::integer is null or fiscal_year = $2) and ($3::text is null or state = $3)
             and ($4::text is null or kind = $4)
             and ($5::text is null or (subject_kind = $5 and subject_id = $6))
             and ($7::text is null or department_id = $7)
             and ($8::text is null or (agency_code collate "C" >= $8 and agency_code collate "C" < $8 || ':'))
             and ($9::text is null or measure_id > $9)
           order by measure_id limit $10"#,
        district.as_i32(),
        filter.fiscal_year,
        filter.state,
        filter.kind,
        filter.subject.map(subject_kind),
        filter.subject.map_or("", Subject::id),
        filter.department,
        filter.unit_prefix,
        filter.after,
        filter.limit,
    )
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(|body| body.0).collect())
}

/// Measures in force against departments, or against what has become part of them: `(department, measure id)`.
pub async fn in_force_on_units(
    connection: &mut PgConnection,
    district: DistrictCode,
    fiscal_year: i32,
    units: &[String],
) -> Result<Vec<(String, String)>> {
    let rows = sqlx::query!(
        "select unit_id, measure_id from monitoring.measures
         where district = $1 and subject_kind = 'unit' and unit_id = any($2) and fiscal_year = $3
           and state = 'in_force' order by measure_id",
        district.as_i32(),
        units,
        fiscal_year,
    )
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(|row| (row.unit_id, row.measure_id)).collect())
}

/// A candidate with the money of the year that would be evaluated.
pub struct Candidate {
    /// The measure in force that makes it one.
    pub measure: Measure,
    /// Adjusted budget.
    pub adjusted: Money,
    /// Executed.
    pub executed: Money,
}

/// Candidates for the key evaluations of a year, by project.
pub async fn candidates(
    connection: &mut PgConnection,
    district: DistrictCode,
    work_year: i32,
    after: Option<&str>,
    limit: i64,
) -> Result<Vec<Candidate>> {
    let rows = sqlx::query!(
        r#"select monitoring.owned(m.body, m.unit_id, m.agency_code, m.department_id) as "body!: Json<Measure>",
             x.adjusted as "adjusted!", x.executed as "executed!"
           from monitoring.measures m
           cross join lateral (
             select coalesce(sum(t.initial + t.increase - t.reduction), 0) as adjusted,
               coalesce(sum(t.executed), 0) as executed
             from monitoring.execution_totals t
             where t.district = $1 and t.fiscal_year = m.fiscal_year and t.project_id = m.subject_id) x
           where m.district = $1 and m.applies_to_year = $2 and m.state = 'in_force'
             and m.kind = 'key_evaluation_candidate' and m.subject_id > $3
           order by m.subject_id limit $4"#,
        district.as_i32(),
        work_year,
        after.unwrap_or_default(),
        limit,
    )
    .fetch_all(connection)
    .await?;
    let candidates = rows.into_iter().map(|row| {
        Ok(Candidate { measure: row.body.0, adjusted: money(row.adjusted)?, executed: money(row.executed)? })
    });
    candidates.collect()
}
