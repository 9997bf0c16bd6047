//! What an import does step by step: first all forms are read and checked, then they are written.

mod check;
mod write;

use prost::Message;
use serde::{Deserialize, Serialize};
use wenxiao_contract::wenxiao::targets::v1 as wire;
use wenxiao_contract::wenxiao::targets::v1::import_objectives_metadata::Phase;
use wenxiao_platform::convert::timestamp;
use wenxiao_platform::operations::{Batch, Step, Turn, Worker};
use wenxiao_platform::{Database, Failure, Result};

use super::source::Position;
use super::{ERRORS, filing_kind_of, layout_of};
use crate::domain::objective::{FilingKind, State};
use crate::domain::sheet::{Fault, Layout};
use crate::registry::Registry;
use crate::store;

/// Kind of the operation.
pub const KIND: &str = "import_objectives";

/// Where an import stands between two steps.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Progress {
    writing: bool,
    position: Position,
    /// Forms read.
    read: i32,
    /// Number of the form written last.
    written: i32,
    created: i32,
    updated: i32,
    unchanged: i32,
    errors: Vec<Error>,
    truncated: bool,
}

/// What a clerk must correct, and where.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Error {
    file: String,
    sheet: String,
    cell: String,
    text: String,
}

impl Progress {
    fn error(&mut self, file: &str, sheet: &str, fault: Fault) {
        if self.errors.len() >= ERRORS {
            self.truncated = true;
            return;
        }
        let (file, sheet) = (file.to_owned(), sheet.to_owned());
        self.errors.push(Error { file, sheet, cell: fault.cell, text: fault.text });
    }

    fn response(&self) -> wire::ImportObjectivesResponse {
        let error = |error: &Error| wire::CellError {
            file_name: error.file.clone(),
            sheet: error.sheet.clone(),
            cell: error.cell.clone(),
            text: error.text.clone(),
        };
        wire::ImportObjectivesResponse {
            objective_count: self.created.saturating_add(self.updated),
            errors: self.errors.iter().map(error).collect(),
            created_count: self.created,
            updated_count: self.updated,
            unchanged_count: self.unchanged,
            errors_truncated: self.truncated,
        }
    }
}

/// The worker of imports.
pub fn worker(database: Database, registry: Registry) -> Worker {
    Worker::new(KIND, move |turn| {
        let (database, registry) = (database.clone(), registry.clone());
        async move { Import::new(database, registry, turn)?.step().await }
    })
}

/// One step of one import.
struct Import {
    database: Database,
    registry: Registry,
    turn: Turn,
    options: wire::ImportObjectivesRequest,
    layout: Layout,
    filing_kind: FilingKind,
    progress: Progress,
}

impl Import {
    fn new(database: Database, registry: Registry, turn: Turn) -> Result<Self> {
        let options =
            wire::ImportObjectivesRequest::decode(turn.request.as_slice()).map_err(Failure::internal)?;
        let progress = match turn.cursor.is_empty() {
            true => Progress::default(),
            false => serde_json::from_slice(&turn.cursor).map_err(Failure::internal)?,
        };
        let layout = layout_of(options.layout());
        let filing_kind = filing_kind_of(options.filing_kind());
        Ok(Self { database, registry, turn, options, layout, filing_kind, progress })
    }

    async fn step(self) -> Result<Step> {
        if self.progress.writing {
            return self.write().await;
        }
        if self.turn.cancel_requested {
            return self.cancel().await;
        }
        self.check().await
    }

    fn metadata(&self, phase: Phase) -> wire::ImportObjectivesMetadata {
        let Progress { read, created, updated, unchanged, errors, .. } = &self.progress;
        wire::ImportObjectivesMetadata {
            read_count: *read,
            total_count: *read,
            phase: phase.into(),
            written_count: created.saturating_add(*updated).saturating_add(*unchanged),
            error_count: i32::try_from(errors.len()).unwrap_or(i32::MAX),
            file_name: self.options.file_name.clone(),
            start_time: Some(timestamp(self.turn.create_time)),
        }
    }

    async fn go_on(self, batch: Batch) -> Result<Step> {
        let phase = if self.progress.writing { Phase::Writing } else { Phase::Checking };
        let cursor = serde_json::to_vec(&self.progress).map_err(Failure::internal)?;
        batch.go_on(&cursor, &self.metadata(phase)).await
    }

    async fn end(self, mut batch: Batch) -> Result<Step> {
        store::import::forget(batch.connection(), self.turn.district, &self.turn.id).await?;
        batch.end(&self.metadata(Phase::Ended), &self.progress.response()).await
    }

    async fn cancel(self) -> Result<Step> {
        let mut batch = self.turn.batch().await?;
        store::import::forget(batch.connection(), self.turn.district, &self.turn.id).await?;
        batch.cancel(&self.metadata(Phase::Ended)).await
    }
}

/// Whether a form may be edited where it stands.
fn is_open(state: State) -> bool {
    matches!(state, State::Draft | State::Returned)
}

fn state_text(title: &str, state: State) -> String {
    format!("“{title}”的绩效目标处于“{}”状态，不能再修改，本表没有导入", state.chinese())
}
