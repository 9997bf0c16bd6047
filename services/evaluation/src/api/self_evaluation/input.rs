//! The form as the unit sends it.

use prost_types::FieldMask;
use wenxiao_contract::edits;
use wenxiao_contract::wenxiao::evaluation::v1 as pb;
use wenxiao_platform::Result;
use wenxiao_platform::convert::{self, Fields};
use wenxiao_platform::mask;

use super::super::wire;
use crate::domain::scoring::indicator::Actual;
use crate::domain::self_evaluation::{Form, FundRow, Indicator, RatifiedVersion, RecheckItem};

/// The form in a message. A weight that is left out is the one that the version of the objective says.
pub(super) fn form(asked: &pb::SelfEvaluation, version: Option<&RatifiedVersion>) -> Result<Form> {
    let mut fields = Fields::default();
    let form = Form {
        planned_goal: asked.planned_goal.clone(),
        achieved_goal: asked.achieved_goal.clone(),
        fund_rows: asked
            .fund_rows
            .iter()
            .enumerate()
            .filter_map(|(at, row)| fund_row(&mut fields, at, row))
            .collect(),
        execution_points: fields
            .optional_decimal("self_evaluation.execution_points", asked.execution_points.as_ref()),
        task_finished: asked.task_finished,
        execution_reason: asked.execution_reason.clone(),
        indicators: asked
            .indicators
            .iter()
            .enumerate()
            .map(|(at, item)| indicator(&mut fields, at, item, version))
            .collect(),
        conclusion: asked.conclusion.clone(),
        problems: asked.problems.clone(),
        improvements: asked.improvements.clone(),
        report_sections: wire::sections_of(&asked.report_sections),
        attachments: wire::attachments_of(&asked.attachments),
        project_leader: asked.project_leader.clone(),
        finance_leader: asked.finance_leader.clone(),
        assisting_engagement: asked.assisting_engagement.clone(),
    };
    fields.check()?;
    Ok(form)
}

/// The form with the fields that an update means.
pub(super) fn merged(
    before: &Form,
    asked: &pb::SelfEvaluation,
    mask: Option<&FieldMask>,
    version: Option<&RatifiedVersion>,
) -> Result<Form> {
    let updatable = [
        "planned_goal",
        "achieved_goal",
        "fund_rows",
        "execution_points",
        "task_finished",
        "execution_reason",
        "indicators",
        "conclusion",
        "problems",
        "improvements",
        "report_sections",
        "attachments",
        "project_leader",
        "finance_leader",
        "assisting_engagement",
    ];
    mask::check(mask, &updatable)?;
    let means = edits::means(asked, mask);
    let new = form(asked, version)?;
    let mut form = before.clone();
    let mut texts = [
        ("planned_goal", &mut form.planned_goal, new.planned_goal),
        ("achieved_goal", &mut form.achieved_goal, new.achieved_goal),
        ("execution_reason", &mut form.execution_reason, new.execution_reason),
        ("conclusion", &mut form.conclusion, new.conclusion),
        ("problems", &mut form.problems, new.problems),
        ("improvements", &mut form.improvements, new.improvements),
        ("project_leader", &mut form.project_leader, new.project_leader),
        ("finance_leader", &mut form.finance_leader, new.finance_leader),
        ("assisting_engagement", &mut form.assisting_engagement, new.assisting_engagement),
    ];
    for (field, old, new) in &mut texts {
        if means(field) {
            std::mem::swap(*old, new);
        }
    }
    if means("fund_rows") {
        form.fund_rows = new.fund_rows;
    }
    if means("execution_points") {
        form.execution_points = new.execution_points;
    }
    if means("task_finished") {
        form.task_finished = new.task_finished;
    }
    if means("indicators") {
        form.indicators = new.indicators;
    }
    if means("report_sections") {
        form.report_sections = new.report_sections;
    }
    if means("attachments") {
        form.attachments = new.attachments;
    }
    Ok(form)
}

fn fund_row(fields: &mut Fields, at: usize, row: &pb::FundRow) -> Option<FundRow> {
    let path = |name: &str| format!("self_evaluation.fund_rows[{at}].{name}");
    let source = wire::required(fields, &path("source"), row.source().as_str_name(), "SOURCE_");
    let initial = fields.money(&path("initial_amount"), row.initial_amount.as_ref());
    let adjustment = fields.optional_money(&path("adjustment_amount"), row.adjustment_amount.as_ref());
    let executed = fields.money(&path("executed_amount"), row.executed_amount.as_ref());
    let reason = row.reason.clone();
    Some(FundRow { source: source?, initial, adjustment: adjustment.unwrap_or_default(), executed, reason })
}

fn indicator(
    fields: &mut Fields,
    at: usize,
    item: &pb::SelfEvaluationIndicator,
    version: Option<&RatifiedVersion>,
) -> Indicator {
    let path = |name: &str| format!("self_evaluation.indicators[{at}].{name}");
    let weight = match (&item.weight, version) {
        (None, Some(version)) => version.weight_of(&item.indicator_id).unwrap_or_default(),
        (weight, _) => fields.decimal(&path("weight"), weight.as_ref()),
    };
    Indicator {
        id: item.indicator_id.clone(),
        level1: item.level1.clone(),
        level2: item.level2.clone(),
        level3: item.level3.clone(),
        operator: convert::operator_of(item.operator()),
        target: fields.optional_decimal(&path("target_value"), item.target_value.as_ref()),
        upper: fields.optional_decimal(&path("target_upper_value"), item.target_upper_value.as_ref()),
        target_text: item.target_text.clone(),
        unit: item.measure_unit.clone(),
        method: wire::word(item.method().as_str_name(), "METHOD_"),
        weight,
        actual: actual(fields, &path("actual"), item.actual.as_ref()),
        actual_text: item.actual.as_ref().map(|actual| actual.text.clone()).unwrap_or_default(),
        unit_score: fields.optional_decimal(&path("unit_score"), item.unit_score.as_ref()),
        deviation_reason: item.deviation_reason.clone(),
        evidence: item.evidence_sha256.clone(),
    }
}

/// The value that an indicator reached: none is not reported, and neither zero nor "not applicable".
fn actual(fields: &mut Fields, path: &str, value: Option<&pb::ActualValue>) -> Option<Actual> {
    use pb::actual_value::Value;
    match value?.value.as_ref()? {
        Value::Number(number) => {
            Some(Actual::Number(fields.decimal(&format!("{path}.number"), Some(number))))
        }
        Value::Level(level) => {
            let name = pb::actual_value::Level::try_from(*level).unwrap_or_default().as_str_name();
            wire::required(fields, &format!("{path}.level"), name, "LEVEL_").map(Actual::Level)
        }
        Value::Done(done) => Some(Actual::Done(*done)),
        Value::NotApplicable(true) => Some(Actual::NotApplicable),
        Value::NotApplicable(false) => None,
    }
}

/// The items of a recheck.
pub(super) fn recheck_items(items: &[pb::RecheckItem]) -> Result<Vec<RecheckItem>> {
    let mut fields = Fields::default();
    let items = items
        .iter()
        .enumerate()
        .map(|(at, item)| RecheckItem {
            indicator_id: item.indicator_id.clone(),
            actual: actual(&mut fields, &format!("items[{at}].actual"), item.actual.as_ref()),
            actual_text: item.actual.as_ref().map(|actual| actual.text.clone()).unwrap_or_default(),
            score: fields.decimal(&format!("items[{at}].score"), item.score.as_ref()),
            rule: item.rule.clone(),
            remark: item.remark.clone(),
        })
        .collect();
    fields.check()?;
    Ok(items)
}
