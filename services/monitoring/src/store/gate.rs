//! What the funding gate looks at, in one statement, and the exceptions from it.

use chrono::NaiveDate;
use serde::Deserialize;
use sqlx::PgConnection;
use sqlx::types::Json;
use wenxiao_kernel::{Decimal, DistrictCode};
use wenxiao_platform::Result;

use super::measure::subject_kind;
use super::{money, updated};
use crate::domain::execution::Amounts;
use crate::domain::gate::{MeasureInForce, Override};
use crate::domain::measure::{MeasureKind, Subject};
use crate::domain::rules::{self, Rules, Sections};

/// Everything that is stored about a question to the gate.
pub struct Known {
    /// Unit that it belongs to, by id.
    pub unit: String,
    /// Its agency code.
    pub agency_code: String,
    /// Department, by id.
    pub department: String,
    /// The rules in force; `None` when there are none.
    pub rules: Option<Rules>,
    /// The department's money by month.
    pub months: Vec<(u32, Amounts)>,
    /// Measures in force on the subject or its department.
    pub measures: Vec<MeasureInForce>,
    /// Whether the project's objective of the year was barred.
    pub objective_barred: bool,
    /// Whether the project has a ratified objective of the year; `None` for a department.
    pub objective_ratified: Option<bool>,
    /// Exceptions for the subject or its department.
    pub overrides: Vec<Override>,
}

#[derive(Debug, Deserialize)]
struct Month {
    month: u32,
    initial: Decimal,
    increase: Decimal,
    reduction: Decimal,
    executed: Decimal,
}

#[derive(Debug, Deserialize)]
struct InForce {
    id: String,
    kind: MeasureKind,
    effective_date: NaiveDate,
}

/// What is known about a subject in a budget year; `None` when there is no such subject.
pub async fn known(
    connection: &mut PgConnection,
    district: DistrictCode,
    subject: &Subject,
    fiscal_year: i32,
    first_day: NaiveDate,
) -> Result<Option<Known>> {
    // There is one subject at the most. Where Postgres is not told so it expects two, and finds it worth to plan anew for
    // each call: four times what the statement costs.
    let row = sqlx::query!(
        r#"with s as (
             select coalesce(u.agency_code, p.unit_id) as agency_code, p.department_id, p.unit_id, null as whole_unit
             from monitoring.projects p
             left join monitoring.units u on u.district = p.district and u.unit_id = p.unit_id
             where $2 = 'project' and p.district = $1 and p.project_id = $3
             union all
             select heir.agency_code, heir.department_id, heir.unit_id, heir.unit_id
             from monitoring.units u
             join monitoring.units heir on heir.district = $1 and heir.unit_id = coalesce(u.heir_id, u.unit_id)
             where $2 = 'unit' and u.district = $1 and u.unit_id = $3
             limit 1)
           select s.unit_id as "unit!", s.agency_code as "agency_code!", s.department_id as "department!",
             coalesce((select jsonb_agg(sections order by of_district desc, start_date desc, rule_set_id)
               from monitoring.rule_sets
               where district = $1 and start_date <= $5 and (end_date is null or end_date >= $5)), '[]')
               as "sections!: Json<Vec<Sections>>",
             coalesce((select jsonb_agg(jsonb_build_object('month', m.month, 'initial', m.initial::text,
                 'increase', m.increase::text, 'reduction', m.reduction::text, 'executed', m.executed::text))
               from (select t.month, sum(t.initial) as initial, sum(t.increase) as increase,
                   sum(t.reduction) as reduction, sum(t.executed) as executed
                 from monitoring.department_totals t
                 where t.district = $1 and t.fiscal_year = $4 and t.department_id = s.department_id
                 group by t.month) m), '[]') as "months!: Json<Vec<Month>>",
             coalesce((select jsonb_agg(jsonb_build_object('id', measure_id, 'kind', kind,
                 'effective_date', effective_date) order by measure_id)
               from monitoring.measures
               where district = $1 and fiscal_year = $4 and state = 'in_force'
                 and ((subject_kind = $2 and subject_id = $3)
                   or (subject_kind = 'unit' and unit_id in (s.department_id, s.whole_unit)))), '[]')
               as "measures!: Json<Vec<InForce>>",
             exists (select from monitoring.objectives o where o.district = $1 and o.fiscal_year = $4
               and $2 = 'project' and o.subject_kind = 'project' and o.subject_id = $3 and o.barred) as "barred!",
             case when $2 = 'project' then exists (select from monitoring.objectives o
               where o.district = $1 and o.fiscal_year = $4 and o.subject_kind = 'project' and o.subject_id = $3
                 and o.version > 0) end as ratified,
             coalesce((select jsonb_agg(monitoring.owned(body, unit_id, agency_code, department_id)
                 order by override_id)
               from monitoring.block_overrides
               where district = $1 and fiscal_year = $4 and not revoked
                 and ((subject_kind = $2 and subject_id = $3)
                   or (subject_kind = 'unit' and unit_id in (s.department_id, s.whole_unit)))), '[]')
               as "overrides!: Json<Vec<Override>>"
           from s"#,
        district.as_i32(),
        subject_kind(subject),
        subject.id(),
        fiscal_year,
        first_day,
    )
    .fetch_optional(connection)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let mut months = Vec::with_capacity(row.months.len());
    for month in row.months.0 {
        let amounts = Amounts {
            initial: money(month.initial)?,
            increase: money(month.increase)?,
            reduction: money(month.reduction)?,
            executed: money(month.executed)?,
        };
        months.push((month.month, amounts));
    }
    let measures = row.measures.0.into_iter().map(|m| MeasureInForce {
        id: m.id,
        kind: m.kind,
        effective_date: m.effective_date,
    });
    Ok(Some(Known {
        unit: row.unit,
        agency_code: row.agency_code,
        department: row.department,
        rules: rules::effective(row.sections.0),
        months,
        measures: measures.collect(),
        objective_barred: row.barred,
        objective_ratified: row.ratified,
        overrides: row.overrides.0,
    }))
}

/// An exception.
pub async fn load(
    connection: &mut PgConnection,
    district: DistrictCode,
    id: &str,
) -> Result<Option<Override>> {
    let body = sqlx::query_scalar!(
        r#"select monitoring.owned(body, unit_id, agency_code, department_id) as "body!: Json<Override>"
           from monitoring.block_overrides
           where district = $1 and override_id = $2"#,
        district.as_i32(),
        id,
    )
    .fetch_optional(connection)
    .await?;
    Ok(body.map(|body| body.0))
}

/// An exception, locked.
pub async fn lock(
    connection: &mut PgConnection,
    district: DistrictCode,
    id: &str,
) -> Result<Option<Override>> {
    let body = sqlx::query_scalar!(
        r#"select monitoring.owned(body, unit_id, agency_code, department_id) as "body!: Json<Override>"
           from monitoring.block_overrides
           where district = $1 and override_id = $2 for update"#,
        district.as_i32(),
        id,
    )
    .fetch_optional(connection)
    .await?;
    Ok(body.map(|body| body.0))
}

/// Inserts an exception; `false` when there is one with its id.
pub async fn insert(
    connection: &mut PgConnection,
    district: DistrictCode,
    exception: &Override,
) -> Result<bool> {
    let done = sqlx::query!(
        "insert into monitoring.block_overrides
           (district, override_id, subject_kind, subject_id, fiscal_year, unit_id, agency_code, department_id, revoked,
            body, version)
         values ($1, $2, $3, $4, $5, $6, $7, $8, false, $9, $10) on conflict do nothing",
        district.as_i32(),
        exception.id,
        subject_kind(&exception.subject),
        exception.subject.id(),
        exception.fiscal_year.as_i32(),
        exception.unit,
        exception.agency_code,
        exception.department,
        Json(exception) as _,
        exception.version,
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Saves an exception whose version was raised by one; whose it is stays as the columns say.
pub async fn update(
    connection: &mut PgConnection,
    district: DistrictCode,
    exception: &Override,
) -> Result<()> {
    let done = sqlx::query!(
        "update monitoring.block_overrides set revoked = $3, body = $4, version = $5
         where district = $1 and override_id = $2 and version = $5::bigint - 1",
        district.as_i32(),
        exception.id,
        exception.revoked.is_some(),
        Json(exception) as _,
        exception.version,
    )
    .execute(connection)
    .await?;
    updated(done.rows_affected(), &exception.id)
}

/// Exceptions by id.
pub async fn list(
    connection: &mut PgConnection,
    district: DistrictCode,
    fiscal_year: Option<i32>,
    subject: Option<&Subject>,
    after: Option<&str>,
    limit: i64,
) -> Result<Vec<Override>> {
    let rows = sqlx::query_scalar!(
        r#"select monitoring.owned(body, unit_id, agency_code, department_id) as "body!: Json<Override>"
           from monitoring.block_overrides
           where district = $1 and ($2::integer is null or fiscal_year = $2)
             and ($3::text is null or (subject_kind = $3 and subject_id = $4))
             and ($5::text is null or override_id > $5)
           order by override_id limit $6"#,
        district.as_i32(),
        fiscal_year,
        subject.map(subject_kind),
        subject.map_or("", Subject::id),
        after,
        limit,
    )
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(|body| body.0).collect())
}
