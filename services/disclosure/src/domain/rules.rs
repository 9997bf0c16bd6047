//! Rule data of disclosure (规则数据): which kind of publication holds what, goes to whom and by when; how far a level of
//! secrecy reaches; which words are printed for a grade. An argument of every rule, never a constant in code.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use wenxiao_kernel::{BudgetAccount, Grade, Secrecy};

use super::words::{Audience, DocumentKind, PublicationKind};

/// The rules in force for one district at one time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rules {
    /// Name of the rule set, for explanations.
    pub rule_set: String,
    /// Rule of each kind of publication.
    pub kinds: BTreeMap<PublicationKind, KindRule>,
    /// How far an object of a level of secrecy may go; a missing level goes nowhere.
    pub widest_audience: BTreeMap<Secrecy, Audience>,
    /// By when a result notice must be issued, counted from the day on which the result was fixed.
    pub notice_deadline: Option<DeadlineRule>,
    /// Accounts whose project budgets are complete in the registry: only for them a total is known that coverage can be
    /// measured against. An account on trial (试编) is not among them, and its coverage is never assumed.
    pub covered_accounts: Vec<BudgetAccount>,
    /// Word printed for each grade (等级用语).
    pub grade_words: BTreeMap<Grade, String>,
}

/// Rule of one kind of publication.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KindRule {
    /// Documents that it may hold.
    pub documents: Vec<DocumentKind>,
    /// Audiences that it may go to.
    pub audiences: Vec<Audience>,
    /// By when it must be published; none when no rule says so.
    pub deadline: Option<DeadlineRule>,
}

/// So many days after a basis date (期限).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeadlineRule {
    /// Name of the rule: `budget_law`, `information_disclosure`.
    pub rule: String,
    /// How many days; the day after the basis date is the first.
    pub days: u16,
    /// Whether only working days count (工作日).
    pub working_days: bool,
}

/// The national default as it is shipped; its article-based values are unverified (DOMAIN 9).
const NATIONAL_DEFAULT: &str = include_str!("../../rules/national-default.json");

impl Rules {
    /// The rules that hold where a district has none of its own.
    pub fn national_default() -> Result<Self, serde_json::Error> {
        serde_json::from_str(NATIONAL_DEFAULT)
    }

    /// Rule of a kind of publication.
    pub fn kind(&self, kind: PublicationKind) -> Option<&KindRule> {
        self.kinds.get(&kind)
    }

    /// Whether an object of that secrecy may reach the audience.
    pub fn secrecy_allows(&self, secrecy: Secrecy, audience: Audience) -> bool {
        self.widest_audience.get(&secrecy).is_some_and(|widest| widest.reaches(audience))
    }

    /// Word printed for a grade.
    pub fn grade_word(&self, grade: Grade) -> &str {
        self.grade_words.get(&grade).map_or_else(|| grade.chinese(), String::as_str)
    }
}
