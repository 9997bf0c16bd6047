//! Filing windows, how far the units are with them, and who was reminded.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::PgConnection;
use sqlx::types::Json;
use wenxiao_kernel::DistrictCode;
use wenxiao_platform::page::Page;
use wenxiao_platform::{Failure, Result};

use super::{word, year};
use crate::domain::window::{Extension, Window};

/// A row as it is stored.
struct Row {
    id: String,
    fiscal_year: i32,
    filing_kind: String,
    open_date: NaiveDate,
    due_date: NaiveDate,
    department_due_date: Option<NaiveDate>,
    reminder_days: Vec<i32>,
    overdue_reminder_days: i32,
    extensions: Json<Vec<Extension>>,
    inherited: Json<Vec<Extension>>,
    create_time: DateTime<Utc>,
    update_time: DateTime<Utc>,
    version: i64,
}

impl Row {
    fn read(self) -> Result<Window> {
        Ok(Window {
            id: self.id,
            fiscal_year: year("filing_windows.fiscal_year", self.fiscal_year)?,
            filing_kind: word("filing_windows.filing_kind", &self.filing_kind)?,
            open_date: self.open_date,
            due_date: self.due_date,
            department_due_date: self.department_due_date,
            reminder_days: self.reminder_days,
            overdue_reminder_days: self.overdue_reminder_days,
            extensions: self.extensions.0,
            inherited: self.inherited.0,
            create_time: self.create_time,
            update_time: self.update_time,
            version: self.version,
        })
    }
}

/// The windows `w` that a condition finds, with the extensions of units that others have taken over as those have them.
macro_rules! windows {
    ($condition:tt, $($value:expr),+ $(,)?) => {
        sqlx::query_as!(
            Row,
            r#"select id, fiscal_year, filing_kind, open_date, due_date, department_due_date, reminder_days,
                 overdue_reminder_days, extensions as "extensions: Json<Vec<Extension>>",
                 coalesce((select jsonb_agg(extension || jsonb_build_object('unit', h.heir_id))
                   from jsonb_array_elements(w.extensions) as extension
                   join targets.unit_heirs h on h.district = w.district and h.unit_id = extension ->> 'unit'), '[]')
                   as "inherited!: Json<Vec<Extension>>",
                 create_time, update_time, version
               from targets.filing_windows w "# + $condition,
            $($value),+
        )
    };
}

/// One window.
pub async fn load(connection: &mut PgConnection, district: DistrictCode, id: &str) -> Result<Option<Window>> {
    let row = windows!("where district = $1 and id = $2", district.as_i32(), id,)
        .fetch_optional(connection)
        .await?;
    row.map(Row::read).transpose()
}

/// The windows of some budget years.
pub async fn of_years(
    connection: &mut PgConnection,
    district: DistrictCode,
    years: &[i32],
) -> Result<Vec<Window>> {
    let rows = windows!("where district = $1 and fiscal_year = any($2)", district.as_i32(), years,)
        .fetch_all(connection)
        .await?;
    rows.into_iter().map(Row::read).collect()
}

/// Windows by id after the page before, of one budget year or all.
pub async fn list(
    connection: &mut PgConnection,
    district: DistrictCode,
    fiscal_year: i32,
    page: &Page,
) -> Result<Vec<Window>> {
    let rows = windows!(
        "where district = $1 and ($2 = 0 or fiscal_year = $2) and ($3::text is null or id > $3)
         order by id limit $4",
        district.as_i32(),
        fiscal_year,
        page.key(0),
        page.limit(),
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter().map(Row::read).collect()
}

/// Enters a window, or saves it in the place of the `before`; tells whether it did.
pub async fn save(
    connection: &mut PgConnection,
    district: DistrictCode,
    before: Option<i64>,
    window: &Window,
) -> Result<bool> {
    let done = sqlx::query!(
        "insert into targets.filing_windows as w (district, id, fiscal_year, filing_kind, open_date, due_date,
           department_due_date, reminder_days, extensions, create_time, update_time, version, overdue_reminder_days)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $14)
         on conflict (district, id) do update set open_date = excluded.open_date, due_date = excluded.due_date,
           department_due_date = excluded.department_due_date, reminder_days = excluded.reminder_days,
           overdue_reminder_days = excluded.overdue_reminder_days, extensions = excluded.extensions,
           update_time = excluded.update_time, version = excluded.version
         where w.version = $13",
        district.as_i32(),
        window.id,
        window.fiscal_year.as_i32(),
        window.filing_kind.as_str(),
        window.open_date,
        window.due_date,
        window.department_due_date,
        &window.reminder_days,
        Json(&window.extensions) as _,
        window.create_time,
        window.update_time,
        window.version,
        before,
        window.overdue_reminder_days,
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// How far one unit is with a year and kind.
pub struct Progress {
    /// Unit, by id.
    pub unit: String,
    /// Projects with a budget in the year.
    pub projects: i32,
    /// Of these, without any form.
    pub missing: i32,
    /// Begun and never submitted.
    pub drafts: i32,
    /// Returned and not submitted again.
    pub returned: i32,
    /// Of these, past the last day that their return set.
    pub late_returned: i32,
    /// The last days of those whose return set one.
    pub return_days: Vec<NaiveDate>,
    /// Submitted and not returned.
    pub submitted: i32,
    /// Of these, with the competent department.
    pub with_department: i32,
}

impl Progress {
    /// Forms that the unit has still to hand in for the first time.
    pub fn owed(&self) -> i32 {
        self.missing.saturating_add(self.drafts)
    }
}

/// Which units a list of progress shows.
#[derive(Clone, Copy, Debug)]
pub struct Units<'a> {
    /// Only units whose code starts with this.
    pub prefix: Option<&'a str>,
    /// Only those that owe a form.
    pub owing: bool,
    /// Only those of which something is late.
    pub overdue: bool,
    /// The day that it is looked at.
    pub today: NaiveDate,
}

/// How far the units of a scope are, by unit after the page before; without a page all of them. An annual window asks
/// for a form of every open project with an initial budget, a mid-year one only looks at the forms there are.
pub async fn progress(
    connection: &mut PgConnection,
    district: DistrictCode,
    window: &Window,
    units: Units<'_>,
    page: Option<&Page>,
) -> Result<Vec<Progress>> {
    let (extended, until): (Vec<&str>, Vec<NaiveDate>) =
        window.later_days().map(|extension| (extension.unit.as_str(), extension.due_date)).unzip();
    let rows = sqlx::query_as!(
        Progress,
        r#"with owed as (
             select p.unit_id, p.id from targets.projects p
             where p.district = $1 and p.open and $3 = 'annual' and ($4::text is null or starts_with(p.unit_id, $4))
               and exists (select 1 from targets.project_budgets b where b.district = p.district
                 and b.fiscal_year = $2 and b.project_id = p.id and b.initial_amount > 0)
           ), forms as (
             select unit_id, subject_id, subject_kind, state, (returned ->> 'due_date')::date as return_due
             from targets.objectives
             where district = $1 and fiscal_year = $2 and filing_kind = $3
               and ($4::text is null or starts_with(unit_code, $4))
           ), by_unit as (
             select unit_id, count(*)::integer as projects,
               (count(*) filter (where not exists (select 1 from forms f
                 where f.subject_kind = 'project' and f.subject_id = owed.id)))::integer as missing,
               0 as drafts, 0 as returned, 0 as late_returned, null::date[] as return_days,
               0 as submitted, 0 as with_department
             from owed group by unit_id
             union all
             select unit_id, 0, 0, (count(*) filter (where state = 'draft'))::integer,
               (count(*) filter (where state = 'returned'))::integer,
               (count(*) filter (where state = 'returned' and return_due < $8))::integer,
               array_agg(return_due order by return_due) filter (where state = 'returned' and return_due is not null),
               (count(*) filter (where state not in ('draft', 'returned', 'closed')))::integer,
               (count(*) filter (where state = 'department_review'))::integer
             from forms group by unit_id
           ), units as (
             select unit_id as unit, sum(projects)::integer as projects, sum(missing)::integer as missing,
               sum(drafts)::integer as drafts, sum(returned)::integer as returned,
               sum(late_returned)::integer as late_returned, max(return_days) as return_days,
               sum(submitted)::integer as submitted, sum(with_department)::integer as with_department
             from by_unit where $5::text is null or unit_id > $5 group by unit_id
           )
           select unit as "unit!", projects as "projects!", missing as "missing!", drafts as "drafts!",
             returned as "returned!", late_returned as "late_returned!",
             coalesce(return_days, '{}') as "return_days!", submitted as "submitted!", with_department as "with_department!"
           from units u
           where (not $6 or missing + drafts + returned > 0)
             and (not $9 or late_returned > 0 or (with_department > 0 and $10::date < $8)
               or (missing + drafts > 0 and $8 > coalesce((select max(later.due)
                 from unnest($12::text[], $13::date[]) as later(unit, due) where later.unit = u.unit), $11)))
           order by unit limit $7"#,
        district.as_i32(),
        window.fiscal_year.as_i32(),
        window.filing_kind.as_str(),
        units.prefix,
        page.and_then(|page| page.key(0)),
        units.owing,
        page.map_or(i64::MAX, Page::limit),
        units.today,
        units.overdue,
        window.department_due_date,
        window.due_date,
        &extended as &[&str],
        &until,
    )
    .fetch_all(connection)
    .await?;
    Ok(rows)
}

/// How many forms of a year and kind lie with which department, by its id.
pub async fn with_departments(
    connection: &mut PgConnection,
    district: DistrictCode,
    window: &Window,
) -> Result<BTreeMap<String, i32>> {
    let rows = sqlx::query!(
        r#"select department_id, count(*)::integer as "forms!" from targets.objectives
           where district = $1 and fiscal_year = $2 and filing_kind = $3 and state = 'department_review'
           group by department_id"#,
        district.as_i32(),
        window.fiscal_year.as_i32(),
        window.filing_kind.as_str(),
    )
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(|row| (row.department_id, row.forms)).collect())
}

/// Windows of a district that may remind somebody on a day: open, and not over for longer than they remind, the last days
/// of extensions, returns and departments counted.
pub async fn reminding(
    connection: &mut PgConnection,
    district: DistrictCode,
    today: NaiveDate,
) -> Result<Vec<Window>> {
    let rows = windows!(
        "where district = $1 and open_date <= $2 and $2 - overdue_reminder_days <= greatest(due_date, department_due_date,
         (select max((extension ->> 'due_date')::date) from jsonb_array_elements(extensions) as extension),
         (select max((o.returned ->> 'due_date')::date) from targets.objectives o where o.district = w.district
           and o.returned is not null and o.state = 'returned' and o.fiscal_year = w.fiscal_year
           and o.filing_kind = w.filing_kind))
         order by id",
        district.as_i32(),
        today,
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter().map(Row::read).collect()
}

/// Districts with a window that may remind somebody on a day. Needs a connection that reads across districts.
pub async fn reminding_districts(
    connection: &mut PgConnection,
    today: NaiveDate,
) -> Result<Vec<DistrictCode>> {
    let rows = sqlx::query_scalar!(
        "select distinct district from targets.filing_windows w
         where open_date <= $1 and $1 - overdue_reminder_days <= greatest(due_date, department_due_date,
           (select max((extension ->> 'due_date')::date) from jsonb_array_elements(extensions) as extension),
           (select max((o.returned ->> 'due_date')::date) from targets.objectives o where o.district = w.district
             and o.returned is not null and o.state = 'returned' and o.fiscal_year = w.fiscal_year
             and o.filing_kind = w.filing_kind))
         order by district",
        today,
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter().map(|code| DistrictCode::from_i32(code).map_err(Failure::internal)).collect()
}

/// Notes that units are reminded on a day, and says which of them had not been.
pub async fn note_reminders(
    connection: &mut PgConnection,
    district: DistrictCode,
    window: &str,
    day: NaiveDate,
    units: &[String],
) -> Result<Vec<String>> {
    let new = sqlx::query_scalar!(
        "insert into targets.filing_reminders (district, window_id, day, unit_id)
         select $1, $2, $3, unit from unnest($4::text[]) as unit on conflict do nothing returning unit_id",
        district.as_i32(),
        window,
        day,
        units,
    )
    .fetch_all(connection)
    .await?;
    Ok(new)
}
