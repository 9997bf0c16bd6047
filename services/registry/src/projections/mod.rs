//! What the registry keeps of all services' events, its own among them (投影): the timeline of each project, what was
//! paid of it, and which indicators ratified objectives use.

mod disclosure;
mod evaluation;
mod indicator_use;
mod monitoring;
mod own;
mod targets;

pub use disclosure::Disclosure;
pub use evaluation::Evaluation;
pub use monitoring::Monitoring;
pub use own::Own;
pub use targets::Targets;

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::PgConnection;
use wenxiao_contract::google::r#type::{Date, Money as WireMoney};
use wenxiao_contract::wenxiao::common::v1::Event;
use wenxiao_kernel::{DistrictCode, Money};
use wenxiao_platform::convert::Fields;
use wenxiao_platform::{Failure, Result};

use crate::api::resource::today;
use crate::domain::timeline::{Entry, EntryKind, Place};
use crate::store::timeline as store;

/// When an event happened.
fn occurred(event: &Event) -> Result<DateTime<Utc>> {
    let time = event.occur_time.unwrap_or_default();
    let time = DateTime::from_timestamp(time.seconds, u32::try_from(time.nanos).unwrap_or_default());
    time.ok_or_else(|| Failure::internal(format!("{}: no time", event.name)))
}

/// Keeps entries of one event, in their order.
async fn keep(
    connection: &mut PgConnection,
    district: DistrictCode,
    feed: &str,
    event: &Event,
    entries: impl IntoIterator<Item = Entry>,
) -> Result<()> {
    let occur_time = occurred(event)?;
    for (part, entry) in (0..).zip(entries) {
        let (entry_date, feed, sequence) = (entry.entry_date, feed.to_owned(), event.sequence);
        let place = Place { entry_date, occur_time, feed, sequence, part };
        store::keep(connection, district, &place, &entry).await?;
    }
    Ok(())
}

/// An entry about the subject of an event, on the day on which it happened.
fn entry(event: &Event, subject: &str, kind: EntryKind, summary: String) -> Result<Entry> {
    Ok(Entry {
        subject: subject.to_owned(),
        entry_date: today(occurred(event)?),
        fiscal_year: None,
        kind,
        summary,
        resource: event.subject.clone(),
        amount: None,
        grade: None,
        light: String::new(),
        internal: false,
    })
}

/// An amount of another service's event.
fn money(value: Option<&WireMoney>) -> Result<Option<Money>> {
    let mut fields = Fields::default();
    let amount = fields.optional_money("amount", value);
    fields.check().map_err(Failure::internal)?;
    Ok(amount)
}

/// A day of another service's event.
fn day(value: Option<&Date>) -> Result<Option<NaiveDate>> {
    let mut fields = Fields::default();
    let day = fields.optional_date("date", value);
    fields.check().map_err(Failure::internal)?;
    Ok(day)
}

/// A year that may be missing, which is 0.
fn year(year: i32) -> Option<i32> {
    (year != 0).then_some(year)
}

/// An amount within a sentence; nothing for none.
fn said(words: &str, amount: Option<Money>) -> String {
    amount.map(|amount| format!("，{words}{amount}")).unwrap_or_default()
}

/// Whether a name is a project's.
fn is_project(name: &str) -> bool {
    name.split('/').nth(2) == Some("projects")
}
