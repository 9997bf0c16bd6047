//! Remarks that stay open until they are settled (审核意见销号), and what a return unlocks.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use wenxiao_kernel::vocabulary;

use super::compare::FieldChange;
use super::form::{Remark, Severity};
use super::objective::State;

vocabulary! {
    /// Who looks at a form (审核环节).
    Desk {
        /// 主管部门.
        Department = "department",
        /// 财政部门.
        Finance = "finance",
    }
}

impl Desk {
    /// The desk where a form lies in a state.
    pub fn at(state: State) -> Self {
        if state == State::DepartmentReview { Self::Department } else { Self::Finance }
    }
}

/// A remark that nobody has settled yet (未销号意见).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenRemark {
    /// Identifier within the objective.
    #[serde(default)]
    pub id: String,
    /// What it says.
    #[serde(flatten)]
    pub remark: Remark,
    /// Which desk raised it and may settle it.
    #[serde(default = "finance")]
    pub desk: Desk,
    /// Version that it was raised on.
    #[serde(default)]
    pub round: i32,
    /// Who raised it.
    #[serde(default)]
    pub author: String,
    /// When.
    #[serde(default)]
    pub time: DateTime<Utc>,
    /// What the filer says to it; empty until they do.
    #[serde(default)]
    pub answer: String,
}

/// Remarks from before they were kept open say no more than what is wrong.
fn finance() -> Desk {
    Desk::Finance
}

/// A place on the form: a field, or a row of the indicators.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// Field of the content, such as `annual_goal` or `indicators.target_value`.
    pub field: String,
    /// Indicator; empty when it is none, or all of them.
    pub indicator_id: String,
}

/// What the filer may change after a return (解锁范围).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unlocked {
    /// The whole form.
    All,
    /// Only these places.
    Only(Vec<Place>),
}

/// A return that has not been decided on again (退回).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Returned {
    /// Who returned it: on resubmission it comes back to them.
    pub by: String,
    /// Where it goes on resubmission.
    pub back_to: State,
    /// What may be changed.
    pub unlocked: Unlocked,
    /// Last day for the resubmission.
    pub due_date: Option<NaiveDate>,
}

impl Unlocked {
    /// What these remarks unlock: what they name. A remark on the form as a whole, or none at all, unlocks everything.
    pub fn by(remarks: &[Remark]) -> Self {
        if remarks.is_empty()
            || remarks.iter().any(|remark| remark.field.is_empty() && remark.indicator_id.is_empty())
        {
            return Self::All;
        }
        let places = remarks
            .iter()
            .map(|remark| Place { field: remark.field.clone(), indicator_id: remark.indicator_id.clone() });
        Self::Only(places.collect())
    }

    /// Whether a change keeps within it.
    pub fn covers(&self, change: &FieldChange) -> bool {
        match self {
            Self::All => true,
            Self::Only(places) => places.iter().any(|place| place.covers(change)),
        }
    }
}

impl Place {
    /// A remark on one cell unlocks its whole row, because a value is seldom right without its unit, sign and
    /// standard; one on a column unlocks the column, one on the table the table. Elsewhere a field is a field with
    /// all that lies below it.
    fn covers(&self, change: &FieldChange) -> bool {
        if !self.indicator_id.is_empty() {
            return self.indicator_id == change.indicator_id;
        }
        let below = change.field.strip_prefix(self.field.as_str());
        below.is_some_and(|rest| rest.is_empty() || rest.starts_with('.') || rest.starts_with('['))
    }
}

/// Which of these remarks of a desk must be settled before the form goes on, by id.
pub fn pressing(remarks: &[OpenRemark], desk: Desk) -> Vec<String> {
    let errors = remarks.iter().filter(|open| open.desk == desk && open.remark.severity == Severity::Error);
    errors.map(|open| open.id.clone()).collect()
}
