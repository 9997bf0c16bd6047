//! Budget positions and their totals (预算数).

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, NaiveDate, Utc};
use rust_decimal::Decimal;
use serde::Deserialize;
use sqlx::PgConnection;
use sqlx::types::Json;
use wenxiao_kernel::{BudgetAccount, DistrictCode, FiscalYear, Money};
use wenxiao_platform::Result;

use super::{Window, district_of, read};
use crate::domain::budget::{FundingSource, Line, Position, PositionKey};
use crate::error::database;

/// Positions of these project-years with their lines; those that exist are locked, in their order.
pub async fn lock_positions(
    connection: &mut PgConnection,
    district: DistrictCode,
    keys: &BTreeSet<PositionKey>,
) -> Result<BTreeMap<PositionKey, Position>> {
    let projects: Vec<String> = keys.iter().map(|(project, _)| project.clone()).collect();
    let years: Vec<i32> = keys.iter().map(|(_, year)| year.as_i32()).collect();
    let rows = sqlx::query!(
        "select b.project, b.fiscal_year, b.version from registry.budget_positions b
         join unnest($2::text[], $3::integer[]) as asked(project, fiscal_year)
           on b.project = asked.project and b.fiscal_year = asked.fiscal_year
         where b.district = $1 order by b.project, b.fiscal_year for update of b",
        district.as_i32(),
        &projects,
        &years,
    )
    .fetch_all(&mut *connection)
    .await?;
    let mut positions = BTreeMap::new();
    for row in rows {
        let key: PositionKey = (row.project, read(row.fiscal_year.try_into())?);
        positions.insert(key, Position { version: row.version, ..Position::default() });
    }
    let lines = sqlx::query_as!(
        LineRow,
        "select l.project, l.fiscal_year, l.budget_account, l.funding_source, l.initial, l.supplement, l.reduction,
                l.carry_over, l.virement, l.at_least, l.at_most
         from registry.budget_lines l
         join unnest($2::text[], $3::integer[]) as asked(project, fiscal_year)
           on l.project = asked.project and l.fiscal_year = asked.fiscal_year
         where l.district = $1",
        district.as_i32(),
        &projects,
        &years,
    )
    .fetch_all(connection)
    .await?;
    for row in lines {
        let key: PositionKey = (row.project.clone(), read(row.fiscal_year.try_into())?);
        let (place, line) = row.line()?;
        positions.entry(key).or_default().lines.insert(place, line);
    }
    Ok(positions)
}

/// A line as the database has it; also as it comes aggregated in JSON.
#[derive(Debug, Deserialize)]
struct LineRow {
    #[serde(default)]
    project: String,
    #[serde(default)]
    fiscal_year: i32,
    budget_account: String,
    funding_source: String,
    initial: Decimal,
    supplement: Decimal,
    reduction: Decimal,
    carry_over: Decimal,
    virement: Decimal,
    at_least: i32,
    at_most: i32,
}

impl LineRow {
    fn line(&self) -> Result<((BudgetAccount, FundingSource), Line)> {
        let amount = |yuan: Decimal| read(Money::from_yuan(yuan));
        let line = Line {
            initial: amount(self.initial)?,
            supplement: amount(self.supplement)?,
            reduction: amount(self.reduction)?,
            carry_over: amount(self.carry_over)?,
            virement: amount(self.virement)?,
            at_least: self.at_least,
            at_most: self.at_most,
        };
        Ok(((read(self.budget_account.parse())?, read(self.funding_source.parse())?), line))
    }
}

/// Writes positions with their lines: new ones, and others over exactly the version before. Says how many were
/// written.
pub async fn save_positions(
    connection: &mut PgConnection,
    district: DistrictCode,
    positions: &BTreeMap<PositionKey, Position>,
    now: DateTime<Utc>,
) -> Result<u64> {
    let projects: Vec<String> = positions.keys().map(|(project, _)| project.clone()).collect();
    let years: Vec<i32> = positions.keys().map(|(_, year)| year.as_i32()).collect();
    let versions: Vec<i64> = positions.values().map(|position| position.version).collect();
    let done = sqlx::query!(
        "insert into registry.budget_positions as kept (district, project, fiscal_year, version, update_time)
         select $1, *, $5 from unnest($2::text[], $3::integer[], $4::bigint[])
         on conflict (district, project, fiscal_year) do update
         set version = excluded.version, update_time = excluded.update_time where kept.version = excluded.version - 1",
        district.as_i32(),
        &projects,
        &years,
        &versions,
        now,
    )
    .execute(&mut *connection)
    .await
    .map_err(database)?;
    save_lines(connection, district, positions).await?;
    Ok(done.rows_affected())
}

async fn save_lines(
    connection: &mut PgConnection,
    district: DistrictCode,
    positions: &BTreeMap<PositionKey, Position>,
) -> Result<()> {
    let lines =
        positions.iter().flat_map(|(key, position)| position.lines.iter().map(move |line| (key, line)));
    let lines: Vec<_> = lines.collect();
    let amounts =
        |part: fn(&Line) -> Money| lines.iter().map(|(_, (_, line))| part(line).yuan()).collect::<Vec<_>>();
    sqlx::query!(
        "insert into registry.budget_lines (district, project, fiscal_year, budget_account, funding_source, initial,
                supplement, reduction, carry_over, virement, at_least, at_most)
         select $1, * from unnest($2::text[], $3::integer[], $4::text[], $5::text[], $6::numeric[], $7::numeric[],
                $8::numeric[], $9::numeric[], $10::numeric[], $11::integer[], $12::integer[])
         on conflict (district, project, fiscal_year, budget_account, funding_source) do update
         set initial = excluded.initial, supplement = excluded.supplement, reduction = excluded.reduction,
             carry_over = excluded.carry_over, virement = excluded.virement, at_least = excluded.at_least,
             at_most = excluded.at_most",
        district.as_i32(),
        &lines.iter().map(|((key, _), _)| key.clone()).collect::<Vec<_>>(),
        &lines.iter().map(|((_, year), _)| year.as_i32()).collect::<Vec<_>>(),
        &lines.iter().map(|(_, ((account, _), _))| account.as_str().to_owned()).collect::<Vec<_>>(),
        &lines.iter().map(|(_, ((_, source), _))| source.as_str().to_owned()).collect::<Vec<_>>(),
        &amounts(|line| line.initial),
        &amounts(|line| line.supplement),
        &amounts(|line| line.reduction),
        &amounts(|line| line.carry_over),
        &amounts(|line| line.virement),
        &lines.iter().map(|(_, (_, line))| line.at_least).collect::<Vec<_>>(),
        &lines.iter().map(|(_, (_, line))| line.at_most).collect::<Vec<_>>(),
    )
    .execute(connection)
    .await
    .map_err(database)?;
    Ok(())
}

/// A position with the project facts that it is shown with.
#[derive(Clone, Debug)]
pub struct ShownPosition {
    /// District.
    pub district: DistrictCode,
    /// Identifier of the project.
    pub project: String,
    /// 预算年度.
    pub fiscal_year: FiscalYear,
    /// The project's account.
    pub budget_account: BudgetAccount,
    /// The project's implementing unit.
    pub implementing_unit: String,
    /// Version and lines.
    pub position: Position,
    /// When the last entry was entered.
    pub update_time: DateTime<Utc>,
}

/// What a list of positions is narrowed to.
#[derive(Clone, Debug, Default)]
pub struct PositionFilter {
    /// Budget year.
    pub fiscal_year: Option<i32>,
    /// Identifier of the project.
    pub project: Option<String>,
    /// Implementing unit, or the head of its branch.
    pub unit: Option<String>,
    /// The project's account.
    pub budget_account: Option<BudgetAccount>,
    /// Only projects of units whose code begins so.
    pub unit_prefix: Option<String>,
}

/// Positions in the order of project and year, each with its lines in the same statement. The page's keys are
/// district, project and year.
pub async fn list_positions(
    connection: &mut PgConnection,
    window: &Window,
    after_year: Option<i32>,
    filter: &PositionFilter,
) -> Result<Vec<ShownPosition>> {
    let rows = sqlx::query!(
        r#"select b.district, b.project, b.fiscal_year, b.version, b.update_time, p.budget_account, p.implementing_unit,
                  l.lines as "lines: Json<Vec<LineRow>>"
           from registry.budget_positions b
           join registry.projects p on p.district = b.district and p.id = b.project
           cross join lateral (select jsonb_agg(jsonb_build_object('budget_account', budget_account,
                  'funding_source', funding_source, 'initial', initial::text, 'supplement', supplement::text,
                  'reduction', reduction::text, 'carry_over', carry_over::text, 'virement', virement::text,
                  'at_least', at_least, 'at_most', at_most)) as lines
                  from registry.budget_lines l
                  where l.district = b.district and l.project = b.project and l.fiscal_year = b.fiscal_year) l
           where ($1::integer[] is null or b.district = any($1))
             and ($2::text is null or (b.district, b.project, b.fiscal_year) > ($3, $2, $5))
             and ($6::integer is null or b.fiscal_year = $6)
             and ($7::text is null or b.project = $7)
             and ($8::text is null or starts_with(p.implementing_unit, $8))
             and ($9::text is null or p.budget_account = $9)
             and ($10::text is null or starts_with(p.implementing_unit, $10))
           order by b.district, b.project, b.fiscal_year limit $4"#,
        window.districts.as_deref(),
        window.after_id.as_deref(),
        window.after_district,
        window.limit,
        after_year,
        filter.fiscal_year,
        filter.project.as_deref(),
        filter.unit.as_deref(),
        filter.budget_account.map(BudgetAccount::as_str),
        filter.unit_prefix.as_deref(),
    )
    .fetch_all(connection)
    .await?;
    let mut shown = Vec::with_capacity(rows.len());
    for row in rows {
        let mut position = Position { version: row.version, ..Position::default() };
        for line in row.lines.map(|lines| lines.0).unwrap_or_default() {
            let (key, line) = line.line()?;
            position.lines.insert(key, line);
        }
        shown.push(ShownPosition {
            district: district_of(row.district)?,
            project: row.project,
            fiscal_year: read(row.fiscal_year.try_into())?,
            budget_account: read(row.budget_account.parse())?,
            implementing_unit: row.implementing_unit,
            position,
            update_time: row.update_time,
        });
    }
    Ok(shown)
}

/// All positions of a project, in the order of years.
pub async fn of_project(
    connection: &mut PgConnection,
    district: DistrictCode,
    project: &str,
) -> Result<Vec<ShownPosition>> {
    let window = Window {
        districts: Some(vec![district.as_i32()]),
        after_district: None,
        after_id: None,
        limit: i64::from(i16::MAX), // budget years are few: 1990 to 2100
    };
    let filter = PositionFilter { project: Some(project.to_owned()), ..PositionFilter::default() };
    list_positions(connection, &window, None, &filter).await
}

/// What totals are broken down by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Grouping {
    /// By account alone.
    Account,
    /// By account and local type.
    LocalProjectType,
    /// By account and head of the branch.
    Department,
}

/// Total of one group (汇总行).
#[derive(Clone, Debug)]
pub struct Total {
    /// Account.
    pub budget_account: BudgetAccount,
    /// District of the group; `None` when the total spans the city.
    pub district: Option<DistrictCode>,
    /// Local type or code of the department; empty when there is none.
    pub group: String,
    /// Projects.
    pub project_count: i64,
    /// Bodies: a "本级" unit is its department.
    pub unit_count: i64,
    /// Initial budgets.
    pub initial: Money,
    /// Adjusted budgets.
    pub adjusted: Money,
    /// Entries in it that make it a lower and an upper bound.
    pub open: (i64, i64),
}

/// Totals of one budget year, by whose the projects were on a day, or are. Groups below the account are told apart by
/// district.
pub async fn summarize(
    connection: &mut PgConnection,
    districts: Option<&[i32]>,
    fiscal_year: i32,
    grouping: Grouping,
    exclude_classified: bool,
    day: Option<NaiveDate>,
) -> Result<Vec<Total>> {
    let grouped = match grouping {
        Grouping::Account => 0,
        Grouping::LocalProjectType => 1,
        Grouping::Department => 2,
    };
    let rows = sqlx::query!(
        r#"select l.budget_account,
                  case $3::integer when 0 then null else l.district end as district,
                  case $3::integer when 1 then coalesce(p.local_project_type, '')
                                   when 2 then left(u.agency_code, 3) else '' end as "group!",
                  count(distinct (l.district, l.project)) as "project_count!",
                  count(distinct (l.district, case u.kind when 'own_unit' then left(u.agency_code, -3)
                                                          else u.agency_code end)) as "unit_count!",
                  sum(l.initial) as "initial!", sum(l.adjusted) as "adjusted!",
                  sum(l.at_least) as "at_least!", sum(l.at_most) as "at_most!"
           from registry.budget_lines l
           join registry.projects p on p.district = l.district and p.id = l.project
           join registry.units u on u.district = p.district
             and u.agency_code = case when $5::date is null then p.implementing_unit
               else registry.implementing_unit_on(p.implementing_unit, p.details, $5) end
           where ($1::integer[] is null or l.district = any($1)) and l.fiscal_year = $2
             and (not $4::boolean or p.secrecy = 'none')
           group by 1, 2, 3 order by 1, 2, 3"#,
        districts,
        fiscal_year,
        grouped,
        exclude_classified,
        day,
    )
    .fetch_all(connection)
    .await?;
    let total = |row: &Decimal| read(Money::from_yuan(*row));
    rows.into_iter()
        .map(|row| {
            Ok(Total {
                budget_account: read(row.budget_account.parse())?,
                district: row.district.map(district_of).transpose()?,
                group: row.group,
                project_count: row.project_count,
                unit_count: row.unit_count,
                initial: total(&row.initial)?,
                adjusted: total(&row.adjusted)?,
                open: (row.at_least, row.at_most),
            })
        })
        .collect()
}
