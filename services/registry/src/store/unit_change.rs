//! Changes of units and who took over from whom (机构变动与承接).

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::PgConnection;
use sqlx::types::Json;
use wenxiao_kernel::DistrictCode;
use wenxiao_platform::Result;

use super::{district_of, read};
use crate::domain::unit::AgencyCode;
use crate::domain::unit_change::{Cancellation, UnitChange};
use crate::error::database;

struct Row {
    id: String,
    decision: String,
    kind: String,
    agency_code: String,
    effective_date: NaiveDate,
    document_number: String,
    reason: String,
    former_title: String,
    title: String,
    successors: Vec<String>,
    entered: Vec<String>,
    handovers: Json<BTreeMap<String, AgencyCode>>,
    policy_handovers: Json<BTreeMap<String, AgencyCode>>,
    unit_goes_on: bool,
    former_end_date: Option<NaiveDate>,
    version: i64,
    apply_time: Option<DateTime<Utc>>,
    cancel_time: Option<DateTime<Utc>>,
    canceller: Option<String>,
    cancel_reason: Option<String>,
    creator: String,
    create_time: DateTime<Utc>,
}

impl Row {
    fn change(self) -> Result<UnitChange> {
        let codes = |codes: &[String]| codes.iter().map(|code| read(code.parse())).collect::<Result<_>>();
        let cancellation = self.cancel_time.map(|time| Cancellation {
            time,
            canceller: self.canceller.unwrap_or_default(),
            reason: self.cancel_reason.unwrap_or_default(),
        });
        Ok(UnitChange {
            id: self.id,
            decision: self.decision,
            kind: read(self.kind.parse())?,
            unit: read(self.agency_code.parse())?,
            effective_date: self.effective_date,
            document_number: self.document_number,
            reason: self.reason,
            former_title: self.former_title,
            title: self.title,
            successors: codes(&self.successors)?,
            entered: codes(&self.entered)?,
            handovers: self.handovers.0,
            policy_handovers: self.policy_handovers.0,
            unit_goes_on: self.unit_goes_on,
            former_end_date: self.former_end_date,
            version: self.version,
            apply_time: self.apply_time,
            cancellation,
            creator: self.creator,
            create_time: self.create_time,
        })
    }
}

fn texts(codes: &[AgencyCode]) -> Vec<String> {
    codes.iter().map(ToString::to_string).collect()
}

/// Writes new changes of one district, with who takes over from whom.
pub async fn insert(
    connection: &mut PgConnection,
    district: DistrictCode,
    changes: &[UnitChange],
) -> Result<()> {
    for change in changes {
        sqlx::query!(
            "with changed as (
               insert into registry.unit_changes (district, id, kind, agency_code, effective_date, document_number,
                 reason, former_title, title, successors, handovers, apply_time, creator, create_time, decision,
                 entered, policy_handovers, unit_goes_on, former_end_date, version)
               values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20))
             insert into registry.unit_successions (district, predecessor, successor, change)
             select $1, $4, successor, $2 from unnest($10::text[]) as successor",
            district.as_i32(),
            change.id,
            change.kind.as_str(),
            change.unit.as_str(),
            change.effective_date,
            change.document_number,
            change.reason,
            change.former_title,
            change.title,
            &texts(&change.successors),
            Json(&change.handovers) as _,
            change.apply_time,
            change.creator,
            change.create_time,
            change.decision,
            &texts(&change.entered),
            Json(&change.policy_handovers) as _,
            change.unit_goes_on,
            change.former_end_date,
            change.version,
        )
        .execute(&mut *connection)
        .await
        .map_err(database)?;
    }
    Ok(())
}

/// The changes that were decided together with one of them, locked.
pub async fn lock_decision(
    connection: &mut PgConnection,
    district: DistrictCode,
    id: &str,
) -> Result<Vec<UnitChange>> {
    let rows = sqlx::query_as!(
        Row,
        r#"select id, decision, kind, agency_code, effective_date, document_number, reason, former_title, title, successors,
                  entered, handovers as "handovers: Json<BTreeMap<String, AgencyCode>>",
                  policy_handovers as "policy_handovers: Json<BTreeMap<String, AgencyCode>>", unit_goes_on,
                  former_end_date, version, apply_time, cancel_time, canceller, cancel_reason, creator, create_time
           from registry.unit_changes
           where district = $1
             and decision = (select decision from registry.unit_changes where district = $1 and id = $2)
           order by id for update"#,
        district.as_i32(),
        id,
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter().map(Row::change).collect()
}

/// Changes of these units that come after a day, and such by which one of `entered` takes over, besides those of one
/// decision and those that were taken back: their identifiers, the first ones in the order of days.
pub async fn built_upon(
    connection: &mut PgConnection,
    district: DistrictCode,
    decision: &str,
    day: NaiveDate,
    units: &[String],
    entered: &[String],
    limit: usize,
) -> Result<Vec<String>> {
    let ids = sqlx::query_scalar!(
        "select id from registry.unit_changes
         where district = $1 and decision <> $2 and cancel_time is null
           and (effective_date > $3 and agency_code = any($4) or successors && $5)
         order by effective_date, id limit $6",
        district.as_i32(),
        decision,
        day,
        units,
        entered,
        i64::try_from(limit).unwrap_or(i64::MAX),
    )
    .fetch_all(connection)
    .await?;
    Ok(ids)
}

/// Notes that changes were taken back, each over exactly the version before: nobody takes over by them any more. Says how
/// many were noted.
pub async fn cancelled(
    connection: &mut PgConnection,
    district: DistrictCode,
    changes: &[UnitChange],
    cancellation: &Cancellation,
) -> Result<u64> {
    let ids: Vec<String> = changes.iter().map(|change| change.id.clone()).collect();
    let versions: Vec<i64> = changes.iter().map(|change| change.version).collect();
    let done = sqlx::query!(
        "update registry.unit_changes kept
         set version = of.version, cancel_time = $4, canceller = $5, cancel_reason = $6
         from unnest($2::text[], $3::bigint[]) as of(id, version)
         where kept.district = $1 and kept.id = of.id and kept.version = of.version - 1",
        district.as_i32(),
        &ids,
        &versions,
        cancellation.time,
        cancellation.canceller,
        cancellation.reason,
    )
    .execute(&mut *connection)
    .await?;
    sqlx::query!(
        "delete from registry.unit_successions where district = $1 and change = any($2)",
        district.as_i32(),
        &ids,
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected())
}

/// Day on which each of these units last changed or took over from another, of those that ever did; what was taken back
/// does not count.
pub async fn last_days(
    connection: &mut PgConnection,
    district: DistrictCode,
    codes: &[String],
) -> Result<BTreeMap<String, NaiveDate>> {
    let rows = sqlx::query!(
        r#"select asked.code as "code!", max(c.effective_date) as "day!"
           from unnest($2::text[]) as asked(code)
           join registry.unit_changes c on c.district = $1 and c.cancel_time is null
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
        r#"select id, decision, kind, agency_code, effective_date, document_number, reason, former_title, title, successors,
                  entered, handovers as "handovers: Json<BTreeMap<String, AgencyCode>>",
                  policy_handovers as "policy_handovers: Json<BTreeMap<String, AgencyCode>>", unit_goes_on,
                  former_end_date, version, apply_time, cancel_time, canceller, cancel_reason, creator, create_time
           from registry.unit_changes
           where district = $1 and apply_time is null and cancel_time is null and effective_date <= $2
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
        "update registry.unit_changes set apply_time = $3, version = version + 1
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
         where apply_time is null and cancel_time is null and effective_date <= $1 order by district",
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
           select id, decision, kind, agency_code, effective_date, document_number, reason, former_title, title, successors,
                  entered, handovers as "handovers: Json<BTreeMap<String, AgencyCode>>",
                  policy_handovers as "policy_handovers: Json<BTreeMap<String, AgencyCode>>", unit_goes_on,
                  former_end_date, version, apply_time, cancel_time, canceller, cancel_reason, creator, create_time
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
