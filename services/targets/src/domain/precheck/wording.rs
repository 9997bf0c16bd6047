//! Words that promise without saying how much (含糊表述), and numbers that only look like measures (虚假量化).

use wenxiao_kernel::Operator;

use super::Case;
use super::finding::Finding;
use super::indicators::rows;
use super::text::{ends, has};
use super::values::{highest, percent};
use crate::domain::form::{Indicator, Level1};
use crate::domain::target::Target;

/// "社会效益明显 ≥95%": a number behind words that nothing can be counted by. Of a benefit in percent the title must say what
/// share or growth of what it is.
pub fn false_quantification(case: &Case<'_>) -> Vec<Finding> {
    let wrong = |row: &Indicator| {
        let vague = has(&row.title, case.words("vague"));
        let benefit = row.level1 == Some(Level1::Benefit);
        let effect = percent(row) && (benefit || has(&row.title, case.words("effects")));
        let measurable = ends(&row.title, case.words("measurable_suffixes"));
        let unexplained = row.description.trim().is_empty() && row.data_source.trim().is_empty();
        let titled = !row.title.trim().is_empty();
        (vague || effect) && !measurable && unexplained && titled && highest(row).is_some()
    };
    let text = "虚假量化：含糊的表述配了数值，却没有计算公式或数据来源";
    rows(case, "data_source", wrong, text, "写明计算公式和数据来源，或改为定性")
}

pub fn no_standard(case: &Case<'_>) -> Vec<Finding> {
    let wrong = |row: &Indicator| {
        row.operator == Some(Operator::Qualitative) && row.scoring_standard.trim().is_empty()
    };
    let text = "定性指标没有评分标准，无法判断是否达成";
    rows(case, "scoring_standard", wrong, text, "写明达成、部分达成、未达成的标准")
}

/// 明显改善, scored 酌情: neither the value nor the standard says what is meant.
pub fn vague(case: &Case<'_>) -> Vec<Finding> {
    let wrong = |row: &Indicator| {
        let Some(Target::Text(text)) = &row.target else { return false };
        row.operator == Some(Operator::Qualitative)
            && !text.chars().any(char::is_numeric)
            && has(&row.scoring_standard, case.words("empty_standards"))
    };
    let text = "指标值含糊，评分标准也没有说明怎样算达成";
    rows(case, "scoring_standard", wrong, text, "写明可以核实的标准，如制度、次数、比对结果")
}

/// A goal of words alone.
pub fn vague_goal(case: &Case<'_>) -> Vec<Finding> {
    let goal = &case.form().annual_goal;
    let words = has(goal, case.words("vague")) && !goal.chars().any(char::is_numeric);
    let text = "年度总体目标表述含糊，没有可衡量的内容";
    let remark = || Finding::at("annual_goal", text, "写明做多少、做到什么程度");
    words.then(remark).into_iter().collect()
}
