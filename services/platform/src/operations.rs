//! Long-running operations (长时任务): work that outlives its call and the process that began it, as
//! `google.longrunning.Operations`. One row per operation in the schema of the service that does it; its name says
//! which: `districts/{district}/operations/{service}-{id}`.
//!
//! A call starts one inside its unit of work ([`start`]); a [`Worker`] takes it in steps, each one transaction together
//! with the cursor, so that a process that dies loses no step and repeats none.

mod store;
mod worker;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use prost::{Message, Name};
use prost_types::Any;
use tokio::time::Instant;
use tonic::{Request, Response, Status};
use wenxiao_contract::google::longrunning::operation::Result as Outcome;
use wenxiao_contract::google::longrunning::operations_server::Operations;
use wenxiao_contract::google::longrunning::{
    CancelOperationRequest, DeleteOperationRequest, GetOperationRequest, ListOperationsRequest,
    ListOperationsResponse, Operation, WaitOperationRequest,
};
use wenxiao_contract::google::rpc;
use wenxiao_contract::wenxiao::common::v1::ErrorReason;
use wenxiao_contract::{Addressed, Validate};
use wenxiao_kernel::{DistrictCode, name};

use crate::authz::{Facts, Permit};
use crate::call::Call;
use crate::database::Database;
use crate::failure::{Failure, Result};
use crate::identity::Role;
use crate::page::Page;
use crate::server::Deadline;
use crate::work::{Change, Finished, Origin, Work};
pub(crate) use store::forget;
pub use worker::{Batch, Step, Turn, Worker, work_forever};

/// Policies of operations.
pub const POLICIES: &str = include_str!("../operations.cedar");
/// Their package.
pub const PACKAGE: &str = "google.longrunning";

const OPERATION: &str = "districts/*/operations/*";
/// How long a caller waits that names no time.
const WAIT: Duration = Duration::from_secs(10);
/// Between two looks of one who waits.
const LOOK: Duration = Duration::from_millis(100);
/// How much earlier than the call's deadline a wait answers.
const HEAD_START: Duration = Duration::from_millis(100);

/// Starts an operation of `kind` inside a unit of work and answers with it. `request` is what its worker will read;
/// `id` makes the last part of its name.
pub async fn start<M, R, P>(
    mut work: Work<M>,
    permit: Permit,
    kind: &'static str,
    service: &str,
    id: &str,
    request: &R,
    metadata: &P,
) -> Result<Finished<Operation>>
where
    M: Message + Addressed,
    R: Message,
    P: Message + Name,
{
    let (district, now) = (work.district, work.now);
    let unit = work.principal().scope().unit_prefix.unwrap_or_default();
    let row = store::New {
        id: format!("{service}-{id}"),
        kind,
        origin: Origin::of(&work.call),
        unit,
        request: request.encode_to_vec(),
        metadata_type: P::full_name(),
        metadata: metadata.encode_to_vec(),
    };
    let operation = Operation {
        name: name_of(district, &row.id),
        metadata: Some(any(&row.metadata_type, row.metadata.clone())),
        ..Operation::default()
    };
    store::insert(work.connection(), district, &row, now).await?;
    work.record(Change::new("operation.started", operation.name.clone(), 1, &operation));
    work.finish(permit, operation).await
}

fn name_of(district: DistrictCode, id: &str) -> String {
    format!("districts/{district}/operations/{id}")
}

fn any(message_type: &str, value: Vec<u8>) -> Any {
    Any { type_url: format!("type.googleapis.com/{message_type}"), value }
}

impl store::Row {
    /// The operation as the contract has it.
    fn show(&self, district: DistrictCode) -> Result<Operation> {
        let response = self.response.clone().map(|value| Outcome::Response(any(&self.response_type, value)));
        let error = self.error.as_deref().map(rpc::Status::decode).transpose().map_err(Failure::internal)?;
        Ok(Operation {
            name: name_of(district, &self.id),
            metadata: Some(any(&self.metadata_type, self.metadata.clone())),
            done: self.done,
            result: error.map(Outcome::Error).or(response),
        })
    }

    fn facts(&self, district: DistrictCode) -> Facts {
        Facts::of(name_of(district, &self.id)).author(self.starter.clone())
    }
}

/// What became of an operation that was cancelled.
pub(crate) fn cancelled() -> Failure {
    Failure::new(
        tonic::Code::Cancelled,
        ErrorReason::OperationCancelled,
        "任务已取消，未改动任何数据",
        "the operation was cancelled before it had changed anything",
    )
}

/// A refusal as the error of an operation: code, message and details as a call would have had them.
pub(crate) fn status_of(failure: Failure) -> rpc::Status {
    let status = failure.into_status();
    rpc::Status::decode(status.details()).unwrap_or_else(|_| rpc::Status {
        code: status.code().into(),
        message: status.message().to_owned(),
        details: Vec::new(),
    })
}

/// The operations of the services that run here.
#[derive(Clone)]
pub struct OperationsApi {
    databases: Arc<BTreeMap<&'static str, Database>>,
}

impl OperationsApi {
    /// Serves the operations of these services.
    pub fn new(databases: impl IntoIterator<Item = Database>) -> Self {
        let databases = databases.into_iter().map(|database| (database.schema(), database)).collect();
        Self { databases: Arc::new(databases) }
    }

    /// The service that an operation belongs to, by the first word of its id.
    fn database(&self, name: &str, id: &str) -> Result<&Database> {
        let service = id.split('-').next().unwrap_or_default();
        self.databases.get(service).ok_or_else(|| Failure::not_found(name))
    }

    /// An operation that the caller may see; what they may not see does not exist.
    async fn load<M: Addressed + Validate>(&self, call: &Call<M>) -> Result<(Operation, Permit)> {
        let (district, name) = (call.district()?, call.message.address());
        let [_, id] = name::segments(name, OPERATION)?;
        let mut read = self.database(name, id)?.read(call).await?;
        let row = store::load(read.connection(), district, id).await?;
        let row = row.ok_or_else(|| Failure::not_found(name))?;
        let permit = call.permit(row.facts(district)).map_err(|_| Failure::not_found(name))?;
        Ok((row.show(district)?, permit))
    }

    /// Does a command about one operation.
    async fn command<M, F, Fut>(&self, call: Call<M>, command: F) -> Result<Response<()>>
    where
        M: Message + Addressed + Validate + Clone + 'static,
        F: FnOnce(Work<M>) -> Fut + Send + 'static,
        Fut: Future<Output = Result<Finished<()>>> + Send,
    {
        let [_, id] = name::segments(call.message.address(), OPERATION)?;
        let database = self.database(call.message.address(), id)?.clone();
        database.write(call, command).await
    }
}

/// Locks the operation that a command is about.
async fn lock<M: Message + Addressed>(work: &mut Work<M>) -> Result<(store::Row, Permit)> {
    let name = work.call.message.address().to_owned();
    let [_, id] = name::segments(&name, OPERATION)?;
    let (district, id) = (work.district, id.to_owned());
    let row = store::lock(work.connection(), district, &id).await?;
    let row = row.ok_or_else(|| Failure::not_found(&name))?;
    let permit = work.permit(row.facts(district)).map_err(|_| Failure::not_found(&name))?;
    Ok((row, permit))
}

async fn cancel(mut work: Work<CancelOperationRequest>) -> Result<Finished<()>> {
    let (row, permit) = lock(&mut work).await?;
    if !row.done && !row.cancel_requested {
        let (district, now) = (work.district, work.now);
        store::ask_to_cancel(work.connection(), district, &row.id, now).await?;
        let operation = row.show(district)?;
        work.record(Change::new("operation.cancelled", operation.name.clone(), row.version + 1, &operation));
    }
    work.finish(permit, ()).await
}

async fn delete(mut work: Work<DeleteOperationRequest>) -> Result<Finished<()>> {
    let (row, permit) = lock(&mut work).await?;
    if !row.done {
        return Err(Failure::precondition(
            ErrorReason::StateNotAllowed,
            "任务仍在进行，结束后才能删除",
            "the operation goes on: only one that has ended can be deleted",
        )
        .with("resource", name_of(work.district, &row.id))
        .with("state", "running"));
    }
    let district = work.district;
    store::delete(work.connection(), district, &row.id).await?;
    let operation = row.show(district)?;
    work.record(Change::new("operation.deleted", operation.name.clone(), row.version + 1, &operation));
    work.finish(permit, ()).await
}

#[tonic::async_trait]
impl Operations for OperationsApi {
    async fn list_operations(
        &self,
        request: Request<ListOperationsRequest>,
    ) -> Result<Response<ListOperationsResponse>, Status> {
        let call = Call::open(request)?;
        let (district, ask) = (call.district()?, &call.message);
        let permit = call.permit(Facts::of(&ask.name))?;
        if !ask.filter.is_empty() {
            return Err(Failure::invalid_field("filter", "不支持筛选条件", "no filter is supported").into());
        }
        let page = Page::of(ask.page_size, &ask.page_token, &[call.method(), &ask.name])?;
        let starter = starter_of(&call);
        let mut rows = Vec::new();
        // Ids begin with the service's name: services in their order, and ids in theirs, are one order.
        for (service, database) in self.databases.iter() {
            let left = page.limit() - i64::try_from(rows.len()).unwrap_or(i64::MAX);
            let passed = page.key(0).is_some_and(|after| after >= format!("{service}.").as_str());
            if left <= 0 || passed {
                continue;
            }
            let mut read = database.read(&call).await?;
            rows.extend(store::list(read.connection(), district, starter, page.key(0), left).await?);
        }
        let (rows, next_page_token) = page.cut(rows, |row| vec![row.id.clone()]);
        let operations = rows.iter().map(|row| row.show(district)).collect::<Result<_>>()?;
        Ok(permit.answer(ListOperationsResponse { operations, next_page_token, unreachable: Vec::new() }))
    }

    async fn get_operation(
        &self,
        request: Request<GetOperationRequest>,
    ) -> Result<Response<Operation>, Status> {
        let call = Call::open(request)?;
        let (operation, permit) = self.load(&call).await?;
        Ok(permit.answer(operation))
    }

    async fn wait_operation(
        &self,
        request: Request<WaitOperationRequest>,
    ) -> Result<Response<Operation>, Status> {
        let deadline = request.extensions().get::<Deadline>().map(|deadline| deadline.0 - HEAD_START);
        let call = Call::open(request)?;
        let asked = call.message.timeout.and_then(|time| Duration::try_from(time).ok());
        let until = Instant::now() + asked.unwrap_or(WAIT);
        let until = deadline.map_or(until, |deadline| until.min(deadline));
        loop {
            let (operation, permit) = self.load(&call).await?;
            if operation.done || Instant::now() + LOOK >= until {
                return Ok(permit.answer(operation));
            }
            tokio::time::sleep(LOOK).await;
        }
    }

    async fn cancel_operation(
        &self,
        request: Request<CancelOperationRequest>,
    ) -> Result<Response<()>, Status> {
        Ok(self.command(Call::open(request)?, cancel).await?)
    }

    async fn delete_operation(
        &self,
        request: Request<DeleteOperationRequest>,
    ) -> Result<Response<()>, Status> {
        Ok(self.command(Call::open(request)?, delete).await?)
    }
}

/// Whose operations a list shows: the caller's own, unless a role of theirs sees the district as a whole.
fn starter_of<M>(call: &Call<M>) -> Option<&str> {
    let all = [Role::FinancePerformanceOfficer, Role::FinanceBusinessOfficer, Role::FinanceHead, Role::Ops];
    let principal = call.principal();
    if all.into_iter().any(|role| principal.has(role)) { None } else { Some(&principal.subject) }
}
