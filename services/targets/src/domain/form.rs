//! The official form (绩效目标申报表), column by column.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use wenxiao_kernel::{Decimal, Money, Operator, PrintedAmount, vocabulary};

use super::target::Target;

vocabulary! {
    /// 项目性质. A form whose source does not say has none.
    Nature {
        /// 经常性项目.
        Recurrent = "recurrent",
        /// 一次性项目.
        OneOff = "one_off",
        /// 阶段性项目.
        Phased = "phased",
    }
}

vocabulary! {
    /// 一级指标.
    Level1 {
        /// 产出指标.
        Output = "output",
        /// 效益指标.
        Benefit = "benefit",
        /// 满意度指标.
        Satisfaction = "satisfaction",
        /// 成本指标.
        Cost = "cost",
    }
}

impl Nature {
    /// The Chinese word.
    pub fn chinese(self) -> &'static str {
        match self {
            Self::Recurrent => "经常性项目",
            Self::OneOff => "一次性项目",
            Self::Phased => "阶段性项目",
        }
    }
}

impl Level1 {
    /// The Chinese word, as most frames have it.
    pub fn chinese(self) -> &'static str {
        match self {
            Self::Output => "产出指标",
            Self::Benefit => "效益指标",
            Self::Satisfaction => "满意度指标",
            Self::Cost => "成本指标",
        }
    }
}

vocabulary! {
    /// Which period a target value speaks of.
    Period {
        /// 年度指标.
        Annual = "annual",
        /// 中长期指标.
        WholeLife = "whole_life",
    }
}

vocabulary! {
    /// How much a remark weighs (程度), the heaviest last.
    Severity {
        /// 提示.
        Hint = "hint",
        /// 建议修改.
        Warning = "warning",
        /// 必须修改.
        Error = "error",
    }
}

/// What a form says: all that a version freezes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Form {
    /// 项目性质.
    pub nature: Option<Nature>,
    /// 计划开始日期.
    pub planned_start: Option<NaiveDate>,
    /// 计划完成日期.
    pub planned_end: Option<NaiveDate>,
    /// 项目资金总额, cumulative.
    pub whole_life_funding: Option<WholeLifeFunding>,
    /// 年度资金申请总额.
    pub annual_funding: Option<AnnualFunding>,
    /// 项目总目标 (中长期).
    pub medium_term_goal: String,
    /// 年度总体目标.
    pub annual_goal: String,
    /// 年度绩效目标1 …, on forms whose weights belong to goals.
    pub weighted_goals: Vec<WeightedGoal>,
    /// Indicator frame, by resource name.
    pub frame: String,
    /// 绩效指标, in the form's order.
    pub indicators: Vec<Indicator>,
    /// Total that the form's weights claim to add up to; `None` leaves it to the rules.
    pub declared_weight_total: Option<Decimal>,
    /// What a whole department's form has besides.
    pub department_profile: Option<DepartmentProfile>,
    /// 填报人.
    pub filer_name: String,
    /// 负责人.
    pub leader_name: String,
    /// 电话.
    pub phone_number: String,
}

/// 项目资金总额 over the whole life.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WholeLifeFunding {
    /// 总额.
    pub total: Money,
    /// 财政资金.
    pub fiscal: Option<Money>,
    /// 其他资金.
    pub other: Option<Money>,
    /// The total as printed.
    pub printed_total: Option<Printed>,
}

/// 年度资金申请总额 of one budget year.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AnnualFunding {
    /// 总额.
    pub total: Money,
    /// 当年财政拨款.
    pub appropriation: Option<Money>,
    /// 上年结转资金.
    pub carry_over: Option<Money>,
    /// 其他资金.
    pub other: Option<Money>,
    /// The total as printed.
    pub printed_total: Option<Printed>,
}

/// A printed amount with the wording that it was read from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Printed {
    /// Number, unit and bound.
    pub amount: PrintedAmount,
    /// Original wording; empty when there is none.
    pub text: String,
}

/// A goal that carries weight itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WeightedGoal {
    /// Number on the form, from 1.
    pub number: i32,
    /// What is to be reached.
    pub text: String,
    /// Weight in points.
    pub weight: Decimal,
}

/// One row of the indicator table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Indicator {
    /// Identifier, the same in all versions of the form.
    pub id: String,
    /// 一级指标; `None` when the source does not say.
    pub level1: Option<Level1>,
    /// 二级指标, code.
    pub level2_code: String,
    /// 二级指标, name as printed.
    pub level2_name: String,
    /// 三级指标.
    pub title: String,
    /// Indicator of the library, by resource name; empty for an own one.
    pub library_indicator: String,
    /// Annual or whole-life.
    pub period: Period,
    /// 计算符号; `None` when the source does not say.
    pub operator: Option<Operator>,
    /// 指标值; `None` for `*`, `/` and nothing, never zero.
    pub target: Option<Target>,
    /// Original wording of the value; empty when there is none.
    pub printed_target: String,
    /// 度量单位.
    pub measure_unit: String,
    /// 权重 in points.
    pub weight: Option<Decimal>,
    /// Number of the weighted goal; 0 on forms without such goals.
    pub goal_number: i32,
    /// 指标内容.
    pub description: String,
    /// 评（扣）分标准.
    pub scoring_standard: String,
    /// Formula or source of the data.
    pub data_source: String,
    /// 上年值, as text.
    pub baseline: String,
    /// 备注.
    pub note: String,
}

/// What the form of a whole department has besides goals and indicators (部门整体支出).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DepartmentProfile {
    /// 部门职能.
    pub functions: String,
    /// 下属单位数.
    pub subordinate_units: i32,
    /// 人员编制数.
    pub staff_posts: i32,
    /// 部门预算总额.
    pub total_budget: Option<Money>,
    /// 财政资金.
    pub fiscal: Option<Money>,
    /// 其他资金.
    pub other: Option<Money>,
    /// 基本支出.
    pub basic_expenditure: Option<Money>,
    /// 三公经费.
    pub three_public_expenses: Option<Money>,
    /// 项目支出.
    pub project_expenditure: Option<Money>,
    /// 专项资金.
    pub special_fund: Option<Money>,
    /// 政府性基金预算.
    pub government_fund: Option<Money>,
    /// 国有资本经营预算.
    pub state_capital: Option<Money>,
    /// 部门职责任务.
    pub duty_tasks: Vec<DutyTask>,
}

/// One duty of a department with its money.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DutyTask {
    /// 任务名称.
    pub title: String,
    /// 主要内容.
    pub description: String,
    /// 预算总额.
    pub total: Option<Money>,
    /// 财政资金.
    pub fiscal: Option<Money>,
    /// 其他资金.
    pub other: Option<Money>,
}

/// What somebody, or a rule, says about one field of a form (逐项意见).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Remark {
    /// Field of the content; empty for the form as a whole.
    pub field: String,
    /// Indicator that it speaks of; empty when it is none.
    pub indicator_id: String,
    /// How much it weighs.
    pub severity: Severity,
    /// What is wrong.
    pub text: String,
    /// What to do about it.
    pub proposal: String,
    /// Item of the review template; empty outside a four-property review.
    pub item_code: String,
    /// Rule that found it; empty when a person did.
    pub rule: String,
}

impl Form {
    /// Hash of what the form says: the opinions on a version belong to it. SHA-256, hexadecimal.
    pub fn content_hash(&self) -> String {
        // A form is plain data with string keys: writing it as JSON cannot fail.
        let text = serde_json::to_vec(self).unwrap_or_default();
        hex::encode(Sha256::digest(text))
    }

    /// Indicators of the budget year, which carry weight; whole-life ones do not.
    pub fn annual_indicators(&self) -> impl Iterator<Item = &Indicator> {
        self.indicators.iter().filter(|indicator| indicator.period == Period::Annual)
    }
}
