//! Why a rule of monitoring says no.

use wenxiao_kernel::Money;

/// A refusal of a command.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The object's state does not allow it.
    #[error("the state {state} does not allow {action}")]
    State {
        /// State that it is in.
        state: &'static str,
        /// What was tried.
        action: &'static str,
    },
    /// The round does not take it now.
    #[error("the round is {state}")]
    RoundNotOpen {
        /// State of the round.
        state: &'static str,
    },
    /// The scope selects nothing.
    #[error("no object in scope has a ratified objective")]
    RoundEmpty,
    /// The form lacks content.
    #[error("{} field(s) are missing", .0.len())]
    Incomplete(Vec<Missing>),
    /// Content that does not fit, by field.
    #[error("{} field(s) do not fit", .0.len())]
    Unfit(Vec<Missing>),
    /// The institution is not assigned to the report.
    #[error("the institution {0} does not review this report")]
    ReviewerNotAssigned(String),
    /// Two institutions for one department.
    #[error("two institutions would review {0}")]
    ReviewerOverlap(String),
    /// A reduction larger than the budget.
    #[error("a reduction of {amount} exceeds the budget of {budget}")]
    ReductionExceedsBudget {
        /// Reduction.
        amount: Money,
        /// Adjusted budget.
        budget: Money,
    },
    /// The measure does not fit its subject.
    #[error("this kind of measure does not fit {0}")]
    MeasureUnfit(String),
    /// The same measure is proposed or in force.
    #[error("the same measure on {0} is proposed or in force")]
    MeasureExists(String),
    /// Nothing blocks.
    #[error("nothing blocks {0}")]
    NothingToOverride(String),
    /// Something blocks hard.
    #[error("{ground} blocks {subject} and cannot be overridden")]
    NotOverridable {
        /// Subject.
        subject: String,
        /// Ground.
        ground: &'static str,
    },
    /// No rules for the year.
    #[error("no monitoring rules are in force for {0}")]
    RulesMissing(i32),
    /// Milestones out of order.
    #[error("milestones are out of order")]
    MilestonesUnordered,
}

/// One thing that a form lacks, or that does not fit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Missing {
    /// Path of the field: `indicators[q1].deviation_text`.
    pub field: String,
    /// For a clerk, in Chinese.
    pub chinese: String,
    /// The same in English.
    pub english: String,
}

impl Missing {
    /// A missing field.
    pub fn new(field: impl Into<String>, chinese: impl Into<String>, english: impl Into<String>) -> Self {
        Self { field: field.into(), chinese: chinese.into(), english: english.into() }
    }
}
