//! The tables of a form: duties of a department, indicators.

use std::collections::BTreeMap;

use super::{DUTIES, ROWS, Reader};
use crate::domain::form::{DutyTask, Indicator, Level1, Period};
use crate::domain::sheet::labels::{self, Column, DutyColumn, Field};
use crate::domain::sheet::target::{self, Cells};
use crate::domain::sheet::{Cell, Fault, Place, values};

/// The table that a row may belong to.
pub(super) enum Table {
    None,
    Indicators(BTreeMap<Column, u32>),
    Duties(BTreeMap<DutyColumn, u32>),
}

pub(super) type Row = BTreeMap<u32, Cell>;

impl Reader<'_> {
    pub(super) fn duty(&mut self, row: u32, cells: &Row, columns: &BTreeMap<DutyColumn, u32>) {
        let cell = |column| cell_of(row, cells, columns.get(&column));
        let Some((at, title)) = cell(DutyColumn::Title) else {
            if let Some((column, _)) = cells.iter().next() {
                self.faults.push(Fault::at(Place { row, column: *column }, "主要任务没有填写任务名称"));
            }
            return;
        };
        if self.profile.duty_tasks.len() >= DUTIES {
            self.faults.push(Fault::at(at, "主要任务超过100项"));
            return;
        }
        let unit = self.unit;
        let title = self.text(at, title, 300);
        let description = cell(DutyColumn::Description).map(|(at, cell)| self.text(at, cell, 2000));
        let mut amount = |column| {
            let (at, cell) = cell(column)?;
            self.kept(values::exact_amount(at, cell, unit)).flatten()
        };
        let (total, fiscal, other) =
            (amount(DutyColumn::Total), amount(DutyColumn::Fiscal), amount(DutyColumn::Other));
        let description = description.unwrap_or_default();
        self.profile.duty_tasks.push(DutyTask { title, description, total, fiscal, other });
    }

    pub(super) fn indicator(&mut self, row: u32, cells: &Row, columns: &BTreeMap<Column, u32>) {
        let beside = Place { row, column: columns.get(&Column::Title).copied().unwrap_or_default() };
        self.levels(row, cells, columns);
        let cell = |column| cell_of(row, cells, columns.get(&column));
        let filled = columns.iter().filter(|(column, _)| !matches!(column, Column::Level1 | Column::Level2));
        if filled.into_iter().all(|(_, column)| !cells.contains_key(column)) {
            return; // prepared and not filled in
        }
        if self.form.indicators.len() >= ROWS {
            self.faults.push(Fault::at(beside, "绩效指标超过200个"));
            return;
        }
        if cell(Column::Title).is_none() {
            self.faults.push(Fault::at(beside, "没有填写三级指标"));
        }
        let mut text =
            |column, limit| cell(column).map(|(at, cell)| self.text(at, cell, limit)).unwrap_or_default();
        let indicator = Indicator {
            id: String::new(),
            level1: None,
            level2_code: String::new(),
            level2_name: String::new(),
            title: text(Column::Title, 300),
            library_indicator: text(Column::Library, 160),
            period: Period::Annual,
            operator: None,
            target: None,
            printed_target: String::new(),
            measure_unit: text(Column::MeasureUnit, 30),
            weight: None,
            goal_number: 0,
            description: text(Column::Description, 1000),
            scoring_standard: text(Column::Standard, 2000),
            data_source: text(Column::DataSource, 1000),
            baseline: text(Column::Baseline, 200),
            note: text(Column::Note, 1000),
        };
        let indicator = self.with_target(indicator, row, cells, columns);
        let indicator = self.with_numbers(indicator, row, cells, columns);
        if self.level1.is_none() {
            self.faults.push(Fault::at(beside, "没有填写一级指标"));
        }
        let (level2_name, level2_code) = self.level2.clone();
        self.form.indicators.push(Indicator { level1: self.level1, level2_name, level2_code, ..indicator });
    }

    /// Levels one and two of a row: a merged cell holds its text in its first row.
    fn levels(&mut self, row: u32, cells: &Row, columns: &BTreeMap<Column, u32>) {
        let (frame, cell) = (self.asked.frame, |column| cell_of(row, cells, columns.get(&column)));
        if let Some((at, cell)) = cell(Column::Level1) {
            let text = cell.text();
            self.level2 = Default::default();
            self.level1 = values::known_level1(&text, frame);
            let of_year =
                |level1| frame.is_empty() || frame.iter().any(|node| node.top && node.level1 == level1);
            if !self.level1.is_some_and(of_year) {
                self.faults.push(Fault::at(at, format!("该年度的指标框架没有一级指标“{}”", text.trim())));
            }
        }
        let code = cell(Column::Level2Code).map(|(_, cell)| cell.text().trim().to_owned());
        if let Some((at, cell)) = cell(Column::Level2) {
            let text = self.text(at, cell, 60);
            let node = self.level1.and_then(|level1| values::level2_node(&text, level1, frame));
            let fixed = frame.iter().any(|node| !node.top);
            if let (Some(level1), None, true) = (self.level1, node, fixed) {
                let above = values::level1_word(level1, frame);
                let text = format!("二级指标“{}”不在“{above}”之下，请按该年度的指标框架选择", text.trim());
                self.faults.push(Fault::at(at, text));
            }
            self.level2 = (text, node.map(|node| node.code.clone()).unwrap_or_default());
        }
        // A form that prints codes means them, also where it prints none.
        if columns.contains_key(&Column::Level2Code) {
            self.level2.1 = code.unwrap_or_default();
        }
    }

    fn with_target(
        &mut self,
        row_so_far: Indicator,
        row: u32,
        cells: &Row,
        columns: &BTreeMap<Column, u32>,
    ) -> Indicator {
        let cell = |column| cell_of(row, cells, columns.get(&column));
        let operator = cell(Column::Operator);
        let no_operator = operator.is_some_and(|(_, cell)| values::is_nothing(&cell.text()));
        let operator = operator.map(|(at, cell)| values::operator(at, cell));
        let (operator, known) = match operator {
            Some(Err(fault)) => {
                self.faults.push(fault);
                (None, false)
            }
            Some(Ok(operator)) => (operator, true),
            None => (None, true),
        };
        let printed = columns
            .contains_key(&Column::Printed)
            .then(|| cell(Column::Printed).map(|(at, cell)| self.text(at, cell, 200)).unwrap_or_default());
        let said = target::read(&Cells {
            operator,
            no_operator,
            value: cell(Column::Value).filter(|_| known),
            measure_unit: row_so_far.measure_unit.clone(),
            printed,
            satisfaction: self.level1 == Some(Level1::Satisfaction),
        });
        let said = self.kept(said).unwrap_or_default();
        Indicator {
            operator: said.operator,
            target: said.target,
            printed_target: said.printed,
            measure_unit: said.measure_unit,
            ..row_so_far
        }
    }

    fn with_numbers(
        &mut self,
        row_so_far: Indicator,
        row: u32,
        cells: &Row,
        columns: &BTreeMap<Column, u32>,
    ) -> Indicator {
        let cell = |column| cell_of(row, cells, columns.get(&column));
        let weight = cell(Column::Weight).map(|(at, cell)| values::weight(at, cell));
        let weight = weight.and_then(|weight| self.kept(weight)).flatten();
        let period = cell(Column::Period).map(|(at, cell)| values::period(at, cell));
        let period = period.and_then(|period| self.kept(period)).unwrap_or(Period::Annual);
        let goal = cell(Column::Goal).map(|(at, cell)| values::count(at, cell));
        let goal_number = goal.and_then(|goal| self.kept(goal)).unwrap_or_default();
        let id = cell(Column::Identifier).map(|(at, cell)| (at, cell.text().trim().to_owned()));
        if let Some((at, id)) = &id {
            self.check_identifier(*at, id);
        }
        let id = id.map(|(_, id)| id).unwrap_or_default();
        Indicator { weight, period, goal_number, id, ..row_so_far }
    }

    fn check_identifier(&mut self, at: Place, id: &str) {
        let word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
        let starts = id.starts_with(|c: char| c.is_ascii_alphanumeric());
        if !starts || id.len() > 63 || !id.chars().all(word) {
            let text = format!("指标编号“{id}”只能由字母、数字和._-组成，不超过63个字符");
            self.faults.push(Fault::at(at, text));
        } else if !self.identifiers.insert(id.to_owned()) {
            self.faults.push(Fault::at(at, format!("指标编号“{id}”重复")));
        }
    }
}

pub(super) fn headings<C: Ord>(cells: &Row, meaning: fn(&str) -> Option<C>) -> BTreeMap<C, u32> {
    let mut columns = BTreeMap::new();
    for (column, cell) in cells {
        if let Cell::Text(text) = cell
            && let Some(meaning) = meaning(text)
        {
            columns.entry(meaning).or_insert(*column);
        }
    }
    columns
}

/// Whether a row no longer belongs to a table: its first filled cell, left of the column `before`, is a label.
pub(super) fn ends_table(cells: &Row, before: Option<u32>) -> bool {
    let Some((column, cell)) = cells.iter().next() else { return false };
    let left = before.is_none_or(|before| *column < before);
    let text = cell.text();
    let label = labels::field(&text).is_some_and(|field| field != Field::Indicators);
    left && (label || labels::inline(&text).is_some())
}

fn cell_of<'c>(row: u32, cells: &'c Row, column: Option<&u32>) -> Option<(Place, &'c Cell)> {
    let column = *column?;
    cells.get(&column).map(|cell| (Place { row, column }, cell))
}
