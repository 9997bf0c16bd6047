//! What a service keeps of other services' events (投影): its own copy of what it needs, moved on in the same
//! transaction as the cursor, so that each event counts exactly once.

use std::collections::BTreeMap;
use std::time::Duration;

use prost::{Message, Name};
use sqlx::PgConnection;
use wenxiao_contract::wenxiao::common::v1::event_service_client::EventServiceClient;
use wenxiao_contract::wenxiao::common::v1::{Event, ListEventsRequest, ListFeedsRequest};
use wenxiao_kernel::{DistrictCode, name};

use crate::clients::Link;
use crate::database::Database;
use crate::doorbell::Doorbell;
use crate::failure::{Failure, Result};

/// How long a projection waits without being rung: only a ring that is lost costs that much.
const POLL: Duration = Duration::from_secs(1);
const EVENTS_PER_STEP: i32 = 500;

/// What one service keeps of one other service's feed.
#[tonic::async_trait]
pub trait Projection: Send + Sync {
    /// The feed that is read: `registry`.
    fn feed(&self) -> &'static str;

    /// Takes one event into account. Runs once per event, in order, inside the transaction that moves the cursor;
    /// events of types that it does not know are none of its business.
    async fn apply(&self, connection: &mut PgConnection, district: DistrictCode, event: &Event)
    -> Result<()>;
}

/// The event's resource when it is an `R`; `None` when it is something else.
pub fn resource<R: Message + Name + Default>(event: &Event) -> Result<Option<R>> {
    match &event.resource {
        Some(any) if any.type_url.rsplit('/').next() == Some(&*R::full_name()) => {
            R::decode(any.value.as_slice()).map(Some).map_err(Failure::internal)
        }
        _ => Ok(None),
    }
}

/// Keeps one projection up to date until the task is aborted. `doorbell` rings when a feed has moved.
pub async fn project_forever(
    database: Database,
    projection: Box<dyn Projection>,
    source: Link,
    doorbell: Doorbell,
) {
    let mut client = EventServiceClient::new(source);
    let mut bell = doorbell.listen();
    loop {
        match step(&database, &*projection, &mut client).await {
            Ok(0) => {
                bell.wait(projection.feed(), None, POLL).await;
            }
            Ok(_) => {}
            Err(failure) => {
                tracing::warn!(%failure, service = database.schema(), feed = projection.feed(), "projection stopped: trying again");
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
        }
    }
}

/// Takes what is new in every district, a bounded number of events each, and says how many events that were.
async fn step(
    database: &Database,
    projection: &dyn Projection,
    client: &mut EventServiceClient<Link>,
) -> Result<usize> {
    let feed = projection.feed();
    let asked = ListFeedsRequest { parent: "districts/-".to_owned() };
    let heads = client.list_feeds(asked).await?.into_inner().feeds;
    let cursors = cursors(database, feed).await?;
    let (mut taken, mut waiting) = (0_usize, 0_i64);
    for head in heads {
        let [code, found] = name::segments(&head.name, "districts/*/feeds/*")?;
        let district: DistrictCode = code.parse().map_err(Failure::internal)?;
        let after = cursors.get(&district.as_i32()).copied().unwrap_or(0);
        if found != feed || head.head_sequence <= after {
            continue;
        }
        let asked =
            ListEventsRequest { parent: head.name, after_sequence: after, page_size: EVENTS_PER_STEP };
        let events = client.list_events(asked).await?.into_inner().events;
        apply(database, projection, district, after, &events).await?;
        taken = taken.saturating_add(events.len());
        let seen = events.last().map_or(after, |event| event.sequence);
        waiting = waiting.saturating_add(head.head_sequence.saturating_sub(seen));
    }
    let labels = [("service", database.schema()), ("feed", feed)];
    // A gauge is a float, whatever is counted.
    metrics::gauge!("wenxiao_events_waiting", &labels)
        .set(f64::from(i32::try_from(waiting).unwrap_or(i32::MAX)));
    Ok(taken)
}

async fn apply(
    database: &Database,
    projection: &dyn Projection,
    district: DistrictCode,
    after: i64,
    events: &[Event],
) -> Result<()> {
    let Some(last) = events.last() else { return Ok(()) };
    let mut transaction = database.begin(district).await?;
    // Whoever moves the cursor first takes the events; another replica finds it moved and takes none of them.
    let moved = sqlx::query!(
        "insert into feed_cursors (district, feed, sequence) values ($1, $2, $3)
         on conflict (district, feed) do update set sequence = excluded.sequence where feed_cursors.sequence = $4",
        district.as_i32(),
        projection.feed(),
        last.sequence,
        after,
    )
    .execute(&mut *transaction)
    .await?;
    if moved.rows_affected() == 0 {
        transaction.rollback().await?;
        return Ok(());
    }
    for event in events {
        projection.apply(&mut transaction, district, event).await?;
    }
    transaction.commit().await?;
    Ok(())
}

async fn cursors(database: &Database, feed: &str) -> Result<BTreeMap<i32, i64>> {
    let mut read = database.read_across().await?;
    let rows = sqlx::query!("select district, sequence from feed_cursors where feed = $1", feed)
        .fetch_all(read.connection())
        .await?;
    Ok(rows.into_iter().map(|row| (row.district, row.sequence)).collect())
}

/// How far a service has read every feed of a district: `(feed, sequence)`.
pub async fn progress(connection: &mut PgConnection, district: DistrictCode) -> Result<Vec<(String, i64)>> {
    let rows = sqlx::query!(
        "select feed, sequence from feed_cursors where district = $1 order by feed",
        district.as_i32()
    )
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(|row| (row.feed, row.sequence)).collect())
}
