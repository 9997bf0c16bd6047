//! CSV and XLSX as rows of text.

use wenxiao_contract::wenxiao::registry::v1::ImportFormat;
use wenxiao_platform::workbook;

use crate::domain::import::{RowError, Table};

/// Cells of a CSV file at the most: a file of nothing but commas would take many times its size.
const CELLS_LIMIT: usize = 1_000_000;

/// Reads a file; what cannot be read is said.
pub fn read(format: ImportFormat, content: &[u8]) -> Result<Table, Box<RowError>> {
    let rows = match format {
        ImportFormat::Xlsx => workbook::rows(content).map_err(unreadable)?,
        ImportFormat::Csv | ImportFormat::Unspecified => csv(content)?,
    };
    let filled = rows.into_iter().filter(|(_, cells)| cells.iter().any(|cell| !cell.trim().is_empty()));
    let mut rows: Vec<(usize, Vec<String>)> = filled.collect();
    if rows.is_empty() {
        return Err(unreadable("the file is empty"));
    }
    let (_, headings) = rows.remove(0);
    Ok(Table { headings, rows })
}

fn unreadable(cause: impl std::fmt::Display) -> Box<RowError> {
    Box::new(RowError {
        row: 0,
        column: String::new(),
        value: String::new(),
        reason: "UNREADABLE_FILE".to_owned(),
        chinese: format!("文件无法读取：{cause}"),
        english: format!("the file cannot be read: {cause}"),
    })
}

fn csv(content: &[u8]) -> Result<Vec<(usize, Vec<String>)>, Box<RowError>> {
    let content = content.strip_prefix("\u{feff}".as_bytes()).unwrap_or(content);
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(content);
    let (mut rows, mut room) = (Vec::new(), CELLS_LIMIT);
    for record in reader.records() {
        let record = record.map_err(unreadable)?;
        room = room.checked_sub(record.len()).ok_or_else(|| unreadable("more than 1,000,000 cells"))?;
        rows.push((line_of(&record, content), record.iter().map(str::to_owned).collect()));
    }
    Ok(rows)
}

/// Line on which a record begins: its position is where the one before ended, with empty lines still between.
fn line_of(record: &csv::StringRecord, content: &[u8]) -> usize {
    let Some(position) = record.position() else { return 0 };
    let place = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
    let rest = content.get(place(position.byte())..).unwrap_or_default();
    let empty = rest.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).filter(|byte| **byte == b'\n');
    place(position.line()).saturating_add(empty.count())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn csv_with_a_mark_and_empty_lines_reads() {
        let table =
            read(ImportFormat::Csv, "\u{feff}单位代码,单位名称\n\n602,\"应急,管理局\"\n,\n".as_bytes())
                .unwrap();
        assert_eq!(table.headings, ["单位代码", "单位名称"]);
        assert_eq!(table.rows, [(3, vec!["602".to_owned(), "应急,管理局".to_owned()])]);
    }

    #[test]
    fn what_is_no_file_is_said() {
        for (format, content) in [
            (ImportFormat::Csv, &b""[..]),
            (ImportFormat::Xlsx, b"PK nonsense"),
            (ImportFormat::Csv, b"\xff\xfe\n"),
            (ImportFormat::Csv, &b",".repeat(CELLS_LIMIT)),
        ] {
            assert_eq!(read(format, content).unwrap_err().reason, "UNREADABLE_FILE");
        }
    }
}
