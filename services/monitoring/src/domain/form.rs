//! The parts of the monitoring form (监控表): money by source, a row per indicator, and what a unit fills in.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use wenxiao_kernel::{BudgetAccount, Explanation, Money};

use super::execution::FundingLine;
use super::light::{Achieved, Light, QualitativeLevel, Target};
use super::refusal::Missing;

wenxiao_kernel::vocabulary! {
    /// How likely a target will be met (完成目标可能性).
    Likelihood {
        /// 确定能.
        Certain = "certain",
        /// 有可能.
        Possible = "possible",
        /// 完全不可能.
        Impossible = "impossible",
    }
}

/// A demand to change one place (退回意见).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Remark {
    /// Indicator; empty for the whole form.
    pub indicator: String,
    /// Field; empty for the whole row.
    pub field: String,
    /// Whether it must be followed, or is only advice.
    pub must: bool,
    /// What is wrong.
    pub problem: String,
    /// What to write instead.
    pub proposal: String,
}

/// One row of the form (监控表的一行).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    /// Id of the indicator within the objective.
    pub indicator: String,
    /// Level 1, 2 and 3 as printed.
    pub levels: [String; 3],
    /// Code of level 3; empty when it has none.
    pub code: String,
    /// What is promised.
    pub target: Target,
    /// The same as printed.
    pub target_text: String,
    /// Achieved so far, in words.
    pub achieved_text: String,
    /// As a number.
    pub achieved_value: Option<Decimal>,
    /// For a qualitative indicator.
    pub achieved_level: Option<QualitativeLevel>,
    /// Expected for the year, in words.
    pub expected_text: String,
    /// As a number.
    pub expected_value: Option<Decimal>,
    /// For a qualitative indicator.
    #[serde(default)]
    pub expected_level: Option<QualitativeLevel>,
    /// Kinds of reasons, by the contract's numbers.
    pub deviation_reasons: Vec<i32>,
    /// The reasons in words.
    pub deviation_text: String,
    /// How likely the target will be met.
    pub likelihood: Option<Likelihood>,
    /// What the unit does about it.
    pub corrective_action: String,
    /// Light.
    pub light: Option<Light>,
    /// How it came about.
    pub explanation: Explanation,
    /// Light of what is expected.
    pub forecast_light: Option<Light>,
    /// What was reported and accepted last before; `None` for nothing.
    #[serde(default)]
    pub last: Option<LastValue>,
}

/// What was reported of an indicator in the round before (上次填报).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastValue {
    /// Last month of that round's stage.
    pub end_month: u32,
    /// Achieved then, in words.
    pub achieved_text: String,
    /// As a number.
    pub achieved_value: Option<Decimal>,
}

/// Budget and execution of one funding source on the form, with what the unit expects for the year (AMT5).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Funding {
    /// Account, source and amounts.
    pub line: FundingLine,
    /// Expected execution of the whole year; `None` before the unit says.
    pub expected: Option<Money>,
}

/// What a unit fills into one row; what is `None` stays.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RowEntry {
    /// Achieved, in words.
    pub achieved_text: String,
    /// Achieved, as a number.
    pub achieved_value: Option<Decimal>,
    /// Achieved, for a qualitative indicator.
    pub achieved_level: Option<QualitativeLevel>,
    /// Expected, in words.
    pub expected_text: String,
    /// Expected, as a number.
    pub expected_value: Option<Decimal>,
    /// Expected, for a qualitative indicator.
    pub expected_level: Option<QualitativeLevel>,
    /// Kinds of reasons.
    pub deviation_reasons: Vec<i32>,
    /// Reasons in words.
    pub deviation_text: String,
    /// How likely.
    pub likelihood: Option<Likelihood>,
    /// What the unit does.
    pub corrective_action: String,
}

/// What a unit expects of one funding line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FundingEntry {
    /// Account; `None` where only one has the source.
    pub account: Option<BudgetAccount>,
    /// Funding source, by the registry's number.
    pub funding_source: i32,
    /// Expected execution of the whole year.
    pub expected: Option<Money>,
}

impl FundingEntry {
    /// Whether it may mean the line.
    pub(super) fn means(&self, line: &FundingLine) -> bool {
        self.funding_source == line.funding_source
            && self.account.is_none_or(|account| account == line.account)
    }

    /// The line in a message to the clerk: `report.fundings[1]`, with its account where that is needed.
    pub fn field(&self) -> String {
        match self.account {
            Some(account) => format!("report.fundings[{},{}]", self.funding_source, account.as_str()),
            None => format!("report.fundings[{}]", self.funding_source),
        }
    }
}

/// What a unit fills into the form. `None` leaves a part as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Entry {
    /// Rows, by indicator.
    pub rows: Option<Vec<(String, RowEntry)>>,
    /// Expected execution of the year, by line.
    pub fundings: Option<Vec<FundingEntry>>,
    /// Who fills.
    pub filler: Option<String>,
    /// Telephone.
    pub telephone: Option<String>,
    /// Whether a department does its duty.
    pub duty_fulfilled: Option<Option<bool>>,
}

impl Row {
    /// What was achieved so far.
    pub(super) fn achieved(&self) -> Achieved {
        Achieved { value: self.achieved_value, level: self.achieved_level }
    }

    /// What is expected for the whole year.
    pub(super) fn expected(&self) -> Achieved {
        Achieved { value: self.expected_value, level: self.expected_level }
    }

    /// Takes over what the unit filled in.
    pub(super) fn fill(&mut self, entry: RowEntry) {
        self.achieved_text = entry.achieved_text;
        self.achieved_value = entry.achieved_value;
        self.achieved_level = entry.achieved_level;
        self.expected_text = entry.expected_text;
        self.expected_value = entry.expected_value;
        self.expected_level = entry.expected_level;
        self.deviation_reasons = entry.deviation_reasons;
        self.deviation_text = entry.deviation_text;
        self.likelihood = entry.likelihood;
        self.corrective_action = entry.corrective_action;
    }

    /// What the row still lacks.
    pub(super) fn missing(&self) -> Vec<Missing> {
        let mut missing = Vec::new();
        let mut lacks = |field: &str, chinese: &str, english: &str| {
            missing.push(Missing::new(
                format!("report.indicators[{}].{field}", self.indicator),
                chinese,
                english,
            ));
        };
        if self.achieved_text.trim().is_empty() {
            lacks("achieved_text", "未填写绩效指标完成情况", "what was achieved is missing");
        }
        if self.expected_text.trim().is_empty() {
            lacks("expected_text", "未填写全年预计完成情况", "what is expected for the year is missing");
        }
        if self.likelihood.is_none() {
            lacks("likelihood", "未选择完成目标可能性", "how likely the target will be met is missing");
        }
        if self.target.value.is_some() && self.achieved_value.is_none() {
            lacks("achieved_value", "定量指标未填写完成值", "a quantitative indicator needs a number");
        }
        if self.target.value.is_none() && self.achieved_level.is_none() {
            lacks("achieved_level", "定性指标未选择完成程度", "a qualitative indicator needs a level");
        }
        let deviates = self.light.is_some_and(|light| light != Light::Green);
        if deviates && self.deviation_text.trim().is_empty() {
            lacks(
                "deviation_text",
                "指标有偏差，未填写偏差原因分析",
                "the indicator deviates and no reason is given",
            );
        }
        missing
    }
}

/// The part of a ratified objective that monitoring looks at (绩效目标).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ObjectiveForm {
    /// Text of the annual objective.
    pub text: String,
    /// Annual indicators in the form's order, nothing filled in.
    pub rows: Vec<Row>,
}
