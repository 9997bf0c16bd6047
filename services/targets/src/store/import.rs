//! Forms on their way in: the uploaded file, what was read of it, and objectives written many at a time.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use sqlx::types::Json;
use wenxiao_kernel::DistrictCode;
use wenxiao_platform::Result;

use super::word;
use crate::domain::form::Form;
use crate::domain::objective::{FilingKind, Objective, State};
use crate::registry::SubjectFacts;

/// Adds a part to a file.
pub async fn add_chunk(
    connection: &mut PgConnection,
    district: DistrictCode,
    operation: &str,
    start: i64,
    content: &[u8],
    now: DateTime<Utc>,
) -> Result<()> {
    sqlx::query!(
        "insert into targets.import_chunks (district, operation_id, start, content, create_time)
         values ($1, $2, $3, $4, $5)",
        district.as_i32(),
        operation,
        start,
        content,
        now,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// The part of a file that holds the byte at `position`, with the place where the part begins; `None` behind its end.
pub async fn chunk(
    connection: &mut PgConnection,
    district: DistrictCode,
    operation: &str,
    position: i64,
) -> Result<Option<(i64, Vec<u8>)>> {
    let row = sqlx::query!(
        "select start, content from targets.import_chunks
         where district = $1 and operation_id = $2 and start <= $3 order by start desc limit 1",
        district.as_i32(),
        operation,
        position,
    )
    .fetch_optional(connection)
    .await?;
    Ok(row.map(|row| (row.start, row.content)))
}

/// Size of a file.
pub async fn size(connection: &mut PgConnection, district: DistrictCode, operation: &str) -> Result<i64> {
    let size = sqlx::query_scalar!(
        r#"select coalesce((select start + length(content) from targets.import_chunks
                            where district = $1 and operation_id = $2 order by start desc limit 1), 0) as "size!""#,
        district.as_i32(),
        operation,
    );
    Ok(size.fetch_one(connection).await?)
}

/// Removes a file and what was read of it.
pub async fn forget(connection: &mut PgConnection, district: DistrictCode, operation: &str) -> Result<()> {
    sqlx::query!(
        "with forms as (delete from targets.import_forms where district = $1 and operation_id = $2)
         delete from targets.import_chunks where district = $1 and operation_id = $2",
        district.as_i32(),
        operation,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Removes files older than a time whose upload was never finished: no open operation reads them.
pub async fn forget_abandoned(
    connection: &mut PgConnection,
    district: DistrictCode,
    before: DateTime<Utc>,
) -> Result<()> {
    sqlx::query!(
        "delete from targets.import_chunks c where district = $1 and create_time < $2 and not exists
           (select from targets.operations o where o.district = c.district and o.id = c.operation_id and not o.done)",
        district.as_i32(),
        before,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// A form that was read and waits to be written.
#[derive(Clone, Debug)]
pub struct Staged {
    /// Place in the file, from 1.
    pub number: i32,
    /// File inside the archive; empty for a single workbook.
    pub file_name: String,
    /// Sheet.
    pub sheet: String,
    /// Kind of the subject.
    pub subject_kind: String,
    /// The subject, by id.
    pub subject_id: String,
    /// What the registry says of it.
    pub facts: Json<SubjectFacts>,
    /// The form.
    pub form: Json<Form>,
}

/// Keeps forms that were read; answers the numbers of those whose subject was there before and which are not kept.
pub async fn stage(
    connection: &mut PgConnection,
    district: DistrictCode,
    operation: &str,
    forms: &[Staged],
) -> Result<Vec<i32>> {
    let numbers: Vec<i32> = forms.iter().map(|form| form.number).collect();
    let text = |of: fn(&Staged) -> &str| forms.iter().map(of).collect::<Vec<_>>();
    let facts: Vec<&Json<SubjectFacts>> = forms.iter().map(|form| &form.facts).collect();
    let contents: Vec<&Json<Form>> = forms.iter().map(|form| &form.form).collect();
    let kept = sqlx::query_scalar!(
        "insert into targets.import_forms (district, operation_id, number, file_name, sheet, subject_kind, subject_id,
           facts, form)
         select $1, $2, form.* from unnest($3::integer[], $4::text[], $5::text[], $6::text[], $7::text[], $8::jsonb[],
           $9::jsonb[]) as form(number, file_name, sheet, subject_kind, subject_id, facts, form)
         order by form.number
         on conflict on constraint import_subject do nothing returning number",
        district.as_i32(),
        operation,
        &numbers,
        &text(|form| &form.file_name) as &[&str],
        &text(|form| &form.sheet) as &[&str],
        &text(|form| &form.subject_kind) as &[&str],
        &text(|form| &form.subject_id) as &[&str],
        &facts as _,
        &contents as _,
    )
    .fetch_all(connection)
    .await?;
    Ok(numbers.into_iter().filter(|number| !kept.contains(number)).collect())
}

/// Forms that wait after `number`, in their order.
pub async fn staged(
    connection: &mut PgConnection,
    district: DistrictCode,
    operation: &str,
    number: i32,
    limit: i64,
) -> Result<Vec<Staged>> {
    let rows = sqlx::query_as!(
        Staged,
        r#"select number, file_name, sheet, subject_kind, subject_id, facts as "facts: Json<SubjectFacts>",
             form as "form: Json<Form>"
           from targets.import_forms where district = $1 and operation_id = $2 and number > $3
           order by number limit $4"#,
        district.as_i32(),
        operation,
        number,
        limit,
    );
    Ok(rows.fetch_all(connection).await?)
}

/// An objective that a form would change.
pub struct Standing {
    /// Its subject, by id.
    pub subject_id: String,
    /// Its id.
    pub id: String,
    /// Where it stands.
    pub state: State,
    /// Name of its subject when it was filed.
    pub display_name: String,
}

/// What all forms of a file are filed as.
#[derive(Clone, Copy, Debug)]
pub struct Filing {
    /// Budget year.
    pub fiscal_year: i32,
    /// Part of the budget process.
    pub filing_kind: FilingKind,
    /// Kind of the subjects.
    pub subject_kind: &'static str,
}

/// Objectives that are filed so for these subjects.
pub async fn standing(
    connection: &mut PgConnection,
    district: DistrictCode,
    filing: Filing,
    subjects: &[String],
) -> Result<Vec<Standing>> {
    let rows = sqlx::query!(
        "select subject_id, id, state, display_name from targets.objectives
         where district = $1 and subject_kind = $2 and subject_id = any($3) and fiscal_year = $4
           and filing_kind = $5",
        district.as_i32(),
        filing.subject_kind,
        subjects,
        filing.fiscal_year,
        filing.filing_kind.as_str(),
    )
    .fetch_all(connection)
    .await?;
    let read = rows.into_iter().map(|row| {
        let state = word("objectives.state", &row.state)?;
        Ok(Standing { subject_id: row.subject_id, id: row.id, state, display_name: row.display_name })
    });
    read.collect()
}

/// Enters new drafts. Answers how many were entered: a subject that somebody filed a moment ago is left alone.
pub async fn insert_many(
    connection: &mut PgConnection,
    district: DistrictCode,
    new: &[Objective],
) -> Result<u64> {
    let text = |of: fn(&Objective) -> &str| new.iter().map(of).collect::<Vec<_>>();
    let forms: Vec<Json<&Form>> = new.iter().map(|objective| Json(&objective.form)).collect();
    let accounts: Vec<Option<&str>> =
        new.iter().map(|objective| objective.account.map(|account| account.as_str())).collect();
    let work_years: Vec<i32> = new.iter().map(|objective| objective.work_year.as_i32()).collect();
    let years: Vec<i32> = new.iter().map(|objective| objective.fiscal_year.as_i32()).collect();
    let times: Vec<DateTime<Utc>> = new.iter().map(|objective| objective.create_time).collect();
    let entered = sqlx::query!(
        "insert into targets.objectives (district, id, subject_kind, subject_id, fiscal_year, work_year, filing_kind,
             display_name, unit_id, unit_code, department_id, department_code, account, secrecy, form, state,
             submitted_version, ratified_version, return_count, open_remarks, ratification_document, submitter,
             create_time, update_time, version)
         select $1, new.id, new.kind, new.subject, new.fiscal_year, new.work_year, new.filing_kind, new.display_name,
             new.unit_id, new.unit_code, new.department_id, new.department_code, new.account, new.secrecy, new.form,
             new.state, 0, 0, 0, '[]', '', '', new.time, new.time, 1
         from unnest($2::text[], $3::text[], $4::text[], $5::integer[], $6::integer[], $7::text[], $8::text[],
             $9::text[], $10::text[], $11::text[], $12::text[], $13::text[], $14::text[], $15::jsonb[], $16::text[],
             $17::timestamptz[])
           as new(id, kind, subject, fiscal_year, work_year, filing_kind, display_name, unit_id, unit_code,
             department_id, department_code, account, secrecy, form, state, time)
         on conflict on constraint objective_subject do nothing",
        district.as_i32(),
        &text(|objective| &objective.id) as &[&str],
        &text(|objective| objective.subject.parts().0) as &[&str],
        &text(|objective| objective.subject.parts().1) as &[&str],
        &years,
        &work_years,
        &text(|objective| objective.filing_kind.as_str()) as &[&str],
        &text(|objective| &objective.display_name) as &[&str],
        &text(|objective| &objective.unit.id) as &[&str],
        &text(|objective| &objective.unit.code) as &[&str],
        &text(|objective| &objective.department.id) as &[&str],
        &text(|objective| &objective.department.code) as &[&str],
        &accounts as &[Option<&str>],
        &text(|objective| objective.secrecy.as_str()) as &[&str],
        &forms as _,
        &text(|objective| objective.state.as_str()) as &[&str],
        &times,
    )
    .execute(connection)
    .await?;
    Ok(entered.rows_affected())
}

/// Saves edited drafts, which are locked. Answers how many were still as before.
pub async fn update_many(
    connection: &mut PgConnection,
    district: DistrictCode,
    edited: &[Objective],
) -> Result<u64> {
    let ids: Vec<&str> = edited.iter().map(|objective| objective.id.as_str()).collect();
    let forms: Vec<Json<&Form>> = edited.iter().map(|objective| Json(&objective.form)).collect();
    let versions: Vec<i64> = edited.iter().map(|objective| objective.version).collect();
    let times: Vec<DateTime<Utc>> = edited.iter().map(|objective| objective.update_time).collect();
    let saved = sqlx::query!(
        "update targets.objectives o set form = edited.form, update_time = edited.time, version = edited.version
         from unnest($2::text[], $3::jsonb[], $4::bigint[], $5::timestamptz[]) as edited(id, form, version, time)
         where o.district = $1 and o.id = edited.id and o.version = edited.version - 1",
        district.as_i32(),
        &ids as &[&str],
        &forms as _,
        &versions,
        &times,
    )
    .execute(connection)
    .await?;
    Ok(saved.rows_affected())
}
