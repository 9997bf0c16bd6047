//! What differs between two forms, field by field (版本比较), with each value as the form prints it. Two forms without
//! a difference have the same hash, and the other way round: a property test says so.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use wenxiao_kernel::{Decimal, Money, vocabulary};

use super::form::{
    AnnualFunding, DepartmentProfile, Form, Indicator, Level1, Nature, Period, Printed, WholeLifeFunding,
};
use super::target::Target;

vocabulary! {
    /// What happened to a field (变动标志).
    ChangeMark {
        /// 新增.
        Added = "added",
        /// 修改.
        Changed = "changed",
        /// 删除.
        Removed = "removed",
    }
}

/// One difference (新旧对照).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldChange {
    /// Field of the content, such as `annual_goal` or `indicators.target_value`.
    pub field: String,
    /// Indicator that it belongs to; empty when it is none.
    pub indicator_id: String,
    /// What happened.
    pub mark: ChangeMark,
    /// Before, as printed; empty when added.
    pub old: String,
    /// After, as printed; empty when removed.
    pub new: String,
}

/// The differences in the order of the newer form, removed rows last.
pub fn compare(old: &Form, new: &Form) -> Vec<FieldChange> {
    let mut changes = differences("", &head(old), &head(new));
    let before: BTreeMap<&str, &Indicator> =
        old.indicators.iter().map(|row| (row.id.as_str(), row)).collect();
    for row in &new.indicators {
        match before.get(row.id.as_str()) {
            Some(earlier) => changes.extend(row_changes(earlier, row)),
            None => changes.push(row_change(row, ChangeMark::Added)),
        }
    }
    let kept = |row: &Indicator| new.indicators.iter().any(|other| other.id == row.id);
    let removed = old.indicators.iter().filter(|row| !kept(row));
    changes.extend(removed.map(|row| row_change(row, ChangeMark::Removed)));
    changes.extend(reordered(old, new));
    if changes.is_empty() && old != new {
        // Nothing that prints differently, such as the number 5 and the word 5.
        changes.push(FieldChange::of_whole("content"));
    }
    changes
}

impl FieldChange {
    fn of_whole(field: &str) -> Self {
        Self {
            field: field.to_owned(),
            indicator_id: String::new(),
            mark: ChangeMark::Changed,
            old: String::new(),
            new: String::new(),
        }
    }
}

fn row_changes(old: &Indicator, new: &Indicator) -> Vec<FieldChange> {
    let mut changes = differences(&new.id, &cells(old), &cells(new));
    if changes.is_empty() && old != new {
        changes.push(FieldChange { indicator_id: new.id.clone(), ..FieldChange::of_whole("indicators") });
    }
    changes
}

/// A field's name and its value; a field that says nothing has an empty one.
type Cells = Vec<(String, String)>;

fn differences(indicator_id: &str, old: &Cells, new: &Cells) -> Vec<FieldChange> {
    let value = |cells: &Cells, field: &str| {
        cells.iter().find(|(name, _)| name == field).map(|(_, value)| value.clone()).unwrap_or_default()
    };
    let only_old = old.iter().filter(|(field, _)| !new.iter().any(|(name, _)| name == field));
    let fields = new.iter().chain(only_old).map(|(field, _)| field);
    let changes = fields.filter_map(|field| {
        let (old, new) = (value(old, field), value(new, field));
        let mark = match (old.is_empty(), new.is_empty()) {
            _ if old == new => return None,
            (true, _) => ChangeMark::Added,
            (_, true) => ChangeMark::Removed,
            _ => ChangeMark::Changed,
        };
        Some(FieldChange { field: field.clone(), indicator_id: indicator_id.to_owned(), mark, old, new })
    });
    changes.collect()
}

fn row_change(row: &Indicator, mark: ChangeMark) -> FieldChange {
    let printed = cells(row).into_iter().map(|(_, value)| value).filter(|value| !value.is_empty());
    let printed = printed.collect::<Vec<_>>().join("；");
    let (old, new) =
        if mark == ChangeMark::Added { (String::new(), printed) } else { (printed, String::new()) };
    FieldChange { field: "indicators".to_owned(), indicator_id: row.id.clone(), mark, old, new }
}

/// Rows that both forms have, in another order.
fn reordered(old: &Form, new: &Form) -> Option<FieldChange> {
    let ids = |form: &Form, other: &Form| -> Vec<String> {
        let both = form.indicators.iter().filter(|row| other.indicators.iter().any(|same| same.id == row.id));
        both.map(|row| row.id.clone()).collect()
    };
    let (before, after) = (ids(old, new), ids(new, old));
    (before != after).then(|| FieldChange {
        field: "indicators".to_owned(),
        indicator_id: String::new(),
        mark: ChangeMark::Changed,
        old: before.join("、"),
        new: after.join("、"),
    })
}

/// Everything but the indicators.
fn head(form: &Form) -> Cells {
    let mut cells = Cells::new();
    put(&mut cells, "nature", form.nature.map(Nature::chinese).unwrap_or_default());
    put(&mut cells, "planned_start_date", day(form.planned_start));
    put(&mut cells, "planned_end_date", day(form.planned_end));
    whole_life(&mut cells, form.whole_life_funding.as_ref());
    annual(&mut cells, form.annual_funding.as_ref());
    put(&mut cells, "medium_term_goal", &form.medium_term_goal);
    put(&mut cells, "annual_goal", &form.annual_goal);
    for (place, goal) in form.weighted_goals.iter().enumerate() {
        let value = format!("{}. {}（{}分）", goal.number, goal.text, goal.weight);
        put(&mut cells, &format!("weighted_goals[{place}]"), value);
    }
    put(&mut cells, "frame", &form.frame);
    put(&mut cells, "declared_weight_total", number(form.declared_weight_total));
    if let Some(of) = &form.department_profile {
        profile(&mut cells, of);
    }
    put(&mut cells, "filer_name", &form.filer_name);
    put(&mut cells, "leader_name", &form.leader_name);
    put(&mut cells, "phone_number", &form.phone_number);
    cells
}

fn whole_life(cells: &mut Cells, funding: Option<&WholeLifeFunding>) {
    let Some(of) = funding else { return };
    put(cells, "whole_life_funding.total_amount", of.total.to_string());
    put(cells, "whole_life_funding.fiscal_amount", money(of.fiscal));
    put(cells, "whole_life_funding.other_amount", money(of.other));
    put(cells, "whole_life_funding.printed_total", printed(of.printed_total.as_ref()));
}

fn annual(cells: &mut Cells, funding: Option<&AnnualFunding>) {
    let Some(of) = funding else { return };
    put(cells, "annual_funding.total_amount", of.total.to_string());
    put(cells, "annual_funding.appropriation_amount", money(of.appropriation));
    put(cells, "annual_funding.carry_over_amount", money(of.carry_over));
    put(cells, "annual_funding.other_amount", money(of.other));
    put(cells, "annual_funding.printed_total", printed(of.printed_total.as_ref()));
}

fn profile(cells: &mut Cells, of: &DepartmentProfile) {
    let mut put = |field: &str, value: String| put(cells, &format!("department_profile.{field}"), value);
    put("functions", of.functions.clone());
    put("subordinate_unit_count", of.subordinate_units.to_string());
    put("staff_post_count", of.staff_posts.to_string());
    let amounts = [
        ("total_budget", of.total_budget),
        ("fiscal_amount", of.fiscal),
        ("other_amount", of.other),
        ("basic_expenditure", of.basic_expenditure),
        ("three_public_expenses_amount", of.three_public_expenses),
        ("project_expenditure", of.project_expenditure),
        ("special_fund_amount", of.special_fund),
        ("government_fund_amount", of.government_fund),
        ("state_capital_amount", of.state_capital),
    ];
    for (field, amount) in amounts {
        put(field, money(amount));
    }
    for (place, task) in of.duty_tasks.iter().enumerate() {
        let amounts = [money(task.total), money(task.fiscal), money(task.other)].join("／");
        put(&format!("duty_tasks[{place}]"), format!("{}：{}（{amounts}）", task.title, task.description));
    }
}

/// The cells of one row.
fn cells(row: &Indicator) -> Cells {
    let mut cells = Cells::new();
    let mut put = |field: &str, value: String| put(&mut cells, &format!("indicators.{field}"), value);
    put("level1", row.level1.map(Level1::chinese).unwrap_or_default().to_owned());
    put("level2_code", row.level2_code.clone());
    put("level2_name", row.level2_name.clone());
    put("title", row.title.clone());
    put("library_indicator", row.library_indicator.clone());
    put("period", period(row.period).to_owned());
    put("operator", row.operator.map(|operator| operator.as_str().to_owned()).unwrap_or_default());
    put("target_value", row.target.as_ref().map(target).unwrap_or_default());
    put("target_value.printed", row.printed_target.clone());
    put("measure_unit", row.measure_unit.clone());
    put("weight", number(row.weight));
    put("goal_number", if row.goal_number == 0 { String::new() } else { row.goal_number.to_string() });
    put("description", row.description.clone());
    put("scoring_standard", row.scoring_standard.clone());
    put("data_source", row.data_source.clone());
    put("baseline", row.baseline.clone());
    put("note", row.note.clone());
    cells
}

fn put(cells: &mut Cells, field: &str, value: impl Into<String>) {
    cells.push((field.to_owned(), value.into()));
}

fn period(of: Period) -> &'static str {
    match of {
        Period::Annual => "年度指标",
        Period::WholeLife => "中长期指标",
    }
}

fn target(of: &Target) -> String {
    match of {
        Target::Number(number) => number.to_string(),
        Target::Range { lower, upper } => format!("{lower}–{upper}"),
        Target::Text(text) => text.clone(),
    }
}

fn day(of: Option<NaiveDate>) -> String {
    of.map(|day| day.to_string()).unwrap_or_default()
}

fn money(of: Option<Money>) -> String {
    of.map(|amount| amount.to_string()).unwrap_or_default()
}

fn number(of: Option<Decimal>) -> String {
    of.map(|number| number.to_string()).unwrap_or_default()
}

fn printed(of: Option<&Printed>) -> String {
    let Some(of) = of else { return String::new() };
    if of.text.is_empty() { of.amount.to_string() } else { format!("{}（{}）", of.text, of.amount) }
}
