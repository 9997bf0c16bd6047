//! Objectives handed in as workbooks, in the layout of the official 项目支出绩效目标申报表.

use std::path::Path;

use anyhow::{Context as _, Result, bail, ensure};
use calamine::{Data as Cell, Range, Reader as _, Xlsx, open_workbook};
use chrono::NaiveDate;
use rust_decimal::Decimal;

use super::rows::{IndicatorRow, ObjectiveRow};

/// A form as it was filled in.
#[derive(Debug)]
pub struct Form {
    /// 年度.
    pub year: i32,
    /// 项目代码: the part of 项目名称 before the dash.
    pub project: String,
    /// Dates, money and goals.
    pub head: Head,
    /// 绩效指标.
    pub indicators: Vec<IndicatorRow>,
}

/// The upper part of a form.
#[derive(Debug)]
pub struct Head {
    start: NaiveDate,
    end: NaiveDate,
    life: [Decimal; 3],
    annual: [Decimal; 4],
    medium_goal: String,
    annual_goal: String,
}

impl Head {
    /// Puts the form's words in the place of a table's.
    pub fn apply(self, row: &mut ObjectiveRow) {
        (row.start, row.end) = (self.start, self.end);
        [row.life_total, row.life_fiscal, row.life_other] = self.life;
        [row.total, row.appropriation, row.carry_over, row.other] = self.annual;
        (row.medium_goal, row.annual_goal) = (self.medium_goal, self.annual_goal);
    }
}

/// Reads one workbook.
pub fn read(file: &Path) -> Result<Form> {
    let mut book: Xlsx<_> = open_workbook(file)?;
    let sheet = book.worksheet_range_at(0).context("it has no sheet")??;
    let text = |cell: &str| text(&sheet, cell);
    let money = |cell: &str| text(cell).parse::<Decimal>().with_context(|| format!("{cell} is no amount"));
    let day = |cell: &str| text(cell).parse::<NaiveDate>().with_context(|| format!("{cell} is no day"));
    ensure!(text("A1") == "项目支出绩效目标申报表", "A1 is not the title of the form");
    let year =
        text("A2").chars().filter(char::is_ascii_digit).collect::<String>().parse().context("A2: 年度")?;
    let named = text("B3");
    let project = named.split_once('-').context("B3: 项目代码-项目名称")?.0.to_owned();
    Ok(Form {
        year,
        head: Head {
            start: day("B6")?,
            end: day("F6")?,
            life: [money("D7")?, money("D8")?, money("D9")?],
            annual: [money("H7")?, money("H8")?, money("H9")?, money("H10")?],
            medium_goal: text("B11"),
            annual_goal: text("B12"),
        },
        indicators: indicators(&sheet, year, &project)?,
        project,
    })
}

/// The rows below the heading of the indicators, down to the sum of the weights.
fn indicators(sheet: &Range<Cell>, year: i32, project: &str) -> Result<Vec<IndicatorRow>> {
    let mut rows = Vec::new();
    for line in 14..=14 + 200 {
        let at = |column: char| text(sheet, &format!("{column}{line}"));
        if at('B').is_empty() {
            ensure!(
                at('A').starts_with("权重合计"),
                "row {line}: neither an indicator nor the sum of the weights"
            );
            return Ok(rows);
        }
        rows.push(IndicatorRow {
            year,
            project: project.to_owned(),
            number: (line - 13).to_string(),
            level1: at('B'),
            level2: at('C'),
            title: at('D'),
            operator: at('E'),
            target: at('F'),
            unit: at('G'),
            weight: at('H').parse().with_context(|| format!("H{line} is no weight"))?,
            standard: String::new(),
        });
    }
    bail!("the list of indicators does not end")
}

/// A cell's text, such as that of `B3`; numbers as the workbook stores them, without a float's tail.
fn text(sheet: &Range<Cell>, cell: &str) -> String {
    let (column, line) = cell.split_at(1);
    let column = u32::from(column.as_bytes().first().copied().unwrap_or(b'A').saturating_sub(b'A'));
    let line: u32 = line.parse().unwrap_or(1);
    match sheet.get_value((line - 1, column)) {
        None | Some(Cell::Empty) => String::new(),
        Some(Cell::String(text)) => text.trim().to_owned(),
        Some(other) => other.to_string(),
    }
}
