//! What the objectives of a year add up to.

use sqlx::PgConnection;
use wenxiao_kernel::{DistrictCode, FiscalYear, Grade, Money};
use wenxiao_platform::{Failure, Result};

use super::{maybe_word, word};
use crate::domain::coverage::{AccountFigures, Basis};
use crate::domain::objective::State;

/// Counts of a year.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Budget units with a ratified project objective.
    pub units: i32,
    /// Subdistrict offices with one.
    pub subdistricts: i32,
    /// Ratified objectives of whole departments.
    pub departments: i32,
    /// Returned at least once.
    pub returned: i32,
    /// Returned and submitted again.
    pub resubmitted: i32,
}

/// Figures per budget account: objectives of projects beside the projects' budgets.
pub async fn accounts(
    connection: &mut PgConnection,
    district: DistrictCode,
    fiscal_year: FiscalYear,
    basis: Basis,
) -> Result<Vec<AccountFigures>> {
    let initial = basis == Basis::InitialBudget;
    let rows = sqlx::query!(
        r#"with filed as (
             select account, count(distinct subject_id)::integer as filed,
               (count(distinct subject_id) filter (where ratified_version > 0))::integer as ratified,
               coalesce(sum(ratified_amount), 0) as amount
             from targets.objectives
             where district = $1 and fiscal_year = $2 and subject_kind = 'project'
               and (not $3 or filing_kind = 'annual')
             group by account
           ), budgeted as (
             select account, count(*)::integer as projects, sum(amount) as amount
             from (select account, case when $3 then initial_amount else adjusted_amount end as amount
                   from targets.project_budgets where district = $1 and fiscal_year = $2) b
             where amount <> 0 group by account
           )
           select coalesce(f.account, b.account) as "account!", coalesce(f.filed, 0) as "filed!",
             coalesce(f.ratified, 0) as "ratified!", coalesce(f.amount, 0) as "ratified_amount!",
             coalesce(b.projects, 0) as "projects!", coalesce(b.amount, 0) as "budget!"
           from filed f full join budgeted b on b.account = f.account order by 1"#,
        district.as_i32(),
        fiscal_year.as_i32(),
        initial,
    )
    .fetch_all(connection)
    .await?;
    let figures = rows.into_iter().map(|row| {
        Ok(AccountFigures {
            account: word("objectives.account", &row.account)?,
            filed: row.filed,
            ratified: row.ratified,
            ratified_amount: Money::from_yuan(row.ratified_amount).map_err(Failure::internal)?,
            budget_projects: row.projects,
            budget_amount: Money::from_yuan(row.budget).map_err(Failure::internal)?,
        })
    });
    figures.collect()
}

/// Counts of a year. A unit that has not arrived from the registry yet counts as a budget unit of its own.
pub async fn counts(
    connection: &mut PgConnection,
    district: DistrictCode,
    fiscal_year: FiscalYear,
) -> Result<Counts> {
    let counts = sqlx::query_as!(
        Counts,
        r#"select
             (count(distinct coalesce(u.body, o.unit_id)) filter (where o.subject_kind = 'project'
                and o.ratified_version > 0 and not coalesce(u.subdistrict, false)))::integer as "units!",
             (count(distinct u.id) filter (where o.subject_kind = 'project'
                and o.ratified_version > 0 and u.subdistrict))::integer as "subdistricts!",
             (count(*) filter (where o.subject_kind = 'whole_department' and o.ratified_version > 0))::integer
                as "departments!",
             (count(*) filter (where o.return_count > 0))::integer as "returned!",
             (count(*) filter (where o.return_count > 0 and o.submitted_version > 1
                and o.state not in ('draft', 'returned')))::integer as "resubmitted!"
           from targets.objectives o
           left join targets.units u on u.district = o.district and u.id = o.unit_id
           where o.district = $1 and o.fiscal_year = $2"#,
        district.as_i32(),
        fiscal_year.as_i32(),
    )
    .fetch_one(connection)
    .await?;
    Ok(counts)
}

/// How many objectives are in each state, by grade.
pub async fn states(
    connection: &mut PgConnection,
    district: DistrictCode,
    fiscal_year: FiscalYear,
) -> Result<Vec<(State, Option<Grade>, i32)>> {
    let rows = sqlx::query!(
        r#"select state, grade, count(*)::integer as "objectives!" from targets.objectives
           where district = $1 and fiscal_year = $2 group by state, grade order by state, grade"#,
        district.as_i32(),
        fiscal_year.as_i32(),
    )
    .fetch_all(connection)
    .await?;
    let states = rows.into_iter().map(|row| {
        let grade = maybe_word("objectives.grade", row.grade.as_deref())?;
        Ok((word("objectives.state", &row.state)?, grade, row.objectives))
    });
    states.collect()
}
