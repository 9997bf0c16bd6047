//! Every submission of a report, and the opinions on it.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use sqlx::types::Json;
use wenxiao_kernel::DistrictCode;
use wenxiao_platform::Result;

use crate::domain::form::Remark;
use crate::domain::report::Report;

/// One submission.
pub struct Revision {
    /// Its number.
    pub number: i32,
    /// The report as it was.
    pub report: Report,
    /// SHA-256 of its content.
    pub content_hash: String,
    /// Who submitted it.
    pub submitter: String,
    /// When.
    pub submit_time: DateTime<Utc>,
    /// Why it was returned; empty when it was not.
    pub return_reason: String,
    /// What had to be changed.
    pub remarks: Vec<Remark>,
    /// Who returned it.
    pub returner: String,
    /// When.
    pub return_time: Option<DateTime<Utc>>,
}

/// Keeps a submission.
pub async fn keep_revision(
    connection: &mut PgConnection,
    district: DistrictCode,
    report: &Report,
    content_hash: &str,
) -> Result<()> {
    sqlx::query!(
        "insert into monitoring.report_revisions
           (district, round_id, report_id, revision, body, content_hash, submitter, submit_time)
         values ($1, $2, $3, $4, $5, $6, $7, $8)",
        district.as_i32(),
        report.round,
        report.id,
        report.revision_count,
        Json(report) as _,
        content_hash,
        report.submitter,
        report.submit_time.unwrap_or(report.update_time),
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Notes on the newest submission that it was returned.
pub async fn note_return(
    connection: &mut PgConnection,
    district: DistrictCode,
    report: &Report,
    returner: &str,
    now: DateTime<Utc>,
) -> Result<()> {
    sqlx::query!(
        "update monitoring.report_revisions set return_reason = $5, remarks = $6, returner = $7, return_time = $8
         where district = $1 and round_id = $2 and report_id = $3 and revision = $4",
        district.as_i32(),
        report.round,
        report.id,
        report.revision_count,
        report.return_reason,
        Json(&report.remarks) as _,
        returner,
        now,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Submissions of a report after a number, oldest first.
pub async fn revisions(
    connection: &mut PgConnection,
    district: DistrictCode,
    (round, id): (&str, &str),
    after: i32,
    limit: i64,
) -> Result<Vec<Revision>> {
    let rows = sqlx::query!(
        r#"select revision, body as "body: Json<Report>", content_hash, submitter, submit_time, return_reason,
             remarks as "remarks: Json<Vec<Remark>>", returner, return_time
           from monitoring.report_revisions
           where district = $1 and round_id = $2 and report_id = $3 and revision > $4
           order by revision limit $5"#,
        district.as_i32(),
        round,
        id,
        after,
        limit,
    )
    .fetch_all(connection)
    .await?;
    let revisions = rows.into_iter().map(|row| Revision {
        number: row.revision,
        report: row.body.0,
        content_hash: row.content_hash,
        submitter: row.submitter,
        submit_time: row.submit_time,
        return_reason: row.return_reason,
        remarks: row.remarks.0,
        returner: row.returner,
        return_time: row.return_time,
    });
    Ok(revisions.collect())
}

/// An institution's opinion on a submission.
#[derive(Clone, Debug)]
pub struct Opinion {
    /// Its id.
    pub id: String,
    /// Submission that it is about.
    pub revision: i32,
    /// Hash of that submission's content; filled when it is stored.
    pub content_hash: String,
    /// Institution.
    pub institution: String,
    /// Who wrote it.
    pub author: String,
    /// Whether it recommends to pass.
    pub passed: bool,
    /// Problems.
    pub problem: String,
    /// Advice.
    pub advice: String,
    /// Place by place.
    pub remarks: Vec<Remark>,
    /// When.
    pub create_time: DateTime<Utc>,
}

/// Stores an opinion on the newest submission and returns the hash of what it is about.
pub async fn insert_opinion(
    connection: &mut PgConnection,
    district: DistrictCode,
    report: &Report,
    opinion: &Opinion,
) -> Result<String> {
    let hash = sqlx::query_scalar!(
        "insert into monitoring.report_opinions (district, round_id, report_id, opinion_id, revision, content_hash,
           institution, author, passed, problem, advice, remarks, create_time)
         select $1, $2, $3, $4, v.revision, v.content_hash, $6, $7, $8, $9, $10, $11, $12
         from monitoring.report_revisions v
         where v.district = $1 and v.round_id = $2 and v.report_id = $3 and v.revision = $5
         returning content_hash",
        district.as_i32(),
        report.round,
        report.id,
        opinion.id,
        opinion.revision,
        opinion.institution,
        opinion.author,
        opinion.passed,
        opinion.problem,
        opinion.advice,
        Json(&opinion.remarks) as _,
        opinion.create_time,
    )
    .fetch_one(connection)
    .await?;
    Ok(hash)
}

/// Opinions on a report by time and id, after those of the page before.
pub async fn opinions(
    connection: &mut PgConnection,
    district: DistrictCode,
    (round, id): (&str, &str),
    after: Option<(DateTime<Utc>, &str)>,
    limit: i64,
) -> Result<Vec<Opinion>> {
    let rows = sqlx::query!(
        r#"select opinion_id, revision, content_hash, institution, author, passed, problem, advice,
             remarks as "remarks: Json<Vec<Remark>>", create_time
           from monitoring.report_opinions
           where district = $1 and round_id = $2 and report_id = $3
             and ($4::timestamptz is null or (create_time, opinion_id) > ($4, $5))
           order by create_time, opinion_id limit $6"#,
        district.as_i32(),
        round,
        id,
        after.map(|(time, _)| time),
        after.map_or("", |(_, id)| id),
        limit,
    )
    .fetch_all(connection)
    .await?;
    let opinions = rows.into_iter().map(|row| Opinion {
        id: row.opinion_id,
        revision: row.revision,
        content_hash: row.content_hash,
        institution: row.institution,
        author: row.author,
        passed: row.passed,
        problem: row.problem,
        advice: row.advice,
        remarks: row.remarks.0,
        create_time: row.create_time,
    });
    Ok(opinions.collect())
}
