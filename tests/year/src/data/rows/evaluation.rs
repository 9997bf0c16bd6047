//! Rows of the three evaluations and what follows from them.

use chrono::NaiveDate;
use rust_decimal::Decimal;
use serde::Deserialize;

/// A self-evaluation (单位自评).
#[derive(Clone, Debug, Deserialize)]
pub struct SelfEvaluationRow {
    /// 评价年度.
    #[serde(rename = "评价年度")]
    pub year: i32,
    /// 工作年度.
    #[serde(rename = "工作年度")]
    pub work_year: i32,
    /// 项目代码.
    #[serde(rename = "项目代码")]
    pub project: String,
    /// 自评方式.
    #[serde(rename = "自评方式")]
    pub manner: String,
    /// 报送日期.
    #[serde(rename = "报送日期")]
    pub filed: NaiveDate,
    /// 年初预算数.
    #[serde(rename = "年初预算数")]
    pub initial: Decimal,
    /// 追加.
    #[serde(rename = "追加")]
    pub increase: Decimal,
    /// 追减.
    #[serde(rename = "追减")]
    pub reduction: Decimal,
    /// 全年执行数.
    #[serde(rename = "全年执行数")]
    pub executed: Decimal,
    /// 年度总体目标完成情况.
    #[serde(rename = "年度总体目标完成情况")]
    pub achieved_goal: String,
    /// 执行率偏低原因.
    #[serde(rename = "执行率偏低原因")]
    pub execution_reason: String,
    /// 存在问题.
    #[serde(rename = "存在问题")]
    pub problems: String,
    /// 改进措施.
    #[serde(rename = "改进措施")]
    pub improvements: String,
}

/// An indicator in a self-evaluation.
#[derive(Clone, Debug, Deserialize)]
pub struct SelfIndicatorRow {
    /// 评价年度.
    #[serde(rename = "评价年度")]
    pub year: i32,
    /// 项目代码.
    #[serde(rename = "项目代码")]
    pub project: String,
    /// 序号.
    #[serde(rename = "序号")]
    pub number: String,
    /// 完成值.
    #[serde(rename = "完成值")]
    pub actual: String,
    /// 定性得分.
    #[serde(rename = "定性得分")]
    pub score: Option<Decimal>,
    /// 定性等级.
    #[serde(rename = "定性等级")]
    pub level: String,
    /// 偏差原因及改进措施.
    #[serde(rename = "偏差原因及改进措施")]
    pub reason: String,
}

/// A key evaluation (重点评价).
#[derive(Clone, Debug, Deserialize)]
pub struct KeyEvaluationRow {
    /// 评价编号.
    #[serde(rename = "评价编号")]
    pub id: String,
    /// 评价类型.
    #[serde(rename = "评价类型")]
    pub kind: String,
    /// 评价年度.
    #[serde(rename = "评价年度")]
    pub evaluated_year: i32,
    /// 工作年度.
    #[serde(rename = "工作年度")]
    pub work_year: i32,
    /// 项目代码.
    #[serde(rename = "项目代码")]
    pub project: String,
    /// 被评价单位代码.
    #[serde(rename = "被评价单位代码")]
    pub unit: String,
    /// 组织单位代码.
    #[serde(rename = "组织单位代码")]
    pub organizer: String,
    /// 主评机构编号.
    #[serde(rename = "主评机构编号")]
    pub institution: String,
    /// 评价金额.
    #[serde(rename = "评价金额")]
    pub amount: Decimal,
    /// 结果确定日期.
    #[serde(rename = "结果确定日期")]
    pub fixed: NaiveDate,
    /// 结果通知日期.
    #[serde(rename = "结果通知日期")]
    pub notified: NaiveDate,
}

/// A framework indicator of a key evaluation (评价指标).
#[derive(Clone, Debug, Deserialize)]
pub struct KeyScoreRow {
    /// 评价编号.
    #[serde(rename = "评价编号")]
    pub evaluation: String,
    /// 三级指标.
    #[serde(rename = "三级指标")]
    pub level3: String,
    /// 满分.
    #[serde(rename = "满分")]
    pub points: Decimal,
    /// 得分.
    #[serde(rename = "得分")]
    pub score: Decimal,
    /// 扣分说明.
    #[serde(rename = "扣分说明")]
    pub comment: String,
}

/// A problem found, and its rectification (存在问题与整改).
#[derive(Clone, Debug, Deserialize)]
pub struct FindingRow {
    /// 评价编号.
    #[serde(rename = "评价编号")]
    pub evaluation: String,
    /// 序号.
    #[serde(rename = "序号")]
    pub number: String,
    /// 问题类别.
    #[serde(rename = "问题类别")]
    pub category: String,
    /// 存在问题.
    #[serde(rename = "存在问题")]
    pub text: String,
    /// 整改建议.
    #[serde(rename = "整改建议")]
    pub suggestion: String,
    /// 整改期限.
    #[serde(rename = "整改期限")]
    pub due: NaiveDate,
    /// 整改情况.
    #[serde(rename = "整改情况")]
    pub measures: String,
    /// 整改状态.
    #[serde(rename = "整改状态")]
    pub state: String,
}

/// Who took part in a key evaluation (评价组).
#[derive(Clone, Debug, Deserialize)]
pub struct PanelRow {
    /// 评价编号.
    #[serde(rename = "评价编号")]
    pub evaluation: String,
    /// 参与人编号.
    #[serde(rename = "参与人编号")]
    pub participant: String,
    /// 角色.
    #[serde(rename = "角色")]
    pub role: String,
    /// 意见.
    #[serde(rename = "意见")]
    pub opinion: String,
}

/// An ex-ante evaluation (事前评估).
#[derive(Clone, Debug, Deserialize)]
pub struct ExAnteRow {
    /// 评估编号.
    #[serde(rename = "评估编号")]
    pub id: String,
    /// 预算年度.
    #[serde(rename = "预算年度")]
    pub year: i32,
    /// 工作年度.
    #[serde(rename = "工作年度")]
    pub work_year: i32,
    /// 项目代码.
    #[serde(rename = "项目代码")]
    pub project: String,
    /// 单位代码.
    #[serde(rename = "单位代码")]
    pub unit: String,
    /// 评估机构编号.
    #[serde(rename = "评估机构编号")]
    pub institution: String,
    /// 申请金额.
    #[serde(rename = "申请金额")]
    pub requested: Decimal,
    /// 立项必要性得分.
    #[serde(rename = "立项必要性得分")]
    pub need: Decimal,
    /// 投入经济性得分.
    #[serde(rename = "投入经济性得分")]
    pub economy: Decimal,
    /// 绩效目标合理性得分.
    #[serde(rename = "绩效目标合理性得分")]
    pub objectives: Decimal,
    /// 实施方案可行性得分.
    #[serde(rename = "实施方案可行性得分")]
    pub feasibility: Decimal,
    /// 筹资合规性得分.
    #[serde(rename = "筹资合规性得分")]
    pub funding: Decimal,
    /// 评估结论.
    #[serde(rename = "评估结论")]
    pub conclusion: String,
    /// 安排金额.
    #[serde(rename = "安排金额")]
    pub arranged: Decimal,
    /// 说明.
    #[serde(rename = "说明")]
    pub note: String,
}

/// A budget decision (预算安排).
#[derive(Clone, Debug, Deserialize)]
pub struct DecisionRow {
    /// 决定编号.
    #[serde(rename = "决定编号")]
    pub id: String,
    /// 对象类型.
    #[serde(rename = "对象类型")]
    pub object_kind: String,
    /// 对象代码.
    #[serde(rename = "对象代码")]
    pub object: String,
    /// 名称.
    #[serde(rename = "名称")]
    pub title: String,
    /// 依据年度.
    #[serde(rename = "依据年度")]
    pub evaluated_year: i32,
    /// 工作年度.
    #[serde(rename = "工作年度")]
    pub work_year: i32,
    /// 适用预算年度.
    #[serde(rename = "适用预算年度")]
    pub applies_to_year: i32,
    /// 依据类型.
    #[serde(rename = "依据类型")]
    pub basis: String,
    /// 依据编号.
    #[serde(rename = "依据编号")]
    pub basis_id: String,
    /// 依据金额.
    #[serde(rename = "依据金额")]
    pub base: Decimal,
    /// 依据原文.
    #[serde(rename = "依据原文")]
    pub base_text: String,
    /// 申请金额.
    #[serde(rename = "申请金额")]
    pub requested: Decimal,
    /// 申请原文.
    #[serde(rename = "申请原文")]
    pub requested_text: String,
    /// 建议金额.
    #[serde(rename = "建议金额")]
    pub recommended: Decimal,
    /// 安排金额.
    #[serde(rename = "安排金额")]
    pub arranged: Decimal,
    /// 安排原文.
    #[serde(rename = "安排原文")]
    pub arranged_text: String,
    /// 理由.
    #[serde(rename = "理由")]
    pub reason: String,
}

/// The re-evaluation of an expiring policy (到期再评估).
#[derive(Clone, Debug, Deserialize)]
pub struct SunsetRow {
    /// 再评估编号.
    #[serde(rename = "再评估编号")]
    pub id: String,
    /// 政策编号.
    #[serde(rename = "政策编号")]
    pub policy: String,
    /// 工作年度.
    #[serde(rename = "工作年度")]
    pub work_year: i32,
    /// 评估得分.
    #[serde(rename = "评估得分")]
    pub score: Decimal,
    /// 评估结论.
    #[serde(rename = "评估结论")]
    pub conclusion: String,
    /// 决定.
    #[serde(rename = "决定")]
    pub decision: String,
    /// 安排预算年度.
    #[serde(rename = "安排预算年度")]
    pub applies_to_year: i32,
    /// 安排金额.
    #[serde(rename = "安排金额")]
    pub arranged: Decimal,
    /// 依据.
    #[serde(rename = "依据")]
    pub basis: String,
}
