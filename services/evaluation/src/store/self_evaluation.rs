//! Self-evaluations and their earlier versions (单位自评).

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use sqlx::types::Json;
use wenxiao_platform::Result;

use super::{Filter, written};
use crate::domain::self_evaluation::SelfEvaluation;

/// A row.
pub type Row = super::Stored<SelfEvaluation>;

/// The row with an id.
pub async fn load(connection: &mut PgConnection, district: i32, id: &str) -> Result<Option<Row>> {
    let row = sqlx::query_as!(
        Row,
        r#"select district, id, version, create_time, update_time,
                  evaluation.owned(body, unit, unit_title) as "body!: Json<SelfEvaluation>"
           from evaluation.self_evaluations where district = $1 and id = $2"#,
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
                  evaluation.owned(body, unit, unit_title) as "body!: Json<SelfEvaluation>"
           from evaluation.self_evaluations where district = $1 and id = $2 for update"#,
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
    body: SelfEvaluation,
    now: DateTime<Utc>,
) -> Result<Row> {
    let body = Json(body);
    sqlx::query!(
        "insert into evaluation.self_evaluations (district, id, version, create_time, update_time, body, unit, unit_title)
         values ($1, $2, 1, $3, $3, $4::jsonb, $4::jsonb #>> '{object,unit}', $4::jsonb #>> '{object,unit_title}')",
        district,
        id,
        now,
        &body as &Json<SelfEvaluation>,
    )
    .execute(connection)
    .await?;
    Ok(Row::first(district, id, body, now))
}

/// The next version of a locked row. Whose it is stays what the registry said last.
pub async fn update(
    connection: &mut PgConnection,
    before: &Row,
    body: SelfEvaluation,
    now: DateTime<Utc>,
) -> Result<Row> {
    let after = before.next(body, now);
    let done = sqlx::query!(
        "update evaluation.self_evaluations set version = $4, update_time = $5, body = $6
         where district = $1 and id = $2 and version = $3",
        after.district,
        after.id,
        before.version,
        after.version,
        after.update_time,
        &after.body as &Json<SelfEvaluation>,
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
                  evaluation.owned(body, unit, unit_title) as "body!: Json<SelfEvaluation>"
           from evaluation.self_evaluations
           where ($1::integer[] is null or district = any($1))
             and ($2::integer is null or (district, id) > ($2, $3))
             and ($5::integer is null or evaluated_year = $5)
             and ($6::text is null or unit_code = $6)
             and ($7::text is null or state = $7)
             and ($8::text is null or task = $8)
             and ($9::text is null or starts_with(unit_code, $9))
           order by district, id limit $4"#,
        filter.districts.as_deref(),
        filter.after_district,
        filter.after_id,
        filter.limit,
        filter.evaluated_year,
        filter.unit.as_deref(),
        filter.state,
        filter.task.as_deref(),
        filter.scope.unit_prefix.as_deref(),
    )
    .fetch_all(connection)
    .await?;
    Ok(rows)
}

/// Keeps a version that is about to be replaced (历次版本).
pub async fn keep_version(connection: &mut PgConnection, before: &Row) -> Result<()> {
    sqlx::query!(
        "insert into evaluation.self_evaluation_versions (district, id, version, create_time, update_time, body)
         values ($1, $2, $3, $4, $5, $6)",
        before.district,
        before.id,
        before.version,
        before.create_time,
        before.update_time,
        &before.body as &Json<SelfEvaluation>,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Earlier versions, newest first, before the version of the page.
pub async fn versions(
    connection: &mut PgConnection,
    district: i32,
    id: &str,
    before: Option<i64>,
    limit: i64,
) -> Result<Vec<Row>> {
    let rows = sqlx::query_as!(
        Row,
        r#"select district, id, version, create_time, update_time, body as "body: Json<SelfEvaluation>"
           from evaluation.self_evaluation_versions
           where district = $1 and id = $2 and ($3::bigint is null or version < $3)
           order by version desc limit $4"#,
        district,
        id,
        before,
        limit,
    )
    .fetch_all(connection)
    .await?;
    Ok(rows)
}
