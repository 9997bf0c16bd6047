//! Evaluation of one object in depth (重点绩效评价). The institution scores, experts give opinions, deputies and CPPCC
//! members advise, the evaluated unit answers the draft, the finance bureau or the department fixes the result.

mod flow;
mod framework;

use chrono::{DateTime, NaiveDate, Utc};
use kernel::{Explanation, Grade, Money};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use wenxiao_kernel as kernel;
use wenxiao_kernel::vocabulary;

use super::key_plan::Lead;
use super::object::{Attachment, EvaluatedObject, ReportSection};
use super::rules::Dimension;

pub use flow::{IndicatorScore, Opinion};
pub use framework::check_framework;

vocabulary! {
    /// Where the evaluation stands (状态).
    State {
        /// 已启动.
        Preparing = "preparing",
        /// 评价中.
        Evaluating = "evaluating",
        /// 征求意见.
        Exchanging = "exchanging",
        /// 修改报告.
        Answered = "answered",
        /// 已提交报告.
        Reported = "reported",
        /// 结果已确定.
        Fixed = "fixed",
        /// 已终止.
        Cancelled = "cancelled",
    }
}

/// A key evaluation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyEvaluation {
    /// Plan.
    pub plan: String,
    /// Number in the plan.
    pub plan_item: i32,
    /// What is evaluated.
    pub object: EvaluatedObject,
    /// Who leads.
    pub lead: Lead,
    /// Year whose spending is evaluated.
    pub evaluated_year: i32,
    /// Year in which the work is done.
    pub work_year: i32,
    /// 评价资金.
    pub amount: Money,
    /// Who evaluates; none while not appointed.
    pub panel: Option<Panel>,
    /// Indicators with points and scores.
    pub indicators: Vec<Indicator>,
    /// Opinions and advice, oldest first.
    pub opinions: Vec<PanelOpinion>,
    /// Exchanges with the evaluated unit, oldest first.
    pub exchanges: Vec<Exchange>,
    /// Report.
    pub report_sections: Vec<ReportSection>,
    /// Files.
    pub attachments: Vec<Attachment>,
    /// 评价方法.
    pub methods: Vec<String>,
    /// Sum of the scores; none while one is missing.
    pub total_score: Option<Decimal>,
    /// Grade of the sum.
    pub grade: Option<Grade>,
    /// How sum and grade came about.
    pub explanation: Explanation,
    /// The result once it is fixed.
    pub fixed: Option<Fixed>,
    /// Why it was cancelled.
    pub cancel_reason: String,
    /// Rule set.
    pub rule_set: String,
    /// Where it stands.
    pub state: State,
}

/// Who evaluates (评价组).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Panel {
    /// 第三方机构; empty when the department evaluates itself.
    pub institution: String,
    /// Contract for this work.
    pub engagement: String,
    /// 主评人.
    pub lead_evaluator: String,
    /// Experts, deputies, members.
    pub members: Vec<Member>,
}

vocabulary! {
    /// Capacity of a person (身份).
    Role {
        /// 专家.
        Expert = "expert",
        /// 人大代表.
        PeoplesDeputy = "peoples_deputy",
        /// 政协委员.
        CppccMember = "cppcc_member",
    }
}

/// A person on the panel (评价组成员).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    /// The person in the registry.
    pub participant: String,
    /// Name.
    pub title: String,
    /// Capacity.
    pub role: Role,
}

/// An indicator of the framework (评价指标).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Indicator {
    /// Code, unique in the evaluation.
    pub code: String,
    /// First level.
    pub dimension: Dimension,
    /// Second level.
    pub level2: String,
    /// Third level.
    pub level3: String,
    /// Points that can be reached.
    pub points: Decimal,
    /// What it is measured by.
    pub standard: String,
    /// Score; none while not scored.
    pub score: Option<Scored>,
}

/// A score given (评分).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scored {
    /// Points given.
    pub score: Decimal,
    /// Reason.
    pub comment: String,
    /// Who scored.
    pub scorer: String,
    /// When.
    pub score_time: DateTime<Utc>,
}

/// What a member said (意见建议).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PanelOpinion {
    /// The member.
    pub participant: String,
    /// Capacity in which it was said.
    pub role: Role,
    /// Phase of the work.
    pub phase: String,
    /// The opinion.
    pub text: String,
    /// Score that an expert suggests.
    pub suggested_score: Option<Decimal>,
    /// When.
    pub opinion_time: DateTime<Utc>,
}

/// An exchange with the evaluated unit (交换意见).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exchange {
    /// Number, from 1.
    pub number: i32,
    /// Total score in the draft.
    pub draft_score: Decimal,
    /// Message that went with it.
    pub message: String,
    /// When it was sent.
    pub send_time: DateTime<Utc>,
    /// What the unit answered.
    pub answer: Option<Answer>,
}

/// The unit's answer (反馈意见).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// Whether it agrees.
    pub agreed: bool,
    /// What it says.
    pub text: String,
    /// Who answered.
    pub answerer: String,
    /// When.
    pub answer_time: DateTime<Utc>,
}

/// The fixed result (确定结果).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fixed {
    /// Who fixed it.
    pub fixer: String,
    /// When.
    pub fix_time: DateTime<Utc>,
    /// Day by which result and demand are due at the unit.
    pub notice_due_date: Option<NaiveDate>,
}
