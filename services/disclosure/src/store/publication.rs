//! Publications: the drafts, and what is recorded of their release.

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::PgConnection;
use sqlx::types::Json;
use wenxiao_platform::page::Page;
use wenxiao_platform::{Failure, Result};

use super::{Stored, one_row, word};
use crate::domain::publication::{Delivery, Plan, Publication, Release, Withdrawal};
use crate::domain::words::Word;

struct Row {
    id: String,
    kind: String,
    title: String,
    audiences: Vec<String>,
    decisions: Vec<String>,
    work_year: i32,
    evaluated_year: i32,
    basis_date: Option<NaiveDate>,
    state: String,
    publisher: Option<String>,
    publish_time: Option<DateTime<Utc>>,
    publish_date: Option<NaiveDate>,
    content_hash: Option<String>,
    document_count: Option<i32>,
    withdraw_reason: Option<String>,
    withdraw_note: Option<String>,
    withdrawer: Option<String>,
    withdraw_time: Option<DateTime<Utc>>,
    deliveries: Json<Vec<Delivery>>,
    version: i64,
    create_time: DateTime<Utc>,
    update_time: DateTime<Utc>,
}

impl TryFrom<Row> for Stored<Publication> {
    type Error = Failure;

    fn try_from(row: Row) -> Result<Self> {
        let release =
            match (row.publisher, row.publish_time, row.publish_date, row.content_hash, row.document_count) {
                (Some(publisher), Some(time), Some(date), Some(content_hash), Some(document_count)) => {
                    Some(Release { publisher, time, date, content_hash, document_count })
                }
                _ => None,
            };
        let withdrawal = match (row.withdraw_reason, row.withdraw_note, row.withdrawer, row.withdraw_time) {
            (Some(reason), Some(public_note), Some(withdrawer), Some(time)) => {
                Some(Withdrawal { reason, public_note, withdrawer, time })
            }
            _ => None,
        };
        let plan = Plan {
            title: row.title,
            audiences: row.audiences.iter().map(|audience| word(audience)).collect::<Result<_>>()?,
            decisions: row.decisions,
            work_year: row.work_year,
            evaluated_year: row.evaluated_year,
            basis_date: row.basis_date,
        };
        let (kind, state) = (word(&row.kind)?, word(&row.state)?);
        let value =
            Publication { id: row.id, kind, plan, state, release, withdrawal, deliveries: row.deliveries.0 };
        Ok(Self { value, version: row.version, created: row.create_time, updated: row.update_time })
    }
}

/// The publication with this id.
pub async fn load(
    connection: &mut PgConnection,
    district: i32,
    id: &str,
) -> Result<Option<Stored<Publication>>> {
    sqlx::query_as!(
        Row,
        r#"select id, kind, title, audiences, decisions, work_year, evaluated_year, basis_date, state, publisher,
               publish_time, publish_date, content_hash, document_count, withdraw_reason, withdraw_note, withdrawer,
               withdraw_time, deliveries as "deliveries: Json<Vec<Delivery>>", version, create_time, update_time
           from disclosure.publications where district = $1 and id = $2"#,
        district,
        id,
    )
    .fetch_optional(connection)
    .await?
    .map(TryInto::try_into)
    .transpose()
}

/// Filters of a list; none lets everything through.
pub struct Filter {
    /// Kind's word.
    pub kind: Option<&'static str>,
    /// State's word.
    pub state: Option<&'static str>,
    /// Work year, 0 for all.
    pub work_year: i32,
}

/// One page, newest first.
pub async fn list(
    connection: &mut PgConnection,
    district: i32,
    filter: &Filter,
    page: &Page,
) -> Result<Vec<Stored<Publication>>> {
    let rows = sqlx::query_as!(
        Row,
        r#"select id, kind, title, audiences, decisions, work_year, evaluated_year, basis_date, state, publisher,
               publish_time, publish_date, content_hash, document_count, withdraw_reason, withdraw_note, withdrawer,
               withdraw_time, deliveries as "deliveries: Json<Vec<Delivery>>", version, create_time, update_time
           from disclosure.publications
           where district = $1 and ($2::text is null or kind = $2) and ($3::text is null or state = $3)
             and ($4 = 0 or work_year = $4)
             and ($5::text is null or (create_time, id) < ($5::text::timestamptz, $6))
           order by create_time desc, id desc limit $7"#,
        district,
        filter.kind,
        filter.state,
        filter.work_year,
        page.key(0),
        page.key(1),
        page.limit(),
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter().map(TryInto::try_into).collect()
}

/// Stores a new draft.
pub async fn insert(
    connection: &mut PgConnection,
    district: i32,
    stored: &Stored<Publication>,
) -> Result<()> {
    let Publication { id, kind, plan, state, .. } = &stored.value;
    sqlx::query!(
        "insert into disclosure.publications (district, id, kind, title, audiences, decisions, work_year, evaluated_year,
             basis_date, state, deliveries, version, create_time, update_time)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, '[]', $11, $12, $12)",
        district,
        id,
        kind.as_str(),
        plan.title,
        &words(plan) as &[&str],
        &plan.decisions,
        plan.work_year,
        plan.evaluated_year,
        plan.basis_date,
        state.as_str(),
        stored.version,
        stored.created,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Stores the next version.
pub async fn update(
    connection: &mut PgConnection,
    district: i32,
    stored: &Stored<Publication>,
) -> Result<()> {
    let Publication { id, plan, state, release, withdrawal, deliveries, .. } = &stored.value;
    let (release, withdrawal) = (release.as_ref(), withdrawal.as_ref());
    let done = sqlx::query!(
        "update disclosure.publications set title = $4, audiences = $5, decisions = $6, work_year = $7,
             evaluated_year = $8, basis_date = $9, state = $10, publisher = $11, publish_time = $12, publish_date = $13,
             content_hash = $14, document_count = $15, withdraw_reason = $16, withdraw_note = $17, withdrawer = $18,
             withdraw_time = $19, deliveries = $20, version = $3, update_time = $21
         where district = $1 and id = $2 and version = $3::bigint - 1",
        district,
        id,
        stored.version,
        plan.title,
        &words(plan) as &[&str],
        &plan.decisions,
        plan.work_year,
        plan.evaluated_year,
        plan.basis_date,
        state.as_str(),
        release.map(|release| &release.publisher),
        release.map(|release| release.time),
        release.map(|release| release.date),
        release.map(|release| &release.content_hash),
        release.map(|release| release.document_count),
        withdrawal.map(|withdrawal| &withdrawal.reason),
        withdrawal.map(|withdrawal| &withdrawal.public_note),
        withdrawal.map(|withdrawal| &withdrawal.withdrawer),
        withdrawal.map(|withdrawal| withdrawal.time),
        Json(deliveries) as _,
        stored.updated,
    )
    .execute(connection)
    .await?;
    one_row(done.rows_affected(), id)
}

fn words(plan: &Plan) -> Vec<&'static str> {
    plan.audiences.iter().map(|audience| audience.as_str()).collect()
}
