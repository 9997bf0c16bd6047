//! The money of a form (资金): sums, printed amounts, a year against the whole life.

use chrono::Datelike;
use wenxiao_kernel::Money;

use super::Case;
use super::finding::Finding;
use crate::domain::form::{Form, Nature, Printed};

/// One block of money with its parts.
struct Block<'a> {
    field: &'static str,
    total: Money,
    parts: Vec<Money>,
    printed: Option<&'a Printed>,
}

fn blocks(form: &Form) -> Vec<Block<'_>> {
    let whole = form.whole_life_funding.as_ref().map(|funding| Block {
        field: "whole_life_funding",
        total: funding.total,
        parts: [funding.fiscal, funding.other].into_iter().flatten().collect(),
        printed: funding.printed_total.as_ref(),
    });
    let annual = form.annual_funding.as_ref().map(|funding| Block {
        field: "annual_funding",
        total: funding.total,
        parts: [funding.appropriation, funding.carry_over, funding.other].into_iter().flatten().collect(),
        printed: funding.printed_total.as_ref(),
    });
    whole.into_iter().chain(annual).collect()
}

pub fn negative(case: &Case<'_>) -> Vec<Finding> {
    let blocks = blocks(case.form()).into_iter();
    let wrong =
        blocks.filter(|block| block.total.is_negative() || block.parts.iter().any(|part| part.is_negative()));
    wrong.map(|block| Finding::at(block.field, "金额不能为负数", "核对金额")).collect()
}

pub fn sum(case: &Case<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for block in blocks(case.form()) {
        let sum = Money::total(block.parts.iter().copied());
        if !block.parts.is_empty() && sum != Some(block.total) {
            let text = format!("分项合计{}，与总额{}不一致", sum.unwrap_or_default(), block.total);
            findings.push(Finding::at(block.field, text, "核对分项和总额"));
        }
    }
    findings
}

pub fn printed(case: &Case<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for block in blocks(case.form()) {
        if let Some(printed) = block.printed
            && !printed.amount.admits(block.total)
        {
            let text = format!("总额{}与原文“{}”不符", block.total, printed.amount);
            findings.push(Finding::at(block.field, text, "核对金额单位"));
        }
    }
    findings
}

/// One year costs no more than all of them, and where there are several, less.
pub fn annual_whole(case: &Case<'_>) -> Vec<Finding> {
    let form = case.form();
    let (Some(annual), Some(whole)) = (&form.annual_funding, &form.whole_life_funding) else {
        return Vec::new();
    };
    if annual.total > whole.total {
        let text = format!("年度资金{}大于项目资金总额{}", annual.total, whole.total);
        return vec![Finding::at("annual_funding", text, "核对年度资金与项目资金总额（年度数与累计数）")];
    }
    if annual.total == whole.total && !annual.total.is_zero() && several_years(form) {
        let text = format!("项目跨多个年度，年度资金却等于项目资金总额{}", whole.total);
        return vec![Finding::at("annual_funding", text, "年度资金只填本年度申请数，不填项目总额")];
    }
    Vec::new()
}

/// Whether a project lasts longer than its budget year.
pub fn several_years(form: &Form) -> bool {
    let spans =
        form.planned_start.zip(form.planned_end).is_some_and(|(start, end)| start.year() < end.year());
    spans || form.nature == Some(Nature::Phased)
}

/// The money of a form's budget year, where there is any.
pub fn annual_amount(case: &Case<'_>) -> Option<Money> {
    let amount = case.form().annual_funding.as_ref().map(|funding| funding.total);
    amount.filter(|amount| !amount.is_negative() && !amount.is_zero())
}
