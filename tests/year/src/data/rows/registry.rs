//! Rows of units, projects, budgets, participants, plans.

use chrono::NaiveDate;
use rust_decimal::Decimal;
use serde::Deserialize;

/// A department, unit or street (单位).
#[derive(Clone, Debug, Deserialize)]
pub struct UnitRow {
    /// 单位代码.
    #[serde(rename = "单位代码")]
    pub code: String,
    /// 单位名称.
    #[serde(rename = "单位名称")]
    pub title: String,
}

/// A project of any year (项目).
#[derive(Clone, Debug, Deserialize)]
pub struct ProjectRow {
    /// 项目代码.
    #[serde(rename = "项目代码")]
    pub code: String,
    /// 项目名称.
    #[serde(rename = "项目名称")]
    pub title: String,
    /// 预算.
    #[serde(rename = "预算")]
    pub account: String,
    /// 项目性质.
    #[serde(rename = "项目性质")]
    pub nature: String,
    /// 实施单位代码.
    #[serde(rename = "实施单位代码")]
    pub unit: String,
    /// 密级.
    #[serde(rename = "密级")]
    pub secrecy: String,
}

/// A change of a project's budget (预算变动); as text, for the import takes the file's own words.
#[derive(Clone, Debug, Deserialize)]
pub struct BudgetRow {
    /// 项目代码.
    #[serde(rename = "项目代码")]
    pub project: String,
    /// 年度.
    #[serde(rename = "年度")]
    pub year: i32,
    /// 资金来源.
    #[serde(rename = "资金来源")]
    pub source: String,
    /// 变动类型.
    #[serde(rename = "变动类型")]
    pub kind: String,
    /// 金额.
    #[serde(rename = "金额")]
    pub amount: Decimal,
    /// 日期.
    #[serde(rename = "日期")]
    pub date: NaiveDate,
    /// 文号.
    #[serde(rename = "文号")]
    pub document: String,
    /// 摘要.
    #[serde(rename = "摘要")]
    pub remark: String,
    /// 来源编号.
    #[serde(rename = "来源编号")]
    pub number: String,
}

/// An expiring policy (政策).
#[derive(Clone, Debug, Deserialize)]
pub struct PolicyRow {
    /// 政策编号.
    #[serde(rename = "政策编号")]
    pub id: String,
    /// 政策名称.
    #[serde(rename = "政策名称")]
    pub title: String,
    /// 执行单位代码.
    #[serde(rename = "执行单位代码")]
    pub unit: String,
    /// 生效日期.
    #[serde(rename = "生效日期")]
    pub start: Option<NaiveDate>,
    /// 到期日期.
    #[serde(rename = "到期日期")]
    pub expiry: NaiveDate,
    /// 有效期年数.
    #[serde(rename = "有效期年数")]
    pub term: Option<i32>,
    /// 关联项目代码.
    #[serde(rename = "关联项目代码")]
    pub projects: String,
}

/// An institution, expert, deputy or member (参与人).
#[derive(Clone, Debug, Deserialize)]
pub struct ParticipantRow {
    /// 编号.
    #[serde(rename = "编号")]
    pub id: String,
    /// 姓名或名称.
    #[serde(rename = "姓名或名称")]
    pub title: String,
    /// 类别.
    #[serde(rename = "类别")]
    pub kind: String,
    /// 专业或性质.
    #[serde(rename = "专业或性质")]
    pub trade: String,
}

/// What an institution was hired for (委托).
#[derive(Clone, Debug, Deserialize)]
pub struct EngagementRow {
    /// 委托编号.
    #[serde(rename = "委托编号")]
    pub id: String,
    /// 机构编号.
    #[serde(rename = "机构编号")]
    pub institution: String,
    /// 委托方单位代码.
    #[serde(rename = "委托方单位代码")]
    pub principal: String,
    /// 事项类型.
    #[serde(rename = "事项类型")]
    pub matter: String,
    /// 对象类型.
    #[serde(rename = "对象类型")]
    pub object_kind: String,
    /// 对象编号.
    #[serde(rename = "对象编号")]
    pub object: String,
    /// 业务年度.
    #[serde(rename = "业务年度")]
    pub evaluated_year: i32,
    /// 工作年度.
    #[serde(rename = "工作年度")]
    pub work_year: i32,
    /// 开始日期.
    #[serde(rename = "开始日期")]
    pub start: NaiveDate,
    /// 结束日期.
    #[serde(rename = "结束日期")]
    pub end: NaiveDate,
}

/// A work plan (工作计划).
#[derive(Clone, Debug, Deserialize)]
pub struct PlanRow {
    /// 计划编号.
    #[serde(rename = "计划编号")]
    pub id: String,
    /// 计划类型.
    #[serde(rename = "计划类型")]
    pub kind: String,
    /// 名称.
    #[serde(rename = "名称")]
    pub title: String,
    /// 依据文件.
    #[serde(rename = "依据文件")]
    pub document_title: String,
    /// 依据文号.
    #[serde(rename = "依据文号")]
    pub document: String,
    /// 起始年度.
    #[serde(rename = "起始年度")]
    pub first_year: i32,
    /// 结束年度.
    #[serde(rename = "结束年度")]
    pub last_year: i32,
    /// 目标日期.
    #[serde(rename = "目标日期")]
    pub target: NaiveDate,
    /// 目标.
    #[serde(rename = "目标")]
    pub goals: String,
}

/// A task of a work plan (里程碑).
#[derive(Clone, Debug, Deserialize)]
pub struct PlanTaskRow {
    /// 计划编号.
    #[serde(rename = "计划编号")]
    pub plan: String,
    /// 序号.
    #[serde(rename = "序号")]
    pub number: String,
    /// 任务.
    #[serde(rename = "任务")]
    pub title: String,
    /// 责任单位代码.
    #[serde(rename = "责任单位代码")]
    pub unit: String,
    /// 计划完成日期.
    #[serde(rename = "计划完成日期")]
    pub due: NaiveDate,
    /// 实际完成日期.
    #[serde(rename = "实际完成日期")]
    pub done: Option<NaiveDate>,
}

/// A training session (培训).
#[derive(Clone, Debug, Deserialize)]
pub struct TrainingRow {
    /// 培训编号.
    #[serde(rename = "培训编号")]
    pub id: String,
    /// 工作年度.
    #[serde(rename = "工作年度")]
    pub work_year: i32,
    /// 环节.
    #[serde(rename = "环节")]
    pub stage: String,
    /// 主题.
    #[serde(rename = "主题")]
    pub title: String,
    /// 培训对象.
    #[serde(rename = "培训对象")]
    pub audience: String,
    /// 日期.
    #[serde(rename = "日期")]
    pub date: NaiveDate,
    /// 授课机构编号.
    #[serde(rename = "授课机构编号")]
    pub trainer: String,
    /// 参训单位代码.
    #[serde(rename = "参训单位代码")]
    pub units: String,
}
