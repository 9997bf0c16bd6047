//! Operator, value and unit of a row: what the three cells say together, and where they contradict each other.

use wenxiao_kernel::{Decimal, Operator};

use super::values::{is_nothing, plain};
use super::{Cell, Fault, Place};
use crate::domain::target;
pub(super) use crate::domain::target::Target;

/// What a row says of its target.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Said {
    /// Comparison; `None` when the form does not say.
    pub operator: Option<Operator>,
    /// Value; `None` for `*`, `/` and nothing.
    pub target: Option<Target>,
    /// Wording that the value was read from; empty when it stands there plainly.
    pub printed: String,
    /// Unit.
    pub measure_unit: String,
}

/// The cells of a row that speak of its target.
pub(super) struct Cells<'a> {
    /// Operator column.
    pub operator: Option<Operator>,
    /// Whether the operator is said to be none (`*`): then nothing is read into the value's wording.
    pub no_operator: bool,
    /// Value column.
    pub value: Option<(Place, &'a Cell)>,
    /// Unit column.
    pub measure_unit: String,
    /// Wording column, where the form has one.
    pub printed: Option<String>,
    /// Whether satisfaction is measured.
    pub satisfaction: bool,
}

/// Reads them together.
pub(super) fn read(cells: &Cells<'_>) -> Result<Said, Fault> {
    let mut said = Said {
        operator: cells.operator,
        measure_unit: cells.measure_unit.clone(),
        printed: cells.printed.clone().unwrap_or_default(),
        target: None,
    };
    let Some((place, cell)) = cells.value else { return Ok(said) };
    let text = cell.text();
    let qualitative = cells.operator == Some(Operator::Qualitative);
    if is_nothing(&text) {
        if cells.printed.is_none() {
            said.printed = text;
        }
        return Ok(said);
    }
    if let Cell::Number(number) = cell {
        check_number(place, *number, &text, cells, qualitative)?;
        said.target = Some(Target::Number(*number));
    } else if qualitative {
        said.target = Some(Target::Text(text));
    } else if let Some(number) = plain(cell).filter(|_| cells.operator != Some(Operator::Range)) {
        said.target = Some(Target::Number(number));
    } else if let Some((lower, upper)) =
        bounds(&text).filter(|_| cells.printed.is_some() || cells.no_operator)
    {
        said.target = Some(Target::Range { lower, upper });
    } else if cells.no_operator {
        said.target = Some(Target::Text(text));
    } else {
        from_wording(&mut said, place, &text, cells)?;
    }
    check_satisfaction(place, &said, cells)?;
    Ok(said)
}

/// A number in a cell of numbers: per cents that Excel keeps as fractions are not told from real ones.
fn check_number(
    place: Place,
    number: Decimal,
    text: &str,
    cells: &Cells<'_>,
    qualitative: bool,
) -> Result<(), Fault> {
    let percent = matches!(cells.measure_unit.trim(), "%" | "％");
    if percent && !number.is_zero() && number.abs() <= Decimal::ONE {
        let text =
            format!("单元格里的数是{text}，单位是%：无法判断是{text}%还是百分比格式，请按文本填写，例如95");
        return Err(Fault::at(place, text));
    }
    if qualitative {
        return Err(Fault::at(place, format!("定性指标的指标值应为文字，这里是数字{text}")));
    }
    if cells.operator == Some(Operator::Range) {
        return Err(Fault::at(place, format!("区间指标需要上下限，例如90~95，这里只有{text}")));
    }
    Ok(())
}

/// `90~95` as the form itself prints it.
fn bounds(text: &str) -> Option<(Decimal, Decimal)> {
    let (lower, upper) = text.split_once('~')?;
    Some((lower.trim().parse().ok()?, upper.trim().parse().ok()?))
}

/// A value in words and signs: `≥95%`, `850余个`, `90%-95%`. Its sign and unit must be those of their columns.
fn from_wording(said: &mut Said, place: Place, text: &str, cells: &Cells<'_>) -> Result<(), Fault> {
    let Some(wording) = target::read(text) else { return Ok(()) };
    let numeric = !matches!(wording.target, Target::Text(_));
    match cells.operator {
        Some(operator) if !numeric => {
            let sign = super::values::sign(operator);
            return Err(Fault::at(place, format!("计算符号是“{sign}”，指标值“{text}”却不是数字")));
        }
        Some(Operator::Range) if !matches!(wording.target, Target::Range { .. }) => {
            return Err(Fault::at(place, format!("区间指标需要上下限，例如90~95，这里是“{text}”")));
        }
        Some(operator) if contradicts(operator, wording.operator, text) => {
            let (column, value) = (super::values::sign(operator), super::values::sign(wording.operator));
            let text = format!("计算符号一栏是“{column}”，指标值“{text}”却表示“{value}”");
            return Err(Fault::at(place, text));
        }
        Some(_) => {}
        None => said.operator = Some(wording.operator),
    }
    let unit = wording.unit.trim();
    if said.measure_unit.trim().is_empty() {
        said.measure_unit = wording.unit.clone();
    } else if !unit.is_empty() && unit != said.measure_unit.trim() && !same_percent(unit, &said.measure_unit)
    {
        let text = format!("指标值“{text}”的单位是“{unit}”，计量单位一栏却是“{}”", said.measure_unit);
        return Err(Fault::at(place, text));
    }
    said.target = Some(wording.target);
    if cells.printed.is_none() && numeric {
        text.clone_into(&mut said.printed);
    }
    Ok(())
}

/// Whether the wording says another comparison than the column. A bare number says none.
fn contradicts(column: Operator, wording: Operator, text: &str) -> bool {
    let bare = text.trim_start().starts_with(|c: char| c.is_ascii_digit());
    let silent = bare && wording == Operator::Equal;
    column != wording && !silent
}

fn same_percent(one: &str, other: &str) -> bool {
    matches!((one, other.trim()), ("%" | "％", "%" | "％"))
}

/// 290% is not a satisfaction: the sign ≥ was lost, and nobody but the unit knows what stood there.
fn check_satisfaction(place: Place, said: &Said, cells: &Cells<'_>) -> Result<(), Fault> {
    let percent = matches!(said.measure_unit.trim(), "%" | "％");
    let largest = match &said.target {
        Some(Target::Number(number)) => *number,
        Some(Target::Range { upper, .. }) => *upper,
        _ => return Ok(()),
    };
    if cells.satisfaction && percent && largest > Decimal::ONE_HUNDRED {
        let text = format!("满意度{largest}%超过100%，可能丢失了符号“≥”，请核对原表");
        return Err(Fault::at(place, text));
    }
    Ok(())
}

/// A value as the form prints it: text where a number could not be told from it.
pub(super) fn value_cell(target: &Target) -> Cell {
    match target {
        // As text: 95 in a column of per cents must not become a fraction in anybody's spreadsheet.
        Target::Number(number) => Cell::Text(number.to_string()),
        Target::Range { lower, upper } => Cell::Text(format!("{lower}~{upper}")),
        Target::Text(text) => Cell::Text(text.clone()),
    }
}
