//! What every row of the indicator table has (指标完整性), and that no row is there twice.

use std::collections::HashSet;

use wenxiao_kernel::Operator;

use super::Case;
use super::finding::Finding;
use super::text::plain;
use crate::domain::form::Indicator;

/// One remark for every row that is wrong in the same way.
pub fn rows(
    case: &Case<'_>,
    field: &str,
    wrong: impl Fn(&Indicator) -> bool,
    text: &str,
    proposal: &str,
) -> Vec<Finding> {
    let rows = case.form().indicators.iter().filter(|row| wrong(row));
    rows.map(|row| Finding::on(row, field, text, proposal)).collect()
}

pub fn id_unique(case: &Case<'_>) -> Vec<Finding> {
    let mut seen = HashSet::new();
    let again = case.form().indicators.iter().filter(|row| !seen.insert(row.id.as_str()));
    again.map(|row| Finding::on(row, "indicator_id", "指标编号重复", "每个指标用不同的编号")).collect()
}

pub fn title(case: &Case<'_>) -> Vec<Finding> {
    rows(case, "title", |row| row.title.trim().is_empty(), "未填写三级指标名称", "写明考核什么")
}

pub fn level1(case: &Case<'_>) -> Vec<Finding> {
    rows(case, "level1", |row| row.level1.is_none(), "未填写一级指标", "选择一级指标")
}

pub fn operator(case: &Case<'_>) -> Vec<Finding> {
    let proposal = "选择≥、≤、＝等，或定性";
    rows(case, "operator", |row| row.operator.is_none(), "未填写计算符号", proposal)
}

pub fn unit(case: &Case<'_>) -> Vec<Finding> {
    let missing = |row: &Indicator| {
        let numeric = row.operator.is_some_and(|operator| operator != Operator::Qualitative);
        numeric && row.measure_unit.trim().is_empty()
    };
    rows(case, "measure_unit", missing, "定量指标未填写度量单位", "填写个、万元、%等单位")
}

/// The same is measured once: a repeated indicator carries weight twice.
pub fn duplicate(case: &Case<'_>) -> Vec<Finding> {
    let mut seen = HashSet::new();
    let titled = case.form().indicators.iter().filter(|row| !row.title.trim().is_empty());
    let again = titled.filter(|row| !seen.insert((plain(&row.title), row.period, row.goal_number)));
    let text = |row: &Indicator| format!("指标“{}”重复", row.title);
    again.map(|row| Finding::on(row, "title", text(row), "删除重复的指标，或改为考核不同的内容")).collect()
}
