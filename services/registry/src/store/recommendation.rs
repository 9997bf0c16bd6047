//! What recommendations of indicators are made of (指标推荐): the text index and last year's uses.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use sqlx::PgConnection;
use sqlx::types::Json;
use wenxiao_kernel::DistrictCode;
use wenxiao_platform::Result;

use super::{Stored, document};
use crate::domain::indicator::Indicator;
use crate::domain::project::ProjectCategory;
use crate::domain::recommendation::{Use, Used};
use crate::domain::unit::AgencyCode;

/// Rows at the most that each source of candidates gives.
const CANDIDATES: i64 = 200;

/// Identifiers of the indicators of a frame in whose name or keywords any of the words stands, the best matches first.
/// A word is letters and digits.
///
/// Reads by the role across districts and names the district itself: row-level security would keep the text index from
/// being used, because Postgres does not trust `@@` with rows that a rule may hide. Only identifiers come out; what they
/// name is loaded under the rule.
pub async fn matching(
    across: &mut PgConnection,
    district: DistrictCode,
    frame: &str,
    words: &[String],
) -> Result<Vec<String>> {
    let any = words.iter().map(|word| format!("'{word}'")).collect::<Vec<_>>().join(" | ");
    let ids = sqlx::query_scalar!(
        r#"select id from registry.indicators
           where district = $1 and search @@ $2::text::tsquery and frame = $3
           order by ts_rank(search, $2::text::tsquery) desc, id limit $4"#,
        district.as_i32(),
        any,
        frame,
        CANDIDATES,
    )
    .fetch_all(across)
    .await?;
    Ok(ids)
}

/// What indicators are picked from.
pub struct Pick<'p> {
    /// Identifier of the frame.
    pub frame: &'p str,
    /// Day on which they must be enabled.
    pub day: NaiveDate,
    /// Identifiers of those that match by text or were picked before.
    pub ids: &'p [String],
    /// Names of those that forms had without picking them.
    pub titles: &'p [String],
    /// Department whose own indicators come too.
    pub department: Option<&'p AgencyCode>,
}

/// The enabled indicators among the candidates, and the department's own.
pub async fn candidates(
    connection: &mut PgConnection,
    district: DistrictCode,
    pick: &Pick<'_>,
) -> Result<Vec<Stored<Indicator>>> {
    let rows = sqlx::query_as!(
        document::Row::<Indicator>,
        r#"select district, version, body as "body: Json<Indicator>", create_time, update_time
           from registry.indicators
           where district = $1 and frame = $2 and state in ('confirmed', 'retired')
             and (start_date is null or start_date <= $3) and (end_date is null or $3 <= end_date)
             and (id = any($4) or title = any($5)
                  or id in (select own.id from registry.indicators own
                            where own.district = $1 and own.unit = $6 and own.frame = $2 order by own.id limit $7))
           order by id"#,
        district.as_i32(),
        pick.frame,
        pick.day,
        pick.ids,
        pick.titles,
        pick.department.map(AgencyCode::as_str),
        CANDIDATES,
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter().map(document::Row::stored).collect()
}

/// What the ratified form of a project had in a year, by every name that it can be known by.
pub async fn uses_of(
    connection: &mut PgConnection,
    district: DistrictCode,
    project: &str,
    year: i32,
) -> Result<Used> {
    let rows = sqlx::query!(
        r#"select named.picked as "picked!", named.name as "name!" from registry.indicator_uses used
           cross join lateral (values (false, used.title), (true, used.indicator)) as named(picked, name)
           where used.district = $1 and used.project = $2 and used.fiscal_year = $3 and named.name is not null
           order by named.name limit $4"#,
        district.as_i32(),
        project,
        year,
        2 * CANDIDATES,
    )
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(|row| use_of(row.picked, row.name)).collect())
}

/// How many projects of a department and category, besides one, had an indicator in a year; the most used first.
pub async fn uses_beside(
    connection: &mut PgConnection,
    district: DistrictCode,
    project: &str,
    like: (&AgencyCode, ProjectCategory),
    year: i32,
) -> Result<BTreeMap<Use, u32>> {
    let rows = sqlx::query!(
        r#"select named.picked as "picked!", named.name as "name!", count(distinct used.project) as "count!"
           from registry.indicator_uses used
           join registry.projects project on project.district = used.district and project.id = used.project
           cross join lateral (values (false, used.title), (true, used.indicator)) as named(picked, name)
           where used.district = $1 and used.fiscal_year = $2 and used.project <> $3
             and project.competent_department = $4 and project.category = $5 and named.name is not null
           group by named.picked, named.name
           order by count(distinct used.project) desc, named.name limit $6"#,
        district.as_i32(),
        year,
        project,
        like.0.as_str(),
        like.1.as_str(),
        2 * CANDIDATES,
    )
    .fetch_all(connection)
    .await?;
    let count = |count: i64| u32::try_from(count).unwrap_or(u32::MAX);
    Ok(rows.into_iter().map(|row| (use_of(row.picked, row.name), count(row.count))).collect())
}

/// Keeps what the ratified form of a project has, in place of what it had: names, and what they were picked from.
pub async fn keep_uses(
    connection: &mut PgConnection,
    district: DistrictCode,
    project: &str,
    year: i32,
    used: &BTreeMap<&str, Option<&str>>,
) -> Result<()> {
    let titles: Vec<&str> = used.keys().copied().collect();
    let indicators: Vec<Option<&str>> = used.values().copied().collect();
    sqlx::query!(
        "delete from registry.indicator_uses
         where district = $1 and project = $2 and fiscal_year = $3 and title <> all($4)",
        district.as_i32(),
        project,
        year,
        &titles as &[&str],
    )
    .execute(&mut *connection)
    .await?;
    sqlx::query!(
        "insert into registry.indicator_uses (district, project, fiscal_year, title, indicator)
         select $1, $2, $3, used.title, used.indicator
         from unnest($4::text[], $5::text[]) as used(title, indicator)
         on conflict (district, project, fiscal_year, title) do update set indicator = excluded.indicator",
        district.as_i32(),
        project,
        year,
        &titles as &[&str],
        &indicators as &[Option<&str>],
    )
    .execute(connection)
    .await?;
    Ok(())
}

fn use_of(picked: bool, name: String) -> Use {
    if picked { Use::Picked(name) } else { Use::Titled(name) }
}
