//! Alerts, measures, candidates, progress and coverage.

use wenxiao_contract::wenxiao::monitoring::v1 as wire;
use wenxiao_platform::convert;

use super::execution::{Described, basis, execution};
use super::{account, fraction, light, light_counts, member};
use crate::api::names::Names;
use crate::domain::alert::{Alert, AlertState, Choice};
use crate::domain::coverage::{Coverage, CoverageOfYear, LightCounts, explain};
use crate::domain::execution::{Amounts, Basis};
use crate::domain::light::Judged;
use crate::domain::measure::{Measure, MeasureKind, MeasureState};
use crate::domain::schedule::Share;
use crate::domain::statistics::Statistics;
use crate::store::measure::Candidate;

/// An alert.
pub fn alert(names: Names, alert: &Alert) -> wire::Alert {
    let kind = convert::enum_name("KIND_", alert.kind.as_str());
    let state = convert::enum_name("STATE_", alert.state.as_str());
    let choice = alert.choice.map_or(String::new(), |choice| convert::enum_name("CHOICE_", choice.as_str()));
    wire::Alert {
        name: names.alert(&alert.id),
        kind: wire::alert::Kind::from_str_name(&kind).unwrap_or_default().into(),
        light: light(Some(alert.light)),
        subject: names.subject(&alert.subject),
        title: alert.title.clone(),
        unit: names.unit(&alert.unit),
        department: names.unit(&alert.department),
        fiscal_year: alert.fiscal_year.as_i32(),
        monitoring_round: names.round(&alert.round),
        report: names.report(&alert.round, &alert.report),
        indicator: alert.indicator.clone(),
        explanation: Some(convert::explanation(&alert.explanation)),
        state: wire::alert::State::from_str_name(&state).unwrap_or_default().into(),
        deadline_date: alert.deadline.map(convert::date),
        choice: wire::alert::Choice::from_str_name(&choice).unwrap_or_default().into(),
        answer: alert.answer.clone(),
        answer_time: alert.answer_time.map(convert::timestamp),
        close_reason: alert.close_reason.clone(),
        close_time: alert.close_time.map(convert::timestamp),
        create_time: Some(convert::timestamp(alert.create_time)),
        update_time: Some(convert::timestamp(alert.update_time)),
        etag: alert.version.to_string(),
        unanswered_measure: names.measure(&alert.unanswered_measure),
    }
}

/// The alert state that a filter asks for.
pub fn alert_state_of(state: wire::alert::State) -> Option<AlertState> {
    member(state.as_str_name(), "STATE_")
}

/// What a unit chooses; the contract lets none be missing.
pub fn choice_of(choice: wire::alert::Choice) -> Choice {
    member(choice.as_str_name(), "CHOICE_").unwrap_or(Choice::Continue)
}

/// A measure.
pub fn measure(names: Names, measure: &Measure) -> wire::Measure {
    let kind = convert::enum_name("KIND_", measure.kind.as_str());
    let state = convert::enum_name("STATE_", measure.state.as_str());
    let by_rule = !measure.origin.rule.is_empty();
    let origin = if by_rule { wire::measure::Origin::Rule } else { wire::measure::Origin::Person };
    let decision = measure.decision.as_ref();
    let enforced = decision.filter(|_| measure.state != MeasureState::Rejected);
    let lift = measure.lift.as_ref();
    wire::Measure {
        name: names.measure(&measure.id),
        kind: wire::measure::Kind::from_str_name(&kind).unwrap_or_default().into(),
        subject: names.subject(&measure.subject),
        title: measure.title.clone(),
        department: names.unit(&measure.department),
        fiscal_year: measure.fiscal_year.as_i32(),
        applies_to_year: measure.applies_to_year().as_i32(),
        amount: measure.amount.map(convert::money),
        adjust_objective: measure.adjust_objective,
        monitoring_round: measure.origin.round.clone(),
        report: measure.origin.report.clone(),
        alert: measure.origin.alert.clone(),
        propose_reason: measure.propose_reason.clone(),
        explanation: by_rule.then(|| convert::explanation(&measure.explanation)),
        origin: origin.into(),
        proposer: measure.proposer.clone(),
        state: wire::measure::State::from_str_name(&state).unwrap_or_default().into(),
        decided_amount: decision.and_then(|d| d.amount).map(convert::money),
        decide_reason: decision.map_or_else(String::new, |d| d.reason.clone()),
        decider: decision.map_or_else(String::new, |d| d.decider.clone()),
        decide_time: decision.map(|d| convert::timestamp(d.time)),
        effective_date: enforced.map(|d| convert::date(d.effective_date)),
        lift_reason: lift.map_or_else(String::new, |l| l.reason.clone()),
        lifter: lift.map_or_else(String::new, |l| l.lifter.clone()),
        lift_time: lift.map(|l| convert::timestamp(l.time)),
        create_time: Some(convert::timestamp(measure.create_time)),
        update_time: Some(convert::timestamp(measure.update_time)),
        etag: measure.version.to_string(),
    }
}

/// The kind of measure that a request names; `None` for none.
pub fn measure_kind_of(kind: wire::measure::Kind) -> Option<MeasureKind> {
    member(kind.as_str_name(), "KIND_")
}

/// The measure state that a filter asks for.
pub fn measure_state_of(state: wire::measure::State) -> Option<MeasureState> {
    member(state.as_str_name(), "STATE_")
}

/// A candidate for key evaluation.
pub fn candidate(names: Names, candidate: &Candidate) -> wire::EvaluationCandidate {
    let measure = &candidate.measure;
    wire::EvaluationCandidate {
        project: names.subject(&measure.subject),
        title: measure.title.clone(),
        department: names.unit(&measure.department),
        evaluated_year: measure.fiscal_year.as_i32(),
        work_year: measure.applies_to_year().as_i32(),
        adjusted_amount: Some(convert::money(candidate.adjusted)),
        executed_amount: Some(convert::money(candidate.executed)),
        measure: names.measure(&measure.id),
        reason: measure.decision.as_ref().map_or_else(String::new, |decision| decision.reason.clone()),
    }
}

/// A department's spending against the schedule.
pub fn department_progress(
    names: Names,
    about: &Described<'_>,
    amounts: &Amounts,
    schedule: Share,
    judged: Option<&Judged>,
    rule_set: &str,
) -> wire::DepartmentProgress {
    let gap = amounts.rate(Basis::Adjusted).checked_sub(schedule.value()).unwrap_or_default();
    let explanation = judged.map(|judged| {
        let mut explanation = judged.explanation.clone();
        rule_set.clone_into(&mut explanation.rule_set);
        convert::explanation(&explanation)
    });
    wire::DepartmentProgress {
        department: names.unit(&about.named.id),
        execution: Some(execution(names, about, amounts)),
        schedule: fraction(schedule.value()),
        below_schedule: amounts.is_below(schedule),
        gap: fraction(gap),
        light: light(judged.and_then(|judged| judged.light)),
        measures: Vec::new(),
        explanation,
    }
}

/// Coverage of a year.
pub fn monitoring_coverage(
    names: Names,
    year: i32,
    of: Basis,
    coverage: &CoverageOfYear,
) -> wire::MonitoringCoverage {
    wire::MonitoringCoverage {
        name: format!("districts/{}/monitoringCoverages/{year}", names.0),
        fiscal_year: year,
        basis: basis(of),
        accounts: coverage.accounts.iter().map(account_coverage).collect(),
        total: Some(account_coverage(&coverage.total)),
        explanation: Some(convert::explanation(&explain(coverage, of))),
    }
}

fn account_coverage(one: &Coverage) -> wire::AccountCoverage {
    wire::AccountCoverage {
        budget_account: account(one.account),
        budget_amount: Some(convert::money(one.budget)),
        monitored_amount: Some(convert::money(one.monitored)),
        rate: fraction(one.rate()),
        project_count: one.projects,
        monitored_project_count: one.monitored_projects,
        lights: Some(light_counts(&one.lights)),
    }
}

/// Lights of a year.
pub fn monitoring_statistics(names: Names, year: i32, of: &Statistics) -> wire::MonitoringStatistics {
    let line = |lights: &LightCounts| wire::MonitoringStatisticsLine {
        report_count: lights.count(),
        lights: Some(light_counts(lights)),
        ..Default::default()
    };
    let accounts = of
        .accounts
        .iter()
        .map(|(of, lights)| wire::MonitoringStatisticsLine { budget_account: account(*of), ..line(lights) });
    let departments = of
        .departments
        .iter()
        .map(|(id, lights)| wire::MonitoringStatisticsLine { department: names.unit(id), ..line(lights) });
    let months = of.months.iter().map(|(month, lights)| wire::MonitoringStatisticsLine {
        end_month: i32::try_from(*month).unwrap_or_default(),
        ..line(lights)
    });
    wire::MonitoringStatistics {
        name: format!("districts/{}/monitoringStatistics/{year}", names.0),
        fiscal_year: year,
        total: Some(light_counts(&of.total)),
        accounts: accounts.collect(),
        departments: departments.collect(),
        months: months.collect(),
    }
}
