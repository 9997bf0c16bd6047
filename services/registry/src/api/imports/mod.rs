//! Imports (导入): a file becomes rows, rows become objects, and all of them are written or none.

pub mod entries;
pub mod projects;
mod tables;
pub mod units;

use wenxiao_contract::wenxiao::registry::v1 as pb;
use wenxiao_platform::{Failure, Result};

use crate::domain::Refusal;
use crate::domain::import::{Row, RowError, Table};

/// Errors that an answer lists at the most.
const ERRORS_LIMIT: usize = 1000;

/// The rows of a file, or why it has none.
pub type Reading = std::result::Result<Table, Box<RowError>>;

/// Reads a file into rows, away from the threads that answer calls.
pub async fn table(file: Option<pb::ImportFile>) -> Result<Reading> {
    let file = file.unwrap_or_default();
    let read = tokio::task::spawn_blocking(move || tables::read(file.format(), &file.content));
    read.await.map_err(Failure::internal)
}

/// What came of an import so far.
#[derive(Default)]
pub struct Outcome {
    /// Rows read.
    pub rows: usize,
    /// Objects made.
    pub created: usize,
    /// Objects changed.
    pub updated: usize,
    /// Rows that say what is there already.
    pub unchanged: usize,
    /// What is wrong.
    pub errors: Vec<RowError>,
}

impl Outcome {
    /// The answer; nothing was written when there are errors or only checking was asked for.
    pub fn result(mut self, validate_only: bool) -> pb::ImportResult {
        let count = |count: usize| i32::try_from(count).unwrap_or(i32::MAX);
        self.errors.sort_by_key(|error| error.row);
        let truncated = self.errors.len() > ERRORS_LIMIT;
        let written = self.errors.is_empty() && !validate_only;
        pb::ImportResult {
            row_count: count(self.rows),
            created_count: count(self.created),
            updated_count: count(self.updated),
            unchanged_count: count(self.unchanged),
            row_errors: self.errors.into_iter().take(ERRORS_LIMIT).map(row_error).collect(),
            row_errors_truncated: truncated,
            written,
        }
    }
}

fn row_error(error: RowError) -> pb::ImportRowError {
    pb::ImportRowError {
        row_number: i32::try_from(error.row).unwrap_or(i32::MAX),
        column: error.column,
        value: error.value,
        reason: error.reason,
        message: error.chinese,
        message_en: error.english,
    }
}

/// Notes on a row why the registry refuses what is in it.
fn refuse(row: &mut Row<'_>, refusal: Refusal) {
    if let Refusal::Invalid(violations) = refusal {
        for violation in violations {
            row.refuse(&violation.field, "INVALID_VALUE", violation.chinese, violation.english);
        }
        return;
    }
    refuse_cell(row, "", refusal);
}

/// Notes on a cell why the registry refuses what is in it.
fn refuse_cell(row: &mut Row<'_>, key: &str, refusal: Refusal) {
    let failure = Failure::from(refusal);
    let reason = failure.reason().as_str_name().trim_start_matches("ERROR_REASON_").to_owned();
    row.refuse(key, &reason, failure.chinese(), failure.to_string());
}

/// What the registry refuses about the file as a whole.
fn whole_file(failure: &Failure) -> RowError {
    RowError {
        row: 0,
        column: String::new(),
        value: String::new(),
        reason: failure.reason().as_str_name().trim_start_matches("ERROR_REASON_").to_owned(),
        chinese: failure.chinese().to_owned(),
        english: failure.to_string(),
    }
}
