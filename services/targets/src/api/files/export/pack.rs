//! Forms packed into a zip while it is sent, on a thread of its own.

use std::io::{self, Write};

use rust_xlsxwriter::XlsxError;
use tokio::sync::mpsc;
use wenxiao_contract::wenxiao::targets::v1 as wire;
use zip::ZipWriter;
use zip::result::ZipError;
use zip::write::{SimpleFileOptions, StreamWriter};

use super::super::workbook::Forms;
use super::{PART, Parts, Ready};
use crate::domain::objective::FilingKind;
use crate::domain::rules::FrameNode;
use crate::domain::sheet;

/// Characters of a file's name at the most, without its ending (FILE_NAME of the national standard has 50).
const NAME: usize = 45;

/// What the reading task hands to the packing one.
pub(super) enum Batch {
    Forms(Vec<Ready>),
    /// All is there. Without it the archive stays unfinished, so that half of it is not taken for the whole.
    End,
}

#[derive(Debug, thiserror::Error)]
pub(super) enum PackError {
    #[error("nobody reads any more")]
    Gone,
    #[error(transparent)]
    Workbook(#[from] XlsxError),
    #[error(transparent)]
    Archive(ZipError),
    #[error(transparent)]
    Io(io::Error),
}

impl From<ZipError> for PackError {
    fn from(error: ZipError) -> Self {
        match error {
            ZipError::Io(error) => error.into(),
            error => Self::Archive(error),
        }
    }
}

impl From<io::Error> for PackError {
    fn from(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::BrokenPipe { Self::Gone } else { Self::Io(error) }
    }
}

pub(super) fn pack(
    mut batches: mpsc::Receiver<Batch>,
    frame: &[FrameNode],
    parts: Parts,
) -> Result<(), PackError> {
    let mut archive = ZipWriter::new_stream(Pipe { parts, pending: Vec::new() });
    while let Some(batch) = batches.blocking_recv() {
        match batch {
            Batch::Forms(forms) => {
                for form in forms {
                    add(&mut archive, &form, frame)?;
                }
            }
            Batch::End => {
                archive.finish()?.into_inner().flush()?;
                return Ok(());
            }
        }
    }
    Ok(())
}

/// One form as a workbook of its own. Workbooks are packed already.
fn add(
    archive: &mut ZipWriter<StreamWriter<Pipe>>,
    form: &Ready,
    frame: &[FrameNode],
) -> Result<(), PackError> {
    let workbook = workbook_of(std::slice::from_ref(form), frame)?;
    let allowed =
        |c: &char| !matches!(c, '/' | '\\' | ':' | '*' | '?' | '"' | '<' | '>' | '|') && !c.is_control();
    // The subject is the first part: names differ whatever is cut off behind it. Forms of another filing say so.
    let filing = if form.objective.filing_kind == FilingKind::MidYear { "年中追加-" } else { "" };
    let name = format!("{}-{filing}{}", form.head.subject, form.head.title);
    let name: String = name.chars().filter(allowed).take(NAME.max(form.head.subject.len())).collect();
    let options = SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    archive.start_file(format!("{name}.xlsx"), options)?;
    archive.write_all(&workbook)?;
    Ok(())
}

pub(super) fn workbook_of(forms: &[Ready], frame: &[FrameNode]) -> std::result::Result<Vec<u8>, XlsxError> {
    let mut book = Forms::new();
    for form in forms {
        book.add(&form.head.title, &sheet::plan(&form.head, &form.objective.form, frame))?;
    }
    book.finish()
}

/// Bytes into messages, as fast as they are read.
struct Pipe {
    parts: Parts,
    pending: Vec<u8>,
}

impl Pipe {
    fn send(&mut self) -> io::Result<()> {
        let chunk = std::mem::take(&mut self.pending);
        let message = wire::ExportObjectivesResponse { chunk, ..Default::default() };
        self.parts.blocking_send(Ok(message)).map_err(|_| io::ErrorKind::BrokenPipe.into())
    }
}

impl Write for Pipe {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        for part in bytes.chunks(PART) {
            self.pending.extend_from_slice(part);
            if self.pending.len() >= PART {
                self.send()?;
            }
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.pending.is_empty() { Ok(()) } else { self.send() }
    }
}
