use std::fmt;
use std::str::FromStr;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::{Money, MoneyError, rounding};

/// Unit in which an amount is printed (金额单位).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AmountUnit {
    /// 元.
    Yuan,
    /// 万元.
    TenThousandYuan,
    /// 亿元.
    HundredMillionYuan,
}

/// Whether a printed figure is the truth or only bounds it (界限).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Bound {
    /// The figure itself, at its printed precision.
    Exact,
    /// "0.6亿多": not less than the figure.
    AtLeast,
    /// "不足0.6亿": not more than the figure.
    AtMost,
}

/// An amount as a document prints it (原文金额). Number, decimals, unit and bound survive a round trip.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PrintedAmount {
    /// The number as printed, in `unit`; its scale is the printed precision.
    pub value: Decimal,
    /// Unit of the number.
    pub unit: AmountUnit,
    /// Whether the number is the truth.
    pub bound: Bound,
}

/// Why a text is not a printed amount.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PrintedAmountError {
    /// There is no number in it, or more than one.
    #[error("{0:?} holds no single amount")]
    NoNumber(String),
    /// The unit is none of 元, 万, 万元, 亿, 亿元.
    #[error("{0:?} names no unit of money")]
    NoUnit(String),
    /// The amount itself is not one.
    #[error(transparent)]
    Money(#[from] MoneyError),
}

impl AmountUnit {
    /// How many yuan one of it is.
    pub fn yuan(self) -> Decimal {
        match self {
            Self::Yuan => Decimal::ONE,
            Self::TenThousandYuan => Decimal::from(10_000),
            Self::HundredMillionYuan => Decimal::from(100_000_000),
        }
    }

    /// The Chinese word.
    pub fn chinese(self) -> &'static str {
        match self {
            Self::Yuan => "元",
            Self::TenThousandYuan => "万元",
            Self::HundredMillionYuan => "亿元",
        }
    }
}

impl PrintedAmount {
    /// `amount` as it is printed in `unit` with `places` decimals, rounded half up.
    pub fn of(amount: Money, unit: AmountUnit, places: u32) -> Self {
        let scaled = rounding::ratio(amount.yuan(), unit.yuan()).unwrap_or_default();
        let mut value = rounding::half_up(scaled, places);
        value.rescale(places);
        Self { value, unit, bound: Bound::Exact }
    }

    /// The yuan that the printed number stands for.
    pub fn amount(self) -> Result<Money, PrintedAmountError> {
        let yuan = self.value.checked_mul(self.unit.yuan()).unwrap_or(Decimal::MAX);
        Ok(Money::from_yuan(yuan)?)
    }

    /// Whether `amount` is compatible with what is printed: equal at the printed precision, or on the right side
    /// of the bound.
    pub fn admits(self, amount: Money) -> bool {
        let printed = Self::of(amount, self.unit, self.value.scale());
        let yuan = self.value.checked_mul(self.unit.yuan());
        match self.bound {
            Bound::Exact => printed.value == self.value,
            Bound::AtLeast => yuan.is_some_and(|bound| amount.yuan() >= bound),
            Bound::AtMost => yuan.is_some_and(|bound| amount.yuan() <= bound),
        }
    }
}

impl FromStr for PrintedAmount {
    type Err = PrintedAmountError;

    /// Reads `1828.34万元`, `2000万`, `0.6亿多`, `260万元`, `143元`, `不足0.6亿元`, `>0.6亿元`.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let whole = text.trim();
        let no_number = || PrintedAmountError::NoNumber(whole.chars().take(40).collect());
        let start = whole.find(|c: char| c.is_ascii_digit()).ok_or_else(no_number)?;
        let (before, rest) = whole.split_at(start);
        let end = rest.find(|c: char| !matches!(c, '0'..='9' | '.' | ',')).unwrap_or(rest.len());
        let (digits, after) = rest.split_at(end);
        let value: Decimal = digits.replace(',', "").parse().map_err(|_| no_number())?;
        if after.contains(|c: char| c.is_ascii_digit()) {
            return Err(no_number());
        }
        let unit = if after.starts_with('亿') {
            AmountUnit::HundredMillionYuan
        } else if after.starts_with('万') {
            AmountUnit::TenThousandYuan
        } else if after.starts_with('元') {
            AmountUnit::Yuan
        } else {
            return Err(PrintedAmountError::NoUnit(whole.chars().take(40).collect()));
        };
        let bound = match (before.trim(), after.contains(['多', '余'])) {
            ("不足" | "<" | "≤", _) => Bound::AtMost,
            (">" | "≥" | "超过", _) | (_, true) => Bound::AtLeast,
            _ => Bound::Exact,
        };
        Ok(Self { value, unit, bound })
    }
}

impl fmt::Display for PrintedAmount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.bound {
            Bound::Exact => write!(f, "{}{}", self.value, self.unit.chinese()),
            Bound::AtLeast => write!(f, "{}{}多", self.value, self.unit.chinese().trim_end_matches('元')),
            Bound::AtMost => write!(f, "不足{}{}", self.value, self.unit.chinese()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_seed_year_reads_and_prints() {
        for (text, printed, yuan) in [
            ("1828.34万元", "1828.34万元", "18283400"),
            ("2000万", "2000万元", "20000000"),
            ("0.6亿多", "0.6亿多", "60000000"),
            ("1.9亿", "1.9亿元", "190000000"),
            ("39.87亿元", "39.87亿元", "3987000000"),
            ("不足0.6亿", "不足0.6亿元", "60000000"),
        ] {
            let amount: PrintedAmount = text.parse().unwrap();
            assert_eq!(amount.to_string(), printed);
            assert_eq!(amount.amount().unwrap().yuan(), yuan.parse().unwrap(), "{text}");
            assert_eq!(amount.to_string().parse::<PrintedAmount>().unwrap(), amount);
        }
        for text in ["", "多", "1.2.3万", "12", "3到5万元", "亿元"] {
            assert!(text.parse::<PrintedAmount>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_bound_admits_one_side() {
        let open: PrintedAmount = "0.6亿多".parse().unwrap();
        let yuan = |text: &str| Money::from_yuan(text.parse().unwrap()).unwrap();
        assert!(open.admits(yuan("63210000")));
        assert!(!open.admits(yuan("59999999.99")));
        let exact: PrintedAmount = "39.87亿元".parse().unwrap();
        assert!(exact.admits(yuan("3987499999.99")));
        assert!(!exact.admits(yuan("3987500000")));
    }
}
