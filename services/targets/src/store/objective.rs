//! Objectives and what a step leaves behind.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use sqlx::types::Json;
use wenxiao_kernel::{Decimal, DistrictCode};
use wenxiao_platform::{Failure, Result};

use super::{maybe_money, maybe_word, owner, word, year};
use crate::domain::form::Form;
use crate::domain::objective::{Adjustment, Objective, Subject, UnitRef};
use crate::domain::remark::{OpenRemark, Returned};
use crate::domain::workflow::Change;

/// A row as it is stored.
struct Row {
    district: i32,
    id: String,
    subject_kind: String,
    subject_id: String,
    fiscal_year: i32,
    work_year: i32,
    filing_kind: String,
    display_name: String,
    unit_id: String,
    unit_code: String,
    department_id: String,
    department_code: String,
    account: Option<String>,
    secrecy: String,
    form: Json<Form>,
    state: String,
    submitted_version: i32,
    ratified_version: i32,
    grade: Option<String>,
    return_count: i32,
    open_remarks: Json<Vec<OpenRemark>>,
    returned: Option<Json<Returned>>,
    adjustment: Option<Json<Adjustment>>,
    ratified_amount: Option<Decimal>,
    ratification_document: String,
    submitter: String,
    submit_time: Option<DateTime<Utc>>,
    ratify_time: Option<DateTime<Utc>>,
    create_time: DateTime<Utc>,
    update_time: DateTime<Utc>,
    version: i64,
}

impl Row {
    fn read(self) -> Result<Objective> {
        let subject_kind = self.subject_kind;
        let subject = Subject::of(&subject_kind, self.subject_id);
        Ok(Objective {
            id: self.id,
            subject: subject
                .ok_or_else(|| Failure::internal(format!("objectives.subject_kind {subject_kind:?}")))?,
            fiscal_year: year("objectives.fiscal_year", self.fiscal_year)?,
            work_year: year("objectives.work_year", self.work_year)?,
            filing_kind: word("objectives.filing_kind", &self.filing_kind)?,
            display_name: self.display_name,
            unit: UnitRef { id: self.unit_id, code: self.unit_code },
            department: UnitRef { id: self.department_id, code: self.department_code },
            account: maybe_word("objectives.account", self.account.as_deref())?,
            secrecy: word("objectives.secrecy", &self.secrecy)?,
            form: self.form.0,
            state: word("objectives.state", &self.state)?,
            submitted_version: self.submitted_version,
            ratified_version: self.ratified_version,
            grade: maybe_word("objectives.grade", self.grade.as_deref())?,
            return_count: self.return_count,
            open_remarks: self.open_remarks.0,
            returned: self.returned.map(|returned| returned.0),
            adjustment: self.adjustment.map(|adjustment| adjustment.0),
            ratified_amount: maybe_money("objectives.ratified_amount", self.ratified_amount)?,
            ratification_document: self.ratification_document,
            submitter: self.submitter,
            submit_time: self.submit_time,
            ratify_time: self.ratify_time,
            create_time: self.create_time,
            update_time: self.update_time,
            version: self.version,
        })
    }
}

/// The objectives `o` that a condition finds.
macro_rules! objectives {
    ($condition:tt, $($value:expr),+ $(,)?) => {
        sqlx::query_as!(
            Row,
            r#"select district, id, subject_kind, subject_id, fiscal_year, work_year, filing_kind, display_name, unit_id,
                 unit_code, department_id, department_code, account, secrecy, form as "form: Json<Form>", state,
                 submitted_version, ratified_version, grade, return_count,
                 open_remarks as "open_remarks: Json<Vec<OpenRemark>>", returned as "returned: Json<Returned>",
                 adjustment as "adjustment: Json<Adjustment>", ratified_amount, ratification_document, submitter,
                 submit_time, ratify_time, create_time, update_time, version
               from targets.objectives o "# + $condition,
            $($value),+
        )
    };
}

mod search;

pub use search::{Filter, Group, groups, list};

/// An objective.
pub async fn load(
    connection: &mut PgConnection,
    district: DistrictCode,
    id: &str,
) -> Result<Option<Objective>> {
    let row = objectives!("where district = $1 and id = $2", district.as_i32(), id)
        .fetch_optional(connection)
        .await?;
    row.map(Row::read).transpose()
}

/// Objectives, locked for a change, in the order of their ids. Several are kept from changing hands as well.
pub async fn lock(
    connection: &mut PgConnection,
    district: DistrictCode,
    ids: &[String],
) -> Result<Vec<Objective>> {
    if ids.len() > 1 {
        owner::hold(connection, district).await?;
    }
    let rows =
        objectives!("where district = $1 and id = any($2) order by id for update", district.as_i32(), ids,)
            .fetch_all(connection)
            .await?;
    rows.into_iter().map(Row::read).collect()
}

/// Objectives as they stand, in the order of their ids.
pub async fn load_many(
    connection: &mut PgConnection,
    district: DistrictCode,
    ids: &[String],
) -> Result<Vec<Objective>> {
    let rows = objectives!("where district = $1 and id = any($2) order by id", district.as_i32(), ids,)
        .fetch_all(connection)
        .await?;
    rows.into_iter().map(Row::read).collect()
}

/// Budget year of an objective: it never changes, so callers may remember it.
pub async fn fiscal_year(
    connection: &mut PgConnection,
    district: DistrictCode,
    id: &str,
) -> Result<Option<i32>> {
    let found = sqlx::query_scalar!(
        "select fiscal_year from targets.objectives where district = $1 and id = $2",
        district.as_i32(),
        id,
    )
    .fetch_optional(connection)
    .await?;
    Ok(found)
}

/// Budget years of these objectives, each once.
pub async fn fiscal_years(
    connection: &mut PgConnection,
    district: DistrictCode,
    ids: &[String],
) -> Result<Vec<i32>> {
    let found = sqlx::query_scalar!(
        "select distinct fiscal_year from targets.objectives where district = $1 and id = any($2)",
        district.as_i32(),
        ids,
    )
    .fetch_all(connection)
    .await?;
    Ok(found)
}

/// Institutions that were given some version of an objective to review.
pub async fn institutions(
    connection: &mut PgConnection,
    district: DistrictCode,
    id: &str,
) -> Result<Vec<String>> {
    let found = sqlx::query_scalar!(
        "select distinct s.institution_id
         from targets.review_assignments a
         join targets.review_sessions s on s.district = a.district and s.id = a.session_id
         where a.district = $1 and a.objective_id = $2",
        district.as_i32(),
        id,
    )
    .fetch_all(connection)
    .await?;
    Ok(found)
}

/// Enters a new objective.
pub async fn insert(connection: &mut PgConnection, district: DistrictCode, new: &Objective) -> Result<()> {
    let (subject_kind, subject_id) = new.subject.parts();
    sqlx::query!(
        "insert into targets.objectives (district, id, subject_kind, subject_id, fiscal_year, work_year, filing_kind,
             display_name, unit_id, unit_code, department_id, department_code, account, secrecy, form, state,
             submitted_version, ratified_version, return_count, open_remarks, ratification_document, submitter,
             create_time, update_time, version)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, 0, 0, 0, $17, '', '', $18, $18,
             $19)",
        district.as_i32(),
        new.id,
        subject_kind,
        subject_id,
        new.fiscal_year.as_i32(),
        new.work_year.as_i32(),
        new.filing_kind.as_str(),
        new.display_name,
        new.unit.id,
        new.unit.code,
        new.department.id,
        new.department.code,
        new.account.map(|account| account.as_str()),
        new.secrecy.as_str(),
        Json(&new.form) as _,
        new.state.as_str(),
        Json(&new.open_remarks) as _,
        new.create_time,
        new.version,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Saves what a step left behind, all of it in one statement: the objective when it is still as `before`, the frozen
/// form, the decision. Tells whether it did; a newer version leaves everything as it was. A form that the step did not
/// touch is not sent again: most steps touch none, and it is the largest part.
pub async fn save(
    connection: &mut PgConnection,
    district: DistrictCode,
    before: &Objective,
    change: &Change,
) -> Result<bool> {
    let after = &change.objective;
    let (version, decision) = (change.version.as_ref(), change.decision.as_ref());
    let form = (after.form != before.form).then_some(Json(&after.form));
    let saved = sqlx::query_scalar!(
        r#"with saved as (
             update targets.objectives set form = coalesce($4, form), secrecy = $5, state = $6, submitted_version = $7,
               ratified_version = $8, grade = $9, return_count = $10, open_remarks = $11, ratified_amount = $12,
               ratification_document = $13, submitter = $14, submit_time = $15, ratify_time = $16, update_time = $17,
               version = $18, returned = $31, adjustment = $32
             where district = $1 and id = $2 and version = $3
             returning id, form
           ), frozen as (
             insert into targets.objective_versions (district, objective_id, number, kind, form, content_hash,
               submitter, submit_time, rule_set)
             select $1, id, $7, $19::text, form, $20::text, $14, $17, $21::text from saved where $19::text is not null
           ), decided as (
             insert into targets.objective_decisions (district, objective_id, number, objective_version, kind,
               from_state, to_state, grade, recommended_grade, reason, remarks, decider, decide_time, ratified_amount)
             select $1, id, $18, $22::integer, $23::text, $24::text, $6, $25::text, $26::text, $27::text, $28::jsonb,
               $29::text, $17, $30::numeric from saved where $23::text is not null
           )
           select count(*) as "count!" from saved"#,
        district.as_i32(),
        after.id,
        before.version,
        form as _,
        after.secrecy.as_str(),
        after.state.as_str(),
        after.submitted_version,
        after.ratified_version,
        after.grade.map(|grade| grade.as_str()),
        after.return_count,
        Json(&after.open_remarks) as _,
        after.ratified_amount.map(|amount| amount.yuan()),
        after.ratification_document,
        after.submitter,
        after.submit_time,
        after.ratify_time,
        after.update_time,
        after.version,
        version.map(|version| version.kind.as_str()),
        version.map(|version| version.content_hash.as_str()),
        version.map(|version| version.rule_set.as_str()),
        decision.map(|decision| decision.version),
        decision.map(|decision| decision.kind.as_str()),
        decision.map(|decision| decision.from.as_str()),
        decision.and_then(|decision| decision.grade).map(|grade| grade.as_str()),
        decision.and_then(|decision| decision.recommended).map(|grade| grade.as_str()),
        decision.map(|decision| decision.reason.as_str()),
        decision.map(|decision| Json(&decision.remarks)) as _,
        decision.map(|decision| decision.decider.as_str()),
        decision.and_then(|decision| decision.ratified_amount).map(|amount| amount.yuan()),
        after.returned.as_ref().map(Json) as _,
        after.adjustment.as_ref().map(Json) as _,
    )
    .fetch_one(connection)
    .await?;
    Ok(saved == 1)
}
