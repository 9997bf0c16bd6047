//! Result notices.

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::PgConnection;
use sqlx::types::Json;
use wenxiao_kernel::Decimal;
use wenxiao_platform::page::Page;
use wenxiao_platform::{Failure, Result};

use super::{Stored, one_row, word};
use crate::domain::notice::{Answer, Letter, Notice};
use crate::domain::words::Word;

struct Row {
    id: String,
    subject: String,
    unit: String,
    title: String,
    document_number: String,
    findings: Vec<String>,
    suggestions: Vec<String>,
    answer_due: Option<NaiveDate>,
    basis_date: Option<NaiveDate>,
    evaluated_year: i32,
    score: Option<Decimal>,
    grade: Option<String>,
    state: String,
    issuer: Option<String>,
    issue_time: Option<DateTime<Utc>>,
    acknowledger: Option<String>,
    acknowledge_time: Option<DateTime<Utc>>,
    answers: Json<Vec<Answer>>,
    version: i64,
    create_time: DateTime<Utc>,
    update_time: DateTime<Utc>,
}

impl TryFrom<Row> for Stored<Notice> {
    type Error = Failure;

    fn try_from(row: Row) -> Result<Self> {
        let letter = Letter {
            title: row.title,
            document_number: row.document_number,
            findings: row.findings,
            suggestions: row.suggestions,
            answer_due: row.answer_due,
            basis_date: row.basis_date,
        };
        let value = Notice {
            id: row.id,
            subject: row.subject,
            unit: row.unit,
            evaluated_year: row.evaluated_year,
            letter,
            score: row.score,
            grade: row.grade.as_deref().and_then(super::grade),
            state: word(&row.state)?,
            issue: row.issuer.zip(row.issue_time),
            acknowledgement: row.acknowledger.zip(row.acknowledge_time),
            answers: row.answers.0,
        };
        Ok(Self { value, version: row.version, created: row.create_time, updated: row.update_time })
    }
}

/// The notice with this id.
pub async fn load(connection: &mut PgConnection, district: i32, id: &str) -> Result<Option<Stored<Notice>>> {
    sqlx::query_as!(
        Row,
        r#"select id, subject, unit, title, document_number, findings, suggestions, answer_due, basis_date, evaluated_year,
               score, grade, state, issuer, issue_time, acknowledger, acknowledge_time,
               answers as "answers: Json<Vec<Answer>>", version, create_time, update_time
           from disclosure.notices where district = $1 and id = $2"#,
        district,
        id,
    )
    .fetch_optional(connection)
    .await?
    .map(TryInto::try_into)
    .transpose()
}

/// Filters of a list; empty ones let everything through.
pub struct Filter<'f> {
    /// State's word.
    pub state: Option<&'static str>,
    /// Unit's resource name.
    pub unit: &'f str,
    /// Year evaluated, 0 for all.
    pub evaluated_year: i32,
    /// Only units whose code starts so, and then only what has been issued: a unit knows nothing of a draft.
    pub unit_prefix: Option<&'f str>,
}

/// One page, newest first.
pub async fn list(
    connection: &mut PgConnection,
    district: i32,
    filter: &Filter<'_>,
    page: &Page,
) -> Result<Vec<Stored<Notice>>> {
    let rows = sqlx::query_as!(
        Row,
        r#"select id, subject, unit, title, document_number, findings, suggestions, answer_due, basis_date, evaluated_year,
               score, grade, state, issuer, issue_time, acknowledger, acknowledge_time,
               answers as "answers: Json<Vec<Answer>>", version, create_time, update_time
           from disclosure.notices
           where district = $1 and ($2::text is null or state = $2) and ($3 = '' or unit = $3)
             and ($4 = 0 or evaluated_year = $4)
             and ($5::text is null or (starts_with(unit_code, $5) and state <> 'draft'))
             and ($6::text is null or (create_time, id) < ($6::text::timestamptz, $7))
           order by create_time desc, id desc limit $8"#,
        district,
        filter.state,
        filter.unit,
        filter.evaluated_year,
        filter.unit_prefix,
        page.key(0),
        page.key(1),
        page.limit(),
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter().map(TryInto::try_into).collect()
}

/// Stores a new draft.
pub async fn insert(connection: &mut PgConnection, district: i32, stored: &Stored<Notice>) -> Result<()> {
    let notice = &stored.value;
    sqlx::query!(
        "insert into disclosure.notices (district, id, subject, unit, unit_code, title, document_number, findings,
             suggestions, answer_due, basis_date, evaluated_year, state, answers, version, create_time, update_time)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, '[]', $14, $15, $15)",
        district,
        notice.id,
        notice.subject,
        notice.unit,
        crate::names::last(&notice.unit),
        notice.letter.title,
        notice.letter.document_number,
        &notice.letter.findings,
        &notice.letter.suggestions,
        notice.letter.answer_due,
        notice.letter.basis_date,
        notice.evaluated_year,
        notice.state.as_str(),
        stored.version,
        stored.created,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Stores the next version, unless it changed, or changed hands, since it was loaded. Whose it is stays what the registry
/// said last.
pub async fn update(connection: &mut PgConnection, district: i32, stored: &Stored<Notice>) -> Result<()> {
    let notice = &stored.value;
    let (issue, acknowledgement) = (notice.issue.as_ref(), notice.acknowledgement.as_ref());
    let done = sqlx::query!(
        "update disclosure.notices set title = $4, document_number = $5, findings = $6, suggestions = $7, answer_due = $8,
             basis_date = $9, score = $10, grade = $11, state = $12, issuer = $13, issue_time = $14, acknowledger = $15,
             acknowledge_time = $16, answers = $17, version = $3, update_time = $18
         where district = $1 and id = $2 and version = $3::bigint - 1 and unit = $19",
        district,
        notice.id,
        stored.version,
        notice.letter.title,
        notice.letter.document_number,
        &notice.letter.findings,
        &notice.letter.suggestions,
        notice.letter.answer_due,
        notice.letter.basis_date,
        notice.score,
        notice.grade.map(|grade| grade.as_str()),
        notice.state.as_str(),
        issue.map(|issue| &issue.0),
        issue.map(|issue| issue.1),
        acknowledgement.map(|receipt| &receipt.0),
        acknowledgement.map(|receipt| receipt.1),
        Json(&notice.answers) as _,
        stored.updated,
        notice.unit,
    )
    .execute(connection)
    .await?;
    one_row(done.rows_affected(), &notice.id)
}
