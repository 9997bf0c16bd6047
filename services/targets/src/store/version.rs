//! Versions of objectives with the decisions on them.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use sqlx::types::Json;
use wenxiao_kernel::{Decimal, DistrictCode};
use wenxiao_platform::Result;
use wenxiao_platform::page::Page;

use super::{maybe_money, maybe_word, word};
use crate::domain::form::{Form, Remark};
use crate::domain::objective::{ObjectiveDecision, Version};

/// Versions of an objective after the page before, oldest first.
pub async fn list(
    connection: &mut PgConnection,
    district: DistrictCode,
    objective: &str,
    page: &Page,
) -> Result<Vec<Version>> {
    let after: Option<i32> = page.key(0).and_then(|key| key.parse().ok());
    load(connection, district, objective, after.unwrap_or(0), i32::MAX, page.limit()).await
}

/// One version.
pub async fn get(
    connection: &mut PgConnection,
    district: DistrictCode,
    objective: &str,
    number: i32,
) -> Result<Option<Version>> {
    Ok(load(connection, district, objective, number.saturating_sub(1), number, 1).await?.pop())
}

async fn load(
    connection: &mut PgConnection,
    district: DistrictCode,
    objective: &str,
    after: i32,
    last: i32,
    limit: i64,
) -> Result<Vec<Version>> {
    let rows = sqlx::query!(
        r#"select number, kind, form as "form: Json<Form>", content_hash, submitter, submit_time, rule_set
           from targets.objective_versions
           where district = $1 and objective_id = $2 and number > $3 and number <= $4 order by number limit $5"#,
        district.as_i32(),
        objective,
        after,
        last,
        limit,
    )
    .fetch_all(connection)
    .await?;
    let read = rows.into_iter().map(|row| {
        Ok(Version {
            number: row.number,
            kind: word("objective_versions.kind", &row.kind)?,
            form: row.form.0,
            content_hash: row.content_hash,
            submitter: row.submitter,
            submit_time: row.submit_time,
            rule_set: row.rule_set,
        })
    });
    read.collect()
}

/// A decision as it is stored.
struct Row {
    objective_version: i32,
    kind: String,
    from_state: String,
    to_state: String,
    grade: Option<String>,
    recommended_grade: Option<String>,
    reason: String,
    remarks: Json<Vec<Remark>>,
    decider: String,
    decide_time: DateTime<Utc>,
    ratified_amount: Option<Decimal>,
}

/// Decisions on these versions of an objective, oldest first.
pub async fn decisions(
    connection: &mut PgConnection,
    district: DistrictCode,
    objective: &str,
    versions: &[i32],
) -> Result<Vec<ObjectiveDecision>> {
    let rows = sqlx::query_as!(
        Row,
        r#"select objective_version, kind, from_state, to_state, grade, recommended_grade, reason,
                  remarks as "remarks: Json<Vec<Remark>>", decider, decide_time, ratified_amount
           from targets.objective_decisions
           where district = $1 and objective_id = $2 and objective_version = any($3) order by number"#,
        district.as_i32(),
        objective,
        versions,
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter().map(read_decision).collect()
}

fn read_decision(row: Row) -> Result<ObjectiveDecision> {
    Ok(ObjectiveDecision {
        kind: word("objective_decisions.kind", &row.kind)?,
        from: word("objective_decisions.from_state", &row.from_state)?,
        to: word("objective_decisions.to_state", &row.to_state)?,
        version: row.objective_version,
        grade: maybe_word("objective_decisions.grade", row.grade.as_deref())?,
        recommended: maybe_word("objective_decisions.recommended_grade", row.recommended_grade.as_deref())?,
        reason: row.reason,
        remarks: row.remarks.0,
        decider: row.decider,
        decide_time: row.decide_time,
        ratified_amount: maybe_money("objective_decisions.ratified_amount", row.ratified_amount)?,
    })
}
