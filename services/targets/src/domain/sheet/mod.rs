//! Official forms as sheets (表格): 项目支出绩效目标申报表 and 部门整体支出绩效目标表, read from cells and laid out as
//! cells. What is laid out and read back says the same, to the content hash.
//!
//! A sheet is read by its labels and not by fixed cells: bureaus add rows and columns. Nothing is guessed: an amount
//! without a unit, a word where a number belongs, a sign that contradicts its column are errors at their cell.

mod choice;
mod labels;
mod layout;
mod read;
mod target;
mod values;

use std::collections::BTreeMap;

use wenxiao_kernel::{Decimal, vocabulary};

pub use choice::Choice;
pub use layout::{Head, Piece, Style, blank, plan};
pub use read::{Asked, Filed, read};
pub use values::with_identifiers;

vocabulary! {
    /// Which official form (版式).
    Layout {
        /// 项目支出绩效目标申报表.
        Project = "project",
        /// 部门整体支出绩效目标表.
        WholeDepartment = "whole_department",
    }
}

impl Layout {
    /// The form's title.
    pub fn title(self) -> &'static str {
        match self {
            Self::Project => "项目支出绩效目标申报表",
            Self::WholeDepartment => "部门整体支出绩效目标表",
        }
    }
}

/// What a filled cell holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cell {
    /// Text, also a day.
    Text(String),
    /// A number.
    Number(Decimal),
}

impl Cell {
    /// The cell as a person reads it.
    pub fn text(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Number(number) => number.normalize().to_string(),
        }
    }

    fn is_blank(&self) -> bool {
        matches!(self, Self::Text(text) if text.trim().is_empty())
    }
}

/// Where a cell stands: row and column, both from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// Row.
    pub row: u32,
    /// Column.
    pub column: u32,
}

impl Place {
    /// As people write it: `C7`.
    pub fn address(self) -> String {
        let alphabet = || (b'A'..=b'Z').map(char::from);
        let (mut letters, mut left) = (Vec::new(), Some(self.column));
        while let Some(column) = left {
            letters.extend(alphabet().nth(usize::try_from(column % 26).unwrap_or_default()));
            left = (column / 26).checked_sub(1);
        }
        format!("{}{}", letters.iter().rev().collect::<String>(), self.row.saturating_add(1))
    }
}

/// The filled cells of one sheet.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sheet {
    rows: BTreeMap<u32, BTreeMap<u32, Cell>>,
}

impl Sheet {
    /// Puts a cell; blank ones are none.
    pub fn put(&mut self, place: Place, cell: Cell) {
        if !cell.is_blank() {
            self.rows.entry(place.row).or_default().insert(place.column, cell);
        }
    }

    /// Whether nothing stands on it.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }
}

/// What is wrong at a cell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The cell, such as `C7`; empty for the sheet as a whole.
    pub cell: String,
    /// What a clerk reads.
    pub text: String,
}

impl Fault {
    /// A fault at a place.
    pub fn at(place: Place, text: impl Into<String>) -> Self {
        Self { cell: place.address(), text: text.into() }
    }

    /// A fault of the sheet as a whole.
    pub fn of_sheet(text: impl Into<String>) -> Self {
        Self { cell: String::new(), text: text.into() }
    }
}
