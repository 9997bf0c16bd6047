//! Sunset reviews (到期政策再评估).

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::PgConnection;
use sqlx::types::Json;
use wenxiao_platform::Result;

use super::{Filter, written};
use crate::domain::sunset_review::SunsetReview;

/// A row.
pub type Row = super::Stored<SunsetReview>;

/// The row with an id.
pub async fn load(connection: &mut PgConnection, district: i32, id: &str) -> Result<Option<Row>> {
    let row = sqlx::query_as!(
        Row,
        r#"select district, id, version, create_time, update_time,
                  evaluation.owned(body, unit, unit_title) as "body!: Json<SunsetReview>"
           from evaluation.sunset_reviews where district = $1 and id = $2"#,
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
                  evaluation.owned(body, unit, unit_title) as "body!: Json<SunsetReview>"
           from evaluation.sunset_reviews where district = $1 and id = $2 for update"#,
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
    body: SunsetReview,
    now: DateTime<Utc>,
) -> Result<Row> {
    let body = Json(body);
    sqlx::query!(
        "insert into evaluation.sunset_reviews (district, id, version, create_time, update_time, body, unit, unit_title)
         values ($1, $2, 1, $3, $3, $4::jsonb, $4::jsonb #>> '{object,unit}', $4::jsonb #>> '{object,unit_title}')",
        district,
        id,
        now,
        &body as &Json<SunsetReview>,
    )
    .execute(connection)
    .await?;
    Ok(Row::first(district, id, body, now))
}

/// The next version of a locked row. Whose it is stays what the registry said last.
pub async fn update(
    connection: &mut PgConnection,
    before: &Row,
    body: SunsetReview,
    now: DateTime<Utc>,
) -> Result<Row> {
    let after = before.next(body, now);
    let done = sqlx::query!(
        "update evaluation.sunset_reviews set version = $4, update_time = $5, body = $6
         where district = $1 and id = $2 and version = $3",
        after.district,
        after.id,
        before.version,
        after.version,
        after.update_time,
        &after.body as &Json<SunsetReview>,
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
                  evaluation.owned(body, unit, unit_title) as "body!: Json<SunsetReview>"
           from evaluation.sunset_reviews
           where ($1::integer[] is null or district = any($1))
             and ($2::integer is null or (district, id) > ($2, $3))
             and ($5::integer is null or work_year = $5)
             and ($6::integer is null or applies_to_year = $6)
             and ($7::text is null or state = $7)
             and ($8::text is null or starts_with(unit_code, $8))
           order by district, id limit $4"#,
        filter.districts.as_deref(),
        filter.after_district,
        filter.after_id,
        filter.limit,
        filter.work_year,
        filter.applies_to_year,
        filter.state,
        filter.scope.unit_prefix.as_deref(),
    )
    .fetch_all(connection)
    .await?;
    Ok(rows)
}

/// Policies whose term ends by a day and that have no review for the budget year yet: name, last day, term in years.
pub async fn due(
    connection: &mut PgConnection,
    district: i32,
    applies_to_year: i32,
    until: NaiveDate,
) -> Result<Vec<(String, NaiveDate, i32)>> {
    let rows = sqlx::query!(
        r#"select name, expiry_date as "expiry_date!", term_years from evaluation.subjects s
           where district = $1 and kind = 'policy' and expiry_date <= $3
             and expiry_date >= $3 - interval '2 years'
             and not exists (select from evaluation.sunset_reviews r
                             where r.district = $1 and r.subject = s.name and r.applies_to_year = $2)
           order by expiry_date, name"#,
        district,
        applies_to_year,
        until,
    )
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(|row| (row.name, row.expiry_date, row.term_years)).collect())
}
