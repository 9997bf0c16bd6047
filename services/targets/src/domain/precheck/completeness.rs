//! What a form must have (完整性), and whether its dates can be (起止日期).

use chrono::{Datelike, NaiveDate};

use super::Case;
use super::finding::Finding;
use crate::domain::form::Nature;
use crate::domain::objective::Subject;

pub fn annual_goal(case: &Case<'_>) -> Vec<Finding> {
    let missing = case.form().annual_goal.trim().is_empty();
    let remark = || Finding::at("annual_goal", "未填写年度总体目标", "填写本年度要达到的目标");
    missing.then(remark).into_iter().collect()
}

pub fn indicators(case: &Case<'_>) -> Vec<Finding> {
    let remark = || Finding::at("indicators", "没有绩效指标", "至少填写一个绩效指标");
    case.form().indicators.is_empty().then(remark).into_iter().collect()
}

pub fn profile(case: &Case<'_>) -> Vec<Finding> {
    let needed = matches!(case.draft.subject, Subject::WholeDepartment(_));
    let remark = || Finding::at("department_profile", "未填写部门概况", "填写职能、人员和部门预算");
    (needed && case.form().department_profile.is_none()).then(remark).into_iter().collect()
}

pub fn annual_funding(case: &Case<'_>) -> Vec<Finding> {
    let needed = matches!(case.draft.subject, Subject::Project(_));
    let remark = || Finding::at("annual_funding", "未填写年度资金", "填写年度资金申请总额");
    (needed && case.form().annual_funding.is_none()).then(remark).into_iter().collect()
}

/// A project of several years says what all of them are to bring and to cost.
pub fn whole_life(case: &Case<'_>) -> Vec<Finding> {
    let form = case.form();
    if form.nature != Some(Nature::Phased) {
        return Vec::new();
    }
    let goal = form.medium_term_goal.trim().is_empty().then(|| {
        let text = "阶段性项目未填写项目总目标";
        Finding::at("medium_term_goal", text, "填写项目整个实施期要达到的目标")
    });
    let money = form.whole_life_funding.is_none().then(|| {
        let text = "阶段性项目未填写项目资金总额";
        Finding::at("whole_life_funding", text, "填写项目整个实施期的资金总额及构成")
    });
    goal.into_iter().chain(money).collect()
}

pub fn dates_in_order(case: &Case<'_>) -> Vec<Finding> {
    match (case.form().planned_start, case.form().planned_end) {
        (Some(start), Some(end)) if end < start => {
            vec![Finding::at("planned_end_date", "计划完成日期早于计划开始日期", "核对起止日期")]
        }
        _ => Vec::new(),
    }
}

/// The project's time must touch the budget year.
pub fn dates_in_year(case: &Case<'_>) -> Vec<Finding> {
    let year = case.rules.fiscal_year;
    let remark = |field: &str, what: &str, date: NaiveDate| {
        let text = format!("{what}{date}不在{year}年度之内");
        Finding::at(field, text, "核对起止日期和预算年度")
    };
    match (case.form().planned_start, case.form().planned_end) {
        (Some(start), _) if start.year() > year => {
            vec![remark("planned_start_date", "计划开始日期", start)]
        }
        (_, Some(end)) if end.year() < year && case.form().planned_start.is_none_or(|start| end >= start) => {
            vec![remark("planned_end_date", "计划完成日期", end)]
        }
        _ => Vec::new(),
    }
}
