//! What a document shows of its subject (文件内容): sections and tables from the plain parts of an objective or evaluation.
//! Only what is final goes in: no draft, no opinion on the way, no single expert's score.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use wenxiao_kernel::{Money, PrintedAmount};

use super::document::Section;
use super::figure::chinese_date;
use super::subject::Subject;

/// One indicator of an objective, as printed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct IndicatorLine {
    /// 一级指标.
    pub level1: String,
    /// 二级指标.
    pub level2: String,
    /// 三级指标.
    pub level3: String,
    /// 指标值 with its operator: `≥95`.
    pub target: String,
    /// 度量单位.
    pub unit: String,
}

/// The parts of an objective table.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ObjectiveParts {
    /// 批复金额.
    pub amount: Option<Money>,
    /// 年度总体目标.
    pub annual_goal: String,
    /// 绩效指标.
    pub indicators: Vec<IndicatorLine>,
}

/// The parts of an evaluation's result and report.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResultParts {
    /// Money under evaluation.
    pub amount: Option<Money>,
    /// Day on which the result was fixed.
    pub fixed_on: Option<NaiveDate>,
    /// Conclusion in words, when there is one.
    pub conclusion: String,
    /// Score of each part: name, points, score.
    pub scores: Vec<(String, String, String)>,
    /// The report, section by section.
    pub report: Vec<Section>,
}

/// 绩效目标表.
pub fn objective_table(
    subject: &Subject,
    parts: &ObjectiveParts,
    shown: Option<PrintedAmount>,
) -> Vec<Section> {
    let mut head = vec![
        row("项目名称", &subject.title),
        row("实施单位", &subject.unit_title),
        row("年度", &format!("{}年", subject.evaluated_year)),
    ];
    head.extend(amount_row("批复金额", parts.amount, shown));
    let cells = |line: &IndicatorLine| {
        let IndicatorLine { level1, level2, level3, target, unit } = line.clone();
        vec![level1, level2, level3, target, unit]
    };
    let columns = ["一级指标", "二级指标", "三级指标", "指标值", "度量单位"];
    vec![
        Section::of("基本情况", []).table("", &["项目", "内容"], head),
        Section::of("年度总体目标", [parts.annual_goal.clone()]),
        Section::of("绩效指标", []).table("", &columns, parts.indicators.iter().map(cells).collect()),
    ]
}

/// 评价结果: what was evaluated, score and grade, problems and suggestions.
pub fn evaluation_result(
    subject: &Subject,
    parts: &ResultParts,
    shown: Option<PrintedAmount>,
) -> Vec<Section> {
    let mut head = vec![
        row("评价对象", &subject.title),
        row("被评价单位", &subject.unit_title),
        row("评价年度", &format!("{}年", subject.evaluated_year)),
    ];
    head.extend(amount_row("涉及资金", parts.amount, shown));
    head.extend(subject.score.map(|score| row("得分", &score.normalize().to_string())));
    head.extend(subject.grade.map(|grade| row("等级", grade.chinese())));
    head.extend(parts.fixed_on.map(|day| row("结果确定日期", &chinese_date(day))));
    let mut sections =
        vec![Section::of("评价结果", [parts.conclusion.clone()]).table("", &["项目", "内容"], head)];
    if !parts.scores.is_empty() {
        let rows = parts
            .scores
            .iter()
            .map(|(name, points, score)| vec![name.clone(), points.clone(), score.clone()]);
        sections.push(Section::of("得分情况", []).table("", &["指标", "分值", "得分"], rows.collect()));
    }
    for (heading, texts) in [("存在的问题", &subject.findings), ("意见和建议", &subject.suggestions)]
    {
        if !texts.is_empty() {
            sections.push(Section::of(heading, texts.iter().cloned()));
        }
    }
    sections
}

/// 评价报告: the report's own sections behind the result.
pub fn evaluation_report(
    subject: &Subject,
    parts: &ResultParts,
    shown: Option<PrintedAmount>,
) -> Vec<Section> {
    let mut sections = evaluation_result(subject, parts, shown);
    sections.extend(parts.report.iter().cloned());
    sections
}

fn amount_row(name: &str, own: Option<Money>, shown: Option<PrintedAmount>) -> Option<Vec<String>> {
    let text = shown.map(|amount| amount.to_string()).or_else(|| own.map(|amount| amount.to_string()))?;
    Some(row(name, &text))
}

fn row(name: &str, value: &str) -> Vec<String> {
    vec![name.to_owned(), value.to_owned()]
}
