use std::sync::Arc;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

/// Where the time comes from (时钟). Nothing else in the suite asks the machine for it, so that every rule about
/// time can be tested at any time.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> DateTime<Utc> + Send + Sync>);

impl Clock {
    /// The machine's clock.
    #[expect(clippy::disallowed_methods, reason = "the one place that asks the machine")]
    pub fn system() -> Self {
        Self(Arc::new(Utc::now))
    }

    /// A clock that answers what `source` says: for tests and for replays.
    pub fn from_source(source: impl Fn() -> DateTime<Utc> + Send + Sync + 'static) -> Self {
        Self(Arc::new(source))
    }

    /// The time now, to the microsecond, which is what Postgres keeps.
    pub fn now(&self) -> DateTime<Utc> {
        let now = (self.0)();
        DateTime::from_timestamp_micros(now.timestamp_micros()).unwrap_or(now)
    }
}

/// The day in China at a time (北京时间, eight hours ahead all year): deadlines end with it, and not with the day in
/// Greenwich.
pub fn day_in_china(time: DateTime<Utc>) -> NaiveDate {
    time.checked_add_signed(TimeDelta::hours(8)).unwrap_or(time).date_naive()
}

impl std::fmt::Debug for Clock {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Clock")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_ends_at_midnight_in_china() {
        let day = |time: &str| day_in_china(time.parse().unwrap()).to_string();
        assert_eq!(day("2020-10-31T15:59:59Z"), "2020-10-31");
        assert_eq!(day("2020-10-31T16:00:00Z"), "2020-11-01");
    }
}
