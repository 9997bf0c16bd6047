//! Rows of payments and monitoring.

use chrono::NaiveDate;
use rust_decimal::Decimal;
use serde::Deserialize;

/// A payment (支付).
#[derive(Clone, Debug, Deserialize)]
pub struct PaymentRow {
    /// 支付编号.
    #[serde(rename = "支付编号")]
    pub number: String,
    /// 预算年度.
    #[serde(rename = "预算年度")]
    pub year: i32,
    /// 支付日期.
    #[serde(rename = "支付日期")]
    pub date: NaiveDate,
    /// 单位代码.
    #[serde(rename = "单位代码")]
    pub unit: String,
    /// 项目代码.
    #[serde(rename = "项目代码")]
    pub project: String,
    /// 金额.
    #[serde(rename = "金额")]
    pub amount: Decimal,
    /// 资金来源.
    #[serde(rename = "资金来源")]
    pub source: String,
    /// 摘要.
    #[serde(rename = "摘要")]
    pub purpose: String,
}

/// A project's monitoring report (监控表).
#[derive(Clone, Debug, Deserialize)]
pub struct ReportRow {
    /// 项目代码.
    #[serde(rename = "项目代码")]
    pub project: String,
    /// 报送日期.
    #[serde(rename = "报送日期")]
    pub filed: NaiveDate,
    /// 全年预计执行数.
    #[serde(rename = "全年预计执行数")]
    pub expected: Decimal,
    /// 审核机构代码.
    #[serde(rename = "审核机构代码")]
    pub institution: String,
    /// 审核结论.
    #[serde(rename = "审核结论")]
    pub verdict: String,
    /// 审核意见.
    #[serde(rename = "审核意见")]
    pub opinion: String,
}

/// An indicator in a monitoring report.
#[derive(Clone, Debug, Deserialize)]
pub struct ReportIndicatorRow {
    /// 项目代码.
    #[serde(rename = "项目代码")]
    pub project: String,
    /// 序号.
    #[serde(rename = "序号")]
    pub number: String,
    /// 完成值.
    #[serde(rename = "完成值")]
    pub achieved: String,
    /// 全年预计完成值.
    #[serde(rename = "全年预计完成值")]
    pub expected: String,
    /// 完成目标可能性.
    #[serde(rename = "完成目标可能性")]
    pub likelihood: i32,
    /// 偏差原因代码.
    #[serde(rename = "偏差原因代码")]
    pub reason_code: Option<i32>,
    /// 偏差原因分析.
    #[serde(rename = "偏差原因分析")]
    pub reason: String,
}

/// What followed from monitoring (处置措施).
#[derive(Clone, Debug, Deserialize)]
pub struct MeasureRow {
    /// 轮次.
    #[serde(rename = "轮次")]
    pub round: String,
    /// 对象类型.
    #[serde(rename = "对象类型")]
    pub subject_kind: String,
    /// 对象代码.
    #[serde(rename = "对象代码")]
    pub subject: String,
    /// 措施.
    #[serde(rename = "措施")]
    pub kind: String,
    /// 金额.
    #[serde(rename = "金额")]
    pub amount: Option<Decimal>,
    /// 日期.
    #[serde(rename = "日期")]
    pub date: NaiveDate,
    /// 依据.
    #[serde(rename = "依据")]
    pub basis: String,
}
