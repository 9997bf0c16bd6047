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
    let rows = sqlx::query!(
        r#"with asked as (
             select account, local_project_type, capital_works, project_id from monitoring.projects
             where district = $1 and project_id = any($2)),
           chosen as (
             select * from asked
             union
             select k.account, k.local_project_type, k.capital_works, p.project_id
             from (select distinct account, local_project_type, capital_works from asked) k
             cross join lateral (
               select project_id from monitoring.projects p
               where p.district = $1 and p.account = k.account and p.local_project_type = k.local_project_type
                 and p.capital_works = k.capital_works
               order by project_id limit $5) p)
           select c.account as "account!", c.local_project_type as "local_project_type!",
             c.capital_works as "capital_works!", c.project_id as "project_id!", c.project_id = any($2) as "asked!",
             t.fiscal_year as "fiscal_year?", t.month as "month?", t.executed as "executed?", t.adjusted as "adjusted?"
           from chosen c
           left join lateral (
             select t.fiscal_year, t.month, sum(t.executed) as executed,
               sum(t.initial + t.increase - t.reduction) as adjusted
             from generate_series($3::integer, $4::integer) y(year)
             join monitoring.execution_totals t
               on t.district = $1 and t.fiscal_year = y.year and t.project_id = c.project_id
             group by t.fiscal_year, t.month) t on true
           order by c.project_id, t.fiscal_year, t.month"#,
        district.as_i32(),
        projects,
        from,
        to,
        PROJECTS_PER_KIND,
    )
    .fetch_all(connection)
    .await?;
    let mut past = Past::default();
    let mut current: Option<(Kind, i32, ProjectYear)> = None;
    for row in rows {
        let kind = (row.account, row.local_project_type, row.capital_works);
        if row.asked {
            past.kinds.insert(row.project_id.clone(), kind.clone());
        }
        let (Some(year), Some(month)) = (row.fiscal_year, row.month) else { continue };
        let same = matches!(&current, Some((_, of, known)) if *of == year && known.project == row.project_id);
        if !same {
            keep(&mut past, current.take());
            let none = [Decimal::ZERO; 12];
            current =
                Some((kind, year, ProjectYear { project: row.project_id, executed: none, adjusted: none }));
        }
        if let Some((_, _, known)) = &mut current {
            let first = usize::try_from(month).unwrap_or(12).saturating_sub(1);
            for amount in known.executed.iter_mut().skip(first) {
                *amount += row.executed.unwrap_or_default();
            }
            for amount in known.adjusted.iter_mut().skip(first) {
                *amount += row.adjusted.unwrap_or_default();
            }
        }
    }
    keep(&mut past, current);
    Ok(past)
}

fn keep(past: &mut Past, year: Option<(Kind, i32, ProjectYear)>) {
    if let Some((kind, _, year)) = year {
        past.years.entry(kind).or_default().push(year);
    }
}
