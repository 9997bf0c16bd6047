//! Working days that a district has replaced.

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::PgConnection;
use wenxiao_kernel::calendar::{Calendar, YearDays};
use wenxiao_platform::{Failure, Result};

use super::one_row;

struct Row {
    year: i32,
    source: String,
    verified: bool,
    holidays: Vec<NaiveDate>,
    make_up_days: Vec<NaiveDate>,
    version: i64,
    update_time: DateTime<Utc>,
}

impl Row {
    fn days(self) -> YearDays {
        let (holidays, make_up_days) =
            (self.holidays.into_iter().collect(), self.make_up_days.into_iter().collect());
        YearDays { year: self.year, source: self.source, verified: self.verified, holidays, make_up_days }
    }
}

/// The district's calendar: the built-in years, each replaced by the district's own where it has one.
pub async fn calendar(connection: &mut PgConnection, district: i32) -> Result<Calendar> {
    let rows = sqlx::query_as!(
        Row,
        "select year, source, verified, holidays, make_up_days, version, update_time from disclosure.work_calendars
         where district = $1",
        district,
    )
    .fetch_all(connection)
    .await?;
    let built_in = Calendar::built_in().map_err(Failure::internal)?;
    Ok(built_in.with(rows.into_iter().map(Row::days)))
}

/// The district's own days of one year, with version and time; none when it has none.
pub async fn load(
    connection: &mut PgConnection,
    district: i32,
    year: i32,
) -> Result<Option<(YearDays, i64, DateTime<Utc>)>> {
    let row = sqlx::query_as!(
        Row,
        "select year, source, verified, holidays, make_up_days, version, update_time from disclosure.work_calendars
         where district = $1 and year = $2",
        district,
        year,
    )
    .fetch_optional(connection)
    .await?;
    Ok(row.map(|row| {
        let (version, update_time) = (row.version, row.update_time);
        (row.days(), version, update_time)
    }))
}

/// Stores a year in its version: the first, or the next after the stored one.
pub async fn store(
    connection: &mut PgConnection,
    district: i32,
    days: &YearDays,
    version: i64,
    now: DateTime<Utc>,
) -> Result<()> {
    let done = sqlx::query!(
        "insert into disclosure.work_calendars as c (district, year, source, holidays, make_up_days, version, update_time,
             verified)
         values ($1, $2, $3, $4, $5, $6, $7, $8)
         on conflict (district, year) do update set source = excluded.source, holidays = excluded.holidays,
             make_up_days = excluded.make_up_days, version = excluded.version, update_time = excluded.update_time,
             verified = excluded.verified
         where c.version = excluded.version - 1",
        district,
        days.year,
        days.source,
        &days.holidays.iter().copied().collect::<Vec<_>>(),
        &days.make_up_days.iter().copied().collect::<Vec<_>>(),
        version,
        now,
        days.verified,
    )
    .execute(connection)
    .await?;
    one_row(done.rows_affected(), &days.year.to_string())
}
