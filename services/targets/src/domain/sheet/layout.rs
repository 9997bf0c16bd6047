//! Lays a form out as cells, in the order and with the merged cells of the official forms.

mod blocks;
mod table;

use wenxiao_kernel::{AmountUnit, Decimal, FiscalYear, Money};

use super::{Cell, Choice, Layout, Place};
use crate::domain::form::{DepartmentProfile, DutyTask, Form};
use crate::domain::rules::FrameNode;

/// Columns of the form as it is printed; what only programs need stands to the right of them.
const WIDTH: u32 = 8;
/// Rows of indicators that an empty form has prepared.
const PREPARED: u32 = 30;
/// Rows of duties that an empty form has prepared.
const PREPARED_DUTIES: usize = 8;

/// What stands at the head of a form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// Which form.
    pub layout: Layout,
    /// Budget year.
    pub fiscal_year: FiscalYear,
    /// Last part of the name of the project or department.
    pub subject: String,
    /// Its name.
    pub title: String,
    /// 主管部门及代码.
    pub department: String,
    /// 实施单位.
    pub unit: String,
    /// 项目类别, as the registry has it; empty where it is not given.
    pub category: String,
    /// Resource name of the indicator frame; empty for none.
    pub frame: String,
    /// Unit in which money is printed.
    pub amount_unit: AmountUnit,
}

/// How a cell looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// The form's title.
    Title,
    /// The year below it.
    Subtitle,
    /// A label or heading.
    Label,
    /// What is filled in.
    Value,
    /// An amount that is filled in.
    Amount,
}

/// One cell, or several that are merged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// The first of its cells.
    pub place: Place,
    /// How many rows it covers.
    pub rows: u32,
    /// How many columns it covers.
    pub columns: u32,
    /// What stands in it; `None` for an empty one.
    pub cell: Option<Cell>,
    /// How it looks.
    pub style: Style,
    /// What may be chosen for it.
    pub choice: Option<Choice>,
}

/// A form as cells.
pub fn plan(head: &Head, form: &Form, frame: &[FrameNode]) -> Vec<Piece> {
    Plan { head, form, frame, prepared: 0, row: 0, pieces: Vec::new() }.all()
}

/// The empty form as cells, with rows prepared.
pub fn blank(head: &Head, frame: &[FrameNode]) -> Vec<Piece> {
    let mut form = Form::default();
    if head.layout == Layout::WholeDepartment {
        let nothing = DutyTask {
            title: String::new(),
            description: String::new(),
            total: None,
            fiscal: None,
            other: None,
        };
        let profile =
            DepartmentProfile { duty_tasks: vec![nothing; PREPARED_DUTIES], ..DepartmentProfile::default() };
        form.department_profile = Some(profile);
    }
    Plan { head, form: &form, frame, prepared: PREPARED, row: 0, pieces: Vec::new() }.all()
}

struct Plan<'a> {
    head: &'a Head,
    form: &'a Form,
    frame: &'a [FrameNode],
    /// Empty rows of indicators; 0 on a form that is filled in.
    prepared: u32,
    row: u32,
    pieces: Vec<Piece>,
}

impl Plan<'_> {
    fn all(mut self) -> Vec<Piece> {
        self.heading();
        if let Some(profile) = &self.form.department_profile {
            self.profile(profile);
        }
        self.funding();
        self.goals();
        self.indicators();
        self.foot();
        self.pieces
    }

    fn put(&mut self, column: u32, columns: u32, cell: Option<Cell>, style: Style) {
        let place = Place { row: self.row, column };
        let cell = cell.filter(|cell| !cell.is_blank());
        self.pieces.push(Piece { place, rows: 1, columns, cell, style, choice: None });
    }

    /// What may be chosen for the cell put last.
    fn choose(&mut self, choice: Choice) {
        if let Some(piece) = self.pieces.last_mut() {
            piece.choice = Some(choice);
        }
    }

    /// Lets the cell put last cover so many rows.
    fn cover(&mut self, rows: u32) {
        if let Some(piece) = self.pieces.last_mut() {
            piece.rows = rows;
        }
    }

    fn next(&mut self) {
        self.row = self.row.saturating_add(1);
    }

    fn label(&mut self, column: u32, columns: u32, text: &str) {
        self.put(column, columns, Some(Cell::Text(text.to_owned())), Style::Label);
    }

    fn text(&mut self, column: u32, columns: u32, text: &str) {
        self.put(column, columns, Some(Cell::Text(text.to_owned())), Style::Value);
    }

    fn money(&mut self, column: u32, columns: u32, amount: Option<Money>) {
        let scale = match self.head.amount_unit {
            AmountUnit::Yuan => 0,
            AmountUnit::TenThousandYuan => 4,
            AmountUnit::HundredMillionYuan => 8,
        };
        let printed = |amount: Money| amount.yuan().checked_mul(Decimal::new(1, scale)).unwrap_or_default();
        let cell = amount.map(|amount| Cell::Number(printed(amount).normalize()));
        self.put(column, columns, cell, Style::Amount);
    }

    /// Label and value twice in a row.
    fn pair(&mut self, left: (&str, &str), right: (&str, &str)) {
        self.label(0, 1, left.0);
        self.text(1, 3, left.1);
        self.label(4, 1, right.0);
        self.text(5, 3, right.1);
        self.next();
    }
}

/// Points as a number; as text where a number would lose decimals that the form has (22.50).
fn points(points: Decimal) -> Cell {
    if points.normalize().scale() == points.scale() {
        Cell::Number(points)
    } else {
        Cell::Text(points.to_string())
    }
}
