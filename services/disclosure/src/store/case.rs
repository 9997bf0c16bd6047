//! The cases that a summary tells, as chosen.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use sqlx::types::Json;
use wenxiao_platform::Result;
use wenxiao_platform::page::Page;

use super::{Stored, one_row};
use crate::domain::case::CaseMeasure;

/// A case as it was chosen.
#[derive(Clone, Debug)]
pub struct Choice {
    /// Work year of the summary.
    pub work_year: i32,
    /// Begins the keys of its figures.
    pub id: String,
    /// Decision or review that it tells of.
    pub subject: String,
    /// Place in the text, from 1.
    pub ordinal: i32,
    /// Which figures are printed, in order.
    pub measures: Vec<CaseMeasure>,
}

struct Row {
    work_year: i32,
    id: String,
    subject: String,
    ordinal: i32,
    measures: Json<Vec<CaseMeasure>>,
    version: i64,
    create_time: DateTime<Utc>,
    update_time: DateTime<Utc>,
}

impl From<Row> for Stored<Choice> {
    fn from(row: Row) -> Self {
        let Row { work_year, id, subject, ordinal, measures, version, create_time, update_time } = row;
        let value = Choice { work_year, id, subject, ordinal, measures: measures.0 };
        Self { value, version, created: create_time, updated: update_time }
    }
}

/// The case with this id.
pub async fn load(
    connection: &mut PgConnection,
    district: i32,
    work_year: i32,
    id: &str,
) -> Result<Option<Stored<Choice>>> {
    let row = sqlx::query_as!(
        Row,
        r#"select work_year, id, subject, ordinal, measures as "measures: Json<Vec<CaseMeasure>>", version, create_time,
               update_time
           from disclosure.summary_cases where district = $1 and work_year = $2 and id = $3"#,
        district,
        work_year,
        id,
    )
    .fetch_optional(connection)
    .await?;
    Ok(row.map(Into::into))
}

/// One page in the order of the text.
pub async fn list(
    connection: &mut PgConnection,
    district: i32,
    work_year: i32,
    page: &Page,
) -> Result<Vec<Stored<Choice>>> {
    let after = page.key(0).and_then(|ordinal| ordinal.parse::<i32>().ok());
    let rows = sqlx::query_as!(
        Row,
        r#"select work_year, id, subject, ordinal, measures as "measures: Json<Vec<CaseMeasure>>", version, create_time,
               update_time
           from disclosure.summary_cases
           where district = $1 and work_year = $2 and ($3::integer is null or (ordinal, id) > ($3, $4))
           order by ordinal, id limit $5"#,
        district,
        work_year,
        after,
        page.key(1),
        page.limit(),
    )
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(Into::into).collect())
}

/// Stores a new case.
pub async fn insert(connection: &mut PgConnection, district: i32, stored: &Stored<Choice>) -> Result<()> {
    let choice = &stored.value;
    sqlx::query!(
        "insert into disclosure.summary_cases (district, work_year, id, subject, ordinal, measures, version, create_time,
             update_time)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $8)",
        district,
        choice.work_year,
        choice.id,
        choice.subject,
        choice.ordinal,
        Json(&choice.measures) as _,
        stored.version,
        stored.created,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Stores the next version.
pub async fn update(connection: &mut PgConnection, district: i32, stored: &Stored<Choice>) -> Result<()> {
    let choice = &stored.value;
    let done = sqlx::query!(
        "update disclosure.summary_cases set ordinal = $5, measures = $6, version = $4, update_time = $7
         where district = $1 and work_year = $2 and id = $3 and version = $4::bigint - 1",
        district,
        choice.work_year,
        choice.id,
        stored.version,
        choice.ordinal,
        Json(&choice.measures) as _,
        stored.updated,
    )
    .execute(connection)
    .await?;
    one_row(done.rows_affected(), &choice.id)
}

/// Whether a budget decision or sunset review of that name is known.
pub async fn subject_exists(connection: &mut PgConnection, district: i32, name: &str) -> Result<bool> {
    let found = sqlx::query_scalar!(
        r#"select exists (select from disclosure.budget_decisions where district = $1 and name = $2)
               or exists (select from disclosure.sunset_reviews where district = $1 and name = $2) as "found!""#,
        district,
        name,
    )
    .fetch_one(connection)
    .await?;
    Ok(found)
}
