//! What a year amounted to (年度事实): the plain answers of the queries, from which the summary is composed. No sentence, no
//! rounding, no unit of print in here.

use chrono::NaiveDate;
use wenxiao_kernel::{BudgetAccount, Decimal, Grade, Money, rounding};

use super::case::Case;

/// Everything that the annual summary of one district needs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct YearFacts {
    /// Name of the district: 海沧区.
    pub district_title: String,
    /// Work year.
    pub work_year: i32,
    /// The rollout plan in force.
    pub plan: Option<Plan>,
    /// Groups that were trained in the year, each once, in the order of the sessions.
    pub trainings: Vec<String>,
    /// Objectives ratified for the work year, per account.
    pub objectives: Vec<AccountCoverage>,
    /// Who filed them.
    pub objective_participants: Participants,
    /// Collective review of objectives and of monitoring reports by hired institutions.
    pub collective_review: CollectiveReview,
    /// Monitoring in the work year, per account.
    pub monitoring: Vec<AccountCoverage>,
    /// Ex-ante evaluations concluded in the work year.
    pub ex_ante: Vec<ExAnte>,
    /// Self-evaluations done in the work year.
    pub self_evaluation: SelfEvaluation,
    /// Key evaluations fixed in the work year.
    pub key_evaluation: KeyEvaluation,
    /// The cases of section 6, in order.
    pub cases: Vec<Case>,
    /// Budget years for which expired policies were arranged after a review.
    pub policy_budget_years: Vec<i32>,
    /// What was published.
    pub disclosure: Disclosure,
}

/// The rollout plan (执行计划).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// Its resource name.
    pub source: String,
    /// Title of the document that it carries out.
    pub document_title: String,
    /// Number of that document.
    pub document_number: String,
    /// How many years it covers.
    pub horizon_years: i32,
    /// Day by which its goals are to be reached.
    pub target_date: Option<NaiveDate>,
}

/// Money and objects that a stage reaches.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Covered {
    /// Objects reached.
    pub count: i64,
    /// Money reached.
    pub covered: Money,
    /// All money of that kind; none when not known. Never assumed.
    pub total: Option<Money>,
    /// Whether an earlier work year had reached all of it.
    pub full_before: bool,
}

impl Covered {
    /// covered ÷ total in percent, half up to 2 decimals; none without a total.
    pub fn rate(&self) -> Option<Decimal> {
        rounding::percentage(self.covered.yuan(), self.total?.yuan(), 2)
    }

    /// Whether everything is reached now, and was not in any earlier year.
    pub fn full_for_the_first_time(&self) -> bool {
        !self.full_before && self.total.is_some_and(|total| !total.is_zero() && self.covered >= total)
    }
}

/// Coverage of one account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AccountCoverage {
    /// The account.
    pub account: BudgetAccount,
    /// What is reached.
    pub covered: Covered,
}

/// Who took part: subdistrict offices apart, a department and its own unit (本级) once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Participants {
    /// Budget units.
    pub units: i64,
    /// Subdistrict offices.
    pub streets: i64,
}

/// Collective review (集中会审).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CollectiveReview {
    /// Institutions that reviewed objectives.
    pub objective_institutions: i64,
    /// Objectives that were returned at least once.
    pub returned_objectives: i64,
    /// Institutions that reviewed monitoring reports.
    pub monitoring_institutions: i64,
    /// Monitoring reports that were returned at least once.
    pub returned_reports: i64,
}

/// A concluded ex-ante evaluation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExAnte {
    /// Its resource name.
    pub source: String,
    /// Name of the unit.
    pub unit_title: String,
    /// Name of the project or policy.
    pub title: String,
    /// Amount asked for.
    pub requested: Money,
    /// Whether it was made at the mid-year budget adjustment (预算调整).
    pub at_adjustment: bool,
}

/// Self-evaluations of the work year.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SelfEvaluation {
    /// Years evaluated.
    pub years: Vec<i32>,
    /// Who did them.
    pub participants: Participants,
    /// Objectives answered to, of all that were ratified for those years.
    pub covered: Covered,
    /// Forms with an assisting institution.
    pub assisted: i64,
}

/// Key evaluations of the work year.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KeyEvaluation {
    /// Years evaluated.
    pub years: Vec<i32>,
    /// Led by the finance bureau.
    pub finance: i64,
    /// Led by departments.
    pub department: i64,
    /// Money of all of them.
    pub amount: Money,
    /// How many of those led by the finance bureau were evaluated by an institution.
    pub by_institution: i64,
    /// Deputies and CPPCC members on the panels, each once.
    pub deputies_and_members: i64,
    /// Worst grade of those led by the finance bureau; none while one of them has no grade.
    pub worst_finance_grade: Option<Grade>,
    /// The categories of findings that came up most often, in words.
    pub common_findings: Vec<String>,
}

/// What was published in the work year.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Disclosure {
    /// Years of the objective tables that were published.
    pub objective_years: Vec<i32>,
    /// Years of the evaluation results that were published.
    pub result_years: Vec<i32>,
    /// Whether objective tables went to the people's congress.
    pub objectives_to_congress: bool,
    /// Whether objective tables went to the public.
    pub objectives_to_public: bool,
    /// Whether results went to the leaders by special report.
    pub results_to_leaders: bool,
    /// Whether results went to the executive meeting.
    pub results_to_meeting: bool,
    /// Whether reports went to the people's congress.
    pub reports_to_congress: bool,
    /// Whether reports went to the deputies and members who took part.
    pub reports_to_participants: bool,
    /// Result notices issued.
    pub notices: i64,
}

impl YearFacts {
    /// What objectives reach in an account.
    pub fn objectives_of(&self, account: BudgetAccount) -> Option<&Covered> {
        self.objectives.iter().find(|entry| entry.account == account).map(|entry| &entry.covered)
    }

    /// What monitoring reaches in an account.
    pub fn monitoring_of(&self, account: BudgetAccount) -> Option<&Covered> {
        self.monitoring.iter().find(|entry| entry.account == account).map(|entry| &entry.covered)
    }
}
