use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::ProjectCategory;

/// National project code (项目代码 PRO_CODE), 21 characters: area of setup, year of setup, letter, serial number.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ProjectCode(String);

/// Text that is not a project code.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not six digits of area, two of year, a letter and twelve digits")]
pub struct InvalidProjectCode(String);

impl ProjectCode {
    /// The code as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Year of setup: the two digits count from 2000.
    pub fn setup_year(&self) -> Option<i32> {
        let digits = self.0.get(6..8)?;
        digits.parse::<i32>().ok()?.checked_add(2000)
    }

    /// Whether the letter goes with the category: R with 人员类 only, T with all others. That much shows in real
    /// codes; the other letters are not known and go with any.
    pub fn admits(&self, category: ProjectCategory) -> bool {
        match self.0.get(8..9) {
            Some("R") => category == ProjectCategory::Personnel,
            Some("T") => category != ProjectCategory::Personnel,
            _ => true,
        }
    }
}

impl FromStr for ProjectCode {
    type Err = InvalidProjectCode;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let letter_at_nine = text.bytes().enumerate().all(|(place, byte)| match place {
            8 => byte.is_ascii_uppercase(),
            _ => byte.is_ascii_digit(),
        });
        if text.len() == 21 && letter_at_nine {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidProjectCode(text.chars().take(32).collect()))
        }
    }
}

impl TryFrom<String> for ProjectCode {
    type Error = InvalidProjectCode;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<ProjectCode> for String {
    fn from(code: ProjectCode) -> Self {
        code.0
    }
}

impl fmt::Display for ProjectCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
