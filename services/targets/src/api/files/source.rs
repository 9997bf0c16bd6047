//! An uploaded file as forms: a workbook, or a zip of workbooks. Read part by part from the database, so that memory
//! holds one workbook at a time, however large the file is.

use std::io::{self, Read, Seek, SeekFrom};

use tokio::runtime::Handle;
use wenxiao_kernel::{Decimal, DistrictCode};
use wenxiao_platform::workbook::{Fault as FileFault, Value, Workbook};
use wenxiao_platform::{Database, Failure, Result};
use zip::ZipArchive;
use zip::result::ZipError;

use super::{CHOICES_SHEET, FORMS, LIMITS, WORKBOOK_BYTES};
use crate::domain::sheet::{self, Asked, Cell, Fault, Filed, Place, Sheet};
use crate::store;

/// A file in the database, read as if it were one on a disk.
pub struct Upload {
    database: Database,
    district: DistrictCode,
    operation: String,
    /// Drives the database from the thread that reads.
    runtime: Handle,
    size: u64,
    position: u64,
    part: Option<(u64, Vec<u8>)>,
}

impl Upload {
    /// The file of an operation. Must be read on a thread that may wait.
    pub async fn open(database: Database, district: DistrictCode, operation: String) -> Result<Self> {
        let mut read = database.read_district(district).await?;
        let size = store::import::size(read.connection(), district, &operation).await?;
        drop(read);
        let size = u64::try_from(size).unwrap_or_default();
        Ok(Self { database, district, operation, runtime: Handle::current(), size, position: 0, part: None })
    }

    fn load(&self) -> Result<Option<(u64, Vec<u8>)>> {
        let position = i64::try_from(self.position).unwrap_or(i64::MAX);
        let load = async {
            let mut read = self.database.read_district(self.district).await?;
            store::import::chunk(read.connection(), self.district, &self.operation, position).await
        };
        let found = self.runtime.block_on(load)?;
        Ok(found.map(|(start, content)| (u64::try_from(start).unwrap_or_default(), content)))
    }
}

impl Read for Upload {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.position >= self.size {
            return Ok(0);
        }
        let held = self.part.as_ref().is_some_and(|(start, content)| {
            self.position >= *start && self.position < start.saturating_add(content.len() as u64)
        });
        if !held {
            self.part = self.load().map_err(io::Error::other)?;
        }
        let Some((start, content)) = &self.part else { return Ok(0) };
        let from = usize::try_from(self.position.saturating_sub(*start)).unwrap_or(usize::MAX);
        let rest = content.get(from..).unwrap_or_default();
        let length = rest.len().min(buffer.len());
        if let (Some(to), Some(from)) = (buffer.get_mut(..length), rest.get(..length)) {
            to.copy_from_slice(from);
        }
        self.position = self.position.saturating_add(length as u64);
        Ok(length)
    }
}

impl Seek for Upload {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let place = match to {
            SeekFrom::Start(place) => Some(place),
            SeekFrom::End(offset) => self.size.checked_add_signed(offset),
            SeekFrom::Current(offset) => self.position.checked_add_signed(offset),
        };
        self.position = place.ok_or_else(|| io::Error::from(io::ErrorKind::InvalidInput))?;
        Ok(self.position)
    }
}

/// Where reading stands: file in the archive, sheet in the workbook.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Position {
    entry: usize,
    sheet: usize,
}

/// One form of the file, or why it is none.
pub struct Found {
    /// File inside the archive; empty for a single workbook.
    pub file_name: String,
    /// Sheet; empty when the file as a whole cannot be read.
    pub sheet: String,
    /// The form, or its faults.
    pub form: std::result::Result<Filed, Vec<Fault>>,
}

/// Some forms of a file.
pub struct Part {
    /// The forms.
    pub forms: Vec<Found>,
    /// Where the rest begins; `None` at the end of the file.
    pub rest: Option<Position>,
}

/// Reads about `limit` forms from a position on: whole workbooks, or some sheets of one that has many.
pub fn read<F: Read + Seek>(
    mut file: F,
    from: Position,
    limit: usize,
    asked: &Asked<'_>,
) -> std::result::Result<Part, FileFault> {
    let mut archive = ZipArchive::new(&mut file)?;
    if archive.index_for_name("xl/workbook.xml").is_some() {
        drop(archive);
        file.rewind()?;
        let content = whole(&mut file)?;
        return sheets(&content, "", from, limit, asked).map(|(forms, rest)| Part { forms, rest });
    }
    if archive.len() > FORMS {
        return Err(FileFault::TooLarge { what: "files", limit: FORMS as u64 });
    }
    let (mut forms, mut at) = (Vec::new(), from);
    while at.entry < archive.len() {
        if forms.len() >= limit {
            return Ok(Part { forms, rest: Some(at) });
        }
        let left = limit.saturating_sub(forms.len());
        let (found, rest) = entry(&mut archive, at, left, asked)?;
        forms.extend(found);
        at = rest.unwrap_or(Position { entry: at.entry.saturating_add(1), sheet: 0 });
    }
    Ok(Part { forms, rest: None })
}

/// Forms of one file of the archive. One that cannot be read is an error of its own and stops no other.
fn entry<F: Read + Seek>(
    archive: &mut ZipArchive<F>,
    at: Position,
    limit: usize,
    asked: &Asked<'_>,
) -> std::result::Result<(Vec<Found>, Option<Position>), FileFault> {
    let mut file = archive.by_index(at.entry)?;
    let name = name_of(file.name_raw());
    let base = name.rsplit('/').next().unwrap_or(&name);
    // What other systems put beside the files: folders, shadows of macOS, locks of Excel.
    if file.is_dir() || name.starts_with("__MACOSX/") || base.starts_with(['.', '~']) {
        return Ok((Vec::new(), None));
    }
    let unreadable = |text: String| {
        let form = Err(vec![Fault::of_sheet(text)]);
        Ok((vec![Found { file_name: name.clone(), sheet: String::new(), form }], None))
    };
    if !base.to_ascii_lowercase().ends_with(".xlsx") {
        return unreadable("不是xlsx文件，请另存为xlsx后再导入".to_owned());
    }
    let read = whole(&mut file).and_then(|content| sheets(&content, &name, at, limit, asked));
    match read {
        // The database's own failure is no fault of the file.
        Err(FileFault::Unpacking(error)) if error.get_ref().is_some_and(|inner| inner.is::<Failure>()) => {
            Err(FileFault::Unpacking(error))
        }
        Err(fault) => unreadable(format!("文件无法读取：{}", chinese(&fault))),
        Ok(found) => Ok(found),
    }
}

/// The bytes of one workbook.
fn whole(file: &mut impl Read) -> std::result::Result<Vec<u8>, FileFault> {
    let mut content = Vec::new();
    file.take(WORKBOOK_BYTES.saturating_add(1)).read_to_end(&mut content)?;
    if content.len() as u64 > WORKBOOK_BYTES {
        return Err(FileFault::TooLarge { what: "bytes", limit: WORKBOOK_BYTES });
    }
    Ok(content)
}

/// Forms of one workbook from a sheet on.
fn sheets(
    content: &[u8],
    file_name: &str,
    from: Position,
    limit: usize,
    asked: &Asked<'_>,
) -> std::result::Result<(Vec<Found>, Option<Position>), FileFault> {
    let mut book = Workbook::open(content, &LIMITS)?;
    let names = book.sheets();
    if names.len() > FORMS {
        return Err(FileFault::TooLarge { what: "sheets", limit: FORMS as u64 });
    }
    let mut forms = Vec::new();
    for (number, name) in names.iter().enumerate().skip(from.sheet) {
        if name == CHOICES_SHEET {
            continue;
        }
        if forms.len() >= limit {
            return Ok((forms, Some(Position { sheet: number, ..from })));
        }
        let mut cells = Sheet::default();
        book.read(name, &LIMITS, |row, column, value| cells.put(Place { row, column }, cell(value)))?;
        if !cells.is_empty() {
            let form = sheet::read(&cells, asked);
            forms.push(Found { file_name: file_name.to_owned(), sheet: name.clone(), form });
        }
    }
    Ok((forms, None))
}

fn cell(value: Value) -> Cell {
    match value {
        Value::Number(text) => match text.parse().or_else(|_| Decimal::from_scientific(&text)) {
            Ok(number) => Cell::Number(number),
            Err(_) => Cell::Text(text),
        },
        Value::Text(text) | Value::Day(text) => Cell::Text(text),
    }
}

/// The name of a file in an archive. Chinese Windows writes names in GBK and does not say so.
fn name_of(raw: &[u8]) -> String {
    match std::str::from_utf8(raw) {
        Ok(name) => name.to_owned(),
        Err(_) => encoding_rs::GBK.decode(raw).0.into_owned(),
    }
}

/// Why a file is not read, for a clerk.
pub fn chinese(fault: &FileFault) -> String {
    match fault {
        FileFault::TooLarge { what: "bytes", limit } => format!("解压后超过{}MB", limit >> 20),
        FileFault::TooLarge { what: "files" | "sheets", limit } => format!("文件或工作表超过{limit}个"),
        FileFault::TooLarge { limit, .. } => format!("单元格或文字超过限制（{limit}）"),
        FileFault::Counts => "工作簿内部的文字计数不实".to_owned(),
        FileFault::NoSheet => "没有工作表".to_owned(),
        FileFault::Archive(_) | FileFault::Unpacking(_) => "不是完整的xlsx或zip文件，可能已损坏".to_owned(),
        FileFault::Workbook(_) => "不是有效的xlsx工作簿".to_owned(),
    }
}

/// Whether a file could not be read because the database did not answer.
pub fn failure_of(fault: &FileFault) -> Option<Failure> {
    let inner = match fault {
        FileFault::Unpacking(error) | FileFault::Archive(ZipError::Io(error)) => error.get_ref(),
        _ => None,
    };
    inner.and_then(|inner| inner.downcast_ref::<Failure>()).cloned()
}
