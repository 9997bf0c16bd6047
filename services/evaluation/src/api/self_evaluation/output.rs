//! The form as the contract has it.

use wenxiao_contract::wenxiao::common::v1 as common;
use wenxiao_contract::wenxiao::evaluation::v1 as pb;
use wenxiao_platform::convert;

use super::super::wire::{self, enum_value};
use crate::domain::scoring::indicator::Actual;
use crate::domain::scoring::suspicion::Signal;
use crate::domain::self_evaluation::{
    Form, FundRow, FundTotal, InForce, Indicator, Recheck, RecheckItem, ReviewMark, ScoredIndicator,
    SelfEvaluation, Sheet,
};
use crate::store::self_evaluation::Row;

/// A stored form.
pub(super) fn message(row: &Row) -> pb::SelfEvaluation {
    let evaluation: &SelfEvaluation = &row.body;
    let (form, sheet) = (&evaluation.form, &evaluation.sheet);
    pb::SelfEvaluation {
        name: format!("districts/{}/selfEvaluations/{}", row.district, row.id),
        task: evaluation.task.clone(),
        object: Some(wire::object(&evaluation.object)),
        objective: evaluation.objective.clone(),
        evaluated_year: evaluation.evaluated_year,
        work_year: evaluation.work_year,
        objective_amount: Some(convert::money(evaluation.objective_amount)),
        planned_goal: form.planned_goal.clone(),
        achieved_goal: form.achieved_goal.clone(),
        fund_rows: form.fund_rows.iter().map(fund_row).collect(),
        fund_total: Some(fund_total(&sheet.fund)),
        execution_points: Some(convert::decimal(sheet.fund.points)),
        task_finished: form.task_finished,
        execution_reason: form.execution_reason.clone(),
        indicators: indicators(form, sheet),
        self_score: wire::decimal(sheet.totals.self_score),
        self_grade: wire::grade(sheet.totals.self_grade),
        computed_score: wire::decimal(sheet.totals.computed_score),
        conclusion: form.conclusion.clone(),
        problems: form.problems.clone(),
        improvements: form.improvements.clone(),
        report_sections: wire::sections(&form.report_sections),
        attachments: wire::attachments(&form.attachments),
        project_leader: form.project_leader.clone(),
        finance_leader: form.finance_leader.clone(),
        assisting_engagement: form.assisting_engagement.clone(),
        review_marks: evaluation.review_marks.iter().map(review_mark).collect(),
        rechecks: evaluation.rechecks.iter().map(recheck).collect(),
        suspicion_signals: sheet.signals.iter().map(signal).collect(),
        submit_time: evaluation.submit_time.and_then(wire::time),
        rule_set: evaluation.rule_set.clone(),
        state: enum_value!(pb::self_evaluation::State, "STATE_", evaluation.state.as_str()),
        submission_count: evaluation.submission_count,
        create_time: wire::time(row.create_time),
        update_time: wire::time(row.update_time),
        version: row.version,
        etag: row.etag(),
        objective_in_force: evaluation.objective_version.map(|of| in_force(&evaluation.objective, of)),
    }
}

fn in_force(objective: &str, of: InForce) -> pb::ObjectiveInForce {
    pb::ObjectiveInForce {
        objective_version: format!("{objective}/versions/{}", of.number),
        number: of.number,
        ratify_time: wire::time(of.ratify_time),
        ratified_late: of.late,
    }
}

/// A form's score, part by part.
pub(super) fn score_sheet(form: &Form, sheet: &Sheet, consistent: bool) -> pb::ScoreSheet {
    pb::ScoreSheet {
        fund_total: Some(fund_total(&sheet.fund)),
        indicators: indicators(form, sheet),
        self_score: wire::decimal(sheet.totals.self_score),
        computed_score: wire::decimal(sheet.totals.computed_score),
        self_grade: wire::grade(sheet.totals.self_grade),
        total_points: Some(convert::decimal(sheet.totals.points)),
        suspicion_signals: sheet.signals.iter().map(signal).collect(),
        consistent,
        explanation: Some(convert::explanation(&sheet.totals.explanation)),
    }
}

fn fund_row(row: &FundRow) -> pb::FundRow {
    let adjusted = row.adjusted();
    let rate = adjusted
        .and_then(|budget| wenxiao_kernel::rounding::percentage(row.executed.yuan(), budget.yuan(), 2));
    pb::FundRow {
        source: enum_value!(pb::fund_row::Source, "SOURCE_", row.source.as_str()),
        initial_amount: Some(convert::money(row.initial)),
        adjustment_amount: Some(convert::money(row.adjustment)),
        adjusted_amount: wire::money(adjusted),
        executed_amount: Some(convert::money(row.executed)),
        execution_rate: wire::decimal(rate),
        reason: row.reason.clone(),
    }
}

fn fund_total(fund: &FundTotal) -> pb::FundTotal {
    pb::FundTotal {
        initial_amount: Some(convert::money(fund.initial)),
        adjusted_amount: Some(convert::money(fund.adjusted)),
        executed_amount: Some(convert::money(fund.executed)),
        execution_rate: wire::decimal(fund.rate),
        points: Some(convert::decimal(fund.points)),
        score: wire::decimal(fund.score),
        explanation: Some(convert::explanation(&fund.explanation)),
    }
}

fn indicators(form: &Form, sheet: &Sheet) -> Vec<pb::SelfEvaluationIndicator> {
    form.indicators.iter().zip(&sheet.indicators).map(|(item, scored)| indicator(item, scored)).collect()
}

fn indicator(item: &Indicator, scored: &ScoredIndicator) -> pb::SelfEvaluationIndicator {
    pb::SelfEvaluationIndicator {
        indicator_id: item.id.clone(),
        level1: item.level1.clone(),
        level2: item.level2.clone(),
        level3: item.level3.clone(),
        operator: item.operator.map_or(common::IndicatorOperator::Unspecified, convert::operator).into(),
        target_value: wire::decimal(item.target),
        target_upper_value: wire::decimal(item.upper),
        target_text: item.target_text.clone(),
        measure_unit: item.unit.clone(),
        method: enum_value!(pb::self_evaluation_indicator::Method, "METHOD_", item.scored_by().as_str()),
        weight: Some(convert::decimal(item.weight)),
        actual: actual(item.actual, &item.actual_text),
        unit_score: wire::decimal(item.unit_score),
        computed_score: wire::decimal(scored.score),
        explanation: Some(convert::explanation(&scored.explanation)),
        deviation_reason: item.deviation_reason.clone(),
        evidence_sha256: item.evidence.clone(),
    }
}

fn actual(value: Option<Actual>, text: &str) -> Option<pb::ActualValue> {
    use pb::actual_value::Value;
    if value.is_none() && text.is_empty() {
        return None;
    }
    let value = value.map(|value| match value {
        Actual::Number(number) => Value::Number(convert::decimal(number)),
        Actual::Level(level) => Value::Level(enum_value!(pb::actual_value::Level, "LEVEL_", level.as_str())),
        Actual::Done(done) => Value::Done(done),
        Actual::NotApplicable => Value::NotApplicable(true),
    });
    Some(pb::ActualValue { text: text.to_owned(), value })
}

fn review_mark(mark: &ReviewMark) -> pb::ReviewMark {
    pb::ReviewMark {
        stage: enum_value!(pb::review_mark::Stage, "STAGE_", mark.stage.as_str()),
        score: wire::decimal(mark.score),
        grade: wire::grade(mark.grade),
        opinion: mark.opinion.clone(),
        returned: mark.returned,
        reviewer: mark.reviewer.clone(),
        review_time: wire::time(mark.review_time),
        form_version: mark.form_version,
    }
}

fn recheck(recheck: &Recheck) -> pb::Recheck {
    pb::Recheck {
        number: recheck.number,
        checker: recheck.checker.clone(),
        check_time: wire::time(recheck.check_time),
        items: recheck.items.iter().map(recheck_item).collect(),
        total_score: Some(convert::decimal(recheck.total_score)),
        grade: convert::grade(recheck.grade).into(),
        deviation: Some(convert::decimal(recheck.deviation)),
        form_version: recheck.form_version,
        opinion: recheck.opinion.clone(),
    }
}

fn recheck_item(item: &RecheckItem) -> pb::RecheckItem {
    pb::RecheckItem {
        indicator_id: item.indicator_id.clone(),
        actual: actual(item.actual, &item.actual_text),
        score: Some(convert::decimal(item.score)),
        rule: item.rule.clone(),
        remark: item.remark.clone(),
    }
}

fn signal(signal: &Signal) -> pb::SuspicionSignal {
    pb::SuspicionSignal {
        kind: enum_value!(pb::suspicion_signal::Kind, "KIND_", signal.kind.as_str()),
        level: enum_value!(pb::suspicion_signal::Level, "LEVEL_", signal.level.as_str()),
        indicator_id: signal.indicator_id.clone(),
        explanation: Some(convert::explanation(&signal.explanation)),
    }
}
