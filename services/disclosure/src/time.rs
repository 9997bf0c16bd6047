//! The district's day: China has one time zone, eight hours ahead of UTC and without summer time.

use chrono::{DateTime, Duration, NaiveDate, Utc};

const AHEAD_OF_UTC_HOURS: i64 = 8;

/// The day of an instant, in Beijing time (北京时间).
pub fn local_day(time: DateTime<Utc>) -> NaiveDate {
    time.checked_add_signed(Duration::hours(AHEAD_OF_UTC_HOURS)).unwrap_or(time).date_naive()
}
