//! Changes of units and who took over from whom (机构变动与承接).

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::PgConnection;
use sqlx::types::Json;
use wenxiao_kernel::DistrictCode;
use wenxiao_platform::Result;

use super::{district_of, read};
use crate::domain::unit::AgencyCode;
use crate::domain::unit_change::UnitChange;
use crate::error::database;

struct Row {
    id: String,
    kind: String,
    agency_code: String,
    effective_date: NaiveDate,
    document_number: String,
    reason: String,
    former_title: String,
    title: String,
    successors: Vec<String>,
    handovers: Json<BTreeMap<String, AgencyCode>>,
    apply_time: Option<DateTime<Utc>>,
    creator: String,
    create_time: DateTime<Utc>,
}

impl Row {
    fn change(self) -> Result<UnitChange> {
        Ok(UnitChange {
            id: self.id,
            kind: read(self.kind.parse())?,
            unit: read(self.agency_code.parse())?,
            effective_date: self.effective_date,
            document_number: self.document_number,
            reason: self.reason,
            former_title: self.former_title,
            title: self.title,
            successors: self.successors.iter().map(|code| read(code.parse())).collect::<Result<_>>()?,
            handovers: self.handovers.0,
            apply_time: self.apply_time,
            creator: self.creator,
            create_time: self.create_time,
        })
    }
}

/// Writes new changes of one district, with who takes over from whom.
pub async fn insert(
    connection: &mut PgConnection,
    district: DistrictCode,
    changes: &[UnitChange],
) -> Result<()> {
    for change in changes {
        let successors: Vec<String> = change.successors.iter().map(ToString::to_string).collect();
        sqlx::query!(
            "with changed as (
               insert into registry.unit_changes (district, id, kind, agency_code, effective_date, document_number,
                 reason, former_title, title, successors, handovers, apply_time, creator, create_time)
               values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14))
             insert into registry.unit_successions (district, predecessor, successor)
             select $1, $4, successor from unnest($10::text[]) as successor",
            district.as_i32(),
            change.id,
            change.kind.as_str(),
            change.unit.as_str(),
            change.effective_date,
            change.document_number,
            change.reason,
            change.former_title,
            change.title,
            &successors,
            Json(&change.handovers) as _,
            change.apply_time,
            change.creator,
            change.create_time,
        )
        .execute(&mut *connection)
        .await
        .map_err(database)?;
    }
    Ok(())
}

/// Day on which each of these units last changed or took over from another, of those that ever did.
pub async fn last_days(
    connection: &mut PgConnection,
    district: DistrictCode,
    codes: &[String],
) -> Result<BTreeMap<String, NaiveDate>> {
    let rows = sqlx::query!(
        r#"select asked.code as "code!", max(c.effective_date) as "day!"
           from unnest($2::text[]) as asked(code)
           join registry.unit_changes c on c.district = $1
             and (c.agency_code = asked.code or asked.code = any(c.successors))
           group by asked.code"#,
        district.as_i32(),
        codes,
    )
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(|row| (row.code, row.day)).collect())
}

/// Changes whose day has come and that have not taken effect, in the order of their days, locked.
pub async fn due(
    connection: &mut PgConnection,
    district: DistrictCode,
    today: NaiveDate,
) -> Result<Vec<UnitChange>> {
    let rows = sqlx::query_as!(
        Row,
        r#"select id, kind, agency_code, effective_date, document_number, reason, former_title, title, successors,
                  handovers as "handovers: Json<BTreeMap<String, AgencyCode>>", apply_time, creator, create_time
           from registry.unit_changes
           where district = $1 and apply_time is null and effective_date <= $2
           order by effective_date, id for update"#,
        district.as_i32(),
        today,
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter().map(Row::change).collect()
}

/// Notes that changes took effect.
pub async fn applied(
    connection: &mut PgConnection,
    district: DistrictCode,
    ids: &[String],
    now: DateTime<Utc>,
) -> Result<()> {
    sqlx::query!(
        "update registry.unit_changes set apply_time = $3
         where district = $1 and id = any($2) and apply_time is null",
        district.as_i32(),
        ids,
        now,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Districts in which some change has to take effect.
pub async fn districts_due(connection: &mut PgConnection, today: NaiveDate) -> Result<Vec<DistrictCode>> {
    let codes = sqlx::query_scalar!(
        "select distinct district from registry.unit_changes
         where apply_time is null and effective_date <= $1 order by district",
        today,
    )
    .fetch_all(connection)
    .await?;
    codes.into_iter().map(district_of).collect()
}

/// Which changes a list is narrowed to.
#[derive(Clone, Debug, Default)]
pub struct ChangeFilter {
    /// Changes of this unit, and those by which it took over.
    pub unit: Option<String>,
    /// Also those of all units that it came from and of all that it became.
    pub follow: bool,
    /// Day and identifier of the last row of the page before.
    pub after: Option<(NaiveDate, String)>,
    /// Rows at the most.
    pub limit: i64,
}

/// Changes in the order of their days. The chain of successors is followed by the database, both ways.
pub async fn list(
    connection: &mut PgConnection,
    district: DistrictCode,
    filter: &ChangeFilter,
) -> Result<Vec<UnitChange>> {
    let (after_day, after_id) = filter.after.clone().unzip();
    let rows = sqlx::query_as!(
        Row,
        r#"with recursive became(code) as (
             select $2::text collate "C" where $3::boolean
             union select s.successor from became b
               join registry.unit_successions s on s.district = $1 and s.predecessor = b.code),
           came(code) as (
             select $2::text collate "C" where $3::boolean
             union select s.predecessor from came c
               join registry.unit_successions s on s.district = $1 and s.successor = c.code)
           select id, kind, agency_code, effective_date, document_number, reason, former_title, title, successors,
                  handovers as "handovers: Json<BTreeMap<String, AgencyCode>>", apply_time, creator, create_time
           from registry.unit_changes c
           where district = $1
             and ($2::text is null or agency_code = $2 or $2 = any(successors)
                  or agency_code in (select code from became union select code from came))
             and ($4::date is null or (effective_date, id) > ($4, $5))
           order by effective_date, id limit $6"#,
        district.as_i32(),
        filter.unit.as_deref(),
        filter.follow,
        after_day,
        after_id,
        filter.limit,
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter().map(Row::change).collect()
}
