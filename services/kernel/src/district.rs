use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Nine-digit fiscal division code (财政区划代码, MOF_DIV_CODE): 350205000 is 厦门市海沧区, 350205001 its 海沧街道.
/// A district is a tenant; every row and every name starts with its code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct DistrictCode(i32);

/// Administrative level that a code's digits tell (层级).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DistrictLevel {
    /// 省.
    Province,
    /// 市.
    City,
    /// 县, 区.
    County,
    /// 乡镇, 街道.
    Township,
}

/// Text that is not a fiscal division code.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a nine-digit fiscal division code")]
pub struct InvalidDistrict(String);

impl DistrictCode {
    /// The code as a number: the form in which the database keeps it.
    pub fn as_i32(self) -> i32 {
        self.0
    }

    /// A code from the number that the database keeps.
    pub fn from_i32(code: i32) -> Result<Self, InvalidDistrict> {
        if (100_000_000..=999_999_999).contains(&code) {
            Ok(Self(code))
        } else {
            Err(InvalidDistrict(code.to_string()))
        }
    }

    /// Level by the digits: the part that is all zeros has not been used.
    pub fn level(self) -> DistrictLevel {
        let (province, city, county) =
            (self.0.rem_euclid(10_000_000), self.0.rem_euclid(100_000), self.0.rem_euclid(1_000));
        match (province, city, county) {
            (0, _, _) => DistrictLevel::Province,
            (_, 0, _) => DistrictLevel::City,
            (_, _, 0) => DistrictLevel::County,
            _ => DistrictLevel::Township,
        }
    }

    /// The city that the code lies in: 350200000 for 350205000.
    pub fn city(self) -> Self {
        Self(self.0.saturating_sub(self.0.rem_euclid(100_000)))
    }
}

impl FromStr for DistrictCode {
    type Err = InvalidDistrict;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let invalid = || InvalidDistrict(text.chars().take(32).collect());
        if text.len() != 9 || !text.bytes().all(|b| b.is_ascii_digit()) {
            return Err(invalid());
        }
        text.parse().ok().and_then(|code| Self::from_i32(code).ok()).ok_or_else(invalid)
    }
}

impl fmt::Display for DistrictCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:09}", self.0)
    }
}

impl TryFrom<String> for DistrictCode {
    type Error = InvalidDistrict;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<DistrictCode> for String {
    fn from(code: DistrictCode) -> Self {
        code.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_digits_tell_the_level() {
        for (code, level) in [
            ("350000000", DistrictLevel::Province),
            ("350200000", DistrictLevel::City),
            ("350205000", DistrictLevel::County),
            ("350205004", DistrictLevel::Township),
        ] {
            assert_eq!(code.parse::<DistrictCode>().unwrap().level(), level, "{code}");
        }
        assert_eq!("350205000".parse::<DistrictCode>().unwrap().city().to_string(), "350200000");
    }

    #[test]
    fn what_is_no_code_is_refused() {
        for text in ["", "35020500", "3502050000", "35020500x", "050205000", "三五〇二〇五〇〇〇"] {
            assert!(text.parse::<DistrictCode>().is_err(), "{text}");
        }
    }
}
