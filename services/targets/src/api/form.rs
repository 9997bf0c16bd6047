//! Forms between the contract and the domain.

use std::str::FromStr;

use wenxiao_contract::google::r#type as google;
use wenxiao_contract::wenxiao::common::v1 as common;
use wenxiao_contract::wenxiao::targets::v1 as wire;
use wenxiao_contract::wenxiao::targets::v1::target_value::Value;
use wenxiao_kernel::Money;
use wenxiao_platform::convert::{self, Fields, enum_name, enum_word};

use crate::domain::form::{
    AnnualFunding, DepartmentProfile, DutyTask, Form, Indicator, Level1, Nature, Period, Printed, Remark,
    Severity, WeightedGoal, WholeLifeFunding,
};
use crate::domain::remark::OpenRemark;
use crate::domain::target::{self, Target};

/// Reads the parts of one message and knows where in the request they stand.
struct At<'f> {
    fields: &'f mut Fields,
    path: String,
}

impl At<'_> {
    fn below(&mut self, name: &str) -> At<'_> {
        At { path: format!("{}.{name}", self.path), fields: self.fields }
    }

    fn item(&mut self, name: &str, index: usize) -> At<'_> {
        At { path: format!("{}.{name}[{index}]", self.path), fields: self.fields }
    }

    fn field(&self, name: &str) -> String {
        format!("{}.{name}", self.path)
    }

    fn money(&mut self, name: &str, amount: Option<&google::Money>) -> Option<Money> {
        let field = self.field(name);
        self.fields.optional_money(&field, amount)
    }

    fn printed(&mut self, name: &str, amount: Option<&common::PrintedAmount>) -> Option<Printed> {
        let field = self.field(name);
        let read = self.fields.printed_amount(&field, amount)?;
        Some(Printed { amount: read, text: amount.map(|amount| amount.text.clone()).unwrap_or_default() })
    }
}

/// The form that a request holds at `path`; everything that is wrong with it goes to `fields`.
pub fn read(fields: &mut Fields, path: &str, content: &wire::ObjectiveContent) -> Form {
    let mut at = At { fields, path: path.to_owned() };
    let goals = content.weighted_goals.iter().enumerate();
    let weighted_goals = goals.map(|(n, goal)| read_goal(&mut at.item("weighted_goals", n), goal)).collect();
    let rows = content.indicators.iter().enumerate();
    let indicators = rows.map(|(n, row)| read_indicator(&mut at.item("indicators", n), row)).collect();
    let whole_life = content.whole_life_funding.as_ref();
    let whole_life_funding =
        whole_life.map(|funding| read_whole_life(&mut at.below("whole_life_funding"), funding));
    let annual = content.annual_funding.as_ref();
    let annual_funding = annual.map(|funding| read_annual(&mut at.below("annual_funding"), funding));
    let profile = content.department_profile.as_ref();
    let department_profile =
        profile.map(|profile| read_profile(&mut at.below("department_profile"), profile));
    let (start, end, total) =
        (at.field("planned_start_date"), at.field("planned_end_date"), at.field("declared_weight_total"));
    Form {
        nature: member(content.nature().as_str_name(), "PROJECT_NATURE_"),
        planned_start: at.fields.optional_date(&start, content.planned_start_date.as_ref()),
        planned_end: at.fields.optional_date(&end, content.planned_end_date.as_ref()),
        whole_life_funding,
        annual_funding,
        medium_term_goal: content.medium_term_goal.clone(),
        annual_goal: content.annual_goal.clone(),
        weighted_goals,
        frame: content.frame.clone(),
        indicators,
        declared_weight_total: at.fields.optional_decimal(&total, content.declared_weight_total.as_ref()),
        department_profile,
        filer_name: content.filer_name.clone(),
        leader_name: content.leader_name.clone(),
        phone_number: content.phone_number.clone(),
    }
}

fn read_goal(at: &mut At<'_>, goal: &wire::WeightedGoal) -> WeightedGoal {
    let field = at.field("weight");
    let weight = at.fields.decimal(&field, goal.weight.as_ref());
    WeightedGoal { number: goal.number, text: goal.text.clone(), weight }
}

fn read_whole_life(at: &mut At<'_>, funding: &wire::WholeLifeFunding) -> WholeLifeFunding {
    let field = at.field("total_amount");
    WholeLifeFunding {
        total: at.fields.money(&field, funding.total_amount.as_ref()),
        fiscal: at.money("fiscal_amount", funding.fiscal_amount.as_ref()),
        other: at.money("other_amount", funding.other_amount.as_ref()),
        printed_total: at.printed("printed_total", funding.printed_total.as_ref()),
    }
}

fn read_annual(at: &mut At<'_>, funding: &wire::AnnualFunding) -> AnnualFunding {
    let field = at.field("total_amount");
    AnnualFunding {
        total: at.fields.money(&field, funding.total_amount.as_ref()),
        appropriation: at.money("appropriation_amount", funding.appropriation_amount.as_ref()),
        carry_over: at.money("carry_over_amount", funding.carry_over_amount.as_ref()),
        other: at.money("other_amount", funding.other_amount.as_ref()),
        printed_total: at.printed("printed_total", funding.printed_total.as_ref()),
    }
}

fn read_indicator(at: &mut At<'_>, row: &wire::Indicator) -> Indicator {
    let printed = row.target_value.as_ref().map(|value| value.printed.clone()).unwrap_or_default();
    let value = row.target_value.as_ref().and_then(|value| value.value.as_ref());
    let given = value.map(|value| read_value(at, value));
    // A form that only has the wording is read from it: sign, value and unit, never more than it says.
    let wording = if given.is_none() { target::read(&printed) } else { None };
    let stated = convert::operator_of(row.operator());
    let unit_of_wording = wording.as_ref().map(|wording| wording.unit.clone()).unwrap_or_default();
    let measure_unit = if row.measure_unit.is_empty() { unit_of_wording } else { row.measure_unit.clone() };
    let weight = at.field("weight");
    Indicator {
        id: row.indicator_id.clone(),
        level1: member(row.level1().as_str_name(), "INDICATOR_LEVEL1_"),
        level2_code: row.level2_code.clone(),
        level2_name: row.level2_name.clone(),
        title: row.title.clone(),
        library_indicator: row.library_indicator.clone(),
        period: member(row.period().as_str_name(), "INDICATOR_PERIOD_").unwrap_or(Period::Annual),
        operator: stated.or(wording.as_ref().map(|wording| wording.operator)),
        printed_target: printed,
        measure_unit,
        target: given.or(wording.map(|wording| wording.target)),
        weight: at.fields.optional_decimal(&weight, row.weight.as_ref()),
        goal_number: row.goal_number,
        description: row.description.clone(),
        scoring_standard: row.scoring_standard.clone(),
        data_source: row.data_source.clone(),
        baseline: row.baseline.clone(),
        note: row.note.clone(),
    }
}

fn read_value(at: &mut At<'_>, value: &Value) -> Target {
    match value {
        Value::Number(number) => {
            let field = at.field("target_value.number");
            Target::Number(at.fields.decimal(&field, Some(number)))
        }
        Value::Range(range) => {
            let (lower, upper) = (at.field("target_value.range.lower"), at.field("target_value.range.upper"));
            Target::Range {
                lower: at.fields.decimal(&lower, range.lower.as_ref()),
                upper: at.fields.decimal(&upper, range.upper.as_ref()),
            }
        }
        Value::Text(text) => Target::Text(text.clone()),
    }
}

fn read_profile(at: &mut At<'_>, profile: &wire::DepartmentProfile) -> DepartmentProfile {
    let duties = profile.duty_tasks.iter().enumerate();
    let duty_tasks = duties.map(|(n, duty)| read_duty(&mut at.item("duty_tasks", n), duty)).collect();
    DepartmentProfile {
        functions: profile.functions.clone(),
        subordinate_units: profile.subordinate_unit_count,
        staff_posts: profile.staff_post_count,
        total_budget: at.money("total_budget", profile.total_budget.as_ref()),
        fiscal: at.money("fiscal_amount", profile.fiscal_amount.as_ref()),
        other: at.money("other_amount", profile.other_amount.as_ref()),
        basic_expenditure: at.money("basic_expenditure", profile.basic_expenditure.as_ref()),
        three_public_expenses: at
            .money("three_public_expenses_amount", profile.three_public_expenses_amount.as_ref()),
        project_expenditure: at.money("project_expenditure", profile.project_expenditure.as_ref()),
        special_fund: at.money("special_fund_amount", profile.special_fund_amount.as_ref()),
        government_fund: at.money("government_fund_amount", profile.government_fund_amount.as_ref()),
        state_capital: at.money("state_capital_amount", profile.state_capital_amount.as_ref()),
        duty_tasks,
    }
}

fn read_duty(at: &mut At<'_>, duty: &wire::DutyTask) -> DutyTask {
    DutyTask {
        title: duty.title.clone(),
        description: duty.description.clone(),
        total: at.money("total_amount", duty.total_amount.as_ref()),
        fiscal: at.money("fiscal_amount", duty.fiscal_amount.as_ref()),
        other: at.money("other_amount", duty.other_amount.as_ref()),
    }
}

/// Remarks that a person makes; what a rule found is not taken from outside.
pub fn read_remarks(remarks: &[wire::ReviewRemark]) -> Vec<Remark> {
    let remarks = remarks.iter().map(|remark| Remark {
        field: remark.field.clone(),
        indicator_id: remark.indicator_id.clone(),
        severity: member(remark.severity().as_str_name(), "REMARK_SEVERITY_").unwrap_or(Severity::Hint),
        text: remark.text.clone(),
        proposal: remark.proposal.clone(),
        item_code: remark.item_code.clone(),
        rule: String::new(),
    });
    remarks.collect()
}

/// A form as the contract has it.
pub fn write(form: &Form) -> wire::ObjectiveContent {
    let nature = form.nature.map_or("", Nature::as_str);
    wire::ObjectiveContent {
        nature: wire::ProjectNature::from_str_name(&enum_name("PROJECT_NATURE_", nature))
            .unwrap_or_default()
            .into(),
        planned_start_date: form.planned_start.map(convert::date),
        planned_end_date: form.planned_end.map(convert::date),
        whole_life_funding: form.whole_life_funding.as_ref().map(|funding| wire::WholeLifeFunding {
            total_amount: Some(convert::money(funding.total)),
            fiscal_amount: funding.fiscal.map(convert::money),
            other_amount: funding.other.map(convert::money),
            printed_total: funding.printed_total.as_ref().map(write_printed),
        }),
        annual_funding: form.annual_funding.as_ref().map(|funding| wire::AnnualFunding {
            total_amount: Some(convert::money(funding.total)),
            appropriation_amount: funding.appropriation.map(convert::money),
            carry_over_amount: funding.carry_over.map(convert::money),
            other_amount: funding.other.map(convert::money),
            printed_total: funding.printed_total.as_ref().map(write_printed),
        }),
        medium_term_goal: form.medium_term_goal.clone(),
        annual_goal: form.annual_goal.clone(),
        weighted_goals: form.weighted_goals.iter().map(write_goal).collect(),
        frame: form.frame.clone(),
        indicators: form.indicators.iter().map(write_indicator).collect(),
        declared_weight_total: form.declared_weight_total.map(convert::decimal),
        department_profile: form.department_profile.as_ref().map(write_profile),
        filer_name: form.filer_name.clone(),
        leader_name: form.leader_name.clone(),
        phone_number: form.phone_number.clone(),
    }
}

fn write_goal(goal: &WeightedGoal) -> wire::WeightedGoal {
    wire::WeightedGoal {
        number: goal.number,
        text: goal.text.clone(),
        weight: Some(convert::decimal(goal.weight)),
    }
}

fn write_printed(printed: &Printed) -> common::PrintedAmount {
    let wire = convert::printed_amount(printed.amount);
    let text = if printed.text.is_empty() { wire.text } else { printed.text.clone() };
    common::PrintedAmount { text, ..wire }
}

fn write_indicator(indicator: &Indicator) -> wire::Indicator {
    let level1 = indicator.level1.map_or("", Level1::as_str);
    let period = enum_name("INDICATOR_PERIOD_", indicator.period.as_str());
    wire::Indicator {
        indicator_id: indicator.id.clone(),
        level1: wire::IndicatorLevel1::from_str_name(&enum_name("INDICATOR_LEVEL1_", level1))
            .unwrap_or_default()
            .into(),
        level2_code: indicator.level2_code.clone(),
        level2_name: indicator.level2_name.clone(),
        title: indicator.title.clone(),
        library_indicator: indicator.library_indicator.clone(),
        period: wire::IndicatorPeriod::from_str_name(&period).unwrap_or_default().into(),
        operator: indicator.operator.map(convert::operator).unwrap_or_default().into(),
        target_value: write_target(indicator),
        measure_unit: indicator.measure_unit.clone(),
        weight: indicator.weight.map(convert::decimal),
        goal_number: indicator.goal_number,
        description: indicator.description.clone(),
        scoring_standard: indicator.scoring_standard.clone(),
        data_source: indicator.data_source.clone(),
        baseline: indicator.baseline.clone(),
        note: indicator.note.clone(),
    }
}

fn write_target(indicator: &Indicator) -> Option<wire::TargetValue> {
    let value = indicator.target.as_ref().map(|target| match target {
        Target::Number(number) => Value::Number(convert::decimal(*number)),
        Target::Range { lower, upper } => Value::Range(wire::TargetRange {
            lower: Some(convert::decimal(*lower)),
            upper: Some(convert::decimal(*upper)),
        }),
        Target::Text(text) => Value::Text(text.clone()),
    });
    let said = value.is_some() || !indicator.printed_target.is_empty();
    said.then(|| wire::TargetValue { value, printed: indicator.printed_target.clone() })
}

fn write_profile(profile: &DepartmentProfile) -> wire::DepartmentProfile {
    wire::DepartmentProfile {
        functions: profile.functions.clone(),
        subordinate_unit_count: profile.subordinate_units,
        staff_post_count: profile.staff_posts,
        total_budget: profile.total_budget.map(convert::money),
        fiscal_amount: profile.fiscal.map(convert::money),
        other_amount: profile.other.map(convert::money),
        basic_expenditure: profile.basic_expenditure.map(convert::money),
        three_public_expenses_amount: profile.three_public_expenses.map(convert::money),
        project_expenditure: profile.project_expenditure.map(convert::money),
        special_fund_amount: profile.special_fund.map(convert::money),
        government_fund_amount: profile.government_fund.map(convert::money),
        state_capital_amount: profile.state_capital.map(convert::money),
        duty_tasks: profile.duty_tasks.iter().map(write_duty).collect(),
    }
}

fn write_duty(duty: &DutyTask) -> wire::DutyTask {
    wire::DutyTask {
        title: duty.title.clone(),
        description: duty.description.clone(),
        total_amount: duty.total.map(convert::money),
        fiscal_amount: duty.fiscal.map(convert::money),
        other_amount: duty.other.map(convert::money),
    }
}

/// Remarks as the contract has them.
pub fn write_remarks(remarks: &[Remark]) -> Vec<wire::ReviewRemark> {
    remarks.iter().map(write_remark).collect()
}

/// Remarks that are open, with who raised them when.
pub fn write_open_remarks(remarks: &[OpenRemark]) -> Vec<wire::ReviewRemark> {
    let open = remarks.iter().map(|open| wire::ReviewRemark {
        remark_id: open.id.clone(),
        desk: wire::ReviewDesk::from_str_name(&enum_name("REVIEW_DESK_", open.desk.as_str()))
            .unwrap_or_default()
            .into(),
        round: open.round,
        author: open.author.clone(),
        raise_time: Some(convert::timestamp(open.time)),
        answer: open.answer.clone(),
        ..write_remark(&open.remark)
    });
    open.collect()
}

fn write_remark(remark: &Remark) -> wire::ReviewRemark {
    let severity = enum_name("REMARK_SEVERITY_", remark.severity.as_str());
    wire::ReviewRemark {
        field: remark.field.clone(),
        indicator_id: remark.indicator_id.clone(),
        severity: wire::RemarkSeverity::from_str_name(&severity).unwrap_or_default().into(),
        text: remark.text.clone(),
        proposal: remark.proposal.clone(),
        item_code: remark.item_code.clone(),
        rule: remark.rule.clone(),
        ..Default::default()
    }
}

/// The member of a domain vocabulary that a contract enum's value means; `None` for the unspecified one.
pub fn member<T: FromStr>(value: &str, prefix: &str) -> Option<T> {
    enum_word(value, prefix).and_then(|word| word.parse().ok())
}
