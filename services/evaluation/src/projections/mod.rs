//! What evaluation keeps of other services' events (投影): subjects, rules, people and contracts of the registry;
//! ratified objectives of targets; measures of monitoring, and the candidates among them.

mod objective;
mod rules;

use sqlx::PgConnection;
use wenxiao_contract::wenxiao::common::v1::Event;
use wenxiao_contract::wenxiao::{
    monitoring::v1 as monitoring, registry::v1 as registry, targets::v1 as targets,
};
use wenxiao_kernel::DistrictCode;
use wenxiao_platform::convert::{Fields, account_of, enum_word, secrecy_of};
use wenxiao_platform::projection::{Projection, resource};
use wenxiao_platform::{Failure, Result};

use crate::domain::candidate::{Candidate, State};
use crate::domain::conflict::Engagement;
use crate::domain::object::ObjectKind;
use crate::store::owner::{self, Handover};
use crate::store::{candidate as candidates, known};

/// The registry's feed.
pub struct Registry;

/// The feed of targets.
pub struct Targets;

/// The feed of monitoring.
pub struct Monitoring;

#[tonic::async_trait]
impl Projection for Registry {
    fn feed(&self) -> &'static str {
        "registry"
    }

    async fn apply(
        &self,
        connection: &mut PgConnection,
        district: DistrictCode,
        event: &Event,
    ) -> Result<()> {
        let district = district.as_i32();
        if let Some(unit) = resource::<registry::Unit>(event)? {
            return keep_unit(connection, district, unit).await;
        }
        if let Some(project) = resource::<registry::Project>(event)? {
            return keep_subject(connection, district, &project_of(project)).await;
        }
        if let Some(policy) = resource::<registry::Policy>(event)? {
            return keep_subject(connection, district, &policy_of(policy)?).await;
        }
        if let Some(set) = resource::<registry::RuleSet>(event)? {
            return known::keep_rule_set(connection, district, &rules::rule_set(&set)?).await;
        }
        if let Some(engagement) = resource::<registry::Engagement>(event)? {
            let cancelled = engagement.state() == registry::engagement::State::Cancelled;
            return known::keep_engagement(connection, district, &engagement_of(engagement), cancelled).await;
        }
        if let Some(expert) = resource::<registry::Expert>(event)? {
            return known::keep_person(
                connection,
                district,
                &expert.name,
                &expert.title,
                &expert.employer_unit,
            )
            .await;
        }
        if let Some(person) = resource::<registry::Representative>(event)? {
            return known::keep_person(
                connection,
                district,
                &person.name,
                &person.title,
                &person.employer_unit,
            )
            .await;
        }
        Ok(())
    }
}

#[tonic::async_trait]
impl Projection for Targets {
    fn feed(&self) -> &'static str {
        "targets"
    }

    async fn apply(
        &self,
        connection: &mut PgConnection,
        district: DistrictCode,
        event: &Event,
    ) -> Result<()> {
        match resource::<targets::Objective>(event)? {
            Some(objective) => objective::keep(connection, district.as_i32(), objective).await,
            None => Ok(()),
        }
    }
}

#[tonic::async_trait]
impl Projection for Monitoring {
    fn feed(&self) -> &'static str {
        "monitoring"
    }

    async fn apply(
        &self,
        connection: &mut PgConnection,
        district: DistrictCode,
        event: &Event,
    ) -> Result<()> {
        let Some(measure) = resource::<monitoring::Measure>(event)? else { return Ok(()) };
        let district = district.as_i32();
        let in_force = measure.state() == monitoring::measure::State::InForce;
        let kind = enum_word(measure.kind().as_str_name(), "KIND_").unwrap_or_default();
        let key = (measure.name.as_str(), measure.subject.as_str(), kind.as_str());
        known::keep_measure(connection, district, key, measure.fiscal_year, in_force).await?;
        if !in_force || measure.kind() != monitoring::measure::Kind::KeyEvaluationCandidate {
            return Ok(());
        }
        let is_unit = measure.subject.contains("/units/");
        let object_kind = if is_unit { ObjectKind::WholeDepartment } else { ObjectKind::Project };
        let Some(object) = known::object(connection, district, object_kind, &measure.subject).await? else {
            tracing::warn!(
                measure = measure.name,
                "a candidate's subject is not known: the candidate is left out"
            );
            return Ok(());
        };
        let reason =
            if measure.decide_reason.is_empty() { measure.propose_reason } else { measure.decide_reason };
        let candidate = Candidate {
            object,
            evaluated_year: measure.fiscal_year,
            work_year: measure.fiscal_year.saturating_add(1),
            reason,
            source_resource: measure.name.clone(),
            plan: String::new(),
            drop_reason: String::new(),
            state: State::Listed,
        };
        let id = measure.name.rsplit('/').next().unwrap_or_default();
        let listed = event.occur_time.as_ref();
        let listed =
            listed.and_then(|time| chrono::DateTime::from_timestamp(time.seconds, 0)).unwrap_or_default();
        candidates::keep(connection, district, id, candidate, listed).await
    }
}

/// Keeps a project or policy; what is open about it follows it to another unit.
async fn keep_subject(connection: &mut PgConnection, district: i32, subject: &known::Subject) -> Result<()> {
    let before = known::keep_subject(connection, district, subject).await?;
    match before.filter(|before| *before != subject.unit) {
        Some(from) => {
            let by = Handover { from: &from, to: &subject.unit };
            owner::follow_subject(connection, district, &subject.name, by).await
        }
        None => Ok(()),
    }
}

/// Keeps a unit; when it has ended, what is open about it as a whole follows its successor. One that was to begin and does
/// not is forgotten.
async fn keep_unit(connection: &mut PgConnection, district: i32, unit: registry::Unit) -> Result<()> {
    use registry::unit::State;
    if unit.state() == State::Withdrawn {
        return known::forget_unit(connection, district, &unit.name).await;
    }
    // What is decided for a day to come names its heirs as well: nothing changes hands before the day.
    let ended = matches!(unit.state(), State::Merged | State::Split | State::Moved | State::Closed);
    let successor = unit.successor.clone();
    let unit = unit_of(unit);
    known::keep_unit(connection, district, &unit).await?;
    if !ended || successor.is_empty() {
        return Ok(());
    }
    let by = Handover { from: &unit.name, to: &successor };
    owner::follow_unit(connection, district, by, &department_of(&successor)).await
}

/// The department or street at the head of a unit's branch: the first segment, of three digits, of its code.
fn department_of(unit: &str) -> String {
    match unit.rsplit_once('/') {
        Some((parent, code)) => format!("{parent}/{}", code.get(..3).unwrap_or(code)),
        None => unit.to_owned(),
    }
}

fn unit_of(unit: registry::Unit) -> known::Unit {
    let kind = enum_word(unit.kind().as_str_name(), "KIND_").unwrap_or_default();
    // 本级 is the department itself under another code and never counted beside it.
    let own = unit.kind() == registry::unit::Kind::OwnUnit && !unit.parent_unit.is_empty();
    let counted_as = if own { unit.parent_unit } else { unit.name.clone() };
    known::Unit { name: unit.name, title: unit.title, kind, counted_as }
}

fn project_of(project: registry::Project) -> known::Subject {
    known::Subject {
        kind: "project",
        budget_account: account_of(project.budget_account()),
        secrecy: secrecy_of(project.secrecy()),
        name: project.name,
        title: project.title,
        unit: project.implementing_unit,
        expiry_date: None,
        term_years: 0,
    }
}

fn policy_of(policy: registry::Policy) -> Result<known::Subject> {
    let mut fields = Fields::default();
    // A policy that was repealed ends on that day, whatever its term.
    let last_day = policy.repeal_date.as_ref().or(policy.expiry_date.as_ref());
    let expiry_date = fields.optional_date("expiry_date", last_day);
    fields.check().map_err(Failure::internal)?;
    Ok(known::Subject {
        kind: "policy",
        budget_account: None,
        secrecy: secrecy_of(policy.secrecy()),
        name: policy.name,
        title: policy.title,
        unit: policy.executing_unit,
        expiry_date,
        term_years: policy.term_years,
    })
}

fn engagement_of(engagement: registry::Engagement) -> Engagement {
    Engagement {
        name: engagement.name,
        participant: engagement.participant,
        principal: engagement.principal,
        may_sign: engagement.may_sign_report,
        work_year: engagement.work_year,
    }
}
