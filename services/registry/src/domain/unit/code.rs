use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Agency code (单位代码): 3 to 21 digits in segments of three.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct AgencyCode(pub(super) String);

/// Text that is not an agency code.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not 3 to 21 digits in segments of three")]
pub struct InvalidCode(String);

impl AgencyCode {
    /// The code as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What stands in for a code that is missing until that is refused.
    pub fn placeholder() -> Self {
        Self("000".to_owned())
    }

    /// Code of the unit above; none for departments and streets.
    pub fn parent(&self) -> Option<Self> {
        let length = self.0.len().checked_sub(3).filter(|length| *length > 0)?;
        self.0.get(..length).map(|head| Self(head.to_owned()))
    }

    /// Code of the department or street at the head of the branch.
    pub fn department(&self) -> Self {
        Self(self.0.get(..3).unwrap_or(&self.0).to_owned())
    }

    /// The code of what stood at or below `from` when that stands at `to` instead; `None` when it gets too long.
    pub fn moved(&self, from: &Self, to: &Self) -> Option<Self> {
        let below = self.0.strip_prefix(&from.0)?;
        format!("{}{below}", to.0).parse().ok()
    }

    /// Whether the unit stands somewhere below `other`.
    pub fn is_below(&self, other: &Self) -> bool {
        self.0.len() > other.0.len() && self.0.starts_with(&other.0)
    }
}

impl FromStr for AgencyCode {
    type Err = InvalidCode;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let segmented = (3..=21).contains(&text.len()) && text.len().is_multiple_of(3);
        if segmented && text.bytes().all(|b| b.is_ascii_digit()) {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidCode(text.chars().take(32).collect()))
        }
    }
}

impl TryFrom<String> for AgencyCode {
    type Error = InvalidCode;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<AgencyCode> for String {
    fn from(code: AgencyCode) -> Self {
        code.0
    }
}

impl fmt::Display for AgencyCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
