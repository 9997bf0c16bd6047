//! Rules of the precheck as data (预审规则): which are on, how much they weigh, their words and numbers.

use wenxiao_kernel::Decimal;

use crate::domain::form::Severity;

/// The rules of a year and district.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PrecheckRules {
    /// Rule set that they come from, by resource name.
    pub rule_set: String,
    /// The rules in the order in which their remarks are shown.
    pub rules: Vec<Rule>,
    /// Lists that several rules use (共用词表).
    pub lists: Vec<WordList>,
}

/// One rule (预审规则项).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// Code, such as `weights.sum`: names the function that applies it.
    pub code: String,
    /// What it looks for.
    pub title: String,
    /// How much its remarks weigh.
    pub severity: Severity,
    /// Whether it runs.
    pub on: bool,
    /// Where it comes from.
    pub source: String,
    /// Its own lists of words.
    pub lists: Vec<WordList>,
    /// Its numbers by name.
    pub numbers: Vec<(String, Decimal)>,
    /// What things may cost.
    pub unit_costs: Vec<UnitCost>,
    /// What belongs under which level-2 indicator.
    pub placements: Vec<Placement>,
}

/// A list of words by its name (词表).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WordList {
    /// Name: `words`, `exceptions`, `vague`.
    pub name: String,
    /// The words.
    pub words: Vec<String>,
}

/// What one unit of something costs, in yuan, both bounds included (单位成本区间).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnitCost {
    /// Words of the indicator.
    pub words: Vec<String>,
    /// Units that it is counted in.
    pub measure_units: Vec<String>,
    /// Least.
    pub lower: Decimal,
    /// Most.
    pub upper: Decimal,
}

/// Words that belong under one level-2 indicator and are a fault under others (二三级指标对应关系).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placement {
    /// Words of level-3 indicators.
    pub words: Vec<String>,
    /// Word of the level-2 indicator that they belong under.
    pub belongs_under: String,
    /// Words of the level-2 indicators where they are a fault.
    pub never_under: Vec<String>,
}

impl Rule {
    /// A number of the rule; `None` leaves that part of the rule out.
    pub fn number(&self, name: &str) -> Option<Decimal> {
        self.numbers.iter().find(|(of, _)| of == name).map(|(_, number)| *number)
    }
}

impl PrecheckRules {
    /// A list of words: the rule's own, else the one that rules share; empty when there is neither.
    pub fn words<'r>(&'r self, rule: &'r Rule, name: &str) -> &'r [String] {
        let found = rule.lists.iter().chain(&self.lists).find(|list| list.name == name);
        found.map_or(&[], |list| &list.words)
    }
}
