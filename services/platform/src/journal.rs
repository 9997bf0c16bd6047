//! The journal (审计与事件日志): the sealer that numbers and chains what was committed, and the reader of the chain.
//!
//! Writers do not queue for a number. A change commits into a queue; one sealer per service moves it into the
//! journal milliseconds later, numbered without gaps and hash-chained per district. A reader that resumes by
//! sequence therefore never misses a change that committed late, which reading by id alone would.

use std::collections::{BTreeSet, HashMap};
use std::time::Duration;

use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};
use sqlx::{PgConnection, Postgres, Transaction};
use wenxiao_kernel::DistrictCode;

use crate::database::Database;
use crate::doorbell::Doorbell;
use crate::failure::{Failure, Result};

/// How many changes are sealed in one transaction at the most.
const BATCH: i64 = 1000;
/// How many bytes of states are sealed in one transaction at the most, or one change if that has more.
const BATCH_BYTES: i64 = 8 * 1024 * 1024;
/// How many bytes of states a page holds, so that it fits into a message.
const PAGE_BYTES: i64 = 2 * 1024 * 1024;
/// How long the sealer waits without being told of a change. Each replica is told of its own changes only, and sees to
/// them itself.
const IDLE: Duration = Duration::from_secs(1);
/// How long it waits for another replica that is sealing and may have looked before the change was there.
const BUSY: Duration = Duration::from_millis(50);

/// One entry of the journal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// District that it belongs to, as the database keeps it.
    pub district: i32,
    /// Place in the district's journal, from 1.
    pub sequence: i64,
    /// When it happened.
    pub occur_time: DateTime<Utc>,
    /// What kind of thing happened.
    pub kind: String,
    /// Resource that it happened to.
    pub subject: String,
    /// Version of the subject after it.
    pub subject_version: i64,
    /// Who did it.
    pub actor: String,
    /// In which roles, comma-separated.
    pub actor_roles: String,
    /// On whose behalf.
    pub on_behalf_of: String,
    /// By which method.
    pub method: String,
    /// With which request id.
    pub request_id: String,
    /// Within which trace.
    pub trace_parent: String,
    /// By which rule set.
    pub rule_set: String,
    /// For what reason.
    pub reason: String,
    /// Message type of `before` and `after`.
    pub resource_type: String,
    /// The subject before it.
    pub before: Option<Vec<u8>>,
    /// The subject after it.
    pub after: Option<Vec<u8>>,
    /// Hash of the entry before it; empty for the first.
    pub previous_hash: Vec<u8>,
    /// SHA-256 over the previous hash and all of the above.
    pub hash: Vec<u8>,
}

impl Entry {
    /// What its hash must be. Each field goes in with its length, so that no two entries read the same.
    fn expected_hash(&self) -> Vec<u8> {
        let mut hash = Sha256::new();
        let mut field = |bytes: &[u8]| {
            hash.update((bytes.len() as u64).to_be_bytes());
            hash.update(bytes);
        };
        field(&self.previous_hash);
        field(&self.district.to_be_bytes());
        field(&self.sequence.to_be_bytes());
        field(&self.occur_time.timestamp_micros().to_be_bytes());
        field(&self.subject_version.to_be_bytes());
        for text in [
            &self.kind,
            &self.subject,
            &self.actor,
            &self.actor_roles,
            &self.on_behalf_of,
            &self.method,
            &self.request_id,
            &self.trace_parent,
            &self.rule_set,
            &self.reason,
            &self.resource_type,
        ] {
            field(text.as_bytes());
        }
        for state in [&self.before, &self.after] {
            field(&[u8::from(state.is_some())]);
            field(state.as_deref().unwrap_or_default());
        }
        hash.finalize().to_vec()
    }
}

/// Seals one service's journal until the task is aborted. Any number of replicas may run it: one at a time works.
pub async fn seal_forever(database: Database, doorbell: Doorbell) {
    loop {
        match seal_batch(&database).await {
            Ok(None) => tokio::time::sleep(BUSY).await,
            Ok(Some(districts)) if districts.is_empty() => {
                let _told = tokio::time::timeout(IDLE, database.written().notified()).await;
            }
            Ok(Some(districts)) => {
                districts.into_iter().for_each(|code| doorbell.ring(database.schema(), code))
            }
            Err(failure) => {
                tracing::warn!(%failure, schema = database.schema(), "sealing failed: trying again");
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
        }
    }
}

/// Seals what waits, up to a batch of each district, and says in which districts that was; `None` when another replica
/// is at it.
async fn seal_batch(database: &Database) -> Result<Option<BTreeSet<DistrictCode>>> {
    let mut transaction = database.begin_across().await?;
    let mine = sqlx::query_scalar!(
        r#"select pg_try_advisory_xact_lock(hashtext('wenxiao sealer'), hashtext($1)) as "mine!""#,
        database.schema()
    )
    .fetch_one(&mut *transaction)
    .await?;
    if !mine {
        return Ok(None);
    }
    let mut entries = take_queue(&mut transaction).await?;
    if entries.is_empty() {
        return Ok(Some(BTreeSet::new()));
    }
    let mut heads = heads_of(&mut transaction, &entries).await?;
    for entry in &mut entries {
        let (sequence, hash) = heads.entry(entry.district).or_default();
        *sequence = sequence.saturating_add(1);
        entry.sequence = *sequence;
        entry.previous_hash = std::mem::take(hash);
        entry.hash = entry.expected_hash();
        hash.clone_from(&entry.hash);
    }
    store(&mut transaction, &entries, &heads).await?;
    transaction.commit().await?;
    if let Some(oldest) = entries.iter().map(|entry| entry.occur_time).min() {
        // What a change waits before others can see its event.
        let delay = (database.clock().now() - oldest).to_std().unwrap_or_default();
        metrics::histogram!("wenxiao_seal_delay_seconds", "service" => database.schema()).record(delay);
    }
    let sealed = entries.iter().map(|entry| DistrictCode::from_i32(entry.district));
    Ok(Some(sealed.collect::<Result<_, _>>().map_err(Failure::internal)?))
}

async fn take_queue(transaction: &mut Transaction<'static, Postgres>) -> Result<Vec<Entry>> {
    let taken = sqlx::query_as!(
        Entry,
        // District by district along the key: no index leads with the id, and to sort the whole queue for each batch
        // would be slowest just when it is long.
        r#"with recursive waiting as (
             select min(district) as district from journal_queue
             union all
             select (select min(district) from journal_queue where district > waiting.district) from waiting
             where district is not null
           ), next as (
             select queued.district, queued.id from waiting cross join lateral (
               select district, id, row_number() over next as place,
                 sum(coalesce(octet_length(before), 0) + coalesce(octet_length(after), 0)) over next as bytes
               from (select district, id, before, after from journal_queue
                 where district = waiting.district order by id limit $1) first
               window next as (order by id)) queued
             where bytes <= $2 or place = 1
           ), taken as (
             delete from journal_queue queued using next
             where queued.district = next.district and queued.id = next.id returning queued.*)
           select district, 0::bigint as "sequence!", occur_time, type as kind, subject, subject_version, actor,
             actor_roles, on_behalf_of, method, request_id, trace_parent, rule_set, reason, resource_type, before,
             after, ''::bytea as "previous_hash!", ''::bytea as "hash!"
           from taken order by id"#,
        BATCH,
        BATCH_BYTES,
    );
    Ok(taken.fetch_all(&mut **transaction).await?)
}

type Heads = HashMap<i32, (i64, Vec<u8>)>;

async fn heads_of(transaction: &mut Transaction<'static, Postgres>, entries: &[Entry]) -> Result<Heads> {
    let districts: Vec<i32> = entries.iter().map(|entry| entry.district).collect();
    let rows = sqlx::query!(
        "select district, sequence, hash from journal_heads where district = any($1)",
        &districts
    )
    .fetch_all(&mut **transaction)
    .await?;
    Ok(rows.into_iter().map(|row| (row.district, (row.sequence, row.hash))).collect())
}

async fn store(
    transaction: &mut Transaction<'static, Postgres>,
    entries: &[Entry],
    heads: &Heads,
) -> Result<()> {
    let text = |field: fn(&Entry) -> &String| entries.iter().map(|e| field(e).clone()).collect::<Vec<_>>();
    let bytes = |field: fn(&Entry) -> &Vec<u8>| entries.iter().map(|e| field(e).clone()).collect::<Vec<_>>();
    let states =
        |field: fn(&Entry) -> &Option<Vec<u8>>| entries.iter().map(|e| field(e).clone()).collect::<Vec<_>>();
    let number = |field: fn(&Entry) -> i64| entries.iter().map(field).collect::<Vec<_>>();
    sqlx::query!(
        "insert into journal (district, sequence, occur_time, type, subject, subject_version, actor, actor_roles,
           on_behalf_of, method, request_id, trace_parent, rule_set, reason, resource_type, before, after,
           previous_hash, hash)
         select * from unnest($1::integer[], $2::bigint[], $3::timestamptz[], $4::text[], $5::text[], $6::bigint[],
           $7::text[], $8::text[], $9::text[], $10::text[], $11::text[], $12::text[], $13::text[], $14::text[],
           $15::text[], $16::bytea[], $17::bytea[], $18::bytea[], $19::bytea[])",
        &entries.iter().map(|e| e.district).collect::<Vec<_>>(),
        &number(|e| e.sequence),
        &entries.iter().map(|e| e.occur_time).collect::<Vec<_>>(),
        &text(|e| &e.kind),
        &text(|e| &e.subject),
        &number(|e| e.subject_version),
        &text(|e| &e.actor),
        &text(|e| &e.actor_roles),
        &text(|e| &e.on_behalf_of),
        &text(|e| &e.method),
        &text(|e| &e.request_id),
        &text(|e| &e.trace_parent),
        &text(|e| &e.rule_set),
        &text(|e| &e.reason),
        &text(|e| &e.resource_type),
        &states(|e| &e.before) as &[Option<Vec<u8>>],
        &states(|e| &e.after) as &[Option<Vec<u8>>],
        &bytes(|e| &e.previous_hash),
        &bytes(|e| &e.hash),
    )
    .execute(&mut **transaction)
    .await?;
    let (districts, reached): (Vec<i32>, Vec<&(i64, Vec<u8>)>) = heads.iter().unzip();
    sqlx::query!(
        "insert into journal_heads (district, sequence, hash)
         select * from unnest($1::integer[], $2::bigint[], $3::bytea[])
         on conflict (district) do update set sequence = excluded.sequence, hash = excluded.hash",
        &districts,
        &reached.iter().map(|head| head.0).collect::<Vec<_>>(),
        &reached.iter().map(|head| head.1.clone()).collect::<Vec<_>>(),
    )
    .execute(&mut **transaction)
    .await?;
    Ok(())
}

/// Entries of a district after a sequence, oldest first; of one subject when it is given. As many as asked for and as
/// fit into one message, but always the next one: fewer do not mean that there are no more.
pub async fn read(
    connection: &mut PgConnection,
    district: DistrictCode,
    after: i64,
    subject: Option<&str>,
    limit: i64,
) -> Result<Vec<Entry>> {
    let entries = sqlx::query_as!(
        Entry,
        // The size of a stored value is known without reading it.
        r#"select district, sequence, occur_time, type as kind, subject, subject_version, actor, actor_roles,
             on_behalf_of, method, request_id, trace_parent, rule_set, reason, resource_type, before, after,
             previous_hash, hash
           from (
             select *, row_number() over next as place,
               sum(coalesce(octet_length(before), 0) + coalesce(octet_length(after), 0)) over next as bytes
             from (
               select * from journal
               where district = $1 and sequence > $2 and ($3::text is null or subject = $3)
               order by sequence limit $4) page
             window next as (order by sequence)) sized
           where bytes <= $5 or place = 1
           order by sequence"#,
        district.as_i32(),
        after,
        subject,
        limit,
        PAGE_BYTES,
    );
    Ok(entries.fetch_all(connection).await?)
}

/// Heads of the districts that are named, or of all: `(district, sequence, hash)`.
pub async fn heads(
    connection: &mut PgConnection,
    districts: Option<&[i32]>,
) -> Result<Vec<(i32, i64, Vec<u8>)>> {
    let rows = sqlx::query!(
        "select district, sequence, hash from journal_heads
         where $1::integer[] is null or district = any($1) order by district",
        districts as _
    )
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(|row| (row.district, row.sequence, row.hash)).collect())
}

/// Where a district's journal is broken: found by [`verify`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Break {
    /// An entry is missing before this one, or was inserted.
    #[error("entry {found} stands where {expected} should: entries were removed or inserted")]
    Gap {
        /// Sequence that should have come.
        expected: i64,
        /// Sequence that came.
        found: i64,
    },
    /// The entry does not continue the chain.
    #[error("entry {0} does not follow the entry before it: one of them was replaced")]
    Link(i64),
    /// The entry is not what it was when it was sealed.
    #[error("entry {0} has been changed since it was sealed")]
    Content(i64),
    /// The journal ends before the head that was recorded.
    #[error("the journal ends at {found}, its head says {head}: the newest entries were removed")]
    Tail {
        /// Sequence that the head records.
        head: i64,
        /// Last sequence found.
        found: i64,
    },
}

/// Walks a district's whole journal and recomputes every hash. `Ok(Ok(n))`: n entries, unbroken.
pub async fn verify(database: &Database, district: DistrictCode) -> Result<Result<i64, Break>> {
    let mut read_ = database.read_district(district).await?;
    let connection = read_.connection();
    let head = heads(connection, Some(&[district.as_i32()])).await?.into_iter().next();
    let (mut last, mut hash) = (0_i64, Vec::new());
    loop {
        let page = read(connection, district, last, None, BATCH).await?;
        let Some(end) = page.last() else { break };
        let next = end.sequence;
        for entry in &page {
            let expected =
                last.checked_add(1).ok_or_else(|| Failure::internal("journal sequence overflow"))?;
            if entry.sequence != expected {
                return Ok(Err(Break::Gap { expected, found: entry.sequence }));
            }
            if entry.previous_hash != hash {
                return Ok(Err(Break::Link(entry.sequence)));
            }
            if entry.hash != entry.expected_hash() {
                return Ok(Err(Break::Content(entry.sequence)));
            }
            last = entry.sequence;
            hash.clone_from(&entry.hash);
        }
        last = next;
    }
    let (head, head_hash) = head.map_or((0, Vec::new()), |(_, sequence, hash)| (sequence, hash));
    // A head that was read before the last entries were sealed may only lag behind.
    if head > last || (head == last && head_hash != hash) {
        return Ok(Err(Break::Tail { head, found: last }));
    }
    Ok(Ok(last))
}
