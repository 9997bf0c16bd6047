//! ImportObjectives: takes a file in and starts the operation that reads it.

use chrono::TimeDelta;
use sha2::{Digest, Sha256};
use tonic::{Code, Request, Response, Status, Streaming};
use wenxiao_contract::google::longrunning::Operation;
use wenxiao_contract::wenxiao::common::v1::ErrorReason;
use wenxiao_contract::wenxiao::targets::v1 as wire;
use wenxiao_platform::authz::Facts;
use wenxiao_platform::call::Context;
use wenxiao_platform::convert::{Fields, timestamp};
use wenxiao_platform::identity::Principal;
use wenxiao_platform::work::{Finished, Work};
use wenxiao_platform::{Call, Database, Failure, Result, operations};

use super::FILE_BYTES;
use super::worker::KIND;
use crate::store;

/// Service under which the operation stands.
const SERVICE: &str = "targets";
/// Bytes that are written at once.
const PART: usize = 1 << 20;
/// How long the parts of a file are kept whose sender went away.
const ABANDONED: TimeDelta = TimeDelta::days(1);

type Ask = wire::ImportObjectivesRequest;

/// Takes the file in and answers with the operation.
pub async fn import(
    database: &Database,
    request: Request<Streaming<Ask>>,
) -> Result<Response<Operation>, Status> {
    let context = Context::of(&request)?;
    let mut stream = request.into_inner();
    let first = stream.message().await?.unwrap_or_default();
    let call = context.clone().with(first)?;
    call.permit(facts(&call.message.parent, call.principal()))?;
    let mut fields = Fields::default();
    fields.year("fiscal_year", call.message.fiscal_year);
    fields.check()?;
    let mut options = call.message;
    let mut upload = Upload::new(database.clone(), context.clone(), options.parent.clone());
    upload.add(std::mem::take(&mut options.chunk)).await?;
    while let Some(message) = stream.message().await? {
        let part = context.clone().with(message)?.message;
        if part.parent != options.parent {
            let english = "every message of a stream has the same parent";
            return Err(Failure::invalid_field("parent", "同一数据流须属于同一个区", english).into());
        }
        upload.add(part.chunk).await?;
    }
    Ok(upload.finish(options).await?)
}

/// A unit files its own forms: which those are is checked form by form.
fn facts(parent: &str, principal: &Principal) -> Facts {
    Facts::of(parent).unit(principal.unit.clone().unwrap_or_default())
}

/// A file that is coming in.
struct Upload {
    database: Database,
    context: Context,
    parent: String,
    /// Id of the operation to be; none before the first part is written.
    id: Option<String>,
    written: i64,
    pending: Vec<u8>,
    hash: Sha256,
}

impl Upload {
    fn new(database: Database, context: Context, parent: String) -> Self {
        let (pending, hash) = (Vec::new(), Sha256::new());
        Self { database, context, parent, id: None, written: 0, pending, hash }
    }

    async fn add(&mut self, chunk: Vec<u8>) -> Result<()> {
        self.hash.update(&chunk);
        self.pending.extend(chunk);
        let size = self.written.saturating_add(i64::try_from(self.pending.len()).unwrap_or(i64::MAX));
        if size > FILE_BYTES {
            self.forget().await?;
            return Err(Failure::new(
                Code::InvalidArgument,
                ErrorReason::ImportFileTooLarge,
                format!("文件超过{}MB，请分批导入", FILE_BYTES >> 20),
                format!("the file has more than {FILE_BYTES} bytes"),
            )
            .with("limit_bytes", FILE_BYTES.to_string()));
        }
        if self.pending.len() >= PART { self.write().await } else { Ok(()) }
    }

    /// A call about the same district, for what is done besides the request itself.
    fn call(&self) -> Result<Call<Ask>> {
        self.context.clone().with(Ask { parent: self.parent.clone(), ..Ask::default() })
    }

    async fn write(&mut self) -> Result<()> {
        let part = std::mem::take(&mut self.pending);
        if part.is_empty() {
            return Ok(());
        }
        let (id, start) = (self.id.clone(), self.written);
        let length = i64::try_from(part.len()).unwrap_or(i64::MAX);
        let done = self.database.write(self.call()?, move |work| add_part(work, id, start, part)).await?;
        self.id = Some(done.into_inner().name);
        self.written = self.written.saturating_add(length);
        Ok(())
    }

    async fn forget(&mut self) -> Result<()> {
        let Some(id) = self.id.take() else { return Ok(()) };
        self.database.write(self.call()?, move |work| forget(work, id)).await?;
        Ok(())
    }

    /// Starts the operation, or finds the one that the same request has started before.
    async fn finish(mut self, options: Ask) -> Result<Response<Operation>> {
        self.write().await?;
        let Some(id) = self.id.clone() else {
            return Err(Failure::invalid_field("chunk", "文件是空的", "the file is empty"));
        };
        // What the request is, whatever the size of its parts: options and the hash of the file.
        let mut fingerprint = self.hash.clone().finalize().to_vec();
        fingerprint.push(u8::from(options.validate_only));
        let asked = Ask { chunk: fingerprint, validate_only: false, ..options.clone() };
        let call = self.context.clone().with(asked)?;
        let operation = self.database.write(call, move |work| start(work, id, options)).await?;
        if operation.get_ref().name.rsplit('/').next() != self.id.as_deref() {
            self.forget().await?;
        }
        Ok(operation)
    }
}

/// Keeps a part of the file under the id of the operation to be, and answers with that.
async fn add_part(
    mut work: Work<Ask>,
    id: Option<String>,
    start: i64,
    part: Vec<u8>,
) -> Result<Finished<Operation>> {
    let permit = work.permit(facts(&work.call.message.parent, work.principal()))?;
    let (district, now) = (work.district, work.now);
    if id.is_none() {
        store::import::forget_abandoned(work.connection(), district, now - ABANDONED).await?;
    }
    let id = id.unwrap_or_else(|| format!("{SERVICE}-{}", work.new_id()));
    store::import::add_chunk(work.connection(), district, &id, start, &part, now).await?;
    work.finish(permit, Operation { name: id, ..Operation::default() }).await
}

async fn forget(mut work: Work<Ask>, id: String) -> Result<Finished<Operation>> {
    let permit = work.permit(facts(&work.call.message.parent, work.principal()))?;
    let district = work.district;
    store::import::forget(work.connection(), district, &id).await?;
    work.finish(permit, Operation::default()).await
}

async fn start(work: Work<Ask>, id: String, options: Ask) -> Result<Finished<Operation>> {
    let permit = work.permit(facts(&options.parent, work.principal()))?;
    let metadata = wire::ImportObjectivesMetadata {
        phase: wire::import_objectives_metadata::Phase::Checking.into(),
        file_name: options.file_name.clone(),
        start_time: Some(timestamp(work.now)),
        ..Default::default()
    };
    let id = id.trim_start_matches(SERVICE).trim_start_matches('-').to_owned();
    operations::start(work, permit, KIND, SERVICE, &id, &options, &metadata).await
}
