//! A figure and its print (数据项): the exact value, the unit, the printed precision, and whether it only bounds the truth.

use chrono::{Datelike, NaiveDate};
use rust_decimal::RoundingStrategy;
use serde::{Deserialize, Serialize};
use wenxiao_kernel::{AmountUnit, Bound, Decimal, Explanation, Grade, Money, rounding};

use super::rules::Rules;
use super::words::Word;

/// Unit in which a figure is printed (单位).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FigureUnit {
    /// A calendar or budget year.
    Year,
    /// A number of years.
    Years,
    /// A document number (文号).
    DocumentNumber,
    /// A day.
    Date,
    /// A list of texts.
    List,
    /// 元.
    Yuan,
    /// 万元.
    TenThousandYuan,
    /// 亿元.
    HundredMillionYuan,
    /// %.
    Percent,
    /// 家: units.
    Unit,
    /// 个: objects.
    Item,
    /// 位: persons.
    Person,
    /// A grade's word.
    Grade,
}

impl Word for FigureUnit {
    const TABLE: &'static [(Self, &'static str, &'static str)] = &[
        (Self::Year, "year", "年"),
        (Self::Years, "years", "年"),
        (Self::DocumentNumber, "doc no.", ""),
        (Self::Date, "date", ""),
        (Self::List, "list", ""),
        (Self::Yuan, "元", "元"),
        (Self::TenThousandYuan, "万元", "万元"),
        (Self::HundredMillionYuan, "亿元", "亿元"),
        (Self::Percent, "%", "%"),
        (Self::Unit, "家", "家"),
        (Self::Item, "个", "个"),
        (Self::Person, "位", "位"),
        (Self::Grade, "grade", ""),
    ];
}

impl From<AmountUnit> for FigureUnit {
    fn from(unit: AmountUnit) -> Self {
        match unit {
            AmountUnit::Yuan => Self::Yuan,
            AmountUnit::TenThousandYuan => Self::TenThousandYuan,
            AmountUnit::HundredMillionYuan => Self::HundredMillionYuan,
        }
    }
}

/// How many decimals are printed (精度).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Precision {
    /// Decimals at the most; the value is rounded half up to them.
    pub places: u32,
    /// Whether trailing zeros are printed: 39.90 and not 39.9.
    pub keep_zeros: bool,
}

impl Precision {
    /// Whole numbers.
    pub const WHOLE: Self = Self { places: 0, keep_zeros: false };
    /// Two decimals, always.
    pub const FIXED_TWO: Self = Self { places: 2, keep_zeros: true };
    /// Two decimals at the most.
    pub const UP_TO_TWO: Self = Self { places: 2, keep_zeros: false };

    /// So many decimals at the most.
    pub const fn up_to(places: u32) -> Self {
        Self { places, keep_zeros: false }
    }
}

/// The exact value of a figure.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Value {
    /// A number, in the figure's unit.
    Number(Decimal),
    /// A day.
    Date(NaiveDate),
    /// Texts: one for a document number, several for a list.
    Texts(Vec<String>),
    /// A grade.
    Grade(Grade),
}

/// One figure of a summary.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Figure {
    /// What it is.
    pub key: String,
    /// Section of the summary, 0 to 7.
    pub section: i32,
    /// Chinese label.
    pub label: String,
    /// The value; none when nothing stored gives it.
    pub value: Option<Value>,
    /// Unit as printed.
    pub unit: FigureUnit,
    /// Whether it only bounds the truth.
    pub bound: Bound,
    /// The bare printed value: `39.87`, `>0.6`, `2020-07-21`, `良好`. Empty without a value.
    pub printed: String,
    /// The figure in running text: `39.87亿元`, `0.6亿多`, `2020年7月21日`. Empty without a value.
    pub printed_text: String,
    /// Where it comes from.
    pub explanation: Explanation,
    /// Name of the query that gives it.
    pub source_query: String,
    /// Whether a threshold is reached for the first time.
    pub first_time: bool,
}

/// An amount in a unit of print, exact.
pub fn amount(amount: Money, unit: AmountUnit) -> Value {
    Value::Number(rounding::ratio(amount.yuan(), unit.yuan()).unwrap_or_default())
}

/// A count or a year.
pub fn count(number: impl Into<Decimal>) -> Value {
    Value::Number(number.into())
}

/// The bare printed value, in the notation of a table of figures.
pub fn print(value: &Value, precision: Precision, bound: Bound, rules: &Rules) -> String {
    match value {
        Value::Number(number) => {
            let sign = match bound {
                Bound::Exact => "",
                Bound::AtLeast => ">",
                Bound::AtMost => "<",
            };
            format!("{sign}{}", print_number(*number, precision, bound))
        }
        Value::Date(day) => day.to_string(),
        Value::Texts(texts) => texts.join("; "),
        Value::Grade(grade) => rules.grade_word(*grade).to_owned(),
    }
}

/// The figure as running text prints it.
pub fn print_text(
    value: &Value,
    unit: FigureUnit,
    precision: Precision,
    bound: Bound,
    rules: &Rules,
) -> String {
    match value {
        Value::Number(number) => {
            let number = print_number(*number, precision, bound);
            let unit = unit.chinese();
            match bound {
                Bound::Exact => format!("{number}{unit}"),
                Bound::AtLeast => format!("{number}{}多", unit.trim_end_matches('元')),
                Bound::AtMost => format!("不足{number}{unit}"),
            }
        }
        Value::Date(day) => chinese_date(*day),
        Value::Texts(texts) => texts.join("、"),
        Value::Grade(grade) => rules.grade_word(*grade).to_owned(),
    }
}

/// 2020年7月21日.
pub fn chinese_date(day: NaiveDate) -> String {
    format!("{}年{}月{}日", day.year(), day.month(), day.day())
}

/// Rounded half up; a bound is rounded to its own side, so that it stays true.
fn print_number(number: Decimal, precision: Precision, bound: Bound) -> String {
    let mut rounded = match bound {
        Bound::Exact => rounding::half_up(number, precision.places),
        Bound::AtLeast => {
            number.round_dp_with_strategy(precision.places, RoundingStrategy::ToNegativeInfinity)
        }
        Bound::AtMost => {
            number.round_dp_with_strategy(precision.places, RoundingStrategy::ToPositiveInfinity)
        }
    };
    if precision.keep_zeros {
        rounded.rescale(precision.places);
        rounded.to_string()
    } else {
        rounded.normalize().to_string()
    }
}
