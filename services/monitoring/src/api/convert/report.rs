//! Reports, revisions and opinions.

use wenxiao_contract::wenxiao::monitoring::v1 as wire;
use wenxiao_platform::convert::{self, Fields};

use super::round::{key_criterion, monitored_kind};
use super::{account, fraction, light, member};
use crate::api::names::Names;
use crate::domain::execution::Basis;
use crate::domain::form::{Entry, Funding, FundingEntry, Likelihood, Remark, Row, RowEntry};
use crate::domain::light::QualitativeLevel;
use crate::domain::report::{Conclusion, Report, ReportState};
use crate::store::revision::{Opinion, Revision};

/// A report.
pub fn report(names: Names, report: &Report) -> wire::MonitoringReport {
    wire::MonitoringReport {
        name: names.report(&report.round, &report.id),
        monitored_kind: monitored_kind(report.kind),
        monitored_object: names.monitored(report.kind, &report.id),
        title: report.title.clone(),
        unit: names.unit(&report.unit),
        department: names.unit(&report.department),
        fiscal_year: report.fiscal_year.as_i32(),
        end_month: i32::try_from(report.end_month).unwrap_or_default(),
        budget_account: account(report.traits.account),
        objective: names.objective(&report.objective),
        objective_version: report.objective_version,
        objective_text: report.objective_text.clone(),
        fundings: report.fundings.iter().map(funding).collect(),
        execution_rate: fraction(report.amounts().rate(Basis::Adjusted)),
        expected_execution_rate: fraction(report.expected_rate()),
        indicators: report.rows.iter().map(row).collect(),
        execution_light: light(report.lights.execution),
        objective_light: light(report.lights.objective),
        light: light(report.lights.overall),
        forecast_light: light(report.lights.forecast),
        schedule: fraction(report.schedule.value()),
        explanation: Some(convert::explanation(&report.lights.explanation)),
        state: state(report.state),
        revision_count: report.revision_count,
        submit_time: report.submit_time.map(convert::timestamp),
        late: report.late,
        return_reason: report.return_reason.clone(),
        remarks: report.remarks.iter().map(remark).collect(),
        conclusion: conclusion(report.conclusion),
        rectification_required: report.conclusion == Some(Conclusion::Rectify),
        rectification_advice: report.rectification_advice.clone(),
        rectification_conclusion: report.rectification_conclusion.clone(),
        accept_time: report.accept_time.map(convert::timestamp),
        institution: names.institution(&report.institution),
        filler: report.filler.clone(),
        telephone: report.telephone.clone(),
        create_time: Some(convert::timestamp(report.create_time)),
        update_time: Some(convert::timestamp(report.update_time)),
        etag: report.version.to_string(),
        duty_fulfilled: report.duty_fulfilled,
        divergence_light: light(report.lights.divergence),
        audit_light: light(report.lights.audit),
        idle_money_light: light(report.lights.idle_money),
        physical_progress: report.physical_progress.and_then(fraction),
        key_criteria: report.key_criteria.iter().map(|one| key_criterion(*one)).collect(),
        forecast_amount: report.forecast.map(convert::money),
    }
}

fn funding(funding: &Funding) -> wire::ReportFunding {
    let amounts = &funding.line.amounts;
    wire::ReportFunding {
        funding_source: funding.line.funding_source,
        budget_account: account(Some(funding.line.account)),
        initial_amount: Some(convert::money(amounts.initial)),
        increase_amount: Some(convert::money(amounts.increase)),
        reduction_amount: Some(convert::money(amounts.reduction)),
        adjusted_amount: Some(convert::money(amounts.adjusted())),
        executed_amount: Some(convert::money(amounts.executed)),
        expected_amount: funding.expected.map(convert::money),
    }
}

fn row(row: &Row) -> wire::ReportIndicator {
    let [level1, level2, level3] = &row.levels;
    let likelihood = match row.likelihood {
        None => wire::Likelihood::Unspecified,
        Some(Likelihood::Certain) => wire::Likelihood::Certain,
        Some(Likelihood::Possible) => wire::Likelihood::Possible,
        Some(Likelihood::Impossible) => wire::Likelihood::Impossible,
    };
    wire::ReportIndicator {
        indicator: row.indicator.clone(),
        level1_name: level1.clone(),
        level2_name: level2.clone(),
        level3_name: level3.clone(),
        level3_code: row.code.clone(),
        operator: convert::operator(row.target.operator).into(),
        target_text: row.target_text.clone(),
        target_value: row.target.value.map(convert::decimal),
        target_upper_value: row.target.upper.map(convert::decimal),
        measure_unit: row.target.measure_unit.clone(),
        achieved_text: row.achieved_text.clone(),
        achieved_value: row.achieved_value.map(convert::decimal),
        achieved_level: level(row.achieved_level),
        expected_text: row.expected_text.clone(),
        expected_value: row.expected_value.map(convert::decimal),
        deviation_reasons: row.deviation_reasons.clone(),
        deviation_text: row.deviation_text.clone(),
        likelihood: likelihood.into(),
        corrective_action: row.corrective_action.clone(),
        light: light(row.light),
        explanation: Some(convert::explanation(&row.explanation)),
        forecast_light: light(row.forecast_light),
        expected_level: level(row.expected_level),
        last_end_month: row.last.as_ref().map_or(0, |last| i32::try_from(last.end_month).unwrap_or_default()),
        last_achieved_text: row.last.as_ref().map_or_else(String::new, |last| last.achieved_text.clone()),
        last_achieved_value: row.last.as_ref().and_then(|last| last.achieved_value).map(convert::decimal),
    }
}

fn level(level: Option<QualitativeLevel>) -> i32 {
    let level = match level {
        None => wire::QualitativeLevel::Unspecified,
        Some(QualitativeLevel::Achieved) => wire::QualitativeLevel::Achieved,
        Some(QualitativeLevel::Partly) => wire::QualitativeLevel::Partly,
        Some(QualitativeLevel::Missed) => wire::QualitativeLevel::Missed,
    };
    level.into()
}

fn state(state: ReportState) -> i32 {
    let state = match state {
        ReportState::Draft => wire::monitoring_report::State::Draft,
        ReportState::Submitted => wire::monitoring_report::State::Submitted,
        ReportState::Endorsed => wire::monitoring_report::State::Endorsed,
        ReportState::Returned => wire::monitoring_report::State::Returned,
        ReportState::Accepted => wire::monitoring_report::State::Accepted,
    };
    state.into()
}

/// The state that a filter asks for.
pub fn state_of(state: wire::monitoring_report::State) -> Option<ReportState> {
    member(state.as_str_name(), "STATE_")
}

fn conclusion(conclusion: Option<Conclusion>) -> i32 {
    let conclusion = match conclusion {
        None => wire::ReportConclusion::Unspecified,
        Some(Conclusion::Normal) => wire::ReportConclusion::Normal,
        Some(Conclusion::AdjustObjective) => wire::ReportConclusion::AdjustObjective,
        Some(Conclusion::Rectify) => wire::ReportConclusion::Rectify,
    };
    conclusion.into()
}

/// The conclusion that a request gives; the contract lets none be missing.
pub fn conclusion_of(conclusion: wire::ReportConclusion) -> Conclusion {
    member(conclusion.as_str_name(), "REPORT_CONCLUSION_").unwrap_or(Conclusion::Normal)
}

fn remark(remark: &Remark) -> wire::ReportRemark {
    let severity =
        if remark.must { wire::report_remark::Severity::Must } else { wire::report_remark::Severity::Advice };
    wire::ReportRemark {
        indicator: remark.indicator.clone(),
        field: remark.field.clone(),
        severity: severity.into(),
        problem: remark.problem.clone(),
        proposal: remark.proposal.clone(),
    }
}

/// Remarks as they came in.
pub fn remarks_of(remarks: &[wire::ReportRemark]) -> Vec<Remark> {
    let read = |remark: &wire::ReportRemark| Remark {
        indicator: remark.indicator.clone(),
        field: remark.field.clone(),
        must: remark.severity() != wire::report_remark::Severity::Advice,
        problem: remark.problem.clone(),
        proposal: remark.proposal.clone(),
    };
    remarks.iter().map(read).collect()
}

/// What a unit filled in, as far as it `means` the field.
pub fn entry(
    report: &wire::MonitoringReport,
    means: impl Fn(&str) -> bool,
) -> wenxiao_platform::Result<Entry> {
    let mut fields = Fields::default();
    let rows = means("indicators").then(|| {
        let rows = report.indicators.iter();
        rows.map(|row| (row.indicator.clone(), row_entry(&mut fields, row))).collect()
    });
    let fundings = means("fundings")
        .then(|| report.fundings.iter().map(|line| funding_entry(&mut fields, line)).collect());
    fields.check()?;
    Ok(Entry {
        rows,
        fundings,
        filler: means("filler").then(|| report.filler.clone()),
        telephone: means("telephone").then(|| report.telephone.clone()),
        duty_fulfilled: means("duty_fulfilled").then_some(report.duty_fulfilled),
    })
}

fn funding_entry(fields: &mut Fields, line: &wire::ReportFunding) -> FundingEntry {
    let account = convert::account_of(line.budget_account());
    let mut entry = FundingEntry { account, funding_source: line.funding_source, expected: None };
    let field = format!("{}.expected_amount", entry.field());
    entry.expected = fields.optional_money(&field, line.expected_amount.as_ref());
    entry
}

fn row_entry(fields: &mut Fields, row: &wire::ReportIndicator) -> RowEntry {
    let field = |name: &str| format!("report.indicators[{}].{name}", row.indicator);
    RowEntry {
        achieved_text: row.achieved_text.clone(),
        achieved_value: fields.optional_decimal(&field("achieved_value"), row.achieved_value.as_ref()),
        achieved_level: member(row.achieved_level().as_str_name(), "QUALITATIVE_LEVEL_"),
        expected_text: row.expected_text.clone(),
        expected_value: fields.optional_decimal(&field("expected_value"), row.expected_value.as_ref()),
        expected_level: member(row.expected_level().as_str_name(), "QUALITATIVE_LEVEL_"),
        deviation_reasons: row.deviation_reasons.clone(),
        deviation_text: row.deviation_text.clone(),
        likelihood: member(row.likelihood().as_str_name(), "LIKELIHOOD_"),
        corrective_action: row.corrective_action.clone(),
    }
}

/// A revision.
pub fn revision(names: Names, parent: &str, revision: &Revision) -> wire::ReportRevision {
    wire::ReportRevision {
        name: format!("{parent}/revisions/{}", revision.number),
        report: Some(report(names, &revision.report)),
        content_hash: revision.content_hash.clone(),
        submitter: revision.submitter.clone(),
        submit_time: Some(convert::timestamp(revision.submit_time)),
        return_reason: revision.return_reason.clone(),
        remarks: revision.remarks.iter().map(remark).collect(),
        returner: revision.returner.clone(),
        return_time: revision.return_time.map(convert::timestamp),
    }
}

/// An opinion.
pub fn opinion(names: Names, parent: &str, opinion: &Opinion) -> wire::ReportOpinion {
    let verdict = if opinion.passed {
        wire::report_opinion::Verdict::Pass
    } else {
        wire::report_opinion::Verdict::Fail
    };
    wire::ReportOpinion {
        name: format!("{parent}/opinions/{}", opinion.id),
        revision: opinion.revision,
        content_hash: opinion.content_hash.clone(),
        institution: names.institution(&opinion.institution),
        author: opinion.author.clone(),
        verdict: verdict.into(),
        problem: opinion.problem.clone(),
        advice: opinion.advice.clone(),
        remarks: opinion.remarks.iter().map(remark).collect(),
        create_time: Some(convert::timestamp(opinion.create_time)),
    }
}
