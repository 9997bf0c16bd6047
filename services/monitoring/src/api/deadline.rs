//! Alerts that nobody answered in time: what the rules let follow, done by the system and named as the rule's.

use std::collections::HashMap;

use wenxiao_contract::wenxiao::monitoring::v1 as wire;
use wenxiao_platform::authz::Facts;
use wenxiao_platform::work::{Change, Finished, Work};
use wenxiao_platform::{Failure, Result};

use super::convert::consequence as convert;
use super::names::Names;
use super::{alert, measure};
use crate::domain::alert::Alert;
use crate::domain::measure::{Decision, Measure, MeasureState, Origin, Proposal, Subject, on_silence};
use crate::domain::rules::{Rules, Unanswered};
use crate::domain::schedule::day_of;
use crate::store;
use crate::store::execution::Named;

/// How many alerts one call looks after: more would hold their locks too long.
const ALERTS_PER_CALL: usize = 100;

type Ask = Work<wire::EnforceAlertDeadlinesRequest>;

pub(super) async fn enforce(mut work: Ask) -> Result<Finished<wire::EnforceAlertDeadlinesResponse>> {
    let permit = work.permit(Facts::of(&work.call.message.parent))?;
    let (district, today) = (work.district, day_of(work.now));
    let limit = i64::try_from(ALERTS_PER_CALL.saturating_add(1)).unwrap_or(i64::MAX);
    store::owner::hold_projects(work.connection(), district).await?;
    let mut found = store::alert::lock_unanswered(work.connection(), district, today, limit).await?;
    let incomplete = found.len() > ALERTS_PER_CALL;
    found.truncate(ALERTS_PER_CALL);
    let subjects: Vec<Subject> = found.iter().map(|(alert, _)| alert.subject.clone()).collect();
    let mut suspensions = known_suspensions(&mut work, &subjects).await?;
    let mut alerts = Vec::with_capacity(found.len());
    for (silent, rules) in found {
        let Some(proposal) = on_silence(&rules, &silent, today) else { continue };
        let id = suspend(&mut work, &silent, &rules, &proposal, &mut suspensions).await?;
        let mut after = silent.clone();
        after.note_unanswered(&id);
        alerts.push(alert::save(&mut work, "alert.unanswered", &silent, after, &proposal.reason).await?);
    }
    work.finish(permit, wire::EnforceAlertDeadlinesResponse { alerts, incomplete }).await
}

/// Suspensions that stand or are proposed, by project and year.
type Suspensions = HashMap<(String, i32), Measure>;

async fn known_suspensions(work: &mut Ask, subjects: &[Subject]) -> Result<Suspensions> {
    let projects: Vec<String> = subjects.iter().map(|subject| subject.id().to_owned()).collect();
    if projects.is_empty() {
        return Ok(Suspensions::new());
    }
    let district = work.district;
    let known = store::measure::lock_suspensions(work.connection(), district, &projects).await?;
    let keyed = known.into_iter().map(|one| (key(&one.subject, one.fiscal_year.as_i32()), one));
    Ok(keyed.collect())
}

fn key(subject: &Subject, year: i32) -> (String, i32) {
    (subject.id().to_owned(), year)
}

/// The suspension that follows: one project is suspended once, by whichever alert was first. Returns its id.
async fn suspend(
    work: &mut Ask,
    silent: &Alert,
    rules: &Rules,
    proposal: &Proposal,
    suspensions: &mut Suspensions,
) -> Result<String> {
    let key = key(&silent.subject, silent.fiscal_year.as_i32());
    let decision = (rules.unanswered == Unanswered::Suspend).then(|| Decision {
        amount: None,
        reason: proposal.reason.clone(),
        decider: work.principal().subject.clone(),
        time: work.now,
        effective_date: day_of(work.now),
    });
    let mut known = match suspensions.remove(&key) {
        Some(known) => known,
        None => {
            let suspension = suspension(work, silent, proposal, decision.clone());
            if enter(work, &suspension).await? {
                let id = suspension.id.clone();
                suspensions.insert(key, suspension);
                return Ok(id);
            }
            // A person has proposed one since we looked.
            let mut newer = known_suspensions(work, std::slice::from_ref(&silent.subject)).await?;
            let subject = Names(work.district).subject(&silent.subject);
            newer.remove(&key).ok_or_else(|| Failure::etag_mismatch(subject))?
        }
    };
    if let Some(decision) = decision.filter(|_| known.state == MeasureState::Proposed) {
        let before = known.clone();
        known.enforce(decision, wenxiao_kernel::Money::ZERO)?;
        measure::save(work, "measure.enforced", &before, known.clone(), &proposal.reason).await?;
        known.version += 1;
    }
    let id = known.id.clone();
    suspensions.insert(key, known);
    Ok(id)
}

/// Enters a suspension; `false` when the project has one.
async fn enter(work: &mut Ask, suspension: &Measure) -> Result<bool> {
    let (district, names) = (work.district, Names(work.district));
    let new =
        store::measure::insert_many(work.connection(), district, std::slice::from_ref(suspension)).await?;
    if new.is_empty() {
        return Ok(false);
    }
    let message = convert::measure(names, suspension);
    let in_force = suspension.state == MeasureState::InForce;
    let happened = if in_force { "measure.enforced" } else { "measure.proposed" };
    let change = Change::new(happened, &message.name, suspension.version, &message)
        .by_rule_set(&suspension.explanation.rule_set)
        .because(&suspension.propose_reason);
    work.record(change);
    Ok(true)
}

fn suspension(work: &Ask, silent: &Alert, proposal: &Proposal, decision: Option<Decision>) -> Measure {
    let names = Names(work.district);
    let named = Named {
        id: silent.subject.id().to_owned(),
        title: silent.title.clone(),
        unit: silent.unit.clone(),
        agency_code: silent.agency_code.clone(),
        department: silent.department.clone(),
        is_department: false,
    };
    Measure {
        id: work.new_id(),
        origin: Origin {
            rule: proposal.rule.clone(),
            round: names.round(&silent.round),
            report: names.report(&silent.round, &silent.report),
            alert: names.alert(&silent.id),
        },
        propose_reason: proposal.reason.clone(),
        explanation: proposal.explanation.clone(),
        state: if decision.is_some() { MeasureState::InForce } else { MeasureState::Proposed },
        decision,
        ..measure::proposed(work, proposal.kind, silent.subject.clone(), &named, silent.fiscal_year)
    }
}
