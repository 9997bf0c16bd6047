//! Single values as bureaus write them.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use wenxiao_kernel::{AmountUnit, Bound, Decimal, Money, Operator, PrintedAmount};

use super::{Cell, Fault, Place};
use crate::domain::form::{Form, Indicator, Level1, Nature, Period, Printed};
use crate::domain::rules::FrameNode;

/// Whether a cell says that there is nothing: never zero in its place.
pub(super) fn is_nothing(text: &str) -> bool {
    text.chars().all(|c| matches!(c, '*' | '/' | '-' | '—' | '－') || c.is_whitespace())
}

/// A number without a unit.
pub(super) fn plain(cell: &Cell) -> Option<Decimal> {
    match cell {
        Cell::Number(number) => Some(*number),
        Cell::Text(text) => {
            let digits = text.trim().replace([',', '，'], "");
            let numeric = digits.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'-'));
            if numeric { digits.parse().ok() } else { None }
        }
    }
}

/// An amount, and its printed form when the cell brings its own unit: `0.6亿多`.
pub(super) fn amount(
    place: Place,
    cell: &Cell,
    unit: Option<AmountUnit>,
) -> Result<Option<(Money, Option<Printed>)>, Fault> {
    let text = cell.text();
    if is_nothing(&text) {
        return Ok(None);
    }
    if let Some(number) = plain(cell) {
        let unit = unit.ok_or_else(|| {
            Fault::at(place, format!("金额“{text}”没有单位，请在表头注明金额单位为元或万元"))
        })?;
        let yuan = number.checked_mul(unit.yuan()).unwrap_or(Decimal::MAX);
        let amount = Money::from_yuan(yuan);
        let amount = amount.map_err(|_| Fault::at(place, format!("金额“{text}”过大，或不足一分")))?;
        return Ok(Some((amount, None)));
    }
    let wrong = || Fault::at(place, format!("“{text}”不是金额，请填写数字"));
    let printed: PrintedAmount = text.parse().map_err(|_| wrong())?;
    let amount = printed.amount().map_err(|_| wrong())?;
    Ok(Some((amount, Some(Printed { amount: printed, text }))))
}

/// An amount that must be exact.
pub(super) fn exact_amount(
    place: Place,
    cell: &Cell,
    unit: Option<AmountUnit>,
) -> Result<Option<Money>, Fault> {
    match amount(place, cell, unit)? {
        Some((_, Some(printed))) if printed.amount.bound != Bound::Exact => {
            Err(Fault::at(place, format!("“{}”不是准确金额，只有总额可以这样填写", printed.text)))
        }
        found => Ok(found.map(|(amount, _)| amount)),
    }
}

/// A printed amount so that it reads back as itself.
pub(super) fn printed(amount: PrintedAmount) -> String {
    let sign = match amount.bound {
        Bound::Exact => "",
        Bound::AtLeast => "≥",
        Bound::AtMost => "≤",
    };
    format!("{sign}{}{}", amount.value, amount.unit.chinese())
}

/// A day: `2020-01-07`, `2020/1/7`, `2020.1.7`, `2020年1月7日`, `20200107`.
pub(super) fn date(place: Place, cell: &Cell) -> Result<Option<NaiveDate>, Fault> {
    let text = cell.text();
    if is_nothing(&text) {
        return Ok(None);
    }
    let day = text.split_whitespace().next().unwrap_or_default();
    let plain: String =
        day.chars().map(|c| if matches!(c, '年' | '月' | '/' | '.') { '-' } else { c }).collect();
    let plain = plain.trim_end_matches('日');
    let read = |format: &str| NaiveDate::parse_from_str(plain, format).ok();
    let found = read("%Y-%m-%d").or_else(|| if plain.len() == 8 { read("%Y%m%d") } else { None });
    found.map(Some).ok_or_else(|| Fault::at(place, format!("“{text}”不是日期，请按2020-01-31的格式填写")))
}

/// A count of units or people.
pub(super) fn count(place: Place, cell: &Cell) -> Result<i32, Fault> {
    let text = cell.text();
    if is_nothing(&text) {
        return Ok(0);
    }
    let number = plain(cell).filter(|number| number.is_integer() && !number.is_sign_negative());
    let number = number.and_then(|number| number.normalize().to_string().parse().ok());
    number.ok_or_else(|| Fault::at(place, format!("“{text}”不是整数")))
}

/// Points.
pub(super) fn weight(place: Place, cell: &Cell) -> Result<Option<Decimal>, Fault> {
    let text = cell.text();
    if is_nothing(&text) {
        return Ok(None);
    }
    let number = plain(cell)
        .ok_or_else(|| Fault::at(place, format!("权重“{text}”不是数字，请只填写分值，不带单位")))?;
    let inside = number >= Decimal::ZERO && number <= Decimal::ONE_HUNDRED;
    if inside { Ok(Some(number)) } else { Err(Fault::at(place, format!("权重{text}不在0到100之间"))) }
}

/// 项目性质.
pub(super) fn nature(place: Place, cell: &Cell) -> Result<Option<Nature>, Fault> {
    let text = cell.text();
    match text.trim().trim_end_matches("项目") {
        "经常性" => Ok(Some(Nature::Recurrent)),
        "一次性" => Ok(Some(Nature::OneOff)),
        "阶段性" => Ok(Some(Nature::Phased)),
        nothing if is_nothing(nothing) => Ok(None),
        _ => Err(Fault::at(place, format!("项目性质“{text}”应为经常性、一次性或阶段性"))),
    }
}

/// The word that the form prints for a nature.
pub(super) fn nature_word(nature: Nature) -> &'static str {
    nature.chinese().trim_end_matches("项目")
}

/// 年度 or 中长期.
pub(super) fn period(place: Place, cell: &Cell) -> Result<Period, Fault> {
    let text = cell.text();
    match text.trim() {
        "年度" => Ok(Period::Annual),
        "中长期" => Ok(Period::WholeLife),
        nothing if is_nothing(nothing) => Ok(Period::Annual),
        _ => Err(Fault::at(place, format!("指标期限“{text}”应为年度或中长期"))),
    }
}

/// 计算符号, by sign, word or national code; `None` for none.
pub(super) fn operator(place: Place, cell: &Cell) -> Result<Option<Operator>, Fault> {
    let text = cell.text();
    Ok(Some(match text.trim() {
        "≥" | ">=" | "≧" | "1" => Operator::AtLeast,
        "＞" | ">" | "2" => Operator::MoreThan,
        "＝" | "=" | "3" => Operator::Equal,
        "＜" | "<" | "4" => Operator::LessThan,
        "≤" | "<=" | "≦" | "5" => Operator::AtMost,
        "定性" | "6" => Operator::Qualitative,
        "区间" => Operator::Range,
        nothing if is_nothing(nothing) => return Ok(None),
        _ => {
            let text = format!("计算符号“{text}”应为≥、＞、＝、＜、≤、区间或定性");
            return Err(Fault::at(place, text));
        }
    }))
}

/// The signs that the form prints, in the order of their national codes.
pub(super) const OPERATORS: [(Operator, &str); 7] = [
    (Operator::AtLeast, "≥"),
    (Operator::MoreThan, "＞"),
    (Operator::Equal, "＝"),
    (Operator::LessThan, "＜"),
    (Operator::AtMost, "≤"),
    (Operator::Qualitative, "定性"),
    (Operator::Range, "区间"),
];

/// The sign that the form prints.
pub(super) fn sign(operator: Operator) -> &'static str {
    OPERATORS.iter().find(|(known, _)| *known == operator).map_or("", |(_, sign)| sign)
}

/// The word for level one: the frame's, else the usual one.
pub(super) fn level1_word(level1: Level1, frame: &[FrameNode]) -> String {
    let of_frame =
        frame.iter().find(|node| node.top && node.level1 == level1).map(|node| node.title.as_str());
    let of_frame = of_frame.filter(|title| known_level1(title, &[]).is_none_or(|known| known == level1));
    of_frame.unwrap_or(level1.chinese()).to_owned()
}

/// Level one by its word.
pub(super) fn known_level1(text: &str, frame: &[FrameNode]) -> Option<Level1> {
    let word = stem(text);
    let of_frame = frame.iter().find(|node| node.top && stem(&node.title) == word).map(|node| node.level1);
    of_frame.or_else(|| Level1::ALL.iter().copied().find(|level1| stem(level1.chinese()) == word))
}

/// The node of level two with this word below a level one.
pub(super) fn level2_node<'f>(text: &str, level1: Level1, frame: &'f [FrameNode]) -> Option<&'f FrameNode> {
    frame.iter().find(|node| !node.top && node.level1 == level1 && stem(&node.title) == stem(text))
}

/// 社会效益 and 社会效益指标 are one.
fn stem(text: &str) -> String {
    let word: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    word.trim_end_matches("指标").to_owned()
}

/// The form with an identifier for every indicator: those that the sheet names, then those that the same indicator has
/// had before, then new ones.
pub fn with_identifiers(mut form: Form, earlier: Option<&Form>) -> Form {
    let mut used: BTreeSet<String> = form.indicators.iter().map(|row| row.id.clone()).collect();
    let same = |a: &Indicator, b: &Indicator| {
        a.level1 == b.level1 && stem(&a.level2_name) == stem(&b.level2_name) && a.title == b.title
    };
    let mut next = 1_u32;
    for row in form.indicators.iter_mut().filter(|row| row.id.is_empty()) {
        let known = earlier.and_then(|form| {
            form.indicators.iter().find(|before| same(before, row) && !used.contains(&before.id))
        });
        row.id = known.map(|before| before.id.clone()).unwrap_or_else(|| {
            let taken = |id: &String| {
                used.contains(id)
                    || earlier.is_some_and(|form| form.indicators.iter().any(|before| before.id == *id))
            };
            let mut id = format!("i{next}");
            while taken(&id) {
                next = next.saturating_add(1);
                id = format!("i{next}");
            }
            id
        });
        used.insert(row.id.clone());
    }
    form
}
