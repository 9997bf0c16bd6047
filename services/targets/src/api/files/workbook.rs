//! Cells of a form as a workbook.

use rust_xlsxwriter::{
    Color, DataValidation, Format, FormatAlign, FormatBorder, Formula, Workbook, Worksheet, XlsxError,
};
use wenxiao_kernel::Decimal;

use super::CHOICES_SHEET;
use crate::domain::rules::FrameNode;
use crate::domain::sheet::{Cell, Choice, Piece, Place, Style};

/// Widths of the columns, in characters; those further to the right are as wide as the last.
const WIDTHS: [f64; 9] = [14.0, 16.0, 20.0, 28.0, 14.0, 16.0, 12.0, 18.0, 20.0];
const COLUMNS: u16 = 19;
/// Digits that a number cell keeps.
const DIGITS: usize = 15;
/// Characters of a sheet's name at the most.
const NAME: usize = 31;

/// A workbook while it is written.
pub struct Forms {
    book: Workbook,
    sheets: usize,
    formats: Formats,
}

struct Formats {
    title: Format,
    subtitle: Format,
    label: Format,
    value: Format,
    amount: Format,
}

impl Formats {
    fn new() -> Self {
        let framed = Format::new()
            .set_border(FormatBorder::Thin)
            .set_text_wrap()
            .set_align(FormatAlign::VerticalCenter);
        let title = Format::new().set_bold().set_font_size(16).set_align(FormatAlign::Center);
        Self {
            title,
            subtitle: Format::new().set_align(FormatAlign::Center),
            label: framed.clone().set_bold().set_background_color(Color::RGB(0x00F2_F2F2)),
            // Text: what is typed stays what was typed, 95% too.
            value: framed.clone().set_num_format("@"),
            amount: framed.set_num_format("#,##0.00####"),
        }
    }

    fn of(&self, style: Style) -> &Format {
        match style {
            Style::Title => &self.title,
            Style::Subtitle => &self.subtitle,
            Style::Label => &self.label,
            Style::Value => &self.value,
            Style::Amount => &self.amount,
        }
    }
}

impl Forms {
    /// A workbook without sheets.
    pub fn new() -> Self {
        Self { book: Workbook::new(), sheets: 0, formats: Formats::new() }
    }

    /// Adds a form on a sheet of its own.
    pub fn add(&mut self, title: &str, pieces: &[Piece]) -> Result<(), XlsxError> {
        self.sheets = self.sheets.saturating_add(1);
        let name = sheet_name(self.sheets, title);
        let sheet = self.book.add_worksheet();
        sheet.set_name(name)?;
        for column in 0..COLUMNS {
            let width = WIDTHS.get(usize::from(column)).or(WIDTHS.last()).copied().unwrap_or_default();
            sheet.set_column_width(column, width)?;
        }
        for piece in pieces {
            write(sheet, piece, self.formats.of(piece.style))?;
        }
        Ok(())
    }

    /// Adds an empty form with lists to choose from.
    pub fn add_template(
        &mut self,
        title: &str,
        pieces: &[Piece],
        frame: &[FrameNode],
    ) -> Result<(), XlsxError> {
        self.add(title, pieces)?;
        let sheet = self.book.worksheet_from_index(0)?;
        for piece in pieces {
            let Some(choice) = piece.choice else { continue };
            let Some((at, options)) = lists(frame).nth(place_of(choice)) else { continue };
            if options.is_empty() {
                continue;
            }
            let column = Place { row: 0, column: at }.address();
            let column = column.trim_end_matches(|c: char| c.is_ascii_digit());
            let list = format!("={CHOICES_SHEET}!${column}$1:${column}${}", options.len());
            let rule = DataValidation::new().allow_list_formula(Formula::new(list));
            let (row, column) = place(piece.place);
            sheet.add_data_validation(row, column, row, column, &rule)?;
        }
        let choices = self.book.add_worksheet();
        choices.set_name(CHOICES_SHEET)?.set_hidden(true);
        for (column, options) in lists(frame) {
            for (row, option) in (0..).zip(options) {
                choices.write_string(row, u16::try_from(column).unwrap_or(u16::MAX), option)?;
            }
        }
        Ok(())
    }

    /// The workbook as a file.
    pub fn finish(mut self) -> Result<Vec<u8>, XlsxError> {
        self.book.save_to_buffer()
    }
}

/// Every list with its column on the sheet of choices.
fn lists(frame: &[FrameNode]) -> impl Iterator<Item = (u32, Vec<String>)> + '_ {
    (0..).zip(Choice::ALL.into_iter().map(|choice| choice.options(frame)))
}

fn place_of(choice: Choice) -> usize {
    Choice::ALL.iter().position(|known| *known == choice).unwrap_or_default()
}

fn place(place: Place) -> (u32, u16) {
    (place.row, u16::try_from(place.column).unwrap_or(u16::MAX))
}

fn write(sheet: &mut Worksheet, piece: &Piece, format: &Format) -> Result<(), XlsxError> {
    let (row, column) = place(piece.place);
    if piece.rows > 1 || piece.columns > 1 {
        let last_row = row.saturating_add(piece.rows.saturating_sub(1));
        let last_column = column.saturating_add(u16::try_from(piece.columns).unwrap_or(1).saturating_sub(1));
        sheet.merge_range(row, column, last_row, last_column, "", format)?;
    }
    match &piece.cell {
        None => sheet.write_blank(row, column, format)?,
        Some(Cell::Text(text)) => sheet.write_string_with_format(row, column, text, format)?,
        Some(Cell::Number(number)) => match binary(*number) {
            Some(binary) => {
                let general = format.clone().set_num_format("General");
                let format = if piece.style == Style::Value { &general } else { format };
                sheet.write_number_with_format(row, column, binary, format)?
            }
            None => sheet.write_string_with_format(row, column, number.to_string(), format)?,
        },
    };
    Ok(())
}

/// A number as spreadsheets keep it, when that means exactly the same; else it is better written as text.
fn binary(number: Decimal) -> Option<f64> {
    let digits = number.to_string();
    if digits.bytes().filter(u8::is_ascii_digit).count() > DIGITS {
        return None;
    }
    let binary: f64 = digits.parse().ok()?;
    (binary.to_string().parse() == Ok(number)).then_some(binary)
}

/// A name that Excel takes, and that no other sheet has.
fn sheet_name(number: usize, title: &str) -> String {
    let allowed = |c: &char| !matches!(c, '[' | ']' | ':' | '*' | '?' | '/' | '\\' | '\'');
    format!("{number}-{title}").chars().filter(allowed).take(NAME).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_numbers_only_where_nothing_is_lost() {
        for (text, kept) in
            [("22.5", true), ("0", true), ("1828340.55", true), ("9999999999999999.99", false), ("0.1", true)]
        {
            assert_eq!(binary(text.parse().unwrap()).is_some(), kept, "{text}");
        }
        assert_eq!(sheet_name(3, "校舍/修缮[一]"), "3-校舍修缮一");
    }
}
