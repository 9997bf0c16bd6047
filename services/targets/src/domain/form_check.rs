//! What is wrong with a form, all of it at once (表单校验). Errors stop a submission; the rest is shown beside the
//! fields and may stay, because a person decides.

use std::collections::HashSet;

use wenxiao_kernel::{Decimal, Money, Operator};

use super::form::{AnnualFunding, Form, Indicator, Level1, Printed, Remark, Severity, WholeLifeFunding};
use super::objective::Subject;
use super::rules::FormRules;
use super::target::{self, Target, TargetFault};
use super::weights::{self, WeightFault};

/// Every remark on a form, the heavy ones first.
pub fn check(form: &Form, subject: &Subject, rules: &FormRules) -> Vec<Remark> {
    let mut remarks = Vec::new();
    check_head(form, subject, &mut remarks);
    if let Some(funding) = &form.whole_life_funding {
        check_whole_life(funding, &mut remarks);
    }
    if let Some(funding) = &form.annual_funding {
        check_annual(funding, &mut remarks);
    }
    check_levels(form, rules, &mut remarks);
    let mut seen = HashSet::new();
    for indicator in &form.indicators {
        if !seen.insert(indicator.id.as_str()) {
            remarks.push(on(
                indicator,
                "indicator_id",
                "indicator.id_unique",
                "指标编号重复",
                "每个指标用不同的编号",
            ));
        }
        check_indicator(indicator, rules, &mut remarks);
    }
    remarks.extend(weights::check(form, rules).into_iter().map(weight_remark));
    remarks.sort_by_key(|remark| std::cmp::Reverse(remark.severity));
    remarks
}

/// Whether a form with these remarks may be submitted.
pub fn is_submittable(remarks: &[Remark]) -> bool {
    remarks.iter().all(|remark| remark.severity != Severity::Error)
}

fn check_head(form: &Form, subject: &Subject, remarks: &mut Vec<Remark>) {
    if form.annual_goal.trim().is_empty() {
        remarks.push(error(
            "annual_goal",
            "completeness.annual_goal",
            "未填写年度总体目标",
            "填写本年度要达到的目标",
        ));
    }
    if form.indicators.is_empty() {
        remarks.push(error("indicators", "completeness.indicators", "没有绩效指标", "至少填写一个绩效指标"));
    }
    let needs_profile = matches!(subject, Subject::WholeDepartment(_));
    if needs_profile && form.department_profile.is_none() {
        remarks.push(error(
            "department_profile",
            "completeness.profile",
            "未填写部门概况",
            "填写职能、人员和部门预算",
        ));
    }
    if matches!(subject, Subject::Project(_)) && form.annual_funding.is_none() {
        remarks.push(error(
            "annual_funding",
            "completeness.annual_funding",
            "未填写年度资金",
            "填写年度资金申请总额",
        ));
    }
    if let (Some(start), Some(end)) = (form.planned_start, form.planned_end)
        && end < start
    {
        remarks.push(error(
            "planned_end_date",
            "dates.order",
            "计划完成日期早于计划开始日期",
            "核对起止日期",
        ));
    }
}

/// Whole-life money is only ever held against whole-life money, annual against annual.
fn check_whole_life(funding: &WholeLifeFunding, remarks: &mut Vec<Remark>) {
    let parts = [funding.fiscal, funding.other];
    check_money("whole_life_funding", funding.total, &parts, funding.printed_total.as_ref(), remarks);
}

fn check_annual(funding: &AnnualFunding, remarks: &mut Vec<Remark>) {
    let parts = [funding.appropriation, funding.carry_over, funding.other];
    check_money("annual_funding", funding.total, &parts, funding.printed_total.as_ref(), remarks);
}

fn check_money(
    field: &str,
    total: Money,
    parts: &[Option<Money>],
    printed: Option<&Printed>,
    remarks: &mut Vec<Remark>,
) {
    let given = || parts.iter().flatten().copied();
    if total.is_negative() || given().any(Money::is_negative) {
        remarks.push(error(field, "money.negative", "金额不能为负数", "核对金额"));
    }
    if given().next().is_some() && Money::total(given()) != Some(total) {
        let sum = Money::total(given()).unwrap_or_default();
        remarks.push(error(
            field,
            "money.sum",
            &format!("分项合计{sum}，与总额{total}不一致"),
            "核对分项和总额",
        ));
    }
    if let Some(printed) = printed
        && !printed.amount.admits(total)
    {
        let text = format!("总额{total}与原文“{}”不符", printed.amount);
        remarks.push(error(field, "money.printed", &text, "核对金额单位"));
    }
}

/// What the frame asks for and the form does not have: for a person to weigh, not a bar.
fn check_levels(form: &Form, rules: &FormRules, remarks: &mut Vec<Remark>) {
    for node in rules.frame.iter().filter(|node| node.required) {
        let has = |indicator: &Indicator| match node.top {
            true => indicator.level1 == Some(node.level1),
            false => indicator.level2_code == node.code || indicator.level2_name == node.title,
        };
        if !form.indicators.iter().any(has) {
            let remark =
                error("indicators", "levels.required", &format!("缺少{}", node.title), "补充该类指标");
            remarks.push(Remark { severity: Severity::Warning, ..remark });
        }
    }
}

/// Levels one and two are fixed by the frame of the year: two trees stand side by side.
fn check_place(indicator: &Indicator, level1: Level1, rules: &FormRules, remarks: &mut Vec<Remark>) {
    if rules.frame.is_empty() {
        return;
    }
    if !rules.frame.iter().any(|node| node.top && node.level1 == level1) {
        let text = "该年度的指标框架没有这个一级指标";
        remarks.push(on(indicator, "level1", "levels.level1", text, "按该年度的指标框架选择"));
    }
    let code = &indicator.level2_code;
    if !code.is_empty()
        && !rules.frame.iter().any(|node| !node.top && node.level1 == level1 && node.code == *code)
    {
        let text = "二级指标不在该一级指标之下";
        remarks.push(on(indicator, "level2_code", "levels.level2", text, "按该年度的指标框架选择"));
    }
}

fn check_indicator(indicator: &Indicator, rules: &FormRules, remarks: &mut Vec<Remark>) {
    if indicator.title.trim().is_empty() {
        remarks.push(on(indicator, "title", "indicator.title", "未填写三级指标名称", "写明考核什么"));
    }
    match indicator.level1 {
        Some(level1) => check_place(indicator, level1, rules, remarks),
        None => remarks.push(on(indicator, "level1", "indicator.level1", "未填写一级指标", "选择一级指标")),
    }
    let Some(operator) = indicator.operator else {
        remarks.push(on(
            indicator,
            "operator",
            "indicator.operator",
            "未填写计算符号",
            "选择≥、≤、＝等，或定性",
        ));
        return;
    };
    if let Err(fault) = target::check(operator, indicator.target.as_ref()) {
        remarks.push(target_remark(indicator, fault));
    }
    if operator != Operator::Qualitative && indicator.measure_unit.trim().is_empty() {
        remarks.push(on(
            indicator,
            "measure_unit",
            "indicator.unit",
            "定量指标未填写度量单位",
            "填写个、万元、%等单位",
        ));
    }
    check_direction(indicator, operator, rules, remarks);
    check_meaning(indicator, operator, rules, remarks);
}

/// A cost that must reach a minimum rewards spending: it needs ≤, ＜, ＝ or a range.
fn check_direction(indicator: &Indicator, operator: Operator, rules: &FormRules, remarks: &mut Vec<Remark>) {
    let cost = indicator.level1 == Some(Level1::Cost)
        || rules.frame.iter().any(|node| node.cost && !node.top && node.code == indicator.level2_code)
        || indicator.level2_name.contains("成本");
    if cost && matches!(operator, Operator::AtLeast | Operator::MoreThan) {
        let text = "成本指标使用了“≥”或“＞”，方向相反，等于鼓励多花钱";
        remarks.push(on(indicator, "operator", "operator.cost_direction", text, "改为“≤”或“＝”"));
    }
}

/// Numbers that cannot be, and words that cannot be measured.
fn check_meaning(indicator: &Indicator, operator: Operator, rules: &FormRules, remarks: &mut Vec<Remark>) {
    let percent = matches!(indicator.measure_unit.trim(), "%" | "％");
    let number = match &indicator.target {
        Some(Target::Number(number)) => Some(*number),
        Some(Target::Range { upper, .. }) => Some(*upper),
        _ => None,
    };
    let satisfaction = indicator.level1 == Some(Level1::Satisfaction);
    if satisfaction && percent && number.is_some_and(|number| number > Decimal::ONE_HUNDRED) {
        let text = "满意度超过100%，可能是识别时丢失了符号“≥”";
        remarks.push(on(indicator, "target_value", "value.satisfaction_range", text, "核对原表的符号和数值"));
    }
    if number.is_some_and(|number| number.is_sign_negative() && !number.is_zero()) && percent && satisfaction
    {
        remarks.push(on(indicator, "target_value", "value.satisfaction_range", "满意度低于0", "核对数值"));
    }
    let vague = rules.vague_words.iter().any(|word| indicator.title.contains(word.as_str()));
    let unexplained = indicator.description.trim().is_empty() && indicator.data_source.trim().is_empty();
    if vague && number.is_some() && unexplained {
        let text = "虚假量化：含糊的表述配了数值，却没有计算公式或数据来源";
        let remark = on(
            indicator,
            "data_source",
            "value.false_quantification",
            text,
            "写明计算公式和数据来源，或改为定性",
        );
        remarks.push(Remark { severity: Severity::Warning, ..remark });
    }
    if operator == Operator::Qualitative && indicator.scoring_standard.trim().is_empty() {
        let text = "定性指标没有评分标准，无法判断是否达成";
        let remark =
            on(indicator, "scoring_standard", "value.no_standard", text, "写明达成、部分达成、未达成的标准");
        remarks.push(Remark { severity: Severity::Warning, ..remark });
    }
}

fn target_remark(indicator: &Indicator, fault: TargetFault) -> Remark {
    let (rule, text, proposal) = match fault {
        TargetFault::Missing => {
            ("value.missing", "未填写指标值（“*”“/”不是指标值）", "填写指标值；确为零的填0")
        }
        TargetFault::NeedsNumber => {
            ("value.needs_number", "定量指标的指标值不是数字", "填写数字，或把符号改为定性")
        }
        TargetFault::NeedsRange => ("value.needs_range", "区间指标需要上下限", "填写下限和上限"),
        TargetFault::NeedsText => {
            ("value.needs_text", "定性指标的指标值应为文字", "填写文字，或选择≥、≤、＝等符号")
        }
        TargetFault::RangeReversed => ("value.range_reversed", "区间下限大于上限", "核对上下限"),
    };
    on(indicator, "target_value", rule, text, proposal)
}

fn weight_remark(fault: WeightFault) -> Remark {
    match fault {
        WeightFault::TotalNotAllowed { declared } => error(
            "declared_weight_total",
            "weights.total",
            &format!("权重总分{declared}不在规则允许的范围内"),
            "按规定的总分填写",
        ),
        WeightFault::Missing { indicator } => Remark {
            indicator_id: indicator,
            ..error("indicators.weight", "weights.missing", "未填写权重", "填写权重")
        },
        WeightFault::OutOfBounds { indicator, weight } => Remark {
            indicator_id: indicator,
            ..error(
                "indicators.weight",
                "weights.bounds",
                &format!("权重{weight}超出范围"),
                "权重应大于0且不超过总分",
            )
        },
        WeightFault::Sum { goal: 0, expected, actual } => error(
            "indicators.weight",
            "weights.sum",
            &format!("权重合计{actual}，应为{expected}"),
            "调整权重，使合计与总分完全一致",
        ),
        WeightFault::Sum { goal, expected, actual } => error(
            "indicators.weight",
            "weights.goal_sum",
            &format!("年度绩效目标{goal}下的权重合计{actual}，应为{expected}"),
            "使合计与该目标的权重一致",
        ),
        WeightFault::UnknownGoal { indicator } => Remark {
            indicator_id: indicator,
            ..error(
                "indicators.goal_number",
                "weights.goal",
                "指标没有对应的年度绩效目标",
                "选择所属的年度绩效目标",
            )
        },
    }
}

fn error(field: &str, rule: &str, text: &str, proposal: &str) -> Remark {
    Remark {
        field: field.to_owned(),
        indicator_id: String::new(),
        severity: Severity::Error,
        text: text.to_owned(),
        proposal: proposal.to_owned(),
        item_code: String::new(),
        rule: rule.to_owned(),
    }
}

fn on(indicator: &Indicator, field: &str, rule: &str, text: &str, proposal: &str) -> Remark {
    Remark {
        indicator_id: indicator.id.clone(),
        ..error(&format!("indicators.{field}"), rule, text, proposal)
    }
}
