//! Objectives that a caller sees: in lists, and counted in groups.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use sqlx::PgConnection;
use sqlx::types::Json;
use wenxiao_kernel::{DistrictCode, FiscalYear};
use wenxiao_platform::identity::Scope;
use wenxiao_platform::page::Page;
use wenxiao_platform::{Failure, Result};

use super::Row;
use crate::domain::form::Form;
use crate::domain::objective::{Adjustment, FilingKind, Objective};
use crate::domain::remark::{OpenRemark, Returned};
use crate::domain::task;
use crate::store::{word, year};

/// Objectives that look the same to whoever counts what waits.
pub struct Group {
    /// What decides which list they are on.
    pub key: task::Key,
    /// Their budget year.
    pub fiscal_year: FiscalYear,
    /// Their filing kind.
    pub filing_kind: FilingKind,
    /// The unit that files, by id.
    pub unit: String,
    /// Last day of an open return.
    pub return_due: Option<NaiveDate>,
    /// Last day for the caller's opinion, where a session waits for it.
    pub opinion_due: Option<NaiveDate>,
    /// How many.
    pub count: i32,
}

/// What a caller sees, in groups, of one budget year or all. Sessions wait for the caller's opinion on `awaited`, until
/// such a day.
pub async fn groups(
    connection: &mut PgConnection,
    district: DistrictCode,
    fiscal_year: i32,
    people: &[&str],
    scope: &Scope,
    awaited: &BTreeMap<String, Option<NaiveDate>>,
) -> Result<Vec<Group>> {
    let (ids, days): (Vec<&str>, Vec<Option<NaiveDate>>) =
        awaited.iter().map(|(id, day)| (id.as_str(), *day)).unzip();
    let rows = sqlx::query!(
        r#"select state, submitter = any($3) as "own!", w.id is not null as "awaited!", w.due as "opinion_due?",
             fiscal_year, filing_kind, unit_id, (returned ->> 'due_date')::date as return_due,
             count(*)::integer as "count!"
           from targets.objectives o left join unnest($6::text[], $7::date[]) as w(id, due) on w.id = o.id
           where district = $1 and ($2 = 0 or fiscal_year = $2)
             and ($4::text is null or starts_with(unit_code, $4))
             and ($5::text is null or exists (
                   select 1 from targets.review_assignments a
                   join targets.review_sessions s on s.district = a.district and s.id = a.session_id
                   where a.district = o.district and a.objective_id = o.id and s.institution_id = $5))
           group by 1, 2, 3, 4, 5, 6, 7, 8"#,
        district.as_i32(),
        fiscal_year,
        people as &[&str],
        scope.unit_prefix,
        scope.participant,
        &ids as &[&str],
        &days as &[Option<NaiveDate>],
    )
    .fetch_all(connection)
    .await?;
    let read = rows.into_iter().map(|row| {
        Ok(Group {
            key: task::Key {
                state: word("objectives.state", &row.state)?,
                own: row.own,
                awaited: row.awaited,
            },
            fiscal_year: year("objectives.fiscal_year", row.fiscal_year)?,
            filing_kind: word("objectives.filing_kind", &row.filing_kind)?,
            unit: row.unit_id,
            return_due: row.return_due,
            opinion_due: row.opinion_due,
            count: row.count,
        })
    });
    read.collect()
}

/// Which objectives a list shows. Empty fields do not narrow it.
#[derive(Debug, Default)]
pub struct Filter {
    /// Districts; `None` for all.
    pub districts: Option<Vec<i32>>,
    /// Budget year; 0 for all.
    pub fiscal_year: i32,
    /// State.
    pub state: Option<&'static str>,
    /// Implementing unit, by id.
    pub unit: Option<String>,
    /// Competent department, by id.
    pub department: Option<String>,
    /// Budget account.
    pub account: Option<&'static str>,
    /// Kind of the subject.
    pub subject_kind: Option<&'static str>,
    /// The subject, by id.
    pub subject_id: Option<String>,
    /// Filing kind.
    pub filing_kind: Option<&'static str>,
    /// Only units whose code starts with this.
    pub unit_prefix: Option<String>,
    /// Only what this institution was given to review.
    pub participant: Option<String>,
    /// Only what is on a list of the caller's.
    pub keys: Option<Vec<task::Key>>,
    /// Objectives on which a session waits for the caller's opinion, by id: what the keys ask for.
    pub awaited: Vec<String>,
    /// The caller, and in whose place they act.
    pub people: Vec<String>,
    /// Only what the caller returned and has not decided on again.
    pub returned_by_caller: bool,
}

/// A page of objectives with their districts, by district and id.
pub async fn list(
    connection: &mut PgConnection,
    filter: &Filter,
    page: &Page,
) -> Result<Vec<(DistrictCode, Objective)>> {
    let after: Option<i32> = page.key(0).and_then(|key| key.parse().ok());
    let states_of = |own: bool, awaited: bool| {
        let keys = filter.keys.as_ref()?.iter().filter(|key| key.own == own && key.awaited == awaited);
        Some(keys.map(|key| key.state.as_str()).collect::<Vec<_>>())
    };
    let (own, others, awaited) = (states_of(true, false), states_of(false, false), states_of(false, true));
    let rows = objectives!(
        "where ($1::integer[] is null or district = any($1))
         and ($2::integer = 0 or fiscal_year = $2)
         and ($3::text is null or state = $3)
         and ($4::text is null or unit_id = $4)
         and ($5::text is null or department_id = $5)
         and ($6::text is null or account = $6)
         and ($7::text is null or subject_kind = $7) and ($8::text is null or subject_id = $8)
         and ($9::text is null or filing_kind = $9)
         and ($10::text is null or starts_with(unit_code, $10))
         and ($11::text is null or exists (
         select 1 from targets.review_assignments a
         join targets.review_sessions s on s.district = a.district and s.id = a.session_id
         where a.district = o.district and a.objective_id = o.id and s.institution_id = $11))
         and ($12::integer is null or (district, id) > ($12, $13::text))
         and ($15::text[] is null or case when o.id = any($19) then state = any($20)
         when submitter = any($17) then state = any($15) else state = any($16) end)
         and (not $18 or returned ->> 'by' = any($17))
         order by district, id limit $14",
        filter.districts.as_deref(),
        filter.fiscal_year,
        filter.state,
        filter.unit,
        filter.department,
        filter.account,
        filter.subject_kind,
        filter.subject_id,
        filter.filing_kind,
        filter.unit_prefix,
        filter.participant,
        after,
        page.key(1),
        page.limit(),
        own as Option<Vec<&str>>,
        others as Option<Vec<&str>>,
        &filter.people,
        filter.returned_by_caller,
        &filter.awaited,
        awaited as Option<Vec<&str>>,
    )
    .fetch_all(connection)
    .await?;
    let read = |row: Row| {
        let district = DistrictCode::from_i32(row.district).map_err(Failure::internal)?;
        Ok((district, row.read()?))
    };
    rows.into_iter().map(read).collect()
}
