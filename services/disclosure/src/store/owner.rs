//! Whose decisions and notices are (承接单位): open ones follow whoever answers for what they are about. No version is raised
//! and nothing journalled here: the registry's journal has it. What is approved, superseded or closed stays as it is, and
//! so does what other services' events said of the unit that was evaluated.

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

/// Holds what a subject is about until the transaction ends, so that what is begun about it is not missed when it is
/// handed over.
pub async fn hold(connection: &mut PgConnection, district: i32, subject: &str) -> Result<()> {
    sqlx::query!(
        "with about as (select object from disclosure.subjects where district = $1 and name = $2),
              project as (select name from disclosure.projects
                          where district = $1 and name = (select object from about) for share),
              policy as (select name from disclosure.policies
                         where district = $1 and name = (select object from about) for share),
              whole as (select name from disclosure.units
                        where district = $1 and name = (select object from about) for share)
         select name from project union all select name from policy union all select name from whole",
        district,
        subject,
    )
    .fetch_all(connection)
    .await?;
    Ok(())
}

/// What is open about a project or policy goes to its new unit.
pub async fn follow_object(
    connection: &mut PgConnection,
    district: i32,
    object: &str,
    by: Handover<'_>,
) -> Result<()> {
    move_open(connection, district, Some(&[object.to_owned()]), by).await
}

/// A unit has ended. What is open about it as a whole, or about units that it had taken over, goes to the department of
/// its successor; what was addressed to it about others' objects, to the successor.
pub async fn follow_unit(
    connection: &mut PgConnection,
    district: i32,
    by: Handover<'_>,
    department: &str,
) -> Result<()> {
    let taken = sqlx::query!(
        "with next as (select coalesce(nullif(max(heir), ''), $3) as unit from disclosure.units
                       where district = $1 and name = $3)
         update disclosure.units u set heir = next.unit from next
         where district = $1 and (u.name = $2 or u.heir = $2) and u.name <> next.unit
         returning u.name, u.heir",
        district,
        by.from,
        department,
    )
    .fetch_all(&mut *connection)
    .await?;
    if let Some(heir) = taken.first().map(|row| row.heir.clone()) {
        let whole: Vec<String> = taken.into_iter().map(|row| row.name).collect();
        move_open(connection, district, Some(&whole), Handover { to: &heir, ..by }).await?;
    }
    move_open(connection, district, None, by).await
}

/// What is open and about one of `objects`; without any, whatever is not about a project or policy that still lies with
/// the unit: those follow when these are handed over.
async fn move_open(
    connection: &mut PgConnection,
    district: i32,
    objects: Option<&[String]>,
    by: Handover<'_>,
) -> Result<()> {
    sqlx::query!(
        "with open as (
           select subject from disclosure.decisions
           where district = $1 and unit = $3 and state in ('draft', 'submitted', 'returned')
           union select subject from disclosure.notices where district = $1 and unit = $3 and state <> 'closed'),
         about as (
           select s.name from open o join disclosure.subjects s on s.district = $1 and s.name = o.subject
           where case when $2::text[] is not null then s.object = any($2) else
             not exists (select from disclosure.projects p where p.district = $1 and p.name = s.object and p.unit = $3)
             and not exists (select from disclosure.policies y
                             where y.district = $1 and y.name = s.object and y.executing_unit = $3) end),
         decided as (update disclosure.decisions d set unit = $4
                     where district = $1 and unit = $3 and state in ('draft', 'submitted', 'returned')
                       and subject in (select name from about))
         update disclosure.notices n set unit = $4, unit_code = split_part($4, '/', 4)
         where district = $1 and unit = $3 and state <> 'closed' and subject in (select name from about)",
        district,
        objects,
        by.from,
        by.to,
    )
    .execute(connection)
    .await?;
    Ok(())
}
