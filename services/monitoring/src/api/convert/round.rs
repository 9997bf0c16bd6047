//! Rounds and their statistics.

use chrono::{DateTime, Utc};
use wenxiao_contract::wenxiao::monitoring::v1 as wire;
use wenxiao_platform::convert::{self, Fields};

use super::{light, light_counts, member};
use crate::api::names::{INSTITUTION, Names, PROJECT, UNIT};
use crate::domain::round::{Assignment, KeyCriterion, MonitoredKind, Round, RoundKind, RoundState, Scope};
use crate::store::report::Counts;

/// A round.
pub fn round(names: Names, round: &Round) -> wire::MonitoringRound {
    let kind = match round.kind {
        RoundKind::Regular => wire::monitoring_round::Kind::Regular,
        RoundKind::Key => wire::monitoring_round::Kind::Key,
    };
    let state = match round.state {
        RoundState::Planned => wire::monitoring_round::State::Planned,
        RoundState::Open => wire::monitoring_round::State::Open,
        RoundState::Closed => wire::monitoring_round::State::Closed,
    };
    wire::MonitoringRound {
        name: names.round(&round.id),
        title: round.title.clone(),
        description: round.description.clone(),
        fiscal_year: round.fiscal_year.as_i32(),
        work_year: round.work_year.as_i32(),
        start_month: month(round.start_month),
        end_month: month(round.end_month),
        kind: kind.into(),
        scope: Some(scope(names, &round.scope)),
        deadline_date: Some(convert::date(round.deadline)),
        assignments: round.assignments.iter().map(|one| assignment(names, one)).collect(),
        state: state.into(),
        rule_set: round.rule_set.clone(),
        report_count: round.report_count,
        open_time: round.open_time.map(convert::timestamp),
        close_time: round.close_time.map(convert::timestamp),
        create_time: Some(convert::timestamp(round.create_time)),
        update_time: Some(convert::timestamp(round.update_time)),
        etag: round.version.to_string(),
    }
}

fn month(month: u32) -> i32 {
    i32::try_from(month).unwrap_or_default()
}

/// Kind of a monitored object.
pub fn monitored_kind(kind: MonitoredKind) -> i32 {
    match kind {
        MonitoredKind::Project => wire::MonitoredKind::Project.into(),
        MonitoredKind::Policy => wire::MonitoredKind::Policy.into(),
        MonitoredKind::Department => wire::MonitoredKind::Department.into(),
    }
}

/// Why a key round takes an object.
pub fn key_criterion(criterion: KeyCriterion) -> i32 {
    match criterion {
        KeyCriterion::ExecutionLag => wire::KeyCriterion::ExecutionLag.into(),
        KeyCriterion::LargeAmount => wire::KeyCriterion::LargeAmount.into(),
        KeyCriterion::SocialAttention => wire::KeyCriterion::SocialAttention.into(),
    }
}

fn scope(names: Names, scope: &Scope) -> wire::RoundScope {
    wire::RoundScope {
        monitored_kinds: scope.kinds.iter().map(|kind| monitored_kind(*kind)).collect(),
        budget_accounts: scope.accounts.iter().map(|account| convert::account(*account).into()).collect(),
        departments: scope.departments.iter().map(|id| names.unit(id)).collect(),
        projects: scope.projects.iter().map(|id| names.project(id)).collect(),
        minimum_amount: scope.minimum.map(convert::money),
        key_criteria: scope.key_criteria.iter().map(|one| key_criterion(*one)).collect(),
        attention_projects: scope.attention.iter().map(|id| names.project(id)).collect(),
    }
}

fn assignment(names: Names, one: &Assignment) -> wire::ReviewAssignment {
    wire::ReviewAssignment {
        institution: names.institution(&one.institution),
        departments: one.departments.iter().map(|id| names.unit(id)).collect(),
    }
}

/// A planned round as it came in.
pub fn planned_round(
    names: Names,
    id: String,
    message: &wire::MonitoringRound,
    now: DateTime<Utc>,
) -> wenxiao_platform::Result<Round> {
    let mut fields = Fields::default();
    let fiscal_year = fields.year("monitoring_round.fiscal_year", message.fiscal_year);
    let round = Round {
        id,
        title: message.title.clone(),
        description: message.description.clone(),
        fiscal_year,
        work_year: fiscal_year,
        start_month: u32::try_from(message.start_month).unwrap_or_default().max(1),
        end_month: u32::try_from(message.end_month).unwrap_or_default(),
        kind: member(message.kind().as_str_name(), "KIND_").unwrap_or(RoundKind::Regular),
        scope: scope_of(&mut fields, names, message.scope.as_ref()),
        deadline: fields.date("monitoring_round.deadline_date", message.deadline_date.as_ref()),
        assignments: Vec::new(),
        state: RoundState::Planned,
        rule_set: String::new(),
        report_count: 0,
        open_time: None,
        close_time: None,
        create_time: now,
        update_time: now,
        version: 1,
    };
    fields.check()?;
    Ok(round)
}

fn scope_of(fields: &mut Fields, names: Names, scope: Option<&wire::RoundScope>) -> Scope {
    let Some(scope) = scope else { return Scope::default() };
    let mut ids = |field: &str, texts: &[String], pattern| {
        texts.iter().map(|text| names.id(fields, field, text, pattern)).collect::<Vec<String>>()
    };
    let attention = ids("monitoring_round.scope.attention_projects", &scope.attention_projects, PROJECT);
    Scope {
        kinds: scope.monitored_kinds().filter_map(|k| member(k.as_str_name(), "MONITORED_KIND_")).collect(),
        accounts: scope.budget_accounts().filter_map(convert::account_of).collect(),
        departments: ids("monitoring_round.scope.departments", &scope.departments, UNIT),
        projects: ids("monitoring_round.scope.projects", &scope.projects, PROJECT),
        minimum: fields
            .optional_money("monitoring_round.scope.minimum_amount", scope.minimum_amount.as_ref()),
        key_criteria: scope
            .key_criteria()
            .filter_map(|k| member(k.as_str_name(), "KEY_CRITERION_"))
            .collect(),
        attention,
    }
}

/// Assignments as they came in.
pub fn assignments(
    names: Names,
    shares: &[wire::ReviewAssignment],
) -> wenxiao_platform::Result<Vec<Assignment>> {
    let mut fields = Fields::default();
    let mut read = Vec::with_capacity(shares.len());
    for share in shares {
        let departments = share.departments.iter();
        read.push(Assignment {
            institution: names.id(&mut fields, "assignments.institution", &share.institution, INSTITUTION),
            departments: departments
                .map(|text| names.id(&mut fields, "assignments.departments", text, UNIT))
                .collect(),
        });
    }
    fields.check()?;
    Ok(read)
}

/// The state that a filter asks for.
pub fn state_of(state: wire::monitoring_round::State) -> Option<RoundState> {
    member(state.as_str_name(), "STATE_")
}

/// Counts of a round or of one of its departments.
pub fn statistics(names: Names, round: &str, counts: &Counts) -> wire::RoundStatistics {
    wire::RoundStatistics {
        monitoring_round: names.round(round),
        department: names.unit(&counts.department),
        draft_count: counts.draft,
        submitted_count: counts.submitted,
        returned_count: counts.returned,
        accepted_count: counts.accepted,
        late_count: counts.late,
        ever_returned_count: counts.ever_returned,
        lights: Some(light_counts(&counts.lights)),
        light: light(counts.lights.worst()),
    }
}
