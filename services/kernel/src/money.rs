use std::fmt;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::rounding;

/// An amount in yuan with at most two decimals (金额, 元). Never a float, never another currency.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "Decimal", into = "Decimal")]
pub struct Money(Decimal);

/// Why an amount is not one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MoneyError {
    /// There are fractions of a fen.
    #[error("{0} yuan has more than two decimals")]
    TooFine(Decimal),
    /// The amount is beyond what the database keeps (NUMERIC(20,2)).
    #[error("{0} yuan is beyond 10^16")]
    TooLarge(Decimal),
}

const LIMIT_YUAN: i64 = 10_000_000_000_000_000;

impl Money {
    /// No money.
    pub const ZERO: Self = Self(Decimal::ZERO);

    /// An amount of yuan. Fails on fractions of a fen and on amounts of 10^16 yuan and more.
    pub fn from_yuan(yuan: Decimal) -> Result<Self, MoneyError> {
        let mut normal = yuan.normalize();
        if normal.scale() > 2 {
            return Err(MoneyError::TooFine(yuan));
        }
        if normal.abs() >= Decimal::from(LIMIT_YUAN) {
            return Err(MoneyError::TooLarge(yuan));
        }
        normal.rescale(2);
        Ok(Self(normal))
    }

    /// The amount in yuan, with two decimals.
    pub fn yuan(self) -> Decimal {
        self.0
    }

    /// Sum, or `None` beyond the limit.
    pub fn checked_add(self, other: Self) -> Option<Self> {
        self.0.checked_add(other.0).and_then(|sum| Self::from_yuan(sum).ok())
    }

    /// Difference, or `None` beyond the limit.
    pub fn checked_sub(self, other: Self) -> Option<Self> {
        self.0.checked_sub(other.0).and_then(|rest| Self::from_yuan(rest).ok())
    }

    /// Sum of many, or `None` beyond the limit.
    pub fn total(amounts: impl IntoIterator<Item = Self>) -> Option<Self> {
        amounts.into_iter().try_fold(Self::ZERO, Self::checked_add)
    }

    /// This amount over another, or `None` when the other is zero.
    pub fn ratio_of(self, whole: Self) -> Option<Decimal> {
        rounding::ratio(self.0, whole.0)
    }

    /// Whether it is less than nothing.
    pub fn is_negative(self) -> bool {
        self.0.is_sign_negative() && !self.0.is_zero()
    }

    /// Whether it is nothing.
    pub fn is_zero(self) -> bool {
        self.0.is_zero()
    }
}

impl TryFrom<Decimal> for Money {
    type Error = MoneyError;

    fn try_from(yuan: Decimal) -> Result<Self, Self::Error> {
        Self::from_yuan(yuan)
    }
}

impl From<Money> for Decimal {
    fn from(money: Money) -> Self {
        money.0
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}元", self.0)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn fractions_of_a_fen_are_refused() {
        assert!(matches!(Money::from_yuan("0.001".parse().unwrap()), Err(MoneyError::TooFine(_))));
        assert!(matches!(
            Money::from_yuan("1e16".parse::<Decimal>().unwrap_or(Decimal::MAX)),
            Err(MoneyError::TooLarge(_))
        ));
        assert_eq!(Money::from_yuan("18283400.0000".parse().unwrap()).unwrap().to_string(), "18283400.00元");
    }

    proptest! {
        #[test]
        fn what_is_added_can_be_taken_away(a in -10_000_000_000i64..10_000_000_000, b in -10_000_000_000i64..10_000_000_000) {
            let (a, b) = (Money::from_yuan(Decimal::new(a, 2)).unwrap(), Money::from_yuan(Decimal::new(b, 2)).unwrap());
            prop_assert_eq!(a.checked_add(b).unwrap().checked_sub(b).unwrap(), a);
        }
    }
}
