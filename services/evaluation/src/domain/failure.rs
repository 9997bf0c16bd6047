//! Why the rules say no.

use rust_decimal::Decimal;

use super::self_evaluation::Departure;

/// Answer of a rule.
pub type Result<T, E = Failure> = std::result::Result<T, E>;

/// Why the rules say no. Each variant has its reason in the published contract.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// The state of the object does not allow the action.
    #[error("not allowed while {state}")]
    StateNotAllowed {
        /// The state it is in.
        state: String,
    },
    /// Parts are missing that the action needs.
    #[error("incomplete: {}", .missing.join(", "))]
    Incomplete {
        /// Paths of what is missing.
        missing: Vec<String>,
    },
    /// A score lies outside what its level or its points allow.
    #[error("the score of {indicator} must lie between {lowest} and {highest}")]
    ScoreOutOfBand {
        /// Indicator or item.
        indicator: String,
        /// Lowest score allowed.
        lowest: Decimal,
        /// Highest score allowed; for a middle band just not reached.
        highest: Decimal,
    },
    /// The object has no such part.
    #[error("there is no {code}")]
    UnknownPart {
        /// Code that was named.
        code: String,
    },
    /// A deputy or CPPCC member advises and does not score.
    #[error("{participant} advises and does not score")]
    AdviceOnly {
        /// The person.
        participant: String,
    },
    /// The points of a framework do not add up.
    #[error("the points add up to {sum}, needed {required}")]
    FrameworkPoints {
        /// What they add up to.
        sum: Decimal,
        /// What they must add up to, or at least.
        required: Decimal,
    },
    /// Indicators do not add up to the weight of their goal.
    #[error("the indicators of goal {goal} add up to {sum}, needed {required}")]
    GoalPoints {
        /// Number of the goal.
        goal: i32,
        /// What they add up to.
        sum: Decimal,
        /// Weight of the goal.
        required: Decimal,
    },
    /// A form says otherwise than the version of the objective that it answers to.
    #[error("{} difference(s) from version {version} of the objective", .departures.len())]
    ObjectiveDiffers {
        /// Number of the version.
        version: i32,
        /// Every difference.
        departures: Vec<Departure>,
    },
    /// Another version of the objective is in force than the form answers to.
    #[error(
        "version {in_force} of the objective is in force and the form answers to version {noted}: refresh it first"
    )]
    ObjectiveOutdated {
        /// Number of the version that the form answers to; 0 for none.
        noted: i32,
        /// Number of the version in force; 0 for none.
        in_force: i32,
    },
    /// The form answers to the version in force already.
    #[error("the form answers to version {version}, which is in force: there is nothing to refresh")]
    ObjectiveCurrent {
        /// Number of the version; 0 without an objective.
        version: i32,
    },
    /// An amount fits neither request nor conclusion.
    #[error("{given} does not fit the request of {requested}")]
    AmountNotAllowed {
        /// Amount asked for, in yuan.
        requested: Decimal,
        /// Amount given, in yuan.
        given: Decimal,
    },
    /// A hint stands in the way and no reason to override it was given.
    #[error("hint {hint} stands in the way: say why it is not followed")]
    OverrideReasonRequired {
        /// The hint's resource name.
        hint: String,
        /// How far it binds.
        strength: String,
    },
    /// A hint blocks that only a head of the finance bureau overrides.
    #[error("hint {hint} is overridden only by a head of the finance bureau")]
    HardBlock {
        /// The hint's resource name.
        hint: String,
    },
    /// The deadline has not passed.
    #[error("not overdue before {due_date} is over")]
    NotOverdue {
        /// The deadline.
        due_date: String,
    },
    /// The task takes no forms any more.
    #[error("the task {task} is closed")]
    TaskClosed {
        /// The task's resource name.
        task: String,
    },
    /// No rules are in force.
    #[error("no rules in force for {section}")]
    RulesMissing {
        /// Section of the rule set.
        section: &'static str,
    },
    /// A finding cannot be part of the demand.
    #[error("finding {finding} is not open or not the unit's")]
    FindingNotDemandable {
        /// The finding's resource name.
        finding: String,
    },
    /// Points are withheld without a reason.
    #[error("{code} has less than its points: say why")]
    DeductionReasonRequired {
        /// Indicator or item.
        code: String,
    },
    /// Someone must not take part.
    #[error("{party} has a conflict of interest: {kind}")]
    ConflictOfInterest {
        /// Institution or person.
        party: String,
        /// Kind of conflict.
        kind: String,
    },
    /// A value makes no sense.
    #[error("{field}: {message}")]
    Invalid {
        /// Path of the field.
        field: String,
        /// What is wrong.
        message: String,
    },
}

impl Failure {
    /// A value that makes no sense.
    pub fn invalid(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self::Invalid { field: field.into(), message: message.into() }
    }

    /// A part that does not exist.
    pub fn unknown(code: impl Into<String>) -> Self {
        Self::UnknownPart { code: code.into() }
    }

    /// A state that does not allow the action.
    pub fn state(state: impl Into<String>) -> Self {
        Self::StateNotAllowed { state: state.into() }
    }
}
