//! Operator against meaning (计算符号与指标含义): which way a value may go.

use wenxiao_kernel::Operator;

use super::Case;
use super::finding::Finding;
use super::indicators::rows;
use super::levels::is_cost;
use super::text::has;
use crate::domain::form::{Indicator, Level1};

fn at_least(row: &Indicator) -> bool {
    matches!(row.operator, Some(Operator::AtLeast | Operator::MoreThan))
}

/// A cost that must reach a minimum rewards spending: it needs ≤, ＜, ＝ or a range.
pub fn cost(case: &Case<'_>) -> Vec<Finding> {
    let wrong = |row: &Indicator| {
        at_least(row) && is_cost(row, case.rules) && !has(&row.title, case.words("exceptions"))
    };
    let text = "成本指标使用了“≥”或“＞”，方向相反，等于鼓励多花钱";
    rows(case, "operator", wrong, text, "改为“≤”或“＝”")
}

/// 投诉率, 结余率, 事故: less is better.
pub fn negative(case: &Case<'_>) -> Vec<Finding> {
    let wrong = |row: &Indicator| {
        at_least(row)
            && has(&row.title, case.words("negatives"))
            && !has(&row.title, case.words("exceptions"))
    };
    let text = "反向指标使用了“≥”或“＞”，方向相反，值越大越差";
    rows(case, "operator", wrong, text, "改为“≤”或“＝”")
}

pub fn satisfaction(case: &Case<'_>) -> Vec<Finding> {
    let wrong = |row: &Indicator| {
        let satisfaction = row.level1 == Some(Level1::Satisfaction) || has(&row.title, case.words("words"));
        let at_most = matches!(row.operator, Some(Operator::AtMost | Operator::LessThan));
        satisfaction && at_most && !has(&row.title, case.words("exceptions"))
    };
    let text = "满意度使用了“≤”或“＜”，方向相反，等于希望不满意";
    rows(case, "operator", wrong, text, "改为“≥”")
}
