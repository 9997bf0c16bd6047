//! Budget hints (预算挂钩建议).

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use sqlx::types::Json;
use wenxiao_platform::Result;

use super::{Filter, written};
use crate::domain::budget_hint::Hint;

/// A row.
pub type Row = super::Stored<Hint>;

/// The row with an id.
pub async fn load(connection: &mut PgConnection, district: i32, id: &str) -> Result<Option<Row>> {
    let row = sqlx::query_as!(
        Row,
        r#"select district, id, version, create_time, update_time, body as "body: Json<Hint>"
           from evaluation.budget_hints where district = $1 and id = $2"#,
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
        r#"select district, id, version, create_time, update_time, body as "body: Json<Hint>"
           from evaluation.budget_hints where district = $1 and id = $2 for update"#,
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
    body: Hint,
    now: DateTime<Utc>,
) -> Result<Row> {
    let body = Json(body);
    sqlx::query!(
        "insert into evaluation.budget_hints (district, id, version, create_time, update_time, body)
         values ($1, $2, 1, $3, $3, $4)",
        district,
        id,
        now,
        &body as &Json<Hint>,
    )
    .execute(connection)
    .await?;
    Ok(Row::first(district, id, body, now))
}

/// The next version of a locked row.
pub async fn update(
    connection: &mut PgConnection,
    before: &Row,
    body: Hint,
    now: DateTime<Utc>,
) -> Result<Row> {
    let after = before.next(body, now);
    let done = sqlx::query!(
        "update evaluation.budget_hints set version = $4, update_time = $5, body = $6
         where district = $1 and id = $2 and version = $3",
        after.district,
        after.id,
        before.version,
        after.version,
        after.update_time,
        &after.body as &Json<Hint>,
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
        r#"select district, id, version, create_time, update_time, body as "body: Json<Hint>"
           from evaluation.budget_hints
           where ($1::integer[] is null or district = any($1))
             and ($2::integer is null or (district, id) > ($2, $3))
             and ($5::integer is null or applies_to_year = $5)
             and ($6::text is null or unit_code = $6)
             and ($7::text is null or subject = $7)
             and ($8::text is null or state = $8)
             and ($9::text is null or starts_with(unit_code, $9))
           order by district, id limit $4"#,
        filter.districts.as_deref(),
        filter.after_district,
        filter.after_id,
        filter.limit,
        filter.applies_to_year,
        filter.unit.as_deref(),
        filter.subject.as_deref(),
        filter.state,
        filter.scope.unit_prefix.as_deref(),
    )
    .fetch_all(connection)
    .await?;
    Ok(rows)
}

/// Every hint for a budget year that holds, locked in the order of their identifiers.
pub async fn lock_active(
    connection: &mut PgConnection,
    district: i32,
    applies_to_year: i32,
) -> Result<Vec<Row>> {
    let rows = sqlx::query_as!(
        Row,
        r#"select district, id, version, create_time, update_time, body as "body: Json<Hint>"
           from evaluation.budget_hints
           where district = $1 and applies_to_year = $2 and state = 'active' order by id for update"#,
        district,
        applies_to_year,
    )
    .fetch_all(connection)
    .await?;
    Ok(rows)
}

/// Hints about a subject that hold for a budget year.
pub async fn active_of(
    connection: &mut PgConnection,
    district: i32,
    subject: &str,
    applies_to_year: i32,
) -> Result<Vec<Row>> {
    let rows = sqlx::query_as!(
        Row,
        r#"select district, id, version, create_time, update_time, body as "body: Json<Hint>"
           from evaluation.budget_hints
           where district = $1 and subject = $2 and applies_to_year = $3 and state = 'active' order by id"#,
        district,
        subject,
        applies_to_year,
    )
    .fetch_all(connection)
    .await?;
    Ok(rows)
}
