//! What rule sets say (规则内容): plain data, section by section.

use chrono::NaiveDate;
use kernel::Grade;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use wenxiao_kernel as kernel;
use wenxiao_kernel::vocabulary;

use super::GradeScale;

/// A rule set with its validity (规则集).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleSet {
    /// Resource name.
    pub name: String,
    /// Whether it is the district's own, which goes before the national default section by section.
    pub of_district: bool,
    /// First day in force.
    pub start_date: NaiveDate,
    /// Last day in force; none for no end.
    pub end_date: Option<NaiveDate>,
    /// The rules.
    pub content: Content,
}

/// Sections of a rule set. What is none or empty says nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Content {
    /// Grades by score.
    pub grade_scales: Vec<GradeScale>,
    /// Budget execution.
    pub execution: Option<ExecutionRules>,
    /// Points of budget execution in the self-evaluation (预算执行率分值).
    pub execution_points: Option<Decimal>,
    /// Points of the whole self-evaluation (自评总分).
    pub evaluation_points: Option<Decimal>,
    /// Indicators.
    pub indicator: Option<IndicatorRules>,
    /// Decimal places of each part's score.
    pub places: Option<u32>,
    /// Ex-ante evaluation.
    pub ex_ante: Option<ExAnteRules>,
    /// Key evaluation.
    pub key_evaluation: Option<KeyEvaluationRules>,
    /// Suspicion signals.
    pub suspicion: Option<SuspicionRules>,
    /// Deductions of a recheck.
    pub recheck: Vec<RecheckRule>,
    /// Terms.
    pub deadlines: Vec<Deadline>,
    /// What results recommend.
    pub hints: Vec<HintRule>,
    /// Conflict of interest.
    pub conflict: Option<ConflictRules>,
}

/// How budget execution is scored (预算执行率得分).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExecutionRules {
    /// By which formula.
    pub method: ExecutionMethod,
    /// Of what the rate is taken.
    pub denominator: Denominator,
    /// What a zero denominator means.
    pub zero_budget: ZeroBudget,
    /// Share of the points by rate, highest rate first; for the banded method.
    pub bands: Vec<RateBand>,
    /// A rate below it must be explained, as a fraction.
    pub explanation_below_rate: Option<Decimal>,
}

vocabulary! {
    /// Formula of budget execution.
    ExecutionMethod {
        /// 按比例: points × rate, at most the points.
        Proportional = "proportional",
        /// 分档: a share of the points by bands of the rate.
        Banded = "banded",
    }
}

vocabulary! {
    /// Denominator of the execution rate (分母).
    Denominator {
        /// 调整后预算数.
        AdjustedBudget = "adjusted_budget",
        /// 年初预算数.
        InitialBudget = "initial_budget",
        /// 实际到位资金.
        ReceivedFunds = "received_funds",
    }
}

vocabulary! {
    /// What a zero denominator means (预算为零).
    ZeroBudget {
        /// No points.
        ZeroScore = "zero_score",
        /// Full points when nothing was spent, none otherwise.
        FullScore = "full_score",
        /// Not scored.
        NotScored = "not_scored",
    }
}

/// Share of the points by rate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RateBand {
    /// Lowest rate, in the band, as a fraction.
    pub lower_rate: Decimal,
    /// Share of the points, 0 to 1.
    pub share: Decimal,
}

/// How indicators are scored (指标得分).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IndicatorRules {
    /// A missed ≤ or ＜.
    pub lower_is_better: LowerIsBetter,
    /// A missed ＝.
    pub equal_target: EqualTarget,
    /// A target of zero.
    pub zero_target: ZeroTarget,
    /// Far more than the target: deducted when set, else only to be explained.
    pub excess_deducted: bool,
    /// From which share of the target on it is far more, such as 1.3; none for never.
    pub excess_from: Option<Decimal>,
    /// Lowest share of the weight by level, best first.
    pub levels: Vec<LevelBand>,
    /// Share of the weight by satisfaction rate, highest first; empty for in proportion like any other.
    pub satisfaction: Vec<RateBand>,
    /// Whether a missed target needs a reason.
    pub reason_required: bool,
}

vocabulary! {
    /// Formula of a missed ≤ or ＜ (反向指标).
    LowerIsBetter {
        /// Weight × target ÷ actual.
        Ratio = "ratio",
        /// Weight × (1 − (actual − target) ÷ target), nothing from twice the target on.
        Linear = "linear",
    }
}

vocabulary! {
    /// Formula of a missed ＝ (等于).
    EqualTarget {
        /// Full from the target on, in proportion below.
        ProportionalBelow = "proportional_below",
        /// Full at the target, else nothing.
        Exact = "exact",
        /// Weight × (1 − |actual − target| ÷ target), at least 0.
        Deviation = "deviation",
    }
}

vocabulary! {
    /// Meaning of a target of zero (目标值为零).
    ZeroTarget {
        /// Full when the actual value is zero too, else nothing, whatever the operator.
        ExactZero = "exact_zero",
        /// Full when the comparison holds, else nothing.
        ByOperator = "by_operator",
    }
}

vocabulary! {
    /// Level of a qualitative indicator (定性完成等次).
    Level {
        /// 达成年度指标.
        Achieved = "achieved",
        /// 部分达成并具有一定效果.
        PartlyAchieved = "partly_achieved",
        /// 未达成且效果较差.
        NotAchieved = "not_achieved",
    }
}

/// Band of a level. It ends below the next better one; the best goes up to the whole weight.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LevelBand {
    /// The level.
    pub level: Level,
    /// Lowest share of the weight, in the band.
    pub lower_share: Decimal,
}

/// Ex-ante evaluation (事前绩效评估).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExAnteRules {
    /// Dimensions with points.
    pub dimensions: Vec<ExAnteDimension>,
    /// Conclusion by score, best first.
    pub conclusions: Vec<ConclusionBand>,
}

/// A dimension of the ex-ante evaluation (评估维度).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExAnteDimension {
    /// Code.
    pub code: String,
    /// Words for a project.
    pub project_title: String,
    /// Words for a policy.
    pub policy_title: String,
    /// Points.
    pub points: Decimal,
}

vocabulary! {
    /// Conclusion of an ex-ante evaluation (评估结论).
    Conclusion {
        /// 予以支持.
        Support = "support",
        /// 调整后支持.
        Adjust = "adjust",
        /// 不予支持.
        Refuse = "refuse",
    }
}

/// A conclusion by score.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConclusionBand {
    /// The conclusion.
    pub conclusion: Conclusion,
    /// Lowest score, in the band.
    pub lower_score: Decimal,
}

/// Key evaluation (重点绩效评价).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyEvaluationRules {
    /// Usual framework.
    pub framework: Vec<FrameworkItem>,
    /// What the points add up to.
    pub full_score: Decimal,
    /// Least points of output and outcome together.
    pub minimum_result_points: Option<Decimal>,
}

vocabulary! {
    /// First level of the framework (一级指标).
    Dimension {
        /// 决策.
        Decision = "decision",
        /// 过程.
        Process = "process",
        /// 产出.
        Output = "output",
        /// 效益.
        Outcome = "outcome",
    }
}

/// An indicator of the usual framework (评价指标).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FrameworkItem {
    /// First level.
    pub dimension: Dimension,
    /// Second level.
    pub group: String,
    /// Third level.
    pub title: String,
    /// Points.
    pub points: Decimal,
    /// What to look at, or the formula.
    pub standard: String,
}

/// Suspicion signals (自评疑点).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SuspicionRules {
    /// Red when the indicators' score rate exceeds the execution's by more than this share of it.
    pub score_gap_share: Option<Decimal>,
    /// Yellow when more than this share of the adjusted budget is unspent.
    pub unspent_share: Option<Decimal>,
    /// Whether a zero budget is a signal.
    pub zero_budget: bool,
    /// Whether full points everywhere are a signal.
    pub full_score: bool,
}

/// Deduction of a recheck (抽查复核规则).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecheckRule {
    /// Code of the defect.
    pub code: String,
    /// Share of the weight that is taken off; none when a person decides.
    pub deduction_share: Option<Decimal>,
}

vocabulary! {
    /// What a term is for (事项).
    DeadlineKind {
        /// Result and demand reach the unit after the result is fixed.
        ResultNotice = "result_notice",
        /// The unit sends its measures after the demand.
        RectificationPlan = "rectification_plan",
        /// The department is told before a policy expires.
        SunsetNotice = "sunset_notice",
    }
}

/// A term in days (时限).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deadline {
    /// What it is for.
    pub kind: DeadlineKind,
    /// How many days.
    pub days: u32,
}

/// What a result recommends (挂钩规则).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HintRule {
    /// Code of the rule.
    pub code: String,
    /// What sets it off.
    pub trigger: Trigger,
    /// For grades: which ones.
    pub grades: Vec<Grade>,
    /// For low execution: the rate as a fraction.
    pub execution_below_rate: Option<Decimal>,
    /// What is recommended.
    pub action: Action,
    /// How far it binds.
    pub strength: Strength,
    /// Share to take off; none leaves it to the person.
    pub reduction_share: Option<Decimal>,
    /// The recommendation in one Chinese sentence.
    pub message: String,
}

vocabulary! {
    /// What sets a hint off (触发条件).
    Trigger {
        /// Grade of a key evaluation.
        KeyEvaluation = "key_evaluation",
        /// Grade of a self-evaluation.
        SelfEvaluation = "self_evaluation",
        /// A red light, a hold or a candidate from monitoring.
        Monitoring = "monitoring",
        /// Budget execution below a rate.
        LowExecution = "execution",
        /// Problems not put right in time.
        OverdueRectification = "rectification",
        /// A policy that expires.
        PolicyExpiry = "expiry",
        /// An ex-ante evaluation that does not support.
        ExAnte = "ex_ante",
    }
}

vocabulary! {
    /// What is recommended (建议措施).
    Action {
        /// 优先保障.
        Prioritise = "prioritise",
        /// 正常保障.
        Hold = "hold",
        /// 控制新增.
        NoIncrease = "no_increase",
        /// 压减.
        Reduce = "reduce",
        /// 暂停安排.
        Suspend = "suspend",
        /// 停止拨款.
        StopPayment = "stop_payment",
        /// 取消.
        Cancel = "cancel",
        /// 再评估.
        ReEvaluate = "re_evaluate",
    }
}

vocabulary! {
    /// How far a hint binds (约束力).
    Strength {
        /// 参考.
        Advisory = "advisory",
        /// 原则上.
        SoftBlock = "soft_block",
        /// 不得安排.
        HardBlock = "hard_block",
    }
}

/// Conflict of interest (利益冲突回避).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConflictRules {
    /// Whether a conflict is a bar and not only a warning.
    pub enforced: bool,
    /// How many years back another contract still counts.
    pub cooling_years: i32,
}
