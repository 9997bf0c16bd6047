//! What each transition of ObjectiveService does inside its unit of work.

use std::sync::Arc;

use chrono::{DateTime, Datelike, FixedOffset, Utc};
use wenxiao_contract::edits;
use wenxiao_contract::google::rpc;
use wenxiao_contract::wenxiao::targets::v1 as wire;
use wenxiao_contract::wenxiao::targets::v1::objective::Subject as WireSubject;
use wenxiao_kernel::{DistrictCode, FiscalYear, Grade, Secrecy};
use wenxiao_platform::authz::Facts;
use wenxiao_platform::convert::{Fields, secrecy_of};
use wenxiao_platform::mask;
use wenxiao_platform::work::{Change, Finished, Work};
use wenxiao_platform::{Failure, Result};

use super::{decisions, form, objective_wire};
use crate::domain::form::Form;
use crate::domain::objective::{self, FilingKind, Objective, State, Subject};
use crate::domain::opinion;
use crate::domain::rules::{Consequence, FormRules};
use crate::domain::workflow::{self, Command};
use crate::registry::SubjectFacts;
use crate::{names, store};

/// The subject that a new objective names.
pub fn subject(district: DistrictCode, objective: Option<&wire::Objective>) -> Result<Subject> {
    let refer = |field: &str, name: &str, pattern| names::referred(district, field, name, pattern);
    match objective.and_then(|objective| objective.subject.as_ref()) {
        Some(WireSubject::Project(name)) => {
            Ok(Subject::Project(refer("objective.project", name, "districts/*/projects/*")?))
        }
        Some(WireSubject::Policy(name)) => {
            Ok(Subject::Policy(refer("objective.policy", name, "districts/*/policies/*")?))
        }
        Some(WireSubject::WholeDepartment(name)) => {
            Ok(Subject::WholeDepartment(refer("objective.whole_department", name, "districts/*/units/*")?))
        }
        None => Err(Failure::invalid_field(
            "objective.subject",
            "须指定项目、政策或部门",
            "name a project, a policy or a department",
        )),
    }
}

/// Starts a form for a subject that the registry knows.
pub async fn create(
    mut work: Work<wire::CreateObjectiveRequest>,
    subject: Subject,
    facts: SubjectFacts,
) -> Result<Finished<wire::Objective>> {
    let district = work.district;
    let given = match work.call.message.objective_id.as_str() {
        "" => work.new_id(),
        id => id.to_owned(),
    };
    let name = names::objective(district, &given);
    let permit = work.permit(Facts::of(&name).unit(&facts.unit.code))?;
    let new = read_new(&work, given, subject, facts)?;
    store::objective::insert(work.connection(), district, &new)
        .await
        .map_err(|failure| exists(failure, &name))?;
    let answer = objective_wire::objective(district, &new);
    work.record(Change::new("objective.created", name, new.version, &answer));
    work.finish(permit, answer).await
}

/// Says what exists in the words of the contract and not of the constraint.
fn exists(failure: Failure, name: &str) -> Failure {
    match failure.code() {
        tonic::Code::AlreadyExists if failure.to_string().contains("objective_subject") => {
            Failure::already_exists("the objective of this subject, year and filing kind")
        }
        tonic::Code::AlreadyExists => Failure::already_exists(name),
        _ => failure,
    }
}

fn read_new(
    work: &Work<wire::CreateObjectiveRequest>,
    id: String,
    subject: Subject,
    facts: SubjectFacts,
) -> Result<Objective> {
    let given = work.call.message.objective.clone().unwrap_or_default();
    let mut fields = Fields::default();
    let fiscal_year = fields.year("objective.fiscal_year", given.fiscal_year);
    let work_year = match given.work_year {
        0 => year_of(work.now).unwrap_or(fiscal_year),
        year => fields.year("objective.work_year", year),
    };
    let form = form::read(&mut fields, "objective.content", &given.content.clone().unwrap_or_default());
    fields.check()?;
    let kind = form::member(given.filing_kind().as_str_name(), "FILING_KIND_");
    Ok(Objective {
        id,
        subject,
        fiscal_year,
        work_year,
        filing_kind: kind.unwrap_or(FilingKind::Annual),
        display_name: facts.display_name,
        unit: facts.unit,
        department: facts.department,
        account: facts.account,
        secrecy: objective::secrecy(secrecy_of(given.secrecy()).unwrap_or(Secrecy::None), facts.secrecy),
        form,
        state: State::Draft,
        submitted_version: 0,
        ratified_version: 0,
        grade: None,
        return_count: 0,
        open_remarks: Vec::new(),
        ratified_amount: None,
        ratification_document: String::new(),
        submitter: String::new(),
        submit_time: None,
        ratify_time: None,
        create_time: work.now,
        update_time: work.now,
        version: 1,
    })
}

/// The calendar year in China at a time.
pub fn year_of(now: DateTime<Utc>) -> Option<FiscalYear> {
    let china = FixedOffset::east_opt(8 * 3600)?;
    FiscalYear::try_from(now.with_timezone(&china).year()).ok()
}

/// Changes a form that may be edited.
pub async fn update(
    mut work: Work<wire::UpdateObjectiveRequest>,
    subject_secrecy: Secrecy,
) -> Result<Finished<wire::Objective>> {
    let request = work.call.message.clone();
    let (given, mask) = (request.objective.unwrap_or_default(), request.update_mask);
    mask::check(mask.as_ref(), &["content", "secrecy"])?;
    let locked = decisions::lock(&mut work).await?;
    let means = edits::means(&given, mask.as_ref());
    let content = given.content.as_ref().filter(|_| means("content"));
    let form = read_form("objective.content", content)?;
    let secrecy = secrecy_of(given.secrecy()).filter(|_| means("secrecy"));
    let command = Command::Edit { form: form.map(Box::new), secrecy, subject_secrecy };
    decisions::decide(work, locked, command, "").await
}

fn read_form(at: &str, content: Option<&wire::ObjectiveContent>) -> Result<Option<Form>> {
    let mut fields = Fields::default();
    let form = content.map(|content| form::read(&mut fields, at, content));
    fields.check()?;
    Ok(form)
}

/// 送审.
pub async fn submit(
    mut work: Work<wire::SubmitObjectiveRequest>,
    rules: Arc<FormRules>,
) -> Result<Finished<wire::Objective>> {
    let locked = decisions::lock(&mut work).await?;
    decisions::decide(work, locked, Command::Submit { rules }, "").await
}

/// 取消送审.
pub async fn withdraw(mut work: Work<wire::WithdrawObjectiveRequest>) -> Result<Finished<wire::Objective>> {
    let locked = decisions::lock(&mut work).await?;
    let reason = work.call.message.reason.clone();
    decisions::decide(work, locked, Command::Withdraw { reason: reason.clone() }, &reason).await
}

/// 主管部门审核通过.
pub async fn pass(mut work: Work<wire::PassObjectiveRequest>) -> Result<Finished<wire::Objective>> {
    let locked = decisions::lock(&mut work).await?;
    let opinion = work.call.message.opinion.clone();
    let remarks = form::read_remarks(&work.call.message.remarks);
    decisions::decide(work, locked, Command::Pass { opinion: opinion.clone(), remarks }, &opinion).await
}

/// 退回修改.
pub async fn send_back(mut work: Work<wire::ReturnObjectiveRequest>) -> Result<Finished<wire::Objective>> {
    let locked = decisions::lock(&mut work).await?;
    let reason = work.call.message.reason.clone();
    let remarks = form::read_remarks(&work.call.message.remarks);
    decisions::decide(work, locked, Command::Return { reason: reason.clone(), remarks }, &reason).await
}

/// 财政审核定级, with what the opinions on the version recommend.
pub async fn grade(
    mut work: Work<wire::GradeObjectiveRequest>,
    grade: Grade,
    consequence: Consequence,
) -> Result<Finished<wire::Objective>> {
    let locked = decisions::lock(&mut work).await?;
    let (district, before) = (work.district, &locked.before);
    let version = before.submitted_version;
    let opinions = store::assignment::standing(work.connection(), district, &before.id, version).await?;
    let recommended = opinion::recommendation(&opinions);
    let (opinion, remarks) =
        (work.call.message.opinion.clone(), form::read_remarks(&work.call.message.remarks));
    let command = Command::Grade { grade, consequence, recommended, opinion: opinion.clone(), remarks };
    decisions::decide(work, locked, command, &opinion).await
}

/// 协商完善.
pub async fn settle(
    mut work: Work<wire::SettleObjectiveRequest>,
    rules: Arc<FormRules>,
) -> Result<Finished<wire::Objective>> {
    let locked = decisions::lock(&mut work).await?;
    let agreement = work.call.message.agreement.clone();
    let form = read_form("content", work.call.message.content.as_ref())?.map(Box::new);
    let command = Command::Settle { agreement: agreement.clone(), form, rules };
    decisions::decide(work, locked, command, &agreement).await
}

/// 解除“差”.
pub async fn reopen(mut work: Work<wire::ReopenObjectiveRequest>) -> Result<Finished<wire::Objective>> {
    let locked = decisions::lock(&mut work).await?;
    let reason = work.call.message.reason.clone();
    decisions::decide(work, locked, Command::Reopen { reason: reason.clone() }, &reason).await
}

/// 批复.
pub async fn ratify(mut work: Work<wire::RatifyObjectiveRequest>) -> Result<Finished<wire::Objective>> {
    let locked = decisions::lock(&mut work).await?;
    let command = ratification(&work.call.message)?;
    decisions::decide(work, locked, command, "").await
}

/// 结束.
pub async fn close(mut work: Work<wire::CloseObjectiveRequest>) -> Result<Finished<wire::Objective>> {
    let locked = decisions::lock(&mut work).await?;
    let reason = work.call.message.reason.clone();
    decisions::decide(work, locked, Command::Close { reason: reason.clone() }, &reason).await
}

fn ratification(ask: &wire::RatifyObjectiveRequest) -> Result<Command> {
    let mut fields = Fields::default();
    let amount = fields.money("ratified_amount", ask.ratified_amount.as_ref());
    fields.check()?;
    Ok(Command::Ratify { amount, document: ask.document.clone() })
}

/// One result per request: what can be ratified is, what cannot says why and leaves the rest alone.
pub async fn batch_ratify(
    mut work: Work<wire::BatchRatifyObjectivesRequest>,
) -> Result<Finished<wire::BatchRatifyObjectivesResponse>> {
    let permit = work.permit(Facts::of(&work.call.message.parent))?;
    let (district, asks) = (work.district, work.call.message.requests.clone());
    let ids: Vec<String> = asks.iter().map(|ask| names::last(&ask.name).to_owned()).collect();
    let mut found = store::objective::lock(work.connection(), district, &ids).await?;
    let mut results = Vec::with_capacity(asks.len());
    for ask in asks {
        let (objective, error) = match ratified(&work, &mut found, &ask) {
            Ok((before, change)) => {
                // The database's own failure undoes everything; a refusal touches only its item.
                decisions::keep(&mut work, before, &change, "").await?;
                *before = change.objective;
                (Some(objective_wire::objective(district, before)), None)
            }
            Err(refusal) => (None, Some(failed(refusal))),
        };
        results.push(wire::RatificationResult { name: ask.name, objective, error });
    }
    work.finish(permit, wire::BatchRatifyObjectivesResponse { results }).await
}

/// The objective that one request of many is about, and what ratifying it makes of it.
fn ratified<'a>(
    work: &Work<wire::BatchRatifyObjectivesRequest>,
    found: &'a mut [Objective],
    ask: &wire::RatifyObjectiveRequest,
) -> Result<(&'a mut Objective, workflow::Change)> {
    let id = names::referred(work.district, "name", &ask.name, names::OBJECTIVE)?;
    let before = found.iter_mut().find(|objective| objective.id == id);
    let before = before.ok_or_else(|| Failure::not_found(&ask.name))?;
    if !ask.etag.is_empty() && ask.etag != objective_wire::etag(before) {
        return Err(Failure::etag_mismatch(&ask.name));
    }
    let change = decisions::step(work, before, ratification(ask)?)?;
    Ok((before, change))
}

/// A refusal as one result of many: code, message and details as they would have come alone.
fn failed(failure: Failure) -> rpc::Status {
    let status = failure.into_status();
    let whole = <rpc::Status as prost::Message>::decode(status.details());
    whole.unwrap_or_else(|_| rpc::Status {
        code: status.code().into(),
        message: status.message().to_owned(),
        details: Vec::new(),
    })
}
