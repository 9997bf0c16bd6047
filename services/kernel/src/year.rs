use std::fmt;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

/// A fiscal year (财政年度), which in China is the calendar year. 1990 to 2100.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "i32", into = "i32")]
pub struct FiscalYear(i16);

/// A number that is not a fiscal year of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{0} is not a fiscal year between 1990 and 2100")]
pub struct InvalidYear(i32);

impl FiscalYear {
    /// The earliest year there is.
    pub const FIRST: Self = Self(1990);

    /// The year as a number.
    pub fn as_i32(self) -> i32 {
        i32::from(self.0)
    }

    /// Its first day: the rules of a year are those in force on it.
    pub fn first_day(self) -> NaiveDate {
        NaiveDate::from_ymd_opt(self.as_i32(), 1, 1).unwrap_or_default()
    }

    /// The year after this one.
    pub fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }

    /// The year before this one.
    pub fn previous(self) -> Self {
        Self(self.0.saturating_sub(1))
    }
}

impl TryFrom<i32> for FiscalYear {
    type Error = InvalidYear;

    fn try_from(year: i32) -> Result<Self, Self::Error> {
        match i16::try_from(year) {
            Ok(small @ 1990..=2100) => Ok(Self(small)),
            _ => Err(InvalidYear(year)),
        }
    }
}

impl From<FiscalYear> for i32 {
    fn from(year: FiscalYear) -> Self {
        year.as_i32()
    }
}

impl fmt::Display for FiscalYear {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}
