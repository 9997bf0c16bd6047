//! GetProjectTimeline (项目大事记).

use chrono::{DateTime, Datelike, SecondsFormat, Utc};
use tonic::{Request, Response, Status};
use wenxiao_contract::wenxiao::registry::v1 as pb;
use wenxiao_platform::authz::Facts;
use wenxiao_platform::identity::Role;
use wenxiao_platform::page::Page;
use wenxiao_platform::{Call, Database, Failure, convert};

use super::resource::{Resource, id_of};
use super::wire::word;
use crate::domain::project::Project;
use crate::domain::timeline::{Entry, Place, is_open};
use crate::store::Kept;
use crate::store::timeline::{self as store, TimelineFilter};

/// Who sees what was said on the way to a decision: those who may read the opinions themselves.
const INSIDERS: &[Role] =
    &[Role::FinancePerformanceOfficer, Role::FinanceBusinessOfficer, Role::FinanceHead, Role::Service];

/// Answers with one page of what happened to a project.
pub async fn get(
    database: &Database,
    request: Request<pb::GetProjectTimelineRequest>,
) -> Result<Response<pb::GetProjectTimelineResponse>, Status> {
    let call = Call::open(request)?;
    let (name, district) = (call.message.name.clone(), call.district()?);
    let id = id_of::<Project>(&name)?;
    let mut read = database.read(&call).await?;
    let stored = Project::load(read.connection(), district, &id).await?;
    // Whoever reads from outside of the district sees no secrets, and does not learn that there are any.
    let outside =
        call.principal().roles.iter().all(|role| matches!(role, Role::CityReader | Role::BudgetingSystem));
    let stored = stored.filter(|stored| !outside || is_open(stored.value.secrecy));
    let stored = stored.ok_or_else(|| Failure::not_found(&name))?;
    let permit = call.permit(stored.value.facts(Facts::of(&name)))?;
    let ask = &call.message;
    let page =
        Page::of(ask.page_size, &ask.page_token, &[call.method(), &ask.name, &ask.fiscal_year, &ask.kind])?;
    let filter = TimelineFilter {
        project: id,
        fiscal_year: (ask.fiscal_year != 0).then_some(ask.fiscal_year),
        kind: word(ask.kind().as_str_name(), "KIND_"),
        internal: INSIDERS.iter().any(|role| call.principal().has(*role)),
        after: after(&page),
        limit: page.limit(),
    };
    let rows = store::list(read.connection(), district, &filter).await?;
    let (rows, next_page_token) = page.cut(rows, |(place, _)| key(place));
    let entries = rows.iter().map(|(_, entry)| shown(entry));
    Ok(permit.answer(pb::GetProjectTimelineResponse { years: by_year(entries), next_page_token }))
}

fn key(place: &Place) -> Vec<String> {
    vec![
        place.entry_date.to_string(),
        place.occur_time.to_rfc3339_opts(SecondsFormat::Micros, true),
        place.feed.clone(),
        place.sequence.to_string(),
        place.part.to_string(),
    ]
}

fn after(page: &Page) -> Option<Place> {
    let time = DateTime::parse_from_rfc3339(page.key(1)?).ok()?;
    Some(Place {
        entry_date: page.key(0)?.parse().ok()?,
        occur_time: time.with_timezone(&Utc),
        feed: page.key(2)?.to_owned(),
        sequence: page.key(3)?.parse().ok()?,
        part: page.key(4)?.parse().ok()?,
    })
}

fn shown(entry: &Entry) -> (i32, pb::TimelineEntry) {
    let kind = convert::enum_name("KIND_", entry.kind.as_str());
    let shown = pb::TimelineEntry {
        entry_date: Some(convert::date(entry.entry_date)),
        fiscal_year: entry.fiscal_year.unwrap_or_default(),
        kind: pb::timeline_entry::Kind::from_str_name(&kind).unwrap_or_default().into(),
        summary: entry.summary.clone(),
        resource: entry.resource.clone(),
        amount: entry.amount.map(convert::money),
        grade: entry.grade.map(convert::grade).unwrap_or_default().into(),
        light: entry.light.clone(),
    };
    (entry.entry_date.year(), shown)
}

/// Entries, which come in the order of days, by calendar year.
fn by_year(entries: impl Iterator<Item = (i32, pb::TimelineEntry)>) -> Vec<pb::TimelineYear> {
    let mut years: Vec<pb::TimelineYear> = Vec::new();
    for (year, entry) in entries {
        match years.last_mut().filter(|last| last.year == year) {
            Some(last) => last.entries.push(entry),
            None => years.push(pb::TimelineYear { year, entries: vec![entry] }),
        }
    }
    years
}
