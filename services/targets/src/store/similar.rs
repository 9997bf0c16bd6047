//! Objectives whose goal may read like another one: candidates by marks of their text; how much they are alike is the
//! domain's to say.

use sqlx::PgConnection;
use wenxiao_kernel::DistrictCode;
use wenxiao_platform::Result;

use crate::domain::objective::Subject;
use crate::domain::precheck::Neighbour;
use crate::names;

/// A goal and where it stands.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    /// The objective itself, which is not its own neighbour; empty when it is not stored.
    pub id: &'a str,
    /// What it is for.
    pub subject: &'a Subject,
    /// Unit that sees its own forms, secret or not.
    pub unit: &'a str,
    /// Budget year.
    pub fiscal_year: i32,
    /// 年度总体目标.
    pub goal: &'a str,
}

/// Forms of the district of the same and the last budget year that share marks with a goal, at most 20, and last year's
/// form of the same subject. A mark that few have says more than one that many have. Bounded whatever is stored: no mark
/// brings more than 100 objectives of a year. What is secret is named to nobody but its own unit.
pub async fn find(
    connection: &mut PgConnection,
    district: DistrictCode,
    place: &Place<'_>,
) -> Result<Vec<Neighbour>> {
    let (kind, subject) = place.subject.parts();
    let rows = sqlx::query!(
        r#"with near as (
             select p.objective_id as id
             from unnest(targets.marks_of($2)) as m(mark)
             cross join unnest(array[$3::integer, $3 - 1]) as y(fiscal_year)
             cross join lateral (
               select of_mark.objective_id, count(*) over () as crowd from (
                 select g.objective_id from targets.goal_marks g
                 where g.district = $1 and g.fiscal_year = y.fiscal_year and g.mark = m.mark and g.objective_id <> $4
                 order by g.objective_id limit 100
               ) of_mark
             ) p
             group by p.objective_id having count(*) > 1
             order by sum(1.0 / p.crowd) desc, p.objective_id limit 20
           ), before as (
             select o.id from targets.objectives o
             where o.district = $1 and o.subject_kind = $5 and o.subject_id = $6 and o.fiscal_year = $3 - 1
           )
           select o.id, o.display_name, o.fiscal_year, o.form ->> 'annual_goal' as "annual_goal!",
                  (o.subject_kind = $5 and o.subject_id = $6) as "same_subject!"
           from (select id from near union select id from before) n
           join targets.objectives o on o.district = $1 and o.id = n.id
           where o.secrecy = 'none' or o.unit_id = $7"#,
        district.as_i32(),
        place.goal,
        place.fiscal_year,
        place.id,
        kind,
        subject,
        place.unit,
    )
    .fetch_all(connection)
    .await?;
    let read = rows.into_iter().map(|row| Neighbour {
        name: names::objective(district, &row.id),
        title: row.display_name,
        fiscal_year: row.fiscal_year,
        same_subject: row.same_subject,
        annual_goal: row.annual_goal,
    });
    Ok(read.collect())
}
