//! Units (预算单位).

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::PgConnection;
use sqlx::types::Json;
use wenxiao_kernel::DistrictCode;
use wenxiao_platform::Result;

use super::{Kept, Stored, Window, district_of, read};
use crate::domain::unit::{Counts, Rename, Unit, UnitKind};
use crate::domain::unit_change::UnitChangeKind;
use crate::error::database;

struct Row {
    district: i32,
    agency_code: String,
    title: String,
    short_title: String,
    renames: Json<Vec<Rename>>,
    kind: String,
    fiscal_division: Option<i32>,
    managing_division: String,
    start_date: Option<NaiveDate>,
    end_date: Option<NaiveDate>,
    ending: Option<String>,
    successor: Option<String>,
    other_successors: Vec<String>,
    version: i64,
    create_time: DateTime<Utc>,
    update_time: DateTime<Utc>,
}

impl Row {
    fn stored(self) -> Result<Stored<Unit>> {
        let successors = self.successor.into_iter().chain(self.other_successors);
        let value = Unit {
            agency_code: read(self.agency_code.parse())?,
            title: self.title,
            short_title: self.short_title,
            renames: self.renames.0,
            kind: read(self.kind.parse())?,
            fiscal_division: self.fiscal_division.map(district_of).transpose()?,
            managing_division: self.managing_division,
            start_date: self.start_date,
            end_date: self.end_date,
            ending: self.ending.map(|word| read(word.parse())).transpose()?,
            successors: successors.map(|code| read(code.parse())).collect::<Result<_>>()?,
        };
        Ok(Stored {
            district: district_of(self.district)?,
            value,
            version: self.version,
            create_time: self.create_time,
            update_time: self.update_time,
        })
    }
}

impl Kept for Unit {
    async fn load(
        connection: &mut PgConnection,
        district: DistrictCode,
        id: &str,
    ) -> Result<Option<Stored<Self>>> {
        let found = load_many(connection, district, &[id.to_owned()]).await?;
        Ok(found.into_values().next())
    }

    async fn save(connection: &mut PgConnection, stored: &Stored<Self>) -> Result<bool> {
        Ok(save_many(connection, std::slice::from_ref(stored)).await? == 1)
    }
}

/// Units by code, those that exist.
pub async fn load_many(
    connection: &mut PgConnection,
    district: DistrictCode,
    codes: &[String],
) -> Result<BTreeMap<String, Stored<Unit>>> {
    let rows = sqlx::query_as!(
        Row,
        r#"select district, agency_code, title, short_title, renames as "renames: Json<Vec<Rename>>", kind, fiscal_division,
                  managing_division, start_date, end_date, ending, successor, other_successors, version, create_time,
                  update_time
           from registry.units where district = $1 and agency_code = any($2) order by agency_code"#,
        district.as_i32(),
        codes,
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter().map(|row| Ok((row.agency_code.clone(), row.stored()?))).collect()
}

/// Writes versions of many units of one district: new ones, and others over exactly the version before. Says how many
/// were written.
pub async fn save_many(connection: &mut PgConnection, units: &[Stored<Unit>]) -> Result<u64> {
    let Some(first) = units.first() else { return Ok(0) };
    let column = |field: fn(&Unit) -> String| units.iter().map(|unit| field(&unit.value)).collect::<Vec<_>>();
    let day = |field: fn(&Unit) -> Option<NaiveDate>| {
        units.iter().map(|unit| field(&unit.value)).collect::<Vec<_>>()
    };
    let divisions: Vec<Option<i32>> =
        units.iter().map(|unit| unit.value.fiscal_division.map(DistrictCode::as_i32)).collect();
    let successors: Vec<Option<String>> =
        units.iter().map(|unit| unit.value.successors.first().map(ToString::to_string)).collect();
    let others: Vec<serde_json::Value> = units
        .iter()
        .map(|unit| unit.value.successors.iter().skip(1).map(ToString::to_string).collect())
        .collect();
    let endings: Vec<Option<&str>> =
        units.iter().map(|unit| unit.value.ending.map(UnitChangeKind::as_str)).collect();
    let renames: Vec<serde_json::Value> = units
        .iter()
        .map(|unit| serde_json::to_value(&unit.value.renames))
        .collect::<std::result::Result<_, _>>()
        .map_err(wenxiao_platform::Failure::internal)?;
    let versions: Vec<i64> = units.iter().map(|unit| unit.version).collect();
    let done = sqlx::query!(
        "insert into registry.units as kept (district, agency_code, title, short_title, kind, fiscal_division,
                managing_division, start_date, end_date, successor, version, renames, ending, other_successors,
                create_time, update_time)
         select $1, code, title, short_title, kind, division, managing, first, last, successor, version, renames, ending,
                array(select jsonb_array_elements_text(others)), $12, $13
         from unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::integer[], $7::text[], $8::date[], $9::date[],
                $10::text[], $11::bigint[], $14::jsonb[], $15::text[], $16::jsonb[])
                as unit(code, title, short_title, kind, division, managing, first, last, successor, version, renames,
                        ending, others)
         on conflict (district, agency_code) do update
         set title = excluded.title, short_title = excluded.short_title, fiscal_division = excluded.fiscal_division,
             managing_division = excluded.managing_division, start_date = excluded.start_date,
             end_date = excluded.end_date, successor = excluded.successor, version = excluded.version,
             renames = excluded.renames, ending = excluded.ending, other_successors = excluded.other_successors,
             update_time = excluded.update_time
         where kept.version = excluded.version - 1",
        first.district.as_i32(),
        &column(|unit| unit.agency_code.to_string()),
        &column(|unit| unit.title.clone()),
        &column(|unit| unit.short_title.clone()),
        &column(|unit| unit.kind.as_str().to_owned()),
        &divisions as &[Option<i32>],
        &column(|unit| unit.managing_division.clone()),
        &day(|unit| unit.start_date) as &[Option<NaiveDate>],
        &day(|unit| unit.end_date) as &[Option<NaiveDate>],
        &successors as &[Option<String>],
        &versions,
        first.create_time,
        first.update_time,
        &renames,
        &endings as &[Option<&str>],
        &others,
    )
    .execute(connection)
    .await
    .map_err(database)?;
    Ok(done.rows_affected())
}

/// What a list of units is narrowed to.
#[derive(Clone, Debug, Default)]
pub struct UnitFilter {
    /// Kind.
    pub kind: Option<UnitKind>,
    /// This unit and what is below it.
    pub ancestor: Option<String>,
    /// Only units that exist on this day.
    pub day: Option<NaiveDate>,
    /// Text in a name or short name.
    pub text: Option<String>,
    /// Names count that it had up to this day.
    pub named_by: NaiveDate,
}

/// Units in the order of their codes.
pub async fn list_units(
    connection: &mut PgConnection,
    window: &Window,
    filter: &UnitFilter,
) -> Result<Vec<Stored<Unit>>> {
    let rows = sqlx::query_as!(
        Row,
        r#"select district, agency_code, title, short_title, renames as "renames: Json<Vec<Rename>>", kind, fiscal_division,
                  managing_division, start_date, end_date, ending, successor, other_successors, version, create_time,
                  update_time
           from registry.units
           where ($1::integer[] is null or district = any($1))
             and ($2::text is null or (district, agency_code) > ($3, $2))
             and ($5::text is null or kind = $5)
             and ($6::text is null or starts_with(agency_code, $6))
             and ($7::date is null or (start_date is null or start_date <= $7) and (end_date is null or $7 <= end_date))
             and ($8::text is null or position($8 in title) > 0 or position($8 in short_title) > 0
                  or exists (select from jsonb_array_elements(renames) r
                     where iso_date(r->>'effective_date') <= $9
                       and (position($8 in r->>'title') > 0 or position($8 in r->>'short_title') > 0)))
           order by district, agency_code limit $4"#,
        window.districts.as_deref(),
        window.after_id.as_deref(),
        window.after_district,
        window.limit,
        filter.kind.map(UnitKind::as_str),
        filter.ancestor.as_deref(),
        filter.day,
        filter.text.as_deref(),
        filter.named_by,
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter().map(Row::stored).collect()
}

/// How many units of each kind exist on a day.
pub async fn count_units(
    connection: &mut PgConnection,
    districts: Option<&[i32]>,
    day: NaiveDate,
) -> Result<Counts> {
    let rows = sqlx::query!(
        r#"select kind, count(*) as "count!" from registry.units
           where ($1::integer[] is null or district = any($1))
             and (start_date is null or start_date <= $2) and (end_date is null or $2 <= end_date)
           group by kind order by kind"#,
        districts,
        day,
    )
    .fetch_all(connection)
    .await?;
    let kinds =
        rows.into_iter().map(|row| Ok((read(row.kind.parse())?, row.count))).collect::<Result<_>>()?;
    Ok(Counts { kinds })
}

/// Whether units below `code`, besides the named ones, exist after a day.
pub async fn has_lasting_subunits(
    connection: &mut PgConnection,
    district: DistrictCode,
    code: &str,
    day: NaiveDate,
    besides: &[String],
) -> Result<bool> {
    let lasting = sqlx::query_scalar!(
        r#"select exists (select from registry.units
               where district = $1 and starts_with(agency_code, $2) and agency_code <> $2
                 and (end_date is null or end_date > $3) and agency_code <> all($4)) as "lasting!""#,
        district.as_i32(),
        code,
        day,
        besides,
    )
    .fetch_one(connection)
    .await?;
    Ok(lasting)
}

/// Whether there is a "本级" unit directly below `parent` without an end, besides `code`.
pub async fn has_own_unit(
    connection: &mut PgConnection,
    district: DistrictCode,
    parent: &str,
    code: &str,
) -> Result<bool> {
    let found = sqlx::query_scalar!(
        r#"select exists (select from registry.units
               where district = $1 and left(agency_code, -3) = $2 and agency_code <> $3
                 and kind = 'own_unit' and end_date is null) as "found!""#,
        district.as_i32(),
        parent,
        code,
    )
    .fetch_one(connection)
    .await?;
    Ok(found)
}

/// Units by code, those that exist, held so that none of them ends until the unit of work is over.
pub async fn hold(
    connection: &mut PgConnection,
    district: DistrictCode,
    codes: &[String],
) -> Result<BTreeMap<String, Stored<Unit>>> {
    sqlx::query!(
        "select agency_code from registry.units where district = $1 and agency_code = any($2)
         order by agency_code for share",
        district.as_i32(),
        codes,
    )
    .fetch_all(&mut *connection)
    .await?;
    load_many(connection, district, codes).await
}

/// Units by code, those that exist, locked: whoever has entered something for one of them is done, and whoever is about to
/// waits.
pub async fn lock(
    connection: &mut PgConnection,
    district: DistrictCode,
    codes: &[String],
) -> Result<BTreeMap<String, Stored<Unit>>> {
    sqlx::query!(
        "select agency_code from registry.units where district = $1 and agency_code = any($2)
         order by agency_code for update",
        district.as_i32(),
        codes,
    )
    .fetch_all(&mut *connection)
    .await?;
    load_many(connection, district, codes).await
}

/// What refers to these units, besides their own changes: names relative to the district, the first ones in their order.
pub async fn references(
    connection: &mut PgConnection,
    district: DistrictCode,
    codes: &[String],
    limit: usize,
) -> Result<Vec<String>> {
    let names = sqlx::query_scalar!(
        r#"select name as "name!" from (
             select 'projects/' || id as name from registry.projects
             where district = $1 and (implementing_unit = any($2) or competent_department = any($2)
               or exists (select from jsonb_array_elements(details->'former_owners') o
                  where o->>'implementing_unit' = any($2) or o->>'competent_department' = any($2)))
             union all
             select 'policies/' || id from registry.policies
             where district = $1 and (executing_unit = any($2)
               or exists (select from jsonb_array_elements(body->'former_executors') o
                  where o->>'executing_unit' = any($2)))
             union all
             select 'departmentBudgets/' || id from registry.department_budgets
             where district = $1 and department = any($2)
             union all
             select 'engagements/' || id from registry.engagements
             where district = $1 and not cancelled
               and (body->>'principal' = any($2)
                 or body->'objects' ?| array(select 'units/' || code from unnest($2::text[]) code))
             union all
             select 'institutions/' || id from registry.institutions
             where district = $1 and body->>'controlling_unit' = any($2)
             union all
             select 'experts/' || id from registry.experts
             where district = $1 and body->>'employer_unit' = any($2)
             union all
             select 'representatives/' || id from registry.representatives
             where district = $1 and body->>'employer_unit' = any($2)
             union all
             select 'indicators/' || id from registry.indicators
             where district = $1 and (unit = any($2) or body->'proposal'->>'unit' = any($2))
             union all
             select 'workPlans/' || id from registry.work_plans
             where district = $1 and jsonb_path_query_array(body, '$.milestones[*].responsible_unit') ?| $2
             union all
             select 'trainingSessions/' || id from registry.training_sessions
             where district = $1 and (jsonb_path_query_array(body, '$.audiences[*].units[*]') ?| $2
               or jsonb_path_query_array(body, '$.attendances[*].unit') ?| $2)
             union all
             select 'units/' || agency_code from registry.units
             where district = $1 and agency_code <> all($2)
               and exists (select from unnest($2::text[]) code where starts_with(agency_code, code))
           ) found order by name limit $3"#,
        district.as_i32(),
        codes,
        i64::try_from(limit).unwrap_or(i64::MAX),
    )
    .fetch_all(connection)
    .await?;
    Ok(names)
}

/// Deletes units that were to begin and never will, with nothing that refers to them.
pub async fn withdraw(connection: &mut PgConnection, district: DistrictCode, codes: &[String]) -> Result<()> {
    sqlx::query!(
        "delete from registry.units where district = $1 and agency_code = any($2)",
        district.as_i32(),
        codes,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Units at and below `code` that exist on or after a day.
pub async fn branch(
    connection: &mut PgConnection,
    district: DistrictCode,
    code: &str,
    day: NaiveDate,
) -> Result<BTreeMap<String, Stored<Unit>>> {
    let codes = sqlx::query_scalar!(
        "select agency_code from registry.units
         where district = $1 and starts_with(agency_code, $2) and (end_date is null or $3 <= end_date)",
        district.as_i32(),
        code,
        day,
    )
    .fetch_all(&mut *connection)
    .await?;
    load_many(connection, district, &codes).await
}
