//! Whoever does the work of operations: takes one by a lease, does it step by step, and leaves it to the next when it
//! dies.

use std::time::Duration;

use chrono::{DateTime, Utc};
use futures::future::BoxFuture;
use prost::{Message, Name};
use sqlx::PgConnection;
use tonic::Code;
use uuid::Uuid;
use wenxiao_contract::google::longrunning::operation::Result as Outcome;
use wenxiao_kernel::DistrictCode;

use super::store::{self, End, Held};
use super::{cancelled, status_of};
use crate::database::{Database, Transaction};
use crate::failure::{Failure, Result};
use crate::work::{Change, Origin, note};

/// How long an operation belongs to a worker that says nothing.
const LEASE_SECONDS: f64 = 15.0;
/// Between two signs of life.
const HEARTBEAT: Duration = Duration::from_secs(4);
/// Between two looks for work.
const POLL: Duration = Duration::from_millis(250);
/// How long an operation rests after a failed step, times the number of failures.
const REST_SECONDS: f64 = 1.0;
/// Failures of one step in a row after which an operation ends.
const FAILURES: i32 = 10;

type Run = Box<dyn Fn(Turn) -> BoxFuture<'static, Result<Step>> + Send + Sync>;

/// What does the operations of one kind: a function that takes one step.
pub struct Worker {
    kind: &'static str,
    run: Run,
}

impl Worker {
    /// A worker for operations of `kind`. `run` takes one step and ends it by one of the endings of a [`Batch`]; what
    /// it fails with is tried again, unless the failure says that trying again is of no use.
    pub fn new<F, Fut>(kind: &'static str, run: F) -> Self
    where
        F: Fn(Turn) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<Step>> + Send + 'static,
    {
        Self { kind, run: Box::new(move |turn| Box::pin(run(turn))) }
    }
}

/// One step of an operation that this process holds.
pub struct Turn {
    /// District.
    pub district: DistrictCode,
    /// The operation's id.
    pub id: String,
    /// What was asked for, as `start` was given it.
    pub request: Vec<u8>,
    /// Where the step before ended; empty at first.
    pub cursor: Vec<u8>,
    /// Whether somebody has asked to cancel it.
    pub cancel_requested: bool,
    /// Code of the unit that the starter is held to; empty for the whole district.
    pub unit: String,
    /// When it was started.
    pub create_time: DateTime<Utc>,
    database: Database,
    owner: String,
    origin: Origin,
}

/// What a step came to; only the endings of a [`Batch`] make one.
pub struct Step {
    ended: bool,
}

impl Turn {
    /// Opens the step's transaction. Read and think before it: while it is open it should be busy.
    pub async fn batch(&self) -> Result<Batch> {
        Ok(Batch {
            now: self.database.clock().now(),
            transaction: self.database.begin(self.district).await?,
            database: self.database.clone(),
            district: self.district,
            id: self.id.clone(),
            owner: self.owner.clone(),
            origin: self.origin.clone(),
            changes: Vec::new(),
        })
    }

    /// Subject of the caller who started it.
    pub fn starter(&self) -> &str {
        &self.origin.subject
    }
}

/// The one transaction of a step: what it changes, the journal, and the cursor commit together or not at all.
pub struct Batch {
    /// The one time at which all of it happens.
    pub now: DateTime<Utc>,
    transaction: Transaction,
    database: Database,
    district: DistrictCode,
    id: String,
    owner: String,
    origin: Origin,
    changes: Vec<Change>,
}

impl Batch {
    /// The connection, for the store.
    pub fn connection(&mut self) -> &mut PgConnection {
        &mut self.transaction
    }

    /// A new id for an object: sortable by time.
    #[expect(clippy::disallowed_methods, reason = "the unit of work of an operation")]
    pub fn new_id(&self) -> String {
        Uuid::now_v7().to_string()
    }

    /// Notes a change, as in a unit of work.
    pub fn record(&mut self, change: Change) {
        self.changes.push(change);
    }

    /// Ends the step; the next one begins at `cursor`.
    pub async fn go_on(mut self, cursor: &[u8], metadata: &impl Message) -> Result<Step> {
        let metadata = metadata.encode_to_vec();
        let (connection, district) = (&mut *self.transaction, self.district);
        let held =
            store::advance(connection, district, &self.id, &self.owner, cursor, &metadata, self.now).await?;
        if !held {
            return Err(lost());
        }
        self.commit(false).await
    }

    /// Ends the operation with what it came to.
    pub async fn end<R: Message + Name>(self, metadata: &impl Message, response: &R) -> Result<Step> {
        let response_type = R::full_name();
        let end = End { response_type, response: Some(response.encode_to_vec()), error: None };
        self.close(Some(metadata.encode_to_vec()), end).await
    }

    /// Ends an operation that was cancelled before it had changed anything.
    pub async fn cancel(self, metadata: &impl Message) -> Result<Step> {
        let error = status_of(cancelled()).encode_to_vec();
        let end = End { response_type: String::new(), response: None, error: Some(error) };
        self.close(Some(metadata.encode_to_vec()), end).await
    }

    async fn close(mut self, metadata: Option<Vec<u8>>, end: End) -> Result<Step> {
        let (connection, district) = (&mut *self.transaction, self.district);
        let (id, owner) = (&self.id, &self.owner);
        let row = store::end(connection, district, id, owner, metadata.as_deref(), &end, self.now).await?;
        let row = row.ok_or_else(lost)?;
        let mut operation = row.show(district)?;
        // What it came to stands in its row and in the changes that it made; the journal says that it ended, and how.
        operation.result = operation.result.filter(|result| matches!(result, Outcome::Error(_)));
        self.record(Change::new("operation.ended", operation.name.clone(), row.version, &operation));
        self.commit(true).await
    }

    async fn commit(mut self, ended: bool) -> Result<Step> {
        if !self.changes.is_empty() {
            let (connection, district) = (&mut *self.transaction, self.district);
            note(connection, district, self.now, &self.origin, &self.changes, None).await?;
        }
        self.transaction.commit().await?;
        self.database.written().notify_one();
        Ok(Step { ended })
    }
}

/// Somebody else holds the operation by now: whatever this process did in its step is undone.
fn lost() -> Failure {
    Failure::unavailable("another process has taken the operation over")
}

/// Does the operations of one service until the task is aborted. Any number of replicas may do it: each operation is
/// held by one at a time.
pub async fn work_forever(database: Database, workers: Vec<Worker>) {
    let kinds: Vec<&'static str> = workers.iter().map(|worker| worker.kind).collect();
    loop {
        match take_one(&database, &kinds).await {
            Ok(Some(holding)) => holding.finish(&workers).await,
            Ok(None) => tokio::time::sleep(POLL).await,
            Err(failure) => {
                tracing::warn!(%failure, service = database.schema(), "operations are not taken: trying again");
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
        }
    }
}

/// An operation that this process holds.
struct Holding {
    database: Database,
    district: DistrictCode,
    id: String,
    owner: String,
}

#[expect(clippy::disallowed_methods, reason = "the name of a holder, not the id of an object")]
async fn take_one(database: &Database, kinds: &[&str]) -> Result<Option<Holding>> {
    let waiting = store::waiting(database.read_across().await?.connection(), kinds).await?;
    for (district, id) in waiting {
        let district = DistrictCode::from_i32(district).map_err(Failure::internal)?;
        let owner = Uuid::new_v4().to_string();
        let mut read = database.read_district(district).await?;
        if store::take(read.connection(), district, &id, &owner, LEASE_SECONDS).await? {
            return Ok(Some(Holding { database: database.clone(), district, id, owner }));
        }
    }
    Ok(None)
}

impl Holding {
    /// Takes steps until the operation has ended or is somebody else's.
    async fn finish(self, workers: &[Worker]) {
        loop {
            match self.step(workers).await {
                Ok(true) => {}
                Ok(false) => return,
                Err(failure) => {
                    tracing::warn!(%failure, operation = self.id, "a step of an operation failed");
                    if let Err(failure) = self.give_up_or_rest(failure).await {
                        tracing::warn!(%failure, operation = self.id, "left to the end of its lease");
                    }
                    return;
                }
            }
        }
    }

    /// Takes one step, with signs of life meanwhile. Tells whether there is another.
    async fn step(&self, workers: &[Worker]) -> Result<bool> {
        let Some(held) = self.held().await? else { return Ok(false) };
        let Some(worker) = workers.iter().find(|worker| worker.kind == held.kind) else { return Ok(false) };
        // Side by side: a sign of life may wait for the row that the step has locked, and the step must go on then.
        tokio::select! {
            done = (worker.run)(self.turn(held)) => done.map(|step| !step.ended),
            () = self.keep_alive() => Ok(false),
        }
    }

    /// Renews the lease until somebody else holds the operation.
    async fn keep_alive(&self) {
        loop {
            tokio::time::sleep(HEARTBEAT).await;
            let renewed = async {
                let mut read = self.database.read_district(self.district).await?;
                store::renew(read.connection(), self.district, &self.id, &self.owner, LEASE_SECONDS).await
            };
            match renewed.await {
                Ok(true) => {}
                Ok(false) => return,
                Err(failure) => tracing::warn!(%failure, operation = self.id, "no sign of life was given"),
            }
        }
    }

    async fn held(&self) -> Result<Option<Held>> {
        let mut read = self.database.read_district(self.district).await?;
        store::held(read.connection(), self.district, &self.id, &self.owner).await
    }

    fn turn(&self, held: Held) -> Turn {
        Turn {
            district: self.district,
            id: self.id.clone(),
            request: held.request,
            cursor: held.cursor,
            cancel_requested: held.cancel_requested,
            unit: held.starter_unit,
            create_time: held.create_time,
            database: self.database.clone(),
            owner: self.owner.clone(),
            origin: Origin {
                subject: held.starter,
                on_behalf_of: held.on_behalf_of,
                roles: held.starter_roles,
                method: held.method,
                request_id: held.request_id,
                trace_parent: held.trace_parent,
            },
        }
    }

    /// After a failed step: ends the operation when it cannot go on, else lets it rest.
    async fn give_up_or_rest(&self, failure: Failure) -> Result<()> {
        let Some(held) = self.held().await? else { return Ok(()) };
        let passing = matches!(
            failure.code(),
            Code::Unavailable | Code::Aborted | Code::DeadlineExceeded | Code::Internal
        );
        if passing && held.failures < FAILURES {
            let mut read = self.database.read_district(self.district).await?;
            let rest = REST_SECONDS * f64::from(held.failures.saturating_add(1));
            return store::fail(read.connection(), self.district, &self.id, &self.owner, rest).await;
        }
        let end = End {
            response_type: String::new(),
            response: None,
            error: Some(status_of(failure).encode_to_vec()),
        };
        self.turn(held).batch().await?.close(None, end).await.map(|_| ())
    }
}
