//! Working days (工作日历).

use tonic::Response;
use wenxiao_contract::wenxiao::disclosure::v1::{
    GetWorkCalendarRequest, UpdateWorkCalendarRequest, WorkCalendar,
};
use wenxiao_kernel::calendar::{Calendar, YearDays};
use wenxiao_kernel::{DistrictCode, name};
use wenxiao_platform::authz::Facts;
use wenxiao_platform::convert::{Fields, date, timestamp};
use wenxiao_platform::work::{Change, Finished, Work};
use wenxiao_platform::{Call, Database, Failure, Result};

use super::year_of;
use crate::{names, store};

/// Reads the days of a year.
pub async fn get(database: &Database, call: Call<GetWorkCalendarRequest>) -> Result<Response<WorkCalendar>> {
    let name = &call.message.name;
    let permit = call.permit(Facts::of(name))?;
    let [_, year] = name::segments(name, names::CALENDAR)?;
    let year = year_of(year, name)?;
    let district = call.district()?;
    let mut read = database.read(&call).await?;
    if let Some((days, version, updated)) =
        store::calendar::load(read.connection(), district.as_i32(), year).await?
    {
        return Ok(permit.answer(message(district, &days, Some((version, updated)))));
    }
    let built_in = Calendar::built_in().map_err(Failure::internal)?;
    let days = built_in.year(year).ok_or_else(|| Failure::not_found(name))?;
    Ok(permit.answer(message(district, days, None)))
}

/// Replaces the days of a year.
pub async fn update(mut work: Work<UpdateWorkCalendarRequest>) -> Result<Finished<WorkCalendar>> {
    let (district, now) = (work.district, work.now);
    let given = work.call.message.work_calendar.clone().unwrap_or_default();
    let permit = work.permit(Facts::of(&given.name))?;
    let [_, year] = name::segments(&given.name, names::CALENDAR)?;
    let mut fields = Fields::default();
    let days = YearDays {
        year: year_of(year, &given.name)?,
        source: given.source.clone(),
        verified: given.verified,
        holidays: given.holidays.iter().map(|day| fields.date("work_calendar.holidays", Some(day))).collect(),
        make_up_days: given
            .make_up_days
            .iter()
            .map(|day| fields.date("work_calendar.make_up_days", Some(day)))
            .collect(),
    };
    fields.check()?;
    days.check().map_err(|invalid| {
        Failure::invalid_field(
            format!("work_calendar.{}", invalid.field()),
            invalid.chinese(),
            invalid.to_string(),
        )
    })?;
    let before = store::calendar::load(work.connection(), district.as_i32(), days.year).await?;
    let etag = before.as_ref().map(|(_, version, _)| version.to_string()).unwrap_or_default();
    work.check_etag(&given.name, &etag)?;
    let version = before.as_ref().map_or(0, |(_, version, _)| *version).saturating_add(1);
    store::calendar::store(work.connection(), district.as_i32(), &days, version, now).await?;
    let answer = message(district, &days, Some((version, now)));
    let mut change = Change::new("work_calendar.updated", &given.name, version, &answer);
    if let Some((days, version, updated)) = &before {
        change = change.from(&message(district, days, Some((*version, *updated))));
    }
    work.record(change);
    work.finish(permit, answer).await
}

fn message(
    district: DistrictCode,
    days: &YearDays,
    own: Option<(i64, chrono::DateTime<chrono::Utc>)>,
) -> WorkCalendar {
    WorkCalendar {
        name: names::in_district(district, "workCalendars", &days.year.to_string()),
        holidays: days.holidays.iter().copied().map(date).collect(),
        make_up_days: days.make_up_days.iter().copied().map(date).collect(),
        source: days.source.clone(),
        built_in: own.is_none(),
        etag: own.map(|(version, _)| version.to_string()).unwrap_or_default(),
        update_time: own.map(|(_, updated)| timestamp(updated)),
        verified: days.verified,
    }
}
