//! What each transition of ObjectiveService does inside its unit of work.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::{DateTime, Datelike, Utc};
use wenxiao_contract::edits;
use wenxiao_contract::wenxiao::targets::v1 as wire;
use wenxiao_contract::wenxiao::targets::v1::objective::Subject as WireSubject;
use wenxiao_kernel::{DistrictCode, FiscalYear, Grade, Secrecy, day_in_china};
use wenxiao_platform::authz::Facts;
use wenxiao_platform::convert::{Fields, secrecy_of};
use wenxiao_platform::mask;
use wenxiao_platform::work::{Change, Finished, Work};
use wenxiao_platform::{Failure, Result};

use super::{decisions, form, objective_wire, places};
use crate::domain::form::{Form, Remark};
use crate::domain::objective::{self, FilingKind, NewObjective, Objective, State, Subject};
use crate::domain::opinion::StandingOpinions;
use crate::domain::rules::{Consequence, FormRules};
use crate::domain::window::{self, Filing};
use crate::domain::workflow::{Command, Judgement};
use crate::registry::SubjectFacts;
use crate::{names, store};

/// The subject that a new objective names.
pub fn subject(district: DistrictCode, objective: Option<&wire::Objective>) -> Result<Subject> {
    let refer = |field: &str, name: &str, pattern| names::referred(district, field, name, pattern);
    match objective.and_then(|objective| objective.subject.as_ref()) {
        Some(WireSubject::Project(name)) => {
            Ok(Subject::Project(refer("objective.project", name, names::PROJECT)?))
        }
        Some(WireSubject::Policy(name)) => {
            Ok(Subject::Policy(refer("objective.policy", name, names::POLICY)?))
        }
        Some(WireSubject::WholeDepartment(name)) => {
            Ok(Subject::WholeDepartment(refer("objective.whole_department", name, names::UNIT)?))
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
    mut facts: SubjectFacts,
) -> Result<Finished<wire::Objective>> {
    let district = work.district;
    let (kind, id) = subject.parts();
    let owners = store::owner::held(work.connection(), district, kind, &[id.to_owned()]).await?;
    facts.owner = facts.owner.or_newer(owners.get(id));
    let given = match work.call.message.objective_id.as_str() {
        "" => work.new_id(),
        id => id.to_owned(),
    };
    let name = names::objective(district, &given);
    let permit = work.permit(Facts::of(&name).unit(&facts.owner.unit.code))?;
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
    let filed = NewObjective {
        id,
        subject,
        fiscal_year,
        work_year,
        filing_kind: kind.unwrap_or(FilingKind::Annual),
        display_name: facts.display_name,
        owner: facts.owner,
        account: facts.account,
        secrecy: objective::secrecy(secrecy_of(given.secrecy()).unwrap_or(Secrecy::None), facts.secrecy),
        form,
    };
    Ok(Objective::draft(filed, work.now))
}

/// The calendar year in China at a time.
pub fn year_of(now: DateTime<Utc>) -> Option<FiscalYear> {
    FiscalYear::try_from(day_in_china(now).year()).ok()
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

/// What a submission is judged by.
#[derive(Clone)]
pub struct SubmissionRules {
    /// How the form is checked.
    pub form: Arc<FormRules>,
    /// Whether the head of the unit signs.
    pub signature: bool,
}

/// 送审.
pub async fn submit(
    mut work: Work<wire::SubmitObjectiveRequest>,
    rules: SubmissionRules,
) -> Result<Finished<wire::Objective>> {
    let locked = decisions::lock(&mut work).await?;
    let filing = match locked.before.state {
        State::Draft => filing(&mut work, &locked.before).await?,
        _ => Filing::Unbound,
    };
    decisions::decide(work, locked, submission(rules, filing), "").await
}

async fn filing(work: &mut Work<wire::SubmitObjectiveRequest>, objective: &Objective) -> Result<Filing> {
    let (district, today) = (work.district, day_in_china(work.now));
    let windows =
        store::window::of_years(work.connection(), district, &[objective.fiscal_year.as_i32()]).await?;
    Ok(window::filing(&windows, objective, today))
}

/// The command of a submission.
pub fn submission(rules: SubmissionRules, filing: Filing) -> Command {
    Command::Submit { rules: rules.form, signature: rules.signature, filing }
}

/// 单位负责人签字.
pub async fn sign(mut work: Work<wire::SignObjectiveRequest>) -> Result<Finished<wire::Objective>> {
    let locked = decisions::lock(&mut work).await?;
    let opinion = work.call.message.opinion.clone();
    decisions::decide(work, locked, Command::Sign { opinion: opinion.clone() }, &opinion).await
}

/// 取消送审.
pub async fn withdraw(mut work: Work<wire::WithdrawObjectiveRequest>) -> Result<Finished<wire::Objective>> {
    let locked = decisions::lock(&mut work).await?;
    let reason = work.call.message.reason.clone();
    decisions::decide(work, locked, Command::Withdraw { reason: reason.clone() }, &reason).await
}

/// 答复审核意见.
pub async fn answer_remarks(mut work: Work<wire::AnswerRemarksRequest>) -> Result<Finished<wire::Objective>> {
    let locked = decisions::lock(&mut work).await?;
    let given = work.call.message.answers.iter();
    let answers = given.map(|given| (given.remark_id.clone(), given.answer.clone())).collect();
    decisions::decide(work, locked, Command::Answer { answers }, "").await
}

/// 审核意见销号.
pub async fn resolve_remarks(
    mut work: Work<wire::ResolveRemarksRequest>,
) -> Result<Finished<wire::Objective>> {
    let locked = decisions::lock(&mut work).await?;
    let (remarks, reason) = (work.call.message.remark_ids.clone(), work.call.message.reason.clone());
    decisions::decide(work, locked, Command::Resolve { remarks, reason: reason.clone() }, &reason).await
}

/// 主管部门审核通过.
pub async fn pass(mut work: Work<wire::PassObjectiveRequest>) -> Result<Finished<wire::Objective>> {
    let locked = decisions::lock(&mut work).await?;
    let opinion = work.call.message.opinion.clone();
    let command = passing(&work.call.message, &locked.before.form)?;
    decisions::decide(work, locked, command, &opinion).await
}

/// The command of a department's yes to a form.
pub fn passing(ask: &wire::PassObjectiveRequest, form: &Form) -> Result<Command> {
    let judgement = Judgement {
        opinion: ask.opinion.clone(),
        remarks: places::read_remarks("remarks", &ask.remarks, form)?,
        resolve: ask.resolve_remarks,
    };
    Ok(Command::Pass { judgement })
}

/// 退回修改, with what the opinions found where the reviewer adopts them.
pub async fn send_back(mut work: Work<wire::ReturnObjectiveRequest>) -> Result<Finished<wire::Objective>> {
    let locked = decisions::lock(&mut work).await?;
    let (district, ask) = (work.district, work.call.message.clone());
    let ids = [locked.before.id.clone()];
    let opinions = match ask.adopt_opinions {
        true => store::opinion::standing(work.connection(), district, &ids).await?,
        false => HashMap::new(),
    };
    let command = returning(&ask, &locked.before.form, opinions.get(&locked.before.id))?;
    decisions::decide(work, locked, command, &ask.reason).await
}

/// The command of a return of a form.
pub fn returning(
    ask: &wire::ReturnObjectiveRequest,
    form: &Form,
    opinions: Option<&StandingOpinions>,
) -> Result<Command> {
    let remarks = places::read_remarks("remarks", &ask.remarks, form)?;
    let mut fields = Fields::default();
    let due_date = fields.optional_date("resubmit_due_date", ask.resubmit_due_date.as_ref());
    fields.check()?;
    let judgement = Judgement {
        opinion: ask.reason.clone(),
        remarks: with_adopted(remarks, ask.adopt_opinions, opinions),
        resolve: ask.resolve_remarks,
    };
    Ok(Command::Return { judgement, unlock_all: ask.unlock_scope() == wire::UnlockScope::All, due_date })
}

/// What a reviewer says, and after it what the opinions say where they are adopted.
fn with_adopted(remarks: Vec<Remark>, adopt: bool, opinions: Option<&StandingOpinions>) -> Vec<Remark> {
    let adopted = opinions.filter(|_| adopt).map(StandingOpinions::problems).unwrap_or_default();
    remarks.into_iter().chain(adopted).collect()
}

/// 财政审核定级, with what the opinions on the version recommend.
pub async fn grade(
    mut work: Work<wire::GradeObjectiveRequest>,
    grade: Grade,
    consequence: Consequence,
) -> Result<Finished<wire::Objective>> {
    let locked = decisions::lock(&mut work).await?;
    let (district, ask) = (work.district, work.call.message.clone());
    let ids = [locked.before.id.clone()];
    let opinions = store::opinion::standing(work.connection(), district, &ids).await?;
    let command = grading(&ask, (grade, consequence), &locked.before.form, opinions.get(&locked.before.id))?;
    decisions::decide(work, locked, command, &ask.opinion).await
}

/// The command of a grade for a form, with what it leads to.
pub fn grading(
    ask: &wire::GradeObjectiveRequest,
    (grade, consequence): (Grade, Consequence),
    form: &Form,
    opinions: Option<&StandingOpinions>,
) -> Result<Command> {
    let remarks = places::read_remarks("remarks", &ask.remarks, form)?;
    let judgement = Judgement {
        opinion: ask.opinion.clone(),
        remarks: with_adopted(remarks, ask.adopt_opinions, opinions),
        resolve: ask.resolve_remarks,
    };
    let recommended = opinions.and_then(StandingOpinions::recommendation);
    Ok(Command::Grade { grade, consequence, recommended, judgement })
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

/// The command of a ratification.
pub fn ratification(ask: &wire::RatifyObjectiveRequest) -> Result<Command> {
    let mut fields = Fields::default();
    let amount = fields.money("ratified_amount", ask.ratified_amount.as_ref());
    fields.check()?;
    Ok(Command::Ratify { amount, document: ask.document.clone() })
}
