//! The events and the audit trail of every service that runs here, as the contract offers them (事件服务).

use std::collections::HashMap;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use futures::Stream;
use prost_types::Any;
use tokio::sync::mpsc;
use tonic::{Request, Response, Status};
use wenxiao_contract::wenxiao::common::v1::event_service_server::EventService;
use wenxiao_contract::wenxiao::common::v1::{
    AuditEntry, Event, Feed, ListAuditEntriesRequest, ListAuditEntriesResponse, ListEventsRequest,
    ListEventsResponse, ListFeedsRequest, ListFeedsResponse, WatchEventsRequest, WatchEventsResponse,
};
use wenxiao_kernel::{DistrictCode, name};

use crate::authz::Facts;
use crate::call::Call;
use crate::convert::timestamp;
use crate::database::Database;
use crate::doorbell::Doorbell;
use crate::failure::{Failure, Result};
use crate::journal::{self, Entry};
use crate::page::Page;

/// Policies of the event service.
pub const POLICIES: &str = include_str!("../policies.cedar");
/// Its package.
pub const PACKAGE: &str = "wenxiao.common.v1";

const FEED: &str = "districts/*/feeds/*";
const EVENTS_PER_PAGE: i64 = 200;
/// Events that wait for a slow watcher before the server stops reading ahead.
const WATCH_BUFFER: usize = 64;
const HEARTBEAT: Duration = Duration::from_secs(10);
/// A watch ends by itself after this, so that a server that drains need not cut anybody off.
const WATCH_LIFE: Duration = Duration::from_secs(300);
/// How long a watcher waits without being rung: other replicas seal too.
const POLL: Duration = Duration::from_millis(500);

/// The event service over the journals of the services that run here.
#[derive(Clone)]
pub struct EventApi {
    journals: Arc<HashMap<&'static str, Database>>,
    doorbell: Doorbell,
}

impl EventApi {
    /// Serves these services' journals; `doorbell` rings when new entries have got their number.
    pub fn new(journals: impl IntoIterator<Item = Database>, doorbell: Doorbell) -> Self {
        let journals = journals.into_iter().map(|database| (database.schema(), database)).collect();
        Self { journals: Arc::new(journals), doorbell }
    }

    fn journal(&self, parent: &str) -> Result<&Database> {
        let [_, feed] = name::segments(parent, FEED)?;
        self.journals.get(feed).ok_or_else(|| Failure::not_found(parent))
    }

    async fn page(
        &self,
        database: &Database,
        district: DistrictCode,
        after: i64,
        limit: i64,
    ) -> Result<Vec<Entry>> {
        let mut read = database.read_district(district).await?;
        journal::read(read.connection(), district, after, None, limit).await
    }
}

#[tonic::async_trait]
impl EventService for EventApi {
    async fn list_feeds(
        &self,
        request: Request<ListFeedsRequest>,
    ) -> Result<Response<ListFeedsResponse>, Status> {
        let call = Call::open(request)?;
        let permit = call.permit(Facts::of(&call.message.parent))?;
        let districts = call.districts();
        let districts: Option<Vec<i32>> =
            districts.map(|list| list.iter().map(|code| code.as_i32()).collect());
        let mut feeds = Vec::new();
        for (feed, database) in self.journals.iter() {
            let mut read = database.read_across().await?;
            for (district, head_sequence, head_hash) in
                journal::heads(read.connection(), districts.as_deref()).await?
            {
                feeds.push(Feed {
                    name: format!("districts/{district}/feeds/{feed}"),
                    head_sequence,
                    head_hash,
                });
            }
        }
        feeds.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(permit.answer(ListFeedsResponse { feeds }))
    }

    async fn list_events(
        &self,
        request: Request<ListEventsRequest>,
    ) -> Result<Response<ListEventsResponse>, Status> {
        let call = Call::open(request)?;
        let permit = call.permit(Facts::of(&call.message.parent))?;
        let database = self.journal(&call.message.parent)?;
        let limit =
            if call.message.page_size == 0 { EVENTS_PER_PAGE } else { i64::from(call.message.page_size) };
        let entries = self.page(database, call.district()?, call.message.after_sequence, limit).await?;
        let events = entries.into_iter().map(|entry| event(database.schema(), entry)).collect();
        Ok(permit.answer(ListEventsResponse { events }))
    }

    async fn watch_events(
        &self,
        request: Request<WatchEventsRequest>,
    ) -> Result<Response<Pin<Box<dyn Stream<Item = Result<WatchEventsResponse, Status>> + Send>>>, Status>
    {
        let call = Call::open(request)?;
        let permit = call.permit(Facts::of(&call.message.parent))?;
        let database = self.journal(&call.message.parent)?.clone();
        let (sender, receiver) = mpsc::channel(WATCH_BUFFER);
        let watch = Watch {
            api: self.clone(),
            district: call.district()?,
            database,
            after: call.message.after_sequence,
            sender,
        };
        tokio::spawn(watch.run());
        let stream = tokio_stream::wrappers::ReceiverStream::new(receiver);
        Ok(permit.answer(Box::pin(stream) as Pin<Box<dyn Stream<Item = _> + Send>>))
    }

    async fn list_audit_entries(
        &self,
        request: Request<ListAuditEntriesRequest>,
    ) -> Result<Response<ListAuditEntriesResponse>, Status> {
        let call = Call::open(request)?;
        let permit = call.permit(Facts::of(&call.message.parent))?;
        let database = self.journal(&call.message.parent)?;
        let ask = &call.message;
        let page = Page::of(ask.page_size, &ask.page_token, &[call.method(), &ask.parent, &ask.subject])?;
        let after = page.key(0).and_then(|key| key.parse().ok()).unwrap_or(0);
        let subject = Some(ask.subject.as_str()).filter(|subject| !subject.is_empty());
        let mut read = database.read(&call).await?;
        let (district, connection) = (call.district()?, read.connection());
        let entries = journal::read(connection, district, after, subject, page.size()).await?;
        // How many there are does not tell: a page may be full of bytes.
        let more = match entries.last() {
            Some(last) => !journal::read(connection, district, last.sequence, subject, 1).await?.is_empty(),
            None => false,
        };
        let key = |entry: &Entry| vec![entry.sequence.to_string()];
        let (entries, next_page_token) = page.cut_before(entries, more, key);
        let audit_entries = entries.into_iter().map(|entry| audit_entry(database.schema(), entry)).collect();
        Ok(permit.answer(ListAuditEntriesResponse { audit_entries, next_page_token }))
    }
}

/// One watcher's stream.
struct Watch {
    api: EventApi,
    database: Database,
    district: DistrictCode,
    after: i64,
    sender: mpsc::Sender<Result<WatchEventsResponse, Status>>,
}

impl Watch {
    async fn run(mut self) {
        let end = tokio::time::Instant::now() + WATCH_LIFE;
        let mut bell = self.api.doorbell.listen();
        let mut silent_since = tokio::time::Instant::now();
        while tokio::time::Instant::now() < end && !self.sender.is_closed() {
            let entries =
                match self.api.page(&self.database, self.district, self.after, EVENTS_PER_PAGE).await {
                    Ok(entries) => entries,
                    Err(failure) => {
                        let _gone = self.sender.send(Err(failure.into_status())).await;
                        return;
                    }
                };
            let nothing = entries.is_empty();
            for entry in entries {
                self.after = entry.sequence;
                let event = event(self.database.schema(), entry);
                let message = WatchEventsResponse { event: Some(event), resume_sequence: self.after };
                if self.sender.send(Ok(message)).await.is_err() {
                    return;
                }
                silent_since = tokio::time::Instant::now();
            }
            if nothing {
                if silent_since.elapsed() >= HEARTBEAT {
                    silent_since = tokio::time::Instant::now();
                    let heartbeat = WatchEventsResponse { event: None, resume_sequence: self.after };
                    if self.sender.send(Ok(heartbeat)).await.is_err() {
                        return;
                    }
                }
                bell.wait(self.database.schema(), Some(self.district), POLL).await;
            }
        }
    }
}

fn any(resource_type: &str, bytes: Option<Vec<u8>>) -> Option<Any> {
    bytes.map(|value| Any { type_url: format!("type.googleapis.com/{resource_type}"), value })
}

fn event(feed: &str, entry: Entry) -> Event {
    Event {
        name: format!("districts/{}/feeds/{feed}/events/{}", entry.district, entry.sequence),
        sequence: entry.sequence,
        r#type: entry.kind,
        subject: entry.subject,
        subject_version: entry.subject_version,
        occur_time: Some(timestamp(entry.occur_time)),
        resource: any(&entry.resource_type, entry.after),
        trace_parent: entry.trace_parent,
    }
}

fn audit_entry(feed: &str, mut entry: Entry) -> AuditEntry {
    let before = any(&entry.resource_type, entry.before.take());
    AuditEntry {
        actor: std::mem::take(&mut entry.actor),
        actor_roles: entry.actor_roles.split(',').map(str::to_owned).collect(),
        on_behalf_of: std::mem::take(&mut entry.on_behalf_of),
        method: std::mem::take(&mut entry.method),
        request_id: std::mem::take(&mut entry.request_id),
        before,
        rule_set: std::mem::take(&mut entry.rule_set),
        reason: std::mem::take(&mut entry.reason),
        previous_hash: std::mem::take(&mut entry.previous_hash),
        hash: std::mem::take(&mut entry.hash),
        event: Some(event(feed, entry)),
    }
}
