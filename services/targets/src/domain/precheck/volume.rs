//! Budget against volume (资金与任务量): money without a quantity, and what one unit would cost.

use wenxiao_kernel::{Decimal, Operator, rounding};

use super::Case;
use super::finding::Finding;
use super::levels::{is_cost, level2_title};
use super::money::annual_amount;
use super::rule::UnitCost;
use super::text::has;
use super::values::highest;
use crate::domain::form::{Form, Indicator, Level1};
use crate::domain::objective::Subject;
use crate::domain::rules::FormRules;

/// A row that says how much is done.
struct Quantity<'a> {
    row: &'a Indicator,
    amount: Decimal,
    unit: String,
}

/// Rows of the year that count something, whether or not their value can be read.
fn counting<'a>(case: &Case<'a>) -> impl Iterator<Item = &'a Indicator> {
    let (form, rules): (&'a Form, &'a FormRules) = (case.form(), case.rules);
    let (levels, rates) = (case.words("levels"), case.words("rate_units"));
    let units = case.units();
    form.annual_indicators().filter(move |row| {
        let level2 = level2_title(row, rules);
        let output = row.level1.is_none_or(|level1| level1 == Level1::Output) && !is_cost(row, rules);
        let rate = rates.contains(&units.plain(&row.measure_unit).1);
        output
            && !rate
            && row.operator != Some(Operator::Qualitative)
            && (level2.is_empty() || has(level2, levels))
    })
}

fn quantities<'a>(case: &Case<'a>) -> Vec<Quantity<'a>> {
    let read = counting(case).filter_map(|row| {
        let (amount, unit) = case.units().value(highest(row)?, &row.measure_unit);
        Some(Quantity { row, amount, unit })
    });
    read.collect()
}

/// Money is planned and nothing says how much is done for it.
pub fn no_quantity(case: &Case<'_>) -> Vec<Finding> {
    let whole = matches!(case.draft.subject, Subject::WholeDepartment(_));
    let silent = case.form().indicators.is_empty() || counting(case).next().is_some();
    if whole || silent || annual_amount(case).is_none() {
        return Vec::new();
    }
    let text = "安排了资金，但没有可计量的数量指标，无法与任务量匹配";
    vec![Finding::at("indicators", text, "补充数量指标，写明做多少")]
}

/// Money ÷ quantity outside the bounds of the rule. Where a form counts several things, the money is for all of them,
/// and only a share that is too small proves anything.
pub fn unit_cost(case: &Case<'_>) -> Vec<Finding> {
    let Some(money) = annual_amount(case) else { return Vec::new() };
    let counted = quantities(case);
    let alone = counted.len() == 1;
    let mut findings = Vec::new();
    for quantity in &counted {
        let Some(bound) = case.rule.unit_costs.iter().find(|bound| speaks_of(bound, quantity)) else {
            continue;
        };
        let Some(each) = money.yuan().checked_div(quantity.amount) else { continue };
        if each < bound.lower || alone && each > bound.upper {
            let each = rounding::half_up(each, 2);
            let text = format!(
                "资金÷数量＝每{}{each}元，不在{}—{}元的合理区间内",
                quantity.row.measure_unit, bound.lower, bound.upper
            );
            let proposal = "核对资金、数量和单位；确属合理的在备注中说明测算依据";
            findings.push(Finding::on(quantity.row, "target_value", text, proposal));
        }
    }
    findings
}

fn speaks_of(bound: &UnitCost, quantity: &Quantity<'_>) -> bool {
    has(&quantity.row.title, &bound.words) && bound.measure_units.contains(&quantity.unit)
}

/// The form's own standard (元/人) times its quantity must be able to use up its money.
pub fn cost_standard(case: &Case<'_>) -> Vec<Finding> {
    let counted = quantities(case);
    let (Some(money), [quantity]) = (annual_amount(case), counted.as_slice()) else { return Vec::new() };
    let tolerance = case.rule.number("tolerance").unwrap_or_default();
    let mut findings = Vec::new();
    for row in case.form().annual_indicators().filter(|row| is_cost(row, case.rules)) {
        let Some((money_unit, per)) = row.measure_unit.split_once('/') else { continue };
        let (_, per) = case.units().plain(per);
        let bounded = matches!(row.operator, Some(Operator::AtMost | Operator::LessThan | Operator::Equal));
        let Some(standard) = highest(row) else { continue };
        let (standard, yuan) = case.units().value(standard, money_unit);
        if !bounded || per != quantity.unit || yuan != "元" {
            continue;
        }
        let most = standard
            .checked_mul(quantity.amount)
            .and_then(|sum| sum.checked_mul(Decimal::ONE.saturating_add(tolerance)));
        if most.is_some_and(|most| money.yuan() > most) {
            let text = format!("资金{money}大于成本标准乘以数量，按表中标准用不完");
            findings.push(Finding::on(row, "target_value", text, "核对资金、成本标准和数量"));
        }
    }
    findings
}
