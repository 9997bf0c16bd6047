//! Open objects follow whoever answers for what they are about (承接单位). No version is raised and nothing journalled
//! here: the registry's journal has it.

use sqlx::PgConnection;
use wenxiao_platform::Result;

/// Who hands over to whom, by resource name.
#[derive(Clone, Copy, Debug)]
pub struct Handover<'a> {
    /// Unit that answered for it.
    pub from: &'a str,
    /// Unit that answers for it now.
    pub to: &'a str,
}

/// What is open about a project or policy goes to its new unit, and demands whose findings all lie with that unit now.
pub async fn follow_subject(
    connection: &mut PgConnection,
    district: i32,
    subject: &str,
    by: Handover<'_>,
) -> Result<()> {
    hold_demands(connection, district, by.from).await?;
    move_open(connection, district, &[subject.to_owned()], by).await?;
    sqlx::query!(
        "update evaluation.rectifications r set unit = $3
         where district = $1 and state <> 'accepted' and unit <> $3
           and exists (select from evaluation.findings f
                       where f.district = $1 and f.subject = $2
                         and f.rectification = 'districts/' || r.district || '/rectifications/' || r.id)
           and not exists (select from evaluation.findings f
                           where f.district = $1 and f.unit <> $3
                             and f.rectification = 'districts/' || r.district || '/rectifications/' || r.id)",
        district,
        subject,
        by.to,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// A unit has ended. What is open about it as a whole, or about units that it had taken over, goes to the department of
/// its successor; demands to it go with their findings, or to the successor while those lie with several.
pub async fn follow_unit(
    connection: &mut PgConnection,
    district: i32,
    by: Handover<'_>,
    department: &str,
) -> Result<()> {
    hold_demands(connection, district, by.from).await?;
    let heir = take_over(connection, district, by.from, department).await?;
    sqlx::query!(
        "update evaluation.rectifications r
         set unit = case when exists (select from evaluation.findings f
                                      where f.district = $1 and f.unit <> $4
                                        and f.rectification = 'districts/' || r.district || '/rectifications/' || r.id)
                         then $3 else $4 end
         where district = $1 and state <> 'accepted' and unit = $2",
        district,
        by.from,
        by.to,
        heir,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Notes who answers for a unit that ended, and for those that it had taken over itself, and moves what is open about
/// them as a whole. Says who that is: the department, or its own heir when it has ended, too.
async fn take_over(
    connection: &mut PgConnection,
    district: i32,
    unit: &str,
    department: &str,
) -> Result<String> {
    let rows = sqlx::query!(
        "with next as (select coalesce(nullif(max(heir), ''), $3) as unit from evaluation.units
                       where district = $1 and name = $3)
         update evaluation.units u set heir = next.unit from next
         where district = $1 and (u.name = $2 or u.heir = $2) and u.name <> next.unit
         returning u.name, u.heir",
        district,
        unit,
        department,
    )
    .fetch_all(&mut *connection)
    .await?;
    let heir = rows.first().map_or_else(|| department.to_owned(), |row| row.heir.clone());
    let taken: Vec<String> = rows.into_iter().map(|row| row.name).collect();
    move_open(connection, district, &taken, Handover { from: unit, to: &heir }).await?;
    Ok(heir)
}

/// What is open about subjects, in every table that has it: ex-ante evaluations not yet concluded, self-evaluations not
/// yet confirmed, key evaluations not yet fixed, findings not yet rectified, candidates not yet chosen, budgets not yet
/// arranged, sunset reviews not yet decided, items of plans not yet approved.
async fn move_open(
    connection: &mut PgConnection,
    district: i32,
    subjects: &[String],
    by: Handover<'_>,
) -> Result<()> {
    sqlx::query!(
        "with heir as (select coalesce(max(title), '') as title from evaluation.units
                       where district = $1 and name = $4),
         ex_ante as (update evaluation.ex_ante_evaluations e set unit = $4, unit_title = heir.title from heir
                     where district = $1 and subject = any($2) and unit = $3 and state <> 'concluded'),
         self as (update evaluation.self_evaluations e set unit = $4, unit_title = heir.title from heir
                  where district = $1 and subject = any($2) and unit = $3 and state <> 'confirmed'),
         key as (update evaluation.key_evaluations e set unit = $4, unit_title = heir.title from heir
                 where district = $1 and subject = any($2) and unit = $3 and state not in ('fixed', 'cancelled')),
         candidate as (update evaluation.evaluation_candidates e set unit = $4, unit_title = heir.title from heir
                       where district = $1 and subject = any($2) and unit = $3 and state = 'listed'),
         budget as (update evaluation.budget_decisions e set unit = $4, unit_title = heir.title from heir
                    where district = $1 and subject = any($2) and unit = $3 and state <> 'arranged'),
         sunset as (update evaluation.sunset_reviews e set unit = $4, unit_title = heir.title from heir
                    where district = $1 and subject = any($2) and unit = $3 and state <> 'decided'),
         plan as (update evaluation.key_evaluation_plans p
                  set body = jsonb_set(p.body, '{items}', (
                    select jsonb_agg(case when item #>> '{object,subject}' = any($2) and item #>> '{object,unit}' = $3
                                          then evaluation.owned(item, $4, heir.title) else item end order by place)
                    from jsonb_array_elements(p.body -> 'items') with ordinality as listed(item, place))) from heir
                  where district = $1 and state = 'draft' and exists (
                    select from jsonb_array_elements(p.body -> 'items') as listed(item)
                    where item #>> '{object,subject}' = any($2) and item #>> '{object,unit}' = $3))
         update evaluation.findings f set unit = $4, unit_title = heir.title from heir
         where district = $1 and subject = any($2) and unit = $3 and state in ('open', 'demanded')",
        district,
        subjects,
        by.from,
        by.to,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Locks a unit's open demands before any finding, in the order in which their acceptance locks them.
async fn hold_demands(connection: &mut PgConnection, district: i32, unit: &str) -> Result<()> {
    sqlx::query!(
        "select id from evaluation.rectifications
         where district = $1 and unit = $2 and state <> 'accepted' order by id for update",
        district,
        unit,
    )
    .fetch_all(connection)
    .await?;
    Ok(())
}
