//! How much of each budget is monitored.

use sqlx::PgConnection;
use wenxiao_kernel::DistrictCode;
use wenxiao_platform::Result;

use super::{money, word};
use crate::domain::coverage::{Coverage, CoverageOfYear, LightCounts};
use crate::domain::execution::Basis;

/// Coverage by account and of all together: every project with a budget in the year against those with an accepted
/// report of the year, each with the light of its newest one. A project with budgets of two accounts is in the line of
/// both and once in the total.
pub async fn of_year(
    connection: &mut PgConnection,
    district: DistrictCode,
    fiscal_year: i32,
    basis: Basis,
) -> Result<CoverageOfYear> {
    let rows = sqlx::query!(
        r#"with budgets as (
             select account, project_id, case when $3 then sum(initial) else sum(initial + increase - reduction) end
               as budget
             from monitoring.execution_totals where district = $1 and fiscal_year = $2
             group by account, project_id),
           monitored as (
             select distinct on (report_id) report_id as project_id, light from monitoring.reports
             where district = $1 and fiscal_year = $2 and kind = 'project' and state = 'accepted'
             order by report_id, accept_time desc),
           covered as (
             select b.account, b.project_id, b.budget, m.project_id as monitored,
               case when m.project_id is not null then coalesce(m.light, 'unjudged') end as light
             from budgets b left join monitored m on m.project_id = b.project_id
             where b.budget > 0)
           select account as "account?", coalesce(sum(budget), 0) as "budget!",
             coalesce(sum(budget) filter (where monitored is not null), 0) as "monitored!",
             count(distinct project_id)::integer as "projects!",
             count(distinct monitored)::integer as "monitored_projects!",
             count(distinct project_id) filter (where light = 'red')::integer as "red!",
             count(distinct project_id) filter (where light = 'yellow')::integer as "yellow!",
             count(distinct project_id) filter (where light = 'green')::integer as "green!",
             count(distinct project_id) filter (where light = 'blue')::integer as "blue!",
             count(distinct project_id) filter (where light = 'unjudged')::integer as "unjudged!"
           from covered group by grouping sets ((account), ()) order by account nulls last"#,
        district.as_i32(),
        fiscal_year,
        basis == Basis::Initial,
    )
    .fetch_all(connection)
    .await?;
    let mut of_year = CoverageOfYear::default();
    for row in rows {
        let coverage = Coverage {
            account: row.account.as_deref().map(word).transpose()?,
            budget: money(row.budget)?,
            monitored: money(row.monitored)?,
            projects: row.projects,
            monitored_projects: row.monitored_projects,
            lights: LightCounts {
                red: row.red,
                yellow: row.yellow,
                green: row.green,
                blue: row.blue,
                unjudged: row.unjudged,
            },
        };
        match coverage.account {
            Some(_) => of_year.accounts.push(coverage),
            None => of_year.total = coverage,
        }
    }
    Ok(of_year)
}
