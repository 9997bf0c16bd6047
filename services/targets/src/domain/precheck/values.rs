//! Target values (指标值): whether they are there, of the right kind, and possible.

use wenxiao_kernel::{Decimal, Operator};

use super::Case;
use super::finding::Finding;
use super::indicators::rows;
use super::levels::level2_title;
use super::money::several_years;
use super::text::{ends, has, plain, years};
use crate::domain::form::{Indicator, Level1, Period};
use crate::domain::target::{self, Target, TargetFault};

/// The highest number of a numeric value.
pub fn highest(row: &Indicator) -> Option<Decimal> {
    match &row.target {
        Some(Target::Number(number)) => Some(*number),
        Some(Target::Range { upper, .. }) => Some(*upper),
        _ => None,
    }
}

fn lowest(row: &Indicator) -> Option<Decimal> {
    match &row.target {
        Some(Target::Range { lower, .. }) => Some(*lower),
        _ => highest(row),
    }
}

/// Whether a row is measured in percent.
pub fn percent(row: &Indicator) -> bool {
    matches!(row.measure_unit.trim(), "%" | "％")
}

fn below_zero(number: Decimal) -> bool {
    number < Decimal::ZERO
}

fn faulty(case: &Case<'_>, fault: TargetFault, text: &str, proposal: &str) -> Vec<Finding> {
    let wrong = |row: &Indicator| {
        row.operator.is_some_and(|operator| target::check(operator, row.target.as_ref()) == Err(fault))
    };
    rows(case, "target_value", wrong, text, proposal)
}

/// `*`, `/` and blanks are nothing, and nothing is not zero.
pub fn missing(case: &Case<'_>) -> Vec<Finding> {
    let text = "未填写指标值（“*”“/”不是指标值）";
    faulty(case, TargetFault::Missing, text, "填写指标值；确为零的填0")
}

pub fn needs_number(case: &Case<'_>) -> Vec<Finding> {
    let text = "定量指标的指标值不是数字";
    faulty(case, TargetFault::NeedsNumber, text, "填写数字，或把符号改为定性")
}

pub fn needs_range(case: &Case<'_>) -> Vec<Finding> {
    faulty(case, TargetFault::NeedsRange, "区间指标需要上下限", "填写下限和上限")
}

pub fn needs_text(case: &Case<'_>) -> Vec<Finding> {
    let text = "定性指标的指标值应为文字";
    faulty(case, TargetFault::NeedsText, text, "填写文字，或选择≥、≤、＝等符号")
}

pub fn range_reversed(case: &Case<'_>) -> Vec<Finding> {
    faulty(case, TargetFault::RangeReversed, "区间下限大于上限", "核对上下限")
}

pub fn satisfaction_range(case: &Case<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    let asked = |row: &&Indicator| row.level1 == Some(Level1::Satisfaction) && percent(row);
    for row in case.form().indicators.iter().filter(asked) {
        if highest(row).is_some_and(|number| number > Decimal::ONE_HUNDRED) {
            let text = "满意度超过100%，可能是识别时丢失了符号“≥”";
            findings.push(Finding::on(row, "target_value", text, "核对原表的符号和数值"));
        } else if lowest(row).is_some_and(below_zero) {
            findings.push(Finding::on(row, "target_value", "满意度低于0", "核对数值"));
        }
    }
    findings
}

/// A share of something is at most all of it; growth is not a share.
pub fn rate_range(case: &Case<'_>) -> Vec<Finding> {
    let wrong = |row: &Indicator| {
        let share = percent(row) && ends(&row.title, case.words("rate_suffixes"));
        share
            && row.level1 != Some(Level1::Satisfaction)
            && !has(&row.title, case.words("exceptions"))
            && highest(row).is_some_and(|number| number > Decimal::ONE_HUNDRED)
    };
    rows(case, "target_value", wrong, "比率超过100%", "核对数值；增长类指标写明“增长率”及基期")
}

/// 0.95 where 95 is meant: values stay in their unit.
pub fn fraction(case: &Case<'_>) -> Vec<Finding> {
    let wrong = |row: &Indicator| {
        let share = percent(row) && ends(&row.title, case.words("words"));
        let upwards = matches!(row.operator, Some(Operator::AtLeast | Operator::MoreThan | Operator::Equal));
        let small = highest(row).is_some_and(|number| number > Decimal::ZERO && number <= Decimal::ONE);
        share
            && upwards
            && small
            && !has(&row.title, case.words("exceptions"))
            && !has(&row.title, case.words("negatives"))
    };
    let text = "指标值不超过1%，可能把小数当作百分数填写";
    rows(case, "target_value", wrong, text, "以%为单位时填写95，不填0.95")
}

pub fn negative(case: &Case<'_>) -> Vec<Finding> {
    let wrong = |row: &Indicator| {
        let satisfaction = row.level1 == Some(Level1::Satisfaction);
        let below = lowest(row).is_some_and(below_zero);
        below && !satisfaction && !has(&row.title, case.words("exceptions"))
    };
    rows(case, "target_value", wrong, "指标值为负数", "核对数值；下降类指标写明“下降率”并填正数")
}

/// 完成 says that something was done, and not how much of it.
pub fn completion_text(case: &Case<'_>) -> Vec<Finding> {
    let wrong = |row: &Indicator| {
        let Some(Target::Text(text)) = &row.target else { return false };
        let countable =
            has(level2_title(row, case.rules), case.words("levels")) || !row.measure_unit.trim().is_empty();
        row.operator == Some(Operator::Qualitative)
            && countable
            && case.words("words").iter().any(|word| text.trim() == word)
    };
    let text = "可以量化的指标只填了“完成”一类的文字";
    rows(case, "target_value", wrong, text, "填写要完成的数量和度量单位")
}

/// A value of the year that names another year only.
pub fn date_out_of_year(case: &Case<'_>) -> Vec<Finding> {
    let year = case.rules.fiscal_year;
    let wrong = |row: &Indicator| {
        let Some(Target::Text(text)) = &row.target else { return false };
        let named = years(text);
        row.period == Period::Annual && !named.is_empty() && named.iter().all(|(of, _)| *of != year)
    };
    rows(case, "target_value", wrong, "指标值中的年份不是预算年度", "改为预算年度内的时间")
}

/// What a year is to bring is no more than what the whole life brings, and where there are several years, less.
pub fn annual_whole(case: &Case<'_>) -> Vec<Finding> {
    let form = case.form();
    let several = several_years(form);
    let whole_life = |row: &Indicator| {
        let same = |other: &&Indicator| {
            other.period == Period::WholeLife
                && plain(&other.title) == plain(&row.title)
                && other.measure_unit.trim() == row.measure_unit.trim()
        };
        form.indicators.iter().find(same).and_then(highest)
    };
    let wrong = |row: &Indicator| {
        // Rates and least standards hold in each year; only what adds up over the years is compared.
        let adds_up =
            row.period == Period::Annual && !percent(row) && !has(&row.title, case.words("exceptions"));
        let upwards = matches!(row.operator, Some(Operator::AtLeast | Operator::MoreThan | Operator::Equal));
        let both = whole_life(row).zip(highest(row)).filter(|_| adds_up && upwards);
        both.is_some_and(|(whole, annual)| annual > whole || annual == whole && several && !annual.is_zero())
    };
    let text = "年度指标值不小于中长期指标值，年度数与累计数可能混淆";
    rows(case, "target_value", wrong, text, "年度指标只填本年度要完成的数量")
}
