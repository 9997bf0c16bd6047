//! Alerts.

use chrono::NaiveDate;
use sqlx::PgConnection;
use sqlx::types::Json;
use wenxiao_kernel::DistrictCode;
use wenxiao_platform::Result;

use super::updated;
use crate::domain::alert::Alert;
use crate::domain::rules::Rules;

/// An alert.
pub async fn load(connection: &mut PgConnection, district: DistrictCode, id: &str) -> Result<Option<Alert>> {
    let body = sqlx::query_scalar!(
        r#"select monitoring.owned(body, unit_id, agency_code, department_id) as "body!: Json<Alert>"
           from monitoring.alerts where district = $1 and alert_id = $2"#,
        district.as_i32(),
        id,
    )
    .fetch_optional(connection)
    .await?;
    Ok(body.map(|body| body.0))
}

/// An alert, locked.
pub async fn lock(connection: &mut PgConnection, district: DistrictCode, id: &str) -> Result<Option<Alert>> {
    let body = sqlx::query_scalar!(
        r#"select monitoring.owned(body, unit_id, agency_code, department_id) as "body!: Json<Alert>"
           from monitoring.alerts
           where district = $1 and alert_id = $2 for update"#,
        district.as_i32(),
        id,
    )
    .fetch_optional(connection)
    .await?;
    Ok(body.map(|body| body.0))
}

/// Opens alerts; one that its round has opened for the same object and kind stays as it is. Returns the ids of those
/// that are new.
pub async fn insert_many(
    connection: &mut PgConnection,
    district: DistrictCode,
    alerts: &[Alert],
) -> Result<Vec<String>> {
    let text = |field: fn(&Alert) -> String| alerts.iter().map(field).collect::<Vec<String>>();
    let years: Vec<i32> = alerts.iter().map(|alert| alert.fiscal_year.as_i32()).collect();
    let bodies: Vec<Json<&Alert>> = alerts.iter().map(Json).collect();
    let ids = sqlx::query_scalar!(
        "insert into monitoring.alerts (district, alert_id, fiscal_year, round_id, report_id, kind, state,
           unit_id, agency_code, department_id, body, version)
         select $1, a.id, a.fiscal_year, a.round, a.report, a.kind, a.state, a.unit, a.code, a.department, a.body, 1
         from unnest($2::text[], $3::integer[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[],
           $9::text[], $10::text[], $11::jsonb[])
           as a(id, fiscal_year, round, report, kind, state, unit, code, department, body)
         on conflict (district, round_id, report_id, subject_id, kind) do nothing
         returning alert_id",
        district.as_i32(),
        &text(|a| a.id.clone()),
        &years,
        &text(|a| a.round.clone()),
        &text(|a| a.report.clone()),
        &text(|a| a.kind.as_str().to_owned()),
        &text(|a| a.state.as_str().to_owned()),
        &text(|a| a.unit.clone()),
        &text(|a| a.agency_code.clone()),
        &text(|a| a.department.clone()),
        &bodies as _,
    )
    .fetch_all(connection)
    .await?;
    Ok(ids)
}

/// Saves a changed alert whose version was raised by one; whose it is stays as the columns say.
pub async fn update(connection: &mut PgConnection, district: DistrictCode, alert: &Alert) -> Result<()> {
    let done = sqlx::query!(
        "update monitoring.alerts set state = $3, body = $4, version = $5
         where district = $1 and alert_id = $2 and version = $5::bigint - 1",
        district.as_i32(),
        alert.id,
        alert.state.as_str(),
        Json(alert) as _,
        alert.version,
    )
    .execute(connection)
    .await?;
    updated(done.rows_affected(), &alert.id)
}

/// What a list of alerts asks for.
pub struct Filter<'a> {
    /// Only this budget year.
    pub fiscal_year: Option<i32>,
    /// Only this state.
    pub state: Option<&'a str>,
    /// Only this department.
    pub department: Option<&'a str>,
    /// Only this round.
    pub round: Option<&'a str>,
    /// Only units whose code starts with this.
    pub unit_prefix: Option<&'a str>,
    /// Id of the last one of the page before.
    pub after: Option<&'a str>,
    /// How many.
    pub limit: i64,
}

/// Alerts by id.
pub async fn list(
    connection: &mut PgConnection,
    district: DistrictCode,
    filter: &Filter<'_>,
) -> Result<Vec<Alert>> {
    let rows = sqlx::query_scalar!(
        r#"select monitoring.owned(body, unit_id, agency_code, department_id) as "body!: Json<Alert>"
           from monitoring.alerts
           where district = $1 and ($2::integer is null or fiscal_year = $2) and ($3::text is null or state = $3)
             and ($4::text is null or department_id = $4) and ($5::text is null or round_id = $5)
             and ($6::text is null or (agency_code collate "C" >= $6 and agency_code collate "C" < $6 || ':'))
             and ($7::text is null or alert_id > $7)
           order by alert_id limit $8"#,
        district.as_i32(),
        filter.fiscal_year,
        filter.state,
        filter.department,
        filter.round,
        filter.unit_prefix,
        filter.after,
        filter.limit,
    )
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(|body| body.0).collect())
}

/// Alerts that nobody has answered in time and whose round lets something follow, with the round's rules: locked, the
/// longest silent first.
pub async fn lock_unanswered(
    connection: &mut PgConnection,
    district: DistrictCode,
    today: NaiveDate,
    limit: i64,
) -> Result<Vec<(Alert, Rules)>> {
    let rows = sqlx::query!(
        r#"select monitoring.owned(a.body, a.unit_id, a.agency_code, a.department_id) as "alert!: Json<Alert>",
             o.rules as "rules!: Json<Rules>"
           from monitoring.alerts a
           join monitoring.rounds o on o.district = a.district and o.round_id = a.round_id
           where a.district = $1 and a.state in ('open', 'acknowledged')
             and coalesce(a.body->>'unanswered_measure', '') = '' and a.deadline < $2
             and a.body->'subject' ? 'project' and o.rules->>'unanswered' in ('propose', 'suspend')
           order by a.deadline, a.alert_id limit $3
           for update of a skip locked"#,
        district.as_i32(),
        today.to_string(),
        limit,
    )
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(|row| (row.alert.0, row.rules.0)).collect())
}

/// Districts with alerts that nobody has answered in time: read across districts.
pub async fn silent_districts(connection: &mut PgConnection, today: NaiveDate) -> Result<Vec<i32>> {
    let districts = sqlx::query_scalar!(
        r#"select distinct a.district from monitoring.alerts a
           join monitoring.rounds o on o.district = a.district and o.round_id = a.round_id
           where a.state in ('open', 'acknowledged') and coalesce(a.body->>'unanswered_measure', '') = ''
             and a.deadline < $1 and a.body->'subject' ? 'project'
             and o.rules->>'unanswered' in ('propose', 'suspend')
           order by a.district"#,
        today.to_string(),
    )
    .fetch_all(connection)
    .await?;
    Ok(districts)
}
