//! The content of a published document (公开文件) and its hash. Content is plain headings, paragraphs and tables of printed
//! text, so that what was read then can be read for ever, whatever becomes of its subject.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::figure::Figure;
use super::words::DocumentKind;

/// A part under one heading.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Section {
    /// Heading; empty for the opening.
    pub heading: String,
    /// Paragraphs of plain text.
    pub paragraphs: Vec<String>,
    /// Tables after them.
    pub tables: Vec<Table>,
}

/// A table of printed text.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Table {
    /// Caption; may be empty.
    pub caption: String,
    /// Heads of the columns.
    pub columns: Vec<String>,
    /// Rows with one cell per column.
    pub rows: Vec<Vec<String>>,
}

/// What a document says. The order of the fields is part of the hash.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Document {
    /// Kind of document.
    pub kind: DocumentKind,
    /// Title.
    pub title: String,
    /// Name of the unit at that time.
    pub unit_title: String,
    /// Year that it is about.
    pub evaluated_year: i32,
    /// Its text.
    pub sections: Vec<Section>,
    /// Figures of an annual summary.
    pub figures: Vec<Figure>,
}

impl Section {
    /// A part with paragraphs only; empty ones are left out.
    pub fn of(heading: impl Into<String>, paragraphs: impl IntoIterator<Item = String>) -> Self {
        let paragraphs = paragraphs.into_iter().filter(|text| !text.is_empty()).collect();
        Self { heading: heading.into(), paragraphs, tables: Vec::new() }
    }

    /// The same with a table.
    #[must_use]
    pub fn table(mut self, caption: &str, columns: &[&str], rows: Vec<Vec<String>>) -> Self {
        let columns = columns.iter().map(|&column| column.to_owned()).collect();
        self.tables.push(Table { caption: caption.to_owned(), columns, rows });
        self
    }
}

impl Document {
    /// SHA-256 of its canonical JSON (compact, fields in declared order, numbers as strings), lower-case hexadecimal.
    pub fn content_hash(&self) -> Result<String, serde_json::Error> {
        Ok(hex(&Sha256::digest(serde_json::to_vec(self)?)))
    }
}

/// Hash of a whole publication: SHA-256 over the hashes of its documents, in order, one per line.
pub fn publication_hash<'h>(hashes: impl IntoIterator<Item = &'h str>) -> String {
    let mut digest = Sha256::new();
    for hash in hashes {
        digest.update(hash.as_bytes());
        digest.update(b"\n");
    }
    hex(&digest.finalize())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
