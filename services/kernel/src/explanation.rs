use serde::{Deserialize, Serialize};

/// How a computed result came about (计算说明): enough to repeat it with pen and paper, by the rules of that time.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Explanation {
    /// Resource name of the rule set that was in force.
    pub rule_set: String,
    /// The rule within it, such as `self_evaluation.execution.proportional`.
    pub rule: String,
    /// What was decided and why, in Chinese.
    pub summary: String,
    /// The same in English.
    pub summary_en: String,
    /// The computation, in the order in which a person would do it.
    pub steps: Vec<Step>,
}

/// One step of a computation (计算步骤).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// What the step establishes, in Chinese.
    pub label: String,
    /// The formula with names.
    pub formula: String,
    /// The inputs, in the order of the formula.
    pub inputs: Vec<Input>,
    /// The result after the rounding that the rule names.
    pub result: String,
}

/// A named input (输入).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Input {
    /// Name in the formula.
    pub name: String,
    /// Value as text, with its unit where it has one.
    pub value: String,
    /// Resource that it was read from; empty when it was not read from one.
    #[serde(default)]
    pub source: String,
}

impl Explanation {
    /// An explanation by one rule, without steps yet.
    pub fn by(rule_set: impl Into<String>, rule: impl Into<String>) -> Self {
        Self { rule_set: rule_set.into(), rule: rule.into(), ..Self::default() }
    }

    /// With what was decided, in Chinese and in English.
    #[must_use]
    pub fn concluding(mut self, chinese: impl Into<String>, english: impl Into<String>) -> Self {
        self.summary = chinese.into();
        self.summary_en = english.into();
        self
    }

    /// With one step more.
    #[must_use]
    pub fn step(mut self, step: Step) -> Self {
        self.steps.push(step);
        self
    }
}

impl Step {
    /// A step without inputs yet.
    pub fn new(label: impl Into<String>, formula: impl Into<String>, result: impl ToString) -> Self {
        Self { label: label.into(), formula: formula.into(), inputs: Vec::new(), result: result.to_string() }
    }

    /// With one input more.
    #[must_use]
    pub fn input(mut self, name: impl Into<String>, value: impl ToString) -> Self {
        self.inputs.push(Input { name: name.into(), value: value.to_string(), source: String::new() });
        self
    }

    /// With one input more that was read from a resource.
    #[must_use]
    pub fn input_of(
        mut self,
        name: impl Into<String>,
        value: impl ToString,
        source: impl Into<String>,
    ) -> Self {
        self.inputs.push(Input { name: name.into(), value: value.to_string(), source: source.into() });
        self
    }
}
