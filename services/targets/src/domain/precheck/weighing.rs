//! Weights (权重): each fault of [`weights::check`] as the remark of its rule.

use super::Case;
use super::finding::Finding;
use crate::domain::weights::{self, WeightFault};

fn faults(case: &Case<'_>, remark: impl Fn(WeightFault) -> Option<Finding>) -> Vec<Finding> {
    // A form without any indicator is told so once.
    if case.form().indicators.is_empty() {
        return Vec::new();
    }
    weights::check(case.form(), case.rules).into_iter().filter_map(remark).collect()
}

pub fn total(case: &Case<'_>) -> Vec<Finding> {
    faults(case, |fault| match fault {
        WeightFault::TotalNotAllowed { declared } => Some(Finding::at(
            "declared_weight_total",
            format!("权重总分{declared}不在规则允许的范围内"),
            "按规定的总分填写",
        )),
        _ => None,
    })
}

pub fn missing(case: &Case<'_>) -> Vec<Finding> {
    faults(case, |fault| match fault {
        WeightFault::Missing { indicator } => {
            Some(Finding::at("indicators.weight", "未填写权重", "填写权重").of_row(indicator))
        }
        _ => None,
    })
}

pub fn bounds(case: &Case<'_>) -> Vec<Finding> {
    faults(case, |fault| match fault {
        WeightFault::OutOfBounds { indicator, weight } => {
            let text = format!("权重{weight}超出范围");
            Some(Finding::at("indicators.weight", text, "权重应大于0且不超过总分").of_row(indicator))
        }
        _ => None,
    })
}

pub fn sum(case: &Case<'_>) -> Vec<Finding> {
    faults(case, |fault| match fault {
        WeightFault::Sum { goal: 0, expected, actual } => Some(Finding::at(
            "indicators.weight",
            format!("权重合计{actual}，应为{expected}"),
            "调整权重，使合计与总分完全一致",
        )),
        _ => None,
    })
}

pub fn goal_sum(case: &Case<'_>) -> Vec<Finding> {
    faults(case, |fault| match fault {
        WeightFault::Sum { goal, expected, actual } if goal != 0 => Some(Finding::at(
            "indicators.weight",
            format!("年度绩效目标{goal}下的权重合计{actual}，应为{expected}"),
            "使合计与该目标的权重一致",
        )),
        _ => None,
    })
}

pub fn goal(case: &Case<'_>) -> Vec<Finding> {
    faults(case, |fault| match fault {
        WeightFault::UnknownGoal { indicator } => {
            let remark =
                Finding::at("indicators.goal_number", "指标没有对应的年度绩效目标", "选择所属的年度绩效目标");
            Some(remark.of_row(indicator))
        }
        _ => None,
    })
}
