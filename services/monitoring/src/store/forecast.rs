//! What forecasts learn from: the totals of earlier years, by kind of project.

use std::collections::HashMap;

use sqlx::PgConnection;
use wenxiao_kernel::{Decimal, DistrictCode};
use wenxiao_platform::Result;

use crate::domain::forecast::ProjectYear;

/// How many projects of a kind are looked at, besides those that are asked about.
const PROJECTS_PER_KIND: i64 = 200;

/// Account, local project type and whether it is capital works.
pub type Kind = (String, String, bool);

/// The past of some projects' kinds.
#[derive(Debug, Default)]
pub struct Past {
    /// Kind of each project that was asked about.
    pub kinds: HashMap<String, Kind>,
    /// Earlier project-years of each kind.
    pub years: HashMap<Kind, Vec<ProjectYear>>,
}

/// Years `from` to `to` of the projects' kinds: of the projects themselves and of the first 200 of each kind, by id.
pub async fn past(
    connection: &mut PgConnection,
    district: DistrictCode,
    projects: &[String],
    (from, to): (i32, i32),
) -> Result<Past> {
    // The innermost select names every column of the key's beginning with one value each: whatever the planner thinks of
    // the rest, it looks up a project's year by the index.
    let rows = sqlx::query!(
        r#"with asked as materialized (
             select account, local_project_type, capital_works, project_id from monitoring.projects
             where district = $1 and project_id = any($2)),
           chosen as materialized (
             select *, true as is_asked from asked
             union all
             select k.account, k.local_project_type, k.capital_works, p.project_id, false
             from (select distinct account, local_project_type, capital_works from asked) k
             cross join lateral (
               select project_id from monitoring.projects p
               where p.district = $1 and p.account = k.account and p.local_project_type = k.local_project_type
                 and p.capital_works = k.capital_works
               order by project_id limit $5) p
             where not exists (select from asked a where a.project_id = p.project_id))
           select c.account as "account!", c.local_project_type as "local_project_type!",
             c.capital_works as "capital_works!", c.project_id as "project_id!", c.is_asked as "is_asked!",
             t.months as "months?: Vec<i16>",
             t.executed as "executed?: Vec<Decimal>", t.adjusted as "adjusted?: Vec<Decimal>"
           from chosen c
           left join lateral (
             select y.year, array_agg(m.month order by m.month) as months,
               array_agg(m.executed order by m.month) as executed, array_agg(m.adjusted order by m.month) as adjusted
             from generate_series($3::integer, $4::integer) y(year)
             cross join lateral (
               select month, sum(executed) as executed, sum(initial + increase - reduction) as adjusted
               from monitoring.execution_totals
               where district = $1 and fiscal_year = y.year and project_id = c.project_id
               group by month) m
             group by y.year) t on true
           order by c.project_id, t.year"#,
        district.as_i32(),
        projects,
        from,
        to,
        PROJECTS_PER_KIND,
    )
    .fetch_all(connection)
    .await?;
    let mut past = Past::default();
    for row in rows {
        let kind = (row.account, row.local_project_type, row.capital_works);
        if row.is_asked {
            past.kinds.insert(row.project_id.clone(), kind.clone());
        }
        let Some((months, (executed, adjusted))) = row.months.zip(row.executed.zip(row.adjusted)) else {
            continue;
        };
        let year = ProjectYear {
            project: row.project_id,
            executed: cumulative(&months, executed),
            adjusted: cumulative(&months, adjusted),
        };
        past.years.entry(kind).or_default().push(year);
    }
    Ok(past)
}

/// Amounts of single months as amounts from January on.
fn cumulative(months: &[i16], amounts: Vec<Decimal>) -> [Decimal; 12] {
    let mut sums = [Decimal::ZERO; 12];
    for (month, amount) in months.iter().zip(amounts) {
        let first = usize::try_from(*month).unwrap_or(12).saturating_sub(1);
        for sum in sums.iter_mut().skip(first) {
            *sum += amount;
        }
    }
    sums
}
