//! How much of each budget is monitored.

use sqlx::PgConnection;
use wenxiao_kernel::DistrictCode;
use wenxiao_platform::Result;

use super::{money, word};
use crate::domain::coverage::{Coverage, LightCounts};
use crate::domain::execution::Basis;

/// Coverage by account: every project with a budget in the year against those with an accepted report of the year,
/// each counted once with the light of its newest one.
pub async fn by_account(
    connection: &mut PgConnection,
    district: DistrictCode,
    fiscal_year: i32,
    basis: Basis,
) -> Result<Vec<Coverage>> {
    let rows = sqlx::query!(
        r#"with budgets as (
             select account, project_id, case when $3 then sum(initial) else sum(initial + increase - reduction) end
               as budget
             from monitoring.execution_totals where district = $1 and fiscal_year = $2
             group by account, project_id),
           monitored as (
             select distinct on (report_id) report_id as project_id, light from monitoring.reports
             where district = $1 and fiscal_year = $2 and kind = 'project' and state = 'accepted'
             order by report_id, accept_time desc)
           select b.account, sum(b.budget) as "budget!",
             coalesce(sum(b.budget) filter (where m.project_id is not null), 0) as "monitored!",
             count(*)::integer as "projects!", count(m.project_id)::integer as "monitored_projects!",
             count(*) filter (where m.light = 'red')::integer as "red!",
             count(*) filter (where m.light = 'yellow')::integer as "yellow!",
             count(*) filter (where m.light = 'green')::integer as "green!",
             count(*) filter (where m.light = 'blue')::integer as "blue!",
             count(*) filter (where m.project_id is not null and m.light is null)::integer as "unjudged!"
           from budgets b left join monitored m on m.project_id = b.project_id
           where b.budget > 0
           group by b.account order by b.account"#,
        district.as_i32(),
        fiscal_year,
        basis == Basis::Initial,
    )
    .fetch_all(connection)
    .await?;
    let coverage = rows.into_iter().map(|row| {
        Ok(Coverage {
            account: Some(word(&row.account)?),
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
        })
    });
    coverage.collect()
}
