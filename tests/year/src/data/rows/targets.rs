//! Rows of objectives and their review.

use chrono::NaiveDate;
use rust_decimal::Decimal;
use serde::Deserialize;

/// The objective of a project in a year (绩效目标申报表).
#[derive(Clone, Debug, Deserialize)]
pub struct ObjectiveRow {
    /// 预算年度.
    #[serde(rename = "预算年度")]
    pub year: i32,
    /// 项目代码.
    #[serde(rename = "项目代码")]
    pub project: String,
    /// 实施单位代码.
    #[serde(rename = "实施单位代码")]
    pub unit: String,
    /// 计划开始日期.
    #[serde(rename = "计划开始日期")]
    pub start: NaiveDate,
    /// 计划完成日期.
    #[serde(rename = "计划完成日期")]
    pub end: NaiveDate,
    /// 项目资金总额.
    #[serde(rename = "项目资金总额")]
    pub life_total: Decimal,
    /// 项目财政资金.
    #[serde(rename = "项目财政资金")]
    pub life_fiscal: Decimal,
    /// 项目其他资金.
    #[serde(rename = "项目其他资金")]
    pub life_other: Decimal,
    /// 年度资金申请总额.
    #[serde(rename = "年度资金申请总额")]
    pub total: Decimal,
    /// 当年财政拨款.
    #[serde(rename = "当年财政拨款")]
    pub appropriation: Decimal,
    /// 上年结转资金.
    #[serde(rename = "上年结转资金")]
    pub carry_over: Decimal,
    /// 其他资金.
    #[serde(rename = "其他资金")]
    pub other: Decimal,
    /// 项目总目标.
    #[serde(rename = "项目总目标")]
    pub medium_goal: String,
    /// 年度总体目标.
    #[serde(rename = "年度总体目标")]
    pub annual_goal: String,
    /// 报送日期.
    #[serde(rename = "报送日期")]
    pub filed: NaiveDate,
    /// 批复日期.
    #[serde(rename = "批复日期")]
    pub ratified: Option<NaiveDate>,
    /// 批复文号.
    #[serde(rename = "批复文号")]
    pub document: String,
}

/// An indicator of an objective (绩效指标).
#[derive(Clone, Debug, Deserialize)]
pub struct IndicatorRow {
    /// 预算年度.
    #[serde(rename = "预算年度")]
    pub year: i32,
    /// 项目代码.
    #[serde(rename = "项目代码")]
    pub project: String,
    /// 序号.
    #[serde(rename = "序号")]
    pub number: String,
    /// 一级指标.
    #[serde(rename = "一级指标")]
    pub level1: String,
    /// 二级指标.
    #[serde(rename = "二级指标")]
    pub level2: String,
    /// 三级指标.
    #[serde(rename = "三级指标")]
    pub title: String,
    /// 计算符号.
    #[serde(rename = "计算符号")]
    pub operator: String,
    /// 指标值.
    #[serde(rename = "指标值")]
    pub target: String,
    /// 计量单位.
    #[serde(rename = "计量单位")]
    pub unit: String,
    /// 权重.
    #[serde(rename = "权重")]
    pub weight: Decimal,
    /// 评分标准.
    #[serde(rename = "评分标准")]
    pub standard: String,
}

/// One round of the collective review of a form (集中会审).
#[derive(Clone, Debug, Deserialize)]
pub struct ReviewRow {
    /// 预算年度.
    #[serde(rename = "预算年度")]
    pub year: i32,
    /// 项目代码.
    #[serde(rename = "项目代码")]
    pub project: String,
    /// 轮次.
    #[serde(rename = "轮次")]
    pub round: i32,
    /// 审核机构代码.
    #[serde(rename = "审核机构代码")]
    pub institution: String,
    /// 完整性得分.
    #[serde(rename = "完整性得分")]
    pub completeness: Decimal,
    /// 相关性得分.
    #[serde(rename = "相关性得分")]
    pub relevance: Decimal,
    /// 适当性得分.
    #[serde(rename = "适当性得分")]
    pub appropriateness: Decimal,
    /// 可行性得分.
    #[serde(rename = "可行性得分")]
    pub feasibility: Decimal,
    /// 审核等级.
    #[serde(rename = "审核等级")]
    pub grade: String,
    /// 存在问题.
    #[serde(rename = "存在问题")]
    pub problem: String,
    /// 当轮年度总体目标.
    #[serde(rename = "当轮年度总体目标")]
    pub goal: String,
}
