//! Measures: proposed by people and rules, decided, lifted; the candidates that they name.

use std::collections::HashSet;

use wenxiao_contract::Addressed;
use wenxiao_contract::wenxiao::monitoring::v1 as wire;
use wenxiao_kernel::{Explanation, FiscalYear, Money};
use wenxiao_platform::authz::{Facts, Permit};
use wenxiao_platform::convert::Fields;
use wenxiao_platform::page::Page;
use wenxiao_platform::work::{Change, Finished, Work};
use wenxiao_platform::{Call, Database, Failure, Result};

use super::convert::consequence as convert;
use super::execution::some;
use super::names::{ALERT, MEASURE, Names, ROUND, UNIT, id_of};
use super::progress;
use crate::domain::action::RoundAction;
use crate::domain::measure::{
    Decision, Finding, Lift, Measure, MeasureKind, MeasureState, Origin, Proposal, Subject, propose,
};
use crate::domain::refusal::{Missing, Refusal};
use crate::domain::report::Conclusion;
use crate::domain::round::{MonitoredKind, Round};
use crate::domain::rules::Rules;
use crate::domain::schedule::day_of;
use crate::store;
use crate::store::execution::{Kind, Named, Span};

/// How many measures one answer lists.
const PROPOSED_LISTED: usize = 1000;

pub(super) async fn create(mut work: Work<wire::CreateMeasureRequest>) -> Result<Finished<wire::Measure>> {
    let permit = work.permit(Facts::of(&work.call.message.parent))?;
    let (district, names) = (work.district, Names(work.district));
    let message = work.call.message.clone();
    let asked = message.measure.unwrap_or_default();
    let mut fields = Fields::default();
    let amount = fields.optional_money("measure.amount", asked.amount.as_ref());
    let fiscal_year = fields.year("measure.fiscal_year", asked.fiscal_year);
    names.id(&mut fields, "measure.monitoring_round", &asked.monitoring_round, ROUND);
    names.id(&mut fields, "measure.alert", &asked.alert, ALERT);
    names.check_report(&mut fields, "measure.report", &asked.report);
    let subject = names.subject_of(&mut fields, "measure.subject", &asked.subject);
    fields.check()?;
    let kind = convert::measure_kind_of(asked.kind()).unwrap_or(MeasureKind::NoSupplement);
    store::owner::hold_projects(work.connection(), district).await?;
    let (named, adjusted) = subject_with_budget(&mut work, &subject, fiscal_year).await?;
    let measure = Measure {
        id: if message.measure_id.is_empty() { work.new_id() } else { message.measure_id },
        amount,
        adjust_objective: asked.adjust_objective,
        origin: Origin {
            rule: String::new(),
            round: asked.monitoring_round,
            report: asked.report,
            alert: asked.alert,
        },
        propose_reason: asked.propose_reason,
        ..proposed(&work, kind, subject, &named, fiscal_year)
    };
    measure.check(adjusted)?;
    let new =
        store::measure::insert_many(work.connection(), district, std::slice::from_ref(&measure)).await?;
    if new.is_empty() {
        return Err(Refusal::MeasureExists(asked.subject).into());
    }
    let answer = convert::measure(names, &measure);
    work.record(
        Change::new("measure.proposed", &answer.name, measure.version, &answer)
            .because(&measure.propose_reason),
    );
    work.finish(permit, answer).await
}

pub(super) fn proposed<M: prost::Message + Addressed>(
    work: &Work<M>,
    kind: MeasureKind,
    subject: Subject,
    named: &Named,
    fiscal_year: FiscalYear,
) -> Measure {
    Measure {
        id: String::new(),
        kind,
        subject,
        title: named.title.clone(),
        unit: named.unit.clone(),
        agency_code: named.agency_code.clone(),
        department: named.department.clone(),
        fiscal_year,
        amount: None,
        adjust_objective: false,
        origin: Origin::default(),
        propose_reason: String::new(),
        explanation: Explanation::default(),
        proposer: work.principal().subject.clone(),
        state: MeasureState::Proposed,
        decision: None,
        lift: None,
        create_time: work.now,
        update_time: work.now,
        version: 1,
    }
}

/// The subject and its adjusted budget of the year.
async fn subject_with_budget<M: prost::Message + Addressed>(
    work: &mut Work<M>,
    subject: &Subject,
    fiscal_year: FiscalYear,
) -> Result<(Named, Money)> {
    let district = work.district;
    let (named, kind) = match subject {
        Subject::Project(id) => {
            (store::execution::project(work.connection(), district, id).await?, Kind::Project)
        }
        Subject::Unit(id) => {
            let named = store::execution::unit(work.connection(), district, id).await?;
            let kind =
                if named.as_ref().is_some_and(|n| n.is_department) { Kind::Department } else { Kind::Unit };
            (named, kind)
        }
    };
    let named = named.ok_or_else(|| Failure::reference_not_found(Names(district).subject(subject)))?;
    let whole = Span::until(fiscal_year, 12);
    let totals = store::execution::totals(work.connection(), district, kind, subject.id(), whole).await?;
    Ok((named, totals.amounts().adjusted()))
}

/// The rules' proposals for a round: from the lights of its accepted reports and from the departments' progress.
pub(super) async fn propose_by_rules(
    mut work: Work<wire::ProposeMeasuresRequest>,
) -> Result<Finished<wire::ProposeMeasuresResponse>> {
    let name = work.call.message.name.clone();
    let (permit, round, rules) = super::round::lock(&mut work, &name).await?;
    round.may(RoundAction::ProposeMeasures)?;
    let rules = rules.ok_or(Refusal::RoundNotOpen { state: round.state.as_str() })?;
    let (district, names) = (work.district, Names(work.district));
    store::owner::hold_projects(work.connection(), district).await?;
    let mut measures = Vec::new();
    for report in store::report::accepted(work.connection(), district, &round.id).await? {
        if report.kind == MonitoredKind::Project {
            let finding = Finding {
                subject: Subject::Project(report.id.clone()),
                light: report.lights.overall,
                adjust_objective: report.conclusion == Some(Conclusion::AdjustObjective),
                amounts: report.amounts(),
                schedule: report.schedule,
                month: report.end_month,
            };
            let named = Named {
                id: report.id.clone(),
                title: report.title,
                unit: report.unit,
                agency_code: report.agency_code,
                department: report.department,
                is_department: false,
            };
            let from = names.report(&round.id, &report.id);
            measures.extend(measures_of(&work, &round, &rules, &finding, &named, from));
        }
    }
    let behind = progress::departments_behind(&mut work, &round, &rules).await?;
    for (named, finding) in &behind {
        measures.extend(measures_of(&work, &round, &rules, finding, named, String::new()));
    }
    super::alert::open_for_departments(&mut work, &rules, &round, behind).await?;
    let answer = keep_proposals(&mut work, &name, measures).await?;
    work.finish(permit, answer).await
}

fn measures_of<M: prost::Message + Addressed>(
    work: &Work<M>,
    round: &Round,
    rules: &Rules,
    finding: &Finding,
    named: &Named,
    report: String,
) -> Vec<Measure> {
    let measure = |proposal: Proposal| Measure {
        id: work.new_id(),
        amount: proposal.amount,
        adjust_objective: proposal.adjust_objective,
        origin: Origin {
            rule: proposal.rule,
            round: Names(work.district).round(&round.id),
            report: report.clone(),
            alert: String::new(),
        },
        propose_reason: proposal.reason,
        explanation: proposal.explanation,
        ..proposed(work, proposal.kind, finding.subject.clone(), named, round.fiscal_year)
    };
    propose(rules, finding).into_iter().map(measure).collect()
}

/// Stores what is new; what a rule proposed from this round before is not proposed again, whatever became of it.
async fn keep_proposals<M: prost::Message + Addressed>(
    work: &mut Work<M>,
    round: &str,
    measures: Vec<Measure>,
) -> Result<wire::ProposeMeasuresResponse> {
    let (district, names) = (work.district, Names(work.district));
    let before = store::measure::proposed_by_rules(work.connection(), district, round).await?;
    let before: HashSet<(String, String)> = before.into_iter().collect();
    let count = measures.len();
    let fresh: Vec<Measure> = measures
        .into_iter()
        .filter(|m| !before.contains(&(m.subject.id().to_owned(), m.origin.rule.clone())))
        .collect();
    let new: HashSet<String> = if fresh.is_empty() {
        HashSet::new()
    } else {
        store::measure::insert_many(work.connection(), district, &fresh).await?.into_iter().collect()
    };
    let mut answer = wire::ProposeMeasuresResponse {
        measures: Vec::new(),
        existing_count: i32::try_from(count.saturating_sub(new.len())).unwrap_or(i32::MAX),
    };
    for measure in fresh.iter().filter(|measure| new.contains(&measure.id)) {
        let message = convert::measure(names, measure);
        let change = Change::new("measure.proposed", &message.name, measure.version, &message)
            .by_rule_set(&measure.explanation.rule_set)
            .because(&measure.propose_reason);
        work.record(change);
        answer.measures.push(message);
    }
    answer.measures.truncate(PROPOSED_LISTED);
    Ok(answer)
}

pub(super) async fn get(database: &Database, call: Call<wire::GetMeasureRequest>) -> Result<wire::Measure> {
    let (district, name) = (call.district()?, &call.message.name);
    let mut read = database.read(&call).await?;
    let measure = store::measure::load(read.connection(), district, &id_of(name, MEASURE)?).await?;
    let measure = measure.ok_or_else(|| Failure::not_found(name))?;
    call.permit(Facts::of(name).unit(&measure.agency_code))?;
    Ok(convert::measure(Names(district), &measure))
}

pub(super) async fn list(
    database: &Database,
    call: Call<wire::ListMeasuresRequest>,
) -> Result<wire::ListMeasuresResponse> {
    call.permit(Facts::of(&call.message.parent))?;
    let (district, ask, scope) = (call.district()?, &call.message, call.scope());
    let names = Names(district);
    let mut fields = Fields::default();
    let department = names.id(&mut fields, "department", &ask.department, UNIT);
    let subject = some(&ask.subject).map(|text| names.subject_of(&mut fields, "subject", text));
    fields.check()?;
    let page = Page::of(
        ask.page_size,
        &ask.page_token,
        &[call.method(), &ask.parent, &ask.fiscal_year, &ask.state, &ask.kind, &ask.subject, &ask.department],
    )?;
    let filter = store::measure::Filter {
        fiscal_year: (ask.fiscal_year > 0).then_some(ask.fiscal_year),
        state: convert::measure_state_of(ask.state()).map(MeasureState::as_str),
        kind: convert::measure_kind_of(ask.kind()).map(MeasureKind::as_str),
        subject: subject.as_ref(),
        department: some(&department),
        unit_prefix: scope.unit_prefix.as_deref(),
        after: page.key(0),
        limit: page.limit(),
    };
    let mut read = database.read(&call).await?;
    let rows = store::measure::list(read.connection(), district, &filter).await?;
    let (rows, next_page_token) = page.cut(rows, |measure| vec![measure.id.clone()]);
    let measures = rows.iter().map(|measure| convert::measure(names, measure)).collect();
    Ok(wire::ListMeasuresResponse { measures, next_page_token })
}

pub(super) async fn decide(mut work: Work<wire::DecideMeasureRequest>) -> Result<Finished<wire::Measure>> {
    let message = work.call.message.clone();
    let (permit, before) = lock(&mut work, &message.name).await?;
    let mut fields = Fields::default();
    let decision = Decision {
        amount: fields.optional_money("decided_amount", message.decided_amount.as_ref()),
        reason: message.reason.clone(),
        decider: work.principal().subject.clone(),
        time: work.now,
        effective_date: fields
            .optional_date("effective_date", message.effective_date.as_ref())
            .unwrap_or_else(|| day_of(work.now)),
    };
    fields.check()?;
    let mut measure = before.clone();
    let happened = match message.decision() {
        wire::decide_measure_request::Decision::Enforce => {
            let (_, adjusted) = subject_with_budget(&mut work, &before.subject, before.fiscal_year).await?;
            measure.enforce(decision, adjusted)?;
            "measure.enforced"
        }
        wire::decide_measure_request::Decision::Reject => {
            measure.reject(decision)?;
            "measure.rejected"
        }
        wire::decide_measure_request::Decision::Unspecified => {
            let missing = Missing::new("decision", "未选择决定", "must be given");
            return Err(Refusal::Unfit(vec![missing]).into());
        }
    };
    let answer = save(&mut work, happened, &before, measure, &message.reason).await?;
    work.finish(permit, answer).await
}

pub(super) async fn lift(mut work: Work<wire::LiftMeasureRequest>) -> Result<Finished<wire::Measure>> {
    let message = work.call.message.clone();
    let (permit, before) = lock(&mut work, &message.name).await?;
    let mut measure = before.clone();
    let (lifter, time) = (work.principal().subject.clone(), work.now);
    measure.end(Lift { reason: message.reason.clone(), lifter, time })?;
    let answer = save(&mut work, "measure.lifted", &before, measure, &message.reason).await?;
    work.finish(permit, answer).await
}

async fn lock<M: prost::Message + Addressed>(work: &mut Work<M>, name: &str) -> Result<(Permit, Measure)> {
    let (id, district) = (id_of(name, MEASURE)?, work.district);
    let measure = store::measure::lock(work.connection(), district, &id).await?;
    let measure = measure.ok_or_else(|| Failure::not_found(name))?;
    let permit = work.permit(Facts::of(name).unit(&measure.agency_code).author(&measure.proposer))?;
    work.check_etag(name, &measure.version.to_string())?;
    Ok((permit, measure))
}

pub(super) async fn save<M: prost::Message + Addressed>(
    work: &mut Work<M>,
    happened: &'static str,
    before: &Measure,
    mut measure: Measure,
    reason: &str,
) -> Result<wire::Measure> {
    let (district, names) = (work.district, Names(work.district));
    measure.update_time = work.now;
    measure.version += 1;
    store::measure::update(work.connection(), district, &measure).await?;
    let answer = convert::measure(names, &measure);
    let change = Change::new(happened, &answer.name, measure.version, &answer)
        .from(&convert::measure(names, before))
        .by_rule_set(&measure.explanation.rule_set)
        .because(reason);
    work.record(change);
    Ok(answer)
}

pub(super) async fn list_candidates(
    database: &Database,
    call: Call<wire::ListEvaluationCandidatesRequest>,
) -> Result<wire::ListEvaluationCandidatesResponse> {
    call.permit(Facts::of(&call.message.parent))?;
    let (district, ask) = (call.district()?, &call.message);
    let page = Page::of(ask.page_size, &ask.page_token, &[call.method(), &ask.parent, &ask.work_year])?;
    let mut read = database.read(&call).await?;
    let rows =
        store::measure::candidates(read.connection(), district, ask.work_year, page.key(0), page.limit())
            .await?;
    let (rows, next_page_token) = page.cut(rows, |one| vec![one.measure.subject.id().to_owned()]);
    let candidates = rows.iter().map(|one| convert::candidate(Names(district), one)).collect();
    Ok(wire::ListEvaluationCandidatesResponse { candidates, next_page_token })
}
