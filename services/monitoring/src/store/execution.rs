//! Budget against outturn, from the totals.

use sqlx::PgConnection;
use wenxiao_kernel::{BudgetAccount, Decimal, DistrictCode, FiscalYear};
use wenxiao_platform::Result;

use super::{money, word};
use crate::domain::execution::{Amounts, FundingLine};
use crate::domain::schedule::Share;

/// What execution figures are about. The words are those of the statements below.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// One project.
    Project,
    /// One unit, without its subordinates.
    Unit,
    /// A department with all its units.
    Department,
    /// The whole district.
    District,
}

impl Kind {
    /// The word in SQL.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Project => "project",
            Self::Unit => "unit",
            Self::Department => "department",
            Self::District => "district",
        }
    }
}

/// Which part of a year's totals counts.
#[derive(Clone, Copy, Debug)]
pub struct Span {
    /// Budget year.
    pub fiscal_year: i32,
    /// January to this month.
    pub month: i16,
    /// Only this account.
    pub account: Option<BudgetAccount>,
    /// Only this funding source, by the registry's number.
    pub funding_source: Option<i32>,
}

impl Span {
    /// All accounts and sources from January to the end of a month.
    pub fn until(fiscal_year: FiscalYear, month: u32) -> Self {
        let month = i16::try_from(month).unwrap_or(12);
        Self { fiscal_year: fiscal_year.as_i32(), month, account: None, funding_source: None }
    }

    /// The account's word in SQL.
    fn account(&self) -> Option<&'static str> {
        self.account.map(BudgetAccount::as_str)
    }
}

/// A project or unit: who it is and to whom it belongs.
#[derive(Clone, Debug)]
pub struct Named {
    /// Its id.
    pub id: String,
    /// Name in Chinese.
    pub title: String,
    /// Unit that it belongs to, by id: a unit's own, or its heir's.
    pub unit: String,
    /// Agency code of that unit.
    pub agency_code: String,
    /// Department, by id.
    pub department: String,
    /// Whether it is the head of a branch.
    pub is_department: bool,
}

/// A project, with the agency code of its unit.
pub async fn project(
    connection: &mut PgConnection,
    district: DistrictCode,
    id: &str,
) -> Result<Option<Named>> {
    let found = sqlx::query_as!(
        Named,
        r#"select p.project_id as id, p.title, p.unit_id as unit, coalesce(u.agency_code, p.unit_id) as "agency_code!",
             p.department_id as department, false as "is_department!"
           from monitoring.projects p
           left join monitoring.units u on u.district = p.district and u.unit_id = p.unit_id
           where p.district = $1 and p.project_id = $2"#,
        district.as_i32(),
        id,
    )
    .fetch_optional(connection)
    .await?;
    Ok(found)
}

/// A unit; one that has ended belongs to who took over.
pub async fn unit(connection: &mut PgConnection, district: DistrictCode, id: &str) -> Result<Option<Named>> {
    let found = sqlx::query_as!(
        Named,
        "select u.unit_id as id, u.title, heir.unit_id as unit, heir.agency_code, heir.department_id as department,
           u.is_department
         from monitoring.units u
         join monitoring.units heir on heir.district = $1 and heir.unit_id = coalesce(u.heir_id, u.unit_id)
         where u.district = $1 and u.unit_id = $2",
        district.as_i32(),
        id,
    )
    .fetch_optional(connection)
    .await?;
    Ok(found)
}

/// The totals of one subject: each funding line, and what was executed in each month from January on.
pub struct Totals {
    /// By account and source.
    pub lines: Vec<FundingLine>,
    /// Executed per month.
    pub monthly: Vec<Decimal>,
}

impl Totals {
    /// All lines together.
    pub fn amounts(&self) -> Amounts {
        self.lines.iter().fold(Amounts::default(), |sum, line| sum.checked_add(line.amounts).unwrap_or(sum))
    }
}

/// The totals of one project, unit, department or of the district (`id` empty).
pub async fn totals(
    connection: &mut PgConnection,
    district: DistrictCode,
    kind: Kind,
    id: &str,
    span: Span,
) -> Result<Totals> {
    // A branch whose one-time filter is false is never entered: each kind reads by its own index.
    let rows = sqlx::query!(
        r#"select t.account as "account!", t.funding_source as "funding_source!", t.month as "month!",
             sum(t.initial) as "initial!", sum(t.increase) as "increase!", sum(t.reduction) as "reduction!",
             sum(t.executed) as "executed!"
           from (
             select account, funding_source, month, initial, increase, reduction, executed
             from monitoring.execution_totals
             where $2 = 'project' and district = $1 and fiscal_year = $4 and project_id = $3
             union all
             select t.account, t.funding_source, t.month, t.initial, t.increase, t.reduction, t.executed
             from monitoring.projects p
             join monitoring.execution_totals t
               on t.district = $1 and t.fiscal_year = $4 and t.project_id = p.project_id
             where $2 = 'unit' and p.district = $1 and p.unit_id = $3
             union all
             select account, funding_source, month, initial, increase, reduction, executed
             from monitoring.department_totals
             where $2 = 'department' and district = $1 and fiscal_year = $4 and department_id = $3
             union all
             select account, funding_source, month, initial, increase, reduction, executed
             from monitoring.department_totals
             where $2 = 'district' and district = $1 and fiscal_year = $4) t
           where t.month <= $5 and ($6::text is null or t.account = $6)
             and ($7::integer is null or t.funding_source = $7)
           group by t.account, t.funding_source, t.month
           order by t.account, t.funding_source, t.month"#,
        district.as_i32(),
        kind.as_str(),
        id,
        span.fiscal_year,
        span.month,
        span.account(),
        span.funding_source,
    )
    .fetch_all(connection)
    .await?;
    let mut lines: Vec<FundingLine> = Vec::new();
    let mut monthly = vec![Decimal::ZERO; usize::try_from(span.month).unwrap_or_default()];
    for row in rows {
        let account = word(&row.account)?;
        let amounts = Amounts {
            initial: money(row.initial)?,
            increase: money(row.increase)?,
            reduction: money(row.reduction)?,
            executed: money(row.executed)?,
        };
        if let Some(place) = usize::try_from(row.month - 1).ok().and_then(|place| monthly.get_mut(place)) {
            *place += row.executed;
        }
        match lines.last_mut().filter(|l| l.account == account && l.funding_source == row.funding_source) {
            Some(line) => line.amounts = line.amounts.checked_add(amounts).unwrap_or(line.amounts),
            None => lines.push(FundingLine { account, funding_source: row.funding_source, amounts }),
        }
    }
    Ok(Totals { lines, monthly })
}

/// What a list of executions asks for.
pub struct Filter<'a> {
    /// Projects, units or departments.
    pub kind: Kind,
    /// Which part of the year.
    pub span: Span,
    /// Only this department and what belongs to it.
    pub department: Option<&'a str>,
    /// Only units whose code starts with this.
    pub unit_prefix: Option<&'a str>,
    /// Only those strictly below this schedule.
    pub below: Option<Share>,
    /// Id of the last one of the page before.
    pub after: Option<&'a str>,
    /// How many.
    pub limit: i64,
}

/// A line of a list as it is stored.
struct Row {
    id: String,
    title: String,
    unit_id: String,
    agency_code: String,
    department_id: String,
    initial: Decimal,
    increase: Decimal,
    reduction: Decimal,
    executed: Decimal,
}

/// Projects, units or departments that have a budget or payments in the year, by id.
pub async fn list(
    connection: &mut PgConnection,
    district: DistrictCode,
    filter: &Filter<'_>,
) -> Result<Vec<(Named, Amounts)>> {
    let rows = match filter.kind {
        Kind::Project => projects(connection, district, filter).await?,
        Kind::Unit | Kind::Department | Kind::District => units(connection, district, filter).await?,
    };
    let read = |row: Row| {
        let amounts = Amounts {
            initial: money(row.initial)?,
            increase: money(row.increase)?,
            reduction: money(row.reduction)?,
            executed: money(row.executed)?,
        };
        let named = Named {
            id: row.id,
            title: row.title,
            unit: row.unit_id,
            agency_code: row.agency_code,
            department: row.department_id,
            is_department: filter.kind == Kind::Department,
        };
        Ok((named, amounts))
    };
    rows.into_iter().map(read).collect()
}

/// Takes the projects in their order and sums each one's totals until the page is full. `offset 0` keeps the order apart
/// from the sums: a plan for any filter would sum all projects and sort them afterwards.
async fn projects(
    connection: &mut PgConnection,
    district: DistrictCode,
    filter: &Filter<'_>,
) -> Result<Vec<Row>> {
    let rows = sqlx::query_as!(
        Row,
        r#"select p.project_id as id, p.title, p.unit_id, p.agency_code as "agency_code!", p.department_id,
             x.initial as "initial!", x.increase as "increase!", x.reduction as "reduction!", x.executed as "executed!"
           from (
             select p.project_id, p.title, p.unit_id, p.department_id, coalesce(u.agency_code, p.unit_id) as agency_code
             from monitoring.projects p
             left join monitoring.units u on u.district = $1 and u.unit_id = p.unit_id
             where p.district = $1 and p.project_id > $5
               and ($6::text is null or p.department_id = $6)
               and ($7::text is null or starts_with(coalesce(u.agency_code, p.unit_id), $7))
             order by p.project_id offset 0) p
           cross join lateral (
             select sum(initial) as initial, sum(increase) as increase, sum(reduction) as reduction,
               sum(executed) as executed
             from monitoring.execution_totals
             where district = $1 and fiscal_year = $2 and project_id = p.project_id and month <= $3
               and ($4::text is null or account = $4) and ($11::integer is null or funding_source = $11)) x
           where x.executed is not null
             and ($8::numeric is null or (x.initial + x.increase - x.reduction > 0
               and x.executed * $9 < (x.initial + x.increase - x.reduction) * $8))
           order by p.project_id limit $10"#,
        district.as_i32(),
        filter.span.fiscal_year,
        filter.span.month,
        filter.span.account(),
        filter.after.unwrap_or_default(),
        filter.department,
        filter.unit_prefix,
        filter.below.map(|share| share.part),
        filter.below.map(|share| share.whole),
        filter.limit,
        filter.span.funding_source,
    )
    .fetch_all(connection)
    .await?;
    Ok(rows)
}

/// The same of units, or of departments with all that is summed under them.
async fn units(
    connection: &mut PgConnection,
    district: DistrictCode,
    filter: &Filter<'_>,
) -> Result<Vec<Row>> {
    let rows = sqlx::query_as!(
        Row,
        r#"select u.unit_id as id, u.title, u.unit_id, u.agency_code, u.department_id, x.initial as "initial!",
             x.increase as "increase!", x.reduction as "reduction!", x.executed as "executed!"
           from (
             select unit_id, title, agency_code, department_id from monitoring.units
             where district = $1 and unit_id > $6 and (is_department or not $3)
               and ($7::text is null or department_id = $7)
               and ($8::text is null or starts_with(agency_code, $8))
             order by unit_id offset 0) u
           cross join lateral (
             select sum(t.initial) as initial, sum(t.increase) as increase, sum(t.reduction) as reduction,
               sum(t.executed) as executed
             from (
               select t.account, t.funding_source, t.month, t.initial, t.increase, t.reduction, t.executed
               from monitoring.projects p
               join monitoring.execution_totals t
                 on t.district = $1 and t.fiscal_year = $2 and t.project_id = p.project_id
               where not $3 and p.district = $1 and p.unit_id = u.unit_id
               union all
               select account, funding_source, month, initial, increase, reduction, executed
               from monitoring.department_totals
               where $3 and district = $1 and fiscal_year = $2 and department_id = u.unit_id) t
             where t.month <= $4 and ($5::text is null or t.account = $5)
               and ($12::integer is null or t.funding_source = $12)) x
           where x.executed is not null
             and ($9::numeric is null or (x.initial + x.increase - x.reduction > 0
               and x.executed * $10 < (x.initial + x.increase - x.reduction) * $9))
           order by u.unit_id limit $11"#,
        district.as_i32(),
        filter.span.fiscal_year,
        filter.kind == Kind::Department,
        filter.span.month,
        filter.span.account(),
        filter.after.unwrap_or_default(),
        filter.department,
        filter.unit_prefix,
        filter.below.map(|share| share.part),
        filter.below.map(|share| share.whole),
        filter.limit,
        filter.span.funding_source,
    )
    .fetch_all(connection)
    .await?;
    Ok(rows)
}
