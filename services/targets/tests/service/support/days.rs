//! Suites at days of the test's own, and a filing window for them.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use wenxiao_contract::google::r#type::Date;
use wenxiao_contract::wenxiao::targets::v1 as wire;
use wenxiao_kernel::Clock;
use wenxiao_platform::testing::TestSuite;

use super::{DISTRICT, registry};

/// A suite whose day the test sets: midnight in China begins it.
pub struct Days(Arc<AtomicI64>);

impl Days {
    pub async fn start() -> (TestSuite, Self) {
        let seconds = Arc::new(AtomicI64::new(0));
        let days = Self(seconds.clone());
        days.set("2019-09-10");
        let clock = Clock::from_source(move || {
            chrono::DateTime::from_timestamp(seconds.load(Ordering::SeqCst), 0).unwrap_or_default()
        });
        let services = [&registry::REGISTRY, &wenxiao_targets::DEFINITION];
        (TestSuite::start_at(&services, clock).await, days)
    }

    pub fn set(&self, day: &str) {
        let noon =
            format!("{day}T12:00:00+08:00").parse::<chrono::DateTime<chrono::Utc>>().expect("answered");
        self.0.store(noon.timestamp(), Ordering::SeqCst);
    }
}

pub fn day(year: i32, month: i32, day: i32) -> Option<Date> {
    Some(Date { year, month, day })
}

/// The annual filing for 2020: from 1 September to 15 October 2019.
pub fn window() -> wire::CreateFilingWindowRequest {
    wire::CreateFilingWindowRequest {
        parent: DISTRICT.to_owned(),
        filing_window: Some(wire::FilingWindow {
            fiscal_year: 2020,
            filing_kind: wire::FilingKind::Annual.into(),
            open_date: day(2019, 9, 1),
            due_date: day(2019, 10, 15),
            department_due_date: day(2019, 10, 31),
            reminder_days: vec![1, 7],
            ..Default::default()
        }),
        filing_window_id: "annual-2020".to_owned(),
        ..Default::default()
    }
}
