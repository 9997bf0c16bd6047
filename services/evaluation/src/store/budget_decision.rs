//! Budget decisions (预算安排决定).

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use sqlx::types::Json;
use wenxiao_platform::Result;

use super::{Filter, written};
use crate::domain::budget_decision::Decision;

/// A row.
pub type Row = super::Stored<Decision>;

/// The row with an id.
pub async fn load(connection: &mut PgConnection, district: i32, id: &str) -> Result<Option<Row>> {
    let row = sqlx::query_as!(
        Row,
        r#"select district, id, version, create_time, update_time,
                  evaluation.owned(body, unit, unit_title) as "body!: Json<Decision>"
           from evaluation.budget_decisions where district = $1 and id = $2"#,
        district,
        id,
    )
    .fetch_optional(connection)
    .await?;
    Ok(row)
}

/// The row with an id, locked until the unit of work ends.
pub async fn lock(connection: &mut PgConnection, district: i32, id: &str) -> Result<Option<Row>> {
    let row = sqlx::query_as!(
        Row,
        r#"select district, id, version, create_time, update_time,
                  evaluation.owned(body, unit, unit_title) as "body!: Json<Decision>"
           from evaluation.budget_decisions where district = $1 and id = $2 for update"#,
        district,
        id,
    )
    .fetch_optional(connection)
    .await?;
    Ok(row)
}

/// A new row in its first version.
pub async fn insert(
    connection: &mut PgConnection,
    district: i32,
    id: &str,
    body: Decision,
    now: DateTime<Utc>,
) -> Result<Row> {
    let body = Json(body);
    sqlx::query!(
        "insert into evaluation.budget_decisions (district, id, version, create_time, update_time, body, unit, unit_title)
         values ($1, $2, 1, $3, $3, $4::jsonb, $4::jsonb #>> '{object,unit}', $4::jsonb #>> '{object,unit_title}')",
        district,
        id,
        now,
        &body as &Json<Decision>,
    )
    .execute(connection)
    .await?;
    Ok(Row::first(district, id, body, now))
}

/// The next version of a locked row. Whose it is stays what the registry said last.
pub async fn update(
    connection: &mut PgConnection,
    before: &Row,
    body: Decision,
    now: DateTime<Utc>,
) -> Result<Row> {
    let after = before.next(body, now);
    let done = sqlx::query!(
        "update evaluation.budget_decisions set version = $4, update_time = $5, body = $6
         where district = $1 and id = $2 and version = $3",
        after.district,
        after.id,
        before.version,
        after.version,
        after.update_time,
        &after.body as &Json<Decision>,
    )
    .execute(connection)
    .await?;
    written(&after.id, done.rows_affected())?;
    Ok(after)
}

/// Rows by district and id.
pub async fn list(connection: &mut PgConnection, filter: &Filter) -> Result<Vec<Row>> {
    let rows = sqlx::query_as!(
        Row,
        r#"select district, id, version, create_time, update_time,
                  evaluation.owned(body, unit, unit_title) as "body!: Json<Decision>"
           from evaluation.budget_decisions
           where ($1::integer[] is null or district = any($1))
             and ($2::integer is null or (district, id) > ($2, $3))
             and ($5::integer is null or applies_to_year = $5)
             and ($6::text is null or unit_code = $6)
             and ($7::text is null or state = $7)
             and ($8::text is null or starts_with(unit_code, $8))
           order by district, id limit $4"#,
        filter.districts.as_deref(),
        filter.after_district,
        filter.after_id,
        filter.limit,
        filter.applies_to_year,
        filter.unit.as_deref(),
        filter.state,
        filter.scope.unit_prefix.as_deref(),
    )
    .fetch_all(connection)
    .await?;
    Ok(rows)
}
