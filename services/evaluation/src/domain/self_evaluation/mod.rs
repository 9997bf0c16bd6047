//! A unit's own evaluation (单位自评): the form, its score, and its way from the unit to the finance bureau. Whoever
//! reviews or checks leaves a mark of their own; nothing the unit wrote is overwritten.

mod flow;
mod ratified;
mod recheck;
mod sheet;

use chrono::{DateTime, Utc};
pub use flow::{Act, Basis};
use kernel::{Explanation, Grade, Money, Operator};
pub use ratified::{
    Departure, DepartureKind, InForce, Promise, RatifiedVersion, WeightedGoal, filled, in_force,
};
pub use recheck::{Recheck, RecheckItem};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
pub use sheet::{FundTotal, ScoredIndicator, Sheet, assess};
use wenxiao_kernel as kernel;
use wenxiao_kernel::vocabulary;

use super::object::{Attachment, EvaluatedObject, ReportSection};
use super::scoring::indicator::{Actual, Method};

vocabulary! {
    /// Where the form stands (状态).
    State {
        /// 填报中.
        Draft = "draft",
        /// 已提交.
        Submitted = "submitted",
        /// 主管部门已审.
        DepartmentReviewed = "department_reviewed",
        /// 财政已审.
        Confirmed = "confirmed",
        /// 已退回.
        Returned = "returned",
    }
}

/// A self-evaluation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SelfEvaluation {
    /// Task that asks for it.
    pub task: String,
    /// What is evaluated.
    pub object: EvaluatedObject,
    /// Ratified objective that it answers to; empty when there is none.
    pub objective: String,
    /// Version of it that goal, indicators and weights are taken from; none without an objective.
    #[serde(default)]
    pub objective_version: Option<InForce>,
    /// Year whose spending is evaluated.
    pub evaluated_year: i32,
    /// Year in which the work is done.
    pub work_year: i32,
    /// Amount of the ratified objective: what coverage counts.
    pub objective_amount: Money,
    /// What the unit fills in.
    pub form: Form,
    /// What the rules make of it.
    pub sheet: Sheet,
    /// What reviewing bodies said, oldest first.
    pub review_marks: Vec<ReviewMark>,
    /// Rechecks, oldest first.
    pub rechecks: Vec<Recheck>,
    /// Who handed it in the last time; empty before.
    pub submitter: String,
    /// When it was handed in the last time.
    pub submit_time: Option<DateTime<Utc>>,
    /// How often it was handed in.
    pub submission_count: i32,
    /// Rule set that scored it.
    pub rule_set: String,
    /// Where it stands.
    pub state: State,
}

/// What the unit fills in (自评表).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Form {
    /// 预期目标.
    pub planned_goal: String,
    /// 目标完成情况.
    pub achieved_goal: String,
    /// Money by source.
    pub fund_rows: Vec<FundRow>,
    /// Points of budget execution; the rule set's when none.
    pub execution_points: Option<Decimal>,
    /// Whether the year's task was finished.
    pub task_finished: bool,
    /// 执行偏差原因.
    pub execution_reason: String,
    /// Indicators.
    pub indicators: Vec<Indicator>,
    /// 评价结论.
    pub conclusion: String,
    /// 存在问题.
    pub problems: String,
    /// 改进措施.
    pub improvements: String,
    /// 自评报告.
    pub report_sections: Vec<ReportSection>,
    /// Evidence and files.
    pub attachments: Vec<Attachment>,
    /// 项目负责人.
    pub project_leader: String,
    /// 财务负责人.
    pub finance_leader: String,
    /// Engagement of an institution that assisted; empty when none did.
    pub assisting_engagement: String,
}

vocabulary! {
    /// Where money comes from (资金来源).
    FundSource {
        /// 当年财政资金.
        CurrentYearFiscal = "current_year_fiscal",
        /// 上年结转资金.
        CarryOver = "carry_over",
        /// 财政专户管理资金.
        SpecialAccount = "special_account",
        /// 单位资金.
        Unit = "unit",
        /// 其他资金.
        Other = "other",
    }
}

/// Money of one source (资金行).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FundRow {
    /// Where it comes from.
    pub source: FundSource,
    /// 年初预算数.
    pub initial: Money,
    /// 年度调整金额, may be negative.
    pub adjustment: Money,
    /// 全年执行数.
    pub executed: Money,
    /// Reason of a deviation.
    pub reason: String,
}

/// An indicator of the form (自评指标).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Indicator {
    /// Identifier, unique in the form.
    pub id: String,
    /// 一级指标.
    pub level1: String,
    /// 二级指标.
    pub level2: String,
    /// 三级指标.
    pub level3: String,
    /// 计算符号.
    pub operator: Option<Operator>,
    /// 指标值, the lower bound of a range.
    pub target: Option<Decimal>,
    /// Upper bound of a range.
    pub upper: Option<Decimal>,
    /// Target in words.
    pub target_text: String,
    /// 度量单位.
    pub unit: String,
    /// How it is scored; by the operator when none.
    pub method: Option<Method>,
    /// 权重.
    pub weight: Decimal,
    /// 完成值; none when not reported.
    pub actual: Option<Actual>,
    /// Value as the unit wrote it.
    pub actual_text: String,
    /// Score that the unit gives.
    pub unit_score: Option<Decimal>,
    /// 偏差原因分析及改进措施.
    pub deviation_reason: String,
    /// Digests of the evidence.
    pub evidence: Vec<String>,
}

vocabulary! {
    /// Body whose mark it is (审核环节).
    Stage {
        /// 主管部门审核.
        Department = "department",
        /// 财政部门审核.
        Finance = "finance",
    }
}

/// What a reviewing body said (审核意见).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReviewMark {
    /// Body.
    pub stage: Stage,
    /// Score that it gives.
    pub score: Option<Decimal>,
    /// Grade of that score.
    pub grade: Option<Grade>,
    /// Opinion.
    pub opinion: String,
    /// Whether it sent the form back.
    pub returned: bool,
    /// Who gave it.
    pub reviewer: String,
    /// When.
    pub review_time: DateTime<Utc>,
    /// Version of the form that it is about.
    pub form_version: i64,
}

/// A score and grade with its account of itself, as kept in a sheet.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Totals {
    /// Total by the unit's scores where it gave them.
    pub self_score: Option<Decimal>,
    /// Grade of that total.
    pub self_grade: Option<Grade>,
    /// Total by the rules alone.
    pub computed_score: Option<Decimal>,
    /// Points of all applicable parts.
    pub points: Decimal,
    /// How total and grade came about.
    pub explanation: Explanation,
}
