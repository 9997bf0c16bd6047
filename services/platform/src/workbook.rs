//! XLSX as people send it (表格文件). A workbook is an archive of other people: a file of kilobytes can stand for
//! gigabytes, so what it expands to is measured before it is read, and what is read is counted.

use std::collections::BTreeMap;
use std::io::{Cursor, Read, copy, sink};

use calamine::{Data, DataRef, Reader, Xlsx, XlsxError};
use zip::ZipArchive;
use zip::result::ZipError;

/// How much a workbook may come to.
pub struct Limits {
    /// Files in the archive.
    pub entries: usize,
    /// Bytes of all files in the archive, unpacked.
    pub bytes: u64,
    /// Cells of the sheet, those counted that stand empty before a filled one.
    pub cells: usize,
    /// Bytes of text in the cells: many may show one shared text.
    pub text: usize,
}

/// Far beyond every file of a bureau.
pub const LIMITS: Limits = Limits { entries: 10_000, bytes: 64 << 20, cells: 2_000_000, text: 64 << 20 };

/// A filled cell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// Text, as it stands.
    Text(String),
    /// A number in the shortest decimal that means it: what was typed, up to 15 digits.
    Number(String),
    /// A day.
    Day(String),
}

impl Value {
    /// The cell as a person reads it.
    pub fn text(&self) -> &str {
        match self {
            Self::Text(text) | Self::Number(text) | Self::Day(text) => text,
        }
    }

    fn into_text(self) -> String {
        match self {
            Self::Text(text) | Self::Number(text) | Self::Day(text) => text,
        }
    }
}

/// Why a workbook is not read.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// It comes to more than is read.
    #[error("it comes to too much: more than {limit} {what}")]
    TooLarge {
        /// Of what.
        what: &'static str,
        /// How much is read at most.
        limit: u64,
    },
    /// It says that it has more texts than its bytes can hold; memory is set aside for as many as it says.
    #[error("it counts texts that it does not have")]
    Counts,
    /// It has no sheet of cells.
    #[error("there is no sheet")]
    NoSheet,
    /// It is no archive.
    #[error(transparent)]
    Archive(#[from] ZipError),
    /// Its archive cannot be unpacked.
    #[error(transparent)]
    Unpacking(#[from] std::io::Error),
    /// It is no workbook.
    #[error(transparent)]
    Workbook(#[from] XlsxError),
}

/// Rows of the first sheet by line, without empty ones.
pub fn rows(content: &[u8]) -> Result<Vec<(usize, Vec<String>)>, Fault> {
    let mut book = Workbook::open(content, &LIMITS)?;
    let sheet = book.sheets().first().cloned().ok_or(Fault::NoSheet)?;
    let mut rows: BTreeMap<u32, Vec<String>> = BTreeMap::new();
    book.read(&sheet, &LIMITS, |line, column, value| {
        let (row, place) = (rows.entry(line).or_default(), column as usize);
        if row.len() <= place {
            row.resize(place.saturating_add(1), String::new());
        }
        if let Some(kept) = row.get_mut(place) {
            *kept = value.into_text();
        }
    })?;
    Ok(rows.into_iter().map(|(line, cells)| (line as usize + 1, cells)).collect())
}

/// A workbook that has been measured.
pub struct Workbook<'a> {
    book: Xlsx<Cursor<&'a [u8]>>,
}

impl<'a> Workbook<'a> {
    /// Opens a workbook that keeps within the limits.
    pub fn open(content: &'a [u8], limits: &Limits) -> Result<Self, Fault> {
        measure(content, limits)?;
        Ok(Self { book: calamine::open_workbook_from_rs(Cursor::new(content))? })
    }

    /// Names of its sheets, in their order.
    pub fn sheets(&self) -> Vec<String> {
        self.book.sheet_names()
    }

    /// Hands over the filled cells of a sheet with row and column, both from 0. Cell by cell: a sheet with one cell in
    /// its last corner is small, its square is not.
    pub fn read(
        &mut self,
        sheet: &str,
        limits: &Limits,
        mut take: impl FnMut(u32, u32, Value),
    ) -> Result<(), Fault> {
        let mut cells = self.book.worksheet_cells_reader(sheet)?;
        let mut widths: BTreeMap<u32, usize> = BTreeMap::new();
        let (mut count, mut bytes) = (0_usize, 0_usize);
        while let Some(cell) = cells.next_cell()? {
            let (line, column) = cell.get_position();
            let Some(value) = value(cell.get_value()) else { continue };
            let (width, needed) = (widths.entry(line).or_default(), (column as usize).saturating_add(1));
            count = count.saturating_add(needed.saturating_sub(*width));
            *width = needed.max(*width);
            bytes = bytes.saturating_add(value.text().len());
            if count > limits.cells {
                return Err(Fault::TooLarge { what: "cells", limit: limits.cells as u64 });
            }
            if bytes > limits.text {
                return Err(Fault::TooLarge { what: "bytes of text", limit: limits.text as u64 });
            }
            take(line, column, value);
        }
        Ok(())
    }
}

/// Unpacks everything once without keeping it: what an archive declares about itself may be untrue.
pub fn measure(content: &[u8], limits: &Limits) -> Result<(), Fault> {
    let too_large = || Fault::TooLarge { what: "bytes", limit: limits.bytes };
    let mut archive = ZipArchive::new(Cursor::new(content))?;
    if archive.len() > limits.entries {
        return Err(Fault::TooLarge { what: "files", limit: limits.entries as u64 });
    }
    if archive.decompressed_size().is_some_and(|declared| declared > u128::from(limits.bytes)) {
        return Err(too_large());
    }
    let mut left = limits.bytes;
    for place in 0..archive.len() {
        let mut entry = archive.by_index(place)?;
        let texts = entry.name()?.to_ascii_lowercase().ends_with("sharedstrings.xml");
        let mut unpacked = (&mut entry).take(left.saturating_add(1));
        let size = if texts { texts_of(&mut unpacked)? } else { copy(&mut unpacked, &mut sink())? };
        left = left.checked_sub(size).ok_or_else(too_large)?;
    }
    Ok(())
}

/// Size of the shared texts; memory is set aside for as many as they claim to be, so the claim must be possible.
fn texts_of(unpacked: &mut impl Read) -> Result<u64, Fault> {
    let mut part = Vec::new();
    unpacked.read_to_end(&mut part)?;
    let claims = part.windows(CLAIM.len()).enumerate().filter(|(_, word)| *word == CLAIM);
    for (at, _) in claims {
        let rest = part.get(at + CLAIM.len()..).unwrap_or_default();
        let digits = rest.iter().skip_while(|byte| !byte.is_ascii_digit() && **byte != b'>');
        let claimed = digits
            .take_while(|byte| byte.is_ascii_digit())
            .fold(0_usize, |sum, digit| sum.saturating_mul(10).saturating_add(usize::from(digit - b'0')));
        if claimed > part.len() {
            return Err(Fault::Counts);
        }
    }
    Ok(part.len() as u64)
}

/// How many different texts there are, an attribute of the shared texts.
const CLAIM: &[u8] = b"uniqueCount";

/// What a cell holds; `None` for nothing. Excel keeps numbers in binary; the shortest decimal that means the same
/// number is what was typed.
fn value(cell: &DataRef<'_>) -> Option<Value> {
    let value = match cell {
        DataRef::Empty => return None,
        DataRef::SharedString(text) => Value::Text((*text).to_owned()),
        DataRef::DateTime(time) => {
            let (year, month, day, ..) = time.to_ymd_hms_milli();
            Value::Day(format!("{year:04}-{month:02}-{day:02}"))
        }
        number @ (DataRef::Int(_) | DataRef::Float(_)) => {
            Value::Number(Data::from(number.clone()).to_string())
        }
        other => Value::Text(Data::from(other.clone()).to_string()),
    };
    (!value.text().is_empty()).then_some(value)
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use zip::ZipWriter;
    use zip::write::SimpleFileOptions;

    use super::*;

    /// An archive of these files.
    fn archive(files: &[(&str, &[u8])]) -> Vec<u8> {
        let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
        for (name, content) in files {
            writer.start_file(*name, SimpleFileOptions::default()).unwrap();
            writer.write_all(content).unwrap();
        }
        writer.finish().unwrap().into_inner()
    }

    /// A workbook of one sheet with these cells and shared texts.
    fn workbook(cells: &str, texts: &str) -> Vec<u8> {
        let office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
        let main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
        let relation = |kind: &str, target: &str| {
            let names = "http://schemas.openxmlformats.org/package/2006/relationships";
            let relation = format!("<Relationship Id=\"r1\" Type=\"{office}/{kind}\" Target=\"{target}\"/>");
            format!("<Relationships xmlns=\"{names}\">{relation}</Relationships>")
        };
        let book = format!(
            "<workbook xmlns=\"{main}\" xmlns:r=\"{office}\"><sheets><sheet name=\"一\" sheetId=\"1\" \
             r:id=\"r1\"/></sheets></workbook>"
        );
        let sheet = format!("<worksheet xmlns=\"{main}\"><sheetData>{cells}</sheetData></worksheet>");
        archive(&[
            ("_rels/.rels", relation("officeDocument", "xl/workbook.xml").as_bytes()),
            ("xl/_rels/workbook.xml.rels", relation("worksheet", "worksheets/sheet1.xml").as_bytes()),
            ("xl/workbook.xml", book.as_bytes()),
            ("xl/worksheets/sheet1.xml", sheet.as_bytes()),
            ("xl/sharedStrings.xml", texts.as_bytes()),
        ])
    }

    fn refused(content: &[u8]) -> String {
        rows(content).unwrap_err().to_string()
    }

    #[test]
    fn filled_cells_are_read_where_they_stand() {
        let cells = r#"<row r="3"><c r="B3" t="s"><v>0</v></c><c r="D3"><v>0.1</v></c></row>"#;
        let texts = r#"<sst count="1" uniqueCount="1"><si><t>单位代码</t></si></sst>"#;
        let read = rows(&workbook(cells, texts)).unwrap();
        assert_eq!(read, [(3, ["", "单位代码", "", "0.1"].map(str::to_owned).to_vec())]);
    }

    /// Little enough for a test to go beyond it.
    const LITTLE: Limits = Limits { entries: 9, bytes: 1 << 20, ..LIMITS };

    #[test]
    fn a_small_file_that_unpacks_to_much_is_refused() {
        let zeros = vec![0_u8; 2 << 20];
        let mut bomb = archive(&[("xl/worksheets/sheet1.xml", &zeros)]);
        assert!(bomb.len() < 4096, "{} bytes", bomb.len());
        let fault = measure(&bomb, &LITTLE).unwrap_err();
        assert_eq!(fault.to_string(), "it comes to too much: more than 1048576 bytes");
        measure(&bomb, &LIMITS).unwrap();
        // What it declares stands in the central directory, 24 bytes behind its mark.
        let directory = bomb.windows(4).rposition(|mark| mark == b"PK\x01\x02").unwrap();
        let mut declare = |size: u32| {
            bomb[directory + 24..directory + 28].copy_from_slice(&size.to_le_bytes());
            bomb.clone()
        };
        assert!(measure(&declare(1), &LITTLE).is_err(), "it unpacks to more than it says");
        assert!(refused(&declare(3 << 30)).ends_with("more than 67108864 bytes"));
    }

    #[test]
    fn many_files_that_come_to_much_together_are_refused() {
        let names = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"];
        let of = |names: &[&'static str], content: &[u8]| {
            archive(&names.iter().map(|name| (*name, content)).collect::<Vec<_>>())
        };
        let fault = measure(&of(&names[..9], &[0; 120_000]), &LITTLE).unwrap_err();
        assert_eq!(fault.to_string(), "it comes to too much: more than 1048576 bytes");
        let fault = measure(&of(&names, b""), &LITTLE).unwrap_err();
        assert_eq!(fault.to_string(), "it comes to too much: more than 9 files");
    }

    #[test]
    fn cells_that_span_or_repeat_much_are_refused() {
        // The square between the corners of a sheet has 17 milliards of cells; only its filled cells are kept.
        let corners =
            r#"<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>2</v></c></row>"#;
        assert_eq!(rows(&workbook(corners, "<sst/>")).unwrap().len(), 2);
        let wide: String =
            (1..=200).map(|row| format!(r#"<row r="{row}"><c r="XFD{row}"><v>1</v></c></row>"#)).collect();
        assert!(refused(&workbook(&wide, "<sst/>")).contains("cells"));
        let long = format!(r#"<sst><si><t>{}</t></si></sst>"#, "长".repeat(1 << 20));
        let shown: String =
            (1..=30).map(|row| format!(r#"<row r="{row}"><c r="A{row}" t="s"><v>0</v></c></row>"#)).collect();
        assert!(refused(&workbook(&shown, &long)).contains("bytes of text"));
        let claim = r#"<sst uniqueCount = '99999999999999'><si><t>一</t></si></sst>"#;
        assert_eq!(refused(&workbook("", claim)), "it counts texts that it does not have");
    }
}
