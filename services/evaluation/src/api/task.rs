//! Self-evaluation tasks (自评任务).

use tonic::Request;
use wenxiao_contract::edits;
use wenxiao_contract::wenxiao::evaluation::v1 as pb;
use wenxiao_platform::authz::Facts;
use wenxiao_platform::convert::{self, Fields};
use wenxiao_platform::mask;
use wenxiao_platform::page::Page;
use wenxiao_platform::work::{Change, Finished, Work};
use wenxiao_platform::{Call, Result};

use super::wire::{self, enum_value};
use super::{Answer, Api, Given, Reader, chosen_id, found, given_year, id_of, page_of};
use crate::domain::task::{State, Task};
use crate::store::{Filter, known, task as store};

pub(super) const PATTERN: &str = "districts/*/selfEvaluationTasks/*";

pub(super) async fn get(
    api: &Api,
    request: Request<pb::GetSelfEvaluationTaskRequest>,
) -> Answer<pb::SelfEvaluationTask> {
    let call = Call::open(request)?;
    let full_name = &call.message.name;
    let permit = call.permit(Facts::of(full_name))?;
    let mut read = api.database.read(&call).await?;
    let row = store::load(read.connection(), call.district()?.as_i32(), &id_of(full_name, PATTERN)?).await?;
    Ok(permit.answer(message(&found(row, full_name)?)))
}

pub(super) async fn list(
    api: &Api,
    request: Request<pb::ListSelfEvaluationTasksRequest>,
) -> Answer<pb::ListSelfEvaluationTasksResponse> {
    let call = Call::open(request)?;
    let ask = &call.message;
    let permit = call.permit(Facts::of(&ask.parent))?;
    let page = Page::of(ask.page_size, &ask.page_token, &[call.method(), &ask.parent, &ask.evaluated_year])?;
    let filter = Filter { evaluated_year: given_year(ask.evaluated_year), ..Filter::of(&call, &page) };
    let rows = store::list(Reader::of(&api.database, &call).await?.connection(), &filter).await?;
    let (self_evaluation_tasks, next_page_token) = page_of(&page, rows, message);
    Ok(permit.answer(pb::ListSelfEvaluationTasksResponse { self_evaluation_tasks, next_page_token }))
}

pub(super) async fn create(
    mut work: Work<pb::CreateSelfEvaluationTaskRequest>,
) -> Result<Finished<pb::SelfEvaluationTask>> {
    let ask = work.call.message.clone();
    let district = work.district.as_i32();
    let id = chosen_id(&work, &ask.self_evaluation_task_id);
    let full_name = format!("districts/{district}/selfEvaluationTasks/{id}");
    let permit = work.permit(Facts::of(&full_name))?;
    let mut task = task_of(&ask.self_evaluation_task.unwrap_or_default())?;
    let rules = known::rules(work.connection(), district, task.work_year).await?;
    rules.leading()?.clone_into(&mut task.rule_set);
    task.check()?;
    let now = work.now;
    let row = store::insert(work.connection(), district, &id, task, now).await?;
    let answer = message(&row);
    work.record(Change::new("self_evaluation_task.created", full_name, row.version, &answer));
    work.finish(permit, answer).await
}

pub(super) async fn update(
    work: Work<pb::UpdateSelfEvaluationTaskRequest>,
) -> Result<Finished<pb::SelfEvaluationTask>> {
    change(work, "self_evaluation_task.updated", |task, full_name, given| {
        task.require_open(full_name)?;
        let sent = given.message.self_evaluation_task.clone().unwrap_or_default();
        let mask = given.message.update_mask.as_ref();
        mask::check(mask, &["title", "start_date", "due_date", "description"])?;
        let means = edits::means(&sent, mask);
        let asked = task_of(&sent)?;
        if means("title") {
            task.title = asked.title;
        }
        if means("start_date") {
            task.start_date = asked.start_date;
        }
        if means("due_date") {
            task.due_date = asked.due_date;
        }
        if means("description") {
            task.description = asked.description;
        }
        Ok(task.check()?)
    })
    .await
}

pub(super) async fn close(
    work: Work<pb::CloseSelfEvaluationTaskRequest>,
) -> Result<Finished<pb::SelfEvaluationTask>> {
    change(work, "self_evaluation_task.closed", |task, _, _| Ok(task.close()?)).await
}

async fn change<M>(
    mut work: Work<M>,
    kind: &'static str,
    decide: impl FnOnce(&mut Task, &str, &Given<M>) -> Result<()> + Send,
) -> Result<Finished<pb::SelfEvaluationTask>>
where
    M: prost::Message + wenxiao_contract::Addressed + Clone,
{
    let given = Given::of(&work);
    let full_name = given.message.address().to_owned();
    let permit = work.permit(Facts::of(&full_name))?;
    let district = work.district.as_i32();
    let before = store::lock(work.connection(), district, &id_of(&full_name, PATTERN)?).await?;
    let before = found(before, &full_name)?;
    work.check_etag(&full_name, &before.etag())?;
    let mut task = before.body.0.clone();
    decide(&mut task, &full_name, &given)?;
    let after = store::update(work.connection(), &before, task, given.now).await?;
    let answer = message(&after);
    work.record(Change::new(kind, full_name, after.version, &answer).from(&message(&before)));
    work.finish(permit, answer).await
}

fn task_of(asked: &pb::SelfEvaluationTask) -> Result<Task> {
    let mut fields = Fields::default();
    let task = Task {
        title: asked.title.clone(),
        evaluated_year: asked.evaluated_year,
        work_year: asked.work_year,
        start_date: fields.optional_date("self_evaluation_task.start_date", asked.start_date.as_ref()),
        due_date: fields.optional_date("self_evaluation_task.due_date", asked.due_date.as_ref()),
        description: asked.description.clone(),
        rule_set: String::new(),
        state: State::Open,
    };
    fields.check()?;
    Ok(task)
}

fn message(row: &store::Row) -> pb::SelfEvaluationTask {
    let task = &row.body;
    pb::SelfEvaluationTask {
        name: format!("districts/{}/selfEvaluationTasks/{}", row.district, row.id),
        title: task.title.clone(),
        evaluated_year: task.evaluated_year,
        work_year: task.work_year,
        start_date: task.start_date.map(convert::date),
        due_date: task.due_date.map(convert::date),
        description: task.description.clone(),
        rule_set: task.rule_set.clone(),
        state: enum_value!(pb::self_evaluation_task::State, "STATE_", task.state.as_str()),
        create_time: wire::time(row.create_time),
        update_time: wire::time(row.update_time),
        version: row.version,
        etag: row.etag(),
    }
}
