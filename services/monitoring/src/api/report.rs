//! Reports: filled, submitted, reviewed, returned, accepted; their revisions and opinions.

use sha2::{Digest, Sha256};
use wenxiao_contract::wenxiao::monitoring::v1 as wire;
use wenxiao_contract::{Addressed, edits};
use wenxiao_platform::authz::{Facts, Permit};
use wenxiao_platform::convert::Fields;
use wenxiao_platform::identity::Principal;
use wenxiao_platform::mask;
use wenxiao_platform::page::Page;
use wenxiao_platform::work::{Change, Finished, Work};
use wenxiao_platform::{Call, Database, Failure, Result};

use super::convert::{light_of, report as convert};
use super::execution::some;
use super::names::{INSTITUTION, Names, ROUND, UNIT, id_of, report_of};
use crate::domain::action::ReportAction;
use crate::domain::report::{Report, ReportState};
use crate::domain::round::Round;
use crate::domain::rules::Rules;
use crate::domain::schedule::day_of;
use crate::store;

const UPDATABLE: &[&str] = &["fundings", "indicators", "filler", "telephone", "duty_fulfilled"];

/// What a report is to a caller: theirs when they, or whoever they stand in for, have filled or submitted it.
pub(super) fn facts(name: &str, report: &Report, caller: &Principal) -> Facts {
    let guests = some(&report.institution).map(str::to_owned);
    let author = caller.people().find(|person| report.is_by(person)).unwrap_or(&report.submitter);
    Facts::of(name).unit(&report.agency_code).participants(guests).author(author)
}

pub(super) async fn get(
    database: &Database,
    call: Call<wire::GetMonitoringReportRequest>,
) -> Result<wire::MonitoringReport> {
    let (district, name) = (call.district()?, &call.message.name);
    let report = load(database, &call, name).await?;
    call.permit(facts(name, &report, call.principal()))?;
    Ok(convert::report(Names(district), &report))
}

async fn load<M>(database: &Database, call: &Call<M>, name: &str) -> Result<Report> {
    let (round, id) = report_of(name)?;
    let mut read = database.read(call).await?;
    let report = store::report::load(read.connection(), call.district()?, &round, &id).await?;
    report.ok_or_else(|| Failure::not_found(name))
}

pub(super) async fn list(
    database: &Database,
    call: Call<wire::ListMonitoringReportsRequest>,
) -> Result<wire::ListMonitoringReportsResponse> {
    call.permit(Facts::of(&call.message.parent))?;
    let (district, ask, scope) = (call.district()?, &call.message, call.scope());
    let names = Names(district);
    let round = id_of(&ask.parent, ROUND)?;
    let mut fields = Fields::default();
    let unit = names.id(&mut fields, "unit", &ask.unit, UNIT);
    let department = names.id(&mut fields, "department", &ask.department, UNIT);
    fields.check()?;
    let page = Page::of(
        ask.page_size,
        &ask.page_token,
        &[call.method(), &ask.parent, &ask.state, &ask.light, &ask.unit, &ask.department],
    )?;
    let filter = store::report::Filter {
        round: &round,
        state: convert::state_of(ask.state()).map(ReportState::as_str),
        light: light_of(ask.light()).map(|light| light.as_str()),
        unit: some(&unit),
        department: some(&department),
        unit_prefix: scope.unit_prefix.as_deref(),
        institution: scope.participant.as_deref(),
        after: page.key(0).zip(page.key(1)),
        limit: page.limit(),
    };
    let mut read = database.read(&call).await?;
    let rows = store::report::list(read.connection(), district, &filter).await?;
    let (rows, next_page_token) = page.cut(rows, |report| vec![report.department.clone(), report.id.clone()]);
    let reports = rows.iter().map(|report| convert::report(names, report)).collect();
    Ok(wire::ListMonitoringReportsResponse { reports, next_page_token })
}

/// A report that a command is about: locked, permitted, in the version that the caller has seen, its round open.
struct Subject {
    name: String,
    round: Round,
    rules: Rules,
    before: Report,
    permit: Permit,
}

async fn lock<M: prost::Message + Addressed>(
    work: &mut Work<M>,
    name: &str,
    action: ReportAction,
) -> Result<Subject> {
    let (round, id) = report_of(name)?;
    let district = work.district;
    let found = store::report::lock(work.connection(), district, &round, &id).await?;
    let (round, rules, before) = found.ok_or_else(|| Failure::not_found(name))?;
    let permit = work.permit(facts(name, &before, work.principal()))?;
    work.check_etag(name, &before.version.to_string())?;
    before.may(action, &round)?;
    Ok(Subject { name: name.to_owned(), round, rules, before, permit })
}

async fn save<M: prost::Message + Addressed>(
    work: &mut Work<M>,
    happened: &'static str,
    subject: &Subject,
    report: &mut Report,
    reason: &str,
) -> Result<wire::MonitoringReport> {
    let (district, names) = (work.district, Names(work.district));
    report.update_time = work.now;
    report.version += 1;
    store::report::update(work.connection(), district, report).await?;
    let answer = convert::report(names, report);
    let change = Change::new(happened, &subject.name, report.version, &answer)
        .from(&convert::report(names, &subject.before))
        .by_rule_set(&subject.rules.rule_set)
        .because(reason);
    work.record(change);
    Ok(answer)
}

pub(super) async fn update(
    mut work: Work<wire::UpdateMonitoringReportRequest>,
) -> Result<Finished<wire::MonitoringReport>> {
    let request = work.call.message.clone();
    let (given, mask) = (request.report.unwrap_or_default(), request.update_mask);
    mask::check(mask.as_ref(), UPDATABLE)?;
    let subject = lock(&mut work, &given.name, ReportAction::Update).await?;
    let mut report = subject.before.clone();
    let writer = work.principal().subject.clone();
    report.fill(convert::entry(&given, edits::means(&given, mask.as_ref()))?, &subject.rules, &writer)?;
    let answer = save(&mut work, "monitoring_report.updated", &subject, &mut report, "").await?;
    work.finish(subject.permit, answer).await
}

pub(super) async fn submit(
    mut work: Work<wire::SubmitMonitoringReportRequest>,
) -> Result<Finished<wire::MonitoringReport>> {
    let name = work.call.message.name.clone();
    let subject = lock(&mut work, &name, ReportAction::Submit).await?;
    let (district, late) = (work.district, day_of(work.now) > subject.round.deadline);
    let submitter = work.principal().subject.clone();
    let mut report = subject.before.clone();
    report.submit(&subject.rules, &submitter, late, work.now)?;
    let answer = save(&mut work, "monitoring_report.submitted", &subject, &mut report, "").await?;
    let hash = content_hash(&report)?;
    store::revision::keep_revision(work.connection(), district, &report, &hash).await?;
    work.finish(subject.permit, answer).await
}

/// SHA-256 of what the unit submitted: objective, money, rows, and whether a department does its duty.
fn content_hash(report: &Report) -> Result<String> {
    let objective = (&report.objective, report.objective_version);
    let content = (objective, &report.fundings, &report.rows, report.duty_fulfilled);
    let bytes = serde_json::to_vec(&content).map_err(Failure::internal)?;
    Ok(hex::encode(Sha256::digest(bytes)))
}

pub(super) async fn endorse(
    mut work: Work<wire::EndorseMonitoringReportRequest>,
) -> Result<Finished<wire::MonitoringReport>> {
    let message = work.call.message.clone();
    let subject = lock(&mut work, &message.name, ReportAction::Endorse).await?;
    let mut report = subject.before.clone();
    report.endorse(&message.comment)?;
    let answer =
        save(&mut work, "monitoring_report.endorsed", &subject, &mut report, &message.comment).await?;
    work.finish(subject.permit, answer).await
}

pub(super) async fn send_back(
    mut work: Work<wire::ReturnMonitoringReportRequest>,
) -> Result<Finished<wire::MonitoringReport>> {
    let message = work.call.message.clone();
    let subject = lock(&mut work, &message.name, ReportAction::Return).await?;
    let (district, now) = (work.district, work.now);
    let returner = work.principal().subject.clone();
    let mut report = subject.before.clone();
    report.send_back(&message.reason, convert::remarks_of(&message.remarks))?;
    let answer =
        save(&mut work, "monitoring_report.returned", &subject, &mut report, &message.reason).await?;
    store::revision::note_return(work.connection(), district, &report, &returner, now).await?;
    work.finish(subject.permit, answer).await
}

pub(super) async fn accept(
    mut work: Work<wire::AcceptMonitoringReportRequest>,
) -> Result<Finished<wire::MonitoringReport>> {
    let message = work.call.message.clone();
    let subject = lock(&mut work, &message.name, ReportAction::Accept).await?;
    let mut report = subject.before.clone();
    let conclusion = convert::conclusion_of(message.conclusion());
    report.accept(conclusion, &message.rectification_advice, work.now)?;
    let advice = &message.rectification_advice;
    let answer = save(&mut work, "monitoring_report.accepted", &subject, &mut report, advice).await?;
    super::alert::open_for_report(&mut work, &subject.rules, &report).await?;
    work.finish(subject.permit, answer).await
}

pub(super) async fn conclude_rectification(
    mut work: Work<wire::ConcludeRectificationRequest>,
) -> Result<Finished<wire::MonitoringReport>> {
    let message = work.call.message.clone();
    let subject = lock(&mut work, &message.name, ReportAction::ConcludeRectification).await?;
    let mut report = subject.before.clone();
    report.conclude_rectification(&message.conclusion)?;
    let answer =
        save(&mut work, "monitoring_report.rectified", &subject, &mut report, &message.conclusion).await?;
    work.finish(subject.permit, answer).await
}

pub(super) async fn list_revisions(
    database: &Database,
    call: Call<wire::ListReportRevisionsRequest>,
) -> Result<wire::ListReportRevisionsResponse> {
    let (district, ask) = (call.district()?, &call.message);
    call.permit(facts(&ask.parent, &load(database, &call, &ask.parent).await?, call.principal()))?;
    let (round, id) = report_of(&ask.parent)?;
    let page = Page::of(ask.page_size, &ask.page_token, &[call.method(), &ask.parent])?;
    let after = page.key(0).and_then(|number| number.parse().ok()).unwrap_or_default();
    let mut read = database.read(&call).await?;
    let rows =
        store::revision::revisions(read.connection(), district, (&round, &id), after, page.limit()).await?;
    let (rows, next_page_token) = page.cut(rows, |revision| vec![revision.number.to_string()]);
    let revisions = rows.iter().map(|one| convert::revision(Names(district), &ask.parent, one)).collect();
    Ok(wire::ListReportRevisionsResponse { revisions, next_page_token })
}

pub(super) async fn create_opinion(
    mut work: Work<wire::CreateReportOpinionRequest>,
) -> Result<Finished<wire::ReportOpinion>> {
    let message = work.call.message.clone();
    let given = message.opinion.unwrap_or_default();
    let subject = lock(&mut work, &message.parent, ReportAction::CreateOpinion).await?;
    let (district, names) = (work.district, Names(work.district));
    let mut fields = Fields::default();
    let institution = names.id(&mut fields, "opinion.institution", &given.institution, INSTITUTION);
    let passed = given.verdict() == wire::report_opinion::Verdict::Pass;
    if !passed && given.problem.trim().is_empty() {
        fields.reject(
            "opinion.problem",
            "审核意见为不通过时须写明存在问题",
            "must say what is wrong when the verdict is FAIL",
        );
    }
    fields.check()?;
    subject.before.must_await_opinion_of(&institution)?;
    let mut opinion = store::revision::Opinion {
        id: if message.opinion_id.is_empty() { work.new_id() } else { message.opinion_id },
        revision: subject.before.revision_count,
        content_hash: String::new(),
        institution,
        author: work.principal().subject.clone(),
        passed,
        problem: given.problem,
        advice: given.advice,
        remarks: convert::remarks_of(&given.remarks),
        create_time: work.now,
    };
    opinion.content_hash =
        store::revision::insert_opinion(work.connection(), district, &subject.before, &opinion).await?;
    let answer = convert::opinion(names, &message.parent, &opinion);
    work.record(Change::new("report_opinion.created", &answer.name, 1, &answer));
    work.finish(subject.permit, answer).await
}

pub(super) async fn list_opinions(
    database: &Database,
    call: Call<wire::ListReportOpinionsRequest>,
) -> Result<wire::ListReportOpinionsResponse> {
    let (district, ask) = (call.district()?, &call.message);
    call.permit(facts(&ask.parent, &load(database, &call, &ask.parent).await?, call.principal()))?;
    let (round, id) = report_of(&ask.parent)?;
    let page = Page::of(ask.page_size, &ask.page_token, &[call.method(), &ask.parent])?;
    let after = page.key(0).and_then(|time| time.parse().ok()).zip(page.key(1));
    let mut read = database.read(&call).await?;
    let rows =
        store::revision::opinions(read.connection(), district, (&round, &id), after, page.limit()).await?;
    let (rows, next_page_token) =
        page.cut(rows, |opinion| vec![opinion.create_time.to_rfc3339(), opinion.id.clone()]);
    let opinions = rows.iter().map(|one| convert::opinion(Names(district), &ask.parent, one)).collect();
    Ok(wire::ListReportOpinionsResponse { opinions, next_page_token })
}
