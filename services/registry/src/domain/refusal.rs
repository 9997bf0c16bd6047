use chrono::NaiveDate;

/// Why the registry refuses something (拒绝原因). What it means on the wire stands in `crate::error`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Fields that break rules, all of them.
    #[error("{} field(s) break rules", .0.len())]
    Invalid(Vec<Violation>),
    /// A code that must be unique belongs to another object.
    #[error("{field} {value:?} is taken")]
    CodeTaken {
        /// Field that holds the code.
        field: &'static str,
        /// The code.
        value: String,
    },
    /// Something that the object refers to does not exist.
    #[error("{0} does not exist")]
    Missing(String),
    /// The state of the object does not allow the action.
    #[error("{resource} is {state}")]
    State {
        /// The object.
        resource: String,
        /// The state that it is in.
        state: String,
    },
    /// The unit that the code puts above this one does not exist in that time.
    #[error("no unit {parent_code} stands above {agency_code}")]
    ParentUnitMissing {
        /// Code of the unit.
        agency_code: String,
        /// Code that should be above it.
        parent_code: String,
    },
    /// Units below go on existing.
    #[error("{unit} still has units below it")]
    UnitHasSubunits {
        /// The unit that would end.
        unit: String,
    },
    /// There is an own unit already.
    #[error("{unit} has its own unit already")]
    OwnUnitExists {
        /// The department or street.
        unit: String,
    },
    /// The entries of a virement do not add up to zero.
    #[error("virement {document_number} adds up to {sum}")]
    VirementUnbalanced {
        /// Document that decides the virement.
        document_number: String,
        /// What the entries add up to, in yuan.
        sum: String,
    },
    /// A reversal does not mirror its entry, or the entry was reversed before.
    #[error("{0} cannot be reversed like this")]
    ReversalNotAllowed(String),
    /// The adjusted budget would fall below zero.
    #[error("the adjusted budget of {project} in {fiscal_year} would be {adjusted_amount}")]
    BudgetBelowZero {
        /// The project.
        project: String,
        /// The budget year.
        fiscal_year: i32,
        /// What it would be, in yuan.
        adjusted_amount: String,
    },
    /// What is or was in force never changes.
    #[error("{0} is or was in force")]
    RulesInForce(String),
    /// Two sets of rules would speak for the same time.
    #[error("{0} speaks for the same time")]
    RulesOverlap(String),
    /// The rules would begin on a day that is past, and nobody said why.
    #[error("{resource} would begin on {start_date}, which is past")]
    RulesBackdated {
        /// The rule set.
        resource: String,
        /// Its first day.
        start_date: NaiveDate,
    },
    /// There are no rules for that time.
    #[error("no rules are in force at {0}")]
    NoRulesInForce(String),
    /// The engagement would be a conflict of interest.
    #[error("conflict of interest: {0}")]
    ConflictOfInterest(String),
    /// The plan has open milestones and no reason is given.
    #[error("milestones are open: {0}")]
    MilestonesOpen(String),
    /// Projects that go on would be nobody's.
    #[error("{unit} has projects that nobody takes over: {projects}")]
    UnitHasProjects {
        /// The unit that would end.
        unit: String,
        /// Identifiers of the first of them, with commas.
        projects: String,
    },
    /// Policies that go on would be carried out by nobody.
    #[error("{unit} has policies that nobody takes over: {policies}")]
    UnitHasPolicies {
        /// The unit that would end.
        unit: String,
        /// Identifiers of the first of them, with commas.
        policies: String,
    },
    /// A change that has taken effect cannot be taken back.
    #[error("{unit_change} is in force from {effective_date} on")]
    UnitChangeInForce {
        /// The change.
        unit_change: String,
        /// Its day.
        effective_date: NaiveDate,
    },
    /// Later changes of the same units build on the change.
    #[error("later changes are to be taken back first: {0}")]
    UnitChangeBuiltUpon(String),
    /// Something was entered for a unit that would never begin.
    #[error("units that would never begin are in use: {0}")]
    UnitInUse(String),
    /// Changes of a unit are entered in the order of their days.
    #[error("{unit} last changed on {last}")]
    UnitChangeOutOfOrder {
        /// The unit.
        unit: String,
        /// Day of its last change.
        last: NaiveDate,
    },
    /// The unit cannot take anything over on that day.
    #[error("{unit} is not in force from {day} on")]
    UnitNotInForce {
        /// The unit.
        unit: String,
        /// The day.
        day: NaiveDate,
        /// What became of it; empty when nothing did.
        successor: String,
    },
    /// More would be carried over than there is.
    #[error("{amount} yuan would be carried over from {fiscal_year}, which has {remainder}")]
    CarryOverExceedsRemainder {
        /// The project.
        project: String,
        /// The year that it is carried over from.
        fiscal_year: i32,
        /// What would be carried over altogether, in yuan.
        amount: String,
        /// What there is, in yuan.
        remainder: String,
    },
    /// Budget stays open and nothing says what becomes of it.
    #[error("{project} keeps {remaining_amount} yuan of {fiscal_year}")]
    OpenBudgetUndecided {
        /// The project.
        project: String,
        /// The budget year.
        fiscal_year: i32,
        /// What stays open, in yuan.
        remaining_amount: String,
    },
}

/// One field that breaks a rule (字段错误).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// Path of the field within the object.
    pub field: String,
    /// What is wrong, in Chinese.
    pub chinese: String,
    /// The same in English.
    pub english: String,
}

/// Collects violations, so that a clerk hears of all at once.
#[derive(Debug, Default)]
pub struct Checks(Vec<Violation>);

impl Checks {
    /// Notes a violation unless the rule holds.
    pub fn rule(
        &mut self,
        holds: bool,
        field: impl Into<String>,
        chinese: impl Into<String>,
        english: impl Into<String>,
    ) -> &mut Self {
        if !holds {
            self.0.push(Violation { field: field.into(), chinese: chinese.into(), english: english.into() });
        }
        self
    }

    /// Notes a violation when a required text is empty.
    pub fn filled(&mut self, text: &str, field: &str) -> &mut Self {
        self.rule(!text.trim().is_empty(), field, "必填项为空", "is required")
    }

    /// What was found so far.
    pub fn violations(&self) -> &[Violation] {
        &self.0
    }

    /// Refuses when anything was found.
    pub fn done(self) -> Result<(), Refusal> {
        if self.0.is_empty() { Ok(()) } else { Err(Refusal::Invalid(self.0)) }
    }
}
