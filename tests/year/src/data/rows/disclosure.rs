//! Rows of publications, cases and published figures.

use chrono::NaiveDate;
use serde::Deserialize;

/// One audience of one publication (公开).
#[derive(Clone, Debug, Deserialize)]
pub struct DisclosureRow {
    /// 公开编号.
    #[serde(rename = "公开编号")]
    pub id: String,
    /// 公开类别.
    #[serde(rename = "公开类别")]
    pub kind: String,
    /// 内容年度.
    #[serde(rename = "内容年度")]
    pub content_year: i32,
    /// 工作年度.
    #[serde(rename = "工作年度")]
    pub work_year: i32,
    /// 标题.
    #[serde(rename = "标题")]
    pub title: String,
    /// 受众.
    #[serde(rename = "受众")]
    pub audience: String,
    /// 方式.
    #[serde(rename = "方式")]
    pub manner: String,
    /// 日期.
    #[serde(rename = "日期")]
    pub date: NaiveDate,
}

/// What is in a publication (公开内容).
#[derive(Clone, Debug, Deserialize)]
pub struct DisclosureItemRow {
    /// 公开编号.
    #[serde(rename = "公开编号")]
    pub publication: String,
    /// 内容年度.
    #[serde(rename = "内容年度")]
    pub content_year: i32,
    /// 项目代码.
    #[serde(rename = "项目代码")]
    pub project: String,
    /// 评价编号.
    #[serde(rename = "评价编号")]
    pub evaluation: String,
    /// 理由.
    #[serde(rename = "理由")]
    pub reason: String,
}

/// A figure of a case that the summary tells (案例).
#[derive(Clone, Debug, Deserialize)]
pub struct CaseRow {
    /// 总结年度.
    #[serde(rename = "总结年度")]
    pub year: i32,
    /// 案例.
    #[serde(rename = "案例")]
    pub case: String,
    /// 次序.
    #[serde(rename = "次序")]
    pub ordinal: i32,
    /// 对象编号.
    #[serde(rename = "对象编号")]
    pub object: String,
    /// 数据项.
    #[serde(rename = "数据项")]
    pub measure: String,
    /// 年度.
    #[serde(rename = "年度")]
    pub fiscal_year: Option<i32>,
    /// 单位.
    #[serde(rename = "单位")]
    pub unit: String,
    /// 小数位.
    #[serde(rename = "小数位")]
    pub places: Option<i32>,
}

/// A published figure (公布数).
#[derive(Clone, Debug, Deserialize)]
pub struct FigureRow {
    /// key.
    pub key: String,
    /// value.
    pub value: String,
    /// unit.
    pub unit: String,
}
