//! The goal in words against the indicators (目标与指标一致): figures that no indicator carries, figures that differ, and
//! goals of another year.

use super::Case;
use super::finding::Finding;
use super::text::{Figure, common_pairs, years};
use super::values::highest;
use crate::domain::form::{Form, Indicator};
use crate::domain::target::Target;
use wenxiao_kernel::{Decimal, Money};

/// A goal that speaks of another budget year and not of its own.
pub fn other_year(case: &Case<'_>) -> Vec<Finding> {
    let year = case.rules.fiscal_year;
    let named: Vec<i32> =
        years(&case.form().annual_goal).into_iter().filter(|(_, budget)| *budget).map(|(of, _)| of).collect();
    match named.first() {
        Some(other) if !named.contains(&year) => {
            let text = format!("年度总体目标写的是{other}年度，本表是{year}年度");
            vec![Finding::at("annual_goal", text, "按本年度重新填写目标")]
        }
        _ => Vec::new(),
    }
}

/// "培训500人" in the goal and no indicator with 500.
pub fn figure_missing(case: &Case<'_>) -> Vec<Finding> {
    let least = case.rule.number("minimum").unwrap_or_default();
    let loose = uncarried(case).into_iter();
    // Small numbers are as often a way of speaking as a promise; a rate never is.
    let promised = loose.filter(|figure| figure.value >= least || figure.unit == "%");
    let missing = promised.filter(|figure| counterpart(case, figure).is_none());
    let remark = |figure: Figure| {
        let text = format!("目标中的“{}”没有对应的绩效指标", figure.printed);
        Finding::at("annual_goal", text, "为该数量设置指标，或从目标中删去")
    };
    missing.map(remark).collect()
}

/// 1200 lamps in the goal and 1000 in the indicator.
pub fn figure_differs(case: &Case<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for figure in uncarried(case) {
        if let Some(row) = counterpart(case, &figure) {
            let said = if row.printed_target.is_empty() {
                highest(row).map(|number| number.normalize().to_string()).unwrap_or_default()
            } else {
                row.printed_target.clone()
            };
            let text = format!("目标中的“{}”与指标“{}”的值{said}不一致", figure.printed, row.title);
            findings.push(Finding::at("annual_goal", text, "核对目标与指标，改为一致"));
        }
    }
    findings
}

/// Figures of the goal that neither an indicator nor the money has.
fn uncarried(case: &Case<'_>) -> Vec<Figure> {
    let form = case.form();
    if form.indicators.is_empty() {
        return Vec::new();
    }
    let figures = case.units().figures(&form.annual_goal).into_iter();
    figures.filter(|figure| !is_money_of(form, figure) && !carried(case, figure)).collect()
}

fn carried(case: &Case<'_>, figure: &Figure) -> bool {
    let least = case.rule.number("common_pairs").unwrap_or(Decimal::ONE);
    case.form().indicators.iter().any(|row| {
        let unit = row.measure_unit.trim();
        // A figure that the row has in another unit is the unit's fault, which another rule tells.
        let about = Decimal::from(common_pairs(&figure.around, &row.title)) >= least;
        let same = numbers(row).into_iter().any(|number| {
            let (value, plain) = case.units().value(number, unit);
            value == figure.value && (plain == figure.unit || unit.is_empty() || about)
        });
        let texts = [
            &row.title,
            &row.description,
            &row.scoring_standard,
            &row.data_source,
            &row.note,
            &row.printed_target,
        ];
        let said = texts.into_iter().any(|text| text.contains(figure.printed.as_str()));
        let in_words =
            matches!(&row.target, Some(Target::Text(text)) if text.contains(figure.printed.as_str()));
        same || said || in_words
    })
}

fn numbers(row: &Indicator) -> Vec<Decimal> {
    match &row.target {
        Some(Target::Number(number)) => vec![*number],
        Some(Target::Range { lower, upper }) => vec![*lower, *upper],
        _ => Vec::new(),
    }
}

/// Whether a figure is one of the form's own amounts.
fn is_money_of(form: &Form, figure: &Figure) -> bool {
    let annual = form
        .annual_funding
        .iter()
        .flat_map(|funding| [Some(funding.total), funding.appropriation, funding.carry_over, funding.other]);
    let whole = form
        .whole_life_funding
        .iter()
        .flat_map(|funding| [Some(funding.total), funding.fiscal, funding.other]);
    let mut amounts = annual.chain(whole).flatten().map(Money::yuan);
    figure.unit == "元" && amounts.any(|amount| amount == figure.value)
}

/// The row that a figure speaks of: of the same unit and with words in common.
fn counterpart<'a>(case: &Case<'a>, figure: &Figure) -> Option<&'a Indicator> {
    let form: &'a Form = case.form();
    let least = case.rule.number("common_pairs").unwrap_or(Decimal::ONE);
    let alike = form.annual_indicators().filter_map(|row| {
        let (_, unit) = case.units().plain(&row.measure_unit);
        let common = common_pairs(&figure.around, &row.title);
        let near = unit == figure.unit && highest(row).is_some() && Decimal::from(common) >= least;
        near.then_some((common, row))
    });
    alike.max_by_key(|(common, _)| *common).map(|(_, row)| row)
}
