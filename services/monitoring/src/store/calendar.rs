//! Working days of the district.

use sqlx::PgConnection;
use wenxiao_kernel::DistrictCode;
use wenxiao_kernel::calendar::{Calendar, YearDays};
use wenxiao_platform::{Failure, Result};

/// The district's calendar: the years of the house, each replaced by the district's own where it has one.
pub async fn calendar(connection: &mut PgConnection, district: DistrictCode) -> Result<Calendar> {
    let rows = sqlx::query!(
        "select year, source, holidays, make_up_days from monitoring.work_calendars where district = $1",
        district.as_i32(),
    )
    .fetch_all(connection)
    .await?;
    let own = rows.into_iter().map(|row| YearDays {
        year: row.year,
        source: row.source,
        verified: false, // monitoring counts by the days and shows none
        holidays: row.holidays.into_iter().collect(),
        make_up_days: row.make_up_days.into_iter().collect(),
    });
    Ok(Calendar::built_in().map_err(Failure::internal)?.with(own))
}

/// Keeps the days of a year as the district has them now.
pub async fn keep(connection: &mut PgConnection, district: DistrictCode, days: &YearDays) -> Result<()> {
    sqlx::query!(
        "insert into monitoring.work_calendars (district, year, source, holidays, make_up_days)
         values ($1, $2, $3, $4, $5)
         on conflict (district, year) do update set source = excluded.source, holidays = excluded.holidays,
           make_up_days = excluded.make_up_days",
        district.as_i32(),
        days.year,
        days.source,
        &days.holidays.iter().copied().collect::<Vec<_>>(),
        &days.make_up_days.iter().copied().collect::<Vec<_>>(),
    )
    .execute(connection)
    .await?;
    Ok(())
}
