//! Who came to no training (未参训单位).

use chrono::NaiveDate;
use sqlx::PgConnection;
use wenxiao_kernel::DistrictCode;
use wenxiao_platform::Result;

use super::read;
use crate::domain::unit::UnitKind;

/// A body that came to none of the sessions.
pub struct Untrained {
    /// 单位代码.
    pub code: String,
    /// Its name on the day.
    pub title: String,
    /// What kind of body it is.
    pub kind: UnitKind,
    /// Held sessions that had invited it.
    pub invited: i64,
    /// Planned sessions that invite it still.
    pub planned: i64,
}

/// Which sessions and units are looked at.
pub struct Roll<'r> {
    /// Year of work of the sessions.
    pub work_year: Option<i32>,
    /// The one session, of which only the invited are looked at.
    pub session: Option<&'r str>,
    /// Day on which the units exist.
    pub day: NaiveDate,
    /// Code of the last unit of the page before.
    pub after: Option<&'r str>,
    /// Rows at the most.
    pub limit: i64,
}

/// How many bodies are looked at, how many of them came, and one page of those who did not, by their codes. A
/// department and its 本级 unit are one body.
pub async fn list_untrained(
    connection: &mut PgConnection,
    district: DistrictCode,
    roll: &Roll<'_>,
) -> Result<(i64, i64, Vec<Untrained>)> {
    let rows = sqlx::query!(
        r#"with session as materialized (
             select id, state, body from registry.training_sessions
             where district = $1 and state <> 'cancelled'
               and ($2::integer is null or work_year = $2) and ($3::text is null or id = $3)
           ), member as materialized (
             select agency_code as code, case when kind = 'own_unit' then left(agency_code, -3) else agency_code end as body
             from registry.units where district = $1
           ), came as (
             select distinct member.body from session
             cross join lateral jsonb_array_elements(session.body->'attendances') as attendance
             join member on member.code = attendance->>'unit'
             where session.state = 'held'
           ), invited as (
             select member.body, count(distinct session.id) filter (where session.state = 'held') as held,
                    count(distinct session.id) filter (where session.state = 'planned') as planned
             from session
             cross join lateral jsonb_path_query(session.body, '$.audiences[*].units[*]') as guest(code)
             join member on member.code = guest.code #>> '{}'
             group by member.body
           ), bodies as materialized (
             select unit.agency_code, coalesce(named.title, unit.title) as title, unit.kind, coalesce(invited.held, 0) as held,
                    coalesce(invited.planned, 0) as planned, came.body is not null as trained
             from registry.units unit
             left join came on came.body = unit.agency_code
             left join invited on invited.body = unit.agency_code
             left join lateral (
               select given->>'title' as title from jsonb_array_elements(unit.renames) with ordinality as r(given, place)
               where registry.iso_date(given->>'effective_date') <= $4 order by place desc limit 1
             ) as named on true
             where unit.district = $1 and unit.kind <> 'own_unit'
               and (unit.start_date is null or unit.start_date <= $4)
               and (unit.end_date is null or $4 <= unit.end_date)
               and ($3::text is null or invited.body is not null)
           )
           select counted.bodies as "bodies!", counted.trained as "trained!", page.agency_code as "code?",
                  page.title as "title?", page.kind as "kind?", page.held as "held?", page.planned as "planned?"
           from (select count(*) as bodies, count(*) filter (where trained) as trained from bodies) as counted
           left join (select * from bodies where not trained and ($5::text is null or agency_code > $5)
                      order by agency_code limit $6) as page on true
           order by page.agency_code"#,
        district.as_i32(),
        roll.work_year,
        roll.session,
        roll.day,
        roll.after,
        roll.limit,
    )
    .fetch_all(connection)
    .await?;
    let (bodies, trained) = rows.first().map(|row| (row.bodies, row.trained)).unwrap_or_default();
    let mut untrained = Vec::new();
    for row in rows {
        if let (Some(code), Some(title), Some(kind)) = (row.code, row.title, row.kind) {
            let (invited, planned) = (row.held.unwrap_or_default(), row.planned.unwrap_or_default());
            untrained.push(Untrained { code, title, kind: read(kind.parse())?, invited, planned });
        }
    }
    Ok((bodies, trained, untrained))
}
