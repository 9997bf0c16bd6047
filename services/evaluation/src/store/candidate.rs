//! Candidates for key evaluation (评价备选).

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use sqlx::types::Json;
use wenxiao_platform::Result;

use super::{Filter, written};
use crate::domain::candidate::Candidate;

/// A row.
pub type Row = super::Stored<Candidate>;

/// The row with an id.
pub async fn load(connection: &mut PgConnection, district: i32, id: &str) -> Result<Option<Row>> {
    let row = sqlx::query_as!(
        Row,
        r#"select district, id, version, create_time, update_time,
                  evaluation.owned(body, unit, unit_title) as "body!: Json<Candidate>"
           from evaluation.evaluation_candidates where district = $1 and id = $2"#,
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
                  evaluation.owned(body, unit, unit_title) as "body!: Json<Candidate>"
           from evaluation.evaluation_candidates where district = $1 and id = $2 for update"#,
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
    body: Candidate,
    now: DateTime<Utc>,
) -> Result<Row> {
    let body = Json(body);
    sqlx::query!(
        "insert into evaluation.evaluation_candidates (district, id, version, create_time, update_time, body, unit, unit_title)
         values ($1, $2, 1, $3, $3, $4::jsonb, $4::jsonb #>> '{object,unit}', $4::jsonb #>> '{object,unit_title}')",
        district,
        id,
        now,
        &body as &Json<Candidate>,
    )
    .execute(connection)
    .await?;
    Ok(Row::first(district, id, body, now))
}

/// The next version of a locked row. Whose it is stays what the registry said last.
pub async fn update(
    connection: &mut PgConnection,
    before: &Row,
    body: Candidate,
    now: DateTime<Utc>,
) -> Result<Row> {
    let after = before.next(body, now);
    let done = sqlx::query!(
        "update evaluation.evaluation_candidates set version = $4, update_time = $5, body = $6
         where district = $1 and id = $2 and version = $3",
        after.district,
        after.id,
        before.version,
        after.version,
        after.update_time,
        &after.body as &Json<Candidate>,
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
                  evaluation.owned(body, unit, unit_title) as "body!: Json<Candidate>"
           from evaluation.evaluation_candidates
           where ($1::integer[] is null or district = any($1))
             and ($2::integer is null or (district, id) > ($2, $3))
             and ($5::integer is null or work_year = $5)
             and ($6::text is null or state = $6)
           order by district, id limit $4"#,
        filter.districts.as_deref(),
        filter.after_district,
        filter.after_id,
        filter.limit,
        filter.work_year,
        filter.state,
    )
    .fetch_all(connection)
    .await?;
    Ok(rows)
}

/// These candidates, locked in the order of their identifiers.
pub async fn lock_many(connection: &mut PgConnection, district: i32, ids: &[String]) -> Result<Vec<Row>> {
    let rows = sqlx::query_as!(
        Row,
        r#"select district, id, version, create_time, update_time,
                  evaluation.owned(body, unit, unit_title) as "body!: Json<Candidate>"
           from evaluation.evaluation_candidates where district = $1 and id = any($2) order by id for update"#,
        district,
        ids,
    )
    .fetch_all(connection)
    .await?;
    Ok(rows)
}

/// Lists a candidate that another service has found; one that is on the list stays as it is.
pub async fn keep(
    connection: &mut PgConnection,
    district: i32,
    id: &str,
    body: Candidate,
    now: DateTime<Utc>,
) -> Result<()> {
    sqlx::query!(
        "insert into evaluation.evaluation_candidates (district, id, version, create_time, update_time, body, unit, unit_title)
         values ($1, $2, 1, $3, $3, $4::jsonb, $4::jsonb #>> '{object,unit}', $4::jsonb #>> '{object,unit_title}')
         on conflict do nothing",
        district,
        id,
        now,
        Json(body) as Json<Candidate>,
    )
    .execute(connection)
    .await?;
    Ok(())
}
