//! Result notices (评价结果通知).

use std::sync::Arc;

use tonic::{Request, Response, Status};
use wenxiao_contract::wenxiao::disclosure::v1::notice_service_server::NoticeService;
use wenxiao_contract::wenxiao::disclosure::v1::{
    AcknowledgeNoticeRequest, AnswerNoticeRequest, CloseNoticeRequest, CreateNoticeRequest, GetNoticeRequest,
    IssueNoticeRequest, ListNoticesRequest, ListNoticesResponse, Notice as Message, UpdateNoticeRequest,
};
use wenxiao_contract::{Addressed, edits};
use wenxiao_kernel::calendar::Calendar;
use wenxiao_kernel::{DistrictCode, name};
use wenxiao_platform::authz::{Facts, Permit};
use wenxiao_platform::convert::Fields;
use wenxiao_platform::mask;
use wenxiao_platform::page::Page;
use wenxiao_platform::work::{Change, Finished, Work};
use wenxiao_platform::{Call, Failure, Result as Outcome};

use super::{DisclosureApi, convert, referred};
use crate::domain::Refusal;
use crate::domain::notice::{Answer, Letter, Notice, State};
use crate::domain::rules::Rules;
use crate::domain::subject::Subject;
use crate::domain::words::Word;
use crate::error::refused;
use crate::store::{self, Stored};
use crate::{names, time};

const UPDATABLE: [&str; 6] =
    ["title", "document_number", "findings", "suggestions", "answer_due_date", "basis_date"];

#[tonic::async_trait]
impl NoticeService for DisclosureApi {
    async fn get_notice(&self, ask: Request<GetNoticeRequest>) -> Result<Response<Message>, Status> {
        let call = Call::open(ask)?;
        let name = &call.message.name;
        let [_, id] = name::segments(name, names::NOTICE).map_err(Failure::from)?;
        let district = call.district()?;
        let mut read = self.database.read(&call).await?;
        let found = store::notice::load(read.connection(), district.as_i32(), id).await?;
        let hidden = call.scope().unit_prefix.is_some(); // a unit knows nothing of a draft
        let stored = found.filter(|stored| !(hidden && stored.value.state == State::Draft));
        let stored = stored.ok_or_else(|| Failure::not_found(name))?;
        let permit = call.permit(facts(name, &stored.value))?;
        let calendar = store::calendar::calendar(read.connection(), district.as_i32()).await?;
        Ok(permit.answer(message(district, &stored, &self.rules, &calendar, self.database.clock().now())))
    }

    async fn list_notices(
        &self,
        ask: Request<ListNoticesRequest>,
    ) -> Result<Response<ListNoticesResponse>, Status> {
        let call = Call::open(ask)?;
        let ask = &call.message;
        let permit = call.permit(Facts::of(&ask.parent))?;
        let district = call.district()?;
        let page = Page::of(
            ask.page_size,
            &ask.page_token,
            &[call.method(), &ask.parent, &ask.state, &ask.unit, &ask.evaluated_year],
        )?;
        let scope = call.scope();
        let filter = store::notice::Filter {
            state: convert::member::<State>(ask.state().as_str_name(), "STATE_").map(Word::as_str),
            unit: &ask.unit,
            evaluated_year: ask.evaluated_year,
            unit_prefix: scope.unit_prefix.as_deref(),
        };
        let mut read = self.database.read(&call).await?;
        let rows = store::notice::list(read.connection(), district.as_i32(), &filter, &page).await?;
        let calendar = store::calendar::calendar(read.connection(), district.as_i32()).await?;
        let (rows, next_page_token) =
            page.cut(rows, |row| vec![row.created.to_rfc3339(), row.value.id.clone()]);
        let now = self.database.clock().now();
        let notices = rows.iter().map(|row| message(district, row, &self.rules, &calendar, now)).collect();
        Ok(permit.answer(ListNoticesResponse { notices, next_page_token }))
    }

    async fn create_notice(&self, ask: Request<CreateNoticeRequest>) -> Result<Response<Message>, Status> {
        let rules = self.rules.clone();
        Ok(self.database.write(Call::open(ask)?, |work| create(work, rules)).await?)
    }

    async fn update_notice(&self, ask: Request<UpdateNoticeRequest>) -> Result<Response<Message>, Status> {
        let rules = self.rules.clone();
        Ok(self.database.write(Call::open(ask)?, |work| update(work, rules)).await?)
    }

    async fn issue_notice(&self, ask: Request<IssueNoticeRequest>) -> Result<Response<Message>, Status> {
        let rules = self.rules.clone();
        Ok(self.database.write(Call::open(ask)?, |work| issue(work, rules)).await?)
    }

    async fn acknowledge_notice(
        &self,
        ask: Request<AcknowledgeNoticeRequest>,
    ) -> Result<Response<Message>, Status> {
        let rules = self.rules.clone();
        Ok(self.database.write(Call::open(ask)?, |work| acknowledge(work, rules)).await?)
    }

    async fn answer_notice(&self, ask: Request<AnswerNoticeRequest>) -> Result<Response<Message>, Status> {
        let rules = self.rules.clone();
        Ok(self.database.write(Call::open(ask)?, |work| answer(work, rules)).await?)
    }

    async fn close_notice(&self, ask: Request<CloseNoticeRequest>) -> Result<Response<Message>, Status> {
        let rules = self.rules.clone();
        Ok(self.database.write(Call::open(ask)?, |work| close(work, rules)).await?)
    }
}

async fn create(mut work: Work<CreateNoticeRequest>, rules: Arc<Rules>) -> Outcome<Finished<Message>> {
    let (district, now) = (work.district, work.now);
    let request = work.call.message.clone();
    let given = request.notice.unwrap_or_default();
    let id = if request.notice_id.is_empty() { work.new_id() } else { request.notice_id };
    let name = names::notice(district, &id);
    store::owner::hold(work.connection(), district.as_i32(), &given.subject).await?;
    let subject = subject(&mut work, &given.subject).await?;
    let permit = work.permit(Facts::of(&request.parent).unit(names::last(&subject.unit)))?;
    if !given.unit.is_empty() {
        referred(district, "notice.unit", &given.unit, "districts/*/units/*")?;
    }
    let draft = Notice::draft(id, &subject, given.unit.clone(), letter(&given)?);
    let stored = Stored::new(draft.map_err(|refusal| refused(refusal, &name))?, now);
    store::notice::insert(work.connection(), district.as_i32(), &stored).await?;
    let calendar = store::calendar::calendar(work.connection(), district.as_i32()).await?;
    let answer = message(district, &stored, &rules, &calendar, now);
    work.record(Change::new("notice.created", &name, stored.version, &answer));
    work.finish(permit, answer).await
}

async fn update(mut work: Work<UpdateNoticeRequest>, rules: Arc<Rules>) -> Outcome<Finished<Message>> {
    let request = work.call.message.clone();
    let (given, mask) = (request.notice.unwrap_or_default(), request.update_mask);
    mask::check(mask.as_ref(), &UPDATABLE)?;
    let (before, permit) = open(&mut work).await?;
    let current = convert::notice(work.district, &before, None, time::local_day(work.now));
    let next = letter(&edits::patched(&current, &given, mask.as_ref(), &UPDATABLE))?;
    change(work, permit, before, "notice.updated", &rules, |notice| notice.edit(next)).await
}

async fn issue(mut work: Work<IssueNoticeRequest>, rules: Arc<Rules>) -> Outcome<Finished<Message>> {
    let (before, permit) = open(&mut work).await?;
    let subject = subject(&mut work, &before.value.subject).await?;
    let (issuer, now) = (work.principal().subject.clone(), work.now);
    change(work, permit, before, "notice.issued", &rules, |notice| notice.issue(&subject, &issuer, now)).await
}

async fn acknowledge(
    mut work: Work<AcknowledgeNoticeRequest>,
    rules: Arc<Rules>,
) -> Outcome<Finished<Message>> {
    let (before, permit) = open(&mut work).await?;
    let (person, now) = (work.principal().subject.clone(), work.now);
    change(work, permit, before, "notice.acknowledged", &rules, |notice| notice.acknowledge(&person, now))
        .await
}

async fn answer(mut work: Work<AnswerNoticeRequest>, rules: Arc<Rules>) -> Outcome<Finished<Message>> {
    let (before, permit) = open(&mut work).await?;
    let request = work.call.message.clone();
    let author = work.principal().subject.clone();
    let given = Answer { text: request.text, accepted: request.accepted, author, time: work.now };
    change(work, permit, before, "notice.answered", &rules, |notice| notice.answer(given)).await
}

async fn close(mut work: Work<CloseNoticeRequest>, rules: Arc<Rules>) -> Outcome<Finished<Message>> {
    let (before, permit) = open(&mut work).await?;
    change(work, permit, before, "notice.closed", &rules, Notice::close).await
}

/// Loads the notice that a request names and checks permission and etag.
async fn open<M>(work: &mut Work<M>) -> Outcome<(Stored<Notice>, Permit)>
where
    M: Addressed + prost::Message,
{
    let name = work.call.message.address().to_owned();
    let [_, id] = name::segments(&name, names::NOTICE)?;
    let district = work.district.as_i32();
    let found = store::notice::load(work.connection(), district, id).await?;
    let stored = found.ok_or_else(|| Failure::not_found(&name))?;
    let permit = work.permit(facts(&name, &stored.value))?;
    work.check_etag(&name, &stored.etag())?;
    Ok((stored, permit))
}

/// Applies a rule to a notice, stores the next version and finishes.
async fn change<M>(
    mut work: Work<M>,
    permit: Permit,
    before: Stored<Notice>,
    event: &'static str,
    rules: &Rules,
    rule: impl FnOnce(&mut Notice) -> Result<(), Refusal>,
) -> Outcome<Finished<Message>>
where
    M: Addressed + prost::Message,
{
    let (district, now) = (work.district, work.now);
    let name = names::notice(district, &before.value.id);
    let after = before.changed(now, rule).map_err(|refusal| refused(refusal, &name))?;
    store::notice::update(work.connection(), district.as_i32(), &after).await?;
    let calendar = store::calendar::calendar(work.connection(), district.as_i32()).await?;
    let answer = message(district, &after, rules, &calendar, now);
    let change = Change::new(event, &name, after.version, &answer);
    work.record(change.from(&message(district, &before, rules, &calendar, now)).by_rule_set(&rules.rule_set));
    work.finish(permit, answer).await
}

async fn subject<M>(work: &mut Work<M>, name: &str) -> Outcome<Subject>
where
    M: Addressed + prost::Message,
{
    let district = work.district.as_i32();
    let found = store::subject::load(work.connection(), district, &[name.to_owned()]).await?.pop();
    found.ok_or_else(|| Failure::reference_not_found(name))
}

fn message(
    district: DistrictCode,
    stored: &Stored<Notice>,
    rules: &Rules,
    calendar: &Calendar,
    now: chrono::DateTime<chrono::Utc>,
) -> Message {
    convert::notice(district, stored, stored.value.due(rules, calendar).as_ref(), time::local_day(now))
}

/// What the bureau writes.
fn letter(given: &Message) -> Outcome<Letter> {
    let mut fields = Fields::default();
    let answer_due = fields.optional_date("notice.answer_due_date", given.answer_due_date.as_ref());
    let basis_date = fields.optional_date("notice.basis_date", given.basis_date.as_ref());
    fields.check()?;
    Ok(Letter {
        title: given.title.clone(),
        document_number: given.document_number.clone(),
        findings: given.findings.clone(),
        suggestions: given.suggestions.clone(),
        answer_due,
        basis_date,
    })
}

fn facts(name: &str, notice: &Notice) -> Facts {
    Facts::of(name).unit(names::last(&notice.unit))
}
